/* SPDX-License-Identifier: MIT */
/*
 * soundsend NAME CODEC CLOCK CHANNELS PTIME LOST >STREAM
 *
 * Four seconds of NAME's voice as a virtual stream, in any codec that we
 * encode. Every LOSTth packet is missing (0: none). With two channels the voice
 * is in the first.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "codec/audio.h"
#include "media/tone.h"
#include "wire/frame.h"
#include "wire/rtp.h"

#define SECONDS 4
#define PT 97

static void put_frame(const uint8_t *p, size_t len)
{
	uint8_t head[2];

	vc_frame_head(head, len);
	fwrite(head, 1, 2, stdout);
	fwrite(p, 1, len, stdout);
}

static void put_time(int64_t now)
{
	uint8_t frame[VC_FRAME_TIME_SIZE];

	vc_frame_time_write(frame, VC_TIME_STREAM, now);
	fwrite(frame, 1, sizeof(frame), stdout);
}

static void put_desc(const char *codec, const char *clock, const char *channels)
{
	char text[512];
	int len = snprintf(text, sizeof(text),
			   "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\n"
			   "t=0 0\r\na=x-vc-clock:virtual\r\n"
			   "m=audio 9 RTP/AVP %d\r\nc=IN IP4 0.0.0.0\r\n"
			   "a=rtpmap:%d %s/%s/%s\r\n",
			   PT, PT, codec, clock, channels);

	put_frame((const uint8_t *)text, (size_t)len);
}

static void put_packet(struct vc_audenc *enc, struct vc_tone *tone,
		       int channels, unsigned int i, bool is_lost)
{
	static uint8_t packet[VC_AUDENC_PACKET_MAX + 12];
	int16_t mono[2880], pcm[5760] = { 0 };
	size_t n = vc_audenc_samples(enc);
	struct vc_wr w = vc_wr_over(packet, sizeof(packet));
	struct vc_rtp rtp = { .pt = PT, .seq = (uint16_t)i, .ssrc = 0x1234 };
	int len;

	vc_tone_read(tone, mono, n);
	for (size_t k = 0; k < n; k++)
		pcm[k * (size_t)channels] = mono[k];
	rtp.ts = i * (uint32_t)(n * vc_audenc_clock(enc) / vc_audenc_rate(enc));
	(void)vc_rtp_write(&w, &rtp);
	len = vc_audenc_encode(enc, pcm, n, packet + 12, VC_AUDENC_PACKET_MAX);
	if (len > 0 && !is_lost)
		put_frame(packet, 12 + (size_t)len);
}

int main(int argc, char **argv)
{
	static struct vc_tone tone;
	struct vc_audenc_cfg cfg = { .bitrate_bps = 32000, .complexity = 5 };
	struct vc_audenc *enc;
	int err, n, lost;

	if (argc != 7)
		return 2;
	cfg.codec = vc_codec_by_name(vc_str_c(argv[2]));
	if (cfg.codec == VC_CODEC_L16)
		cfg.rate_hz = (uint32_t)atoi(argv[3]);
	cfg.channels = atoi(argv[4]);
	cfg.ptime_ms = atoi(argv[5]);
	lost = atoi(argv[6]);
	enc = vc_audenc_new(&cfg, &err);
	if (!enc)
		return 1;
	vc_tone_init(&tone, argv[1], vc_audenc_rate(enc));
	put_desc(argv[2], argv[3], argv[4]);
	n = SECONDS * 1000 / cfg.ptime_ms;
	put_time(VC_VIRTUAL_EPOCH);
	for (int i = 0; i < n; i++) {
		put_time(VC_VIRTUAL_EPOCH + (i + 1) * cfg.ptime_ms * VC_MS);
		put_packet(enc, &tone, cfg.channels, (unsigned int)i,
			   lost && i % lost == lost - 1);
	}
	vc_audenc_free(enc);
	return fflush(stdout) ? 1 : 0;
}
