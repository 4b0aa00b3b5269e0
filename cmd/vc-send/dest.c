/* SPDX-License-Identifier: MIT */
/*
 * A destination is a connected socket, so that what refuses or reports there
 * is known to come from there, and a ring of packets that go out in batches
 * before the loop sleeps, or as --pace lets them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "send.h"

#define QUEUE 256	  /* goes out when it is full */
#define PACED_QUEUE 8192  /* waits; the oldest is dropped when it is full */
#define SEGMENT_RATE 1000 /* packets a second */
#define MEASURE (50 * VC_MS)
#define BURST 3000 /* octets that --pace=RATE lets go at once */

static const char *const known_keys[] = { "media", "rtcp", "bind", "ttl",
					  NULL };

/* --- operands --- */

static void parse_media(struct dest *d)
{
	const char *v = vc_place_key(&d->where, "media");
	enum vc_kind kind;

	d->media = ~0u;
	if (!v)
		return;
	kind = vc_kind_by_name(vc_str_c(v));
	if (kind == VC_OTHER)
		vc_tool_usage(d->s->tool, "%s: media=audio|video|text",
			      d->where.text);
	d->media = 1u << kind;
}

static void parse_rtcp(struct dest *d)
{
	const char *v = vc_place_key(&d->where, "rtcp");
	uint64_t port = d->where.port + 1u;

	if (!v || !strcmp(v, "mux"))
		d->rtcp_mode = RTCP_MUX;
	else if (!strcmp(v, "off"))
		d->rtcp_mode = RTCP_OFF;
	else if (!strcmp(v, "+1") && port <= 65535)
		d->rtcp_mode = RTCP_NEXT;
	else if (!vc_num_u64(v, 1, 65535, &port))
		d->rtcp_mode = RTCP_PORT;
	else
		vc_tool_usage(d->s->tool, "%s: rtcp=mux|+1|PORT|off",
			      d->where.text);
	d->rtcp_port = (uint16_t)port;
}

static void parse_operand(struct send *s, struct dest *d, const char *arg)
{
	const char *key;
	char why[256];

	d->s = s;
	if (vc_place_parse(&d->where, arg, true, why, sizeof(why)))
		vc_tool_usage(s->tool, "%s: %s", d->where.text, why);
	if (d->where.kind != VC_PLACE_RTP)
		vc_tool_usage(s->tool,
			      "%s: not an address to send to, as "
			      "rtp://192.0.2.1:5004",
			      d->where.text);
	if (!d->where.host[0] || !d->where.port)
		vc_tool_usage(s->tool, "%s: where to? rtp://HOST:PORT",
			      d->where.text);
	key = vc_place_unknown_key(&d->where, known_keys);
	if (key)
		vc_tool_usage(s->tool,
			      "%s: no such key: %s= (media= rtcp= "
			      "bind= or ttl=)",
			      d->where.text, key);
	parse_media(d);
	parse_rtcp(d);
}

static struct group *group_of(struct send *s, struct dest *d)
{
	struct group *g;

	for (size_t i = 0; i < s->n_groups; i++) {
		if (!strcmp(s->groups[i].name, d->where.name))
			return &s->groups[i];
	}
	g = &s->groups[s->n_groups];
	*g = (struct group){ .name = d->where.name, .index = s->n_groups };
	g->dests = vc_alloc(s->n, sizeof(struct dest *));
	s->n_groups++;
	return g;
}

void send_parse(struct send *s)
{
	const struct vc_words *args = &vc_tool_options(s->tool)->args;

	if (!args->n)
		vc_tool_usage(s->tool, "where to? rtp://HOST:PORT");
	s->n = args->n;
	s->dests = vc_alloc(s->n, sizeof(*s->dests));
	s->groups = vc_alloc(s->n, sizeof(*s->groups));
	for (size_t i = 0; i < s->n; i++) {
		struct dest *d = &s->dests[i];
		struct group *g;

		parse_operand(s, d, args->v[i]);
		g = d->group = group_of(s, d);
		g->dests[g->n_dests] = d;
		g->n_dests++;
		g->media |= d->media;
	}
}

/* --- opening --- */

/* bind=[ADDR]:PORT; false where the key is not given. */
static bool local_of(struct dest *d, struct sockaddr_storage *sa)
{
	const char *v = vc_place_key(&d->where, "bind");
	struct vc_place p;
	char text[300], why[256];
	socklen_t len;
	int err;

	if (!v)
		return false;
	snprintf(text, sizeof(text), "rtp://%s", v);
	if (vc_place_parse(&p, text, false, why, sizeof(why)) || p.n_keys)
		vc_tool_usage(d->s->tool, "%s: bind=%s: not [ADDR]:PORT",
			      d->where.text, v);
	err = vc_place_resolve(p.host, p.port, d->peer.ss_family, SOCK_DGRAM,
			       sa, &len);
	if (err)
		vc_tool_usage(d->s->tool, "%s: bind=%s: %s", d->where.text, v,
			      strerror(-err));
	return true;
}

