/* SPDX-License-Identifier: MIT */
/* The report as one JSON record, vc.probe/1: the whole, and who took part. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "caught.h"
#include "probe.h"
#include "wire/codec.h"

#define NAMES_MAX 256

void record_set_count(struct vc_json *o, const char *key, int64_t v)
{
	if (v == UNSAID)
		vc_json_set_null(o, key);
	else
		vc_json_set_int(o, key, v);
}

void record_set_word(struct vc_json *o, const char *key, const char *s)
{
	if (s[0])
		vc_json_set_str(o, key, s);
	else
		vc_json_set_null(o, key);
}

bool record_is_timeless(const struct probe *p)
{
	return p->is_file && !p->has_time;
}

int64_t record_span(const struct probe *p, const struct meter *m)
{
	if (record_is_timeless(p) || m->rx.first_arrival == VC_TIME_NONE ||
	    m->rx.last_arrival <= m->rx.first_arrival)
		return 0;
	return m->rx.last_arrival - m->rx.first_arrival;
}

const char *record_who(const struct probe *p, const struct meter *m)
{
	if (m->id_by != VC_ID_CNAME || !m->name[0] || p->n_meters > NAMES_MAX)
		return m->id;
	for (const struct meter *o = p->first; o; o = o->next) {
		if (strcmp(o->id, m->id) &&
		    (!strcmp(o->name, m->name) || !strcmp(o->id, m->name)))
			return m->id;
	}
	return m->name;
}

const char *record_kind(const struct meter *m)
{
	return m->is_slides ? "slides" : vc_kind_name((enum vc_kind)m->kind);
}

double record_fps(const struct probe *p, const struct vc_framestat_counts *c)
{
	if (record_is_timeless(p) || c->frames < 2 || c->last <= c->first)
		return NAN;
	return (double)(c->frames - 1) * 1e9 / (double)(c->last - c->first);
}

/* --- participants --- */

/*
 * Meters by participant: strangers have as many of both as are kept, and who
 * belongs to whom is not looked up for each of them among all.
 */
struct owned {
	const struct meter *m;
	size_t at;   /* in order of arrival */
	size_t mine; /* whose own is the at-th: its first here; SIZE_MAX: none */
};

static int by_owner(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;
	int d = strcmp(x->m->id, y->m->id);

	return d ? d : x->at < y->at ? -1 : x->at > y->at;
}

static struct vc_json *participant_of(const struct probe *p,
				      const struct owned *own,
				      const struct owned *end)
{
	const struct meter *first = own->m;
	struct vc_json *o = vc_json_object(), *ssrcs = vc_json_array();
	const struct meter *audio = NULL, *video = NULL;

	for (; own < end && !strcmp(own->m->id, first->id); own++) {
		const struct meter *m = own->m;

		vc_json_add_int(ssrcs, m->ssrc);
		if (m->kind == VC_AUDIO && (!audio || !audio->has_transit))
			audio = m;
		if (m->video && !m->is_slides &&
		    (!video || !video->has_transit))
			video = m;
	}
	vc_json_set_str(o, "id", first->id);
	vc_json_set_str(o, "id_by", vc_id_by_name(first->id_by));
	vc_json_set_str(o, "who", record_who(p, first));
	record_set_word(o, "cname", first->cname);
	record_set_word(o, "name", first->name);
	vc_json_set(o, "sources", ssrcs);
	vc_json_set_real(
		o, "fps",
		video ? record_fps(p, vc_framestat_counts(video->video)) : NAN,
		3);
	vc_json_set_real(o, "av_offset_ms",
			 !record_is_timeless(p) && audio && video &&
					 audio->has_transit &&
					 video->has_transit &&
					 audio->cname[0] &&
					 !strcmp(audio->cname, video->cname) ?
				 ms(video->transit - audio->transit) :
				 NAN,
			 3);
	return o;
}

/* Those who took part, in order of arrival; NULL: no memory. */
static struct vc_json *participants(const struct probe *p)
{
	struct owned *all = vc_try_alloc(p->n_meters + 1, sizeof(*all));
	struct vc_json *who;
	size_t n = 0;

