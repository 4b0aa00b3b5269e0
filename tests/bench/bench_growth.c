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
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "base/time.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

#define LEN 200
#define SECONDS 4
#define BATCH 64
#define STREAM_RATE 100
#define SOURCES_RATE 10000

/* The process that is measured. */
struct child {
	pid_t pid;
	int fd;	     /* its standard input or output */
	int64_t cpu; /* at the last look */
};

struct result {
	double us; /* a packet */
	double lost;
	long kb;
};

static void die(const char *what)
{
	fprintf(stderr, "bench_growth: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return 0;
	return ts.tv_sec * VC_SEC + ts.tv_nsec;
}

static void sleep_until(int64_t t)
{
	struct timespec ts = { .tv_sec = t / VC_SEC, .tv_nsec = t % VC_SEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		continue;
}

static int udp_at(uint32_t host, uint16_t *port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(*port) };
	socklen_t len = sizeof(sa);
	int size = 4 << 20;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	sa.sin_addr.s_addr = htonl(host);
	if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&sa, len) ||
	    getsockname(fd, (struct sockaddr *)(void *)&sa, &len))
		die("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	*port = ntohs(sa.sin_port);
	return fd;
}

/* --- the process --- */

/* Its descriptor 'which' is ours to use. */
static struct child start(const char *const *argv, int which)
{
	struct child c;
	int fd[2], theirs = which == STDIN_FILENO ? 0 : 1;

	if (pipe2(fd, O_CLOEXEC))
		die("pipe");
	c.pid = fork();
	if (c.pid < 0)
		die("fork");
	if (!c.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(fd[theirs], which);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		die(argv[0]);
	}
	close(fd[theirs]);
	c.fd = fd[!theirs];
	c.cpu = 0;
	return c;
}

/* What it has used since the last look. */
static int64_t look(struct child *c)
{
	int64_t was = c->cpu;
	clockid_t clock;

	if (clock_getcpuclockid(c->pid, &clock))
		die("cpu clock");
	c->cpu = now_ns(clock);
	return c->cpu - was;
}

