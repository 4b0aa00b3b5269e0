/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/ntp.h"
#include "wire/rtpext.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

/* hostile.md H5. 'ids' is what is found, each followed by its length. */
static const struct {
	const char *what;
	uint16_t profile;
	const uint8_t *p;
	size_t len;
	const uint8_t *ids;
	size_t n;
} blocks[] = {
	{ "nothing", 0xbede, BYTES(""), BYTES("") },
	{ "padding alone", 0xbede, BYTES("\0\0\0\0"), BYTES("") },
	{ "one", 0xbede, BYTES("\x10\xff\0\0"), BYTES("\1\1") },
	{ "padding in between", 0xbede, BYTES("\x10\xff\0\0\x21\1\2\0"),
	  BYTES("\1\1\2\2") },
	{ "16 octets", 0xbede,
	  BYTES("\x3f"
		"0123456789abcdef\0\0\0"),
	  BYTES("\3\x10") },
	{ "id 0 with a length", 0xbede, BYTES("\x10\xff\x01\1\2\x20\1\0"),
	  BYTES("\1\1") },
	{ "id 15", 0xbede, BYTES("\x10\xff\xf0\1\x20\1\0\0"), BYTES("\1\1") },
	{ "too long", 0xbede, BYTES("\x10\xff\x22\1"), BYTES("\1\1") },
	{ "header at the end", 0xbede, BYTES("\x10\xff\0\x20"), BYTES("\1\1") },
	{ "duplicate", 0xbede, BYTES("\x10\1\x10\2"), BYTES("\1\1\1\1") },
	{ "two-byte", 0x1000, BYTES("\1\1\xff\0"), BYTES("\1\1") },
	{ "two-byte, appbits", 0x100f, BYTES("\xff\2ab"), BYTES("\xff\2") },
	{ "two-byte, empty", 0x1005, BYTES("\7\0\0\0"), BYTES("\7\0") },
	{ "two-byte, id 15", 0x1000, BYTES("\x0f\1a\0"), BYTES("\x0f\1") },
	{ "two-byte, too long", 0x1000, BYTES("\1\1\xff\0\2\3ab"),
	  BYTES("\1\1") },
	{ "two-byte, cut", 0x1000, BYTES("\0\0\0\1"), BYTES("") },
	{ "unknown profile", 0x1010, BYTES("\1\1\xff\0"), BYTES("") },
	{ "unknown profile", 0xbedf, BYTES("\x10\xff\0\0"), BYTES("") },
};

static void elements_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(blocks); i++) {
		struct vc_rtp rtp = { .has_ext = true,
				      .ext_profile = blocks[i].profile,
				      .ext = blocks[i].p,
				      .ext_len = blocks[i].len };
		struct vc_ext_iter it = vc_ext_over(&rtp);
		struct vc_ext e;
		size_t n = 0;

		while (vc_ext_next(&it, &e)) {
			if (n + 2 > blocks[i].n || e.id != blocks[i].ids[n] ||
			    e.len != blocks[i].ids[n + 1])
				fail_msg("%s: id %u, %zu octets",
					 blocks[i].what, e.id, e.len);
			n += 2;
		}
		if (n != blocks[i].n)
			fail_msg("%s: %zu found", blocks[i].what, n / 2);
		assert_false(vc_ext_next(&it, &e));
		rtp.has_ext = false;
		it = vc_ext_over(&rtp);
		assert_false(vc_ext_next(&it, &e));
	}
}

static void the_first_of_an_id_counts(void **state)
{
	struct vc_rtp rtp = { .has_ext = true,
			      .ext_profile = VC_RTP_EXT_ONE,
			      .ext = (const uint8_t *)"\x10\1\x10\2",
			      .ext_len = 4 };
	const uint8_t *p = NULL;
	size_t len = 0;

	(void)state;
	assert_true(vc_ext_find(&rtp, 1, &p, &len));
	assert_int_equal(*p, 1);
	assert_int_equal(len, 1);
	assert_false(vc_ext_find(&rtp, 2, NULL, NULL));
	assert_true(vc_ext_find(&rtp, 1, NULL, NULL));
}

