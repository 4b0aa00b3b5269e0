/* SPDX-License-Identifier: MIT */
/*
 * What it costs to forward a packet: `vc-recv | vc-send` beside GStreamer's
 * `udpsrc ! udpsink` and beside a bare receive -> pipe -> send in C (bare.h),
 * which is about what the kernel takes, packet by packet, in batches as our
 * tools make them (same sleeps, same packets a system call, same pipe), and in
 * batches with what the format of a stream asks for. Each gets RTP of 60 sources
 * in packets of 200 or 1,200 octets at an even rate, and forwards it to a socket
 * that counts. Its cost is the user + system time of its processes, divided by
 * how many packets came through. All are there all the time, and half a second
 * each they have their turns, so that whatever else the machine does meets all;
 * the median of the turns counts.
 *
 * A turn is measured once it flows: before, a tenth of a second goes by.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include "bench/bare.h"
#include "bench/bench.h"

#define LEN_MAX 1200
#define N_SOURCES 60
#define TURNS 11
#define N_PEERS 5
#define A_TURN 2 /* of a second */

struct load {
	size_t len; /* of a packet */
	int out;    /* sends to the forwarder */
	int in;	    /* what it forwards */
	uint16_t seq[N_SOURCES];
	unsigned int next;
	uint64_t sent;
	uint64_t received;
};

struct run {
	struct child c[2];
	int n;
};

/* --- the load --- */

/* Names all sources, as a receiver that takes care of itself wants. */
static void announce(struct load *l)
{
	for (uint32_t i = 0; i < N_SOURCES; i++) {
		uint8_t p[128];
		size_t len = make_name(p, sizeof(p), 1000 + i);

		(void)!send(l->out, p, len, 0);
	}
}

