/* SPDX-License-Identifier: MIT */
/* What came since the last one of a series, vc.probe.interval/1. */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "passive.h"
#include "probe.h"
#include "record.h"
#include "wire/codec.h"

const struct vc_metric probe_series[] = {
	{ "packets", "packets", "RTP packets delivered, duplicates too" },
	{ "rate_bps", "bit/s", "8 x octets of payload / time" },
	{ "lost", "packets", "expected - packets (RFC 3550 A.3)" },
	{ "loss", "share", "lost / expected" },
	{ "jitter_ms", "ms", "RFC 3550 A.8, after the last packet" },
	{ "delay_ms", "ms", "mean over the quickest packets, as delay_ms.p50" },
	{ "fps", "1/s", "whole frames / time" },
	{ "freezes", "freezes", "that were over, or go on" },
	{ "frozen_ms", "ms", "how much of it was frozen, of a freeze so far" },
	{ "mos_lq", "MOS", "G.107 with the loss of this time" },
};

const size_t probe_n_series = VC_COUNT(probe_series);

static struct mark mark_of(const struct probe *p, const struct meter *m,
			   int64_t now, int64_t span)
{
	struct mark k = { .is_set = true,
			  .packets = m->rx.packets,
			  .octets = m->rx.octets,
			  .expected = vc_rxstats_expected(&m->rx),
			  .duplicates = m->rx.duplicates,
			  .lost = vc_rxstats_lost(&m->rx) };
	struct speech speech;

	if (m->passive) {
		k.delays = m->passive->flow.delay.n;
		k.delay = m->passive->flow.delay.sum;
	}
	if (m->video) {
		const struct vc_framestat_counts *c =
			vc_framestat_counts(m->video);
		int64_t so_far = vc_framestat_frozen(m->video, now);

		k.frames = c->frames;
		k.freezes = c->freezes + (so_far > 0);
		k.frozen = c->frozen + so_far;
	}
	record_speech_part(p, m, &m->mark, &k, span, &speech);
	k.r = speech.r;
	k.mos_lq = speech.mos_lq;
	k.mos_cq = speech.mos_cq;
	return k;
}

static void set_video(struct vc_json *o, const struct meter *m,
		      const struct mark *k, int64_t span)
{
	const bool is = m->video != NULL;

	vc_json_set_real(o, "fps",
			 is ? (double)(k->frames - m->mark.frames) * 1e9 /
					 (double)span :
			      NAN,
			 3);
	record_set_count(o, "freezes",
			 is ? (int64_t)(k->freezes - m->mark.freezes) : UNSAID);
	vc_json_set_real(o, "frozen_ms",
			 is ? ms(k->frozen - m->mark.frozen) : NAN, 3);
}

static struct vc_json *interval_of(const struct probe *p, struct meter *m,
				   int64_t now, int64_t span)
{
	const struct mark k = mark_of(p, m, now, span);
	struct vc_json *o = vc_json_object();
	int64_t expected = (int64_t)(k.expected - m->mark.expected);
	int64_t lost = k.lost - m->mark.lost;

	vc_json_set_str(o, "id", m->id);
	vc_json_set_str(o, "who", record_who(p, m));
	vc_json_set_int(o, "ssrc", m->ssrc);
	vc_json_set_str(o, "kind", record_kind(m));
	record_set_word(o, "rid", m->rid);
	vc_json_set_str(o, "codec", vc_codec_name((enum vc_codec)m->codec));
	vc_json_set_bool(o, "whole", m->mark.is_set && !m->is_gone);
	vc_json_set_int(o, "packets", (int64_t)(k.packets - m->mark.packets));
	vc_json_set_real(o, "rate_bps", rate(k.octets - m->mark.octets, span),
			 0);
	vc_json_set_int(o, "lost", lost);
	vc_json_set_real(o, "loss", share(lost, expected), 6);
	vc_json_set_real(o, "jitter_ms",
			 m->rx.jitter_n ? ms(m->rx.jitter_ns) : NAN, 4);
	vc_json_set_real(o, "delay_ms",
			 k.delays > m->mark.delays ?
				 ms(k.delay - m->mark.delay) /
					 (double)(k.delays - m->mark.delays) :
				 NAN,
			 4);
	set_video(o, m, &k, span);
	vc_json_set_real(o, "mos_lq", k.mos_lq, 3);
	m->mark = k;
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
		vc_json_add(sources, interval_of(p, m, now, span));
	}
	vc_json_set(o, "sources", sources);
	return o;
}
