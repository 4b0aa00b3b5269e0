/* SPDX-License-Identifier: MIT */
/*
 * Sleeping is one epoll_pwait2(), whose
 * nanosecond timeout is the next deadline: that saves a timerfd and a system
 * call each time it would be set. Signals are blocked and come through a
 * signalfd. Regular files, which epoll refuses, stand in a list that is served
 * on every turn.
 */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/batch.h"
#include "net/clock.h"
#include "net/loop.h"
#include "net/timers.h"

#define MAX_JUMP (10 * VC_SEC)
#define MAX_EVENTS 64
#define HURRY (500 * VC_MS)

struct vc_loop {
	struct vc_timers timers;
	int64_t now;
	int64_t offset; /* live: now - monotonic clock */
	bool is_virtual;
	bool is_driven;
	bool is_stopped;
	bool is_hurried;
	int epoll_fd;
	struct epoll_event events[MAX_EVENTS]; /* of this turn */
	int n_events;
	struct vc_watch *ready;	     /* regular files */
	struct vc_watch *ready_next; /* to be served next in this turn */
	struct vc_hook *hooks;
	struct vc_watch signal_watch;
	void (*on_signal)(void *ctx, int signo);
	void *signal_ctx;
	struct vc_batch batch;
};

struct vc_loop *vc_loop_new(void)
{
	struct vc_loop *loop = vc_alloc(1, sizeof(*loop));

	vc_timers_init(&loop->timers);
	loop->offset = vc_wall_minus_mono();
	loop->now = vc_mono_now() + loop->offset;
	loop->signal_watch.fd = -1;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd >= 0)
		return loop;
	vc_timers_clear(&loop->timers);
	free(loop);
	return NULL;
}

void vc_loop_free(struct vc_loop *loop)
{
	if (!loop)
		return;
	if (loop->signal_watch.fd >= 0)
		close(loop->signal_watch.fd);
	close(loop->epoll_fd);
	vc_timers_clear(&loop->timers);
	free(loop);
}

static void live_update(struct vc_loop *loop)
{
	if (!loop->is_virtual)
		loop->now = vc_mono_now() + loop->offset;
}

int64_t vc_loop_now(const struct vc_loop *loop)
{
	return loop->now;
}

int64_t vc_loop_clock(const struct vc_loop *loop)
{
	return loop->is_virtual ? loop->now : vc_mono_now() + loop->offset;
}

bool vc_loop_is_virtual(const struct vc_loop *loop)
{
	return loop->is_virtual;
}

void vc_loop_set_virtual(struct vc_loop *loop, int64_t start)
{
	vc_timers_shift(&loop->timers, start - loop->now);
	loop->is_virtual = true;
	loop->now = start;
}

void vc_loop_set_epoch(struct vc_loop *loop, int64_t start)
{
	int64_t shift;

	assert(!loop->is_virtual);
	shift = start - (vc_mono_now() + loop->offset);
	loop->offset += shift;
	vc_timers_shift(&loop->timers, shift);
	live_update(loop);
}

void vc_loop_set_driven(struct vc_loop *loop, bool is_driven)
{
	loop->is_driven = is_driven;
}

/* --- timers --- */

void vc_timer_arm(struct vc_loop *loop, struct vc_timer *timer,
		  int64_t deadline)
{
	timer->deadline = deadline;
	vc_timers_add(&loop->timers, timer);
}

void vc_timer_cancel(struct vc_loop *loop, struct vc_timer *timer)
{
	vc_timers_remove(&loop->timers, timer);
}

static void timer_fire(struct vc_loop *loop)
{
	struct vc_timer *timer = loop->timers.heap[1];

	vc_timer_cancel(loop, timer);
	if (loop->is_virtual && timer->deadline > loop->now)
		loop->now = timer->deadline;
	timer->fn(timer->ctx, loop->now);
}

/* After a skip: a deadline left in the past would be caught up period by
 * period. */
static void fire_late(struct vc_loop *loop)
{
	struct vc_timer *timer = loop->timers.heap[1];

	vc_timer_cancel(loop, timer);
	timer->deadline = loop->now;
	timer->fn(timer->ctx, loop->now);
}

/* Live: what is due now. Timers armed meanwhile wait for the next turn. */
static void run_due(struct vc_loop *loop)
{
	uint64_t last = loop->timers.order;

	while (loop->timers.n && !loop->is_stopped &&
	       loop->timers.heap[1]->deadline <= loop->now &&
	       loop->timers.heap[1]->order < last)
		timer_fire(loop);
}

