/* SPDX-License-Identifier: MIT */
/*
 * What measurements share: clocks, sockets on loopback, a program under test
 * whose CPU and memory are looked at, and packets to feed it with. Whatever
 * fails ends the measurement.
 */
#ifndef VC_TESTS_BENCH_BENCH_H
#define VC_TESTS_BENCH_BENCH_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/time.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"

#define BENCH_BATCH 64
#define BENCH_CAP 2048 /* of a packet that is counted */

static inline void die(const char *what)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		strerror(errno));
	exit(1);
}

static inline void need(bool ok, const char *what)
{
	if (!ok)
		die(what);
}

/* 'path' ends in XXXXXX, which become other letters. */
static inline int temp_file(char *path)
{
	int fd = mkstemp(path);

	if (fd < 0)
		die(path);
	return fd;
}

static inline int64_t now_ns(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return 0;
	return ts.tv_sec * VC_SEC + ts.tv_nsec;
}

static inline void sleep_until(int64_t t)
{
	struct timespec ts = { .tv_sec = t / VC_SEC, .tv_nsec = t % VC_SEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL))
		continue;
}

static inline int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorts 'v'; of an even number the greater one. */
static inline double median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_number);
	return v[n / 2];
}

/* --- sockets --- */

static inline struct sockaddr_in address(uint32_t host, uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(port) };

	sa.sin_addr.s_addr = htonl(host);
	return sa;
}

/* As root more than others are allowed: what is measured is not this end. */
static inline void widen_buffers(int fd)
{
	int size = 4 << 20;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
}

/* Port 0: the kernel's choice, which '*port' then is. */
static inline int udp_at(uint32_t host, uint16_t *port)
{
	struct sockaddr_in sa = address(host, *port);
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)(void *)&sa, len) ||
	    getsockname(fd, (struct sockaddr *)(void *)&sa, &len))
		die("socket");
	widen_buffers(fd);
	*port = ntohs(sa.sin_port);
	return fd;
}

static inline int udp_to(uint16_t port)
{
	struct sockaddr_in sa = address(INADDR_LOOPBACK, port);
	uint16_t any = 0;
	int fd = udp_at(INADDR_LOOPBACK, &any);

	if (connect(fd, (struct sockaddr *)(void *)&sa, sizeof(sa)))
		die("connect");
	return fd;
}

/* One that nobody has at the moment. */
static inline uint16_t free_port(void)
{
	uint16_t port = 0;

	close(udp_at(INADDR_LOOPBACK, &port));
	return port;
}

/* How many datagrams of 'len' octets (0: any) wait there, which are taken. */
static inline uint64_t take_all(int fd, size_t len)
{
	static uint8_t data[BENCH_BATCH][BENCH_CAP];
	struct mmsghdr hdr[BENCH_BATCH] = { 0 };
	struct iovec iov[BENCH_BATCH];
	uint64_t got = 0;
	int n;

	for (int i = 0; i < BENCH_BATCH; i++) {
		iov[i] = (struct iovec){ data[i], sizeof(data[i]) };
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	do {
		n = recvmmsg(fd, hdr, BENCH_BATCH, MSG_DONTWAIT, NULL);
		for (int i = 0; i < n; i++)
			got += !len || hdr[i].msg_len == len;
	} while (n == BENCH_BATCH);
	return got;
}

/* What this socket lost, as it was too slow: its own fault. */
static inline uint64_t overrun(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		return 0;
	return info[SK_MEMINFO_DROPS];
}

/* --- the program under test --- */

struct child {
	pid_t pid;
	int fd;	     /* its standard input or output */
	int64_t cpu; /* at the last look */
};

/* 'in' and 'out' become its standard input and output; negative: ours. */
static inline struct child spawn(int in, int out, const char *const *argv)
{
	struct child c = { .pid = fork(), .fd = -1 };

	if (c.pid < 0)
		die("fork");
	if (c.pid)
		return c;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (in >= 0)
		dup2(in, STDIN_FILENO);
	if (out >= 0)
		dup2(out, STDOUT_FILENO);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	die(argv[0]);
	return c;
}

static inline void make_pipe(int fd[2])
{
	if (pipe2(fd, O_CLOEXEC))
		die("pipe");
}

/* The other end of its descriptor 'which', 0 or 1, is ours to use. */
static inline struct child start(const char *const *argv, int which)
{
	struct child c;
	int fd[2];

	make_pipe(fd);
	c = which == STDIN_FILENO ? spawn(fd[0], -1, argv) :
				    spawn(-1, fd[1], argv);
	close(fd[which == STDIN_FILENO ? 0 : 1]);
	c.fd = fd[which == STDIN_FILENO ? 1 : 0];
	return c;
}

/* What it has used since the last look, ns. */
static inline int64_t look(struct child *c)
{
	int64_t was = c->cpu;
	clockid_t clock;

	if (clock_getcpuclockid(c->pid, &clock))
		die("cpu clock");
	c->cpu = now_ns(clock);
	return c->cpu - was;
}

/* A line of /proc/PID/status, kB: "VmRSS", "VmHWM". */
static inline long memory_kb(const struct child *c, const char *what)
{
	char path[64], line[256];
	size_t len = strlen(what);
	long kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", c->pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, what, len) && line[len] == ':')
			kb = strtol(line + len + 1, NULL, 10);
	}
	if (f)
		fclose(f);
	return kb;
}

