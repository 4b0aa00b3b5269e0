/* SPDX-License-Identifier: MIT */
/*
 * The receive chains of sound and picture under foreign packets, decoders
 * included. The first octet chooses the codec; a record is 11 octets (seq, ts,
 * ms since the one before, what to do, payload length) and its payload.
 */
#include <assert.h>

#include "base/bytes.h"
#include "base/pool.h"
#include "base/time.h"
#include "engine/audiorx.h"
#include "engine/videorx.h"
#include "wire/rtpext.h"

#define TICK (20 * VC_MS)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct rx {
	struct vc_playout home;
	struct vc_playout_source play;
	struct vc_audiorx *a;
	struct vc_videorx *v;
	struct vc_pool *pool;
	int64_t now;
	int64_t pulled;
};

static void one_packet(struct rx *x, struct vc_rd *r)
{
	struct vc_rtp rtp = { .seq = vc_rd_u16(r), .ts = vc_rd_u32(r) };
	struct vc_packet *pkt;
	uint8_t flags;

	x->now += vc_rd_u16(r) % 1000 * VC_MS;
	flags = vc_rd_u8(r);
	rtp.marker = flags & 1;
	rtp.pt = flags & 2 ? 13 : 0;
	rtp.payload_len = vc_rd_u16(r);
	if (rtp.payload_len > vc_rd_left(r))
		rtp.payload_len = vc_rd_left(r);
	if (rtp.payload_len > 2000)
		rtp.payload_len = 2000;
	pkt = vc_packet_new(x->pool, 2000);
	assert(pkt);
	for (size_t i = 0; i < rtp.payload_len; i++)
		pkt->data[i] = vc_rd_u8(r);
	rtp.payload = pkt->data;
	pkt->len = rtp.payload_len;
	pkt->arrival = x->now;
	vc_playout_packet(&x->play, rtp.ts, x->now);
	if (x->a)
		(flags & 2 ? vc_audiorx_put_noise : vc_audiorx_put)(x->a, pkt,
								    &rtp);
	else
		vc_videorx_put(x->v, pkt, &rtp);
	vc_packet_unref(pkt);
}

/* All of it is there. */
static void touch(const struct vc_image *im)
{
	volatile uint8_t sum = 0;
	const int w = (im->width - 1) / 2, h = (im->height - 1) / 2;

	sum += im->y[0] + im->u[0] + im->v[0];
	sum += im->y[(im->height - 1) * im->stride_y + im->width - 1];
	sum += im->u[h * im->stride_u + w] + im->v[h * im->stride_v + w];
	(void)sum;
}

static void pull(struct rx *x)
{
	const struct vc_image *im;
	uint64_t generation;
	int16_t pcm[960];

	for (; x->pulled <= x->now; x->pulled += TICK) {
		if (x->a)
			(void)vc_audiorx_pull(x->a, x->pulled, pcm, 960);
		else
			(void)vc_videorx_pull(x->v, x->pulled);
		im = x->v ? vc_videorx_image(x->v, &generation) : NULL;
		if (im)
			touch(im);
	}
}

/* What is held is played within 10 s, whatever it is. */
static void drain(struct rx *x)
{
	x->now += 10 * VC_SEC;
	pull(x);
	assert(x->a ? !vc_audiorx_held(x->a) : !vc_videorx_held(x->v));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum vc_codec codecs[] = { VC_CODEC_OPUS, VC_CODEC_VP8,
						VC_CODEC_PCMU, VC_CODEC_PCMA,
						VC_CODEC_G722, VC_CODEC_L16 };
	struct vc_rd r = vc_rd_over(data, size);
	uint8_t how = vc_rd_u8(&r);
	enum vc_codec codec = codecs[how & 0x40 ? 4 + how % 2 : how % 4];
	struct rx x = { .now = VC_VIRTUAL_EPOCH, .pulled = VC_VIRTUAL_EPOCH };
	int err = 0;

	x.pool = vc_pool_new();
	vc_playout_init(&x.home, how & 0x80 ? VC_PLAYOUT_AUTO : 60 * VC_MS);
	vc_playout_source_init(&x.play, vc_codec_rate(codec));
	vc_playout_join(&x.home, &x.play, 0);
	if (codec == VC_CODEC_VP8)
		x.v = vc_videorx_new(codec, &x.play, 640, 480, &err);
	else
		x.a = vc_audiorx_new(codec, vc_codec_rate(codec), &x.play,
				     &err);
	assert(x.a || x.v);
	if (x.v && how & 1 << 2)
		vc_videorx_borrow(x.v);
	if (x.v && how & 1 << 3)
		vc_videorx_set_orientation(x.v, VC_EXT_ORIENTATION);
	if (x.a)
		vc_audiorx_set_channels(x.a, how >> 2 & 7);
	for (int i = 0; i < 500 && vc_rd_left(&r) > 11; i++) {
		one_packet(&x, &r);
		pull(&x);
	}
	drain(&x);
	assert(x.home.latency >= VC_PLAYOUT_MIN);
	assert(x.home.latency <= VC_PLAYOUT_MAX);
	vc_audiorx_free(x.a);
	vc_videorx_free(x.v);
	assert(vc_pool_used(x.pool) == 0);
	vc_pool_free(x.pool);
	return 0;
}
