/* SPDX-License-Identifier: MIT */
/*
 * Handshakes under way. Those who connect and say nothing, or nonsense, cost a
 * place in a small array until their time is up; they stop nobody, because who
 * comes when the array is full takes the place of the oldest. Their time is
 * real time on either clock: so a timerfd ticks while somebody is pending.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/loop.h"
#include "net/tls.h"

#define TIMEOUT (10 * VC_SEC)

struct pending {
	struct vc_tls_door *door;
	struct vc_tls *tls; /* NULL: free */
	struct vc_watch watch;
	int64_t since; /* monotonic clock */
};

struct vc_tls_door {
	struct vc_tls_door_conf conf;
	struct pending pending[VC_TLS_PENDING];
	struct vc_watch tick;
};

/* Frees the place; the connection is the caller's now. */
static struct vc_tls *leave(struct pending *p)
{
	struct vc_tls *tls = p->tls;

	vc_loop_watch(p->door->conf.loop, &p->watch, 0);
	p->tls = NULL;
	return tls;
}

static void drop(struct pending *p, const char *why)
{
	struct vc_tls_door *door = p->door;
	struct vc_tls *tls = leave(p);

	door->conf.failed(door->conf.failed_ctx, p->watch.fd, why);
	vc_tls_free(tls);
	close(p->watch.fd);
}

static void go_on(void *ctx, unsigned int events)
{
	struct pending *p = ctx;
	struct vc_tls_door *door = p->door;
	int err = vc_tls_shake(p->tls);

	(void)events;
	if (err == -EAGAIN)
		err = vc_loop_watch(door->conf.loop, &p->watch,
				    vc_tls_wants(p->tls));
	else if (!err) {
		struct vc_tls *tls = leave(p);

		door->conf.open(door->conf.ctx, p->watch.fd, tls);
		return;
	}
	if (err)
		drop(p, vc_tls_why(p->tls));
}

static void ticked(void *ctx, unsigned int events)
{
	struct vc_tls_door *door = ctx;
	int64_t now = vc_mono_now();
	uint64_t times;
	bool is_empty = true;

	(void)events;
	if (read(door->tick.fd, &times, sizeof(times)) < 0)
		return;
	for (size_t i = 0; i < VC_TLS_PENDING; i++) {
		struct pending *p = &door->pending[i];

		if (p->tls && now - p->since >= TIMEOUT)
			drop(p, "no handshake within 10 s");
		is_empty &= !p->tls;
	}
	if (is_empty)
		timerfd_settime(door->tick.fd, 0, &(struct itimerspec){ 0 },
				NULL);
}

struct vc_tls_door *vc_tls_door_new(const struct vc_tls_door_conf *conf)
{
	struct vc_tls_door *door = vc_try_alloc(1, sizeof(*door));

	if (!door)
		return NULL;
	door->conf = *conf;
	door->tick.fn = ticked;
	door->tick.ctx = door;
	door->tick.fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	if (door->tick.fd >= 0 &&
	    !vc_loop_watch(conf->loop, &door->tick, VC_READ))
		return door;
	vc_tls_door_free(door);
	return NULL;
}

void vc_tls_door_free(struct vc_tls_door *door)
{
	if (!door)
		return;
	for (size_t i = 0; i < VC_TLS_PENDING; i++) {
		struct pending *p = &door->pending[i];

		if (!p->tls)
			continue;
		vc_tls_free(leave(p));
		close(p->watch.fd);
	}
	if (door->tick.fd >= 0) {
		vc_loop_watch(door->conf.loop, &door->tick, 0);
		close(door->tick.fd);
	}
	free(door);
}

static struct pending *make_room(struct vc_tls_door *door)
{
	struct pending *oldest = &door->pending[0];

	for (size_t i = 0; i < VC_TLS_PENDING; i++) {
		struct pending *p = &door->pending[i];

		if (!p->tls)
			return p;
		if (p->since < oldest->since)
			oldest = p;
	}
	drop(oldest, "too many handshakes at once");
	return oldest;
}

void vc_tls_door_put(struct vc_tls_door *door, int fd)
{
	static const struct itimerspec each_second = { .it_interval.tv_sec = 1,
						       .it_value.tv_sec = 1 };
	struct pending *p = make_room(door);

	*p = (struct pending){ .door = door, .since = vc_mono_now() };
	p->watch = (struct vc_watch){ .fn = go_on, .ctx = p, .fd = fd };
	p->tls = vc_tls_new(door->conf.tls, fd, NULL);
	if (!p->tls) {
		close(fd);
		return;
	}
	timerfd_settime(door->tick.fd, 0, &each_second, NULL);
	go_on(p, VC_READ);
}
