/* SPDX-License-Identifier: MIT */
/*
 * A jitter buffer for order, and for pictures the assembler behind it. A hole
 * is given up when the first packet behind it has been here for 'wait'.
 */
#include "engine/units.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/pool.h"
#include "session/frameasm.h"
#include "session/jbuf.h"
#include "session/orient.h"
#include "session/t140.h"
#include "wire/opus.h"

#define AUDIO_PACKETS 128
#define AUDIO_OCTETS (512u << 10)
#define SOUND_MAX 65000 /* octets of a packet */
#define TEXT_CAP (VC_T140_GROWTH * (VC_PACKET_MAX + 8))
#define VIDEO_PACKETS 4096
#define VIDEO_OCTETS (2 * VC_VIDEO_FRAME_MAX)

/* What text is put together from. */
struct typed {
	struct vc_t140rx rx;
	bool has_red;
	uint8_t red_pt;
	char text[TEXT_CAP];
};

struct vc_units {
	enum vc_codec codec;
	unsigned int channels; /* L16 */
	int64_t wait;
	bool has_ended;
	struct vc_jbuf *jb;
	struct vc_frameasm *fa; /* pictures */
	struct vc_orient orient;
	struct typed *typed;   /* text */
	struct vc_packet *pkt; /* sound: what was given out last */
	uint64_t overflow;     /* of 'jb', as far as it is known */
	uint64_t skipped;      /* likewise, before the last unit */
	bool has_seq;	       /* of the next packet in order */
	uint16_t seq;
	uint32_t passed_over;	       /* by a jump, since the last unit */
	struct vc_units_counts counts; /* what 'jb' and 'fa' do not count */
};

bool vc_units_can(enum vc_codec codec)
{
	return codec == VC_CODEC_OPUS || codec == VC_CODEC_PCMU ||
	       codec == VC_CODEC_PCMA || codec == VC_CODEC_G722 ||
	       codec == VC_CODEC_L16 || codec == VC_CODEC_T140 ||
	       vc_frameasm_can(codec);
}

struct vc_units *vc_units_new(enum vc_codec codec, int64_t wait, int *err)
{
	bool is_video = vc_frameasm_can(codec);
	struct vc_units *u;

	*err = -ENOTSUP;
	if (!vc_units_can(codec))
		return NULL;
	*err = -ENOMEM;
	u = vc_try_alloc(1, sizeof(*u));
	if (!u)
		return NULL;
	u->codec = codec;
	u->channels = 1;
	u->wait = wait;
	u->jb = is_video ? vc_jbuf_new(VIDEO_PACKETS, VIDEO_OCTETS) :
			   vc_jbuf_new(AUDIO_PACKETS, AUDIO_OCTETS);
	if (is_video)
		u->fa = vc_frameasm_new(codec, NULL);
	if (codec == VC_CODEC_T140)
		u->typed = vc_try_alloc(1, sizeof(*u->typed));
	if (u->typed)
		vc_t140rx_init(&u->typed->rx);
	if (!u->jb || (is_video && !u->fa) ||
	    (codec == VC_CODEC_T140 && !u->typed)) {
		vc_units_free(u);
		return NULL;
	}
	*err = 0;
	return u;
}

void vc_units_free(struct vc_units *u)
{
	if (!u)
		return;
	vc_packet_unref(u->pkt);
	vc_frameasm_free(u->fa);
	vc_jbuf_free(u->jb);
	free(u->typed);
	free(u);
}

void vc_units_set_channels(struct vc_units *u, unsigned int channels)
{
	if (channels)
		u->channels = channels;
}

void vc_units_set_red(struct vc_units *u, uint8_t pt)
{
	if (!u->typed)
		return;
	u->typed->has_red = true;
	u->typed->red_pt = pt;
}

void vc_units_set_orientation(struct vc_units *u, uint8_t id)
{
	u->orient.id = id;
}

void vc_units_set_fmtp(struct vc_units *u, struct vc_str fmtp)
{
	if (u->fa)
		vc_frameasm_set_fmtp(u->fa, fmtp);
}

