/* SPDX-License-Identifier: MIT */
/*
 * Memory over many packets: `vc-recv | vc-send` at full speed, which is as fast
 * as packets come out at its end, with never more than some hundreds on their
 * way. What is resident after a million packets, and after ten (or so many
 * millions as are given), and how many of them came through.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include "bench/bench.h"

#define LEN 200
#define SOURCES 60
#define MILLION 1000000
#define ON_THEIR_WAY 1024
#define BATCH 32

struct load {
	int out; /* to vc-recv */
	int in;	 /* from vc-send */
	uint64_t sent, received;
};

static void send_batch(struct load *l)
{
	static uint8_t data[BATCH][LEN];
	struct mmsghdr hdr[BATCH] = { 0 };
	struct iovec iov[BATCH];
	int n;

	for (uint64_t i = 0; i < BATCH; i++) {
		uint64_t k = l->sent + i;

		make_packet(data[i], LEN, 1000 + (uint32_t)(k % SOURCES),
			    (uint16_t)(k / SOURCES));
		iov[i] = (struct iovec){ data[i], LEN };
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	n = sendmmsg(l->out, hdr, BATCH, 0);
	/* Refused: it is not up yet. */
	l->sent += n > 0 ? (unsigned int)n : 1;
}

/* Until 'n' were sent; what does not come for a while is lost. */
static void run(struct load *l, uint64_t n)
{
	struct pollfd p = { .fd = l->in, .events = POLLIN };
	int64_t lost = (int64_t)(l->sent - l->received);

	while (l->sent < n) {
		if ((int64_t)(l->sent - l->received) < lost + ON_THEIR_WAY)
			send_batch(l);
		else if (!poll(&p, 1, 200))
			lost = (int64_t)(l->sent - l->received);
		l->received += take_all(l->in, LEN);
	}
}

static void announce(const struct load *l)
{
	for (uint32_t i = 0; i < SOURCES; i++) {
		uint8_t p[128];

		(void)!send(l->out, p, make_name(p, sizeof(p), 1000 + i), 0);
	}
}

static void tell(const char *what, const long kb[2], uint64_t n, double lost)
{
	printf("{\"bench\":\"memory of %s after %llu million packets\","
	       "\"value\":%ld,\"unit\":\"kB\",\"peer\":\"after 1 million\","
	       "\"peer_value\":%ld,\"ratio\":%.3f,\"lost_per_1000\":%.3f}\n",
	       what, (unsigned long long)n, kb[1], kb[0],
	       (double)kb[1] / (double)kb[0], lost);
	fflush(stdout);
	fprintf(stderr, "%-40s %9ld %9ld %9.3f\n", what, kb[0], kb[1],
		(double)kb[1] / (double)kb[0]);
}

int main(int argc, char **argv)
{
	const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 10;
	uint16_t from = free_port(), to = 0;
	struct load l = { .in = udp_at(INADDR_LOOPBACK, &to),
			  .out = udp_to(from) };
	char a[64], b[64];
	const char *const recv[] = { "vc-recv", "-q", a, NULL };
	const char *const send[] = { "vc-send", "-q", b, NULL };
	struct load before;
	struct child c[2];
	double lost;
	long kb[2][2];
	int fd[2];

	snprintf(a, sizeof(a), "rtp://127.0.0.1:%u", from);
	snprintf(b, sizeof(b), "rtp://127.0.0.1:%u", to);
	make_pipe(fd);
	c[0] = spawn(-1, fd[1], recv);
	c[1] = spawn(fd[0], -1, send);
	close(fd[0]);
	close(fd[1]);
	while (!l.received) {
		announce(&l);
		run(&l, l.sent + (uint64_t)2 * SOURCES);
		sleep_until(now_ns(CLOCK_MONOTONIC) + 10 * VC_MS);
		l.received += take_all(l.in, LEN);
	}
	before = l;
	for (int i = 0; i < 2; i++) {
		run(&l, before.sent + (i ? n * MILLION : MILLION));
		for (int k = 0; k < 2; k++)
			kb[k][i] = memory_kb(&c[k], "VmRSS");
	}
	fprintf(stderr, "\n%-40s 1 million %6llu mill.     ratio\n",
		"resident memory, kB, at full speed", (unsigned long long)n);
	lost = 1e3 * (1 - (double)(l.received - before.received) /
				  (double)(l.sent - before.sent));
	tell("vc-recv", kb[0], n, lost);
	tell("vc-send", kb[1], n, lost);
	stop(&c[0]);
	stop(&c[1]);
	return 0;
}