static void audio_levels(void **state)
{
	static const struct {
		bool voice;
		uint8_t level, is;
	} rows[] = {
		{ false, 0, 0 },     { true, 0, 0 },   { true, 127, 127 },
		{ false, 127, 127 }, { true, 30, 30 }, { false, 128, 127 },
		{ true, 255, 127 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t block[8], buf[32];
		struct vc_wr b = vc_wr_over(block, sizeof(block));
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_audio_level level;
		struct vc_rtp rtp = { .has_ext = true,
				      .ext_profile = VC_RTP_EXT_ONE,
				      .ext = block };

		vc_ext_write(&b, 3, "\0\1", 2);
		vc_ext_write_audio_level(&b, 1, rows[i].voice, rows[i].level);
		rtp.ext_len = vc_wr_len(&b);
		assert_int_equal(vc_rtp_write(&w, &rtp), 0);
		assert_int_equal(vc_rtp_parse(&rtp, buf, vc_wr_len(&w)), 0);
		assert_true(vc_ext_audio_level(&rtp, 1, &level));
		assert_int_equal(level.voice, rows[i].voice);
		assert_int_equal(level.level, rows[i].is);
		assert_false(vc_ext_audio_level(&rtp, 2, &level));
		assert_true(vc_ext_find(&rtp, 3, NULL, NULL));
	}
}

static void an_empty_level_is_none(void **state)
{
	struct vc_rtp rtp = { .has_ext = true,
			      .ext_profile = VC_RTP_EXT_TWO,
			      .ext = (const uint8_t *)"\1\0\0\0",
			      .ext_len = 4 };
	struct vc_audio_level level;

	(void)state;
	assert_false(vc_ext_audio_level(&rtp, 1, &level));
}

/* A packet with the extension 'block' of 'profile' (0: none), 2 CSRCs. */
static size_t make(uint8_t *buf, size_t cap, uint16_t profile,
		   const void *block, size_t len, unsigned int pad)
{
	struct vc_wr w = vc_wr_over(buf, cap);
	struct vc_rtp rtp = { .pt = 111,
			      .marker = true,
			      .seq = 65535,
			      .ts = UINT32_MAX,
			      .ssrc = 1,
			      .n_csrc = 2,
			      .csrc = { 2, 3 },
			      .has_ext = profile,
			      .ext_profile = profile,
			      .ext = block,
			      .ext_len = len };

	assert_int_equal(vc_rtp_write(&w, &rtp), 0);
	vc_wr_bytes(&w, "payload", 7);
	for (unsigned int i = 0; i < pad; i++)
		vc_wr_u8(&w, (uint8_t)pad);
	if (pad)
		buf[0] |= 0x20;
	assert_false(w.bad);
	return vc_wr_len(&w);
}

/* What is found after putting 3 = "new" and 4 = 4 zeros into a block. */
static const struct {
	const char *what;
	uint16_t profile;
	const uint8_t *block;
	size_t len;
	uint8_t big; /* one more element, id 5, of so many octets */
	int err;
	uint16_t profile_after;
	const uint8_t *ids; /* and lengths */
	size_t n;
} put_rows[] = {
	{ "no extension", 0, BYTES(""), 0, 0, 0xbede, BYTES("\3\3\4\4") },
	{ "others are kept", 0xbede, BYTES("\x10\xff\x21\1\2\0\0\0"), 0, 0,
	  0xbede, BYTES("\1\1\2\2\3\3\4\4") },
	{ "replaced, grown", 0xbede, BYTES("\x30\1\x10\2"), 0, 0, 0xbede,
	  BYTES("\1\1\3\3\4\4") },
	{ "replaced twice", 0xbede, BYTES("\x30\1\x30\2\x41\1\2\0"), 0, 0,
	  0xbede, BYTES("\3\3\4\4") },
	{ "what cannot be read goes", 0xbede, BYTES("\x10\1\xf0\1\x20\1\0\0"),
	  0, 0, 0xbede, BYTES("\1\1\3\3\4\4") },
	{ "two-byte stays so", 0x1003, BYTES("\1\0\xff\1a\0\0\0"), 0, 0, 0x1000,
	  BYTES("\1\0\xff\1\3\3\4\4") },
	{ "too long for one-byte", 0xbede, BYTES("\x10\xff\0\0"), 17, 0, 0x1000,
	  BYTES("\1\1\3\3\4\4\5\x11") },
	{ "just not too long", 0xbede, BYTES("\x10\xff\0\0"), 16, 0, 0xbede,
	  BYTES("\1\1\3\3\4\4\5\x10") },
	{ "the longest", 0x1000, BYTES(""), 255, 0, 0x1000,
	  BYTES("\3\3\4\4\5\xff") },
	{ "unknown profile", 0xbedf, BYTES("\x10\xff\0\0"), 0, -ENOTSUP, 0,
	  BYTES("") },
};

static void check_put(const char *what, const uint8_t *buf, size_t len,
		      uint16_t profile, const uint8_t *ids, size_t n)
{
	struct vc_ext_iter it;
	struct vc_rtp rtp;
	struct vc_ext e;

	if (vc_rtp_parse(&rtp, buf, len))
		fail_msg("%s: malformed", what);
	assert_int_equal(rtp.ext_profile, profile);
	it = vc_ext_over(&rtp);
	for (size_t i = 0; i < n; i += 2)
		if (!vc_ext_next(&it, &e) || e.id != ids[i] ||
		    e.len != ids[i + 1])
			fail_msg("%s: element %zu", what, i / 2);
	assert_false(vc_ext_next(&it, &e));
	assert_int_equal(rtp.seq, 65535);
	assert_true(rtp.marker);
	assert_int_equal(rtp.n_csrc, 2);
	assert_int_equal(rtp.csrc[1], 3);
	assert_int_equal(rtp.payload_len, 7);
	assert_memory_equal(rtp.payload, "payload", 7);
}

static void elements_are_put(void **state)
{
	static const uint8_t zeros[255];
	uint8_t in[128], out[600];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(put_rows); i++) {
		unsigned int pad = i % 2 ? 4 : 0;
		size_t len = make(in, sizeof(in), put_rows[i].profile,
				  put_rows[i].block, put_rows[i].len, pad);
		const struct vc_ext put[] = {
			{ 3, (const uint8_t *)"new", 3 },
			{ 4, NULL, 4 },
			{ 5, zeros, put_rows[i].big },
		};
		size_t n = put_rows[i].big ? 3 : 2, at[3];
		const uint8_t *put_p;
		struct vc_wr w = vc_wr_over(out, sizeof(out));
		struct vc_rtp rtp;
		int err;

		assert_int_equal(vc_rtp_parse(&rtp, in, len), 0);
		vc_wr_u8(&w, 0x55); /* it need not be the beginning */
		err = vc_ext_put(&w, &rtp, put, n, at);
		if (err != put_rows[i].err)
			fail_msg("%s: %d", put_rows[i].what, err);
		if (err)
			continue;
		/* The second is filled in later. */
		memcpy(out + 1 + at[1], "late", 4);
		vc_wr_bytes(&w, in + rtp.header_len, len - rtp.header_len);
		check_put(put_rows[i].what, out + 1, vc_wr_len(&w) - 1,
			  put_rows[i].profile_after, put_rows[i].ids,
			  put_rows[i].n);
		assert_int_equal(vc_rtp_parse(&rtp, out + 1, vc_wr_len(&w) - 1),
				 0);
		assert_int_equal(rtp.pad_len, pad);
		assert_memory_equal(out + 1 + at[0], "new", 3);
		assert_true(vc_ext_find(&rtp, 4, &put_p, NULL));
		assert_memory_equal(put_p, "late", 4);
	}
}

