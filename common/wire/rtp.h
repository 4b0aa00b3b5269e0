/* SPDX-License-Identifier: MIT */
/*
 * RTP packets (RFC 3550 section 5), telling packets apart on one port (RFC
 * 7983, RFC 5761), and arithmetic of sequence numbers and timestamps that
 * wrap.
 */
#ifndef VC_WIRE_RTP_H
#define VC_WIRE_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define VC_RTP_HEADER 12
#define VC_RTP_CSRC_MAX 15

/* Profiles of header extensions (RFC 8285); the low 4 bits of the two-byte
 * form are free. */
#define VC_RTP_EXT_ONE 0xBEDE
#define VC_RTP_EXT_TWO 0x1000

/* A packet. Slices borrow from the octets that were parsed. */
struct vc_rtp {
	uint8_t pt; /* 0..127 */
	bool marker;
	uint16_t seq;
	uint32_t ts;
	uint32_t ssrc;
	unsigned int n_csrc;
	uint32_t csrc[VC_RTP_CSRC_MAX];
	bool has_ext;
	uint16_t ext_profile;
	const uint8_t *ext; /* after its 4-octet header; a multiple of 4 */
	size_t ext_len;
	const uint8_t *payload; /* without padding; may be empty */
	size_t payload_len;
	size_t pad_len;	   /* 0: the P bit was clear */
	size_t header_len; /* where the payload begins */
};

/*
 * 0, or -EBADMSG: shorter than a header, version not 2, CSRCs, extension or
 * padding longer than the packet, padding of 0. Padding that fills the payload
 * is fine and leaves an empty one.
 */
int vc_rtp_parse(struct vc_rtp *rtp, const uint8_t *p, size_t len);

/*
 * Writes header, CSRCs and extension (zeros fill it to a multiple of 4). The
 * caller writes the payload after it; padding is not written and the P bit is
 * clear. Sets w->bad when there is no room. 0, or -EINVAL: pt, n_csrc or
 * ext_len is out of range.
 */
int vc_rtp_write(struct vc_wr *w, const struct vc_rtp *rtp);

/* In place, on packets that vc_rtp_parse() took. */
static inline uint8_t vc_rtp_get_pt(const uint8_t *p)
{
	return p[1] & 0x7f;
}

static inline bool vc_rtp_get_marker(const uint8_t *p)
{
	return p[1] & 0x80;
}

static inline uint16_t vc_rtp_get_seq(const uint8_t *p)
{
	return vc_get_u16(p + 2);
}

static inline uint32_t vc_rtp_get_ts(const uint8_t *p)
{
	return vc_get_u32(p + 4);
}

static inline uint32_t vc_rtp_get_ssrc(const uint8_t *p)
{
	return vc_get_u32(p + 8);
}

static inline void vc_rtp_set_pt(uint8_t *p, uint8_t pt)
{
	p[1] = (uint8_t)((p[1] & 0x80) | (pt & 0x7f));
}

static inline void vc_rtp_set_marker(uint8_t *p, bool marker)
{
	p[1] = (uint8_t)((p[1] & 0x7f) | (marker ? 0x80 : 0));
}

static inline void vc_rtp_set_seq(uint8_t *p, uint16_t seq)
{
	vc_put_u16(p + 2, seq);
}

static inline void vc_rtp_set_ts(uint8_t *p, uint32_t ts)
{
	vc_put_u32(p + 4, ts);
}

static inline void vc_rtp_set_ssrc(uint8_t *p, uint32_t ssrc)
{
	vc_put_u32(p + 8, ssrc);
}

/* Replaces 'from' by 'to' as SSRC and in the CSRC list of a valid packet. */
void vc_rtp_remap(uint8_t *p, uint32_t from, uint32_t to);

/* How far b is ahead of a, -2^15 .. 2^15 - 1. */
static inline int16_t vc_seq_diff(uint16_t a, uint16_t b)
{
	return (int16_t)(uint16_t)(b - a);
}

/* Whether a comes before b, across the wrap. 2^15 apart: false both ways. */
static inline bool vc_seq_before(uint16_t a, uint16_t b)
{
	return vc_seq_diff(a, b) > 0;
}

/* How far b is ahead of a, -2^31 .. 2^31 - 1. */
static inline int32_t vc_ts_diff(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a);
}

/* Whether a comes before b, across the wrap. 2^31 apart: false both ways. */
static inline bool vc_ts_before(uint32_t a, uint32_t b)
{
	return vc_ts_diff(a, b) > 0;
}

/*
 * Extenders: numbers that wrap to ones that do not. Start with zeros. The
 * first result is the number itself; each later one is the value nearest to
 * the result before, forward or back (it can pass below 0).
 */
struct vc_seq_ext {
	bool set;
	int64_t last;
};

struct vc_ts_ext {
	bool set;
	int64_t last;
};

int64_t vc_seq_extend(struct vc_seq_ext *e, uint16_t seq);
int64_t vc_ts_extend(struct vc_ts_ext *e, uint32_t ts);

/* What a datagram is (RFC 7983 section 7; RTCP by RFC 5761 section 4: second
 * octet 192..223). No more than that is checked. */
enum vc_demux {
	VC_DEMUX_STUN,
	VC_DEMUX_ZRTP,
	VC_DEMUX_DTLS,
	VC_DEMUX_TURN,
	VC_DEMUX_RTP,
	VC_DEMUX_RTCP,
	VC_DEMUX_OTHER, /* empty ones too */
};

enum vc_demux vc_demux_other(uint8_t first); /* neither RTP nor RTCP */

static inline enum vc_demux vc_demux(const uint8_t *p, size_t len)
{
	if (!len)
		return VC_DEMUX_OTHER;
	if (p[0] < 128 || p[0] > 191)
		return vc_demux_other(p[0]);
	return len > 1 && p[1] >= 192 && p[1] <= 223 ? VC_DEMUX_RTCP :
						       VC_DEMUX_RTP;
}

#endif
