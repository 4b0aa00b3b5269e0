/* SPDX-License-Identifier: MIT */
/*
 * Many people with a camera and a microphone each, live, for whatever records
 * them: all send what one who was recorded sent, with SSRCs of their own, one
 * after the other.
 *
 *   recordload FILE PEOPLE WARM SECONDS
 *
 * Prints two free ports for each, one after the other. Reads the process ids of
 * what is measured, up to a 0, and whether (1) everything of somebody goes to his
 * first port. Sends for WARM and SECONDS, and prints the CPU seconds that each
 * process took in the latter, and how many packets were sent in all.
 */
#include "base/num.h"
#include "bench/bench.h"
#include "wire/defaults.h"
#include "wire/frame.h"

#define PEOPLE_MAX 200
#define PROCESSES_MAX 8
#define SLICE (2 * VC_MS)
/* The last one after the first: key frames do not come all at once. */
#define APART (2 * VC_SEC)

struct packet {
	int64_t time; /* after the first */
	uint8_t *data;
	size_t len;
};

static struct packet *packets;
static size_t n_packets;
static uint16_t ports[PEOPLE_MAX][2];
static int64_t at[PEOPLE_MAX]; /* his next packet */
static uint64_t sent;

static int64_t number(const char *s, int64_t min, int64_t max)
{
	int64_t n;

	need(!vc_num_i64(s, min, max, &n), s);
	return n;
}

static int64_t asked(void)
{
	char word[32];

	need(scanf("%31s", word) == 1, "standard input");
	return number(word, 0, INT32_MAX);
}

static uint8_t *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	uint8_t *p;

	need(f && !fseek(f, 0, SEEK_END), path);
	*len = (size_t)ftell(f);
	p = vc_alloc(*len, 1);
	rewind(f);
	need(fread(p, 1, *len, f) == *len, path);
	fclose(f);
	return p;
}

/* Its RTP packets, which lie in what was read. */
static void read_packets(const char *path)
{
	size_t len, cap = 0;
	uint8_t *p = read_file(path, &len);
	int64_t now = 0, first = -1;
	enum vc_frame_time kind;
	struct vc_frame f;

	for (size_t i = 0; i < len; i += f.size) {
		need(vc_frame_next(p + i, len - i, &f) == 1, "frame");
		if (f.type == VC_FRAME_TIME)
			need(!vc_frame_time_parse(f.payload, f.len, &kind,
						  &now),
			     "time");
		if (f.type != VC_FRAME_RTP)
			continue;
		if (first < 0)
			first = now;
		if (n_packets == cap) {
			cap = 2 * cap + 1024;
			packets = realloc(packets, cap * sizeof(*packets));
			need(packets, "memory");
		}
		packets[n_packets++] =
			(struct packet){ now - first, p + i + 2, f.len };
	}
	need(n_packets, "no packets");
}

/* What person 'i' sends until 'until' after the beginning. */
static void send_of(int fd, size_t i, size_t n, int64_t until, bool to_one)
{
	int64_t later = (int64_t)i * APART / (int64_t)n;
	struct sockaddr_in to[BENCH_BATCH];
	static uint8_t data[BENCH_BATCH][BENCH_CAP];
	struct mmsghdr hdr[BENCH_BATCH] = { 0 };
	struct iovec iov[BENCH_BATCH];
	unsigned int k = 0;

	for (; k < BENCH_BATCH && (size_t)at[i] < n_packets &&
	       packets[at[i]].time + later < until;
	     k++, at[i]++) {
		const struct packet *p = &packets[at[i]];
		bool is_sound = vc_rtp_get_pt(p->data) == VC_PT_OPUS;

		memcpy(data[k], p->data, p->len);
		vc_rtp_set_ssrc(data[k], vc_rtp_get_ssrc(p->data) +
						 (uint32_t)i * 2654435761u);
		to[k] = address(INADDR_LOOPBACK, ports[i][is_sound && !to_one]);
		iov[k] = (struct iovec){ data[k], p->len };
		hdr[k].msg_hdr.msg_name = &to[k];
		hdr[k].msg_hdr.msg_namelen = sizeof(to[k]);
		hdr[k].msg_hdr.msg_iov = &iov[k];
		hdr[k].msg_hdr.msg_iovlen = 1;
	}
	for (unsigned int done = 0; done < k;) {
		int got = sendmmsg(fd, hdr + done, k - done, 0);

		need(got > 0, "send");
		done += (unsigned int)got;
	}
	sent += k;
}

/* Who they are: else only so many strangers of one host are let in. */
static void announce(int fd, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct sockaddr_in to = address(INADDR_LOOPBACK, ports[i][0]);
		uint32_t last = 0;

		for (size_t k = 0; k < n_packets && k < 100; k++) {
			uint32_t ssrc = vc_rtp_get_ssrc(packets[k].data);
			uint8_t p[128];
			size_t len;

			if (ssrc == last)
				continue;
			last = ssrc;
			len = make_name(p, sizeof(p),
					ssrc + (uint32_t)i * 2654435761u);
			need(sendto(fd, p, len, 0, (void *)&to, sizeof(to)) > 0,
			     "send");
		}
	}
}

static void send_until(int fd, size_t n, int64_t begin, int64_t *now,
		       int64_t end, bool to_one)
{
	for (; *now < end; *now += SLICE) {
		sleep_until(begin + *now);
		for (size_t i = 0; i < n; i++)
			send_of(fd, i, n, *now, to_one);
	}
}

/* None of them twice. */
static void draw_ports(size_t n)
{
	int fds[PEOPLE_MAX][2];

	for (size_t i = 0; i < n; i++)
		for (int k = 0; k < 2; k++)
			fds[i][k] = udp_at(INADDR_LOOPBACK, &ports[i][k]);
	for (size_t i = 0; i < n; i++) {
		printf("%u %u ", ports[i][0], ports[i][1]);
		close(fds[i][0]);
		close(fds[i][1]);
	}
	printf("\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct child processes[PROCESSES_MAX] = { 0 };
	size_t n_processes = 0, n;
	int64_t begin, now = 0, warm, seconds, pid;
	uint16_t any = 0;
	bool to_one;
	int fd;

	need(argc == 5, "usage");
	read_packets(argv[1]);
	n = (size_t)number(argv[2], 1, PEOPLE_MAX);
	warm = number(argv[3], 1, 3600) * VC_SEC;
	seconds = number(argv[4], 1, 3600) * VC_SEC;
	draw_ports(n);
	while ((pid = asked())) {
		need(n_processes < PROCESSES_MAX, "processes");
		processes[n_processes++].pid = (pid_t)pid;
	}
	to_one = asked() == 1;
	fd = udp_at(INADDR_LOOPBACK, &any);
	if (to_one)
		announce(fd, n);
	begin = now_ns(CLOCK_MONOTONIC);
	send_until(fd, n, begin, &now, warm, to_one);
	for (size_t i = 0; i < n_processes; i++)
		look(&processes[i]);
	send_until(fd, n, begin, &now, warm + seconds, to_one);
	for (size_t i = 0; i < n_processes; i++)
		printf("%.4f ", (double)look(&processes[i]) / 1e9);
	printf("%llu\n", (unsigned long long)sent);
	free(packets);
	return 0;
}
