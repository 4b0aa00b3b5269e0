/* SPDX-License-Identifier: MIT */
/*
 * What AES-GCM adds end to end: `vc-send` to `vc-recv` with packets of 1,200
 * octets, sealed and in clear in turn. The difference is set beside what
 * Debian's libsrtp2 alone takes to seal and open as many of these packets, whose
 * memory and tables are then as warm as they get. CPU is user + system time.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <srtp2/srtp.h>

#include "bench/bench.h"
#include "net/srtp.h"

#define LEN 1200
#define RATE 20000
#define TICK (2 * VC_MS)
#define SECONDS 2
#define ROUNDS 5
#define N 10000

static const char key_line[] =
	"AEAD_AES_128_GCM inline:MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3OA==\n";

/* Of packets at an even rate; those that came are counted. */
static void feed(struct reader *r, const struct child c[2], uint16_t *seq,
		 int seconds)
{
	int64_t t = now_ns(CLOCK_MONOTONIC), end = t + seconds * VC_SEC;

	while (t < end) {
		for (int i = 0; i < RATE / (VC_SEC / TICK); i++)
			put_packet(c[0].fd, LEN, 7, (*seq)++);
		t += TICK;
		sleep_until(t);
		read_on(r, c[1].fd);
	}
	sleep_until(t + VC_SEC / 5);
	read_on(r, c[1].fd);
}

/* Microseconds a packet, of both. 'keys' NULL: in clear. */
static double end_to_end(const char *keys)
{
	static struct reader r;
	char url[64];
	const char *const recv[] = { "vc-recv", "-q",
				     url,	keys ? "--key-file" : NULL,
				     keys,	NULL };
	const char *const send[] = { "vc-send", "-q",
				     url,	keys ? "--key-file" : NULL,
				     keys,	NULL };
	struct child c[2];
	uint16_t seq = 0;
	double ns;

	r = (struct reader){ .of_len = LEN, .n = UINT32_MAX };
	snprintf(url, sizeof(url), "rtp://127.0.0.1:%u", free_port());
	c[1] = start(recv, STDOUT_FILENO);
	c[0] = start(send, STDIN_FILENO);
	put_desc(c[0].fd);
	while (!r.packets) {
		put_packet(c[0].fd, LEN, 7, seq++);
		sleep_until(now_ns(CLOCK_MONOTONIC) + 20 * VC_MS);
		read_on(&r, c[1].fd);
	}
	feed(&r, c, &seq, 1);
	look(&c[0]);
	look(&c[1]);
	r.packets = 0;
	feed(&r, c, &seq, SECONDS);
	ns = (double)(look(&c[0]) + look(&c[1])) / (double)r.packets;
	stop(&c[0]);
	stop(&c[1]);
	return ns / 1e3;
}

static srtp_t session(srtp_ssrc_type_t type)
{
	static uint8_t key[32] = "123456789012345678901234567";
	srtp_policy_t p = { .key = key, .window_size = VC_SRTP_WINDOW };
	srtp_t s = NULL;

	srtp_crypto_policy_set_aes_gcm_128_16_auth(&p.rtp);
	p.rtcp = p.rtp;
	p.ssrc.type = type;
	need(!srtp_create(&s, &p), "srtp_create");
	return s;
}

/* Microseconds to seal a packet and open it. */
static double alone(void)
{
	srtp_t out = session(ssrc_any_outbound), in = session(ssrc_any_inbound);
	int64_t t = now_ns(CLOCK_PROCESS_CPUTIME_ID);

	for (uint16_t i = 0; i < N; i++) {
		_Alignas(8) uint8_t p[LEN + SRTP_MAX_TRAILER_LEN];
		int len = LEN;

		make_packet(p, LEN, 7, i);
		need(!srtp_protect(out, p, &len) &&
			     !srtp_unprotect(in, p, &len),
		     "libsrtp2");
	}
	t = now_ns(CLOCK_PROCESS_CPUTIME_ID) - t;
	srtp_dealloc(out);
	srtp_dealloc(in);
	return (double)t / 1e3 / N;
}

int main(void)
{
	char path[] = "/tmp/vc-bench-XXXXXX";
	double clear[ROUNDS], keyed[ROUNDS], bare[ROUNDS], added;
	int fd = temp_file(path);

	need(!vc_write_all(fd, key_line, sizeof(key_line) - 1) &&
		     !vc_srtp_init_plain(),
	     path);
	prctl(PR_SET_TIMERSLACK, 1);
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < ROUNDS; i++) {
		clear[i] = end_to_end(NULL);
		keyed[i] = end_to_end(path);
		bare[i] = alone();
	}
	unlink(path);
	added = median(keyed, ROUNDS) - median(clear, ROUNDS);
	printf("{\"bench\":\"AES-GCM end to end, added\",\"value\":%.3f,"
	       "\"unit\":\"us/packet\",\"peer\":\"libsrtp2\","
	       "\"peer_value\":%.3f,\"ratio\":%.3f}\n",
	       added, median(bare, ROUNDS), added / median(bare, ROUNDS));
	fprintf(stderr,
		"\nAES-GCM end to end, us/packet: clear %.2f, sealed %.2f, "
		"libsrtp2 alone %.2f: ratio %.2f\n",
		median(clear, ROUNDS), median(keyed, ROUNDS),
		median(bare, ROUNDS), added / median(bare, ROUNDS));
	return 0;
}
