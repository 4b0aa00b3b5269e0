/* SPDX-License-Identifier: MIT */
/*
 * Ids of pictures move by an offset that is chosen at the first one of each
 * source. They are extended first, as one source counts to 2^7 and another to
 * 2^15; where they move they are written with 15 bits. VP8 pictures that are
 * left out leave no gap: they are no one's reference, and a gap would be taken
 * for a loss. VP9's stay, whose references may be told by their distance.
 */
#include "session/forward.h"

#include <string.h>

#include "base/time.h"
#include "wire/defaults.h"
#include "wire/keystart.h"
#include "wire/red.h"
#include "wire/rtpext.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

#define LONG_MASK 0x7fff

void vc_forward_init(struct vc_forward *f, const struct vc_rand *rand,
		     const char *purpose, enum vc_codec codec, uint8_t pt,
		     uint32_t rate_hz)
{
	*f = (struct vc_forward){ .codec = codec, .pt = pt };
	vc_splice_init(&f->splice, rand, purpose, 0, rate_hz);
	f->splice.codec = codec;
	vc_svc_init(&f->svc, (struct vc_svc_top){ VC_SVC_TOP, VC_SVC_TOP });
}

static void drop_held(struct vc_forward *f)
{
	for (size_t i = 0; i < f->n_held; i++)
		vc_packet_unref(f->held[i]);
	f->n_held = 0;
	f->is_begun = f->is_overdue = false;
}

void vc_forward_clear(struct vc_forward *f)
{
	drop_held(f);
}

void vc_forward_want(struct vc_forward *f, struct vc_svc_top top)
{
	if (top.sid != f->svc.top.sid || top.tid != f->svc.top.tid)
		vc_svc_want(&f->svc, top);
}

bool vc_forward_wants_key(const struct vc_forward *f)
{
	return vc_svc_wants_key(&f->svc);
}

void vc_forward_source(struct vc_forward *f, const struct vc_srcline *line)
{
	vc_splice_source(&f->splice, line, true);
	vc_svc_init(&f->svc, f->svc.top);
	f->awaits_first = true;
	f->is_mid = false;
}

/* --- who is to come --- */

static void insert(struct vc_forward *f, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	size_t i = f->n_held;

	for (; i; i--) {
		uint16_t seq = vc_rtp_get_seq(f->held[i - 1]->data);

		if (seq == rtp->seq)
			return;
		if (vc_seq_before(seq, rtp->seq))
			break;
	}
	memmove(f->held + i + 1, f->held + i,
		(f->n_held - i) * sizeof(*f->held));
	f->held[i] = vc_packet_ref(pkt);
	f->n_held++;
}

void vc_forward_hold(struct vc_forward *f, struct vc_packet *pkt,
		     const struct vc_rtp *rtp)
{
	if (f->n_held && !f->is_begun && vc_ts_before(rtp->ts, f->held_ts))
		return;
	if (f->is_begun)
		f->is_overdue |= vc_ts_before(f->held_ts, rtp->ts);
	else if (rtp->ts != f->held_ts || f->n_held == VC_FORWARD_HELD)
		drop_held(f);
	if (f->n_held == VC_FORWARD_HELD)
		return;
	if (!f->is_begun)
		f->held_ts = rtp->ts;
	insert(f, pkt, rtp);
	f->is_overdue |= f->is_begun && f->n_held == VC_FORWARD_HELD;
	if (f->is_begun ||
	    (vc_keystart_knows(f->codec) &&
	     !vc_keystart(f->codec, rtp->payload, rtp->payload_len)))
		return;
	f->is_begun = true;
	f->begun = pkt->arrival;
}

bool vc_forward_is_ready(const struct vc_forward *f, const struct vc_rtp *old,
			 int64_t now)
{
	if (!f->is_begun)
		return false;
	return !f->is_mid || f->is_overdue || (old && old->ts != f->mid_ts) ||
	       now - f->begun >= VC_FORWARD_PATIENCE;
}

struct vc_packet *vc_forward_unhold(struct vc_forward *f)
{
	struct vc_packet *pkt;

