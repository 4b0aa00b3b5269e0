/* SPDX-License-Identifier: MIT */
/*
 * One stream of 100 packets/s to 1,000 destinations, each with a key of its own
 * (AEAD_AES_128_GCM): vc-send (--breaker off, as nobody reports) beside a bare
 * prototype that takes the same packets from a pipe, calls srtp_protect() for each
 * destination and sends 64 a call by one socket, which nobody listens to; that
 * with Debian's libsrtp2 as it is, and with the AES-GCM that vc-send gives it
 * (net/srtpgcm.h). All are there all the time, and half a second each they have
 * their turns. CPU is user + system time, of both with what the kernel does on
 * loopback to receive what they send; what the receiver of this measurement
 * lost itself is told apart. The share of a core is what that comes to at
 * 100,000 packets a second. Memory is the most that was resident, with keys of
 * both directions.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <sched.h>
#include <srtp2/srtp.h>

#include "bench/keys.h"

#define LEN 200
#define SEALED (LEN + 16)
#define DESTS 1000
#define AHEAD 4
#define RATE 100
#define TICK (VC_SEC / RATE)
#define BLOCK_TICKS 50
#define BLOCKS 11    /* of each sender */
#define PATIENCE 300 /* ms without a packet: no more come */
#define CORES_A_US ((double)DESTS * RATE / 1e6)
#define NET6 "fd76:6300::"
#define GOAL_KB (12 * 1024 + DESTS * 32)

/* One of 1,000 addresses of this machine; one socket hears them all. */
static struct sockaddr_in6 dest(bool is_v6, unsigned int i, uint16_t port)
{
	const struct sockaddr_in v4 =
		address(0x7f000101 + (i / 200 << 8) + i % 200, port);
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6,
				   .sin6_port = htons(port) };

	if (is_v6) {
		inet_pton(AF_INET6, NET6 "1:0", &sa.sin6_addr);
		vc_put_u16(sa.sin6_addr.s6_addr + 14, (uint16_t)i);
	} else {
		memcpy(&sa, &v4, sizeof(v4));
	}
	return sa;
}

static void write_dests(char *path, bool is_v6, uint16_t port)
{
	int fd = temp_file(path);

	for (unsigned int i = 0; i < DESTS; i++) {
		struct sockaddr_in6 sa = dest(is_v6, i, port);
		const struct sockaddr_in *v4 = (const void *)&sa;
		char host[INET6_ADDRSTRLEN];

		inet_ntop(sa.sin6_family,
			  is_v6 ? (const void *)&sa.sin6_addr :
				  (const void *)&v4->sin_addr,
			  host, sizeof(host));
		dprintf(fd,
			is_v6 ? "p%u=srtp://[%s]:%u\n" : "p%u=srtp://%s:%u\n",
			i, host, port);
	}
	close(fd);
}

static srtp_t bare_session(unsigned int i)
{
	struct vc_keyline k = key_of(i);
	srtp_policy_t p = { .key = k.key.master,
			    .window_size = VC_SRTP_WINDOW,
			    .ssrc = { ssrc_any_outbound, 0 } };
	srtp_t s = NULL;

	srtp_crypto_policy_set_aes_gcm_128_16_auth(&p.rtp);
	p.rtcp = p.rtp;
	need(!srtp_create(&s, &p), "srtp_create");
	return s;
}

/*
 * 'n' destinations from 'first' on get the packet: first all is sealed, then all
 * is sent, by one call of one socket, which proved to cost least; a session is
 * fetched before it is needed.
 */
static void bare_batch(int fd, srtp_t *sessions, struct sockaddr_in6 *to,
		       unsigned int n, const uint8_t *p, uint32_t first)
{
	static _Alignas(8)
		uint8_t data[BENCH_BATCH][LEN + SRTP_MAX_TRAILER_LEN];
	struct mmsghdr hdr[BENCH_BATCH] = { 0 };
	struct iovec iov[BENCH_BATCH];

	for (unsigned int i = 0; i < n; i++) {
		struct msghdr *h = &hdr[i].msg_hdr;
		int len = LEN;

		vc_fetch(sessions[i + AHEAD], 1);
		memcpy(data[i], p, LEN);
		vc_rtp_set_ssrc(data[i], 1000 + first + i);
		need(!srtp_protect(sessions[i], data[i], &len), "srtp_protect");
		iov[i] = (struct iovec){ data[i], (size_t)len };
		h->msg_iov = &iov[i];
		h->msg_iovlen = 1;
		h->msg_name = &to[i];
		h->msg_namelen = to[i].sin6_family == AF_INET6 ?
					 sizeof(struct sockaddr_in6) :
					 sizeof(struct sockaddr_in);
	}
	for (unsigned int i = 0; i < n;) {
		int got = sendmmsg(fd, hdr + i, n - i, 0);

		i += got > 0 ? (unsigned int)got : 1;
	}
}

