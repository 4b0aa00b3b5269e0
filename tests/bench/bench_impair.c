/* SPDX-License-Identifier: MIT */
/*
 * What a bad network costs a packet. First the network alone, in this process.
 * Then vc-impair in a pipe, beside a bare copy of the same octets (cat) and
 * vc-impair without rules: user + system time, by a stream of half a million
 * packets. Then the relay, beside a bare one in C (recvmmsg, sendmmsg) that is
 * woken by the same packets, and holds them as long in a ring; and how well it
 * holds a delay of 20 ms.
 *
 * JSON lines on stdout, a table on stderr. An argument: seconds of each run of
 * the relay, 2 unless said.
 */
#include <sys/resource.h>

#include "bench/bench.h"
#include "session/impairrules.h"

#define CORE_PACKETS 1000000
#define PIPE_PACKETS 500000
#define AT_ONCE 64 /* packets a millisecond of the stream */
#define LEN 200
#define RATE_PPS 20000
#define RUNS 3
#define BARE_HELD 4096 /* packets of the bare relay */

static const char *const rules[] = {
	"delay=20ms",
	"loss=2%",
	"loss=2%:burst=3 delay=80ms jitter=20ms:ordered rate=100G",
	"loss=1% delay=9ms jitter=2ms:gamma reorder=1% duplicate=1% corrupt=1%",
};

static void tell(const char *what, double ns, const char *peer, double peer_ns)
{
	printf("{\"bench\":\"%s\",\"value\":%.1f,\"unit\":\"ns/packet\","
	       "\"peer\":\"%s\",\"peer_value\":%.1f,\"beyond\":%.1f}\n",
	       what, ns, peer, peer_ns, ns - peer_ns);
	fflush(stdout);
	fprintf(stderr, "%-75s %8.0f %8.0f %8.0f\n", what, ns, peer_ns,
		ns - peer_ns);
}

/* --- the network alone --- */

static double core(const char *text)
{
	static const struct vc_impair_words how = { 0 };
	struct vc_impair_plan *plan = vc_alloc(1, sizeof(*plan));
	struct vc_pool *pool = vc_pool_new();
	struct vc_packet *pkt = vc_packet_new(pool, LEN);
	struct vc_impair_conf conf;
	char why[VC_IMPAIR_WHY];
	struct vc_impair *im;
	struct vc_rand rand;
	int64_t begin, used;

	need(pkt && !vc_impair_rules(plan, text, &how, why), text);
	memset(pkt->data, 0, LEN);
	pkt->len = LEN;
	vc_rand_init(&rand, 1, "bench", NULL);
	vc_impair_conf_init(&conf);
	im = vc_impair_new(&conf, &rand, 0, VC_VIRTUAL_EPOCH);
	need(im, "memory");
	vc_impair_follow(im, plan, VC_VIRTUAL_EPOCH);
	begin = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	for (int64_t i = 0; i < CORE_PACKETS; i++) {
		int64_t t = VC_VIRTUAL_EPOCH + i * 10 * VC_US;
		struct vc_packet *out;

		vc_impair_put(im, pkt, NULL, 0, t);
		while ((out = vc_impair_get(im, t, NULL, NULL)))
			vc_packet_unref(out);
	}
	used = now_ns(CLOCK_PROCESS_CPUTIME_ID) - begin;
	vc_impair_free(im);
	vc_packet_unref(pkt);
	vc_pool_free(pool);
	free(plan);
	return (double)used / CORE_PACKETS;
}

/* --- a pipe --- */

static void make_stream(int fd)
{
	static const char sdp[] = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\n"
				  "t=0 0\r\na=x-vc-clock:virtual\r\n"
				  "m=audio 0 RTP/AVP 111\r\n"
				  "a=rtpmap:111 opus/48000/2\r\n";
	int64_t t = VC_VIRTUAL_EPOCH;
	uint8_t p[LEN], now[10] = { 'T', 0 };

	put_frame(fd, sdp, sizeof(sdp) - 1);
	for (unsigned int i = 0; i < PIPE_PACKETS; i++) {
		if (i % AT_ONCE == 0) {
			vc_put_u64(now + 2, (uint64_t)t);
			put_frame(fd, now, sizeof(now));
			t += VC_MS;
		}
		make_packet(p, LEN, 1, (uint16_t)i);
		put_frame(fd, p, LEN);
	}
}

