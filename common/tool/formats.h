/* SPDX-License-Identifier: MIT */
/*
 * The description of what comes without one: --sdp FILE, else our default
 * payload types, both changed by --pt N=CODEC[/RATE[/CHANNELS]].
 */
#ifndef VC_TOOL_FORMATS_H
#define VC_TOOL_FORMATS_H

#include <stddef.h>

#include "wire/codec.h"
#include "wire/sdp.h"

struct vc_tool;
struct vc_words;

/*
 * '*text' (free() it) is the description's text, with keys if it has them (wipe
 * it then). 'sdp_place' may be NULL. 0, or -errno after saying why; wrong --pt
 * words are usage errors.
 */
int vc_formats_load(struct vc_tool *t, const char *sdp_place,
		    const struct vc_words *pts, char **text, size_t *len);

/*
 * Makes such a text one for a single stream: of a payload type that stands in
 * two sections the first one counts. 0, or -errno ('*text' is as it was).
 */
int vc_formats_unique(char **text, size_t *len);

/*
 * Whether 'payload' can be a packet of 'codec': what its parser refuses is
 * likely another format under this payload type. True where we cannot tell.
 */
bool vc_formats_fits(enum vc_codec codec, const uint8_t *payload, size_t len);

#endif
