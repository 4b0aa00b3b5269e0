/* SPDX-License-Identifier: MIT */
/*
 * How a source's packets arrived and what stood in their headers, as members
 * of its record. Of packets without times nothing is told that needs them.
 */
#include <math.h>

#include "base/json.h"
#include "base/time.h"
#include "passive.h"
#include "probe.h"
#include "record.h"
#include "wire/codec.h"

/* In ms, of ns; null where nothing was measured. */
static void set_quantile(struct vc_json *o, const char *key,
			 const struct vc_hist *h, enum vc_hist_q q)
{
	int64_t v;
	bool is_known = h && vc_hist_quantile(h, q, &v);

	vc_json_set_real(o, key, is_known ? ms(v) : NAN, 4);
}

static double extreme(const struct vc_hist *h, bool is_max)
{
	if (!h || !h->n)
		return NAN;
	return ms(is_max ? h->max : h->min);
}

static void add_arrivals(struct vc_json *o, const struct vc_flow *f)
{
	const struct vc_hist *delta = f ? &f->delta : NULL;
	const struct vc_hist *delay = f ? &f->delay : NULL;
	struct vc_json *a = vc_json_object(), *b = vc_json_object();

	vc_json_set_real(a, "min", extreme(delta, false), 4);
	vc_json_set_real(
		a, "mean",
		delta && delta->n ? ms(delta->sum) / (double)delta->n : NAN, 4);
	set_quantile(a, "p95", delta, VC_HIST_P95);
	vc_json_set_real(a, "max", extreme(delta, true), 4);
	vc_json_set(o, "delta_ms", a);
	set_quantile(b, "p50", delay, VC_HIST_P50);
	set_quantile(b, "p95", delay, VC_HIST_P95);
	set_quantile(b, "p99", delay, VC_HIST_P99);
	vc_json_set_real(b, "max", extreme(delay, true), 4);
	vc_json_set(o, "delay_ms", b);
}

static void add_late(struct vc_json *o, const struct probe *p,
		     const struct vc_flow *f)
{
	struct vc_json *late = vc_json_object();

	for (unsigned int i = 0; i < p->opt->n_buffers; i++)
		vc_json_set_real(late, p->opt->buffer_names[i],
				 f && f->delay.n ? share((int64_t)f->late[i],
							 (int64_t)f->delay.n) :
						   NAN,
				 6);
	vc_json_set(o, "late", late);
}

static void add_clock(struct vc_json *o, const struct vc_flow *f)
{
	struct vc_json *c = vc_json_object();
	struct vc_clockfit_line line;
	bool is_known = f && vc_flow_line(f, &line);
	bool is_sure = is_known &&
		       vc_clockfit_is_sure(line.ppm, line.ppm_error);

	vc_json_set_real(c, "skew_ppm", is_sure ? line.ppm : NAN, 3);
	vc_json_set_real(c, "error_ppm", is_known ? line.ppm_error : NAN, 3);
	vc_json_set_real(c, "span_s", is_known ? ms(line.span) / 1e3 : NAN, 3);
	record_set_count(c, "steps", f ? (int64_t)f->steps : UNSAID);
	vc_json_set(o, "clock", c);
}

/* 'most' octets in 'width' against the mean of so long. */
static double peak_to_mean(const struct vc_flow *f, uint64_t most,
			   int64_t width, int64_t span)
{
	double mean;

	if (span < width || !f->octets)
		return NAN;
	mean = (double)f->octets * (double)width / (double)span;
	return (double)most / mean;
}

static void add_peaks(struct vc_json *o, const struct vc_flow *f, int64_t span)
{
	struct vc_json *b = vc_json_object();
	uint64_t fine = f ? vc_flow_most(&f->fine) : 0;
	uint64_t coarse = f ? vc_flow_most(&f->coarse) : 0;

	record_set_count(b, "octets_10ms", f ? (int64_t)fine : UNSAID);
	vc_json_set_real(b, "peak_10ms",
			 f ? peak_to_mean(f, fine, VC_FLOW_FINE, span) : NAN,
			 3);
	record_set_count(b, "octets_100ms", f ? (int64_t)coarse : UNSAID);
	vc_json_set_real(
		b, "peak_100ms",
		f ? peak_to_mean(f, coarse, VC_FLOW_COARSE, span) : NAN, 3);
	vc_json_set(o, "burstiness", b);
}

