/* SPDX-License-Identifier: MIT */
/*
 * The people of a room, each with a socket of his own, for whatever mixes them.
 *
 *   roomload PEOPLE WARM SECONDS WHO RECORD
 *
 * Prints a port to be sent to (vc-send), and theirs, from the first to the
 * last. Reads the ports that they send to, and the process ids of what is
 * measured, up to a 0. What comes to the first port belongs to people in the order in which
 * their SSRCs come; it goes on from their sockets, the second a PEOPLE-th of 20
 * ms after the first and so on. After WARM seconds it counts, for SECONDS: the
 * packets that each gets, and CPU seconds of each of those processes; then prints
 * both as JSON. What WHO, the first is 1, gets is written to RECORD as a stream.
 *
 * It sleeps, and looks when it wakes: nobody spends time on waking it.
 */
#include "base/num.h"
#include "bench/bench.h"

#define PEOPLE_MAX 1000
#define PROCESSES_MAX 8
#define QUEUE 64
#define PERIOD (20 * VC_MS)

struct packet {
	int64_t due;
	size_t len;
	uint8_t data[512];
};

struct person {
	uint32_t ssrc;
	int fd;
	struct sockaddr_in to;
	struct packet queue[QUEUE]; /* a ring */
	size_t head, n;
	uint64_t got;
};

static struct person people[PEOPLE_MAX];
static struct child processes[PROCESSES_MAX];
static size_t n_people, n_known, n_processes, who;
static uint64_t sent, dropped; /* the latter for want of time */
static int record, input;

static int64_t number(const char *s, int64_t min, int64_t max)
{
	int64_t n;

	need(!vc_num_i64(s, min, max, &n), s);
	return n;
}

static struct person *person_of(const uint8_t *p, size_t len)
{
	enum vc_demux is = vc_demux(p, len);
	uint32_t ssrc;

	if (is != VC_DEMUX_RTP && is != VC_DEMUX_RTCP)
		return NULL;
	ssrc = is == VC_DEMUX_RTP ? vc_rtp_get_ssrc(p) : vc_get_u32(p + 4);
	for (size_t i = 0; i < n_known; i++)
		if (people[i].ssrc == ssrc)
			return &people[i];
	need(n_known < n_people, "more SSRCs than people");
	people[n_known].ssrc = ssrc;
	return &people[n_known++];
}

/* What vc-send has sent waits for the time of whose it is. */
static bool take(int64_t now)
{
	static uint8_t data[BENCH_CAP];
	bool any = false;
	ssize_t len;

	while ((len = recv(input, data, sizeof(data), MSG_DONTWAIT)) > 0) {
		struct person *one = person_of(data, (size_t)len);
		struct packet *p;

		if (!one)
			continue;
		if (one->n == QUEUE || (size_t)len > sizeof(p->data)) {
			dropped++;
			continue;
		}
		p = &one->queue[(one->head + one->n++) % QUEUE];
		p->due = now + (one - people) * PERIOD / (int64_t)n_people;
		p->len = (size_t)len;
		memcpy(p->data, data, p->len);
		any = true;
	}
	return any;
}

static void send_due(int64_t now)
{
	for (struct person *one = people; one < people + n_known; one++) {
		for (; one->n && one->queue[one->head].due <= now; one->n--) {
			const struct packet *p = &one->queue[one->head];

			sendto(one->fd, p->data, p->len, 0,
			       (struct sockaddr *)(void *)&one->to,
			       sizeof(one->to));
			sent += vc_demux(p->data, p->len) == VC_DEMUX_RTP;
			one->head = (one->head + 1) % QUEUE;
		}
	}
}

/* What people get. */
static void listen_all(void)
{
	static uint8_t data[BENCH_CAP];
	uint8_t t[10] = { 'T', 0 };
	ssize_t len;

	vc_put_u64(t + 2, (uint64_t)now_ns(CLOCK_REALTIME));
	put_frame(record, t, sizeof(t));
	for (size_t i = 0; i < n_people; i++) {
		while ((len = recv(people[i].fd, data, sizeof(data),
				   MSG_DONTWAIT)) > 0) {
			if (vc_demux(data, (size_t)len) != VC_DEMUX_RTP)
				continue;
			people[i].got++;
			if (i == who)
				put_frame(record, data, (size_t)len);
		}
	}
}

/* Of each process, since the last look. */
static void look_all(int64_t *spent)
{
	for (size_t i = 0; i < n_processes; i++)
		spent[i] = look(&processes[i]);
}

static void run(int64_t seconds)
{
	int64_t from = now_ns(CLOCK_MONOTONIC), now = from;
	int64_t step = PERIOD / (int64_t)n_people;

	for (int64_t i = 1; now < from + seconds * VC_SEC; i++) {
		now = from + i * step;
		sleep_until(now);
		take(now);
		send_due(now);
		if (!(i % 16))
			listen_all();
	}
}

static void report(const int64_t *spent, int64_t seconds)
{
	uint64_t least = UINT64_MAX, most = 0, lost = dropped + overrun(input);

	for (size_t i = 0; i < n_people; i++) {
		least = people[i].got < least ? people[i].got : least;
		most = people[i].got > most ? people[i].got : most;
		lost += overrun(people[i].fd);
	}
	printf("{\"cpu_s\":[");
	for (size_t i = 0; i < n_processes; i++)
		printf("%s%.3f", i ? "," : "", (double)spent[i] / 1e9);
	printf("],\"seconds\":%d,\"people\":%zu,\"sent\":%llu,"
	       "\"least\":%llu,\"most\":%llu,\"lost\":%llu}\n",
	       (int)seconds, n_known, (unsigned long long)sent,
	       (unsigned long long)least, (unsigned long long)most,
	       (unsigned long long)lost);
}

static void setup(void)
{
	uint16_t port = 0;
	unsigned int n;

	input = udp_at(INADDR_LOOPBACK, &port);
	printf("%u", port);
	for (size_t i = 0; i < n_people; i++) {
		port = 0;
		people[i].fd = udp_at(INADDR_LOOPBACK, &port);
		printf(" %u", port);
	}
	puts("");
	fflush(stdout);
	for (size_t i = 0; i < n_people; i++) {
		need(scanf("%u", &n) == 1, "ports");
		people[i].to = address(INADDR_LOOPBACK, (uint16_t)n);
	}
	while (n_processes < PROCESSES_MAX && scanf("%u", &n) == 1 && n)
		processes[n_processes++].pid = (pid_t)n;
	need(n_processes, "process ids");
}

int main(int argc, char **argv)
{
	int64_t warm, seconds, spent[PROCESSES_MAX];

	need(argc == 6, "PEOPLE WARM SECONDS WHO RECORD");
	n_people = (size_t)number(argv[1], 1, PEOPLE_MAX);
	warm = number(argv[2], 0, 3600);
	seconds = number(argv[3], 1, 3600);
	who = (size_t)number(argv[4], 1, (int64_t)n_people) - 1;
	record = open(argv[5], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	need(record >= 0, argv[5]);
	put_desc(record);
	setup();
	while (!take(now_ns(CLOCK_MONOTONIC)))
		sleep_until(now_ns(CLOCK_MONOTONIC) + VC_MS);
	run(warm);
	look_all(spent);
	sent = 0;
	for (size_t i = 0; i < n_people; i++)
		people[i].got = 0;
	run(seconds);
	look_all(spent);
	report(spent, seconds);
	return 0;
}
