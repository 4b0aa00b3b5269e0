/* SPDX-License-Identifier: MIT */
/*
 * How cost grows: vc-send with one stream of 100 packets/s to 1, 10, 100 and
 * 1,000 destinations, each with a socket of its own, and vc-recv with 10,000
 * packets/s of 1, 10, 100, 1,000 and 10,000 sources. Cost is user + system
 * time for each packet that went or came, in an even load of some seconds;
 * memory is the most that was resident.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include "bench/bench.h"

#define LEN 200
#define SECONDS 4
#define STREAM_RATE 100
#define SOURCES_RATE 10000

struct result {
	double us; /* a packet */
	double lost;
	long kb;
};

/* --- destinations --- */

/* 'n' addresses of this machine, and one socket that hears them all. */
static void write_list(char *path, unsigned int n, uint16_t port)
{
	int fd = temp_file(path);

	for (unsigned int i = 0; i < n; i++)
		dprintf(fd, "rtp://127.0.%u.%u:%u\n", 1 + i / 200, 1 + i % 200,
			port);
	close(fd);
}

static struct result destinations(unsigned int n)
{
	char path[] = "/tmp/vc-bench-XXXXXX";
	const char *const argv[] = { "vc-send", "-q", "--dest-file", path,
				     NULL };
	uint64_t got = 0, sent = 0, want;
	struct result r = { 0 };
	uint16_t port = 0, seq = 0;
	int fd = udp_at(INADDR_ANY, &port);
	struct child c;
	int64_t t;

	write_list(path, n, port);
	c = start(argv, STDIN_FILENO);
	put_desc(c.fd);
	/* It is up when all have got something. */
	for (t = now_ns(CLOCK_MONOTONIC); got < n; t += VC_SEC / STREAM_RATE) {
		put_packet(c.fd, LEN, 7, seq++);
		sleep_until(t);
		got += take_all(fd, LEN);
	}
	unlink(path);
	sleep_until(t + VC_SEC / 2);
	take_all(fd, LEN);
	look(&c);
	got = 0;
	want = (uint64_t)STREAM_RATE * SECONDS * n;
	for (t = now_ns(CLOCK_MONOTONIC); sent < want; sent += n) {
		put_packet(c.fd, LEN, 7, seq++);
		t += VC_SEC / STREAM_RATE;
		sleep_until(t);
		got += take_all(fd, LEN);
	}
	sleep_until(t + VC_SEC / 5);
	got += take_all(fd, LEN);
	r.us = (double)look(&c) / 1e3 / (double)got;
	r.lost = 1e3 * (1 - (double)got / (double)want);
	r.kb = memory_kb(&c, "VmHWM");
	stop(&c);
	close(fd);
	return r;
}

/* --- sources --- */

/* Who he is, and his first packet: so he is let in at once. */
static void introduce(int fd, uint32_t ssrc)
{
	uint8_t p[LEN];

	(void)!send(fd, p, make_name(p, sizeof(p), ssrc), 0);
	make_packet(p, LEN, ssrc, 0);
	(void)!send(fd, p, LEN, 0);
}

/* 'seconds' of packets of all in turn, a few each time. */
static uint64_t play(struct reader *r, const struct child *c, int fd,
		     unsigned int n, uint64_t *turn, int seconds)
{
	const uint64_t total = (uint64_t)SOURCES_RATE * (uint64_t)seconds;
	int64_t t = now_ns(CLOCK_MONOTONIC);

	for (uint64_t i = 0; i < total; i++, ++*turn) {
		uint8_t p[LEN];

		make_packet(p, LEN, 1000 + (uint32_t)(*turn % n),
			    (uint16_t)(1 + *turn / n));
		(void)!send(fd, p, LEN, 0);
		if (i % 10 != 9)
			continue;
		t += 10 * VC_SEC / SOURCES_RATE;
		sleep_until(t);
		read_on(r, c->fd);
	}
	sleep_until(t + VC_SEC / 5);
	read_on(r, c->fd);
	return total;
}

static struct result sources(unsigned int n)
{
	char url[64];
	const char *const argv[] = { "vc-recv", "-q", "--max-sources",
				     "20000",	url,  NULL };
	struct reader *r = vc_alloc(1, sizeof(*r));
	struct result res = { 0 };
	uint64_t turn = 0, want;
	uint16_t port = free_port();
	struct child c;
	int fd;

	snprintf(url, sizeof(url), "rtp://127.0.0.1:%u", port);
	c = start(argv, STDOUT_FILENO);
	fd = udp_to(port);
	r->of_len = LEN;
	r->first = 1000;
	r->n = n;
	while (!r->packets) {
		introduce(fd, 1000);
		sleep_until(now_ns(CLOCK_MONOTONIC) + 10 * VC_MS);
		read_on(r, c.fd);
	}
	for (unsigned int i = 1; i < n; i++) {
		introduce(fd, 1000 + i);
		if (i % 20)
			continue;
		sleep_until(now_ns(CLOCK_MONOTONIC) + 2 * VC_MS);
		read_on(r, c.fd);
	}
	play(r, &c, fd, n, &turn, 1);
	look(&c);
	r->packets = 0;
	want = play(r, &c, fd, n, &turn, SECONDS);
	res.us = (double)look(&c) / 1e3 / (double)r->packets;
	res.lost = 1e3 * (1 - (double)r->packets / (double)want);
	res.kb = memory_kb(&c, "VmHWM");
	stop(&c);
	close(fd);
	free(r);
	return res;
}

/* --- results --- */

static void tell(const char *what, unsigned int n, const struct result *r,
		 const struct result *one)
{
	printf("{\"bench\":\"growth, %u %s\",\"value\":%.3f,"
	       "\"unit\":\"us/packet\",\"peer\":\"1\",\"peer_value\":%.3f,"
	       "\"ratio\":%.3f,\"lost_per_1000\":%.3f,\"rss_kb\":%ld}\n",
	       n, what, r->us, one->us, r->us / one->us, r->lost, r->kb);
	fflush(stdout);
	fprintf(stderr, "%8u %-14s %8.2f %9.1f %9ld\n", n, what, r->us, r->lost,
		r->kb);
}

int main(void)
{
	static const unsigned int rows[] = { 1, 10, 100, 1000, 10000 };
	struct result r, one = { 0 };

	prctl(PR_SET_TIMERSLACK, 1);
	signal(SIGPIPE, SIG_IGN);
	fprintf(stderr, "\ngrowth, CPU us/packet%20s lost/1000    RSS kB\n",
		"");
	for (size_t i = 0; i + 1 < VC_COUNT(rows); i++) {
		r = destinations(rows[i]);
		one = i ? one : r;
		tell("destinations", rows[i], &r, &one);
	}
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		r = sources(rows[i]);
		one = i ? one : r;
		tell("sources", rows[i], &r, &one);
	}
	return 0;
}