static inline void stop(const struct child *c)
{
	if (c->fd >= 0)
		close(c->fd);
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
}

/* --- packets --- */

/* Opus: one CELT frame of 10 ms, in 'len' octets. */
static inline void make_packet(uint8_t *p, size_t len, uint32_t ssrc,
			       uint16_t seq)
{
	const struct vc_rtp rtp = { .pt = 111,
				    .seq = seq,
				    .ts = seq * 480u,
				    .ssrc = ssrc };
	struct vc_wr w = vc_wr_over(p, len);

	vc_rtp_write(&w, &rtp);
	memset(w.p, 0x55, (size_t)(w.end - w.p));
	*w.p = 0xf0;
}

/* Who 'ssrc' is, so that its packets are taken at once: octets. */
static inline size_t make_name(uint8_t *p, size_t cap, uint32_t ssrc)
{
	struct vc_wr w = vc_wr_over(p, cap);
	char cname[32];
	struct vc_sdes_chunk chunk = { .ssrc = ssrc };

	snprintf(cname, sizeof(cname), "bench%u", ssrc);
	chunk.cname = vc_str_c(cname);
	vc_rtcp_write_rr(&w, ssrc, NULL, 0);
	vc_rtcp_write_sdes(&w, &chunk, 1);
	return vc_wr_len(&w);
}

/* --- streams --- */

static inline void put_frame(int fd, const void *p, size_t len)
{
	uint8_t frame[2 + BENCH_CAP];

	vc_put_u16(frame, (uint16_t)len);
	memcpy(frame + 2, p, len);
	if (vc_write_all(fd, frame, len + 2))
		die("write");
}

/* The description of a live stream of sound. */
static inline void put_desc(int fd)
{
	static const char sdp[] = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\n"
				  "t=0 0\r\na=x-vc-clock:live\r\n"
				  "m=audio 0 RTP/AVP 111\r\n"
				  "a=rtpmap:111 opus/48000/2\r\n";

	put_frame(fd, sdp, sizeof(sdp) - 1);
}

/* A packet of 'len' octets that comes now. */
static inline void put_packet(int fd, size_t len, uint32_t ssrc, uint16_t seq)
{
	uint8_t t[10] = { 'T', 0 }, p[BENCH_CAP];

	vc_put_u64(t + 2, (uint64_t)now_ns(CLOCK_REALTIME));
	put_frame(fd, t, sizeof(t));
	make_packet(p, len, ssrc, seq);
	put_frame(fd, p, len);
}

/* Reads a stream, and counts packets of RTP in it: of a length, and of sources
 * whose SSRCs are in a row. */
struct reader {
	size_t of_len;
	uint32_t first, n;
	uint64_t packets;
	size_t len;
	uint8_t buf[1 << 17];
};

static inline bool is_meant(const struct reader *r, const uint8_t *p,
			    size_t len)
{
	return len == r->of_len && vc_demux(p, len) == VC_DEMUX_RTP &&
	       vc_rtp_get_ssrc(p) - r->first < r->n;
}

/* What is there now. */
static inline void read_on(struct reader *r, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	while (poll(&p, 1, 0) > 0) {
		ssize_t n = read(fd, r->buf + r->len, sizeof(r->buf) - r->len);
		size_t at = 0, len;

		if (n <= 0)
			die("it has ended");
		r->len += (size_t)n;
		for (; r->len - at >= 2; at += 2 + len) {
			len = vc_get_u16(r->buf + at);
			if (r->len - at < 2 + len)
				break;
			r->packets += is_meant(r, r->buf + at + 2, len);
		}
		r->len -= at;
		memmove(r->buf, r->buf + at, r->len);
	}
}

#endif
