/* SPDX-License-Identifier: MIT */
/*
 * Every codec of pictures through the whole chain: encoded, cut into packets, of
 * which 3 % are lost, put together, decoded. What is shown is sound, and after
 * a loss a key frame is asked for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "engine/tx.h"
#include "engine/videorx.h"
#include "unit/videosrc.h"

#define T0 VC_VIRTUAL_EPOCH
#define FRAMES 150
#define LATENCY (60 * VC_MS)

struct chain {
	struct vc_pool *pool;
	struct vc_playout home;
	struct vc_playout_source play;
	struct vc_tx tx;
	struct vc_videorx *rx;
	struct videosrc src;
	int64_t now;
	unsigned int lost_in; /* of a thousand packets */
	uint32_t dice;
	unsigned int packets, lost;
	double sum, min; /* dB of what was shown */
	unsigned int shown;
};

static void on_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct chain *c = ctx;
	struct vc_rtp rtp;

	if (is_rtcp)
		return;
	c->packets++;
	c->dice = c->dice * 1664525 + 1013904223;
	if ((c->dice >> 8) % 1000 < c->lost_in) {
		c->lost++;
		return;
	}
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	pkt->arrival = c->now;
	vc_playout_packet(&c->play, rtp.ts, c->now);
	vc_videorx_put(c->rx, pkt, &rtp);
}

static void chain_open(struct chain *c, enum vc_codec codec)
{
	struct vc_videnc_cfg cfg = videosrc_usual(codec, 320, 180);
	struct vc_rand rand;
	int err;

	*c = (struct chain){ .pool = vc_pool_new(), .dice = 7, .min = 99 };
	cfg.bitrate_bps = 600000;
	videosrc_open(&c->src, &cfg);
	vc_rand_init(&rand, 1, "test", "codecs");
	c->tx.pool = c->pool;
	c->tx.send = on_packet;
	c->tx.ctx = c;
	vc_tx_init(&c->tx, &rand, "video", codec, 96, 90000, T0, "x", NULL);
	vc_playout_init(&c->home, LATENCY);
	vc_playout_source_init(&c->play, 90000);
	vc_playout_join(&c->home, &c->play, 0);
	c->rx = vc_videorx_new(codec, &c->play, 320, 180, &err);
	assert_non_null(c->rx);
	/* Of sanitizers' interest: the decoder's own planes are looked at. */
	vc_videorx_borrow(c->rx);
}

static void chain_close(struct chain *c)
{
	vc_videorx_free(c->rx);
	videosrc_close(&c->src);
	assert_int_equal(vc_pool_used(c->pool), 0);
	vc_pool_free(c->pool);
}

/* What is due, beside the frame that was taken at that time. */
static void look(struct chain *c)
{
	uint64_t generation;
	struct vc_image img;
	int frame;
	double db;

	if (!vc_videorx_pull(c->rx, c->now))
		return;
	frame = (int)((vc_videorx_time(c->rx) - T0 + VC_SEC / 60) * 30 /
		      VC_SEC);
	assert_int_equal(vc_image_alloc(&img, 320, 180), 0);
	vc_testpic_draw(&c->src.pic, &img, (uint64_t)frame,
			frame * VC_SEC / 30);
	db = videosrc_psnr(&img, vc_videorx_image(c->rx, &generation));
	c->sum += db;
	c->min = db < c->min ? db : c->min;
	c->shown++;
	vc_image_clear(&img);
}

static void run(struct chain *c)
{
	for (int f = 0; f < FRAMES; f++) {
		c->now = T0 + f * VC_SEC / 30;
		videosrc_step(&c->src, f, vc_videorx_wants_key(c->rx));
		assert_int_equal(vc_tx_video(&c->tx, c->now, c->now, c->src.p,
					     c->src.len, c->src.is_key),
				 0);
		look(c);
	}
	vc_videorx_end(c->rx);
	c->now += VC_SEC;
	look(c);
}

static void test_loss(void **state)
{
	static const enum vc_codec codecs[] = { VC_CODEC_VP8, VC_CODEC_VP9,
						VC_CODEC_H264, VC_CODEC_AV1 };

	(void)state;
	for (size_t i = 0; i < 2 * VC_COUNT(codecs); i++) {
		const struct vc_videorx_counts *n;
		struct chain c;

		chain_open(&c, codecs[i / 2]);
		c.lost_in = i % 2 ? 30 : 0;
		run(&c);
		n = vc_videorx_counts(c.rx);
		print_message("%s: %u of %u packets lost, %u of %d pictures "
			      "shown, %u keys, %.1f dB, least %.1f\n",
			      vc_codec_name(codecs[i / 2]), c.lost, c.packets,
			      c.shown, FRAMES, (unsigned int)n->key_frames,
			      c.sum / c.shown, c.min);
		assert_int_equal(n->malformed, 0);
		assert_true(c.min > 28 && c.sum / c.shown > 36);
		assert_int_equal(c.lost > 0, i % 2);
		if (!c.lost)
			assert_true(c.shown >= FRAMES - 3);
		else
			assert_true(n->key_frames > 1 && c.shown > FRAMES / 2);
		chain_close(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
