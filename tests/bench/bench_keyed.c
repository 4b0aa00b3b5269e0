/* SPDX-License-Identifier: MIT */
/*
 * Keys and many. First one stream of 100 packets/s to 1,000 destinations, each
 * with a key of its own (AEAD_AES_128_GCM): vc-send beside a bare prototype
 * that takes the same packets from a pipe, calls srtp_protect() for each
 * destination and sends by one socket, which nobody listens to; that with
 * Debian's libsrtp2 as it is, and with the AES-GCM that vc-send gives it
 * (net/srtpgcm.h). Their rounds alternate. CPU is user + system time, as a
 * share of one core, of both with what the kernel does on loopback to receive
 * what they send; what the receiver of this measurement lost itself is told
 * apart. Memory is the most that was resident, with keys of both directions.
 *
 * Then a stream of 3,000 packets/s of 60 sources under a key to vc-recv, alone
 * and with 30,000 packets/s that are not authentic: of the same sources under
 * another key, of sources that nobody knows, and of no format at all.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <srtp2/srtp.h>

#include "bench/bench.h"
#include "net/srtpout.h"

#define LEN 200
#define SEALED (LEN + 16)
#define DESTS 1000
#define AHEAD 4
#define RATE 100
#define TICK (VC_SEC / RATE)
#define SECONDS 4
#define ROUNDS 3
#define GOAL_KB (12 * 1024 + DESTS * 32)

/* 'n' is the key. */
static struct vc_keyline key_of(unsigned int n)
{
	struct vc_keyline k = { .in = true, .out = true };

	k.key.suite = VC_AEAD_AES_128_GCM;
	k.key.lifetime = VC_SRTP_LIFE_MAX;
	for (size_t i = 0; i < vc_srtp_master_len(&k.key); i++)
		k.key.master[i] = (uint8_t)(i * 7 + (n >> i % 2 * 8));
	snprintf(k.name, sizeof(k.name), "p%u", n);
	return k;
}

/* Keys from 'n' on, so many. */
static void write_keys(char *path, unsigned int first, unsigned int n)
{
	int fd = temp_file(path);

	for (unsigned int i = 0; i < n; i++) {
		struct vc_keyline k = key_of(first + i);
		char line[VC_KEYLINE_CAP];

		need(vc_keyline_write(&k, line, sizeof(line)) > 0, "key");
		dprintf(fd, "%s\n", line);
	}
	close(fd);
}

/* --- one to many --- */

/* One of 1,000 addresses of this machine; one socket hears them all. */
static struct sockaddr_in dest(unsigned int i, uint16_t port)
{
	return address(0x7f000101 + (i / 200 << 8) + i % 200, port);
}

