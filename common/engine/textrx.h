/* SPDX-License-Identifier: MIT */
/*
 * The receive chain of one source of text (RFC 4103): packets are put as they
 * come, alone or in RED, and the reader pulls what is due. A lost packet is
 * waited for until the next one is due, whose redundancy then fills in; what
 * cannot be filled is U+FFFD. Told the time, deterministic.
 */
#ifndef VC_ENGINE_TEXTRX_H
#define VC_ENGINE_TEXTRX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/playout.h"
#include "session/t140.h"
#include "wire/rtp.h"

struct vc_packet;
struct vc_textrx;

/* 'play' is the source's line to stream time, borrowed. NULL: no memory. */
struct vc_textrx *vc_textrx_new(const struct vc_playout_source *play);
void vc_textrx_free(struct vc_textrx *t);

/*
 * Takes a reference. Call vc_playout_packet() before (tool/in.h does).
 * 'is_red': the payload is RED around text. Both may come from one source.
 */
void vc_textrx_put(struct vc_textrx *t, struct vc_packet *pkt,
		   const struct vc_rtp *rtp, bool is_red);

/*
 * Text of the next packet that is due at 'now' and has some: UTF-8 with "\n"
 * for NEW LINE; BS and BEL are in it, no other control. Borrowed until the next
 * call. NULL: that was all.
 */
const char *vc_textrx_pull(struct vc_textrx *t, int64_t now, size_t *len);

/* Is text held that is not due yet? */
bool vc_textrx_held(const struct vc_textrx *t);

const struct vc_t140rx_counts *vc_textrx_counts(const struct vc_textrx *t);

#endif
