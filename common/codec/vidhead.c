/* SPDX-License-Identifier: MIT */
/*
 * Headers of VP9 (the bitstream specification, section 6.2 and Annex B), H.264
 * (section 7.3.2.1) and AV1 (section 5.5 and 5.9), as far as the size. Whatever
 * in a frame could make a decoder allocate is looked at: each frame of a
 * superframe, each parameter set of an access unit, each sequence header.
 */
#include "codec/vidhead.h"

#include <errno.h>

#include "wire/vp8.h"

#define SIDE_MAX 65536
#define SPS_MAX 512 /* octets */

/* Bits, the highest of an octet first. */
struct bits {
	const uint8_t *p;
	size_t n; /* bits that are left */
	unsigned int at;
	bool bad;
};

static struct bits bits_over(const uint8_t *p, size_t len)
{
	return (struct bits){ .p = p, .n = len * 8 };
}

/* 'n' up to 32. */
static uint32_t get(struct bits *b, unsigned int n)
{
	uint32_t v = 0;

	if (b->n < n)
		b->bad = true;
	if (b->bad)
		return 0;
	b->n -= n;
	while (n) {
		v = v << 1 | (*b->p >> (7 - b->at) & 1);
		b->at = (b->at + 1) & 7;
		b->p += !b->at;
		n--;
	}
	return v;
}

/* Zeros that say how many bits follow the one: ue(v) of H.264, uvlc of AV1. */
static uint32_t get_ue(struct bits *b)
{
	unsigned int n = 0;

	while (!b->bad && !get(b, 1))
		n++;
	if (n > 31)
		b->bad = true;
	return b->bad ? 0 : (UINT32_C(1) << n) - 1 + get(b, n);
}

static int32_t get_se(struct bits *b)
{
	uint32_t v = get_ue(b);

	return v & 1 ? (int32_t)(v / 2 + 1) : -(int32_t)(v / 2);
}

/* The larger of what was claimed. */
static void claim(struct vc_vidhead *head, uint32_t width, uint32_t height)
{
	int w = (int)(width < SIDE_MAX ? width : SIDE_MAX);
	int h = (int)(height < SIDE_MAX ? height : SIDE_MAX);

	head->width = w > head->width ? w : head->width;
	head->height = h > head->height ? h : head->height;
}

int vc_vidhead_vp8(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct vc_vp8_frame frame;

	if (vc_vp8_frame_parse(&frame, p, len, len))
		return -EBADMSG;
	*head = (struct vc_vidhead){ frame.key, frame.width, frame.height };
	return 0;
}

/* --- VP9 --- */

static void vp9_size(struct bits *b, struct vc_vidhead *head)
{
	uint32_t width = get(b, 16) + 1;
	uint32_t height = get(b, 16) + 1;

	if (!b->bad)
		claim(head, width, height);
}

static void vp9_sync(struct bits *b)
{
	if (get(b, 24) != 0x498342)
		b->bad = true;
}

static void vp9_inter(struct bits *b, bool is_shown, struct vc_vidhead *head)
{
	bool is_resilient = get(b, 1);
	bool is_intra = is_shown ? false : get(b, 1);
	bool is_known = false;

	if (!is_resilient)
		(void)get(b, 2);
	if (is_intra)
		vp9_sync(b);
	(void)get(b, 8); /* what it refreshes */
	if (!is_intra) {
		(void)get(b, 3 * 4); /* what it refers to */
		for (int i = 0; i < 3 && !is_known; i++)
			is_known = get(b, 1);
	}
	if (!is_known)
		vp9_size(b, head);
}

