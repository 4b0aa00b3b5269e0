/* SPDX-License-Identifier: MIT */
#include "latency.h"

#include <math.h>

#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "passive.h"
#include "probe.h"
#include "record.h"
#include "wire/ntp.h"
#include "wire/rtpext.h"

#define MOST (1000 * VC_SEC) /* further off is no clock that is set */

static void find_id(const struct probe *p, struct latency *l,
		    const struct meter *m, int pt)
{
	const struct vc_sdp *sdp = vc_in_sdp(p->in);
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;
	struct vc_str addr;

	l->pt = pt;
	l->id = 0;
	if (sdp && vc_sdp_find_pt(sdp, (uint8_t)pt, &media, &fmt))
		l->id = vc_sdp_find_ext(media, VC_EXT_URI_ABS_CAPTURE_TIME);
	if (!m->src)
		return;
	addr = vc_str_c(m->src->addr);
	l->is_host = vc_str_starts(addr, "127.") ||
		     vc_str_starts(addr, "[::1]");
}

void latency_put(const struct probe *p, struct meter *m,
		 const struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct latency *l = &m->passive->latency;
	struct vc_capture_time t;
	int64_t by;

	if (l->pt != rtp->pt)
		find_id(p, l, m, rtp->pt);
	if (!l->id || !vc_ext_capture_time(rtp, l->id, &t) || !t.ntp)
		return;
	/* By the clock of who sent it, where its distance is known. */
	by = pkt->arrival - vc_ntp_to_ns(t.ntp);
	if (t.has_offset && t.offset_ns > -MOST && t.offset_ns < MOST)
		by += t.offset_ns;
	if (by > -MOST && by < MOST)
		vc_hist_put(&l->by, by);
}

/* NULL: nothing was measured. */
static const char *clocks(const struct probe *p, const struct meter *m)
{
	const struct latency *l = m->passive ? &m->passive->latency : NULL;

	if (!l || !l->by.n || record_is_timeless(p))
		return NULL;
	if (l->by.min < 0)
		return "apart";
	if (vc_in_clock(p->in) == VC_CLOCK_VIRTUAL)
		return "one";
	return l->is_host ? "host" : "unknown";
}

static double quantile(const struct meter *m, enum vc_hist_q q)
{
	int64_t v;

	return vc_hist_quantile(&m->passive->latency.by, q, &v) ? ms(v) : NAN;
}

double latency_known(const struct probe *p, const struct meter *m)
{
	const char *c = clocks(p, m);

	if (!c || (c[0] != 'o' && c[0] != 'h'))
		return NAN;
	return quantile(m, VC_HIST_P50);
}

bool latency_tell(const struct probe *p, const struct meter *m, double *p50,
		  double *p95, double *max)
{
	const char *c = clocks(p, m);

	if (!c || c[0] == 'a')
		return false;
	*p50 = quantile(m, VC_HIST_P50);
	*p95 = quantile(m, VC_HIST_P95);
	*max = ms(m->passive->latency.by.max);
	return true;
}

void latency_record(struct vc_json *o, const struct probe *p,
		    const struct meter *m)
{
	const char *c = clocks(p, m);
	bool is_known = c && c[0] != 'a';
	struct vc_json *l = vc_json_object();

	vc_json_set_real(l, "min_ms", c ? ms(m->passive->latency.by.min) : NAN,
			 4);
	vc_json_set_real(l, "p50_ms", is_known ? quantile(m, VC_HIST_P50) : NAN,
			 4);
	vc_json_set_real(l, "p95_ms", is_known ? quantile(m, VC_HIST_P95) : NAN,
			 4);
	vc_json_set_real(l, "max_ms",
			 is_known ? ms(m->passive->latency.by.max) : NAN, 4);
	record_set_word(l, "clocks", c ? c : "");
	vc_json_set(o, "captured", l);
}
