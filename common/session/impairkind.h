/* SPDX-License-Identifier: MIT */
/*
 * What a packet is, for rules that are for some kinds only: RTP or RTCP, sound,
 * picture or text, and of which key frame. Key frames are told by their first
 * packet and end with their time stamp.
 */
#ifndef VC_SESSION_IMPAIRKIND_H
#define VC_SESSION_IMPAIRKIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/impair.h"
#include "wire/codec.h"
#include "wire/rtp.h"

#define VC_IMPAIR_SOURCES 256 /* a power of two; of more no key frames */

/* Start with zeros. */
struct vc_impair_kinds {
	struct vc_impair_source {
		bool is_used;
		bool is_key; /* its last key frame had 'ts' */
		uint32_t ssrc;
		uint32_t ts;
		uint64_t key;
		uint32_t ordinal;
		uint64_t n; /* packets */
	} sources[VC_IMPAIR_SOURCES];
	size_t n;
	uint64_t n_keys;
	uint64_t n_rtcp;
	uint32_t ordinals[VC_OTHER + 1]; /* sources of each kind of media */
	uint64_t too_many; /* packets of sources without a place */
};

/* An RTP packet. */
void vc_impair_kind_rtp(struct vc_impair_kinds *k, enum vc_kind kind,
			enum vc_codec codec, const struct vc_rtp *rtp,
			struct vc_impair_what *what);
void vc_impair_kind_rtcp(struct vc_impair_kinds *k,
			 struct vc_impair_what *what);

#endif
