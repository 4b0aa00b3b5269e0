/* SPDX-License-Identifier: MIT */
/*
 * Octets are added up in a ring of tenths of a second, with running sums over
 * the last ten and the last hundred of them. When a packet was sent last is
 * kept in a table with one place a key: a newer packet may displace an older
 * one, which could then go once too often, within the budget.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/resend.h"

#define SLOT (100 * VC_MS)
#define SHORT_SLOTS 10
#define MIN_RTT (5 * VC_MS)
#define MAX_RTT (5 * VC_SEC)

void vc_resend_init(struct vc_resend *r, int64_t now)
{
	*r = (struct vc_resend){
		.rtt = VC_RESEND_RTT,
		.slot = now / SLOT,
	};
}

void vc_resend_rtt(struct vc_resend *r, int64_t rtt)
{
	r->rtt = rtt < MIN_RTT ? MIN_RTT : rtt > MAX_RTT ? MAX_RTT : rtt;
}

static unsigned int index_of(int64_t slot)
{
	return (unsigned int)((uint64_t)slot % VC_RESEND_SLOTS);
}

static void take_off(struct vc_resend *r, struct vc_resend_sum *sum,
		     int64_t slot)
{
	sum->media -= r->slots[index_of(slot)].media;
	sum->resent -= r->slots[index_of(slot)].resent;
}

/* Puts the slot that was filled away. */
static void put_away(struct vc_resend *r)
{
	r->slots[index_of(r->slot)].media = (uint32_t)r->media;
	r->short_sum.media += r->media;
	r->long_sum.media += r->media;
	r->media = 0;
}

static void forget_all(struct vc_resend *r)
{
	memset(r->slots, 0, sizeof(r->slots));
	r->short_sum = r->long_sum = (struct vc_resend_sum){ 0 };
}

/* Opens the slot of 'now'. */
VC_COLD static void open_slot(struct vc_resend *r, int64_t now)
{
	int64_t to = now / SLOT;

	put_away(r);
	if (to - r->slot >= VC_RESEND_SLOTS) {
		forget_all(r);
		r->slot = to;
	}
	while (r->slot < to) {
		r->slot++;
		take_off(r, &r->short_sum, r->slot - SHORT_SLOTS);
		take_off(r, &r->long_sum, r->slot - VC_RESEND_SLOTS);
		r->slots[index_of(r->slot)].media = 0;
		r->slots[index_of(r->slot)].resent = 0;
	}
}

static void advance(struct vc_resend *r, int64_t now)
{
	if (now >= (r->slot + 1) * SLOT)
		open_slot(r, now);
}

void vc_resend_media(struct vc_resend *r, size_t len, int64_t now)
{
	advance(r, now);
	r->media += len;
}

static void count(struct vc_resend *r, size_t len)
{
	r->slots[index_of(r->slot)].resent += (uint32_t)len;
	r->short_sum.resent += len;
	r->long_sum.resent += len;
	r->counts.resent++;
	r->counts.octets += len;
}

static bool fits(const struct vc_resend *r, size_t len)
{
	return (r->short_sum.resent + len) * 2 <=
		       r->short_sum.media + r->media &&
	       (r->long_sum.resent + len) * 4 <= r->long_sum.media + r->media;
}

/* Most destinations ask for nothing. */
static bool may_remember(struct vc_resend *r)
{
	if (!r->recent)
		r->recent = vc_try_alloc(VC_RESEND_RECENT, sizeof(*r->recent));
	return r->recent;
}

void vc_resend_clear(struct vc_resend *r)
{
	free(r->recent);
	r->recent = NULL;
}

bool vc_resend_ask(struct vc_resend *r, uint32_t ssrc, uint16_t seq, size_t len,
		   int64_t now)
{
	uint64_t key = ((uint64_t)ssrc << 16 | seq) + 1;
	size_t at =
		(ssrc * UINT32_C(0x9e3779b9) >> 16 ^ seq) % VC_RESEND_RECENT;

	r->counts.asked++;
	if (!len) {
		r->counts.unknown++;
		return false;
	}
	if (r->recent && r->recent[at].key == key &&
	    now - r->recent[at].at < r->rtt) {
		r->counts.too_soon++;
		return false;
	}
	advance(r, now);
	if (!fits(r, len) || !may_remember(r)) {
		r->counts.over++;
		return false;
	}
	r->recent[at].key = key;
	r->recent[at].at = now;
	count(r, len);
	return true;
}
