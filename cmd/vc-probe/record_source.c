/* SPDX-License-Identifier: MIT */
/*
 * A source in the record. What was not measured is null, never 0; its members
 * do not depend on what came, only on its kind, so that scripts find them.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/time.h"
#include "caught.h"
#include "latency.h"
#include "lips.h"
#include "passive.h"
#include "probe.h"
#include "record.h"
#include "wire/codec.h"

static struct vc_json *media_of(const struct probe *p, const struct meter *m,
				int64_t span)
{
	const struct vc_rxstats *rx = &m->rx;
	struct vc_json *o = vc_json_object();
	int64_t expected = (int64_t)vc_rxstats_expected(rx);
	int64_t lost = vc_rxstats_lost(rx);
	bool has_jitter = rx->jitter_n > 0 && !record_is_timeless(p);

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
	vc_json_set_real(
		o, "jitter_units",
		has_jitter ? (double)rx->jitter_ns * rx->rate_hz / 1e9 : NAN,
		2);
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
	record_set_count(o, "received", n->received);
	record_set_count(o, "octets", n->octets);
	vc_json_set_real(o, "rate_bps",
			 has_octets ? rate((uint64_t)n->octets, span) : NAN, 0);
	record_set_count(o, "expected", n->expected);
	record_set_count(o, "lost", n->lost);
	vc_json_set_real(o, "loss",
			 has_loss ? share(n->lost, n->expected) : NAN, 6);
	record_set_count(o, "duplicates", n->dup);
	record_set_count(o, "reordered", n->reordered);
	record_set_count(o, "late", n->late);
	record_set_count(o, "overflow", n->overflow);
	record_set_count(o, "auth_failed", n->auth_failed);
	record_set_count(o, "won", n->won);
	vc_json_set_real(o, "jitter_ms", n->jitter_ms, 4);
	vc_json_set_real(o, "jitter_mean_ms", n->jitter_mean_ms, 4);
	vc_json_set_real(o, "jitter_max_ms", n->jitter_max_ms, 4);
	vc_json_set_real(o, "rtt_ms", n->rtt_ms, 3);
	record_set_count(o, "dscp", n->dscp);
	record_set_count(o, "ttl", n->ttl);
	return o;
}

static void add_video(struct vc_json *o, const struct probe *p,
		      const struct meter *m)
{
	const struct vc_framestat_counts *c = vc_framestat_counts(m->video);
	bool knows_keys = vc_framestat_knows_keys(m->video);
	struct vc_json *f = vc_json_object();
	double fps = record_fps(p, c);
	uint64_t keys = knows_keys ? c->keys : c->guessed;

	vc_json_set_int(o, "frames", (int64_t)c->frames);
	vc_json_set_real(o, "fps", fps, 3);
	vc_json_set_int(o, "key_frames", (int64_t)keys);
	vc_json_set_real(o, "key_fps", (double)keys * fps / (double)c->frames,
			 3);
	record_picture(o, p, m);
	vc_json_set_int(o, "broken", (int64_t)c->broken);
	record_set_count(o, "waiting",
			 knows_keys ? (int64_t)c->waiting : UNSAID);
	record_set_count(o, "width", c->width ? c->width : UNSAID);
	record_set_count(o, "height", c->height ? c->height : UNSAID);
	vc_json_set_int(f, "count", (int64_t)c->freezes);
	vc_json_set_real(f, "total_ms", ms(c->frozen), 3);
	vc_json_set_real(f, "longest_ms", ms(c->longest), 3);
	if (c->frames && !record_is_timeless(p)) {
		vc_json_set(o, "freezes", f);
		return;
	}
	vc_json_set_null(o, "freezes");
	vc_json_free(f);
}

static void add_audio(struct vc_json *o, const struct probe *p,
		      const struct meter *m)
{
	vc_json_set_real(
		o, "level_dbov",
		m->levels ? -(double)m->level_sum / (double)m->levels : NAN, 1);
	vc_json_set_real(o, "voice_share",
			 share((int64_t)m->voiced, (int64_t)m->levels), 4);
	vc_json_set_real(o, "dtx_share", record_dtx(m), 4);
	record_speech(o, p, m);
	digits_record(o, m);
}

struct vc_json *record_source(const struct probe *p, const struct meter *m)
{
	int64_t span = record_span(p, m);
	struct vc_json *o = vc_json_object(), *net = net_of(&m->net, span);

	vc_json_set_str(o, "id", m->id);
	vc_json_set_str(o, "id_by", vc_id_by_name(m->id_by));
	vc_json_set_str(o, "who", record_who(p, m));
	vc_json_set_int(o, "ssrc", m->ssrc);
	vc_json_set_str(o, "kind", record_kind(m));
	record_set_word(o, "rid", m->rid);
	caught_record(o, m);
	vc_json_set_str(o, "codec", vc_codec_name((enum vc_codec)m->codec));
	vc_json_set_int(o, "pt", m->pt);
	vc_json_set_int(o, "rate_hz", m->rx.rate_hz);
	vc_json_set_real(o, "begin_s",
			 m->rx.first_arrival == VC_TIME_NONE ||
					 record_is_timeless(p) ?
				 NAN :
				 ms(m->rx.first_arrival - p->start) / 1e3,
			 6);
	vc_json_set_real(o, "span_s", span ? ms(span) / 1e3 : NAN, 6);
	record_set_word(o, "left", m->is_gone ? vc_leave_name(m->why) : "");
	vc_json_set_int(o, "packets", (int64_t)m->rx.packets);
	vc_json_set_int(o, "octets", (int64_t)m->rx.octets);
	vc_json_set_real(o, "rate_bps", rate(m->rx.octets, span), 0);
	vc_json_set_real(o, "loss",
			 share(vc_rxstats_lost(&m->rx),
			       (int64_t)vc_rxstats_expected(&m->rx)),
			 6);
	vc_json_set_real(o, "jitter_ms",
			 m->rx.jitter_n && !record_is_timeless(p) ?
				 ms(m->rx.jitter_ns) :
				 NAN,
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
	record_passive(o, p, m);
	record_repair(o, p, m);
	record_rtcp(o, p, m);
	latency_record(o, p, m);
	if (m->video) {
		add_video(o, p, m);
		lips_record(o, p, m);
	}
	if (m->kind == VC_AUDIO)
		add_audio(o, p, m);
	record_decoded(o, p, m);
	return o;
}
