/* SPDX-License-Identifier: MIT */
/* Packets of text to units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "unitsfeed.h"

#define WAIT VC_UNITS_WAIT

static struct vc_units *begin(void)
{
	int err;
	struct vc_units *u = vc_units_new(VC_CODEC_T140, WAIT, &err);

	assert_non_null(u);
	return u;
}

/* RED around text 117: this packet's, and those of the two before. */
static void put_text(struct vc_units *u, uint16_t seq, const char *before,
		     const char *text)
{
	uint8_t p[100];
	struct vc_wr w = vc_wr_over(p, sizeof(p));
	size_t n = strlen(before);

	vc_wr_u32(&w,
		  UINT32_C(1) << 31 | 117u << 24 | 300u << 10 | (uint32_t)n);
	vc_wr_u8(&w, 117);
	vc_wr_bytes(&w, before, n);
	vc_wr_bytes(&w, text, strlen(text));
	put(u, seq, seq * 300u, false, p, vc_wr_len(&w), seq);
}

static void text_is_won_from_copies_or_marked(void **state)
{
	static const struct {
		const char *text;
		uint32_t lost;
	} out[] = { { "a", 0 },
		    { "bc", 0 }, /* 65534 was lost, and came again */
		    { "\xef\xbf\xbd"
		      "ef",
		      1 }, /* of 0 and 1 the second came again */
		    { "\b\n", 0 } };
	struct vc_units *u = begin();
	struct vc_timeline_unit unit;
	struct vc_units_counts c;

	(void)state;
	vc_units_set_red(u, 96);
	put_text(u, 65533, "", "a");
	put_text(u, 65535, "b", "c");
	put_text(u, 2, "e", "f");
	put_text(u, 3, "f", "");
	put_text(u, 4, "", "\b\xe2\x80\xa8");
	for (size_t i = 0; i < VC_COUNT(out); i++) {
		assert_true(vc_units_next(u, 2 * WAIT, &unit));
		assert_int_equal(unit.len, strlen(out[i].text));
		assert_memory_equal(unit.data, out[i].text, unit.len);
		assert_int_equal(unit.lost, out[i].lost);
		assert_int_equal(unit.n_ts, 0);
	}
	assert_false(vc_units_next(u, 2 * WAIT, &unit));
	vc_units_counts(u, &c);
	assert_int_equal(c.units, 4);
	assert_int_equal(c.lost, 1);
	vc_units_free(u);
	/* Bare, and what is no RED. */
	u = begin();
	put(u, 1, 0, false, "x", 1, 0);
	assert_true(vc_units_next(u, WAIT, &unit));
	vc_units_set_red(u, 96);
	put(u, 2, 300, false, "\xff", 1, 0);
	assert_false(vc_units_next(u, WAIT, &unit));
	vc_units_counts(u, &c);
	assert_int_equal(c.malformed, 1);
	vc_units_free(u);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			text_is_won_from_copies_or_marked, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("unitstext", tests, NULL, NULL);
}
