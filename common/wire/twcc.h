/* SPDX-License-Identifier: MIT */
/*
 * Transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1): for each
 * transport-wide sequence number from a base on, whether the packet came and
 * when, in steps of 250 us of the receiver's clock.
 */
#ifndef VC_WIRE_TWCC_H
#define VC_WIRE_TWCC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "wire/rtcp.h"

#define VC_TWCC_TICK INT64_C(250000) /* ns */

/* Times are told modulo this: 2^24 * 64 ms, 12.4 days. */
#define VC_TWCC_PERIOD (INT64_C(256) * VC_TWCC_TICK << 24)

/* Octets that a feedback packet about 'n' numbers takes at most, if 'came' of
 * them did. */
#define VC_TWCC_LEN(n, came) (24 + (came)*2 + ((n) / 7 + 1) * 2)

/* A feedback packet, and where its iterator stands. Borrows from the packet. */
struct vc_twcc {
	uint32_t media; /* SSRC of any stream of that transport */
	uint16_t base;	/* the first number reported */
	uint16_t count; /* of numbers, at least 1 */
	uint8_t fb_seq; /* counts feedback packets */
	struct vc_rd chunks;
	struct vc_rd deltas;
	uint16_t done;
	uint16_t chunk;	     /* symbols that are left of it */
	unsigned int n_left; /* how many */
	int64_t at;
};

struct vc_twcc_packet {
	uint16_t seq;
	bool is_received;
	int64_t at; /* ns, 0 <= at < VC_TWCC_PERIOD plus what the deltas add */
};

/*
 * 0, or -EBADMSG: not of that type, no number reported, chunks that end
 * before the count does, a reserved symbol, fewer deltas than received ones.
 */
int vc_twcc_parse(struct vc_twcc *out, const struct vc_rtcp_fb *fb);

/* The next number in order: true, or false after the last. */
bool vc_twcc_next(struct vc_twcc *t, struct vc_twcc_packet *out);

/* Numbers that one packet of ours reports at most. */
#define VC_TWCC_WRITE_MAX 1024

/*
 * Writes one packet about base, base + 1, ...: 'at' holds the arrival time of
 * each in ns, VC_TIME_NONE for what did not come; one of them did. Returns how
 * many were reported: less than 'n' (1 to VC_TWCC_WRITE_MAX) where a time is
 * more than 8.19 s from the one before.
 */
size_t vc_twcc_write(struct vc_wr *w, uint32_t sender, uint32_t media,
		     uint8_t fb_seq, uint16_t base, const int64_t *at,
		     size_t n);

#endif
