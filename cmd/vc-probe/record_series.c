/* SPDX-License-Identifier: MIT */
/* What came since the last one of a series, vc.probe.interval/1. */
#include <math.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "probe.h"
#include "record.h"
#include "wire/codec.h"

const struct vc_metric probe_series[] = {
	{ "packets", "packets", "RTP packets delivered, duplicates too" },
	{ "rate_bps", "bit/s", "8 x octets of payload / time" },
	{ "lost", "packets", "expected - packets (RFC 3550 A.3)" },
	{ "loss", "share", "lost / expected" },
	{ "jitter_ms", "ms", "RFC 3550 A.8, after the last packet" },
	{ "fps", "1/s", "whole frames / time" },
};

const size_t probe_n_series = VC_COUNT(probe_series);

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
	vc_json_set_str(o, "who", record_who(p, m));
	vc_json_set_int(o, "ssrc", m->ssrc);
	vc_json_set_str(o, "kind", record_kind(m));
	record_set_word(o, "rid", m->rid);
	vc_json_set_str(o, "codec", vc_codec_name((enum vc_codec)m->codec));
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
