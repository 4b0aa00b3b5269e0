/* SPDX-License-Identifier: MIT */
/* A count of steps is all the place in the search there is: step 0 the guess,
 * 1 to 4 around it, from 5 on upward. */
#include "net/rocsearch.h"

#include "base/time.h"

void vc_rocwatch_ok(struct vc_rocwatch *w, int64_t now)
{
	w->fails = 0;
	w->since = now;
}

bool vc_rocwatch_fail(struct vc_rocwatch *w, int64_t now)
{
	if (w->fails < VC_ROC_FAILS)
		w->fails++;
	return w->fails >= VC_ROC_FAILS && now - w->since >= VC_SEC;
}

void vc_rocsearch_init(struct vc_rocsearch *rs, uint32_t guess, uint32_t lowest)
{
	*rs = (struct vc_rocsearch){ .guess = guess > lowest ? guess : lowest,
				     .lowest = lowest };
}

static int64_t offset_of(uint32_t step)
{
	static const int8_t near[] = { 0, 1, -1, 2, -2 };

	return step < sizeof(near) ? near[step] : (int64_t)step - 2;
}

uint32_t vc_rocsearch_next(struct vc_rocsearch *rs)
{
	for (;;) {
		int64_t roc = rs->guess + offset_of(rs->step);

		rs->step = rs->step == VC_ROC_SPAN + 2 ? 0 : rs->step + 1;
		if (roc >= rs->lowest && roc <= UINT32_MAX)
			return (uint32_t)roc;
	}
}

void vc_rocsearch_hit(struct vc_rocsearch *rs, uint32_t roc, uint16_t seq,
		      int64_t now)
{
	rs->has_hit = true;
	rs->hit = (int64_t)roc << 16 | seq;
	rs->hit_time = now;
}

bool vc_rocsearch_held(struct vc_rocsearch *rs, uint16_t seq, int64_t now,
		       uint32_t *roc)
{
	if (rs->has_hit && now - rs->hit_time > VC_SEC)
		rs->has_hit = false;
	if (rs->has_hit)
		*roc = (uint32_t)(vc_roc_index(rs->hit, seq) >> 16);
	return rs->has_hit;
}

int64_t vc_roc_index(int64_t last, uint16_t seq)
{
	int64_t index = last + (int16_t)(uint16_t)(seq - (uint16_t)last);

	return index < 0 ? index + 65536 : index;
}
