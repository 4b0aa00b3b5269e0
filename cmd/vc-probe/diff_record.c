/* SPDX-License-Identifier: MIT */
/* What two sides have in common and what not, as a record. */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "diff.h"
#include "probe.h"
#include "record.h"
#include "session/clockfit.h"

#define DRIFT_MIN 10 /* buckets of time that tell a drift */

const struct vc_metric diff_metrics[] = {
	{ "diff.both", "packets", "the same packet in A and in B" },
	{ "diff.a_only", "packets", "in A and not in B" },
	{ "diff.b_only", "packets", "in B and not in A" },
	{ "diff.lost", "packets",
	  "in A only, between the first and the last that B has, too" },
	{ "diff.loss", "share", "lost / (lost + both)" },
	{ "diff.before", "packets", "in A only, before the first of both" },
	{ "diff.after", "packets", "in A only, after the last of both" },
	{ "diff.bursts", "", "runs of lost packets in the order of A" },
	{ "diff.burst_mean", "packets", "lost / bursts" },
	{ "diff.burst_max", "packets", "the longest of them" },
	{ "diff.delay_ms.min", "ms", "t(B) - t(A) - clocks.offset_ms, pairs" },
	{ "diff.delay_ms.mean", "ms", "the same, their mean" },
	{ "diff.delay_ms.p50", "ms", "the same, nearest rank, within 1%" },
	{ "diff.delay_ms.p95", "ms", "the same" },
	{ "diff.delay_ms.max", "ms", "the same, the largest" },
	{ "diff.jitter_ms", "ms",
	  "mean of j += (|change of delay| - j) / 16 (RFC 3550 A.8), in B's "
	  "order" },
	{ "diff.jitter_max_ms", "ms", "the largest j" },
	{ "diff.reordered", "packets",
	  "that come in B after one that A has later" },
	{ "diff.reorder_max", "packets", "by how many places of A at most" },
	{ "diff.a_duplicates", "packets", "more than once in A" },
	{ "diff.b_duplicates", "packets", "more than once in B" },
	{ "diff.a_unread", "marks", "--match marks: of A, not legible" },
	{ "diff.b_unread", "marks",
	  "the same of B: not in both, though shown" },
	{ "diff.dscp_changed", "packets", "pairs whose DSCP differs" },
	{ "diff.dscp_a", "", "of A, the last of both" },
	{ "diff.dscp_b", "", "of B, the last of both" },
	{ "diff.hops_min", "", "TTL in A - TTL in B, the least" },
	{ "diff.hops_max", "", "TTL in A - TTL in B, the most" },
};
const size_t n_diff_metrics = VC_COUNT(diff_metrics);

/* --- clocks --- */

struct clocks {
	const char *by;	   /* NULL: nothing to go by */
	int64_t offset;	   /* B's clock is ahead by so much */
	bool is_turned[2]; /* packets that go this way pass B first */
};

static bool are_same(const struct diff *d)
{
	return d->clocks == DIFF_SAME ||
	       (d->clocks == DIFF_CLOCKS_AUTO &&
		diff_reader_is_virtual(d->side[0].reader) &&
		diff_reader_is_virtual(d->side[1].reader));
}

static struct clocks clocks_of(const struct diff *d)
{
	const struct diff_line *l = d->line;
	struct clocks c = { 0 };

	if (!l[0].pairs && !l[1].pairs)
		return c;
	if (are_same(d)) {
		c.by = "same";
		c.is_turned[0] = l[0].pairs && l[0].min < 0;
		c.is_turned[1] = l[1].pairs && l[1].min < 0;
	} else if (l[0].pairs && l[1].pairs) {
		int on = l[1].min > l[0].min; /* passes A first */

		c.by = "both";
		c.offset = l[1 - on].max + (l[on].min - l[1 - on].max) / 2;
		c.is_turned[1 - on] = true;
	} else {
		c.by = "min";
		c.offset = l[l[1].pairs > 0].min;
	}
	return c;
}

/* The slope of a line through the smallest delays, least squares; not where it
 * may be chance. */
