/* SPDX-License-Identifier: MIT */
/* Words for a bad network, and what holds of them at which time. */
#include <errno.h>
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

static const struct vc_impair_words at_start = { 0 };

static struct vc_impair_plan *plan_of(const char *text)
{
	struct vc_impair_plan *plan = vc_alloc(1, sizeof(*plan));
	char why[VC_IMPAIR_WHY];

	if (vc_impair_rules(plan, text, &at_start, why))
		fail_msg("%s: %s", text, why);
	return plan;
}

static struct vc_impair_conf at(const struct vc_impair_plan *plan, int64_t t,
				int64_t *until)
{
	struct vc_impair_conf conf;
	int64_t end;

	vc_impair_plan_at(plan, t, &conf, until ? until : &end);
	assert_null(vc_impair_check(&conf));
	return conf;
}

static void windows_open_and_close(void **state)
{
	static const char text[] =
		"delay=10ms loss=1%  loss=2% from=1s to=3s delay=20ms from=2s "
		"loss=off from=4s to=5s rate=1M:queue=64kB to=6s";
	static const struct {
		int64_t t_ms;
		uint32_t loss;
		int64_t delay_ms;
		uint64_t rate;
		int64_t until_ms; /* 0: for ever */
	} rows[] = {
		{ 0, 10000, 10, 1000000, 1000 },
		{ 999, 10000, 10, 1000000, 1000 },
		{ 1000, 20000, 10, 1000000, 2000 },
		{ 2000, 20000, 20, 1000000, 3000 },
		{ 3000, 10000, 20, 1000000, 4000 },
		{ 4000, 0, 20, 1000000, 5000 },
		{ 5000, 10000, 20, 1000000, 6000 },
		{ 6000, 10000, 20, 0, 0 },
	};
	struct vc_impair_plan *plan = plan_of(text);

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		int64_t until;
		struct vc_impair_conf c =
			at(plan, rows[i].t_ms * VC_MS, &until);

		assert_int_equal(c.loss_share, rows[i].loss);
		assert_int_equal(c.delay, rows[i].delay_ms * VC_MS);
		assert_int_equal(c.rate_bps, rows[i].rate);
		assert_int_equal(c.queue_octets, rows[i].rate ? 64000 : 0);
		assert_int_equal(until, rows[i].until_ms ?
						rows[i].until_ms * VC_MS :
						INT64_MAX);
	}
	free(plan);
}

static void lists_and_blackouts_add_up(void **state)
{
	struct vc_impair_plan *plan =
		plan_of("drop=17,40-44:key drop=every:3:rtcp drop=9- from=1s "
			"blackout=2s from=10s blackout=on from=20s to=21s "
			"blackout=100ms:every=1s from=30s to=40s");
	struct vc_impair_conf c = at(plan, 0, NULL);

	(void)state;
	assert_int_equal(c.n_lost, 3);
	assert_int_equal(c.lost[1].first, 40);
	assert_int_equal(c.lost[1].last, 44);
	assert_int_equal(c.lost[1].kind, VC_IMPAIR_KEY);
	assert_int_equal(c.lost[2].step, 3);
	assert_int_equal(c.lost[2].kind, VC_IMPAIR_RTCP);
	assert_int_equal(c.n_dark, 3);
	assert_int_equal(c.dark[0].from, 10 * VC_SEC);
	assert_int_equal(c.dark[0].span, 2 * VC_SEC);
	assert_int_equal(c.dark[1].to, 21 * VC_SEC);
	assert_int_equal(c.dark[2].every, VC_SEC);
	c = at(plan, VC_SEC, NULL);
	assert_int_equal(c.n_lost, 4);
	assert_true(c.lost[3].last == UINT64_MAX);
	free(plan);
}

static void models_have_the_defaults_of_netem(void **state)
{
	static const struct {
		const char *text;
		enum vc_impair_loss loss;
		uint32_t p[5];
	} rows[] = {
		{ "loss=gemodel:1%",
		  VC_LOSS_GEMODEL,
		  { 10000, 990000, 1000000, 0 } },
		{ "loss=gemodel:1%:10%:70%:0.1%",
		  VC_LOSS_GEMODEL,
		  { 10000, 100000, 700000, 1000 } },
		{ "loss=state:5%",
		  VC_LOSS_STATE,
		  { 50000, 950000, 0, 1000000, 0 } },
		{ "loss=state:5%:25%:1%:50%:2%",
		  VC_LOSS_STATE,
		  { 50000, 250000, 10000, 500000, 20000 } },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_impair_plan *plan = plan_of(rows[i].text);
		struct vc_impair_conf c = at(plan, 0, NULL);

		assert_int_equal(c.loss, rows[i].loss);
		assert_memory_equal(c.chain.p, rows[i].p, sizeof(c.chain.p));
		free(plan);
	}
}

