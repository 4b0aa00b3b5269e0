/* SPDX-License-Identifier: MIT */
/*
 * What it costs to forward a packet: `vc-recv | vc-send` beside GStreamer's
 * `udpsrc ! udpsink` and beside a bare receive -> pipe -> send in C (bare.h),
 * which is about what the kernel takes, packet by packet and in batches as our
 * tools make them. Each is started anew for each round, gets RTP of 60 sources
 * in packets of 200 or 1,200 octets at an even rate, and forwards it to a
 * socket that counts. Its cost is the user + system time of its processes over
 * a fixed number of packets, divided by how many came through. Rounds alternate,
 * so that whatever else the machine does meets all; the median of them counts.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

#include "bench/bare.h"

#define LEN_MAX 1200
#define N_SOURCES 60
#define BATCH 64
#define ROUNDS 3
#define N_PEERS 4
#define SECONDS 2

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
	pid_t pids[2];
	int n;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_forward: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return 0;
	return ts.tv_sec * VC_SEC + ts.tv_nsec;
}

static struct sockaddr_in loopback(uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(port) };

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sa;
}

static int udp(uint16_t *port)
{
	struct sockaddr_in sa = loopback(*port);
	socklen_t len = sizeof(sa);
	int size = 4 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&sa, len) ||
	    getsockname(fd, (struct sockaddr *)(void *)&sa, &len))
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*port = ntohs(sa.sin_port);
	return fd;
}

static int udp_to(uint16_t port)
{
	struct sockaddr_in sa = loopback(port);
	uint16_t any = 0;
	int fd = udp(&any);

	if (connect(fd, (struct sockaddr *)(void *)&sa, sizeof(sa)))
		die("connect");
	return fd;
}

/* --- the load --- */

static void make_packet(struct load *l, uint8_t p[static LEN_MAX])
{
	unsigned int i = l->next;
	struct vc_rtp rtp = { .pt = 111,
			      .seq = l->seq[i],
			      .ts = l->seq[i] * 960u,
			      .ssrc = 1000 + i };
	struct vc_wr w = vc_wr_over(p, l->len);

	vc_rtp_write(&w, &rtp);
	/* Opus: one CELT frame of 20 ms. */
	memset(w.p, 0x55, (size_t)(w.end - w.p));
	*w.p = 0xf8;
	l->seq[i]++;
	l->next = (i + 1) % N_SOURCES;
}

/* Names all sources, as a receiver that takes care of itself wants. */
static void announce(struct load *l)
{
	for (uint32_t i = 0; i < N_SOURCES; i++) {
		uint8_t buf[128];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		char cname[32];
		struct vc_sdes_chunk chunk = { .ssrc = 1000 + i };

		snprintf(cname, sizeof(cname), "bench%u", i);
		chunk.cname = vc_str_c(cname);
		vc_rtcp_write_rr(&w, chunk.ssrc, NULL, 0);
		vc_rtcp_write_sdes(&w, &chunk, 1);
		(void)!send(l->out, buf, vc_wr_len(&w), 0);
	}
}

static void send_batch(struct load *l, unsigned int n)
{
	static uint8_t data[BATCH][LEN_MAX];
	struct mmsghdr hdr[BATCH] = { 0 };
	struct iovec iov[BATCH];

	for (unsigned int i = 0; i < n; i++) {
		make_packet(l, data[i]);
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
	static uint8_t data[BATCH][LEN_MAX + 100];
	struct mmsghdr hdr[BATCH] = { 0 };
	struct iovec iov[BATCH];
	int n;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], sizeof(data[i]) };
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		n = recvmmsg(l->in, hdr, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			l->received += hdr[i].msg_len == l->len;
	} while (n == BATCH);
}

static void sleep_until(int64_t t)
{
	struct timespec ts = { .tv_sec = t / VC_SEC, .tv_nsec = t % VC_SEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		continue;
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
		if (batch > BATCH)
			batch = BATCH;
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

static pid_t spawn(int in, int out, const char *const argv[])
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in >= 0)
		dup2(in, STDIN_FILENO);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	die(argv[0]);
	return 0;
}

static void make_pipe(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC))
		die("pipe");
}

static struct run start_vc(uint16_t from, uint16_t to)
{
	char a[64], b[64];
	const char *const recv[] = { "vc-recv", "-q", a, NULL };
	const char *const send[] = { "vc-send", "-q", b, NULL };
	struct run r = { .n = 2 };
	int fd[2];

	snprintf(a, sizeof(a), "rtp://127.0.0.1:%u", from);
	snprintf(b, sizeof(b), "rtp://127.0.0.1:%u", to);
	make_pipe(fd);
	r.pids[0] = spawn(-1, fd[1], recv);
	r.pids[1] = spawn(fd[0], -1, send);
	close(fd[0]);
	close(fd[1]);
	return r;
}

static struct run start_gst(uint16_t from, uint16_t to)
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

	snprintf(a, sizeof(a), "port=%u", from);
	snprintf(b, sizeof(b), "port=%u", to);
	r.pids[0] = spawn(-1, -1, argv);
	return r;
}

