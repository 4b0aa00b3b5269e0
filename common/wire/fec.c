/* SPDX-License-Identifier: MIT */
/*
 * Masks are read and written most significant bit first: place 0 is the first
 * bit after the k, or the first of all in ULPFEC. Sums go eight octets at a
 * time; gcc and clang make vectors of that.
 */
#include "wire/fec.h"

#include <errno.h>

#include "wire/rtpext.h"

#define ULP_E 0x80
#define ULP_L 0x40
#define FLEX_RF 0xc0
#define RECOVERED 0x3f /* P X CC */

/* --- masks --- */

unsigned int vc_fec_mask_next(const struct vc_fec_mask *m, unsigned int i)
{
	for (; i < 128; i = (i / 64 + 1) * 64) {
		uint64_t rest = m->w[i / 64] >> i % 64;

		if (rest)
			return i + (unsigned int)__builtin_ctzll(rest);
	}
	return 128;
}

/* 'n' places from 'at' on, the first in the highest of 'n' bits. */
static void mask_get(struct vc_fec_mask *m, unsigned int at, unsigned int n,
		     uint64_t bits)
{
	for (unsigned int i = 0; i < n; i++) {
		if (bits >> (n - 1 - i) & 1)
			vc_fec_mask_set(m, at + i);
	}
}

static uint64_t mask_put(const struct vc_fec_mask *m, unsigned int at,
			 unsigned int n)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < n; i++)
		bits = bits << 1 | vc_fec_mask_has(m, at + i);
	return bits;
}

static unsigned int mask_span(const struct vc_fec_mask *m)
{
	if (m->w[1])
		return 128 - (unsigned int)__builtin_clzll(m->w[1]);
	return m->w[0] ? 64 - (unsigned int)__builtin_clzll(m->w[0]) : 0;
}

/* --- sums --- */

static void add_octets(uint8_t *to, const uint8_t *from, size_t n)
{
	size_t i = 0;

	for (; i + 8 <= n; i += 8) {
		uint64_t a, b;

		memcpy(&a, to + i, 8);
		memcpy(&b, from + i, 8);
		a ^= b;
		memcpy(to + i, &a, 8);
	}
	for (; i < n; i++)
		to[i] ^= from[i];
}

/* What was added of these elements is taken out again. */
static void cancel(struct vc_fec_sum *sum, uint8_t first, const uint8_t *rest,
		   size_t len, uint16_t ids)
{
	size_t at = (size_t)(first & 0x0f) * 4;
	struct vc_rtp rtp = { .has_ext = true };
	struct vc_ext_iter it;
	struct vc_ext e;

	if (!(first & 0x10) || !ids || at + 4 > len)
		return;
	rtp.ext_profile = vc_get_u16(rest + at);
	rtp.ext = rest + at + 4;
	rtp.ext_len = (size_t)vc_get_u16(rest + at + 2) * 4;
	if (rtp.ext_len > len - at - 4)
		return;
	it = vc_ext_over(&rtp);
	while (vc_ext_next(&it, &e)) {
		if (e.id < 15 && ids >> e.id & 1)
			add_octets(sum->body + (e.p - rest), e.p, e.len);
	}
}

bool vc_fec_sum_add(struct vc_fec_sum *sum, const uint8_t *head,
		    const uint8_t *rest, size_t len, uint16_t volatile_ids)
{
	if (len > sum->cap || len > UINT16_MAX)
		return false;
	if (len > sum->len) {
		memset(sum->body + sum->len, 0, len - sum->len);
		sum->len = len;
	}
	sum->first ^= head[0] & RECOVERED;
	sum->second ^= head[1];
	sum->length ^= (uint16_t)len;
	sum->ts ^= vc_rtp_get_ts(head);
	add_octets(sum->body, rest, len);
	cancel(sum, head[0], rest, len, volatile_ids);
	return true;
}

/* --- reading --- */

static int read_ulp(struct vc_fec *fec, struct vc_rd *r)
{
	uint8_t first = vc_rd_u8(r);
	uint16_t protects;

	fec->sum.first = first & RECOVERED;
	fec->sum.second = vc_rd_u8(r);
	fec->base = vc_rd_u16(r);
	fec->sum.ts = vc_rd_u32(r);
	fec->sum.length = vc_rd_u16(r);
	protects = vc_rd_u16(r);
	mask_get(&fec->mask, 0, 16, vc_rd_u16(r));
	if (first & ULP_L)
		mask_get(&fec->mask, 16, 32, vc_rd_u32(r));
	if (r->bad || protects > vc_rd_left(r))
		return -EBADMSG;
	return first & ULP_E || protects < vc_rd_left(r) ? -ENOTSUP : 0;
}

