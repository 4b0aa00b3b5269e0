/* SPDX-License-Identifier: MIT */
/*
 * What comes out of a bad network is what was asked for: shares, lengths of
 * bursts, distributions of delays, rates, CoDel's waits. The seed is fixed, so
 * nothing here is left to luck: bounds are chi-square's for one run in a
 * thousand, or per cents of what theory says.
 */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/impairrules.h"
#include "session/impairtrace.h"

#define T0 VC_VIRTUAL_EPOCH
#define PACKETS 100000

/* Chi-square's 0.999 quantiles. */
static const double worst[] = { 0,     10.83, 13.82, 16.27, 18.47, 20.52,
				22.46, 24.32, 26.12, 27.88, 29.59, 31.26,
				32.91, 34.53, 36.12, 37.70 };

static void assert_fits(const double *seen, const double *expected, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double d = seen[i] - expected[i];

		assert_true(expected[i] >= 5);
		sum += d * d / expected[i];
	}
	if (sum > worst[n - 1])
		fail_msg("chi-square %g of %zu classes", sum, n);
}

struct net {
	struct vc_pool *pool;
	struct vc_impair_plan *plan;
	struct vc_impair *im;
	struct vc_impair_trace trace;
};

static const struct vc_impair_trace *the_trace(void *ctx, const char *path,
					       bool are_opportunities,
					       const char **wrong)
{
	struct net *n = ctx;
	size_t line;

	assert_int_equal(vc_impair_trace_read(&n->trace, path, strlen(path),
					      are_opportunities, &line),
			 0);
	*wrong = NULL;
	return &n->trace;
}

static void begin(struct net *n, const char *text)
{
	struct vc_impair_words how = { .load = the_trace, .ctx = n };
	struct vc_impair_conf conf;
	char why[VC_IMPAIR_WHY];
	struct vc_rand rand;

	*n = (struct net){ .pool = vc_pool_new(),
			   .plan = vc_alloc(1, sizeof(*n->plan)) };
	if (vc_impair_rules(n->plan, text, &how, why))
		fail_msg("%s", why);
	vc_rand_init(&rand, 1, "odds", NULL);
	vc_impair_conf_init(&conf);
	n->im = vc_impair_new(&conf, &rand, 0, T0);
	vc_impair_follow(n->im, n->plan, T0);
}

static void end(struct net *n)
{
	vc_impair_free(n->im);
	free(n->plan);
	free(n->trace.v);
	vc_pool_free(n->pool);
}

static bool put(struct net *n, size_t len, uint64_t tag, int64_t t)
{
	struct vc_packet *pkt = vc_packet_new(n->pool, len);
	bool passes;

	pkt->len = len;
	memset(pkt->data, 0, len);
	passes = vc_impair_put(n->im, pkt, NULL, tag, t) == VC_FATE_PASSES;
	vc_packet_unref(pkt);
	return passes;
}

/* When the next one came out, -1: none has by 't'. */
static int64_t get(struct net *n, int64_t t, uint64_t *tag)
{
	int64_t due;
	struct vc_packet *pkt = vc_impair_get(n->im, t, &due, tag);

	if (!pkt)
		return -1;
	vc_packet_unref(pkt);
	return due;
}

/* --- loss --- */

/* Bursts of 1 to 7 and more, losses in all. */
static double losses(const char *text, double bursts[static 8])
{
	struct net n;
	double lost = 0;
	size_t run = 0;

	memset(bursts, 0, 8 * sizeof(*bursts));
	begin(&n, text);
	for (int i = 0; i < PACKETS; i++) {
		bool passes = put(&n, 12, 0, T0 + i);

		lost += !passes;
		if (passes && run)
			bursts[run < 8 ? run - 1 : 7]++;
		run = passes ? 0 : run + 1;
		get(&n, T0 + i, NULL);
	}
	end(&n);
	return lost;
}

