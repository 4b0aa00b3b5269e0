/* SPDX-License-Identifier: MIT */
/*
 * Many descriptions and SSRC spaces become one (vc-stream(7), Merging): equal
 * formats share a payload type, clashes are renumbered, a payload type once
 * used never changes meaning; extension ids are unified; an SSRC that another
 * input has already is remapped.
 */
#ifndef VC_TOOL_MERGE_H
#define VC_TOOL_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"
#include "wire/rtp.h"
#include "wire/sdp.h"

#define VC_MERGE_SSRCS 8192 /* remembered for one input */

struct vc_packet;

/* An SSRC of one input. */
struct vc_merge_ssrc {
	uint32_t from;
	uint32_t to;
	bool is_used;
	bool is_selected;
	bool is_judged;	  /* is_selected is known */
	int64_t last_key; /* when a key frame was asked for, 0: never */
	bool has_id;	  /* a `source` event told who it is */
	bool by_key;
	char id[256];
	uint64_t said; /* a hash of what the last one told, 0: none */
};

/* What one input's numbers become. */
struct vc_merge_map {
	bool is_identity; /* payload types and extensions as they are */
	uint8_t pt[128];  /* 255: not described */
	/* By its description's section, which a payload type names; 0: the id
	 * is not described, or there was no number left for it. */
	uint8_t section[128];
	uint8_t ext[VC_SDP_MEDIA_MAX][256];
	struct vc_merge_ssrc **ssrcs; /* hashed */
	size_t n_ssrcs;
	size_t cap;
	struct vc_merge_text *last; /* its description */
};

struct vc_merge {
	char *texts; /* what the strings of 'sdp' point to */
	struct vc_sdp sdp;
	bool is_ext[256]; /* the id means something in 'sdp' */
	struct vc_merge_map *maps;
	size_t n_maps;
	const struct vc_rand *rand;
	uint64_t remaps;
	/* The caller's, or NULL: what comes may not have this SSRC either. */
	bool (*is_own)(void *ctx, uint32_t ssrc);
	void *ctx;
	struct vc_merge_text *keep; /* texts that slices point to */
};

void vc_merge_init(struct vc_merge *m, size_t n_inputs,
		   const struct vc_rand *rand);
void vc_merge_clear(struct vc_merge *m);

/*
 * Input 'i' is described by 'text' (copied). The merged description is
 * m->sdp from then on; the slices of '*bad' hold until the next call for 'i'.
 * 0, or an error of vc_sdp_parse() ('bad' says where), or
 * -EEXIST: it uses payload type bad->bad_line twice.
 */
int vc_merge_desc(struct vc_merge *m, size_t i, const char *text, size_t len,
		  struct vc_sdp *bad);

/* The entry of 'ssrc' in input 'i', made if new. NULL: VC_MERGE_SSRCS. */
struct vc_merge_ssrc *vc_merge_ssrc(struct vc_merge *m, size_t i,
				    uint32_t ssrc);

/* By what it became; NULL if there is none. */
struct vc_merge_ssrc *vc_merge_back(struct vc_merge *m, size_t i, uint32_t to);

/* Forgets the SSRCs of an input that starts afresh. */
void vc_merge_forget(struct vc_merge *m, size_t i);

/*
 * Rewrites a checked packet in place: payload type, extensions, SSRC, CSRCs.
 * An extension that would be taken for another, or whose new id does not go
 * into its form, becomes padding. 0 and the SSRC's entry, where that is wanted.
 * -ENOENT: its payload type is not described; -ENOSPC: VC_MERGE_SSRCS.
 */
int vc_merge_rtp(struct vc_merge *m, size_t i, struct vc_packet *pkt,
		 struct vc_rtp *rtp, struct vc_merge_ssrc **of_ssrc);

/* The same, but SSRCs stay. */
int vc_merge_formats(const struct vc_merge *m, size_t i, struct vc_packet *pkt,
		     struct vc_rtp *rtp);

/* As vc_merge_rtp(), for a checked compound. */
void vc_merge_rtcp(struct vc_merge *m, size_t i, struct vc_packet *pkt);

#endif
