/* SPDX-License-Identifier: MIT */
/*
 * What the roster says of sources becomes events of the stream, and what is
 * passed on of them goes through here: at once, or with --latency in order,
 * where a packet waits only behind a hole, and for the latency at most.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "link/rtprx_internal.h"
#include "session/rtxmap.h"
#include "tool/select.h"
#include "wire/rtpext.h"

#define JBUF_PACKETS 4096
#define JBUF_OCTETS (8u << 20)
#define HELD_MAX 8192 /* packets, of all sources that have no key */

bool vc_rtprx_is_crowded(const struct rxsrc *s)
{
	return s->key < 0 && vc_pool_used(vc_tool_pool(s->r->tool)) > HELD_MAX;
}

/* --- order --- */

/* When the hole before it is given up. Its RTP time may say anything. */
static int64_t due(struct rxsrc *s, const struct vc_jbuf_item *item)
{
	int64_t at, last = item->pkt->arrival + VC_PLAYOUT_MAX;

	if (vc_rtprx_is_crowded(s)) {
		s->r->counts.crowded++;
		return INT64_MIN;
	}
	if (s->r->latency != VC_PLAYOUT_AUTO)
		return item->pkt->arrival + s->r->latency;
	at = vc_playout_due(s->src->play, item->rtp.ts);
	return at < last ? at : last;
}

static void release(struct rxsrc *s, int64_t now)
{
	struct vc_rtprx *r = s->r;
	const struct vc_jbuf_item *item;

	for (;;) {
		enum vc_jbuf_state state = vc_jbuf_peek(s->jb, &item);
		struct vc_packet *pkt;

		if (state == VC_JBUF_EMPTY)
			return;
		if (state == VC_JBUF_MISSING) {
			int64_t at = due(s, item);

			if (now < at) {
				vc_timer_arm(r->loop, &s->jb_timer, at);
				return;
			}
			vc_jbuf_skip(s->jb, vc_jbuf_hole(s->jb));
			continue;
		}
		pkt = vc_jbuf_pop(s->jb);
		vc_out_packet(r->out, pkt, true);
		vc_packet_unref(pkt);
	}
}

static void release_due(void *ctx, int64_t now)
{
	release(ctx, now);
}

void vc_rtprx_pass(struct rxsrc *s, struct vc_packet *pkt,
		   const struct vc_rtp *rtp)
{
	if (!s->jb) {
		vc_out_packet(s->r->out, pkt, true);
		return;
	}
	if (!vc_jbuf_put(s->jb, pkt, rtp))
		release(s, vc_loop_now(s->r->loop));
}

/* --- events --- */

static void tell_source(const struct rxsrc *s)
{
	const struct vc_source *src = s->src;
	struct vc_json *ev = vc_json_event("source", vc_loop_now(s->r->loop));
	char key[32];

	vc_json_set_int(ev, "ssrc", s->out_ssrc);
	if (src->cname[0])
		vc_json_set_str(ev, "cname", src->cname);
	if (src->name[0])
		vc_json_set_str(ev, "name", src->name);
	vc_json_set_str(ev, "id", src->who->id);
	vc_json_set_str(ev, "id_by", vc_id_by_name(src->id_by));
	vc_json_set_str(ev, "addr", src->addr);
	vc_json_set_str(ev, "kind", vc_kind_name((enum vc_kind)src->kind));
	snprintf(key, sizeof(key), "source %08x", s->out_ssrc);
	vc_out_state(s->r->out, key, ev);
}

static void set_ms(struct vc_json *j, const char *key, int64_t ns)
{
	vc_json_set_real(j, key, (double)ns / (double)VC_MS, 3);
}

static struct vc_srtp_bad bad_packets(const struct rxsrc *s)
{
	const struct vc_srtp_in *ring = vc_port_ring(s->ep->port);

	if (!ring || s->key < 0)
		return (struct vc_srtp_bad){ 0 };
	return vc_srtp_in_bad(ring, s->src->ssrc, (unsigned int)s->key);
}

