/* SPDX-License-Identifier: MIT */
/* One direction: its network, its clock, its counters. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/time.h"
#include "impair.h"

static void due(void *ctx, int64_t now)
{
	(void)now;
	way_pump(ctx);
}

int way_start(struct way *way, int64_t now)
{
	way->timer = (struct vc_timer){ .fn = due, .ctx = way };
	way->net = vc_impair_new(&way->conf, vc_tool_rand(way->im->tool),
				 (uint64_t)(way - way->im->way), now);
	return way->net ? 0 : -ENOMEM;
}

void way_stop(struct way *way)
{
	if (way->net)
		vc_timer_cancel(way->im->loop, &way->timer);
	vc_impair_free(way->net);
	way->net = NULL;
}

void way_put(struct way *way, struct vc_packet *pkt, uint64_t tag)
{
	vc_impair_put(way->net, pkt, tag, pkt->arrival);
}

void way_pump(struct way *way)
{
	int64_t now = vc_loop_now(way->im->loop);
	struct vc_packet *pkt;
	uint64_t tag;
	int64_t at;

	while ((pkt = vc_impair_get(way->net, now, &at, &tag)))
		way->out(way->im, pkt, at, tag);
	if (way->flush)
		way->flush(way->im);
	at = vc_impair_next(way->net);
	if (at == INT64_MAX)
		vc_timer_cancel(way->im->loop, &way->timer);
	else if (!way->timer.place || way->timer.deadline != at)
		vc_timer_arm(way->im->loop, &way->timer, at);
}

int way_set(struct way *way, const char *name, const char *value, char *why,
	    size_t cap)
{
	int64_t now = vc_loop_now(way->im->loop), span = 0;
	bool is_off = !strcmp(value, "off");

	if (!strcmp(name, "blackout") &&
	    (is_off || !vc_num_time(value, &span))) {
		if (span > VC_IMPAIR_TIME_MAX)
			span = VC_IMPAIR_TIME_MAX;
		vc_impair_dark(way->net, now + span);
		if (!is_off)
			return 0;
	}
	if (grammar_set(&way->conf, name, value, why, cap))
		return -EINVAL;
	vc_impair_set(way->net, &way->conf, now);
	way_pump(way);
	return 0;
}

void way_fill_stats(const struct way *way, struct vc_json *record)
{
	const struct vc_impair_counts none = { 0 };
	const struct vc_impair_counts *c =
		way->net ? vc_impair_counts(way->net) : &none;

	vc_json_set_int(record, "packets", (int64_t)c->packets);
	vc_json_set_int(record, "octets", (int64_t)c->octets);
	for (int f = 0; f < VC_FATES; f++)
		vc_json_set_int(record,
				vc_impair_fate_name((enum vc_impair_fate)f),
				(int64_t)c->fate[f]);
	vc_json_set_int(record, "corrupted", (int64_t)c->corrupted);
	vc_json_set_int(record, "duplicated", (int64_t)c->duplicated);
	vc_json_set_int(record, "reordered", (int64_t)c->reordered);
	vc_json_set_int(record, "out_packets", (int64_t)c->out_packets);
	vc_json_set_int(record, "out_octets", (int64_t)c->out_octets);
	vc_json_set_int(record, "held",
			way->net ? (int64_t)vc_impair_held(way->net) : 0);
	vc_json_set_real(record, "queue_max_ms", (double)c->queue_max / VC_MS,
			 3);
}
