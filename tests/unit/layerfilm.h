/* SPDX-License-Identifier: MIT */
/* For tests of layers: which there are, and a film of some in packets. */
#ifndef VC_TESTS_UNIT_LAYERFILM_H
#define VC_TESTS_UNIT_LAYERFILM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/rand.h"
#include "base/time.h"
#include "engine/txlayers.h"
#include "session/svc.h"
#include "unit/videosrc.h"

static const struct {
	enum vc_codec codec;
	int n_spatial, n_temporal;
} modes[] = {
	{ VC_CODEC_VP8, 1, 2 }, { VC_CODEC_VP8, 1, 3 }, { VC_CODEC_VP9, 1, 2 },
	{ VC_CODEC_VP9, 1, 3 }, { VC_CODEC_VP9, 2, 1 }, { VC_CODEC_VP9, 2, 3 },
	{ VC_CODEC_VP9, 3, 1 }, { VC_CODEC_VP9, 3, 2 }, { VC_CODEC_VP9, 3, 3 },
};

#define FRAMES 36
#define PACKETS 4000

/* What an encoder sent, packet by packet. */
struct film {
	enum vc_codec codec;
	struct vc_pool *pool;
	struct vc_packet *pkt[PACKETS];
	size_t n;
	uint64_t octets[3][3]; /* of spatial and temporal layers */
	uint64_t sum[FRAMES];  /* of what its own decoder shows */
};

static inline void keep(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct film *f = ctx;
	struct vc_rtp rtp;
	struct vc_svc_layer l;

	if (is_rtcp)
		return;
	assert_true(f->n < PACKETS);
	f->pkt[f->n++] = vc_packet_ref(pkt);
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	assert_int_equal(vc_svc_layer_read(&l, f->codec, rtp.payload,
					   rtp.payload_len),
			 0);
	f->octets[l.sid][l.tid] += rtp.payload_len;
}

static inline struct vc_videnc_cfg cfg_of(enum vc_codec codec, int width,
					  int height, int n_spatial,
					  int n_temporal)
{
	struct vc_videnc_cfg cfg = videosrc_usual(codec, width, height);

	cfg.n_spatial = n_spatial;
	cfg.n_temporal = n_temporal;
	cfg.bitrate_bps = 300000;
	return cfg;
}

static inline uint64_t sum_of(const struct vc_image *im)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (int y = 0; y < im->height; y++)
		for (int x = 0; x < im->width; x++)
			sum = (sum ^ im->y[y * im->stride_y + x]) *
			      UINT64_C(0x100000001b3);
	return sum;
}

static inline struct vc_viddec *new_dec(enum vc_codec codec)
{
	const struct vc_viddec_cfg conf = { codec, 1280, 720, 0 };
	int err;
	struct vc_viddec *dec = vc_viddec_new(&conf, &err);

	assert_non_null(dec);
	return dec;
}

/* A key frame is asked for in the middle of the pattern. */
static inline struct film *shoot(const struct vc_videnc_cfg *cfg)
{
	struct film *f = vc_alloc(1, sizeof(*f));
	struct videosrc s;
	struct vc_rand rand;
	struct vc_tx tx = { .send = keep, .ctx = f };
	struct vc_viddec *dec = new_dec(cfg->codec);
	struct vc_image im;

	f->codec = cfg->codec;
	f->pool = vc_pool_new();
	tx.pool = f->pool;
	vc_rand_init(&rand, 1, "test", "");
	vc_tx_init(&tx, &rand, "video", cfg->codec, 96, 90000, 0, "c", "n");
	tx.sender.seq = 65500;
	tx.pack.picture_id = 32760;
	tx.pack.tl0picidx = 250;
	videosrc_open(&s, cfg);
	for (int i = 0; i < FRAMES; i++) {
		videosrc_step(&s, i, i == 18);
		assert_int_equal(s.is_key, !i || i == 18);
		assert_int_equal(vc_viddec_decode(dec, s.p, s.len, &im), 0);
		f->sum[i] = sum_of(&im);
		assert_int_equal(vc_tx_layers(&tx, s.enc, i * VC_SEC / 30,
					      i * VC_SEC / 30, s.p, s.len,
					      s.is_key),
				 0);
	}
	videosrc_close(&s);
	vc_viddec_free(dec);
	return f;
}

static inline void drop_film(struct film *f)
{
	for (size_t i = 0; i < f->n; i++)
		vc_packet_unref(f->pkt[i]);
	vc_pool_free(f->pool);
	free(f);
}

#endif
