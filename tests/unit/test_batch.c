/* SPDX-License-Identifier: MIT */
/* When a live tool sleeps so that packets gather. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/batch.h"

/* Packets come evenly, 'rate' a second, and 'writer' at once: a turn that has
 * slept finds what came meanwhile, one that has not the next of them. */
struct flow {
	struct vc_batch b;
	int64_t now;
	unsigned int rate;
	unsigned int writer;
	unsigned int slept;
};

static void turns(struct flow *f, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		int64_t ns = vc_batch_turn(&f->b, f->now);
		unsigned int got = f->writer;

		if (ns)
			got = (unsigned int)(ns * f->rate / VC_SEC);
		if (got < f->writer)
			got = f->writer;
		f->now += got * VC_SEC / f->rate;
		f->slept += ns > 0;
		vc_batch_count(&f->b, got, f->now);
	}
}

static void flows_are_slept_for_where_it_saves(void **state)
{
	static const struct {
		unsigned int rate, writer, max_ms;
		unsigned int least, most; /* of 200 turns, slept */
	} rows[] = {
		{ 3000, 1, 2, 190, 200 },   /* one by one */
		{ 3000, 6, 2, 0, 0 },	    /* the writer has slept */
		{ 100000, 1, 2, 190, 200 }, /* fast: a good batch */
		{ 100000, 100, 2, 0, 0 },   { 500, 1, 2, 0, 0 },
		{ 3000, 1, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct flow f = { .b.max = rows[i].max_ms * VC_MS,
				  .rate = rows[i].rate,
				  .writer = rows[i].writer };

		turns(&f, 20000);
		f.slept = 0;
		turns(&f, 200);
		assert_in_range(f.slept, rows[i].least, rows[i].most);
	}
}

static void one_that_was_late_changes_little(void **state)
{
	struct flow f = { .b.max = 2 * VC_MS, .rate = 3000, .writer = 1 };

	(void)state;
	turns(&f, 20000);
	/* The next turn without: as if we had not run for a while. */
	while (vc_batch_turn(&f.b, f.now))
		vc_batch_count(&f.b, 6, f.now += 2 * VC_MS);
	vc_batch_count(&f.b, 100, f.now += 2 * VC_MS);
	f.slept = 0;
	turns(&f, 40);
	assert_in_range(f.slept, 38, 40);
}

static void a_flow_that_begins_is_known_soon(void **state)
{
	static const struct {
		unsigned int rate, most; /* packets before the first sleep */
	} rows[] = { { 3000, 40 }, { 40000, 50 }, { 100000, 110 } };
	/* However much came in the window in which it begins. */
	static const unsigned int silences_ms[] = { 250, 500, 2000, 10000 };

	(void)state;
	for (size_t i = 0; i < 100 * VC_COUNT(rows); i++) {
		struct flow f = { .b.max = 2 * VC_MS,
				  .rate = rows[i / 100].rate,
				  .writer = 1 };
		unsigned int n = 0;

		turns(&f, 20000 + i % 100);
		f.now += silences_ms[i % 4] * VC_MS;
		/* A timer: nobody waits for packets now. */
		assert_int_equal(vc_batch_turn(&f.b, f.now), 0);
		vc_batch_count(&f.b, 1, f.now);
		for (f.slept = 0; !f.slept && n < 10000; n++)
			turns(&f, 1);
		assert_in_range(n, 2, rows[i / 100].most);
	}
}

/* Pictures of fewer than 32 packets, one by one within some milliseconds, or of
 * more at once, and sound: no packet waits for more. */
static void a_conference_is_no_flow(void **state)
{
	static const struct {
		unsigned int fps, packets, every_us;
	} rows[] = { { 30, 8, 400 },  { 30, 24, 150 }, { 30, 24, 50 },
		     { 25, 28, 100 }, { 30, 25, 0 },   { 10, 40, 0 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const int64_t every = rows[i].every_us * INT64_C(1000);
		struct vc_batch b = { .max = 2 * VC_MS };
		int64_t picture = 0, sound = 0;

		for (int k = 0; k < 1000; k++) {
			for (; sound <= picture; sound += 20 * VC_MS) {
				assert_int_equal(vc_batch_turn(&b, sound), 0);
				vc_batch_count(&b, 1, sound);
			}
			for (unsigned int n = 0; n < rows[i].packets; n++) {
				const int64_t now = picture + n * every;

				assert_int_equal(vc_batch_turn(&b, now), 0);
				vc_batch_count(&b, every ? 1 : rows[i].packets,
					       now);
				if (!every)
					break;
			}
			picture += VC_SEC / rows[i].fps;
		}
	}
}

/* The writer begins to sleep when we do, or was known to. */
static void a_writer_that_sleeps_is_known_soon(void **state)
{
	static const struct {
		unsigned int rate, writer, before;
	} rows[] = { { 3000, 6, 1 },
		     { 3000, 6, 6 },
		     { 40000, 80, 1 },
		     { 40000, 80, 80 },
		     { 100000, 100, 1 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct flow f = { .b.max = 2 * VC_MS,
				  .rate = rows[i].rate,
				  .writer = rows[i].before };

		turns(&f, 20000);
		f.now += 2 * VC_SEC;
		vc_batch_count(&f.b, 1, f.now);
		f.writer = 1;
		f.slept = 0;
		while (!f.slept && f.b.rate < 1000)
			turns(&f, 1);
		f.writer = rows[i].writer;
		turns(&f, 60);
		f.slept = 0;
		turns(&f, 60);
		assert_int_equal(f.slept, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_slept_for_where_it_saves),
		cmocka_unit_test(one_that_was_late_changes_little),
		cmocka_unit_test(a_flow_that_begins_is_known_soon),
		cmocka_unit_test(a_conference_is_no_flow),
		cmocka_unit_test(a_writer_that_sleeps_is_known_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
