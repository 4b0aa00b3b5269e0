/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/rtxmap.h"
#include "wire/rtp.h"
#include "wire/rtx.h"

#define T0 VC_VIRTUAL_EPOCH
#define TEXT(s) (s), sizeof(s) - 1

static const struct vc_rtx as = { 0xaabbccdd, 97, 0x0102 };

/* Originals, and what RTX packets of them are. */
static const struct {
	const char *orig;
	size_t len;
	const char *rtx;
	size_t rtx_len;
} rows[] = {
	{ TEXT("\x80\xe0\xff\xff\0\0\0\1\0\0\0\7hello"),
	  TEXT("\x80\xe1\1\2\0\0\0\1\xaa\xbb\xcc\xdd\xff\xffhello") },
	/* empty */
	{ TEXT("\x80\x60\0\0\0\0\0\1\0\0\0\7"),
	  TEXT("\x80\x61\1\2\0\0\0\1\xaa\xbb\xcc\xdd\0\0") },
	/* a CSRC, an extension */
	{ TEXT("\x91\x60\0\5\0\0\0\1\0\0\0\7\0\0\0\x9\xbe\xde\0\1\x10\x80\0\0x"),
	  TEXT("\x91\x61\1\2\0\0\0\1\xaa\xbb\xcc\xdd\0\0\0\x9\xbe\xde\0\1"
	       "\x10\x80\0\0\0\5x") },
	/* padding is not repeated */
	{ TEXT("\xa0\x60\0\5\0\0\0\1\0\0\0\7xy\0\2"),
	  TEXT("\x80\x61\1\2\0\0\0\1\xaa\xbb\xcc\xdd\0\5xy") },
};

static void there_and_back(void **state)
{
	uint8_t buf[64], back[64];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const uint8_t *orig = (const uint8_t *)rows[i].orig;
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		struct vc_rtp was, is;
		uint16_t osn;
		size_t len;

		assert_int_equal(vc_rtx_write(&w, &as, orig, rows[i].len), 0);
		len = vc_wr_len(&w);
		assert_int_equal(len, rows[i].rtx_len);
		assert_memory_equal(buf, rows[i].rtx, len);
		assert_int_equal(vc_rtp_parse(&is, buf, len), 0);
		assert_int_equal(vc_rtp_parse(&was, orig, rows[i].len), 0);
		assert_true(vc_rtx_osn(&is, &osn));
		assert_int_equal(osn, was.seq);

		memcpy(back, buf, len);
		assert_int_equal(vc_rtx_unwrap(back, &len, was.ssrc, was.pt),
				 0);
		assert_int_equal(len, rows[i].len - was.pad_len);
		assert_memory_equal(back + 1, orig + 1, len - 1);
		assert_int_equal(back[0], orig[0] & ~0x20);
		w = vc_wr_over(buf, rows[i].rtx_len - 1);
		vc_rtx_write(&w, &as, orig, rows[i].len);
		assert_true(w.bad);
	}
}

