/* SPDX-License-Identifier: MIT */
/*
 * From a raw picture to the screen, over loopback: 1280x720 at 30 frames a
 * second, VP8.
 *
 *	camera | vc-capture | vc-send -> vc-recv | vc-play
 *
 * and the same by two pipelines of GStreamer, with the same settings of the
 * same encoder. The camera is a thread that writes pictures with marks
 * (media/mark.h) as Y4M into a pipe at their times; the screen is Xvfb's, whose
 * memory is looked at every 0.3 ms for the mark of the next picture. Delay is
 * from the moment at which a picture is due to be written to when it is seen;
 * CPU that of all programs but Xvfb, for a picture.
 *
 * Each as it is by itself, where GStreamer's jitter buffer holds everything
 * for 200 ms, and ours as long as delays vary; and each with no time to wait
 * at all. All take turns, and of each the best round counts.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <sys/mman.h>

#include "bench/pictures.h"

#define ROUNDS 5
#define FRAMES (2 * FPS) /* that count */
#define SKIP FPS	 /* seen before them */

/* --- the screen --- */

struct screen {
	struct child server;
	char dir[32], path[64];
	uint8_t *map, *pixels;
	size_t map_len, stride;
};

/* Of an XWD header. */
static uint32_t word(const struct screen *s, size_t i)
{
	return vc_get_u32(s->map + 4 * i);
}

static void map_screen(struct screen *s)
{
	int fd = open(s->path, O_RDONLY | O_CLOEXEC);

	s->map_len = (size_t)lseek(fd, 0, SEEK_END);
	s->map = mmap(NULL, s->map_len, PROT_READ, MAP_SHARED, fd, 0);
	need(fd >= 0 && s->map != MAP_FAILED, s->path);
	close(fd);
	/* header_size, bits_per_pixel, bytes_per_line, ncolors */
	s->stride = word(s, 12);
	s->pixels = s->map + word(s, 0) + (size_t)12 * word(s, 19);
	need(word(s, 11) == 32 && s->stride >= (size_t)4 * WIDTH &&
		     s->pixels + s->stride * HEIGHT <= s->map + s->map_len,
	     "the screen's form");
}

static void open_screen(struct screen *s)
{
	char line[256], number[16], display[20];
	const char *const argv[] = { "sh", "-c", line, NULL };
	ssize_t n = 0, got;

	strcpy(s->dir, "/tmp/vc-bench-XXXXXX");
	need(mkdtemp(s->dir), s->dir);
	snprintf(s->path, sizeof(s->path), "%s/Xvfb_screen0", s->dir);
	snprintf(line, sizeof(line),
		 "exec Xvfb -displayfd 1 -screen 0 %dx%dx24 -fbdir %s "
		 "-nolisten tcp -noreset 2>/dev/null",
		 WIDTH, HEIGHT, s->dir);
	s->server = start(argv, STDOUT_FILENO);
	/* It says which display it is when it is up. */
	do {
		got = read(s->server.fd, number + n,
			   sizeof(number) - 1 - (size_t)n);
		need(got > 0, "Xvfb");
		n += got;
	} while (number[n - 1] != '\n');
	number[n - 1] = '\0';
	snprintf(display, sizeof(display), ":%s", number);
	setenv("DISPLAY", display, 1);
	map_screen(s);
}

static void close_screen(struct screen *s)
{
	munmap(s->map, s->map_len);
	kill(s->server.pid, SIGTERM);
	waitpid(s->server.pid, NULL, 0);
	close(s->server.fd);
	unlink(s->path);
	rmdir(s->dir);
}

/* The number of the picture that is on, or -1: none can be read. */
static int seen(const struct screen *s, const struct vc_rect *at)
{
	int cell = at->w / VC_MARK_WIDTH;
	uint8_t cells[VC_MARK_CELLS];
	struct vc_mark mark;

	for (int i = 0; i < VC_MARK_CELLS; i++) {
		int x = at->x + (6 + i % VC_MARK_COLS) * cell + cell / 2;
		int y = at->y + (1 + i / VC_MARK_COLS) * cell + cell / 2;

		/* Green, between what light and dark become. */
		cells[i] =
			s->pixels[(size_t)y * s->stride + (size_t)x * 4 + 1] >
			124;
	}
	if (vc_mark_decode(&mark, cells) < 0 || mark.id != vc_mark_id("alice"))
		return -1;
	return mark.frame;
}

/* --- the chains --- */

struct chain {
	struct child c[4];
	size_t n;
	int in;
};

#define CAPTURE                                                                \
	"vc-capture", "-q", "--size", "1280x720", "--fps", "30", "--vbitrate", \
		"1500k", "--keyint", "2s", "--vcodec", "vp8", "--audio",       \
		"none", "--video", "raw:-"

static void start_two(struct chain *c, int in, const char *const *a,
		      const char *const *b)
{
	int fd[2];

	make_pipe(fd);
	c->c[c->n] = spawn(in, fd[1], a);
	c->c[c->n + 1] = spawn(fd[0], -1, b);
	c->n += 2;
	close(fd[0]);
	close(fd[1]);
}

