/* SPDX-License-Identifier: MIT */
/*
 * What measurements of pictures share: raw pictures in memory, a thread that
 * writes them into a pipe as Y4M as a camera would, packets that are read from
 * a pipe, and a line for a result that has a goal.
 */
#ifndef VC_TESTS_BENCH_PICTURES_H
#define VC_TESTS_BENCH_PICTURES_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/uio.h>

#include "bench/bench.h"
#include "codec/video.h"
#include "media/mark.h"
#include "media/testpic.h"

#define WIDTH 1280
#define HEIGHT 720
#define FPS 30
#define PICTURES 30 /* then over again */
#define PICTURE_LEN ((size_t)WIDTH * HEIGHT * 3 / 2)
#define BITRATE 1500000
#define FEED_MAX (120 * FPS)
#define FEED_PIPE (1 << 20) /* octets that wait there */
#define PATIENCE 30000	    /* ms without anything: it has failed */

/*
 * GStreamer's encoder as vc-capture sets its own (common/codec/vpxenc.c), with
 * arguments for the numbers in it.
 */
#define VP8ENC                                                              \
	"vp8enc deadline=1 cpu-used=-8 threads=%d end-usage=cbr "           \
	"target-bitrate=%d keyframe-max-dist=%d keyframe-mode=auto "        \
	"min-quantizer=2 max-quantizer=56 undershoot=100 overshoot=15 "     \
	"buffer-size=1000 buffer-initial-size=500 buffer-optimal-size=600 " \
	"static-threshold=1 max-intra-bitrate=900 token-partitions=2 "      \
	"auto-alt-ref=false lag-in-frames=0 error-resilient=0 "             \
	"dropframe-threshold=0 noise-sensitivity=0"
#define VP8ENC_ARGS \
	vc_videnc_threads(VC_CODEC_VP8, WIDTH, HEIGHT), BITRATE, 2 * FPS

/* 'value' is ours; the ratio should be 'goal' or less, where that is not 0. */
static inline void tell(const char *what, const char *unit, double value,
			const char *peer, double theirs, double goal)
{
	printf("{\"bench\":\"%s\",\"value\":%.3f,\"unit\":\"%s\","
	       "\"peer\":\"%s\",\"peer_value\":%.3f,\"ratio\":%.3f",
	       what, value, unit, peer, theirs, value / theirs);
	fprintf(stderr, "%-42s %8.2f %-12s %-24s %8.2f  ratio %.2f", what,
		value, unit, peer, theirs, value / theirs);
	if (goal > 0) {
		printf(",\"goal\":%.2f", goal);
		fprintf(stderr, ", goal %.2f", goal);
	}
	puts("}");
	fflush(stdout);
	fputc('\n', stderr);
}

static inline double least(const double *v, size_t n)
{
	double min = v[0];

	for (size_t i = 1; i < n; i++)
		min = v[i] < min ? v[i] : min;
	return min;
}

