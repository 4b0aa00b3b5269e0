/* SPDX-License-Identifier: MIT */
/* What the legs have found, as a record; and what can be expected of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "path.h"

#define SPREAD(path, what)                                               \
	{ path ".min", "ms", "the least " what },                        \
		{ path ".mean", "ms", "mean of " what },                 \
		{ path ".p50", "ms", "half of " what " is less" },       \
		{ path ".p95", "ms", "95 in 100 of " what " are less" }, \
		{ path ".p99", "ms", "99 in 100 of " what " are less" }, \
	{                                                                \
		path ".max", "ms", "the largest " what                   \
	}

#define WAY(way, to)                                                              \
	{ "path." way ".sent", "packets",                                         \
	  "probes or answers that set out " to },                                 \
		{ "path." way ".received", "packets",                             \
		  "of these, that arrived" },                                     \
		{ "path." way ".lost", "packets", "sent - received" },            \
		{ "path." way ".loss", "share", "lost / sent" },                  \
		{ "path." way ".duplicates", "packets",                           \
		  "arrived once more (or were sent again by others)" },           \
		{ "path." way ".reordered", "packets",                            \
		  "arrived behind a later one (RFC 4737)" },                      \
		{ "path." way ".bursts", "", "runs of lost packets" },            \
		{ "path." way ".burst_longest", "packets",                        \
		  "the longest run" },                                            \
		{ "path." way ".jitter_ms", "ms",                                 \
		  "RFC 3550 A.8, mean over all packets" },                        \
		{ "path." way ".jitter_max_ms", "ms", "its largest value" },      \
		SPREAD("path." way ".delay_ms",                                   \
		       "arrival - departure - clock offset; see clock.error_ms"), \
		SPREAD("path." way ".variation_ms",                               \
		       "delay over the least delay (RFC 5481 4.2)"),              \
		{ "path." way ".mtu", "octets",                                   \
		  "the largest IP packet that arrived whole" },                   \
		{ "path." way ".dscp.sent", "", "class it was sent with" },       \
		{ "path." way ".dscp.arrived", "", "that most arrived with" },    \
		{ "path." way ".dscp.kept", "share",                              \
		  "arrived with their own / those whose class is known" },        \
	{                                                                         \
		"path." way ".ttl", "", "left of TTL or hop limit, newest"        \
	}

const struct vc_metric path_metrics[] = {
	SPREAD("path.rtt_ms", "round trip without the far end's part"),
	{ "path.loss", "share", "probes without an answer / probes" },
	WAY("up", "to the far end"),
	WAY("down", "from the far end"),
	{ "path.clock.offset_ms", "ms",
	  "far clock - this one, at the least round trip (RFC 5905 8)" },
	{ "path.clock.error_ms", "ms", "half of that round trip: at most" },
	{ "path.clock.skew_ppm", "ppm", "by which the far clock is fast" },
	{ "path.nat.translated", "", "1: the far end saw another address" },
	{ "path.nat.rebinds", "", "changes of the address that it saw" },
	{ "path.nat.kept_in", "", "1: an answer came after --nat-idle" },
	{ "path.nat.kept_out", "", "1: the same address was seen after it" },
	{ "path.rate.bps", "bit/s",
	  "the highest at under 1 % loss and 50 ms of queueing, IP" },
	{ "path.rate.limited", "", "1: more did not get through" },
	{ "path.rate.held", "", "1: it was seen to hold for a second" },
	{ "path.rate.loss", "share", "of the packets at that rate" },
	{ "path.rate.queueing_ms", "ms", "p95 of delay over the least" },
	{ "path.rate.took_s", "s", "what looking for it took" },
	{ "path.far.lost", "packets", "by its last report (RFC 3550 6.4)" },
	{ "path.far.loss", "share", "by it: lost / expected" },
	{ "path.far.loss_max", "share", "the largest fraction lost of one" },
	{ "path.far.jitter_ms", "ms", "by it, of its last report" },
	{ "path.far.reports", "", "reports that came" },
	{ "total.duration_s", "s", "from the beginning to the end" },
	{ "total.ipv6_over_ipv4.rtt_ms", "ms", "p50 of IPv6 - that of IPv4" },
	{ "total.ipv6_over_ipv4.loss", "share", "loss of IPv6 - that of IPv4" },
};
const size_t n_path_metrics = VC_COUNT(path_metrics);

static void set_ms(struct vc_json *o, const char *key, int64_t ns)
{
	vc_json_set_real(o, key, ns == VC_TIME_NONE ? NAN : (double)ns / 1e6,
			 3);
}

static void set_share(struct vc_json *o, const char *key, uint64_t part,
		      uint64_t whole)
{
	vc_json_set_real(o, key, whole ? (double)part / (double)whole : NAN, 6);
}

/* Negative is null. */
static void set_known(struct vc_json *o, const char *key, int64_t v)
{
	if (v < 0)
		vc_json_set_null(o, key);
	else
		vc_json_set_int(o, key, v);
}

static struct vc_json *spread(const struct vc_path_spread *s)
{
	struct vc_json *o = vc_json_object();

