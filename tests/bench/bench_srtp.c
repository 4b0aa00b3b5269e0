/* SPDX-License-Identifier: MIT */
/*
 * What SRTP costs: sealing and opening packets of 1,200 octets by ours and by
 * Debian's libsrtp2 alone, whose sessions are made before it gets our AES-GCM.
 * Rounds alternate, the least of each counts. Then how the
 * cost grows from 1 to 10,000 sources.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <srtp2/srtp.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/srtpin.h"
#include "net/srtpout.h"

#define LOAD 1200
#define CAP (12 + LOAD + VC_SRTP_TRAILER_MAX)
#define BATCH 1000
#define ROUNDS 30

struct pkt {
	_Alignas(4) uint8_t p[CAP];
	size_t len;
};

static struct pkt plain[BATCH], work[BATCH];
static uint32_t next[10000]; /* the number of each source's next packet */
static uint32_t turn;	     /* whose it is */

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_srtp: %s failed\n", what);
	exit(1);
}

static double now_ns(void)
{
	struct timespec ts;

	need(!clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts), "clock");
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* The next BATCH packets, of sources in turn. */
static void make(uint32_t sources)
{
	for (uint32_t i = 0; i < BATCH; i++, turn++) {
		struct pkt *k = &plain[i];
		uint32_t s = turn % sources;

		k->p[0] = 0x80;
		k->p[1] = 96;
		vc_put_u16(k->p + 2, (uint16_t)next[s]++);
		vc_put_u32(k->p + 8, s * 2654435761u);
		k->len = 12 + LOAD;
	}
	memcpy(work, plain, sizeof(work));
}

static struct vc_srtp_key key_of(enum vc_srtp_suite suite)
{
	struct vc_srtp_key k = { .suite = suite, .lifetime = VC_SRTP_LIFE_MAX };

	memset(k.master, 0x5a, sizeof(k.master));
	return k;
}

struct ours {
	struct vc_srtp_out *out;
	struct vc_srtp_in *in;
	int64_t now;
};

static void ours_new(struct ours *o, enum vc_srtp_suite suite, uint32_t sources)
{
	const struct vc_srtp_in_conf in = { .max_sources = sources,
					    .idle = VC_SEC };
	const struct vc_srtp_out_conf out = { .max_sources = sources };
	struct vc_srtp_key key = key_of(suite);
	unsigned int index;

	*o = (struct ours){ 0 };
	need(!vc_srtp_in_new(&o->in, &in) &&
		     !vc_srtp_in_add(o->in, &key, NULL, &index) &&
		     !vc_srtp_out_new(&o->out, &key, &out),
	     "keys");
}

static void ours_free(struct ours *o)
{
	vc_srtp_out_free(o->out);
	vc_srtp_in_free(o->in);
}

static void ours_seal(struct ours *o)
{
	for (int i = 0; i < BATCH; i++)
		need(!vc_srtp_out_seal(o->out, work[i].p, &work[i].len, CAP),
		     "seal");
}

static void ours_open(struct ours *o)
{
	struct vc_srtp_got got;

	for (int i = 0; i < BATCH; i++) {
		/* Slowly enough for newcomers to be within the budget. */
		o->now += VC_MS;
		need(!vc_srtp_in_open(o->in, work[i].p, &work[i].len, 1, 2,
				      o->now, &got),
		     "open");
	}
}

static srtp_t bare_new(enum vc_srtp_suite suite, srtp_ssrc_type_t type)
{
	struct vc_srtp_key key = key_of(suite);
	srtp_policy_t p = { .key = key.master, .window_size = VC_SRTP_WINDOW };
	srtp_t s;

	if (suite == VC_AEAD_AES_128_GCM)
		srtp_crypto_policy_set_aes_gcm_128_16_auth(&p.rtp);
	else
		srtp_crypto_policy_set_rtp_default(&p.rtp);
	p.rtcp = p.rtp;
	p.ssrc.type = type;
	need(!srtp_create(&s, &p), "session");
	return s;
}

