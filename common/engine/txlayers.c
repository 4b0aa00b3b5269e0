/* SPDX-License-Identifier: MIT */
/*
 * What comes of several spatial layers is a superframe: its index says where
 * each ends, and is not sent. The receiver makes another of what arrives.
 */
#include "engine/txlayers.h"

#include <errno.h>
#include <string.h>

#include "wire/vp9.h"

_Static_assert(VC_VIDENC_LAYERS_MAX <= VC_FRAMEPACK_LAYERS_MAX, "room");

static void describe(struct vc_framepack_layer *layer,
		     const struct vc_videnc_layers *l)
{
	layer->tid = l->tid;
	layer->is_sync = l->is_sync;
	layer->n_temporal = l->n_temporal;
	layer->n_spatial = l->n_spatial;
	memcpy(layer->width, l->width, sizeof(l->width));
	memcpy(layer->height, l->height, sizeof(l->height));
}

/* The frames in it, as many as the encoder has spatial layers. */
static int frames_of(uint32_t sizes[VC_VP9_SUPERFRAME_MAX],
		     const struct vc_videnc_layers *l, const uint8_t *p,
		     size_t len)
{
	int n = 0;

	if (l->n_spatial > 1)
		n = vc_vp9_superframe_parse(sizes, p, len);
	if (n)
		return n > l->n_spatial ? -EBADMSG : n;
	sizes[0] = (uint32_t)len;
	return 1;
}

int vc_tx_layers(struct vc_tx *tx, const struct vc_videnc *enc, int64_t now,
		 int64_t t, const uint8_t *p, size_t len, bool is_key)
{
	const struct vc_videnc_layers *l = vc_videnc_layers(enc);
	uint32_t sizes[VC_VP9_SUPERFRAME_MAX];
	struct vc_framepack_layer layer = { 0 };
	int n, err = 0;

	if (l->n_spatial < 2 && l->n_temporal < 2)
		return vc_tx_video(tx, now, t, p, len, is_key);
	n = frames_of(sizes, l, p, len);
	if (n < 0)
		return n;
	describe(&layer, l);
	tx->pack.layer = &layer;
	tx->pack.is_ref = l->is_ref;
	for (int i = 0; i < n && !err; i++) {
		layer.sid = (uint8_t)i;
		layer.is_inter = i;
		layer.has_more = i + 1 < n;
		err = vc_tx_video(tx, now, t, p, sizes[i], is_key);
		p += sizes[i];
	}
	tx->pack.layer = NULL;
	tx->pack.is_ref = true;
	return err;
}
