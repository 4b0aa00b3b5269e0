/* SPDX-License-Identifier: MIT */
/* H.264 access units in packets, and the parameter sets that belong to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "framefeed.h"
#include "wire/h264.h"

#define CODE "\0\0\0\1"
/* 322x182 of x264, its PPS; the same as SPS 1 and PPS 1 of 1920x1080. */
#define SPS                                                                \
	"\x67\x42\xc0\x0c\xda\x05\x46\x78\x89\xb0\x11\x00\x00\x03\x00\x01" \
	"\x00\x00\x03\x00\x1e\x0f\x14\x2a\xa0"
#define SPS_LEN 25
#define PPS "\x68\xce\x0f\xc8"
#define PPS_LEN 4
#define PPS1 "\x68\x53\x83\xf2" /* 010 1: id 1, of SPS 0 */
#define IDR "\x65\x88\x84\x3a"
#define INTER "\x41\x9a\x21\xa0"
#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static const struct vc_framepack_conf plain = {
	.codec = VC_CODEC_H264,
	.max_payload = 1200,
};

/* Appends a unit with a start code: 'head' and octets up to 'len'. */
static size_t put(uint8_t *p, size_t at, const char *head, size_t head_len,
		  size_t len)
{
	memcpy(p + at, CODE, 4);
	fill(p + at + 4, len);
	memcpy(p + at + 4, head, head_len);
	return at + 4 + len;
}

/* SPS, PPS, a SEI, and slices of 'len'. */
static size_t make_key(uint8_t *p, size_t len)
{
	size_t at = put(p, 0, SPS, SPS_LEN, SPS_LEN);

	at = put(p, at, PPS, PPS_LEN, PPS_LEN);
	at = put(p, at, "\x06\x05", 2, 30);
	return put(p, at, IDR, 4, len);
}

static void what_goes_in_comes_out(void **state)
{
	static const struct {
		size_t len, max, n;
		int kinds[4]; /* of the first payloads */
	} rows[] = {
		{ 100, 1200, 1, { 24 } },
		{ 1132, 1200, 1, { 24 } },
		{ 1133, 1200, 2, { 24, 5 } },
		{ 1200, 1200, 2, { 24, 5 } },
		{ 1201, 1200, 3, { 24, 28, 28 } },
		{ 2397, 1200, 3, { 24, 28, 28 } },
		{ 2398, 1200, 4, { 24, 28, 28, 28 } },
		{ 300000, 1400, 216, { 24, 28 } },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_H264, NULL);
	struct vc_framepack_conf conf = plain;
	uint8_t *frame = malloc(300100);
	struct cut *c = malloc(sizeof(*c));
	struct vc_video_frame out;
	size_t len;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		conf.max_payload = rows[i].max;
		len = make_key(frame, rows[i].len);
		cut_frame(c, &conf, frame, len);
		if (c->n != rows[i].n)
			fail_msg("row %zu: %zu", i, c->n);
		for (size_t k = 0; k < 4 && rows[i].kinds[k]; k++)
			assert_int_equal(c->p[k][0] & 0x1f, rows[i].kinds[k]);
		assert_int_equal(join_frame(fa, c, 0, 0, &out), 0);
		assert_int_equal(out.len, len);
		assert_memory_equal(out.data, frame, len);
		assert_true(out.is_key);
		assert_false(out.has_picture_id);
		assert_int_equal(out.width, 322);
		assert_int_equal(out.height, 182);
	}
	free(c);
	free(frame);
	vc_frameasm_free(fa);
}

/* packetization-mode 0 */
static void single_units_only(void **state)
{
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_H264, NULL);
	struct vc_framepack_conf conf = plain;
	struct cut *c = malloc(sizeof(*c));
	struct vc_video_frame out;
	struct vc_framepack pk;
	uint8_t frame[2000];
	bool marker;
	size_t len;

	(void)state;
	conf.single_only = true;
	len = make_key(frame, 1200);
	cut_frame(c, &conf, frame, len);
	assert_int_equal(c->n, 4);
	assert_int_equal(c->p[0][0], 0x67);
	assert_int_equal(c->p[3][0], 0x65);
	assert_int_equal(join_frame(fa, c, 0, 0, &out), 0);
	assert_memory_equal(out.data, frame, len);
	len = make_key(frame, 1201);
	assert_int_equal(vc_framepack_init(&pk, &conf, frame, len), -EMSGSIZE);
	assert_int_equal(vc_framepack_next(&pk, c->p[0], &marker), 0);
	free(c);
	vc_frameasm_free(fa);
}

