/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_found),
		cmocka_unit_test(the_first_of_an_id_counts),
		cmocka_unit_test(audio_levels),
		cmocka_unit_test(an_empty_level_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
