/* SPDX-License-Identifier: MIT */
/*
 * A hidden frame has one bit more in its header, intra_only, behind those that
 * say that it is hidden: all that follows moves by a bit, up to the padding at
 * the end of the uncompressed header. To find that, it is walked through (VP9
 * bitstream specification, 6.2).
 */
#include <errno.h>

#include "base/bits.h"
#include "wire/vp9.h"

#define SHOW 6 /* bits before show_frame, of profile 0 */
#define INTRA_ONLY 8
#define SYNC_CODE 0x498342
#define RGB 7

static void skip_size(struct vc_bits *b, uint32_t *width)
{
	*width = vc_bits_get(b, 16) + 1;
	vc_bits_skip(b, 16);
}

/* What a flag says is there, or not. */
static void skip_if_set(struct vc_bits *b, size_t n)
{
	if (vc_bits_flag(b))
		vc_bits_skip(b, n);
}

static void walk_key(struct vc_bits *b, uint32_t *width)
{
	vc_bits_expect(b, 24, SYNC_CODE);
	if (vc_bits_get(b, 3) == RGB)
		b->bad = true;
	vc_bits_skip(b, 1);
	skip_size(b, width);
	skip_if_set(b, 32);
}

static void walk_inter(struct vc_bits *b, uint32_t *width)
{
	bool is_found = false;

	vc_bits_skip(b, 8 + 3 * 4);
	for (int i = 0; i < VC_VP9_REFS_MAX && !is_found; i++)
		is_found = vc_bits_flag(b);
	if (!is_found)
		skip_size(b, width);
	skip_if_set(b, 32);
	vc_bits_skip(b, 1);
	if (!vc_bits_flag(b))
		vc_bits_skip(b, 2);
}

static void walk_loop_filter(struct vc_bits *b)
{
	vc_bits_skip(b, 6 + 3);
	if (!vc_bits_flag(b) || !vc_bits_flag(b))
		return;
	for (int i = 0; i < 4 + 2; i++)
		skip_if_set(b, 7);
}

static void walk_segments(struct vc_bits *b)
{
	static const uint8_t features[] = { 8 + 1, 6 + 1, 2, 0 };

	if (!vc_bits_flag(b))
		return;
	if (vc_bits_flag(b)) { /* a map, and how it is coded */
		for (int i = 0; i < 7; i++)
			skip_if_set(b, 8);
		if (vc_bits_flag(b))
			for (int i = 0; i < 3; i++)
				skip_if_set(b, 8);
	}
	if (!vc_bits_flag(b))
		return;
	vc_bits_skip(b, 1);
	for (int i = 0; i < 8 * 4; i++)
		skip_if_set(b, features[i % 4]);
}

static void walk_tiles(struct vc_bits *b, uint32_t width)
{
	uint32_t columns = (width + 63) / 64;
	unsigned int log2 = 0, max = 1;

	while (64u << log2 < columns)
		log2++;
	while (columns >> max >= 4)
		max++;
	for (max--; log2 < max && vc_bits_flag(b);)
		log2++;
	skip_if_set(b, 1);
}

/* Bits of the header before its padding; 0: not known. */
static size_t walk(const uint8_t *p, size_t len, uint32_t width, bool *is_key)
{
	struct vc_bits b = vc_bits_over(p, len);
	size_t end;

	/* Marker, profile 0, no known frame. */
	vc_bits_expect(&b, 5, 2 << 3);
	*is_key = !vc_bits_flag(&b);
	/* Shown, and in need of nothing that goes by what was shown. */
	vc_bits_expect(&b, 2, 3);
	if (*is_key)
		walk_key(&b, &width);
	else
		walk_inter(&b, &width);
	vc_bits_skip(&b, 2);
	walk_loop_filter(&b);
	vc_bits_skip(&b, 8);
	for (int i = 0; i < 3; i++)
		skip_if_set(&b, 5);
	walk_segments(&b);
	if (!width)
		return 0;
	walk_tiles(&b, width);
	if (!vc_bits_get(&b, 16)) /* octets of the compressed header */
		return 0;
	end = b.at;
	vc_bits_expect(&b, (8 - end % 8) % 8, 0);
	return b.bad ? 0 : end;
}

int vc_vp9_frame_hide(struct vc_wr *w, size_t *head_len, const uint8_t *p,
		      size_t len, uint32_t width)
{
	bool is_key;
	size_t end = walk(p, len, width, &is_key);
	size_t n = end + !is_key;

	if (!end)
		return -EBADMSG;
	*head_len = (end + 7) / 8;
	for (size_t at = 0; at < n; at += 8) {
		uint8_t octet = 0;

		for (size_t i = at; i < at + 8 && i < n; i++) {
			size_t from = is_key || i < INTRA_ONLY ? i : i - 1;
			bool bit = p[from / 8] >> (7 - from % 8) & 1;

			if (i == SHOW || (!is_key && i == INTRA_ONLY))
				bit = false;
			octet |= (uint8_t)(bit << (7 - i % 8));
		}
		vc_wr_u8(w, octet);
	}
	return w->bad ? -ENOSPC : 0;
}
