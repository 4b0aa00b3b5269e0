/* SPDX-License-Identifier: MIT */
/*
 * Packing cuts a frame into equal parts rather than full ones and a rest: the
 * last packet of a frame is then not the one that a queue treats differently.
 * Partitions are not cut at: every fragment but the first has S clear and
 * partition 0, which RFC 7741 4.2 allows and everybody does.
 */
#include "session/vp8pack.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/vp8.h"

void vc_vp8pack_init(struct vc_vp8pack *pk, const uint8_t *frame, size_t len,
		     size_t max_payload, uint16_t picture_id, bool is_ref)
{
	size_t room = max_payload - VC_VP8_DESC_LEN;

	assert(max_payload > VC_VP8_DESC_LEN);
	*pk = (struct vc_vp8pack){
		.p = frame,
		.left = len,
		.n = (len + room - 1) / room,
		.picture_id = picture_id & 0x7fff,
		.is_first = true,
		.is_ref = is_ref,
	};
}

size_t vc_vp8pack_next(struct vc_vp8pack *pk, uint8_t *out, bool *marker)
{
	const struct vc_vp8_desc desc = {
		.start = pk->is_first,
		.non_ref = !pk->is_ref,
		.picture_id = pk->picture_id,
		.long_id = true,
		.tl0picidx = -1,
		.tid = -1,
		.keyidx = -1,
	};
	struct vc_wr w = vc_wr_over(out, VC_VP8_DESC_LEN);
	size_t len;

	*marker = pk->n == 1;
	if (!pk->n)
		return 0;
	vc_vp8_desc_write(&w, &desc);
	assert(!w.bad && vc_wr_len(&w) == VC_VP8_DESC_LEN);
	len = (pk->left + pk->n - 1) / pk->n;
	memcpy(out + VC_VP8_DESC_LEN, pk->p, len);
	pk->p += len;
	pk->left -= len;
	pk->n--;
	pk->is_first = false;
	return VC_VP8_DESC_LEN + len;
}
