/* SPDX-License-Identifier: MIT */
/*
 * A frame of sound is one write of T and RTP, with description and sender
 * report before it where they are due. On the live clock what does not fit is
 * left out as a whole; the rest of one that went half goes first. The virtual
 * clock waits for its reader.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "far.h"
#include "session/sender.h"
#include "tool/patient.h"
#include "tool/tool.h"
#include "wire/frame.h"
#include "wire/rtp.h"
#include "wire/sdp.h"

#define SAMPLES 480
#define LENGTH (10 * VC_MS)
#define RATE 48000
#define PT 112
#define BUF 4096

struct far {
	struct vc_tool *tool;
	struct vc_patient place;
	bool has_begun;
	bool is_live;
	struct vc_sender sender;
	char sdp[1024];
	size_t sdp_len;
	uint64_t told; /* the reader who has the description */
	uint8_t buf[BUF];
	size_t start, end; /* what is still to be written */
	int64_t last;
	uint64_t packets, dropped;
};

struct far *far_open(struct vc_tool *t, const char *text)
{
	struct far *f = vc_alloc(1, sizeof(*f));

	f->tool = t;
	if (!vc_patient_open(&f->place, t, text, true)) {
		/* What is wrong with it is said, whatever is played. */
		(void)vc_patient_is_there(&f->place);
		return f;
	}
	free(f);
	return NULL;
}

static void describe(struct far *f, const char *clock)
{
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));
	struct vc_sdp_media *m = &sdp->media[0];
	int len;

	sdp->clock = vc_str_c(clock);
	sdp->n_media = 1;
	m->kind = VC_AUDIO;
	m->proto = vc_str_c("RTP/AVP");
	m->is_rtp = true;
	m->mid = vc_str_c("audio");
	m->rtcp_mux = true;
	m->ptime_ms = LENGTH / VC_MS;
	m->n_fmt = 1;
	m->fmt[0] = (struct vc_sdp_fmt){ .pt = PT,
					 .codec = vc_str_c("L16"),
					 .rate = RATE,
					 .channels = 1 };
	len = vc_sdp_write(sdp, f->sdp, sizeof(f->sdp));
	f->sdp_len = len > 0 ? (size_t)len : 0;
	free(sdp);
}

static void begin(struct far *f, int64_t t, const char *clock)
{
	f->has_begun = true;
	f->is_live = !strcmp(clock, "live");
	vc_sender_init(&f->sender, vc_tool_rand(f->tool), "far", RATE, t,
		       vc_tool_cname(f->tool), "far");
	describe(f, clock);
}

/* --- frames --- */

static void add_frame(struct far *f, const void *p, size_t len)
{
	vc_frame_head(f->buf + f->end, len);
	memcpy(f->buf + f->end + 2, p, len);
	f->end += 2 + len;
}

static void add_time(struct far *f, int64_t t)
{
	vc_frame_time_write(f->buf + f->end, VC_TIME_STREAM, t);
	f->end += VC_FRAME_TIME_SIZE;
}

static void add_sound(struct far *f, int64_t t, const int16_t *pcm)
{
	uint8_t packet[VC_RTP_HEADER + 2 * SAMPLES];
	struct vc_wr w = vc_wr_over(packet, sizeof(packet));
	struct vc_rtp rtp = { .pt = PT };

	vc_sender_next(&f->sender, &rtp, vc_sender_ts(&f->sender, t),
		       (size_t)2 * SAMPLES);
	vc_rtp_write(&w, &rtp);
	for (int i = 0; i < SAMPLES; i++)
		vc_wr_u16(&w, (uint16_t)pcm[i]);
	add_frame(f, packet, vc_wr_len(&w));
}

static void add_report(struct far *f, int64_t now, bool is_bye)
{
	uint8_t rtcp[VC_SENDER_COMPOUND];
	int len = is_bye ?
			  vc_sender_bye(&f->sender, rtcp, sizeof(rtcp), now,
					NULL) :
			  vc_sender_report(&f->sender, rtcp, sizeof(rtcp), now);

	if (len > 0)
		add_frame(f, rtcp, (size_t)len);
}

/* --- writing --- */

/* 0 when all is written, or -errno. */
static int flush(struct far *f)
{
	while (f->start < f->end) {
		ssize_t n = vc_patient_write(&f->place, f->buf + f->start,
					     f->end - f->start);

		if (n > 0)
			f->start += (size_t)n;
		else if (n != -EAGAIN && n != -EINTR)
			return n ? (int)n : -EIO;
		else if (f->is_live || !vc_patient_wait(&f->place))
			return -EAGAIN;
	}
	f->start = f->end = 0;
	return 0;
}

/* A full disk will not get better, and on the virtual clock nobody comes back:
 * both are over. */
static void write_out(struct far *f)
{
	int err = flush(f);
	bool is_gone = err == -EPIPE || err == -ECONNRESET;

	if (!err || err == -EAGAIN)
		return;
	vc_patient_lost(&f->place);
	f->place.is_over |= !f->is_live || !is_gone;
	if (!is_gone)
		vc_tool_warn(f->tool, "%s: write: %s", f->place.where.text,
			     strerror(-err));
}

/* Somebody is there, and what was begun is written. */
static bool is_free(struct far *f)
{
	while (!vc_patient_is_there(&f->place)) {
		if (f->is_live || f->place.is_over ||
		    !vc_patient_wait(&f->place))
			return false;
	}
	if (f->told != f->place.met)
		f->start = f->end = 0;
	write_out(f);
	return f->place.fd >= 0 && !f->end;
}

void far_hear(struct far *f, int64_t t, const int16_t *pcm, const char *clock)
{
	int64_t now = t + LENGTH;

	if (!f->has_begun)
		begin(f, t, clock);
	if (!is_free(f)) {
		f->dropped++;
		return;
	}
	if (f->told != f->place.met)
		add_frame(f, f->sdp, f->sdp_len);
	add_time(f, now);
	if (f->told != f->place.met || now >= vc_sender_next_report(&f->sender))
		add_report(f, now, false);
	f->told = f->place.met;
	add_sound(f, t, pcm);
	f->packets++;
	f->last = now;
	write_out(f);
}

void far_stats(const struct far *f, struct vc_json *record)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "packets", (int64_t)f->packets);
	vc_json_set_int(j, "dropped", (int64_t)f->dropped);
	vc_json_set_int(j, "readers", (int64_t)f->place.met);
	vc_json_set(record, "far", j);
}

void far_close(struct far *f)
{
	if (!f)
		return;
	if (f->packets && f->place.fd >= 0 && is_free(f)) {
		add_time(f, f->last);
		add_report(f, f->last, true);
		write_out(f);
	}
	vc_patient_close(&f->place);
	free(f);
}
