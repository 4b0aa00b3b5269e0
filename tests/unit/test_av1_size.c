/* SPDX-License-Identifier: MIT */
/*
 * AV1 lets a frame have another size than its sequence says, a larger one, too
 * (AV1 bitstream 5.9.5, frame_size_override_flag), and decoders do as they are
 * told. Units made bit by bit: what is beyond the limits comes out of none.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "codec/video.h"

#define TILE 4000 /* octets of each: zeros are a picture, if they are enough */

struct put {
	uint8_t p[1 << 18];
	size_t bits;
};

static void put(struct put *w, unsigned int n, uint32_t v)
{
	while (n--) {
		w->p[w->bits / 8] |=
			(uint8_t)((v >> n & 1) << (7 - w->bits % 8));
		w->bits++;
	}
}

static void align(struct put *w)
{
	while (w->bits % 8)
		put(w, 1, 0);
}

/* Of 'type', with its size before it, in three octets. */
static void put_obu(struct put *out, unsigned int type, const struct put *body)
{
	const size_t len = body->bits / 8;

	put(out, 8, type << 3 | 2);
	put(out, 8, (uint32_t)(len & 127) | 128);
	put(out, 8, (uint32_t)(len >> 7 & 127) | 128);
	put(out, 8, (uint32_t)(len >> 14));
	for (size_t i = 0; i < len; i++)
		put(out, 8, body->p[i]);
}

/* Main profile, nothing optional, of 320 x 180 at most, as it says. */
static void put_sequence(struct put *out)
{
	struct put *w = vc_alloc(1, sizeof(*w));

	put(w, 3 + 1 + 1, 0); /* profile, still, reduced */
	put(w, 1 + 1, 0);     /* timing, display delay */
	put(w, 5 + 12, 0);    /* operating points */
	put(w, 5, 0);	      /* level */
	put(w, 4, 15);	      /* bits of a width, of a height */
	put(w, 4, 15);
	put(w, 16, 319);
	put(w, 16, 179);
	put(w, 1, 0);		      /* frame ids */
	put(w, 1 + 1 + 1, 0);	      /* superblocks of 64, filters */
	put(w, 1 + 1 + 1 + 1 + 1, 0); /* tools */
	put(w, 1 + 1, 0);	      /* no screen content, never */
	put(w, 1 + 1 + 1, 0);	      /* super-resolution, CDEF, restoration */
	put(w, 1 + 1 + 1 + 1, 0);     /* 8 bits, colour, range */
	put(w, 2 + 1, 0);	      /* chroma: where, and its quantizer */
	put(w, 1, 0);		      /* film grain */
	put(w, 1, 1);
	align(w);
	put_obu(out, 1, w);
	free(w);
}

static unsigned int log2_at_least(unsigned int unit, unsigned int n)
{
	unsigned int k = 0;

	while (unit << k < n)
		k++;
	return k;
}

/* The fewest tiles. How many, as a power of two. */
static unsigned int put_tiles(struct put *w, unsigned int width,
			      unsigned int height)
{
	const unsigned int cols = (width + 63) / 64, rows = (height + 63) / 64;
	const unsigned int few = log2_at_least(64, cols);
	const unsigned int all = log2_at_least(2304, rows * cols);
	const unsigned int down = all > few ? all - few : 0;

	put(w, 1, 1); /* uniform */
	if (few < log2_at_least(1, cols < 64 ? cols : 64))
		put(w, 1, 0);
	for (unsigned int i = 0; i < down; i++)
		put(w, 1, 1);
	if (down < log2_at_least(1, rows < 64 ? rows : 64))
		put(w, 1, 0);
	if (few + down) {
		put(w, few + down, 0);
		put(w, 2, 1); /* two octets for the length of a tile */
	}
	return few + down;
}

/* A key frame that is shown. */
static void put_frame(struct put *out, unsigned int width, unsigned int height)
{
	struct put *w = vc_alloc(1, sizeof(*w));
	unsigned int tiles;

	put(w, 1 + 2, 0); /* none that exists, a key */
	put(w, 1, 1);	  /* shown */
	put(w, 1, 1);	  /* tables stay */
	put(w, 1, 1);	  /* a size of its own */
	put(w, 16, width - 1);
	put(w, 16, height - 1);
	put(w, 1, 0); /* to be shown so */
	tiles = put_tiles(w, width, height);
	put(w, 8, 100);		  /* quantizer */
	put(w, 1 + 1 + 1 + 1, 0); /* the same for all */
	put(w, 1 + 1, 0);	  /* segments, changes of it */
	put(w, 6 + 6 + 3 + 1, 0); /* loop filter */
	put(w, 1 + 1, 0);	  /* transforms */
	align(w);
	if (tiles)
		put(w, 1, 0); /* all of them */
	align(w);
	for (unsigned int i = 0; i < 1u << tiles; i++) {
		if (i + 1 < 1u << tiles) {
			put(w, 8, (TILE - 1) & 255);
			put(w, 8, (TILE - 1) >> 8);
		}
		w->bits += 8 * TILE;
	}
	put_obu(out, 6, w);
	free(w);
}

/* A unit of that size through the decoder. */
static int decode(struct vc_viddec *dec, unsigned int width,
		  unsigned int height, struct vc_image *img)
{
	struct put *unit = vc_alloc(1, sizeof(*unit));
	int err;

	put(unit, 16, 0x1200); /* temporal delimiter */
	put_sequence(unit);
	put_frame(unit, width, height);
	err = vc_viddec_decode(dec, unit->p, unit->bits / 8, img);
	free(unit);
	return err;
}

/* Fewer pixels than the limits allow together, but for the last: what dav1d
 * looks at itself. */
static void frames_larger_than_the_sequence(void **state)
{
	static const struct {
		unsigned int width, height;
		int err;
	} rows[] = {
		{ 320, 180, 0 },      { 318, 178, 0 },
		{ 640, 360, 0 },      { 641, 300, -EFBIG },
		{ 600, 361, -EFBIG }, { 4200, 48, -EFBIG },
		{ 16, 8000, -EFBIG }, { 65536, 3, -EFBIG },
		{ 3, 65536, -EFBIG }, { 641, 361, -EBADMSG },
	};
	const struct vc_viddec_cfg cfg = { .codec = VC_CODEC_AV1,
					   .max_width = 640,
					   .max_height = 360 };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_viddec *dec;
		struct vc_image img;
		int err;

		dec = vc_viddec_new(&cfg, &err);
		assert_non_null(dec);
		err = decode(dec, rows[i].width, rows[i].height, &img);
		assert_int_equal(err, rows[i].err);
		if (!err) {
			assert_int_equal(img.width, rows[i].width);
			assert_int_equal(img.height, rows[i].height);
		}
		assert_int_equal(decode(dec, 320, 180, &img), 0);
		assert_int_equal(img.width, 320);
		vc_viddec_free(dec);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_larger_than_the_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
