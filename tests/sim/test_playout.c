/* SPDX-License-Identifier: MIT */
/*
 * Adaptive playout over a way with delay: sound of 20 ms a packet, sent by a
 * clock that may be off, comes as a model of the way says. Judged is the share
 * that came after it was due by what was known before it, and the mean delay
 * against what the true 99.5th percentile of the way's delay asks for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "session/playout.h"
#include "wire/ntp.h"

#define T0 VC_VIRTUAL_EPOCH
#define FRAME (20 * VC_MS)
#define UNITS 960u  /* of RTP time, a frame */
#define SECOND 50   /* frames */
#define LOOK_MS 100 /* how often it shrinks, by 1/50 of that */

struct frame {
	uint32_t n;
	int64_t delay;
	int64_t arrival;
};

struct result {
	uint64_t n;
	uint64_t late;
	int64_t mean;	   /* of the delay, over the fastest's */
	int64_t most;	   /* of it */
	int64_t p995;	   /* of the way's delay, likewise */
	int64_t last_late; /* frame, -1: none */
	uint64_t resyncs;
	int64_t settled; /* latency at the end */
};

static struct vc_rand rnd;

static int64_t spread_ms(const char *what, uint32_t i, uint32_t ms)
{
	return (int64_t)(vc_rand_u64(&rnd, what, i) % (ms * 1000000ull));
}

static bool chance(const char *what, uint32_t i, uint32_t per_1000)
{
	return vc_rand_u64(&rnd, what, i) % 1000 < per_1000;
}

/* --- ways; ns of delay, or -1: lost --- */

static int64_t still(uint32_t i)
{
	(void)i;
	return 0;
}

static int64_t uniform_50(uint32_t i)
{
	return spread_ms("uniform", i, 50);
}

/* Every 5 s the way stands still for 200 ms, then all comes at once. */
static int64_t spikes(uint32_t i)
{
	int64_t since = (i % 250) * FRAME;
	int64_t held = since < 200 * VC_MS ? 200 * VC_MS - since : 0;

	return held + spread_ms("spikes", i, 10);
}

/* One alone every 5 s: fewer than may be late. */
static int64_t single_spikes(uint32_t i)
{
	return spread_ms("single", i, 20) + (i % 250 == 249 ? 200 * VC_MS : 0);
}

/* The way becomes 150 ms longer, and shorter again, each minute. */
static int64_t steps(uint32_t i)
{
	return spread_ms("steps", i, 15) +
	       (i / (60 * SECOND) % 2 ? 150 * VC_MS : 0);
}

/* 10 % in bursts, with jitter. */
static int64_t gilbert(uint32_t i)
{
	static bool is_bad;

	if (!i)
		is_bad = false;
	is_bad = is_bad ? !chance("leave", i, 250) : chance("enter", i, 28);
	return is_bad ? -1 : spread_ms("gilbert", i, 40);
}

/* A fifth overtakes up to four. */
static int64_t reorder(uint32_t i)
{
	return chance("reorder", i, 200) ? 0 : 85 * VC_MS;
}

/* --- the run --- */

static int by_arrival(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	if (x->arrival != y->arrival)
		return x->arrival < y->arrival ? -1 : 1;
	return x->n < y->n ? -1 : x->n > y->n;
}

static int by_delay(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	return x->delay < y->delay ? -1 : x->delay > y->delay;
}

static size_t make_frames(struct frame *f, uint32_t n, int64_t (*way)(uint32_t),
			  int ppm)
{
	size_t kept = 0;

	for (uint32_t i = 0; i < n; i++) {
		int64_t own = i * FRAME; /* by the sender's clock */
		int64_t delay = way(i);

		if (delay < 0)
			continue;
		f[kept].n = i;
		f[kept].delay = delay;
		f[kept].arrival = T0 + own - own / 1000000 * ppm + delay;
		kept++;
	}
	qsort(f, kept, sizeof(*f), by_arrival);
	return kept;
}

