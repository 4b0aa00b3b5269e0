/* SPDX-License-Identifier: MIT */
/*
 * Octets are taken from the place when they are asked for, a bounded number at
 * a time, and cut into frames. A description says which payload type is L16 at
 * 48 kHz, mono; nothing else is listened to. Two live processes may have begun
 * with different wall clocks: times that are seconds off are taken as now.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "farin.h"
#include "net/loop.h"
#include "tool/patient.h"
#include "tool/tool.h"
#include "wire/frame.h"
#include "wire/rtp.h"
#include "wire/sdp.h"

#define RATE 48000
#define SAMPLES_MAX 4800       /* of a packet */
#define BUF (2 * VC_FRAME_MAX) /* a frame and what comes with it */
#define READ_MAX (4 * BUF)     /* octets in a call */
#define FAR_OFF (5 * VC_SEC)   /* of another clock */

struct farin {
	struct vc_tool *tool;
	struct vc_patient place;
	bool is_virtual;
	uint8_t *buf;
	size_t start, end;
	bool has_desc; /* since somebody was there */
	int pt;	       /* -1: nothing to listen to */
	int64_t time;  /* of what is written, T */
	int64_t arrival;
	int64_t skew; /* our clock less his */
	struct vc_limit limit;
	struct farin_counts counts;
};

struct farin *farin_open(struct vc_tool *t, const char *text)
{
	struct farin *f = vc_alloc(1, sizeof(*f));

	f->tool = t;
	f->is_virtual = vc_loop_is_virtual(vc_tool_loop(t));
	f->pt = -1;
	f->time = f->arrival = VC_TIME_NONE;
	if (!vc_patient_open(&f->place, t, text, false)) {
		f->buf = vc_alloc(1, BUF);
		/* What is wrong with it is said, whatever is captured. */
		(void)vc_patient_is_there(&f->place);
		return f;
	}
	free(f);
	return NULL;
}

void farin_close(struct farin *f)
{
	if (!f)
		return;
	vc_patient_close(&f->place);
	free(f->buf);
	free(f);
}

const struct farin_counts *farin_counts(const struct farin *f)
{
	return &f->counts;
}

static void refuse(struct farin *f, const char *why)
{
	f->counts.refused++;
	vc_tool_warn_limited(f->tool, &f->limit, "--aec: %s: %s",
			     f->place.where.text, why);
}

/* The next octets are another writer's. */
static void forget(struct farin *f)
{
	f->start = f->end = 0;
	f->has_desc = false;
	f->pt = -1;
	f->arrival = VC_TIME_NONE;
}

/* --- frames --- */

static void take_desc(struct farin *f, const struct vc_frame *frame)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));

	f->counts.writers += !f->has_desc;
	f->has_desc = true;
	f->pt = -1;
	if (!sdp)
		return;
	if (vc_sdp_parse(sdp, (const char *)frame->payload, frame->len))
		sdp->n_media = 0;
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];

		for (unsigned int k = 0; k < m->n_fmt && f->pt < 0; k++) {
			if (vc_str_is_nocase(m->fmt[k].codec, "L16") &&
			    m->fmt[k].rate == RATE && m->fmt[k].channels == 1)
				f->pt = m->fmt[k].pt;
		}
	}
	if (f->pt < 0)
		refuse(f, "no L16 at 48 kHz, mono, in it (as vc-play --far)");
	else if (f->is_virtual != vc_str_is(sdp->clock, "virtual"))
		refuse(f, "another clock than that of --virtual");
	free(sdp);
}

static void take_time(struct farin *f, const struct vc_frame *frame)
{
	enum vc_frame_time kind;
	int64_t ns;

	if (vc_frame_time_parse(frame->payload, frame->len, &kind, &ns))
		return;
	if (kind == VC_TIME_ARRIVAL)
		f->arrival = ns;
	else
		f->time = ns;
}

/* His time of the end of a packet, on our clock. */
static int64_t our_time(struct farin *f, int64_t t)
{
	int64_t now = vc_loop_now(vc_tool_loop(f->tool));

	if (f->is_virtual)
		return t;
	if (t + f->skew > now + FAR_OFF || t + f->skew < now - FAR_OFF)
		f->skew = now - t;
	return t + f->skew;
}