/* User and system time of a filter between 'cat FILE' and us. */
static double piped(const char *file, const char *const *argv)
{
	const char *const cat[] = { "cat", file, NULL };
	struct child feeder, c;
	struct rusage used;
	static char buf[1 << 16];
	int in[2], out[2];

	make_pipe(in);
	make_pipe(out);
	feeder = spawn(-1, in[1], cat);
	c = spawn(in[0], out[1], argv);
	close(in[0]);
	close(in[1]);
	close(out[1]);
	while (read(out[0], buf, sizeof(buf)) > 0)
		;
	close(out[0]);
	need(wait4(c.pid, NULL, 0, &used) == c.pid, "wait");
	waitpid(feeder.pid, NULL, 0);
	return ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e9 +
		(double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e3) /
	       PIPE_PACKETS;
}

static double piped_median(const char *file, const char *const *argv)
{
	double v[RUNS];

	for (int i = 0; i < RUNS; i++)
		v[i] = piped(file, argv);
	return median(v, RUNS);
}

static void bench_pipe(void)
{
	char file[] = "/tmp/bench_impair.XXXXXX", what[128];
	const char *const cat[] = { "cat", NULL };
	const char *const none[] = { "vc-impair", "-q", NULL };
	int fd = temp_file(file);
	double bare, idle;

	make_stream(fd);
	close(fd);
	bare = piped_median(file, cat);
	idle = piped_median(file, none);
	tell("pipe, no rule, beside cat", idle, "cat", bare);
	for (size_t i = 0; i < VC_COUNT(rules); i++) {
		const char *const argv[] = { "vc-impair", "-q", rules[i],
					     NULL };

		snprintf(what, sizeof(what), "pipe, beside no rule: %s",
			 rules[i]);
		tell(what, piped_median(file, argv), "no rule", idle);
	}
	unlink(file);
}

/* --- the relay --- */

/* What came, until it goes. */
struct bare {
	uint8_t data[BARE_HELD][BENCH_CAP];
	struct iovec iov[BARE_HELD];
	struct mmsghdr hdr[BARE_HELD];
	int64_t due[BARE_HELD];
	unsigned int head, n; /* a ring */
};

/* All that has come, as far as there is room in a row. */
static void bare_take(struct bare *b, int in, int64_t delay)
{
	unsigned int at = (b->head + b->n) % BARE_HELD;
	unsigned int room = BARE_HELD - b->n;
	int64_t due;
	int got;

	if (room > BENCH_BATCH)
		room = BENCH_BATCH;
	if (room > BARE_HELD - at)
		room = BARE_HELD - at;
	for (unsigned int i = at; i < at + room; i++)
		b->iov[i].iov_len = BENCH_CAP;
	got = recvmmsg(in, &b->hdr[at], room, MSG_DONTWAIT, NULL);
	if (got <= 0)
		return;
	due = now_ns(CLOCK_MONOTONIC) + delay;
	for (unsigned int i = at; i < at + (unsigned int)got; i++) {
		b->iov[i].iov_len = b->hdr[i].msg_len;
		b->due[i] = due;
	}
	b->n += (unsigned int)got;
}

/* What is due, or will be in the time that vc-impair waits for more. */
static void bare_send(struct bare *b, int out, int64_t now)
{
	while (b->n && b->due[b->head] <= now + 50 * VC_US) {
		unsigned int n = 1;

		while (n < b->n && b->head + n < BARE_HELD && n < BENCH_BATCH &&
		       b->due[b->head + n] <= now + 50 * VC_US)
			n++;
		sendmmsg(out, &b->hdr[b->head], n, 0);
		b->head = (b->head + n) % BARE_HELD;
		b->n -= n;
	}
}

/* Datagrams of 'in' go out by 'out' after 'delay' ns; never returns. */
static void bare_relay(int in, int out, int64_t delay)
{
	static struct bare b;

	for (int i = 0; i < BARE_HELD; i++) {
		b.iov[i].iov_base = b.data[i];
		b.hdr[i].msg_hdr.msg_iov = &b.iov[i];
		b.hdr[i].msg_hdr.msg_iovlen = 1;
	}
	for (;;) {
		struct pollfd p = { .fd = in, .events = POLLIN };
		int64_t rest = 0;
		struct timespec ts;

		if (b.n)
			rest = b.due[b.head] - now_ns(CLOCK_MONOTONIC);
		if (rest < 0)
			rest = 0;
		ts = (struct timespec){ .tv_sec = rest / VC_SEC,
					.tv_nsec = rest % VC_SEC };
		ppoll(&p, 1, b.n ? &ts : NULL, NULL);
		if (p.revents)
			bare_take(&b, in, delay);
		bare_send(&b, out, now_ns(CLOCK_MONOTONIC));
	}
}

static struct child start_bare(uint16_t *port, uint16_t to, int64_t delay)
{
	struct child c = { 0 };
	int in = udp_at(INADDR_LOOPBACK, port), out = udp_to(to);

	widen_buffers(in);
	c.pid = fork();
	need(c.pid >= 0, "fork");
	if (!c.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_TIMERSLACK, 1);
		bare_relay(in, out, delay);
	}
	close(in);
	close(out);
	return c;
}

