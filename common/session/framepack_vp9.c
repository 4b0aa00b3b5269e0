/* SPDX-License-Identifier: MIT */
/*
 * Non-flexible mode: an encoder does not say which pictures it referred to.
 * The first packet of a key picture has the scalability structure: the layers'
 * sizes and the pattern of pictures. Layer indices and TL0PICIDX are written
 * only where there are layers: ffmpeg (5.1) cannot read them, and nobody needs
 * them without.
 */
#include <assert.h>
#include <errno.h>

#include "base/bytes.h"
#include "session/framepack_internal.h"
#include "wire/vp9.h"

#define DESC_LEN 3
#define DESC_LAYER_LEN 5 /* with layer indices and TL0PICIDX */
#define SS_MAX (2 + 4 * VC_VP9_LAYERS_MAX + 2 * 4)

/*
 * A picture of a group: TID, U, how many references (one), how far back. None
 * refers to one before the last of the base but that itself, so one may go up
 * with each.
 */
#define PICTURE(tid, up, back) (tid) << 5 | (up) << 4 | 1 << 2, (back)
static const uint8_t group1[] = { PICTURE(0, 0, 1) };
static const uint8_t group2[] = { PICTURE(0, 1, 2), PICTURE(1, 1, 1) };
static const uint8_t group3[] = { PICTURE(0, 1, 4), PICTURE(2, 1, 1),
				  PICTURE(1, 1, 2), PICTURE(2, 1, 1) };
static const struct {
	const uint8_t *p;
	size_t len;
} groups[] = {
	{ NULL, 0 },
	{ group1, sizeof(group1) },
	{ group2, sizeof(group2) },
	{ group3, sizeof(group3) },
};

static size_t desc_len(const struct vc_framepack *pk)
{
	return pk->conf.layer ? DESC_LAYER_LEN : DESC_LEN;
}

static bool has_ss(const struct vc_framepack *pk)
{
	return pk->is_first && !pk->is_inter &&
	       (!pk->conf.layer || !pk->conf.layer->sid);
}

static void set_ss(struct vc_vp9_ss *ss, const struct vc_framepack *pk)
{
	const struct vc_framepack_layer *layer = pk->conf.layer;
	unsigned int n = layer ? layer->n_temporal : 1;

	ss->n_spatial = 1;
	ss->has_size = true;
	ss->width[0] = pk->width;
	ss->height[0] = pk->height;
	if (layer && layer->n_spatial) {
		ss->n_spatial = layer->n_spatial;
		memcpy(ss->width, layer->width, sizeof(ss->width));
		memcpy(ss->height, layer->height, sizeof(ss->height));
	}
	assert(ss->n_spatial <= VC_VP9_LAYERS_MAX && n <= 3);
	ss->has_group = n;
	ss->group = groups[n].p;
	ss->group_len = groups[n].len;
	ss->n_pictures = (uint8_t)(groups[n].len / 2);
}

static size_t write_desc(const struct vc_framepack *pk, uint8_t *out, bool end)
{
	const struct vc_framepack_layer *layer = pk->conf.layer;
	struct vc_vp9_desc desc = {
		.start = pk->is_first,
		.end = end,
		.inter = pk->is_inter,
		.non_ref = !layer || !layer->has_more,
		.picture_id = pk->conf.picture_id & 0x7fff,
		.long_id = true,
		.tid = layer ? layer->tid : -1,
		.switch_up = layer && layer->is_sync,
		.sid = layer ? layer->sid : -1,
		.inter_layer = layer && layer->is_inter,
		.tl0picidx = layer ? pk->conf.tl0picidx : -1,
		.has_ss = has_ss(pk),
	};
	struct vc_wr w = vc_wr_over(out, DESC_LAYER_LEN + SS_MAX);

	if (desc.has_ss)
		set_ss(&desc.ss, pk);
	vc_vp9_desc_write(&w, &desc);
	assert(!w.bad);
	return vc_wr_len(&w);
}

static int init(struct vc_framepack *pk)
{
	uint8_t desc[DESC_LAYER_LEN + SS_MAX];
	struct vc_vp9_frame f;
	size_t room = pk->conf.max_payload - desc_len(pk);
	size_t extra;

	if (vc_vp9_frame_parse(&f, pk->p, pk->left))
		return -EBADMSG;
	/* An upper layer of a key picture is no key frame by itself. */
	pk->is_inter = pk->conf.layer ? !pk->conf.is_key : !f.key;
	/* 65536 has no room in a structure. */
	pk->width = (uint16_t)(f.width > UINT16_MAX ? UINT16_MAX : f.width);
	pk->height = (uint16_t)(f.height > UINT16_MAX ? UINT16_MAX : f.height);
	extra = write_desc(pk, desc, false) - desc_len(pk);
	pk->n = (pk->left + extra + room - 1) / room;
	return 0;
}

static size_t next(struct vc_framepack *pk, uint8_t *out, bool *marker)
{
	const struct vc_framepack_layer *layer = pk->conf.layer;
	bool is_last = pk->n == 1;
	size_t len = write_desc(pk, out, is_last);

	*marker = is_last && !(layer && layer->has_more);
	return len + vc_framepack_cut(pk, out + len, len - desc_len(pk));
}

const struct vc_framepack_ops vc_framepack_vp9 = { init, next };
