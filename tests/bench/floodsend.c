/* SPDX-License-Identifier: MIT */
/*
 * floodsend PORT SECONDS OURS FOREIGN SEED: to 127.0.0.1:PORT so many packets a
 * second of one stream, and so many that nobody should send, from four other
 * addresses; each millisecond its share. Prints how many went of each.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"
#include "e2e/hostile_packets.h"

#define SSRC 0x11223344
#define STRANGERS 4

static int open_socket(uint32_t host, uint16_t port)
{
	struct sockaddr_in me = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(host) };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons(port),
				  .sin_addr.s_addr = htonl(0x7f000001) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd >= 0 && !bind(fd, (struct sockaddr *)&me, sizeof(me)) &&
	    !connect(fd, (struct sockaddr *)&to, sizeof(to)))
		return fd;
	perror("floodsend");
	exit(1);
}

/* CNAME "ours", so that the first packet is taken. */
static void hello(int fd)
{
	uint8_t p[24];

	vc_put_u32(p, 0x80c90001);
	vc_put_u32(p + 4, SSRC);
	vc_put_u32(p + 8, 0x81ca0003);
	vc_put_u32(p + 12, SSRC);
	memcpy(p + 16, "\1\4ours\0", 8);
	(void)!send(fd, p, sizeof(p), 0);
}

static bool send_ours(int fd, uint32_t n)
{
	uint8_t p[172] = { 0x80, 111 };

	vc_put_u16(p + 2, (uint16_t)n);
	vc_put_u32(p + 4, n * 960);
	vc_put_u32(p + 8, SSRC);
	p[12] = 0xf8;
	return send(fd, p, sizeof(p), 0) >= 0;
}

int main(int argc, char **argv)
{
	static struct hostile h;
	const struct timespec ms = { .tv_nsec = VC_MS };
	int ours, strangers[STRANGERS];
	struct timespec ts;
	int64_t begun, now = 0;
	uint64_t rate[2], sent[2] = { 0 }, ok = 0;

	if (argc != 6)
		return 2;
	ours = open_socket(0x7f000001, (uint16_t)atoi(argv[1]));
	for (uint32_t i = 0; i < STRANGERS; i++)
		strangers[i] =
			open_socket(0x7f000042 + i, (uint16_t)atoi(argv[1]));
	rate[0] = strtoull(argv[3], NULL, 10);
	rate[1] = strtoull(argv[4], NULL, 10);
	h.state = strtoull(argv[5], NULL, 10) + 88172645463325252ull;
	h.victims[h.n_victims++] = SSRC;
	hello(ours);
	clock_gettime(CLOCK_MONOTONIC, &ts);
	begun = ts.tv_sec * VC_SEC + ts.tv_nsec;
	while (now < atoi(argv[2]) * VC_SEC) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &ms, NULL);
		clock_gettime(CLOCK_MONOTONIC, &ts);
		now = ts.tv_sec * VC_SEC + ts.tv_nsec - begun;
		for (; sent[0] < (uint64_t)now * rate[0] / VC_SEC; sent[0]++)
			ok += send_ours(ours, (uint32_t)sent[0]);
		for (; sent[1] < (uint64_t)now * rate[1] / VC_SEC; sent[1]++) {
			make(&h);
			(void)!send(strangers[draw(&h, STRANGERS)], h.buf,
				    h.len, 0);
		}
	}
	printf("%llu %llu\n", (unsigned long long)ok,
	       (unsigned long long)sent[1]);
	return 0;
}
