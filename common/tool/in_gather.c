/* SPDX-License-Identifier: MIT */
/*
 * Inputs that are read when the tool has a use for them. Nothing is late by
 * that, as packets bear the time of their arrival; but a writer must not come to
 * wait: where much comes, or there is little room, it is read as it comes.
 */
#include <poll.h>

#include "base/mem.h"
#include "tool/in_internal.h"

#define ROOM 8 /* so many times what came before is to have room */

static bool may_wait(const struct feed *f)
{
	uint64_t came = f->input.octets - f->gathered;

	return f->is_described && !f->is_over && vc_in_is_stamped(f) &&
	       came * ROOM < f->input.waits;
}

void vc_in_gather(struct vc_in *in, int64_t until)
{
	bool is_any = false;

	if (in->is_finished || in->clock != VC_CLOCK_LIVE ||
	    vc_tool_options(in->tool)->batch >= 0)
		return;
	if (!in->gathered)
		in->gathered = vc_try_alloc(in->n, sizeof(*in->gathered));
	for (size_t i = 0; in->gathered && i < in->n; i++) {
		struct feed *f = &in->feeds[i];
		bool waits = may_wait(f);

		vc_input_gather(&f->input, waits);
		f->gathered = f->input.octets;
		is_any |= waits;
	}
	if (is_any)
		vc_timer_arm(in->loop, &in->gather_timer, until);
}

void vc_in_gather_due(void *ctx, int64_t now)
{
	struct vc_in *in = ctx;

	(void)now;
	for (size_t i = 0; i < in->n; i++) {
		const struct vc_input *input = &in->feeds[i].input;
		bool waits = input->is_gathered && !input->is_paused;

		in->gathered[i] =
			(struct pollfd){ .fd = waits ? input->watch.fd : -1,
					 .events = POLLIN };
	}
	if (poll(in->gathered, in->n, 0) < 1)
		return;
	for (size_t i = 0; i < in->n && !in->is_finished; i++)
		if (in->gathered[i].revents)
			vc_input_read(&in->feeds[i].input);
}
