/* SPDX-License-Identifier: MIT */
/*
 * What encoding costs, at 1280x720 and 30 frames a second.
 *
 * `vc-capture --vcodec vp8 --virtual raw:FILE` from its start to its end, and
 * beside it a program that only reads the same file and gives its pictures to
 * libvpx with the same settings: as many octets come out of both, so the work
 * is the same. CPU is user and system time by getrusage(). Rounds take turns,
 * and of each the cheapest counts, so that a machine that is busy otherwise
 * says nearly the same.
 *
 * Then every codec alone: CPU of a frame, to encode it and to decode it, beside
 * VP8's, and how good the pictures are.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <math.h>

#include "bench/pictures.h"

#define FRAMES 150 /* 5 s, as the command says */
#define ROUNDS 5
#define FEW 30 /* of the codecs alone: the last of them are measured */

static const char *const command[] = {
	"sh",
	"-c",
	"exec vc-capture -q --virtual --loop -t 5s --size 1280x720 --fps 30 "
	"--vbitrate 1500k --keyint 2s --vcodec vp8 --audio none "
	"--video raw:\"$RAW\" --stats=\"$STATS\" -o /dev/null",
	NULL,
};

struct cost {
	double encode, decode; /* CPU ms a frame */
	double psnr;
	size_t octets;
};

/* --- beside libvpx --- */

/* The last record's. */
static uint64_t octets_said(const char *path)
{
	char line[65536];
	uint64_t octets = 0;
	FILE *f = fopen(path, "re");

	need(f, path);
	while (fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, "\"octets\":");

		if (at)
			octets = strtoull(at + strlen("\"octets\":"), NULL, 10);
	}
	fclose(f);
	return octets;
}

/* Ends the process; 'out' is told the octets. */
static void encode_file(const char *path, int out)
{
	const struct vc_videnc_cfg cfg = encoder(VC_CODEC_VP8, 0);
	int err, fd = open(path, O_RDONLY), null = open("/dev/null", O_WRONLY);
	struct vc_videnc *enc = vc_videnc_new(&cfg, &err);
	struct vc_image img;
	uint64_t octets = 0;

	need(enc && !vc_image_alloc(&img, WIDTH, HEIGHT), "codec");
	for (int f = 0; f < FRAMES; f++) {
		const uint8_t *p;
		bool is_key;
		size_t len;

		if (f % PICTURES == 0)
			need(!lseek(fd, 0, SEEK_SET) && get_head(fd), path);
		need(get_picture(fd, &img), path);
		need(!vc_videnc_encode(enc, &img, f, false, &p, &len, &is_key),
		     "encode");
		need(!vc_write_all(null, p, len), "write");
		octets += len;
	}
	vc_videnc_free(enc);
	vc_image_clear(&img);
	_exit(write(out, &octets, sizeof(octets)) != sizeof(octets));
}

static double run_alone(const char *path, uint64_t *octets)
{
	struct child c = { .pid = -1 };
	double ms;
	int fd[2];

	make_pipe(fd);
	c.pid = fork();
	need(c.pid >= 0, "fork");
	if (!c.pid)
		encode_file(path, fd[1]);
	close(fd[1]);
	ms = spent_ms(&c);
	need(read(fd[0], octets, sizeof(*octets)) == sizeof(*octets), "octets");
	close(fd[0]);
	return ms / FRAMES;
}

static double run_capture(const char *stats, uint64_t *octets)
{
	struct child c = spawn(-1, -1, command);
	double ms = spent_ms(&c);

	*octets = octets_said(stats);
	return ms / FRAMES;
}

static void write_file(const char *path, const struct vc_image *img)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	need(fd >= 0, path);
	put_head(fd);
	for (int i = 0; i < PICTURES; i++)
		need(put_picture(fd, &img[i]), path);
	close(fd);
}

