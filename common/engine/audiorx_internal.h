/* SPDX-License-Identifier: MIT */
/* What audiorx.c and audiorx_doze.c share. Nobody else's. */
#ifndef VC_ENGINE_AUDIORX_INTERNAL_H
#define VC_ENGINE_AUDIORX_INTERNAL_H

#include "base/pool.h"
#include "base/time.h"
#include "engine/audiodec.h"
#include "engine/audiorx.h"
#include "engine/pcmq.h"
#include "session/jbuf.h"

struct vc_audiorx {
	uint32_t rate_hz;
	struct vc_playout_source *play;
	struct vc_jbuf *jb;
	struct vc_audiodec *dec;
	struct vc_pcmq q;
	uint32_t next_ts;
	bool is_playing;
	bool is_ended;
	bool is_dozing;
	int noise_pt;  /* payload type of comfort noise; -1: none came */
	bool is_noise; /* all that was pulled last */
	unsigned int concealed; /* samples in a row */
	unsigned int guessed;	/* made up; why is not known yet */
	unsigned int late_run;
	int64_t shift;
	int64_t slack; /* smallest in the window */
	int64_t slack_since;
	uint64_t seen_resyncs;
	bool is_torn; /* what arrived before 'torn_at' is of an older line */
	int64_t torn_at;
	bool has_line; /* 'line_ts' was due at 'line_due', without shift */
	uint32_t line_ts;
	int64_t line_due;
	struct vc_audiorx_counts counts;
};

static inline int64_t samples_ns(size_t n)
{
	return (int64_t)n * VC_SEC / VC_AUDIORX_RATE;
}

/* An hour at most: times of arrival may say anything. */
static inline size_t ns_samples(int64_t ns)
{
	int64_t max = 3600 * VC_SEC;

	if (ns <= 0)
		return 0;
	return (size_t)((ns < max ? ns : max) * VC_AUDIORX_RATE / VC_SEC);
}

static inline int64_t due(const struct vc_audiorx *a, uint32_t ts)
{
	return vc_playout_due(a->play, ts) + a->shift;
}

/* Of a line of time that is no more: it is played as it comes. */
static inline bool is_old(const struct vc_audiorx *a,
			  const struct vc_jbuf_item *it)
{
	return a->is_torn && it->pkt->arrival < a->torn_at;
}

static inline int samples_of(const struct vc_audiorx *a,
			     const struct vc_rtp *rtp)
{
	if (rtp->pt == a->noise_pt)
		return VC_AUDIODEC_NOISE;
	return vc_audiodec_samples(a->dec, rtp->payload, rtp->payload_len);
}

static inline int decode_packet(struct vc_audiorx *a, const struct vc_rtp *rtp,
				int16_t *pcm)
{
	if (rtp->pt == a->noise_pt)
		return vc_audiodec_noise(a->dec, rtp->payload, rtp->payload_len,
					 pcm);
	return vc_audiodec_decode(a->dec, rtp->payload, rtp->payload_len, pcm);
}

static inline void stop(struct vc_audiorx *a)
{
	a->is_playing = false;
	a->q.is_fading_in = true;
	a->q.n = 0;
}

/*
 * A packet is next, 'gap' samples behind the end of what is there: why was sound
 * made up before it? Nothing is missing and it is not late: nothing was sent.
 */
static inline void explain(struct vc_audiorx *a, int64_t gap, uint64_t hole)
{
	if (a->guessed && !hole && gap >= 0) {
		a->counts.paused += a->guessed;
		a->counts.pauses++;
	}
	a->guessed = 0;
}

/* Who was not heard is from 'now' on. */
void vc_audiorx_warm_up(struct vc_audiorx *a, int64_t now);

#endif
