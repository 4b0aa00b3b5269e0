/* SPDX-License-Identifier: MIT */
/*
 * Extended reports (RFC 3611): an RTCP packet of report blocks. vc_rtcp_check()
 * looks at their lengths too, so on what it took the iterator does not fail,
 * nor do the parsers on a block of their type.
 *
 * What a field cannot say is the RFC's value for it: 127 and the like.
 */
#ifndef VC_WIRE_RTCPXR_H
#define VC_WIRE_RTCPXR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/rtcp.h"

enum vc_xr_bt {
	VC_XR_LOSS_RLE = 1,
	VC_XR_RRT = 4,
	VC_XR_DLRR = 5,
	VC_XR_SUMMARY = 6,
	VC_XR_VOIP = 7,
};

/* 'body' is after its 4-octet header and borrows from the packet. */
struct vc_xr_block {
	uint8_t bt;
	uint8_t specific; /* the second octet */
	const uint8_t *body;
	size_t len;
};

/* True for an XR packet: its author and a cursor over the blocks. */
bool vc_xr_over(const struct vc_rtcp *pkt, uint32_t *ssrc, struct vc_rd *rd);

/* The next block. False at the end, and with rd->bad where it is malformed: the
 * length reaches over the end, or is not that of its type. */
bool vc_xr_next(struct vc_rd *rd, struct vc_xr_block *out);

/* Receiver reference time (section 4.4). 0 or -EBADMSG, as all below. */
int vc_xr_parse_rrt(uint64_t *ntp, const struct vc_xr_block *b);

/* An entry of DLRR (section 4.5); like LSR and DLSR of a report block. */
struct vc_xr_dlrr {
	uint32_t ssrc;
	uint32_t lrr; /* 0: none came */
	uint32_t dlrr;
};

/* True, or false behind the last (or not such a block). */
bool vc_xr_dlrr_at(const struct vc_xr_block *b, size_t i,
		   struct vc_xr_dlrr *out);

enum vc_xr_hops {
	VC_XR_NO_HOPS,
	VC_XR_TTL,
	VC_XR_HOP_LIMIT,
	VC_XR_HOPS_RESERVED,
};

/* Statistics summary (section 4.6); what its flag denies is 0. */
struct vc_xr_summary {
	uint32_t ssrc;
	uint16_t begin; /* numbers from here ... */
	uint16_t end;	/* ... up to before this */
	bool has_lost;
	bool has_dup;
	bool has_jitter;
	enum vc_xr_hops hops;
	uint32_t lost;
	uint32_t dup;
	uint32_t jitter_min; /* RTP units */
	uint32_t jitter_max;
	uint32_t jitter_mean;
	uint32_t jitter_dev;
	uint8_t hops_min;
	uint8_t hops_max;
	uint8_t hops_mean;
	uint8_t hops_dev;
};

int vc_xr_parse_summary(struct vc_xr_summary *out, const struct vc_xr_block *b);

#define VC_XR_NONE 127 /* levels, R factors and MOS: not available */

enum vc_xr_plc {
	VC_XR_PLC_UNKNOWN,
	VC_XR_PLC_NONE, /* silence */
	VC_XR_PLC_ENHANCED,
	VC_XR_PLC_STANDARD,
};

enum vc_xr_jba {
	VC_XR_JBA_UNKNOWN,
	VC_XR_JBA_RESERVED,
	VC_XR_JBA_FIXED,
	VC_XR_JBA_ADAPTIVE,
};

/* VoIP metrics (section 4.7). Shares are of 256, delays in ms. */
struct vc_xr_voip {
	uint32_t ssrc;
	uint8_t loss;
	uint8_t discard;
	uint8_t burst_density;
	uint8_t gap_density;
	uint16_t burst_ms;
	uint16_t gap_ms;
	uint16_t rtt_ms;
	uint16_t end_system_ms;
	int8_t signal_dbm;
	int8_t noise_dbm;
	uint8_t rerl_db;
	uint8_t gmin;
	uint8_t r;
	uint8_t ext_r;
	uint8_t mos_lq; /* 10 to 50 */
	uint8_t mos_cq;
	enum vc_xr_plc plc;
	enum vc_xr_jba jba;
	uint8_t jb_rate; /* 0..15 */
	uint16_t jb_nominal_ms;
	uint16_t jb_max_ms;
	uint16_t jb_abs_max_ms;
};

int vc_xr_parse_voip(struct vc_xr_voip *out, const struct vc_xr_block *b);

/* Loss RLE (section 4.1), read only. */
struct vc_xr_rle {
	uint32_t ssrc;
	uint8_t thinning;
	uint16_t begin;
	uint16_t end;
	const uint8_t *chunks; /* borrows */
	size_t n;
};

int vc_xr_parse_rle(struct vc_xr_rle *out, const struct vc_xr_block *b);

/*
 * What the i-th chunk says: 1 or 0 'len' times, or a vector of 15 bits, the
 * first the highest. 1 is received. False behind the last one.
 */
struct vc_xr_chunk {
	bool is_vector;
	bool received;
	unsigned int len;
	uint16_t bits;
};

bool vc_xr_rle_at(const struct vc_xr_rle *rle, size_t i,
		  struct vc_xr_chunk *out);

/*
 * Writing: open a packet, append blocks, close it with what open returned
 * (NULL when there was no room; w->bad says so).
 */
uint8_t *vc_xr_open(struct vc_wr *w, uint32_t ssrc);
void vc_xr_close(struct vc_wr *w, uint8_t *head);
void vc_xr_write_rrt(struct vc_wr *w, uint64_t ntp);
void vc_xr_write_dlrr(struct vc_wr *w, const struct vc_xr_dlrr *entries,
		      unsigned int n);
void vc_xr_write_summary(struct vc_wr *w, const struct vc_xr_summary *s);
void vc_xr_write_voip(struct vc_wr *w, const struct vc_xr_voip *v);

#endif
