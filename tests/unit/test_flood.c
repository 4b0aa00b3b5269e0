/* SPDX-License-Identifier: MIT */
/* When many packets are given to the kernel at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/flood.h"

#define START (1000 * VC_SEC)
#define STEP (VC_MS / 10)

/* 'n' at even times from '*now' on, 'rate' a second; of how many it was said
 * that they are of a flood. */
static unsigned int flow(struct vc_flood *f, int64_t *now, unsigned int rate,
			 unsigned int n)
{
	unsigned int on = 0;

	for (unsigned int i = 0; i < n; i++) {
		*now += VC_SEC / rate;
		on += vc_flood_count(f, 1, *now);
	}
	return on;
}

static void a_flood_is_known_by_its_first_packets(void **state)
{
	static const struct {
		unsigned int rate, first;
	} rows[] = { { 1500, 310 }, { 40000, 201 }, { 100000, 201 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const unsigned int rate = rows[i].rate;
		struct vc_flood f = { 0 };
		int64_t now = START;

		assert_int_equal(flow(&f, &now, rate, rows[i].first / 2), 0);
		/* Then, and after each silence. */
		for (int k = 0; k < 3; k++) {
			flow(&f, &now, rate, rows[i].first);
			assert_int_equal(flow(&f, &now, rate, 20000), 20000);
			now += VC_SEC / 2;
			assert_false(vc_flood_count(&f, 1, now));
		}
	}
}

/* Pictures in a batch each or packet by packet, and sound meanwhile. */
static void a_conference_is_none(void **state)
{
	static const struct {
		unsigned int fps, packets, audio;
	} rows[] = { { 50, 1, 0 },   { 900, 1, 0 },  { 30, 25, 50 },
		     { 25, 25, 50 }, { 11, 50, 50 }, { 1, 180, 50 },
		     { 30, 28, 0 },  { 15, 45, 50 } };

	(void)state;
	/* Times of pictures are rounded up to a tenth of a millisecond. */
	for (size_t i = 0; i < 2 * VC_COUNT(rows); i++) {
		const unsigned int fps = rows[i / 2].fps;
		const unsigned int n = rows[i / 2].packets;
		const unsigned int audio = rows[i / 2].audio;
		struct vc_flood f = { 0 };
		int64_t next = START;

		for (int64_t t = START; t < START + 20 * VC_SEC; t += STEP) {
			if (audio && (t - START) % (VC_SEC / audio) == 0)
				assert_false(vc_flood_count(&f, 1, t));
			if (t < next)
				continue;
			next += VC_SEC / fps;
			if (i % 2)
				assert_false(vc_flood_count(&f, n, t));
			for (unsigned int k = 0; !(i % 2) && k < n; k++)
				assert_false(vc_flood_count(&f, 1, t));
		}
	}
}

static void it_ends_with_a_span_or_a_silence(void **state)
{
	struct vc_flood f = { 0 };
	int64_t now = START;

	(void)state;
	flow(&f, &now, 10000, 5000);
	assert_true(f.is_on);
	/* 420 ms of 300/s: the first span has some of the flood in it. */
	flow(&f, &now, 300, 126);
	assert_false(f.is_on);
	flow(&f, &now, 10000, 5000);
	assert_true(f.is_on);
	assert_false(vc_flood_count(&f, 1, now + VC_SEC));
}

static void a_batch_counts_as_its_packets(void **state)
{
	struct vc_flood f = { 0 };

	(void)state;
	vc_flood_count(&f, 1, START);
	assert_false(vc_flood_count(&f, 199, START + VC_MS));
	assert_true(vc_flood_count(&f, 1, START + VC_MS));
	/* All at once after a silence: it may be all there is. */
	assert_false(vc_flood_count(&f, 500, START + 10 * VC_SEC));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_flood_is_known_by_its_first_packets),
		cmocka_unit_test(a_conference_is_none),
		cmocka_unit_test(it_ends_with_a_span_or_a_silence),
		cmocka_unit_test(a_batch_counts_as_its_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
