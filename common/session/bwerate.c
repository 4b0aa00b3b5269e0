/* SPDX-License-Identifier: MIT */
/*
 * A ring of slots of 10 ms. The newest slot is not full yet and is left out.
 */
#include "session/bwerate.h"

#include <string.h>

#include "base/time.h"

static uint32_t *slot(struct vc_bwe_rate *r, int64_t n)
{
	return &r->octets[(uint64_t)n % VC_BWE_SLOTS];
}

/* Time that goes back by more than the ring is that of another clock. */
static void move_to(struct vc_bwe_rate *r, int64_t n)
{
	bool is_new = !r->set || r->last - n >= VC_BWE_SLOTS;

	if (is_new || n - r->last >= VC_BWE_SLOTS) {
		memset(r->octets, 0, sizeof(r->octets));
		r->first = is_new ? n : r->first;
		r->last = n;
		r->set = true;
	}
	while (r->last < n) {
		r->last++;
		*slot(r, r->last) = 0;
	}
}

void vc_bwe_rate_add(struct vc_bwe_rate *r, size_t octets, int64_t t)
{
	int64_t n = t / VC_BWE_SLOT;

	move_to(r, n);
	*slot(r, n) += (uint32_t)octets;
}

void vc_bwe_rate_pass(struct vc_bwe_rate *r, int64_t t)
{
	if (r->set)
		move_to(r, t / VC_BWE_SLOT);
}

double vc_bwe_rate_bps(const struct vc_bwe_rate *r, int64_t window)
{
	int64_t n = window / VC_BWE_SLOT, there;
	uint64_t sum = 0;

	if (!r->set)
		return 0;
	there = r->last - r->first;
	if (there * 2 < n)
		return 0;
	n = n < there ? n : there;
	for (int64_t i = 1; i <= n; i++)
		sum += r->octets[(uint64_t)(r->last - i) % VC_BWE_SLOTS];
	return (double)sum * 8 * (double)VC_SEC / (double)(n * VC_BWE_SLOT);
}