static void bad_packets_are_left_alone(void **state)
{
	static const struct {
		const char *p;
		size_t len;
		int err;
	} bad[] = {
		{ TEXT(""), -EBADMSG },
		{ TEXT("\x80\x61\1\2\0\0\0\1\0\0\0"), -EBADMSG },
		{ TEXT("\x40\x61\1\2\0\0\0\1\0\0\0\7\0\5"), -EBADMSG },
		{ TEXT("\x80\x61\1\2\0\0\0\1\0\0\0\7\0"), -EBADMSG },
		{ TEXT("\x80\x61\1\2\0\0\0\1\0\0\0\7"), -ENODATA },
		/* all of it padding; all but one octet */
		{ TEXT("\xa0\x61\1\2\0\0\0\1\0\0\0\7\0\0\0\4"), -ENODATA },
		{ TEXT("\xa0\x61\1\2\0\0\0\1\0\0\0\7\0\0\0\3"), -EBADMSG },
		{ TEXT("\xa0\x61\1\2\0\0\0\1\0\0\0\7\0\5\0\0"), -EBADMSG },
		{ TEXT("\xa0\x61\1\2\0\0\0\1\0\0\0\7\0\5\0\x9"), -EBADMSG },
		{ TEXT("\x90\x61\1\2\0\0\0\1\0\0\0\7\xbe\xde\0\2\0\0\0\0"),
		  -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(bad); i++) {
		uint8_t buf[32];
		size_t len = bad[i].len;

		memcpy(buf, bad[i].p, len);
		assert_int_equal(vc_rtx_unwrap(buf, &len, 1, 1), bad[i].err);
		assert_int_equal(len, bad[i].len);
		assert_memory_equal(buf, bad[i].p, len);
	}
}

static void descriptions_associate(void **state)
{
	static const struct {
		const char *fmtp;
		int apt; /* -1: none */
	} apts[] = {
		{ "apt=96", 96 },
		{ "apt=0", 0 },
		{ "rtx-time=200;apt=127", 127 },
		{ "APT=5", 5 },
		{ "apt=128", -1 },
		{ "apt=", -1 },
		{ "apt=-1", -1 },
		{ "apt=9x", -1 },
		{ "", -1 },
		{ "apt", -1 },
	};
	static const struct {
		const char *value;
		bool is_fid;
		uint32_t media, rtx;
	} fids[] = {
		{ "FID 1 2", true, 1, 2 },
		{ "FID 0 4294967295", true, 0, UINT32_MAX },
		{ "FID 1 1", false, 0, 0 },
		{ "FID 1", false, 0, 0 },
		{ "FID 1 2 3", false, 0, 0 },
		{ "FID 1 4294967296", false, 0, 0 },
		{ "FID  1 2", false, 0, 0 },
		{ "FEC-FR 1 2", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(apts); i++) {
		uint8_t apt = 0;

		assert_int_equal(vc_rtx_apt(vc_str_c(apts[i].fmtp), &apt),
				 apts[i].apt >= 0);
		if (apts[i].apt >= 0)
			assert_int_equal(apt, apts[i].apt);
	}
	for (size_t i = 0; i < VC_COUNT(fids); i++) {
		uint32_t media = 0, rtx = 0;

		assert_int_equal(vc_rtx_fid(vc_str_c(fids[i].value), &media,
					    &rtx),
				 fids[i].is_fid);
		assert_int_equal(media, fids[i].media);
		assert_int_equal(rtx, fids[i].rtx);
	}
}

/* What speaks for sources 0, 1, ... (0xff: not added), and who it is. */
static void the_best_guess_is_learnt(void **state)
{
	enum {
		RID = VC_RTX_BY_RID,
		ASKED = VC_RTX_BY_ASKED,
		CNAME = VC_RTX_BY_CNAME,
		NOT = 0xff
	};
	static const struct {
		unsigned int by[3];
		int who; /* -1: not known yet */
	} guesses[] = {
		{ { NOT, NOT, NOT }, -1 },
		{ { 0, NOT, NOT }, 0 },
		{ { 0, 0, NOT }, -1 },
		{ { 0, ASKED, NOT }, 1 },
		{ { ASKED, ASKED, 0 }, -1 },
		{ { ASKED, ASKED | CNAME, CNAME }, 1 },
		{ { CNAME, ASKED, 0 }, 1 },
		{ { ASKED | CNAME, RID, ASKED }, 1 },
		{ { ASKED, ASKED, RID }, 2 },
		{ { RID, RID | ASKED, RID }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(guesses); i++) {
		struct vc_rtxmap *m = vc_rtxmap_new();
		struct vc_rtxguess g = { 0 };
		uint32_t media = 99;

		assert_non_null(m);
		for (uint32_t k = 0; k < 3; k++) {
			if (guesses[i].by[k] != NOT)
				vc_rtxguess_add(&g, k, guesses[i].by[k]);
		}
		assert_int_equal(vc_rtxmap_learn(m, 7, &g, T0),
				 guesses[i].who >= 0);
		assert_int_equal(vc_rtxmap_find(m, 7, T0, &media),
				 guesses[i].who >= 0);
		if (guesses[i].who >= 0)
			assert_int_equal(media, guesses[i].who);
		vc_rtxmap_free(m);
	}
}

static void guesses_are_forgotten(void **state)
{
	struct vc_rtxmap *m = vc_rtxmap_new();
	struct vc_rtxguess g = { 0 };
	uint32_t media;

	(void)state;
	assert_non_null(m);
	vc_rtxguess_add(&g, 5, 0);
	assert_false(vc_rtxmap_learn(m, 5, &g, T0)); /* itself */
	assert_true(vc_rtxmap_learn(m, 6, &g, T0));
	assert_int_equal(vc_rtxmap_fid(m, 5, 7), 0);
	for (int i = 0; i < 2 * VC_RTXMAP_MISSES - 1; i++) {
		bool was_asked = i == VC_RTXMAP_MISSES - 1;

		vc_rtxmap_was_asked(m, 6, was_asked);
		vc_rtxmap_was_asked(m, 7, false);
	}
	assert_true(vc_rtxmap_find(m, 6, T0, &media));
	vc_rtxmap_was_asked(m, 6, false);
	assert_false(vc_rtxmap_find(m, 6, T0, &media));
	assert_true(vc_rtxmap_learn(m, 6, &g, T0));
	vc_rtxmap_forget(m, 5);
	assert_false(vc_rtxmap_find(m, 6, T0, &media));
	/* a description's word stays */
	assert_true(vc_rtxmap_find(m, 7, T0, &media));
	assert_int_equal(media, 5);
	vc_rtxmap_free(m);
}

static void the_map_is_bounded(void **state)
{
	struct vc_rtxmap *m = vc_rtxmap_new();
	struct vc_rtxguess g = { 0 };
	uint32_t media;

	(void)state;
	assert_non_null(m);
	vc_rtxguess_add(&g, 0, 0);
	assert_int_equal(vc_rtxmap_fid(m, 1, UINT32_MAX), 0);
	for (uint32_t i = 1; i <= 100000; i++)
		assert_true(vc_rtxmap_learn(m, i, &g, T0 + i));
	assert_int_equal(vc_rtxmap_n(m), VC_RTXMAP_MAX);
	assert_true(vc_rtxmap_find(m, UINT32_MAX, T0, &media));
	assert_true(vc_rtxmap_find(m, 100000, T0, &media));
	assert_false(vc_rtxmap_find(m, 1, T0, &media));
	for (uint32_t i = 1; i < VC_RTXMAP_MAX; i++)
		assert_int_equal(vc_rtxmap_fid(m, 1, 200000 + i), 0);
	assert_int_equal(vc_rtxmap_fid(m, 1, 300000), -ENOSPC);
	assert_false(vc_rtxmap_learn(m, 300000, &g, T0));
	vc_rtxmap_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(bad_packets_are_left_alone),
		cmocka_unit_test(descriptions_associate),
		cmocka_unit_test(the_best_guess_is_learnt),
		cmocka_unit_test(guesses_are_forgotten),
		cmocka_unit_test(the_map_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