/* Eight packets each 0.4 ms, through 'port' to 'in': CPU time a packet. */
static double relayed(struct child *c, uint16_t port, int in, double seconds)
{
	int out = udp_to(port);
	uint8_t p[LEN];
	uint64_t n = 0, got = 0, all = (uint64_t)(seconds * RATE_PPS);
	int64_t begin = now_ns(CLOCK_MONOTONIC), used;

	make_packet(p, LEN, 1, 0);
	look(c);
	for (; n < all; n += 8) {
		sleep_until(begin + (int64_t)(n * VC_SEC / RATE_PPS));
		for (int i = 0; i < 8; i++)
			(void)!send(out, p, LEN, 0);
		got += take_all(in, LEN);
	}
	sleep_until(now_ns(CLOCK_MONOTONIC) + 100 * VC_MS);
	got += take_all(in, LEN);
	used = look(c);
	close(out);
	need(got > all / 2, "packets did not come through");
	return (double)used / (double)got;
}

/* A member of the way up in the last record that has packets. */
static double said(const char *file, const char *member)
{
	char line[8192], name[64];
	FILE *f = fopen(file, "r");
	double v = -1;

	need(f, file);
	snprintf(name, sizeof(name), "\"%s\":", member);
	while (fgets(line, sizeof(line), f)) {
		const char *up = strstr(line, "\"up\":");
		const char *at = up ? strstr(up, name) : NULL;

		if (at)
			v = strtod(at + strlen(name), NULL);
	}
	fclose(f);
	return v;
}

static void tell_late(const char *file)
{
	double n = said(file, "out_packets");
	double by_200us = said(file, "late_200us") / n;
	double by_1ms = said(file, "late_1ms") / n;

	printf("{\"bench\":\"relay, how late by a delay of 20 ms\","
	       "\"packets\":%.0f,\"beyond_200us\":%.4f,"
	       "\"beyond_1ms\":%.4f,\"most_ms\":%.3f}\n",
	       n, by_200us, by_1ms, said(file, "late_max_ms"));
	fprintf(stderr,
		"relay: %.2f %% are later than 0.2 ms (goal 5), %.2f %% than 1 "
		"ms (goal 1)\n",
		100 * by_200us, 100 * by_1ms);
}

/* One that is started for 'rule'; its port. */
static struct child start_relay(const char *rule, const char *stats,
				uint16_t to, uint16_t *port)
{
	char near[64], far[64];
	const char *const argv[] = { "vc-impair", "-q",	 "--seed", "1",
				     "--stats",	  stats, rule,	   near,
				     far,	  NULL };
	struct child c;

	*port = free_port();
	snprintf(near, sizeof(near), "udp://127.0.0.1:%u", *port);
	snprintf(far, sizeof(far), "udp://127.0.0.1:%u", to);
	c = spawn(-1, -1, argv);
	sleep_until(now_ns(CLOCK_MONOTONIC) + 500 * VC_MS);
	return c;
}

static void bench_relay(double seconds)
{
	static const struct {
		const char *rule;
		int64_t delay;
	} two[] = { { "loss=0%", 0 }, { "delay=20ms", 20 * VC_MS } };
	char file[] = "/tmp/bench_impair.XXXXXX", what[128];
	uint16_t to = 0, port;
	int in = udp_at(INADDR_LOOPBACK, &to);

	widen_buffers(in);
	close(temp_file(file));
	for (size_t i = 0; i < VC_COUNT(two); i++) {
		uint16_t bare_port = 0;
		struct child bare = start_bare(&bare_port, to, two[i].delay);
		struct child c = start_relay(two[i].rule, file, to, &port);
		double peer = relayed(&bare, bare_port, in, seconds);
		double ours = relayed(&c, port, in, seconds);

		snprintf(what, sizeof(what),
			 "relay, 20,000 packets/s in eights: %s", two[i].rule);
		tell(what, ours, "bare C", peer);
		sleep_until(now_ns(CLOCK_MONOTONIC) + 1200 * VC_MS);
		stop(&c);
		stop(&bare);
	}
	tell_late(file);
	unlink(file);
}

int main(int argc, char **argv)
{
	char what[128];

	fprintf(stderr, "\n%-75s %8s %8s %8s\n", "ns a packet", "ours", "peer",
		"beyond");
	for (size_t i = 0; i < VC_COUNT(rules); i++) {
		snprintf(what, sizeof(what), "the network alone: %s", rules[i]);
		tell(what, core(rules[i]), "nothing", 0);
	}
	bench_pipe();
	bench_relay(argc > 1 ? strtod(argv[1], NULL) : 2);
	return 0;
}
