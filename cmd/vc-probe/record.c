/* SPDX-License-Identifier: MIT */
/*
 * The report as one JSON record, vc.probe/1. What was not measured is null,
 * never 0; the members of a source do not depend on what came, only on its
 * kind, so that scripts find them.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "media/emodel.h"
#include "probe.h"
#include "wire/codec.h"

#define NAMES_MAX 256

static double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

static double share(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : NAN;
}

static void set_count(struct vc_json *o, const char *key, int64_t v)
{
	if (v == UNSAID)
		vc_json_set_null(o, key);
	else
		vc_json_set_int(o, key, v);
}

static void set_word(struct vc_json *o, const char *key, const char *s)
{
	if (s[0])
		vc_json_set_str(o, key, s);
	else
		vc_json_set_null(o, key);
}

/* Plain frames in a file: when they arrived nobody knows. */
static bool is_timeless(const struct probe *p)
{
	return p->is_file && !p->has_time;
}

/* First to last packet; 0 where there is no time between. */
static int64_t span_of(const struct probe *p, const struct meter *m)
{
	if (is_timeless(p) || m->rx.first_arrival == VC_TIME_NONE ||
	    m->rx.last_arrival <= m->rx.first_arrival)
		return 0;
	return m->rx.last_arrival - m->rx.first_arrival;
}

static double rate(uint64_t octets, int64_t span)
{
	return span > 0 ? 8e9 * (double)octets / (double)span : NAN;
}

/*
 * What people are told he is: his NAME, as long as nobody else is called that
 * and no stronger word is known, else his id. Of a crowd, ids.
 */
static const char *who_is(const struct probe *p, const struct meter *m)
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

static const char *kind_of(const struct meter *m)
{
	return m->is_slides ? "slides" : vc_kind_name((enum vc_kind)m->kind);
}

/* --- parts of a source --- */

static struct vc_json *media_of(const struct probe *p, const struct meter *m,
				int64_t span)
{
	const struct vc_rxstats *rx = &m->rx;
	struct vc_json *o = vc_json_object();
	int64_t expected = (int64_t)vc_rxstats_expected(rx);
	int64_t lost = vc_rxstats_lost(rx);
	bool has_jitter = rx->jitter_n > 0 && !is_timeless(p);

	vc_json_set_int(o, "packets", (int64_t)rx->packets);
	vc_json_set_int(o, "octets", (int64_t)rx->octets);
	vc_json_set_real(o, "rate_bps", rate(rx->octets, span), 0);
	vc_json_set_int(o, "expected", expected);
	vc_json_set_int(o, "lost", lost);
	vc_json_set_real(o, "loss", share(lost, expected), 6);
	vc_json_set_int(o, "duplicates", (int64_t)rx->duplicates);
	vc_json_set_int(o, "reordered", (int64_t)rx->reordered);
	vc_json_set_int(o, "late", (int64_t)rx->late);
	vc_json_set_int(o, "bad", (int64_t)rx->bad);
	vc_json_set_int(o, "resyncs", (int64_t)rx->resyncs);
	vc_json_set_real(o, "jitter_ms", has_jitter ? ms(rx->jitter_ns) : NAN,
			 4);
	vc_json_set_real(o, "jitter_mean_ms",
			 has_jitter ? ms(vc_rxstats_jitter_mean_ns(rx)) : NAN,
			 4);
	vc_json_set_real(o, "jitter_max_ms",
			 has_jitter ? ms(rx->jitter_max_ns) : NAN, 4);
	return o;
}

static struct vc_json *net_of(const struct net *n, int64_t span)
{
	struct vc_json *o;
	bool has_loss = n->lost != UNSAID && n->expected != UNSAID;
	bool has_octets = n->octets >= 0; /* UNSAID is not */

	if (!n->is_known)
		return NULL;
	o = vc_json_object();
	set_count(o, "received", n->received);
	set_count(o, "octets", n->octets);
	vc_json_set_real(o, "rate_bps",
			 has_octets ? rate((uint64_t)n->octets, span) : NAN, 0);
	set_count(o, "expected", n->expected);
	set_count(o, "lost", n->lost);
	vc_json_set_real(o, "loss",
			 has_loss ? share(n->lost, n->expected) : NAN, 6);
	set_count(o, "duplicates", n->dup);
	set_count(o, "reordered", n->reordered);
	set_count(o, "late", n->late);
	set_count(o, "overflow", n->overflow);
	set_count(o, "auth_failed", n->auth_failed);
	set_count(o, "won", n->won);
	vc_json_set_real(o, "jitter_ms", n->jitter_ms, 4);
	vc_json_set_real(o, "jitter_mean_ms", n->jitter_mean_ms, 4);
	vc_json_set_real(o, "jitter_max_ms", n->jitter_max_ms, 4);
	vc_json_set_real(o, "rtt_ms", n->rtt_ms, 3);
	return o;
}