void vc_units_put(struct vc_units *u, struct vc_packet *pkt,
		  const struct vc_rtp *rtp, bool is_media)
{
	struct vc_rtp copy = *rtp;

	if (!is_media)
		copy.payload_len = 0;
	(void)vc_jbuf_put(u->jb, pkt, &copy); /* it counts */
	if (u->fa && vc_jbuf_counts(u->jb)->overflow != u->overflow) {
		u->overflow = vc_jbuf_counts(u->jb)->overflow;
		vc_frameasm_lost(u->fa);
	}
}

void vc_units_end(struct vc_units *u)
{
	u->has_ended = true;
}

/* Whether to go on waiting for what belongs before or after a packet. */
static bool is_waiting(const struct vc_units *u, int64_t arrival, int64_t now)
{
	return !u->has_ended && now - arrival < u->wait;
}

/* Units of RTP time that a payload lasts, or -EBADMSG. */
static int lasts(const struct vc_units *u, const uint8_t *p, size_t len)
{
	size_t sample = 2 * (size_t)u->channels;

	if (u->codec == VC_CODEC_OPUS)
		return vc_opus_samples(p, len);
	if (len > SOUND_MAX)
		return -EBADMSG;
	if (u->codec != VC_CODEC_L16)
		return (int)len;
	return len % sample ? -EBADMSG : (int)(len / sample);
}

/* The next 'n' packets are taken, the first is 'item'. */
static void note_taken(struct vc_units *u, const struct vc_jbuf_item *item,
		       size_t n)
{
	uint16_t missing = (uint16_t)(item->rtp.seq - u->seq);

	/* Backwards it is another numbering. */
	if (u->has_seq && item->resync && missing < 0x8000)
		u->passed_over += missing;
	u->has_seq = true;
	u->seq = (uint16_t)(item->rtp.seq + n);
}

/* The text of a packet, and of those before it that were lost. */
static bool take_text(struct vc_units *u, const struct vc_rtp *rtp,
		      struct vc_timeline_unit *out)
{
	struct typed *t = u->typed;
	struct vc_wr w = vc_wr_over(t->text, sizeof(t->text));
	uint64_t lost = t->rx.counts.lost;
	struct vc_red red;
	int err = 0;

	if (!t->has_red || rtp->pt != t->red_pt)
		err = vc_t140rx_put(&t->rx, rtp->seq, rtp->payload,
				    rtp->payload_len, &w);
	else if (vc_red_parse(&red, rtp->payload, rtp->payload_len))
		err = -EBADMSG;
	else
		err = vc_t140rx_put_red(&t->rx, rtp->seq, rtp->payload,
					rtp->payload_len,
					red.blocks[red.n - 1].pt, &w);
	u->counts.malformed += err || w.bad;
	*out = (struct vc_timeline_unit){
		.ts = rtp->ts,
		.is_key = true,
		.arrival = u->pkt->arrival,
		.lost = (uint32_t)(t->rx.counts.lost - lost),
		.data = (const uint8_t *)t->text,
		.len = vc_wr_len(&w),
	};
	return !err && !w.bad && out->len;
}

static bool take_sound(struct vc_units *u, struct vc_timeline_unit *out)
{
	const struct vc_jbuf_item *item;
	struct vc_rtp rtp;
	int samples;

	(void)vc_jbuf_peek(u->jb, &item);
	rtp = item->rtp;
	note_taken(u, item, 1);
	u->pkt = vc_jbuf_pop(u->jb);
	if (!rtp.payload_len)
		return false;
	if (u->typed)
		return take_text(u, &rtp, out);
	samples = lasts(u, rtp.payload, rtp.payload_len);
	if (samples < 0) {
		u->counts.malformed++;
		return false;
	}
	*out = (struct vc_timeline_unit){
		.ts = rtp.ts,
		.n_ts = (uint32_t)samples,
		.is_key = true,
		.arrival = u->pkt->arrival,
		.data = rtp.payload,
		.len = rtp.payload_len,
	};
	return true;
}

static bool next_sound(struct vc_units *u, int64_t now,
		       struct vc_timeline_unit *out)
{
	const struct vc_jbuf_item *item;
	enum vc_jbuf_state state;

