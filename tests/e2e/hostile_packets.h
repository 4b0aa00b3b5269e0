/* SPDX-License-Identifier: MIT */
/*
 * Makes packets that nobody should send, the same ones for the same seed: for
 * hostile_send.c alone. make() leaves one in buf, of len octets.
 */
#ifndef VC_E2E_HOSTILE_PACKETS_H
#define VC_E2E_HOSTILE_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

#define MAX_GOOD 4096
#define CAP 65536

struct good {
	uint8_t *p;
	size_t len;
};

struct hostile {
	uint64_t state;
	struct good good[MAX_GOOD];
	size_t n_good;
	uint32_t victims[16];
	size_t n_victims;
	uint32_t media; /* the last SSRC that RTP came with */
	uint16_t seq;
	uint8_t buf[CAP];
	size_t len;
	uint64_t sent, octets, back, back_octets;
};

/* xorshift64*: the same attack for the same seed. */
static uint32_t draw(struct hostile *h, uint32_t below)
{
	h->state ^= h->state >> 12;
	h->state ^= h->state << 25;
	h->state ^= h->state >> 27;
	return (uint32_t)((h->state * 2685821657736338717ull) >> 33) % below;
}

static uint32_t draw_u32(struct hostile *h)
{
	uint32_t high = draw(h, 1u << 16);

	return high << 16 | draw(h, 1u << 16);
}

static uint32_t victim(struct hostile *h)
{
	if (h->n_victims && draw(h, 2))
		return h->victims[draw(h, (uint32_t)h->n_victims)];
	return h->media ? h->media : draw_u32(h);
}

/* --- packets --- */

static void noise(struct hostile *h)
{
	static const uint16_t lens[] = { 0,    1,    3,	   7,	 8,
					 11,   12,   13,   28,	 100,
					 1472, 1500, 9000, 9300, 60000 };

	h->len = lens[draw(h, VC_COUNT(lens))];
	for (size_t i = 0; i < h->len; i++)
		h->buf[i] = (uint8_t)draw(h, 256);
	if (draw(h, 2))
		h->buf[0] = (uint8_t)(0x80 | (h->buf[0] & 0x3f));
}

/* Flips some bits of a packet that was good, cuts it, or leaves it. */
static void mutant(struct hostile *h)
{
	const struct good *g;

	if (!h->n_good) {
		noise(h);
		return;
	}
	g = &h->good[draw(h, (uint32_t)h->n_good)];
	memcpy(h->buf, g->p, g->len);
	h->len = g->len;
	for (uint32_t n = draw(h, 8); n && h->len; n--) {
		uint32_t at = draw(h, h->len > 64 ? 64 : (uint32_t)h->len);

		h->buf[at] ^= (uint8_t)(1u << draw(h, 8));
	}
	if (!draw(h, 8))
		h->len = draw(h, (uint32_t)h->len + 1);
}

static void rtp_header(struct hostile *h, struct vc_wr *w)
{
	static const uint8_t first[] = { 0x80, 0x80, 0x80, 0x90,
					 0xa0, 0x8f, 0xb1 };
	static const uint8_t pts[] = { 111, 111, 96, 96, 0,   8,  9,  13,
				       63,  101, 97, 98, 102, 72, 127 };
	static const uint16_t jumps[] = { 0,   1,    1,	    1,	   1,	 2,
					  100, 3000, 32767, 32768, 65535 };

	h->seq = (uint16_t)(h->seq + jumps[draw(h, VC_COUNT(jumps))]);
	vc_wr_u8(w, first[draw(h, VC_COUNT(first))]);
	vc_wr_u8(w, (uint8_t)(pts[draw(h, VC_COUNT(pts))] | draw(h, 2) << 7));
	vc_wr_u16(w, h->seq);
	vc_wr_u32(w, draw(h, 3) ? h->seq * 960u : draw_u32(h));
	switch (draw(h, 4)) {
	case 0:
		vc_wr_u32(w, victim(h));
		break;
	case 1:
		vc_wr_u32(w, draw_u32(h));
		break;
	default: /* a few that come again, and are admitted */
		vc_wr_u32(w, draw(h, 2) ? 0 : 0xfffffff0u | draw(h, 16));
	}
}

