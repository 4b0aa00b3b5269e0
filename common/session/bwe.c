/* SPDX-License-Identifier: MIT */
/*
 * One estimate from delays (bwetrend, bweaimd), one limit from loss, the
 * lesser of the two, within the limits given. From the start, and when the
 * path carries more than it did when it was last full, the rate is doubled by
 * probes, each only when what the one before it found is in use: a token
 * bucket makes a probe look better than what follows. While a queue stands
 * after over-use, less than the estimate is sent until it has drained. When
 * feedback fails to come the rate is taken down step by step.
 */
#include "session/bwe.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/bwe_internal.h"

#define TICK (50 * VC_MS)
#define WINDOW (500 * VC_MS)
#define WINDOW_LATE (250 * VC_MS)
#define QUEUE_LEAST (10 * VC_MS)
#define QUEUE_STANDS (30 * VC_MS)
#define RTT_UNKNOWN (200 * VC_MS)
#define PROBE_FACTOR 2.0
#define PROBE_KEEP 0.95	    /* of what a probe got through */
#define PROBE_KEEP_FULL 0.9 /* of what was the path's limit */
#define PROBE_RETURN 0.85   /* of the estimate before a silence */
#define PROBE_FAILURES 3
#define PROBE_PAUSE (1 * VC_SEC)
#define PROBE_LIMITED (5 * VC_SEC) /* while the application is the limit */
#define IN_USE 0.8		   /* of the estimate arrives */
#define LIMITED 0.65		   /* of it is sent: the application is */
#define LIMITED_MOST 4.0	   /* times what it sends is enough to know */
#define SILENCE VC_SEC
#define SILENCE_STEP (500 * VC_MS)
#define SILENCE_FACTOR 0.7
#define DRAIN_LEAST (25 * VC_MS)
#define DRAIN_TIME (2 * VC_SEC)
#define DRAIN_FACTOR 0.75

struct vc_bwe *vc_bwe_new(const struct vc_bwe_conf *conf, int64_t now)
{
	struct vc_bwe *b = vc_try_alloc(1, sizeof(*b));

	assert(conf->min_bps && conf->min_bps <= conf->start_bps &&
	       conf->start_bps <= conf->max_bps);
	if (!b)
		return NULL;
	b->conf = *conf;
	b->rtt = -1;
	b->last_sent = VC_TIME_NONE;
	b->heard = VC_TIME_NONE;
	b->backed = VC_TIME_NONE;
	b->resumed = VC_TIME_NONE;
	b->probed = now;
	b->limited = VC_TIME_NONE;
	b->due = now + TICK;
	b->is_starting = true;
	vc_bwe_trend_init(&b->trend);
	vc_bwe_aimd_init(&b->aimd, (double)conf->start_bps, now);
	vc_bwe_loss_init(&b->loss);
	return b;
}

void vc_bwe_free(struct vc_bwe *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < VC_BWE_SSRC_MAX; i++)
		free(b->ssrcs[i]);
	free(b);
}

static int64_t rtt_of(const struct vc_bwe *b)
{
	return b->rtt < 0 ? RTT_UNKNOWN : b->rtt;
}

static double clamped(const struct vc_bwe *b, double bps)
{
	if (b->remb && bps > (double)b->remb)
		bps = (double)b->remb;
	if (bps > (double)b->conf.max_bps)
		bps = (double)b->conf.max_bps;
	if (bps < (double)b->conf.min_bps)
		bps = (double)b->conf.min_bps;
	return bps;
}

/* The lesser of both controllers. */
static double estimate(const struct vc_bwe *b)
{
	double bps = b->aimd.bps;

	if (b->loss.limit && b->loss.limit < bps)
		bps = b->loss.limit;
	return clamped(b, bps);
}

uint64_t vc_bwe_target(const struct vc_bwe *b)
{
	double bps = estimate(b);

	return (uint64_t)clamped(b, b->is_draining ? bps * DRAIN_FACTOR : bps);
}

void vc_bwe_remb(struct vc_bwe *b, uint64_t bps)
{
	b->remb = bps;
}

/* --- probing --- */

static void ask(struct vc_bwe *b, double bps, int64_t now)
{
	double most = (double)b->conf.max_bps;

	if (b->remb && most > (double)b->remb)
		most = (double)b->remb;
	if (bps > most)
		bps = most;
	if (bps < estimate(b) * 1.1 || b->probe.is_open)
		return;
	vc_bwe_probe_ask(&b->probe, bps, now);
	b->stats.probes++;
}

bool vc_bwe_probe(struct vc_bwe *b, struct vc_bwe_cluster *out)
{
	return vc_bwe_probe_take(&b->probe, out);
}

