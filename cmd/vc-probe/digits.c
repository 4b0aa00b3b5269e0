/* SPDX-License-Identifier: MIT */
/* The digits that a source dialled (RFC 4733), each once. */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "probe.h"
#include "record.h"
#include "session/dtmf.h"

#define DIGITS_MAX 64 /* that are kept, the first ones */

struct digits {
	struct vc_dtmfrx rx;
	char text[DIGITS_MAX + 1];
	uint64_t n; /* all of them */
};

static void hear(struct digits *d, const struct vc_dtmf_heard *heard)
{
	char digit = vc_dtmf_digit(heard->event);

	if (!digit)
		return;
	if (d->n < DIGITS_MAX)
		d->text[d->n] = digit;
	d->n++;
}

void digits_put(struct meter *m, uint32_t rate_hz, const struct vc_rtp *rtp,
		int64_t now)
{
	struct vc_dtmf_heard heard[2];
	struct vc_dtmf event;
	size_t n;

	if (vc_dtmf_parse(&event, rtp->payload, rtp->payload_len))
		return;
	if (!m->digits) {
		m->digits = vc_try_alloc(1, sizeof(*m->digits));
		if (!m->digits)
			return;
		vc_dtmfrx_init(&m->digits->rx, rate_hz);
	}
	if (vc_dtmfrx_expire(&m->digits->rx, now, heard))
		hear(m->digits, heard);
	n = vc_dtmfrx_put(&m->digits->rx, &event, rtp->ts, now, heard);
	for (size_t i = 0; i < n; i++)
		hear(m->digits, &heard[i]);
}

void digits_end(struct meter *m)
{
	struct vc_dtmf_heard heard;

	/* One whose end never came was dialled too. */
	if (m->digits &&
	    vc_dtmfrx_expire(&m->digits->rx, INT64_MAX - 1, &heard))
		hear(m->digits, &heard);
}

void digits_record(struct vc_json *o, const struct meter *m)
{
	record_set_word(o, "dtmf", m->digits ? m->digits->text : "");
	record_set_count(o, "dtmf_digits",
			 m->digits ? (int64_t)m->digits->n : UNSAID);
}
