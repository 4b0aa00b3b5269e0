/* SPDX-License-Identifier: MIT */
/*
 * A run is a stretch of sequence numbers that belong together: extended
 * numbers count from the first packet's own. 'window' has a bit for each of
 * the last VC_RX_WINDOW numbers, so what is behind is known as a duplicate or
 * as the filling of a hole. RFC 3550 A.1 has no such memory: it takes all that
 * is a little behind for reordering, and two in a row further behind for a
 * restart. Here only what the window does not explain can be a restart.
 */
#include "session/rxstats.h"

#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

/* No transit differs by more: keeps sums far from overflow. */
#define MAX_DIFF (1000000 * VC_SEC)
#define LOST_MAX 0x7fffff

void vc_rxstats_init(struct vc_rxstats *st, uint32_t rate_hz,
		     unsigned int probation)
{
	*st = (struct vc_rxstats){
		.rate_hz = rate_hz,
		.min_row = probation ? probation : 1,
		.first_arrival = VC_TIME_NONE,
		.last_arrival = VC_TIME_NONE,
		.sr_arrival = VC_TIME_NONE,
	};
}

static uint64_t bit_of(int64_t ext)
{
	return UINT64_C(1) << ((uint64_t)ext % 64);
}

static size_t word_of(int64_t ext)
{
	return (uint64_t)ext % VC_RX_WINDOW / 64;
}

static bool is_seen(const struct vc_rxstats *st, int64_t ext)
{
	return st->window[word_of(ext)] & bit_of(ext);
}

static void see(struct vc_rxstats *st, int64_t ext)
{
	st->window[word_of(ext)] |= bit_of(ext);
	st->seq = ext;
}

int64_t vc_rxstats_extend(const struct vc_rxstats *st, uint16_t seq)
{
	return st->highest + vc_seq_diff((uint16_t)st->highest, seq);
}

static uint64_t run_expected(const struct vc_rxstats *st)
{
	return st->has_run ? (uint64_t)(st->highest - st->base) + 1 : 0;
}

static void begin_run(struct vc_rxstats *st, uint16_t seq)
{
	st->past_expected += run_expected(st);
	st->past_received += st->run_received;
	st->base = seq;
	st->highest = seq;
	st->run_received = 0;
	st->expected_prior = 0;
	st->received_prior = 0;
	memset(st->window, 0, sizeof(st->window));
	st->has_run = true;
	st->has_bad = false;
	st->dup_run = 0;
	see(st, seq);
}

VC_COLD static enum vc_rx first_of_source(struct vc_rxstats *st, uint16_t seq)
{
	st->row = st->row && seq == st->row_seq ? st->row + 1 : 1;
	st->row_seq = (uint16_t)(seq + 1);
	if (st->row < st->min_row)
		return VC_RX_PROBATION;
	begin_run(st, seq);
	return VC_RX_NEW;
}

VC_COLD static enum vc_rx resync(struct vc_rxstats *st, uint16_t seq)
{
	begin_run(st, seq);
	st->resyncs++;
	return VC_RX_RESYNC;
}

static enum vc_rx ahead(struct vc_rxstats *st, int64_t ext)
{
	int64_t from = st->highest + 1;

	if (ext - from >= VC_RX_WINDOW)
		from = ext - VC_RX_WINDOW + 1;
	for (int64_t n = from; n < ext; n++)
		st->window[word_of(n)] &= ~bit_of(n);
	st->highest = ext;
	see(st, ext);
	return VC_RX_NEW;
}

VC_COLD static enum vc_rx duplicate(struct vc_rxstats *st, uint16_t seq)
{
	st->dup_run = st->dup_run && seq == st->dup_seq ? st->dup_run + 1 : 1;
	st->dup_seq = (uint16_t)(seq + 1);
	if (st->dup_run >= VC_RX_DUP_RUN)
		return resync(st, seq);
	st->seq = vc_rxstats_extend(st, seq);
	return VC_RX_DUPLICATE;
}

VC_COLD static enum vc_rx elsewhere(struct vc_rxstats *st, uint16_t seq)
{
	if (st->has_bad && seq == st->bad_seq)
		return resync(st, seq);
	st->has_bad = true;
	st->bad_seq = (uint16_t)(seq + 1);
	return VC_RX_BAD;
}

static enum vc_rx classify(struct vc_rxstats *st, uint16_t seq)
{
	int64_t ext, behind;

	if (!st->has_run)
		return first_of_source(st, seq);
	ext = vc_rxstats_extend(st, seq);
	behind = st->highest - ext;
	if (behind < 0 && -behind < VC_RX_DROPOUT)
		return ahead(st, ext);
	if (behind < 0 || behind >= VC_RX_WINDOW)
		return elsewhere(st, seq);
	if (is_seen(st, ext))
		return duplicate(st, seq);
	if (behind >= VC_RX_MISORDER && ext < st->base)
		return elsewhere(st, seq);
	if (ext < st->base)
		st->base = ext;
	see(st, ext);
	return behind < VC_RX_MISORDER ? VC_RX_REORDERED : VC_RX_LATE;
}

