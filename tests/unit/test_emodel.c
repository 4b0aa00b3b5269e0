/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "media/emodel.h"

static void assert_near(double value, double expected, double by)
{
	if (fabs(value - expected) > by)
		fail_msg("%.4f is not %.4f +- %.4f", value, expected, by);
}

/* G.107 (06/2015), 7.7: all defaults give 93.2; Annex B makes 4.41 of it. */
static void test_default(void **state)
{
	struct vc_emodel e;

	(void)state;
	vc_emodel_init(&e);
	assert_near(vc_emodel_r(&e), 93.2, 0.05);
	assert_near(vc_mos_from_r(vc_emodel_r(&e)), 4.41, 0.005);
}

/* 7.5 by hand: Ie + (95 - Ie) Ppl / (Ppl / BurstR + Bpl). */
static void test_loss(void **state)
{
	static const struct {
		double ie, bpl, ppl, burst_r, ie_eff;
	} rows[] = {
		{ 0, 4.3, 0, 1, 0 },	   { 0, 4.3, 1, 1, 17.925 },
		{ 0, 25.1, 1, 1, 3.640 },  { 11, 19, 2, 1, 19 },
		{ 0, 25.1, 5, 2, 17.210 }, { 15, 16.1, 100, 1, 83.906 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_emodel e;

		vc_emodel_init(&e);
		double clean = vc_emodel_r(&e);

		e.ie = rows[i].ie;
		e.bpl = rows[i].bpl;
		e.ppl = rows[i].ppl;
		e.burst_r = rows[i].burst_r;
		assert_near(vc_emodel_ie_eff(&e), rows[i].ie_eff, 0.001);
		assert_near(vc_emodel_r(&e), clean - rows[i].ie_eff, 0.001);
	}
}

/*
 * Delay of an echo-free connection (TELR 65, WEPL 110 as by default). The pure
 * delay term is checked by its own values: 0 up to 100 ms, then by 7-29.
 */
static void test_delay(void **state)
{
	static const struct {
		double ta_ms, idd;
	} rows[] = {
		{ 0, 0 },	{ 100, 0 },	 { 150, 0.164 },
		{ 200, 3.044 }, { 400, 24.070 },
	};
	struct vc_emodel e;
	double last = 100;

	(void)state;
	vc_emodel_init(&e);
	double clean = vc_emodel_r(&e);

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		e.ta_ms = rows[i].ta_ms;
		assert_near(clean - vc_emodel_r(&e), rows[i].idd, 0.001);
	}
	for (int ms = 0; ms <= 1000; ms += 50) {
		vc_emodel_set_delay(&e, ms);
		assert_true(vc_emodel_r(&e) < last);
		last = vc_emodel_r(&e);
	}
}

