/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/pool.h"
#include "session/frameasm.h"
#include "session/framepack.h"
#include "session/jbuf.h"
#include "wire/vp8.h"

/* A frame that looks right: header, then octets that tell where they are. */
static size_t make_frame(uint8_t *p, size_t len, bool key, uint16_t w,
			 uint16_t h)
{
	uint32_t part = (uint32_t)(len - (key ? 10 : 3));

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 7 + i / 256);
	p[0] = (uint8_t)((key ? 0 : 1) | 0x10 | (part & 7) << 5);
	p[1] = (uint8_t)(part >> 3);
	p[2] = (uint8_t)(part >> 11);
	if (!key)
		return len;
	memcpy(p + 3, "\x9d\x01\x2a", 3);
	p[6] = (uint8_t)w;
	p[7] = (uint8_t)(w >> 8);
	p[8] = (uint8_t)h;
	p[9] = (uint8_t)(h >> 8);
	return len;
}

static void cut(struct vc_framepack *pk, const uint8_t *frame, size_t len,
		size_t max, uint16_t id, bool is_ref)
{
	const struct vc_framepack_conf conf = {
		.codec = VC_CODEC_VP8,
		.max_payload = max,
		.picture_id = id,
		.is_ref = is_ref,
	};

	assert_int_equal(vc_framepack_init(pk, &conf, frame, len), 0);
}

static int through(struct vc_frameasm *fa, const uint8_t *frame, size_t len,
		   size_t max, uint16_t id, struct vc_video_frame *out)
{
	struct vc_framepack pk;
	uint8_t buf[1500];
	bool marker;
	size_t n;

	vc_frameasm_begin(fa);
	cut(&pk, frame, len, max, id, true);
	while ((n = vc_framepack_next(&pk, buf, &marker)))
		(void)vc_frameasm_add(fa, buf, n);
	return vc_frameasm_end(fa, out);
}

static void what_goes_in_comes_out(void **state)
{
	static const struct {
		size_t len, max, n;
	} rows[] = {
		{ 10, 1200, 1 },   { 1196, 1200, 1 },	  { 1197, 1200, 2 },
		{ 2392, 1200, 2 }, { 2393, 1200, 3 },	  { 50000, 1200, 42 },
		{ 121, 100, 2 },   { 300000, 1200, 251 },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, NULL);
	uint8_t *frame = malloc(300000), buf[1500];
	struct vc_framepack pk;
	struct vc_video_frame out;
	size_t n, len, min, max;
	bool marker = false;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		make_frame(frame, rows[i].len, rows[i].len > 10, 640, 360);
		cut(&pk, frame, rows[i].len, rows[i].max, 0xffff, false);
		min = SIZE_MAX;
		max = 0;
		for (n = 0; (len = vc_framepack_next(&pk, buf, &marker)); n++) {
			assert_true(len <= rows[i].max);
			assert_int_equal(marker, n == rows[i].n - 1);
			assert_int_equal(buf[0], n ? 0xa0 : 0xb0);
			assert_memory_equal(buf + 1, "\x80\xff\xff", 3);
			min = len < min ? len : min;
			max = len > max ? len : max;
		}
		assert_int_equal(n, rows[i].n);
		assert_true(max - min <= 1);
		if (rows[i].len <= 10)
			continue;
		assert_int_equal(through(fa, frame, rows[i].len, rows[i].max, 1,
					 &out),
				 0);
		assert_int_equal(out.len, rows[i].len);
		assert_memory_equal(out.data, frame, out.len);
		assert_true(out.is_key);
		assert_int_equal(out.width, 640);
		assert_int_equal(out.height, 360);
	}
	cut(&pk, frame, 0, 1200, 0, true);
	assert_int_equal(vc_framepack_next(&pk, buf, &marker), 0);
	free(frame);
	vc_frameasm_free(fa);
}

