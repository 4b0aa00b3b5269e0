/* SPDX-License-Identifier: MIT */
/* What happens to a packet that goes in; see session/impair.h. */
#include "base/time.h"
#include "session/impair_internal.h"
#include "session/impairacts.h"

static bool is_dark(const struct vc_impair *im, int64_t now)
{
	const struct vc_impair_conf *c = &im->conf;
	int64_t t = now - im->begin;

	for (size_t i = 0; i < c->n_dark; i++) {
		const struct vc_impair_dark *d = &c->dark[i];
		int64_t in = t - d->from;

		if (in < 0 || t >= d->to)
			continue;
		if ((d->every ? in % d->every : in) < d->span)
			return true;
	}
	return false;
}

/* Is there a place before the bottleneck? */
static bool fits(struct vc_impair *im, int64_t now)
{
	const struct vc_impair_conf *c = &im->conf;
	int64_t wait, most = c->queue_time;

	if (!c->rate_bps && !c->link)
		return true;
	wait = vc_bottleneck_wait(&im->neck, now);
	if (c->link && c->queue_octets) {
		if (im->neck.octets > c->queue_octets)
			return false;
		most = INT64_MAX;
	} else if (c->queue_octets) {
		most = (int64_t)((unsigned __int128)c->queue_octets * 8 *
				 (uint64_t)VC_SEC / c->rate_bps);
	}
	if (wait > most)
		return false;
	if (wait > im->counts.queue_max)
		im->counts.queue_max = wait;
	return true;
}

/* Room for the packet and a copy of it, and of all that are to come. */
static bool has_room(struct vc_impair *im, const struct vc_packet *pkt)
{
	return im->octets + 2 * pkt->cap <= im->conf.max_octets &&
	       vc_bottleneck_room(&im->neck) &&
	       vc_delayq_room(&im->q, im->n_late + 2 * (im->neck.n + 2));
}

static enum vc_impair_fate judge(struct vc_impair *im,
				 const struct vc_packet *pkt,
				 const struct vc_impair_what *what, int64_t now)
{
	const struct vc_impair_conf *c = &im->conf;
	/* First: one number, one step of the model. */
	bool lost = vc_impair_is_lost(&im->lossy, c, im->n, what);

	if (c->mtu && pkt->len + c->overhead > c->mtu)
		return VC_FATE_MTU;
	if (is_dark(im, now))
		return VC_FATE_BLACKOUT;
	if (!has_room(im, pkt))
		return VC_FATE_FULL;
	if (!fits(im, now))
		return VC_FATE_QUEUE;
	return lost ? VC_FATE_LOSS : VC_FATE_PASSES;
}

static struct vc_delayed item_of(const struct vc_impair *im, uint64_t tag,
				 int64_t now)
{
	return (struct vc_delayed){
		.tag = tag,
		.n = im->n,
		.number = im->number,
		.entered = now,
		.leaves = now,
		.due = now,
		.order = im->number << 8,
		.bit = -1,
	};
}

/* What takes no part comes out as it came. */
static enum vc_impair_fate pass_by(struct vc_impair *im, struct vc_packet *pkt,
				   uint64_t tag, int64_t now)
{
	struct vc_delayed item = item_of(im, tag, now);

	if (!has_room(im, pkt))
		return VC_FATE_FULL;
	item.pkt = vc_packet_ref(pkt);
	item.is_by = true;
	im->octets += pkt->cap;
	im->counts.passed_by++;
	vc_impair_settle(im, &item);
	return VC_FATE_PASSES;
}

/* Lets it in; what is lost behind the bottleneck takes its time there. */
static void enter(struct vc_impair *im, struct vc_packet *pkt,
		  enum vc_impair_fate fate, uint64_t tag, int64_t now)
{
	struct vc_delayed item = item_of(im, tag, now);
	bool is_there = vc_bottleneck_is_there(&im->neck);

	if (fate == VC_FATE_PASSES) {
		item.pkt = vc_packet_ref(pkt);
		im->octets += pkt->cap;
	}
	item.size = pkt->len + im->conf.overhead;
	if (!is_there && item.pkt)
		vc_impair_go_on(im, &item);
	if (!is_there)
		return;
	vc_bottleneck_push(&im->neck, &item);
	vc_impair_flow(im, now);
}

/* One that comes out as it did; false: no room. */
static bool repeat(struct vc_impair *im, struct vc_packet *pkt,
		   const struct vc_impair_act *act, uint64_t tag, int64_t now)
{
	struct vc_delayed item = item_of(im, tag, now);

	if (!has_room(im, pkt))
		return false;
	item.pkt = vc_packet_ref(pkt);
	im->octets += pkt->cap;
	if (act && act->bit >= 0 && (uint64_t)act->bit / 8 < pkt->len)
		vc_impair_corrupt(im, &item, (uint64_t)act->bit);
	if (act) {
		item.due = now + act->delay;
		item.is_copy = act->is_copy;
		item.order = act->order ? act->order :
					  item.order | act->is_copy;
		im->counts.duplicated += act->is_copy;
	}
	vc_impair_settle(im, &item);
	return true;
}

static enum vc_impair_fate by_script(struct vc_impair *im,
				     struct vc_packet *pkt,
				     const struct vc_impair_what *what,
				     uint64_t tag, int64_t now)
{
	const struct vc_impair_acts *s = im->script;
	const struct vc_impair_act *act = vc_impair_acts_of(s, 0, im->number);
	const struct vc_impair_act *first;

	if (!act && what && what->source)
		act = vc_impair_acts_of(s, vc_impair_stream(what),
					what->number);
	if (!act) {
		im->counts.unscripted++;
		return repeat(im, pkt, NULL, tag, now) ? VC_FATE_PASSES :
							 VC_FATE_FULL;
	}
	if (act->fate != VC_FATE_PASSES) {
		vc_impair_tell_lost(im, im->number, act->fate);
		return act->fate;
	}
	for (first = act; act < s->v + s->n && act->stream == first->stream &&
			  act->number == first->number;
	     act++) {
		if (!repeat(im, pkt, act, tag, now))
			return VC_FATE_FULL;
	}
	return VC_FATE_PASSES;
}

enum vc_impair_fate vc_impair_put(struct vc_impair *im, struct vc_packet *pkt,
				  const struct vc_impair_what *what,
				  uint64_t tag, int64_t now)
{
	const struct vc_impair_conf *c = &im->conf;
	enum vc_impair_fate fate;

	vc_impair_keep_up(im, now);
	im->number++;
	if (!im->script && c->only &&
	    !((what ? what->is : VC_IMPAIR_OTHER) & c->only))
		return pass_by(im, pkt, tag, now);
	im->n++;
	im->counts.packets++;
	im->counts.octets += pkt->len;
	if (im->script) {
		fate = by_script(im, pkt, what, tag, now);
		im->counts.fate[fate]++;
		return fate;
	}
	fate = judge(im, pkt, what, now);
	im->counts.fate[fate]++;
	if (fate != VC_FATE_PASSES)
		vc_impair_tell_lost(im, im->number, fate);
	if (fate == VC_FATE_PASSES || fate == VC_FATE_LOSS)
		enter(im, pkt, fate, tag, now);
	return fate;
}
