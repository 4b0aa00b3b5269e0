/* SPDX-License-Identifier: MIT */
/*
 * Sequence numbers and RTP time of the input are moved by an offset that is
 * chosen at the first packet of each source, so whatever the network did to
 * the input stays visible behind it.
 *
 * At a change of source with one clock behind both, the offset follows from
 * the two lines alone: sound that was cut on one grid goes on on it, to the
 * tick. That is believed when it leads forward and not more than half a second
 * away from what the arrivals say.
 */
#include "session/splice.h"

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "wire/ntp.h"
#include "wire/opus.h"

#define MAX_DOUBT (500 * VC_MS)
#define MAX_RTT (60 * VC_SEC)

void vc_srcline_init(struct vc_srcline *l, uint32_t rate_hz)
{
	*l = (struct vc_srcline){ .rate_hz = rate_hz };
}

void vc_srcline_packet(struct vc_srcline *l, uint32_t ts, int64_t arrival)
{
	if (l->is_set)
		return;
	l->is_set = true;
	l->ts = ts;
	l->ns = arrival;
	l->arrival = arrival;
}

void vc_srcline_sr(struct vc_srcline *l, uint64_t ntp, uint32_t ts,
		   int64_t arrival)
{
	if (!ntp)
		return;
	l->is_set = true;
	l->by_report = true;
	l->ts = ts;
	l->ns = vc_ntp_to_ns(ntp);
	l->arrival = arrival;
}

void vc_splice_init(struct vc_splice *s, const struct vc_rand *rand,
		    const char *purpose, uint64_t n, uint32_t rate_hz)
{
	*s = (struct vc_splice){ .awaits_first = true };
	vc_sender_init(&s->sender, rand, purpose, rate_hz, 0, NULL, NULL);
	if (n)
		vc_sender_redraw(&s->sender, rand, purpose, n);
	vc_srcline_init(&s->line, rate_hz);
	s->high_seq = (uint16_t)(s->sender.seq - 1);
	s->last_ts = s->sender.ts_offset;
}

void vc_splice_keep(struct vc_splice *s, uint32_t ssrc,
		    const struct vc_rtp *first, uint32_t rate_hz)
{
	*s = (struct vc_splice){ .awaits_first = true };
	s->sender.ssrc = ssrc;
	s->sender.rate_hz = rate_hz;
	vc_srcline_init(&s->line, rate_hz);
	s->high_seq = (uint16_t)(first->seq - 1);
	s->last_ts = first->ts;
}

void vc_splice_name(struct vc_splice *s, const char *cname, const char *name)
{
	vc_strlcpy(s->sender.cname, cname, sizeof(s->sender.cname));
	vc_strlcpy(s->sender.name, name, sizeof(s->sender.name));
}

void vc_splice_source(struct vc_splice *s, const struct vc_srcline *line,
		      bool shares_clock)
{
	/* One that never sent is no source to go on from. */
	if (!s->awaits_first)
		s->old_line = s->line;
	s->line = *line;
	s->awaits_first = true;
	s->shares_clock = shares_clock;
}

void vc_splice_line(struct vc_splice *s, const struct vc_srcline *line)
{
	s->line = *line;
}

static uint32_t ticks(const struct vc_splice *s, int64_t ns)
{
	return (uint32_t)vc_rtp_from_ns(ns, s->sender.rate_hz);
}

/* Sound has no half frames: near the end of what was sent it goes on there. */
static uint32_t behind_unit(const struct vc_splice *s, uint32_t ts)
{
	uint32_t end = s->last_ts + s->unit;

	return ts - end + s->unit <= 2 * s->unit ? end : ts;
}

/* RTP time, as sent, of a packet that goes on where the last source was. */
static uint32_t next_ts(const struct vc_splice *s, uint32_t ts, int64_t arrival)
{
	const struct vc_srcline *a = &s->old_line, *b = &s->line;
	int64_t gap = arrival - s->last_arrival;
	uint32_t guess, exact, step, max = ticks(s, MAX_DOUBT);

	guess = s->last_ts + (gap > 0 ? ticks(s, gap) : 0);
	if (guess == s->last_ts)
		guess++;
	if (!s->shares_clock || !a->by_report || !b->by_report)
		return guess;
	exact = a->ts + s->ts_off + ticks(s, b->ns - a->ns) + (ts - b->ts);
	step = exact - guess + max;
	return vc_ts_before(s->last_ts, exact) && step <= 2 * max ? exact :
								    guess;
}

VC_COLD static void begin(struct vc_splice *s, const struct vc_rtp *in,
			  int64_t arrival)
{
	uint32_t ts = s->last_ts;

	if (s->has_sent)
		ts = behind_unit(s, next_ts(s, in->ts, arrival));
	s->ts_off = ts - in->ts;
	s->seq_off = (uint16_t)(s->high_seq + 1 - in->seq);
	s->seq = (struct vc_seq_ext){ 0 };
	s->first_seq = vc_seq_extend(&s->seq, in->seq);
	s->newest_seq = s->first_seq;
	s->inserts = (struct vc_seqshift){ 0 };
	s->skip_seq = s->first_seq - 1;
	s->skipped = 0;
	s->awaits_first = false;
}

