/* SPDX-License-Identifier: MIT */
/*
 * The queue is a ring of items that refer to packets. A flush gathers them
 * into one writev(): for each the T frames it needs, its length, its payload.
 * Which T is needed depends on what the reader got before, so heads are built
 * while gathering and, for items that the kernel did not take, taken back.
 *
 * When the descriptor does not take more, a live writer waits 20 ms, then
 * drops video that is older, each source up to its next key frame; audio has
 * 100 ms. What a source lost becomes one gap event before its next packet.
 * State that would be repeated is left out. A reader that piles up 8 MiB of
 * what is never dropped has ended.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/tls.h"
#include "tool/gzout.h"
#include "tool/reader_internal.h"
#include "wire/frame.h"

#define AGAIN (5 * VC_MS)
#define OFTEN 16
#define WIDE (1 << 20)
#define MAX_KEPT (8u << 20)
#define FLUSH_ITEMS 256
#define IOV_MAX_OURS 512

static void writable(void *ctx, unsigned int events)
{
	struct vc_reader *r = ctx;

	(void)events;
	r->is_blocked = false;
	vc_reader_flush(r);
}

struct vc_reader *vc_reader_new(const struct vc_reader_conf *conf)
{
	struct vc_reader *r = vc_try_alloc(1, sizeof(*r));

	if (!r) {
		vc_tls_free(conf->tls);
		close(conf->fd);
		return NULL;
	}
	r->conf = *conf;
	r->cap = 512;
	r->last_time = VC_TIME_NONE;
	r->ring = vc_try_alloc(r->cap, sizeof(*r->ring));
	r->begun = vc_loop_now(conf->loop);
	r->watch =
		(struct vc_watch){ .fn = writable, .ctx = r, .fd = conf->fd };
	if (conf->gzip)
		r->gz = vc_gzout_new();
	if (r->ring && (!conf->gzip || r->gz))
		return r;
	vc_reader_free(r);
	return NULL;
}

/* A filter learns only from its input that its clock is a virtual one. */
static bool may_drop(const struct vc_reader *r)
{
	return r->conf.may_drop && !vc_loop_is_virtual(r->conf.loop);
}

void vc_reader_free(struct vc_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		vc_reader_item_clear(r, vc_reader_item(r, i));
	vc_loop_watch(r->conf.loop, &r->watch, 0);
	vc_tls_free(r->conf.tls);
	if (r->conf.fd >= 0)
		close(r->conf.fd);
	vc_gzout_free(r->gz);
	free(r->ring);
	free(r);
}

VC_COLD static void die(struct vc_reader *r, int err)
{
	if (r->is_dead)
		return;
	r->is_dead = true;
	vc_loop_watch(r->conf.loop, &r->watch, 0);
	r->conf.dead(r->conf.ctx, r, err);
}

/* --- queueing --- */

VC_COLD static bool grow(struct vc_reader *r)
{
	struct vc_item *ring = vc_try_alloc(r->cap * 2, sizeof(*ring));

	if (!ring)
		return false;
	for (size_t i = 0; i < r->n; i++)
		ring[i] = *vc_reader_item(r, i);
	free(r->ring);
	r->ring = ring;
	r->head = 0;
	r->cap *= 2;
	return true;
}

static void append(struct vc_reader *r, const struct vc_item *item)
{
	struct vc_item *to;

	if (r->n == r->cap && !grow(r)) {
		free(item->text);
		die(r, -ENOMEM);
		return;
	}
	to = vc_reader_item(r, r->n);
	*to = *item;
	if (to->pkt)
		vc_packet_ref(to->pkt);
	to->head_len = 0;
	to->queued_at = vc_loop_now(r->conf.loop);
	if (vc_reader_is_kept(to))
		r->kept += to->len;
	r->n++;
}

/* A packet of a source with a gap: still dropped, or the gap is told. */
VC_COLD static bool passes_gap(struct vc_reader *r, const struct vc_item *item)
{
	struct vc_gap *g = vc_gaps_find(&r->gaps, item->ssrc);
	struct vc_item event;

	if (!g)
		return true;
	if (g->awaits_key && !item->is_key) {
		vc_reader_note_drop(r, item);
		return false;
	}
	event = vc_reader_end_gap(r, g, item);
	if (event.text)
		append(r, &event);
	return true;
}

