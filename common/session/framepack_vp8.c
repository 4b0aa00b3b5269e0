/* SPDX-License-Identifier: MIT */
/*
 * The descriptor has a 15-bit picture id, and the temporal layer where there
 * are any. Partitions are not cut at: every fragment but the first has S clear
 * and partition 0, which RFC 7741 4.2 allows and everybody does.
 */
#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "session/framepack_internal.h"
#include "wire/vp8.h"

#define DESC_LEN 4
#define DESC_LAYER_LEN 6 /* with TL0PICIDX and TID */

static size_t desc_len(const struct vc_framepack *pk)
{
	return pk->conf.layer ? DESC_LAYER_LEN : DESC_LEN;
}

static int init(struct vc_framepack *pk)
{
	size_t room = pk->conf.max_payload - desc_len(pk);

	pk->n = (pk->left + room - 1) / room;
	return 0;
}

static size_t next(struct vc_framepack *pk, uint8_t *out, bool *marker)
{
	const struct vc_framepack_layer *layer = pk->conf.layer;
	const struct vc_vp8_desc desc = {
		.start = pk->is_first,
		.non_ref = !pk->conf.is_ref,
		.picture_id = pk->conf.picture_id & 0x7fff,
		.long_id = true,
		.tl0picidx = layer ? pk->conf.tl0picidx : -1,
		.tid = layer ? layer->tid : -1,
		.layer_sync = layer && layer->is_sync,
		.keyidx = -1,
	};
	struct vc_wr w = vc_wr_over(out, DESC_LAYER_LEN);

	*marker = pk->n == 1;
	vc_vp8_desc_write(&w, &desc);
	assert(!w.bad && vc_wr_len(&w) == desc_len(pk));
	return vc_wr_len(&w) + vc_framepack_cut(pk, w.p, 0);
}

const struct vc_framepack_ops vc_framepack_vp8 = { init, next };