	f->is_begun = f->is_overdue = false;
	if (!f->n_held)
		return NULL;
	pkt = f->held[0];
	f->n_held--;
	memmove(f->held, f->held + 1, f->n_held * sizeof(*f->held));
	return pkt;
}

/* --- ids of pictures --- */

static int64_t extend(int64_t last, int id, bool is_long)
{
	int64_t mask = is_long ? LONG_MASK : 0x7f;
	int64_t up = (id - last) & mask;

	return last + (up > mask / 2 ? up - mask - 1 : up);
}

/* The first of a source follows the newest that was sent. */
static void begin_ids(struct vc_forward *f, int id, int tl0)
{
	f->id_in = id >= 0 ? id : 0;
	f->left_out = INT64_MIN;
	f->closed = (struct vc_seqshift){ 0 };
	f->id_off = f->has_id ? f->id + 1 - f->id_in : 0;
	f->tl0_off = f->has_id && tl0 >= 0 ? (uint8_t)(f->tl0 + 1 - tl0) : 0;
	f->is_moved = f->is_moved || f->id_off || f->tl0_off;
	if (!f->has_id) {
		f->id = id;
		f->tl0 = (uint8_t)tl0;
	}
	f->has_id = f->has_id || id >= 0;
	f->awaits_first = false;
}

/* What 'id' and 'tl0' become; -1 stays. */
static void move_ids(struct vc_forward *f, int *id, bool *is_long, int *tl0)
{
	int64_t in, out;
	uint8_t up;

	if (f->awaits_first)
		begin_ids(f, *id, *tl0);
	if (*id >= 0) {
		in = extend(f->id_in, *id, *is_long);
		out = in + f->id_off + vc_seqshift_of(&f->closed, in);
		if (in > f->id_in)
			f->id_in = in;
		if (out > f->id)
			f->id = out;
		if (f->is_moved) {
			*id = (int)(out & LONG_MASK);
			*is_long = true;
		}
	}
	if (*tl0 < 0)
		return;
	*tl0 = (uint8_t)(*tl0 + f->tl0_off);
	up = (uint8_t)(*tl0 - f->tl0);
	if (up < 128)
		f->tl0 = (uint8_t)*tl0;
}

/* Writes the payload, with its descriptor anew where ids move. */
static void write_payload(struct vc_forward *f, struct vc_wr *w,
			  const struct vc_rtp *in)
{
	const uint8_t *rest = in->payload;
	size_t len = in->payload_len;
	struct vc_vp8_desc vp8;
	struct vc_vp9_desc vp9;

	if (f->codec == VC_CODEC_VP8 && !vc_vp8_desc_parse(&vp8, rest, len)) {
		move_ids(f, &vp8.picture_id, &vp8.long_id, &vp8.tl0picidx);
		if (f->is_moved) {
			vc_vp8_desc_write(w, &vp8);
			rest = vp8.payload;
			len = vp8.payload_len;
		}
	}
	if (f->codec == VC_CODEC_VP9 && !vc_vp9_desc_parse(&vp9, rest, len)) {
		move_ids(f, &vp9.picture_id, &vp9.long_id, &vp9.tl0picidx);
		if (f->is_moved) {
			vc_vp9_desc_write(w, &vp9);
			rest = vp9.payload;
			len = vp9.payload_len;
		}
	}
	vc_wr_bytes(w, rest, len);
}

/* A layer's picture is left out: those behind it close up. */
static void leave_out(struct vc_forward *f, const struct vc_rtp *in)
{
	struct vc_vp8_desc d;
	int64_t id;

	if (f->codec != VC_CODEC_VP8 || f->awaits_first || !f->has_id ||
	    vc_vp8_desc_parse(&d, in->payload, in->payload_len) ||
	    d.picture_id < 0)
		return;
	id = extend(f->id_in, d.picture_id, d.long_id);
	if (id <= f->id_in || id <= f->left_out)
		return;
	f->left_out = f->id_in = id;
	vc_seqshift_add(&f->closed, id, -1);
	f->is_moved = true;
}

/* --- packets --- */

