/* SPDX-License-Identifier: MIT */
/* What the sessions got, as a record; and what can be expected of it. */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "load.h"
#include "probe.h"

#define ROWS 20 /* sessions that the table has */

const struct vc_metric load_metrics[] = {
	{ "load.sent", "packets", "that it sent" },
	{ "load.received", "packets", "media, without duplicates" },
	{ "load.echoed", "packets", "of these, with an SSRC of its own" },
	{ "load.lost", "packets",
	  "echo: sent - echoed; of other sources expected - received" },
	{ "load.loss", "share", "lost / (received + lost)" },
	{ "load.duplicates", "packets", "arrived once more" },
	{ "load.reordered", "packets", "RFC 3550 A.1, within 100" },
	{ "load.corrupt", "packets",
	  "echoes with other octets than were sent" },
	{ "load.jitter_ms", "ms",
	  "RFC 3550 A.8, mean over packets, of its worst source" },
	{ "load.rtt_ms.min", "ms", "echo: the least arrival - departure" },
	{ "load.rtt_ms.mean", "ms", "echo: mean of arrival - departure" },
	{ "load.rtt_ms.p50", "ms", "echo: half are less" },
	{ "load.rtt_ms.p95", "ms", "echo: 95 in 100 are less" },
	{ "load.rtt_ms.p99", "ms", "echo: 99 in 100 are less" },
	{ "load.rtt_ms.max", "ms", "echo: the largest" },
	{ "load.sources", "", "SSRCs that came" },
	{ "load.reports", "", "RTCP compounds that came" },
	{ "load.unsent", "packets", "refused by this machine's network" },
	{ "load.refused", "", "ICMP: nobody listens there" },
	{ "total.sessions", "", "sessions" },
	{ "total.silent", "", "sessions that got no media" },
	{ "total.sent", "packets", "sum" },
	{ "total.received", "packets", "sum" },
	{ "total.lost", "packets", "sum" },
	{ "total.loss", "share", "lost / (received + lost)" },
	{ "total.loss_max", "share", "of the session with the most" },
	{ "total.corrupt", "packets", "sum" },
	{ "total.rtt_ms.p95_max", "ms", "of the session with the largest" },
	{ "total.late_ticks", "", "20 ms that were sent 20 ms late or more" },
	{ "total.duration_s", "s", "from the beginning to the end" },
};
const size_t n_load_metrics = VC_COUNT(load_metrics);

struct sum {
	uint64_t sent, received, lost, corrupt, unsent;
	double loss_max, p95_max;
};

size_t load_silent(const struct load *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n_sessions; i++)
		n += l->session[i].is_started && !l->session[i].received;
	return n;
}

static void set_ms(struct vc_json *o, const char *key, bool is_known,
		   int64_t ns)
{
	vc_json_set_real(o, key, is_known ? (double)ns / 1e6 : NAN, 3);
}

static struct vc_json *rtt(const struct vc_hist *h)
{
	static const struct {
		const char *key;
		enum vc_hist_q q;
	} rows[] = {
		{ "p50", VC_HIST_P50 },
		{ "p95", VC_HIST_P95 },
		{ "p99", VC_HIST_P99 },
	};
	struct vc_json *o = vc_json_object();

	set_ms(o, "min", h->n, h->min);
	set_ms(o, "mean", h->n, h->n ? h->sum / (int64_t)h->n : 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t v = 0;
		bool is_known = vc_hist_quantile(h, rows[i].q, &v);

		set_ms(o, rows[i].key, is_known, v);
	}
	set_ms(o, "max", h->n, h->max);
	return o;
}

struct heard {
	uint64_t echoed, lost, duplicates, reordered;
	int64_t jitter; /* -1: not known */
};

/* What it lost: of an echo what it sent and did not get, of others by their
 * numbers. */
static struct heard hear(const struct load_session *s)
{
	struct heard h = { .jitter = -1 };

