/* SPDX-License-Identifier: MIT */
/*
 * What goes back: receiver reports by RFC 3550's timing, one schedule for each
 * peer, as each is a session of its own. Nothing is sent to anybody who is not
 * past probation, nor more than a twentieth of what he sent, so nobody can be
 * made to flood a third.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "link/rtprx_internal.h"

#define SHARE 20 /* a twentieth: 5 % */
#define BLOCK 24 /* octets of a report on one source */
#define SSRC_INTERVAL (10 * VC_SEC)

/* --- writing --- */

void vc_rtprx_write_sdes(struct vc_rtprx *r, struct vc_wr *w, bool is_whole)
{
	const char *name = vc_tool_options(r->tool)->name;
	const struct vc_sdes_chunk chunk = {
		.ssrc = r->ssrc,
		.cname = vc_str_c(vc_tool_cname(r->tool)),
		.name = vc_str_c(is_whole ? name : NULL),
	};

	vc_rtcp_write_sdes(w, &chunk, 1);
}

size_t vc_rtprx_allowance(const struct peer *p)
{
	uint64_t all = p->octets_in / SHARE;

	return all > p->octets_out ? (size_t)(all - p->octets_out) : 0;
}

struct vc_wr vc_rtprx_compound(const struct peer *p,
			       uint8_t buf[static COMPOUND])
{
	size_t room = vc_rtprx_allowance(p);

	return vc_wr_over(buf, room < COMPOUND ? room : COMPOUND);
}

int vc_rtprx_send_rtcp(struct peer *p, const struct vc_wr *w)
{
	struct vc_rtprx *r = p->ep->r;
	size_t len = vc_wr_len(w);
	int err;

	if (w->bad)
		return -EMSGSIZE;
	if (len > vc_rtprx_allowance(p))
		return -EDQUOT;
	err = vc_port_send_rtcp(p->ep->port, p->is_next, p->seal, w->start, len,
				&p->rtcp);
	if (err)
		return err;
	p->octets_out += len;
	r->counts.rtcp_out++;
	return 0;
}

/* --- reports --- */

/* How many blocks fit beside what has to be there: who we are (6.1). */
static unsigned int room_for_blocks(const struct peer *p, struct vc_wr w)
{
	size_t n;

	vc_rtcp_write_rr(&w, p->ep->r->ssrc, NULL, 0);
	vc_rtprx_write_sdes(p->ep->r, &w, false);
	n = vc_rtprx_left(&w) / BLOCK;
	return n < VC_RTCP_COUNT_MAX ? (unsigned int)n : VC_RTCP_COUNT_MAX;
}

/* Those that found no room are the first the next time (RFC 3550 6.4). */
static unsigned int add_blocks(struct peer *p, struct vc_rtcp_report *reps,
			       unsigned int max, int64_t now)
{
	struct rxsrc *at = p->turn ? p->turn : p->sources;
	unsigned int n = 0;

	for (unsigned int i = 0; i < p->n_sources && n < max; i++) {
		struct rxsrc *s = at;

		at = vc_rtprx_after(p, s);
		if (s->st.packets == s->reported)
			continue;
		s->reported = s->st.packets;
		vc_rxstats_report(&s->st, &reps[n], now);
		reps[n].ssrc = s->src->ssrc;
		n++;
	}
	p->turn = at;
	return n;
}

/* How fast he sends decides how much RTCP is fair (RFC 3550 6.2). */
static void set_pace(struct peer *p, int64_t now)
{
	int64_t ms = (now - p->first) / VC_MS;

	vc_rtcptime_rate(&p->time, p->octets_in * 8 * 1000 /
					   (uint64_t)(ms > 500 ? ms : 500));
}

/* Reports, who we are, and the limit. Where there is no room for all of it our
 * NAME is left out, then the limit. True: the limit is in it. */