/* Of either family, bound to any address and '*port'. */
static int socket_of(bool is_v6, uint16_t *port)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6,
				   .sin6_port = htons(*port) };
	socklen_t len = sizeof(sa);
	int fd;

	if (!is_v6)
		return udp_at(INADDR_ANY, port);
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	need(fd >= 0 && !bind(fd, (struct sockaddr *)(void *)&sa, len) &&
		     !getsockname(fd, (struct sockaddr *)(void *)&sa, &len),
	     "socket");
	widen_buffers(fd);
	*port = ntohs(sa.sin6_port);
	return fd;
}

/* As vc-send's: nothing is cut into fragments. */
static int bare_socket(bool is_v6)
{
	int fd, dont = IP_PMTUDISC_DO;
	uint16_t any = 0;

	fd = socket_of(is_v6, &any);
	need(!setsockopt(fd, is_v6 ? IPPROTO_IPV6 : IPPROTO_IP,
			 is_v6 ? IPV6_MTU_DISCOVER : IP_MTU_DISCOVER, &dont,
			 sizeof(dont)),
	     "don't fragment");
	return fd;
}

/* As a program of its own: packets as put_packet() writes them come on stdin. */
static int bare(uint16_t port, bool is_v6, bool is_plain)
{
	static srtp_t sessions[DESTS + AHEAD];
	static struct sockaddr_in6 to[DESTS];
	uint8_t frame[2 + 10 + 2 + LEN];
	int fd = bare_socket(is_v6);

	/* Not srtp_init() alone: so NSS has large tables. */
	need(!(is_plain ? vc_srtp_init_plain() : vc_srtp_init()), "srtp_init");
	for (unsigned int i = 0; i < DESTS; i++) {
		sessions[i] = bare_session(i);
		to[i] = dest(is_v6, i, port);
	}
	while (fread(frame, 1, sizeof(frame), stdin) == sizeof(frame)) {
		for (unsigned int i = 0; i < DESTS; i += BENCH_BATCH)
			bare_batch(fd, &sessions[i], &to[i],
				   DESTS - i < BENCH_BATCH ? DESTS - i :
							     BENCH_BATCH,
				   frame + 14, i);
	}
	return 0;
}

/* Who sends to many. */
enum sender { OURS, BARE, PLAIN, SENDERS };

static const struct {
	const char *word; /* what this program is told to be */
	const char *text;
} senders[SENDERS] = {
	{ NULL, "vc-send, 1,000 keyed at 100/s" },
	{ "bare", "bare srtp_protect + sendmmsg" },
	{ "plain", "bare, libsrtp2 as it is" },
};

/* One of them, with what hears it. */
struct side {
	struct child c;
	int fd;
	uint16_t seq;
	double us[BLOCKS];  /* CPU a packet, each time it was its turn */
	uint64_t want, got; /* packets */
	uint64_t deaf;	    /* of these: lost by us */
	long kb;
};

/* One packet to all each tick; what came, with what we have lost. */
static uint64_t play(struct side *s, unsigned int ticks)
{
	int64_t t = now_ns(CLOCK_MONOTONIC);
	uint64_t deaf = overrun(s->fd), got = 0;

	for (unsigned int i = 0; i < ticks; i++) {
		put_packet(s->c.fd, LEN, 7, s->seq++);
		t += TICK;
		/* Half a tick later, so that the two do not meet. */
		sleep_until(t - TICK / 2);
		got += take_all(s->fd, SEALED);
		sleep_until(t);
		got += take_all(s->fd, SEALED);
	}
	for (int i = 0; i < PATIENCE && got < (uint64_t)ticks * DESTS; i++) {
		uint64_t n;

		sleep_until(now_ns(CLOCK_MONOTONIC) + VC_MS);
		n = take_all(s->fd, SEALED);
		got += n;
		i = n ? 0 : i;
	}
	deaf = overrun(s->fd) - deaf;
	s->want += (uint64_t)ticks * DESTS;
	s->got += got + deaf;
	s->deaf += deaf;
	return got + deaf;
}

static struct child start_sender(enum sender who, const char *self, bool is_v6,
				 uint16_t port, char *keys, char *dests)
{
	char text[16];
	const char *const theirs[] = { self, senders[who].word, text,
				       is_v6 ? "6" : "4", NULL };
	/* Nobody there reports. */
	const char *const ours[] = { "vc-send",	    "-q",	  "--breaker",
				     "off",	    "--key-file", keys,
				     "--dest-file", dests,	  NULL };
	struct child c;

	snprintf(text, sizeof(text), "%u", port);
	c = start(who == OURS ? ours : theirs, STDIN_FILENO);
	if (who == OURS)
		put_desc(c.fd);
	return c;
}

