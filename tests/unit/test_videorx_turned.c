/* SPDX-License-Identifier: MIT */
/*
 * Pictures that are to be turned: their lower half is plain, the upper one is
 * noise, so where the plain half is to be found tells how they were turned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/videorx.h"
#include "rxfeed.h"
#include "wire/rtpext.h"

#define LATENCY (60 * VC_MS)
#define W 320
#define H 240
#define LUMA 60
#define EDGE 16 /* so far from the middle and from the sides is looked */

static void put(void *ctx, struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	vc_videorx_put(ctx, pkt, rtp);
}

static int64_t at(int frame)
{
	return T0 + frame * VC_SEC / 30;
}

/* Of a picture that was turned so, is (x, y) well in the plain half? */
static bool is_plain(int x, int y, int w, int h, unsigned int turn)
{
	switch (turn) {
	case 90:
		return x < w / 2 - EDGE;
	case 180:
		return y < h / 2 - EDGE;
	case 270:
		return x > w / 2 + EDGE;
	}
	return y > h / 2 + EDGE;
}

static void assert_turned(const struct vc_image *im, unsigned int turn)
{
	const bool is_lying = turn % 180;
	const int w = is_lying ? H : W, h = is_lying ? W : H;

	assert_non_null(im);
	assert_int_equal(im->width, w);
	assert_int_equal(im->height, h);
	for (int x = EDGE; x < w - EDGE; x += EDGE)
		for (int y = EDGE; y < h - EDGE; y += EDGE)
			if (is_plain(x, y, w, h, turn))
				assert_in_range(im->y[y * im->stride_y + x],
						LUMA - 4, LUMA + 4);
}

/* Said once, it holds; a key frame that says nothing is upright. */
static const struct {
	bool is_said, is_key;
	unsigned int turn, seen;
} rows[] = {
	{ false, true, 0, 0 },	  { true, false, 90, 90 },
	{ false, false, 0, 90 },  { true, false, 180, 180 },
	{ true, true, 270, 270 }, { false, false, 0, 270 },
	{ false, true, 0, 0 },	  { false, false, 0, 0 },
	{ true, false, 90, 90 },  { true, false, 90, 0 },
};
#define LAST ((int)VC_COUNT(rows) - 1) /* it is described no longer */

static void watch(bool is_known, bool is_borrowed)
{
	struct vc_videorx *v;
	uint64_t generation;
	struct feed f;
	int err;

	feed_open(&f, VC_CODEC_VP8, "video", LATENCY);
	v = vc_videorx_new(VC_CODEC_VP8, &f.play, 1920, 1920, &err);
	assert_non_null(v);
	f.put = put;
	f.ctx = v;
	if (is_borrowed)
		vc_videorx_borrow(v);
	if (is_known)
		vc_videorx_set_orientation(v, VC_EXT_ORIENTATION);
	for (int k = 0; k < (int)VC_COUNT(rows); k++) {
		if (k == LAST)
			vc_videorx_set_orientation(v, 0);
		f.tx.has_orientation = rows[k].is_said;
		f.tx.orientation.turn = rows[k].turn;
		feed_video(&f, W, H, LUMA, rows[k].is_key, at(k), at(k), 0);
		assert_true(vc_videorx_pull(v, at(k) + LATENCY));
		assert_turned(vc_videorx_image(v, &generation),
			      is_known ? rows[k].seen : 0);
	}
	vc_videorx_free(v);
	assert_int_equal(vc_pool_used(f.pool), 0);
	feed_close(&f);
}

static void pictures_are_turned_as_packets_say(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++)
		watch(i & 1, i & 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_are_turned_as_packets_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
