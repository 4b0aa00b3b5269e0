/* SPDX-License-Identifier: MIT */
/* AV1 temporal units in packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "framefeed.h"
#include "wire/av1.h"

#define SEQ "\x00\x00\x00\x04\x3d\x06\xd4\xda\xf9\x00\x40" /* 322x182 */
#define SEQ_LEN 11
#define HUGE "\x18\x3f\xff\xff\xff\xff\xff" /* a still of 65536x65536 */
#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static const struct vc_framepack_conf plain = {
	.codec = VC_CODEC_AV1,
	.max_payload = 1200,
};

/* Appends an OBU of 'len' octets, the first of them 'first'. */
static size_t put(uint8_t *p, size_t at, uint8_t type, uint8_t first,
		  size_t len)
{
	const struct vc_av1_obu o = { .type = type, .len = len };
	struct vc_wr w = vc_wr_over(p + at, VC_AV1_HEAD_MAX);

	vc_av1_obu_head(&w, &o, true);
	at += vc_wr_len(&w);
	fill(p + at, len);
	if (len)
		p[at] = first;
	return at + len;
}

static size_t put_sequence(uint8_t *p, size_t at)
{
	at = put(p, at, VC_AV1_SEQUENCE, 0, SEQ_LEN);
	memcpy(p + at - SEQ_LEN, SEQ, SEQ_LEN);
	return at;
}

static void what_goes_in_comes_out(void **state)
{
	/* 'len' of the frame; 'elems': in the first payload. */
	static const struct {
		size_t len, max, n, elems;
	} rows[] = {
		{ 1, 1200, 1, 2 },	  { 100, 1200, 1, 2 },
		{ 1181, 1200, 1, 2 },	  { 1182, 1200, 1, 2 },
		{ 1190, 1200, 2, 2 },	  { 2300, 1200, 2, 2 },
		{ 50000, 1200, 42, 2 },	  { 300, 100, 4, 2 },
		{ 300000, 1400, 216, 2 },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_AV1, NULL);
	struct vc_framepack_conf conf = plain;
	uint8_t *frame = malloc(300100);
	struct cut *c = malloc(sizeof(*c));
	struct vc_video_frame out;
	struct vc_av1_payload a;
	size_t len;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		/* A delimiter in front, which does not come back. */
		memcpy(frame, "\x12\0", 2);
		len = put_sequence(frame, 2);
		len = put(frame, len, VC_AV1_FRAME, 0x10, rows[i].len);
		conf.max_payload = rows[i].max;
		conf.is_key = true;
		cut_frame(c, &conf, frame, len);
		if (c->n != rows[i].n)
			fail_msg("row %zu: %zu", i, c->n);
		for (size_t k = 0; k < c->n; k++) {
			assert_int_equal(vc_av1_payload_parse(&a, c->p[k],
							      c->len[k]),
					 0);
			assert_int_equal(a.new_sequence, !k);
			assert_int_equal(a.continues, k > 0);
			assert_int_equal(a.is_cut, k < c->n - 1);
			assert_int_equal(a.n_elem, k ? 1 : rows[i].elems);
		}
		assert_true(vc_av1_is_key_start(c->p[0], c->len[0]));
		assert_int_equal(join_frame(fa, c, 0, 0, &out), 0);
		assert_int_equal(out.len, len - 2);
		assert_memory_equal(out.data, frame + 2, out.len);
		assert_true(out.is_key);
		assert_int_equal(out.width, 322);
		assert_int_equal(out.height, 182);
	}
	free(c);
	free(frame);
	vc_frameasm_free(fa);
}

/* Any number and size of OBUs, in payloads of any size. */
static void many_units_come_out(void **state)
{
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_AV1, NULL);
	struct vc_framepack_conf conf = plain;
	uint8_t *frame = malloc(300100);
	struct cut *c = malloc(sizeof(*c));
	struct vc_video_frame out;
	size_t len;

	(void)state;
	for (size_t max = 100; max < 300; max += 7) {
		for (size_t n = 1; n < 9; n++) {
			len = put_sequence(frame, 0);
			len = put(frame, len, VC_AV1_METADATA, 1, n);
			len = put(frame, len, VC_AV1_FRAME_HEADER, 0x10, 3 * n);
			for (size_t i = 0; i < n; i++)
				len = put(frame, len, VC_AV1_TILE_GROUP, 1,
					  (max * i * 37 + n * 11) % 331);
			conf.max_payload = max;
			cut_frame(c, &conf, frame, len);
			assert_int_equal(join_frame(fa, c, 0, 0, &out), 0);
			assert_int_equal(out.len, len);
			assert_memory_equal(out.data, frame, len);
			/* Few more payloads than there must be. */
			assert_true(c->n <= len / (max - 5) + n / 2 + 2);
		}
	}
	free(c);
	free(frame);
	vc_frameasm_free(fa);
}

