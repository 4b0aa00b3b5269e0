/* SPDX-License-Identifier: MIT */
/* P6. Text in RED (RFC 4103): what is lost is won, however long people think. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "session/redaudio.h"
#include "wire/red.h"

#define RED_PT 116
#define TEXT_PT 117

/* When the k-th text was typed, and what: pauses between, some are empty. */
static uint32_t typed_at(unsigned int k)
{
	return UINT32_MAX - 700 + k * 500 + (k % 3) * 200;
}

static struct vc_str typed(unsigned int k)
{
	static const char *const texts[] = { "a", "", "\xe2\x82", "\xac", "" };

	return vc_str_c(texts[k % VC_COUNT(texts)]);
}

/* With those of the two before it. */
static struct vc_packet *text(struct vc_pool *pool, unsigned int k)
{
	struct vc_packet *pkt = vc_packet_new(pool, 200);
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);
	const struct vc_rtp rtp = { .pt = RED_PT,
				    .seq = (uint16_t)(65533 + k),
				    .ts = typed_at(k),
				    .ssrc = 5 };
	struct vc_red red = { .n = 0 };

	(void)vc_rtp_write(&w, &rtp);
	for (unsigned int i = k < 2 ? 0 : k - 2; i <= k; i++) {
		red.blocks[red.n++] = (struct vc_red_block){
			.pt = TEXT_PT,
			.ts_offset = (uint16_t)(typed_at(k) - typed_at(i)),
			.p = (const uint8_t *)typed(i).p,
			.len = typed(i).len
		};
	}
	vc_red_write(&w, &red);
	pkt->len = vc_wr_len(&w);
	return pkt;
}

static unsigned int take_text(struct vc_redrx *rx)
{
	struct vc_packet *pkt;
	unsigned int won = 0;
	bool is_won;

	while ((pkt = vc_redrx_next(rx, &is_won))) {
		unsigned int k;
		struct vc_rtp got;

		assert_int_equal(vc_rtp_parse(&got, pkt->data, pkt->len), 0);
		k = (uint16_t)(got.seq - 65533);
		assert_int_equal(got.pt, TEXT_PT);
		assert_int_equal(got.ts, typed_at(k));
		assert_int_equal(got.payload_len, typed(k).len);
		assert_memory_equal(got.payload, typed(k).p, typed(k).len);
		won += is_won;
		vc_packet_unref(pkt);
	}
	return won;
}

static void text_is_won_whenever_it_was_typed(void **state)
{
	static const struct {
		uint32_t lost;
		unsigned int won;
	} rows[] = {
		{ 0, 0 },      { 0x0010, 1 },  { 0x0030, 2 },
		{ 0x0070, 2 }, { 0x6db6, 10 }, { 0x0003, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_pool *pool = vc_pool_new();
		struct vc_redrx *rx = vc_redrx_new(RED_PT, true, pool);
		unsigned int won = 0;

		for (unsigned int k = 0; k < 16; k++) {
			struct vc_packet *pkt = text(pool, k);
			struct vc_rtp rtp;

			assert_int_equal(
				vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
			if (!(rows[i].lost >> k & 1))
				assert_int_equal(vc_redrx_put(rx, pkt, &rtp),
						 0);
			won += take_text(rx);
			vc_packet_unref(pkt);
		}
		if (won != rows[i].won)
			fail_msg("row %zu: %u", i, won);
		vc_redrx_free(rx);
		assert_int_equal(vc_pool_used(pool), 0);
		vc_pool_free(pool);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_won_whenever_it_was_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
