/* SPDX-License-Identifier: MIT */
/*
 * A destination and its ring of packets, which wait for rtptx_send.c. One that
 * has a port of its own is connected, so that what refuses or reports there is
 * known to come from there. Destinations of one name are a group.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/rtptx_repair.h"

#define LEAST_QUEUE 8
#define QUEUE VC_UDP_BATCH /* goes out when it is full */
#define PACED_QUEUE 8192   /* waits; the oldest is dropped when it is full */
#define LEVERAGE 3	   /* octets out for one in, to who is unproven */
#define BURST 3000	   /* octets that --pace=RATE lets go at once */

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

void vc_dest_drop_first(struct vc_dest *d)
{
	vc_packet_unref(d->queue[d->head].pkt);
	d->head = (d->head + 1) & (d->cap - 1);
	d->n--;
}

void vc_dest_free(struct vc_dest *d)
{
	while (d->n)
		vc_dest_drop_first(d);
	unlist_busy(d);
	vc_hub_leave(d);
	d->s->n_alone -= d->is_alone;
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

/* --- its queue --- */

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
VC_COLD static bool grow(struct vc_dest *d)
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
	vc_dest_drop_first(d);
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
