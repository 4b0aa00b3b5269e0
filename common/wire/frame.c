/* SPDX-License-Identifier: MIT */
/*
 * A frame is looked at when all of it is there. The first octet decides, in
 * the ranges that RFC 7983 leaves free of RTP.
 */
#include <errno.h>
#include <string.h>

#include "wire/frame.h"

static bool is_desc(const uint8_t *p, size_t len)
{
	return len >= 4 && len <= VC_FRAME_DESC_MAX && !memcmp(p, "v=0", 3) &&
	       (p[3] == '\r' || p[3] == '\n');
}

int vc_frame_next(const uint8_t *buf, size_t len, struct vc_frame *out)
{
	enum vc_frame_time kind;
	int64_t ns;

	*out = (struct vc_frame){ .type = VC_FRAME_EMPTY, .size = 2 };
	if (len < 2)
		return 0;
	out->len = vc_get_u16(buf);
	out->size = 2 + out->len;
	if (len < out->size)
		return 0;
	out->payload = buf + 2;
	out->type = vc_frame_type(out->payload, out->len);
	switch (out->type) {
	case VC_FRAME_RTP:
	case VC_FRAME_RTCP:
		out->toobig = out->len > VC_FRAME_RTP_MAX;
		return 1;
	case VC_FRAME_DESC:
		return is_desc(out->payload, out->len) ? 1 : -EBADMSG;
	case VC_FRAME_TIME:
		return vc_frame_time_parse(out->payload, out->len, &kind, &ns) ?:
			       1;
	default:
		return 1;
	}
}
