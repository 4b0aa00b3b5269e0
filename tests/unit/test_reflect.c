/* SPDX-License-Identifier: MIT */
/* Who is answered, with how much, and when not at all. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/reflect.h"

#define T0 VC_VIRTUAL_EPOCH
#define LEN 200

static unsigned int forgotten;

static void forget(void *ctx, struct vc_reflect_session *s)
{
	(void)ctx;
	(void)s;
	forgotten++;
}

static void begin(struct vc_reflect *r, size_t sessions, uint64_t bps)
{
	const struct vc_reflect_conf conf = { .max_sessions = sessions,
					      .idle = 60 * VC_SEC,
					      .max_bps = bps,
					      .forget = forget,
					      .rand = { { 3, 4 } } };

	forgotten = 0;
	assert_int_equal(vc_reflect_init(r, &conf), 0);
}

static int ask(struct vc_reflect *r, const struct vc_path_probe *probe,
	       uint32_t ssrc, uint16_t port, int64_t now,
	       struct vc_reflect_out *out)
{
	const struct vc_reflect_in in = { .probe = probe,
					  .ssrc = ssrc,
					  .len = LEN,
					  .addr = { 1 },
					  .port = port,
					  .arrived = now,
					  .dscp = 46,
					  .ttl = 60 };

	return vc_reflect_take(r, &in, now, out);
}

static uint64_t hello(struct vc_reflect *r, uint32_t ssrc, int64_t now)
{
	const struct vc_path_probe probe = { .type = VC_PATH_HELLO };
	struct vc_reflect_out out;

	assert_int_equal(ask(r, &probe, ssrc, 5004, now, &out), 0);
	assert_int_not_equal(out.answer.token, 0);
	return out.answer.token;
}

static void a_probe_needs_the_token_of_its_session(void **state)
{
	struct vc_path_probe probe = { .type = VC_PATH_MEDIA };
	struct vc_reflect_out out;
	struct vc_reflect r;
	uint64_t token;

	(void)state;
	begin(&r, 4, 0);
	/* No hello; another session's; none; then its own. */
	assert_int_equal(ask(&r, &probe, 7, 5004, T0, &out), -ENOENT);
	token = hello(&r, 7, T0);
	probe.token = hello(&r, 8, T0);
	assert_int_not_equal(token, probe.token);
	assert_int_equal(ask(&r, &probe, 7, 5004, T0, &out), -ENOENT);
	probe.token = 0;
	assert_int_equal(ask(&r, &probe, 7, 5004, T0, &out), -ENOENT);
	probe.token = token;
	assert_int_equal(ask(&r, &probe, 7, 5004, T0, &out), 0);
	assert_int_equal(r.counts.strays, 3);
	assert_int_equal(r.counts.answers, 3);
	assert_int_equal(out.answer.probe_dscp, 46);
	assert_int_equal(out.answer.probe_ttl, 60);
	vc_reflect_clear(&r);
	assert_int_equal(forgotten, 2);
}

/* A hello that is asked again, as its answer was lost, has the same token. */
static void hello_again_is_the_same_session(void **state)
{
	struct vc_reflect r;
	uint64_t token;

	(void)state;
	begin(&r, 1, 0);
	token = hello(&r, 7, T0);
	assert_true(hello(&r, 7, T0 + VC_SEC) == token);
	assert_int_equal(r.counts.sessions, 1);
	vc_reflect_clear(&r);
}

static void an_answer_is_never_longer(void **state)
{
	static const struct {
		size_t len, answer;
		uint8_t flags;
		int err;
	} rows[] = {
		{ 0, 0, 0, -EMSGSIZE },
		{ VC_PATH_ANSWER_LEN - 1, 0, 0, -EMSGSIZE },
		{ VC_PATH_ANSWER_LEN - 1, 0, VC_PATH_SMALL, -EMSGSIZE },
		{ VC_PATH_ANSWER_LEN, VC_PATH_ANSWER_LEN, 0, 0 },
		{ 1400, 1400, 0, 0 },
		{ 1400, VC_PATH_ANSWER_LEN, VC_PATH_SMALL, 0 },
	};
	struct vc_reflect r;

	(void)state;
	begin(&r, 1, 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_path_probe probe = { .flags = rows[i].flags };
		const struct vc_reflect_in in = { .probe = &probe,
						  .len = rows[i].len };
		struct vc_reflect_out out;

		assert_int_equal(vc_reflect_take(&r, &in, T0, &out),
				 rows[i].err);
		if (!rows[i].err)
			assert_int_equal(out.len, rows[i].answer);
	}
	assert_int_equal(r.counts.too_short, 3);
	vc_reflect_clear(&r);
}

static void there_is_a_rate(void **state)
{
	struct vc_path_probe probe = { .type = VC_PATH_MEDIA };
	struct vc_reflect_out out;
	struct vc_reflect r;
	uint64_t octets = 0;

	(void)state;
	begin(&r, 1, 800000);
	probe.token = hello(&r, 7, T0);
	for (int i = 0; i < 100000; i++) {
		probe.index = (uint32_t)i;
		if (!ask(&r, &probe, 7, 5004, T0 + i * 100 * VC_US, &out))
			octets += LEN + VC_REFLECT_OVERHEAD;
	}
	/* Ten seconds, and what may go at once. */
	assert_true(octets > 990000);
	assert_true(octets < 1000000 + 70000);
	assert_true(r.counts.capped > 90000);
	/* All of them came, and so it says. */
	assert_int_equal(r.session[0].received, 100000);
	assert_int_equal(r.session[0].received - r.session[0].count,
			 r.session[0].capped);
	vc_reflect_clear(&r);
}

