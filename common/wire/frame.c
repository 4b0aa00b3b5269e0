/* SPDX-License-Identifier: MIT */
/*
 * A frame is looked at when all of it is there. The first octet decides, in
 * the ranges that RFC 7983 leaves free of RTP.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/frame.h"
#include "wire/rtp.h"

enum vc_frame_type vc_frame_type(const uint8_t *payload, size_t len)
{
	if (!len)
		return VC_FRAME_EMPTY;
	if (payload[0] >= 128 && payload[0] < 192)
		return vc_demux(payload, len) == VC_DEMUX_RTCP ? VC_FRAME_RTCP :
								 VC_FRAME_RTP;
	switch (payload[0]) {
	case 'v':
		return VC_FRAME_DESC;
	case 'T':
		return VC_FRAME_TIME;
	case '{':
		return VC_FRAME_EVENT;
	default:
		return VC_FRAME_OTHER;
	}
}

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

void vc_frame_head(uint8_t out[static 2], size_t len)
{
	assert(len <= VC_FRAME_PAYLOAD_MAX);
	vc_put_u16(out, (uint16_t)len);
}

int vc_frame_time_parse(const uint8_t *payload, size_t len,
			enum vc_frame_time *kind, int64_t *ns)
{
	if (len != VC_FRAME_TIME_SIZE - 2 || payload[0] != 'T' ||
	    payload[1] > VC_TIME_ARRIVAL ||
	    vc_get_u64(payload + 2) > VC_FRAME_TIME_MAX)
		return -EBADMSG;
	*kind = (enum vc_frame_time)payload[1];
	*ns = (int64_t)vc_get_u64(payload + 2);
	return 0;
}

void vc_frame_time_write(uint8_t out[static VC_FRAME_TIME_SIZE],
			 enum vc_frame_time kind, int64_t ns)
{
	vc_frame_head(out, VC_FRAME_TIME_SIZE - 2);
	out[2] = 'T';
	out[3] = (uint8_t)kind;
	vc_put_u64(out + 4, (uint64_t)ns);
}
