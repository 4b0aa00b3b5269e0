/* SPDX-License-Identifier: MIT */
/* Places that leave the window are judged, in order. */
#include "session/lossruns.h"

#include <assert.h>

static uint64_t *word(struct vc_lossruns *l, int64_t seq)
{
	return &l->window[(uint64_t)seq / 64 % (VC_RX_WINDOW / 64)];
}

static uint64_t bit(int64_t seq)
{
	return UINT64_C(1) << ((uint64_t)seq % 64);
}

/* Judges all places before 'end'. */
static void judge(struct vc_lossruns *l, int64_t end)
{
	for (; l->next < end; l->next++) {
		bool is_here = *word(l, l->next) & bit(l->next);

		*word(l, l->next) &= ~bit(l->next);
		l->received += is_here;
		l->lost += !is_here;
		l->runs += !is_here && !l->in_run;
		l->in_run = !is_here;
		vc_xrbursts_put(&l->bursts, !is_here);
	}
}

void vc_lossruns_put(struct vc_lossruns *l, int64_t seq)
{
	if (!l->is_started) {
		l->is_started = true;
		l->in_run = false;
		l->next = seq;
		l->highest = seq;
	}
	assert(seq - l->highest < VC_RX_DROPOUT);
	/* It came, after it was given up, or before what was the first. */
	if (seq < l->next)
		return;
	while (l->highest < seq) {
		l->highest++;
		judge(l, l->highest - VC_RX_WINDOW + 1);
	}
	*word(l, seq) |= bit(seq);
}

void vc_lossruns_restart(struct vc_lossruns *l)
{
	if (!l->is_started)
		return;
	judge(l, l->highest + 1);
	l->is_started = false;
}

double vc_lossruns_ratio(const struct vc_lossruns *l)
{
	struct vc_lossruns all = *l;

	vc_lossruns_restart(&all);
	if (!all.lost)
		return 0;
	return (double)all.lost / (double)all.runs * (double)all.received /
	       (double)(all.lost + all.received);
}

void vc_lossruns_bursts(const struct vc_lossruns *l, struct vc_xrbursts *out)
{
	struct vc_lossruns all = *l;

	vc_lossruns_restart(&all);
	vc_xrbursts_end(&all.bursts);
	*out = all.bursts;
}
