/* SPDX-License-Identifier: MIT */
/*
 * A pool of threads for work that takes long, such as decoding pictures. Who
 * waits for jobs does some of them, so a pool of no threads works too, and
 * what jobs compute does not depend on how many there are.
 */
#ifndef VC_ENGINE_WORKERS_H
#define VC_ENGINE_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

struct vc_workers;

/* Embedded by its owner, who leaves it alone while it is pending. */
struct vc_job {
	void (*run)(void *ctx); /* on any thread */
	void *ctx;
	bool is_pending; /* read it by vc_workers_is_pending() */
	struct vc_job *next;
};

#define VC_WORKERS_MAX 16

/* At most VC_WORKERS_MAX threads. NULL when there is no memory or thread. */
struct vc_workers *vc_workers_new(unsigned int threads);

/* From now on each job that is done adds 1 to the eventfd 'fd'. */
void vc_workers_tell(struct vc_workers *w, int fd);

/* Finishes all jobs first. NULL is fine. */
void vc_workers_free(struct vc_workers *w);

/* 'job' is not pending. */
void vc_workers_add(struct vc_workers *w, struct vc_job *job);

bool vc_workers_is_pending(struct vc_workers *w, const struct vc_job *job);

/*
 * Does jobs until none waits to be begun, then waits for those that others
 * are at: for ever, or until 'deadline' on CLOCK_MONOTONIC (ns; INT64_MAX: for
 * ever). True when all are done.
 */
bool vc_workers_wait(struct vc_workers *w, int64_t deadline);

/* Until this one is done. */
void vc_workers_wait_job(struct vc_workers *w, const struct vc_job *job);

#endif
