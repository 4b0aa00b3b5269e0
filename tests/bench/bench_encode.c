/* SPDX-License-Identifier: MIT */
/*
 * What encoding costs, at 1280x720 and 30 frames a second of the test picture.
 *
 * `vc-capture --vcodec vp8 test:` from its start to its end, without sound,
 * beside libvpx alone with the same settings, for the same pictures. What it
 * costs to draw them is in neither: it is measured apart. Rounds take turns;
 * medians count. The machine has to be idle: two threads of libvpx wait for each
 * other by spinning, and where others run too they do hardly anything else.
 *
 * And every codec alone: CPU of a frame, to encode it and to decode it, beside
 * VP8's, and how good the pictures are.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <math.h>
#include <sys/resource.h>

#include "bench/bench.h"
#include "codec/video.h"
#include "media/testpic.h"

#define WIDTH 1280
#define HEIGHT 720
#define FPS 30
#define FRAMES 120 /* 4 s, as the command says */
#define BITRATE 1500000
#define ROUNDS 3

static const char *const command[] = {
	"vc-capture", "--virtual", "-t",       "4s",	     "--size",
	"1280x720",   "--fps",	   "30",       "--vbitrate", "1500k",
	"--keyint",   "2s",	   "--vcodec", "vp8",	     "--name",
	"alice",      "--audio",   "none",     "--video",    "test:",
	"-o",	      "/dev/null", NULL,
};

struct cost {
	double encode, decode; /* CPU ms a frame */
	double psnr;
	size_t octets;
};

static int64_t cpu(void)
{
	return now_ns(CLOCK_PROCESS_CPUTIME_ID);
}

/* CPU of the program until its end. */
static double run_capture(void)
{
	struct child c = spawn(-1, -1, command);
	struct rusage u;
	int status;

	if (wait4(c.pid, &status, 0, &u) != c.pid || status) {
		fprintf(stderr, "bench_encode: vc-capture failed\n");
		exit(1);
	}
	return ((double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
		(double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3) /
	       FRAMES;
}

/* All pictures of a round, one after the other into one image. */
static double run_drawing(const struct vc_testpic *pic, struct vc_image *img)
{
	int64_t begin = cpu();

	for (int f = 0; f < FRAMES; f++)
		vc_testpic_draw(pic, img, (uint64_t)f, f * VC_SEC / FPS);
	return (double)(cpu() - begin) / 1e6 / FRAMES;
}

static double psnr(const struct vc_image *a, const struct vc_image *b)
{
	double error = 0;

	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++) {
			int d = a->y[y * a->stride_y + x] -
				b->y[y * b->stride_y + x];

			error += d * d;
		}
	return 10 * log10(65025.0 * WIDTH * HEIGHT / (error + 1e-3));
}

static struct cost run_codec(enum vc_codec codec, const struct vc_testpic *pic,
			     struct vc_image *img, int threads)
{
	const struct vc_videnc_cfg cfg = {
		.codec = codec,
		.width = WIDTH,
		.height = HEIGHT,
		.fps_num = FPS,
		.fps_den = 1,
		.bitrate_bps = BITRATE,
		.keyint_frames = 2 * FPS,
		.threads = threads,
	};
	const struct vc_viddec_cfg dec_cfg = { codec, WIDTH, HEIGHT, 0 };
	struct cost c = { 0 };
	int err, seen = 0;
	struct vc_videnc *enc = vc_videnc_new(&cfg, &err);
	struct vc_viddec *dec = vc_viddec_new(&dec_cfg, &err);

	need(enc && dec, "codec");
	for (int f = 0; f < FRAMES; f++) {
		struct vc_image out;
		int64_t begin;
		const uint8_t *p;
		bool is_key;
		size_t len;

		vc_testpic_draw(pic, img, (uint64_t)f, f * VC_SEC / FPS);
		begin = cpu();
		need(!vc_videnc_encode(enc, img, f, false, &p, &len, &is_key),
		     "encode");
		c.encode += (double)(cpu() - begin) / 1e6 / FRAMES;
		c.octets += len;
		begin = cpu();
		need(!vc_viddec_decode(dec, p, len, &out), "decode");
		c.decode += (double)(cpu() - begin) / 1e6 / FRAMES;
		if (f % 10 == 9) {
			c.psnr += psnr(img, &out);
			seen++;
		}
	}
	c.psnr /= seen;
	vc_videnc_free(enc);
	vc_viddec_free(dec);
	return c;
}

static void beside_libvpx(const struct vc_testpic *pic, struct vc_image *img)
{
	double ours[ROUNDS], alone[ROUNDS], drawing[ROUNDS], a, b, d;

	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = run_capture();
		alone[i] = run_codec(VC_CODEC_VP8, pic, img, 0).encode;
		drawing[i] = run_drawing(pic, img);
	}
	a = median(ours, ROUNDS);
	b = median(alone, ROUNDS);
	d = median(drawing, ROUNDS);
	printf("{\"bench\":\"capture 1280x720 VP8, less the drawing\","
	       "\"value\":%.3f,\"unit\":\"CPU ms/frame\","
	       "\"peer\":\"libvpx alone\",\"peer_value\":%.3f,"
	       "\"ratio\":%.3f}\n",
	       a - d, b, (a - d) / b);
	fprintf(stderr,
		"\n1280x720 at 30 frames/s, VP8, CPU ms a frame: vc-capture "
		"%.2f, of which drawing %.2f; libvpx alone %.2f; ratio %.2f\n",
		a, d, b, (a - d) / b);
}

static void each_codec(const struct vc_testpic *pic, struct vc_image *img)
{
	static const enum vc_codec codecs[] = { VC_CODEC_VP8, VC_CODEC_VP9,
						VC_CODEC_H264, VC_CODEC_AV1 };
	struct cost c[VC_COUNT(codecs)];

	fprintf(stderr, "\n%-6s %10s %10s %8s %8s\n", "1 core", "encode ms",
		"decode ms", "dB", "kbit/s");
	for (size_t i = 0; i < VC_COUNT(codecs); i++) {
		c[i] = run_codec(codecs[i], pic, img, 1);
		printf("{\"bench\":\"encode 1280x720 %s\",\"value\":%.3f,"
		       "\"unit\":\"CPU ms/frame\",\"peer\":\"VP8\","
		       "\"peer_value\":%.3f,\"ratio\":%.3f}\n",
		       vc_codec_name(codecs[i]), c[i].encode, c[0].encode,
		       c[i].encode / c[0].encode);
		fprintf(stderr, "%-6s %10.2f %10.2f %8.1f %8.0f\n",
			vc_codec_name(codecs[i]), c[i].encode, c[i].decode,
			c[i].psnr,
			(double)c[i].octets * 8 * FPS / FRAMES / 1e3);
	}
}

int main(void)
{
	struct vc_image img = { 0 };
	struct vc_testpic pic;

	need(!vc_testpic_init(&pic, WIDTH, HEIGHT, "alice", FPS) &&
		     !vc_image_alloc(&img, WIDTH, HEIGHT),
	     "picture");
	beside_libvpx(&pic, &img);
	each_codec(&pic, &img);
	vc_image_clear(&img);
	vc_testpic_clear(&pic);
	return 0;
}
