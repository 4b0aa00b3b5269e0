/* SPDX-License-Identifier: MIT */
/*
 * A NAT forgets who talks through it when nothing goes for a while. Whoever
 * gets a stream gets reports too, but one that has none gets nothing at all:
 * every 15 s he is sent a report about nothing, and where RTCP does not take
 * the way of RTP, an empty datagram there (RFC 6263, 4.1 and 4.6).
 *
 * The same look each second is what circuit breakers judge by.
 */
#include "base/time.h"
#include "link/rtptx_internal.h"

#define QUIET_S 15

static void keep(struct vc_dest *d)
{
	const struct vc_udp_piece empty = {
		.to = d->is_connected ? NULL : &d->peer,
	};
	size_t sent;

	d->counts.keepalives++;
	vc_dest_say_alive(d);
	if (d->by_next || d->port->rtcp_at == VC_RTCP_AT_OFF)
		vc_udp_send(d->port->rtp, &empty, 1, &sent);
}

static void look(void *ctx, int64_t now)
{
	struct vc_rtptx *s = ctx;

	for (struct vc_dest *d = s->dests; d; d = d->next) {
		d->quiet_s++;
		if (d->octets_out != d->quiet_octets)
			d->quiet_s = 0;
		if (d->quiet_s >= QUIET_S) {
			keep(d);
			d->quiet_s = 0;
		}
		d->quiet_octets = d->octets_out;
		vc_breaker_tick(d, now);
	}
	vc_timer_arm(s->loop, &s->keep_timer, now + VC_SEC);
}

void vc_rtptx_keep(struct vc_rtptx *s)
{
	s->keep_timer = (struct vc_timer){ .fn = look, .ctx = s };
	vc_timer_arm(s->loop, &s->keep_timer, vc_loop_now(s->loop) + VC_SEC);
}

void vc_rtptx_unkeep(struct vc_rtptx *s)
{
	vc_timer_cancel(s->loop, &s->keep_timer);
}
