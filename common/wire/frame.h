/* SPDX-License-Identifier: MIT */
/* The frames of the vc stream (vc-stream(7)): RFC 4571 with three additions. */
#ifndef VC_WIRE_FRAME_H
#define VC_WIRE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
enum vc_frame_type vc_frame_type(const uint8_t *payload, size_t len);

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
void vc_frame_head(uint8_t out[static 2], size_t len);

enum vc_frame_time {
	VC_TIME_STREAM = 0,  /* the writer's now; never decreases */
	VC_TIME_ARRIVAL = 1, /* of the next RTP or RTCP frame only */
};

/* Payload of a time frame. 0 or -EBADMSG. */
int vc_frame_time_parse(const uint8_t *payload, size_t len,
			enum vc_frame_time *kind, int64_t *ns);

/* The whole frame, with its length. */
void vc_frame_time_write(uint8_t out[static VC_FRAME_TIME_SIZE],
			 enum vc_frame_time kind, int64_t ns);

#endif
