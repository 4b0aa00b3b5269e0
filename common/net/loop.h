/* SPDX-License-Identifier: MIT */
/*
 * The loop: timers, descriptors and signals on one thread, on one of two
 * clocks (vc-stream(7), Clock).
 *
 * live: 'now' is the machine's monotonic clock plus one offset taken at start,
 * so that it counts since the Unix epoch and never follows steps of the wall
 * clock. Sleeps in epoll.
 *
 * virtual: 'now' is what the driver says. A tool with inputs has the reader of
 * its inputs as driver, which calls vc_loop_advance() for each T frame; a tool
 * without inputs drives itself, from timer to timer, as fast as it can. Real
 * descriptors are still served (control, signals, inputs).
 *
 * Timers run in (deadline, arming order) order, each with 'now' = its
 * deadline on the virtual clock.
 */
#ifndef VC_NET_LOOP_H
#define VC_NET_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_loop;

/* A one-shot timer, embedded by its owner; zero it before first use. */
struct vc_timer {
	void (*fn)(void *ctx, int64_t now);
	void *ctx;
	int64_t deadline;
	uint64_t order;
	size_t place; /* in the heap, 1 is the top; 0: not armed */
};

#define VC_READ 1u
#define VC_WRITE 2u
#define VC_ERROR 4u /* told beside these, not asked for */

/* A descriptor that is waited for, embedded by its owner. */
struct vc_watch {
	/* 'events' of VC_READ and VC_WRITE; errors and hang-ups set both, and
	 * errors VC_ERROR. */
	void (*fn)(void *ctx, unsigned int events);
	void *ctx;
	int fd;
	unsigned int events;  /* wanted; 0: not watched */
	bool is_always_ready; /* a regular file, which epoll refuses */
	struct vc_watch *next_ready;
};

/* Called before the loop sleeps; for flushing what was written. */
struct vc_hook {
	void (*fn)(void *ctx);
	void *ctx;
	struct vc_hook *next;
};

/* Live, until vc_loop_set_virtual(). NULL: no descriptor is to be had. */
struct vc_loop *vc_loop_new(void);
void vc_loop_free(struct vc_loop *loop);

/* The monotonic clock itself, ns; for budgets of real time on either clock. */
int64_t vc_mono_now(void);

int64_t vc_loop_now(const struct vc_loop *loop);
/* The same by the clock itself, not by when this turn began: for stamps. */
int64_t vc_loop_clock(const struct vc_loop *loop);
bool vc_loop_is_virtual(const struct vc_loop *loop);

/*
 * The clock is virtual from here on and stands at 'start'. Timers that are
 * armed keep their distance from now.
 */
void vc_loop_set_virtual(struct vc_loop *loop, int64_t start);

/*
 * Live clock with another beginning: now becomes 'start' and goes on at the
 * machine's pace; timers keep their distance. For sinks that pace a virtual or
 * recorded stream.
 */
void vc_loop_set_epoch(struct vc_loop *loop, int64_t start);

/* (Re)arms. A deadline that has passed fires as soon as possible. */
void vc_timer_arm(struct vc_loop *loop, struct vc_timer *timer,
		  int64_t deadline);
void vc_timer_cancel(struct vc_loop *loop, struct vc_timer *timer);

/*
 * Waits for 'events' on w->fd from now on; 0 events: no longer. w->fn, w->ctx
 * and w->fd are set by the caller, who removes the watch before closing the
 * descriptor. Returns 0 or -errno.
 */
int vc_loop_watch(struct vc_loop *loop, struct vc_watch *w,
		  unsigned int events);

void vc_loop_add_hook(struct vc_loop *loop, struct vc_hook *hook);
void vc_loop_remove_hook(struct vc_loop *loop, struct vc_hook *hook);

/*
 * Signals to be taken by the loop (blocked for the whole process); 'fn' is
 * called on its thread. 0 or -errno.
 */
int vc_loop_signals(struct vc_loop *loop, const int *signals, size_t n,
		    void (*fn)(void *ctx, int signo), void *ctx);

/*
 * Live tools may sleep up to 'ns' after a burst of work, so that the next one
 * is a batch; see --batch in vc-recv(1). The loop does so only after
 * vc_loop_busy() has told of enough packets to make it pay. 0: never.
 */
void vc_loop_set_batch(struct vc_loop *loop, int64_t ns);
void vc_loop_busy(struct vc_loop *loop, unsigned int packets);

/* Runs until vc_loop_stop(). 0 or -errno of epoll. */
int vc_loop_run(struct vc_loop *loop);
void vc_loop_stop(struct vc_loop *loop);

/* The tool was told to end: whoever waits by vc_loop_wait_fd() waits 500 ms
 * at most, now and from now on. */
void vc_loop_hurry(struct vc_loop *loop);
bool vc_loop_is_hurried(const struct vc_loop *loop);
bool vc_loop_is_stopped(const struct vc_loop *loop);

/*
 * Virtual only. With a driver the loop never advances by itself: the driver
 * does, from its watch callbacks.
 */
void vc_loop_set_driven(struct vc_loop *loop, bool is_driven);

/*
 * Virtual: runs all timers with a deadline before 't', then sets now = 't'.
 * A jump over 10 s runs timers only while held(ctx) says that media is held,
 * then skips: each timer that was jumped over fires once, at 't', which is
 * its deadline then, so that a period counts from there.
 */
void vc_loop_advance(struct vc_loop *loop, int64_t t, bool (*held)(void *ctx),
		     void *ctx);

/* Virtual: at the end of input, runs timers while held(ctx). */
void vc_loop_drain(struct vc_loop *loop, bool (*held)(void *ctx), void *ctx);

/*
 * Sleeps until 'fd' is ready for 'events' or 'timeout' ns of real time have
 * passed (negative: no limit). Signals are served meanwhile, nothing else; see
 * vc_loop_hurry(). 1 ready, 0 not, or -errno.
 */
int vc_loop_wait_fd(struct vc_loop *loop, int fd, unsigned int events,
		    int64_t timeout);

#endif
