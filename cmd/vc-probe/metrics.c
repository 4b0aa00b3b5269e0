/* SPDX-License-Identifier: MIT */
/* What can be expected, what it means, and which names are listened for. */
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "probe.h"
#include "tool/list.h"

#define RULES_MAX (64u << 10) /* octets of a file */

const struct vc_metric probe_metrics[] = {
	{ "packets", "packets", "RTP packets delivered, duplicates too" },
	{ "octets", "octets", "of their payloads" },
	{ "rate_bps", "bit/s",
	  "8 x octets / time from the first to the last packet" },
	{ "loss", "share", "the same as media.loss" },
	{ "jitter_ms", "ms", "the same as media.jitter_ms" },
	{ "span_s", "s", "from the first to the last packet" },

	{ "media.packets", "packets", "the same as packets" },
	{ "media.octets", "octets", "the same as octets" },
	{ "media.rate_bps", "bit/s", "the same as rate_bps" },
	{ "media.expected", "packets",
	  "highest - first sequence number + 1 (RFC 3550 A.3), all runs" },
	{ "media.lost", "packets",
	  "expected - packets, as delivered (RFC 3550 A.3)" },
	{ "media.loss", "share", "media.lost / media.expected" },
	{ "media.duplicates", "packets", "that were here before" },
	{ "media.reordered", "packets", "less than 100 behind the newest" },
	{ "media.late", "packets", "100 or more behind the newest" },
	{ "media.bad", "packets", "with a sequence number out of any run" },
	{ "media.resyncs", "jumps", "in sequence numbers (RFC 3550 A.1)" },
	{ "media.jitter_ms", "ms", "RFC 3550 A.8, after the last packet" },
	{ "media.jitter_mean_ms", "ms", "mean of that after each packet" },
	{ "media.jitter_max_ms", "ms", "largest of that" },

	{ "net.received", "packets", "at the receiving socket, by `net`" },
	{ "net.octets", "octets", "of their payloads" },
	{ "net.rate_bps", "bit/s", "8 x net.octets / span_s" },
	{ "net.expected", "packets", "as media.expected, before repair" },
	{ "net.lost", "packets", "as media.lost, before repair" },
	{ "net.loss", "share", "net.lost / net.expected" },
	{ "net.duplicates", "packets", "as media.duplicates, before repair" },
	{ "net.reordered", "packets", "as media.reordered, before repair" },
	{ "net.late", "packets", "as media.late, before repair" },
	{ "net.overflow", "packets", "dropped by the receiver's socket" },
	{ "net.auth_failed", "packets", "that did not authenticate" },
	{ "net.won", "packets", "won back by RTX, FEC or RED" },
	{ "net.jitter_ms", "ms", "RFC 3550 A.8 at the socket, last" },
	{ "net.jitter_mean_ms", "ms", "mean of that after each packet" },
	{ "net.jitter_max_ms", "ms", "largest of that" },
	{ "net.rtt_ms", "ms", "round trip by RTCP (RFC 3550 6.4.1), last" },

	{ "frames", "frames",
	  "whole, and none they need is missing; at the last packet" },
	{ "fps", "1/s", "(frames - 1) / time from the first to the last" },
	{ "key_frames", "frames", "key frames among them" },
	{ "key_fps", "1/s", "key_frames x fps / frames" },
	{ "broken", "frames", "with packets missing or malformed" },
	{ "waiting", "frames", "whole, but after a loss, before a key frame" },
	{ "width", "pixels", "of the last key frame" },
	{ "height", "pixels", "of the last key frame" },
	{ "freezes.count", "freezes",
	  "no frame for more than max(3 frame intervals, 150 ms)" },
	{ "freezes.total_ms", "ms", "all of them" },
	{ "freezes.longest_ms", "ms", "the longest" },

	{ "r", "R", "ITU-T G.107 R without delay: 93.2 - emodel.ie_eff" },
	{ "mos_lq", "MOS", "of r by G.107 Annex B; delay left out" },
	{ "mos_cq", "MOS", "the same with emodel.delay_ms measured" },
	{ "emodel.ie", "R", "codec impairment, published (G.113) or assumed" },
	{ "emodel.bpl", "", "loss robustness, published or assumed" },
	{ "emodel.loss_percent", "%",
	  "packets that never came of media.expected" },
	{ "emodel.burst_r", "",
	  "mean run of lost packets x (1 - loss), at least 1 (BurstR)" },
	{ "emodel.ie_eff", "R", "G.107 Ie,eff of the four above" },
	{ "emodel.delay_ms", "ms", "net.rtt_ms / 2 + one packet's time" },
	{ "level_dbov", "dBov", "mean of the RFC 6464 levels" },
	{ "heard[NAME]", "share",
	  "of looks, one each 160 ms, that find NAME's phrase of tones" },

	{ "marks.read", "marks", "that were read (--marks)" },
	{ "marks.pictures", "pictures", "that were decoded" },
	{ "marks.unreadable", "pictures",
	  "in which a mark failed that was read before and after, or is seen" },
	{ "marks.unreadable_share", "share",
	  "marks.unreadable / (marks.read + marks.unreadable)" },
	{ "marks.missing", "frames",
	  "left out between two marks of a source; of sound: seconds" },
	{ "marks.repeated", "frames", "with the number of the one before" },
	{ "marks.disorder", "frames", "with a lower number" },
	{ "marks.gaps", "gaps", "runs of missing ones" },
	{ "marks.delay_ms.min", "ms", "from capture to reading, the least" },
	{ "marks.delay_ms.median", "ms", "half of the marks have less" },
	{ "marks.delay_ms.p95", "ms", "95 in 100 marks have less" },
	{ "marks.delay_ms.max", "ms", "the most" },
	{ "marks.av_offset_ms", "ms",
	  "median delay of the picture - of the sound; of audio sources" },

	{ "duration_s", "s", "of the stream, first packet to end" },
	{ "sources", "sources", "in the stream" },
	{ "participants", "participants", "in the stream" },
	{ "malformed", "packets", "RTP or RTCP that is none" },
};

