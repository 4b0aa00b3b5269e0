/* SPDX-License-Identifier: MIT */
/*
 * Telephone events of a source (RFC 4733) are told once each, when they are
 * over; one whose end never comes is over after three seconds without it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "link/rtprx_internal.h"
#include "session/dtmf.h"
#include "wire/rtp.h"

struct rxdigits {
	struct vc_dtmfrx rx;
	struct vc_timer timer;
};

static void tell(struct rxsrc *s, const struct vc_dtmf_heard *h)
{
	struct vc_json *ev = vc_json_event("dtmf", vc_loop_now(s->r->loop));
	char word[8] = { vc_dtmf_digit(h->event) };

	if (!word[0])
		snprintf(word, sizeof(word), "%u", h->event);
	vc_json_set_int(ev, "ssrc", s->out_ssrc);
	vc_json_set_str(ev, "digit", word);
	vc_json_set_int(ev, "ms", (h->length + VC_MS / 2) / VC_MS);
	vc_out_event(s->r->out, ev);
}

static void arm(struct rxsrc *s)
{
	int64_t next = vc_dtmfrx_next(&s->digits->rx);

	if (next == INT64_MAX)
		vc_timer_cancel(s->r->loop, &s->digits->timer);
	else
		vc_timer_arm(s->r->loop, &s->digits->timer, next);
}

static void silent(void *ctx, int64_t now)
{
	struct rxsrc *s = ctx;
	struct vc_dtmf_heard h;

	if (vc_dtmfrx_expire(&s->digits->rx, now, &h))
		tell(s, &h);
	arm(s);
}

void vc_rtprx_digits(struct rxsrc *s, const struct vc_rtp *rtp)
{
	struct vc_dtmf_heard heard[2];
	struct vc_dtmf d;
	size_t n;

	if (vc_dtmf_parse(&d, rtp->payload, rtp->payload_len))
		return;
	if (!s->digits) {
		s->digits = vc_try_alloc(1, sizeof(*s->digits));
		if (!s->digits)
			return;
		s->digits->timer = (struct vc_timer){ .fn = silent, .ctx = s };
		vc_dtmfrx_init(&s->digits->rx, s->st.rate_hz);
	}
	n = vc_dtmfrx_put(&s->digits->rx, &d, rtp->ts, vc_loop_now(s->r->loop),
			  heard);
	for (size_t i = 0; i < n; i++)
		tell(s, &heard[i]);
	arm(s);
}

void vc_rtprx_digits_free(struct rxsrc *s)
{
	if (!s->digits)
		return;
	vc_timer_cancel(s->r->loop, &s->digits->timer);
	free(s->digits);
	s->digits = NULL;
}
