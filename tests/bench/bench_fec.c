/* SPDX-License-Identifier: MIT */
/*
 * What FEC costs a media packet of 1,200 octets: encoding at 20 % and 50 %,
 * decoding with 5 % lost, each beside a bare exclusive or in C over the octets
 * that the same parity takes. Rounds alternate, the median counts.
 *
 * JSON lines on stdout, a table on stderr.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "session/fecdec.h"
#include "session/fecenc.h"

#define LEN 1200
#define GROUP VC_FECENC_GROUP_MAX
#define GROUPS 800
#define PACKETS (GROUP * GROUPS)
#define ROUNDS 5

struct work {
	struct vc_pool *pool;
	struct vc_packet *media[GROUP];
	unsigned int percent;
	bool decodes;
};

static double cpu_ns(void)
{
	struct timespec ts;

	if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts))
		exit(1);
	return (double)ts.tv_sec * 1e9 + (double)ts.tv_nsec;
}

/* Every packet into two sums, as the encoder does for random loss. */
static double bare(const struct work *w)
{
	static _Alignas(64) uint64_t sums[GROUP][LEN / 8];
	unsigned int m = GROUP * w->percent / 100;
	double begin = cpu_ns();
	uint64_t seen = 0;

	for (unsigned int i = 0; i < PACKETS; i++) {
		const struct vc_packet *pkt = w->media[i % GROUP];

		for (unsigned int k = 0; k < 2; k++) {
			uint64_t *to = sums[(i + k) % m];

			for (size_t o = 0; o < LEN / 8; o++) {
				uint64_t v;

				memcpy(&v, pkt->data + o * 8, 8);
				to[o] ^= v;
			}
		}
		seen ^= sums[i % m][i % (LEN / 8)];
	}
	if (seen == 1)
		puts("");
	return (cpu_ns() - begin) / PACKETS;
}

static void take_won(struct vc_fecdec *d)
{
	struct vc_packet *pkt;

	while ((pkt = vc_fecdec_next(d)))
		vc_packet_unref(pkt);
}

/* A group, and its parity; CPU time. */
static double encode(const struct work *w, struct vc_fecenc *e, uint16_t seq,
		     struct vc_packet **parity, unsigned int *n)
{
	double begin = cpu_ns();

	*n = 0;
	for (unsigned int i = 0; i < GROUP; i++) {
		vc_rtp_set_seq(w->media[i]->data, (uint16_t)(seq + i));
		vc_fecenc_put(e, w->media[i]->data, w->media[i], 0);
	}
	while ((parity[*n] = vc_fecenc_next(e, 0)))
		++*n;
	return cpu_ns() - begin;
}

static void copies(const struct work *w, struct vc_packet **out)
{
	for (unsigned int i = 0; i < GROUP; i++) {
		out[i] = vc_packet_new(w->pool, LEN);
		if (!out[i])
			exit(1);
		memcpy(out[i]->data, w->media[i]->data, LEN);
		out[i]->len = LEN;
	}
}

/* What comes of it, every twentieth media packet lost; CPU time. */
static double decode(struct vc_fecdec *d, struct vc_packet **media,
		     struct vc_packet **parity, unsigned int n)
{
	double begin = cpu_ns();

	for (unsigned int i = 0; i < GROUP; i++) {
		if (i % 20 != 3)
			vc_fecdec_media(d, media[i]);
		take_won(d);
	}
	for (unsigned int i = 0; i < n; i++) {
		(void)vc_fecdec_parity(d, parity[i],
				       parity[i]->data + VC_RTP_HEADER,
				       parity[i]->len - VC_RTP_HEADER);
		take_won(d);
	}
	return cpu_ns() - begin;
}

static double ours(const struct work *w)
{
	const struct vc_fecenc_conf enc = { .format = VC_FEC_FLEX,
					    .pt = 118,
					    .ssrc = 2,
					    .media_ssrc = 1,
					    .max_delay = VC_SEC };
	const struct vc_fecdec_conf dec = { .format = VC_FEC_FLEX,
					    .pt = 118,
					    .red_pt = 118,
					    .media_ssrc = 1 };
	struct vc_packet *media[GROUP], *parity[GROUP + 1];
	struct vc_fecenc *e = vc_fecenc_new(&enc, w->pool);
	struct vc_fecdec *d = vc_fecdec_new(&dec, w->pool);
	double enc_ns = 0, dec_ns = 0;
	unsigned int n;

	vc_fecenc_set(e, w->percent, false);
	for (unsigned int g = 0; g < GROUPS; g++) {
		enc_ns += encode(w, e, (uint16_t)(g * GROUP), parity, &n);
		copies(w, media);
		dec_ns += decode(d, media, parity, n);
		for (unsigned int i = 0; i < GROUP; i++)
			vc_packet_unref(media[i]);
		for (unsigned int i = 0; i < n; i++)
			vc_packet_unref(parity[i]);
	}
	if (vc_fecdec_counts(d)->recovered < GROUPS) {
		fprintf(stderr, "bench_fec: nothing was repaired\n");
		exit(1);
	}
	vc_fecenc_free(e);
	vc_fecdec_free(d);
	return (w->decodes ? dec_ns : enc_ns) / PACKETS;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void measure(const struct work *w, const char *name)
{
	double us[ROUNDS], floor[ROUNDS];

	for (unsigned int i = 0; i < ROUNDS; i++) {
		floor[i] = bare(w);
		us[i] = ours(w);
	}
	qsort(us, ROUNDS, sizeof(*us), by_value);
	qsort(floor, ROUNDS, sizeof(*floor), by_value);
	printf("{\"bench\":\"%s\",\"value\":%.0f,\"unit\":\"ns/packet\","
	       "\"peer\":\"bare xor\",\"ratio\":%.2f}\n",
	       name, us[ROUNDS / 2], us[ROUNDS / 2] / floor[ROUNDS / 2]);
	fprintf(stderr, "%-16s %6.0f ns a packet, bare xor %6.0f\n", name,
		us[ROUNDS / 2], floor[ROUNDS / 2]);
}

int main(void)
{
	struct work w = { .pool = vc_pool_new() };

	for (unsigned int i = 0; i < GROUP; i++) {
		w.media[i] = vc_packet_new(w.pool, LEN);
		if (!w.media[i])
			return 1;
		for (unsigned int k = 0; k < LEN; k++)
			w.media[i]->data[k] = (uint8_t)(i * 7 + k);
		w.media[i]->data[0] = 0x80;
		w.media[i]->data[1] = 96;
		vc_rtp_set_ssrc(w.media[i]->data, 1);
		w.media[i]->len = LEN;
	}
	for (w.percent = 20; w.percent <= 50; w.percent += 30) {
		w.decodes = false;
		measure(&w,
			w.percent == 20 ? "fec_encode_20" : "fec_encode_50");
		w.decodes = true;
		measure(&w,
			w.percent == 20 ? "fec_decode_20" : "fec_decode_50");
	}
	for (unsigned int i = 0; i < GROUP; i++)
		vc_packet_unref(w.media[i]);
	vc_pool_free(w.pool);
	return 0;
}