/* hostile.md P2: the header is refused before a decoder sees it. */
static void limits_hold(void **state)
{
	static const struct {
		size_t len;
		uint16_t w, h;
		int err;
	} rows[] = {
		{ 100, 1, 1, 0 },
		{ 100, 640, 480, 0 },
		{ 100, 641, 480, -EFBIG },
		{ 100, 640, 481, -EFBIG },
		{ 100, 16383, 16383, -EFBIG },
		{ 100, 0, 0, -EBADMSG },
		{ 100, 0, 5, -EBADMSG },
		{ 2000, 640, 480, 0 },
		{ 2001, 640, 480, -EFBIG },
	};
	const struct vc_frameasm_conf conf = { 2000, 640, 480, false };
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, &conf);
	struct vc_video_frame out;
	uint8_t frame[2001];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		make_frame(frame, rows[i].len, true, rows[i].w, rows[i].h);
		assert_int_equal(through(fa, frame, rows[i].len, 1200, 1, &out),
				 rows[i].err);
		assert_int_equal(vc_frameasm_needs_key(fa), rows[i].err != 0);
	}
	assert_int_equal(vc_frameasm_counts(fa)->refused, 4);
	assert_int_equal(vc_frameasm_counts(fa)->malformed, 2);
	vc_frameasm_free(fa);
}

/* hostile.md P1 and its kin: payloads of a frame, and what comes of them. */
static void payloads_are_checked(void **state)
{
#define KEY "\x10\x02\x00\x9d\x01\x2a\x80\x02\x68\x01zzzzzzzzzzzzzzzz"
	static const struct {
		const char *what;
		const char *p[3];
		size_t len[3];
		int err;
	} rows[] = {
		{ "plain", { "\x10" KEY }, { 27 }, 0 },
		{ "cut in two",
		  { "\x10" KEY, "\x00"
				"abc" },
		  { 27, 4 },
		  0 },
		{ "nothing", { "" }, { 0 }, -ENODATA },
		{ "descriptor only", { "\x10" }, { 1 }, -ENODATA },
		{ "padding between",
		  { "\x10" KEY, "",
		    "\x00"
		    "abc" },
		  { 27, 0, 4 },
		  0 },
		{ "short descriptor", { "\x90\x80" }, { 2 }, -EBADMSG },
		{ "no picture id", { "\x90\x00" KEY }, { 28 }, 0 },
		{ "all bits, cut", { "\x90\xff\xff\xff\xff" }, { 5 }, -EBADMSG },
		{ "no start", { "\x00" KEY }, { 27 }, -EBADMSG },
		{ "starts with partition 1", { "\x11" KEY }, { 27 }, -EBADMSG },
		{ "two starts",
		  { "\x10" KEY, "\x10" KEY },
		  { 27, 27 },
		  -EBADMSG },
		{ "another partition begins",
		  { "\x10" KEY, "\x11"
				"abc" },
		  { 27, 4 },
		  0 },
		{ "picture id changes",
		  { "\x90\x80\x05" KEY, "\x80\x80\x06"
					"abc" },
		  { 29, 6 },
		  -EBADMSG },
		{ "picture id goes",
		  { "\x90\x80\x05" KEY, "\x00"
					"abc" },
		  { 29, 4 },
		  -EBADMSG },
		{ "header cut", { "\x10\x10\x02\x00\x9d" }, { 5 }, -EBADMSG },
		{ "first partition too long", { "\x10" KEY }, { 26 }, -EBADMSG },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, NULL);
	struct vc_video_frame out;
	int err;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		vc_frameasm_begin(fa);
		for (int k = 0; k < 3 && rows[i].p[k]; k++)
			vc_frameasm_add(fa, (const uint8_t *)rows[i].p[k],
					rows[i].len[k]);
		err = vc_frameasm_end(fa, &out);
		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].what, err);
	}
	vc_frameasm_free(fa);
}