static void take_probe(struct vc_bwe *b, int64_t now)
{
	double bps, now_bps = estimate(b);
	bool is_full;

	bool is_past = b->has_told && vc_seq_before(b->last_probe, b->told);

	if (!vc_bwe_probe_done(&b->probe, is_past, &bps, &is_full, now))
		return;
	b->probed = now;
	if (is_full) {
		b->is_starting = false;
		vc_bwe_aimd_learn(&b->aimd, bps);
	}
	b->failures = bps ? 0 : b->failures + 1;
	if (b->failures >= PROBE_FAILURES)
		b->is_starting = false;
	bps *= is_full ? PROBE_KEEP_FULL : PROBE_KEEP;
	if (bps <= now_bps || b->is_draining)
		return;
	vc_bwe_aimd_set(&b->aimd, bps, now);
	if (b->loss.limit && b->loss.limit < bps)
		b->loss.limit = bps;
}

/* Since when the application sends much less than it might. */
static void watch_limited(struct vc_bwe *b, int64_t now)
{
	double bps;

	vc_bwe_rate_pass(&b->sent, now);
	bps = vc_bwe_rate_bps(&b->sent, WINDOW);
	if (!bps || bps > LIMITED * (double)vc_bwe_target(b))
		b->limited = VC_TIME_NONE;
	else if (b->limited == VC_TIME_NONE)
		b->limited = now;
}

/* What the last probe found is used, and nothing suffers from it. */
static bool is_in_use(const struct vc_bwe *b, int64_t now)
{
	int64_t settled = rtt_of(b) + 300 * VC_MS;

	return b->trend.use == VC_BWE_NORMAL && !b->is_draining &&
	       now - b->probed >= settled &&
	       vc_bwe_rate_bps(&b->acked, WINDOW) >= IN_USE * estimate(b);
}

static void consider_probe(struct vc_bwe *b, int64_t now)
{
	double bps = estimate(b);

	if (b->probe.is_open || b->heard == VC_TIME_NONE ||
	    b->last_sent == VC_TIME_NONE || now - b->last_sent > VC_SEC ||
	    b->backed != VC_TIME_NONE)
		return;
	if (b->before_silence) {
		ask(b, b->before_silence * PROBE_RETURN, now);
		b->before_silence = 0;
		b->is_starting = true;
	} else if (b->failures && b->is_starting) {
		ask(b, bps * PROBE_FACTOR, now);
	} else if (is_in_use(b, now) && vc_bwe_aimd_is_beyond(&b->aimd, bps) &&
		   (b->is_starting || now - b->probed > PROBE_PAUSE)) {
		ask(b, bps * PROBE_FACTOR, now);
	} else if (b->limited != VC_TIME_NONE &&
		   now - b->limited > PROBE_LIMITED &&
		   now - b->probed > PROBE_LIMITED &&
		   bps < LIMITED_MOST * vc_bwe_rate_bps(&b->sent, WINDOW)) {
		ask(b, bps * PROBE_FACTOR, now);
	}
}

/* --- what comes in --- */

uint16_t vc_bwe_sent(struct vc_bwe *b, uint32_t ssrc, uint16_t seq,
		     size_t octets, uint8_t cluster, int64_t now)
{
	uint16_t tseq = b->next;

	b->history[tseq % VC_BWE_HISTORY] = (struct vc_bwe_entry){
		.sent = now,
		.ssrc = ssrc,
		.seq = seq,
		.octets = (uint16_t)octets,
		.cluster = cluster,
		.fate = VC_BWE_FLYING,
	};
	b->next++;
	if (b->conf.by_ssrc)
		vc_bwe_index(b, ssrc, seq, tseq, now);
	vc_bwe_rate_add(&b->sent, octets, now);
	vc_bwe_probe_sent(&b->probe, cluster, octets);
	if (cluster)
		b->last_probe = tseq;
	if (b->last_sent == VC_TIME_NONE)
		ask(b, estimate(b) * PROBE_FACTOR, now);
	b->last_sent = now;
	return tseq;
}

/* A queue is there that does not go away between frames. */
static bool is_full(const struct vc_bwe *b)
{
	return vc_bwe_trend_queue(&b->trend) > QUEUE_STANDS;
}

/*
 * A delay that grows matters when a queue is there; and one that does not grow
 * any more while packets are lost is that of a queue that is full.
 */
static enum vc_bwe_use use_of(struct vc_bwe *b)
{
	enum vc_bwe_use use = vc_bwe_trend_use(&b->trend);
	uint64_t lost = b->report.lost;

