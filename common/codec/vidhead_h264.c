/* SPDX-License-Identifier: MIT */
/*
 * Parameter sets of H.264 (section 7.3.2.1), each of an access unit: the size,
 * and whether frames change places (Annex E).
 */
#include <errno.h>

#include "codec/bits.h"

#define SPS_MAX 512 /* octets */

static void h264_skip_list(struct vc_bits *b, int n)
{
	int last = 8, next = 8;

	for (int i = 0; i < n && next && !b->bad; i++) {
		next = (last + vc_bits_se(b)) & 255;
		last = next ? next : last;
	}
}

/* What profiles from High on say of colour, bits and scaling. */
static void h264_high(struct vc_bits *b)
{
	if (vc_bits_ue(b) != 1 || vc_bits_ue(b) || vc_bits_ue(b))
		b->bad = true;
	(void)vc_bits(b, 1);
	if (!vc_bits(b, 1))
		return;
	for (int i = 0; i < 8; i++)
		if (vc_bits(b, 1))
			h264_skip_list(b, i < 6 ? 16 : 64);
}

static bool h264_is_high(uint32_t profile)
{
	return profile == 100 || profile == 110 || profile == 122 ||
	       profile == 244 || profile == 44 || profile == 83 ||
	       profile == 86 || profile == 118 || profile == 128;
}

/* Picture order count; its type. */
static uint32_t h264_order(struct vc_bits *b)
{
	uint32_t type = vc_bits_ue(b), n;

	if (type > 2)
		b->bad = true;
	if (type == 0)
		(void)vc_bits_ue(b);
	if (type != 1)
		return type;
	(void)vc_bits(b, 1);
	(void)vc_bits_se(b);
	(void)vc_bits_se(b);
	n = vc_bits_ue(b);
	if (n > 255)
		b->bad = true;
	for (uint32_t i = 0; i < n && !b->bad; i++)
		(void)vc_bits_se(b);
	return type;
}

static void h264_hrd(struct vc_bits *b)
{
	uint32_t n = vc_bits_ue(b);

	(void)vc_bits(b, 8);
	for (uint32_t i = 0; i <= n && i < 32; i++) {
		(void)vc_bits_ue(b);
		(void)vc_bits_ue(b);
		(void)vc_bits(b, 1);
	}
	(void)vc_bits(b, 20);
}

/* Annex E. How many frames may be shown before one that came earlier, or -1. */
static int h264_vui(struct vc_bits *b)
{
	bool has_nal, has_vcl;

	if (vc_bits(b, 1) && vc_bits(b, 8) == 255)
		(void)vc_bits(b, 32);
	if (vc_bits(b, 1))
		(void)vc_bits(b, 1);
	if (vc_bits(b, 1)) {
		(void)vc_bits(b, 4);
		if (vc_bits(b, 1))
			(void)vc_bits(b, 24);
	}
	if (vc_bits(b, 1)) {
		(void)vc_bits_ue(b);
		(void)vc_bits_ue(b);
	}
	if (vc_bits(b, 1)) {
		(void)vc_bits(b, 32);
		(void)vc_bits(b, 32);
		(void)vc_bits(b, 1);
	}
	has_nal = vc_bits(b, 1);
	if (has_nal)
		h264_hrd(b);
	has_vcl = vc_bits(b, 1);
	if (has_vcl)
		h264_hrd(b);
	(void)vc_bits(b, has_nal || has_vcl ? 2 : 1);
	if (!vc_bits(b, 1))
		return -1;
	(void)vc_bits(b, 1);
	for (int i = 0; i < 4; i++)
		(void)vc_bits_ue(b);
	uint32_t n = vc_bits_ue(b);

	return b->bad ? -1 : (int)(n & 31);
}

/*
 * Of the parameter set 'p', unescaped. A decoder allocates what is coded, so
 * cropping must not hide more of it than part of a macroblock.
 */
static int h264_sps(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_bits b = vc_bits_over(p, len);
	uint32_t profile = vc_bits(&b, 8), order, w, h, crop[4] = { 0 };

	(void)vc_bits(&b, 16);
	if (vc_bits_ue(&b) > 31)
		return -EBADMSG;
	if (h264_is_high(profile))
		h264_high(&b);
	if (vc_bits_ue(&b) > 12)
		return -EBADMSG;
	order = h264_order(&b);
	if (vc_bits_ue(&b) > 16)
		return -EBADMSG;
	(void)vc_bits(&b, 1);
	w = vc_bits_ue(&b) + 1;
	h = vc_bits_ue(&b) + 1;
	if (!vc_bits(&b, 1) || b.bad) /* fields */
		return -EBADMSG;
	(void)vc_bits(&b, 1);
	if (vc_bits(&b, 1))
		for (int i = 0; i < 4; i++)
			crop[i] = vc_bits_ue(&b);
	if (b.bad || w > VC_VIDHEAD_SIDE_MAX / 16 ||
	    h > VC_VIDHEAD_SIDE_MAX / 16)
		return -EBADMSG;
	for (int i = 0; i < 4; i++)
		if (crop[i] > 7)
			return -EBADMSG;
	w = w * 16 - 2 * (crop[0] + crop[1]);
	h = h * 16 - 2 * (crop[2] + crop[3]);
	vc_vidhead_claim(head, w, h);
	head->is_in_order = profile == 66 || order == 2 ||
			    (vc_bits(&b, 1) && h264_vui(&b) == 0);
	return 0;
}

static int h264_escaped_sps(const uint8_t *p, size_t len,
			    struct vc_vidhead *head)
{
	uint8_t plain[SPS_MAX];
	unsigned int zeros = 0;
	size_t n = 0;

	if (len > SPS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < len; i++) {
		if (zeros >= 2 && p[i] == 3) {
			zeros = 0;
			continue;
		}
		zeros = p[i] ? 0 : zeros + 1;
		plain[n++] = p[i];
	}
	return h264_sps(plain, n, head);
}

static int h264_nal(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	int type = len ? p[0] & 31 : 0;

	if (type == 5)
		head->is_key = true;
	if (type != 7 && type != 15)
		return 0;
	return h264_escaped_sps(p + 1, len - 1, head);
}

/* Where the next start code 00 00 01 is, or 'end'. */
static const uint8_t *h264_next(const uint8_t *p, const uint8_t *end)
{
	for (; end - p >= 3; p++)
		if (!p[0] && !p[1] && p[2] == 1)
			return p;
	return end;
}

int vc_vidhead_h264(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	const uint8_t *end = p + len;
	const uint8_t *nal = h264_next(p, end), *next;

	if (nal == end)
		return -EBADMSG;
	for (; nal < end; nal = next) {
		nal += 3;
		next = h264_next(nal, end);
		if (h264_nal(nal, (size_t)(next - nal), head))
			return -EBADMSG;
	}
	return 0;
}
