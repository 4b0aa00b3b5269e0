/* SPDX-License-Identifier: MIT */
/*
 * vc-record info: what is in a recording. vc-record verify: whether it holds
 * what it says, judged from the file's own octets, one check a line.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/infile.h"
#include "film.h"
#include "verbs.h"

/* How far a file's duration may be from where its last unit ends. */
#define DURATION_OFF (50 * VC_MS)

enum { KEY_JSON = VC_KEY_OWN, KEY_HEADERS };

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct film_own *own = state->input;

	(void)arg;
	switch (key) {
	case KEY_JSON:
		own->is_json = true;
		return 0;
	case KEY_HEADERS:
		own->headers = true;
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static const struct argp_option info_options[] = {
	{ "json", KEY_JSON, NULL, 0, "as one JSON object", 0 },
	{ 0 },
};

static const struct argp_option verify_options[] = {
	{ "json", KEY_JSON, NULL, 0, "as one JSON object", 0 },
	{ "headers", KEY_HEADERS, NULL, 0,
	  "decode nothing: far quicker, and says so", 0 },
	{ 0 },
};

const struct vc_tool_info info_info = {
	.name = "vc-record info",
	.sentence = "says what is in a recording",
	.args_doc = "FILE",
	.io_doc =
		"FILE is WebM, Matroska, MP4, Ogg, WAV or IVF, or packets: .vcrtp, "
		".vcrtp.gz, .pcapng or .rtpdump, also one that was cut short.",
	.examples = "vc-record info meeting.webm\n"
		    "vc-record info --json meeting.webm | jq .duration_ms\n",
	.groups = VC_OPT_DECRYPT,
	.sandbox = VC_SANDBOX_ON,
	.options = info_options,
	.parse = parse,
};

const struct vc_tool_info verify_info = {
	.name = "vc-record verify",
	.sentence = "proves that a recording is whole, in order and decodes",
	.args_doc = "FILE",
	.io_doc =
		"FILE is WebM, Matroska, MP4, Ogg, WAV or IVF, or packets: "
		".vcrtp, .vcrtp.gz, .pcapng or .rtpdump. Exit 3 when something "
		"does not hold.",
	.examples = "vc-record verify meeting.webm\n"
		    "vc-record verify --headers meeting.webm\n"
		    "vc-record verify --json a.webm | jq '.checks[]'\n",
	.groups = VC_OPT_DECRYPT,
	.sandbox = VC_SANDBOX_ON,
	.options = verify_options,
	.parse = parse,
};

/* --- checks --- */

static struct check *add_check(struct film *f, const char *name, bool holds)
{
	struct check *c = &f->checks[f->n];

	f->n++;
	c->name = name;
	c->verdict = holds ? HOLDS : FAILS;
	return c;
}

static void check_readable(struct film *f)
{
	const struct vc_unitfile_counts *c =
		vc_unitfile_counts(f->reading.file);
	struct check *k = add_check(f, "readable",
				    !f->reading.err && !c->bad && c->units);

	if (f->reading.err)
		snprintf(k->text, sizeof(k->text),
			 "malformed near octet %" PRIu64, f->reading.octets);
	else
		snprintf(k->text, sizeof(k->text),
			 "%" PRIu64 " units, %" PRIu64 " broken pieces",
			 c->units, c->bad);
}

/* Of an encrypted one: each chunk, and that there is a last one. */
static void check_authentic(struct film *f)
{
	bool is_cut = vc_infile_is_cut(f->reading.in);
	struct check *k;

	if (!reading_key(&f->reading))
		return;
	k = add_check(f, "authentic", !is_cut);
	snprintf(k->text, sizeof(k->text),
		 is_cut ? "only the first %" PRIu64 " octets are" :
			  "all %" PRIu64 " octets",
		 f->reading.octets);
}

static void check_finished(struct film *f)
{
	const struct vc_unitfile_counts *c =
		vc_unitfile_counts(f->reading.file);
	bool is_whole = !f->reading.err && !f->reading.is_cut;
	struct check *k =
		add_check(f, "finished", is_whole && c->said && c->has_index);

	if (k->verdict == HOLDS)
		return;
	snprintf(k->text, sizeof(k->text),
		 "%s; `vc-record repair` makes it whole",
		 !is_whole ? "ends in the middle" :
		 !c->said  ? "has no duration" :
			     "has no index");
}

static void check_duration(struct film *f)
{
	int64_t said = vc_unitfile_counts(f->reading.file)->said;
	int64_t end = tally_end(&f->tally);
	struct check *k =
		add_check(f, "duration", llabs(said - end) <= DURATION_OFF);

	if (said) {
		snprintf(k->text, sizeof(k->text),
			 "says %.3f s, the last unit ends at %.3f s",
			 film_ms(said) / 1e3, film_ms(end) / 1e3);
		return;
	}
	k->verdict = UNKNOWN;
	snprintf(k->text, sizeof(k->text), "says none");
}

static struct check *check_order(struct film *f)
{
	uint64_t back = 0;
	struct check *k;

	for (unsigned int i = 0; i < f->tally.n; i++)
		back += f->tally.tracks[i].back;
	k = add_check(f, "order", !back);
	snprintf(k->text, sizeof(k->text), "%" PRIu64 " units go back in time",
		 back);
	return k;
}

static void check_decodes(struct film *f)
{
	uint64_t broken = 0;
	struct check *k;

	for (unsigned int i = 0; i < f->tally.n; i++)
		broken += f->tally.tracks[i].broken;
	k = add_check(f, "decodes", !broken);
	snprintf(k->text, sizeof(k->text), "%" PRIu64 " units do not", broken);
	if (!f->own.headers)
		return;
	k->verdict = UNKNOWN;
	snprintf(k->text, sizeof(k->text), "not looked at: --headers");
}

/* Against what was written beside it. */
static void check_proof(struct film *f)
{
	struct check *sum = add_check(f, "checksum", true);
	struct check *tracks = add_check(f, "manifest", true);
	struct check *events = add_check(f, "events", true);
	struct check *gaps = add_check(f, "gaps", true);

	if (f->proof.bad) {
		for (struct check *c = sum; c <= gaps; c++) {
			c->verdict = UNKNOWN;
			snprintf(c->text, sizeof(c->text), "not looked at: %s",
				 f->proof.bad);
		}
		return;
	}
	if (!proof_sum(&f->proof, sum->text, sizeof(sum->text)))
		sum->verdict = FAILS;
	if (!proof_tracks(&f->proof, &f->tally, tracks->text,
			  sizeof(tracks->text)))
		tracks->verdict = FAILS;
	if (!proof_events(&f->proof, events->text, sizeof(events->text)))
		events->verdict = FAILS;
	if (proof_skips_gaps(&f->proof)) {
		gaps->verdict = UNKNOWN;
		snprintf(gaps->text, sizeof(gaps->text), "not looked at: %s",
			 proof_skips_gaps(&f->proof));
	} else if (!proof_gaps(&f->proof, &f->tally, gaps->text,
			       sizeof(gaps->text))) {
		gaps->verdict = FAILS;
	}
}

static void check_lips(struct film *f)
{
	struct check *c = add_check(f, "av_offset", true);
	const char *why = f->proof.bad;

	if (!why)
		why = lips_pair_up(&f->proof.lips, f->proof.manifest);
	if (why) {
		c->verdict = UNKNOWN;
		snprintf(c->text, sizeof(c->text), "not looked at: %s", why);
		return;
	}
	if (!lips_judge(&f->proof.lips, c->text, sizeof(c->text)))
		c->verdict = FAILS;
	else if (f->proof.lips.is_full)
		c->verdict = UNKNOWN;
	/* Nothing was promised. */
	if (lips_is_guessed(&f->proof.lips))
		c->verdict = UNKNOWN;
}

/* --- packets --- */

/* Of those that were not looked at nothing is known. */
static void doubt(const struct film *f, struct check *k)
{
	size_t len = strlen(k->text);

	if (!f->census.left_out || k->verdict == FAILS)
		return;
	k->verdict = UNKNOWN;
	snprintf(k->text + len, sizeof(k->text) - len,
		 "; %" PRIu64 " packets of sources over %u not looked at",
		 f->census.left_out, TALLY_TRACKS);
}

static void check_pieces(struct film *f)
{
	const struct census *c = &f->census;
	struct check *k = add_check(f, "readable",
				    !f->reading.err && !c->bad && c->packets);

	if (f->reading.err)
		snprintf(k->text, sizeof(k->text),
			 "malformed near octet %" PRIu64, f->reading.octets);
	else
		snprintf(k->text, sizeof(k->text),
			 "%" PRIu64 " packets, %" PRIu64 " broken pieces",
			 c->packets, c->bad);
}

static void check_whole(struct film *f)
{
	struct check *k =
		add_check(f, "finished", !f->reading.err && !f->reading.is_cut);

	if (k->verdict != HOLDS)
		snprintf(k->text, sizeof(k->text),
			 "ends in the middle; `vc-record repair` cuts it back "
			 "to the last whole packet");
}

static void check_described(struct film *f)
{
	const struct census *c = &f->census;
	struct check *k = add_check(f, "described", !c->strangers);

	snprintf(k->text, sizeof(k->text),
		 "%" PRIu64 " packets of formats that are not", c->strangers);
	if (c->sdp)
		return;
	k->verdict = UNKNOWN;
	snprintf(k->text, sizeof(k->text),
		 "not looked at: no description is in it");
}

static void check_sequence(struct film *f)
{
	struct check *k = add_check(f, "sequence", true);

	if (!census_holds(&f->census, k->text, sizeof(k->text)))
		k->verdict = FAILS;
	else if (!census_knows(&f->census))
		k->verdict = UNKNOWN;
	doubt(f, k);
}

static void check_all(struct film *f)
{
	check_authentic(f);
	if (reading_is_packets(&f->reading)) {
		check_pieces(f);
		check_whole(f);
		doubt(f, check_order(f));
		check_described(f);
		check_sequence(f);
		return;
	}
	check_readable(f);
	check_finished(f);
	check_duration(f);
	check_order(f);
	check_decodes(f);
	check_proof(f);
	check_lips(f);
}

static void judge(struct film *f)
{
	check_all(f);
	for (unsigned int i = 0; i < f->n; i++)
		if (f->checks[i].verdict == FAILS)
			vc_tool_set_exit(f->tool, VC_EXIT_EXPECT);
}

/* --- running --- */

/* Reads the one operand. 0, or an error that was said. */
static int read_film(struct film *f, int argc, char **argv)
{
	const struct vc_options *o = vc_tool_options(f->tool);
	bool is_packets;
	int err;

	vc_tool_parse(f->tool, argc, argv, &f->own);
	if (o->args.n != 1)
		vc_tool_usage(f->tool, "one FILE is due, such as a.webm");
	err = reading_open(&f->reading, f->tool, o->args.v[0]);
	is_packets = !err && reading_is_packets(&f->reading);
	f->tally.decodes = f->judges && !f->own.headers && !is_packets;
	census_init(&f->census, &f->tally);
	if (!err)
		err = is_packets ?
			      reading_packets(&f->reading, census_take,
					      &f->census) :
			      reading_into(&f->reading, &tally_ops, &f->tally);
	if (!err && f->judges && !is_packets)
		proof_open(&f->proof, f->tool, o->args.v[0]);
	f->reading.proof = f->judges && !is_packets ? &f->proof : NULL;
	f->tally.lips = f->reading.proof ? &f->proof.lips : NULL;
	f->tally.has_silence = f->reading.kind == VC_FILEKIND_WAV;
	if (!err)
		err = vc_tool_start(f->tool);
	if (!err && f->reading.proof && !f->proof.bad)
		proof_read_events(&f->proof);
	return err ? err : reading_run(&f->reading);
}

static int end_film(struct film *f)
{
	reading_close(&f->reading);
	tally_clear(&f->tally);
	census_clear(&f->census);
	proof_clear(&f->proof);
	return vc_tool_end(f->tool);
}

int info_run(int argc, char **argv)
{
	struct film f = { .tool = vc_tool_new(&info_info) };

	if (!read_film(&f, argc, argv)) {
		if (f.own.is_json)
			film_print_json(&f);
		else
			film_print_tracks(&f);
		if (f.reading.err || f.reading.is_cut)
			vc_tool_fail(f.tool, VC_EXIT_FAIL,
				     "%s: ends in the middle", f.reading.text);
	}
	return end_film(&f);
}

int verify_run(int argc, char **argv)
{
	struct film f = { .tool = vc_tool_new(&verify_info), .judges = true };

	if (!read_film(&f, argc, argv)) {
		judge(&f);
		if (f.own.is_json) {
			film_print_json(&f);
		} else {
			film_print_tracks(&f);
			lips_print(&f.proof.lips);
			film_print_checks(&f);
		}
	}
	return end_film(&f);
}