static bool write_head(struct peer *p, struct vc_wr *w,
		       const struct vc_rtcp_report *reps, unsigned int n)
{
	const struct vc_wr start = *w;
	bool has_remb = true;

	for (int omitted = 0; omitted < 3; omitted++) {
		*w = start;
		vc_rtcp_write_rr(w, p->ep->r->ssrc, reps, n);
		vc_rtprx_write_sdes(p->ep->r, w, omitted < 1);
		has_remb = omitted < 2 && vc_rtprx_write_remb(p, w);
		if (!w->bad)
			break;
	}
	return has_remb;
}

static void report(struct peer *p, int64_t now)
{
	struct rx_counts *c = &p->ep->r->counts;
	struct vc_rtcp_report reps[VC_RTCP_COUNT_MAX];
	uint8_t buf[COMPOUND];
	struct vc_wr w = vc_rtprx_compound(p, buf);
	unsigned int n = add_blocks(p, reps, room_for_blocks(p, w), now);
	bool has_remb = write_head(p, &w, reps, n);
	bool has_xr = vc_rtprx_write_xr(p, &w, now);

	if (!vc_rtprx_send_rtcp(p, &w)) {
		c->remb_out += has_remb;
		c->xr_out += has_xr;
	}
	vc_rtcptime_sent(&p->time, vc_wr_len(&w) + UDP_IP, now);
}

void vc_rtprx_report_due(void *ctx, int64_t now)
{
	struct peer *p = ctx;

	set_pace(p, now);
	if (vc_rtcptime_due(&p->time, now))
		report(p, now);
	vc_timer_arm(p->ep->r->loop, &p->timer, vc_rtcptime_next(&p->time));
}

/* --- our own SSRC --- */

/* To those who have heard of us; from a crowd we leave in silence, as RFC 3550
 * 6.3.7 has it for whoever does not wait. */
static bool may_say_bye(const struct peer *p, size_t len, int64_t now)
{
	struct vc_rtcptime t = p->time;

	vc_rtcptime_members(&t, p->n_sources + 1, p->n_sources, false, now);
	return p->octets_out && vc_rtcptime_leave(&t, len + UDP_IP, now);
}

void vc_rtprx_say_bye(struct vc_rtprx *r)
{
	int64_t now = vc_loop_now(r->loop);

	for (struct peer *p = r->peers; p; p = p->next) {
		uint8_t buf[COMPOUND];
		struct vc_wr w = vc_wr_over(buf, sizeof(buf));

		vc_rtcp_write_rr(&w, r->ssrc, NULL, 0);
		vc_rtprx_write_sdes(r, &w, true);
		vc_rtcp_write_bye(&w, &r->ssrc, 1, vc_str_c(NULL));
		if (may_say_bye(p, vc_wr_len(&w), now))
			vc_rtprx_send_rtcp(p, &w);
	}
}

void vc_rtprx_new_ssrc(struct vc_rtprx *r)
{
	int64_t now = vc_loop_now(r->loop);

	if (r->ssrc_draws > 1 && now - r->ssrc_changed < SSRC_INTERVAL)
		return;
	if (r->ssrc_draws) {
		vc_rtprx_say_bye(r);
		vc_roster_own(r->roster, r->ssrc, false);
	}
	/* A key is not to be used for the same SSRC in two runs. */
	r->ssrc = vc_rand_u32(vc_keychain_is_on(r->conf.keychain) ?
				      vc_keychain_rand(r->conf.keychain) :
				      vc_tool_rand(r->tool),
			      "ssrc", r->ssrc_draws);
	r->ssrc_draws++;
	r->ssrc_changed = now;
	vc_roster_own(r->roster, r->ssrc, true);
}

void vc_rtprx_own(struct vc_rtprx *r, uint32_t ssrc, bool is_own)
{
	if (r->roster && ssrc != r->ssrc)
		vc_roster_own(r->roster, ssrc, is_own);
}

void vc_rtprx_collided(struct vc_rtprx *r, uint32_t ssrc)
{
	if (ssrc == r->ssrc)
		vc_rtprx_new_ssrc(r);
	else if (r->conf.back.collided)
		r->conf.back.collided(r->conf.back.ctx, ssrc);
}
