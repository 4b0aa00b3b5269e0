/* SPDX-License-Identifier: MIT */
#include "proof.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "engine/infile.h"
#include "format.h"
#include "tally.h"
#include "tool/sealkeys.h"

#define MANIFEST_MAX (16u << 20)
#define EVENTS_ROOM (512u << 10) /* more than JSON of ours may have */
#define SCHEMA "vc.recording/1"
#define DURATION_OFF 50.0 /* ms, as pictures' ends are guessed */

/* FILE.json of FILE, and FILE.json.vcenc of FILE.vcenc. 0 or -errno. */
static int open_beside(struct vc_tool *t, const char *path, const char *suffix,
		       int *fd, struct vc_infile **in)
{
	size_t len = format_plain_len(path);
	size_t cap = strlen(path) + strlen(suffix) + 1;
	char *name = vc_alloc(1, cap);
	struct vc_unseal_keys keys;
	int err = vc_sealkeys_of(t, &keys);

	snprintf(name, cap, "%.*s%s%s", (int)len, path, suffix, path + len);
	*fd = err ? -1 : open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(name);
	if (*fd < 0)
		return err ? err : -errno;
	err = vc_infile_new(*fd, &keys, NULL, in);
	if (err) {
		close(*fd);
		*fd = -1;
	}
	return err;
}

static int read_all(struct vc_infile *in, char *text, size_t *len)
{
	ssize_t n = 1;

	*len = 0;
	while (n > 0 && *len < MANIFEST_MAX) {
		n = vc_infile_read(in, (uint8_t *)text + *len,
				   MANIFEST_MAX - *len);
		*len += n > 0 ? (size_t)n : 0;
	}
	if (n)
		return n < 0 ? (int)n : -EFBIG;
	return vc_infile_is_cut(in) ? -EBADMSG : 0;
}

/* 0, or why not. */
static int slurp(struct vc_tool *t, const char *path, char **text, size_t *len)
{
	struct vc_infile *in = NULL;
	int fd, err;

	*text = NULL;
	err = open_beside(t, path, ".json", &fd, &in);
	if (err)
		return err;
	*text = vc_try_alloc(1, MANIFEST_MAX);
	err = *text ? read_all(in, *text, len) : -ENOMEM;
	vc_infile_free(in);
	close(fd);
	return err;
}

static void read_manifest(struct proof *p, struct vc_tool *t, const char *path)
{
	const char *schema = NULL, *why;
	size_t len;
	char *text;
	int err = slurp(t, path, &text, &len);

	if (!err) {
		p->manifest = vc_json_parse(text, len, &why);
		schema = vc_json_get_str(p->manifest, "schema");
	}
	free(text);
	if (err == -ENOENT)
		p->bad = "no FILE.json beside it";
	else if (err)
		p->bad = "FILE.json cannot be read";
	else if (!schema || strcmp(schema, SCHEMA))
		p->bad = "FILE.json is no manifest of a recording";
}

void proof_open(struct proof *p, struct vc_tool *t, const char *path)
{
	*p = (struct proof){
		.sum = vc_digest_new_sha256(),
	};
	read_manifest(p, t, path);
	/* If there are none, that is found out later. */
	(void)open_beside(t, path, ".events.jsonl", &p->events_fd, &p->events);
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
	return (uint64_t)units - (uint64_t)left_out + (uint64_t)extra ==
			       k->units ?
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

static void take_line(struct proof *p, const char *line, size_t len)
{
	sayings_line(&p->said, line, len);
	lips_line(&p->lips, line, len);
}

/* Takes the lines that are whole; how much of one is left, at the beginning. */
static size_t take_lines(struct proof *of, char *p, size_t len)
{
	char *at = p, *end;

	while ((end = memchr(at, '\n', len - (size_t)(at - p)))) {
		take_line(of, at, (size_t)(end + 1 - at));
		at = end + 1;
	}
	len -= (size_t)(at - p);
	memmove(p, at, len);
	return len;
}

/* How many octets, with their sum; or what vc_infile_read() says. */
static int64_t read_events(struct proof *p, struct vc_digest *sum, char *room)
{
	size_t len = 0;
	int64_t octets = 0;
	ssize_t n;

	while ((n = vc_infile_read(p->events, (uint8_t *)room + len,
				   EVENTS_ROOM - len)) > 0) {
		octets += n;
		if (sum)
			vc_digest_add(sum, room + len, (size_t)n);
		len = take_lines(p, room, len + (size_t)n);
		if (len == EVENTS_ROOM) /* no event is so long */
			len = 0;
	}
	if (len)
		take_line(p, room, len);
	return n < 0 ? n : octets;
}

void proof_read_events(struct proof *p)
{
	struct vc_digest *sum = vc_digest_new_sha256();
	char *room = NULL;

	p->events_octets = -ENOENT;
	if (p->events)
		room = vc_try_alloc(1, EVENTS_ROOM);
	if (room)
		p->events_octets = read_events(p, sum, room);
	free(room);
	if (sum)
		vc_digest_take(sum, p->events_sum);
	vc_digest_free(sum);
	lips_ready(&p->lips);
}

bool proof_events(const struct proof *p, char *text, size_t cap)
{
	bool holds;

	if (p->events_octets < 0) {
		snprintf(text, cap, "%s",
			 p->events ? "FILE.events.jsonl cannot be read" :
				     "no FILE.events.jsonl beside it");
		return false;
	}
	holds = is_sum(vc_json_get(p->manifest, "events"),
		       (uint64_t)p->events_octets, p->events_sum);
	snprintf(text, cap, "SHA-256 %.16s... %s", p->events_sum,
		 holds ? "as written" : "is not what was written");
	return holds;
}

const char *proof_skips_gaps(const struct proof *p)
{
	const char *gap = vc_json_get_str(p->manifest, "gap");

	if (!p->said.has_begun)
		return "the events do not tell of any";
	if (p->said.is_full)
		return "there are too many";
	if (gap && strcmp(gap, "mark") != 0)
		return "--gap left them out, or filled them";
	return NULL;
}

bool proof_gaps(const struct proof *p, const struct tally *t, char *text,
		size_t cap)
{
	const struct holes_of h = {
		.said = &p->said,
		.tally = t,
		.manifest = p->manifest,
	};

	return holes_judge(&h, text, cap);
}

void proof_clear(struct proof *p)
{
	sayings_clear(&p->said);
	lips_clear(&p->lips);
	vc_json_free(p->manifest);
	vc_digest_free(p->sum);
	if (p->events)
		close(p->events_fd);
	vc_infile_free(p->events);
}
