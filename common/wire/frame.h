/* SPDX-License-Identifier: MIT */
/* The frames of the vc stream (vc-stream(7)): RFC 4571 with three additions. */
#ifndef VC_WIRE_FRAME_H
#define VC_WIRE_FRAME_H

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/rtp.h"

#define VC_FRAME_PAYLOAD_MAX 65535
#define VC_FRAME_MAX (2 + VC_FRAME_PAYLOAD_MAX)
#define VC_FRAME_DESC_MAX 60000
#define VC_FRAME_RTP_MAX 9216
#define VC_FRAME_TIME_SIZE 12 /* with its length */
/* No later time is taken (2116): sums and differences of two then fit. */
#define VC_FRAME_TIME_MAX (INT64_MAX / 2)

enum vc_frame_type {
	VC_FRAME_RTP,
	VC_FRAME_RTCP,
	VC_FRAME_DESC,
	VC_FRAME_TIME,
	VC_FRAME_EVENT,
	VC_FRAME_EMPTY,
	VC_FRAME_OTHER, /* reserved: a filter passes it on, a sink skips it */
};

/* By the first octets alone. */
static inline enum vc_frame_type vc_frame_type(const uint8_t *payload,
					       size_t len)
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

/* Borrows from the buffer. */
struct vc_frame {
	enum vc_frame_type type;
	const uint8_t *payload;
	size_t len;
	size_t size; /* on the stream, length field included */
	bool toobig; /* RTP or RTCP over VC_FRAME_RTP_MAX: drop and count it */
};

/*
 * The frame at 'buf'. 1: here it is. 0: needs more octets, at least
 * out->size in all. -EBADMSG: a description that does not begin with "v=0" and
 * a line end or is over VC_FRAME_DESC_MAX, or a time frame that is not 10
 * octets, of an unknown kind or over VC_FRAME_TIME_MAX;
 * 'size' is set, so that one may go on behind it.
 */
int vc_frame_next(const uint8_t *buf, size_t len, struct vc_frame *out);

/* The length field, before a payload of 'len' <= VC_FRAME_PAYLOAD_MAX. */
static inline void vc_frame_head(uint8_t out[static 2], size_t len)
{
	assert(len <= VC_FRAME_PAYLOAD_MAX);
	vc_put_u16(out, (uint16_t)len);
}

enum vc_frame_time {
	VC_TIME_STREAM = 0,  /* the writer's now; never decreases */
	VC_TIME_ARRIVAL = 1, /* of the next RTP or RTCP frame only */
};

/* Payload of a time frame. 0 or -EBADMSG. */
static inline int vc_frame_time_parse(const uint8_t *payload, size_t len,
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

/* The whole frame, with its length. */
static inline void vc_frame_time_write(uint8_t out[static VC_FRAME_TIME_SIZE],
				       enum vc_frame_time kind, int64_t ns)
{
	vc_frame_head(out, VC_FRAME_TIME_SIZE - 2);
	out[2] = 'T';
	out[3] = (uint8_t)kind;
	vc_put_u64(out + 4, (uint64_t)ns);
}

#endif
