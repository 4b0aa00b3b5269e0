/* SPDX-License-Identifier: MIT */
/*
 * The sender reports the event in hand every VC_DTMF_INTERVAL; when its tone is
 * over it says so three times, and lets the pause pass. All packets have the
 * RTP time of the event's beginning, which names the event: by it the receiver
 * tells a new one from what it has heard already. An event of more than 65535
 * units comes as segments, each beginning where the one before it ends.
 */
#include "session/dtmf.h"

#include <errno.h>
#include <string.h>

#include "wire/ntp.h"
#include "wire/rtp.h"

#define TONE_MIN (40 * VC_MS)
#define RECENT (10 * VC_SEC) /* so much older than the newest: it is late */

/* --- sender --- */

static uint32_t units(const struct vc_dtmftx *tx, int64_t ns)
{
	return (uint32_t)(ns * tx->rate_hz / VC_SEC);
}

int vc_dtmftx_init(struct vc_dtmftx *tx, uint32_t rate_hz, int64_t tone,
		   uint8_t volume)
{
	*tx = (struct vc_dtmftx){
		.rate_hz = rate_hz,
		.tone = tone ? tone : VC_DTMF_TONE,
		.pause = VC_DTMF_PAUSE,
		.volume = volume,
		.next = VC_TIME_NONE,
	};
	if (tx->tone < TONE_MIN || tx->tone > 10 * VC_SEC ||
	    units(tx, tx->tone) > UINT16_MAX)
		return -EINVAL;
	return 0;
}

int vc_dtmftx_dial(struct vc_dtmftx *tx, const char *digits, int64_t now)
{
	size_t n = strlen(digits);

	for (size_t i = 0; i < n; i++)
		if (vc_dtmf_event(digits[i]) < 0)
			return -EINVAL;
	if (n > VC_DTMF_QUEUE - tx->n)
		return -ENOSPC;
	if (!tx->n && tx->next < now)
		tx->next = now;
	for (size_t i = 0; i < n; i++)
		tx->queue[tx->n + i] = (uint8_t)vc_dtmf_event(digits[i]);
	tx->n += n;
	return 0;
}

int64_t vc_dtmftx_next(const struct vc_dtmftx *tx)
{
	return tx->n ? tx->next : INT64_MAX;
}

bool vc_dtmftx_is_busy(const struct vc_dtmftx *tx)
{
	return tx->has_begun;
}

static void finish(struct vc_dtmftx *tx)
{
	tx->n--;
	memmove(tx->queue, tx->queue + 1, tx->n);
	tx->has_begun = false;
	if (tx->next < tx->start + tx->tone + tx->pause)
		tx->next = tx->start + tx->tone + tx->pause;
}

bool vc_dtmftx_get(struct vc_dtmftx *tx, int64_t now,
		   struct vc_dtmf_packet *out)
{
	struct vc_dtmf d = { .volume = tx->volume };
	int64_t age;

	if (!tx->n || now < tx->next)
		return false;
	out->marker = !tx->has_begun;
	if (!tx->has_begun) {
		tx->has_begun = true;
		tx->start = now;
		tx->n_end = 0;
	}
	/* The first packet tells of what is to come until the next. */
	age = now - tx->start + VC_DTMF_INTERVAL;
	if (age > tx->tone)
		age = tx->tone;
	d.event = tx->queue[0];
	d.end = now - tx->start >= tx->tone;
	d.duration = (uint16_t)units(tx, age);
	out->start = tx->start;
	vc_dtmf_write(out->payload, &d);
	tx->n_end += d.end;
	tx->next = now + VC_DTMF_INTERVAL;
	if (!d.end && tx->next > tx->start + tx->tone)
		tx->next = tx->start + tx->tone;
	if (tx->n_end == VC_DTMF_ENDS)
		finish(tx);
	return true;
}

/* --- receiver --- */

void vc_dtmfrx_init(struct vc_dtmfrx *rx, uint32_t rate_hz)
{
	*rx = (struct vc_dtmfrx){ .rate_hz = rate_hz };
}

static size_t end_event(struct vc_dtmfrx *rx, struct vc_dtmf_heard *out,
			bool is_forced)
{
	if (!rx->is_on)
		return 0;
	rx->is_on = false;
	*out = (struct vc_dtmf_heard){
		.event = rx->event,
		.length = vc_rtp_to_ns((int64_t)rx->before + rx->duration,
				       rx->rate_hz),
		.is_forced = is_forced,
	};
	return 1;
}

/* It was heard already, or is of an event before the newest. */
static bool is_old(const struct vc_dtmfrx *rx, uint32_t ts)
{
	int64_t ahead = vc_ts_diff(rx->ts, ts);

	if (!rx->has_last || ahead > 0)
		return false;
	if (!ahead)
		return !rx->is_on;
	return ahead > -(RECENT / VC_SEC) * (int64_t)rx->rate_hz;
}

/* The next segment of the event that goes on. */
static bool goes_on(const struct vc_dtmfrx *rx, const struct vc_dtmf *d,
		    uint32_t ts)
{
	return rx->is_on && rx->event == d->event && rx->duration &&
	       ts == rx->ts + rx->duration;
}

size_t vc_dtmfrx_put(struct vc_dtmfrx *rx, const struct vc_dtmf *d, uint32_t ts,
		     int64_t now, struct vc_dtmf_heard out[static 2])
{
	size_t n = 0;

	if (is_old(rx, ts))
		return 0;
	if (goes_on(rx, d, ts)) {
		rx->before += rx->duration;
		rx->duration = 0;
	} else if (!rx->is_on || ts != rx->ts) {
		n = end_event(rx, out, true);
		rx->is_on = true;
		rx->event = d->event;
		rx->before = 0;
		rx->duration = 0;
	} else if (d->event != rx->event) {
		return 0; /* one time, one event */
	}
	rx->has_last = true;
	rx->ts = ts;
	rx->arrival = now;
	if (d->duration > rx->duration)
		rx->duration = d->duration;
	if (d->end)
		n += end_event(rx, out + n, false);
	return n;
}

int64_t vc_dtmfrx_next(const struct vc_dtmfrx *rx)
{
	return rx->is_on ? rx->arrival + VC_DTMF_SILENCE : INT64_MAX;
}

bool vc_dtmfrx_expire(struct vc_dtmfrx *rx, int64_t now,
		      struct vc_dtmf_heard *out)
{
	return now >= vc_dtmfrx_next(rx) && end_event(rx, out, true);
}