static void no_frame_is_not_packed(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t len;
	} rows[] = {
		{ BYTES("") },	      { BYTES("\x12\0") },
		{ BYTES("\x30zz") },  { BYTES("\x32\3zz") },
		{ BYTES("\xb2\1z") }, { BYTES("\x32\1z\x32") },
	};
	struct vc_framepack pk;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_framepack_init(&pk, &plain, rows[i].p,
						   rows[i].len),
				 -EBADMSG);
}

/* P1 and P2 of AV1. */
static void payloads_are_checked(void **state)
{
	static const struct {
		const char *what;
		const char *p[3];
		size_t len[3];
		int err;
		const char *out;
		size_t out_len;
	} rows[] = {
		{ "no sequence yet", { "\x10\x30\x30z" }, { 4 }, -EAGAIN, "", 0 },
		{ "key",
		  { "\x28\x0c\x08" SEQ "\x30\x10z" },
		  { 17 },
		  0,
		  "\x0a\x0b" SEQ "\x32\2\x10z",
		  17 },
		{ "inter", { "\x10\x30\x30z" }, { 4 }, 0, "\x32\2\x30z", 4 },
		{ "cut",
		  { "\x50\x30\x30z", "\x90z" },
		  { 4, 2 },
		  0,
		  "\x32\3\x30zz",
		  5 },
		{ "cut in its header",
		  { "\x50\x34", "\xd0\x08", "\x90\x30z" },
		  { 2, 2, 3 },
		  0,
		  "\x36\x08\2\x30z",
		  5 },
		{ "with its size",
		  { "\x10\x32\2\x30z" },
		  { 5 },
		  0,
		  "\x32\2\x30z",
		  4 },
		{ "what is dropped",
		  { "\x00\1\x10\2\x78z\2\x40z\3\x30\x30z\1\x12" },
		  { 15 },
		  -EBADMSG,
		  "",
		  0 },
		{ "key again",
		  { "\x28\x0c\x08" SEQ "\x30\x10z" },
		  { 17 },
		  0,
		  "\x0a\x0b" SEQ "\x32\2\x10z",
		  17 },
		{ "what is dropped, well-formed",
		  { "\x00\1\x10\2\x78z\2\x40z\3\x30\x30z\2\x12\0" },
		  { 16 },
		  0,
		  "\x32\2\x30z",
		  4 },
		{ "nothing else", { "\x00\1\x10" }, { 3 }, -ENODATA, "", 0 },
		{ "the rest only", { "\x90z" }, { 2 }, -EBADMSG, "", 0 },
		{ "key again",
		  { "\x28\x0c\x08" SEQ "\x30\x10z" },
		  { 17 },
		  0,
		  "\x0a\x0b" SEQ "\x32\2\x10z",
		  17 },
		{ "no rest", { "\x50\x30\x30z" }, { 4 }, -EBADMSG, "", 0 },
		{ "waits for a key frame",
		  { "\x10\x30\x30z" },
		  { 4 },
		  -EAGAIN,
		  "",
		  0 },
		{ "a rest of nothing",
		  { "\x10\x30\x10z", "\x90z" },
		  { 4, 2 },
		  -EBADMSG,
		  "",
		  0 },
		{ "tiles only", { "\x10\x20z" }, { 3 }, -EBADMSG, "", 0 },
		{ "a key frame without sequence",
		  { "\x10\x30\x10z" },
		  { 4 },
		  -EAGAIN,
		  "",
		  0 },
		{ "forbidden bit", { "\x10\xb0\x10z" }, { 4 }, -EBADMSG, "", 0 },
		{ "sequence cut", { "\x10\x08\0\0" }, { 4 }, -EBADMSG, "", 0 },
		{ "over the limit",
		  { "\x20\x08\x08" HUGE "\x30z" },
		  { 12 },
		  -EFBIG,
		  "",
		  0 },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_AV1, NULL);
	struct vc_video_frame out;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err = join_payloads(fa, rows[i].p, rows[i].len, 3, &out);

		if (err != rows[i].err)
			fail_msg("%s: %d", rows[i].what, err);
		if (err)
			continue;
		if (out.len != rows[i].out_len ||
		    memcmp(out.data, rows[i].out, out.len))
			fail_msg("%s: %zu octets", rows[i].what, out.len);
	}
	vc_frameasm_free(fa);
}