static void add_losses(struct vc_json *o, const struct meter *m, int64_t span)
{
	struct vc_json *burst = vc_json_object(), *gap = vc_json_object();
	int64_t expected = (int64_t)vc_rxstats_expected(&m->rx);
	double place =
		span && expected > 1 ? ms(span) / (double)(expected - 1) : NAN;
	struct vc_xrbursts b;

	vc_lossruns_bursts(&m->runs, &b);
	vc_json_set_int(burst, "count", (int64_t)b.burst.n);
	vc_json_set_real(burst, "density",
			 share((int64_t)b.burst.bad, (int64_t)b.burst.places),
			 6);
	vc_json_set_real(burst, "packets",
			 share((int64_t)b.burst.places, (int64_t)b.burst.n), 3);
	vc_json_set_real(
		burst, "ms",
		place * share((int64_t)b.burst.places, (int64_t)b.burst.n), 3);
	vc_json_set(o, "burst", burst);
	vc_json_set_real(gap, "density",
			 share((int64_t)b.gap.bad, (int64_t)b.gap.places), 6);
	vc_json_set_real(gap, "ms",
			 place * share((int64_t)b.gap.places, (int64_t)b.gap.n),
			 3);
	vc_json_set(o, "gap", gap);
}

static void add_checks(struct vc_json *o, const struct passive *x)
{
	const struct vc_rtpcheck *c = x && x->check.packets ? &x->check : NULL;
	bool is_sound = c && !c->is_video;

	record_set_count(o, "markers", c ? (int64_t)c->markers : UNSAID);
	record_set_count(o, "marker_errors",
			 c ? (int64_t)c->marker_errors : UNSAID);
	record_set_count(o, "ts_back",
			 c && !c->may_reorder ? (int64_t)c->ts_back : UNSAID);
	record_set_count(
		o, "ts_errors",
		c ? (int64_t)(c->ts_steps + (c->may_reorder ? 0 : c->ts_back)) :
		    UNSAID);
	record_set_count(o, "ts_steps",
			 is_sound ? (int64_t)c->ts_steps : UNSAID);
}

static void add_pts(struct vc_json *o, const struct passive *x)
{
	struct vc_json *all = vc_json_array();

	for (unsigned int i = 0; x && i < x->n_pts; i++) {
		struct vc_json *each = vc_json_object();

		vc_json_set_int(each, "pt", x->pt[i].pt);
		vc_json_set_str(each, "codec",
				vc_codec_name((enum vc_codec)x->pt[i].codec));
		vc_json_set_int(each, "packets", (int64_t)x->pt[i].packets);
		vc_json_set_int(each, "octets", (int64_t)x->pt[i].octets);
		vc_json_add(all, each);
	}
	vc_json_set(o, "payload_types", all);
}

static void add_exts(struct vc_json *o, const struct probe *p,
		     const struct meter *m, const struct passive *x)
{
	const struct vc_sdp *sdp = vc_in_sdp(p->in);
	const struct vc_sdp_media *media = NULL;
	const struct vc_sdp_fmt *fmt;
	struct vc_json *all = vc_json_array();

	if (sdp && m->pt >= 0)
		vc_sdp_find_pt(sdp, (uint8_t)m->pt, &media, &fmt);
	for (unsigned int i = 0; x && i < x->n_exts; i++) {
		struct vc_json *each = vc_json_object();
		unsigned int k = 0;

		vc_json_set_int(each, "id", x->ext[i].id);
		while (media && k < media->n_ext &&
		       media->ext[k].id != x->ext[i].id)
			k++;
		if (media && k < media->n_ext)
			vc_json_set_strn(each, "uri", media->ext[k].uri.p,
					 media->ext[k].uri.len);
		else
			vc_json_set_null(each, "uri");
		vc_json_set_int(each, "packets", (int64_t)x->ext[i].packets);
		vc_json_add(all, each);
	}
	vc_json_set(o, "extensions", all);
}

double record_dtx(const struct meter *m)
{
	const struct vc_rtpcheck *c = m->passive ? &m->passive->check : NULL;

	if (!c || !c->units)
		return NAN;
	return (double)c->silent / (double)c->units;
}

void record_passive(struct vc_json *o, const struct probe *p,
		    const struct meter *m)
{
	const struct passive *x = m->passive;
	const struct vc_flow *f = x && !record_is_timeless(p) ? &x->flow : NULL;
	int64_t span = record_span(p, m);

	add_arrivals(o, f);
	add_late(o, p, f);
	add_clock(o, f);
	add_peaks(o, f, span);
	add_losses(o, m, span);
	add_checks(o, x);
	add_pts(o, x);
	add_exts(o, p, m, x);
}
