/* SPDX-License-Identifier: MIT */
/*
 * A capture where a stream is read: at once, and an octet at a time, which must
 * be the same; what is given are packets of a stream's size and time.
 */
#include <stdlib.h>
#include <string.h>

#include "tool/capin.h"
#include "wire/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t packets, octets, descs;
	int64_t times;
	int64_t err;
};

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	struct sum *sum = ctx;

	if (sdp->n_media != 1)
		abort();
	sum->descs++;
}

static void on_packet(void *ctx, struct vc_packet *pkt,
		      const struct vc_netaddr *from)
{
	struct sum *sum = ctx;

	(void)from;
	if (pkt->len < 4 || pkt->len > VC_FRAME_RTP_MAX || pkt->arrival < 0 ||
	    pkt->arrival > VC_FRAME_TIME_MAX || pkt->data[0] >> 6 != 2)
		abort();
	sum->packets++;
	sum->octets += pkt->len;
	sum->times =
		(int64_t)((uint64_t)sum->times * 31 + (uint64_t)pkt->arrival);
}

static struct sum play(enum vc_filekind kind, const uint8_t *data, size_t size,
		       size_t piece, struct vc_pool *pool)
{
	struct sum sum;
	const struct vc_capin_conf conf = {
		.kind = kind,
		.pool = pool,
		.desc = on_desc,
		.packet = on_packet,
		.ctx = &sum,
	};
	struct vc_capin *c = vc_capin_new(&conf);

	memset(&sum, 0, sizeof(sum));
	for (size_t at = 0; c && !sum.err && at < size; at += piece)
		sum.err = vc_capin_put(c, data + at,
				       size - at < piece ? size - at : piece);
	if (c)
		vc_capin_end(c);
	vc_capin_free(c);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum vc_filekind kind = vc_filekind_of(data, size);
	struct vc_pool *pool = vc_pool_new();
	struct sum a, b;

	if (kind != VC_FILEKIND_RTPDUMP && kind != VC_FILEKIND_MJR)
		kind = VC_FILEKIND_PCAP;
	a = play(kind, data, size, size ? size : 1, pool);
	if (size < 4096) {
		b = play(kind, data, size, 1, pool);
		if (memcmp(&a, &b, sizeof(a)))
			abort();
	}
	vc_pool_free(pool);
	return 0;
}