/* A part of a mask; true when it is the last. */
static bool read_part(struct vc_fec *fec, unsigned int at, unsigned int n,
		      uint64_t bits)
{
	mask_get(&fec->mask, at, n, bits);
	return bits >> n & 1;
}

static int read_flex(struct vc_fec *fec, struct vc_rd *r)
{
	uint8_t first = vc_rd_u8(r), n_ssrcs;

	fec->sum.first = first & RECOVERED;
	fec->sum.second = vc_rd_u8(r);
	fec->sum.length = vc_rd_u16(r);
	fec->sum.ts = vc_rd_u32(r);
	n_ssrcs = vc_rd_u8(r);
	vc_rd_skip(r, 3);
	fec->ssrc = vc_rd_u32(r);
	fec->base = vc_rd_u16(r);
	if (r->bad || !n_ssrcs)
		return -EBADMSG;
	if (first & FLEX_RF || n_ssrcs > 1)
		return -ENOTSUP;
	if (!read_part(fec, 0, 15, vc_rd_u16(r)) &&
	    !read_part(fec, 15, 31, vc_rd_u32(r)) &&
	    !read_part(fec, 46, 63, vc_rd_u64(r)))
		return -EBADMSG;
	return r->bad ? -EBADMSG : 0;
}

int vc_fec_parse(struct vc_fec *fec, enum vc_fec_format format,
		 const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_fec v = { .base = 0 };
	int err = format == VC_FEC_ULP ? read_ulp(&v, &r) : read_flex(&v, &r);

	if (err)
		return err;
	if (!vc_fec_mask_n(&v.mask))
		return -EBADMSG;
	v.body = r.p;
	v.body_len = vc_rd_left(&r);
	*fec = v;
	return 0;
}

/* --- writing --- */

size_t vc_fec_header_len(enum vc_fec_format format, unsigned int span)
{
	if (format == VC_FEC_ULP)
		return span <= 16 ? 14 : 18;
	return span <= 15 ? 20 : span <= 46 ? 24 : 32;
}

static void write_ulp(struct vc_wr *w, const struct vc_fec *fec)
{
	bool is_long = mask_span(&fec->mask) > 16;

	if (mask_span(&fec->mask) > VC_FEC_ULP_SPAN ||
	    fec->body_len > UINT16_MAX)
		w->bad = true;
	vc_wr_u8(w, (uint8_t)((is_long ? ULP_L : 0) | fec->sum.first));
	vc_wr_u8(w, fec->sum.second);
	vc_wr_u16(w, fec->base);
	vc_wr_u32(w, fec->sum.ts);
	vc_wr_u16(w, fec->sum.length);
	vc_wr_u16(w, (uint16_t)fec->body_len);
	vc_wr_u16(w, (uint16_t)mask_put(&fec->mask, 0, 16));
	if (is_long)
		vc_wr_u32(w, (uint32_t)mask_put(&fec->mask, 16, 32));
}

static void write_flex(struct vc_wr *w, const struct vc_fec *fec)
{
	unsigned int span = mask_span(&fec->mask);
	uint64_t k0 = span <= 15, k1 = span <= 46;

	if (span > VC_FEC_FLEX_SPAN)
		w->bad = true;
	vc_wr_u8(w, fec->sum.first);
	vc_wr_u8(w, fec->sum.second);
	vc_wr_u16(w, fec->sum.length);
	vc_wr_u32(w, fec->sum.ts);
	vc_wr_u32(w, UINT32_C(1) << 24);
	vc_wr_u32(w, fec->ssrc);
	vc_wr_u16(w, fec->base);
	vc_wr_u16(w, (uint16_t)(k0 << 15 | mask_put(&fec->mask, 0, 15)));
	if (!k0)
		vc_wr_u32(w,
			  (uint32_t)(k1 << 31 | mask_put(&fec->mask, 15, 31)));
	if (!k1)
		vc_wr_u64(w, UINT64_C(1) << 63 | mask_put(&fec->mask, 46, 63));
}

void vc_fec_write(struct vc_wr *w, enum vc_fec_format format,
		  const struct vc_fec *fec)
{
	if (format == VC_FEC_ULP)
		write_ulp(w, fec);
	else
		write_flex(w, fec);
}
