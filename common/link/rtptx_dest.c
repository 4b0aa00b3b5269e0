/* SPDX-License-Identifier: MIT */
/*
 * A destination and its ring of packets, which go out in batches before the
 * loop sleeps, or as --pace lets them. One that has a port of its own is
 * connected, so that what refuses or reports there is known to come from
 * there. Destinations of one name are a group.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/dtlsport.h"
#include "link/rtptx_internal.h"

#define LEAST_QUEUE 8
#define QUEUE VC_UDP_BATCH /* goes out when it is full */
#define PACED_QUEUE 8192   /* waits; the oldest is dropped when it is full */
#define SEGMENT_RATE 1000  /* packets a second */
#define MEASURE (50 * VC_MS)
#define LEVERAGE 3 /* octets out for one in, to who is unproven */
#define BURST 3000 /* octets that --pace=RATE lets go at once */

/* --- groups --- */

/* They are in the order of their indexes; it takes the first that is free. */
static struct group *group_new(struct vc_rtptx *s, const char *name)
{
	struct group *g = vc_try_alloc(1, sizeof(*g)), **at = &s->groups;

	if (!g)
		return NULL;
	vc_strlcpy(g->name, name, sizeof(g->name));
	for (; *at && (*at)->index == g->index; at = &(*at)->next)
		g->index++;
	g->next = *at;
	*at = g;
	if (g->index >= s->n_groups)
		s->n_groups = g->index + 1;
	s->routes++; /* who is routed to it is to be found out */
	return g;
}

static struct group *group_of(struct vc_rtptx *s, const char *name)
{
	struct group *g = s->groups;

	while (g && strcmp(g->name, name))
		g = g->next;
	return g ? g : group_new(s, name);
}

int vc_dest_join(struct vc_dest *d, const char *name)
{
	struct vc_dest **last;

	d->group = vc_keychain_is_on(d->s->conf.keychain) ?
			   group_new(d->s, name) :
			   group_of(d->s, name);
	if (!d->group)
		return -ENOMEM;
	for (last = &d->group->dests; *last;)
		last = &(*last)->next_alike;
	*last = d;
	d->group->media |= d->media;
	for (last = &d->s->dests; *last;)
		last = &(*last)->next;
	*last = d;
	return 0;
}

static void leave(struct vc_dest *d)
{
	struct vc_dest **at = &d->group->dests;
	struct group **of = &d->s->groups;

	if (d->group->dests == d && !d->next_alike)
		vc_group_free_streams(d->group);
	while (*at != d)
		at = &(*at)->next_alike;
	*at = d->next_alike;
	for (at = &d->s->dests; *at != d;)
		at = &(*at)->next;
	*at = d->next;
	if (d->group->dests)
		return;
	while (*of != d->group)
		of = &(*of)->next;
	*of = d->group->next;
	free(d->group);
}

/* --- life --- */

static void pace_due(void *ctx, int64_t now)
{
	(void)now;
	vc_dest_flush(ctx);
}

void vc_dest_begin(struct vc_dest *d)
{
	vc_pace_init(&d->pace, d->s->conf.rate_bps, BURST);
	d->pace_timer = (struct vc_timer){ .fn = pace_due, .ctx = d };
}

static void list_busy(struct vc_dest *d)
{
	if (d->is_listed)
		return;
	d->is_listed = true;
	d->next_busy = NULL;
	*d->s->last_busy = d;
	d->s->last_busy = &d->next_busy;
}

static void unlist_busy(struct vc_dest *d)
{
	struct vc_dest **at = &d->s->busy;

	if (!d->is_listed)
		return;
	while (*at != d)
		at = &(*at)->next_busy;
	*at = d->next_busy;
	if (d->s->last_busy == &d->next_busy)
		d->s->last_busy = at;
	d->is_listed = false;
}

static void drop_first(struct vc_dest *d)
{
	vc_packet_unref(d->queue[d->head].pkt);
	d->head = (d->head + 1) & (d->cap - 1);
	d->n--;
}

void vc_dest_free(struct vc_dest *d)
{
	while (d->n)
		drop_first(d);
	unlist_busy(d);
	vc_timer_cancel(d->s->loop, &d->pace_timer);
	vc_timer_cancel(d->s->loop, &d->time_timer);
	if (d->port)
		vc_port_unlisten(d->port, d);
	if (d->srtp && d->own.dtls)
		d->srtp->seal = NULL; /* which goes with the port */
	vc_port_close(&d->own);
	while (d->feedback) {
		struct feedback *f = d->feedback;

		d->feedback = f->next;
		free(f);
	}
	vc_txcc_free(d);
	vc_txrepair_free(d);
	if (d->group)
		leave(d);
	vc_dest_unsecure(d);
	free(d->place);
	free(d->queue);
	free(d);
}

