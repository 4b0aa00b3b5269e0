/* SPDX-License-Identifier: MIT */
/* VP9 pictures in packets, with spatial and temporal layers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "framefeed.h"
#include "wire/vp9.h"

#define KEY "\x82\x49\x83\x42\x00\x14\x10\x0b\x56\x06" /* 322x182 */
#define INTER "\x86\x00\x40\x92\x9c"
#define RESIZED "\x86\x00\x40\x90\x00\xa0\x80\x5a\x80" /* to 322x182 */
#define HUGE "\x86\x00\x40\x90\x7f\xff\xff\xff\x80"    /* to 65536x65536 */

static const struct vc_framepack_conf plain = {
	.codec = VC_CODEC_VP9,
	.max_payload = 1200,
	.picture_id = 0xffff,
	.tl0picidx = 7,
};

static size_t make(uint8_t *p, size_t len, const char *head, size_t head_len)
{
	fill(p, len);
	memcpy(p, head, head_len);
	return len;
}

static void what_goes_in_comes_out(void **state)
{
	static const struct {
		size_t len, max, n;
	} rows[] = {
		{ 20, 1200, 1 },   { 1189, 1200, 1 },	  { 1190, 1200, 2 },
		{ 2386, 1200, 2 }, { 2387, 1200, 3 },	  { 50000, 1200, 42 },
		{ 60, 100, 1 },	   { 89, 100, 1 },	  { 90, 100, 2 },
		{ 1000, 100, 11 }, { 300000, 1400, 215 },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP9, NULL);
	struct vc_framepack_conf conf = plain;
	uint8_t *frame = malloc(300000);
	struct cut *c = malloc(sizeof(*c));
	struct vc_video_frame out;
	struct vc_vp9_desc d;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		conf.max_payload = rows[i].max;
		make(frame, rows[i].len, KEY, 10);
		cut_frame(c, &conf, frame, rows[i].len);
		assert_int_equal(c->n, rows[i].n);
		for (size_t k = 0; k < c->n; k++) {
			assert_int_equal(
				vc_vp9_desc_parse(&d, c->p[k], c->len[k]), 0);
			assert_int_equal(d.start, !k);
			assert_int_equal(d.end, k == c->n - 1);
			assert_int_equal(d.has_ss, !k);
			assert_int_equal(d.picture_id, 32767);
			assert_int_equal(d.tid, -1);
			assert_false(d.inter || d.flexible);
			assert_true(c->len[0] - c->len[k] + 1 <= 2);
		}
		assert_int_equal(join_frame(fa, c, 0, 0, &out), 0);
		assert_int_equal(out.len, rows[i].len);
		assert_memory_equal(out.data, frame, out.len);
		assert_true(out.is_key && out.has_picture_id);
		assert_int_equal(out.picture_id, 32767);
		assert_int_equal(out.width, 322);
		assert_int_equal(out.height, 182);
	}
	vc_vp9_desc_parse(&d, c->p[0], c->len[0]);
	assert_int_equal(d.ss.n_spatial, 1);
	assert_int_equal(d.ss.width[0], 322);
	assert_int_equal(d.ss.height[0], 182);
	assert_int_equal(d.ss.n_pictures, 1);
	make(frame, 100, INTER, 5);
	cut_frame(c, &plain, frame, 100);
	vc_vp9_desc_parse(&d, c->p[0], c->len[0]);
	assert_true(d.inter && !d.has_ss);
	free(c);
	free(frame);
	vc_frameasm_free(fa);
}

static void no_frame_is_not_packed(void **state)
{
	struct vc_framepack pk;
	uint8_t out[1200];
	bool marker;

	(void)state;
	assert_int_equal(vc_framepack_init(&pk, &plain, (const uint8_t *)"abc",
					   3),
			 -EBADMSG);
	assert_int_equal(vc_framepack_next(&pk, out, &marker), 0);
	assert_int_equal(vc_framepack_init(&pk, &plain, NULL, 0), -EBADMSG);
}

/* Each loss of packets is seen, but that of the whole. */
static void losses_are_seen(void **state)
{
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP9, NULL);
	struct cut *c = malloc(sizeof(*c));
	struct vc_video_frame out;
	uint8_t frame[5000];

	(void)state;
	make(frame, sizeof(frame), KEY, 10);
	cut_frame(c, &plain, frame, sizeof(frame));
	for (size_t at = 0; at < c->n; at++)
		for (size_t n = 1; at + n <= c->n; n++)
			if (n < c->n && at + n == c->n)
				assert_int_equal(join_frame(fa, c, at, n, &out),
						 -EBADMSG);
	/* In the middle sequence numbers tell, and the start is known. */
	assert_int_equal(join_frame(fa, c, 0, 1, &out), -EBADMSG);
	assert_int_equal(join_frame(fa, c, 0, c->n, &out), -ENODATA);
	assert_true(vc_frameasm_needs_key(fa));
	free(c);
	vc_frameasm_free(fa);
}

