/* SPDX-License-Identifier: MIT */
/*
 * RTCP (RFC 3550 section 6, RFC 4585, RFC 5104). Check a compound as a whole
 * first: it is valid to its last octet or dropped. After that the iterators
 * and parsers below do not fail on it, but do not rely on it either. Writers
 * append one packet each to 'w'; look at w->bad at the end.
 */
#ifndef VC_WIRE_RTCP_H
#define VC_WIRE_RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/str.h"

enum vc_rtcp_pt {
	VC_RTCP_SR = 200,
	VC_RTCP_RR = 201,
	VC_RTCP_SDES = 202,
	VC_RTCP_BYE = 203,
	VC_RTCP_APP = 204,
	VC_RTCP_RTPFB = 205,
	VC_RTCP_PSFB = 206,
	VC_RTCP_XR = 207,
};

/* 'count' of feedback packets is their format. */
#define VC_RTCP_FB_NACK 1  /* RTPFB */
#define VC_RTCP_FB_TMMBR 3 /* RTPFB */
#define VC_RTCP_FB_CCFB 11 /* RTPFB */
#define VC_RTCP_FB_TWCC 15 /* RTPFB */
#define VC_RTCP_FB_PLI 1   /* PSFB */
#define VC_RTCP_FB_FIR 4   /* PSFB */
#define VC_RTCP_FB_ALFB 15 /* PSFB, REMB among them */

#define VC_RTCP_COUNT_MAX 31

/* One packet of a compound; 'body' is after its 4-octet header, unpadded. */
struct vc_rtcp {
	uint8_t count;
	uint8_t pt;
	const uint8_t *body;
	size_t len;
};

/*
 * 0, or -EBADMSG: anything is wrong with versions, lengths or padding; the
 * first is not SR or RR; an SR, RR, SDES, BYE, APP, NACK, PLI, FIR, TMMBR
 * or XR is shorter than it says or malformed inside. Unknown types are skipped
 * by length.
 */
int vc_rtcp_check(const uint8_t *p, size_t len);

/* The same where reduced-size RTCP (RFC 5506) was agreed on: any type first. */
int vc_rtcp_check_reduced(const uint8_t *p, size_t len);

/* The next packet at 'rd' (vc_rd_over() the compound): true and '*out'. False
 * at the end, and with rd->bad where it is malformed. */
bool vc_rtcp_next(struct vc_rd *rd, struct vc_rtcp *out);

/*
 * For writers of further types: opens a packet whose length is filled in, and
 * which is filled with zeros to a whole word, when it is closed. NULL (and
 * w->bad) when there is no room, which vc_rtcp_close() takes too.
 */
uint8_t *vc_rtcp_open(struct vc_wr *w, unsigned int count, uint8_t pt);
void vc_rtcp_close(struct vc_wr *w, uint8_t *head);

/* Report block. */
struct vc_rtcp_report {
	uint32_t ssrc;
	uint8_t fraction; /* lost, of 256 */
	int32_t lost;	  /* cumulative, 24 bits signed */
	uint32_t highest; /* extended sequence number */
	uint32_t jitter;  /* RTP units */
	uint32_t lsr;	  /* middle 32 bits of the last SR's NTP, 0: none */
	uint32_t dlsr;	  /* since then, 1/65536 s */
};

struct vc_rtcp_sr {
	uint32_t ssrc;
	uint64_t ntp; /* 0: the author has no clock */
	uint32_t rtp_ts;
	uint32_t packets;
	uint32_t octets;
};

/* 0 or -EBADMSG (not of that type, too short). */
int vc_rtcp_parse_sr(struct vc_rtcp_sr *sr, const struct vc_rtcp *pkt);
int vc_rtcp_parse_rr(uint32_t *ssrc, const struct vc_rtcp *pkt);

/* The i-th report block of an SR or RR, i < pkt->count. 0 or -EBADMSG. */
int vc_rtcp_parse_report(struct vc_rtcp_report *rep, const struct vc_rtcp *pkt,
			 unsigned int i);

/* 'n' at most 31. */
void vc_rtcp_write_sr(struct vc_wr *w, const struct vc_rtcp_sr *sr,
		      const struct vc_rtcp_report *reps, unsigned int n);
void vc_rtcp_write_rr(struct vc_wr *w, uint32_t ssrc,
		      const struct vc_rtcp_report *reps, unsigned int n);

enum vc_sdes_type {
	VC_SDES_END,
	VC_SDES_CNAME,
	VC_SDES_NAME,
	VC_SDES_EMAIL,
	VC_SDES_PHONE,
	VC_SDES_LOC,
	VC_SDES_TOOL,
	VC_SDES_NOTE,
	VC_SDES_PRIV,
};

/* An item of a chunk. 'text' is foreign: any octets, NUL among them. */
struct vc_sdes_item {
	uint32_t ssrc;
	uint8_t type;
	struct vc_str text; /* at most 255 octets */
};

