/* SPDX-License-Identifier: MIT */
/*
 * One side of a comparison: a stream or a capture, told by its first octets,
 * gzip read through. Read in blocks, so that neither side has to be a file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/gz.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/slide.h"
#include "base/time.h"
#include "diff.h"
#include "net/loop.h"
#include "tool/capture_internal.h"
#include "tool/place.h"
#include "wire/defaults.h"
#include "wire/frame.h"
#include "wire/rtp.h"
#include "wire/sdp.h"

#define BLOCK 65536
#define SNIFF 12

struct diff_reader {
	struct diff *d;
	int side;
	int fd;
	struct vc_place place;
	struct vc_gz *gz;
	bool is_sniffed, is_begun;
	enum vc_filekind kind;
	struct vc_slide slide;
	struct vc_pcap pcap;
	struct vc_rtpdump rtpdump;
	struct vc_mjr mjr;
	struct vc_mjrinfo info;
	struct vc_capscan *scan;
	struct vc_sdp *sdp; /* what payload types mean; NULL: not described */
	char *sdp_text;	    /* which it points into, or NULL */
	bool is_virtual;
	bool has_rtp;
	int64_t t, arrival; /* VC_TIME_NONE: none yet, not said */
	uint8_t in[BLOCK], out[BLOCK];
	size_t n; /* octets of 'in' before it is known what it is */
};

/* --- packets --- */

static uint64_t hash_of(const uint8_t *p, size_t len, size_t whole)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325) ^ whole;

	for (size_t i = 0; i < len && i < DIFF_HASHED; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h ^ h >> 32;
}

/* 'p' but for what is in the packet; 'flow' is NULL of a stream. */
static void give(struct diff_reader *r, struct diff_packet *p,
		 struct vc_packet *pkt, size_t missing,
		 const struct vc_capflow *flow)
{
	struct diff_marks *marks = r->d->side[r->side].marks;
	struct vc_rtp rtp;
	const struct diff_media media = {
		.packet = p,
		.pkt = pkt,
		.rtp = &rtp,
		.flow = flow,
		.sdp = r->sdp,
		.is_cut = missing > 0,
	};

	if (missing && pkt->len)
		pkt->data[0] &=
			0xdf; /* the padding's length is behind the cut */
	if (vc_rtp_parse(&rtp, pkt->data, pkt->len))
		return;
	r->has_rtp = true;
	p->ssrc = p->track = rtp.ssrc;
	p->seq = rtp.seq;
	p->payload = hash_of(rtp.payload, rtp.payload_len,
			     rtp.payload_len + missing);
	if (marks)
		diff_marks_rtp(marks, &media);
	else
		diff_put(r->d, r->side, p);
}

static void learn(struct diff_reader *r, const uint8_t *p, size_t len)
{
	struct diff_marks *marks = r->d->side[r->side].marks;

	if (marks)
		diff_marks_rtcp(marks, p, len);
}

static void captured(void *ctx, const struct vc_capscan_packet *c)
{
	struct diff_reader *r = ctx;
	struct diff_packet p = {
		.t = c->pkt->arrival,
		.dscp = c->dscp,
		.ttl = c->ttl,
		.flow = c->flow->id,
		.from = c->from,
		.to = c->to,
	};

	if (!c->is_rtcp)
		give(r, &p, c->pkt, c->missing, c->flow);
	else if (!c->missing)
		learn(r, c->pkt->data, c->pkt->len);
}

/* --- captures --- */

static int next_piece(void *ctx, const uint8_t *p, size_t len, uint64_t *size)
{
	struct diff_reader *r = ctx;
	struct vc_piece piece;
	int64_t t;
	int got;

	if (r->kind == VC_FILEKIND_RTPDUMP)
		got = vc_rtpdump_next(&r->rtpdump, p, len, &piece);
	else if (r->kind == VC_FILEKIND_MJR)
		got = vc_mjr_next(&r->mjr, p, len, &piece);
	else
		got = vc_pcap_next(&r->pcap, p, len, &piece);
	if (got <= 0)
		return got;
	*size = piece.size;
	r->is_begun = true;
	if (piece.kind == VC_PIECE_INFO)
		return vc_mjrinfo_take(&r->info, &piece) ? -EBADMSG : 1;
	if (piece.kind != VC_PIECE_PACKET)
		return 1;
	t = r->kind == VC_FILEKIND_MJR ? vc_mjrinfo_time(&r->info, &piece) :
					 piece.time;
	if (r->kind == VC_FILEKIND_MJR && !r->info.is_told)
		vc_mjrinfo_sdp(&r->info, &piece, r->sdp);
	if (t == VC_TIME_NONE)
		t = r->t == VC_TIME_NONE ? VC_VIRTUAL_EPOCH : r->t;
	r->t = t < 0 ? 0 : t > VC_FRAME_TIME_MAX ? VC_FRAME_TIME_MAX : t;
	return vc_capscan_take(r->scan, &piece, r->t) ? -ENOMEM : 1;
}