/* P2 of VP9: no frame in it may be larger, whatever kind it is. */
static void limits_hold(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		int err;
	} rows[] = {
		{ KEY "aaaa", 14, 0 },
		{ RESIZED "aaaa", 13, 0 },
		{ HUGE "aaaa", 13, -EFBIG },
		{ "\x82\x49\x83\x42\x0f\xff\xff\xff\xff\xffzzzz", 14, -EFBIG },
		/* A key frame and a huge one in one superframe. */
		{ KEY "aaaa" HUGE "aaaa\xc1\x0e\x0d\xc1", 31, -EFBIG },
		{ KEY "aaaa" INTER "aaaa\xc1\x0e\x09\xc1", 27, 0 },
		{ KEY "aaaa" INTER "aaaa\xc1\x0e\x0a\xc1", 27, -EBADMSG },
	};
	const struct vc_frameasm_conf conf = { 0, 640, 480, false };
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP9, &conf);
	struct vc_video_frame out;
	uint8_t payload[64];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_int_equal(through(fa, &plain,
					 (const uint8_t *)KEY "aaaa", 14, &out),
				 0);
		payload[0] = 0x0c;
		memcpy(payload + 1, rows[i].p, rows[i].len);
		vc_frameasm_begin(fa);
		(void)vc_frameasm_add(fa, payload, rows[i].len + 1);
		if (vc_frameasm_end(fa, &out) != rows[i].err)
			fail_msg("row %zu", i);
		assert_int_equal(vc_frameasm_needs_key(fa), rows[i].err != 0);
	}
	vc_frameasm_free(fa);
}

/* P1 of VP9: payloads of a picture, and what comes of them. */
static void payloads_are_checked(void **state)
{
	static const struct {
		const char *what;
		const char *p[3];
		size_t len[3];
		int err;
	} rows[] = {
		{ "plain", { "\x0c" KEY "z" }, { 12 }, 0 },
		{ "in two", { "\x08" KEY "z", "\x04zz" }, { 12, 3 }, 0 },
		{ "nothing", { "\x0c" }, { 1 }, -ENODATA },
		{ "no end", { "\x08" KEY "z" }, { 12 }, -EBADMSG },
		{ "no start", { "\x04" KEY "z" }, { 12 }, -EBADMSG },
		{ "two starts",
		  { "\x08" KEY "z", "\x0c" KEY "z" },
		  { 12, 12 },
		  -EBADMSG },
		{ "after the end",
		  { "\x0c" KEY "z", "\x04z" },
		  { 12, 2 },
		  -EBADMSG },
		{ "picture id changes",
		  { "\x88\x05" KEY "z", "\x84\x06z" },
		  { 13, 3 },
		  -EBADMSG },
		{ "layer changes in a frame",
		  { "\x28\0\1" KEY "z", "\x24\2\1z" },
		  { 14, 4 },
		  -EBADMSG },
		{ "two layers",
		  { "\x2c\0\1" KEY "z", "\x2c\3\1" RESIZED "z" },
		  { 14, 13 },
		  0 },
		{ "layers fall",
		  { "\x2c\2\1" KEY "z", "\x2c\1\1" RESIZED "z" },
		  { 14, 13 },
		  -EBADMSG },
		{ "a layer twice",
		  { "\x2c\0\1" KEY "z", "\x2c\1\1" RESIZED "z" },
		  { 14, 13 },
		  -EBADMSG },
		{ "the lower layer is missing",
		  { "\x2c\3\1" RESIZED "z" },
		  { 13 },
		  -EBADMSG },
		{ "no VP9", { "\x0czzzzzzzz" }, { 9 }, -EBADMSG },
		{ "header cut", { "\x0c\x82\x49\x83" }, { 4 }, -EBADMSG },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP9, NULL);
	struct vc_video_frame out;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err = join_payloads(fa, rows[i].p, rows[i].len, 3, &out);

		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].what, err);
	}
	vc_frameasm_free(fa);
}