/* A command's times count from it, and what it names is said anew. */
static void commands_replace(void **state)
{
	struct vc_impair_words how = { .now = 5 * VC_SEC, .replaces = true };
	struct vc_impair_plan *plan =
		plan_of("loss=1% loss=2% from=7s delay=5ms blackout=9s "
			"rebind=1s,9s");
	char why[VC_IMPAIR_WHY];

	(void)state;
	assert_false(vc_impair_rules(plan,
				     "loss=3% loss=4% from=1s blackout=1s "
				     "rebind=0s",
				     &how, why));
	assert_int_equal(at(plan, 5 * VC_SEC, NULL).loss_share, 30000);
	assert_int_equal(at(plan, 8 * VC_SEC, NULL).loss_share, 40000);
	assert_int_equal(at(plan, 8 * VC_SEC, NULL).delay, 5 * VC_MS);
	assert_int_equal(at(plan, 0, NULL).n_dark, 1);
	assert_int_equal(at(plan, 0, NULL).dark[0].from, 5 * VC_SEC);
	assert_int_equal(plan->rules[plan->n - 1].key, VC_IMPAIR_KEY_REBIND);
	assert_int_equal(plan->rules[plan->n - 1].from, 5 * VC_SEC);
	assert_false(vc_impair_rules(plan, "loss=off blackout=off rebind=off",
				     &how, why));
	assert_int_equal(plan->n, 2);
	/* What is wrong changes nothing. */
	assert_int_equal(vc_impair_rules(plan, "delay=off mtu=x", &how, why),
			 -EINVAL);
	assert_int_equal(at(plan, 5 * VC_SEC, NULL).delay, 5 * VC_MS);
	free(plan);
}

static void it_is_bounded(void **state)
{
	struct vc_impair_plan *plan = vc_alloc(1, sizeof(*plan));
	char why[VC_IMPAIR_WHY];
	char text[9000];

	(void)state;
	for (size_t i = 0; i < VC_IMPAIR_RULES; i++)
		assert_false(vc_impair_rules(plan, "mtu=9", &at_start, why));
	assert_true(vc_impair_rules(plan, "mtu=9", &at_start, why));
	plan->n = 0;
	for (size_t i = 0; i < VC_IMPAIR_WINDOWS; i++)
		assert_false(
			vc_impair_rules(plan, "blackout=1s", &at_start, why));
	assert_true(vc_impair_rules(plan, "blackout=1s", &at_start, why));
	memset(text, ' ', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_true(vc_impair_rules(plan, text, &at_start, why));
	free(plan);
}

static void the_wrong_word_is_named(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "loss=90%:burst=2 delay=5ms",
		  "loss=90%:burst=2: so many are not lost in bursts that "
		  "short" },
		{ "delay=5ms los=5%",
		  "los=5%: no such rule; did you mean loss=?" },
		{ "loss=5% xyz=3", "xyz=3: no such rule" },
		{ "mtu=\x1b[31m",
		  "mtu=\\x1b[31m: not mtu=octets of a packet with its "
		  "overhead, nor off" },
		{ "from=5s", "from=5s: from= and to= stand behind the rule "
			     "that they are for, once" },
	};
	struct vc_impair_plan *plan = vc_alloc(1, sizeof(*plan));

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		char why[VC_IMPAIR_WHY];

		assert_int_equal(vc_impair_rules(plan, rows[i].text, &at_start,
						 why),
				 -EINVAL);
		assert_string_equal(why, rows[i].why);
	}
	assert_int_equal(plan->n, 0);
	assert_true(vc_impair_is_rule("loss=5"));
	assert_true(vc_impair_is_rule(" to=5"));
	assert_false(vc_impair_is_rule("./loss=5"));
	assert_false(vc_impair_is_rule("losses=5"));
	free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_open_and_close),
		cmocka_unit_test(lists_and_blackouts_add_up),
		cmocka_unit_test(models_have_the_defaults_of_netem),
		cmocka_unit_test(commands_replace),
		cmocka_unit_test(it_is_bounded),
		cmocka_unit_test(the_wrong_word_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
