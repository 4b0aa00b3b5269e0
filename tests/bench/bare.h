/* SPDX-License-Identifier: MIT */
/*
 * A forwarder without anything: receive, pipe, send. About what the kernel
 * takes for two processes; no header is looked at. In batches it does as our
 * tools do: it sleeps as long as they would (net/batch.c: 2 ms, or until there
 * are 100 packets), takes all that has come, 64 a system call, into one write
 * to a pipe of 256 KiB, and what is read from there goes out in buffers that
 * the kernel cuts. That was not so once: it slept for longer, but wrote each 64
 * apart, to a pipe of 64 KiB.
 *
 * With the format it does besides what a stream of ours asks of whoever writes
 * and reads one: the kernel is asked for the sender and the time of each packet,
 * the time stands before it (T, vc-stream(7)), and what goes out has an SSRC of
 * its own. Nothing is looked up, counted, kept or repaired.
 */
#ifndef VC_TESTS_BENCH_BARE_H
#define VC_TESTS_BENCH_BARE_H

#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"

#define BARE_BATCH 64 /* packets a system call of a socket */
#define BARE_MOST 512 /* of a write */
#define BARE_PIPE (256 << 10)
#define BARE_GOOD 100 /* packets that a sleep is to bring at most */
#define BARE_SLEEP 2000000L

/* How long our tools would sleep at that rate. */
static long bare_sleep(unsigned int rate)
{
	long ns = BARE_GOOD * 1000000000L / (long)rate;

	return ns < BARE_SLEEP ? ns : BARE_SLEEP;
}

#define BARE_T 12 /* octets of a T frame */
#define BARE_HEAD (BARE_T + 2)
#define BARE_CONTROL CMSG_SPACE(sizeof(struct timespec))

/* Waits for the first; how many. */
static int bare_take(int fd, struct mmsghdr *hdr)
{
	int flags = MSG_WAITFORONE, got, n = 0;

	do {
		got = recvmmsg(fd, hdr + n, BARE_BATCH, flags, NULL);
		n += got > 0 ? got : 0;
		flags = MSG_DONTWAIT;
	} while (got == BARE_BATCH && n < BARE_MOST);
	return n;
}

/* When it came, ns; 0: not told. */
static uint64_t bare_time(struct msghdr *h)
{
	struct timespec ts;
	struct cmsghdr *c = CMSG_FIRSTHDR(h);

	if (!c || c->cmsg_type != SCM_TIMESTAMPNS)
		return 0;
	memcpy(&ts, CMSG_DATA(c), sizeof(ts));
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* From socket 'fd' to pipe 'out', framed; sleeps 'ns' between batches. */
static void bare_receive(int fd, int out, long ns, bool with_format)
{
	static uint8_t data[BARE_MOST][BARE_HEAD + 2048];
	static struct sockaddr_in from[BARE_MOST];
	static _Alignas(8) uint8_t control[BARE_MOST][BARE_CONTROL];
	static struct mmsghdr hdr[BARE_MOST];
	static struct iovec iov[BARE_MOST];
	const struct timespec ts = { .tv_nsec = ns };
	const int on = 1;
	int n = BARE_MOST;

	if (with_format)
		setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	for (int i = 0; i < BARE_MOST; i++) {
		iov[i] = (struct iovec){ data[i] + BARE_HEAD, 2048 };
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
		vc_put_u16(data[i], BARE_T - 2);
		data[i][2] = 'T';
		data[i][3] = 1;
	}
	for (;;) {
		const size_t skip = with_format ? 0 : BARE_T;
		struct iovec all[BARE_MOST];

		for (int i = 0; with_format && i < n; i++) {
			struct msghdr *h = &hdr[i].msg_hdr;

			h->msg_name = &from[i];
			h->msg_namelen = sizeof(from[i]);
			h->msg_control = control[i];
			h->msg_controllen = BARE_CONTROL;
		}
		n = bare_take(fd, hdr);
		for (int i = 0; i < n; i++) {
			if (with_format)
				vc_put_u64(data[i] + 4,
					   bare_time(&hdr[i].msg_hdr));
			vc_put_u16(data[i] + BARE_T, (uint16_t)hdr[i].msg_len);
			all[i] = (struct iovec){ data[i] + skip,
						 hdr[i].msg_len + BARE_HEAD -
							 skip };
		}
		/* Blocking: it writes all. */
		if (n < 1 || writev(out, all, n) < 0)
			exit(0);
		if (ns)
			nanosleep(&ts, NULL);
	}
}

/* Packets of one length in one call that the kernel cuts. */
static void bare_segments(int fd, struct iovec *iov, unsigned int n)
{
	uint8_t control[CMSG_SPACE(sizeof(uint16_t))] = { 0 };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = n };
	uint16_t size = (uint16_t)iov[0].iov_len;
	struct cmsghdr *c;

	h.msg_control = control;
	h.msg_controllen = sizeof(control);
	c = CMSG_FIRSTHDR(&h);
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(size));
	memcpy(CMSG_DATA(c), &size, sizeof(size));
	(void)!sendmsg(fd, &h, 0);
}

static void bare_flush(int fd, struct iovec *iov, unsigned int n, bool segment)
{
	struct mmsghdr hdr[BARE_BATCH] = { 0 };
	unsigned int most = n ? 65000 / (unsigned int)iov[0].iov_len : 0;

	for (unsigned int i = 0; segment && i < n; i += most)
		bare_segments(fd, iov + i, n - i < most ? n - i : most);
	if (segment)
		return;
	for (unsigned int i = 0; i < n; i++) {
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	sendmmsg(fd, hdr, n, 0);
}

/* From pipe 'in' to the socket 'fd', which is connected. */
static void bare_send(int in, int fd, bool segment, bool with_format)
{
	static uint8_t buf[1 << 18];
	size_t len = 0;

	for (;;) {
		struct iovec iov[BARE_BATCH];
		ssize_t got = read(in, buf + len, sizeof(buf) - len);
		size_t at = 0;
		unsigned int n = 0;

		if (got <= 0)
			exit(0);
		len += (size_t)got;
		while (len - at >= 2 && len - at >= 2u + vc_get_u16(buf + at)) {
			const uint16_t size = vc_get_u16(buf + at);
			uint8_t *p = buf + at + 2;

			at += 2u + size;
			if (with_format && *p == 'T')
				continue;
			if (with_format)
				vc_put_u32(p + 8, ~vc_get_u32(p + 8));
			iov[n] = (struct iovec){ p, size };
			n++;
			if (n < BARE_BATCH)
				continue;
			bare_flush(fd, iov, n, segment);
			n = 0;
		}
		bare_flush(fd, iov, n, segment);
		len -= at;
		memmove(buf, buf + at, len);
	}
}

#endif
