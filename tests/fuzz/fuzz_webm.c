/* SPDX-License-Identifier: MIT */
/*
 * A WebM file as a stream: at once, and an octet at a time, which must be the
 * same; what is given lies within the file and in order of time.
 */
#include <stdlib.h>
#include <string.h>

#include "base/rand.h"
#include "base/time.h"
#include "engine/webmsource.h"
#include "wire/webmread.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sum {
	uint64_t packets, octets;
	int64_t now;
};

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	(void)ctx;
	if (!sdp->n_media)
		abort();
}

static void on_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp,
		      int64_t now)
{
	struct sum *sum = ctx;

	(void)is_rtcp;
	if (now < sum->now || pkt->len > VC_PACKET_MAX)
		abort();
	sum->now = now;
	sum->packets++;
	sum->octets += pkt->len;
}

static struct sum play(const uint8_t *data, size_t size, size_t piece,
		       struct vc_pool *pool, const struct vc_rand *rand)
{
	struct sum sum = { .now = VC_VIRTUAL_EPOCH };
	const struct vc_webmsource_conf conf = {
		.rand = rand,
		.pool = pool,
		.epoch = VC_VIRTUAL_EPOCH,
		.desc = on_desc,
		.packet = on_packet,
		.ctx = &sum,
	};
	struct vc_webmsource *s = vc_webmsource_new(&conf);

	for (size_t at = 0; s && at < size; at += piece)
		if (vc_webmsource_put(s, data + at,
				      size - at < piece ? size - at : piece))
			break;
	if (s)
		vc_webmsource_end(s);
	vc_webmsource_free(s);
	return sum;
}

/* All slices that the parser gives are the file's. */
static void walk(const uint8_t *data, size_t size)
{
	struct vc_webmread r = { 0 };
	struct vc_webmread_item it;
	size_t at = 0;

	while (vc_webmread_next(&r, data + at, size - at, &it) == 1) {
		const uint8_t *end = data + size;
		uint64_t sum = 0;

		if (!it.size)
			abort();
		for (unsigned int i = 0;
		     it.kind == VC_WEBMREAD_BLOCK && i < it.block.n; i++)
			sum += it.block.size[i];
		if (it.kind == VC_WEBMREAD_BLOCK &&
		    (it.block.time < 0 ||
		     sum > (uint64_t)(end - it.block.data)))
			abort();
		if (it.size > size - at)
			break;
		at += it.size;
	}
	vc_webmread_is_whole(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_rand rand;
	struct sum a, b;

	vc_rand_init(&rand, 1, "fuzz", "webm");
	walk(data, size);
	a = play(data, size, size ? size : 1, pool, &rand);
	if (size < 4096) {
		b = play(data, size, 1, pool, &rand);
		if (memcmp(&a, &b, sizeof(a)))
			abort();
	}
	vc_pool_free(pool);
	return 0;
}