/* Ready, and in its stride. */
static void begin(struct side *s, enum sender who, const char *self, bool is_v6)
{
	char keys[] = "/tmp/vc-bench-XXXXXX", dests[] = "/tmp/vc-bench-XXXXXX";
	uint16_t port = 0;
	uint64_t got = 0;

	*s = (struct side){ .fd = socket_of(is_v6, &port) };
	write_keys(keys, 0, DESTS);
	write_dests(dests, is_v6, port);
	s->c = start_sender(who, self, is_v6, port, keys, dests);
	/* It is up when all have got something. */
	while (got < DESTS) {
		put_packet(s->c.fd, LEN, 7, s->seq++);
		sleep_until(now_ns(CLOCK_MONOTONIC) + 2 * TICK);
		got += take_all(s->fd, SEALED);
	}
	unlink(keys);
	unlink(dests);
	play(s, RATE);
	s->want = s->got = s->deaf = 0;
}

static void print(struct side *sides, bool is_v6)
{
	const char *family = is_v6 ? "IPv6" : "IPv4";
	const struct side *ours = &sides[OURS];
	double us[SENDERS];

	for (enum sender k = 0; k < SENDERS; k++) {
		us[k] = median(sides[k].us, BLOCKS);
		fprintf(stderr, "%-34s %s %8.2f %8.2f %9.2f %9ld\n",
			senders[k].text, family, us[k], us[k] * CORES_A_US,
			((double)sides[k].want - (double)sides[k].got) / DESTS,
			sides[k].kb);
	}
	for (enum sender k = BARE; k < SENDERS; k++)
		printf("{\"bench\":\"1000 keyed destinations, CPU, %s\","
		       "\"value\":%.3f,\"unit\":\"us/packet\",\"core\":%.3f,"
		       "\"peer\":\"%s\",\"peer_value\":%.3f,"
		       "\"ratio\":%.3f}\n",
		       family, us[OURS], us[OURS] * CORES_A_US, senders[k].text,
		       us[k], us[OURS] / us[k]);
	printf("{\"bench\":\"1000 keyed destinations, lost, %s\",\"value\":%.3f,"
	       "\"unit\":\"packets/destination\",\"by_the_receiver\":%.3f}\n",
	       family, ((double)ours->want - (double)ours->got) / DESTS,
	       (double)ours->deaf / DESTS);
	printf("{\"bench\":\"1000 keyed destinations, memory, %s\",\"value\":%ld,"
	       "\"unit\":\"kB\",\"peer\":\"12 MB + 32 kB each\","
	       "\"peer_value\":%d,\"ratio\":%.3f}\n",
	       family, ours->kb, GOAL_KB, (double)ours->kb / GOAL_KB);
	fflush(stdout);
}

/* In turn, as whatever else the machine does is to meet all of them. */
static void compare(const char *self, bool is_v6)
{
	static struct side sides[SENDERS];

	for (enum sender k = 0; k < SENDERS; k++)
		begin(&sides[k], k, self, is_v6);
	for (int block = 0; block < BLOCKS; block++) {
		for (enum sender k = 0; k < SENDERS; k++) {
			struct side *s = &sides[k];
			uint64_t got;

			look(&s->c);
			got = play(s, BLOCK_TICKS);
			s->us[block] = (double)look(&s->c) / 1e3 / (double)got;
		}
	}
	for (enum sender k = 0; k < SENDERS; k++) {
		sides[k].kb = memory_kb(&sides[k].c, "VmHWM");
		stop(&sides[k].c);
		close(sides[k].fd);
	}
	print(sides, is_v6);
}

/* This machine has one address of IPv6 only, but for a network of our own. */
static void compare_v6(const char *self)
{
	pid_t pid = fork();

	if (pid > 0)
		waitpid(pid, NULL, 0);
	if (pid)
		return;
	if (unshare(CLONE_NEWNET) ||
	    system("ip link set lo up && "
		   "ip -6 route add local " NET6 "/64 dev lo"))
		fprintf(stderr,
			"IPv6: not measured: wants root and iproute2\n");
	else
		compare(self, true);
	exit(0);
}

int main(int argc, char **argv)
{
	if (argc == 4)
		return bare((uint16_t)strtoul(argv[2], NULL, 10),
			    !strcmp(argv[3], "6"),
			    !strcmp(argv[1], senders[PLAIN].word));
	prctl(PR_SET_TIMERSLACK, 1);
	signal(SIGPIPE, SIG_IGN);
	fprintf(stderr, "\n%-40s us/packet   cores lost/dest  RSS kB\n",
		"keys");
	compare(argv[0], false);
	compare_v6(argv[0]);
	return 0;
}