/* Three spatial layers, of three temporal ones: a superframe comes out. */
static void layers_make_a_superframe(void **state)
{
	struct vc_framepack_layer layer = {
		.n_spatial = 3,
		.n_temporal = 3,
		.width = { 80, 160, 322 },
		.height = { 45, 90, 182 },
	};
	struct vc_framepack_conf conf = plain;
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP9, NULL);
	struct cut *c = malloc(sizeof(*c));
	uint32_t sizes[VC_VP9_SUPERFRAME_MAX];
	struct vc_video_frame out;
	uint8_t frames[3][3000];
	struct vc_vp9_desc d;
	size_t at = 0;

	(void)state;
	conf.is_key = true;
	conf.layer = &layer;
	vc_frameasm_begin(fa);
	for (uint8_t sid = 0; sid < 3; sid++) {
		size_t len = 1000 * (size_t)(sid + 1);

		make(frames[sid], len, sid ? RESIZED : KEY, sid ? 9 : 10);
		layer.sid = sid;
		layer.is_inter = sid;
		layer.has_more = sid < 2;
		cut_frame(c, &conf, frames[sid], len);
		for (size_t i = 0; i < c->n; i++)
			assert_int_equal(
				vc_frameasm_add(fa, c->p[i], c->len[i]), 0);
		vc_vp9_desc_parse(&d, c->p[0], c->len[0]);
		assert_int_equal(d.tl0picidx, 7);
		assert_int_equal(d.sid, sid);
		assert_int_equal(d.inter_layer, sid > 0);
		assert_int_equal(d.non_ref, sid == 2);
		assert_int_equal(d.has_ss, !sid);
		assert_false(d.inter);
		if (sid)
			continue;
		assert_int_equal(d.ss.n_spatial, 3);
		assert_int_equal(d.ss.width[1], 160);
		assert_int_equal(d.ss.n_pictures, 4);
	}
	assert_int_equal(vc_frameasm_end(fa, &out), 0);
	assert_true(out.is_key);
	assert_int_equal(out.width, 322);
	assert_int_equal(vc_vp9_superframe_parse(sizes, out.data, out.len), 3);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(sizes[i], 1000 * (i + 1));
		assert_memory_equal(out.data + at, frames[i], sizes[i]);
		at += sizes[i];
	}
	free(c);
	vc_frameasm_free(fa);
}

static void inter_frames_wait_for_a_key_frame(void **state)
{
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP9, NULL);
	struct vc_framepack_conf conf = plain;
	struct vc_video_frame out;
	uint8_t key[100], inter[50];

	(void)state;
	make(key, sizeof(key), KEY, 10);
	make(inter, sizeof(inter), INTER, 5);
	assert_int_equal(through(fa, &conf, inter, 50, &out), -EAGAIN);
	assert_int_equal(through(fa, &conf, key, 100, &out), 0);
	conf.picture_id = 0; /* it wraps */
	assert_int_equal(through(fa, &conf, inter, 50, &out), 0);
	assert_false(out.skipped || out.is_key);
	assert_int_equal(out.width, 322);
	conf.picture_id = 2;
	assert_int_equal(through(fa, &conf, inter, 50, &out), 0);
	assert_true(out.skipped);
	vc_frameasm_lost(fa);
	assert_int_equal(through(fa, &conf, inter, 50, &out), -EAGAIN);
	assert_int_equal(vc_frameasm_counts(fa)->waiting, 2);
	vc_frameasm_free(fa);
}

/* As of VP8 (test_frame_vp8.c); u: one may go up behind it. */
static void a_gap_is_what_layers_make_of_it(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{ "K 2 1 2 0", "11111" },	  { "K g2 0u 2 1", "1o111" },
		{ "K g2 0 2 1 0u 1", "1o1oo11" }, { "K g1u 2 0u 2", "1oo11" },
		{ "K g0u 1 2", "1111" },	  { "K gb0 0 K 2", "1Sw11" },
		{ "K g2 K 2", "1o11" },
	};
	struct vc_frameasm *fa;
	struct vc_video_frame f;
	uint8_t frame[64], buf[80];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_vp9_desc d = { .start = true,
					 .end = true,
					 .tl0picidx = 254 };
		char in[64], got[20] = "", *rest = in;
		size_t n = 0;

		fa = vc_frameasm_new(VC_CODEC_VP9, NULL);
		strcpy(in, rows[i].in);
		for (char *w; (w = strsep(&rest, " "));) {
			struct vc_wr wr = vc_wr_over(buf, sizeof(buf));
			int err;

			if (*w == 'g')
				vc_frameasm_gap(fa);
			d.picture_id += 1 + (*w == 'g');
			w += *w == 'g';
			d.tl0picidx = (d.tl0picidx + (*w == 'b')) & 255;
			w += *w == 'b';
			d.inter = *w != 'K';
			d.tid = *w == 'K' ? 0 : *w - '0';
			d.switch_up = w[1] == 'u';
			d.tl0picidx = (d.tl0picidx + !d.tid) & 255;
			vc_vp9_desc_write(&wr, &d);
			make(frame, sizeof(frame), d.inter ? INTER : KEY,
			     d.inter ? 5 : 10);
			vc_wr_bytes(&wr, frame, sizeof(frame));
			vc_frameasm_begin(fa);
			vc_frameasm_add(fa, buf, vc_wr_len(&wr));
			err = vc_frameasm_end(fa, &f);
			got[n++] = !err		   ? '1' :
				   err == -ENODATA ? 'o' :
				   err == -ESTALE  ? 'S' :
						     'w';
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
		cmocka_unit_test(no_frame_is_not_packed),
		cmocka_unit_test(losses_are_seen),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(payloads_are_checked),
		cmocka_unit_test(layers_make_a_superframe),
		cmocka_unit_test(inter_frames_wait_for_a_key_frame),
		cmocka_unit_test(a_gap_is_what_layers_make_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
