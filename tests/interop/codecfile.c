/* SPDX-License-Identifier: MIT */
/*
 * Our codecs on files that others read and write:
 *
 *   codecfile encode CODEC WIDTH HEIGHT FRAMES SOURCE OUT
 *	the test picture as I420 into SOURCE, coded into OUT
 *   codecfile decode CODEC WIDTH HEIGHT IN OUT
 *	to I420
 *   codecfile psnr WIDTH HEIGHT A B
 *	prints frames, and the least and mean of their luma in dB
 *   codecfile pack CODEC <S16LE >OCTETS, codecfile unpack CODEC <OCTETS >S16LE
 *	sound, mono, at the codec's own rate
 *
 * H.264 is in Annex B, other pictures in IVF.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "codec/audio.h"
#include "codec/g711.h"
#include "codec/g722.h"
#include "codec/l16.h"
#include "codec/video.h"
#include "media/testpic.h"

#define FILE_MAX (32u << 20)

static void die(const char *what, int err)
{
	fprintf(stderr, "codecfile: %s: %d\n", what, err);
	exit(1);
}

static FILE *open_file(const char *path, const char *mode)
{
	FILE *f = fopen(path, mode);

	if (!f)
		die(path, 0);
	return f;
}

static void put_le(uint32_t v, int octets, FILE *o)
{
	for (int i = 0; i < octets; i++)
		fputc((int)(v >> 8 * i & 255), o);
}

static uint32_t get_le(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

static void put_plane(const uint8_t *p, int stride, int w, int h, FILE *o)
{
	for (int y = 0; y < h; y++)
		fwrite(p + y * stride, 1, (size_t)w, o);
}

static void put_image(const struct vc_image *img, FILE *o)
{
	int w = vc_image_half(img->width), h = vc_image_half(img->height);

	put_plane(img->y, img->stride_y, img->width, img->height, o);
	put_plane(img->u, img->stride_u, w, h, o);
	put_plane(img->v, img->stride_v, w, h, o);
}

/* --- pictures --- */

static const char *fourcc(enum vc_codec codec)
{
	return codec == VC_CODEC_VP8 ? "VP80" :
	       codec == VC_CODEC_VP9 ? "VP90" :
				       "AV01";
}

static void ivf_head(enum vc_codec codec, int w, int h, uint32_t n, FILE *o)
{
	fwrite("DKIF", 1, 4, o);
	put_le(32 << 16, 4, o);
	fwrite(fourcc(codec), 1, 4, o);
	put_le((uint32_t)w, 2, o);
	put_le((uint32_t)h, 2, o);
	put_le(30, 4, o);
	put_le(1, 4, o);
	put_le(n, 4, o);
	put_le(0, 4, o);
}

static void encode(enum vc_codec codec, int w, int h, int n, FILE *src, FILE *o)
{
	const struct vc_videnc_cfg cfg = {
		.codec = codec,
		.width = w,
		.height = h,
		.fps_num = 30,
		.fps_den = 1,
		.bitrate_bps = 500000,
		.keyint_frames = 20,
	};
	struct vc_testpic pic;
	struct vc_image img;
	int err;
	struct vc_videnc *enc = vc_videnc_new(&cfg, &err);

	if (!enc)
		die("encoder", err);
	if (vc_testpic_init(&pic, w, h, "alice", 30) ||
	    vc_image_alloc(&img, w, h))
		die("picture", 0);
	if (codec != VC_CODEC_H264)
		ivf_head(codec, w, h, (uint32_t)n, o);
	for (int i = 0; i < n; i++) {
		const uint8_t *p;
		bool is_key;
		size_t len;

		vc_testpic_draw(&pic, &img, (uint64_t)i, i * VC_SEC / 30);
		put_image(&img, src);
		err = vc_videnc_encode(enc, &img, i, false, &p, &len, &is_key);
		if (err || !len)
			die("encode", err);
		if (codec != VC_CODEC_H264) {
			put_le((uint32_t)len, 4, o);
			put_le((uint32_t)i, 4, o);
			put_le(0, 4, o);
		}
		fwrite(p, 1, len, o);
	}
	vc_testpic_clear(&pic);
	vc_image_clear(&img);
	vc_videnc_free(enc);
}

/* Does an access unit begin with this NAL unit, after one with a picture? */
static bool begins(const uint8_t *nal)
{
	int type = nal[0] & 31;

	return (type >= 6 && type <= 9) ||
	       ((type == 1 || type == 5) && nal[1] & 0x80);
}

/* The length of the access unit at 'p'. */
static size_t unit_len(const uint8_t *p, size_t len)
{
	bool has_picture = false;

	for (size_t i = 0; i + 5 < len; i++) {
		if (p[i] || p[i + 1] || p[i + 2] != 1)
			continue;
		if (has_picture && begins(p + i + 3))
			return i && !p[i - 1] ? i - 1 : i;
		has_picture |= (p[i + 3] & 31) == 1 || (p[i + 3] & 31) == 5;
	}
	return len;
}

