/* SPDX-License-Identifier: MIT */
/* How sources leave a roster, and come back. */
#include "unit/rosterrig.h"

/* C4: BYE marks, trailing packets do not revive, later ones do. */
static void byes_mark(void **state)
{
	static const struct {
		int64_t rtp_after; /* 0: none */
		const char *heard; /* by 5 s after the BYE */
	} rows[] = {
		{ 0, "-:ssrc:00000001/bye gone:ssrc:00000001" },
		{ 400 * VC_MS, "-:ssrc:00000001/bye gone:ssrc:00000001" },
		{ 600 * VC_MS, "" },
	};
	struct vc_roster *r;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		r = new_roster(0, 0);
		assert_null(vc_roster_bye(r, &net1, 77, T0));
		rtp(r, &net1, 1, 0, T0);
		heard[0] = '\0';
		assert_non_null(vc_roster_bye(r, &net1, 1, T0));
		assert_int_equal(vc_roster_tick(r, T0), T0 + 2 * VC_SEC);
		if (rows[i].rtp_after)
			rtp(r, &net1, 1, 1, T0 + rows[i].rtp_after);
		vc_roster_tick(r, T0 + 1999 * VC_MS);
		assert_string_equal(heard, "");
		vc_roster_tick(r, T0 + 5 * VC_SEC);
		assert_string_equal(heard, rows[i].heard);
		vc_roster_free(r);
	}
}

/* Who announces himself after his BYE is somebody new, without probation; the
 * participant stays. */
static void a_report_after_a_bye_begins_anew(void **state)
{
	static const struct {
		bool has_sr, is_gone_again;
		const char *heard; /* by 5 s after the BYE */
	} rows[] = {
		{ true, false, "-:a/bye +:a" },
		{ false, false, "" },
		{ true, true, "" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_roster *r = new_roster(0, 2);
		const struct vc_source *src;

		vc_roster_sdes(r, &net1, 1, vc_str_c("a"), vc_str_c(""), T0);
		rtp(r, &net1, 1, 100, T0);
		heard[0] = '\0';
		assert_non_null(vc_roster_bye(r, &net1, 1, T0));
		if (rows[i].has_sr)
			assert_non_null(vc_roster_sr(r, &net1, 1,
						     vc_ntp_from_ns(T0), 0,
						     T0 + 600 * VC_MS));
		if (rows[i].is_gone_again)
			assert_non_null(
				vc_roster_bye(r, &net1, 1, T0 + 601 * VC_MS));
		rtp(r, &net1, 1, 7, T0 + 700 * VC_MS);
		rtp(r, &net1, 1, 8, T0 + 720 * VC_MS);
		vc_roster_tick(r, T0 + 5 * VC_SEC);
		assert_string_equal(heard, rows[i].heard);
		src = vc_roster_find(r, net1.input, 1);
		assert_non_null(src);
		assert_int_equal(src->first_arrival,
				 rows[i].heard[0] ? T0 + 700 * VC_MS : T0);
		assert_int_equal(src->who->n_sources, 1);
		vc_roster_free(r);
	}
}

/* The sources of an input that ended, but for one that had said BYE. */
static void an_end_of_input_is_a_bye(void **state)
{
	struct vc_roster *r = new_roster(0, 0);

	(void)state;
	rtp(r, &net1, 1, 0, T0);
	rtp(r, &net1, 2, 0, T0);
	assert_non_null(vc_roster_bye(r, &net1, 1, T0));
	heard[0] = '\0';
	vc_roster_eof(r, net1.input + 1, T0);
	vc_roster_eof(r, net1.input, T0 + VC_SEC);
	vc_roster_tick(r, T0 + 2 * VC_SEC);
	assert_string_equal(heard, "-:ssrc:00000001/bye gone:ssrc:00000001");
	heard[0] = '\0';
	vc_roster_tick(r, T0 + 3 * VC_SEC);
	assert_string_equal(heard, "-:ssrc:00000002/eof gone:ssrc:00000002");
	vc_roster_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(byes_mark),
		cmocka_unit_test(a_report_after_a_bye_begins_anew),
		cmocka_unit_test(an_end_of_input_is_a_bye),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
