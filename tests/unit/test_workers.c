/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/workers.h"

#define JOBS 200

struct work {
	struct vc_job job;
	uint64_t in;
	uint64_t out;
};

static void square(void *ctx)
{
	struct work *w = ctx;

	w->out = w->in * w->in;
}

static void all_is_done_by_any_number(void **state)
{
	static const unsigned int threads[] = { 0, 1, 3, VC_WORKERS_MAX };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(threads); i++) {
		struct vc_workers *w = vc_workers_new(threads[i]);
		static struct work work[JOBS];

		assert_non_null(w);
		assert_true(vc_workers_wait(w, INT64_MAX));
		for (uint64_t k = 0; k < JOBS; k++) {
			work[k] = (struct work){ .in = k };
			work[k].job.run = square;
			work[k].job.ctx = &work[k];
			vc_workers_add(w, &work[k].job);
		}
		assert_true(vc_workers_wait(w, INT64_MAX));
		for (uint64_t k = 0; k < JOBS; k++) {
			assert_int_equal(work[k].out, k * k);
			assert_false(vc_workers_is_pending(w, &work[k].job));
		}
		vc_workers_free(w);
	}
}

static void what_is_done_is_counted(void **state)
{
	struct vc_workers *w = vc_workers_new(2);
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	struct work work[5] = { 0 };
	eventfd_t n;

	(void)state;
	vc_workers_tell(w, fd);
	for (size_t k = 0; k < VC_COUNT(work); k++) {
		work[k].job = (struct vc_job){ .run = square, .ctx = &work[k] };
		vc_workers_add(w, &work[k].job);
	}
	vc_workers_free(w);
	assert_int_equal(eventfd_read(fd, &n), 0);
	assert_int_equal(n, VC_COUNT(work));
	close(fd);
}

struct gate {
	pthread_mutex_t lock;
	pthread_barrier_t begun;
};

static void pass_gate(void *ctx)
{
	struct gate *gate = ctx;

	pthread_barrier_wait(&gate->begun);
	pthread_mutex_lock(&gate->lock);
	pthread_mutex_unlock(&gate->lock);
}

/* A job that somebody else is at is not waited for beyond the deadline. */
static void a_deadline_ends_the_wait(void **state)
{
	struct gate gate = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct vc_workers *w = vc_workers_new(1);
	struct vc_job job = { .run = pass_gate, .ctx = &gate };
	struct work work = { .in = 3 };

	(void)state;
	work.job.run = square;
	work.job.ctx = &work;
	pthread_barrier_init(&gate.begun, NULL, 2);
	pthread_mutex_lock(&gate.lock);
	vc_workers_add(w, &job);
	pthread_barrier_wait(&gate.begun);
	vc_workers_add(w, &work.job);
	assert_false(vc_workers_wait(w, 1));
	assert_int_equal(work.out, 9);
	assert_true(vc_workers_is_pending(w, &job));
	pthread_mutex_unlock(&gate.lock);
	vc_workers_wait_job(w, &job);
	assert_false(vc_workers_is_pending(w, &job));
	vc_workers_free(w);
	pthread_barrier_destroy(&gate.begun);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_done_by_any_number),
		cmocka_unit_test(what_is_done_is_counted),
		cmocka_unit_test(a_deadline_ends_the_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
