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
			assert_int_equal(vc_svcmeter_top(&m, 0, 0, 1, 1).tid,
					 VC_SVC_TOP);
	}
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(
			vc_svcmeter_top(&m, 1, 1, rows[i].num, rows[i].den).tid,
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
	assert_int_equal(vc_svcmeter_top(&m, 10, 10, 0, 1).sid, VC_SVC_TOP);
	vc_vp9_desc_write(&w, &d);
	vc_wr_u8(&w, 1);
	rtp.payload_len = vc_wr_len(&w);
	vc_svcmeter_packet(&m, VC_CODEC_VP9, &rtp, 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(
			vc_svcmeter_top(&m, rows[i].w, rows[i].h, 0, 1).sid,
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
	assert_int_equal(vc_svcmeter_top(&m, 1, 1, 1, 1).tid, VC_SVC_TOP);
	assert_int_equal(vc_svcmeter_top(&m, 1, 1, 1, 1).sid, VC_SVC_TOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(temporal_layers_are_counted),
		cmocka_unit_test(spatial_layers_have_sizes),
		cmocka_unit_test(what_is_no_layer_is_wanted_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