static void write_ext(struct vc_wr *w, const struct vc_rtp *in, uint8_t from,
		      uint8_t to)
{
	const uint8_t *p;
	size_t len;

	if (from && vc_ext_find(in, from, &p, &len) && len && len <= 16)
		vc_ext_write(w, to, p, len);
}

/* Its blocks are of one format, whatever number that has. */
static void write_red(struct vc_wr *w, const struct vc_rtp *in)
{
	struct vc_red red;

	if (vc_red_parse(&red, in->payload, in->payload_len)) {
		w->bad = true;
		return;
	}
	for (size_t i = 0; i < red.n; i++)
		w->bad |= red.blocks[i].pt != red.blocks[red.n - 1].pt;
	for (size_t i = 0; i < red.n; i++)
		red.blocks[i].pt = VC_PT_T140;
	vc_red_write(w, &red);
}

static int pt_of(const struct vc_forward *f, enum vc_codec codec)
{
	if (codec == f->codec)
		return f->pt;
	return vc_default_pt_of(codec, vc_codec_kind(f->codec),
				f->splice.sender.rate_hz);
}

static void note_picture(struct vc_forward *f, const struct vc_rtp *in)
{
	if (vc_codec_kind(f->codec) != VC_VIDEO)
		return;
	if (f->is_mid && vc_ts_before(in->ts, f->mid_ts))
		return;
	f->is_mid = !in->marker;
	f->mid_ts = in->ts;
}

static bool map(struct vc_forward *f, enum vc_codec codec,
		const struct vc_rtp *in, int64_t arrival, struct vc_rtp *out)
{
	return codec == VC_CODEC_TELEPHONE_EVENT ?
		       vc_splice_map_event(&f->splice, in, arrival, out) :
		       vc_splice_map(&f->splice, in, arrival, out);
}

/* The header of what goes out. */
static void write_head(const struct vc_forward *f, struct vc_wr *w,
		       struct vc_rtp out, const struct vc_rtp *in,
		       bool is_first, const struct vc_forward_exts *exts)
{
	uint8_t ext[64];
	struct vc_wr e = vc_wr_over(ext, sizeof(ext));

	out.marker |= is_first && vc_codec_kind(f->codec) == VC_AUDIO;
	out.n_csrc = in->header_len + in->payload_len <= VC_FORWARD_ROOM;
	out.csrc[0] = in->ssrc;
	write_ext(&e, in, exts->level, VC_EXT_AUDIO_LEVEL);
	write_ext(&e, in, exts->capture_time, VC_EXT_ABS_CAPTURE_TIME);
	write_ext(&e, in, exts->orientation, VC_EXT_ORIENTATION);
	out.has_ext = vc_wr_len(&e);
	out.ext_profile = VC_RTP_EXT_ONE;
	out.ext = ext;
	out.ext_len = vc_wr_len(&e);
	(void)vc_rtp_write(w, &out);
}

bool vc_forward_write_as(struct vc_forward *f, struct vc_wr *w,
			 enum vc_codec codec, const struct vc_rtp *in,
			 int64_t arrival, const struct vc_forward_exts *exts)
{
	struct vc_rtp r = *in, out;
	bool is_first = f->splice.awaits_first;
	int pt = pt_of(f, codec);

	if (pt < 0) {
		vc_splice_skip(&f->splice, in);
		return false;
	}
	if ((f->codec == VC_CODEC_VP8 || f->codec == VC_CODEC_VP9) &&
	    !vc_svc_pass(&f->svc, f->codec, &r)) {
		leave_out(f, in);
		return false;
	}
	if (!r.payload_len) {
		vc_splice_skip(&f->splice, &r);
		return false;
	}
	out = r;
	if (!map(f, codec, &r, arrival, &out))
		return false;
	out.pt = (uint8_t)pt;
	write_head(f, w, out, in, is_first, exts);
	if (codec == VC_CODEC_RED)
		write_red(w, &r);
	else
		write_payload(f, w, &r);
	note_picture(f, &r);
	return !w->bad;
}

bool vc_forward_write(struct vc_forward *f, struct vc_wr *w,
		      const struct vc_rtp *in, int64_t arrival,
		      const struct vc_forward_exts *exts)
{
	return vc_forward_write_as(f, w, f->codec, in, arrival, exts);
}
