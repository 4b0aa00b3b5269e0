/* SPDX-License-Identifier: MIT */
/*
 * A live stream in a window. Pictures are shown when they are due and not at
 * the tick after that. And what lay in the pipe while the window was opened, or
 * while this process had to wait, is no reason to play everything later for
 * good: time follows the packets that came here the quickest.
 */
#include "base/time.h"
#include "engine/videorx.h"
#include "play.h"

/* At the first picture that is whole and not on yet. */
void prompt_arm(struct play *p, const struct stream *s)
{
	int64_t due = s->pictures ? vc_videorx_due(s->pictures) : VC_TIME_NONE;

	if (due == VC_TIME_NONE)
		return;
	due += p->skew;
	if (!p->prompt.place || due < p->prompt.deadline)
		vc_timer_arm(p->loop, &p->prompt, due);
}

/* Many sources have a picture in most ticks: one more drawing for each would
 * cost more than it is worth. */
void prompt_due(void *ctx, int64_t now)
{
	struct play *p = ctx;
	bool is_new = false;

	if (now - p->decoded < TICK)
		return;
	for (struct stream *s = p->streams; s; s = s->next) {
		if (!s->pictures)
			continue;
		is_new |= play_pull(p, s, now - p->skew);
		prompt_arm(p, s);
	}
	if (is_new)
		play_show(p);
}

static bool is_heard(const struct play *p)
{
	for (const struct stream *s = p->streams; s; s = s->next)
		if (s->sound)
			return true;
	return false;
}

/* What the speakers were given is not taken back: with sound, only before. */
void prompt_follow(struct play *p, int64_t arrival)
{
	int64_t skew = vc_loop_now(p->loop) - arrival;

	if (skew >= p->skew)
		return;
	if (p->next == p->zero) {
		play_begin(p, arrival);
	} else if (!is_heard(p)) {
		p->skew = skew;
		play_arm(p);
	}
}
