/* SPDX-License-Identifier: MIT */
/* What can be expected, what it means, and which names are listened for. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "probe.h"
#include "reffile.h"
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
	{ "media.jitter_units", "units", "the same in units of RTP time" },
	{ "media.jitter_mean_ms", "ms", "mean of that after each packet" },
	{ "media.jitter_max_ms", "ms", "largest of that" },

	{ "delta_ms.min", "ms", "from packet to packet as they arrive, least" },
	{ "delta_ms.mean", "ms", "mean of that" },
	{ "delta_ms.p95", "ms", "95 in 100 have less, to 1/128 of it" },
	{ "delta_ms.max", "ms", "the most" },
	{ "delay_ms.p50", "ms",
	  "(arrival - RTP time) - the least of the last 5 to 10 s; half is less" },
	{ "delay_ms.p95", "ms", "95 in 100 have less, to 1/128 of it" },
	{ "delay_ms.p99", "ms", "99 in 100 have less, to 1/128 of it" },
	{ "delay_ms.max", "ms", "the most" },
	{ "late[60ms]", "share",
	  "of packets whose delay_ms is over 60 ms (--buffer)" },
	{ "clock.skew_ppm", "ppm",
	  "source's clock fast by: line through each second's quickest packet" },
	{ "clock.error_ppm", "ppm",
	  "a standard deviation of that; over 10 and over skew / 3: null" },
	{ "clock.span_s", "s", "of that line; less than 10: null" },
	{ "clock.steps", "steps", "of RTP time against arrival, over 5 s" },
	{ "burstiness.octets_10ms", "octets", "the most that came in 10 ms" },
	{ "burstiness.peak_10ms", "", "that / (octets x 10 ms / span_s)" },
	{ "burstiness.octets_100ms", "octets", "the most in 100 ms" },
	{ "burstiness.peak_100ms", "", "that / (octets x 100 ms / span_s)" },
	{ "burst.count", "bursts",
	  "losses less than 16 packets apart (RFC 3611 4.7.2, Gmin 16)" },
	{ "burst.density", "share", "lost in bursts / packets in bursts" },
	{ "burst.packets", "packets", "mean length of a burst" },
	{ "burst.ms", "ms", "burst.packets x span_s / (expected - 1)" },
	{ "gap.density", "share", "lost in gaps / packets in gaps" },
	{ "gap.ms", "ms", "mean length of a gap, likewise" },
	{ "markers", "packets", "with the marker" },
	{ "marker_errors", "packets",
	  "sound: marker within talk; picture: new time without, or none new" },
	{ "ts_errors", "packets", "ts_back + ts_steps, where they are known" },
	{ "ts_back", "packets", "in sequence, RTP time goes back" },
	{ "ts_steps", "packets",
	  "in sequence, RTP time goes on by no whole packets (sound)" },

	{ "rtcp.srs", "reports",
	  "sender reports of it, behind its first packet" },
	{ "rtcp.interval_s", "s", "mean time between them" },
	{ "rtcp.interval_max_s", "s",
	  "the longest without one while packets came" },
	{ "rtcp.due_s", "s", "RFC 3550 6.2's interval, without chance" },
	{ "rtcp.too_rare", "", "1: rtcp.interval_max_s > 5 x rtcp.due_s" },
	{ "rtcp.wrong_counts", "reports",
	  "count since the first off the sequence by > 1/16 and 32 packets" },
	{ "rtcp.wrong_times", "reports", "RTP time off the media by > 1 s" },
	{ "rtcp.off_media_ms", "ms", "the most it was off" },
	{ "rtcp.ntp_steps", "steps",
	  "of the NTP against the RTP clock, > 40 ms" },
	{ "rtcp.skew_ppm", "ppm", "RTP clock fast by, against its NTP clock" },
	{ "rtcp.far.reports", "blocks", "report blocks about it" },
	{ "rtcp.far.loss", "share", "fraction lost in the last one" },
	{ "rtcp.far.loss_max", "share", "the largest fraction lost" },
	{ "rtcp.far.lost", "packets", "cumulative, in the last one" },
	{ "rtcp.far.jitter_ms", "ms", "jitter in the last one" },
	{ "rtcp.far.jitter_max_ms", "ms", "the largest" },
	{ "rtcp.rtt_far_ms", "ms",
	  "here to who receives it and back, by LSR and DLSR, last" },
	{ "rtcp.rtt_near_ms", "ms",
	  "here to its sender and back, by DLSR of others or DLRR, last" },
	{ "rtcp.rtt_ms", "ms", "the sum of both, last" },
	{ "rtcp.rtt_min_ms", "ms", "of the least of both" },
	{ "rtcp.rtt_max_ms", "ms", "of the largest of both" },
	{ "lips.p50_ms", "ms",
	  "picture later than sound, by sender reports, median over time" },
	{ "lips.p95_ms", "ms", "95 in 100 are nearer to 0" },
	{ "lips.min_ms", "ms", "the least" },
	{ "lips.max_ms", "ms", "the most" },
	{ "lips.drift_ms_per_min", "ms/min",
	  "slope of the least squares; under 10 s: null" },

	{ "captured.min_ms", "ms",
	  "arrival - abs-capture-time, the least; < 0: clocks are apart" },
	{ "captured.p50_ms", "ms", "half have less; clocks apart: null" },
	{ "captured.p95_ms", "ms", "95 in 100 have less, to 1/128 of it" },
	{ "captured.max_ms", "ms", "the most" },
	{ "captured.clocks", "word",
	  "one (virtual), host (from this machine), unknown, apart" },
	{ "repair.rtx", "share", "of packets that are RTX" },
	{ "repair.rtx_octets", "share", "of octets" },
	{ "repair.fec", "share", "of packets that are ULPFEC or FlexFEC" },
	{ "repair.fec_octets", "share", "of octets" },
	{ "repair.red", "share", "of packets that are RED" },
	{ "repair.red_octets", "share", "of octets" },

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
	{ "net.dscp", "", "DSCP of the packets as they arrived, last" },
	{ "net.ttl", "hops", "TTL or hop limit as they arrived, last" },

	{ "frames", "frames",
	  "whole, and none they need is missing; at the last packet" },
	{ "fps", "1/s", "(frames - 1) / time from the first to the last" },
	{ "key_frames", "frames", "key frames among them" },
	{ "key_fps", "1/s", "key_frames x fps / frames" },
	{ "key_frames_by", "word",
	  "header, or size: guessed, over 3 x the median of frames before" },
	{ "key_octets.min", "octets", "payload of key frames, the least" },
	{ "key_octets.mean", "octets", "mean of that" },
	{ "key_octets.p95", "octets", "95 in 100 have less, to 1/128 of it" },
	{ "key_octets.max", "octets", "the most" },
	{ "delta_octets.min", "octets",
	  "payload of the other frames, the least" },
	{ "delta_octets.mean", "octets", "mean of that" },
	{ "delta_octets.p95", "octets", "95 in 100 have less, to 1/128 of it" },
	{ "delta_octets.max", "octets", "the most" },
	{ "key_interval_s.min", "s",
	  "RTP time from key frame to key frame, the least" },
	{ "key_interval_s.mean", "s", "mean of that" },
	{ "key_interval_s.p95", "s", "95 in 100 have less, to 1/128 of it" },
	{ "key_interval_s.max", "s", "the most" },
	{ "pacing_ms.min", "ms",
	  "from a frame's first packet to its last, the least" },
	{ "pacing_ms.mean", "ms", "mean of that" },
	{ "pacing_ms.p95", "ms", "95 in 100 have less, to 1/128 of it" },
	{ "pacing_ms.max", "ms", "the most" },
	{ "resized", "changes", "of width or height, from key to key frame" },
	{ "broken", "frames", "with packets missing or malformed" },
	{ "waiting", "frames", "whole, but after a loss, before a key frame" },
	{ "width", "pixels", "of the last key frame" },
	{ "height", "pixels", "of the last key frame" },
	{ "freezes.count", "freezes",
	  "no frame for more than max(3 frame intervals, 150 ms)" },
	{ "freezes.total_ms", "ms", "all of them" },
	{ "freezes.longest_ms", "ms", "the longest" },

	{ "r", "R",
	  "ITU-T G.107, .1 or .2, no delay: 93.2, 129 or 148 - emodel.ie_eff" },
	{ "mos_lq", "MOS",
	  "of r, r / 1.29 or r / 1.48 by G.107 Annex B; no delay" },
	{ "mos_lq_worst", "MOS", "of the 5 s with the most loss" },
	{ "mos_lq_p5", "MOS", "95 in 100 such 5 s are better" },
	{ "mos_cq", "MOS", "the same with emodel.delay_ms measured" },
	{ "emodel.scale", "word",
	  "narrowband (G.107), wideband (G.107.1) or fullband (G.107.2)" },
	{ "emodel.codec", "word", "published (G.113) or assumed: ie, bpl" },
	{ "emodel.ie", "R", "codec impairment, published (G.113) or assumed" },
	{ "emodel.bpl", "", "loss robustness, published or assumed" },
	{ "emodel.loss_percent", "%",
	  "packets that never came of media.expected" },
	{ "emodel.burst_r", "",
	  "mean run of lost packets x (1 - loss), at least 1 (BurstR)" },
	{ "emodel.ie_eff", "R", "G.107 Ie,eff of the four above" },
	{ "emodel.delay_ms", "ms",
	  "captured.p50_ms, or net.rtt_ms / 2 + a packet's time" },
	{ "emodel.delay_by", "word", "capture or rtt: which of the two" },
	{ "level_dbov", "dBov", "mean of the RFC 6464 levels" },
	{ "voice_share", "share",
	  "of packets with such a level, that say voice" },
	{ "dtx_share", "share",
	  "of RTP time in gaps, comfort noise and packets of silence" },
	{ "dtmf", "word", "digits dialled (RFC 4733), the first 64" },
	{ "dtmf_digits", "digits", "how many there were" },
	{ "heard[NAME]", "share",
	  "of looks, one each 160 ms, that find NAME's phrase of tones" },
	{ "seen[NAME]", "share",
	  "of looks, one each 160 ms, that find NAME's mark in the picture" },

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
	{ "marks.delay_drift", "ms/min",
	  "slope of the line through delay and time (10 s at least)" },
	{ "marks.av_offset_ms", "ms",
	  "median delay of the picture - of the sound; of audio sources" },
	{ "marks.av_offset_p95_ms", "ms",
	  "95 in 100 sound marks are nearer to the newest picture, either way" },
	{ "marks.av_offset_drift", "ms/min",
	  "slope of the line through those" },

	{ "latency.p50", "ms", "marks.delay_ms.median, else captured.p50_ms" },
	{ "latency.p95", "ms", "marks.delay_ms.p95, else captured.p95_ms" },
	{ "latency.max", "ms", "marks.delay_ms.max, else captured.max_ms" },
	{ "av_offset.p50", "ms", "marks.av_offset_ms" },
	{ "av_offset.p95", "ms", "marks.av_offset_p95_ms" },
	{ "av_offset.drift", "ms/min", "marks.av_offset_drift" },
	{ "first_frame_ms", "ms",
	  "from the first packet to the first whole frame" },

	{ "sound.decoded_s", "s", "from the first sound on (--decode)" },
	{ "sound.channels", "channels", "1, or 2 if it had two" },
	{ "sound.level_dbfs.mean", "dBFS",
	  "10 lg mean square, full scale 1: a full sine has -3.01" },
	{ "sound.level_dbfs.peak", "dBFS", "20 lg largest sample" },
	{ "sound.lufs.integrated", "LUFS", "BS.1770-4, gated (EBU R 128)" },
	{ "sound.lufs.momentary_max", "LUFS", "largest of 400 ms" },
	{ "sound.lufs.short_term_max", "LUFS", "largest of 3 s" },
	{ "sound.silence.share", "share", "of blocks of 20 ms under -60 dBFS" },
	{ "sound.silence.longest_ms", "ms", "most of them in a row" },
	{ "sound.clipping.runs", "runs",
	  "of 3 samples or more at one end of the scale" },
	{ "sound.clipping.samples", "samples", "in these" },
	{ "sound.clipping.share", "share", "of all samples" },
	{ "sound.concealed.count", "times",
	  "sound was not there when its turn came" },
	{ "sound.concealed.total_ms", "ms", "made up for it, not from FEC" },
	{ "sound.concealed.share", "share", "total_ms / decoded_s" },
	{ "sound.concealed.fec_ms", "ms", "from in-band FEC instead" },
	{ "sound.dtx_packets", "packets", "of Opus, with 2 octets or less" },
	{ "sound.dtx_share", "share",
	  "of time in these, in comfort noise, or with nothing sent" },
	{ "sound.accelerated_ms", "ms", "cut out to catch up with the sender" },
	{ "sound.stretched_ms", "ms", "played twice to wait for it" },
	{ "sound.late", "packets", "after their turn, with 100 ms latency" },

	{ "picture.decoded", "pictures", "that were decoded (--decode)" },
	{ "picture.black.count", "times", "it became black" },
	{ "picture.black.share", "share",
	  "of time with 98 % of luma at 37 or under" },
	{ "picture.black.total_ms", "ms", "all of it" },
	{ "picture.black.longest_ms", "ms", "the longest" },
	{ "picture.frozen.count", "freezes",
	  "over 500 ms in which decoded pictures are the same" },
	{ "picture.frozen.share", "share", "of time in these" },
	{ "picture.frozen.total_ms", "ms", "all of them" },
	{ "picture.frozen.longest_ms", "ms", "the longest" },
	{ "picture.blockiness.mean", "",
	  "luma steps on the 8 x 8 grid / elsewhere, 1: none" },
	{ "picture.blockiness.p95", "", "95 in 100 pictures have less" },
	{ "picture.blockiness.max", "", "the most" },
	{ "picture.compared", "pictures",
	  "with the test picture that they were, or with --ref" },
	{ "picture.not_compared.no_mark", "pictures", "no mark was read" },
	{ "picture.not_compared.not_whole", "pictures", "marks of a part" },
	{ "picture.not_compared.no_name", "pictures", "nobody's mark" },
	{ "picture.not_compared.early", "pictures", "frame rate unknown yet" },
	{ "picture.not_compared.unlike", "pictures",
	  "PSNR below 28 dB at first" },
	{ "picture.not_compared.size", "pictures", "--ref has another size" },
	{ "picture.not_compared.past", "pictures", "--ref has not so many" },
	{ "picture.psnr_db.mean", "dB",
	  "luma, 10 lg 255^2 / mean square error; equal: 100" },
	{ "picture.psnr_db.p5", "dB", "5 in 100 pictures have less" },
	{ "picture.psnr_db.min", "dB", "the least" },
	{ "picture.ssim.mean", "",
	  "luma, 8 x 8 windows each 4 samples, a picture each 100 ms" },
	{ "picture.ssim.p5", "", "5 in 100 pictures have less" },
	{ "picture.ssim.min", "", "the least" },
	{ "vmaf.mean", "", "mean of its pictures, by --vmaf" },
	{ "vmaf.min", "", "the least" },
	{ "vmaf.harmonic_mean", "", "their harmonic mean" },
	{ "vmaf.frames", "pictures", "that were judged, of picture.compared" },
	{ "visqol.mos", "", "MOS-LQO of its sound, by --visqol" },
	{ "visqol.seconds", "s", "that were judged, at most 60" },

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

struct vc_metrics metrics_known(void)
{
	return (struct vc_metrics){ .row = probe_metrics,
				    .n = probe_n_metrics,
				    .trait = probe_traits,
				    .n_traits = probe_n_traits,
				    .alias = probe_aliases,
				    .n_aliases = probe_n_aliases };
}

void metrics_list(void)
{
	static const char *const samples[] = {
		[VC_OVER_STANDS] = "now",
		[VC_OVER_COUNT] = "count",
		[VC_OVER_SHARE] = "share",
		[VC_OVER_RATE] = "rate",
	};
	const struct vc_metrics known = metrics_known();

	for (size_t i = 0; i < probe_n_metrics; i++) {
		const struct vc_metric *m = &probe_metrics[i];
		struct vc_trait t = vc_metrics_trait(&known, m->path);

		printf("%-22s %-12s %c %-5s %s\n", m->path,
		       m->unit[0] ? m->unit : "-", t.better ? t.better : '-',
		       samples[t.over], m->formula);
	}
}

int probe_add_buffer(struct probe_options *o, struct vc_str text)
{
	char name[sizeof(o->buffer_names[0])];
	int64_t t;

	if (vc_str_copy(name, sizeof(name), text) >= sizeof(name) ||
	    vc_num_time(name, &t) || t <= 0)
		return -EINVAL;
	for (unsigned int i = 0; i < o->n_buffers; i++) {
		if (!strcmp(o->buffer_names[i], name))
			return 0;
	}
	if (o->n_buffers == MAX_BUFFERS)
		return -E2BIG;
	o->buffers[o->n_buffers] = t;
	vc_strlcpy(o->buffer_names[o->n_buffers], name, sizeof(name));
	o->n_buffers++;
	return 0;
}

static void need_program(const struct probe *p, const char *where,
			 const struct vc_expect *e, const char *word,
			 const char *program)
{
	size_t len = strlen(word);

	if (strncmp(e->path, word, len) != 0 || e->path[len] != '.')
		return;
	if (!program)
		vc_tool_usage(p->tool, "%s '%s': needs --%s EXE", where,
			      e->text, word);
	if (vc_expect_is_over_time(e))
		vc_tool_usage(p->tool,
			      "%s '%s': %s is judged at the end, and of the "
			      "whole source",
			      where, e->text, word);
}

/* What a rule asks for is measured, without its option. */
static void turn_on(struct probe *p, const char *where,
		    const struct vc_expect *e)
{
	struct vc_str rest = vc_str_c(e->path);

	p->marks |= vc_str_starts(rest, "marks.") ||
		    vc_str_starts(rest, "latency.") ||
		    vc_str_starts(rest, "av_offset.");
	p->decode |= vc_str_starts(rest, "sound.") ||
		     vc_str_starts(rest, "picture.");
	need_program(p, where, e, "vmaf", p->opt->vmaf);
	need_program(p, where, e, "visqol", p->opt->visqol);
	if (vc_str_starts(rest, "heard[")) {
		vc_str_cut(&rest, '[');
		names_hear(p, vc_str_cut(&rest, ']'));
	} else if (vc_str_starts(rest, "seen[")) {
		vc_str_cut(&rest, '[');
		names_look_for(p, vc_str_cut(&rest, ']'));
	} else if (vc_str_starts(rest, "late[")) {
		vc_str_cut(&rest, '[');
		if (probe_add_buffer(p->opt, vc_str_cut(&rest, ']')))
			vc_tool_usage(p->tool,
				      "%s '%s': late[T]: at most %d times "
				      "above 0, as late[60ms]",
				      where, e->text, MAX_BUFFERS);
	}
}

