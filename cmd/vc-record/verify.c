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
#include "proof.h"
#include "reading.h"
#include "tally.h"
#include "verbs.h"

/* How far a file's duration may be from where its last unit ends. */
#define DURATION_OFF (50 * VC_MS)

enum { KEY_JSON = VC_KEY_OWN, KEY_HEADERS };

struct own {
	bool is_json;
	bool headers; /* nothing is decoded */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct own *own = state->input;

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
		"FILE is WebM, Matroska, MP4, Ogg, WAV or IVF, also one that was "
		"cut short.",
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
	.io_doc = "FILE is WebM, Matroska, MP4, Ogg, WAV or IVF. Exit 3 when "
		  "something does not hold.",
	.examples = "vc-record verify meeting.webm\n"
		    "vc-record verify --headers meeting.webm\n"
		    "vc-record verify --json a.webm | jq '.checks[]'\n",
	.groups = VC_OPT_DECRYPT,
	.sandbox = VC_SANDBOX_ON,
	.options = verify_options,
	.parse = parse,
};

/* --- checks --- */

enum verdict {
	HOLDS,
	FAILS,
	UNKNOWN, /* was not looked at */
};

static const char *const verdicts[] = { "ok", "FAIL", "-" };

struct check {
	const char *name;
	enum verdict verdict;
	char text[200];
};

#define CHECKS 11

/* A recording, read; and what it comes to. */
struct film {
	struct vc_tool *tool;
	bool judges; /* verify */
	struct own own;
	struct reading reading;
	struct tally tally;
	struct proof proof;
	unsigned int n;
	struct check checks[CHECKS];
};

static struct check *add_check(struct film *f, const char *name, bool holds)
{
	struct check *c = &f->checks[f->n];

	f->n++;
	c->name = name;
	c->verdict = holds ? HOLDS : FAILS;
	return c;
}

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
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
			 ms(said) / 1e3, ms(end) / 1e3);
		return;
	}
	k->verdict = UNKNOWN;
	snprintf(k->text, sizeof(k->text), "says none");
}

static void check_order(struct film *f)
{
	uint64_t back = 0;
	struct check *k;

	for (unsigned int i = 0; i < f->tally.n; i++)
		back += f->tally.tracks[i].back;
	k = add_check(f, "order", !back);
	snprintf(k->text, sizeof(k->text), "%" PRIu64 " units go back in time",
		 back);
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
	/* Nothing was promised. */
	if (lips_is_guessed(&f->proof.lips))
		c->verdict = UNKNOWN;
}

static void judge(struct film *f)
{
	check_authentic(f);
	check_readable(f);
	check_finished(f);
	check_duration(f);
	check_order(f);
	check_decodes(f);
	check_proof(f);
	check_lips(f);
	for (unsigned int i = 0; i < f->n; i++)
		if (f->checks[i].verdict == FAILS)
			vc_tool_set_exit(f->tool, VC_EXIT_EXPECT);
}

/* --- tables --- */

static void print_track(const struct tally_track *k)
{
	int64_t lasts = k->end - k->first;
	char size[32] = "";

	if (k->info.kind == VC_TRACK_VIDEO)
		snprintf(size, sizeof(size), " %ux%u", k->info.width,
			 k->info.height);
	printf("%5u  %-5s  %-5s  %9.3f  %9.3f  %7" PRIu64 "  %5" PRIu64
	       "  %6.0f  %s%s\n",
	       (unsigned int)k->info.source, vc_track_kind_name(k->info.kind),
	       k->info.codec, ms(k->units ? k->first : 0) / 1e3,
	       ms(k->end) / 1e3, k->units, k->keys,
	       k->units && lasts > 0 ? (double)k->octets * 8e6 / (double)lasts :
				       0.0,
	       k->info.name, size);
	if (k->gaps)
		printf("%7s%" PRIu64 " gaps, %.3f s in all, the longest "
		       "%.3f s\n",
		       "", k->gaps, ms(k->gap) / 1e3, ms(k->gap_most) / 1e3);
}

static void print_tracks(const struct film *f)
{
	printf("%s: %.3f s, %u tracks, %" PRIu64 " octets\n", f->reading.text,
	       ms(tally_end(&f->tally)) / 1e3, f->tally.n, f->reading.octets);
	printf("track  kind   codec     from s       to s    units   keys  "
	       "kbit/s  name\n");
	for (unsigned int i = 0; i < f->tally.n; i++)
		print_track(&f->tally.tracks[i]);
}

static void print_checks(const struct film *f)
{
	for (unsigned int i = 0; i < f->n; i++) {
		const struct check *c = &f->checks[i];

		printf("%-4s  %-10s%s%s\n", verdicts[c->verdict], c->name,
		       c->text[0] ? "  " : "", c->text);
	}
}