static double fps_of(const struct probe *p, const struct vc_framestat_counts *c)
{
	if (is_timeless(p) || c->frames < 2 || c->last <= c->first)
		return NAN;
	return (double)(c->frames - 1) * 1e9 / (double)(c->last - c->first);
}

static void add_video(struct vc_json *o, const struct probe *p,
		      const struct meter *m)
{
	const struct vc_framestat_counts *c = vc_framestat_counts(m->video);
	bool knows_keys = vc_framestat_knows_keys(m->video);
	struct vc_json *f = vc_json_object();
	double fps = fps_of(p, c);

	vc_json_set_int(o, "frames", (int64_t)c->frames);
	vc_json_set_real(o, "fps", fps, 3);
	set_count(o, "key_frames", knows_keys ? (int64_t)c->keys : UNSAID);
	vc_json_set_real(
		o, "key_fps",
		knows_keys ? (double)c->keys * fps / (double)c->frames : NAN,
		3);
	vc_json_set_int(o, "broken", (int64_t)c->broken);
	set_count(o, "waiting", knows_keys ? (int64_t)c->waiting : UNSAID);
	set_count(o, "width", c->width ? c->width : UNSAID);
	set_count(o, "height", c->height ? c->height : UNSAID);
	vc_json_set_int(f, "count", (int64_t)c->freezes);
	vc_json_set_real(f, "total_ms", ms(c->frozen), 3);
	vc_json_set_real(f, "longest_ms", ms(c->longest), 3);
	if (c->frames && !is_timeless(p)) {
		vc_json_set(o, "freezes", f);
		return;
	}
	vc_json_set_null(o, "freezes");
	vc_json_free(f);
}

/* What never came; duplicates do not make up for it. */
static double never_came(const struct vc_rxstats *rx)
{
	int64_t expected = (int64_t)vc_rxstats_expected(rx);
	int64_t missing = vc_rxstats_lost(rx) + (int64_t)rx->duplicates;

	return missing < 0 ? 0 : 100 * share(missing, expected);
}

/* 0: not known. */
static uint32_t to_rate(double bps)
{
	return bps > 0 && bps < 4e9 ? (uint32_t)bps : 0;
}

static void add_emodel(struct vc_json *o, const struct probe *p,
		       const struct meter *m)
{
	const char *codec = vc_codec_name((enum vc_codec)m->codec);
	double bps = rate(m->rx.octets, span_of(p, m)), delay = NAN, r;
	struct vc_json *in = vc_json_object();
	struct vc_emodel_codec c;
	struct vc_emodel e;

	if (!m->rx.packets || vc_emodel_codec(codec, to_rate(bps), true, &c)) {
		vc_json_free(in);
		vc_json_set_null(o, "r");
		vc_json_set_null(o, "mos_lq");
		vc_json_set_null(o, "mos_cq");
		vc_json_set_null(o, "emodel");
		return;
	}
	vc_emodel_init(&e);
	e.ie = c.ie;
	e.bpl = c.bpl;
	e.ppl = never_came(&m->rx);
	/* The model knows no losses that keep apart. */
	if (vc_lossruns_ratio(&m->runs) > 1)
		e.burst_r = vc_lossruns_ratio(&m->runs);
	r = vc_emodel_r(&e);
	vc_json_set_real(o, "r", r, 2);
	vc_json_set_real(o, "mos_lq", vc_mos_from_r(r), 3);
	if (m->net.is_known && m->net.rtt_ms >= 0 && m->ptime) {
		delay = m->net.rtt_ms / 2 + ms(m->ptime);
		vc_emodel_set_delay(&e, delay);
		vc_json_set_real(o, "mos_cq", vc_mos_from_r(vc_emodel_r(&e)),
				 3);
	} else {
		vc_json_set_null(o, "mos_cq");
	}
	vc_json_set_str(in, "codec", c.is_published ? "published" : "assumed");
	vc_json_set_real(in, "ie", e.ie, 3);
	vc_json_set_real(in, "bpl", e.bpl, 3);
	vc_json_set_real(in, "loss_percent", e.ppl, 4);
	vc_json_set_real(in, "burst_r", e.burst_r, 3);
	vc_json_set_real(in, "ie_eff", vc_emodel_ie_eff(&e), 3);
	vc_json_set_real(in, "delay_ms", delay, 3);
	vc_json_set(o, "emodel", in);
}