static uint32_t unit_of(const struct vc_splice *s, const struct vc_rtp *in)
{
	int samples;

	switch (s->codec) {
	case VC_CODEC_OPUS:
		samples = vc_opus_samples(in->payload, in->payload_len);
		return samples > 0 ? (uint32_t)samples : 0;
	case VC_CODEC_PCMU:
	case VC_CODEC_PCMA:
	case VC_CODEC_G722: /* whose clock is 8 kHz (RFC 3551 4.5.2) */
		return (uint32_t)in->payload_len;
	default:
		return 0;
	}
}

static bool map(struct vc_splice *s, const struct vc_rtp *in, int64_t arrival,
		struct vc_rtp *out, bool is_event)
{
	bool is_first = s->awaits_first;
	int64_t ext;
	uint16_t seq;
	uint32_t ts;

	vc_srcline_packet(&s->line, in->ts, arrival);
	if (is_first)
		begin(s, in, arrival);
	ext = vc_seq_extend(&s->seq, in->seq);
	if (ext < s->first_seq)
		return false;
	seq = (uint16_t)(in->seq + s->seq_off +
			 vc_seqshift_of(&s->inserts, ext));
	ts = in->ts + s->ts_off;
	out->ssrc = s->sender.ssrc;
	out->seq = seq;
	out->ts = ts;
	if (!vc_seq_before(s->high_seq, seq))
		return true;
	s->high_seq = seq;
	s->newest_seq = ext;
	if (is_event && !is_first)
		return true;
	s->last_ts = ts;
	s->last_arrival = arrival;
	s->unit = is_event ? 0 : unit_of(s, in);
	return true;
}

bool vc_splice_map(struct vc_splice *s, const struct vc_rtp *in,
		   int64_t arrival, struct vc_rtp *out)
{
	return map(s, in, arrival, out, false);
}

bool vc_splice_map_event(struct vc_splice *s, const struct vc_rtp *in,
			 int64_t arrival, struct vc_rtp *out)
{
	return map(s, in, arrival, out, true);
}

uint16_t vc_splice_insert(struct vc_splice *s)
{
	vc_seqshift_add(&s->inserts, s->newest_seq, 1);
	s->high_seq++;
	return s->high_seq;
}

/* Not if it was there before, or so long ago that this is not known. */
static bool note_skipped(struct vc_splice *s, int64_t ext)
{
	const int64_t ahead = ext - s->skip_seq;

	if (ahead > 0) {
		s->skipped = ahead < 64 ? s->skipped << ahead | 1 : 1;
		s->skip_seq = ext;
		return true;
	}
	if (ahead <= -64 || s->skipped >> -ahead & 1)
		return false;
	s->skipped |= UINT64_C(1) << -ahead;
	return true;
}

void vc_splice_skip(struct vc_splice *s, const struct vc_rtp *in)
{
	int64_t ext;

	/* What is first begins behind it anyway; a late one leaves its hole. */
	if (s->awaits_first)
		return;
	ext = vc_seq_extend(&s->seq, in->seq);
	if (ext > s->newest_seq && note_skipped(s, ext))
		vc_seqshift_add(&s->inserts, ext, -1);
}

void vc_splice_resume(struct vc_splice *s, const struct vc_rtp *in)
{
	int64_t ext;

	if (s->awaits_first)
		return;
	ext = vc_seq_extend(&s->seq, in->seq);
	vc_seqshift_cut(&s->inserts, ext);
	s->first_seq = ext;
}

void vc_splice_sent(struct vc_splice *s, size_t payload_len)
{
	s->has_sent = true;
	s->sender.packets++;
	s->sender.octets += payload_len;
}

/* Puts the sender onto the line; the author's time now. */
static int64_t author_now(struct vc_splice *s, int64_t now)
{
	int64_t t = s->line.ns + (now - s->line.arrival);

	s->sender.epoch = s->line.ns;
	s->sender.ts_offset = s->line.ts + s->ts_off;
	return t;
}

int vc_splice_report(struct vc_splice *s, uint8_t *buf, size_t cap, int64_t now,
		     struct vc_srlog *log)
{
	int64_t t = author_now(s, now);
	int len = vc_sender_report(&s->sender, buf, cap, t);
	unsigned int slot;

	if (len < 0 || !log)
		return len;
	slot = log->n % VC_SRLOG;
	log->sent[slot].ssrc = s->sender.ssrc;
	log->sent[slot].mid = vc_ntp_mid(vc_ntp_from_ns(t));
	log->sent[slot].at = now;
	log->n++;
	return len;
}

int vc_splice_bye(struct vc_splice *s, uint8_t *buf, size_t cap, int64_t now)
{
	return vc_sender_bye(&s->sender, buf, cap, author_now(s, now), NULL);
}

int64_t vc_srlog_rtt(const struct vc_srlog *log, uint32_t ssrc, uint32_t lsr,
		     uint32_t dlsr, int64_t now)
{
	unsigned int n = log->n < VC_SRLOG ? log->n : VC_SRLOG;

	for (unsigned int i = 0; lsr && i < n; i++) {
		int64_t rtt;

		if (log->sent[i].mid != lsr || log->sent[i].ssrc != ssrc)
			continue;
		rtt = now - log->sent[i].at - vc_ntp_short_to_ns(dlsr);
		if (rtt > MAX_RTT)
			return -1;
		return rtt > 0 ? rtt : 0;
	}
	return -1;
}
