/* SPDX-License-Identifier: MIT */
/* One direction: its network, its clock, its counters. */
#include <errno.h>

#include "base/json.h"
#include "base/time.h"
#include "impair.h"

/* Live, a packet waits so long for those that are due right behind it: a burst
 * that came in one batch, microseconds apart, goes on in one. */
#define TOGETHER (50 * VC_US)

static void due(void *ctx, int64_t now)
{
	(void)now;
	way_pump(ctx);
}

int way_start(struct way *way, int64_t now)
{
	struct vc_impair_conf conf;

	vc_impair_conf_init(&conf);
	conf.corrupt_from = way->corrupt_from;
	way->timer = (struct vc_timer){ .fn = due, .ctx = way };
	way->begin = now;
	way->net = vc_impair_new(&conf, vc_tool_rand(way->im->tool),
				 (uint64_t)(way - way->im->way), now);
	if (!way->net)
		return -ENOMEM;
	if (way->im->acts)
		vc_impair_tell(way->net, files_act, way);
	if (way->im->replay_path)
		vc_impair_replay(way->net,
				 &way->im->script[way - way->im->way]);
	vc_impair_follow(way->net, &way->plan, now);
	return 0;
}

void way_stop(struct way *way)
{
	if (way->net)
		vc_timer_cancel(way->im->loop, &way->timer);
	vc_impair_free(way->net);
	way->net = NULL;
}

void way_put(struct way *way, struct vc_packet *pkt,
	     const struct vc_impair_what *what, uint64_t tag)
{
	vc_impair_put(way->net, pkt, what, tag, pkt->arrival);
}

/* How much later than it should a packet goes on. */
static void count_late(struct way *way, int64_t late)
{
	way->late.by_200us += late > 200 * VC_US;
	way->late.by_1ms += late > VC_MS;
	if (late > way->late.most)
		way->late.most = late;
}

void way_pump(struct way *way)
{
	bool is_live = !vc_loop_is_virtual(way->im->loop);
	int64_t now = vc_loop_now(way->im->loop);
	int64_t clock = is_live ? vc_loop_clock(way->im->loop) : now;
	struct vc_packet *pkt;
	uint64_t tag;
	int64_t at;

	while ((pkt = vc_impair_get(way->net, now, &at, &tag))) {
		if (is_live)
			count_late(way, clock - at);
		way->out(way->im, pkt, at, tag);
	}
	if (way->flush)
		way->flush(way->im);
	at = vc_impair_next(way->net);
	if (is_live && at < INT64_MAX - TOGETHER)
		at += TOGETHER;
	if (at == INT64_MAX)
		vc_timer_cancel(way->im->loop, &way->timer);
	else if (!way->timer.place || way->timer.deadline != at)
		vc_timer_arm(way->im->loop, &way->timer, at);
}

void way_replan(struct way *way)
{
	vc_impair_follow(way->net, &way->plan, vc_loop_now(way->im->loop));
	way_pump(way);
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
	vc_json_set_int(record, "unscripted", (int64_t)c->unscripted);
	vc_json_set_int(record, "passed_by", (int64_t)c->passed_by);
	vc_json_set_int(record, "corrupted", (int64_t)c->corrupted);
	vc_json_set_int(record, "duplicated", (int64_t)c->duplicated);
	vc_json_set_int(record, "reordered", (int64_t)c->reordered);
	vc_json_set_int(record, "out_packets", (int64_t)c->out_packets);
	vc_json_set_int(record, "out_octets", (int64_t)c->out_octets);
	vc_json_set_int(record, "held",
			way->net ? (int64_t)vc_impair_held(way->net) : 0);
	vc_json_set_int(record, "late_200us", (int64_t)way->late.by_200us);
	vc_json_set_int(record, "late_1ms", (int64_t)way->late.by_1ms);
	vc_json_set_real(record, "late_max_ms", (double)way->late.most / VC_MS,
			 3);
	vc_json_set_real(record, "queue_max_ms", (double)c->queue_max / VC_MS,
			 3);
}