	for (unsigned int i = 0; i < s->n_rx; i++) {
		const struct vc_rxstats *st = &s->rx[i].stats;
		int64_t lost = vc_rxstats_lost(st) + (int64_t)st->duplicates;
		int64_t jitter = vc_rxstats_jitter_mean_ns(st);

		h.duplicates += st->duplicates;
		h.reordered += st->reordered;
		if (s->rx[i].medium >= 0)
			h.echoed += st->packets - st->duplicates;
		else if (lost > 0)
			h.lost += (uint64_t)lost;
		if (st->rate_hz && st->packets > 1 && jitter > h.jitter)
			h.jitter = jitter;
	}
	if (h.echoed && s->sent - s->unsent > h.echoed)
		h.lost += s->sent - s->unsent - h.echoed;
	return h;
}

static struct vc_json *session_record(const struct load_session *s,
				      struct sum *sum)
{
	struct vc_json *o = vc_json_object(), *load = vc_json_object();
	struct heard h = hear(s);
	uint64_t due = s->received + h.lost;
	const struct {
		const char *key;
		uint64_t v;
	} rows[] = {
		{ "sent", s->sent },	       { "received", s->received },
		{ "echoed", h.echoed },	       { "duplicates", h.duplicates },
		{ "reordered", h.reordered },  { "corrupt", s->corrupt },
		{ "sources", s->n_rx },	       { "reports", s->reports },
		{ "unsent", s->unsent },       { "refused", s->refused },
		{ "malformed", s->malformed }, { "crowded", s->crowded },
	};
	char id[16];
	int64_t p95;

	snprintf(id, sizeof(id), "%u", s->n);
	vc_json_set_str(o, "id", id);
	vc_json_set_str(o, "kind", "session");
	vc_json_set_bool(o, "ok", s->received && !s->corrupt);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		vc_json_set_int(load, rows[i].key, (int64_t)rows[i].v);
	if (s->received)
		vc_json_set_int(load, "lost", (int64_t)h.lost);
	else
		vc_json_set_null(load, "lost");
	vc_json_set_real(load, "loss",
			 s->received ? (double)h.lost / (double)due : NAN, 6);
	set_ms(load, "jitter_ms", h.jitter >= 0, h.jitter);
	vc_json_set(load, "rtt_ms", rtt(&s->rtt));
	vc_json_set(o, "load", load);
	sum->sent += s->sent;
	sum->received += s->received;
	sum->lost += h.lost;
	sum->corrupt += s->corrupt;
	sum->unsent += s->unsent;
	if (s->received && (double)h.lost / (double)due > sum->loss_max)
		sum->loss_max = (double)h.lost / (double)due;
	if (vc_hist_quantile(&s->rtt, VC_HIST_P95, &p95) &&
	    (double)p95 / 1e6 > sum->p95_max)
		sum->p95_max = (double)p95 / 1e6;
	return o;
}

static struct vc_json *total_record(const struct load *l, const struct sum *sum,
				    int64_t now)
{
	struct vc_json *o = vc_json_object(), *rtt_ms = vc_json_object();
	uint64_t due = sum->received + sum->lost;

	vc_json_set_int(o, "sessions", (int64_t)l->n_started);
	vc_json_set_int(o, "silent", (int64_t)load_silent(l));
	vc_json_set_int(o, "sent", (int64_t)sum->sent);
	vc_json_set_int(o, "received", (int64_t)sum->received);
	vc_json_set_int(o, "lost", (int64_t)sum->lost);
	vc_json_set_real(o, "loss", due ? (double)sum->lost / (double)due : NAN,
			 6);
	vc_json_set_real(o, "loss_max", due ? sum->loss_max : NAN, 6);
	vc_json_set_int(o, "corrupt", (int64_t)sum->corrupt);
	vc_json_set_int(o, "unsent", (int64_t)sum->unsent);
	vc_json_set_real(rtt_ms, "p95_max",
			 sum->p95_max > 0 ? sum->p95_max : NAN, 3);
	vc_json_set(o, "rtt_ms", rtt_ms);
	vc_json_set_int(o, "late_ticks", (int64_t)l->late_ticks);
	vc_json_set_int(o, "strays", (int64_t)l->strays);
	vc_json_set_real(o, "duration_s", (double)(now - l->epoch) / 1e9, 3);
	return o;
}

