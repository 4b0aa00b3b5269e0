/* SPDX-License-Identifier: MIT */
#include "dial.h"

#include <assert.h>

#include "base/json.h"
#include "capture.h"
#include "wire/defaults.h"
#include "wire/dtmf.h"

#define VOLUME 10 /* -dBm0 */
#define PT_48K 110
#define PT_8K 101

static void tell(struct audio *a, int64_t now)
{
	const struct dial *d = &a->dial;
	char digit[2] = { vc_dtmf_digit(d->tx.queue[0]) };
	struct vc_json *ev = vc_json_event("dtmf", now);

	vc_json_set_int(ev, "ssrc", a->m.tx.sender.ssrc);
	vc_json_set_str(ev, "digit", digit);
	vc_json_set_int(ev, "ms", d->tx.tone / VC_MS);
	vc_out_event(a->m.who->cap->out, ev);
}

static void due(void *ctx, int64_t now)
{
	struct audio *a = ctx;
	struct vc_dtmf_packet p;
	int64_t next;

	while (vc_dtmftx_get(&a->dial.tx, now, &p)) {
		if (p.marker)
			tell(a, now);
		vc_tx_other(&a->m.tx, now, p.start, a->dial.pt, p.marker,
			    p.payload, sizeof(p.payload));
		a->m.marker = true; /* sound goes on with one */
	}
	next = vc_dtmftx_next(&a->dial.tx);
	if (next != INT64_MAX)
		vc_timer_arm(a->m.who->cap->loop, &a->dial.timer, next);
}

void dial_init(struct audio *a, uint32_t rate_hz)
{
	int err = vc_dtmftx_init(&a->dial.tx, rate_hz, 0, VOLUME);

	assert(!err);
	(void)err;
	a->dial.pt = rate_hz == 8000 ? PT_8K : PT_48K;
	a->dial.timer = (struct vc_timer){ .fn = due, .ctx = a };
}

/*
 * Described when they are used first: what else is in a description confuses
 * some who read it (ffmpeg 5.1 takes its channels for those of the sound).
 */
static void describe(struct audio *a)
{
	struct capture *c = a->m.who->cap;

	if (!vc_default_add(c->sdp, a->dial.pt))
		vc_out_desc(c->out, c->sdp);
}

int dial_digits(struct audio *a, const char *digits)
{
	struct vc_loop *loop = a->m.who->cap->loop;
	int64_t now = vc_loop_now(loop);
	int err = vc_dtmftx_dial(&a->dial.tx, digits, now);

	if (err)
		return err;
	describe(a);
	vc_timer_arm(loop, &a->dial.timer, vc_dtmftx_next(&a->dial.tx));
	return 0;
}
