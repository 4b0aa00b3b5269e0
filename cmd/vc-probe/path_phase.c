/* SPDX-License-Identifier: MIT */
/* What a leg does in each of its phases: each says when it is to be called again. */
#include <errno.h>
#include <string.h>

#include "base/time.h"
#include "path.h"
#include "wire/rtp.h"

#define AT_ONCE 64 /* packets, before the loop is heard again */
#define HELLO_EVERY (250 * VC_MS)
#define HELLO_LEN 200 /* octets in UDP, so that all that is needed fits */
#define COUNTS_TRIES 8
#define COUNTS_EVERY (250 * VC_MS)
#define TAIL (300 * VC_MS)
#define IDLE_SLACK (2 * VC_SEC)
#define RATE_BUDGET (9500 * VC_MS)
#define RATE_MIN UINT64_C(100000)
#define DSCP_EF 46
#define DSCP_AF41 34

uint8_t path_dscp(const struct path *p)
{
	if (p->opt->dscp >= 0)
		return (uint8_t)p->opt->dscp;
	return p->opt->profile == VC_PATH_VOICE && !p->trace ? DSCP_EF :
							       DSCP_AF41;
}

static int64_t clock_of(const struct path_leg *leg)
{
	return vc_loop_clock(vc_tool_loop(leg->path->tool));
}

static int64_t rtt_of(const struct path_leg *leg)
{
	int64_t rtt = vc_pathmeter_rtt(leg->meter);

	return rtt == VC_TIME_NONE ? 200 * VC_MS : rtt;
}

/* --- out --- */

static size_t least(const struct path_leg *leg)
{
	return VC_RTP_HEADER + VC_PATH_ANSWER_LEN + leg->overhead;
}

/*
 * A probe of 'octets' in UDP, or the fewest that can be answered; '*at' is when
 * it left. 0 or -errno.
 */
static int send_probe(struct path_leg *leg, const struct vc_path_probe *probe,
		      size_t octets, bool marker, int64_t *at)
{
	uint8_t buf[ACTIVE_ROOM];
	size_t room = octets > least(leg) ? octets : least(leg);
	size_t payload = room - VC_RTP_HEADER - leg->overhead, sent;
	struct vc_udp_piece piece = { .body = buf, .dscp = probe->dscp };
	int len, err;

	vc_path_probe_write(probe, buf + VC_RTP_HEADER, payload);
	len = active_packet(&leg->source, buf, payload,
			    (uint32_t)(clock_of(leg) / (VC_SEC / 90000)),
			    marker);
	if (len < 0)
		return len;
	piece.body_len = (uint16_t)len;
	leg->overhead = (size_t)len - VC_RTP_HEADER - payload;
	*at = clock_of(leg);
	err = vc_udp_send(leg->udp, &piece, 1, &sent);
	/* The first word may be of something before. */
	if (err && !sent)
		err = vc_udp_send(leg->udp, &piece, 1, &sent);
	leg->was_refused |= err == -ECONNREFUSED;
	leg->unsent += !sent;
	return sent ? 0 : err;
}

static struct vc_path_probe probe_of(const struct path_leg *leg,
				     enum vc_path_type type, uint32_t index)
{
	return (struct vc_path_probe){ .type = type,
				       .dscp = path_dscp(leg->path),
				       .token = leg->token,
				       .index = index };
}

/* --- hello --- */

int64_t path_hello(struct path_leg *leg, int64_t now)
{
	struct vc_path_probe probe = probe_of(leg, VC_PATH_HELLO, leg->hello);
	int64_t at;

	if (now - leg->phase_at >= vc_tool_options(leg->path->tool)->wait) {
		path_leg_go(leg, PATH_DONE, now);
		return now;
	}
	send_probe(leg, &probe, HELLO_LEN, false, &at);
	return now + HELLO_EVERY;
}

/* --- MTU --- */

static void mtu_over(struct path_leg *leg, int64_t now)
{
	bool is_up = leg->phase == PATH_MTU_UP;

	*(is_up ? &leg->mtu_up : &leg->mtu_down) = leg->mtu.fits;
	path_leg_go(leg, is_up ? PATH_MTU_DOWN : PATH_PATTERN, now);
}

/* Up, the answer is small; down, it is as large as the probe, of a size that is
 * known to get there. */
int64_t path_try_size(struct path_leg *leg, int64_t now)
{
	uint32_t size = vc_pathmtu_size(&leg->mtu);
	struct vc_path_probe probe = probe_of(leg, VC_PATH_TRAIN, size);
	int64_t at;
	int err;

	if (leg->is_asked)
		vc_pathmtu_silent(&leg->mtu, size);
	leg->is_asked = false;
	size = vc_pathmtu_size(&leg->mtu);
	if (!size) {
		mtu_over(leg, now);
		return now;
	}
	probe.index = size;
	if (leg->phase == PATH_MTU_UP)
		probe.flags = VC_PATH_SMALL;
	err = send_probe(leg, &probe, size - leg->headers, false, &at);
	if (err == -EMSGSIZE) {
		vc_pathmtu_refused(&leg->mtu, size);
		return now;
	}
	leg->is_asked = true;
	return now + 2 * rtt_of(leg) + 100 * VC_MS;
}