void vc_loop_advance(struct vc_loop *loop, int64_t t, bool (*held)(void *ctx),
		     void *ctx)
{
	bool is_jump = t - loop->now > MAX_JUMP;

	while (loop->timers.n && loop->timers.heap[1]->deadline < t &&
	       !loop->is_stopped) {
		if (is_jump && !(held && held(ctx)))
			break;
		timer_fire(loop);
	}
	if (t > loop->now)
		loop->now = t;
	for (size_t n = loop->timers.n; is_jump && n; n--) {
		if (!loop->timers.n || loop->timers.heap[1]->deadline >= t)
			break;
		fire_late(loop);
	}
}

void vc_loop_drain(struct vc_loop *loop, bool (*held)(void *ctx), void *ctx)
{
	while (loop->timers.n && !loop->is_stopped && held && held(ctx))
		timer_fire(loop);
}

/* --- descriptors --- */

static uint32_t epoll_bits(unsigned int events)
{
	return (events & VC_READ ? (uint32_t)EPOLLIN : 0) |
	       (events & VC_WRITE ? (uint32_t)EPOLLOUT : 0);
}

static void ready_remove(struct vc_loop *loop, struct vc_watch *w)
{
	struct vc_watch **p = &loop->ready;

	if (loop->ready_next == w)
		loop->ready_next = w->next_ready;
	while (*p && *p != w)
		p = &(*p)->next_ready;
	if (*p)
		*p = w->next_ready;
	w->next_ready = NULL;
}

/* A watch that is removed may be gone by the time its event is served. */
static void forget_events(struct vc_loop *loop, const struct vc_watch *w)
{
	for (int i = 0; i < loop->n_events; i++) {
		if (loop->events[i].data.ptr == w)
			loop->events[i].data.ptr = NULL;
	}
}

int vc_loop_watch(struct vc_loop *loop, struct vc_watch *w, unsigned int events)
{
	struct epoll_event ev = { .events = epoll_bits(events), .data.ptr = w };
	int op;

	if (events == w->events)
		return 0;
	if (!events)
		forget_events(loop, w);
	if (w->is_always_ready) {
		ready_remove(loop, w);
		if (events) {
			w->next_ready = loop->ready;
			loop->ready = w;
		}
		w->events = events;
		return 0;
	}
	op = !events   ? EPOLL_CTL_DEL :
	     w->events ? EPOLL_CTL_MOD :
			 EPOLL_CTL_ADD;
	if (epoll_ctl(loop->epoll_fd, op, w->fd, &ev)) {
		if (errno != EPERM || op != EPOLL_CTL_ADD)
			return -errno;
		w->is_always_ready = true;
		return vc_loop_watch(loop, w, events);
	}
	w->events = events;
	return 0;
}

void vc_loop_add_hook(struct vc_loop *loop, struct vc_hook *hook)
{
	struct vc_hook **p = &loop->hooks;

	while (*p)
		p = &(*p)->next;
	hook->next = NULL;
	*p = hook;
}

void vc_loop_remove_hook(struct vc_loop *loop, struct vc_hook *hook)
{
	struct vc_hook **p = &loop->hooks;

	while (*p && *p != hook)
		p = &(*p)->next;
	if (*p)
		*p = hook->next;
}

static void signal_ready(void *ctx, unsigned int events)
{
	struct vc_loop *loop = ctx;
	struct signalfd_siginfo info;

	(void)events;
	while (read(loop->signal_watch.fd, &info, sizeof(info)) ==
	       (ssize_t)sizeof(info))
		loop->on_signal(loop->signal_ctx, (int)info.ssi_signo);
}

int vc_loop_signals(struct vc_loop *loop, const int *signals, size_t n,
		    void (*fn)(void *ctx, int signo), void *ctx)
{
	struct vc_watch *w = &loop->signal_watch;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < n; i++) {
		/* Undo an inherited SIG_IGN, which would discard it. */
		signal(signals[i], SIG_DFL);
		sigaddset(&set, signals[i]);
	}
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return -errno;
	w->fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (w->fd < 0)
		return -errno;
	w->fn = signal_ready;
	w->ctx = loop;
	loop->on_signal = fn;
	loop->signal_ctx = ctx;
	return vc_loop_watch(loop, w, VC_READ);
}

/* --- running --- */

void vc_loop_set_batch(struct vc_loop *loop, int64_t ns)
{
	loop->batch.max = ns;
}

void vc_loop_busy(struct vc_loop *loop, unsigned int packets)
{
	vc_batch_count(&loop->batch, packets, loop->now);
}

static int64_t next_timeout(const struct vc_loop *loop)
{
	int64_t wait;

	if (!loop->timers.n)
		return -1;
	wait = loop->timers.heap[1]->deadline - loop->now;
	return wait > 0 ? wait : 0;
}

