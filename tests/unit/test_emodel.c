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

static void test_codecs(void **state)
{
	static const struct {
		const char *encoding;
		uint32_t bps;
		bool has_concealment;
		struct vc_emodel_codec codec;
	} rows[] = {
		{ "PCMU", 64000, false, { 0, 4.3, true } },
		{ "pcma", 64000, true, { 0, 25.1, true } },
		{ "G729", 8000, true, { 11, 19, true } },
		{ "opus", 32000, true, { 0, 19, false } },
		{ "opus", 0, true, { 0, 19, false } },
		{ "opus", 8000, true, { 11, 19, false } },
		{ "opus", 6000, true, { 15, 19, false } },
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
	}
	assert_int_equal(vc_emodel_codec("L16", 0, true, &c), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default), cmocka_unit_test(test_loss),
		cmocka_unit_test(test_delay),	cmocka_unit_test(test_mos),
		cmocka_unit_test(test_codecs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