/* The fields of a `net` event: what the socket saw. */
void vc_rtprx_fill_net(const struct rxsrc *s, struct vc_json *j)
{
	struct vc_json *won = vc_json_object();
	const struct vc_srtp_bad bad = bad_packets(s);

	vc_json_set_int(j, "ssrc", s->out_ssrc);
	vc_json_set_int(j, "received", (int64_t)s->st.packets);
	vc_json_set_int(j, "octets", (int64_t)s->st.octets);
	vc_json_set_int(j, "expected", (int64_t)vc_rxstats_expected(&s->st));
	vc_json_set_int(j, "lost", vc_rxstats_lost(&s->st));
	vc_json_set_int(j, "dup", (int64_t)s->st.duplicates);
	vc_json_set_int(j, "reordered", (int64_t)s->st.reordered);
	vc_json_set_int(j, "late", (int64_t)s->st.late);
	vc_json_set_int(j, "overflow", (int64_t)vc_port_overflow(s->ep->port));
	vc_json_set_int(j, "auth_failed", (int64_t)bad.auth_failed);
	vc_json_set_int(j, "replay", (int64_t)bad.replayed);
	vc_json_set_int(won, "rtx", (int64_t)s->won.rtx);
	vc_json_set_int(won, "fec", (int64_t)s->won.fec);
	vc_json_set_int(won, "red", (int64_t)s->won.red);
	vc_json_set(j, "won", won);
	set_ms(j, "jitter_ms", s->st.jitter_ns);
	set_ms(j, "jitter_max_ms", s->st.jitter_max_ns);
	set_ms(j, "jitter_mean_ms", vc_rxstats_jitter_mean_ns(&s->st));
	if (s->peer && s->peer->rtt >= 0)
		set_ms(j, "rtt_ms", s->peer->rtt);
	else
		vc_json_set_null(j, "rtt_ms");
	if (s->dscp >= 0)
		vc_json_set_int(j, "dscp", s->dscp);
	else
		vc_json_set_null(j, "dscp");
	if (s->ttl >= 0)
		vc_json_set_int(j, "ttl", s->ttl);
	else
		vc_json_set_null(j, "ttl");
}

static void tell_net(const struct rxsrc *s, int64_t now)
{
	struct vc_json *ev = vc_json_event("net", now);

	vc_rtprx_fill_net(s, ev);
	vc_out_event(s->r->out, ev);
}

/* --select has taken it: the stream learns of it. */
static void show(struct rxsrc *s)
{
	s->is_shown = true;
	tell_source(s);
	vc_rtprx_tell_way(s);
	vc_rtprx_early_write(s->r, s);
	vc_tool_note(s->r->tool, "%s: source %08x, %s, from %s",
		     s->ep->where.text, s->src->ssrc,
		     vc_codec_name((enum vc_codec)s->src->codec), s->src->addr);
}

void vc_rtprx_learn_rid(struct rxsrc *s, const struct vc_rtp *rtp)
{
	uint8_t id = s->ep->rid_exts.rid;
	struct vc_str rid;

	if (s->src->rid[0] || !vc_ext_token(rtp, id, &rid) ||
	    rid.len > VC_RID_MAX)
		return;
	vc_str_copy(s->src->rid, sizeof(s->src->rid), rid);
	s->is_judged = false; /* --select may ask for it */
}

bool vc_rtprx_is_selected(struct rxsrc *s)
{
	const struct vc_sipcall *call = s->r->call;

	/* The call may become known later than the packets. */
	if (s->is_judged && (s->is_selected || s->had_call || !call))
		return s->is_selected;
	s->is_judged = true;
	s->had_call = call != NULL;
	s->is_selected = vc_select_takes(&vc_tool_options(s->r->tool)->select,
					 s->src, call);
	if (s->is_selected && !s->is_shown)
		show(s);
	return s->is_selected;
}

void vc_rtprx_tick(void *ctx, int64_t now)
{
	struct vc_rtprx *r = ctx;
	const struct vc_source *src = vc_roster_first(r->roster);

	vc_timer_arm(r->loop, &r->tick, now + VC_SEC);
	for (; src; src = src->next) {
		struct rxsrc *s = src->user;

		if (!s)
			continue;
		vc_rtprx_repair_tick(s);
		if (s->is_shown)
			tell_net(s, now);
	}
}

/* A source that a time-out or our end cuts off says BYE, too. */
static void write_bye(const struct rxsrc *s)
{
	uint8_t buf[64];
	struct vc_wr w = vc_wr_over(buf, sizeof(buf));

	vc_rtcp_write_rr(&w, s->out_ssrc, NULL, 0);
	vc_rtcp_write_bye(&w, &s->out_ssrc, 1, vc_str_c(NULL));
	if (!w.bad)
		vc_out_rtcp(s->r->out, buf, vc_wr_len(&w));
}

static void tell_leave(const struct rxsrc *s, enum vc_leave why)
{
	struct vc_json *ev = vc_json_event("leave", vc_loop_now(s->r->loop));
	char key[32];

	vc_json_set_int(ev, "ssrc", s->out_ssrc);
	vc_json_set_str(ev, "why", vc_leave_name(why));
	snprintf(key, sizeof(key), "source %08x", s->out_ssrc);
	vc_out_state_drop(s->r->out, key);
	vc_out_event(s->r->out, ev);
}

static void tell_end(const struct rxsrc *s, enum vc_leave why)
{
	tell_net(s, vc_loop_now(s->r->loop));
	if (why != VC_LEAVE_BYE)
		write_bye(s);
	tell_leave(s, why);
}