/* RFC 3550 A.8 in ns: J += |D| - J / 16, kept as 16 J. */
static void jitter(struct vc_rxstats *st, uint32_t ts, int64_t arrival)
{
	int64_t d = arrival - st->last_arrival -
		    vc_rtp_to_ns(vc_ts_diff(st->last_ts, ts), st->rate_hz);

	if (d < 0)
		d = -d;
	if (d > MAX_DIFF)
		d = MAX_DIFF;
	st->jitter_x16 += d - (st->jitter_x16 + 8) / 16;
	st->jitter_ns = st->jitter_x16 / 16;
	if (st->jitter_ns > st->jitter_max_ns)
		st->jitter_max_ns = st->jitter_ns;
	if (st->jitter_sum_ns > INT64_MAX / 2)
		return;
	st->jitter_sum_ns += st->jitter_ns;
	st->jitter_n++;
}

static void count(struct vc_rxstats *st, enum vc_rx rx)
{
	st->packets++;
	st->run_received++;
	st->reordered += rx == VC_RX_REORDERED;
	st->late += rx == VC_RX_LATE;
	st->duplicates += rx == VC_RX_DUPLICATE;
	/* Both want to follow each other without anything between. */
	if (rx != VC_RX_DUPLICATE)
		st->dup_run = 0;
	st->has_bad = false;
}

int vc_rxstats_packet(struct vc_rxstats *st, uint16_t seq, uint32_t ts,
		      size_t payload_len, int64_t arrival)
{
	bool had_run = st->has_run;
	enum vc_rx rx = classify(st, seq);

	if (rx == VC_RX_BAD)
		st->bad++;
	if (rx == VC_RX_BAD || rx == VC_RX_PROBATION)
		return (int)rx;
	count(st, rx);
	st->octets += payload_len;
	if (had_run && rx != VC_RX_RESYNC && st->rate_hz)
		jitter(st, ts, arrival);
	if (st->first_arrival == VC_TIME_NONE)
		st->first_arrival = arrival;
	st->last_arrival = arrival;
	st->last_ts = ts;
	return (int)rx;
}

bool vc_rxstats_has(const struct vc_rxstats *st, uint16_t seq)
{
	int64_t ext = vc_rxstats_extend(st, seq);

	return st->has_run && ext <= st->highest &&
	       st->highest - ext < VC_RX_WINDOW && is_seen(st, ext);
}

void vc_rxstats_sr(struct vc_rxstats *st, uint64_t ntp, int64_t arrival)
{
	st->sr_ntp = ntp;
	st->sr_arrival = arrival;
}

/* RFC 3550 A.3. */
static uint8_t fraction(struct vc_rxstats *st, uint64_t expected)
{
	uint64_t interval = expected - st->expected_prior;
	int64_t lost = (int64_t)interval -
		       (int64_t)(st->run_received - st->received_prior);

	st->expected_prior = expected;
	st->received_prior = st->run_received;
	if (!interval || lost <= 0)
		return 0;
	lost = lost * 256 / (int64_t)interval;
	return lost > 255 ? 255 : (uint8_t)lost;
}

static int32_t clamp_lost(int64_t lost)
{
	if (lost > LOST_MAX)
		return LOST_MAX;
	return lost < -LOST_MAX - 1 ? -LOST_MAX - 1 : (int32_t)lost;
}

void vc_rxstats_report(struct vc_rxstats *st, struct vc_rtcp_report *out,
		       int64_t now)
{
	uint64_t expected = run_expected(st);
	int64_t ticks =
		st->rate_hz ? vc_rtp_from_ns(st->jitter_ns, st->rate_hz) : 0;

	out->fraction = fraction(st, expected);
	out->lost = clamp_lost((int64_t)expected - (int64_t)st->run_received);
	out->highest = (uint32_t)st->highest;
	out->jitter = ticks > UINT32_MAX ? UINT32_MAX : (uint32_t)ticks;
	out->lsr = 0;
	out->dlsr = 0;
	if (st->sr_arrival == VC_TIME_NONE)
		return;
	out->lsr = vc_ntp_mid(st->sr_ntp);
	out->dlsr = vc_ntp_short_from_ns(now - st->sr_arrival);
}

uint64_t vc_rxstats_expected(const struct vc_rxstats *st)
{
	return st->past_expected + run_expected(st);
}

int64_t vc_rxstats_lost(const struct vc_rxstats *st)
{
	return (int64_t)vc_rxstats_expected(st) -
	       (int64_t)(st->past_received + st->run_received);
}

int64_t vc_rxstats_jitter_mean_ns(const struct vc_rxstats *st)
{
	return st->jitter_n ? st->jitter_sum_ns / st->jitter_n : 0;
}