static void judge(struct result *r, const struct frame *f, int64_t due,
		  int64_t wait)
{
	r->n++;
	if (f->arrival > due) {
		r->late++;
		r->last_late = f->n;
	}
	if (wait > r->most)
		r->most = wait;
	r->mean += wait;
}

static struct result run(uint32_t n, int64_t (*way)(uint32_t), int ppm,
			 int64_t latency)
{
	struct frame *f = vc_alloc(n, sizeof(*f));
	struct vc_playout_source s;
	struct vc_playout p;
	struct result r = { .last_late = -1 };
	size_t kept = make_frames(f, n, way, ppm);

	vc_playout_init(&p, latency);
	vc_playout_source_init(&s, 48000);
	vc_playout_join(&p, &s, 1);
	for (size_t i = 0; i < kept; i++) {
		uint32_t ts = f[i].n * UNITS - 5000;
		int64_t sent = f[i].arrival - f[i].delay, due;

		if (i) {
			due = vc_playout_due(&s, ts);
			judge(&r, &f[i], due, due - sent);
		}
		vc_playout_packet(&s, ts, f[i].arrival);
		if (i % SECOND == 0)
			vc_playout_sr(&s, vc_ntp_from_ns(T0 + f[i].n * FRAME),
				      ts, f[i].arrival);
	}
	r.mean /= (int64_t)r.n;
	r.resyncs = s.resyncs;
	r.settled = p.latency;
	qsort(f, kept, sizeof(*f), by_delay);
	r.p995 = f[kept * 995 / 1000].delay;
	vc_playout_leave(&s);
	free(f);
	return r;
}

static void late_losses_stay_under_the_target(void **state)
{
	/* 'under', 'over': how far the mean delay may be from the 99.5th
	 * percentile, or from the least that there is. */
	static const struct {
		const char *what;
		int64_t (*way)(uint32_t);
		int64_t under, over;
	} rows[] = {
		{ "still", still, 0, 0 },
		{ "uniform", uniform_50, 0, 15 * VC_MS },
		{ "spikes", spikes, 0, 20 * VC_MS },
		{ "single spikes", single_spikes, 0, 15 * VC_MS },
		/* half of the time it is the short way */
		{ "steps", steps, 75 * VC_MS, 0 },
		{ "gilbert", gilbert, 0, 15 * VC_MS },
		{ "reorder", reorder, 0, 15 * VC_MS },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct result r =
			run(600 * SECOND, rows[i].way, 0, VC_PLAYOUT_AUTO);
		int64_t want = r.p995 > VC_PLAYOUT_MIN ? r.p995 :
							 VC_PLAYOUT_MIN;

		if (r.late * 10000 > r.n * VC_PLAYOUT_LATE)
			fail_msg("%s: %llu of %llu late", rows[i].what,
				 (unsigned long long)r.late,
				 (unsigned long long)r.n);
		if (r.mean < want - rows[i].under ||
		    r.mean > want + rows[i].over)
			fail_msg("%s: mean %lld us, p99.5 %lld us",
				 rows[i].what, (long long)(r.mean / VC_US),
				 (long long)(r.p995 / VC_US));
		assert_int_equal(r.resyncs, 0);
	}
}

/* The same in, the same out; and fixed is fixed. */
static void it_is_deterministic(void **state)
{
	struct result a = run(60 * SECOND, gilbert, 0, VC_PLAYOUT_AUTO);
	struct result b = run(60 * SECOND, gilbert, 0, VC_PLAYOUT_AUTO);

	(void)state;
	assert_memory_equal(&a, &b, sizeof(a));
	a = run(60 * SECOND, uniform_50, 0, 30 * VC_MS);
	assert_int_equal(a.settled, 30 * VC_MS);
	assert_in_range(a.late, a.n * 3 / 10, a.n / 2);
}