static struct run start_any_bare(uint16_t from, uint16_t to, long sleep_ns)
{
	struct run r = { .n = 2 };
	int fd[2];

	make_pipe(fd);
	for (int i = 0; i < 2; i++) {
		r.pids[i] = fork();
		if (r.pids[i] < 0)
			die("fork");
		if (r.pids[i])
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(fd[i ? 1 : 0]);
		if (i)
			bare_send(fd[0], udp_to(to), sleep_ns > 0);
		bare_receive(udp(&from), fd[1], sleep_ns);
	}
	close(fd[0]);
	close(fd[1]);
	return r;
}

static struct run start_bare(uint16_t from, uint16_t to)
{
	return start_any_bare(from, to, 0);
}

/* As vc's tools do: asleep for 2 ms, and then a batch that the kernel cuts. */
static struct run start_batched(uint16_t from, uint16_t to)
{
	return start_any_bare(from, to, 2 * VC_MS);
}

static const struct {
	const char *name;
	struct run (*start)(uint16_t from, uint16_t to);
} peers[N_PEERS] = {
	{ "vc-recv | vc-send", start_vc },
	{ "gstreamer udpsrc ! udpsink", start_gst },
	{ "bare receive, pipe, send", start_bare },
	{ "the same in batches", start_batched },
};

static int64_t cpu_of(const struct run *r)
{
	int64_t sum = 0;

	for (int i = 0; i < r->n; i++) {
		clockid_t clock;

		if (clock_getcpuclockid(r->pids[i], &clock))
			die("cpu clock");
		sum += now_ns(clock);
	}
	return sum;
}

static void stop(const struct run *r)
{
	for (int i = 0; i < r->n; i++)
		kill(r->pids[i], SIGKILL);
	for (int i = 0; i < r->n; i++)
		waitpid(r->pids[i], NULL, 0);
}

/* Microseconds a packet, and '*lost' of a thousand. */
static double measure(int peer, unsigned int rate, size_t len, double *lost)
{
	uint64_t n = (uint64_t)rate * SECONDS, before;
	uint16_t from = 0, to = 0;
	struct load l = { .len = len };
	struct run r;
	int64_t cpu;

	close(udp(&from)); /* a port that is free */
	l.in = udp(&to);
	l.out = udp_to(from);
	r = peers[peer].start(from, to);
	for (int i = 0; i < 500 && !l.received; i++) {
		announce(&l);
		generate(&l, 10000, N_SOURCES * 2);
		settle(&l, 1);
	}
	if (!l.received) {
		fprintf(stderr, "bench_forward: %s forwards nothing\n",
			peers[peer].name);
		exit(1);
	}
	announce(&l);
	generate(&l, rate, rate / 2);
	settle(&l, l.sent);
	before = l.received;
	cpu = cpu_of(&r);
	generate(&l, rate, n);
	settle(&l, before + n);
	cpu = cpu_of(&r) - cpu;
	stop(&r);
	close(l.in);
	close(l.out);
	*lost = 1e3 * (1 - (double)(l.received - before) / (double)n);
	/* What was lost on the way is nothing that was done. */
	return (double)cpu / 1e3 / (double)(l.received - before);
}

/* --- results --- */

static int compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void bench(unsigned int rate, size_t len)
{
	double us[N_PEERS][ROUNDS], lost[N_PEERS] = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		for (int p = 0; p < N_PEERS; p++) {
			double share;

			us[p][round] = measure(p, rate, len, &share);
			if (share > lost[p])
				lost[p] = share;
		}
	}
	for (int p = 0; p < N_PEERS; p++)
		qsort(us[p], ROUNDS, sizeof(double), compare);
	for (int p = 1; p < N_PEERS; p++) {
		double ours = us[0][ROUNDS / 2], theirs = us[p][ROUNDS / 2];

		printf("{\"bench\":\"forward %u/s, %zu octets\",\"value\":%.3f,"
		       "\"unit\":\"us/packet\",\"peer\":\"%s\","
		       "\"peer_value\":%.3f,\"ratio\":%.3f}\n",
		       rate, len, ours, peers[p].name, theirs, ours / theirs);
	}
	fflush(stdout);
	for (int p = 0; p < N_PEERS; p++)
		fprintf(stderr, "%8u %6zu  %-28s %8.2f %8.2f %8.2f %9.1f\n",
			rate, len, peers[p].name, us[p][ROUNDS / 2], us[p][0],
			us[p][ROUNDS - 1], lost[p]);
}

int main(int argc, char **argv)
{
	static const unsigned int rates[] = { 3000, 40000, 100000 };
	static const size_t lens[] = { 200, LEN_MAX };

	prctl(PR_SET_TIMERSLACK, 1);
	signal(SIGPIPE, SIG_IGN);
	fprintf(stderr,
		"\nforwarding, CPU us/packet\npackets/s octets  %-28s median"
		"      min      max  lost/1000\n",
		"");
	for (size_t i = 0; i < VC_COUNT(rates); i++) {
		if (argc < 2 || strtoul(argv[1], NULL, 10) == rates[i])
			for (size_t k = 0; k < VC_COUNT(lens); k++)
				bench(rates[i], lens[k]);
	}
	return 0;
}
