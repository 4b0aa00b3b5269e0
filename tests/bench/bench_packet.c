/* SPDX-License-Identifier: MIT */
/*
 * From a raw picture to its last packet on a pipe, live: 1280x720 at 30 frames
 * a second, VP8. A thread writes pictures as Y4M into the program's standard
 * input at their times, as a camera would, from the program's start on; packets
 * come out of its standard output. Delay is from the moment at which a picture
 * is due to be written, to when its last packet has been read; CPU that of the
 * program, for a picture. Those of the first second do not count.
 *
 * Three take turns: vc-capture, gst-launch-1.0 with the same settings of the
 * same encoder, and a program that only reads, encodes, cuts and writes. Of
 * each the best round counts.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include "bench/pictures.h"

#define FRAMES (2 * FPS)
#define FIRST FPS /* that counts */
#define ROUNDS 8
#define PIECE 1180

enum who { OURS, GST, ALONE, N_WHO };

struct result {
	double cpu_ms, delay_ms; /* the median's */
	uint64_t octets;	 /* of packets */
};

static void alone(void)
{
	const struct vc_videnc_cfg cfg = encoder(VC_CODEC_VP8, 0);
	struct vc_image img;
	uint16_t seq = 0;
	int err;
	struct vc_videnc *enc = vc_videnc_new(&cfg, &err);

	need(enc && !vc_image_alloc(&img, WIDTH, HEIGHT), "codec");
	get_head(STDIN_FILENO);
	for (int f = 0; get_picture(STDIN_FILENO, &img); f++) {
		const uint8_t *p;
		bool is_key;
		size_t len;

		need(!vc_videnc_encode(enc, &img, f, false, &p, &len, &is_key),
		     "encode");
		while (len) {
			size_t n = len < PIECE ? len : PIECE;
			uint8_t frame[2 + VC_RTP_HEADER + PIECE];
			struct vc_wr w = vc_wr_over(frame, sizeof(frame));
			const struct vc_rtp rtp = { .pt = 96,
						    .marker = n == len,
						    .seq = seq,
						    .ts = (uint32_t)f * 3000 };

			seq++;
			vc_wr_u16(&w, (uint16_t)(VC_RTP_HEADER + n));
			vc_rtp_write(&w, &rtp);
			vc_wr_bytes(&w, p, n);
			if (vc_write_all(STDOUT_FILENO, frame, vc_wr_len(&w)))
				_exit(0);
			p += n;
			len -= n;
		}
	}
	_exit(0);
}

static struct child begin(enum who who, int in, int out)
{
	static const char *const ours[] = {
		"vc-capture", "-q",	    "--size",  "1280x720", "--fps",
		"30",	      "--vbitrate", "1500k",   "--keyint", "2s",
		"--vcodec",   "vp8",	    "--audio", "none",	   "--video",
		"raw:-",      NULL,
	};
	char line[1024];
	const char *const gst[] = { "sh", "-c", line, NULL };
	struct child c = { .fd = -1 };

	snprintf(line, sizeof(line),
		 "exec gst-launch-1.0 -q fdsrc blocksize=%d ! y4mdec ! " VP8ENC
		 " ! rtpvp8pay mtu=1200 picture-id-mode=2 ! rtpstreampay ! "
		 "fdsink sync=false",
		 FEED_PIPE, VP8ENC_ARGS);
	if (who != ALONE)
		return spawn(in, out, who == OURS ? ours : gst);
	c.pid = fork();
	need(c.pid >= 0, "fork");
	if (c.pid)
		return c;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	alone();
	return c;
}

/* Reads until all pictures came out. */
static struct result watch(struct child *c, struct feeder *f, struct tape *t)
{
	double delay[FRAMES - FIRST];
	struct result r = { 0 };
	int n = 0;

	while (n < FRAMES) {
		const uint8_t *p;
		size_t len;
		double ms;

		need(next_packet(t, &p, &len), "pictures are missing");
		r.octets += n >= FIRST ? len : 0;
		if (!vc_rtp_get_marker(p))
			continue;
		ms = (double)(now_ns(CLOCK_MONOTONIC) - f->at[n]) / 1e6;
		if (n >= FIRST)
			delay[n - FIRST] = ms;
		n++;
		if (n == FIRST)
			look(c);
	}
	r.cpu_ms = (double)look(c) / 1e6 / (FRAMES - FIRST);
	r.delay_ms = median(delay, FRAMES - FIRST);
	return r;
}

static struct result run(enum who who, struct vc_image *img)
{
	struct tape *t = vc_alloc(1, sizeof(*t));
	int in[2], out[2];
	struct feeder *f;
	struct child c;
	struct result r;

	make_feed_pipe(in);
	make_pipe(out);
	c = begin(who, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	/* One more: not its end, but the next one is what it waits for. */
	f = feed_start(in[1], img, FRAMES + FPS, false);
	t->fd = out[0];
	r = watch(&c, f, t);
	stop(&c);
	feed_stop(f);
	close(out[0]);
	free(t);
	return r;
}

static void tell_all(struct result r[N_WHO][ROUNDS])
{
	double cpu[N_WHO], delay[N_WHO];
	const double frame = 1e3 / FPS;

	for (int w = 0; w < N_WHO; w++) {
		double c[ROUNDS], d[ROUNDS];

		for (int i = 0; i < ROUNDS; i++) {
			c[i] = r[w][i].cpu_ms;
			d[i] = r[w][i].delay_ms;
		}
		cpu[w] = least(c, ROUNDS);
		delay[w] = least(d, ROUNDS);
	}
	tell("raw picture to packets, live, CPU", "CPU ms/frame", cpu[OURS],
	     "libvpx alone", cpu[ALONE], 1.1);
	tell("raw picture to packets, live, CPU", "CPU ms/frame", cpu[OURS],
	     "gst-launch-1.0", cpu[GST], 1);
	tell("raw picture to packets, delay", "ms", delay[OURS],
	     "a frame + libvpx alone", frame + delay[ALONE], 1);
	tell("raw picture to packets, delay", "ms", delay[OURS],
	     "gst-launch-1.0", delay[GST], 1);
	fprintf(stderr, "%-42s %.2f ms libvpx alone; %llu, %llu, %llu octets\n",
		"", delay[ALONE], (unsigned long long)r[OURS][0].octets,
		(unsigned long long)r[GST][0].octets,
		(unsigned long long)r[ALONE][0].octets);
}

int main(void)
{
	struct result r[N_WHO][ROUNDS];
	struct vc_image img[PICTURES];

	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_TIMERSLACK, 1);
	fprintf(stderr, "\nraw pictures to packets, 1280x720, VP8\n");
	draw_pictures(img);
	for (int i = 0; i < ROUNDS; i++)
		for (int w = 0; w < N_WHO; w++)
			r[w][i] = run((enum who)w, img);
	tell_all(r);
	clear_pictures(img);
	return 0;
}
