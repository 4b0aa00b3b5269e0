/* SPDX-License-Identifier: MIT */
/*
 * From an encoder of layers (codec/video.h) into a send chain: each spatial
 * layer is a frame of its own in packets, all of one RTP time, the marker on
 * the last packet of the last one.
 */
#ifndef VC_ENGINE_TXLAYERS_H
#define VC_ENGINE_TXLAYERS_H

#include "codec/video.h"
#include "engine/tx.h"

/*
 * As vc_tx_video(), of the picture that 'enc' gave out last. Without layers it
 * is the same.
 */
int vc_tx_layers(struct vc_tx *tx, const struct vc_videnc *enc, int64_t now,
		 int64_t t, const uint8_t *p, size_t len, bool is_key);

#endif