	set_ms(o, "min", s->min);
	set_ms(o, "mean", s->mean);
	set_ms(o, "p50", s->p50);
	set_ms(o, "p95", s->p95);
	set_ms(o, "p99", s->p99);
	set_ms(o, "max", s->max);
	return o;
}

static struct vc_json *dscp(const struct vc_path_way *w)
{
	struct vc_json *o = vc_json_object();

	set_known(o, "sent", w->dscp_sent);
	set_known(o, "arrived", w->dscp_arrived);
	set_share(o, "kept", w->dscp_kept, w->dscp_known);
	return o;
}

static struct vc_json *way(const struct vc_path_way *w, uint32_t mtu,
			   bool is_known)
{
	struct vc_json *o = vc_json_object();
	const struct {
		const char *key;
		uint64_t v;
	} rows[] = {
		{ "sent", w->sent },
		{ "received", w->received },
		{ "lost", w->lost },
		{ "duplicates", w->duplicates },
		{ "reordered", w->reordered },
		{ "bursts", w->bursts },
		{ "burst_longest", w->burst_longest },
	};

	for (size_t i = 0; i < VC_COUNT(rows); i++)
		set_known(o, rows[i].key, is_known ? (int64_t)rows[i].v : -1);
	set_share(o, "loss", w->lost, is_known ? w->sent : 0);
	set_ms(o, "jitter_ms", w->jitter);
	set_ms(o, "jitter_max_ms", w->jitter_max);
	vc_json_set(o, "delay_ms", spread(&w->delay));
	vc_json_set(o, "variation_ms", spread(&w->variation));
	set_known(o, "mtu", mtu ? (int64_t)mtu : -1);
	vc_json_set(o, "dscp", dscp(w));
	set_known(o, "ttl", w->ttl);
	return o;
}

static struct vc_json *clock_part(const struct vc_path_result *r)
{
	struct vc_json *o = vc_json_object();

	set_ms(o, "offset_ms", r->offset);
	set_ms(o, "error_ms", r->offset_error);
	vc_json_set_real(o, "skew_ppm", r->has_skew ? r->skew_ppm : NAN, 2);
	return o;
}

static struct vc_json *nat(const struct path_leg *leg)
{
	const struct sockaddr_storage *local = vc_udp_local(leg->udp);
	const struct path_nat *n = &leg->nat;
	struct vc_json *o = vc_json_object();
	struct sockaddr_storage sa;
	uint8_t addr[16];
	uint16_t port;
	char text[128];

	active_addr(local, addr, &port);
	vc_json_set_str(o, "local",
			vc_place_addr_text(local, text, sizeof(text)));
	if (!n->is_seen) {
		vc_json_set_null(o, "public");
		vc_json_set_null(o, "translated");
		vc_json_set_null(o, "rebinds");
	} else {
		active_sockaddr(n->addr, n->port, local, &sa);
		vc_json_set_str(o, "public",
				vc_place_addr_text(&sa, text, sizeof(text)));
		vc_json_set_bool(o, "translated",
				 port != n->port ||
					 memcmp(addr, n->addr, sizeof(addr)));
		vc_json_set_int(o, "rebinds", (int64_t)n->rebinds);
	}
	set_known(o, "idle_s",
		  n->was_idle ? leg->path->opt->nat_idle / VC_SEC : -1);
	if (n->was_idle)
		vc_json_set_bool(o, "kept_in", n->kept_in);
	else
		vc_json_set_null(o, "kept_in");
	if (n->kept_out >= 0)
		vc_json_set_bool(o, "kept_out", n->kept_out);
	else
		vc_json_set_null(o, "kept_out");
	return o;
}

static struct vc_json *rate(const struct path_leg *leg)
{
	const struct vc_rateprobe_result *r = &leg->rate.result;
	struct vc_json *o = vc_json_object();

	vc_json_set_str(o, "way",
			leg->path->opt->finds_rate == PATH_UP ? "up" : "down");

	set_known(o, "bps", r->bps ? (int64_t)r->bps : -1);
	vc_json_set_bool(o, "limited", r->is_limit);
	vc_json_set_bool(o, "held", r->is_held);
	vc_json_set_real(o, "loss", r->loss, 6);
	set_ms(o, "queueing_ms", r->queueing);
	vc_json_set_int(o, "octets", (int64_t)r->octets);
	vc_json_set_int(o, "steps", r->steps);
	vc_json_set_real(o, "took_s", (double)r->took / 1e9, 3);
	return o;
}

/* By RTCP: the far end's own words. */
static struct vc_json *far(const struct path_leg *leg)
{
	const struct path_reports *r = &leg->reports;
	struct vc_json *o = vc_json_object();
	uint16_t first = (uint16_t)(leg->source.seq - leg->index);
	uint32_t expected = r->highest - first + 1;

