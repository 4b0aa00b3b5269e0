/* SPDX-License-Identifier: MIT */
/*
 * The payload types and extensions that vc tools use among themselves without
 * an SDP (vc-stream(7), Description).
 */
#ifndef VC_WIRE_DEFAULTS_H
#define VC_WIRE_DEFAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"
#include "wire/sdp.h"

#define VC_PT_OPUS 111
#define VC_PT_VP8 96
#define VC_PT_VP9 98
#define VC_PT_T140 117
#define VC_PT_T140_RED 116

/* Of H.264 in packetization-mode 0, else as in the table. */
#define VC_H264_SINGLE_FMTP                               \
	"level-asymmetry-allowed=1;packetization-mode=0;" \
	"profile-level-id=42e01f"

struct vc_default_fmt {
	uint8_t pt;
	const char *codec;
	uint32_t rate;
	uint8_t channels;
	enum vc_kind kind;
	const char *content; /* "slides" or NULL */
	const char *fmtp;    /* or NULL */
	unsigned int fb;     /* VC_FB_* */
};

struct vc_default_ext {
	uint8_t id;
	const char *uri;
	bool audio; /* belongs into audio sections */
	bool video; /* and into video ones */
};

/* In the order of a description. */
extern const struct vc_default_fmt vc_default_fmts[];
extern const size_t vc_default_n_fmts;
extern const struct vc_default_ext vc_default_exts[];
extern const size_t vc_default_n_exts;

/* The first default of a codec; slides have their own. -1: none. */
int vc_default_pt(enum vc_codec codec, bool is_slides);
/* That of a codec which several kinds have, or clocks: RED, telephone events. */
int vc_default_pt_of(enum vc_codec codec, enum vc_kind kind, uint32_t rate_hz);

/* NULL if 'pt' has no default. */
const struct vc_default_fmt *vc_default_find(uint8_t pt);

/* The whole table as a description, for a bare rtp:// receiver. */
void vc_default_sdp(struct vc_sdp *sdp);

/*
 * Adds the default format of 'pt' to 'sdp' (zeros at first), with its section,
 * mid and extensions where they are not there yet. 0, -ENOENT: no such
 * default, -EEXIST: is there already, -E2BIG: full. All strings are static.
 */
int vc_default_add(struct vc_sdp *sdp, uint8_t pt);

/* The same of a format that has no default, such as L16. */
int vc_default_add_fmt(struct vc_sdp *sdp, const struct vc_default_fmt *def);

#endif
