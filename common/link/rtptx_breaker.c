/* SPDX-License-Identifier: MIT */
/*
 * Circuit breakers (RFC 8083; session/circuit.h). What was sent is told each
 * second and with each report, from the counts, so that nothing is done for a packet as long as the
 * breaker is closed.
 *
 * Streams to one destination share a path, so they are judged together: reports
 * by all that they say, the rate by what one stream has on average.
 *
 * Who has reported before is looked for while he is silent, with a little of
 * the media, 40 kbit/s at most: a receiver that has forgotten us needs some
 * packets in a row, and may send back no more than a twentieth of them. Who
 * never reported gets nothing.
 */
#include "base/json.h"
#include "base/time.h"
#include "link/addrrule.h"
#include "link/rtptx_internal.h"
#include "tool/control.h"
#include "wire/rtcp.h"

#define TRY_EVERY (400 * VC_MS)
#define TRY_OCTETS 2000

static const char *const states[] = {
	[VC_CIRCUIT_CLOSED] = "closed",
	[VC_CIRCUIT_REDUCED] = "reduced",
	[VC_CIRCUIT_OPEN] = "open",
};

static const char *const whys[] = {
	[VC_CIRCUIT_FINE] = "fine",
	[VC_CIRCUIT_RTCP] = "silence",
	[VC_CIRCUIT_MEDIA] = "nothing arrives",
	[VC_CIRCUIT_CONGESTION] = "congestion",
	[VC_CIRCUIT_USELESS] = "loss",
};

/* --- life --- */

void vc_breaker_begin(struct vc_dest *d)
{
	const struct vc_bwe_opts *o = &d->s->conf.bwe;
	struct tx_breaker *b = &d->breaker;

	if (o->breaker == VC_BREAKER_OFF || vc_udp_is_multicast(&d->peer) ||
	    d->port->rtcp_at == VC_RTCP_AT_OFF)
		return;
	b->is_on = true;
	/* Who sends to us himself is there: that is a bridge's people. */
	b->is_strict = o->breaker == VC_BREAKER_ON || o->by != VC_BWE_OFF ||
		       /* This machine is no network that could be congested. */
		       ((d->port == &d->own || d->port->is_for_many) &&
			!vc_addr_is_here(&d->peer));
	b->rtt = -1;
	vc_circuit_init(&b->circuit, vc_rtcptime_interval(&d->time),
			vc_loop_now(d->s->loop));
}

/* --- what is told of it --- */

static void tell_event(const struct vc_dest *d, int64_t now)
{
	const struct vc_circuit *c = &d->breaker.circuit;
	struct vc_json *ev = vc_json_event("breaker", now);

	if (d->where.name[0])
		vc_json_set_str(ev, "name", d->where.name);
	vc_json_set_str(ev, "to", d->where.text);
	vc_json_set_str(ev, "state", states[c->state]);
	vc_json_set_str(ev, "why", whys[c->why]);
	vc_control_event(d->s->tool, ev);
	vc_json_free(ev);
}

static void warn_open(const struct vc_dest *d)
{
	const struct tx_breaker *b = &d->breaker;
	const char *why[] = {
		[VC_CIRCUIT_RTCP] =
			b->has_heard ?
				"no report came for so long; it goes on when "
				"one comes" :
				"nobody there has reported what arrives; it "
				"goes on when somebody does (where nobody "
				"ever will: rtcp=off, or --breaker=off)",
		[VC_CIRCUIT_MEDIA] = "reports say that nothing arrives; it "
				     "goes on when they say that it does",
		[VC_CIRCUIT_CONGESTION] = "the path is congested for long; "
					  "the command resume goes on",
		[VC_CIRCUIT_USELESS] = "nearly all of it is lost; the command "
				       "resume goes on",
	};

	vc_tool_warn(d->s->tool, "%s: stopped: %s", d->where.text,
		     why[b->circuit.why]);
}

static void warn(const struct vc_dest *d)
{
	switch (d->breaker.circuit.state) {
	case VC_CIRCUIT_OPEN:
		warn_open(d);
		break;
	case VC_CIRCUIT_REDUCED:
		vc_tool_warn(d->s->tool,
			     "%s: the path is congested: a tenth is sent",
			     d->where.text);
		break;
	case VC_CIRCUIT_CLOSED:
		vc_tool_warn(d->s->tool, "%s: sending goes on", d->where.text);
		break;
	}
}

/* Its state may be another one now. */
static void settle(struct vc_dest *d, int64_t now)
{
	struct tx_breaker *b = &d->breaker;
	const struct vc_circuit *c = &b->circuit;

	if (b->told == c->state && b->told_why == c->why)
		return;
	if (b->told == VC_CIRCUIT_OPEN) {
		vc_txcc_resume(d);
		vc_dest_ask_keys(d);
	}
	b->told = c->state;
	b->told_why = c->why;
	b->try_at = now;
	b->try_left = 0;
	warn(d);
	tell_event(d, now);
	/* What is held does not go in one burst, as its limit does. */
	if (c->state == VC_CIRCUIT_OPEN && d->cc)
		vc_txcc_give_up(d);
	vc_txcc_limit(d, c->state == VC_CIRCUIT_REDUCED ?
				 c->limit_bps * b->n_streams :
				 0);
	d->is_guarded = d->cc || c->state == VC_CIRCUIT_OPEN;
}

/* --- what was sent --- */

