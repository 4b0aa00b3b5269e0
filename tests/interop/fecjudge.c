/* SPDX-License-Identifier: MIT */
/*
 * fecjudge MEDIA-PT FEC-PT: reads RTP and ULPFEC of one source from stdin (RFC
 * 4571), loses every tenth media packet, and prints as JSON how many were
 * lost, won back, and won back wrong.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/pool.h"
#include "session/fecdec.h"

struct judge {
	struct vc_pool *pool;
	struct vc_fecdec *d;
	uint8_t media_pt, fec_pt;
	unsigned int media, lost, won, wrong, refused;
	struct vc_packet *sent[65536];
};

static struct vc_packet *read_packet(struct judge *j)
{
	struct vc_packet *pkt;
	uint8_t len[2];

	if (fread(len, 1, 2, stdin) != 2)
		return NULL;
	pkt = vc_packet_new(j->pool, VC_PACKET_MAX);
	pkt->len = vc_get_u16(len);
	if (pkt->len <= pkt->cap &&
	    fread(pkt->data, 1, pkt->len, stdin) == pkt->len)
		return pkt;
	vc_packet_unref(pkt);
	return NULL;
}

static void take_won(struct judge *j)
{
	struct vc_packet *pkt;

	while ((pkt = vc_fecdec_next(j->d))) {
		const struct vc_packet *sent =
			j->sent[vc_rtp_get_seq(pkt->data)];

		j->won++;
		if (!sent || sent->len != pkt->len ||
		    memcmp(sent->data, pkt->data, pkt->len))
			j->wrong++;
		vc_packet_unref(pkt);
	}
}

static void judge(struct judge *j, struct vc_packet *pkt)
{
	struct vc_packet **sent;
	struct vc_rtp rtp;

	if (vc_rtp_parse(&rtp, pkt->data, pkt->len))
		return;
	if (!j->d) {
		const struct vc_fecdec_conf conf = { .format = VC_FEC_ULP,
						     .pt = j->fec_pt,
						     .red_pt = j->fec_pt,
						     .media_ssrc = rtp.ssrc };

		j->d = vc_fecdec_new(&conf, j->pool);
	}
	if (rtp.pt == j->fec_pt) {
		j->refused += vc_fecdec_parity(j->d, pkt, rtp.payload,
					       rtp.payload_len) != 0;
	} else if (rtp.pt == j->media_pt) {
		sent = &j->sent[rtp.seq];
		vc_packet_unref(*sent);
		*sent = vc_packet_ref(pkt);
		j->media++;
		if (j->media % 10)
			vc_fecdec_media(j->d, pkt);
		else
			j->lost++;
	}
	take_won(j);
}

int main(int argc, char **argv)
{
	struct judge *j = vc_alloc(1, sizeof(*j));
	uint64_t media_pt, fec_pt;
	struct vc_packet *pkt;

	if (argc != 3 || vc_num_u64(argv[1], 0, 127, &media_pt) ||
	    vc_num_u64(argv[2], 0, 127, &fec_pt))
		return 2;
	j->pool = vc_pool_new();
	j->media_pt = (uint8_t)media_pt;
	j->fec_pt = (uint8_t)fec_pt;
	while ((pkt = read_packet(j))) {
		judge(j, pkt);
		vc_packet_unref(pkt);
	}
	printf("{\"media\":%u,\"lost\":%u,\"won\":%u,\"wrong\":%u,"
	       "\"refused\":%u}\n",
	       j->media, j->lost, j->won, j->wrong, j->refused);
	for (size_t i = 0; i < VC_COUNT(j->sent); i++)
		vc_packet_unref(j->sent[i]);
	vc_fecdec_free(j->d);
	vc_pool_free(j->pool);
	free(j);
	return 0;
}
