/* SPDX-License-Identifier: MIT */
/*
 * Each descriptor is checked against what a frame looks like: it begins once,
 * with partition 0, and has one picture id.
 */
#include <errno.h>

#include "session/frameasm_internal.h"
#include "wire/vp8.h"

static int add(struct vc_frameasm *fa, const uint8_t *p, size_t len)
{
	struct vc_vp8_desc d;
	bool is_first;

	if (vc_vp8_desc_parse(&d, p, len))
		return -EBADMSG;
	if (!d.payload_len)
		return 0;
	is_first = vc_vp8_desc_is_first(&d);
	if (is_first != !fa->frame.len)
		return -EBADMSG;
	if (!is_first && d.picture_id != fa->picture_id)
		return -EBADMSG;
	fa->picture_id = d.picture_id;
	fa->id_mask = d.long_id ? 0x7fff : 0x7f;
	if (is_first)
		vc_svc_layer_vp8(&fa->layer, &d);
	return vc_framebuf_add(&fa->frame, d.payload, d.payload_len,
			       fa->conf.max_octets);
}

static int end(struct vc_frameasm *fa, struct vc_frameasm_found *found)
{
	struct vc_vp8_frame h;

	if (vc_vp8_frame_parse(&h, fa->frame.p, fa->frame.len, fa->frame.len))
		return -EBADMSG;
	*found = (struct vc_frameasm_found){ h.key, h.width, h.height };
	return 0;
}

const struct vc_frameasm_ops vc_frameasm_vp8 = { .add = add, .end = end };