/* 10^5 hellos, as who has recorded them could send again. */
static void sessions_are_bounded(void **state)
{
	const struct vc_path_probe probe = { .type = VC_PATH_HELLO };
	struct vc_path_probe media = { .type = VC_PATH_MEDIA };
	struct vc_reflect_out out;
	struct vc_reflect r;
	int64_t now = T0;

	(void)state;
	begin(&r, 8, 0);
	media.token = hello(&r, 1, now);
	assert_int_equal(ask(&r, &media, 1, 5004, now, &out), 0);
	for (uint32_t i = 2; i < 100000; i++, now += 200 * VC_US) {
		int err = ask(&r, &probe, i, 5004, now, &out);

		assert_true(!err || err == -ENOSPC);
	}
	assert_true(r.counts.full > 99900);
	/* What is confirmed stays, the others make room soon. */
	assert_int_equal(ask(&r, &media, 1, 5004, now, &out), 0);
	now += 6 * VC_SEC;
	assert_int_equal(ask(&r, &probe, 7777777, 5004, now, &out), 0);
	assert_int_equal(vc_reflect_expire(&r, now + 61 * VC_SEC), 0);
	assert_int_equal(r.counts.sessions, forgotten);
	vc_reflect_clear(&r);
}

/* Rows: what comes, and what is then known of it. */
static void what_came_is_counted(void **state)
{
	static const struct {
		uint32_t index, received, reordered, highest;
		uint64_t came;
	} rows[] = {
		{ 3, 1, 0, 3, 1 },   { 5, 2, 0, 5, 5 },
		{ 4, 3, 1, 5, 7 },   { 70, 4, 1, 70, 1 },
		{ 5, 5, 2, 70, 1 },  { 7, 6, 3, 70, UINT64_C(1) << 63 | 1 },
		{ 71, 7, 3, 71, 3 },
	};
	struct vc_path_probe probe = { .type = VC_PATH_MEDIA };
	struct vc_reflect_out out;
	struct vc_reflect r;

	(void)state;
	begin(&r, 1, 0);
	probe.token = hello(&r, 7, T0);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		probe.index = rows[i].index;
		assert_int_equal(ask(&r, &probe, 7, 5004, T0, &out), 0);
		assert_int_equal(out.answer.received, rows[i].received);
		assert_int_equal(out.answer.reordered, rows[i].reordered);
		assert_int_equal(out.answer.highest, rows[i].highest);
		assert_true(out.answer.came == rows[i].came);
		assert_int_equal(out.answer.count, i + 1);
	}
	vc_reflect_clear(&r);
}

static void another_address_is_told(void **state)
{
	struct vc_path_probe probe = { .type = VC_PATH_MEDIA };
	struct vc_reflect_out out;
	struct vc_reflect r;

	(void)state;
	begin(&r, 1, 0);
	probe.token = hello(&r, 7, T0);
	assert_int_equal(ask(&r, &probe, 7, 5004, T0, &out), 0);
	assert_int_equal(r.counts.rebinds, 0);
	assert_int_equal(ask(&r, &probe, 7, 6000, T0, &out), 0);
	assert_int_equal(out.answer.port, 6000);
	assert_int_equal(r.counts.rebinds, 1);
	vc_reflect_clear(&r);
}

static void one_may_wait(void **state)
{
	struct vc_path_probe probe = { .type = VC_PATH_LATER,
				       .delay_ms = 90000 };
	struct vc_reflect_out out;
	struct vc_reflect r;
	int64_t at = T0 + 90 * VC_SEC;

	(void)state;
	begin(&r, 1, 0);
	probe.token = hello(&r, 7, T0);
	assert_int_equal(ask(&r, &probe, 7, 5004, T0, &out), -EINPROGRESS);
	assert_int_equal(ask(&r, &probe, 7, 5004, T0, &out), -EBUSY);
	assert_int_equal(vc_reflect_expire(&r, at - 1), 1);
	assert_false(vc_reflect_due(&r, at - 1, &out));
	assert_true(vc_reflect_due(&r, at, &out));
	assert_int_equal(out.answer.type, VC_PATH_LATER);
	assert_int_equal(out.answer.port, 5004);
	assert_int_equal(out.len, LEN);
	assert_false(vc_reflect_due(&r, at, &out));
	/* For ever is ten minutes. */
	probe.delay_ms = UINT32_MAX;
	assert_int_equal(ask(&r, &probe, 7, 5004, at, &out), -EINPROGRESS);
	assert_true(vc_reflect_due(&r, at + 600 * VC_SEC, &out));
	vc_reflect_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_probe_needs_the_token_of_its_session),
		cmocka_unit_test(hello_again_is_the_same_session),
		cmocka_unit_test(an_answer_is_never_longer),
		cmocka_unit_test(there_is_a_rate),
		cmocka_unit_test(sessions_are_bounded),
		cmocka_unit_test(what_came_is_counted),
		cmocka_unit_test(another_address_is_told),
		cmocka_unit_test(one_may_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