	vc_json_set_int(o, "reports", (int64_t)r->n);
	if (!r->n) {
		vc_json_set_null(o, "lost");
		return o;
	}
	vc_json_set_int(o, "lost", r->lost);
	set_share(o, "loss", r->lost > 0 ? (uint64_t)r->lost : 0,
		  expected <= leg->index ? expected : 0);
	vc_json_set_real(o, "loss_max", r->fraction_max / 256.0, 6);
	vc_json_set_real(o, "jitter_ms", r->jitter_ms, 3);
	return o;
}

/* More may be said to have come than were sent. */
static uint64_t less(uint64_t sent, uint64_t received)
{
	return received < sent ? sent - received : 0;
}

static void fill_ours(struct vc_json *o, const struct path_leg *leg,
		      const struct vc_path_result *r)
{
	set_share(o, "loss", less(leg->index, r->down.received), leg->index);
	vc_json_set(o, "up", way(&r->up, leg->mtu_up, leg->index > 0));
	vc_json_set(o, "down", way(&r->down, leg->mtu_down, leg->index > 0));
	vc_json_set(o, "clock", clock_part(r));
	vc_json_set(o, "nat", nat(leg));
	if (leg->has_rate)
		vc_json_set(o, "rate", rate(leg));
	vc_json_set_bool(o, "counts_final", r->is_final);
	vc_json_set_int(o, "unanswered_by_cap", (int64_t)r->capped);
}

/* What came back, of both ways together. */
static void fill_reflected(struct vc_json *o, const struct path_leg *leg)
{
	uint64_t received = leg->rx.packets - leg->rx.duplicates;
	int64_t jitter = vc_rxstats_jitter_mean_ns(&leg->rx);

	set_share(o, "loss", less(leg->index, received), leg->index);
	vc_json_set_int(o, "sent", leg->index);
	vc_json_set_int(o, "received", (int64_t)received);
	vc_json_set_int(o, "duplicates", (int64_t)leg->rx.duplicates);
	vc_json_set_int(o, "reordered", (int64_t)leg->rx.reordered);
	set_ms(o, "jitter_ms", received > 1 ? jitter : VC_TIME_NONE);
}

static struct vc_json *leg_record(const struct path_leg *leg)
{
	struct vc_json *o = vc_json_object(), *path = vc_json_object();
	struct vc_path_result r;
	char text[128];

	vc_pathmeter_result(leg->meter, &r);
	vc_json_set_str(o, "id", leg->id);
	vc_json_set_str(o, "kind", "path");
	vc_json_set_str(o, "to",
			vc_place_addr_text(&leg->to, text, sizeof(text)));
	vc_json_set_bool(o, "answers", leg->is_alive);
	vc_json_set(path, "rtt_ms", spread(&r.rtt));
	if (!leg->is_alive)
		vc_json_set_real(path, "loss", leg->index ? 1 : NAN, 6);
	else if (leg->path->opt->mode == PATH_OURS)
		fill_ours(path, leg, &r);
	else if (leg->path->opt->mode == PATH_REFLECTOR)
		fill_reflected(path, leg);
	else
		vc_json_set(path, "far", far(leg));
	vc_json_set_int(path, "unsent", (int64_t)leg->unsent);
	vc_json_set_int(path, "bad", (int64_t)leg->bad);
	vc_json_set(o, "path", path);
	return o;
}

static double number_at(const struct vc_json *o, const char *a, const char *b)
{
	double v;

	o = vc_json_get(vc_json_get(o, "path"), a);
	return vc_json_number(b ? vc_json_get(o, b) : o, &v) ? v : NAN;
}

static void compare(struct vc_json *total, const struct vc_json *sources)
{
	const struct vc_json *v4 = vc_json_at(sources, 0);
	const struct vc_json *v6 = vc_json_at(sources, 1);
	struct vc_json *o;

	if (!v6)
		return;
	o = vc_json_object();
	vc_json_set_real(o, "rtt_ms",
			 number_at(v6, "rtt_ms", "p50") -
				 number_at(v4, "rtt_ms", "p50"),
			 3);
	vc_json_set_real(
		o, "loss",
		number_at(v6, "loss", NULL) - number_at(v4, "loss", NULL), 6);
	vc_json_set(total, "ipv6_over_ipv4", o);
}

struct vc_json *path_record(struct path *p, int64_t now)
{
	static const char *const modes[] = { "probe", "reflector", "rtcp" };
	struct vc_json *o = vc_json_object(), *total = vc_json_object();
	struct vc_json *sources = vc_json_array();

	vc_json_set_str(o, "schema", "vc.probe.path/1");
	vc_json_set_str(o, "mode", modes[p->opt->mode]);
	vc_json_set_str(o, "profile",
			vc_path_profile_name(
				p->trace ?
					VC_PATH_TRACE :
					(enum vc_path_profile)p->opt->profile));
	vc_json_set_int(o, "dscp", path_dscp(p));
	for (size_t i = 0; i < p->n_legs; i++) {
		if (p->leg[i].meter)
			vc_json_add(sources, leg_record(&p->leg[i]));
	}
	vc_json_set_real(total, "duration_s", (double)(now - p->started) / 1e9,
			 3);
	compare(total, sources);
	vc_json_set(o, "sources", sources);
	vc_json_set(o, "total", total);
	return o;
}
