/* SPDX-License-Identifier: MIT */
/*
 * Pictures of one source and nothing else: IVF (VP8, VP9, AV1), or H.264 in
 * Annex B, which has no times. Whatever is written is whole frames, flushed
 * once a second.
 */
#ifndef VC_ENGINE_PICFILE_H
#define VC_ENGINE_PICFILE_H

#include <stdbool.h>

#include "engine/container.h"

struct vc_outfile;
struct vc_picfile;

/* Holds one track. 'c' is the struct vc_picfile. */
extern const struct vc_container_ops vc_picfile_ops;

/* Borrows 'out' until it is freed. NULL when out of memory. */
struct vc_picfile *vc_picfile_new(bool is_annexb, struct vc_outfile *out);

#endif