/* As many bursts of each length as a coin that ends them with 'leave' makes. */
static void assert_geometric(const double bursts[static 8], double leave)
{
	double expected[8], all = 0, left;

	for (size_t i = 0; i < 8; i++)
		all += bursts[i];
	left = all;
	for (size_t i = 0; i < 7; i++) {
		expected[i] = left * leave;
		left -= expected[i];
	}
	expected[7] = left;
	/* Classes with enough in them. */
	for (size_t n = 8; n > 1; n--) {
		if (expected[n - 1] >= 5) {
			assert_fits(bursts, expected, n);
			return;
		}
		expected[n - 2] += expected[n - 1];
		((double *)(uintptr_t)bursts)[n - 2] += bursts[n - 1];
	}
}

static void losses_and_bursts(void **state)
{
	static const struct {
		const char *text;
		double share; /* of packets */
		double leave; /* a burst, after each packet of it */
	} rows[] = {
		{ "loss=2%", 0.02, 0.98 },
		{ "loss=20%", 0.2, 0.8 },
		{ "loss=5%:burst=3", 0.05, 1 / 3.0 },
		{ "loss=20%:burst=2.5", 0.2, 0.4 },
		{ "loss=gemodel:2%:40%", 0.02 / 0.42, 0.4 },
		{ "loss=state:4%:50%", 0.04 / 0.54, 0.5 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		double bursts[8];
		double lost = losses(rows[i].text, bursts);

		assert_true(fabs(lost / PACKETS - rows[i].share) <
			    rows[i].share * 0.06);
		assert_geometric(bursts, rows[i].leave);
	}
}

/* All parameters of both models, against what they say in the long run. */
static void models_in_the_long_run(void **state)
{
	double bursts[8], lost;
	/* The four states, iterated until nothing changes. */
	const double p13 = 0.03, p31 = 0.3, p32 = 0.2, p23 = 0.4, p14 = 0.02;
	double s[4] = { 1, 0, 0, 0 };

	(void)state;
	/* Bad a quarter of the time: half is lost then, else a hundredth. */
	lost = losses("loss=gemodel:5%:15%:50%:1%", bursts) / PACKETS;
	assert_true(fabs(lost - (0.25 * 0.5 + 0.75 * 0.01)) < 0.005);
	for (int i = 0; i < 1000; i++) {
		double to[4] = {
			s[0] * (1 - p13 - p14) + s[2] * p31 + s[3],
			s[1] * (1 - p23) + s[2] * p32,
			s[0] * p13 + s[1] * p23 + s[2] * (1 - p31 - p32),
			s[0] * p14,
		};

		memcpy(s, to, sizeof(s));
	}
	lost = losses("loss=state:3%:30%:20%:40%:2%", bursts) / PACKETS;
	assert_true(fabs(lost - (s[2] + s[3])) < 0.006);
}

/* --- delays --- */

/* The delays of all packets beyond 'base', in units of 'unit'. */
static double *delays(const char *text, int64_t base, double unit)
{
	double *v = vc_alloc(PACKETS, sizeof(*v));
	struct net n;

	begin(&n, text);
	for (uint64_t i = 0; i < PACKETS; i++) {
		uint64_t tag;
		int64_t t = T0 + (int64_t)i * VC_SEC, due;

		assert_true(put(&n, 12, i, t));
		due = get(&n, t + VC_SEC - 1, &tag);
		assert_true(due >= t && tag == i);
		v[i] = (double)(due - t - base) / unit;
	}
	end(&n);
	return v;
}

static void moments(const double *v, double *mean, double *deviation)
{
	double sum = 0, squares = 0;

	for (size_t i = 0; i < PACKETS; i++) {
		sum += v[i];
		squares += v[i] * v[i];
	}
	*mean = sum / PACKETS;
	*deviation = sqrt(squares / PACKETS - *mean * *mean);
}

static double is_below_gamma(double x)
{
	return 1 - exp(-x) * (1 + x);
}

static double is_below_uniform(double x)
{
	return (x + 1) / 2;
}

/* In 16 classes that end at 'ends', by a distribution's function. */
static void assert_distributed(const double *v, double (*below)(double),
			       double from, double step)
{
	double seen[16] = { 0 }, expected[16];

	for (size_t i = 0; i < PACKETS; i++) {
		int k = (int)floor((v[i] - from) / step);

		seen[k < 0 ? 0 : k > 15 ? 15 : k]++;
	}
	for (int k = 0; k < 16; k++)
		expected[k] = PACKETS *
			      ((k == 15 ? 1 : below(from + step * (k + 1))) -
			       (k == 0 ? 0 : below(from + step * k)));
	assert_fits(seen, expected, 16);
}

static void jitter_is_distributed_as_asked(void **state)
{
	double mean, deviation, *v;

	(void)state;
	v = delays("delay=100ms jitter=20ms", 100 * VC_MS, 20e6);
	moments(v, &mean, &deviation);
	assert_true(fabs(mean) < 0.01);
	assert_true(fabs(deviation - 1) < 0.01);
	free(v);
	v = delays("delay=100ms jitter=20ms:uniform", 100 * VC_MS, 20e6);
	assert_distributed(v, is_below_uniform, -1, 1 / 8.0);
	free(v);
	/* In units of the scale the mean is 2, the deviation its root. */
	v = delays("delay=10ms jitter=20ms:gamma", 10 * VC_MS, 20e6 / sqrt(2));
	moments(v, &mean, &deviation);
	assert_true(fabs(mean - 2) < 0.02);
	assert_true(fabs(deviation - sqrt(2)) < 0.02);
	assert_distributed(v, is_below_gamma, 0, 0.5);
	free(v);
}

static void a_trace_of_delays_is_repeated(void **state)
{
	static const double ms[] = { 3, 0.5, 20 };
	double *v = delays("delay=1ms jitter=trace:3\n0.5\n20\n", VC_MS, 1e6);

	(void)state;
	for (size_t i = 0; i < PACKETS; i++)
		assert_true(fabs(v[i] - ms[i % 3]) < 1e-9);
	free(v);
}

/* 100 ppm of 100,000 s are 10 s; a fast clock is early as far as it can be. */
static void clocks_are_skewed(void **state)
{
	double *v = delays("delay=10ms skew=5ppm", 10 * VC_MS, 1e6);

	(void)state;
	for (size_t i = 0; i < PACKETS; i += 1000)
		assert_true(fabs(v[i] - (double)i * 0.005) < 1e-5);
	free(v);
	v = delays("delay=10ms skew=-1ppm from=10s", 10 * VC_MS, 1e6);
	for (size_t i = 0; i < PACKETS; i += 1000)
		assert_true(fabs(v[i] - (i < 10	   ? 0 :
					 i < 10010 ? -((double)i - 10) * 0.001 :
						     -10)) < 1e-5);
	free(v);
}

/* --- the bottleneck --- */

struct waits {
	double n;
	double above; /* 10 ms, of those of the second half */
	int64_t most;
	int64_t last; /* that came out */
};

/* Packets of 1,000 octets on the link, one each 'gap', for 20 s. */
static struct waits crowd(const char *text, int64_t gap,
			  struct vc_impair_counts *counts)
{
	struct waits w = { 0 };
	struct net n;

	begin(&n, text);
	for (int64_t t = T0; t < T0 + 20 * VC_SEC; t += gap) {
		uint64_t tag;
		int64_t due;

		put(&n, 972, (uint64_t)t, t);
		while ((due = get(&n, t, &tag)) >= 0) {
			int64_t wait = due - (int64_t)tag;

			w.n++;
			w.above += t > T0 + 10 * VC_SEC && wait > 12 * VC_MS;
			w.most = wait > w.most ? wait : w.most;
			w.last = due;
		}
	}
	*counts = *vc_impair_counts(n.im);
	end(&n);
	return w;
}

/* 10 Mbit/s are 1,250 such packets a second: each takes 0.8 ms. */
static void codel_keeps_the_wait_short(void **state)
{
	struct vc_impair_counts c;
	struct waits w;

	(void)state;
	/* A twentieth too much: without it the queue is full, */
	w = crowd("rate=10M:queue=500ms", VC_SEC / 1312, &c);
	assert_true(w.above > 0.9 * w.n / 2);
	assert_true(w.most > 450 * VC_MS);
	/* with it the wait comes down to about the target, and the link is
	 * never idle. */
	w = crowd("rate=10M:codel", VC_SEC / 1312, &c);
	assert_int_equal(c.fate[VC_FATE_QUEUE], 0);
	assert_true(w.n > 0.98 * 1250 * 20);
	assert_int_equal(c.packets,
			 c.fate[VC_FATE_PASSES] + c.fate[VC_FATE_CODEL]);
	assert_true(w.most < 50 * VC_MS);
	assert_true(w.above < 0.4 * w.n / 2);
	/* Where nothing waits long nothing is dropped. */
	w = crowd("rate=10M:codel", VC_SEC / 1200, &c);
	assert_int_equal(c.fate[VC_FATE_CODEL], 0);
}

/* Opportunities at 0, 10 and 40 ms of each 40 ms: 75 a second. */
static void a_trace_is_a_link(void **state)
{
	struct vc_impair_counts c;
	struct waits w;
	double room = 20 * 75 * 1504.0 / 1000;

	(void)state;
	w = crowd("rate=trace:0\n10\n40\n:queue=100ms", VC_SEC / 200, &c);
	assert_true(fabs(w.n - room) < room / 100);
	assert_true(w.most <= 140 * VC_MS);
	assert_true(c.fate[VC_FATE_QUEUE] > 1000);
	w = crowd("rate=trace:0\n10\n40\n:queue=20kB", VC_SEC / 200, &c);
	assert_true(fabs(w.n - room) < room / 100);
	assert_true(w.most > 150 * VC_MS && w.most < 260 * VC_MS);
	/* Who comes seldom has the next opportunity, whatever was before. */
	w = crowd("rate=trace:0\n10\n40\n", VC_SEC, &c);
	assert_int_equal(w.n, 20);
	assert_true(w.most <= 30 * VC_MS);
}

/* As many lines as a trace may have, all at its end: idle times are not walked
 * through, and no period is so short that its turns wrap. */
static void long_traces_are_not_walked(void **state)
{
	enum { N = VC_IMPAIR_TRACE_MAX };
	static const struct {
		const char *text;
		bool is_taken;
	} rows[] = {
		{ "0\n0.000001\n", false },
		{ "0.999", false },
		{ "1", true },
		{ "0\n0.5\n1.5\n", true },
	};
	struct vc_impair_trace t = { .v = vc_alloc(N, sizeof(*t.v)), .n = N };
	int64_t far = INT64_MAX / 2;
	uint64_t k;

	(void)state;
	for (size_t i = 0; i < N; i++)
		t.v[i] = VC_SEC;
	for (int i = 0; i < 100000; i++) {
		k = vc_impair_trace_from(&t, 0, 5 * VC_SEC - 1);
		assert_true(k == 4 * (uint64_t)N);
	}
	assert_true(vc_impair_trace_from(&t, 7, 5) == 7);
	t.v[N - 1] = VC_SEC + VC_MS;
	k = vc_impair_trace_from(&t, 0, far);
	assert_true(vc_impair_trace_at(&t, k) >= far);
	assert_true(vc_impair_trace_at(&t, k - 1) < far);
	free(t.v);

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const char *text = rows[i].text;
		size_t line;
		int err = vc_impair_trace_read(&t, text, strlen(text), true,
					       &line);

		assert_int_equal(err, rows[i].is_taken ? 0 : -EBADMSG);
		if (err)
			continue;
		k = vc_impair_trace_from(&t, 0, far);
		assert_true(vc_impair_trace_at(&t, k) >= far);
		assert_true(vc_impair_trace_at(&t, k - 1) < far);
		free(t.v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(losses_and_bursts),
		cmocka_unit_test(models_in_the_long_run),
		cmocka_unit_test(jitter_is_distributed_as_asked),
		cmocka_unit_test(a_trace_of_delays_is_repeated),
		cmocka_unit_test(clocks_are_skewed),
		cmocka_unit_test(codel_keeps_the_wait_short),
		cmocka_unit_test(a_trace_is_a_link),
		cmocka_unit_test(long_traces_are_not_walked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
