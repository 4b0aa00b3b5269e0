/* SPDX-License-Identifier: MIT */
/*
 * --impair-out: what the network did to the sources of a call, as acts that
 * vc-impair --replay does again to another one (session/impairacts.h). Packets
 * are numbered for each source from the first one that came; those missing
 * between it and the last one were lost; how late each came is against the
 * quickest of its source, by the RTP time stamps.
 */
#ifndef VC_PROBE_ACTS_OUT_H
#define VC_PROBE_ACTS_OUT_H

#include "base/pool.h"
#include "session/roster.h"
#include "tool/tool.h"
#include "wire/rtp.h"

struct acts_out;
struct acts_source;

/* Opens PLACE; wrong usage ends the program. */
struct acts_out *acts_out_new(struct vc_tool *t, const char *place);
/* A packet of a source, whose '*own' is NULL at first and stays ours. */
void acts_out_rtp(struct acts_out *a, struct acts_source **own,
		  const struct vc_source *src, const struct vc_packet *pkt,
		  const struct vc_rtp *rtp);
/* Writes it all, says what failed, frees. NULL is fine. */
void acts_out_close(struct acts_out *a);

#endif