void vc_reader_put(struct vc_reader *r, const struct vc_item *item)
{
	bool is_media = item->kind >= VC_ITEM_AUDIO;

	if (r->is_dead || (r->conf.plain && !item->is_plain) ||
	    (r->is_blocked && may_drop(r) && item->kind == VC_ITEM_STATE) ||
	    (is_media && r->gaps.n && !passes_gap(r, item))) {
		free(item->text);
		return;
	}
	append(r, item);
	if (r->kept > MAX_KEPT && may_drop(r) && r->is_blocked)
		die(r, -ENOBUFS);
	else if (r->n >= FLUSH_ITEMS && !r->is_blocked)
		vc_reader_flush(r);
}

/* --- writing --- */

static void build_head(struct vc_reader *r, struct vc_item *item)
{
	uint8_t *p = item->head;

	item->time_before = r->last_time;
	if (!r->conf.plain && !item->is_raw && item->time != VC_TIME_NONE &&
	    item->time > r->last_time) {
		vc_frame_time_write(p, VC_TIME_STREAM, item->time);
		p += VC_FRAME_TIME_SIZE;
		r->last_time = item->time;
	}
	if (!r->conf.plain && item->arrival != VC_TIME_NONE) {
		vc_frame_time_write(p, VC_TIME_ARRIVAL, item->arrival);
		p += VC_FRAME_TIME_SIZE;
	}
	if (!item->is_raw && item->kind != VC_ITEM_TIME) {
		vc_frame_head(p, item->len);
		p += 2;
	}
	item->head_len = (size_t)(p - item->head);
}

static const uint8_t *item_body(const struct vc_item *item)
{
	return item->pkt ? item->pkt->data : item->text;
}

static void add_iov(struct iovec *iov, int *n, const uint8_t *p, size_t len,
		    size_t *skip)
{
	size_t cut = *skip < len ? *skip : len;

	*skip -= cut;
	if (cut == len)
		return;
	iov[*n].iov_base = (void *)(uintptr_t)(p + cut);
	iov[*n].iov_len = len - cut;
	*n += 1;
}

/* Gathers from the front. Returns how many items; '*total' their octets. */
static size_t gather(struct vc_reader *r, struct iovec *iov, int *n_iov,
		     size_t *total)
{
	size_t skip = r->first_done;
	size_t i = 0;

	*n_iov = 0;
	*total = 0;
	while (i < r->n && *n_iov + 2 <= IOV_MAX_OURS) {
		struct vc_item *item = vc_reader_item(r, i);

		if (!item->head_len)
			build_head(r, item);
		add_iov(iov, n_iov, item->head, item->head_len, &skip);
		add_iov(iov, n_iov, item_body(item), item->len, &skip);
		*total += item->head_len + item->len;
		i++;
	}
	*total -= r->first_done;
	return i;
}

/* Items of which the kernel took nothing get their heads built anew. */
static void take_back(struct vc_reader *r, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		vc_reader_item(r, i)->head_len = 0;
	if (from < to)
		r->last_time = vc_reader_item(r, from)->time_before;
}

static void consume(struct vc_reader *r, size_t len, size_t n_gathered)
{
	size_t done = 0;

	r->octets += len;
	len += r->first_done;
	r->first_done = 0;
	while (r->n) {
		struct vc_item *item = vc_reader_item(r, 0);
		size_t size = item->head_len + item->len;

		if (done == n_gathered || len < size)
			break;
		len -= size;
		vc_reader_item_clear(r, item);
		r->head = (r->head + 1) & (r->cap - 1);
		r->n--;
		done++;
	}
	/* What is in the cache is used again. */
	if (!r->n)
		r->head = 0;
	r->first_done = len;
	take_back(r, len ? 1 : 0, n_gathered - done);
}