static int ttl_of(struct dest *d)
{
	const char *v = vc_place_key(&d->where, "ttl");
	uint64_t ttl = 0;

	if (v && vc_num_u64(v, 1, 255, &ttl))
		vc_tool_usage(d->s->tool, "%s: ttl=1 to 255", d->where.text);
	return (int)ttl;
}

static int open_socket(struct dest *d, struct vc_udp **out,
		       const struct sockaddr_storage *local,
		       const struct sockaddr_storage *peer)
{
	const struct vc_udp_conf conf = {
		.local = local,
		.peer = peer,
		.ttl = ttl_of(d),
	};

	return vc_udp_open(out, vc_tool_pool(d->s->tool), &conf);
}

static int open_rtcp(struct dest *d, struct sockaddr_storage *local)
{
	struct sockaddr_storage peer = d->peer;

	if (d->rtcp_mode == RTCP_MUX || d->rtcp_mode == RTCP_OFF)
		return 0;
	vc_udp_set_port(&peer, d->rtcp_port);
	if (local && vc_udp_port(local))
		vc_udp_set_port(local, (uint16_t)(vc_udp_port(local) + 1));
	return open_socket(d, &d->rtcp, local, &peer);
}

static void tell_ready(struct dest *d)
{
	char addr[128], line[160];

	vc_place_addr_text(vc_udp_local(d->rtp), addr, sizeof(addr));
	snprintf(line, sizeof(line), "rtp://%s", addr);
	vc_tool_ready(d->s->tool, line);
}

static int watch(struct dest *d, struct vc_watch *w, const struct vc_udp *u,
		 void (*fn)(void *ctx, unsigned int events))
{
	*w = (struct vc_watch){ .fn = fn, .ctx = d, .fd = -1 };
	if (!u)
		return 0;
	w->fd = vc_udp_fd(u);
	return vc_loop_watch(d->s->loop, w, VC_READ);
}

static void pace_due(void *ctx, int64_t now)
{
	(void)now;
	dest_flush(ctx);
}

static int open_dest(struct dest *d)
{
	const struct vc_options *o = vc_tool_options(d->s->tool);
	struct sockaddr_storage sa, *local = NULL;
	socklen_t len;
	int err;

	err = vc_place_resolve(d->where.host, d->where.port, o->family,
			       SOCK_DGRAM, &d->peer, &len);
	if (!err && local_of(d, &sa))
		local = &sa;
	if (!err)
		err = open_socket(d, &d->rtp, local, &d->peer);
	if (!err)
		err = open_rtcp(d, local);
	if (!err)
		err = watch(d, &d->rtp_watch, d->rtp, dest_rtp_ready);
	if (!err)
		err = watch(d, &d->rtcp_watch, d->rtcp, dest_rtcp_ready);
	if (err)
		return err;
	d->cap = d->s->rate_bps ? PACED_QUEUE : QUEUE;
	d->queue = vc_alloc(d->cap, sizeof(*d->queue));
	vc_pace_init(&d->pace, d->s->rate_bps, BURST);
	d->pace_timer = (struct vc_timer){ .fn = pace_due, .ctx = d };
	tell_ready(d);
	return 0;
}

int send_open(struct send *s)
{
	for (size_t i = 0; i < s->n; i++) {
		struct dest *d = &s->dests[i];
		int err = open_dest(d);

		if (err) {
			vc_tool_fail(s->tool, VC_EXIT_FAIL, "%s: open: %s",
				     d->where.text, strerror(-err));
			return err;
		}
	}
	return 0;
}

static void drop_first(struct dest *d)
{
	vc_packet_unref(d->queue[d->head].pkt);
	d->head = (d->head + 1) & (d->cap - 1);
	d->n--;
}

static void dest_close(struct dest *d)
{
	while (d->n)
		drop_first(d);
	if (d->rtp)
		vc_loop_watch(d->s->loop, &d->rtp_watch, 0);
	if (d->rtcp)
		vc_loop_watch(d->s->loop, &d->rtcp_watch, 0);
	vc_timer_cancel(d->s->loop, &d->pace_timer);
	vc_timer_cancel(d->s->loop, &d->time_timer);
	vc_udp_close(d->rtp);
	vc_udp_close(d->rtcp);
	while (d->feedback) {
		struct feedback *f = d->feedback;

		d->feedback = f->next;
		free(f);
	}
	free(d->queue);
}

