/* SPDX-License-Identifier: MIT */
/*
 * Formats whose fmtp speaks of other formats by their payload types: apt= of
 * rtx (RFC 4588), the list of red (RFC 2198). Used by tool/merge.c only.
 */
#ifndef VC_TOOL_FMTP_H
#define VC_TOOL_FMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/sdp.h"

#define VC_FMTP_NO_PT 255 /* in a map: not described */

bool vc_fmtp_names_pts(const struct vc_sdp_fmt *fmt);

/* Room that is enough for all texts vc_fmtp_renumber() makes of a description
 * of 'len' octets. */
size_t vc_fmtp_room(size_t len);

/*
 * The fmtp of 'fmt' with map[pt] for each pt it names; what is not described
 * stays as it is. Made at '*out', which moves on behind it.
 */
struct vc_str vc_fmtp_renumber(const struct vc_sdp_fmt *fmt,
			       const uint8_t map[static 128], char **out);

#endif