/* Lets packets gather: a wake-up costs far more than a packet in a batch. */
static void sleep_batch(struct vc_loop *loop, int64_t timeout)
{
	struct timespec ts = { 0 };
	int64_t ns = vc_batch_turn(&loop->batch, loop->now);

	if (!ns)
		return;
	if (timeout >= 0 && timeout < ns)
		ns = timeout;
	ts.tv_sec = ns / VC_SEC;
	ts.tv_nsec = ns % VC_SEC;
	nanosleep(&ts, NULL);
	live_update(loop);
}

static unsigned int event_bits(uint32_t bits)
{
	unsigned int got = 0;

	if (bits & (EPOLLIN | EPOLLHUP | EPOLLERR))
		got |= VC_READ;
	if (bits & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		got |= VC_WRITE;
	if (bits & EPOLLERR)
		got |= VC_ERROR;
	return got;
}

static int wait_events(struct vc_loop *loop, int64_t timeout)
{
	struct timespec ts = { .tv_sec = timeout / VC_SEC,
			       .tv_nsec = timeout % VC_SEC };
	int n;

	n = epoll_pwait2(loop->epoll_fd, loop->events, MAX_EVENTS,
			 timeout < 0 ? NULL : &ts, NULL);
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	live_update(loop);
	loop->n_events = n;
	for (int i = 0; i < n; i++) {
		struct vc_watch *w = loop->events[i].data.ptr;
		unsigned int got = event_bits(loop->events[i].events);

		if (w && (got & w->events))
			w->fn(w->ctx, got & (w->events | VC_ERROR));
	}
	loop->n_events = 0;
	return n;
}

static void serve_ready(struct vc_loop *loop)
{
	loop->ready_next = loop->ready;
	while (loop->ready_next) {
		struct vc_watch *w = loop->ready_next;

		loop->ready_next = w->next_ready;
		w->fn(w->ctx, w->events);
	}
}

/* A tool that drives itself: a slice of timers, then a look at the world. */
static void self_drive(struct vc_loop *loop)
{
	for (int i = 0; i < 64 && loop->timers.n && !loop->is_stopped; i++)
		timer_fire(loop);
	if (!loop->timers.n)
		loop->is_stopped = true;
}

static int turn(struct vc_loop *loop)
{
	bool is_self_driven = loop->is_virtual && !loop->is_driven;
	int64_t timeout;
	int n;

	if (is_self_driven)
		self_drive(loop);
	else if (!loop->is_virtual)
		run_due(loop);
	for (struct vc_hook *h = loop->hooks; h; h = h->next)
		h->fn(h->ctx);
	if (loop->is_stopped)
		return 0;
	timeout = loop->is_virtual ? -1 : next_timeout(loop);
	if (loop->ready || is_self_driven)
		timeout = 0;
	else if (!loop->is_virtual)
		sleep_batch(loop, timeout);
	n = wait_events(loop, timeout);
	if (n >= 0)
		serve_ready(loop);
	return n < 0 ? n : 0;
}

int vc_loop_run(struct vc_loop *loop)
{
	int err = 0;

	live_update(loop);
	loop->batch.since = loop->now;
	while (!loop->is_stopped && !err)
		err = turn(loop);
	for (struct vc_hook *h = loop->hooks; h; h = h->next)
		h->fn(h->ctx);
	return err;
}

void vc_loop_stop(struct vc_loop *loop)
{
	loop->is_stopped = true;
}

void vc_loop_hurry(struct vc_loop *loop)
{
	loop->is_hurried = true;
}

bool vc_loop_is_hurried(const struct vc_loop *loop)
{
	return loop->is_hurried;
}

bool vc_loop_is_stopped(const struct vc_loop *loop)
{
	return loop->is_stopped;
}

int vc_loop_wait_fd(struct vc_loop *loop, int fd, unsigned int events,
		    int64_t timeout)
{
	int64_t deadline = timeout < 0 ? INT64_MAX : vc_mono_now() + timeout;
	bool was_hurried = false;

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = fd,
			  .events =
				  (short)((events & VC_READ ? POLLIN : 0) |
					  (events & VC_WRITE ? POLLOUT : 0)) },
			{ .fd = loop->signal_watch.fd, .events = POLLIN },
		};
		int64_t now = vc_mono_now(), left;
		struct timespec ts;

		if (loop->is_hurried && !was_hurried && deadline > now + HURRY)
			deadline = now + HURRY;
		was_hurried = loop->is_hurried;
		left = deadline > now ? deadline - now : 0;
		ts = (struct timespec){ .tv_sec = left / VC_SEC,
					.tv_nsec = left % VC_SEC };
		if (ppoll(p, 2, deadline == INT64_MAX ? NULL : &ts, NULL) < 0 &&
		    errno != EINTR)
			return -errno;
		if (p[1].revents)
			signal_ready(loop, VC_READ);
		if (p[0].revents)
			return 1;
		if (!left)
			return 0;
	}
}