struct vc_sdes_iter {
	struct vc_rd rd;
	unsigned int chunks; /* left */
	bool in_chunk;
	const uint8_t *chunk; /* where it begins: its SSRC */
	const uint8_t *base;
};

/* Over the items of all chunks of an SDES packet. */
struct vc_sdes_iter vc_sdes_over(const struct vc_rtcp *pkt);

/* True and the next item. False at the end, with it->rd.bad if malformed. */
bool vc_sdes_next(struct vc_sdes_iter *it, struct vc_sdes_item *out);

/*
 * Who speaks in a compound: the SSRC of each SR, RR and chunk of an SDES with
 * an item, which may be named again. True as soon as is_his() is of one.
 */
bool vc_rtcp_any_author(const uint8_t *p, size_t len,
			bool (*is_his)(void *ctx, uint32_t ssrc), void *ctx);

/* What one chunk says; an item with an empty text is left out. */
struct vc_sdes_chunk {
	uint32_t ssrc;
	struct vc_str cname; /* each cut to 255 octets */
	struct vc_str name;
};

/* One SDES packet of 'n' chunks, at most 31. */
void vc_rtcp_write_sdes(struct vc_wr *w, const struct vc_sdes_chunk *chunks,
			unsigned int n);

/* Borrows from the packet. */
struct vc_rtcp_bye {
	unsigned int n;
	const uint8_t *ssrcs;
	struct vc_str reason; /* foreign, may be empty */
};

int vc_rtcp_parse_bye(struct vc_rtcp_bye *bye, const struct vc_rtcp *pkt);

static inline uint32_t vc_rtcp_bye_ssrc(const struct vc_rtcp_bye *bye,
					unsigned int i)
{
	return vc_get_u32(bye->ssrcs + (size_t)4 * i);
}

/* 'n' at most 31; 'reason' is cut to 255 octets, empty: none. */
void vc_rtcp_write_bye(struct vc_wr *w, const uint32_t *ssrcs, unsigned int n,
		       struct vc_str reason);

/* Feedback (RFC 4585 section 6.1). 'fci' borrows from the packet. */
struct vc_rtcp_fb {
	uint8_t pt;
	uint8_t fmt;
	uint32_t sender;
	uint32_t media; /* 0 in FIR: its entries name the media */
	const uint8_t *fci;
	size_t fci_len;
};

/* Any RTPFB or PSFB. 0 or -EBADMSG. */
int vc_rtcp_parse_fb(struct vc_rtcp_fb *fb, const struct vc_rtcp *pkt);

/* Generic NACK: 'pid' is lost, and pid + 1 + i for each bit i of 'blp'. */
struct vc_rtcp_nack {
	uint16_t pid;
	uint16_t blp;
};

/* FIR (RFC 5104 section 4.3.1): 'seq' is new for each new request. */
struct vc_rtcp_fir {
	uint32_t ssrc;
	uint8_t seq;
};

/* TMMBR (RFC 5104 section 4.2.1): of that stream no more is wanted. */
struct vc_rtcp_tmmbr {
	uint32_t ssrc;
	uint64_t bps;	   /* UINT64_MAX: what it says or more */
	uint16_t overhead; /* octets a packet, which are in 'bps' */
};

/* The i-th entry: true, or false behind the last (or not such a packet). */
bool vc_rtcp_nack_at(const struct vc_rtcp_fb *fb, size_t i,
		     struct vc_rtcp_nack *out);
bool vc_rtcp_fir_at(const struct vc_rtcp_fb *fb, size_t i,
		    struct vc_rtcp_fir *out);

bool vc_rtcp_tmmbr_at(const struct vc_rtcp_fb *fb, size_t i,
		      struct vc_rtcp_tmmbr *out);

void vc_rtcp_write_pli(struct vc_wr *w, uint32_t sender, uint32_t media);
void vc_rtcp_write_fir(struct vc_wr *w, uint32_t sender,
		       const struct vc_rtcp_fir *fir, size_t n);
void vc_rtcp_write_nack(struct vc_wr *w, uint32_t sender, uint32_t media,
			const struct vc_rtcp_nack *nack, size_t n);

/*
 * Replaces 'from' by 'to' wherever a checked compound names an SSRC: senders,
 * report blocks, SDES, BYE, feedback. How many.
 */
unsigned int vc_rtcp_remap(uint8_t *p, size_t len, uint32_t from, uint32_t to);

/*
 * Writes what of a checked compound belongs into a vc stream: SR without
 * report blocks, SDES, BYE and APP, as a compound (an empty RR stands first
 * unless an SR does). Nothing when nothing of that is in it. At most len + 8
 * octets.
 */
void vc_rtcp_write_stripped(struct vc_wr *w, const uint8_t *p, size_t len);

#endif
