/* SPDX-License-Identifier: MIT */
/* Layers that are enough for a place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/svcmeter.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

static const struct vc_svc_top whole = { VC_SVC_TOP, VC_SVC_TOP };

static struct vc_svc_top top_of(const struct vc_svcmeter *m, unsigned int w,
				unsigned int h, int num, int den)
{
	const struct vc_svc_place place = { w, h, num, den, 0 };

	return vc_svcmeter_top(m, &place, whole);
}

static void put_vp8(struct vc_svcmeter *m, int n, int tid, int64_t now)
{
	const struct vc_vp8_desc d = { .start = true,
				       .picture_id = n & 127,
				       .tl0picidx = 0,
				       .tid = tid,
				       .keyidx = -1 };
	uint8_t octets[32];
	struct vc_wr w = vc_wr_over(octets, sizeof(octets));
	/* Across the wrap; two packets a picture. */
	struct vc_rtp rtp = { .ts = 0xffff0000u + 3000u * (uint32_t)n,
			      .payload = octets };

	vc_vp8_desc_write(&w, &d);
	vc_wr_bytes(&w, "\x11\x02", 3);
	rtp.payload_len = vc_wr_len(&w);
	vc_svcmeter_packet(m, VC_CODEC_VP8, &rtp, now);
	vc_svcmeter_packet(m, VC_CODEC_VP8, &rtp, now);
}

static void temporal_layers_are_counted(void **state)
{
	static const int tids[] = { 0, 2, 1, 2 };
	static const struct {
		int num, den;
		uint8_t tid;
	} rows[] = {
		{ 0, 1, VC_SVC_TOP },  { 30, 1, VC_SVC_TOP },
		{ 29, 1, VC_SVC_TOP }, { 25, 1, 1 },
		{ 15, 1, 1 },	       { 14, 1, 1 },
		{ 12, 1, 0 },	       { 30000, 4004, 0 },
		{ 1, 10, 0 },
	};
	struct vc_svcmeter m = { 0 };

	(void)state;
	for (int i = 0; i < 90; i++) {
		put_vp8(&m, i, tids[i % 4], i * VC_SEC / 30);
		/* Not before a second is over. */
		if (i < 30)
			assert_int_equal(top_of(&m, 0, 0, 1, 1).tid,
					 VC_SVC_TOP);
	}
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(top_of(&m, 1, 1, rows[i].num, rows[i].den).tid,
				 rows[i].tid);
}

static void spatial_layers_have_sizes(void **state)
{
	static const struct {
		unsigned int w, h;
		uint8_t sid;
	} rows[] = {
		{ 0, 0, 0 },
		{ 320, 180, 0 },
		{ 321, 180, 0 },
		{ 321, 181, 1 },
		{ 640, 480, 1 },
		{ 641, 361, VC_SVC_TOP },
		{ 1280, 720, VC_SVC_TOP },
		{ 1920, 1080, VC_SVC_TOP },
	};
	const struct vc_vp9_desc d = {
		.picture_id = 1,
		.start = true,
		.tid = 0,
		.sid = 0,
		.tl0picidx = 0,
		.has_ss = true,
		.ss = { .n_spatial = 3,
			.has_size = true,
			.width = { 320, 640, 1280 },
			.height = { 180, 360, 720 } },
	};
	struct vc_svcmeter m = { 0 };
	uint8_t octets[64];
	struct vc_wr w = vc_wr_over(octets, sizeof(octets));
	struct vc_rtp rtp = { .payload = octets };

	(void)state;
	assert_int_equal(top_of(&m, 10, 10, 0, 1).sid, VC_SVC_TOP);
	vc_vp9_desc_write(&w, &d);
	vc_wr_u8(&w, 1);
	rtp.payload_len = vc_wr_len(&w);
	vc_svcmeter_packet(&m, VC_CODEC_VP9, &rtp, 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(top_of(&m, rows[i].w, rows[i].h, 0, 1).sid,
				 rows[i].sid);
}

static void what_is_no_layer_is_wanted_whole(void **state)
{
	static const uint8_t octets[] = { 1, 2, 3 };
	const struct vc_rtp rtp = { .payload = octets, .payload_len = 3 };
	struct vc_svcmeter m = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++)
		vc_svcmeter_packet(&m, VC_CODEC_H264, &rtp, i * VC_SEC);
	assert_int_equal(top_of(&m, 1, 1, 1, 1).tid, VC_SVC_TOP);
	assert_int_equal(top_of(&m, 1, 1, 1, 1).sid, VC_SVC_TOP);
}

