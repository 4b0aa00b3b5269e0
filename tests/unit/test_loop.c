/* SPDX-License-Identifier: MIT */
/* The loop: the order of timers on both clocks, jumps, descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/loop.h"

struct mark {
	struct vc_loop *loop;
	char *log;
	char letter;
	int64_t fired_at;
	int64_t period; /* 0: once */
	struct vc_timer timer;
};

static void fire(void *ctx, int64_t now)
{
	struct mark *m = ctx;
	size_t n = strlen(m->log);

	m->log[n] = m->letter;
	m->log[n + 1] = '\0';
	m->fired_at = now;
	if (m->period)
		vc_timer_arm(m->loop, &m->timer, m->timer.deadline + m->period);
}

static void arm(struct mark *m, struct vc_loop *loop, char *log, char letter,
		int64_t deadline)
{
	*m = (struct mark){ .loop = loop, .log = log, .letter = letter };
	m->timer.fn = fire;
	m->timer.ctx = m;
	vc_timer_arm(loop, &m->timer, deadline);
}

static void test_order(void **state)
{
	struct vc_loop *loop = vc_loop_new();
	struct mark m[5];
	char log[64] = "";

	(void)state;
	vc_loop_set_virtual(loop, 0);
	arm(&m[0], loop, log, 'c', 30);
	arm(&m[1], loop, log, 'a', 10);
	arm(&m[2], loop, log, 'b', 20);
	arm(&m[3], loop, log, 'B', 20); /* equal: in arming order */
	arm(&m[4], loop, log, 'x', 15);
	vc_timer_cancel(loop, &m[4].timer);
	vc_loop_advance(loop, 30, NULL, NULL);
	/* One that is due at 30 runs after the frames of 30. */
	assert_string_equal(log, "abB");
	assert_int_equal(m[2].fired_at, 20);
	assert_int_equal(vc_loop_now(loop), 30);
	vc_loop_advance(loop, 31, NULL, NULL);
	assert_string_equal(log, "abBc");
	vc_loop_free(loop);
}

static bool holds(void *ctx)
{
	int *left = ctx;

	if (!*left)
		return false;
	(*left)--;
	return true;
}

static void test_jump(void **state)
{
	struct vc_loop *loop = vc_loop_new();
	struct mark m;
	char log[64] = "";
	int left = 3;

	(void)state;
	vc_loop_set_virtual(loop, 0);
	arm(&m, loop, log, 't', VC_SEC);
	m.period = VC_SEC;
	/* 60 s at once: three while media is held, then one at the landing. */
	vc_loop_advance(loop, 60 * VC_SEC, holds, &left);
	assert_string_equal(log, "tttt");
	assert_int_equal(m.fired_at, 60 * VC_SEC);
	/* What was skipped is not caught up. */
	vc_loop_advance(loop, 61 * VC_SEC + 1, NULL, NULL);
	assert_string_equal(log, "ttttt");
	assert_int_equal(m.fired_at, 61 * VC_SEC);
	vc_timer_cancel(loop, &m.timer);
	vc_loop_free(loop);
}

static void test_drain(void **state)
{
	struct vc_loop *loop = vc_loop_new();
	struct mark m;
	char log[64] = "";
	int left = 5;

	(void)state;
	vc_loop_set_virtual(loop, 0);
	arm(&m, loop, log, 'd', 20);
	m.period = 20;
	vc_loop_drain(loop, holds, &left);
	assert_string_equal(log, "ddddd");
	assert_int_equal(vc_loop_now(loop), 100);
	vc_timer_cancel(loop, &m.timer);
	vc_loop_free(loop);
}

/* Timers armed on the live clock keep their distance when it turns virtual. */
static void test_set_virtual(void **state)
{
	struct vc_loop *loop = vc_loop_new();
	struct mark m;
	char log[64] = "";

	(void)state;
	arm(&m, loop, log, 'v', vc_loop_now(loop) + VC_SEC);
	vc_loop_set_virtual(loop, 1000 * VC_SEC);
	assert_int_equal(m.timer.deadline, 1001 * VC_SEC);
	vc_timer_cancel(loop, &m.timer);
	vc_loop_free(loop);
}