/* --- JSON --- */

static struct vc_json *track_json(const struct tally_track *k, bool decodes)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "kind", vc_track_kind_name(k->info.kind));
	vc_json_set_str(j, "codec", k->info.codec);
	vc_json_set_str(j, "name", k->info.name);
	if (k->info.kind == VC_TRACK_VIDEO) {
		vc_json_set_int(j, "width", k->info.width);
		vc_json_set_int(j, "height", k->info.height);
	} else if (k->info.kind == VC_TRACK_AUDIO) {
		vc_json_set_int(j, "channels", k->info.channels);
		vc_json_set_int(j, "gaps", (int64_t)k->gaps);
		vc_json_set_real(j, "gap_ms", ms(k->gap), 3);
		vc_json_set_real(j, "gap_longest_ms", ms(k->gap_most), 3);
	}
	vc_json_set_int(j, "units", (int64_t)k->units);
	vc_json_set_int(j, "key_units", (int64_t)k->keys);
	vc_json_set_int(j, "octets", (int64_t)k->octets);
	if (k->units)
		vc_json_set_real(j, "from_ms", ms(k->first), 3);
	else
		vc_json_set_null(j, "from_ms");
	vc_json_set_real(j, "to_ms", ms(k->end), 3);
	if (decodes)
		vc_json_set_int(j, "broken", (int64_t)k->broken);
	return j;
}

static struct vc_json *checks_json(const struct film *f)
{
	struct vc_json *list = vc_json_array();

	for (unsigned int i = 0; i < f->n; i++) {
		const struct check *c = &f->checks[i];
		struct vc_json *j = vc_json_object();

		vc_json_set_str(j, "check", c->name);
		if (c->verdict == UNKNOWN)
			vc_json_set_null(j, "holds");
		else
			vc_json_set_bool(j, "holds", c->verdict == HOLDS);
		vc_json_set_str(j, "text", c->text);
		vc_json_add(list, j);
	}
	return list;
}

static void print_json(const struct film *f)
{
	struct vc_json *j = vc_json_object(), *tracks = vc_json_array();
	char *text;

	vc_json_set_str(j, "schema", "vc.record/1");
	vc_json_set_str(j, "file", f->reading.text);
	vc_json_set_int(j, "octets", (int64_t)f->reading.octets);
	vc_json_set_real(j, "duration_ms", ms(tally_end(&f->tally)), 3);
	for (unsigned int i = 0; i < f->tally.n; i++)
		vc_json_add(tracks,
			    track_json(&f->tally.tracks[i], f->tally.decodes));
	vc_json_set(j, "tracks", tracks);
	if (f->n) {
		vc_json_set(j, "av_offset", lips_json(&f->proof.lips));
		vc_json_set(j, "checks", checks_json(f));
	}
	text = vc_json_text(j);
	puts(text);
	free(text);
	vc_json_free(j);
}

/* --- running --- */

/* Reads the one operand. 0, or an error that was said. */
static int read_film(struct film *f, int argc, char **argv)
{
	const struct vc_options *o = vc_tool_options(f->tool);
	int err;

	vc_tool_parse(f->tool, argc, argv, &f->own);
	if (o->args.n != 1)
		vc_tool_usage(f->tool, "one FILE is due, such as a.webm");
	f->tally.decodes = f->judges && !f->own.headers;
	err = reading_open(&f->reading, f->tool, o->args.v[0]);
	if (!err)
		err = reading_into(&f->reading, &tally_ops, &f->tally);
	if (!err && f->judges)
		proof_open(&f->proof, f->tool, o->args.v[0]);
	f->reading.proof = f->judges ? &f->proof : NULL;
	f->tally.lips = f->judges ? &f->proof.lips : NULL;
	f->tally.has_silence = f->reading.kind == VC_FILEKIND_WAV;
	if (!err)
		err = vc_tool_start(f->tool);
	if (!err && f->judges && !f->proof.bad)
		proof_read_events(&f->proof);
	return err ? err : reading_run(&f->reading);
}

static int end_film(struct film *f)
{
	reading_close(&f->reading);
	tally_clear(&f->tally);
	proof_clear(&f->proof);
	return vc_tool_end(f->tool);
}

int info_run(int argc, char **argv)
{
	struct film f = { .tool = vc_tool_new(&info_info) };

	if (!read_film(&f, argc, argv)) {
		if (f.own.is_json)
			print_json(&f);
		else
			print_tracks(&f);
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
			print_json(&f);
		} else {
			print_tracks(&f);
			lips_print(&f.proof.lips);
			print_checks(&f);
		}
	}
	return end_film(&f);
}