static void test_mos(void **state)
{
	static const struct {
		double r, mos;
	} rows[] = {
		{ -5, 1 },    { 0, 1 },	     { 3, 1 },	    { 50, 2.575 },
		{ 60, 3.1 },  { 70, 3.597 }, { 80, 4.024 }, { 90, 4.339 },
		{ 100, 4.5 }, { 120, 4.5 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_near(vc_mos_from_r(rows[i].r), rows[i].mos, 0.001);
}

/* G.107 Annex B: R and the MOS beside it, to two places. */
static void test_table(void **state)
{
	static const struct {
		double r, mos;
	} rows[] = {
		{ 93.2, 4.41 }, { 90, 4.34 }, { 80, 4.03 },
		{ 70, 3.60 },	{ 60, 3.10 }, { 50, 2.58 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_near(vc_mos_from_r(rows[i].r), rows[i].mos, 0.0065);
		/* The same share of the other scales is the same opinion. */
		assert_near(vc_emodel_mos(VC_EMODEL_WB, 1.29 * rows[i].r),
			    rows[i].mos, 0.0065);
		assert_near(vc_emodel_mos(VC_EMODEL_FB, 1.48 * rows[i].r),
			    rows[i].mos, 0.0065);
	}
}

/*
 * Wideband and fullband: all defaults give 129 and 148, a clean AMR-WB at 12.65
 * kbit/s 116 and MOS 4.34; loss by hand; delay of 200 ms as in test_delay() times
 * 1.29 and 1.48.
 */
static void test_scales(void **state)
{
	static const struct {
		enum vc_emodel_scale scale;
		double ie, bpl, ppl, burst_r, ta_ms, r;
	} rows[] = {
		{ VC_EMODEL_WB, 0, 1, 0, 1, 0, 129 },
		{ VC_EMODEL_FB, 0, 1, 0, 1, 100, 148 },
		{ VC_EMODEL_WB, 13, 10, 0, 1, 0, 116 },
		{ VC_EMODEL_WB, 13, 10, 10, 1, 0, 75 },
		{ VC_EMODEL_FB, 12, 10, 10, 1, 0, 76 },
		{ VC_EMODEL_FB, 12, 5, 10, 2, 0, 16 },
		{ VC_EMODEL_WB, 0, 1, 0, 1, 200, 129 - 1.29 * 3.0444 },
		{ VC_EMODEL_FB, 0, 1, 0, 1, 200, 148 - 1.48 * 3.0444 },
	};
	struct vc_emodel e;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		vc_emodel_init(&e);
		e.scale = rows[i].scale;
		e.ie = rows[i].ie;
		e.bpl = rows[i].bpl;
		e.ppl = rows[i].ppl;
		e.burst_r = rows[i].burst_r;
		vc_emodel_set_delay(&e, rows[i].ta_ms);
		assert_near(vc_emodel_r(&e), rows[i].r, 0.001);
	}
	assert_near(vc_emodel_mos(VC_EMODEL_WB, 116), 4.337, 0.0005);
}

static void test_codecs(void **state)
{
	static const struct {
		const char *encoding;
		uint32_t bps;
		bool has_concealment;
		struct vc_emodel_codec codec;
	} rows[] = {
		{ "PCMU", 64000, false, { 0, 4.3, true, VC_EMODEL_NB } },
		{ "pcma", 64000, true, { 0, 25.1, true, VC_EMODEL_NB } },
		{ "G729", 8000, true, { 11, 19, true, VC_EMODEL_NB } },
		{ "g722", 64000, true, { 13, 4.3, false, VC_EMODEL_WB } },
		{ "G722", 47000, true, { 31, 4.3, false, VC_EMODEL_WB } },
		{ "AMR-WB", 0, true, { 13, 10, false, VC_EMODEL_WB } },
		{ "AMR-WB", 23100, true, { 1, 10, false, VC_EMODEL_WB } },
		{ "EVS", 24000, true, { 7.2, 11.4, true, VC_EMODEL_FB } },
		{ "opus", 500000, true, { 7.2, 10, false, VC_EMODEL_FB } },
		{ "opus", 0, true, { 7.2, 10, false, VC_EMODEL_FB } },
		{ "opus", 8100, true, { 45, 10, false, VC_EMODEL_FB } },
		{ "opus", 1, true, { 70, 10, false, VC_EMODEL_FB } },
	};
	struct vc_emodel_codec c;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		assert_int_equal(vc_emodel_codec(rows[i].encoding, rows[i].bps,
						 rows[i].has_concealment, &c),
				 0);
		assert_near(c.ie, rows[i].codec.ie, 0);
		assert_near(c.bpl, rows[i].codec.bpl, 0);
		assert_int_equal(c.is_published, rows[i].codec.is_published);
		assert_int_equal(c.scale, rows[i].codec.scale);
	}
	assert_int_equal(vc_emodel_codec("L16", 0, true, &c), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default), cmocka_unit_test(test_loss),
		cmocka_unit_test(test_delay),	cmocka_unit_test(test_mos),
		cmocka_unit_test(test_codecs),	cmocka_unit_test(test_table),
		cmocka_unit_test(test_scales),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