static unsigned int count_streams(const struct vc_dest *d)
{
	const struct stream *st = d->group->streams;
	unsigned int n = 0;

	for (; st; st = st->next)
		n += st->has_begun && (d->media & 1u << st->kind);
	return n ? n : 1;
}

/* RTCP is not what anybody reports on. What of it waits has not gone, so the
 * difference may be less than it was. */
static void tell_sent(struct vc_dest *d, int64_t now)
{
	const struct dest_counts *c = &d->counts;
	struct tx_breaker *b = &d->breaker;
	uint64_t packets = c->packets - c->queued_rtcp;
	uint64_t octets = c->octets - c->queued_rtcp_octets;
	uint64_t n_packets, n_octets;

	if (c->packets < c->queued_rtcp || packets <= b->packets ||
	    octets <= b->octets)
		return;
	b->n_streams = count_streams(d);
	n_packets = packets - b->packets;
	n_octets = octets - b->octets;
	b->packets = packets;
	b->octets = octets;
	if (n_packets < b->n_streams)
		n_packets = b->n_streams;
	vc_circuit_sent(&b->circuit, n_packets / b->n_streams,
			n_octets / b->n_streams, now);
}

void vc_breaker_tick(struct vc_dest *d, int64_t now)
{
	struct tx_breaker *b = &d->breaker;

	if (!b->is_on)
		return;
	if (b->circuit.state != VC_CIRCUIT_OPEN)
		tell_sent(d, now);
	if ((b->is_strict || b->has_heard) &&
	    now >= vc_circuit_next(&b->circuit))
		vc_circuit_due(&b->circuit, now);
	settle(d, now);
}

/* --- packets while it is open --- */

/* What is sent, by whom nobody hears of, is to find out whether he is back. */
static bool may_try(struct tx_breaker *b, size_t len, int64_t now)
{
	bool is_looking = b->circuit.why == VC_CIRCUIT_RTCP ||
			  b->circuit.why == VC_CIRCUIT_MEDIA;

	if (!b->has_heard || !is_looking)
		return false;
	if (now >= b->try_at) {
		b->try_at = now + TRY_EVERY;
		b->try_left = TRY_OCTETS;
	}
	if (!b->try_left)
		return false;
	b->try_left -= len < b->try_left ? len : b->try_left;
	return true;
}

bool vc_breaker_lets(struct vc_dest *d, size_t len)
{
	struct tx_breaker *b = &d->breaker;

	if (b->circuit.state != VC_CIRCUIT_OPEN ||
	    may_try(b, len, vc_loop_now(d->s->loop)))
		return true;
	b->stopped++;
	return false;
}

/* --- what is reported --- */

void vc_breaker_block(struct vc_dest *d, const struct feedback *f,
		      const struct vc_rtcp_report *rep)
{
	struct tx_breaker *b = &d->breaker;
	int32_t more = f->reports ? vc_ts_diff(f->highest, rep->highest) : 1;

	if (more > 0) {
		b->advance += (uint32_t)more;
		b->lost += (uint64_t)(uint32_t)more * rep->fraction;
	}
	if (rep->fraction > b->worst)
		b->worst = rep->fraction;
	b->n_blocks++;
}

static void take_blocks(struct vc_dest *d, int64_t now)
{
	struct tx_breaker *b = &d->breaker;
	struct vc_circuit *c = &b->circuit;
	struct vc_rtcp_report all = { .fraction = b->worst };

	if (c->state != VC_CIRCUIT_OPEN)
		tell_sent(d, now);
	b->highest += (uint32_t)b->advance;
	all.highest = b->highest;
	if (b->advance)
		all.fraction = (uint8_t)(b->lost / b->advance);
	vc_circuit_report(c, &all, b->rtt, now);
	if (b->advance && c->state == VC_CIRCUIT_OPEN &&
	    c->why == VC_CIRCUIT_MEDIA)
		(void)vc_circuit_reset(c, now);
	b->n_blocks = 0;
	b->advance = b->lost = 0;
	b->worst = 0;
}

static int64_t rtt_of(const struct vc_dest *d)
{
	int64_t rtt = vc_txcc_rtt(d);

	for (const struct feedback *f = d->feedback; f && rtt < 0; f = f->next)
		rtt = f->rtt;
	return rtt;
}

void vc_breaker_heard(struct vc_dest *d)
{
	struct tx_breaker *b = &d->breaker;
	int64_t now = vc_loop_now(d->s->loop);

	if (!b->is_on)
		return;
	b->has_heard = true;
	b->rtt = rtt_of(d);
	if (b->n_blocks)
		take_blocks(d, now);
	else
		vc_circuit_heard(&b->circuit, now);
	settle(d, now);
}

bool vc_breaker_reset(struct vc_dest *d)
{
	int64_t now = vc_loop_now(d->s->loop);

	if (!d->breaker.is_on)
		return true;
	if (!vc_circuit_reset(&d->breaker.circuit, now))
		return false;
	settle(d, now);
	return true;
}

void vc_breaker_fill_stats(const struct vc_dest *d, struct vc_json *j)
{
	const struct tx_breaker *b = &d->breaker;
	struct vc_json *one = vc_json_object();

	vc_json_set_str(one, "state",
			b->is_on ? states[b->circuit.state] : "off");
	vc_json_set_str(one, "why", whys[b->circuit.why]);
	vc_json_set_int(one, "trips", (int64_t)b->circuit.trips);
	vc_json_set_int(one, "stopped", (int64_t)b->stopped);
	vc_json_set(j, "breaker", one);
}