static double drift_of(const struct diff *d, const struct clocks *c)
{
	/* Turned round, the smallest are those that waited longest. */
	bool is_second =
		c->is_turned[0] ||
		(!c->is_turned[1] && d->line[1].pairs > d->line[0].pairs);
	const struct diff_line *l = &d->line[is_second];
	double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, syy = 0, ppm, rest;

	for (unsigned int i = 0; l->pairs && i < l->n; i++) {
		double x = (double)i * (double)l->width;
		double y = (double)(l->low[i] - l->min);

		if (l->low[i] == INT64_MAX)
			continue;
		n++;
		sx += x;
		sy += y;
		sxx += x * x;
		sxy += x * y;
		syy += y * y;
	}
	/* Decoded, each of those who are shown has a delay of his own. */
	if (n < DRIFT_MIN || c->is_turned[is_second] || d->match == DIFF_MARKS)
		return NAN;
	sxx -= sx * sx / n;
	sxy -= sx * sy / n;
	syy -= sy * sy / n;
	ppm = 1e6 * sxy / sxx;
	rest = (syy - sxy * sxy / sxx) / (n - 2);
	return vc_clockfit_is_sure(ppm, 1e6 * sqrt(fmax(rest, 0) / sxx)) ? ppm :
									   NAN;
}

static struct vc_json *clocks_record(const struct diff *d,
				     const struct clocks *c)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_real(o, "offset_ms", c->by ? ms(c->offset) : NAN, 6);
	record_set_word(o, "by", c->by ? c->by : "");
	vc_json_set_real(o, "drift_ppm", drift_of(d, c), 2);
	return o;
}

/* --- sources --- */

static struct vc_json *end_record(const struct diff_source *s)
{
	struct vc_json *o;

	if (!s)
		return NULL;
	o = vc_json_object();
	vc_json_set_int(o, "ssrc", s->track);
	record_set_word(o, "from", s->from);
	record_set_word(o, "to", s->to);
	vc_json_set_int(o, "packets", (int64_t)s->packets);
	return o;
}

static void set_or_null(struct vc_json *o, const char *key, struct vc_json *v)
{
	if (v)
		vc_json_set(o, key, v);
	else
		vc_json_set_null(o, key);
}

static struct vc_json *delay_record(const struct diff_source *s,
				    const struct clocks *c)
{
	struct vc_json *o = vc_json_object();
	bool turned = c->is_turned[s->group == 1];
	double base = ms(s->base - c->offset), sign = turned ? -1 : 1;
	double at[2] = { NAN, NAN }, mean = NAN;

	if (s->delay.n) {
		at[0] = vc_quantile_at(&s->delay, 0.5) + base;
		at[1] = vc_quantile_at(&s->delay, turned ? 0.05 : 0.95) + base;
		mean = s->delay.sum / (double)s->delay.n + base;
	}
	vc_json_set_real(
		o, "min",
		s->delay.n ? sign * ms((turned ? s->max : s->min) - c->offset) :
			     NAN,
		6);
	vc_json_set_real(o, "mean", sign * mean, 6);
	vc_json_set_real(o, "p50", sign * at[0], 6);
	vc_json_set_real(o, "p95", sign * at[1], 6);
	vc_json_set_real(
		o, "max",
		s->delay.n ? sign * ms((turned ? s->min : s->max) - c->offset) :
			     NAN,
		6);
	return o;
}

static void set_count(struct vc_json *o, const char *key, bool is_known,
		      uint64_t v)
{
	record_set_count(o, key, is_known ? (int64_t)v : UNSAID);
}

/* 'a' or 'b' may be NULL: only one side has it. */
static struct vc_json *figures(const struct diff *d,
			       const struct diff_source *a,
			       const struct diff_source *b,
			       const struct clocks *c)
{
	bool is_seen = d->match == DIFF_MARKS;
	static const struct diff_source none;
	const struct diff_source *s = a ? a : &none;
	struct vc_json *o = vc_json_object();
	bool has = a && a->both,
	     has_dscp = has && a->dscp_a >= 0 && a->dscp_b >= 0;

	vc_json_set_int(o, "both", (int64_t)s->both);
	vc_json_set_int(o, "a_only", (int64_t)s->only);
	vc_json_set_int(o, "b_only", b ? (int64_t)b->only : 0);
	set_count(o, "lost", has, s->lost);
	vc_json_set_real(o, "loss",
			 has ? share((int64_t)s->lost,
				     (int64_t)(s->lost + s->both)) :
			       NAN,
			 6);
	set_count(o, "before", has, s->before);
	set_count(o, "after", has, s->after);
	set_count(o, "bursts", has, s->bursts);
	vc_json_set_real(o, "burst_mean",
			 share((int64_t)s->lost, (int64_t)s->bursts), 3);
	set_count(o, "burst_max", has && s->bursts, s->burst_max);
	vc_json_set(o, "delay_ms", delay_record(s, c));
	vc_json_set_real(
		o, "jitter_ms",
		s->steps ? s->jitter_sum / (double)s->steps / 1e6 : NAN, 6);
	vc_json_set_real(o, "jitter_max_ms",
			 s->steps ? s->jitter_max / 1e6 : NAN, 6);
	set_count(o, "reordered", has, s->reordered);
	set_count(o, "reorder_max", has, s->reorder_max);
	set_count(o, "a_duplicates", a, a ? a->duplicates : 0);
	set_count(o, "b_duplicates", b, b ? b->duplicates : 0);
	set_count(o, "a_unread", a && is_seen, a ? a->unread : 0);
	set_count(o, "b_unread", b && is_seen, b ? b->unread : 0);
	set_count(o, "dscp_changed", has_dscp, s->dscp_changed);
	record_set_count(o, "dscp_a", has_dscp ? s->dscp_a : UNSAID);
	record_set_count(o, "dscp_b", has_dscp ? s->dscp_b : UNSAID);
	record_set_count(o, "hops_min", s->has_hops ? s->hops_min : UNSAID);
	record_set_count(o, "hops_max", s->has_hops ? s->hops_max : UNSAID);
	return o;
}

