/* SPDX-License-Identifier: MIT */
/*
 * One queue, one lock, two conditions: work is there, and work is done. Jobs
 * are begun in the order they were added.
 */
#include "engine/workers.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/mem.h"
#include "base/time.h"

struct vc_workers {
	pthread_mutex_t lock;
	pthread_cond_t more;
	pthread_cond_t done;
	struct vc_job *first; /* not begun */
	struct vc_job **last;
	unsigned int pending;
	int fd; /* is told of what is done; -1: none */
	bool is_over;
	unsigned int n;
	pthread_t threads[VC_WORKERS_MAX];
};

/* With the lock, which is open while the job runs. */
static void run_first(struct vc_workers *w)
{
	struct vc_job *job = w->first;

	w->first = job->next;
	if (!w->first)
		w->last = &w->first;
	pthread_mutex_unlock(&w->lock);
	job->run(job->ctx);
	pthread_mutex_lock(&w->lock);
	job->is_pending = false;
	w->pending--;
	pthread_cond_broadcast(&w->done);
	if (w->fd >= 0)
		(void)eventfd_write(w->fd, 1);
}

static void *work(void *ctx)
{
	struct vc_workers *w = ctx;

	pthread_mutex_lock(&w->lock);
	while (!w->is_over || w->first) {
		if (w->first)
			run_first(w);
		else
			pthread_cond_wait(&w->more, &w->lock);
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

/* Signals are the main thread's. */
static int start(struct vc_workers *w)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&w->threads[w->n], NULL, work, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	w->n += !err;
	return err;
}

struct vc_workers *vc_workers_new(unsigned int threads)
{
	struct vc_workers *w = vc_try_alloc(1, sizeof(*w));

	assert(threads <= VC_WORKERS_MAX);
	if (!w)
		return NULL;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->more, NULL);
	pthread_cond_init(&w->done, NULL);
	w->last = &w->first;
	w->fd = -1;
	for (unsigned int i = 0; i < threads; i++) {
		if (start(w)) {
			vc_workers_free(w);
			return NULL;
		}
	}
	return w;
}

void vc_workers_tell(struct vc_workers *w, int fd)
{
	pthread_mutex_lock(&w->lock);
	w->fd = fd;
	pthread_mutex_unlock(&w->lock);
}

void vc_workers_free(struct vc_workers *w)
{
	if (!w)
		return;
	(void)vc_workers_wait(w, INT64_MAX);
	pthread_mutex_lock(&w->lock);
	w->is_over = true;
	pthread_cond_broadcast(&w->more);
	pthread_mutex_unlock(&w->lock);
	for (unsigned int i = 0; i < w->n; i++)
		pthread_join(w->threads[i], NULL);
	pthread_cond_destroy(&w->done);
	pthread_cond_destroy(&w->more);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

void vc_workers_add(struct vc_workers *w, struct vc_job *job)
{
	pthread_mutex_lock(&w->lock);
	assert(!job->is_pending);
	job->is_pending = true;
	job->next = NULL;
	*w->last = job;
	w->last = &job->next;
	w->pending++;
	pthread_cond_signal(&w->more);
	pthread_mutex_unlock(&w->lock);
}

bool vc_workers_is_pending(struct vc_workers *w, const struct vc_job *job)
{
	bool is_pending;

	pthread_mutex_lock(&w->lock);
	is_pending = job->is_pending;
	pthread_mutex_unlock(&w->lock);
	return is_pending;
}

/* With the lock. False at the deadline. */
static bool wait_done(struct vc_workers *w, int64_t deadline)
{
	struct timespec ts = {
		.tv_sec = deadline / VC_SEC,
		.tv_nsec = deadline % VC_SEC,
	};

	if (deadline == INT64_MAX)
		return !pthread_cond_wait(&w->done, &w->lock);
	return !pthread_cond_clockwait(&w->done, &w->lock, CLOCK_MONOTONIC,
				       &ts);
}

bool vc_workers_wait(struct vc_workers *w, int64_t deadline)
{
	bool all;

	pthread_mutex_lock(&w->lock);
	while (w->first)
		run_first(w);
	while (w->pending && wait_done(w, deadline))
		continue;
	all = !w->pending;
	pthread_mutex_unlock(&w->lock);
	return all;
}

void vc_workers_wait_job(struct vc_workers *w, const struct vc_job *job)
{
	pthread_mutex_lock(&w->lock);
	while (job->is_pending) {
		if (w->first)
			run_first(w);
		else
			wait_done(w, INT64_MAX);
	}
	pthread_mutex_unlock(&w->lock);
}