/* hostile.md P1: the start of a frame is lost. */
static void inter_frames_wait_for_a_key_frame(void **state)
{
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, NULL);
	uint8_t key[100], inter[50];
	struct vc_video_frame out;

	(void)state;
	make_frame(key, sizeof(key), true, 64, 64);
	make_frame(inter, sizeof(inter), false, 0, 0);
	assert_true(vc_frameasm_needs_key(fa));
	assert_int_equal(through(fa, inter, 50, 1200, 1, &out), -EAGAIN);
	assert_int_equal(through(fa, key, 100, 1200, 32767, &out), 0);
	assert_false(vc_frameasm_needs_key(fa));
	assert_int_equal(through(fa, inter, 50, 1200, 0, &out), 0);
	assert_false(out.skipped); /* the id wrapped */
	assert_int_equal(out.width, 64);
	assert_false(out.is_key);
	assert_int_equal(through(fa, inter, 50, 1200, 2, &out), 0);
	assert_true(out.skipped);
	vc_frameasm_lost(fa);
	assert_int_equal(through(fa, inter, 50, 1200, 3, &out), -EAGAIN);
	assert_int_equal(vc_frameasm_counts(fa)->waiting, 2);
	vc_frameasm_free(fa);
}

/* hostile.md P1: picture ids of 7 bits wrap at 127, those of 15 at 32767. */
static void picture_ids_wrap(void **state)
{
	static const struct {
		const char *ids[2];
		size_t len;
		bool skipped;
	} rows[] = {
		{ { "\x90\x80\x7e", "\x90\x80\x7f" }, 3, false },
		{ { "\x90\x80\x7f", "\x90\x80\x00" }, 3, false },
		{ { "\x90\x80\x7f", "\x90\x80\x01" }, 3, true },
		{ { "\x90\x80\xff\xff", "\x90\x80\x80\x00" }, 4, false },
		{ { "\x90\x80\xff\xff", "\x90\x80\x80\x01" }, 4, true },
		{ { "\x90\x80\x80\x7f", "\x90\x80\x80\x80" }, 4, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, NULL);
		struct vc_video_frame out;
		uint8_t p[104];

		for (int k = 0; k < 2; k++) {
			size_t n = rows[i].len;

			memcpy(p, rows[i].ids[k], n);
			make_frame(p + n, 100, k == 0, 64, 64);
			vc_frameasm_begin(fa);
			assert_int_equal(vc_frameasm_add(fa, p, n + 100), 0);
			assert_int_equal(vc_frameasm_end(fa, &out), 0);
		}
		if (out.skipped != rows[i].skipped)
			fail_msg("row %zu", i);
		vc_frameasm_free(fa);
	}
}

static void frames_come_out_of_the_jitter_buffer(void **state)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_jbuf *jb = vc_jbuf_new(64, 1000000);
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, NULL);
	uint8_t frame[5000];
	struct vc_framepack pk;
	struct vc_jbuf_frame f;
	struct vc_video_frame out;
	struct vc_packet *pkt;
	struct vc_rtp rtp = { .seq = 65534 };

	(void)state;
	make_frame(frame, sizeof(frame), true, 320, 180);
	cut(&pk, frame, sizeof(frame), 1200, 5, true);
	for (;;) {
		pkt = vc_packet_new(pool, 1200);
		rtp.payload_len =
			vc_framepack_next(&pk, pkt->data, &rtp.marker);
		rtp.payload = pkt->data;
		pkt->len = rtp.payload_len;
		if (rtp.payload_len)
			assert_int_equal(vc_jbuf_put(jb, pkt, &rtp), 0);
		vc_packet_unref(pkt);
		if (!rtp.payload_len)
			break;
		rtp.seq++;
	}
	assert_int_equal(vc_jbuf_frame(jb, &f), VC_JBUF_READY);
	assert_int_equal(f.n, 5);
	assert_int_equal(vc_frameasm_frame(fa, jb, &f, &out), 0);
	assert_int_equal(out.len, sizeof(frame));
	assert_memory_equal(out.data, frame, out.len);
	assert_int_equal(vc_jbuf_drop_frame(jb), 0);
	assert_int_equal(vc_pool_used(pool), 0);
	vc_frameasm_free(fa);
	vc_jbuf_free(jb);
	vc_pool_free(pool);
}