static void bare(srtp_t s, srtp_err_status_t (*fn)(srtp_t, void *, int *))
{
	for (int i = 0; i < BATCH; i++) {
		int len = (int)work[i].len;

		need(!fn(s, work[i].p, &len), "libsrtp2");
		work[i].len = (size_t)len;
	}
}

static void take_least(double *least, double since)
{
	double ns = (now_ns() - since) / BATCH;

	if (!*least || ns < *least)
		*least = ns;
}

static void report(const char *what, double ns, double peer)
{
	printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"ns\","
	       "\"peer\":\"libsrtp2\",\"ratio\":%.3f}\n",
	       what, ns, ns / peer);
	fprintf(stderr, "%-40s %6.0f ns %6.0f ns %6.2f\n", what, ns, peer,
		ns / peer);
}

/* Sessions of libsrtp2 alone. */
struct theirs {
	enum vc_srtp_suite suite;
	srtp_t out, in;
};

static void theirs_new(struct theirs *t, enum vc_srtp_suite suite)
{
	*t = (struct theirs){ .suite = suite,
			      .out = bare_new(suite, ssrc_any_outbound),
			      .in = bare_new(suite, ssrc_any_inbound) };
}

static void compare(const struct theirs *by)
{
	double us[2] = { 0 }, them[2] = { 0 }, t;
	struct ours o;
	char what[80];

	ours_new(&o, by->suite, 1);
	next[0] = 0;
	for (int i = 0; i < ROUNDS; i++) {
		make(1);
		t = now_ns();
		ours_seal(&o);
		take_least(&us[0], t);
		t = now_ns();
		ours_open(&o);
		take_least(&us[1], t);
		memcpy(work, plain, sizeof(work));
		t = now_ns();
		bare(by->out, srtp_protect);
		take_least(&them[0], t);
		t = now_ns();
		bare(by->in, srtp_unprotect);
		take_least(&them[1], t);
	}
	for (int i = 0; i < 2; i++) {
		snprintf(what, sizeof(what), "srtp %s %s", i ? "open" : "seal",
			 vc_srtp_suite(by->suite)->name);
		report(what, us[i], them[i]);
	}
	ours_free(&o);
	srtp_dealloc(by->out);
	srtp_dealloc(by->in);
}

/* Beside one source, which is how the cost grows. */
static void grow(double *one, uint32_t sources)
{
	double us[2] = { 0 }, t;
	struct ours o;
	char what[80];

	ours_new(&o, VC_AEAD_AES_128_GCM, sources);
	memset(next, 0, sizeof(next));
	for (uint32_t i = 0; i < ROUNDS + sources / BATCH; i++) {
		make(sources);
		t = now_ns();
		ours_seal(&o);
		take_least(&us[0], t);
		t = now_ns();
		ours_open(&o);
		take_least(&us[1], t);
	}
	for (int i = 0; i < 2; i++) {
		if (sources == 1)
			one[i] = us[i];
		snprintf(what, sizeof(what), "srtp %s, %u sources",
			 i ? "open" : "seal", sources);
		report(what, us[i], one[i]);
	}
	ours_free(&o);
}

int main(void)
{
	struct theirs gcm, cm;
	double one[2];

	need(!vc_srtp_init_plain(), "init");
	theirs_new(&gcm, VC_AEAD_AES_128_GCM);
	theirs_new(&cm, VC_AES_CM_128_HMAC_SHA1_80);
	need(!vc_srtp_init(), "init");
	fprintf(stderr, "%-40s %9s %9s %6s\n", "a packet of 1,200 octets", "vc",
		"peer", "ratio");
	compare(&gcm);
	compare(&cm);
	for (uint32_t n = 1; n <= 10000; n *= 10)
		grow(one, n);
	return 0;
}
