/* SPDX-License-Identifier: MIT */
/*
 * Of metrics: which way is better (for --baseline: figures that depend on
 * nothing but how good it was, each under one name), and what a sample over time
 * is where it is not the figure as it stands.
 */
#include "base/mem.h"
#include "probe.h"

/* '|': nearer to 0. */
const struct vc_trait probe_traits[] = {
	{ "packets", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "octets", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "rate_bps", 0, VC_OVER_RATE, "octets", NULL, 8 },
	{ "jitter_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "loss", '<', VC_OVER_SHARE, "media.lost", "media.expected", 0 },

	{ "media.packets", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.octets", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.rate_bps", 0, VC_OVER_RATE, "media.octets", NULL, 8 },
	{ "media.expected", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.lost", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.loss", 0, VC_OVER_SHARE, "media.lost", "media.expected", 0 },
	{ "media.duplicates", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.reordered", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.late", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.bad", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.resyncs", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "media.jitter_mean_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "media.jitter_max_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },

	{ "delay_ms.p50", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "delay_ms.p95", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "delay_ms.p99", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "delay_ms.max", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "late[60ms]", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "clock.steps", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "burst.count", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "markers", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "marker_errors", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "ts_errors", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "ts_back", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "ts_steps", 0, VC_OVER_COUNT, NULL, NULL, 0 },

	{ "net.received", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.octets", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.rate_bps", 0, VC_OVER_RATE, "net.octets", NULL, 8 },
	{ "net.expected", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.lost", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.loss", '<', VC_OVER_SHARE, "net.lost", "net.expected", 0 },
	{ "net.duplicates", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.reordered", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.late", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.overflow", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.auth_failed", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.won", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "net.jitter_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "net.jitter_mean_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "net.jitter_max_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "net.rtt_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },

	{ "frames", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "fps", '>', VC_OVER_RATE, "frames", NULL, 1 },
	{ "key_frames", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "key_fps", 0, VC_OVER_RATE, "key_frames", NULL, 1 },
	{ "broken", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "waiting", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "freezes.count", '<', VC_OVER_COUNT, NULL, NULL, 0 },
	{ "freezes.total_ms", '<', VC_OVER_COUNT, NULL, NULL, 0 },
	{ "freezes.longest_ms", '<', VC_OVER_STANDS, NULL, NULL, 0 },

	{ "r", '>', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "mos_lq", '>', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "mos_cq", '>', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "heard[NAME]", '>', VC_OVER_STANDS, NULL, NULL, 0 },

	{ "marks.read", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "marks.pictures", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "marks.unreadable", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "marks.unreadable_share", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "marks.missing", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "marks.repeated", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "marks.disorder", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "marks.gaps", 0, VC_OVER_COUNT, NULL, NULL, 0 },
	{ "marks.delay_ms.median", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "marks.delay_ms.p95", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "marks.delay_ms.max", '<', VC_OVER_STANDS, NULL, NULL, 0 },
	{ "marks.av_offset_ms", '|', VC_OVER_STANDS, NULL, NULL, 0 },

	{ "malformed", 0, VC_OVER_COUNT, NULL, NULL, 0 },
};

const size_t probe_n_traits = VC_COUNT(probe_traits);

const struct vc_alias probe_aliases[] = {
	{ "mos", "mos_lq" },
	{ "freeze.count", "freezes.count" },
	{ "freeze.total", "freezes.total_ms" },
	{ "freeze.longest", "freezes.longest_ms" },
	{ "av_offset", "marks.av_offset_ms" },
	{ "latency", "marks.delay_ms.median" },
	{ "latency.p50", "marks.delay_ms.median" },
	{ "latency.p95", "marks.delay_ms.p95" },
	{ "latency.max", "marks.delay_ms.max" },
};

const size_t probe_n_aliases = VC_COUNT(probe_aliases);