void path_begin_mtu(struct path_leg *leg)
{
	uint32_t min = (uint32_t)(HELLO_LEN + leg->headers);
	uint32_t max = (uint32_t)(VC_UDP_CAP + leg->headers);

	leg->is_asked = false;
	if (leg->phase == PATH_MTU_DOWN)
		max = leg->mtu_up;
	vc_pathmtu_init(&leg->mtu, min, max);
}

/* --- the pattern --- */

static bool is_pattern_over(const struct path_leg *leg, int64_t now)
{
	int64_t duration = vc_tool_options(leg->path->tool)->duration;

	return !leg->has_item || (duration && now - leg->phase_at >= duration);
}

int64_t path_pattern(struct path_leg *leg, int64_t now)
{
	while (!is_pattern_over(leg, now) &&
	       leg->phase_at + leg->item.at <= now) {
		struct vc_path_probe probe =
			probe_of(leg, VC_PATH_MEDIA, leg->index);
		int64_t at = now;

		/* What could not be sent was lost on this machine. */
		send_probe(leg, &probe, leg->item.octets, leg->item.marker,
			   &at);
		vc_pathmeter_sent(leg->meter, leg->index, at, probe.dscp);
		leg->octets += leg->item.octets + leg->headers;
		if (!leg->index)
			leg->first_at = at;
		leg->last_at = at;
		leg->index++;
		leg->has_item = vc_pathplan_next(&leg->plan, &leg->item);
	}
	if (!is_pattern_over(leg, now))
		return leg->phase_at + leg->item.at;
	path_leg_go(leg, PATH_COUNTS, now);
	return now + TAIL + 2 * rtt_of(leg);
}

void path_begin_pattern(struct path_leg *leg)
{
	struct path *p = leg->path;

	if (p->trace)
		vc_pathplan_trace(&leg->plan, p->trace, p->n_trace);
	else
		vc_pathplan_init(&leg->plan,
				 (enum vc_path_profile)p->opt->profile,
				 &p->rand);
	leg->has_item = vc_pathplan_next(&leg->plan, &leg->item);
}

void path_after_counts(struct path_leg *leg, int64_t now)
{
	path_leg_go(leg, leg->path->opt->nat_idle ? PATH_IDLE : PATH_RATE, now);
}

int64_t path_ask_counts(struct path_leg *leg, int64_t now)
{
	struct vc_path_probe probe = probe_of(leg, VC_PATH_END, 0);
	int64_t at;

	if (leg->tries == COUNTS_TRIES) {
		path_after_counts(leg, now);
		return now;
	}
	leg->tries++;
	send_probe(leg, &probe, 0, false, &at);
	return now + COUNTS_EVERY + rtt_of(leg);
}

/* --- idle --- */

/* One probe that is answered when the time has passed; then one that shows
 * from where we are seen. */
int64_t path_idle(struct path_leg *leg, int64_t now)
{
	int64_t wait = leg->path->opt->nat_idle;
	struct vc_path_probe probe =
		probe_of(leg, leg->tries ? VC_PATH_TRAIN : VC_PATH_LATER, 0);
	int64_t at;

	if (leg->tries == 4 || leg->nat.kept_out >= 0) {
		path_leg_go(leg, PATH_RATE, now);
		return now;
	}
	probe.delay_ms = (uint32_t)(wait / VC_MS);
	send_probe(leg, &probe, 0, false, &at);
	leg->tries++;
	leg->nat.was_idle = true;
	return leg->tries == 1 ? now + wait + IDLE_SLACK :
				 now + 2 * rtt_of(leg) + 100 * VC_MS;
}

/* --- rate --- */

static int begin_rate(struct path_leg *leg, int64_t now)
{
	const struct vc_rateprobe_conf conf = {
		.min_bps = RATE_MIN,
		.max_bps = leg->path->opt->max_bps,
		.min_octets = (uint32_t)(least(leg) + leg->headers),
		.max_octets = 1200 + (uint32_t)leg->headers,
		.rtt = rtt_of(leg),
		.budget = RATE_BUDGET,
	};
	int err = vc_rateprobe_init(&leg->rate, &conf, now);

	leg->has_rate = !err;
	leg->path->at_rate = leg;
	return err;
}

int64_t path_find_rate(struct path_leg *leg, int64_t now)
{
	struct path *p = leg->path;
	uint32_t index, octets;
	int64_t at;

	if (!p->opt->finds_rate) {
		path_leg_go(leg, PATH_DONE, now);
		return now;
	}
	if (p->at_rate && p->at_rate != leg)
		return now + 50 * VC_MS;
	if (!leg->has_rate && begin_rate(leg, now)) {
		path_leg_go(leg, PATH_DONE, now);
		return now;
	}
	for (int n = 0;
	     n < AT_ONCE && vc_rateprobe_due(&leg->rate, now, &index, &octets);
	     n++) {
		struct vc_path_probe probe =
			probe_of(leg, VC_PATH_TRAIN, index);

		bool is_up = p->opt->finds_rate == PATH_UP;

		/* Downwards the answers are as large, and are what is timed. */
		probe.flags = is_up ? VC_PATH_SMALL : 0;
		send_probe(leg, &probe, octets - leg->headers, false, &at);
		if (is_up)
			vc_rateprobe_sent(&leg->rate, index, at);
	}
	vc_rateprobe_tick(&leg->rate, now);
	if (leg->rate.state == VC_RATEPROBE_DONE)
		path_leg_go(leg, PATH_DONE, now);
	return vc_rateprobe_next(&leg->rate, now);
}
