/* SPDX-License-Identifier: MIT */
/*
 * Elements are put one after the other, each behind its length; a fragment
 * makes the last one longer. When all are there they are written as OBUs that
 * say their size, without those that RTP has nothing to do with. A temporal
 * unit is a key frame when it has a sequence header and its first frame is a
 * key frame.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "session/frameasm_internal.h"
#include "wire/av1.h"

#define LENGTH 4 /* octets before an element */

struct av1 {
	struct vc_framebuf out; /* as the frame is to be */
	bool is_cut;		/* the last element goes on */
	size_t last;		/* where it is */
	bool has_sequence;	/* of any frame before */
	struct vc_av1_sequence sequence;
};

/* What one unit is found to be. */
struct unit {
	bool has_sequence;
	bool has_frame;
	bool is_key;
};

static void *open_state(void)
{
	return vc_try_alloc(1, sizeof(struct av1));
}

static void close_state(void *state)
{
	struct av1 *a = state;

	free(a->out.p);
	free(a);
}

static void begin(struct vc_frameasm *fa)
{
	struct av1 *a = fa->state;

	a->out.len = 0;
	a->is_cut = false;
}

static int add_elem(struct vc_frameasm *fa, bool continues, const uint8_t *p,
		    size_t len)
{
	static const uint8_t zeros[LENGTH];
	struct av1 *a = fa->state;
	uint8_t *head;
	int err = 0;

	if (!continues) {
		a->last = fa->frame.len;
		err = vc_framebuf_add(&fa->frame, zeros, LENGTH,
				      fa->conf.max_octets);
	}
	if (!err)
		err = vc_framebuf_add(&fa->frame, p, len, fa->conf.max_octets);
	if (err)
		return err;
	head = fa->frame.p + a->last;
	vc_put_u32(head, vc_get_u32(head) + (uint32_t)len);
	return 0;
}

static int add(struct vc_frameasm *fa, const uint8_t *p, size_t len)
{
	struct av1 *a = fa->state;
	struct vc_av1_payload h;
	bool continues;
	int err = 0;

	if (vc_av1_payload_parse(&h, p, len))
		return -EBADMSG;
	continues = h.continues;
	if (continues != a->is_cut)
		return -EBADMSG;
	while (!err && vc_av1_elem_next(&h, &p, &len)) {
		err = add_elem(fa, continues, p, len);
		continues = false;
	}
	a->is_cut = h.is_cut;
	return err;
}

static int look_at(struct av1 *a, struct unit *u, const struct vc_av1_obu *o)
{
	struct vc_av1_sequence seq;
	struct vc_av1_frame f;

	if (o->type == VC_AV1_SEQUENCE) {
		if (vc_av1_sequence_parse(&seq, o->p, o->len))
			return -EBADMSG;
		a->sequence = seq;
		a->has_sequence = true;
		u->has_sequence = true;
	}
	/* The beginning is not there. */
	if ((o->type == VC_AV1_TILE_GROUP ||
	     o->type == VC_AV1_REDUNDANT_HEADER) &&
	    !u->has_frame)
		return -EBADMSG;
	if (o->type != VC_AV1_FRAME && o->type != VC_AV1_FRAME_HEADER)
		return 0;
	if (!a->has_sequence)
		return -EAGAIN;
	if (!u->has_frame) {
		if (vc_av1_frame_parse(&f, &a->sequence, o->p, o->len))
			return -EBADMSG;
		u->is_key = f.key && u->has_sequence;
	}
	u->has_frame = true;
	return 0;
}

static int write_obu(struct vc_frameasm *fa, const struct vc_av1_obu *o)
{
	struct av1 *a = fa->state;
	uint8_t head[VC_AV1_HEAD_MAX];
	struct vc_wr w = vc_wr_over(head, sizeof(head));
	size_t max = fa->conf.max_octets;
	int err;

	vc_av1_obu_head(&w, o, true);
	err = vc_framebuf_add(&a->out, head, vc_wr_len(&w), max);
	return err ? err : vc_framebuf_add(&a->out, o->p, o->len, max);
}

static int convert(struct vc_frameasm *fa, struct unit *u,
		   struct vc_frameasm_found *found)
{
	struct av1 *a = fa->state;
	struct vc_rd r = vc_rd_over(fa->frame.p, fa->frame.len);
	struct vc_av1_obu o;
	int err = 0;

	while (!err && vc_rd_left(&r)) {
		size_t len = vc_rd_u32(&r);
		const uint8_t *p = vc_rd_bytes(&r, len);

		if (!p || vc_av1_obu_parse(&o, p, len))
			return -EBADMSG;
		if (vc_av1_is_dropped(o.type))
			continue;
		err = look_at(a, u, &o);
		if (!err)
			err = write_obu(fa, &o);
		if (a->sequence.width > found->width)
			found->width = a->sequence.width;
		if (a->sequence.height > found->height)
			found->height = a->sequence.height;
	}
	return err;
}

static int end(struct vc_frameasm *fa, struct vc_frameasm_found *found)
{
	struct av1 *a = fa->state;
	struct unit u = { .is_key = false };
	struct vc_framebuf in;
	int err;

	if (a->is_cut)
		return -EBADMSG;
	err = convert(fa, &u, found);
	if (err)
		return err;
	if (!u.has_frame)
		return -ENODATA;
	found->is_key = u.is_key;
	in = fa->frame;
	fa->frame = a->out;
	a->out = in;
	return 0;
}

const struct vc_frameasm_ops vc_frameasm_av1 = {
	.open = open_state,
	.close = close_state,
	.begin = begin,
	.add = add,
	.end = end,
};
