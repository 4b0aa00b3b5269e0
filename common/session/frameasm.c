/* SPDX-License-Identifier: MIT */
/*
 * Payloads are appended to one buffer, which grows as frames do and is kept;
 * the payload format (a table of functions, a file each) checks them and says
 * what the whole is. The frame header is held against the limits before
 * anybody gets the frame: a decoder allocates what a header claims.
 *
 * Picture ids, where a format has them, tell lost frames from packets that
 * were only padding: ids in a row mean that nothing is missing, whatever
 * happened to sequence numbers. TL0PICIDX tells the same of the frames that
 * others need most: what refers to nothing but the base goes on when only
 * frames of upper layers were lost.
 */
#include "session/frameasm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/frameasm_internal.h"
#include "session/jbuf.h"

#define SIDE_MAX 4096
#define FIRST_CAP 65536

static const struct vc_frameasm_ops *ops_of(enum vc_codec codec)
{
	switch (codec) {
	case VC_CODEC_VP8:
		return &vc_frameasm_vp8;
	case VC_CODEC_VP9:
		return &vc_frameasm_vp9;
	case VC_CODEC_H264:
		return &vc_frameasm_h264;
	case VC_CODEC_AV1:
		return &vc_frameasm_av1;
	default:
		return NULL;
	}
}

bool vc_frameasm_can(enum vc_codec codec)
{
	return ops_of(codec);
}

static void set_limits(struct vc_frameasm_conf *out,
		       const struct vc_frameasm_conf *conf)
{
	if (conf)
		*out = *conf;
	if (!out->max_octets)
		out->max_octets = VC_VIDEO_FRAME_MAX;
	if (!out->max_width)
		out->max_width = SIDE_MAX;
	if (!out->max_height)
		out->max_height = SIDE_MAX;
}

struct vc_frameasm *vc_frameasm_new(enum vc_codec codec,
				    const struct vc_frameasm_conf *conf)
{
	const struct vc_frameasm_ops *ops = ops_of(codec);
	struct vc_frameasm *fa;

	if (!ops)
		return NULL;
	fa = vc_try_alloc(1, sizeof(*fa));
	if (!fa)
		return NULL;
	fa->ops = ops;
	set_limits(&fa->conf, conf);
	vc_frameasm_lost(fa);
	vc_frameasm_begin(fa);
	if (!ops->open)
		return fa;
	fa->state = ops->open();
	if (fa->state)
		return fa;
	free(fa);
	return NULL;
}

void vc_frameasm_free(struct vc_frameasm *fa)
{
	if (!fa)
		return;
	if (fa->ops->close)
		fa->ops->close(fa->state);
	free(fa->frame.p);
	free(fa);
}

void vc_frameasm_set_fmtp(struct vc_frameasm *fa, struct vc_str fmtp)
{
	if (fa->ops->fmtp)
		fa->ops->fmtp(fa->state, fmtp);
}

void vc_frameasm_lost(struct vc_frameasm *fa)
{
	fa->needs_key = true;
	fa->has_gap = false;
	fa->last_id = -1;
	fa->last_base = -1;
	fa->whole = VC_SVC_WHOLE;
}

void vc_frameasm_gap(struct vc_frameasm *fa)
{
	fa->has_gap = true;
}

void vc_frameasm_broken(struct vc_frameasm *fa)
{
	fa->has_gap = true;
	if (fa->last_base < 0)
		vc_frameasm_lost(fa);
}

bool vc_frameasm_needs_key(const struct vc_frameasm *fa)
{
	return fa->needs_key;
}

const struct vc_frameasm_counts *vc_frameasm_counts(const struct vc_frameasm *fa)
{
	return &fa->counts;
}

int vc_framebuf_reserve(struct vc_framebuf *b, size_t n, size_t max)
{
	size_t cap = b->cap ? b->cap : FIRST_CAP;
	uint8_t *p;

	if (n > max || b->len > max - n)
		return -EFBIG;
	if (b->len + n <= b->cap)
		return 0;
	while (cap < b->len + n)
		cap *= 2;
	p = vc_try_alloc(1, cap);
	if (!p)
		return -ENOMEM;
	if (b->len)
		memcpy(p, b->p, b->len);
	free(b->p);
	b->p = p;
	b->cap = cap;
	return 0;
}

int vc_framebuf_add(struct vc_framebuf *b, const uint8_t *p, size_t n,
		    size_t max)
{
	int err = vc_framebuf_reserve(b, n, max);

	if (err || !n)
		return err;
	memcpy(b->p + b->len, p, n);
	b->len += n;
	return 0;
}