/* An hour at 500 ppm: bounded, and late ones are none once it is settled. */
static void a_clock_that_is_off_is_no_delay(void **state)
{
	static const struct {
		int64_t (*way)(uint32_t);
		int ppm;
	} rows[] = {
		{ still, 500 },		{ still, -500 },
		{ uniform_50, 500 },	{ uniform_50, -500 },
		{ single_spikes, 500 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct result r = run(3600 * SECOND, rows[i].way, rows[i].ppm,
				      VC_PLAYOUT_AUTO);

		/* The window is 10 s long: 5 ms behind a slow clock. */
		assert_true(r.mean <= VC_PLAYOUT_MIN + 6 * VC_MS ||
			    r.mean <= r.p995 + 20 * VC_MS);
		assert_true(r.most <= r.p995 + 35 * VC_MS);
		assert_true(r.late * 10000 <= r.n * VC_PLAYOUT_LATE);
		assert_true(rows[i].way == single_spikes ||
			    r.last_late < 20 * SECOND);
		assert_int_equal(r.resyncs, 0);
	}
}

/* A way that gets 200 ms longer at once costs a few packets, then none. */
static int64_t longer_once(uint32_t i)
{
	return i < 20 * SECOND ? 0 : 200 * VC_MS;
}

static void it_grows_at_once_and_shrinks_unheard(void **state)
{
	struct vc_playout_source s;
	struct vc_playout p;
	int64_t before, due;
	struct result r = run(60 * SECOND, longer_once, 0, VC_PLAYOUT_AUTO);

	(void)state;
	assert_int_equal(r.late, VC_PLAYOUT_BURST);
	assert_int_equal(r.settled, VC_PLAYOUT_MIN);
	/* And a delay that is gone is given back by 20 ms a second. */
	vc_playout_init(&p, VC_PLAYOUT_AUTO);
	vc_playout_source_init(&s, 48000);
	vc_playout_join(&p, &s, 0);
	due = T0;
	for (uint32_t i = 0; i < 300 * SECOND; i++) {
		int64_t late = i / 10 == 20 ? 150 * VC_MS : 0;

		before = due;
		vc_playout_packet(&s, i * UNITS, T0 + i * FRAME + late);
		due = vc_playout_due(&s, i * UNITS);
		assert_true(due - before >= FRAME - LOOK_MS * VC_MS / 50 - 2);
		if (i == 210)
			assert_true(p.latency >= 150 * VC_MS);
	}
	assert_int_equal(p.latency, VC_PLAYOUT_MIN);
	vc_playout_leave(&s);
}

/* A restart, a huge gap, a sleep: one event, and it goes on. */
static void breaks_are_one_event(void **state)
{
	static const struct {
		const char *what;
		uint32_t ts;	/* RTP time jumps by */
		int64_t silent; /* and nothing comes for */
	} rows[] = {
		{ "restart", 0x7fff1234, 0 },
		{ "back a minute", 0u - 48000u * 60, 0 },
		{ "gap of an hour", 48000u * 3600, 3600 * VC_SEC },
		{ "slept, its time did not go on", 0, 60 * VC_SEC },
		{ "two days", 48000u * 3, 48 * 3600 * VC_SEC },
	};

	(void)state;
	for (size_t k = 0; k < VC_COUNT(rows); k++) {
		struct vc_playout_source s;
		struct vc_playout p;
		int64_t t = T0;
		unsigned int events = 0;
		uint32_t ts = UINT32_MAX - 100;

		vc_playout_init(&p, VC_PLAYOUT_AUTO);
		vc_playout_source_init(&s, 48000);
		vc_playout_join(&p, &s, 0);
		for (uint32_t i = 0; i < 40 * SECOND; i++) {
			if (i == 20 * SECOND) {
				ts += rows[k].ts;
				t += rows[k].silent;
			}
			events += vc_playout_packet(&s, ts, t);
			if (i > 21 * SECOND &&
			    (vc_playout_due(&s, ts) < t ||
			     vc_playout_due(&s, ts) > t + 50 * VC_MS))
				fail_msg("%s: due in %lld us", rows[k].what,
					 (long long)((vc_playout_due(&s, ts) -
						      t) /
						     VC_US));
			t += FRAME;
			ts += UNITS;
		}
		assert_true(events <= 1 && s.resyncs <= 1);
		assert_true(p.latency <= VC_PLAYOUT_MAX);
		vc_playout_leave(&s);
	}
}

/* Sound is quick, pictures jitter by 80 ms: both wait for the worst. */
static void sound_and_picture_wait_alike(void **state)
{
	struct vc_playout_source a, v;
	struct vc_playout p;
	int64_t sent, off;

	(void)state;
	vc_playout_init(&p, VC_PLAYOUT_AUTO);
	vc_playout_source_init(&a, 48000);
	vc_playout_source_init(&v, 90000);
	vc_playout_join(&p, &a, 7);
	vc_playout_join(&p, &v, 7);
	vc_playout_sr(&a, vc_ntp_from_ns(T0), 0, T0);
	vc_playout_sr(&v, vc_ntp_from_ns(T0), 0, T0);
	for (uint32_t i = 0; i < 60 * SECOND; i++) {
		sent = T0 + i * FRAME;
		vc_playout_packet(&a, i * UNITS, sent + 5 * VC_MS);
		vc_playout_packet(&v, i * 1800,
				  sent + 10 * VC_MS + spread_ms("v", i, 80));
		off = vc_playout_due(&a, i * UNITS) -
		      vc_playout_due(&v, i * 1800);
		assert_true(off >= -2 && off <= 2);
	}
	assert_in_range(p.latency, 80 * VC_MS, 100 * VC_MS);
	vc_playout_leave(&v);
	vc_playout_leave(&a);
}

/* With repair known, there is time for it. */
static void repair_has_its_round_trip(void **state)
{
	struct vc_playout_source s;
	struct vc_playout p;

	(void)state;
	vc_playout_init(&p, VC_PLAYOUT_AUTO);
	vc_playout_source_init(&s, 48000);
	vc_playout_join(&p, &s, 0);
	vc_playout_repair(&p, 120 * VC_MS);
	for (uint32_t i = 0; i < SECOND; i++)
		vc_playout_packet(&s, i * UNITS, T0 + i * FRAME);
	assert_in_range(p.target, 120 * VC_MS, 140 * VC_MS);
	assert_int_equal(p.latency, p.target);
	vc_playout_repair(&p, 10 * VC_SEC);
	vc_playout_packet(&s, SECOND * UNITS, T0 + SECOND * FRAME);
	assert_int_equal(p.latency, VC_PLAYOUT_MAX);
	vc_playout_leave(&s);
}

/* A reader whose own way is slow gets its time; one miss changes nothing. */
static void what_the_reader_missed_counts(void **state)
{
	struct vc_playout_source s;
	struct vc_playout p;
	unsigned int missed = 0;
	int64_t t;

	(void)state;
	vc_playout_init(&p, VC_PLAYOUT_AUTO);
	vc_playout_source_init(&s, 48000);
	vc_playout_join(&p, &s, 0);
	for (uint32_t i = 0; i < 40 * SECOND; i++) {
		t = T0 + i * FRAME;
		vc_playout_packet(&s, i * UNITS, t);
		if (i == 10 * SECOND || (i >= 20 * SECOND && i % 2 == 0)) {
			missed += p.latency < 60 * VC_MS;
			if (p.latency < 60 * VC_MS)
				vc_playout_missed(&s, i * UNITS,
						  60 * VC_MS - p.latency, t);
		}
		if (i == 20 * SECOND - 1)
			assert_int_equal(p.latency, VC_PLAYOUT_MIN);
	}
	assert_in_range(p.latency, 60 * VC_MS, 90 * VC_MS);
	assert_in_range(missed, 1 + VC_PLAYOUT_BURST, 10);
	vc_playout_leave(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(late_losses_stay_under_the_target),
		cmocka_unit_test(it_is_deterministic),
		cmocka_unit_test(a_clock_that_is_off_is_no_delay),
		cmocka_unit_test(it_grows_at_once_and_shrinks_unheard),
		cmocka_unit_test(breaks_are_one_event),
		cmocka_unit_test(sound_and_picture_wait_alike),
		cmocka_unit_test(repair_has_its_round_trip),
		cmocka_unit_test(what_the_reader_missed_counts),
	};

	vc_rand_init(&rnd, 1, "test", "playout");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
