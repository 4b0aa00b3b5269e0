/* SPDX-License-Identifier: MIT */
/*
 * Which SSRC's packets an RTX SSRC carries (RFC 4588 section 5.3), for one
 * endpoint. A description may say so (a=ssrc-group:FID). Else it is guessed
 * from the sources whose payload type is the apt= of the RTX packet's and that
 * come from the same address:
 *
 *	struct vc_rtxguess g = { 0 };
 *	for each such source
 *		vc_rtxguess_add(&g, ssrc, what speaks for it);
 *	vc_rtxmap_learn(m, rtx_ssrc, &g, now);
 *
 * A guess that packets then speak against is forgotten. Bounded: the least
 * recently used guess goes first, what a description said stays.
 */
#ifndef VC_SESSION_RTXMAP_H
#define VC_SESSION_RTXMAP_H

#include <stdbool.h>
#include <stdint.h>

#define VC_RTXMAP_MAX 1024
#define VC_RTXMAP_MISSES 32 /* packets in a row nobody asked for */

struct vc_rtxmap;

/* What speaks for a source; the first the most. */
#define VC_RTX_BY_RID (1u << 2) /* RepairedRtpStreamId (RFC 8852) is its RID */
#define VC_RTX_BY_ASKED (1u << 1) /* the OSN is one it was asked for */
#define VC_RTX_BY_CNAME (1u << 0) /* both have this CNAME */

/* Start with zeros. A source whose RID or CNAME is known to differ is not to be
 * added at all. */
struct vc_rtxguess {
	unsigned int n;
	unsigned int best;
	uint32_t ssrc;
	bool is_tied;
};

void vc_rtxguess_add(struct vc_rtxguess *g, uint32_t ssrc, unsigned int by);

/* NULL when out of memory. */
struct vc_rtxmap *vc_rtxmap_new(void);
void vc_rtxmap_free(struct vc_rtxmap *m);

/* A description says so. 0, or -ENOSPC: it says too much. */
int vc_rtxmap_fid(struct vc_rtxmap *m, uint32_t media, uint32_t rtx);

/* True and '*media'. */
bool vc_rtxmap_find(struct vc_rtxmap *m, uint32_t rtx, int64_t now,
		    uint32_t *media);

/*
 * Takes the best guess. False, and nothing is learnt: there was none, or two
 * were as good; the next packet may tell.
 */
bool vc_rtxmap_learn(struct vc_rtxmap *m, uint32_t rtx,
		     const struct vc_rtxguess *g, int64_t now);

/* Whether the packet just unwrapped was asked for (vc_nack_is_asked()). */
void vc_rtxmap_was_asked(struct vc_rtxmap *m, uint32_t rtx, bool was_asked);

/* The source 'ssrc' ended: all that concerns it but a description's word. */
void vc_rtxmap_forget(struct vc_rtxmap *m, uint32_t ssrc);

unsigned int vc_rtxmap_n(const struct vc_rtxmap *m);

#endif