static void write_dests(char *path, uint16_t port)
{
	int fd = temp_file(path);

	for (unsigned int i = 0; i < DESTS; i++) {
		struct sockaddr_in sa = dest(i, port);
		char host[INET_ADDRSTRLEN];

		inet_ntop(AF_INET, &sa.sin_addr, host, sizeof(host));
		dprintf(fd, "p%u=srtp://%s:%u\n", i, host, port);
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
 * is sent, by the call that proved to cost least; a session is fetched before
 * it is needed.
 */
static void bare_batch(int fd, srtp_t *sessions, struct sockaddr_in *to,
		       unsigned int n, const uint8_t *p, uint32_t first)
{
	static _Alignas(8)
		uint8_t data[BENCH_BATCH][LEN + SRTP_MAX_TRAILER_LEN];
	int len[BENCH_BATCH];

	for (unsigned int i = 0; i < n; i++) {
		vc_fetch(sessions[i + AHEAD], 1);
		memcpy(data[i], p, LEN);
		vc_rtp_set_ssrc(data[i], 1000 + first + i);
		len[i] = LEN;
		need(!srtp_protect(sessions[i], data[i], &len[i]),
		     "srtp_protect");
	}
	for (unsigned int i = 0; i < n; i++)
		(void)sendto(fd, data[i], (size_t)len[i], 0,
			     (struct sockaddr *)(void *)&to[i], sizeof(to[i]));
}

/* As vc-send's: nothing is cut into fragments. */
static int bare_socket(void)
{
	int fd, dont = IP_PMTUDISC_DO;
	uint16_t any = 0;

	fd = udp_at(INADDR_ANY, &any);
	need(!setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &dont, sizeof(dont)),
	     "don't fragment");
	return fd;
}

/* As a program of its own: packets as put_packet() writes them come on stdin. */
static int bare(uint16_t port, bool is_plain)
{
	static srtp_t sessions[DESTS + AHEAD];
	static struct sockaddr_in to[DESTS];
	uint8_t frame[2 + 10 + 2 + LEN];
	int fd = bare_socket();

	/* Not srtp_init() alone: so NSS has large tables. */
	need(!(is_plain ? vc_srtp_init_plain() : vc_srtp_init()), "srtp_init");
	for (unsigned int i = 0; i < DESTS; i++) {
		sessions[i] = bare_session(i);
		to[i] = dest(i, port);
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

struct many {
	double us;   /* a packet */
	double core; /* the share of one */
	double lost; /* packets of each destination */
	double deaf; /* of these: lost by us */
	long kb;
};

/* One packet to all each tick for 'seconds'; what came. */
static uint64_t play(const struct child *c, int fd, uint16_t *seq, int seconds)
{
	int64_t t = now_ns(CLOCK_MONOTONIC);
	uint64_t got = 0;

	for (int i = 0; i < seconds * RATE; i++) {
		put_packet(c->fd, LEN, 7, (*seq)++);
		t += TICK;
		/* Half a tick later, so that the two do not meet. */
		sleep_until(t - TICK / 2);
		got += take_all(fd, SEALED);
		sleep_until(t);
		got += take_all(fd, SEALED);
	}
	sleep_until(t + VC_SEC / 2);
	return got + take_all(fd, SEALED);
}

/* Who sends to many. */
enum sender { OURS, BARE, PLAIN, SENDERS };

static const struct {
	const char *word; /* what this program is told to be */
	const char *text;
} senders[SENDERS] = {
	{ NULL, "vc-send, 1,000 keyed at 100/s" },
	{ "bare", "bare srtp_protect + sendto" },
	{ "plain", "bare, libsrtp2 as it is" },
};

static struct child start_many(enum sender who, const char *self, uint16_t port,
			       char *keys, char *dests)
{
	char text[16];
	const char *const theirs[] = { self, senders[who].word, text, NULL };
	const char *const ours[] = { "vc-send",	    "-q",  "--key-file", keys,
				     "--dest-file", dests, NULL };
	struct child c;

	snprintf(text, sizeof(text), "%u", port);
	c = start(who == OURS ? ours : theirs, STDIN_FILENO);
	if (who == OURS)
		put_desc(c.fd);
	return c;
}

static struct many to_many(enum sender who, const char *self)
{
	char keys[] = "/tmp/vc-bench-XXXXXX", dests[] = "/tmp/vc-bench-XXXXXX";
	const uint64_t want = (uint64_t)DESTS * RATE * SECONDS;
	uint16_t port = 0, seq = 0;
	int fd = udp_at(INADDR_ANY, &port);
	uint64_t got = 0, deaf;
	struct many m;
	struct child c;
	double cpu;

	write_keys(keys, 0, DESTS);
	write_dests(dests, port);
	c = start_many(who, self, port, keys, dests);
	/* It is up when all have got something. */
	while (got < DESTS) {
		put_packet(c.fd, LEN, 7, seq++);
		sleep_until(now_ns(CLOCK_MONOTONIC) + 2 * TICK);
		got += take_all(fd, SEALED);
	}
	unlink(keys);
	unlink(dests);
	play(&c, fd, &seq, 1);
	deaf = overrun(fd);
	look(&c);
	got = play(&c, fd, &seq, SECONDS);
	cpu = (double)look(&c);
	m.us = cpu / 1e3 / (double)got;
	m.core = cpu / (SECONDS * 1e9);
	m.lost = ((double)want - (double)got) / DESTS;
	m.deaf = (double)(overrun(fd) - deaf) / DESTS;
	m.kb = memory_kb(&c, "VmHWM");
	stop(&c);
	close(fd);
	return m;
}

static void compare(const char *self)
{
	double us[SENDERS][ROUNDS], core[SENDERS][ROUNDS];
	double lost[SENDERS] = { 0 }, deaf = 0;
	long kb[SENDERS] = { 0 };

	for (int round = 0; round < ROUNDS; round++) {
		for (enum sender k = 0; k < SENDERS; k++) {
			struct many m = to_many(k, self);

			us[k][round] = m.us;
			core[k][round] = m.core;
			lost[k] = m.lost > lost[k] ? m.lost : lost[k];
			deaf = m.deaf > deaf ? m.deaf : deaf;
			kb[k] = m.kb > kb[k] ? m.kb : kb[k];
		}
	}
	for (enum sender k = 0; k < SENDERS; k++)
		fprintf(stderr, "%-40s %8.2f %8.2f %9.2f %9ld\n",
			senders[k].text, median(us[k], ROUNDS),
			median(core[k], ROUNDS), lost[k], kb[k]);
	for (enum sender k = BARE; k < SENDERS; k++)
		printf("{\"bench\":\"1000 keyed destinations, CPU\","
		       "\"value\":%.3f,\"unit\":\"us/packet\",\"core\":%.3f,"
		       "\"peer\":\"%s\",\"peer_value\":%.3f,"
		       "\"ratio\":%.3f}\n",
		       median(us[OURS], ROUNDS), median(core[OURS], ROUNDS),
		       senders[k].text, median(us[k], ROUNDS),
		       median(us[OURS], ROUNDS) / median(us[k], ROUNDS));
	printf("{\"bench\":\"1000 keyed destinations, lost\",\"value\":%.3f,"
	       "\"unit\":\"packets/destination\",\"peer\":\"bare\","
	       "\"peer_value\":%.3f,\"by_the_receiver\":%.3f}\n",
	       lost[0], lost[1], deaf);
	printf("{\"bench\":\"1000 keyed destinations, memory\",\"value\":%ld,"
	       "\"unit\":\"kB\",\"peer\":\"12 MB + 32 kB each\","
	       "\"peer_value\":%d,\"ratio\":%.3f}\n",
	       kb[0], GOAL_KB, (double)kb[0] / GOAL_KB);
	fflush(stdout);
}

/* --- strangers --- */

#define SOURCES 60
#define GOOD 3000  /* packets a second */
#define BAD 30000  /* likewise */
#define KINDS 3000 /* different ones, sent again and again */

/* Sealed, but for those that are no packets. */
struct forged {
	uint8_t p[KINDS][SEALED];
	size_t len[KINDS];
};

static struct vc_srtp_out *sealer(unsigned int key)
{
	const struct vc_srtp_out_conf conf = { .max_sources = 2 * KINDS };
	struct vc_keyline k = key_of(key);
	struct vc_srtp_out *o = NULL;

	need(!vc_srtp_out_new(&o, &k.key, &conf), "key");
	return o;
}

/* The next packet of 'ssrc', sealed. */
static size_t make_sealed(struct vc_srtp_out *o, uint8_t *p, uint32_t ssrc,
			  uint16_t seq)
{
	size_t len = LEN;

	make_packet(p, LEN, ssrc, seq);
	need(!vc_srtp_out_seal(o, p, &len, LEN + VC_SRTP_TRAILER_MAX), "seal");
	return len;
}

/* A third each: wrong key, unknown sources, no format. */
static void forge(struct forged *f)
{
	static const uint8_t firsts[] = { 0, 22, 70, 0x80, 0xc0, 0x90, 0xff };
	struct vc_srtp_out *o = sealer(1);
	uint8_t p[LEN + VC_SRTP_TRAILER_MAX];

	for (uint32_t i = 0; i < KINDS; i++) {
		uint32_t ssrc = i % 3 ? 0x40000000 + i * 7919 :
					1000 + i / 3 % SOURCES;

		f->len[i] = make_sealed(o, p, ssrc, (uint16_t)i);
		memcpy(f->p[i], p, SEALED);
		if (i % 3 < 2)
			continue;
		f->p[i][0] = firsts[i / 3 % sizeof(firsts)];
		f->len[i] = 1 + i * 31 % SEALED;
	}
	vc_srtp_out_free(o);
}

static void send_forged(const struct forged *f, int fd, unsigned int *turn,
			unsigned int n)
{
	struct mmsghdr hdr[BENCH_BATCH] = { 0 };
	struct iovec iov[BENCH_BATCH];

	for (unsigned int i = 0; i < n; i++) {
		unsigned int k = (*turn)++ % KINDS;

		iov[i] =
			(struct iovec){ (void *)(uintptr_t)f->p[k], f->len[k] };
		hdr[i].msg_hdr.msg_iov = &iov[i];
		hdr[i].msg_hdr.msg_iovlen = 1;
	}
	(void)sendmmsg(fd, hdr, n, 0);
}

/* A keyed vc-recv and who sends to it. */
struct talk {
	struct child c;
	struct reader r;
	struct vc_srtp_out *o;
	const struct forged *forged; /* NULL: nobody else does */
	int good, bad;		     /* sockets */
	uint32_t turn;
	unsigned int bad_turn;
};

/* So many packets, and what is forged in between; what came of them is read. */
static void feed(struct talk *k, unsigned int n)
{
	uint8_t p[LEN + VC_SRTP_TRAILER_MAX];
	int64_t t = now_ns(CLOCK_MONOTONIC);

	for (unsigned int i = 0; i < n; i++, k->turn++) {
		size_t len = make_sealed(k->o, p, 1000 + k->turn % SOURCES,
					 (uint16_t)(k->turn / SOURCES));

		(void)!send(k->good, p, len, 0);
		if (k->forged)
			send_forged(k->forged, k->bad, &k->bad_turn,
				    BAD / GOOD);
		if (i % 3 != 2)
			continue;
		t += VC_SEC / (GOOD / 3);
		sleep_until(t);
		read_on(&k->r, k->c.fd);
	}
	sleep_until(t + VC_SEC / 5);
	read_on(&k->r, k->c.fd);
}

/* Of a thousand packets of the sources that are meant, how many are lost. */
static double among_strangers(const struct forged *f, double *core)
{
	static struct talk k;
	char keys[] = "/tmp/vc-bench-XXXXXX", url[64];
	const char *const argv[] = { "vc-recv", "-q", "--key-file",
				     keys,	url,  NULL };
	uint16_t port = free_port();
	uint64_t got;

	write_keys(keys, 0, 1);
	snprintf(url, sizeof(url), "rtp://127.0.0.1:%u", port);
	k = (struct talk){ .r = { .of_len = LEN, .first = 1000, .n = SOURCES },
			   .forged = f,
			   .o = sealer(0),
			   .good = udp_to(port),
			   .bad = udp_to(port) };
	k.c = start(argv, STDOUT_FILENO);
	while (!k.r.packets)
		feed(&k, GOOD / 10);
	unlink(keys);
	feed(&k, GOOD);
	look(&k.c);
	got = k.r.packets;
	feed(&k, GOOD * SECONDS);
	got = k.r.packets - got;
	*core = (double)look(&k.c) / (SECONDS * 1e9);
	stop(&k.c);
	close(k.good);
	close(k.bad);
	vc_srtp_out_free(k.o);
	return 1e3 * (1 - (double)got / (GOOD * SECONDS));
}

static void strangers(void)
{
	static struct forged f;
	double lost[2] = { 0 }, core[2] = { 0 };

	need(!vc_srtp_init(), "srtp_init");
	forge(&f);
	for (int round = 0; round < ROUNDS; round++) {
		for (int k = 0; k < 2; k++) {
			double share;
			double one = among_strangers(k ? &f : NULL, &share);

			lost[k] = one > lost[k] ? one : lost[k];
			core[k] = share > core[k] ? share : core[k];
		}
	}
	for (int k = 0; k < 2; k++)
		fprintf(stderr, "%-40s %8s %8.2f %9.2f per 1000\n",
			k ? "the same, 30,000 foreign/s beside it" :
			    "vc-recv, keyed, 3,000/s",
			"", core[k], lost[k]);
	printf("{\"bench\":\"3000/s keyed among 30000/s foreign, lost\","
	       "\"value\":%.3f,\"unit\":\"per 1000\",\"core\":%.3f,"
	       "\"peer\":\"alone\",\"peer_value\":%.3f}\n",
	       lost[1], core[1], lost[0]);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return bare((uint16_t)strtoul(argv[2], NULL, 10),
			    !strcmp(argv[1], senders[PLAIN].word));
	prctl(PR_SET_TIMERSLACK, 1);
	signal(SIGPIPE, SIG_IGN);
	fprintf(stderr, "\n%-40s us/packet   cores lost/dest  RSS kB\n",
		"keys");
	compare(argv[0]);
	strangers();
	return 0;
}