/* --- streams --- */

/* The last one that can be read holds. */
static void describe(struct diff_reader *r, const struct vc_frame *f)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	char *text = vc_try_alloc(1, f->len + 1);

	if (text)
		memcpy(text, f->payload, f->len);
	if (sdp && text && !vc_sdp_parse(sdp, text, f->len)) {
		r->is_virtual = vc_str_is(sdp->clock, "virtual");
		free(r->sdp);
		free(r->sdp_text);
		r->sdp = sdp;
		r->sdp_text = text;
		return;
	}
	free(sdp);
	free(text);
}

static void framed(struct diff_reader *r, const struct vc_frame *f)
{
	struct diff_packet p = {
		.t = r->arrival != VC_TIME_NONE ? r->arrival : r->t,
		.dscp = -1,
		.ttl = -1,
	};
	struct vc_packet *pkt;

	r->arrival = VC_TIME_NONE;
	if (p.t == VC_TIME_NONE || f->toobig || f->len > VC_PACKET_MAX)
		return;
	pkt = vc_packet_new(vc_tool_pool(r->d->tool), f->len);
	if (!pkt)
		return;
	memcpy(pkt->data, f->payload, f->len);
	pkt->len = f->len;
	pkt->arrival = p.t;
	give(r, &p, pkt, 0, NULL);
	vc_packet_unref(pkt);
}

/* Of a stream; a compound has a time of arrival, too. */
static void reported(struct diff_reader *r, const struct vc_frame *f)
{
	r->arrival = VC_TIME_NONE;
	if (!f->toobig)
		learn(r, f->payload, f->len);
}

static int next_frame(void *ctx, const uint8_t *p, size_t len, uint64_t *size)
{
	struct diff_reader *r = ctx;
	enum vc_frame_time kind;
	struct vc_frame f;
	int64_t t;
	int got = vc_frame_next(p, len, &f);

	if (got <= 0)
		return got;
	*size = f.size;
	if (!r->is_begun && f.type != VC_FRAME_DESC && f.type != VC_FRAME_EMPTY)
		return -EBADMSG;
	r->is_begun |= f.type == VC_FRAME_DESC;
	if (f.type == VC_FRAME_DESC)
		describe(r, &f);
	else if (f.type == VC_FRAME_RTP)
		framed(r, &f);
	else if (f.type == VC_FRAME_RTCP)
		reported(r, &f);
	else if (f.type == VC_FRAME_TIME &&
		 !vc_frame_time_parse(f.payload, f.len, &kind, &t))
		*(kind == VC_TIME_STREAM ? &r->t : &r->arrival) = t;
	return 1;
}

/* --- reading --- */

static int begin(struct diff_reader *r)
{
	const struct vc_capscan_conf conf = {
		.kind = r->kind,
		.pool = vc_tool_pool(r->d->tool),
		.packet = captured,
		.ctx = r,
	};

	r->slide.ctx = r;
	r->slide.next = next_frame;
	if (!vc_filekind_is_capture(r->kind))
		return r->kind == VC_FILEKIND_VCRTP ? 0 : -EBADMSG;
	r->slide.next = next_piece;
	r->sdp = vc_try_alloc(1, sizeof(*r->sdp));
	if (!r->sdp)
		return -ENOMEM;
	vc_default_sdp(r->sdp);
	r->scan = vc_capscan_new(&conf);
	return r->scan ? 0 : -ENOMEM;
}

/* The octets of the file itself. */
static int take(struct diff_reader *r, const uint8_t *p, size_t len)
{
	int err = 0;

	if (!r->is_sniffed) {
		r->is_sniffed = true;
		r->kind = vc_filekind_of(p, len);
		err = begin(r);
	}
	return err ? err : vc_slide_put(&r->slide, p, len);
}

