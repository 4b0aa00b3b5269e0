/* SPDX-License-Identifier: MIT */
/*
 * The test picture and voice with their marks, as vc-capture test: has them:
 * Opus at 32 kbit/s in 20 ms, VP8 of 320x180 at 25 frames and 200 kbit/s, a key
 * frame each second, so that a session that begins is soon seen.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "codec/audio.h"
#include "codec/video.h"
#include "engine/tx.h"
#include "load.h"
#include "media/chirp.h"
#include "media/mark.h"
#include "media/testpic.h"
#include "media/tone.h"
#include "wire/defaults.h"

#define WIDTH 320
#define HEIGHT 180
#define FPS 25
#define TICKS_A_FRAME 2
#define VIDEO_BPS 200000
#define AUDIO_BPS 32000
#define SAMPLES 960 /* of a tick */
#define AUDIO_HZ 48000
#define VIDEO_HZ 90000
#define NAME "load"

struct load_media {
	struct load *load;
	struct vc_testpic pic;
	struct vc_image img;
	struct vc_videnc *videnc;
	struct vc_tone tone;
	struct vc_chirp chirp;
	struct vc_audenc *audenc;
	struct vc_tx tx[LOAD_MEDIA];
	int64_t frame;
	uint64_t ticks;
};

static void send_audio(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	if (!is_rtcp)
		load_put(ctx, LOAD_AUDIO, pkt);
}

static void send_video(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	if (!is_rtcp)
		load_put(ctx, LOAD_VIDEO, pkt);
}

static int open_video(struct load_media *m, int64_t epoch)
{
	const struct vc_videnc_cfg conf = { .codec = VC_CODEC_VP8,
					    .width = WIDTH,
					    .height = HEIGHT,
					    .fps_num = FPS,
					    .fps_den = 1,
					    .bitrate_bps = VIDEO_BPS,
					    .keyint_frames = FPS,
					    .threads = 1 };
	struct vc_tx *tx = &m->tx[LOAD_VIDEO];
	int err = vc_testpic_init(&m->pic, WIDTH, HEIGHT, NAME, FPS);

	if (!err)
		err = vc_image_alloc(&m->img, WIDTH, HEIGHT);
	if (!err)
		m->videnc = vc_videnc_new_vp8(&conf, &err);
	vc_tx_init(tx, vc_tool_rand(m->load->tool), "video", VC_CODEC_VP8,
		   VC_PT_VP8, VIDEO_HZ, epoch, NAME, NULL);
	tx->pool = vc_tool_pool(m->load->tool);
	tx->send = send_video;
	tx->ctx = m->load;
	return err;
}

static int open_audio(struct load_media *m, int64_t epoch)
{
	const struct vc_audenc_cfg conf = { .codec = VC_CODEC_OPUS,
					    .channels = 1,
					    .ptime_ms = 20,
					    .bitrate_bps = AUDIO_BPS,
					    .complexity =
						    VC_AUDENC_COMPLEXITY };
	struct vc_tx *tx = &m->tx[LOAD_AUDIO];
	int err = 0;

	vc_tone_init(&m->tone, NAME, AUDIO_HZ);
	vc_chirp_init(&m->chirp, vc_mark_id(NAME), AUDIO_HZ);
	m->audenc = vc_audenc_new(&conf, &err);
	vc_tx_init(tx, vc_tool_rand(m->load->tool), "audio", VC_CODEC_OPUS,
		   VC_PT_OPUS, AUDIO_HZ, epoch, NAME, NULL);
	tx->pool = vc_tool_pool(m->load->tool);
	tx->send = send_audio;
	tx->ctx = m->load;
	return err;
}

int load_media_new(struct load *l, int64_t epoch)
{
	struct load_media *m = vc_alloc(1, sizeof(*m));
	int err;

	l->media = m;
	m->load = l;
	err = open_audio(m, epoch);
	return err ? err : open_video(m, epoch);
}

void load_media_free(struct load_media *m)
{
	if (!m)
		return;
	vc_videnc_free(m->videnc);
	vc_audenc_free(m->audenc);
	vc_testpic_clear(&m->pic);
	vc_image_clear(&m->img);
	free(m);
}

static int make_sound(struct load_media *m, int64_t now)
{
	uint8_t out[VC_AUDENC_PACKET_MAX];
	int64_t t = now - LOAD_TICK;
	int16_t pcm[SAMPLES];
	int len;

	vc_tone_read(&m->tone, pcm, SAMPLES);
	vc_chirp_add(&m->chirp, pcm, SAMPLES, t);
	len = vc_audenc_encode(m->audenc, pcm, SAMPLES, out, sizeof(out));
	if (len < 0)
		return len;
	vc_tx_audio(&m->tx[LOAD_AUDIO], now, t, out, (size_t)len, -1, false,
		    m->ticks == 0);
	return 0;
}

static int make_picture(struct load_media *m, int64_t now)
{
	const struct vc_mark mark =
		vc_mark_make(vc_mark_id(NAME), (uint64_t)m->frame, now);
	const uint8_t *p;
	bool is_key;
	size_t len;
	int err;

	vc_testpic_draw(&m->pic, &m->img, (uint64_t)m->frame, now);
	vc_mark_draw(&m->img, &mark);
	err = vc_videnc_encode(m->videnc, &m->img, m->frame, false, &p, &len,
			       &is_key);
	m->frame++;
	if (err || !len)
		return err;
	return vc_tx_video(&m->tx[LOAD_VIDEO], now, now, p, len, is_key);
}

int load_media_tick(struct load_media *m, int64_t now)
{
	int only = m->load->opt->only, err = 0;

	if (only != 2)
		err = make_sound(m, now);
	if (!err && only != 1 && m->ticks % TICKS_A_FRAME == 0)
		err = make_picture(m, now);
	m->ticks++;
	return err;
}

uint32_t load_media_offset(const struct load_media *m, int medium)
{
	return m->tx[medium].sender.ts_offset;
}

uint32_t load_media_rate(int medium)
{
	return medium == LOAD_AUDIO ? AUDIO_HZ : VIDEO_HZ;
}

const char *load_media_sdp(void)
{
	return "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
	       "m=audio 0 RTP/AVP 111\r\nc=IN IP4 0.0.0.0\r\n"
	       "a=rtpmap:111 opus/48000/2\r\n"
	       "m=video 0 RTP/AVP 96\r\nc=IN IP4 0.0.0.0\r\n"
	       "a=rtpmap:96 VP8/90000\r\n";
}