/* A VP9 packet of a layer with 'len' octets behind its descriptor. */
static void put_vp9(struct vc_svcmeter *m, int n, uint8_t sid, uint8_t tid,
		    size_t len, int64_t now)
{
	static const uint8_t zeros[2000];
	const struct vc_vp9_desc d = {
		.picture_id = n & 127,
		.start = true,
		.sid = sid,
		.tid = tid,
		.tl0picidx = 0,
	};
	uint8_t octets[2100];
	struct vc_wr w = vc_wr_over(octets, sizeof(octets));
	struct vc_rtp rtp = { .ts = 3000u * (uint32_t)n, .payload = octets };

	vc_vp9_desc_write(&w, &d);
	vc_wr_bytes(&w, zeros, len - vc_wr_len(&w));
	rtp.payload_len = vc_wr_len(&w);
	assert_int_equal(rtp.payload_len, len);
	vc_svcmeter_packet(m, VC_CODEC_VP9, &rtp, now);
}

/* L2T2: a base of 60 kbit/s, 40 more for all pictures, 300 and 200 for large
 * ones. */
static void bits_are_counted(void **state)
{
	static const struct {
		uint32_t bps;
		uint8_t now_sid, now_tid;
		uint8_t sid, tid;
	} rows[] = {
		{ 0, 7, 7, 7, 7 },
		{ 700000, 7, 7, 7, 7 },
		{ 590000, 0, 0, 7, 0 }, /* fewer pictures first */
		{ 590000, 7, 7, 7, 7 }, /* so it was: it may stay */
		{ 470000, 7, 7, 7, 0 },
		{ 370000, 0, 0, 7, 0 },
		{ 350000, 0, 0, 0, 7 }, /* then a smaller one */
		{ 350000, 7, 0, 7, 0 },
		{ 100100, 7, 7, 0, 7 },
		{ 90000, 0, 0, 0, 0 },
		{ 10000, 7, 7, 0, 0 }, /* the base anyhow */
	};
	struct vc_svcmeter m = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		int64_t now = i * VC_SEC / 20;
		bool is_upper = i % 2;

		if (i < 20)
			assert_int_equal(vc_svcmeter_bps(&m, whole), 0);
		put_vp9(&m, i, 0, is_upper, is_upper ? 500 : 750, now);
		put_vp9(&m, i, 1, is_upper, is_upper ? 1250 : 1875, now);
		put_vp9(&m, i, 1, is_upper, is_upper ? 1250 : 1875, now);
	}
	assert_in_range(vc_svcmeter_bps(&m, whole), 599000, 601000);
	assert_in_range(vc_svcmeter_bps(&m, (struct vc_svc_top){ 0, 0 }), 59900,
			60100);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_svc_place place = { 9999, 9999, 0, 1,
						    rows[i].bps };
		const struct vc_svc_top now = { rows[i].now_sid,
						rows[i].now_tid };
		struct vc_svc_top top = vc_svcmeter_top(&m, &place, now);
		uint8_t sid = top.sid > 1 ? 7 : top.sid;
		uint8_t tid = top.tid > 0 ? 7 : top.tid;

		if ((sid ? 7 : 0) != rows[i].sid || tid != rows[i].tid)
			fail_msg("row %zu: %u %u", i, top.sid, top.tid);
	}
}

/* Of any codec, and nothing of a time in which it stood still. */
static void bits_of_what_has_no_layers(void **state)
{
	static const uint8_t octets[1000] = { 1, 2, 3 };
	const struct vc_rtp rtp = { .payload = octets, .payload_len = 1000 };
	struct vc_svcmeter m = { 0 };

	(void)state;
	for (int i = 0; i <= 50; i++)
		vc_svcmeter_packet(&m, VC_CODEC_H264, &rtp, i * VC_SEC / 25);
	assert_int_equal(vc_svcmeter_bps(&m, whole), 200000);
	vc_svcmeter_packet(&m, VC_CODEC_H264, &rtp, 100 * VC_SEC);
	assert_int_equal(vc_svcmeter_bps(&m, whole), 200000);
	assert_true(vc_svcmeter_is_over(200000, 199999, false));
	assert_false(vc_svcmeter_is_over(200000, 160000, true));
	assert_true(vc_svcmeter_is_over(200000, 159999, true));
	assert_false(vc_svcmeter_is_over(200000, 0, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(temporal_layers_are_counted),
		cmocka_unit_test(spatial_layers_have_sizes),
		cmocka_unit_test(what_is_no_layer_is_wanted_whole),
		cmocka_unit_test(bits_are_counted),
		cmocka_unit_test(bits_of_what_has_no_layers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
