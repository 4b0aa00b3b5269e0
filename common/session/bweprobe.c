/* SPDX-License-Identifier: MIT */
/*
 * Where a cluster came as fast as it went, the path carries what was sent;
 * else what came is what it carries. That is looked at over all of it and over
 * its second half: a token bucket lets the beginning of a cluster pass as fast
 * as it comes. For the same reason a cluster is not short.
 */
#include "session/bweprobe.h"

#include "base/time.h"

#define LENGTH (60 * VC_MS)
#define OCTETS_MIN 6000
#define PACKETS_MIN 5
#define GIVE_UP (2 * VC_SEC)
#define FULL 0.88

void vc_bwe_probe_ask(struct vc_bwe_probe *p, double bps, int64_t now)
{
	uint8_t id = p->cluster.id == UINT8_MAX ? 1 : p->cluster.id + 1;
	double octets = bps / 8 * (double)LENGTH / (double)VC_SEC;

	if (p->is_open)
		return;
	*p = (struct vc_bwe_probe){
		.cluster = {
			.id = id,
			.bps = (uint64_t)bps,
			.octets = octets > OCTETS_MIN ? (size_t)octets :
							OCTETS_MIN,
		},
		.is_wanted = true,
		.is_open = true,
		.asked = now,
	};
}

bool vc_bwe_probe_take(struct vc_bwe_probe *p, struct vc_bwe_cluster *out)
{
	if (!p->is_wanted)
		return false;
	p->is_wanted = false;
	*out = p->cluster;
	return true;
}

void vc_bwe_probe_sent(struct vc_bwe_probe *p, uint8_t id, size_t octets)
{
	if (p->is_open && id == p->cluster.id)
		p->octets_sent += octets;
}

void vc_bwe_probe_result(struct vc_bwe_probe *p, uint8_t id, bool is_received,
			 int64_t sent, int64_t arrival, size_t octets)
{
	if (!p->is_open || id != p->cluster.id)
		return;
	p->octets_told += octets;
	if (!is_received) {
		p->n_lost++;
		return;
	}
	if (p->n == VC_BWE_CLUSTER_MAX)
		return;
	p->packets[p->n].sent = sent;
	p->packets[p->n].arrival = arrival;
	p->packets[p->n].octets = octets;
	p->n++;
}

static double rate_of(size_t octets, int64_t span)
{
	return span > 0 ? (double)octets * 8 * (double)VC_SEC / (double)span :
			  0;
}

/* Packets 'from' to the last: how long it took them to go and to come. */
struct stretch {
	int64_t sent;
	int64_t came;
	double sent_bps;
	double came_bps;
	bool is_full; /* they came slower than they went */
};

static struct stretch measure(const struct vc_bwe_probe *p, unsigned int from)
{
	unsigned int last = p->n - 1;
	struct stretch s = {
		.sent = p->packets[last].sent - p->packets[from].sent,
		.came = p->packets[last].arrival - p->packets[from].arrival,
	};
	size_t octets = 0;

	for (unsigned int i = from; i <= last; i++)
		octets += p->packets[i].octets;
	/* The last goes after that time, the first came before it. */
	s.sent_bps = rate_of(octets - p->packets[last].octets, s.sent);
	s.came_bps = rate_of(octets - p->packets[from].octets, s.came);
	s.is_full = (double)s.came * FULL > (double)s.sent;
	return s;
}

static void judge(const struct vc_bwe_probe *p, double *bps, bool *is_full)
{
	struct stretch all = measure(p, 0), tail = measure(p, p->n / 2);

	*is_full = all.is_full || tail.is_full;
	*bps = all.sent_bps;
	if (all.is_full && all.came_bps < *bps)
		*bps = all.came_bps;
	if (tail.is_full && tail.came_bps < *bps)
		*bps = tail.came_bps;
}

bool vc_bwe_probe_done(struct vc_bwe_probe *p, bool is_past, double *bps,
		       bool *is_full, int64_t now)
{
	bool is_sent = p->octets_sent >= p->cluster.octets;
	bool is_told = is_sent && (is_past || p->octets_told >= p->octets_sent);

	if (!p->is_open || (!is_told && now - p->asked < GIVE_UP))
		return false;
	p->is_open = false;
	p->is_wanted = false;
	*bps = 0;
	*is_full = false;
	if (p->n >= PACKETS_MIN && p->n_lost * 5 <= p->n)
		judge(p, bps, is_full);
	return true;
}