static long resident_kb(const struct child *c)
{
	char path[64], line[256];
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", c->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "VmHWM: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

static void stop(const struct child *c)
{
	close(c->fd);
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
}

static size_t packet(uint8_t p[static LEN], uint32_t ssrc, uint16_t seq)
{
	const struct vc_rtp rtp = { .pt = 111,
				    .seq = seq,
				    .ts = seq * 480u,
				    .ssrc = ssrc };
	struct vc_wr w = vc_wr_over(p, LEN);

	vc_rtp_write(&w, &rtp);
	/* Opus: one CELT frame of 10 ms. */
	memset(w.p, 0x55, (size_t)(w.end - w.p));
	*w.p = 0xf0;
	return LEN;
}

/* --- destinations --- */

static void put_frame(int fd, const void *p, size_t len)
{
	uint8_t frame[1024] = { (uint8_t)(len >> 8), (uint8_t)len };

	memcpy(frame + 2, p, len);
	if (vc_write_all(fd, frame, len + 2))
		die("write");
}

static void put_packet(int fd, uint16_t seq)
{
	uint8_t t[10] = { 'T', 0 }, p[LEN];
	uint64_t now = (uint64_t)now_ns(CLOCK_REALTIME);

	for (int i = 0; i < 8; i++)
		t[2 + i] = (uint8_t)(now >> (56 - 8 * i));
	put_frame(fd, t, sizeof(t));
	put_frame(fd, p, packet(p, 7, seq));
}

/* Packets of media that came. */
static uint64_t count(int fd)
{
	static uint8_t data[BATCH][LEN + 1];
	struct mmsghdr hdr[BATCH] = { 0 };
	struct iovec iov[BATCH];
	uint64_t got = 0;
	int n;

	for (int i = 0; i < BATCH; i++) {
		iov[i] = (struct iovec){ data[i], sizeof(data[i]) };
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		n = recvmmsg(fd, hdr, BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			got += hdr[i].msg_len == LEN;
	} while (n > 0);
	return got;
}

/* 'n' addresses of this machine, and one socket that hears them all. */
static void write_list(char *path, unsigned int n, uint16_t port)
{
	int fd = mkstemp(path);

	if (fd < 0)
		die(path);
	for (unsigned int i = 0; i < n; i++)
		dprintf(fd, "rtp://127.0.%u.%u:%u\n", 1 + i / 200, 1 + i % 200,
			port);
	close(fd);
}

static struct result destinations(unsigned int n)
{
	static const char sdp[] = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\n"
				  "t=0 0\r\na=x-vc-clock:live\r\n"
				  "m=audio 0 RTP/AVP 111\r\n"
				  "a=rtpmap:111 opus/48000/2\r\n";
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
	put_frame(c.fd, sdp, sizeof(sdp) - 1);
	/* It is up when all have got something. */
	for (t = now_ns(CLOCK_MONOTONIC); got < n; t += VC_SEC / STREAM_RATE) {
		put_packet(c.fd, seq++);
		sleep_until(t);
		got += count(fd);
	}
	unlink(path);
	sleep_until(t + VC_SEC / 2);
	count(fd);
	look(&c);
	got = 0;
	want = (uint64_t)STREAM_RATE * SECONDS * n;
	for (t = now_ns(CLOCK_MONOTONIC); sent < want; sent += n) {
		put_packet(c.fd, seq++);
		t += VC_SEC / STREAM_RATE;
		sleep_until(t);
		got += count(fd);
	}
	sleep_until(t + VC_SEC / 5);
	got += count(fd);
	r.us = (double)look(&c) / 1e3 / (double)got;
	r.lost = 1e3 * (1 - (double)got / (double)want);
	r.kb = resident_kb(&c);
	stop(&c);
	close(fd);
	return r;
}

/* --- sources --- */

/* Who he is, and his first packet: so he is let in at once. */
static void introduce(int fd, uint32_t ssrc)
{
	uint8_t buf[128], p[LEN];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));
	char cname[32];
	struct vc_sdes_chunk chunk = { .ssrc = ssrc };

	snprintf(cname, sizeof(cname), "bench%u", ssrc);
	chunk.cname = vc_str_c(cname);
	vc_rtcp_write_rr(&w, ssrc, NULL, 0);
	vc_rtcp_write_sdes(&w, &chunk, 1);
	(void)!send(fd, buf, vc_wr_len(&w), 0);
	(void)!send(fd, p, packet(p, ssrc, 0), 0);
}

/* Frames of RTP in the stream; '*left' octets of one are still to come. */
struct reader {
	uint8_t buf[1 << 16];
	size_t len;
	uint64_t packets;
};

static void read_on(struct reader *r, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, 0) > 0) {
		ssize_t n = read(fd, r->buf + r->len, sizeof(r->buf) - r->len);
		size_t at = 0;

		if (n <= 0)
			die("vc-recv has ended");
		r->len += (size_t)n;
		while (r->len - at >= 3) {
			size_t len = (size_t)r->buf[at] << 8 | r->buf[at + 1];

			if (r->len - at < 2 + len)
				break;
			r->packets += len == LEN && r->buf[at + 2] == 0x80;
			at += 2 + len;
		}
		r->len -= at;
		memmove(r->buf, r->buf + at, r->len);
	}
}

static int connect_to(uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(port) };
	uint16_t any = 0;
	int fd = udp_at(INADDR_LOOPBACK, &any);

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)(void *)&sa, sizeof(sa)))
		die("connect");
	return fd;
}

/* 'seconds' of packets of all in turn, a few each time. */
static uint64_t play(struct reader *r, const struct child *c, int fd,
		     unsigned int n, uint64_t *turn, int seconds)
{
	const uint64_t total = (uint64_t)SOURCES_RATE * (uint64_t)seconds;
	int64_t t = now_ns(CLOCK_MONOTONIC);

	for (uint64_t i = 0; i < total; i++, ++*turn) {
		uint8_t p[LEN];

		(void)!send(fd, p,
			    packet(p, 1000 + (uint32_t)(*turn % n),
				   (uint16_t)(1 + *turn / n)),
			    0);
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
	uint16_t port = 0;
	struct child c;
	int fd;

	close(udp_at(INADDR_LOOPBACK, &port)); /* one that is free */
	snprintf(url, sizeof(url), "rtp://127.0.0.1:%u", port);
	c = start(argv, STDOUT_FILENO);
	fd = connect_to(port);
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
	res.kb = resident_kb(&c);
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
