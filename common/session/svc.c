/* SPDX-License-Identifier: MIT */
/*
 * What passes is decided for each picture once, by the first of its packets
 * that comes (all of them say where it belongs), or by the first that says that
 * it is a key picture. Packets that come late find what was decided.
 *
 * Sequence numbers close up behind a packet that is left out when it is the
 * newest. One that is late, or lost, leaves a hole: others behind it have gone
 * out already. Receivers of layers tell by TL0PICIDX that it is none of theirs.
 */
#include "session/svc.h"

#include <errno.h>

#include "wire/vp8.h"
#include "wire/vp9.h"

/* RTP time: what is older than that is another beginning. */
#define OLD (10 * 90000)
/* Sequence numbers: likewise. */
#define JUMP 3000

int vc_svc_parse(struct vc_svc_top *top, const char *word)
{
	if (word[0] != 'L' || word[1] < '1' || word[1] > '8' ||
	    word[2] != 'T' || word[3] < '1' || word[3] > '8' || word[4])
		return -EINVAL;
	top->sid = (uint8_t)(word[1] - '1');
	top->tid = (uint8_t)(word[3] - '1');
	return 0;
}

/* --- what packets say --- */

void vc_svc_layer_vp8(struct vc_svc_layer *l, const struct vc_vp8_desc *d)
{
	struct vc_vp8_frame f;

	*l = (struct vc_svc_layer){
		.tid = d->tid < 0 ? 0 : (uint8_t)d->tid,
		.tl0picidx = d->tid < 0 ? -1 : d->tl0picidx,
		.is_sync = d->tid > 0 && d->layer_sync,
		.has_start = vc_vp8_desc_is_first(d),
		.is_inter = true,
	};
	if (l->has_start &&
	    !vc_vp8_frame_parse(&f, d->payload, d->payload_len, 0))
		l->is_inter = !f.key;
}

void vc_svc_layer_vp9(struct vc_svc_layer *l, const struct vc_vp9_desc *d)
{
	*l = (struct vc_svc_layer){
		.tid = d->tid < 0 ? 0 : (uint8_t)d->tid,
		.sid = d->sid < 0 ? 0 : (uint8_t)d->sid,
		.tl0picidx = d->tid < 0 ? -1 : d->tl0picidx,
		.is_up = d->tid >= 0 && d->switch_up,
		.is_inter = d->inter,
		.has_start = d->start,
		.has_end = d->end,
	};
}

int vc_svc_layer_read(struct vc_svc_layer *l, enum vc_codec codec,
		      const uint8_t *payload, size_t len)
{
	struct vc_vp8_desc vp8;
	struct vc_vp9_desc vp9;

	*l = (struct vc_svc_layer){ .tl0picidx = -1, .is_inter = true };
	if (codec == VC_CODEC_VP8) {
		if (vc_vp8_desc_parse(&vp8, payload, len))
			return -EBADMSG;
		vc_svc_layer_vp8(l, &vp8);
	} else if (codec == VC_CODEC_VP9) {
		if (vc_vp9_desc_parse(&vp9, payload, len))
			return -EBADMSG;
		vc_svc_layer_vp9(l, &vp9);
	}
	return 0;
}

/* --- temporal layers --- */

bool vc_svc_follow(uint8_t *whole, const struct vc_svc_layer *l, bool is_wanted)
{
	unsigned int own = 1u << l->tid, below = own - 1;

	if (!is_wanted || (l->tid && !l->is_sync &&
			   (*whole & (own | below)) != (own | below))) {
		*whole &= (uint8_t)below;
		return false;
	}
	*whole |= (uint8_t)(l->is_up ? ~below : own);
	return true;
}

/* --- forwarding --- */

void vc_svc_init(struct vc_svc *s, struct vc_svc_top top)
{
	*s = (struct vc_svc){ .top = top, .whole = VC_SVC_BASE };
}

void vc_svc_want(struct vc_svc *s, struct vc_svc_top top)
{
	s->top = top;
	s->is_short = false;
}

bool vc_svc_wants_key(const struct vc_svc *s)
{
	return s->is_short;
}

/* The picture of this time, if it is one of the last. */
static struct vc_svc_picture *find(struct vc_svc *s, uint32_t ts)
{
	for (size_t i = 0; i < VC_SVC_PICTURES; i++) {
		struct vc_svc_picture *p = &s->pictures[i];

		if (p->is_set && p->ts == ts)
			return p;
	}
	return NULL;
}

/* Behind others, of which nothing was seen in its turn. */
static bool is_late(const struct vc_svc *s, uint32_t ts)
{
	uint32_t newest = s->pictures[s->at].ts;

	return s->has_begun && vc_ts_before(ts, newest) && newest - ts < OLD;
}

static struct vc_svc_picture *begin(struct vc_svc *s, uint32_t ts,
				    const struct vc_svc_layer *l)
{
	bool is_wanted = l->tid <= s->top.tid, late = is_late(s, ts);
	uint8_t whole = s->whole;
	unsigned int at = (s->at + 1) % VC_SVC_PICTURES;
	struct vc_svc_picture *p;

	if (s->sid > s->top.sid)
		s->sid = s->top.sid;
	/* Its place is that of the oldest; the newest stays where it is. */
	p = &s->pictures[at];
	*p = (struct vc_svc_picture){
		.is_set = true,
		.ts = ts,
		.passes = vc_svc_follow(&whole, l, is_wanted),
		.sid = s->sid,
	};
	if (late)
		return p;
	s->whole = whole;
	s->at = at;
	s->has_begun = true;
	return p;
}

/* Nothing before it counts. */
static void restart(struct vc_svc *s, struct vc_svc_picture *p)
{
	p->passes = true;
	if (p->is_key || p != &s->pictures[s->at])
		return;
	p->is_key = true;
	s->whole = VC_SVC_WHOLE;
	s->sid = s->top.sid;
	s->is_short = false;
	p->sid = s->sid;
}

static bool is_passing(struct vc_svc *s, struct vc_rtp *rtp,
		       const struct vc_svc_layer *l)
{
	struct vc_svc_picture *p = find(s, rtp->ts);

	if (!p)
		p = begin(s, rtp->ts, l);
	if (!l->is_inter && !l->sid)
		restart(s, p);
	if (!p->passes)
		return false;
	if (l->sid > p->sid) {
		s->is_short |= l->sid <= s->top.sid;
		return false;
	}
	if (l->has_end && l->sid == p->sid)
		rtp->marker = true;
	return true;
}

/* Whether none of a later place has come; a jump back is another beginning. */
static bool is_newest(struct vc_svc *s, int64_t seq)
{
	if (s->passed + s->dropped && seq <= s->newest &&
	    seq > s->newest - JUMP)
		return false;
	if (seq <= s->newest)
		s->shift = (struct vc_seqshift){ .oldest = s->shift.newest,
						 .newest = s->shift.newest };
	s->newest = seq;
	return true;
}

bool vc_svc_pass(struct vc_svc *s, enum vc_codec codec, struct vc_rtp *rtp)
{
	int64_t seq = vc_seq_extend(&s->seq, rtp->seq);
	bool is_new = is_newest(s, seq), passes = true;
	struct vc_svc_layer l;

	if (rtp->payload_len &&
	    !vc_svc_layer_read(&l, codec, rtp->payload, rtp->payload_len))
		passes = is_passing(s, rtp, &l);
	if (!passes) {
		if (is_new)
			vc_seqshift_add(&s->shift, seq, -1);
		s->dropped++;
		return false;
	}
	rtp->seq = (uint16_t)(seq + vc_seqshift_of(&s->shift, seq));
	s->passed++;
	return true;
}
