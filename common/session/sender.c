/* SPDX-License-Identifier: MIT */
/*
 * Counts and compounds of one source. RTP time is computed from stream time
 * anew for each packet, so that no rounding adds up.
 */
#include "session/sender.h"

#include <errno.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/str.h"
#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

static uint32_t draw(const struct vc_rand *rand, const char *purpose,
		     const char *what, uint64_t n)
{
	char word[64];

	snprintf(word, sizeof(word), "%s.%s", purpose, what);
	return vc_rand_u32(rand, word, n);
}

void vc_sender_redraw(struct vc_sender *s, const struct vc_rand *rand,
		      const char *purpose, uint64_t n)
{
	s->ssrc = draw(rand, purpose, "ssrc", n);
	s->seq = draw(rand, purpose, "seq", n) & 0x7fff;
	s->ts_offset = draw(rand, purpose, "ts", n);
	s->packets = 0;
	s->octets = 0;
	s->last_report = VC_TIME_NONE;
}

void vc_sender_init(struct vc_sender *s, const struct vc_rand *rand,
		    const char *purpose, uint32_t rate_hz, int64_t epoch,
		    const char *cname, const char *name)
{
	*s = (struct vc_sender){ .rate_hz = rate_hz, .epoch = epoch };
	vc_strlcpy(s->cname, cname ? cname : "", sizeof(s->cname));
	vc_strlcpy(s->name, name ? name : "", sizeof(s->name));
	vc_sender_redraw(s, rand, purpose, 0);
}

uint32_t vc_sender_ts(const struct vc_sender *s, int64_t t)
{
	return s->ts_offset +
	       (uint32_t)vc_rtp_from_ns(t - s->epoch, s->rate_hz);
}

void vc_sender_next(struct vc_sender *s, struct vc_rtp *rtp, uint32_t ts,
		    size_t payload_len)
{
	rtp->ssrc = s->ssrc;
	rtp->seq = s->seq;
	rtp->ts = ts;
	s->seq++;
	s->packets++;
	s->octets += payload_len;
}

int64_t vc_sender_next_report(const struct vc_sender *s)
{
	if (s->last_report == VC_TIME_NONE)
		return INT64_MIN;
	return s->last_report + VC_SENDER_INTERVAL;
}

static void write_report(const struct vc_sender *s, struct vc_wr *w, int64_t t)
{
	const struct vc_rtcp_sr sr = {
		.ssrc = s->ssrc,
		.ntp = vc_ntp_from_ns(t),
		.rtp_ts = vc_sender_ts(s, t),
		.packets = (uint32_t)s->packets,
		.octets = (uint32_t)s->octets,
	};
	const struct vc_sdes_chunk chunk = {
		.ssrc = s->ssrc,
		.cname = vc_str_c(s->cname),
		.name = vc_str_c(s->name),
	};

	vc_rtcp_write_sr(w, &sr, NULL, 0);
	vc_rtcp_write_sdes(w, &chunk, 1);
}

static int finish(struct vc_sender *s, const struct vc_wr *w, int64_t t)
{
	if (w->bad)
		return -ENOSPC;
	s->last_report = t;
	return (int)vc_wr_len(w);
}

int vc_sender_report(struct vc_sender *s, uint8_t *buf, size_t cap, int64_t t)
{
	struct vc_wr w = vc_wr_over(buf, cap);

	write_report(s, &w, t);
	return finish(s, &w, t);
}

int vc_sender_bye(struct vc_sender *s, uint8_t *buf, size_t cap, int64_t t,
		  const char *reason)
{
	struct vc_wr w = vc_wr_over(buf, cap);

	write_report(s, &w, t);
	vc_rtcp_write_bye(&w, &s->ssrc, 1, vc_str_c(reason));
	return finish(s, &w, t);
}