/* --- sending --- */

void vc_dest_complain(struct vc_dest *d, int err)
{
	static const char *const once[VC_UDP_ERRORS] = {
		[VC_UDP_REFUSED] = "refused: nobody listens there; sending "
				   "goes on",
		[VC_UDP_TOOBIG] = "send: packets are longer than the way there "
				  "takes, and lost (cure: let their producer "
				  "make them of at most 1200 octets)",
	};
	enum vc_udp_error e = vc_udp_error_of(err);
	bool is_said = d->said & 1u << e;

	d->counts.errors[e]++;
	if (e == VC_UDP_REFUSED && d->port->dtls)
		vc_dtlsport_refused(d->port->dtls);
	if (e == VC_UDP_NOBUFS || (once[e] && is_said))
		return;
	d->said |= 1u << e;
	vc_tool_warn_limited(
		d->s->tool, &d->s->warn_error[e], "%s: %s%s", d->where.text,
		once[e] ? once[e] : "send: ", once[e] ? "" : strerror(-err));
}

/* As many as may go now and are in a row, at most a batch. */
static size_t gather(struct vc_dest *d, struct vc_udp_piece *pieces,
		     int64_t now)
{
	const struct sockaddr_storage *to = d->is_connected ? NULL : &d->peer;
	size_t n = 0, at = 0;

	while (n < d->n && n < VC_UDP_BATCH) {
		const struct item *i = &d->queue[(d->head + n) & (d->cap - 1)];
		size_t len = i->pkt->len;
		int err;

		if (d->pace.rate_bps && vc_pace_next(&d->pace, now) > now)
			break;
		pieces[n] = (struct vc_udp_piece){
			.head = i->head,
			.head_len = i->head_len,
			.body = i->pkt->data + i->head_len,
			.body_len = (uint16_t)(len - i->head_len),
			.to = to,
			.dscp = i->dscp,
		};
		err = d->srtp ? vc_dest_seal(d, i->pkt, &pieces[n], &at) : 0;
		if (err) {
			/* The others first; then it is its turn again. */
			if (n)
				break;
			vc_dest_unsealed(d, err);
			drop_first(d);
			continue;
		}
		if (d->pace.rate_bps)
			vc_pace_sent(&d->pace, len, now);
		n++;
	}
	return n;
}

static void count_sent(struct vc_dest *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		d->counts.packets++;
		d->counts.octets += d->queue[d->head].pkt->len;
		drop_first(d);
	}
}

/* A batch: all of it goes or is counted as what became of it. */
static void send_batch(struct vc_dest *d, struct vc_udp_piece *pieces, size_t n)
{
	bool is_again = false;
	size_t done = 0, sent;

	while (done < n) {
		int err = vc_udp_send(d->port->rtp, pieces + done, n - done,
				      &sent);

		count_sent(d, sent);
		done += sent;
		if (!err)
			return;
		vc_dest_complain(d, err);
		is_again = is_again && !sent;
		/* It may be of an earlier one: then this one can still go. */
		if (!is_again && err != -EAGAIN && err != -ENOBUFS) {
			is_again = true;
			continue;
		}
		is_again = false;
		d->counts.dropped++;
		drop_first(d);
		done++;
	}
}

/*
 * Segments are for floods: at the rate of one conference a capture beside us
 * is to show packets as they are.
 */
static void measure(struct vc_dest *d, size_t n, int64_t now)
{
	int64_t span = now - d->measured;

	d->measured_n += n;
	if (span < MEASURE)
		return;
	vc_udp_segment(d->port->rtp,
		       vc_tool_options(d->s->tool)->batch &&
			       d->measured_n * VC_SEC / (uint64_t)span >=
				       SEGMENT_RATE);
	d->measured_n = 0;
	d->measured = now;
}

void vc_dest_flush(struct vc_dest *d)
{
	struct vc_udp_piece pieces[VC_UDP_BATCH];
	int64_t now = vc_loop_now(d->s->loop);

	if (d->cc)
		vc_txcc_release(d, now);
	while (d->n) {
		size_t n = gather(d, pieces, now);

		if (!n && d->n) {
			vc_timer_arm(d->s->loop, &d->pace_timer,
				     vc_pace_next(&d->pace, now));
			return;
		}
		send_batch(d, pieces, n);
		measure(d, n, now);
	}
	if (d->srtp && !vc_dest_is_busy(d))
		vc_dest_forget_gone(d);
}

