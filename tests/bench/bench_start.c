/* SPDX-License-Identifier: MIT */
/*
 * How long it takes vc-capture from its start to its first packet of RTP on a
 * pipe: of the test source, and of a WebM file that is in memory; beside
 * gst-launch-1.0 with the same kind of source and encoder. Rounds take turns,
 * and the quickest counts. What is native has not started GStreamer: then there
 * would be its registry.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include "bench/pictures.h"

#define ROUNDS 15

struct start {
	const char *what;
	double goal_ms;
	const char *ours, *peer; /* for a shell */
	bool is_native;
};

/* FILE is the WebM file. Both encode pictures of 640x360. */
#define ENCODER                                           \
	" ! vp8enc deadline=1 cpu-used=-6 end-usage=cbr " \
	"target-bitrate=800000 ! rtpvp8pay ! rtpstreampay ! fdsink"

static const struct start starts[] = {
	{ "vc-capture test: to first packet", 50, "exec vc-capture -q test:",
	  "exec gst-launch-1.0 -q videotestsrc is-live=true ! "
	  "video/x-raw,format=I420,width=640,height=360" ENCODER,
	  true },
	{ "vc-capture FILE to first packet", 200,
	  "exec vc-capture -q --audio none \"$FILE\"",
	  "exec gst-launch-1.0 -q filesrc location=\"$FILE\" ! matroskademux ! "
	  "vp8dec" ENCODER,
	  false },
};

/* ms. */
static double first_packet(const char *command)
{
	const char *const argv[] = { "sh", "-c", command, NULL };
	struct tape *t = vc_alloc(1, sizeof(*t));
	int64_t begin = now_ns(CLOCK_MONOTONIC);
	struct child c = start(argv, STDOUT_FILENO);
	const uint8_t *p;
	size_t len;
	double ms;

	t->fd = c.fd;
	need(next_packet(t, &p, &len), command);
	ms = (double)(now_ns(CLOCK_MONOTONIC) - begin) / 1e6;
	stop(&c);
	free(t);
	return ms;
}

static void make_file(const char *path)
{
	const char *const argv[] = {
		"sh", "-c",
		"vc-capture -q --virtual -t 2s test: | vc-record -q \"$FILE\" "
		">/dev/null",
		NULL
	};
	struct child c;

	setenv("FILE", path, 1);
	c = spawn(-1, -1, argv);
	spent_ms(&c);
}

static void measure(const struct start *s, const char *registry)
{
	double ours[ROUNDS], peer[ROUNDS], a, b;

	setenv("GST_REGISTRY", registry, 1);
	unlink(registry);
	first_packet(s->ours);
	if (s->is_native != !!access(registry, F_OK)) {
		fprintf(stderr, "bench_start: %s: GStreamer was %sstarted\n",
			s->what, s->is_native ? "" : "not ");
		exit(1);
	}
	first_packet(s->peer);
	for (int i = 0; i < ROUNDS; i++) {
		ours[i] = first_packet(s->ours);
		peer[i] = first_packet(s->peer);
	}
	a = least(ours, ROUNDS);
	b = least(peer, ROUNDS);
	tell(s->what, "ms", a, "goal", s->goal_ms, 1);
	tell(s->what, "ms", a, "gst-launch-1.0", b, s->is_native);
	fprintf(stderr, "%-42s medians %.1f and %.1f ms\n", "",
		median(ours, ROUNDS), median(peer, ROUNDS));
}

int main(void)
{
	char dir[] = "/tmp/vc-bench-XXXXXX", path[64], registry[64];

	fprintf(stderr, "\nfrom start to first packet\n");
	need(mkdtemp(dir), dir);
	snprintf(path, sizeof(path), "%s/a.webm", dir);
	snprintf(registry, sizeof(registry), "%s/registry", dir);
	make_file(path);
	for (size_t i = 0; i < VC_COUNT(starts); i++)
		measure(&starts[i], registry);
	unlink(path);
	unlink(registry);
	rmdir(dir);
	return 0;
}
