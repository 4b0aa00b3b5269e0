/* SPDX-License-Identifier: MIT */
/*
 * How codecs stand in WebM and Matroska: their names, and what a track says of
 * them. Part of engine/webmfile.h.
 */
#ifndef VC_ENGINE_WEBMCODEC_H
#define VC_ENGINE_WEBMCODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/container.h"
#include "wire/webm.h"

/*
 * Writes the codec's side of a track's entry. 't->priv' is then the caller's to
 * free. 0; -ENOTSUP: WebM ('is_webm') or Matroska does not hold it, or its
 * first unit does not say what is needed; -ENOMEM.
 */
int vc_webmcodec_set(struct vc_webm_track *t, const struct vc_track_info *info,
		     bool is_webm);

/* H.264: in a block each NAL unit comes after its length. */
bool vc_webmcodec_has_lengths(const struct vc_webm_track *t);

#endif