static void no_frame_is_not_packed(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
	} rows[] = {
		{ BYTES("") },
		{ BYTES("abc") },
		{ BYTES(CODE) },
		{ BYTES(CODE "\xe5z") },
		{ BYTES(CODE IDR CODE "\x78z") },
		{ BYTES(CODE IDR CODE "\x60z") },
	};
	struct vc_framepack pk;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_framepack_init(&pk, &plain, rows[i].p,
						   rows[i].len),
				 -EBADMSG);
}

/* An IDR picture without its sets gets them; without any it is of no use. */
static void sets_are_remembered(void **state)
{
	static const uint8_t idr[] = CODE IDR "z";
	static const uint8_t delimited[] = CODE "\x09\xf0" CODE IDR "z";
	static const uint8_t half[] = CODE SPS CODE IDR "z";
	static const uint8_t sets[] = CODE SPS CODE PPS CODE PPS1;
	static const uint8_t whole[] = CODE SPS CODE PPS CODE PPS1 CODE IDR "z";
	static const uint8_t after[] = CODE
		"\x09\xf0" CODE SPS CODE PPS CODE PPS1 CODE IDR "z";
	static const uint8_t both[] =
		CODE SPS CODE PPS CODE PPS1 CODE SPS CODE IDR "z";
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_H264, NULL);
	struct vc_video_frame out;

	(void)state;
	assert_int_equal(through(fa, &plain, idr, sizeof(idr) - 1, &out),
			 -EAGAIN);
	assert_true(vc_frameasm_needs_key(fa));
	/* Sets alone are no picture. */
	assert_int_equal(through(fa, &plain, sets, sizeof(sets) - 1, &out),
			 -ENODATA);
	assert_true(vc_frameasm_needs_key(fa));
	assert_int_equal(through(fa, &plain, idr, sizeof(idr) - 1, &out), 0);
	assert_true(out.is_key);
	assert_int_equal(out.len, sizeof(whole) - 1);
	assert_memory_equal(out.data, whole, out.len);
	assert_int_equal(
		through(fa, &plain, delimited, sizeof(delimited) - 1, &out), 0);
	assert_int_equal(out.len, sizeof(after) - 1);
	assert_memory_equal(out.data, after, out.len);
	assert_int_equal(through(fa, &plain, half, sizeof(half) - 1, &out), 0);
	assert_int_equal(out.len, sizeof(both) - 1);
	assert_memory_equal(out.data, both, out.len);
	assert_int_equal(out.width, 322);
	vc_frameasm_free(fa);
}

/* Sets that come in the description only, among others that are none. */
static void sets_are_described(void **state)
{
	static const uint8_t idr[] = CODE IDR "z";
	static const uint8_t whole[] = CODE SPS CODE PPS CODE IDR "z";
	static const struct {
		const char *fmtp;
		int err;
	} rows[] = {
		{ "packetization-mode=1; sprop-parameter-sets=Z0LADNoFRniJsBE"
		  "AAAMAAQAAAwAeDxQqoA==,aM4PyA==; profile-level-id=42C00C",
		  0 },
		{ "sprop-parameter-sets=aM4PyA,,AAAA,x,Z0LADNoFRniJsBE"
		  "AAAMAAQAAAwAeDxQqoA",
		  0 },
		{ "sprop-parameter-sets=aM4PyA==", -EAGAIN },
		{ "sprop-parameter-sets=", -EAGAIN },
		{ "profile-level-id=42C00C", -EAGAIN },
		{ "", -EAGAIN },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_H264, NULL);
		struct vc_video_frame out;
		int err;

		vc_frameasm_set_fmtp(fa, vc_str_c(rows[i].fmtp));
		err = through(fa, &plain, idr, sizeof(idr) - 1, &out);
		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].fmtp, err);
		if (!err) {
			assert_int_equal(out.len, sizeof(whole) - 1);
			assert_memory_equal(out.data, whole, out.len);
			assert_int_equal(out.width, 322);
		}
		vc_frameasm_free(fa);
	}
	/* Others have nothing there. */
	{
		struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_VP8, NULL);

		vc_frameasm_set_fmtp(fa, vc_str_c(rows[0].fmtp));
		vc_frameasm_free(fa);
	}
}