/* Any room that is too little is said to be. */
static void a_put_without_room_is_refused(void **state)
{
	const struct vc_ext put = { 3, (const uint8_t *)"new", 3 };
	uint8_t in[64], out[64];
	size_t len = make(in, sizeof(in), 0xbede, "\x10\xff\0\0", 4, 0), at;
	struct vc_rtp rtp;

	(void)state;
	assert_int_equal(vc_rtp_parse(&rtp, in, len), 0);
	for (size_t cap = 0; cap < sizeof(out); cap++) {
		struct vc_wr w = vc_wr_over(out, cap);
		int err = vc_ext_put(&w, &rtp, &put, 1, &at);

		assert_int_equal(err, cap < 20 + 4 + 8 ? -ENOSPC : 0);
	}
}

static struct vc_rtp with(uint8_t *buf, size_t cap, const void *p, size_t len)
{
	struct vc_wr w = vc_wr_over(buf, cap);
	struct vc_rtp rtp = { .n_csrc = 3,
			      .has_ext = true,
			      .ext_profile = VC_RTP_EXT_TWO,
			      .ext = buf };

	vc_ext_write_two(&w, 9, p, (uint8_t)len);
	rtp.ext_len = vc_wr_len(&w);
	return rtp;
}

static void values_of_a_wrong_length_are_none(void **state)
{
	static const uint8_t octets[255];
	/* Which lengths each reader takes. */
	static const struct {
		size_t len;
		bool send, twcc, capture, turn;
	} rows[] = {
		{ 0, false, false, false, false },
		{ 1, false, false, false, true },
		{ 2, false, true, false, false },
		{ 3, true, false, false, false },
		{ 4, false, true, false, false },
		{ 7, false, false, false, false },
		{ 8, false, false, true, false },
		{ 15, false, false, false, false },
		{ 16, false, false, true, false },
		{ 17, false, false, false, false },
		{ 255, false, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t buf[300], levels[VC_RTP_CSRC_MAX];
		struct vc_rtp rtp = with(buf, sizeof(buf), octets, rows[i].len);
		struct vc_capture_time capture;
		struct vc_orientation turn;
		struct vc_str token;
		uint32_t send;
		uint16_t twcc;

		assert_int_equal(vc_ext_send_time(&rtp, 9, &send),
				 rows[i].send);
		assert_int_equal(vc_ext_twcc(&rtp, 9, &twcc), rows[i].twcc);
		assert_int_equal(vc_ext_capture_time(&rtp, 9, &capture),
				 rows[i].capture);
		assert_int_equal(vc_ext_orientation(&rtp, 9, &turn),
				 rows[i].turn);
		assert_false(vc_ext_token(&rtp, 9, &token));
		assert_int_equal(vc_ext_csrc_levels(&rtp, 9, levels),
				 rows[i].len < 3 ? rows[i].len : 3);
		assert_false(vc_ext_twcc(&rtp, 8, &twcc));
	}
}

static void send_times(void **state)
{
	static const struct {
		int64_t ns, diff; /* from T0 to T0 + ns */
	} rows[] = {
		{ 0, 0 },
		{ 20 * VC_MS, 20 * VC_MS },
		{ -20 * VC_MS, -20 * VC_MS },
		{ 31 * VC_SEC, 31 * VC_SEC },
		{ 64 * VC_SEC + VC_MS, VC_MS },
		{ 33 * VC_SEC, -31 * VC_SEC },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t a[3], b[3], buf[16];
		struct vc_rtp rtp;
		uint32_t from, to;
		int64_t off;

		vc_ext_set_send_time(a, VC_VIRTUAL_EPOCH);
		vc_ext_set_send_time(b, VC_VIRTUAL_EPOCH + rows[i].ns);
		rtp = with(buf, sizeof(buf), a, 3);
		assert_true(vc_ext_send_time(&rtp, 9, &from));
		rtp = with(buf, sizeof(buf), b, 3);
		assert_true(vc_ext_send_time(&rtp, 9, &to));
		off = vc_ext_send_time_diff(from, to) - rows[i].diff;
		assert_true(off >= -4000 && off <= 4000);
	}
}

static void capture_times(void **state)
{
	static const struct {
		bool has_offset;
		int64_t offset;
		const char *tail; /* as octets */
	} rows[] = {
		{ false, 0, "" },
		{ true, 0, "\0\0\0\0\0\0\0\0" },
		{ true, VC_SEC, "\0\0\0\1\0\0\0\0" },
		{ true, -VC_SEC / 2, "\xff\xff\xff\xff\x80\0\0\0" },
		{ true, 1, NULL },
		{ true, -1, NULL },
		{ true, INT64_C(3600123456789), NULL },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_capture_time in = {
			.ntp = vc_ntp_from_ns(VC_VIRTUAL_EPOCH),
			.has_offset = rows[i].has_offset,
			.offset_ns = rows[i].offset,
		};
		struct vc_capture_time out;
		uint8_t p[16], buf[24];
		size_t len = vc_ext_set_capture_time(p, &in);
		struct vc_rtp rtp = with(buf, sizeof(buf), p, len);

		assert_int_equal(len, rows[i].has_offset ? 16 : 8);
		assert_true(vc_ext_capture_time(&rtp, 9, &out));
		assert_int_equal(out.ntp, in.ntp);
		assert_int_equal(out.has_offset, in.has_offset);
		assert_int_equal(out.offset_ns, in.offset_ns);
		if (rows[i].has_offset && rows[i].tail)
			assert_memory_equal(p + 8, rows[i].tail, 8);
	}
}

static void other_values(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		bool is_token;
	} tokens[] = {
		{ "0", 1, true },	 { "hi-res_1", 8, true },
		{ "a b", 3, false },	 { "a\0", 2, false },
		{ "\x1b[2J", 4, false }, { "\xff", 1, false },
		{ "a:b", 3, false },	 { "\x7f", 1, false },
	};
	uint8_t buf[32], levels[VC_RTP_CSRC_MAX], seq[2];
	struct vc_orientation turn;
	struct vc_rtp rtp;
	struct vc_str text;
	uint16_t got;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(tokens); i++) {
		rtp = with(buf, sizeof(buf), tokens[i].text, tokens[i].len);
		assert_int_equal(vc_ext_token(&rtp, 9, &text),
				 tokens[i].is_token);
		if (tokens[i].is_token)
			assert_memory_equal(text.p, tokens[i].text, text.len);
	}
	for (unsigned int i = 0; i < 256; i++) {
		uint8_t octet = (uint8_t)i;

		rtp = with(buf, sizeof(buf), &octet, 1);
		assert_true(vc_ext_orientation(&rtp, 9, &turn));
		assert_int_equal(turn.turn, i % 4 * 90);
		assert_int_equal(vc_ext_orientation_octet(&turn), i & 15);
	}
	rtp = with(buf, sizeof(buf), "\x7f\xff\x1e\1", 4);
	assert_int_equal(vc_ext_csrc_levels(&rtp, 9, levels), 3);
	assert_memory_equal(levels, "\x7f\x7f\x1e", 3);
	vc_ext_set_twcc(seq, 65535);
	rtp = with(buf, sizeof(buf), seq, 2);
	assert_true(vc_ext_twcc(&rtp, 9, &got));
	assert_int_equal(got, 65535);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_found),
		cmocka_unit_test(the_first_of_an_id_counts),
		cmocka_unit_test(audio_levels),
		cmocka_unit_test(an_empty_level_is_none),
		cmocka_unit_test(elements_are_put),
		cmocka_unit_test(a_put_without_room_is_refused),
		cmocka_unit_test(values_of_a_wrong_length_are_none),
		cmocka_unit_test(send_times),
		cmocka_unit_test(capture_times),
		cmocka_unit_test(other_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