const size_t probe_n_metrics = VC_COUNT(probe_metrics);

/* From this one on they are of the whole stream only. */
bool metrics_is_total(const char *path)
{
	size_t i = 0;

	while (strcmp(probe_metrics[i].path, "duration_s"))
		i++;
	for (; i < probe_n_metrics; i++) {
		if (!strcmp(probe_metrics[i].path, path))
			return true;
	}
	return false;
}

void metrics_list(void)
{
	for (size_t i = 0; i < probe_n_metrics; i++)
		printf("%-21s %-12s %s\n", probe_metrics[i].path,
		       probe_metrics[i].unit[0] ? probe_metrics[i].unit : "-",
		       probe_metrics[i].formula);
}

static void hear(struct probe *p, struct vc_str name)
{
	char text[VC_ROSTER_TEXT];

	if (!name.len || vc_str_copy(text, sizeof(text), name) >= sizeof(text))
		vc_tool_usage(p->tool, "--heard: a name of 1 to 255 octets");
	for (size_t i = 0; i < p->n_heard; i++) {
		if (!strcmp(p->heard[i], text))
			return;
	}
	if (p->n_heard == MAX_HEARD)
		vc_tool_usage(p->tool, "--heard: at most %d names", MAX_HEARD);
	p->heard[p->n_heard] = vc_strdup(text);
	p->n_heard++;
}

/* 'where' it is: the option, or the line of a file. */
static void add_expect(struct probe *p, const char *where, const char *text)
{
	struct vc_expect *e = &p->expect[p->n_expect];
	struct vc_str rest;
	char why[256];

	if (p->n_expect == MAX_EXPECT)
		vc_tool_usage(p->tool, "%s at most %d rules", where,
			      MAX_EXPECT);
	if (vc_expect_parse(e, text, probe_metrics, probe_n_metrics, why,
			    sizeof(why)))
		vc_tool_usage(p->tool, "%s '%s': %s", where, e->text, why);
	if (!e->scope[0] && metrics_is_total(e->path))
		vc_strlcpy(e->scope, "total", sizeof(e->scope));
	rest = vc_str_c(e->path);
	p->marks |= vc_str_starts(rest, "marks.");
	if (vc_str_starts(rest, "heard[")) {
		vc_str_cut(&rest, '[');
		hear(p, vc_str_cut(&rest, ']'));
	}
	p->n_expect++;
}

static void take_line(void *ctx, const char *where, struct vc_str line)
{
	char text[sizeof(((struct vc_expect *)NULL)->text)];

	if (vc_str_copy(text, sizeof(text), line) >= sizeof(text))
		vc_tool_usage(((struct probe *)ctx)->tool, "%s too long",
			      where);
	add_expect(ctx, where, text);
}

/* Without a rule it is no file of rules, or all would be well. */
static void add_file(struct probe *p, const char *place)
{
	size_t n = p->n_expect;

	vc_list_read(p->tool, "--expect-file", place, RULES_MAX, take_line, p);
	if (p->n_expect == n)
		vc_tool_usage(p->tool, "--expect-file %s: no rule in it",
			      place);
}

void metrics_parse(struct probe *p)
{
	p->marks = p->opt->marks;
	for (size_t i = 0; i < p->opt->heard.n; i++) {
		struct vc_str rest = vc_str_c(p->opt->heard.v[i]);

		do {
			hear(p, vc_str_cut(&rest, ','));
		} while (rest.len);
	}
	for (size_t i = 0; i < p->opt->expect.n; i++)
		add_expect(p, "--expect", p->opt->expect.v[i]);
	for (size_t i = 0; i < p->opt->expect_files.n; i++)
		add_file(p, p->opt->expect_files.v[i]);
}