	for (;;) {
		vc_packet_unref(u->pkt);
		u->pkt = NULL;
		state = vc_jbuf_peek(u->jb, &item);
		if (state == VC_JBUF_EMPTY)
			return false;
		if (state == VC_JBUF_MISSING) {
			if (is_waiting(u, item->pkt->arrival, now))
				return false;
			u->counts.gaps++;
			(void)vc_jbuf_skip(u->jb, vc_jbuf_hole(u->jb));
		} else if (take_sound(u, out)) {
			return true;
		}
	}
}

/* The frame at the head, which is whole as far as can be told. */
static bool take_picture(struct vc_units *u, const struct vc_jbuf_frame *f,
			 struct vc_timeline_unit *out)
{
	struct vc_video_frame frame;

	if (vc_frameasm_frame(u->fa, u->jb, f, &frame)) {
		vc_orient_frame(&u->orient, u->jb, f, false);
		return false; /* it counts */
	}
	vc_orient_frame(&u->orient, u->jb, f, frame.is_key);
	*out = (struct vc_timeline_unit){
		.ts = f->ts,
		.is_key = frame.is_key,
		.width = frame.width,
		.height = frame.height,
		.orientation = u->orient.now,
		.arrival = f->arrival,
		.data = frame.data,
		.len = frame.len,
	};
	return true;
}

static bool next_picture(struct vc_units *u, int64_t now,
			 struct vc_timeline_unit *out)
{
	const struct vc_jbuf_item *item;
	struct vc_jbuf_frame f;
	enum vc_jbuf_state state;
	bool taken;

	while ((state = vc_jbuf_frame(u->jb, &f)) != VC_JBUF_EMPTY) {
		if (state == VC_JBUF_MISSING) {
			if (is_waiting(u, f.arrival, now))
				return false;
			u->counts.gaps++;
		}
		if (f.resync)
			vc_frameasm_lost(u->fa);
		else if (!f.has_end)
			vc_frameasm_broken(u->fa);
		else if (state == VC_JBUF_MISSING)
			vc_frameasm_gap(u->fa);
		/* Frames were lost before this one, which may be a key frame. */
		taken = f.has_end && take_picture(u, &f, out);
		(void)vc_jbuf_peek(u->jb, &item);
		note_taken(u, item, f.n);
		(void)vc_jbuf_drop_frame(u->jb);
		if (taken)
			return true;
	}
	return false;
}

bool vc_units_next(struct vc_units *u, int64_t now,
		   struct vc_timeline_unit *out)
{
	bool got = u->fa ? next_picture(u, now, out) : next_sound(u, now, out);

	uint64_t skipped = vc_jbuf_counts(u->jb)->skipped;

	if (!got)
		return false;
	if (!u->typed)
		out->lost = (uint32_t)(skipped - u->skipped) + u->passed_over;
	u->passed_over = 0;
	u->skipped = skipped;
	u->counts.units++;
	return true;
}

bool vc_units_wants_key(const struct vc_units *u)
{
	return u->fa && vc_frameasm_needs_key(u->fa);
}

void vc_units_add_counts(struct vc_units_counts *sum, const struct vc_units *u)
{
	struct vc_units_counts c;

	vc_units_counts(u, &c);
	sum->units += c.units;
	sum->gaps += c.gaps;
	sum->lost += c.lost;
	sum->duplicates += c.duplicates;
	sum->late += c.late;
	sum->overflow += c.overflow;
	sum->malformed += c.malformed;
	sum->refused += c.refused;
	sum->waiting += c.waiting;
	sum->resyncs += c.resyncs;
}

void vc_units_counts(const struct vc_units *u, struct vc_units_counts *out)
{
	const struct vc_jbuf_counts *jb = vc_jbuf_counts(u->jb);
	const struct vc_frameasm_counts *fa;

	*out = u->counts;
	out->lost = jb->skipped;
	out->duplicates = jb->duplicates;
	out->late = jb->late;
	out->overflow = jb->overflow;
	out->resyncs = jb->resyncs;
	if (u->typed)
		out->lost = u->typed->rx.counts.lost;
	if (!u->fa)
		return;
	fa = vc_frameasm_counts(u->fa);
	out->malformed = fa->malformed;
	out->refused = fa->refused;
	out->waiting = fa->waiting;
}
