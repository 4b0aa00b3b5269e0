/* SPDX-License-Identifier: MIT */
/*
 * Long, still and crowded streams out of those that are cheap to record. A
 * recorded stream on stdin, one on stdout.
 *
 *   streamedit repeat N SECONDS	N times over, each SECONDS after the one
 *					before, as one whole
 *   streamedit still SECONDS		no pictures any more from then on
 *   streamedit crowd N			N more people, who send what the
 *					last one who came does
 *
 * Names and descriptions are those of the first second; nobody leaves, but for
 * a crowd, who do all that he does.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "bench/bench.h"
#include "wire/defaults.h"
#include "wire/frame.h"
#include "wire/rtcp.h"

#define SIZE_MAX_IN (512u << 20)
#define SOURCES 64

/* What a repetition adds for a source. */
struct source {
	uint32_t ssrc;
	uint16_t packets; /* of the first one */
};

struct edit {
	uint8_t *in;
	size_t len;
	struct source sources[SOURCES];
	size_t n;
	int64_t begin; /* the first time; -1: not seen */
	int64_t now;
	int64_t still_from; /* after the beginning; -1: never */
};

static struct source *source_of(struct edit *e, uint32_t ssrc)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->sources[i].ssrc == ssrc)
			return &e->sources[i];
	need(e->n < SOURCES, "more than 64 sources");
	e->sources[e->n].ssrc = ssrc;
	return &e->sources[e->n++];
}

static bool is_video(const uint8_t *rtp)
{
	return vc_rtp_get_pt(rtp) != VC_PT_OPUS;
}

static void put(const void *p, size_t len)
{
	need(fwrite(p, 1, len, stdout) == len, "write");
}

static void put_time(struct edit *e, const struct vc_frame *f, int64_t shift)
{
	uint8_t frame[VC_FRAME_TIME_SIZE];
	enum vc_frame_time kind;
	int64_t t;

	need(!vc_frame_time_parse(f->payload, f->len, &kind, &t), "time");
	if (e->begin < 0)
		e->begin = t;
	e->now = t - e->begin;
	vc_frame_time_write(frame, kind, t + shift);
	put(frame, sizeof(frame));
}

static void put_rtp(struct edit *e, const struct vc_frame *f, uint8_t *frame,
		    unsigned int round, int64_t shift)
{
	uint8_t *rtp = frame + 2;
	struct source *s = source_of(e, vc_rtp_get_ssrc(rtp));
	int64_t hz = is_video(rtp) ? 90000 : 48000;

	if (!round)
		s->packets++;
	if (is_video(rtp) && e->still_from >= 0 && e->now >= e->still_from)
		return;
	if (round) {
		uint16_t seq = vc_rtp_get_seq(rtp);
		uint32_t ts = vc_rtp_get_ts(rtp);

		/* From the round before: 'in' keeps what was written. */
		vc_rtp_set_seq(rtp, (uint16_t)(seq + s->packets));
		vc_rtp_set_ts(rtp, ts + (uint32_t)(shift / round / VC_MS * hz /
						   1000));
	}
	put(frame, f->size);
}

static void put_round(struct edit *e, unsigned int round, int64_t shift)
{
	struct vc_frame f;

	for (size_t at = 0; at < e->len; at += f.size) {
		bool is_early = !round && e->now < VC_SEC;

		need(vc_frame_next(e->in + at, e->len - at, &f) == 1, "frame");
		if (f.type == VC_FRAME_TIME)
			put_time(e, &f, shift);
		else if (f.type == VC_FRAME_RTP)
			put_rtp(e, &f, e->in + at, round, shift);
		else if (is_early)
			put(e->in + at, f.size);
	}
}

/* --- a crowd --- */

#define CNAME_MARK 4 /* digits that take the place of its first characters */

/* Whom they are like. */
struct model {
	uint32_t ssrc;
	char ssrc_text[16]; /* as events have it */
	char cname[64];
};