static void decode(enum vc_codec codec, int w, int h, const uint8_t *p,
		   size_t len, FILE *o)
{
	const struct vc_viddec_cfg cfg = { codec, w, h, 0 };
	struct vc_image img;
	int err;
	struct vc_viddec *dec = vc_viddec_new(&cfg, &err);

	if (!dec)
		die("decoder", err);
	if (codec != VC_CODEC_H264) {
		p += 32;
		len -= 32;
	}
	while (len) {
		size_t n;

		if (codec == VC_CODEC_H264) {
			n = unit_len(p, len);
		} else {
			n = get_le(p);
			p += 12;
			len -= 12;
		}
		err = vc_viddec_decode(dec, p, n, &img);
		if (!err)
			put_image(&img, o);
		else if (err != -ENODATA)
			die("decode", err);
		p += n;
		len -= n;
	}
	vc_viddec_free(dec);
}

static int psnr(size_t luma, size_t size, FILE *fa, FILE *fb)
{
	uint8_t *a = vc_alloc(size, 1), *b = vc_alloc(size, 1);
	double sum = 0, min = 99, db;
	int n = 0;

	while (fread(a, 1, size, fa) == size && fread(b, 1, size, fb) == size) {
		double error = 0;

		for (size_t i = 0; i < luma; i++)
			error += (a[i] - b[i]) * (a[i] - b[i]);
		db = 10 * log10(65025.0 * (double)luma / (error + 1e-3));
		sum += db;
		min = db < min ? db : min;
		n++;
	}
	printf("%d %.1f %.1f\n", n, min, n ? sum / n : 0);
	free(a);
	free(b);
	return 0;
}

/* --- sound --- */

static int pack(enum vc_codec codec)
{
	static uint8_t out[VC_AUDENC_PACKET_MAX];
	const struct vc_audenc_cfg cfg = { .codec = codec, .ptime_ms = 20 };
	int err, len;
	struct vc_audenc *enc = vc_audenc_new(&cfg, &err);
	int16_t pcm[960];

	if (!enc)
		die("encoder", err);
	while (fread(pcm, 2, vc_audenc_samples(enc), stdin) ==
	       vc_audenc_samples(enc)) {
		len = vc_audenc_encode(enc, pcm, vc_audenc_samples(enc), out,
				       sizeof(out));
		fwrite(out, 1, (size_t)len, stdout);
	}
	vc_audenc_free(enc);
	return 0;
}

static int unpack(enum vc_codec codec)
{
	struct vc_g722 g722;
	int16_t pcm[2000];
	uint8_t in[1000];
	size_t n;

	vc_g722_init(&g722);
	while ((n = fread(in, 1, sizeof(in), stdin))) {
		if (codec == VC_CODEC_G722)
			vc_g722_decode(&g722, in, n, pcm);
		else if (codec == VC_CODEC_PCMU)
			vc_pcmu_decode(in, n, pcm);
		else if (codec == VC_CODEC_PCMA)
			vc_pcma_decode(in, n, pcm);
		else
			vc_l16_decode(in, n / 2, pcm);
		n = codec == VC_CODEC_G722 ? 2 * n :
		    codec == VC_CODEC_L16  ? n / 2 :
					     n;
		fwrite(pcm, 2, n, stdout);
	}
	return 0;
}

static int run(int argc, char **argv)
{
	enum vc_codec codec = vc_codec_by_name(vc_str_c(argv[2]));
	int w = argc > 4 ? atoi(argv[3]) : 0, h = argc > 4 ? atoi(argv[4]) : 0;
	const char *what = argv[1];
	FILE *in, *out;

	if (!strcmp(what, "pack"))
		return pack(codec);
	if (!strcmp(what, "unpack"))
		return unpack(codec);
	if (!strcmp(what, "psnr") && argc == 6) {
		size_t luma = (size_t)atoi(argv[2]) * (size_t)atoi(argv[3]);

		in = open_file(argv[4], "re");
		out = open_file(argv[5], "re");
		psnr(luma, luma * 3 / 2, in, out);
	} else if (!strcmp(what, "encode") && argc == 8) {
		in = open_file(argv[6], "we");
		out = open_file(argv[7], "we");
		encode(codec, w, h, atoi(argv[5]), in, out);
	} else if (!strcmp(what, "decode") && argc == 7) {
		uint8_t *p = vc_alloc(FILE_MAX, 1);

		in = open_file(argv[5], "re");
		out = open_file(argv[6], "we");
		decode(codec, w, h, p, fread(p, 1, FILE_MAX, in), out);
		free(p);
	} else {
		return 2;
	}
	fclose(in);
	return fclose(out) ? 1 : 0;
}

int main(int argc, char **argv)
{
	return argc < 3 ? 2 : run(argc, argv);
}