	if (use == VC_BWE_OVER && vc_bwe_trend_queue(&b->trend) < QUEUE_LEAST)
		return VC_BWE_UNDER;
	if (use == VC_BWE_NORMAL && is_full(b) &&
	    (b->is_draining ? lost > 0 : lost * 10 > b->report.n))
		return VC_BWE_OVER;
	return use;
}

/*
 * What arrives. While a queue stands that is what the path carries, and the
 * measure of late is as good as the long one; else frames make it vary.
 */
static double acked_of(const struct vc_bwe *b)
{
	double acked = vc_bwe_rate_bps(&b->acked, WINDOW);
	double late = vc_bwe_rate_bps(&b->acked, WINDOW_LATE);

	if (!late || !acked)
		return acked;
	if (is_full(b))
		return late < acked ? late : acked;
	return late > acked ? late : acked;
}

static void control(struct vc_bwe *b, int64_t now)
{
	double before = estimate(b);

	if (vc_bwe_aimd_update(&b->aimd, use_of(b), acked_of(b), is_full(b),
			       rtt_of(b), now)) {
		b->stats.overuses++;
		b->is_starting = false;
		b->is_draining = true;
		b->drain_end = now + DRAIN_TIME;
	}
	if (now >= b->drain_end || vc_bwe_trend_queue(&b->trend) < DRAIN_LEAST)
		b->is_draining = false;
	vc_bwe_loss_update(&b->loss, b->report.n, b->report.lost, before,
			   rtt_of(b), now);
	if (b->aimd.bps > (double)b->conf.max_bps)
		b->aimd.bps = (double)b->conf.max_bps;
	if (b->aimd.bps < (double)b->conf.min_bps)
		b->aimd.bps = (double)b->conf.min_bps;
}

/*
 * What was lost in a silence says nothing of how much the path carries, nor
 * does the rate that it was taken down to.
 */
void vc_bwe_heard(struct vc_bwe *b, int64_t now)
{
	double bps = b->before_silence * PROBE_RETURN;

	if (b->backed == VC_TIME_NONE)
		return;
	if (bps > (double)b->conf.start_bps)
		bps = (double)b->conf.start_bps;
	if (bps > b->aimd.bps)
		vc_bwe_aimd_set(&b->aimd, bps, now);
	vc_bwe_loss_init(&b->loss);
	b->is_draining = false;
	b->heard = now;
	b->backed = VC_TIME_NONE;
	b->resumed = now;
}

int vc_bwe_feedback(struct vc_bwe *b, const struct vc_rtcp_fb *fb, int64_t now)
{
	int err = vc_bwe_feed(b, fb, now);

	if (err == -EBADMSG)
		b->stats.malformed++;
	if (err)
		return err;
	vc_bwe_heard(b, now);
	b->stats.feedback++;
	b->heard = now;
	if (b->report.n)
		control(b, now);
	take_probe(b, now);
	watch_limited(b, now);
	consider_probe(b, now);
	return 0;
}

/* --- time --- */

/* A peer that never gave feedback may not know how: that is not ours to
 * judge (session/circuit does), the rate stays where it starts. */
static void watch_silence(struct vc_bwe *b, int64_t now)
{
	int64_t allowed = SILENCE + rtt_of(b);

	if (b->heard == VC_TIME_NONE || b->last_sent == VC_TIME_NONE ||
	    now - b->heard < allowed || now - b->last_sent > allowed)
		return;
	if (b->backed != VC_TIME_NONE && now - b->backed < SILENCE_STEP)
		return;
	if (b->backed == VC_TIME_NONE && estimate(b) > b->before_silence)
		b->before_silence = estimate(b);
	b->backed = now;
	b->stats.timeouts++;
	vc_bwe_aimd_set(&b->aimd, clamped(b, b->aimd.bps * SILENCE_FACTOR),
			now);
}

int64_t vc_bwe_next(const struct vc_bwe *b)
{
	return b->due;
}

void vc_bwe_due(struct vc_bwe *b, int64_t now)
{
	if (now < b->due)
		return;
	b->due = now + TICK;
	watch_silence(b, now);
	take_probe(b, now);
	watch_limited(b, now);
	consider_probe(b, now);
}

struct vc_bwe_stats vc_bwe_stats(const struct vc_bwe *b)
{
	struct vc_bwe_stats s = b->stats;

	s.target_bps = vc_bwe_target(b);
	s.acked_bps = (uint64_t)vc_bwe_rate_bps(&b->acked, WINDOW);
	s.loss_bps = (uint64_t)b->loss.limit;
	s.loss = b->loss.fraction;
	s.rtt = b->rtt;
	s.queue = vc_bwe_trend_queue(&b->trend);
	return s;
}