static int vp9_frame(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct bits b = bits_over(p, len);
	bool is_key, is_shown;

	/* Marker, and profile 0: the others are of more bits or colour. */
	if (get(&b, 4) != 8)
		return -EBADMSG;
	if (get(&b, 1)) /* shows one that is there */
		return b.bad ? -EBADMSG : 0;
	is_key = !get(&b, 1);
	is_shown = get(&b, 1);
	if (is_key) {
		(void)get(&b, 1);
		vp9_sync(&b);
		if (get(&b, 3) == 7) /* RGB */
			return -EBADMSG;
		(void)get(&b, 1);
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

/* --- H.264 --- */

static void h264_skip_list(struct bits *b, int n)
{
	int last = 8, next = 8;

	for (int i = 0; i < n && next && !b->bad; i++) {
		next = (last + get_se(b)) & 255;
		last = next ? next : last;
	}
}

/* What profiles from High on say of colour, bits and scaling. */
static void h264_high(struct bits *b)
{
	if (get_ue(b) != 1 || get_ue(b) || get_ue(b))
		b->bad = true;
	(void)get(b, 1);
	if (!get(b, 1))
		return;
	for (int i = 0; i < 8; i++)
		if (get(b, 1))
			h264_skip_list(b, i < 6 ? 16 : 64);
}

static bool h264_is_high(uint32_t profile)
{
	return profile == 100 || profile == 110 || profile == 122 ||
	       profile == 244 || profile == 44 || profile == 83 ||
	       profile == 86 || profile == 118 || profile == 128;
}

static void h264_order(struct bits *b)
{
	uint32_t type = get_ue(b), n;

	if (type > 2)
		b->bad = true;
	if (type == 0)
		(void)get_ue(b);
	if (type != 1)
		return;
	(void)get(b, 1);
	(void)get_se(b);
	(void)get_se(b);
	n = get_ue(b);
	if (n > 255)
		b->bad = true;
	for (uint32_t i = 0; i < n && !b->bad; i++)
		(void)get_se(b);
}

/*
 * Of the parameter set 'p', unescaped. A decoder allocates what is coded, so
 * cropping must not hide more of it than part of a macroblock.
 */
static int h264_sps(const uint8_t *p, size_t len, struct vc_vidhead *head)
{
	struct bits b = bits_over(p, len);
	uint32_t profile = get(&b, 8), w, h, crop[4] = { 0 };

	(void)get(&b, 16);
	if (get_ue(&b) > 31)
		return -EBADMSG;
	if (h264_is_high(profile))
		h264_high(&b);
	if (get_ue(&b) > 12)
		return -EBADMSG;
	h264_order(&b);
	if (get_ue(&b) > 16)
		return -EBADMSG;
	(void)get(&b, 1);
	w = get_ue(&b) + 1;
	h = get_ue(&b) + 1;
	if (!get(&b, 1) || b.bad) /* fields */
		return -EBADMSG;
	(void)get(&b, 1);
	if (get(&b, 1))
		for (int i = 0; i < 4; i++)
			crop[i] = get_ue(&b);
	if (b.bad || w > SIDE_MAX / 16 || h > SIDE_MAX / 16)
		return -EBADMSG;
	for (int i = 0; i < 4; i++)
		if (crop[i] > 7)
			return -EBADMSG;
	w = w * 16 - 2 * (crop[0] + crop[1]);
	h = h * 16 - 2 * (crop[2] + crop[3]);
	claim(head, w, h);
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

/* --- AV1 --- */

static void av1_timing(struct bits *b, bool *has_model, unsigned int *n)
{
	if (!get(b, 1))
		return;
	(void)get(b, 32);
	(void)get(b, 32);
	if (get(b, 1))
		(void)get_ue(b);
	*has_model = get(b, 1);
	if (!*has_model)
		return;
	*n = get(b, 5) + 1;
	(void)get(b, 32);
	(void)get(b, 10);
}

static void av1_points(struct bits *b)
{
	bool has_model = false, has_delay;
	unsigned int n = 0;
	uint32_t points;

	av1_timing(b, &has_model, &n);
	has_delay = get(b, 1);
	points = get(b, 5) + 1;
	for (uint32_t i = 0; i < points && !b->bad; i++) {
		(void)get(b, 12);
		if (get(b, 5) > 7)
			(void)get(b, 1);
		if (has_model && get(b, 1)) {
			(void)get(b, n);
			(void)get(b, n);
			(void)get(b, 1);
		}
		if (has_delay && get(b, 1))
			(void)get(b, 4);
	}
}

static int av1_sequence(const uint8_t *p, size_t len, bool *is_reduced,
			struct vc_vidhead *head)
{
	struct bits b = bits_over(p, len);
	unsigned int nw, nh;
	uint32_t w, h;

	if (get(&b, 3)) /* profiles above 0 are of more colour */
		return -EBADMSG;
	(void)get(&b, 1);
	*is_reduced = get(&b, 1);
	if (*is_reduced)
		(void)get(&b, 5);
	else
		av1_points(&b);
	nw = get(&b, 4) + 1;
	nh = get(&b, 4) + 1;
	w = get(&b, nw) + 1;
	h = get(&b, nh) + 1;
	if (b.bad)
		return -EBADMSG;
	claim(head, w, h);
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
