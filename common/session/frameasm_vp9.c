/* SPDX-License-Identifier: MIT */
/*
 * A picture is one frame, or with spatial layers several, each from B to E, of
 * one picture id and with layers that rise. Several go out as a superframe: with
 * an index a decoder knows where each ends. Of a superframe one frame is shown,
 * while encoders of layers make each as if it might be the last: those below
 * are hidden here, lest decoders other than libvpx show them all. Every frame's
 * header is looked at, also those of a superframe that the encoder made: any of
 * them may set a size.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/frameasm_internal.h"
#include "wire/vp9.h"

struct vp9 {
	bool is_open; /* B came, E not yet */
	int sid;      /* of the last layer; -1: none */
	size_t start; /* of it */
	size_t n;
	uint32_t sizes[VC_VP9_LAYERS_MAX];
	uint8_t sids[VC_VP9_LAYERS_MAX];
	uint32_t widths[VC_VP9_LAYERS_MAX]; /* by sid, as last told; 0: not */
};

static void *open_state(void)
{
	return vc_try_alloc(1, sizeof(struct vp9));
}

static void begin(struct vc_frameasm *fa)
{
	struct vp9 *v = fa->state;

	v->is_open = false;
	v->sid = -1;
	v->n = 0;
}

/* The first packet of a layer's frame. */
static int begin_layer(struct vc_frameasm *fa, const struct vc_vp9_desc *d)
{
	struct vp9 *v = fa->state;
	bool is_first = !fa->frame.len;

	if (v->is_open || v->n == VC_VP9_LAYERS_MAX)
		return -EBADMSG;
	/* What it is predicted from is missing. */
	if (is_first && d->inter_layer)
		return -EBADMSG;
	if (!is_first && (d->sid <= v->sid || d->picture_id != fa->picture_id))
		return -EBADMSG;
	v->is_open = true;
	v->sid = d->sid;
	v->start = fa->frame.len;
	fa->picture_id = d->picture_id;
	fa->id_mask = d->long_id ? 0x7fff : 0x7f;
	if (is_first)
		vc_svc_layer_vp9(&fa->layer, d);
	return 0;
}

static int add(struct vc_frameasm *fa, const uint8_t *p, size_t len)
{
	struct vp9 *v = fa->state;
	struct vc_vp9_desc d;
	int err = 0;

	if (vc_vp9_desc_parse(&d, p, len))
		return -EBADMSG;
	if (!d.payload_len)
		return 0;
	if (d.start)
		err = begin_layer(fa, &d);
	else if (!v->is_open || d.picture_id != fa->picture_id ||
		 d.sid != v->sid)
		err = -EBADMSG;
	if (!err)
		err = vc_framebuf_add(&fa->frame, d.payload, d.payload_len,
				      fa->conf.max_octets);
	if (err || !d.end)
		return err;
	v->is_open = false;
	v->sizes[v->n] = (uint32_t)(fa->frame.len - v->start);
	v->sids[v->n] = (uint8_t)(d.sid < 0 ? 0 : d.sid);
	v->n++;
	return 0;
}

/* A frame by itself: what it says goes into 'found'. */
static int look_at_frame(struct vc_frameasm_found *found, bool is_first,
			 const uint8_t *p, size_t len)
{
	struct vc_vp9_frame f;

	if (vc_vp9_frame_parse(&f, p, len))
		return -EBADMSG;
	if (is_first)
		found->is_key = f.key;
	if (f.width > found->width)
		found->width = f.width;
	if (f.height > found->height)
		found->height = f.height;
	return 0;
}

/* A layer, which may be a superframe itself. Returns how many, or -EBADMSG. */
static int look_at_layer(struct vc_frameasm_found *found, bool is_first,
			 const uint8_t *p, size_t len)
{
	uint32_t sizes[VC_VP9_SUPERFRAME_MAX];
	int n = vc_vp9_superframe_parse(sizes, p, len), err = 0;

	if (n < 0)
		return n;
	if (!n)
		return look_at_frame(found, is_first, p, len);
	for (int i = 0; i < n && !err; i++) {
		err = look_at_frame(found, is_first && !i, p, sizes[i]);
		p += sizes[i];
	}
	return err ? err : n;
}

/* Frame i, at 'at', is not to be shown; as it is where that cannot be. */
static int hide(struct vc_frameasm *fa, size_t i, size_t at)
{
	struct vp9 *v = fa->state;
	struct vc_framebuf *b = &fa->frame;
	uint8_t head[VC_VP9_HEADER_MAX];
	struct vc_wr w = vc_wr_over(head, sizeof(head));
	uint32_t *width = &v->widths[v->sids[i]];
	struct vc_vp9_frame f;
	size_t old, now;
	int err;

	if (!vc_vp9_frame_parse(&f, b->p + at, v->sizes[i]) && f.width)
		*width = f.width;
	if (vc_vp9_frame_hide(&w, &old, b->p + at, v->sizes[i], *width))
		return 0;
	now = vc_wr_len(&w);
	err = vc_framebuf_reserve(b, now - old, fa->conf.max_octets);
	if (err)
		return err;
	memmove(b->p + at + now, b->p + at + old, b->len - at - old);
	memcpy(b->p + at, head, now);
	b->len += now - old;
	v->sizes[i] += (uint32_t)(now - old);
	return 0;
}

static int hide_lower(struct vc_frameasm *fa)
{
	const struct vp9 *v = fa->state;
	size_t at = 0;
	int err = 0;

	for (size_t i = 0; i + 1 < v->n && !err; i++) {
		err = hide(fa, i, at);
		at += v->sizes[i];
	}
	return err;
}

static int write_index(struct vc_frameasm *fa)
{
	const struct vp9 *v = fa->state;
	uint8_t index[VC_VP9_INDEX_MAX];
	struct vc_wr w = vc_wr_over(index, sizeof(index));

	vc_vp9_superframe_write(&w, v->sizes, v->n);
	return vc_framebuf_add(&fa->frame, index, vc_wr_len(&w),
			       fa->conf.max_octets);
}

static int end(struct vc_frameasm *fa, struct vc_frameasm_found *found)
{
	const struct vp9 *v = fa->state;
	const uint8_t *p = fa->frame.p;
	bool is_nested = false;
	int n;

	if (v->is_open)
		return -EBADMSG;
	for (size_t i = 0; i < v->n; i++) {
		n = look_at_layer(found, !i, p, v->sizes[i]);
		if (n < 0)
			return n;
		is_nested |= n > 0;
		p += v->sizes[i];
	}
	if (v->n > 1 && is_nested)
		return -EBADMSG;
	if (v->n < 2)
		return 0;
	n = hide_lower(fa);
	return n ? n : write_index(fa);
}

const struct vc_frameasm_ops vc_frameasm_vp9 = {
	.open = open_state,
	.close = free,
	.begin = begin,
	.add = add,
	.end = end,
};