struct end {
	struct vc_loop *loop;
	struct vc_watch watch;
	char got;
};

static void readable(void *ctx, unsigned int events)
{
	struct end *e = ctx;

	assert_true(events & VC_READ);
	assert_int_equal(read(e->watch.fd, &e->got, 1), 1);
	vc_loop_watch(e->loop, &e->watch, 0);
	vc_loop_stop(e->loop);
}

static void test_descriptor(void **state)
{
	struct vc_loop *loop = vc_loop_new();
	struct end e = { .loop = loop, .watch = { .fn = readable } };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	e.watch.ctx = &e;
	e.watch.fd = fds[0];
	assert_int_equal(vc_loop_watch(loop, &e.watch, VC_READ), 0);
	assert_int_equal(write(fds[1], "!", 1), 1);
	assert_int_equal(vc_loop_run(loop), 0);
	assert_int_equal(e.got, '!');
	close(fds[0]);
	close(fds[1]);
	vc_loop_free(loop);
}

/* A pipe to write to; who reads it leaves at the first event. */
struct told {
	struct vc_loop *loop;
	struct vc_watch watch;
	int reader;
	unsigned int events[2];
	size_t n;
};

static void take_events(void *ctx, unsigned int events)
{
	struct told *told = ctx;

	told->events[told->n] = events;
	told->n++;
	if (told->n == VC_COUNT(told->events))
		vc_loop_stop(told->loop);
	else
		close(told->reader);
}

/* An error is told as one, and as what is waited for. */
static void test_error(void **state)
{
	struct told told = { .loop = vc_loop_new(),
			     .watch = { .fn = take_events } };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	told.reader = fds[0];
	told.watch.ctx = &told;
	told.watch.fd = fds[1];
	assert_int_equal(vc_loop_watch(told.loop, &told.watch, VC_WRITE), 0);
	assert_int_equal(vc_loop_run(told.loop), 0);
	assert_int_equal(told.events[0], VC_WRITE);
	assert_int_equal(told.events[1], VC_WRITE | VC_ERROR);
	close(fds[1]);
	vc_loop_free(told.loop);
}

/* A regular file, which epoll refuses, is served all the same. */
static void test_regular_file(void **state)
{
	struct vc_loop *loop = vc_loop_new();
	struct end e = { .loop = loop, .watch = { .fn = readable } };
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	fputs("?", f);
	rewind(f);
	e.watch.ctx = &e;
	e.watch.fd = fileno(f);
	assert_int_equal(vc_loop_watch(loop, &e.watch, VC_READ), 0);
	assert_int_equal(vc_loop_run(loop), 0);
	assert_int_equal(e.got, '?');
	fclose(f);
	vc_loop_free(loop);
}

static void stop(void *ctx, int64_t now)
{
	(void)now;
	vc_loop_stop(ctx);
}

static void test_live_timer(void **state)
{
	struct vc_loop *loop = vc_loop_new();
	struct vc_timer end = { .fn = stop, .ctx = loop };
	struct mark a, b;
	char log[64] = "";
	int64_t now = vc_loop_now(loop);

	(void)state;
	arm(&b, loop, log, '2', now + 2 * VC_MS);
	arm(&a, loop, log, '1', now + VC_MS);
	vc_timer_arm(loop, &end, now + 3 * VC_MS);
	assert_int_equal(vc_loop_run(loop), 0);
	assert_string_equal(log, "12");
	assert_true(a.fired_at >= now + VC_MS);
	vc_loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_jump),
		cmocka_unit_test(test_drain),
		cmocka_unit_test(test_set_virtual),
		cmocka_unit_test(test_descriptor),
		cmocka_unit_test(test_error),
		cmocka_unit_test(test_regular_file),
		cmocka_unit_test(test_live_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
