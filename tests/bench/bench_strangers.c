/* SPDX-License-Identifier: MIT */
/*
 * A stream of 3,000 packets/s of 60 sources under a key to vc-recv, alone and
 * with 30,000 packets/s that are not authentic: of the same sources under
 * another key, of sources that nobody knows, and of no format at all.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include "bench/keys.h"

#define LEN 200
#define SEALED (LEN + 16)
#define SECONDS 4
#define ROUNDS 3
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

int main(void)
{
	prctl(PR_SET_TIMERSLACK, 1);
	signal(SIGPIPE, SIG_IGN);
	fprintf(stderr, "\n%-40s %8s    cores      lost\n", "strangers", "");
	strangers();
	return 0;
}
