/* SPDX-License-Identifier: MIT */
/*
 * hostile_send flood PORT PACKETS A_SECOND SEED FILE.vcrtp
 * hostile_send answer READY SECONDS A_SECOND SEED
 * hostile_send spoil SEED <GOOD.vcrtp >BAD.vcrtp
 *
 * Datagrams that nobody should send: broken, odd or forged RTP and RTCP, and
 * what a good stream's packets become when some of their bits flip.
 *   flood   sends them to 127.0.0.1:PORT from four other loopback addresses;
 *	     FILE is what the victim was heard to send, its SSRCs are forged
 *   answer  listens on a port of 127.0.0.1, writes it to READY, and answers
 *	     whoever sends there with feedback and forged RTCP
 *   spoil   copies a stream and puts a bad packet behind each of its frames
 * A line of JSON tells what was sent and what came back.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "e2e/hostile_packets.h"

#define SOCKETS 4

/* --- what was good --- */

static void learn(struct hostile *h, const uint8_t *p, size_t len)
{
	uint32_t ssrc;
	struct good *g = &h->good[h->n_good];

	if (len < 12 || p[0] < 128 || p[0] > 191 || h->n_good == MAX_GOOD)
		return;
	g->p = vc_alloc(1, len);
	g->len = len;
	memcpy(g->p, p, len);
	h->n_good++;
	if (p[1] >= 192 && p[1] <= 223)
		return;
	ssrc = vc_get_u32(p + 8);
	for (size_t i = 0; i < h->n_victims; i++) {
		if (h->victims[i] == ssrc)
			return;
	}
	if (h->n_victims < VC_COUNT(h->victims))
		h->victims[h->n_victims++] = ssrc;
}

static bool next_frame(FILE *f, uint8_t *p, size_t *len)
{
	uint8_t head[2];

	if (fread(head, 1, 2, f) < 2)
		return false;
	*len = vc_get_u16(head);
	return fread(p, 1, *len, f) == *len;
}

static void put_frame(const uint8_t *p, size_t len)
{
	uint8_t head[2];

	vc_put_u16(head, (uint16_t)len);
	fwrite(head, 1, 2, stdout);
	fwrite(p, 1, len, stdout);
}

/* --- network --- */

static int open_socket(uint32_t host, uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(host) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sa, sizeof(sa))) {
		perror("hostile_send");
		exit(1);
	}
	return fd;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * VC_SEC + ts.tv_nsec;
}

static void nap(int64_t ns)
{
	const struct timespec ts = { ns / VC_SEC, ns % VC_SEC };

	if (ns > 0)
		nanosleep(&ts, NULL);
}

static void send_one(struct hostile *h, int fd, const struct sockaddr_in *to)
{
	if (sendto(fd, h->buf, h->len, 0, (const struct sockaddr *)to,
		   sizeof(*to)) < 0)
		return;
	h->sent++;
	h->octets += h->len;
}

static void hear(struct hostile *h, int fd)
{
	uint8_t buf[2048];
	ssize_t n = recv(fd, buf, sizeof(buf), 0);

	for (; n > 0; n = recv(fd, buf, sizeof(buf), 0)) {
		h->back++;
		h->back_octets += (uint64_t)n;
	}
}

static void flood(struct hostile *h, uint16_t port, long n, long a_second)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(0x7f000001) };
	int64_t begun = now_ns();
	int fds[SOCKETS];

	for (uint32_t i = 0; i < SOCKETS; i++)
		fds[i] = open_socket(0x7f000042 + i, 0);
	for (long i = 0; i < n; i++) {
		int fd = fds[draw(h, SOCKETS)];

		nap(begun + i * VC_SEC / a_second - now_ns());
		make(h);
		send_one(h, fd, &to);
		hear(h, fd);
	}
	for (int i = 0; i < SOCKETS; i++)
		hear(h, fds[i]);
}

static void heed(struct hostile *h, int fd, struct sockaddr_in *to)
{
	uint8_t buf[2048];
	socklen_t len = sizeof(*to);
	ssize_t n;

	while ((n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)to,
			     &len)) > 0) {
		h->back++;
		h->back_octets += (uint64_t)n;
		if (n >= 12 && buf[1] >= 192 && buf[1] <= 223)
			continue;
		h->media = vc_get_u32(buf + 8);
		learn(h, buf, (size_t)n);
	}
}

static void answer(struct hostile *h, const char *ready, long s, long a_second)
{
	struct sockaddr_in sa, to = { 0 };
	socklen_t len = sizeof(sa);
	int fd = open_socket(0x7f000001, 0);
	FILE *f = fopen(ready, "w");
	int64_t begun;

	if (!f || getsockname(fd, (struct sockaddr *)&sa, &len))
		exit(1);
	fprintf(f, "%u\n", ntohs(sa.sin_port));
	fclose(f);
	begun = now_ns();
	for (long i = 0; i < s * a_second; i++) {
		nap(begun + i * VC_SEC / a_second - now_ns());
		heed(h, fd, &to);
		if (!to.sin_port)
			continue;
		if (draw(h, 4))
			rtcp(h);
		else
			make(h);
		send_one(h, fd, &to);
	}
}

/* --- streams --- */

static void spoil(struct hostile *h)
{
	static uint8_t p[CAP];
	size_t len;

	while (next_frame(stdin, p, &len)) {
		put_frame(p, len);
		learn(h, p, len);
		make(h);
		/* What the framing itself means is another test's. */
		if (h->len && h->buf[0] >= 128 && h->buf[0] <= 191)
			put_frame(h->buf, h->len);
	}
}

static void learn_file(struct hostile *h, const char *path)
{
	static uint8_t p[CAP];
	FILE *f = fopen(path, "r");
	size_t len;

	while (f && next_frame(f, p, &len))
		learn(h, p, len);
	if (f)
		fclose(f);
}

static void usage(void)
{
	fputs("usage: see hostile_send.c\n", stderr);
	exit(2);
}

int main(int argc, char **argv)
{
	static struct hostile h;
	const char *what = argc > 2 ? argv[1] : "";

	if (!strcmp(what, "spoil") && argc == 3) {
		h.state = strtoull(argv[2], NULL, 10) + 88172645463325252ull;
		spoil(&h);
		return 0;
	}
	if (argc != (!strcmp(what, "flood") ? 7 : 6))
		usage();
	h.state = strtoull(argv[5], NULL, 10) + 88172645463325252ull;
	if (!strcmp(what, "flood")) {
		learn_file(&h, argv[6]);
		flood(&h, (uint16_t)atoi(argv[2]), atol(argv[3]),
		      atol(argv[4]));
	} else {
		answer(&h, argv[2], atol(argv[3]), atol(argv[4]));
	}
	printf("{\"sent\":%llu,\"octets\":%llu,\"back\":%llu,"
	       "\"back_octets\":%llu}\n",
	       (unsigned long long)h.sent, (unsigned long long)h.octets,
	       (unsigned long long)h.back, (unsigned long long)h.back_octets);
	return 0;
}