/* Whose it is: the packets of an SSRC, the marks of an id. */
static void set_id(struct vc_json *o, const struct diff *d,
		   const struct diff_source *s)
{
	bool is_mark = d->match == DIFF_MARKS;
	bool is_sound = is_mark && s->ssrc & DIFF_SOUND;
	const char *who = is_mark ? diff_marks_who(d, s) : NULL;
	char id[32];

	if (is_sound)
		snprintf(id, sizeof(id), "mark:%02x", s->ssrc & 0xff);
	else
		snprintf(id, sizeof(id), is_mark ? "mark:%04x" : "ssrc:%08x",
			 s->ssrc);
	vc_json_set_str(o, "id", id);
	record_set_count(o, "ssrc", is_mark ? UNSAID : (int64_t)s->ssrc);
	record_set_word(o, "kind",
			!is_mark ? "" :
			is_sound ? "audio" :
				   "video");
	record_set_word(o, "who", who ? who : "");
}

static const char *match_of(const struct diff *d, const struct diff_source *a)
{
	if (!a || !a->peer)
		return "";
	if (d->match == DIFF_MARKS)
		return "marks";
	return a->by_payload ? "payload" : "rtp";
}

static struct vc_json *row(const struct diff *d, const struct diff_source *a,
			   const struct diff_source *b, const struct clocks *c)
{
	struct vc_json *o = vc_json_object();

	set_id(o, d, a ? a : b);
	record_set_word(o, "match", match_of(d, a));
	record_set_word(o, "first",
			!a || !a->both		    ? "" :
			c->is_turned[a->group == 1] ? "b" :
						      "a");
	set_or_null(o, "a", end_record(a));
	set_or_null(o, "b", end_record(b));
	vc_json_set(o, "diff", figures(d, a, b, c));
	return o;
}

static struct vc_json *side_record(const struct diff_side *s)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_str(o, "place", diff_reader_place(s->reader));
	vc_json_set_int(o, "packets", (int64_t)s->packets);
	vc_json_set_int(o, "sources", s->n_sources);
	vc_json_set_int(o, "refused", (int64_t)s->refused);
	vc_json_set_int(o, "forced", (int64_t)s->forced);
	return o;
}

struct vc_json *diff_record(const struct diff *d)
{
	struct vc_json *o = vc_json_object(), *sources = vc_json_array();
	const char *tag = vc_tool_options(d->tool)->tag;
	const struct clocks c = clocks_of(d);

	vc_json_set_str(o, "schema", "vc.probe.diff/1");
	record_set_word(o, "tag", tag ? tag : "");
	vc_json_set_str(o, "unit", d->match == DIFF_MARKS ? "mark" : "packet");
	vc_json_set(o, "clocks", clocks_record(d, &c));
	vc_json_set(o, "a", side_record(&d->side[0]));
	vc_json_set(o, "b", side_record(&d->side[1]));
	for (unsigned int i = 0; i < d->side[0].n_sources; i++) {
		const struct diff_source *a = &d->side[0].sources[i];

		vc_json_add(sources, row(d, a, a->peer, &c));
	}
	for (unsigned int i = 0; i < d->side[1].n_sources; i++) {
		const struct diff_source *b = &d->side[1].sources[i];

		if (!b->peer)
			vc_json_add(sources, row(d, NULL, b, &c));
	}
	vc_json_set(o, "sources", sources);
	return o;
}
