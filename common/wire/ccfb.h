/* SPDX-License-Identifier: MIT */
/*
 * Congestion control feedback of RFC 8888: for each SSRC a run of RTP sequence
 * numbers, and for each of these whether it came, its ECN mark, and how long
 * before the report was made, in steps of 1/1024 s.
 */
#ifndef VC_WIRE_CCFB_H
#define VC_WIRE_CCFB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/rtcp.h"

/* Sequence numbers that one block may report (RFC 8888 section 3.1). */
#define VC_CCFB_BLOCK_MAX 16384

/* The report's time wraps after 2^16 seconds. */
#define VC_CCFB_PERIOD (INT64_C(65536000000000))

/* Octets that a report of 'blocks' blocks with 'n' numbers takes at most. */
#define VC_CCFB_LEN(blocks, n) (12 + (blocks)*10 + (n)*2)

/* A report, and where its iterator stands. Borrows from the packet. */
struct vc_ccfb {
	struct vc_rd rd;
	int64_t at; /* when it was made, ns modulo VC_CCFB_PERIOD */
	uint32_t ssrc;
	uint16_t seq;
	uint16_t n_left; /* of this block */
	bool pad_left;
};

struct vc_ccfb_packet {
	uint32_t ssrc;
	uint16_t seq;
	bool is_received;
	bool has_time; /* false: came after the report's time, or long ago */
	uint8_t ecn;
	int64_t at; /* ns on the scale of the report's own; may be below 0 */
};

/* 0, or -EBADMSG: not of that type, blocks that are longer than the packet or
 * than VC_CCFB_BLOCK_MAX. */
int vc_ccfb_parse(struct vc_ccfb *out, const struct vc_rtcp_fb *fb);

/* The next number, block by block: true, or false after the last. */
bool vc_ccfb_next(struct vc_ccfb *c, struct vc_ccfb_packet *out);

/*
 * Writing: open, blocks, close. Times are ns; 'now' is the same in all calls
 * and becomes the report's time. Of 'at', VC_TIME_NONE did not come.
 */
uint8_t *vc_ccfb_open(struct vc_wr *w, uint32_t sender);
void vc_ccfb_block(struct vc_wr *w, uint32_t ssrc, uint16_t base,
		   const int64_t *at, size_t n, int64_t now);
void vc_ccfb_close(struct vc_wr *w, uint8_t *head, int64_t now);

#endif