static void take_rtp(struct farin *f, const struct vc_frame *frame,
		     void (*fn)(void *ctx, int64_t t, const int16_t *pcm,
				size_t n),
		     void *ctx)
{
	int64_t end = f->arrival != VC_TIME_NONE ? f->arrival : f->time;
	int16_t pcm[SAMPLES_MAX];
	struct vc_rtp rtp;
	struct vc_rd r;
	size_t n;

	f->arrival = VC_TIME_NONE;
	if (frame->toobig || vc_rtp_parse(&rtp, frame->payload, frame->len) ||
	    rtp.pt != f->pt || end == VC_TIME_NONE || !rtp.payload_len ||
	    rtp.payload_len % 2 || rtp.payload_len / 2 > SAMPLES_MAX) {
		f->counts.refused++;
		return;
	}
	n = rtp.payload_len / 2;
	r = vc_rd_over(rtp.payload, rtp.payload_len);
	for (size_t i = 0; i < n; i++)
		pcm[i] = (int16_t)vc_rd_u16(&r);
	f->counts.packets++;
	end = our_time(f, end) - (int64_t)n * VC_SEC / RATE;
	fn(ctx, end > 0 ? end : 0, pcm, n);
}

/* --- octets --- */

/* Frames that are here, virtual: not those of a later time. */
static void take_frames(struct farin *f, int64_t until,
			void (*fn)(void *ctx, int64_t t, const int16_t *pcm,
				   size_t n),
			void *ctx)
{
	struct vc_frame frame;
	int got = 0;

	while (!f->is_virtual || f->time < until) {
		got = vc_frame_next(f->buf + f->start, f->end - f->start,
				    &frame);
		if (got <= 0)
			break;
		f->start += frame.size;
		if (frame.type == VC_FRAME_DESC)
			take_desc(f, &frame);
		else if (frame.type == VC_FRAME_TIME)
			take_time(f, &frame);
		else if (frame.type == VC_FRAME_RTP && f->pt >= 0)
			take_rtp(f, &frame, fn, ctx);
		if (!f->has_desc && frame.type != VC_FRAME_EMPTY)
			got = -EBADMSG;
		if (got < 0)
			break;
	}
	if (got < 0) {
		refuse(f, "not a vc stream");
		vc_patient_lost(&f->place);
		/* Of a file, and on the virtual clock, there is one only. */
		f->place.is_over |= f->is_virtual || f->place.is_regular;
		forget(f);
	}
	memmove(f->buf, f->buf + f->start, f->end - f->start);
	f->end -= f->start;
	f->start = 0;
}

/* 1 there are more octets, 0 the end of them, -EAGAIN later. */
static int fill(struct farin *f)
{
	ssize_t n;

	if (!vc_patient_is_there(&f->place))
		return -EAGAIN;
	if (f->end == BUF)
		return -EAGAIN;
	n = vc_patient_read(&f->place, f->buf + f->end, BUF - f->end);
	if (n == -EAGAIN || n == -EINTR)
		return -EAGAIN;
	if (n > 0) {
		f->end += (size_t)n;
		return 1;
	}
	/* A FIFO stays open for its next writer; a file may grow. */
	if (n < 0 || f->place.is_socket || f->place.where.kind != VC_PLACE_PATH)
		vc_patient_lost(&f->place);
	if (!f->place.is_regular)
		forget(f);
	return 0;
}

void farin_read(struct farin *f, int64_t until,
		void (*fn)(void *ctx, int64_t t, const int16_t *pcm, size_t n),
		void *ctx)
{
	size_t left = READ_MAX / BUF;
	int got;

	take_frames(f, until, fn, ctx);
	while (f->is_virtual ? f->time < until && !f->place.is_over : left--) {
		got = fill(f);
		if (got == 0) {
			/* Nobody comes back on the virtual clock. */
			f->place.is_over |= f->is_virtual;
			return;
		}
		take_frames(f, until, fn, ctx);
		if (got < 0 && (!f->is_virtual || !vc_patient_wait(&f->place)))
			return;
	}
}