static void start_ours(struct chain *c, int in, bool at_once)
{
	char url[64];
	const char *const capture[] = { CAPTURE, NULL };
	const char *const send[] = { "vc-send", "-q", url, NULL };
	const char *const recv[] = { "vc-recv", "-q", url, NULL };
	const char *const play[] = { "vc-play", "-q", "--latency",
				     at_once ? "0ms" : "auto", NULL };

	snprintf(url, sizeof(url), "rtp://127.0.0.1:%u", free_port());
	start_two(c, -1, recv, play);
	start_two(c, in, capture, send);
}

static void start_peer(struct chain *c, int in, bool at_once)
{
	uint16_t port = free_port();
	char here[512], there[1024];
	const char *const recv[] = { "sh", "-c", here, NULL };
	const char *const send[] = { "sh", "-c", there, NULL };

	snprintf(
		here, sizeof(here),
		"exec gst-launch-1.0 -q udpsrc port=%u caps='application/x-rtp,"
		"media=video,clock-rate=90000,encoding-name=VP8,payload=96' ! "
		"rtpjitterbuffer %s ! rtpvp8depay ! vp8dec threads=1 ! "
		"videoconvert ! ximagesink %s",
		port, at_once ? "latency=0" : "", at_once ? "sync=false" : "");
	snprintf(there, sizeof(there),
		 "exec gst-launch-1.0 -q fdsrc blocksize=%d ! y4mdec ! " VP8ENC
		 " ! rtpvp8pay mtu=1200 picture-id-mode=2 ! "
		 "udpsink host=127.0.0.1 port=%u sync=false",
		 FEED_PIPE, VP8ENC_ARGS, port);
	c->c[0] = spawn(-1, -1, recv);
	c->c[1] = spawn(in, -1, send);
	c->n = 2;
}

static double spent(struct chain *c)
{
	int64_t ns = 0;

	for (size_t i = 0; i < c->n; i++)
		ns += look(&c->c[i]);
	return (double)ns / 1e6;
}

/* --- measuring --- */

struct result {
	double delay_ms; /* the median's */
	double cpu_ms;	 /* a picture */
};

static struct result watch(const struct screen *s, struct chain *c,
			   struct feeder *f)
{
	int64_t limit = now_ns(CLOCK_MONOTONIC) + PATIENCE * VC_MS;
	double delay[FRAMES];
	int last = -1, first = 0, n = -SKIP;
	struct vc_rect at;
	struct result r;

	need(!vc_mark_place(WIDTH, HEIGHT, &at), "mark");
	while (n < FRAMES) {
		int64_t now = now_ns(CLOCK_MONOTONIC);
		int frame = seen(s, &at);

		if (now > limit)
			die("no picture is seen");
		if (frame < 0 || frame == last || frame >= FEED_MAX) {
			sleep_until(now + 300 * VC_US);
			continue;
		}
		limit = now + PATIENCE * VC_MS;
		last = frame;
		if (n >= 0)
			delay[n] = (double)(now - f->at[frame]) / 1e6;
		n++;
		if (n == 0) {
			first = frame;
			spent(c);
		}
	}
	r.cpu_ms = spent(c) / (last - first);
	r.delay_ms = median(delay, FRAMES);
	return r;
}

static struct result run(const struct screen *s, struct vc_image *img,
			 bool is_ours, bool at_once)
{
	struct chain c = { .n = 0 };
	struct feeder *f;
	struct result r;
	int in[2];

	make_feed_pipe(in);
	if (is_ours)
		start_ours(&c, in[0], at_once);
	else
		start_peer(&c, in[0], at_once);
	close(in[0]);
	f = feed_start(in[1], img, FEED_MAX, true);
	r = watch(s, &c, f);
	for (size_t i = 0; i < c.n; i++)
		stop(&c.c[i]);
	feed_stop(f);
	return r;
}

static void measure(const struct screen *s, struct vc_image *img, bool at_once)
{
	const char *how = at_once ? "none held back" : "as they are";
	double delay[2][ROUNDS], cpu[2][ROUNDS];
	char what[80];

	for (int i = 0; i < ROUNDS; i++)
		for (int w = 0; w < 2; w++) {
			struct result r = run(s, img, !w, at_once);

			delay[w][i] = r.delay_ms;
			cpu[w][i] = r.cpu_ms;
		}
	snprintf(what, sizeof(what), "camera to screen, %s", how);
	tell(what, "ms", least(delay[0], ROUNDS), "gst-launch-1.0",
	     least(delay[1], ROUNDS), 1);
	snprintf(what, sizeof(what), "camera to screen, CPU, %s", how);
	tell(what, "CPU ms/frame", least(cpu[0], ROUNDS), "gst-launch-1.0",
	     least(cpu[1], ROUNDS), 1);
}

int main(void)
{
	struct vc_image img[PICTURES];
	struct screen screen;

	signal(SIGPIPE, SIG_IGN);
	prctl(PR_SET_TIMERSLACK, 1);
	/* No sound is played: no server is to be started for it. */
	setenv("PULSE_SERVER", "unix:/nonexistent", 1);
	unsetenv("WAYLAND_DISPLAY");
	fprintf(stderr, "\ncamera to screen over loopback, 1280x720, VP8\n");
	draw_pictures(img);
	open_screen(&screen);
	measure(&screen, img, false);
	measure(&screen, img, true);
	close_screen(&screen);
	clear_pictures(img);
	return 0;
}
