/* SPDX-License-Identifier: MIT */
#include "lips.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/quantile.h"
#include "base/time.h"
#include "probe.h"
#include "record.h"

#define SEARCHED 512 /* in a crowd nobody is looked for */
#define DRIFT_SPAN (10 * VC_SEC)
#define DRIFT_LOOKS 5

static bool is_sound_of(const struct vc_source *a, const struct vc_source *v)
{
	return a->kind == VC_AUDIO && a->who == v->who && v->cname[0] &&
	       !strcmp(a->cname, v->cname);
}

static bool has_line(const struct vc_source *src)
{
	return src->play && src->play->map.has_sr && src->play->has_transit;
}

static const struct vc_source *find_sound(const struct probe *p,
					  const struct meter *m)
{
	struct vc_roster *r = vc_in_roster(p->in);
	const struct meter *of = m->lips ? meter_find(p, m->lips->sound) : NULL;
	const struct vc_source *a;

	if (of && of->src && is_sound_of(of->src, m->src))
		return of->src;
	if (vc_roster_n(r) > SEARCHED)
		return NULL;
	a = vc_roster_first(r);
	while (a && !(is_sound_of(a, m->src) && has_line(a)))
		a = a->next;
	return a;
}

static void keep(struct lips *l, int64_t at, int64_t by)
{
	l->skipped++;
	if (l->skipped < l->every)
		return;
	l->skipped = 0;
	if (l->n == LIPS_KEPT) {
		for (unsigned int i = 0; i < LIPS_KEPT / 2; i++)
			l->look[i] = l->look[2 * i];
		l->n /= 2;
		l->every *= 2;
	}
	l->look[l->n].at = at;
	l->look[l->n].by = by;
	l->n++;
}

void lips_look(struct probe *p, struct meter *m, int64_t now)
{
	const struct vc_source *a;

	if (m->kind != VC_VIDEO || m->is_slides || !m->src || !has_line(m->src))
		return;
	a = find_sound(p, m);
	if (!a || !has_line(a))
		return;
	if (!m->lips) {
		m->lips = vc_try_alloc(1, sizeof(*m->lips));
		if (!m->lips)
			return;
		m->lips->every = 1;
	}
	m->lips->sound = a->ssrc;
	keep(m->lips, now, m->src->play->transit - a->play->transit);
}

/* --- what it comes to --- */

/* Least squares, ms a minute. */
static double drift(const struct lips *l)
{
	double sx = 0, sy = 0, sxx = 0, sxy = 0, n = l->n;

	if (l->n < DRIFT_LOOKS ||
	    l->look[l->n - 1].at - l->look[0].at < DRIFT_SPAN)
		return NAN;
	for (unsigned int i = 0; i < l->n; i++) {
		double x = ms(l->look[i].at - l->look[0].at) / 60e3;
		double y = ms(l->look[i].by);

		sx += x;
		sy += y;
		sxx += x * x;
		sxy += x * y;
	}
	return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

static void add_series(struct vc_json *o, const struct probe *p,
		       const struct lips *l)
{
	struct vc_json *all = vc_json_array();

	for (unsigned int i = 0; l && i < l->n; i++) {
		struct vc_json *each = vc_json_object();

		vc_json_set_real(each, "at_s",
				 ms(l->look[i].at - p->start) / 1e3, 3);
		vc_json_set_real(each, "ms", ms(l->look[i].by), 3);
		vc_json_add(all, each);
	}
	vc_json_set(o, "series", all);
}

void lips_record(struct vc_json *o, const struct probe *p,
		 const struct meter *m)
{
	const struct lips *l = record_is_timeless(p) ? NULL : m->lips;
	struct vc_json *a = vc_json_object();
	double v[LIPS_KEPT], sizes[LIPS_KEPT];
	unsigned int n = l ? l->n : 0;

	for (unsigned int i = 0; i < n; i++) {
		v[i] = ms(l->look[i].by);
		sizes[i] = fabs(v[i]);
	}
	vc_json_set_real(a, "p50_ms", n ? vc_quantile_of(v, n, 0.5) : NAN, 3);
	vc_json_set_real(a, "p95_ms", n ? vc_quantile_of(sizes, n, 0.95) : NAN,
			 3);
	vc_json_set_real(a, "min_ms", n ? v[0] : NAN, 3);
	vc_json_set_real(a, "max_ms", n ? v[n - 1] : NAN, 3);
	vc_json_set_real(a, "drift_ms_per_min", n ? drift(l) : NAN, 3);
	add_series(a, p, l);
	vc_json_set(o, "lips", a);
}