/* P1 and its kin, of H.264. */
static void payloads_are_checked(void **state)
{
	static const struct {
		const char *what;
		const char *p[4];
		size_t len[4];
		int err;
	} rows[] = {
		{ "plain", { SPS, PPS, IDR }, { SPS_LEN, PPS_LEN, 4 }, 0 },
		{ "fragments",
		  { "\x7c\x85\x88", "\x7c\x05\x84", "\x7c\x45z" },
		  { 3, 3, 3 },
		  0 },
		{ "no first fragment",
		  { "\x7c\x05z", "\x7c\x45z" },
		  { 3, 3 },
		  -EBADMSG },
		{ "no last fragment",
		  { "\x7c\x85\x88", "\x7c\x05z" },
		  { 3, 3 },
		  -EBADMSG },
		{ "two first fragments",
		  { "\x7c\x85\x88", "\x7c\x85z" },
		  { 3, 3 },
		  -EBADMSG },
		{ "fragments of two types",
		  { "\x7c\x85\x88", "\x7c\x41z" },
		  { 3, 3 },
		  -EBADMSG },
		{ "a unit between fragments",
		  { "\x7c\x85\x88", INTER, "\x7c\x45z" },
		  { 3, 4, 3 },
		  -EBADMSG },
		{ "second slice only", { "\x65\x03\xf8\x88" }, { 4 }, -EBADMSG },
		{ "two slices", { IDR, "\x65\x03\xf8\x88" }, { 4, 4 }, 0 },
		{ "SEI only", { "\x06\x05\x01" }, { 3 }, -ENODATA },
		{ "MTAP", { "\x7a\0\0\0\2\x67\1" }, { 7 }, -EBADMSG },
		{ "a start code inside",
		  { "\x65\x88\0\0\1\x67\x42" },
		  { 7 },
		  -EBADMSG },
		{ "one put together",
		  { "\x7c\x85\x88\0", "\x7c\x05\0\1", "\x7c\x45z" },
		  { 4, 4, 3 },
		  -EBADMSG },
		{ "an unknown PPS", { "\x65\xb5\x84" }, { 3 }, -EAGAIN },
		{ "SPS cut", { "\x67\x42\xc0", IDR }, { 3, 4 }, -EBADMSG },
		{ "again", { IDR }, { 4 }, 0 },
		{ "inter", { INTER }, { 4 }, 0 },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_H264, NULL);
	struct vc_video_frame out;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err = join_payloads(fa, rows[i].p, rows[i].len, 4, &out);

		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].what, err);
	}
	vc_frameasm_free(fa);
}

/* P2: a set may be of any size, a picture may not. */
static void limits_hold(void **state)
{
	static const uint8_t inter[] = CODE INTER "z";
	static const struct vc_frameasm_conf confs[] = {
		{ 0, 322, 182, false }, { 0, 321, 182, false },
		{ 0, 322, 181, false }, { 130, 0, 0, false },
		{ 179, 0, 0, false },
	};
	static const int errs[] = { 0, -EFBIG, -EFBIG, -EFBIG, 0 };
	uint8_t frame[400];
	size_t len = make_key(frame, 100); /* 175 octets */

	(void)state;
	for (size_t i = 0; i < VC_COUNT(confs); i++) {
		struct vc_frameasm *fa =
			vc_frameasm_new(VC_CODEC_H264, &confs[i]);
		struct vc_video_frame out;

		assert_int_equal(through(fa, &plain, frame, len, &out),
				 errs[i]);
		assert_int_equal(through(fa, &plain, inter, sizeof(inter) - 1,
					 &out),
				 i == 1 || i == 2 ? -EFBIG :
				 errs[i]	  ? -EAGAIN :
						    0);
		vc_frameasm_free(fa);
	}
}

static void losses_are_seen(void **state)
{
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_H264, NULL);
	struct cut *c = malloc(sizeof(*c));
	struct vc_video_frame out;
	uint8_t frame[6000];
	size_t len = make_key(frame, 5000);

	(void)state;
	cut_frame(c, &plain, frame, len);
	assert_int_equal(c->n, 6);
	assert_int_equal(join_frame(fa, c, 0, 0, &out), 0);
	/* The sets are lost: they are known, and the picture is there. */
	assert_int_equal(join_frame(fa, c, 0, 1, &out), 0);
	assert_true(out.is_key);
	assert_int_equal(join_frame(fa, c, 0, 2, &out), -EBADMSG);
	assert_int_equal(join_frame(fa, c, 1, 1, &out), -EBADMSG);
	assert_int_equal(join_frame(fa, c, 5, 1, &out), -EBADMSG);
	assert_int_equal(join_frame(fa, c, 1, 5, &out), -ENODATA);
	free(c);
	vc_frameasm_free(fa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(single_units_only),
		cmocka_unit_test(no_frame_is_not_packed),
		cmocka_unit_test(sets_are_remembered),
		cmocka_unit_test(sets_are_described),
		cmocka_unit_test(payloads_are_checked),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(losses_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