/* CPU of a program that has ended, or ends now: ms. */
static inline double spent_ms(const struct child *c)
{
	struct rusage u;
	int status;

	if (wait4(c->pid, &status, 0, &u) != c->pid || status)
		die("a program under test has failed");
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

/* What vc-capture has by default for the size, rate and bit rate. */
static inline struct vc_videnc_cfg encoder(enum vc_codec codec, int threads)
{
	return (struct vc_videnc_cfg){
		.codec = codec,
		.width = WIDTH,
		.height = HEIGHT,
		.fps_num = FPS,
		.fps_den = 1,
		.bitrate_bps = BITRATE,
		.keyint_frames = 2 * FPS,
		.threads = threads,
	};
}

/* --- pictures --- */

/* Rows have no padding at this size, and planes lie one behind the other. */
static inline void draw_pictures(struct vc_image img[static PICTURES])
{
	struct vc_testpic pic;

	need(!vc_testpic_init(&pic, WIDTH, HEIGHT, "alice", FPS), "picture");
	for (int i = 0; i < PICTURES; i++) {
		need(!vc_image_alloc(&img[i], WIDTH, HEIGHT), "picture");
		need(img[i].u == img[i].y + (size_t)WIDTH * HEIGHT &&
			     img[i].v == img[i].u + PICTURE_LEN / 6,
		     "planes");
		vc_testpic_draw(&pic, &img[i], (uint64_t)i, i * VC_SEC / FPS);
	}
	vc_testpic_clear(&pic);
}

static inline void clear_pictures(struct vc_image img[static PICTURES])
{
	for (int i = 0; i < PICTURES; i++)
		vc_image_clear(&img[i]);
}

static inline void put_head(int fd)
{
	dprintf(fd, "YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n", WIDTH, HEIGHT,
		FPS);
}

/* False: nobody reads. */
static inline bool put_picture(int fd, const struct vc_image *img)
{
	return !vc_write_all(fd, "FRAME\n", 6) &&
	       !vc_write_all(fd, img->y, PICTURE_LEN);
}

/* What a program that is one function reads: false at its end. */
static inline bool get_picture(int fd, struct vc_image *img)
{
	uint8_t line[6];
	size_t at = 0;

	while (at < sizeof(line) + PICTURE_LEN) {
		bool is_line = at < sizeof(line);
		uint8_t *to = is_line ? line + at : img->y + at - sizeof(line);
		ssize_t n =
			read(fd, to,
			     sizeof(line) + (is_line ? 0 : PICTURE_LEN) - at);

		if (n <= 0)
			return false;
		at += (size_t)n;
	}
	return true;
}

static inline bool get_head(int fd)
{
	char c = 0;

	while (c != '\n')
		if (read(fd, &c, 1) != 1)
			return false;
	return true;
}

/* --- a camera --- */

struct feeder {
	pthread_t thread;
	int fd;
	struct vc_image *img;
	bool has_marks; /* with the picture's number */
	int n;		/* pictures, FEED_MAX at most */
	atomic_bool is_over;
	_Atomic int64_t at[FEED_MAX]; /* when each was there */
};

static inline void *feed(void *ctx)
{
	struct feeder *f = ctx;
	int64_t begin = now_ns(CLOCK_MONOTONIC);

	put_head(f->fd);
	for (int i = 0; i < f->n && !f->is_over; i++) {
		struct vc_image *img = &f->img[i % PICTURES];
		const struct vc_mark mark = vc_mark_make(
			vc_mark_id("alice"), (uint64_t)i, i * VC_SEC / FPS);

		if (f->has_marks)
			vc_mark_draw(img, &mark);
		f->at[i] = begin + i * VC_SEC / FPS;
		sleep_until(f->at[i]);
		if (!put_picture(f->fd, img))
			break;
	}
	close(f->fd);
	return NULL;
}

static inline void make_feed_pipe(int fd[2])
{
	make_pipe(fd);
	fcntl(fd[1], F_SETPIPE_SZ, FEED_PIPE);
}

/* 'fd' is the feeder's from here on. */
static inline struct feeder *feed_start(int fd, struct vc_image *img, int n,
					bool has_marks)
{
	struct feeder *f = vc_alloc(1, sizeof(*f));

	f->fd = fd;
	f->img = img;
	f->n = n;
	f->has_marks = has_marks;
	need(!pthread_create(&f->thread, NULL, feed, f), "thread");
	return f;
}

/* Whoever reads has ended, or reads on. */
static inline void feed_stop(struct feeder *f)
{
	f->is_over = true;
	pthread_join(f->thread, NULL);
	free(f);
}

/* --- packets --- */

/* RFC 4571: a stream of ours, or rtpstreampay's. */
struct tape {
	int fd;
	size_t at, len;
	uint8_t buf[1 << 17];
};

/* The next packet of RTP; false: it has ended. */
static inline bool next_packet(struct tape *t, const uint8_t **p, size_t *len)
{
	struct pollfd ready = { .fd = t->fd, .events = POLLIN };

	for (;;) {
		size_t have = t->len - t->at;
		ssize_t n;

		if (have >= 2 && have - 2 >= vc_get_u16(t->buf + t->at)) {
			*len = vc_get_u16(t->buf + t->at);
			*p = t->buf + t->at + 2;
			t->at += 2 + *len;
			if (vc_demux(*p, *len) == VC_DEMUX_RTP)
				return true;
			continue;
		}
		memmove(t->buf, t->buf + t->at, have);
		t->at = 0;
		t->len = have;
		if (poll(&ready, 1, PATIENCE) != 1)
			die("nothing comes");
		n = read(t->fd, t->buf + have, sizeof(t->buf) - have);
		if (n <= 0)
			return false;
		t->len += (size_t)n;
	}
}

#endif