static void add_audio(struct vc_json *o, const struct probe *p,
		      const struct meter *m)
{
	struct vc_json *heard = vc_json_object();
	double v;

	vc_json_set_real(
		o, "level_dbov",
		m->levels ? -(double)m->level_sum / (double)m->levels : NAN, 1);
	add_emodel(o, p, m);
	for (size_t i = 0; i < p->n_heard; i++) {
		bool is_known = m->ears && ears_share(m->ears, i, &v);

		vc_json_set_real(heard, p->heard[i], is_known ? v : NAN, 4);
	}
	vc_json_set(o, "heard", heard);
}

static struct vc_json *source_of(const struct probe *p, const struct meter *m)
{
	int64_t span = span_of(p, m);
	struct vc_json *o = vc_json_object(), *net = net_of(&m->net, span);
	struct vc_json *marks = eyes_record(p, m);

	vc_json_set_str(o, "id", m->id);
	vc_json_set_str(o, "id_by", vc_id_by_name(m->id_by));
	vc_json_set_str(o, "who", who_is(p, m));
	vc_json_set_int(o, "ssrc", m->ssrc);
	vc_json_set_str(o, "kind", kind_of(m));
	set_word(o, "rid", m->rid);
	vc_json_set_str(o, "codec", vc_codec_name((enum vc_codec)m->codec));
	vc_json_set_int(o, "pt", m->pt);
	vc_json_set_int(o, "rate_hz", m->rx.rate_hz);
	vc_json_set_real(o, "begin_s",
			 m->rx.first_arrival == VC_TIME_NONE || is_timeless(p) ?
				 NAN :
				 ms(m->rx.first_arrival - p->start) / 1e3,
			 6);
	vc_json_set_real(o, "span_s", span ? ms(span) / 1e3 : NAN, 6);
	set_word(o, "left", m->is_gone ? vc_leave_name(m->why) : "");
	vc_json_set_int(o, "packets", (int64_t)m->rx.packets);
	vc_json_set_int(o, "octets", (int64_t)m->rx.octets);
	vc_json_set_real(o, "rate_bps", rate(m->rx.octets, span), 0);
	vc_json_set_real(o, "loss",
			 share(vc_rxstats_lost(&m->rx),
			       (int64_t)vc_rxstats_expected(&m->rx)),
			 6);
	vc_json_set_real(
		o, "jitter_ms",
		m->rx.jitter_n && !is_timeless(p) ? ms(m->rx.jitter_ns) : NAN,
		4);
	if (m->to)
		vc_json_set(o, "to", vc_json_copy(m->to));
	else
		vc_json_set_null(o, "to");
	if (net)
		vc_json_set(o, "net", net);
	else
		vc_json_set_null(o, "net");
	vc_json_set(o, "media", media_of(p, m, span));
	if (m->video)
		add_video(o, p, m);
	if (m->kind == VC_AUDIO)
		add_audio(o, p, m);
	if (marks)
		vc_json_set(o, "marks", marks);
	else
		vc_json_set_null(o, "marks");
	return o;
}

/* --- participants --- */

/* Is 'm' the first meter of its participant? */
static bool is_first(const struct probe *p, const struct meter *m)
{
	const struct meter *at = p->first;

	while (at != m && strcmp(at->id, m->id))
		at = at->next;
	return at == m;
}