void vc_dest_give_up(struct vc_dest *d)
{
	size_t kept = 0;

	if (d->cc)
		vc_txcc_give_up(d);
	if (!d->pace.rate_bps)
		return;
	for (size_t i = 0; i < d->n; i++) {
		struct item *from = &d->queue[(d->head + i) & (d->cap - 1)];

		if (from->is_rtp) {
			vc_packet_unref(from->pkt);
			d->counts.dropped++;
			continue;
		}
		d->queue[(d->head + kept) & (d->cap - 1)] = *from;
		kept++;
	}
	d->n = kept;
	vc_pace_rate(&d->pace, 0, BURST);
}

bool vc_dest_may_send(struct vc_dest *d, size_t len)
{
	d->octets_out += len;
	if (!d->is_unproven || d->octets_out <= LEVERAGE * d->octets_in)
		return true;
	d->octets_out -= len;
	d->counts.held++;
	return false;
}

/* What it was sent before, where it was, proves nothing. */
void vc_dest_doubt(struct vc_dest *d)
{
	d->is_unproven = true;
	d->octets_in = d->octets_out = 0;
	d->log.n = 0;
}

/* Most destinations never have more than a few that wait. */
static bool grow(struct vc_dest *d)
{
	size_t max = d->s->conf.rate_bps ? PACED_QUEUE : QUEUE;
	size_t cap = d->cap ? 2 * d->cap : LEAST_QUEUE;
	struct item *queue;

	if (d->cap == max)
		return false;
	queue = vc_try_alloc(cap, sizeof(*queue));
	if (!queue)
		return false;
	for (size_t i = 0; i < d->n; i++)
		queue[i] = d->queue[(d->head + i) & (d->cap - 1)];
	free(d->queue);
	d->queue = queue;
	d->cap = cap;
	d->head = 0;
	return true;
}

/* 0 or -ENOMEM. */
static int make_room(struct vc_dest *d)
{
	if (d->n < d->cap || grow(d))
		return 0;
	if (d->n && !d->pace.rate_bps)
		vc_dest_flush(d);
	if (d->n < d->cap)
		return 0;
	d->counts.dropped++;
	if (!d->cap)
		return -ENOMEM;
	drop_first(d);
	return 0;
}

/*
 * 'pkt' has been referred to for the item. Where that is one of two, its header
 * can be written into it: it is one piece then.
 */
static void set_head(struct item *i, const uint8_t *head)
{
	struct vc_packet *pkt = i->pkt;

	i->is_rtp = head;
	i->head_len = 0;
	if (!head || head == pkt->data)
		return;
	if (pkt->refs == 2) {
		memcpy(pkt->data, head, VC_RTP_HEADER);
		return;
	}
	memcpy(i->head, head, VC_RTP_HEADER);
	i->head_len = VC_RTP_HEADER;
}

void vc_dest_queue(struct vc_dest *d, struct vc_packet *pkt,
		   const uint8_t *head, uint8_t dscp)
{
	struct item *i;

	if (vc_dest_lacks_key(d)) {
		d->counts.waiting++;
		return;
	}
	if (!vc_dest_may_send(d, pkt->len))
		return;
	if (make_room(d))
		return;
	list_busy(d);
	i = &d->queue[(d->head + d->n) & (d->cap - 1)];
	d->n++;
	i->pkt = vc_packet_ref(pkt);
	i->dscp = dscp;
	set_head(i, head);
}

/* False: it may go at once. */
static bool is_kept_back(struct vc_dest *d, struct vc_packet *pkt,
			 const uint8_t *head, uint8_t dscp)
{
	if (!vc_breaker_lets(d, pkt->len))
		return true;
	if (!d->cc)
		return false;
	vc_txcc_hold(d, pkt, head, dscp);
	list_busy(d);
	return true;
}

void vc_dest_put(struct vc_dest *d, struct vc_packet *pkt, const uint8_t *head,
		 uint8_t dscp)
{
	if (d->is_guarded && head && !vc_dest_lacks_key(d) &&
	    is_kept_back(d, pkt, head, dscp))
		return;
	vc_dest_queue(d, pkt, head, dscp);
}

bool vc_dest_is_busy(const struct vc_dest *d)
{
	return d->n > 0 || vc_txcc_is_busy(d);
}
