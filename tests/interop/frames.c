/* SPDX-License-Identifier: MIT */
/*
 * Frames of video and RFC 4571, for tests against other programs' packets.
 *
 *	frames cut CODEC [MAX]	a stream to packets of payload type 96, 30
 *				frames a second, payloads of at most MAX octets
 *	frames join CODEC	packets to a stream; exit code 1 where one frame
 *				could not be put together
 *
 * A stream is Annex B where CODEC is H264, else IVF. From stdin to stdout.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "session/frameasm.h"
#include "session/framepack.h"
#include "wire/h264.h"
#include "wire/rtp.h"

#define PT 96
#define IVF_HEADER 32
#define IVF_FRAME 12

static uint32_t get_le(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static void put_le(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

static void die(const char *why)
{
	fprintf(stderr, "frames: %s\n", why);
	exit(1);
}

static void put(const void *p, size_t len)
{
	if (fwrite(p, 1, len, stdout) != len)
		die("cannot write");
}

/* --- cut --- */

static void cut_frame(enum vc_codec codec, size_t max, const uint8_t *p,
		      size_t len)
{
	static struct vc_rtp rtp = { .pt = PT, .seq = 65500, .ssrc = 1 };
	static uint16_t picture_id = 32760;
	uint8_t packet[VC_FRAMEPACK_PACKET_MAX + VC_RTP_HEADER], head[2];
	const struct vc_framepack_conf conf = {
		.codec = codec,
		.max_payload = max,
		.picture_id = picture_id,
		.tl0picidx = (uint8_t)picture_id,
		.is_key = !rtp.ts,
		.is_ref = true,
	};
	struct vc_framepack pk;
	uint8_t *payload = packet + VC_RTP_HEADER;
	size_t n;

	if (vc_framepack_init(&pk, &conf, p, len))
		die("no frame of that codec");
	while ((n = vc_framepack_next(&pk, payload, &rtp.marker))) {
		struct vc_wr w = vc_wr_over(packet, VC_RTP_HEADER);

		(void)vc_rtp_write(&w, &rtp);
		rtp.seq++;
		vc_put_u16(head, (uint16_t)(VC_RTP_HEADER + n));
		put(head, 2);
		put(packet, VC_RTP_HEADER + n);
	}
	rtp.ts += 3000;
	picture_id++;
}

/* Access units: a new one begins before what cannot be in the middle of one. */
static void cut_annexb(size_t max, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_h264_slice slice;
	const uint8_t *nal, *start = p, *at = p;
	bool has_slice = false;
	size_t n;

	for (; vc_h264_annexb_next(&r, &nal, &n); at = r.p) {
		bool is_slice = !vc_h264_slice_parse(&slice, nal, n);

		if (has_slice && (!is_slice || slice.is_first)) {
			cut_frame(VC_CODEC_H264, max, start,
				  (size_t)(at - start));
			start = at;
			has_slice = false;
		}
		has_slice |= is_slice;
	}
	cut_frame(VC_CODEC_H264, max, start, (size_t)(p + len - start));
}

static void cut(enum vc_codec codec, size_t max, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);

	if (codec == VC_CODEC_H264) {
		cut_annexb(max, p, len);
		return;
	}
	vc_rd_skip(&r, IVF_HEADER);
	while (vc_rd_left(&r)) {
		const uint8_t *head = vc_rd_bytes(&r, IVF_FRAME);
		size_t n = head ? get_le(head) : 0;
		const uint8_t *frame = vc_rd_bytes(&r, n);

		if (!frame)
			die("IVF: cut short");
		cut_frame(codec, max, frame, n);
	}
}

/* --- join --- */

static void put_ivf_header(enum vc_codec codec, const struct vc_video_frame *f)
{
	uint8_t h[IVF_HEADER] = "DKIF";

	h[6] = IVF_HEADER;
	memcpy(h + 8,
	       codec == VC_CODEC_AV1 ? "AV01" :
	       codec == VC_CODEC_VP9 ? "VP90" :
				       "VP80",
	       4);
	put_le(h + 12, f->width | f->height << 16);
	put_le(h + 16, 30);
	put_le(h + 20, 1);
	put(h, sizeof(h));
}

static int put_frame(struct vc_frameasm *fa, enum vc_codec codec, uint32_t ts)
{
	static uint32_t first, n;
	uint8_t head[IVF_FRAME] = { 0 };
	struct vc_video_frame f;
	int err = vc_frameasm_end(fa, &f);

	vc_frameasm_begin(fa);
	if (err == -ENODATA)
		return 0;
	if (err) {
		fprintf(stderr, "frames: frame %u: %s\n", n, strerror(-err));
		return 1;
	}
	if (codec != VC_CODEC_H264) {
		if (!n)
			put_ivf_header(codec, &f);
		first = n ? first : ts;
		put_le(head, (uint32_t)f.len);
		put_le(head + 4, (ts - first) / 3000);
		put(head, sizeof(head));
	}
	put(f.data, f.len);
	n++;
	return 0;
}

static int join(enum vc_codec codec, const uint8_t *p, size_t len)
{
	struct vc_frameasm *fa = vc_frameasm_new(codec, NULL);
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_rtp rtp, last = { .ts = 0 };
	bool is_open = false;
	int bad = 0;

	while (fa && vc_rd_left(&r)) {
		size_t n = vc_rd_u16(&r);
		const uint8_t *packet = vc_rd_bytes(&r, n);

		if (!packet || n < 2 || (packet[1] >= 192 && packet[1] < 224) ||
		    vc_rtp_parse(&rtp, packet, n))
			continue;
		if (is_open && rtp.ts != last.ts)
			bad |= put_frame(fa, codec, last.ts);
		(void)vc_frameasm_add(fa, rtp.payload, rtp.payload_len);
		is_open = !rtp.marker;
		if (rtp.marker)
			bad |= put_frame(fa, codec, rtp.ts);
		last = rtp;
	}
	vc_frameasm_free(fa);
	return bad;
}

int main(int argc, char **argv)
{
	static uint8_t buf[16 << 20];
	enum vc_codec codec = argc > 2 ? vc_codec_by_name(vc_str_c(argv[2])) :
					 VC_CODEC_NONE;
	size_t len;

	if (!vc_framepack_can(codec))
		die("cut|join VP8|VP9|H264|AV1");
	len = fread(buf, 1, sizeof(buf), stdin);
	if (!strcmp(argv[1], "join"))
		return join(codec, buf, len);
	cut(codec, argc > 3 ? (size_t)atoi(argv[3]) : VC_FRAMEPACK_PACKET_MAX,
	    buf, len);
	return 0;
}
