/* SPDX-License-Identifier: MIT */
/*
 * What waits for its destination goes out in batches before the loop sleeps, or
 * as --pace lets it. With 1,000 destinations, each with a socket and a key, what
 * a packet needs is in no cache: so work of one kind is done for many of them
 * in a row, and what the next ones need is fetched meanwhile.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/dtlsport.h"
#include "link/rtptx_internal.h"

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

/*
 * What goes out at once, of as many destinations as it takes: first all of it
 * is sealed, then all of it is sent, as what the one needs is in no cache any
 * more when the other has been at work.
 */
struct volley {
	int64_t now;
	size_t n;
	size_t at; /* in the scratch */
	size_t n_of;
	struct share {
		struct vc_dest *d;
		size_t n;    /* of its queue, from the first on */
		size_t left; /* of these */
	} of[VC_UDP_BATCH];
	struct vc_udp_piece pieces[VC_UDP_BATCH];
};

static void begin(struct volley *v, const struct vc_rtptx *s)
{
	v->now = vc_loop_now(s->loop);
	v->n = v->n_of = v->at = 0;
}

/* The packet is the next of 'd' in it. 0, or -errno of vc_dest_seal(). */
static int load(struct volley *v, struct vc_dest *d, const struct item *i)
{
	struct vc_udp_piece *p = &v->pieces[v->n];
	size_t len = i->pkt->len;
	int err;

	*p = (struct vc_udp_piece){
		.head = i->head,
		.head_len = i->head_len,
		.body = i->pkt->data + i->head_len,
		.body_len = (uint16_t)(len - i->head_len),
		.to = d->is_connected ? NULL : &d->peer,
		.dscp = i->dscp,
	};
	err = d->srtp ? vc_dest_seal(d, i->pkt, p, &v->at) : 0;
	if (err)
		return err;
	if (d->pace.rate_bps)
		vc_pace_sent(&d->pace, len, v->now);
	v->n++;
	return 0;
}

/* What may go now. False: the volley has to go first, then the rest can. */
static bool gather(struct volley *v, struct vc_dest *d)
{
	size_t n = 0;
	bool is_all = true;

	if (v->n == VC_UDP_BATCH)
		return !d->n;
	while (n < d->n && is_all) {
		const struct item *i = &d->queue[(d->head + n) & (d->cap - 1)];
		int err;

		if (d->pace.rate_bps &&
		    vc_pace_next(&d->pace, v->now) > v->now) {
			vc_timer_arm(d->s->loop, &d->pace_timer,
				     vc_pace_next(&d->pace, v->now));
			break;
		}
		err = v->n < VC_UDP_BATCH ? load(v, d, i) : -ENOSPC;
		if (!err) {
			n++;
		} else if (v->n) {
			is_all = false;
		} else {
			vc_dest_unsealed(d, err);
			vc_dest_drop_first(d);
		}
	}
	if (n) {
		v->of[v->n_of] = (struct share){ d, n, n };
		v->n_of++;
	}
	return is_all;
}

/* Whose piece is next. */
static struct vc_dest *next_of(struct share **of)
{
	while (!(*of)->left)
		++*of;
	return (*of)->d;
}

/* It has gone, or is given up. */
static void be_done(struct share **of)
{
	vc_dest_drop_first(next_of(of));
	(*of)->left--;
}

static void count_sent(struct share **of, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct vc_dest *d = next_of(of);

		d->counts.packets++;
		d->counts.octets += d->queue[d->head].pkt->len;
		be_done(of);
	}
}

/* A batch of one port: all of it goes or is counted as what became of it. */
static void send_batch(struct vc_port *port, struct share *of,
		       const struct vc_udp_piece *pieces, size_t n)
{
	bool is_again = false;
	size_t done = 0, sent;

	while (done < n) {
		int err =
			vc_udp_send(port->rtp, pieces + done, n - done, &sent);

		count_sent(&of, sent);
		done += sent;
		if (!err)
			return;
		/* Of another one, who has been told. */
		if (vc_port_hear(port))
			continue;
		vc_dest_complain(next_of(&of), err);
		is_again = is_again && !sent;
		/* It may be of an earlier one: then this one can still go. */
		if (!is_again && !port->is_for_many && err != -EAGAIN &&
		    err != -ENOBUFS) {
			is_again = true;
			continue;
		}
		is_again = false;
		next_of(&of)->counts.dropped++;
		be_done(&of);
		done++;
	}
}

/* What one of many gets in a row is hardly worth it. */
static void measure(struct vc_dest *d, size_t n, int64_t now)
{
	if (!d->port->is_for_many && vc_tool_options(d->s->tool)->batch)
		vc_udp_segment(d->port->rtp, vc_flood_count(&d->flood, n, now));
}

/* Those from the i-th on that are sent by the same port: how many, and pieces. */
static size_t run_of(const struct volley *v, size_t i, size_t *pieces)
{
	const struct vc_port *port = v->of[i].d->port;
	size_t n = 0;

	*pieces = 0;
	for (; i + n < v->n_of && v->of[i + n].d->port == port; n++)
		*pieces += v->of[i + n].n;
	return n;
}

static void fire(struct volley *v)
{
	const struct vc_udp_piece *p = v->pieces;
	size_t run, n;

	for (size_t i = 0; i < v->n_of; i += run) {
		run = run_of(v, i, &n);
		if (i + run < v->n_of)
			vc_udp_fetch(v->of[i + run].d->port->rtp);
		send_batch(v->of[i].d->port, &v->of[i], p, n);
		p += n;
		for (size_t k = i; k < i + run; k++) {
			struct vc_dest *d = v->of[k].d;

			measure(d, v->of[k].n, v->now);
			if (d->srtp && !vc_dest_is_busy(d))
				vc_dest_forget_gone(d);
		}
	}
	v->n = v->n_of = v->at = 0;
}

/* The rows of those that are next, each a step further: see vc_srtp_fetch(). */
#define STEPS (2 + VC_SEAL_FETCH_STEPS)

static void fetch(const struct vc_dest *d, unsigned int step)
{
	if (step == 0) {
		vc_fetch(d, offsetof(struct vc_dest, counts));
	} else if (step == 1) {
		vc_fetch(d->queue + d->head, sizeof(*d->queue));
		vc_fetch(d->srtp, 1);
		vc_fetch(&d->port->rtp, 1);
	} else if (d->srtp && d->srtp->seal) {
		vc_seal_fetch(d->srtp->seal, step - 2);
	}
}

static void fetch_ahead(const struct vc_dest *d)
{
	for (unsigned int i = STEPS; d && i > 0; d = d->next_busy)
		fetch(d, --i);
}

static void flush_into(struct volley *v, struct vc_dest *d)
{
	if (d->cc) {
		fire(v); /* this may send by itself */
		vc_txcc_release(d, v->now);
	}
	while (!gather(v, d))
		fire(v);
}

void vc_dest_flush(struct vc_dest *d)
{
	struct volley v;

	begin(&v, d->s);
	flush_into(&v, d);
	fire(&v);
}

void vc_rtptx_flush(struct vc_rtptx *s)
{
	struct vc_dest *d = s->busy;
	struct volley v;

	begin(&v, s);
	s->busy = NULL;
	s->last_busy = &s->busy;
	while (d) {
		struct vc_dest *next = d->next_busy;

		d->is_listed = false;
		fetch_ahead(next);
		flush_into(&v, d);
		d = next;
	}
	fire(&v);
}
