/* SPDX-License-Identifier: MIT */
/*
 * A WebVTT file of what was written: cues of all tracks in the order in which
 * they begin, each as its author's. A cue is written when it and all that begin
 * before it are over.
 */
#ifndef VC_ENGINE_VTTFILE_H
#define VC_ENGINE_VTTFILE_H

#include "engine/container.h"

#define VC_VTTFILE_CUES 4096 /* held; more make the first be over */

struct vc_outfile;
struct vc_vttfile;

/* Holds text. 'c' is the struct vc_vttfile. */
extern const struct vc_container_ops vc_vttfile_ops;

/* Borrows 'out' until it is freed. NULL when out of memory. */
struct vc_vttfile *vc_vttfile_new(struct vc_outfile *out);

#endif