static void rtp(struct hostile *h)
{
	static const struct {
		uint8_t len;
		uint8_t p[20];
	} tails[] = {
		{ 0, { 0 } },
		/* extensions: too long, empty, id 0 and 15, two-octet form */
		{ 4, { 0xbe, 0xde, 0xff, 0xff } },
		{ 4, { 0xbe, 0xde, 0, 0 } },
		{ 12, { 0xbe, 0xde, 0, 1, 0x03, 1, 2, 3, 0x10, 0, 0, 1 } },
		{ 12, { 0xbe, 0xde, 0, 1, 0xf0, 1, 2, 3, 0x10, 0, 0, 1 } },
		{ 12, { 0x10, 0x0f, 0, 1, 1, 255, 2, 3, 0x10, 0, 0, 1 } },
		/* padding: none, too much, all of it */
		{ 4, { 1, 2, 3, 0 } },
		{ 4, { 1, 2, 3, 255 } },
		{ 4, { 0, 0, 0, 4 } },
		/* VP8: cut descriptors, huge, empty, a first part too long */
		{ 1, { 0x10 } },
		{ 2, { 0x90, 0 } },
		{ 3, { 0x90, 0x80, 0x05 } },
		{ 5, { 0x90, 0xf0, 0x80, 1, 2 } },
		{ 11,
		  { 0x10, 0x50, 0xff, 0xff, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff,
		    0x3f } },
		{ 11, { 0x10, 0x50, 0, 0, 0x9d, 0x01, 0x2a, 0, 0, 0, 0 } },
		{ 12,
		  { 0x10, 0xf0, 0xff, 0xff, 0x9d, 0x01, 0x2a, 1, 0xc0, 1, 0xc0,
		    0 } },
		/* Opus: DTX, code 3 with 0 and 63, padding, stereo, 120 ms */
		{ 1, { 0x08 } },
		{ 2, { 0x0b, 0 } },
		{ 2, { 0x0b, 0x3f } },
		{ 6, { 0xfb, 0x41, 255, 255, 255, 255 } },
		{ 3, { 0xfc, 0xff, 0xfe } },
		{ 4, { 0x1b, 0x02, 1, 2 } },
		/* telephone-event that never ends */
		{ 4, { 255, 0x3f, 0xff, 0xff } },
	};
	struct vc_wr w = vc_wr_over(h->buf, CAP);
	uint32_t i = draw(h, VC_COUNT(tails));

	rtp_header(h, &w);
	vc_wr_bytes(&w, tails[i].p, tails[i].len);
	/* Sound: every extreme, of any length. */
	if (!draw(h, 6)) {
		for (uint32_t n = draw(h, 1200); n; n--)
			vc_wr_u8(&w, n & 1 ? 0x80 : 0xff);
	}
	h->len = vc_wr_len(&w);
}

/* Headers of blocks, 'n' but the last, that have nothing behind them. */
static void red_blocks(struct hostile *h, struct vc_wr *w, uint32_t n)
{
	static const uint8_t inner[] = { 111, 96, 63, 119, 120, 127 };

	for (; n > 1; n--) {
		vc_wr_u8(w, (uint8_t)(0x80 | inner[draw(h, 6)]));
		vc_wr_u24(w, draw_u32(h) & 0xffffff);
	}
	vc_wr_u8(w, inner[draw(h, 6)]);
}

/* ULPFEC that covers all, itself too; of any length. */
static void ulpfec(struct hostile *h, struct vc_wr *w)
{
	vc_wr_u8(w, draw(h, 2) ? 0x40 : (uint8_t)draw(h, 256));
	vc_wr_u8(w, (uint8_t)draw(h, 256));
	vc_wr_u16(w, (uint16_t)(h->seq - draw(h, 3)));
	vc_wr_u32(w, draw_u32(h));
	vc_wr_u16(w, (uint16_t)draw(h, 65536));
	vc_wr_u16(w, draw(h, 2) ? 8 : 0xffff);
	for (int i = 0; i < 6; i++)
		vc_wr_u8(w, 0xff);
	vc_wr_u32(w, draw_u32(h));
	vc_wr_u32(w, draw_u32(h));
}

/* FlexFEC of somebody's: masks that end, or do not; bases anywhere. */
static void flexfec(struct hostile *h, struct vc_wr *w)
{
	vc_wr_u16(w, draw(h, 4) ? 0 : (uint16_t)draw(h, 65536));
	vc_wr_u16(w, (uint16_t)draw(h, 65536));
	vc_wr_u32(w, draw_u32(h));
	vc_wr_u32(w, draw(h, 4) ? 0x01000000 : draw_u32(h));
	vc_wr_u32(w, victim(h));
	vc_wr_u16(w, (uint16_t)draw(h, 65536));
	vc_wr_u16(w, draw(h, 2) ? 0xffff : 0x7fff);
	vc_wr_u32(w, draw(h, 2) ? 0xffffffff : 0x7fffffff);
	for (uint32_t n = draw(h, 8); n; n--)
		vc_wr_u32(w, draw_u32(h));
}

/* FEC and RED that nobody should believe. */
static void redundancy(struct hostile *h)
{
	struct vc_wr w = vc_wr_over(h->buf, CAP);
	uint32_t kind = draw(h, 5);

	rtp_header(h, &w);
	h->buf[0] = 0x80;
	switch (kind) {
	case 0: /* as many blocks as may be, and more */
		red_blocks(h, &w, 30 + draw(h, 8));
		break;
	case 1: /* a length that exceeds the rest, RED in RED, no block */
		red_blocks(h, &w, draw(h, 3));
		break;
	case 2:
		red_blocks(h, &w, 1);
		ulpfec(h, &w);
		break;
	case 3:
		ulpfec(h, &w);
		break;
	default:
		flexfec(h, &w);
	}
	h->buf[1] = (uint8_t[]){ 63, 63, 120, 119, 118 }[kind];
	h->len = vc_wr_len(&w);
	if (!draw(h, 8))
		h->len = 12 + draw(h, (uint32_t)h->len - 12);
}