static void send_batch(struct load *l, unsigned int n)
{
	static uint8_t data[BENCH_BATCH][LEN_MAX];
	struct mmsghdr hdr[BENCH_BATCH] = { 0 };
	struct iovec iov[BENCH_BATCH];

	for (unsigned int i = 0; i < n; i++) {
		unsigned int k = l->next;

		make_packet(data[i], l->len, 1000 + k, l->seq[k]++);
		l->next = (k + 1) % N_SOURCES;
		iov[i] = (struct iovec){ data[i], l->len };
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	for (unsigned int i = 0; i < n;) {
		int got = sendmmsg(l->out, hdr + i, n - i, 0);

		/* Refused: it is not up yet, or has died. */
		i += got > 0 ? (unsigned int)got : 1;
	}
	l->sent += n;
}

static void drain(struct load *l)
{
	l->received += take_all(l->in, l->len);
}

/* 'n' packets at times that do not depend on how long anything takes. */
static void generate(struct load *l, unsigned int rate, uint64_t n)
{
	int64_t start = now_ns(CLOCK_MONOTONIC);
	uint64_t done = 0;

	while (done < n) {
		int64_t t = now_ns(CLOCK_MONOTONIC) - start;
		uint64_t due = (uint64_t)(t / 1000 * rate / 1000000) + 1;
		uint64_t batch;

		if (due > n)
			due = n;
		batch = due > done ? due - done : 0;
		if (batch > BENCH_BATCH)
			batch = BENCH_BATCH;
		if (batch)
			send_batch(l, (unsigned int)batch);
		done += batch;
		drain(l);
		if (done >= due)
			sleep_until(start +
				    (int64_t)done * VC_SEC / (int64_t)rate);
	}
}

/* Waits for what is on its way. */
static void settle(struct load *l, uint64_t want)
{
	struct pollfd p = { .fd = l->in, .events = POLLIN };

	while (l->received < want && poll(&p, 1, 200) > 0)
		drain(l);
}

/* --- the forwarders --- */

static struct run start_vc(uint16_t from, uint16_t to, unsigned int rate)
{
	char a[64], b[64];
	const char *const recv[] = { "vc-recv", "-q", a, NULL };
	const char *const send[] = { "vc-send", "-q", b, NULL };
	struct run r = { .n = 2 };
	int fd[2];

	(void)rate;
	snprintf(a, sizeof(a), "rtp://127.0.0.1:%u", from);
	snprintf(b, sizeof(b), "rtp://127.0.0.1:%u", to);
	make_pipe(fd);
	r.c[0] = spawn(-1, fd[1], recv);
	r.c[1] = spawn(fd[0], -1, send);
	close(fd[0]);
	close(fd[1]);
	return r;
}

static struct run start_gst(uint16_t from, uint16_t to, unsigned int rate)
{
	char a[64], b[64];
	const char *const argv[] = { "gst-launch-1.0",
				     "-q",
				     "udpsrc",
				     "address=127.0.0.1",
				     a,
				     "!",
				     "udpsink",
				     "host=127.0.0.1",
				     b,
				     "sync=false",
				     NULL };
	struct run r = { .n = 1 };

	(void)rate;
	snprintf(a, sizeof(a), "port=%u", from);
	snprintf(b, sizeof(b), "port=%u", to);
	r.c[0] = spawn(-1, -1, argv);
	return r;
}

static struct run start_any_bare(uint16_t from, uint16_t to, long sleep_ns,
				 bool with_format)
{
	struct run r = { .n = 2 };
	int fd[2];

	make_pipe(fd);
	fcntl(fd[1], F_SETPIPE_SZ, BARE_PIPE);
	for (int i = 0; i < 2; i++) {
		r.c[i] = (struct child){ .pid = fork(), .fd = -1 };
		if (r.c[i].pid < 0)
			die("fork");
		if (r.c[i].pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fd[i ? 1 : 0]);
		if (i)
			bare_send(fd[0], udp_to(to), sleep_ns > 0, with_format);
		bare_receive(udp_at(INADDR_LOOPBACK, &from), fd[1], sleep_ns,
			     with_format);
	}
	close(fd[0]);
	close(fd[1]);
	return r;
}

static struct run start_bare(uint16_t from, uint16_t to, unsigned int rate)
{
	(void)rate;
	return start_any_bare(from, to, 0, false);
}

static struct run start_batched(uint16_t from, uint16_t to, unsigned int rate)
{
	return start_any_bare(from, to, bare_sleep(rate), false);
}

static struct run start_formatted(uint16_t from, uint16_t to, unsigned int rate)
{
	return start_any_bare(from, to, bare_sleep(rate), true);
}

static const struct {
	const char *name;
	struct run (*start)(uint16_t from, uint16_t to, unsigned int rate);
} peers[N_PEERS] = {
	{ "vc-recv | vc-send", start_vc },
	{ "gstreamer udpsrc ! udpsink", start_gst },
	{ "bare receive, pipe, send", start_bare },
	{ "the same in batches", start_batched },
	{ "in batches, with the format", start_formatted },
};

/* What it has used since the last look, ns. */
static int64_t look_at(struct run *r)
{
	int64_t sum = 0;

	for (int i = 0; i < r->n; i++)
		sum += look(&r->c[i]);
	return sum;
}

/* One of them, and what it is fed by. */
struct side {
	struct load l;
	struct run r;
	double us[TURNS]; /* CPU a packet */
	int64_t lost;	  /* less than none: of the turn before it came late */
};

static void begin(struct side *s, int peer, unsigned int rate, size_t len)
{
	uint16_t from = free_port(), to = 0;
	struct load *l = &s->l;

	*s = (struct side){ .l.len = len };
	l->in = udp_at(INADDR_LOOPBACK, &to);
	l->out = udp_to(from);
	s->r = peers[peer].start(from, to, rate);
	for (int i = 0; i < 500 && !l->received; i++) {
		announce(l);
		generate(l, 10000, N_SOURCES * 2);
		settle(l, 1);
	}
	if (!l->received) {
		fprintf(stderr, "bench_forward: %s forwards nothing\n",
			peers[peer].name);
		exit(1);
	}
	announce(l);
	generate(l, rate, rate / A_TURN);
	settle(l, l->sent);
}

static void let_flow(struct side *s, unsigned int rate)
{
	const uint64_t n = rate / 10, before = s->l.received;

	generate(&s->l, rate, n);
	settle(&s->l, before + n);
	s->lost += (int64_t)(before + n - s->l.received);
}

/* Microseconds a packet. */
static double turn(struct side *s, unsigned int rate)
{
	const uint64_t n = rate / A_TURN;
	uint64_t before;
	int64_t cpu;

	let_flow(s, rate);
	before = s->l.received;
	look_at(&s->r);
	generate(&s->l, rate, n);
	settle(&s->l, before + n);
	cpu = look_at(&s->r);
	/* What was lost on the way is nothing that was done. */
	s->lost += (int64_t)(before + n - s->l.received);
	return (double)cpu / 1e3 / (double)(s->l.received - before);
}

static void end(struct side *s)
{
	for (int i = 0; i < s->r.n; i++)
		stop(&s->r.c[i]);
	close(s->l.in);
	close(s->l.out);
	qsort(s->us, TURNS, sizeof(double), by_number);
}

/* --- results --- */

static void print(const struct side *sides, unsigned int rate, size_t len)
{
	const double n = (double)TURNS * (rate / A_TURN + rate / 10);

	for (int p = 1; p < N_PEERS; p++) {
		double ours = sides[0].us[TURNS / 2];
		double theirs = sides[p].us[TURNS / 2];

		printf("{\"bench\":\"forward %u/s, %zu octets\",\"value\":%.3f,"
		       "\"unit\":\"us/packet\",\"peer\":\"%s\","
		       "\"peer_value\":%.3f,\"ratio\":%.3f}\n",
		       rate, len, ours, peers[p].name, theirs, ours / theirs);
	}
	fflush(stdout);
	for (int p = 0; p < N_PEERS; p++) {
		const double *us = sides[p].us;

		fprintf(stderr,
			"%8u %6zu  %-28s %8.2f %8.2f %8.2f %9.1f %8.2f\n", rate,
			len, peers[p].name, us[TURNS / 2], us[0], us[TURNS - 1],
			1e3 * (double)sides[p].lost / n,
			sides[0].us[TURNS / 2] / us[TURNS / 2]);
	}
}

static void bench(unsigned int rate, size_t len)
{
	static struct side sides[N_PEERS];

	for (int p = 0; p < N_PEERS; p++)
		begin(&sides[p], p, rate, len);
	for (int i = 0; i < TURNS; i++) {
		for (int p = 0; p < N_PEERS; p++)
			sides[p].us[i] = turn(&sides[p], rate);
	}
	for (int p = 0; p < N_PEERS; p++)
		end(&sides[p]);
	print(sides, rate, len);
}

int main(int argc, char **argv)
{
	static const unsigned int rates[] = { 3000, 40000, 100000 };
	static const size_t lens[] = { 200, LEN_MAX };

	prctl(PR_SET_TIMERSLACK, 1);
	signal(SIGPIPE, SIG_IGN);
	fprintf(stderr,
		"\nforwarding, CPU us/packet\npackets/s octets  %-28s median"
		"      min      max  lost/1000    ours\n",
		"");
	for (size_t i = 0; i < VC_COUNT(rates); i++) {
		if (argc < 2 || strtoul(argv[1], NULL, 10) == rates[i])
			for (size_t k = 0; k < VC_COUNT(lens); k++)
				bench(rates[i], lens[k]);
	}
	return 0;
}
