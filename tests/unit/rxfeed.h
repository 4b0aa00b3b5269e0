/* SPDX-License-Identifier: MIT */
/*
 * A sender for tests of receive chains: a sine as Opus, pictures of one colour
 * as VP8, through engine/tx.h. Each packet is handed to 'put' with an arrival
 * the test chooses; the line to stream time is told as tool/in.h does.
 */
#ifndef VC_TESTS_RXFEED_H
#define VC_TESTS_RXFEED_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/image.h"
#include "base/pool.h"
#include "base/time.h"
#include "codec/opus.h"
#include "codec/video.h"
#include "engine/tx.h"
#include "media/tone.h"
#include "session/playout.h"
#include "wire/rtp.h"

#define T0 VC_VIRTUAL_EPOCH
#define FRAME (20 * VC_MS)

struct feed {
	struct vc_pool *pool;
	struct vc_playout home;
	struct vc_playout_source play;
	struct vc_tx tx;
	struct vc_opus_enc *opus;
	int opus_fec; /* percent, set before the first packet: a voice then */
	struct vc_tone voice;
	struct vc_videnc *vpx;
	struct vc_image image;
	int64_t frame; /* number of the next one */
	unsigned int phase;
	int64_t arrival;
	uint64_t drop;	      /* a bit a packet of the frame: lost on the way */
	unsigned int packets; /* of this frame */
	void (*put)(void *ctx, struct vc_packet *pkt, const struct vc_rtp *rtp);
	void *ctx;
};

static inline void feed_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct feed *f = ctx;
	struct vc_rtp rtp;

	if (is_rtcp)
		return;
	if (f->drop & (UINT64_C(1) << f->packets++))
		return;
	if (vc_rtp_parse(&rtp, pkt->data, pkt->len))
		abort();
	pkt->arrival = f->arrival;
	vc_playout_packet(&f->play, rtp.ts, f->arrival);
	f->put(f->ctx, pkt, &rtp);
}

static inline void feed_open(struct feed *f, enum vc_codec codec,
			     const char *purpose, int64_t latency)
{
	bool is_audio = codec != VC_CODEC_VP8;
	uint32_t rate = is_audio ? 48000 : 90000;
	struct vc_rand rand;

	*f = (struct feed){ .pool = vc_pool_new() };
	vc_rand_init(&rand, 1, "test", "feed");
	f->tx.pool = f->pool;
	f->tx.send = feed_packet;
	f->tx.ctx = f;
	vc_tx_init(&f->tx, &rand, purpose, codec, is_audio ? 111 : 96, rate, T0,
		   "feed", NULL);
	vc_playout_init(&f->home, latency);
	vc_playout_source_init(&f->play, rate);
	vc_playout_join(&f->home, &f->play, 0);
}

static inline void feed_close(struct feed *f)
{
	vc_opus_enc_free(f->opus);
	vc_videnc_free(f->vpx);
	vc_image_clear(&f->image);
	vc_pool_free(f->pool);
}

/* A triangle of 300 Hz, 20 ms of it. */
static inline void feed_wave(struct feed *f, int16_t *pcm)
{
	if (f->opus_fec) {
		if (!f->frame)
			vc_tone_init(&f->voice, "alice", 48000);
		vc_tone_read(&f->voice, pcm, 960);
		return;
	}
	for (int i = 0; i < 960; i++) {
		int x = (int)(f->phase++ % 160);

		pcm[i] = (int16_t)(x < 80 ? x * 200 - 8000 : 24000 - x * 200);
	}
}

/* The next 20 ms, captured at 't', arriving at 'arrival'. */
static inline void feed_audio(struct feed *f, int64_t t, int64_t arrival,
			      bool is_lost)
{
	const struct vc_opus_enc_cfg conf = {
		.rate_hz = 48000,
		.channels = 1,
		.bitrate_bps = 32000,
		.complexity = 1,
		.ptime_ms = 20,
		.fec = f->opus_fec > 0,
		.loss_percent = f->opus_fec,
	};
	uint8_t out[VC_OPUS_PACKET_MAX];
	int16_t pcm[960];
	int err, len;

	if (!f->opus)
		f->opus = vc_opus_enc_new(&conf, &err);
	feed_wave(f, pcm);
	len = vc_opus_encode(f->opus, pcm, 960, out, sizeof(out));
	f->arrival = arrival;
	f->drop = is_lost;
	f->packets = 0;
	vc_tx_audio(&f->tx, arrival, t, out, (size_t)len, -1, false, false);
	f->frame++;
}

/* A picture of one colour; packets of 'drop' are lost. */
static inline void feed_video(struct feed *f, int w, int h, uint8_t luma,
			      bool key, int64_t t, int64_t arrival,
			      uint64_t drop)
{
	struct vc_videnc_cfg conf = {
		.codec = VC_CODEC_VP8,
		.width = w,
		.height = h,
		.fps_num = 30,
		.fps_den = 1,
		.bitrate_bps = 4000000,
	};
	const uint8_t *p;
	size_t len;
	bool is_key;
	int err;

	if (f->image.width != w || f->image.height != h) {
		vc_videnc_free(f->vpx);
		vc_image_clear(&f->image);
		f->vpx = vc_videnc_new(&conf, &err);
		vc_image_alloc(&f->image, w, h);
	}
	vc_image_fill(&f->image, 0, 0, w, h,
		      (struct vc_colour){ luma, 128, 128 });
	/* Something that takes octets. */
	for (int i = 0; i < w * h / 4; i++)
		f->image.y[i / w * f->image.stride_y + i % w] =
			(uint8_t)(luma +
				  (uint8_t)(f->phase++ * 2654435761u >> 28));
	if (vc_videnc_encode(f->vpx, &f->image, f->frame, key, &p, &len,
			     &is_key))
		abort();
	f->arrival = arrival;
	f->drop = drop;
	f->packets = 0;
	vc_tx_video(&f->tx, arrival, t, p, len, is_key);
	f->frame++;
}

#endif