/* 'where' it is: the option, or the line of a file. */
static void add_expect(struct probe *p, const char *where, const char *text)
{
	struct vc_expect *e = &p->expect[p->n_expect];
	const struct vc_metrics known = metrics_known();
	char why[256];

	if (p->n_expect == MAX_EXPECT)
		vc_tool_usage(p->tool, "%s at most %d rules", where,
			      MAX_EXPECT);
	if (vc_rule_parse(e, text, &known, why, sizeof(why)))
		vc_tool_usage(p->tool, "%s '%s': %s", where, e->text, why);
	if (!e->scope[0] && metrics_is_total(e->path))
		vc_strlcpy(e->scope, "total", sizeof(e->scope));
	if (e->whom != VC_WHOM_EVERY && !strcmp(e->scope, "total"))
		vc_tool_usage(p->tool,
			      "%s '%s': it is of the whole stream, "
			      "and of no source",
			      where, e->text);
	turn_on(p, where, e);
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
	p->decode = p->opt->decode || p->opt->ref || p->opt->vmaf ||
		    p->opt->visqol;
	if (p->opt->ref)
		p->ref = reffile_open(p, p->opt->ref);
	names_take(p);
	for (size_t i = 0; i < p->opt->expect.n; i++)
		add_expect(p, "--expect", p->opt->expect.v[i]);
	for (size_t i = 0; i < p->opt->expect_files.n; i++)
		add_file(p, p->opt->expect_files.v[i]);
}