void send_close(struct send *s)
{
	for (size_t i = 0; i < s->n; i++)
		dest_close(&s->dests[i]);
	for (size_t i = 0; i < s->n_groups; i++)
		free(s->groups[i].dests);
	free(s->dests);
	free(s->groups);
}

/* --- sending --- */

void dest_complain(struct dest *d, int err)
{
	if (err == -ECONNREFUSED) {
		d->counts.refused++;
		if (!d->is_refused)
			vc_tool_warn(d->s->tool,
				     "%s: refused: nobody listens "
				     "there; sending goes on",
				     d->where.text);
		d->is_refused = true;
		return;
	}
	d->counts.errors++;
	vc_tool_warn_limited(d->s->tool, &d->warn_error, "%s: send: %s",
			     d->where.text, strerror(-err));
}

/* As many as may go now and are in a row, at most a batch. */
static size_t gather(struct dest *d, struct vc_udp_piece *pieces, int64_t now)
{
	size_t n = 0;

	for (; n < d->n && n < VC_UDP_BATCH; n++) {
		const struct item *i = &d->queue[(d->head + n) & (d->cap - 1)];

		if (d->pace.rate_bps) {
			if (vc_pace_next(&d->pace, now) > now)
				break;
			vc_pace_sent(&d->pace, i->pkt->len, now);
		}
		pieces[n] = (struct vc_udp_piece){
			.head = i->head,
			.head_len = i->head_len,
			.body = i->pkt->data + i->head_len,
			.body_len = (uint16_t)(i->pkt->len - i->head_len),
		};
	}
	return n;
}

static void count_sent(struct dest *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		d->counts.packets++;
		d->counts.octets += d->queue[d->head].pkt->len;
		drop_first(d);
	}
}

/* A batch: all of it goes or is counted as what became of it. */
static void send_batch(struct dest *d, struct vc_udp_piece *pieces, size_t n)
{
	size_t done = 0, sent;

	while (done < n) {
		int err = vc_udp_send(d->rtp, pieces + done, n - done, &sent);

		count_sent(d, sent);
		done += sent;
		if (!err)
			return;
		/* The refusal is of an earlier one: this one can still go. */
		if (err == -ECONNREFUSED) {
			dest_complain(d, err);
			continue;
		}
		d->counts.dropped++;
		if (err != -EAGAIN && err != -ENOBUFS)
			dest_complain(d, err);
		drop_first(d);
		done++;
	}
}

/*
 * Segments are for floods: at the rate of one conference a capture beside us
 * is to show packets as they are.
 */
static void measure(struct dest *d, size_t n, int64_t now)
{
	int64_t span = now - d->measured;

	d->measured_n += n;
	if (span < MEASURE)
		return;
	vc_udp_segment(d->rtp,
		       vc_tool_options(d->s->tool)->batch &&
			       d->measured_n * VC_SEC / (uint64_t)span >=
				       SEGMENT_RATE);
	d->measured_n = 0;
	d->measured = now;
}

void dest_flush(struct dest *d)
{
	struct vc_udp_piece pieces[VC_UDP_BATCH];
	int64_t now = vc_loop_now(d->s->loop);

	while (d->n) {
		size_t n = gather(d, pieces, now);

		if (!n) {
			vc_timer_arm(d->s->loop, &d->pace_timer,
				     vc_pace_next(&d->pace, now));
			return;
		}
		send_batch(d, pieces, n);
		measure(d, n, now);
	}
}

void dest_give_up(struct dest *d)
{
	size_t kept = 0;

	for (size_t i = 0; i < d->n; i++) {
		struct item *from = &d->queue[(d->head + i) & (d->cap - 1)];

		if (from->head_len) {
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

void dest_put(struct dest *d, struct vc_packet *pkt, const uint8_t *head)
{
	struct item *i;

	if (d->n == d->cap && !d->pace.rate_bps)
		dest_flush(d);
	if (d->n == d->cap) {
		d->counts.dropped++;
		drop_first(d);
	}
	i = &d->queue[(d->head + d->n) & (d->cap - 1)];
	d->n++;
	i->pkt = vc_packet_ref(pkt);
	i->head_len = head ? VC_RTP_HEADER : 0;
	if (head)
		memcpy(i->head, head, VC_RTP_HEADER);
}

bool dest_is_busy(const struct dest *d)
{
	return d->n > 0;
}