/* He whose first packet is the last of all first ones. */
static void find_model(struct edit *e, struct model *m)
{
	char key[64], *cname;
	struct vc_frame f;

	for (size_t at = 0; at < e->len; at += f.size) {
		need(vc_frame_next(e->in + at, e->len - at, &f) == 1, "frame");
		if (f.type == VC_FRAME_RTP)
			(void)source_of(e, vc_rtp_get_ssrc(f.payload));
	}
	m->ssrc = e->sources[e->n - 1].ssrc;
	snprintf(m->ssrc_text, sizeof(m->ssrc_text), "%" PRIu32, m->ssrc);
	snprintf(key, sizeof(key), "\"ssrc\":%s,\"cname\":\"", m->ssrc_text);
	cname = memmem(e->in, e->len, key, strlen(key));
	need(cname, "no source event");
	need(sscanf(cname + strlen(key), "%63[^\"]", m->cname) == 1 &&
		     strlen(m->cname) > CNAME_MARK,
	     "no CNAME");
}

static bool is_his(const struct model *m, const struct vc_frame *f)
{
	if (f->type == VC_FRAME_RTP)
		return vc_rtp_get_ssrc(f->payload) == m->ssrc;
	if (f->type == VC_FRAME_RTCP)
		return vc_get_u32(f->payload + 4) == m->ssrc;
	return f->type == VC_FRAME_EVENT &&
	       memmem(f->payload, f->len, m->ssrc_text, strlen(m->ssrc_text));
}

/* The frame as the i-th of them would have sent it. */
static void put_alike(const struct model *m, const struct vc_frame *f,
		      unsigned int i)
{
	uint32_t ssrc = m->ssrc + i * UINT32_C(2654435761);
	uint8_t out[VC_FRAME_MAX + 16], *p = out + 2, *at;
	size_t len = f->len, from;
	char text[16];

	memcpy(p, f->payload, len);
	for (at = p; (at = memmem(at, len - (size_t)(at - p), m->cname,
				  strlen(m->cname)));
	     at += CNAME_MARK) {
		snprintf(text, sizeof(text), "%04u", i);
		memcpy(at, text, CNAME_MARK);
	}
	if (f->type == VC_FRAME_RTP) {
		vc_rtp_set_ssrc(p, ssrc);
	} else if (f->type == VC_FRAME_RTCP) {
		vc_rtcp_remap(p, len, m->ssrc, ssrc);
	} else {
		snprintf(text, sizeof(text), "%" PRIu32, ssrc);
		at = memmem(p, len, m->ssrc_text, strlen(m->ssrc_text));
		from = (size_t)(at - p) + strlen(m->ssrc_text);
		memcpy(at, text, strlen(text));
		memcpy(at + strlen(text), f->payload + from, f->len - from);
		len += strlen(text) - strlen(m->ssrc_text);
	}
	vc_frame_head(out, len);
	put(out, len + 2);
}

static void put_crowd(struct edit *e, unsigned int n)
{
	struct model m;
	struct vc_frame f;

	find_model(e, &m);
	for (size_t at = 0; at < e->len; at += f.size) {
		need(vc_frame_next(e->in + at, e->len - at, &f) == 1, "frame");
		put(e->in + at, f.size);
		for (unsigned int i = 1; i <= n && is_his(&m, &f); i++)
			put_alike(&m, &f, i);
	}
}

static void read_all(struct edit *e)
{
	size_t n;

	e->in = vc_alloc(SIZE_MAX_IN, 1);
	while ((n = fread(e->in + e->len, 1, SIZE_MAX_IN - e->len, stdin)))
		e->len += n;
	need(e->len && e->len < SIZE_MAX_IN, "read");
}

int main(int argc, char **argv)
{
	struct edit e = { .begin = -1, .still_from = -1 };
	uint64_t rounds = 1, n = 0;
	const char *what = argc > 1 ? argv[1] : "";
	bool is_still = argc == 3 && !strcmp(what, "still");
	bool is_crowd = argc == 3 && !strcmp(what, "crowd");
	bool is_repeat = argc == 4 && !strcmp(what, "repeat");

	need((is_still || is_crowd || is_repeat) &&
		     !vc_num_u64(argv[argc - 1], 1, is_crowd ? 9999 : 100000,
				 &n),
	     "usage");
	if (is_still)
		e.still_from = (int64_t)n * VC_SEC;
	else if (is_repeat)
		need(!vc_num_u64(argv[2], 1, 10000, &rounds), "usage");
	read_all(&e);
	for (unsigned int i = 0; i < rounds && !is_crowd; i++)
		put_round(&e, i, (int64_t)(i * n) * VC_SEC);
	if (is_crowd)
		put_crowd(&e, (unsigned int)n);
	need(!fflush(stdout), "write");
	free(e.in);
	return 0;
}
