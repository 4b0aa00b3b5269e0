/* SPDX-License-Identifier: MIT */
#include "session/rtcpwatch.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define RTT_MAX (60 * VC_SEC) /* more is somebody else's LSR */
#define FIT_PAIRS 3
#define FIT_SPAN (10 * VC_SEC)

void vc_rtcpwatch_init(struct vc_rtcpwatch *w, uint32_t rate_hz)
{
	*w = (struct vc_rtcpwatch){ .rate_hz = rate_hz };
}

void vc_rtcpwatch_time(struct vc_rtcpwatch_time *t, int64_t ns)
{
	if (!t->n || ns < t->min)
		t->min = ns;
	if (!t->n || ns > t->max)
		t->max = ns;
	t->last = ns;
	t->n++;
}

/* --- sender reports --- */

static void check_counts(struct vc_rtcpwatch *w, const struct vc_rtcp_sr *sr,
			 const struct vc_rtcpwatch_media *media)
{
	int64_t said, seen, apart;

	if (!w->has_base) {
		w->has_base = true;
		w->base_packets = sr->packets;
		w->base_expected = media->expected;
		return;
	}
	said = sr->packets - w->base_packets; /* modulo 2^32 */
	seen = (int64_t)(media->expected - w->base_expected);
	apart = said > seen ? said - seen : seen - said;
	w->wrong_counts += apart > seen / 16 * VC_RTCPWATCH_SIXTEENTHS +
					   VC_RTCPWATCH_PACKETS;
}

static void check_time(struct vc_rtcpwatch *w, const struct vc_rtcp_sr *sr,
		       const struct vc_rtcpwatch_media *media, int64_t now)
{
	int64_t off =
		vc_rtp_to_ns(vc_ts_diff(media->ts, sr->rtp_ts), w->rate_hz) -
		(now - media->arrival);

	if (off < 0)
		off = -off;
	if (off > w->off_max)
		w->off_max = off;
	w->wrong_times += off > VC_RTCPWATCH_OFF;
}

static void fit(struct vc_rtcpwatch *w, const struct vc_rtcp_sr *sr,
		int64_t now)
{
	if (!w->fit) {
		w->fit = vc_try_alloc(1, sizeof(*w->fit));
		if (!w->fit)
			return;
		vc_clockfit_init(w->fit, w->rate_hz);
	}
	vc_clockfit_put(w->fit, sr->rtp_ts, vc_ntp_to_ns(sr->ntp), now);
	w->ntp_steps = w->fit->steps;
}

void vc_rtcpwatch_sr(struct vc_rtcpwatch *w, const struct vc_rtcp_sr *sr,
		     const struct vc_rtcpwatch_media *media, int64_t now)
{
	unsigned int at = (unsigned int)(w->srs % VC_RTCPWATCH_SRS);

	if (!w->srs)
		w->first_sr = now;
	else if (now - w->last_sr > w->longest)
		w->longest = now - w->last_sr;
	w->last_sr = now;
	w->sr[at].mid = vc_ntp_mid(sr->ntp);
	w->sr[at].at = now;
	w->srs++;
	check_counts(w, sr, media);
	if (!w->rate_hz)
		return;
	check_time(w, sr, media, now);
	/* 0: its author has no clock. */
	if (sr->ntp && !w->is_over)
		fit(w, sr, now);
}

void vc_rtcpwatch_restart(struct vc_rtcpwatch *w)
{
	w->has_base = false;
	if (w->fit)
		vc_clockfit_tear(w->fit);
}

bool vc_rtcpwatch_line(const struct vc_rtcpwatch *w,
		       struct vc_clockfit_line *line)
{
	*line = w->line;
	if (!w->is_over && w->fit)
		vc_clockfit_line(w->fit, line);
	return line->is_known && line->used >= FIT_PAIRS &&
	       line->span >= FIT_SPAN;
}

/* --- report blocks --- */

bool vc_rtcpwatch_report(struct vc_rtcpwatch *w,
			 const struct vc_rtcp_report *rep, int64_t now,
			 int64_t *rtt)
{
	unsigned int n = w->srs < VC_RTCPWATCH_SRS ? (unsigned int)w->srs :
						     VC_RTCPWATCH_SRS;

	w->reports++;
	w->fraction = rep->fraction;
	if (rep->fraction > w->fraction_max)
		w->fraction_max = rep->fraction;
	w->lost = rep->lost;
	w->jitter = rep->jitter;
	if (rep->jitter > w->jitter_max)
		w->jitter_max = rep->jitter;
	if (!rep->lsr)
		return false;
	for (unsigned int i = 0; i < n; i++) {
		if (w->sr[i].mid != rep->lsr)
			continue;
		*rtt = now - w->sr[i].at - vc_ntp_short_to_ns(rep->dlsr);
		if (*rtt < 0 || *rtt > RTT_MAX)
			return false;
		vc_rtcpwatch_time(&w->far, *rtt);
		return true;
	}
	return false;
}

/* --- the end --- */

void vc_rtcpwatch_end(struct vc_rtcpwatch *w)
{
	if (w->fit)
		vc_clockfit_line(w->fit, &w->line);
	w->is_over = true;
	vc_rtcpwatch_clear(w);
}

void vc_rtcpwatch_clear(struct vc_rtcpwatch *w)
{
	free(w->fit);
	w->fit = NULL;
}