struct vc_json *load_record(struct load *l, int64_t now)
{
	struct vc_json *o = vc_json_object(), *sources = vc_json_array();
	struct sum sum = { 0 };

	vc_json_set_str(o, "schema", "vc.probe.load/1");
	for (size_t i = 0; i < l->n_started; i++)
		vc_json_add(sources, session_record(&l->session[i], &sum));
	vc_json_set(o, "sources", sources);
	vc_json_set(o, "total", total_record(l, &sum, now));
	return o;
}

/* --- for people --- */

static double at(const struct vc_json *o, const char *a, const char *b)
{
	double v;

	o = vc_json_get(o, a);
	return vc_json_number(b ? vc_json_get(o, b) : o, &v) ? v : NAN;
}

/* "-" for what is not known. */
static void put(FILE *f, int width, double v, int decimals)
{
	if (isnan(v))
		fprintf(f, " %*s", width, "-");
	else
		fprintf(f, " %*.*f", width, decimals, v);
}

static void row(FILE *f, const struct vc_json *o)
{
	const struct vc_json *s = vc_json_get(o, "load");

	fprintf(f, "%-8s", vc_json_get_str(o, "id"));
	put(f, 9, at(s, "sent", NULL), 0);
	put(f, 9, at(s, "received", NULL), 0);
	put(f, 7, at(s, "lost", NULL), 0);
	put(f, 7, 100 * at(s, "loss", NULL), 2);
	put(f, 7, at(s, "corrupt", NULL), 0);
	put(f, 9, at(s, "jitter_ms", NULL), 2);
	put(f, 10, at(s, "rtt_ms", "p95"), 2);
	fputc('\n', f);
}

/* Of many, those that got the least of what they should. */
static bool is_shown(const struct vc_json *o, size_t n)
{
	bool ok = false;

	vc_json_get_bool(o, "ok", &ok);
	return n <= ROWS || !ok || at(vc_json_get(o, "load"), "lost", NULL) > 0;
}

void load_table(FILE *f, const struct vc_json *record)
{
	const struct vc_json *sources = vc_json_get(record, "sources"), *o;
	const struct vc_json *t = vc_json_get(record, "total");
	size_t n = vc_json_len(sources), shown = 0;

	fprintf(f, "%-8s %9s %9s %7s %7s %7s %9s %10s\n", "session", "sent",
		"received", "lost", "loss %", "corrupt", "jitter ms",
		"rtt ms p95");
	for (size_t i = 0; (o = vc_json_at(sources, i)) && shown < ROWS; i++) {
		if (!is_shown(o, n))
			continue;
		row(f, o);
		shown++;
	}
	if (shown < n)
		fprintf(f, "(%zu more: all are in --json)\n", n - shown);
	fprintf(f, "%-8s", "all");
	put(f, 9, at(t, "sent", NULL), 0);
	put(f, 9, at(t, "received", NULL), 0);
	put(f, 7, at(t, "lost", NULL), 0);
	put(f, 7, 100 * at(t, "loss", NULL), 2);
	put(f, 7, at(t, "corrupt", NULL), 0);
	put(f, 9, NAN, 0);
	put(f, 10, at(t, "rtt_ms", "p95_max"), 2);
	fprintf(f, "\n%.0f sessions, %.0f without media\n",
		at(t, "sessions", NULL), at(t, "silent", NULL));
	verdict_list(f, vc_json_get(record, "expect"));
}
