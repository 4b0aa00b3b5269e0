/* SPDX-License-Identifier: MIT */
/* What happens to a packet that has left the bottleneck; see session/impair.h. */
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "session/impair_internal.h"
#include "session/impair_jitter.h"

#define LATE_FOR VC_SEC /* when nobody comes to overtake them */
#define ONE (UINT64_C(1) << 32)

enum { RANK_ITSELF, RANK_COPY, RANK_LATE };

static bool hits(const struct vc_rand_line *die, uint64_t n, uint32_t share)
{
	if (!share)
		return false;
	return (vc_rand_at(die, n) >> 32) * VC_IMPAIR_ALL < share * ONE;
}

/* --- acts --- */

void vc_impair_tell_lost(struct vc_impair *im, uint64_t number,
			 enum vc_impair_fate fate)
{
	const struct vc_impair_act act = {
		.number = number,
		.fate = fate,
		.bit = -1,
	};

	if (im->tell)
		im->tell(im->tell_ctx, &act);
}

/* It comes out at item->due, that is settled. */
void vc_impair_settle(struct vc_impair *im, const struct vc_delayed *item)
{
	const struct vc_impair_act act = {
		.number = item->number,
		.fate = VC_FATE_PASSES,
		.is_copy = item->is_copy,
		.delay = item->due - item->entered,
		.order = item->order,
		.bit = item->bit,
	};
	const struct vc_waiting waiting = {
		.due = item->due,
		.order = item->order,
		.pkt = item->pkt,
		.tag = item->tag,
		.is_by = item->is_by,
	};

	vc_delayq_push(&im->q, &waiting);
	if (im->tell)
		im->tell(im->tell_ctx, &act);
}

/* --- behind the bottleneck --- */

/* A packet of the same octets but one bit, if there is memory. */
static struct vc_packet *with_bit(struct vc_impair *im, struct vc_packet *pkt,
				  uint64_t bit)
{
	struct vc_packet *copy = vc_packet_new(pkt->pool, pkt->len);

	if (!copy)
		return NULL;
	memcpy(copy->data, pkt->data, pkt->len);
	copy->len = pkt->len;
	copy->arrival = pkt->arrival;
	copy->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	im->counts.corrupted++;
	return copy;
}

void vc_impair_corrupt(struct vc_impair *im, struct vc_delayed *item,
		       uint64_t bit)
{
	struct vc_packet *pkt = with_bit(im, item->pkt, bit);

	if (!pkt)
		return;
	im->octets += pkt->cap;
	im->octets -= item->pkt->cap;
	vc_packet_unref(item->pkt);
	item->pkt = pkt;
	item->bit = (int64_t)bit;
}

/* One more packet: those that it was to overtake follow it. */
static void overtake(struct vc_impair *im, const struct vc_delayed *by)
{
	size_t n = 0, released = 0;

	for (size_t i = 0; i < im->n_late; i++) {
		struct vc_delayed *item = &im->late[i];

		item->to_pass--;
		if (item->to_pass) {
			im->late[n] = *item;
			n++;
			continue;
		}
		if (by->due < item->due)
			item->due = by->due;
		item->order = by->number << 8 | (RANK_LATE + released);
		released++;
		vc_impair_settle(im, item);
	}
	im->n_late = n;
}

static void schedule(struct vc_impair *im, struct vc_delayed *item,
		     const struct vc_rand_line *die)
{
	const struct vc_impair_conf *c = &im->conf;
	int64_t delay = c->delay;

	if (c->jitter || c->distribution == VC_JITTER_TRACE)
		delay += vc_impair_jitter(c, vc_rand_at(die, item->n), item->n);
	if (c->skew_ppb)
		delay += (int64_t)((__int128)(item->leaves - im->begin -
					      c->skew_from) *
				   c->skew_ppb / 1000000000);
	item->due = item->leaves + (delay > 0 ? delay : 0);
	item->order = item->number << 8 |
		      (item->is_copy ? RANK_COPY : RANK_ITSELF);
	if (item->is_late && item->to_pass) {
		item->due += LATE_FOR;
		im->late[im->n_late] = *item;
		im->n_late++;
		return;
	}
	if (item->is_late)
		item->due += c->reorder_time;
	else if (c->keeps_order && item->due < im->last_due)
		item->due = im->last_due;
	if (!item->is_late && item->due > im->last_due)
		im->last_due = item->due;
	vc_impair_settle(im, item);
	overtake(im, item);
}

static void duplicate(struct vc_impair *im, const struct vc_delayed *first)
{
	struct vc_delayed item = *first;

	item.is_late = false;
	item.is_copy = true;
	item.to_pass = 0;
	vc_packet_ref(item.pkt);
	im->octets += item.pkt->cap;
	im->counts.duplicated++;
	schedule(im, &item, &im->dice.jitter_copy);
}

/* A packet has left the bottleneck. */
void vc_impair_go_on(struct vc_impair *im, struct vc_delayed *item)
{
	const struct vc_impair_conf *c = &im->conf;
	size_t len = item->pkt->len, from = c->corrupt_from;

	if (len > from && hits(&im->dice.corrupt, item->n, c->corrupt_share))
		vc_impair_corrupt(im, item,
				  8 * from +
					  vc_rand_at(&im->dice.bit, item->n) %
						  (8 * (len - from)));
	item->is_late = hits(&im->dice.reorder, item->n, c->reorder_share) &&
			(!c->reorder_by || im->n_late < VC_IMPAIR_LATE_MAX);
	if (item->is_late) {
		item->to_pass = c->reorder_by;
		im->counts.reordered++;
	}
	schedule(im, item, &im->dice.jitter);
	if (hits(&im->dice.duplicate, item->n, c->duplicate_share))
		duplicate(im, item);
}

/* CoDel's: until now it counted as passed. */
void vc_impair_dropped(struct vc_impair *im, struct vc_delayed *item)
{
	if (!item->pkt)
		return;
	im->counts.fate[VC_FATE_PASSES]--;
	im->counts.fate[VC_FATE_CODEL]++;
	im->octets -= item->pkt->cap;
	vc_packet_unref(item->pkt);
	vc_impair_tell_lost(im, item->number, VC_FATE_CODEL);
}

/* Nobody has come by to overtake them. */
void vc_impair_give_up(struct vc_impair *im, int64_t now)
{
	size_t n = 0;

	for (size_t i = 0; i < im->n_late; i++) {
		if (im->late[i].due <= now) {
			vc_impair_settle(im, &im->late[i]);
			continue;
		}
		im->late[n] = im->late[i];
		n++;
	}
	im->n_late = n;
}
