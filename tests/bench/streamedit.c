/* SPDX-License-Identifier: MIT */
/*
 * Long and still streams out of short ones, which are cheap to record. A
 * recorded stream on stdin, one on stdout.
 *
 *   streamedit repeat N SECONDS	N times over, each SECONDS after the one
 *					before, as one whole
 *   streamedit still SECONDS		no pictures any more from then on
 *
 * Names and descriptions are those of the first second; nobody leaves.
 */
#include <errno.h>
#include <stdio.h>

#include "base/num.h"
#include "bench/bench.h"
#include "wire/defaults.h"
#include "wire/frame.h"

#define SIZE_MAX_IN (512u << 20)
#define SOURCES 8

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
	need(e->n < SOURCES, "more than 8 sources");
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
	uint64_t rounds = 1, seconds = 0;
	bool is_still = argc == 3 && !strcmp(argv[1], "still");
	bool is_repeat = argc == 4 && !strcmp(argv[1], "repeat");

	need((is_still || is_repeat) &&
		     !vc_num_u64(argv[argc - 1], 1, 100000, &seconds),
	     "usage");
	if (is_still)
		e.still_from = (int64_t)seconds * VC_SEC;
	else
		need(!vc_num_u64(argv[2], 1, 10000, &rounds), "usage");
	read_all(&e);
	for (unsigned int i = 0; i < rounds; i++)
		put_round(&e, i, (int64_t)(i * seconds) * VC_SEC);
	need(!fflush(stdout), "write");
	free(e.in);
	return 0;
}
