/* SPDX-License-Identifier: MIT */
/*
 * The quality of speech by the E-model, on the scale of its codec, of a whole
 * source or a part of it. The worst and the p5 of the intervals take the loss of
 * an interval with the burst ratio of the whole.
 */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "latency.h"
#include "media/emodel.h"
#include "passive.h"
#include "probe.h"
#include "record.h"
#include "wire/codec.h"

/* What of it never came, percent; duplicates do not make up for it. */
static double never_came(uint64_t expected, int64_t lost, uint64_t duplicates)
{
	int64_t missing = lost + (int64_t)duplicates;

	return missing < 0 ? 0 : 100 * share(missing, (int64_t)expected);
}

/* 0: not known. */
static uint32_t to_rate(double bps)
{
	return bps > 0 && bps < 4e9 ? (uint32_t)bps : 0;
}

/* What the model is fed with; false: nothing is known about the codec. */
static bool put_in(const struct meter *m, double bps, double ppl,
		   struct vc_emodel *e, bool *is_published)
{
	struct vc_emodel_codec c;

	/* Also of codecs that we have no more of than their name. */
	if (vc_emodel_codec(m->codec == VC_CODEC_NONE ?
				    m->encoding :
				    vc_codec_name((enum vc_codec)m->codec),
			    to_rate(bps), true, &c))
		return false;
	vc_emodel_init(e);
	e->scale = c.scale;
	e->ie = c.ie;
	e->bpl = c.bpl;
	e->ppl = ppl;
	/* The model knows no losses that keep apart. */
	if (vc_lossruns_ratio(&m->runs) > 1)
		e->burst_r = vc_lossruns_ratio(&m->runs);
	*is_published = c.is_published;
	return true;
}

/* One way, NAN: not measured. */
static double delay_of(const struct probe *p, const struct meter *m,
		       const char **by)
{
	double captured = latency_known(p, m);

	*by = "capture";
	if (captured >= 0)
		return captured;
	*by = "";
	if (!m->net.is_known || !(m->net.rtt_ms >= 0) || !m->ptime)
		return NAN;
	*by = "rtt";
	return m->net.rtt_ms / 2 + ms(m->ptime);
}

void record_speech_part(const struct probe *p, const struct meter *m,
			const struct mark *from, const struct mark *to,
			int64_t span, struct speech *out)
{
	uint64_t expected = to->expected - from->expected;
	const char *by;
	double delay = delay_of(p, m, &by);
	struct vc_emodel e;
	bool is_published;

	*out = (struct speech){ NAN, NAN, NAN };
	if (m->kind != VC_AUDIO || !expected ||
	    !put_in(m, rate(to->octets - from->octets, span),
		    never_came(expected, to->lost - from->lost,
			       to->duplicates - from->duplicates),
		    &e, &is_published))
		return;
	out->r = vc_emodel_r(&e);
	out->mos_lq = vc_emodel_mos(e.scale, out->r);
	if (isnan(delay))
		return;
	vc_emodel_set_delay(&e, delay);
	out->mos_cq = vc_emodel_mos(e.scale, vc_emodel_r(&e));
}

static double mos_of(struct vc_emodel e, double ppl)
{
	e.ppl = ppl;
	return vc_emodel_mos(e.scale, vc_emodel_r(&e));
}

static void add_intervals(struct vc_json *o, const struct meter *m,
			  const struct vc_emodel *e)
{
	const struct vc_hist *loss = m->passive ? &m->passive->loss : NULL;
	int64_t p95;
	bool is_known = loss && vc_hist_quantile(loss, VC_HIST_P95, &p95);

	vc_json_set_real(o, "mos_lq_worst",
			 is_known ? mos_of(*e, (double)loss->max / 1e4) : NAN,
			 3);
	vc_json_set_real(o, "mos_lq_p5",
			 is_known ? mos_of(*e, (double)p95 / 1e4) : NAN, 3);
}

static void add_unknown(struct vc_json *o)
{
	static const char *const keys[] = {
		"r", "mos_lq", "mos_lq_worst", "mos_lq_p5", "mos_cq", "emodel"
	};

	for (size_t i = 0; i < VC_COUNT(keys); i++)
		vc_json_set_null(o, keys[i]);
}

void record_speech(struct vc_json *o, const struct probe *p,
		   const struct meter *m)
{
	double bps = rate(m->rx.octets, record_span(p, m)), r;
	const char *by;
	double delay = delay_of(p, m, &by);
	struct vc_json *in;
	bool is_published;
	struct vc_emodel e;

	if (!m->rx.packets ||
	    !put_in(m, bps,
		    never_came(vc_rxstats_expected(&m->rx),
			       vc_rxstats_lost(&m->rx), m->rx.duplicates),
		    &e, &is_published)) {
		add_unknown(o);
		return;
	}
	in = vc_json_object();
	r = vc_emodel_r(&e);
	vc_json_set_real(o, "r", r, 2);
	vc_json_set_real(o, "mos_lq", vc_emodel_mos(e.scale, r), 3);
	add_intervals(o, m, &e);
	if (!isnan(delay))
		vc_emodel_set_delay(&e, delay);
	vc_json_set_real(o, "mos_cq", isnan(delay) ? NAN : mos_of(e, e.ppl), 3);
	vc_json_set_str(in, "scale", vc_emodel_scale_name(e.scale));
	vc_json_set_str(in, "codec", is_published ? "published" : "assumed");
	vc_json_set_real(in, "ie", e.ie, 3);
	vc_json_set_real(in, "bpl", e.bpl, 3);
	vc_json_set_real(in, "loss_percent", e.ppl, 4);
	vc_json_set_real(in, "burst_r", e.burst_r, 3);
	vc_json_set_real(in, "ie_eff", vc_emodel_ie_eff(&e), 3);
	vc_json_set_real(in, "delay_ms", delay, 3);
	record_set_word(in, "delay_by", by);
	vc_json_set(o, "emodel", in);
}