/* TLS keeps up to a record of what it took. */
static bool has_more(const struct vc_reader *r)
{
	return r->n || (r->conf.tls && vc_tls_is_held(r->conf.tls));
}

static ssize_t write_some(struct vc_reader *r, struct iovec *iov, int n)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = (size_t)n };

	if (r->conf.tls) {
		ssize_t len = vc_tls_writev(r->conf.tls, iov, n);

		errno = len < 0 ? (int)-len : 0;
		return len;
	}
	if (r->conf.is_socket)
		return sendmsg(r->conf.fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	return writev(r->conf.fd, iov, n);
}

/* 1 wrote, 0 nothing to write or it would wait, else dead. */
static int flush_once(struct vc_reader *r)
{
	struct iovec iov[IOV_MAX_OURS];
	size_t total, n_items;
	ssize_t len;
	int n;

	if (r->is_dead || !has_more(r))
		return 0;
	n_items = gather(r, iov, &n, &total);
	if (r->gz) {
		int err = vc_gzout_write(r->gz, r->conf.fd, iov, n);

		len = err ? -1 : (ssize_t)total;
		errno = -err;
	} else {
		len = write_some(r, iov, n);
	}
	if (len < 0) {
		int err = errno;

		take_back(r, r->first_done ? 1 : 0, n_items);
		if (err == EINTR)
			return 1;
		if (err != EAGAIN)
			die(r, -err);
		r->is_blocked = true;
		return 0;
	}
	consume(r, (size_t)len, n_items);
	r->is_blocked = (size_t)len < total;
	return !r->is_blocked;
}

/* A pipe that was filled often, and within 20 ms on average, gets as much as is
 * allowed. Slower streams would only be late by it. */
static void widen(struct vc_reader *r)
{
	int64_t size = r->is_wide ? 0 : fcntl(r->conf.fd, F_GETPIPE_SZ);
	int64_t span = vc_loop_now(r->conf.loop) - r->begun;

	if (size <= 0 ||
	    (int64_t)r->octets / size < OFTEN + span / VC_READER_VIDEO_AGE)
		return;
	r->is_wide = true;
	fcntl(r->conf.fd, F_SETPIPE_SZ, WIDE);
}

bool vc_reader_rests(const struct vc_reader *r)
{
	return r->is_blocked && may_drop(r) &&
	       vc_loop_now(r->conf.loop) - r->tried < AGAIN;
}

void vc_reader_flush(struct vc_reader *r)
{
	bool could_wait = !may_drop(r) && !r->conf.is_regular;

	while (has_more(r) && !r->is_dead) {
		if (flush_once(r) || r->is_dead)
			continue;
		if (!could_wait)
			break;
		if (vc_loop_wait_fd(r->conf.loop, r->conf.fd, VC_WRITE, -1) <=
		    0)
			die(r, -ETIMEDOUT);
	}
	if (r->is_dead)
		return;
	if (r->is_blocked && may_drop(r)) {
		r->tried = vc_loop_now(r->conf.loop);
		widen(r);
		vc_reader_trim(r);
	}
	vc_loop_watch(r->conf.loop, &r->watch,
		      has_more(r) && may_drop(r) ? VC_WRITE : 0);
}

int vc_reader_finish(struct vc_reader *r, int64_t timeout)
{
	int64_t deadline = vc_mono_now() + timeout;

	while (has_more(r) && !r->is_dead) {
		int64_t left = deadline - vc_mono_now();

		if (flush_once(r))
			continue;
		if (left <= 0 || vc_loop_wait_fd(r->conf.loop, r->conf.fd,
						 VC_WRITE, left) <= 0)
			break;
	}
	if (r->gz && !r->is_dead) {
		int err = vc_gzout_finish(r->gz, r->conf.fd);

		if (err)
			die(r, err);
	}
	return has_more(r) ? -ETIMEDOUT : 0;
}

bool vc_reader_is_dead(const struct vc_reader *r)
{
	return r->is_dead;
}

uint64_t vc_reader_dropped(const struct vc_reader *r)
{
	return r->dropped;
}

uint64_t vc_reader_octets(const struct vc_reader *r)
{
	return r->octets;
}