static void losses_are_seen(void **state)
{
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_AV1, NULL);
	struct cut *c = malloc(sizeof(*c));
	struct vc_video_frame out;
	uint8_t frame[6000];
	size_t len = put_sequence(frame, 0);

	(void)state;
	len = put(frame, len, VC_AV1_FRAME, 0x10, 5000);
	cut_frame(c, &plain, frame, len);
	assert_int_equal(c->n, 5);
	assert_int_equal(join_frame(fa, c, 0, 1, &out), -EBADMSG);
	assert_int_equal(join_frame(fa, c, 0, 4, &out), -EBADMSG);
	assert_int_equal(join_frame(fa, c, 4, 1, &out), -EBADMSG);
	assert_int_equal(join_frame(fa, c, 1, 4, &out), -EBADMSG);
	assert_int_equal(join_frame(fa, c, 0, 0, &out), 0);
	free(c);
	vc_frameasm_free(fa);
}

/* Sequence header, metadata, and of two layers metadata, header, tiles. */
#define SH "\x08" SEQ
#define MD "\x28\x01z"
#define MD0 "\x2c\x00\x02y"
#define FH0 "\x1c\x00\x10x"
#define TG0 "\x24\x00wv"
#define MD1 "\x2c\x08\x02u"
#define FH1 "\x1c\x08\x10t"
#define TG1 "\x24\x08s"

/*
 * The examples of the specification (5.1): TD SH MD MD(0,0) FH(0,0) TG(0,0)
 * MD(0,1) FH(0,1) TG(0,1), without TD, in two packets or one for each.
 */
static void examples_of_the_specification(void **state)
{
	/* As a decoder gets it: with sizes. */
	static const uint8_t unit[] =
		"\x0a\x0b" SEQ "\x2a\x02\x01z"
		"\x2e\x00\x02\x02y\x1e\x00\x02\x10x\x26\x00\x02wv"
		"\x2e\x08\x02\x02u\x1e\x08\x02\x10t\x26\x08\x01s";
	static const struct {
		const uint8_t *p;
		size_t len;
	} rows[][9] = {
		/* Five elements with their lengths, three without the last. */
		{ { BYTES("\x08\x0c" SH "\3" MD "\4" MD0 "\4" FH0 "\4" TG0) },
		  { BYTES("\x30\4" MD1 "\4" FH1 TG1) } },
		{ { BYTES("\x18" SH) },
		  { BYTES("\x10" MD) },
		  { BYTES("\x10" MD0) },
		  { BYTES("\x10" FH0) },
		  { BYTES("\x10" TG0) },
		  { BYTES("\x10" MD1) },
		  { BYTES("\x10" FH1) },
		  { BYTES("\x10" TG1) } },
		/* The delimiter ignored, and a tile group in fragments. */
		{ { BYTES("\x38\2\x10\x00\x0c" SH MD) },
		  { BYTES("\x30\4" MD0 "\4" FH0 TG0) },
		  { BYTES("\x70\4" MD1 "\4" FH1 "\x24\x08") },
		  { BYTES("\x90s") } },
	};
	struct vc_frameasm *fa = vc_frameasm_new(VC_CODEC_AV1, NULL);
	struct vc_video_frame out;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int err;

		vc_frameasm_begin(fa);
		for (size_t k = 0; k < VC_COUNT(rows[i]) && rows[i][k].p; k++) {
			err = vc_frameasm_add(fa, rows[i][k].p, rows[i][k].len);
			if (err)
				fail_msg("row %zu, %zu: %d", i, k, err);
		}
		err = vc_frameasm_end(fa, &out);
		if (err)
			fail_msg("row %zu: %d", i, err);
		assert_int_equal(out.len, sizeof(unit) - 1);
		assert_memory_equal(out.data, unit, out.len);
		assert_true(out.is_key);
	}
	vc_frameasm_free(fa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_specification),
		cmocka_unit_test(what_goes_in_comes_out),
		cmocka_unit_test(many_units_come_out),
		cmocka_unit_test(no_frame_is_not_packed),
		cmocka_unit_test(payloads_are_checked),
		cmocka_unit_test(losses_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