/*
 * A word a frame: K: a key frame, a digit: its temporal layer, -: it has none;
 * s: in sync. Before that g: frames before it were lost, p: only padding was,
 * b: of the base, too. And what comes of it: 1: a frame, o: it is left out, S:
 * stale, w: it waits for a key frame.
 */
static void a_gap_is_what_layers_make_of_it(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "K 2s 1s 2 0 2s 1s 2", "11111111" },
		{ "K 2 1 2 0", "11111" },
		{ "K g2 1s 2 0", "1o1o1" },
		{ "K g2s 1s 2 0", "11111" },
		{ "K g1 2s 2 0", "1o1o1" },
		{ "K p2 1", "111" },
		{ "K g0 2 2s 1 2", "11o1oo" },
		{ "K g0 1s 2s 2 g2 0", "11111o1" },
		{ "K gb0 0 K 2", "1Sw11" },
		{ "K gb2s 0 K", "1Sw1" },
		{ "K g2 K 2", "1o11" },
		{ "K - g-", "11S" },
		{ "K - p-", "111" },
		{ "K g- 0", "1Sw" },
		{ "g2s K", "w1" },
	};
	uint8_t key[100], inter[50], buf[200];
	struct vc_video_frame f;

	(void)state;
	make_frame(key, sizeof(key), true, 64, 64);
	make_frame(inter, sizeof(inter), false, 0, 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, NULL);
		struct vc_vp8_desc d = { .start = true,
					 .picture_id = 125, /* 7 bits */
					 .tl0picidx = 254,
					 .keyidx = -1 };
		char in[64], got[20] = "", *rest = in;
		size_t n = 0;

		strcpy(in, rows[i].in);
		for (char *w; (w = strsep(&rest, " "));) {
			struct vc_wr wr = vc_wr_over(buf, sizeof(buf));
			int err;

			if (*w == 'g' || *w == 'p')
				vc_frameasm_gap(fa);
			d.picture_id = (d.picture_id + 1 + (*w == 'g')) & 127;
			w += *w == 'g' || *w == 'p';
			d.tl0picidx = (d.tl0picidx + (*w == 'b')) & 255;
			w += *w == 'b';
			d.tid = *w == 'K' ? 0 : *w == '-' ? -1 : *w - '0';
			d.layer_sync = w[1] == 's';
			d.tl0picidx = (d.tl0picidx + !d.tid) & 255;
			vc_vp8_desc_write(&wr, &d);
			vc_wr_bytes(&wr, *w == 'K' ? key : inter,
				    *w == 'K' ? sizeof(key) : sizeof(inter));
			vc_frameasm_begin(fa);
			vc_frameasm_add(fa, buf, vc_wr_len(&wr));
			err = vc_frameasm_end(fa, &f);
			got[n++] = !err		   ? '1' :
				   err == -ENODATA ? 'o' :
				   err == -ESTALE  ? 'S' :
						     'w';
			assert_int_equal(vc_frameasm_needs_key(fa),
					 err && err != -ENODATA);
		}
		if (strcmp(got, rows[i].out))
			fail_msg("row %zu: %s: %s", i, rows[i].in, got);
		vc_frameasm_free(fa);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(payloads_are_checked),
		cmocka_unit_test(inter_frames_wait_for_a_key_frame),
		cmocka_unit_test(picture_ids_wrap),
		cmocka_unit_test(frames_come_out_of_the_jitter_buffer),
		cmocka_unit_test(a_gap_is_what_layers_make_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