static struct vc_json *participant_of(const struct probe *p,
				      const struct meter *first)
{
	struct vc_json *o = vc_json_object(), *ssrcs = vc_json_array();
	const struct meter *audio = NULL, *video = NULL;

	for (const struct meter *m = first; m; m = m->next) {
		if (strcmp(m->id, first->id))
			continue;
		vc_json_add_int(ssrcs, m->ssrc);
		if (m->kind == VC_AUDIO && (!audio || !audio->has_transit))
			audio = m;
		if (m->video && !m->is_slides &&
		    (!video || !video->has_transit))
			video = m;
	}
	vc_json_set_str(o, "id", first->id);
	vc_json_set_str(o, "id_by", vc_id_by_name(first->id_by));
	vc_json_set_str(o, "who", who_is(p, first));
	set_word(o, "cname", first->cname);
	set_word(o, "name", first->name);
	vc_json_set(o, "sources", ssrcs);
	vc_json_set_real(
		o, "fps",
		video ? fps_of(p, vc_framestat_counts(video->video)) : NAN, 3);
	vc_json_set_real(
		o, "av_offset_ms",
		!is_timeless(p) && audio && video && audio->has_transit &&
				video->has_transit && audio->cname[0] &&
				!strcmp(audio->cname, video->cname) ?
			ms(video->transit - audio->transit) :
			NAN,
		3);
	return o;
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

static struct vc_json *total_of(const struct probe *p, int64_t n_who,
				int64_t now)
{
	const struct span s = whole_span(p);
	struct vc_json *o = vc_json_object();
	uint64_t packets = 0, octets = 0;
	int64_t lost = 0, expected = 0;
	bool has_span = s.first != VC_TIME_NONE && now >= s.first &&
			!is_timeless(p);
	int64_t span = has_span ? now - s.first : 0;

	for (const struct meter *m = p->first; m; m = m->next) {
		packets += m->rx.packets;
		octets += m->rx.octets;
		lost += vc_rxstats_lost(&m->rx);
		expected += (int64_t)vc_rxstats_expected(&m->rx);
	}
	vc_json_set_real(o, "duration_s", span ? ms(span) / 1e3 : NAN, 6);
	vc_json_set_int(o, "sources",
			(int64_t)p->n_meters + (int64_t)p->forgotten);
	vc_json_set_int(o, "participants", n_who);
	vc_json_set_int(o, "packets", (int64_t)packets);
	vc_json_set_int(o, "octets", (int64_t)octets);
	vc_json_set_real(o, "rate_bps",
			 rate(octets, has_span ? s.last - s.first : 0), 0);
	vc_json_set_real(o, "loss", share(lost, expected), 6);
	vc_json_set_int(o, "malformed", (int64_t)p->malformed);
	vc_json_set_int(o, "forgotten", (int64_t)p->forgotten);
	return o;
}

struct vc_json *record_make(const struct probe *p, int64_t now)
{
	static const char *const clocks[] = { "live", "virtual", "recorded" };
	struct vc_json *o = vc_json_object(), *sources = vc_json_array();
	struct vc_json *who = vc_json_array();
	const char *tag = vc_tool_options(p->tool)->tag;

	for (const struct meter *m = p->first; m; m = m->next) {
		vc_json_add(sources, source_of(p, m));
		if (is_first(p, m))
			vc_json_add(who, participant_of(p, m));
	}
	vc_json_set_str(o, "schema", "vc.probe/1");
	set_word(o, "tag", tag ? tag : "");
	vc_json_set_str(o, "clock",
			is_timeless(p) ? "none" : clocks[vc_in_clock(p->in)]);
	set_count(o, "t", now / VC_US);
	vc_json_set(o, "total", total_of(p, (int64_t)vc_json_len(who), now));
	vc_json_set(o, "participants", who);
	vc_json_set(o, "sources", sources);
	return o;
}

/* --- a series --- */

static struct vc_json *interval_of(const struct probe *p, struct meter *m,
				   int64_t span)
{
	struct vc_json *o = vc_json_object();
	struct mark mark = { .packets = m->rx.packets,
			     .octets = m->rx.octets,
			     .expected = vc_rxstats_expected(&m->rx),
			     .lost = vc_rxstats_lost(&m->rx) };
	int64_t expected, lost;

	if (m->video)
		mark.frames = vc_framestat_counts(m->video)->frames;
	expected = (int64_t)(mark.expected - m->mark.expected);
	lost = mark.lost - m->mark.lost;
	vc_json_set_str(o, "id", m->id);
	vc_json_set_str(o, "who", who_is(p, m));
	vc_json_set_int(o, "ssrc", m->ssrc);
	vc_json_set_str(o, "kind", kind_of(m));
	set_word(o, "rid", m->rid);
	vc_json_set_int(o, "packets",
			(int64_t)(mark.packets - m->mark.packets));
	vc_json_set_real(o, "rate_bps",
			 rate(mark.octets - m->mark.octets, span), 0);
	vc_json_set_int(o, "lost", lost);
	vc_json_set_real(o, "loss", share(lost, expected), 6);
	vc_json_set_real(o, "jitter_ms",
			 m->rx.jitter_n ? ms(m->rx.jitter_ns) : NAN, 4);
	vc_json_set_real(o, "fps",
			 m->video ? (double)(mark.frames - m->mark.frames) *
					    1e9 / (double)span :
				    NAN,
			 3);
	m->mark = mark;
	return o;
}

struct vc_json *record_interval(struct probe *p, int64_t now, int64_t span)
{
	struct vc_json *o = vc_json_object(), *sources = vc_json_array();

	vc_json_set_str(o, "schema", "vc.probe.interval/1");
	vc_json_set_int(o, "t", now / VC_US);
	vc_json_set_real(o, "at_s", ms(now - p->start) / 1e3, 3);
	for (struct meter *m = p->first; m; m = m->next) {
		if (m->is_gone && m->mark.packets == m->rx.packets)
			continue;
		vc_json_add(sources, interval_of(p, m, span));
	}
	vc_json_set(o, "sources", sources);
	return o;
}
