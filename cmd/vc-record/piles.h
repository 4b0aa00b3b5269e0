/* SPDX-License-Identifier: MIT */
/*
 * --tracks of packets: a file of them for each participant or source, as they
 * came. With a packet goes its description; RTCP and events go where those are
 * that they are about, else into all files. RTCP that comes before the first
 * packet is kept for it: it has the name.
 */
#ifndef VC_RECORD_PILES_H
#define VC_RECORD_PILES_H

#include <stddef.h>
#include <stdint.h>

#include "output.h"

struct recorder;
struct vc_packet;
struct vc_rtp;
struct vc_source;

#define PILES_MAX 4096 /* sources at once; who comes then is left out */

static inline bool output_has_piles(const struct output *o)
{
	return !format_is_media(o->format) && o->conf->by != TRACKS_MIXED;
}

/* Each only of an output that has them. What goes wrong ends the output. */
void piles_rtp(const struct recorder *rec, struct output *o,
	       const struct vc_source *src, const struct vc_packet *pkt,
	       const struct vc_rtp *rtp);
void piles_rtcp(struct output *o, const struct vc_packet *pkt);
void piles_event(struct output *o, const struct vc_json *event,
		 const char *text, size_t len);
void piles_time(struct output *o, int64_t now);
void piles_gone(struct output *o, const struct vc_source *src);

/* A frame with its length, into all files. */
void piles_raw(struct output *o, const uint8_t *frame, size_t len);

/* What all begin with is another now. */
void piles_desc(struct output *o);

/* All files end; who sends on goes into others. */
void piles_end(struct output *o, const char *why);
void piles_free(struct output *o);

#endif
