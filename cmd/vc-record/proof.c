/* SPDX-License-Identifier: MIT */
#include "proof.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "tally.h"

#define MANIFEST_MAX (16u << 20)
#define SCHEMA "vc.recording/1"
#define DURATION_OFF 50.0 /* ms, as pictures' ends are guessed */

/* NULL: there is none, or it is larger than it can be. */
static char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text = f ? vc_try_alloc(1, MANIFEST_MAX) : NULL;

	*len = text ? fread(text, 1, MANIFEST_MAX, f) : 0;
	if (f)
		fclose(f);
	if (!*len || *len == MANIFEST_MAX) {
		free(text);
		return NULL;
	}
	return text;
}

static void read_manifest(struct proof *p, const char *path)
{
	const char *schema, *why;
	size_t len;
	char *text = slurp(path, &len);

	if (!text) {
		p->bad = "no FILE.json beside it";
		return;
	}
	p->manifest = vc_json_parse(text, len, &why);
	free(text);
	schema = vc_json_get_str(p->manifest, "schema");
	if (!schema || strcmp(schema, SCHEMA))
		p->bad = "FILE.json is no manifest of a recording";
}

void proof_open(struct proof *p, const char *path)
{
	size_t cap = strlen(path) + sizeof(".events.jsonl");
	char *name = vc_alloc(1, cap);

	*p = (struct proof){ .sum = vc_digest_new_sha256() };
	snprintf(name, cap, "%s.json", path);
	read_manifest(p, name);
	snprintf(name, cap, "%s.events.jsonl", path);
	p->events = fopen(name, "re");
	free(name);
}

void proof_add(struct proof *p, const uint8_t *data, size_t len)
{
	p->octets += len;
	if (p->sum && !p->bad)
		vc_digest_add(p->sum, data, len);
}

/* Does 'j' say these? */
static bool is_sum(const struct vc_json *j, uint64_t octets, const char *sum)
{
	const char *said = vc_json_get_str(j, "sha256");
	int64_t n;

	return said && vc_json_get_int(j, "octets", &n) &&
	       n == (int64_t)octets && !strcmp(said, sum);
}

bool proof_sum(struct proof *p, char *text, size_t cap)
{
	char sum[VC_DIGEST_TEXT] = "";
	bool holds;

	if (p->sum)
		vc_digest_take(p->sum, sum);
	holds = is_sum(p->manifest, p->octets, sum);
	snprintf(text, cap, "SHA-256 %.16s... %s", sum,
		 holds ? "as written" : "is not what was written");
	return holds;
}

/* The track of the file with this number, or NULL. */
static const struct tally_track *find(const struct tally *t, int64_t number)
{
	for (unsigned int i = 0; i < t->n; i++)
		if (t->tracks[i].info.source == (uint64_t)number)
			return &t->tracks[i];
	return NULL;
}

/* WAV has samples, whatever they were before, and no packets. */
static const char *compare_wav(const char *codec, const struct tally_track *k)
{
	if (!strcasecmp(codec, k->info.codec) || !strcmp(k->info.codec, "L16"))
		return NULL;
	return "has another codec";
}

static const char *compare_kind(const struct vc_json *said, const char *codec,
				int64_t units, const struct tally *t,
				const struct tally_track *k)
{
	int64_t left_out = 0, extra = 0;

	if (t->has_silence)
		return compare_wav(codec, k);
	if (strcasecmp(codec, k->info.codec))
		return "has another codec";
	(void)vc_json_get_int(said, "left_out", &left_out);
	(void)vc_json_get_int(said, "extra", &extra);
	return units - left_out + extra == (int64_t)k->units ?
		       NULL :
		       "has another number of units";
}

/* What is wrong with a track that the manifest names; NULL: nothing. */
static const char *compare(const struct vc_json *said, const struct tally *t)
{
	const char *codec = vc_json_get_str(said, "codec");
	const struct tally_track *k;
	int64_t number, units;
	double end;

	if (!vc_json_get_int(said, "track", &number) || !codec ||
	    !vc_json_get_int(said, "units", &units) ||
	    !vc_json_get_real(said, "end_ms", &end))
		return "is described badly";
	k = find(t, number);
	if (!k)
		return units ? "is not there" : NULL;
	if (compare_kind(said, codec, units, t, k))
		return compare_kind(said, codec, units, t, k);
	end -= (double)k->end / (double)VC_MS;
	if (end > DURATION_OFF || end < -DURATION_OFF)
		return "ends at another time";
	return NULL;
}

bool proof_tracks(const struct proof *p, const struct tally *t, char *text,
		  size_t cap)
{
	const struct vc_json *tracks = vc_json_get(p->manifest, "tracks");
	size_t n = tracks && vc_json_is_array(tracks) ? vc_json_len(tracks) : 0;

	for (size_t i = 0; i < n; i++) {
		const char *why = compare(vc_json_at(tracks, i), t);

		if (why) {
			snprintf(text, cap, "track %zu %s", i + 1, why);
			return false;
		}
	}
	snprintf(text, cap, "%zu tracks in the manifest, %u in the file", n,
		 t->n);
	return n >= t->n;
}

bool proof_events(struct proof *p, char *text, size_t cap)
{
	struct vc_digest *sum = vc_digest_new_sha256();
	char hex[VC_DIGEST_TEXT] = "", *line = NULL;
	uint64_t octets = 0;
	size_t room = 0;
	ssize_t n;
	bool holds;

	if (!p->events) {
		vc_digest_free(sum);
		snprintf(text, cap, "no FILE.events.jsonl beside it");
		return false;
	}
	while ((n = getline(&line, &room, p->events)) > 0) {
		octets += (uint64_t)n;
		if (sum)
			vc_digest_add(sum, line, (size_t)n);
		sayings_line(&p->said, line, (size_t)n);
	}
	free(line);
	if (sum)
		vc_digest_take(sum, hex);
	vc_digest_free(sum);
	holds = is_sum(vc_json_get(p->manifest, "events"), octets, hex);
	snprintf(text, cap, "SHA-256 %.16s... %s", hex,
		 holds ? "as written" : "is not what was written");
	return holds;
}

bool proof_fills_gaps(const struct proof *p)
{
	const char *gap = vc_json_get_str(p->manifest, "gap");

	return gap && strcmp(gap, "mark") != 0;
}

bool proof_gaps(const struct proof *p, const struct tally *t, char *text,
		size_t cap)
{
	const struct holes_of h = {
		.said = &p->said,
		.tally = t,
		.manifest = p->manifest,
		.has_silence = t->has_silence,
	};

	return holes_judge(&h, text, cap);
}

void proof_clear(struct proof *p)
{
	sayings_clear(&p->said);
	vc_json_free(p->manifest);
	vc_digest_free(p->sum);
	if (p->events)
		fclose(p->events);
}