static int take_raw(struct diff_reader *r, const uint8_t *p, size_t len)
{
	int err = 0, ret = 0;

	if (!r->is_sniffed && !r->gz && len > 1 && p[0] == 0x1f &&
	    p[1] == 0x8b) {
		r->gz = vc_gz_new_reader();
		if (!r->gz)
			return -ENOMEM;
	}
	if (!r->gz)
		return take(r, p, len);
	while (!err && ret >= 0) {
		size_t used = len, got = sizeof(r->out);

		ret = vc_gz_read(r->gz, p, &used, r->out, &got);
		p += used;
		len -= used;
		if (got)
			err = take(r, r->out, got);
		if (!used && !got)
			break;
	}
	return ret < 0 ? ret : err;
}

static void say(struct diff_reader *r, int err, bool is_end)
{
	struct vc_tool *t = r->d->tool;

	if (is_end && !err && !r->is_begun)
		vc_tool_fail(t, VC_EXIT_NO_MEDIA,
			     "%s: empty (did the command before it fail?)",
			     r->place.text);
	else if (err == -EBADMSG && !r->is_begun)
		vc_tool_fail(t, VC_EXIT_FAIL,
			     "%s: %s, neither a vc stream nor a capture",
			     r->place.text, vc_filekind_name(r->kind));
	else if (err == -EBADMSG)
		vc_tool_fail(t, VC_EXIT_FAIL,
			     "%s: malformed: the rest cannot be read",
			     r->place.text);
	else if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: read: %s", r->place.text,
			     strerror(-err));
	else if (is_end && !vc_slide_is_empty(&r->slide))
		vc_tool_fail(t, VC_EXIT_FAIL,
			     "%s: truncated: what came before was used",
			     r->place.text);
}

/* For more to read, or its end. False: a signal came, no more is wanted. */
static bool await_more(const struct diff_reader *r)
{
	struct vc_loop *loop = vc_tool_loop(r->d->tool);

	if (!vc_loop_is_stopped(loop))
		vc_loop_wait_fd(loop, r->fd, VC_READ, -1);
	return !vc_loop_is_stopped(loop);
}

bool diff_reader_step(struct diff_reader *r)
{
	ssize_t n;
	int err;

	if (!await_more(r))
		return false;
	do {
		n = read(r->fd, r->in + r->n, sizeof(r->in) - r->n);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		say(r, -errno, true);
		return false;
	}
	r->n += (size_t)n;
	/* So much tells what it is. */
	if (n && !r->is_sniffed && r->n < SNIFF)
		return true;
	err = r->n ? take_raw(r, r->in, r->n) : 0;
	r->n = 0;
	if (err || !n) {
		if (r->scan)
			vc_capscan_end(r->scan);
		say(r, err, !n);
	}
	return n > 0 && !err;
}

int diff_reader_open(struct diff *d, int side, const char *text)
{
	struct diff_reader *r = vc_alloc(1, sizeof(*r));
	char why[256];
	int err;

	d->side[side].reader = r;
	r->d = d;
	r->side = side;
	r->fd = -1;
	r->t = r->arrival = VC_TIME_NONE;
	if (vc_place_parse(&r->place, text, false, why, sizeof(why)))
		vc_tool_usage(d->tool, "%s: %s", text, why);
	if (r->place.kind == VC_PLACE_RTP)
		vc_tool_usage(d->tool,
			      "%s: packets from a network come through "
			      "vc-recv: `vc-probe diff A <(vc-recv %s)`",
			      text, text);
	err = vc_place_open_read(&r->place, &r->fd);
	if (err == -ENOTTY)
		vc_tool_usage(d->tool, "%s: not from a terminal", text);
	if (err)
		vc_tool_fail(d->tool, VC_EXIT_FAIL, "%s: open: %s",
			     r->place.text, vc_place_why(&r->place, err));
	return err;
}

void diff_reader_free(struct diff_reader *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	vc_gz_free(r->gz);
	vc_slide_clear(&r->slide);
	vc_capscan_free(r->scan);
	free(r->sdp);
	free(r->sdp_text);
	free(r);
}

bool diff_reader_is_virtual(const struct diff_reader *r)
{
	return r->is_virtual;
}

const char *diff_reader_place(const struct diff_reader *r)
{
	return r->place.text;
}

bool diff_reader_has_rtp(const struct diff_reader *r)
{
	return r->has_rtp;
}
