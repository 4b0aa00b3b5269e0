/* SPDX-License-Identifier: MIT */
/*
 * Whoever answers is believed only about a clock that was written: what he
 * makes up names none. The time it took is our own clock's, but for his delay.
 */
#include "session/xr.h"

#include <string.h>

#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtcpxr.h"

#define MAX_RTT (60 * VC_SEC)

void vc_xrclock_write(struct vc_xrclock *c, struct vc_wr *w, int64_t now)
{
	uint64_t ntp = vc_ntp_from_ns(now);
	unsigned int i = c->n % VC_XR_SENT;

	vc_xr_write_rrt(w, ntp);
	if (w->bad)
		return;
	c->sent[i].mid = vc_ntp_mid(ntp);
	c->sent[i].at = now;
	c->n++;
}

int64_t vc_xrclock_rtt(const struct vc_xrclock *c,
		       const struct vc_xr_dlrr *entry, int64_t now)
{
	unsigned int n = c->n < VC_XR_SENT ? c->n : VC_XR_SENT;

	for (unsigned int i = 0; i < n; i++) {
		int64_t rtt;

		if (c->sent[i].mid != entry->lrr)
			continue;
		rtt = now - c->sent[i].at - vc_ntp_short_to_ns(entry->dlrr);
		if (rtt > MAX_RTT)
			return -1;
		return rtt < 0 ? 0 : rtt;
	}
	return -1;
}

static void remove_at(struct vc_xrpeers *p, unsigned int i)
{
	p->n--;
	memmove(&p->a[i], &p->a[i + 1], (p->n - i) * sizeof(p->a[0]));
}

void vc_xrpeers_heard(struct vc_xrpeers *p, uint32_t ssrc, uint64_t ntp,
		      int64_t now)
{
	unsigned int i = 0;

	if (!ntp)
		return;
	while (i < p->n && p->a[i].ssrc != ssrc)
		i++;
	if (i < p->n)
		remove_at(p, i);
	else if (p->n == VC_XR_PEERS)
		remove_at(p, 0);
	p->a[p->n].ssrc = ssrc;
	p->a[p->n].mid = vc_ntp_mid(ntp);
	p->a[p->n].arrival = now;
	p->n++;
}

unsigned int vc_xrpeers_write(struct vc_xrpeers *p, struct vc_wr *w,
			      int64_t now)
{
	struct vc_xr_dlrr entries[VC_XR_PEERS];
	unsigned int n = p->n;

	for (unsigned int i = 0; i < n; i++) {
		entries[i].ssrc = p->a[i].ssrc;
		entries[i].lrr = p->a[i].mid;
		entries[i].dlrr = vc_ntp_short_from_ns(now - p->a[i].arrival);
	}
	if (n)
		vc_xr_write_dlrr(w, entries, n);
	p->n = 0;
	return n;
}