static void beside_libvpx(const struct vc_image *img)
{
	char dir[] = "/tmp/vc-bench-XXXXXX", raw[64], stats[64];
	double ours[ROUNDS], alone[ROUNDS];
	uint64_t a = 0, b = 0;

	need(mkdtemp(dir), dir);
	snprintf(raw, sizeof(raw), "%s/a.y4m", dir);
	snprintf(stats, sizeof(stats), "%s/stats", dir);
	setenv("RAW", raw, 1);
	setenv("STATS", stats, 1);
	write_file(raw, img);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = run_capture(stats, &a);
		alone[i] = run_alone(raw, &b);
		if (a == b)
			continue;
		fprintf(stderr,
			"bench_encode: %llu and %llu octets: not the "
			"same work\n",
			(unsigned long long)a, (unsigned long long)b);
		exit(1);
	}
	unlink(stats);
	unlink(raw);
	rmdir(dir);
	tell("encode 1280x720 VP8 from a file", "CPU ms/frame",
	     least(ours, ROUNDS), "libvpx alone", least(alone, ROUNDS), 1.1);
}

/* --- the codecs --- */

static int64_t cpu(void)
{
	return now_ns(CLOCK_PROCESS_CPUTIME_ID);
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

static struct cost run_codec(enum vc_codec codec, const struct vc_image *img)
{
	const struct vc_videnc_cfg cfg = encoder(codec, 1);
	const struct vc_viddec_cfg dec_cfg = { codec, WIDTH, HEIGHT, 0 };
	struct cost c = { .encode = 1e9, .decode = 1e9 };
	int err;
	struct vc_videnc *enc = vc_videnc_new(&cfg, &err);
	struct vc_viddec *dec = vc_viddec_new(&dec_cfg, &err);
	double spent[2][FEW];

	need(enc && dec, "codec");
	for (int f = 0; f < FEW; f++) {
		struct vc_image out;
		int64_t begin = cpu(), middle;
		const uint8_t *p;
		bool is_key;
		size_t len;

		need(!vc_videnc_encode(enc, &img[f % PICTURES], f, false, &p,
				       &len, &is_key),
		     "encode");
		middle = cpu();
		need(!vc_viddec_decode(dec, p, len, &out), "decode");
		spent[0][f] = (double)(middle - begin) / 1e6;
		spent[1][f] = (double)(cpu() - middle) / 1e6;
		c.octets += len;
		if (f == FEW - 1)
			c.psnr = psnr(&img[f % PICTURES], &out);
	}
	/* The first is a key frame, of which there are few. */
	c.encode = median(spent[0] + 1, FEW - 1);
	c.decode = median(spent[1] + 1, FEW - 1);
	vc_videnc_free(enc);
	vc_viddec_free(dec);
	return c;
}

static void each_codec(const struct vc_image *img)
{
	static const enum vc_codec codecs[] = { VC_CODEC_VP8, VC_CODEC_VP9,
						VC_CODEC_H264, VC_CODEC_AV1 };
	struct cost c[VC_COUNT(codecs)];

	fprintf(stderr, "\n%-6s %10s %10s %8s %8s\n", "1 core", "encode ms",
		"decode ms", "dB", "kbit/s");
	for (size_t i = 0; i < VC_COUNT(codecs); i++) {
		c[i] = run_codec(codecs[i], img);
		printf("{\"bench\":\"encode 1280x720 %s\",\"value\":%.3f,"
		       "\"unit\":\"CPU ms/frame\",\"peer\":\"VP8\","
		       "\"peer_value\":%.3f,\"ratio\":%.3f}\n",
		       vc_codec_name(codecs[i]), c[i].encode, c[0].encode,
		       c[i].encode / c[0].encode);
		fflush(stdout);
		fprintf(stderr, "%-6s %10.2f %10.2f %8.1f %8.0f\n",
			vc_codec_name(codecs[i]), c[i].encode, c[i].decode,
			c[i].psnr, (double)c[i].octets * 8 * FPS / FEW / 1e3);
	}
}

int main(void)
{
	struct vc_image img[PICTURES];

	fprintf(stderr, "\nencoding\n");
	draw_pictures(img);
	beside_libvpx(img);
	each_codec(img);
	clear_pictures(img);
	return 0;
}