/* --- the roster's calls --- */

/* SSRCs of the stream are unique, also where two endpoints have equal ones. */
static uint32_t unique_ssrc(struct vc_rtprx *r, const struct vc_source *of)
{
	const struct vc_source *src;
	uint32_t ssrc = of->ssrc;

again:
	for (src = vc_roster_first(r->roster); src && r->n > 1;
	     src = src->next) {
		const struct rxsrc *s = src->user;

		if (src == of || !s || s->out_ssrc != ssrc)
			continue;
		ssrc = vc_rand_u32(vc_tool_rand(r->tool), "remap",
				   r->merge.remaps);
		r->merge.remaps++;
		goto again;
	}
	return ssrc;
}

/* Where there is one peer only, it is the first who comes; but not one who is
 * not sent to for it. */
static void latch(struct endpoint *ep, const struct sockaddr_storage *from)
{
	if (ep->latch != LATCH_FIRST || ep->has_source || ep->is_latched ||
	    !(ep->where.name[0] || ep->is_for_one))
		return;
	if (ep->is_for_one && !vc_addr_may_latch(&ep->r->conf.rules, from))
		return;
	ep->source = *from;
	ep->is_latched = true;
}

static void begin(void *ctx, struct vc_source *src, const struct vc_rtp *rtp)
{
	struct vc_rtprx *r = ctx;
	struct endpoint *ep = &r->eps[src->input];
	const struct format *f = &ep->formats[rtp->pt];
	struct rxsrc *s = vc_try_alloc(1, sizeof(*s));

	src->rate_hz = f->rate_hz;
	src->kind = (int)f->kind;
	src->codec = (int)f->codec;
	src->pt = rtp->pt;
	vc_place_addr_text(r->msg->from, src->addr, sizeof(src->addr));
	if (!s)
		return;
	*s = (struct rxsrc){ .r = r,
			     .src = src,
			     .ep = ep,
			     .key = r->msg->is_authentic ? (int)r->msg->key :
							   -1,
			     .dscp = -1,
			     .ttl = -1 };
	s->out_ssrc = unique_ssrc(r, src);
	vc_rxstats_init(&s->st, f->rate_hz, 0);
	if (r->latency)
		s->jb = vc_jbuf_new(JBUF_PACKETS, JBUF_OCTETS);
	s->jb_timer = (struct vc_timer){ .fn = release_due, .ctx = s };
	vc_rtprx_repair_init(s);
	vc_rtprx_peer_join(s, r->msg);
	src->user = s;
	latch(ep, r->msg->from);
}

static void change(void *ctx, struct vc_source *src, struct vc_participant *was)
{
	struct rxsrc *s = src->user;

	(void)ctx;
	(void)was;
	if (!s)
		return;
	s->is_judged = false;
	if (!s->is_shown)
		return;
	tell_source(s);
	vc_rtprx_tell_way(s);
}

static void who_end(void *ctx, struct vc_participant *who)
{
	struct vc_rtprx *r = ctx;

	if (r->conf.back.left)
		r->conf.back.left(r->conf.back.ctx, who);
}

static void end(void *ctx, struct vc_source *src, enum vc_leave why)
{
	struct vc_rtprx *r = ctx;
	struct rxsrc *s = src->user;

	vc_limits_left(&r->limits, src);
	if (!s)
		return;
	if (s->jb) {
		release(s, INT64_MAX);
		vc_timer_cancel(r->loop, &s->jb_timer);
		vc_jbuf_free(s->jb);
	}
	if (s->is_shown)
		tell_end(s, why);
	vc_rtprx_peer_leave(s);
	vc_rtprx_repair_clear(s);
	vc_rtprx_fec_free(s);
	vc_rtprx_digits_free(s);
	if (s->ep->rtxmap)
		vc_rtxmap_forget(s->ep->rtxmap, src->ssrc);
	src->user = NULL;
	free(s);
}

int vc_rtprx_roster_new(struct vc_rtprx *r)
{
	struct vc_roster_conf conf = {
		.max_sources = vc_tool_options(r->tool)->max_sources,
		.probation = 2,
		.timeout = r->conf.timeout,
		.latency = r->latency,
		.is_untimed = r->latency != VC_PLAYOUT_AUTO,
		.begin = begin,
		.change = change,
		.end = end,
		.who_end = who_end,
		.ctx = r,
	};

	r->roster = vc_roster_new(&conf);
	if (!r->roster || vc_keychain_reserve(r->conf.keychain, r->roster))
		return -ENOMEM;
	for (size_t i = 0; i < r->n; i++) {
		if (r->eps[i].where.name[0] &&
		    vc_roster_reserve(r->roster, r->eps[i].where.name))
			return -ENOMEM;
	}
	return 0;
}