void vc_frameasm_begin(struct vc_frameasm *fa)
{
	fa->frame.len = 0;
	fa->err = 0;
	fa->picture_id = -1;
	fa->layer = (struct vc_svc_layer){ .tl0picidx = -1 };
	if (fa->state && fa->ops->begin)
		fa->ops->begin(fa);
}

int vc_frameasm_add(struct vc_frameasm *fa, const uint8_t *payload, size_t len)
{
	if (!fa->err && len)
		fa->err = fa->ops->add(fa, payload, len);
	return fa->err;
}

/* The frame's header, and what it means here. */
static int check(struct vc_frameasm *fa, struct vc_frameasm_found *found)
{
	int err = fa->ops->end(fa, found);

	if (err)
		return err;
	if (found->width > fa->conf.max_width ||
	    found->height > fa->conf.max_height)
		return -EFBIG;
	if (!found->is_key && fa->needs_key)
		return -EAGAIN;
	if (found->width) {
		fa->width = found->width;
		fa->height = found->height;
	}
	return 0;
}

/* Are frames missing between the last one and this? */
static bool is_skipping(const struct vc_frameasm *fa)
{
	if (fa->picture_id < 0 || fa->last_id < 0)
		return false;
	return ((fa->last_id + 1) & fa->id_mask) !=
	       (fa->picture_id & fa->id_mask);
}

/* Does TL0PICIDX tell that no frame of the base is missing before this? */
static bool has_base(const struct vc_frameasm *fa)
{
	const struct vc_svc_layer *l = &fa->layer;

	return l->tl0picidx >= 0 && fa->last_base >= 0 &&
	       l->tl0picidx == ((fa->last_base + !l->tid) & 0xff);
}

/* May what it refers to be missing? 0, -ESTALE, or -ENODATA: leave it out. */
static int look_back(struct vc_frameasm *fa, bool is_key)
{
	bool is_in_row = fa->picture_id >= 0 && fa->last_id >= 0 &&
			 !is_skipping(fa);

	if (is_key)
		fa->whole = VC_SVC_WHOLE;
	else if (fa->has_gap && !is_in_row && !has_base(fa))
		return -ESTALE;
	else if (fa->has_gap && !is_in_row)
		fa->whole = VC_SVC_BASE;
	fa->has_gap = false;
	return vc_svc_follow(&fa->whole, &fa->layer, true) ? 0 : -ENODATA;
}

static int fail(struct vc_frameasm *fa, int err)
{
	if (err == -EAGAIN || err == -ESTALE)
		fa->counts.waiting++;
	else if (err == -EFBIG)
		fa->counts.refused++;
	else if (err == -EBADMSG)
		fa->counts.malformed++;
	if (err == -EBADMSG && fa->has_gap)
		vc_frameasm_broken(fa);
	else
		vc_frameasm_lost(fa);
	return err;
}

int vc_frameasm_end(struct vc_frameasm *fa, struct vc_video_frame *out)
{
	struct vc_frameasm_found found = { .is_key = false };
	bool skipped = is_skipping(fa);
	int err = fa->err;

	if (!err && !fa->frame.len)
		return -ENODATA;
	if (!err)
		err = check(fa, &found);
	if (err == -ENODATA)
		return err;
	if (!err)
		err = look_back(fa, found.is_key);
	if (err && err != -ENODATA)
		return fail(fa, err);
	fa->needs_key = false;
	fa->last_id = fa->picture_id;
	fa->last_base = fa->layer.tl0picidx;
	if (err) {
		fa->counts.left_out++;
		return err;
	}
	*out = (struct vc_video_frame){
		.data = fa->frame.p,
		.len = fa->frame.len,
		.is_key = found.is_key,
		.width = fa->width,
		.height = fa->height,
		.has_picture_id = fa->picture_id >= 0,
		.picture_id = (uint16_t)(fa->picture_id & 0x7fff),
		.skipped = skipped,
	};
	fa->counts.frames++;
	fa->counts.keys += found.is_key;
	return 0;
}

int vc_frameasm_frame(struct vc_frameasm *fa, const struct vc_jbuf *jb,
		      const struct vc_jbuf_frame *f, struct vc_video_frame *out)
{
	const struct vc_jbuf_item *it;

	vc_frameasm_begin(fa);
	for (size_t i = 0; i < f->n; i++) {
		it = vc_jbuf_at(jb, i);
		(void)vc_frameasm_add(fa, it->rtp.payload, it->rtp.payload_len);
	}
	return vc_frameasm_end(fa, out);
}
