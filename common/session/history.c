/* SPDX-License-Identifier: MIT */
/*
 * A ring with a place for each sequence number modulo its size, from 'tail',
 * the oldest number that may be there, to 'high', the newest. The tail moves up
 * until the bounds hold; places of numbers that never came are passed over, no
 * more of them than the ring has.
 */
#include "session/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"

#define PACKETS 1024
#define PACKETS_MAX 16384
#define OCTETS ((size_t)2 << 20)
#define AGE VC_SEC
#define AGE_MAX (5 * VC_SEC)

struct vc_history {
	struct vc_history_conf conf;
	int64_t age;
	uint16_t tail;
	uint16_t high;
	unsigned int n;
	size_t octets;
	uint16_t mask;
	struct vc_history_item *ring;
};

struct vc_history *vc_history_new(const struct vc_history_conf *conf)
{
	struct vc_history *h = vc_try_alloc(1, sizeof(*h));
	unsigned int want, size = 16;

	if (!h)
		return NULL;
	h->conf = *conf;
	want = conf->packets ? conf->packets : PACKETS;
	while (size < want && size < PACKETS_MAX)
		size *= 2;
	if (!h->conf.octets)
		h->conf.octets = OCTETS;
	if (!h->conf.age)
		h->conf.age = AGE;
	h->age = h->conf.age;
	h->mask = (uint16_t)(size - 1);
	h->ring = vc_try_alloc(size, sizeof(*h->ring));
	if (h->ring)
		return h;
	free(h);
	return NULL;
}

static void drop(struct vc_history *h, struct vc_history_item *i)
{
	if (!i->pkt)
		return;
	h->n--;
	h->octets -= i->pkt->len;
	vc_packet_unref(i->pkt);
	i->pkt = NULL;
}

static struct vc_history_item *place(const struct vc_history *h, uint16_t seq)
{
	return &h->ring[seq & h->mask];
}

static void forget_all(struct vc_history *h)
{
	for (unsigned int i = 0; i <= h->mask; i++)
		drop(h, &h->ring[i]);
}

void vc_history_free(struct vc_history *h)
{
	if (!h)
		return;
	forget_all(h);
	free(h->ring);
	free(h);
}

void vc_history_rtt(struct vc_history *h, int64_t rtt)
{
	int64_t age = rtt < AGE_MAX ? rtt * 5 / 2 : AGE_MAX;

	h->age = age < h->conf.age ? h->conf.age : age;
	if (h->age > AGE_MAX && h->conf.age < AGE_MAX)
		h->age = AGE_MAX;
}

/* Drops the oldest until 'len' more octets fit; those too old go anyway. */
static void shrink(struct vc_history *h, size_t len, int64_t now)
{
	while (h->n) {
		struct vc_history_item *i = place(h, h->tail);

		if (i->pkt && h->octets + len <= h->conf.octets &&
		    now - i->sent <= h->age)
			return;
		drop(h, i);
		h->tail++;
	}
}

/* Moves the ring up to 'seq'. False: it is from before all that is kept. */
static bool reach(struct vc_history *h, uint16_t seq)
{
	int ahead = vc_seq_diff(h->high, seq);

	if (h->n && ahead < 0)
		return (uint16_t)(h->high - seq) <=
		       (uint16_t)(h->high - h->tail);
	if (!h->n || ahead > h->mask) {
		forget_all(h);
		h->tail = seq;
	}
	h->high = seq;
	while ((uint16_t)(seq - h->tail) > h->mask) {
		drop(h, place(h, h->tail));
		h->tail++;
	}
	return true;
}

void vc_history_put(struct vc_history *h, struct vc_packet *pkt,
		    const uint8_t head[static VC_RTP_HEADER], int64_t now)
{
	uint16_t seq = vc_rtp_get_seq(head);
	struct vc_history_item *i;

	if (pkt->len < VC_RTP_HEADER || pkt->len > h->conf.octets)
		return;
	shrink(h, pkt->len, now);
	if (!reach(h, seq))
		return;
	i = place(h, seq);
	drop(h, i);
	*i = (struct vc_history_item){ .pkt = vc_packet_ref(pkt),
				       .sent = now,
				       .seq = seq };
	memcpy(i->head, head, sizeof(i->head));
	h->n++;
	h->octets += pkt->len;
}

const struct vc_history_item *vc_history_get(const struct vc_history *h,
					     uint16_t seq, int64_t now)
{
	const struct vc_history_item *i = place(h, seq);

	if (!i->pkt || i->seq != seq || now - i->sent > h->age)
		return NULL;
	return i;
}

const struct vc_history_item *vc_history_newest(const struct vc_history *h,
						int64_t now)
{
	return h->n ? vc_history_get(h, h->high, now) : NULL;
}

unsigned int vc_history_packets(const struct vc_history *h)
{
	return h->n;
}

size_t vc_history_octets(const struct vc_history *h)
{
	return h->octets;
}
