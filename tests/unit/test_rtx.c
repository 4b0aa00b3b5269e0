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
#include "wire/rtpext.h"
#include "wire/rtx.h"

#define T0 VC_VIRTUAL_EPOCH
#define TEXT(s) (s), sizeof(s) - 1

static const struct vc_rtx as = { 0xaabbccdd, 97, 0x0102, { 0 } };

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

/* RFC 8852: a layer's name becomes that of what is repaired, and back. */
static void a_layer_is_named(void **state)
{
	static const char orig[] = "\x90\x60\0\5\0\0\0\1\0\0\0\7"
				   "\xbe\xde\0\1\x60"
				   "1\x10\x80x";
	static const struct {
		struct vc_rid_exts ids;
		uint8_t head; /* of the element that names it */
	} ids[] = {
		{ { 6, 7 }, 0x70 },  { { 6, 0 }, 0x60 }, { { 0, 7 }, 0x60 },
		{ { 6, 15 }, 0x60 }, { { 5, 7 }, 0x60 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(ids); i++) {
		struct vc_rtx rtx = as;
		uint8_t buf[64];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));
		size_t len;

		rtx.ids = ids[i].ids;
		assert_int_equal(vc_rtx_write(&w, &rtx, (const uint8_t *)orig,
					      sizeof(orig) - 1),
				 0);
		len = vc_wr_len(&w);
		assert_int_equal(buf[16], ids[i].head);
		assert_memory_equal(buf + 17, "1\x10\x80\0\5x", 6);
		assert_int_equal(vc_rtx_unwrap(buf, &len, 7, 96), 0);
		vc_ext_rename(buf, len, rtx.ids.repaired, rtx.ids.rid);
		assert_int_equal(len, sizeof(orig) - 1);
		assert_memory_equal(buf, orig, len);
	}
}

/* Both forms; what is not well-formed is left alone. */
static void elements_are_renamed(void **state)
{
	static const struct {
		const char *was, *is; /* the extension */
		size_t len;
		uint8_t from, to;
	} exts[] = {
		{ "\xbe\xde\0\1\x60\1\x60\2", "\xbe\xde\0\1\x70\1\x70\2", 8, 6,
		  7 },
		{ "\x10\0\0\2\6\0\6\3\6\6\6\0", "\x10\0\0\2\7\0\7\3\6\6\6\0",
		  12, 6, 7 },
		{ "\x10\0\0\1\6\1x\0", "\x10\0\0\1\xff\1x\0", 8, 6, 255 },
		/* longer than what is there */
		{ "\xbe\xde\0\1\x6f\1\2\3", "\xbe\xde\0\1\x6f\1\2\3", 8, 6, 7 },
		/* of an unknown profile */
		{ "\x12\x34\0\1\x60\1\0\0", "\x12\x34\0\1\x60\1\0\0", 8, 6, 7 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(exts); i++) {
		uint8_t pkt[32] = "\x90\x60\0\5\0\0\0\1\0\0\0\7";

		memcpy(pkt + 12, exts[i].was, exts[i].len);
		vc_ext_rename(pkt, 12 + exts[i].len, exts[i].from, exts[i].to);
		assert_memory_equal(pkt + 12, exts[i].is, exts[i].len);
		vc_ext_rename(pkt, 11, exts[i].to, exts[i].from);
		assert_memory_equal(pkt + 12, exts[i].is, exts[i].len);
	}
}

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

/* hostile.md P7 */
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
		cmocka_unit_test(a_layer_is_named),
		cmocka_unit_test(elements_are_renamed),
		cmocka_unit_test(bad_packets_are_left_alone),
		cmocka_unit_test(descriptions_associate),
		cmocka_unit_test(the_best_guess_is_learnt),
		cmocka_unit_test(guesses_are_forgotten),
		cmocka_unit_test(the_map_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
