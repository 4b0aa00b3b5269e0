/* SPDX-License-Identifier: MIT */
/*
 * Headers of VP9 (the bitstream specification, section 6.2 and Annex B) and AV1
 * (sections 5.5 and 5.9), as far as the size. Whatever in a frame could make a
 * decoder allocate is looked at: each frame of a superframe, each sequence
 * header.
 */
#include "codec/vidhead.h"

#include <errno.h>

#include "codec/bits.h"
#include "wire/vp8.h"

int vc_vidhead_vp8(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_vp8_frame frame;

	if (vc_vp8_frame_parse(&frame, p, len, len))
		return -EBADMSG;
	head->is_key = frame.key;
	head->width = frame.width;
	head->height = frame.height;
	return 0;
}

/* --- VP9 --- */

static void vp9_size(struct vc_bits *b, struct vc_vidhead *head)
{
	uint32_t width = vc_bits(b, 16) + 1;
	uint32_t height = vc_bits(b, 16) + 1;

	if (!b->bad)
		vc_vidhead_claim(head, width, height);
}

static void vp9_sync(struct vc_bits *b)
{
	if (vc_bits(b, 24) != 0x498342)
		b->bad = true;
}

static void vp9_inter(struct vc_bits *b, bool is_shown, struct vc_vidhead *head)
{
	bool is_resilient = vc_bits(b, 1);
	bool is_intra = is_shown ? false : vc_bits(b, 1);
	bool is_known = false;

	if (!is_resilient)
		(void)vc_bits(b, 2);
	if (is_intra)
		vp9_sync(b);
	(void)vc_bits(b, 8); /* what it refreshes */
	if (!is_intra) {
		(void)vc_bits(b, 3 * 4); /* what it refers to */
		for (int i = 0; i < 3 && !is_known; i++)
			is_known = vc_bits(b, 1);
	}
	if (!is_known)
		vp9_size(b, head);
}

static int vp9_frame(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_bits b = vc_bits_over(p, len);
	bool is_key, is_shown;

	/* Marker, and profile 0: the others are of more bits or colour. */
	if (vc_bits(&b, 4) != 8)
		return -EBADMSG;
	if (vc_bits(&b, 1)) /* shows one that is there */
		return b.bad ? -EBADMSG : 0;
	is_key = !vc_bits(&b, 1);
	is_shown = vc_bits(&b, 1);
	if (is_key) {
		(void)vc_bits(&b, 1);
		vp9_sync(&b);
		if (vc_bits(&b, 3) == 7) /* RGB */
			return -EBADMSG;
		(void)vc_bits(&b, 1);
		vp9_size(&b, head);
	} else {
		vp9_inter(&b, is_shown, head);
	}
	if (b.bad)
		return -EBADMSG;
	head->is_key |= is_key;
	return 0;
}

/* Octets of the index, 0: there is none. */
static size_t vp9_index(const uint8_t *p, size_t len)
{
	uint8_t marker = len ? p[len - 1] : 0;
	size_t n = 2 + ((marker >> 3 & 3u) + 1) * ((marker & 7u) + 1);

	if ((marker & 0xe0) != 0xc0 || len < n || p[len - n] != marker)
		return 0;
	return n;
}

bool vc_vidhead_vp9_has_index(const uint8_t *p, size_t len)
{
	return vp9_index(p, len);
}

int vc_vidhead_vp9(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	size_t n = vp9_index(p, len);
	const uint8_t *size = p + len - n + 1;
	size_t left = len - n;
	uint8_t marker;

	if (!n)
		return vp9_frame(p, len, head);
	marker = p[len - 1];
	for (unsigned int i = 0; i <= (marker & 7u); i++) {
		size_t octets = 0;

		for (unsigned int k = 0; k <= (marker >> 3 & 3u); k++)
			octets |= (size_t)*size++ << 8 * k;
		if (!octets || octets > left || vp9_frame(p, octets, head))
			return -EBADMSG;
		p += octets;
		left -= octets;
	}
	return 0;
}

/* --- AV1 --- */

static void av1_timing(struct vc_bits *b, bool *has_model, unsigned int *n)
{
	if (!vc_bits(b, 1))
		return;
	(void)vc_bits(b, 32);
	(void)vc_bits(b, 32);
	if (vc_bits(b, 1))
		(void)vc_bits_ue(b);
	*has_model = vc_bits(b, 1);
	if (!*has_model)
		return;
	*n = vc_bits(b, 5) + 1;
	(void)vc_bits(b, 32);
	(void)vc_bits(b, 10);
}

static void av1_points(struct vc_bits *b)
{
	bool has_model = false, has_delay;
	unsigned int n = 0;
	uint32_t points;

	av1_timing(b, &has_model, &n);
	has_delay = vc_bits(b, 1);
	points = vc_bits(b, 5) + 1;
	for (uint32_t i = 0; i < points && !b->bad; i++) {
		(void)vc_bits(b, 12);
		if (vc_bits(b, 5) > 7)
			(void)vc_bits(b, 1);
		if (has_model && vc_bits(b, 1)) {
			(void)vc_bits(b, n);
			(void)vc_bits(b, n);
			(void)vc_bits(b, 1);
		}
		if (has_delay && vc_bits(b, 1))
			(void)vc_bits(b, 4);
	}
}

static int av1_sequence(const uint8_t *p, size_t len, bool *is_reduced,
			struct vc_vidhead *head)
{
	struct vc_bits b = vc_bits_over(p, len);
	unsigned int nw, nh;
	uint32_t w, h;

	if (vc_bits(&b, 3)) /* profiles above 0 are of more colour */
		return -EBADMSG;
	(void)vc_bits(&b, 1);
	*is_reduced = vc_bits(&b, 1);
	if (*is_reduced)
		(void)vc_bits(&b, 5);
	else
		av1_points(&b);
	nw = vc_bits(&b, 4) + 1;
	nh = vc_bits(&b, 4) + 1;
	w = vc_bits(&b, nw) + 1;
	h = vc_bits(&b, nh) + 1;
	if (b.bad)
		return -EBADMSG;
	vc_vidhead_claim(head, w, h);
	return 0;
}

/* The length of an OBU's payload, which follows 'r'; the rest without one. */
static size_t av1_length(const uint8_t **p, size_t *left, bool has_size)
{
	size_t v = 0;

	for (unsigned int i = 0; has_size && i < 5; i++) {
		uint8_t octet;

		if (!*left)
			return SIZE_MAX;
		octet = **p;
		(*p)++;
		(*left)--;
		v |= (size_t)(octet & 0x7f) << 7 * i;
		if (!(octet & 0x80))
			return v;
	}
	return has_size ? SIZE_MAX : *left;
}

int vc_vidhead_av1(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	bool has_sequence = false, has_frame = false, is_reduced = false;

	while (len) {
		uint8_t obu = p[0];
		unsigned int type = obu >> 3 & 15;
		size_t skip = obu & 4 ? 2 : 1, n;

		if (obu & 0x80 || len < skip)
			return -EBADMSG;
		p += skip;
		len -= skip;
		n = av1_length(&p, &len, obu & 2);
		if (n > len)
			return -EBADMSG;
		if (type == 1 && av1_sequence(p, n, &is_reduced, head))
			return -EBADMSG;
		has_sequence |= type == 1;
		/* Frame header or frame: not one shown again, and of type 0. */
		if ((type == 3 || type == 6) && !has_frame) {
			has_frame = true;
			head->is_key = has_sequence && n &&
				       (is_reduced || !(p[0] & 0xe0));
		}
		p += n;
		len -= n;
	}
	return 0;
}