static void name_chunk(struct vc_wr *w, uint32_t ssrc)
{
	static const char nasty[] = "\033[2J/../x\n\r\b\xff\xe2\x80\xae\x9b"
				    "2J\"'{}%n%s";
	const uint8_t n = sizeof(nasty) - 1;

	vc_wr_u8(w, 0x81);
	vc_wr_u8(w, 202);
	vc_wr_u16(w, 1 + (2 * (n + 2) + 4) / 4);
	vc_wr_u32(w, ssrc);
	for (uint8_t type = 1; type <= 2; type++) {
		vc_wr_u8(w, type);
		vc_wr_u8(w, n);
		vc_wr_bytes(w, nasty, n);
	}
	do
		vc_wr_u8(w, 0);
	while (vc_wr_len(w) % 4);
}

/* A report with silly figures in front, as any compound needs. */
static void report(struct hostile *h, struct vc_wr *w, uint32_t about)
{
	static const uint32_t odd[] = { 0, 1, 0x7fffffff, 0x80000000,
					0xffffffff };
	bool is_sr = draw(h, 2);

	vc_wr_u8(w, 0x81);
	vc_wr_u8(w, is_sr ? 200 : 201);
	vc_wr_u16(w, is_sr ? 12 : 7);
	vc_wr_u32(w, draw(h, 2) ? 0 : victim(h));
	for (int i = 0; is_sr && i < 5; i++)
		vc_wr_u32(w, odd[draw(h, VC_COUNT(odd))]);
	vc_wr_u32(w, about);
	for (int i = 0; i < 5; i++)
		vc_wr_u32(w, odd[draw(h, VC_COUNT(odd))]);
}

static void packet(struct vc_wr *w, uint8_t first, uint8_t pt, uint16_t words)
{
	vc_wr_u8(w, first);
	vc_wr_u8(w, pt);
	vc_wr_u16(w, words);
}

static void fci(struct hostile *h, struct vc_wr *w, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		vc_wr_u32(w, draw(h, 2) ? 0xffffffff : draw_u32(h));
}

static void feedback(struct hostile *h, struct vc_wr *w, uint32_t who)
{
	switch (draw(h, 4)) {
	case 0: /* PLI */
		packet(w, 0x81, 206, 2);
		vc_wr_u32(w, 1);
		vc_wr_u32(w, who);
		break;
	case 1: /* FIR */
		packet(w, 0x84, 206, 4);
		vc_wr_u32(w, 1);
		vc_wr_u32(w, 0);
		vc_wr_u32(w, who);
		vc_wr_u32(w, draw_u32(h));
		break;
	case 2: /* NACK of everything; TMMBR; TWCC */
		packet(w, (uint8_t)(0x81 + draw(h, 15)), 205, 202);
		vc_wr_u32(w, 1);
		vc_wr_u32(w, who);
		fci(h, w, 200);
		break;
	default: /* REMB and others */
		packet(w, 0x8f, 206, 5);
		vc_wr_u32(w, 1);
		vc_wr_u32(w, 0);
		vc_wr_bytes(w, "REMB\001\377\377\377", 8);
		vc_wr_u32(w, who);
	}
}

static void rtcp(struct hostile *h)
{
	struct vc_wr w = vc_wr_over(h->buf, CAP);
	uint32_t who = victim(h);

	report(h, &w, who);
	switch (draw(h, 9)) {
	case 0:
		name_chunk(&w, draw(h, 2) ? 0 : who);
		break;
	case 1: /* BYE, its reason longer than the rest */
		packet(&w, 0x81, 203, 2);
		vc_wr_u32(&w, who);
		vc_wr_u32(&w, draw(h, 2) ? 0xff000000 : 0);
		break;
	case 2: /* BYE of 31, where one is; of none */
		packet(&w, draw(h, 2) ? 0x9f : 0x80, 203, 1);
		vc_wr_u32(&w, who);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		feedback(h, &w, who);
		break;
	case 7: /* lengths that lie, padding in the middle */
		packet(&w, (uint8_t)draw(h, 256), (uint8_t)(200 + draw(h, 8)),
		       (uint16_t)draw(h, 65536));
		fci(h, &w, draw(h, 8));
		break;
	default: /* chunks that end nowhere */
		packet(&w, (uint8_t)(0x81 + draw(h, 31)), 202, 2);
		vc_wr_u32(&w, who);
		vc_wr_u32(&w, 0x01ff4100);
	}
	h->len = vc_wr_len(&w);
	if (!draw(h, 16))
		h->len -= draw(h, 8);
}

static inline void make(struct hostile *h)
{
	switch (draw(h, 6)) {
	case 0:
		noise(h);
		return;
	case 1:
		mutant(h);
		return;
	case 2:
		rtcp(h);
		return;
	case 3:
		redundancy(h);
		return;
	default:
		rtp(h);
	}
}

#endif