	if (!all)
		return NULL;
	for (const struct meter *m = p->first; m; m = m->next) {
		all[n] = (struct owned){ m, n, SIZE_MAX };
		n++;
	}
	qsort(all, n, sizeof(*all), by_owner);
	for (size_t i = 0; i < n; i++) {
		if (!i || strcmp(all[i - 1].m->id, all[i].m->id))
			all[all[i].at].mine = i;
	}
	who = vc_json_array();
	for (size_t i = 0; i < n; i++) {
		if (all[i].mine != SIZE_MAX)
			vc_json_add(who, participant_of(p, &all[all[i].mine],
							all + n));
	}
	free(all);
	return who;
}

/* --- the whole --- */

/* When packets came; ends that are waited for are no part of it. */
struct span {
	int64_t first; /* VC_TIME_NONE: none came */
	int64_t last;
};

static struct span whole_span(const struct probe *p)
{
	struct span s = { VC_TIME_NONE, VC_TIME_NONE };

	if (p->past.packets)
		s = (struct span){ p->past.first, p->past.last };
	for (const struct meter *m = p->first; m; m = m->next) {
		if (m->rx.first_arrival == VC_TIME_NONE)
			continue;
		if (s.first == VC_TIME_NONE || m->rx.first_arrival < s.first)
			s.first = m->rx.first_arrival;
		if (s.last == VC_TIME_NONE || m->rx.last_arrival > s.last)
			s.last = m->rx.last_arrival;
	}
	return s;
}

struct vc_json *record_total(const struct probe *p, int64_t n_who, int64_t now)
{
	const struct span s = whole_span(p);
	struct vc_json *o = vc_json_object();
	uint64_t packets = p->past.packets, octets = p->past.octets;
	int64_t lost = p->past.lost, expected = (int64_t)p->past.expected;
	bool has_span = s.first != VC_TIME_NONE && now >= s.first &&
			!record_is_timeless(p);
	int64_t span = has_span ? now - s.first : 0;

	for (const struct meter *m = p->first; m; m = m->next) {
		packets += m->rx.packets;
		octets += m->rx.octets;
		lost += vc_rxstats_lost(&m->rx);
		expected += (int64_t)vc_rxstats_expected(&m->rx);
	}
	vc_json_set_real(o, "duration_s", span ? ms(span) / 1e3 : NAN, 6);
	vc_json_set_int(o, "sources",
			(int64_t)(p->n_meters + p->forgotten + p->told));
	record_set_count(o, "participants", n_who);
	vc_json_set_int(o, "packets", (int64_t)packets);
	vc_json_set_int(o, "octets", (int64_t)octets);
	vc_json_set_real(o, "rate_bps",
			 rate(octets, has_span ? s.last - s.first : 0), 0);
	vc_json_set_real(o, "loss", share(lost, expected), 6);
	vc_json_set(o, "repair", record_repair_total(p));
	vc_json_set_int(o, "malformed",
			(int64_t)(p->malformed + vc_in_malformed(p->in)));
	vc_json_set_int(o, "refused", (int64_t)vc_in_refused(p->in));
	vc_json_set_int(o, "forgotten", (int64_t)p->forgotten);
	vc_json_set_int(o, "video_overflow", (int64_t)p->video_room.given_up);
	return o;
}

struct vc_json *record_make(const struct probe *p, int64_t now)
{
	static const char *const clocks[] = { "live", "virtual", "recorded" };
	struct vc_json *o = vc_json_object(), *sources = vc_json_array();
	struct vc_json *who = participants(p);
	const char *tag = vc_tool_options(p->tool)->tag;

	for (const struct meter *m = p->first; m; m = m->next)
		vc_json_add(sources, record_source(p, m));
	vc_json_set_str(o, "schema", "vc.probe/1");
	record_set_word(o, "tag", tag ? tag : "");
	vc_json_set_str(o, "clock",
			record_is_timeless(p) ? "none" :
						clocks[vc_in_clock(p->in)]);
	record_set_count(o, "t", now / VC_US);
	vc_json_set(o, "total",
		    record_total(p, who ? (int64_t)vc_json_len(who) : UNSAID,
				 now));
	caught_record_whole(o, p);
	vc_json_set(o, "participants", who ? who : vc_json_array());
	vc_json_set(o, "sources", sources);
	return o;
}
