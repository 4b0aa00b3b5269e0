/* SPDX-License-Identifier: MIT */
/*
 * An Ogg file or stream of one source's Opus (RFC 7845). A page is written each
 * half second, or when it is full, so that a crash leaves what players read up
 * to there. Its time has no gaps: they are filled with packets that have no
 * frames, which decoders conceal, as section 4.1 of the RFC asks for; drift is
 * made up for by such a packet, or by leaving one out, when it reaches one.
 */
#ifndef VC_ENGINE_OGGFILE_H
#define VC_ENGINE_OGGFILE_H

#include "engine/container.h"

struct vc_oggfile;
struct vc_outfile;

/* Holds one track of Opus. 'c' is the struct vc_oggfile. */
extern const struct vc_container_ops vc_oggfile_ops;

/* Borrows 'out' until it is freed. NULL when out of memory. */
struct vc_oggfile *vc_oggfile_new(struct vc_outfile *out);

#endif
