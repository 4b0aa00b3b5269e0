/* SPDX-License-Identifier: MIT */
/*
 * --decode, of sound: what a listener gets (media/soundstat.h), and how much of
 * it the receive chain made up, stretched or had nothing for. It begins with
 * the first sound: what lies before that is the latency.
 */
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "decode.h"
#include "engine/audiorx.h"
#include "media/soundstat.h"
#include "probe.h"
#include "record.h"

#define DTX_MAX 2 /* octets of an Opus packet that holds no sound */

struct sound {
	struct vc_soundstat stat;
	bool has_begun;
	int channels; /* of the newest step */
	uint64_t packets, dtx_packets;
	uint64_t dtx_samples; /* in packets without sound */
	uint64_t silent_before;
	struct vc_audiorx_counts counts;
};

struct sound *sound_new(void)
{
	struct sound *s = vc_try_alloc(1, sizeof(*s));

	if (s)
		vc_soundstat_init(&s->stat);
	return s;
}

void sound_free(struct sound *s)
{
	free(s);
}

void sound_packet(struct sound *s, size_t len, int samples)
{
	s->packets++;
	if (samples <= 0 || len > DTX_MAX)
		return;
	s->dtx_packets++;
	s->dtx_samples += (uint64_t)samples;
}

void sound_feed(struct sound *s, const int16_t *pcm, size_t n, int channels,
		bool is_sound, const struct vc_audiorx_counts *counts)
{
	if (!s->has_begun) {
		s->silent_before = counts->silent;
		if (!is_sound)
			return;
		s->has_begun = true;
	}
	s->channels = channels;
	s->counts = *counts;
	vc_soundstat_feed(&s->stat, pcm, n, channels);
}

/* --- the record --- */

static double ms_of(uint64_t samples)
{
	return (double)samples * 1e3 / VC_AUDIORX_RATE;
}

static struct vc_json *levels_of(const struct vc_soundstat *st)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_real(o, "mean", vc_soundstat_level_dbfs(st), 2);
	vc_json_set_real(o, "peak", vc_soundstat_peak_dbfs(st), 2);
	return o;
}

static struct vc_json *loudness_of(const struct vc_loudness *l)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_real(o, "integrated", vc_loudness_integrated(l), 2);
	vc_json_set_real(o, "momentary_max", vc_loudness_momentary_max(l), 2);
	vc_json_set_real(o, "short_term_max", vc_loudness_short_term_max(l), 2);
	return o;
}

static struct vc_json *silence_of(const struct vc_soundstat *st)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_real(o, "share",
			 share((int64_t)st->silent, (int64_t)st->blocks), 6);
	vc_json_set_real(o, "longest_ms",
			 ms_of(st->silent_longest * VC_SOUNDSTAT_BLOCK), 0);
	return o;
}

static struct vc_json *clipping_of(const struct vc_soundstat *st)
{
	struct vc_json *o = vc_json_object();

	vc_json_set_int(o, "runs", (int64_t)st->clips);
	vc_json_set_int(o, "samples", (int64_t)st->clipped);
	vc_json_set_real(o, "share",
			 share((int64_t)st->clipped, (int64_t)st->all), 9);
	return o;
}

static struct vc_json *concealed_of(const struct sound *s)
{
	struct vc_json *o = vc_json_object();
	uint64_t made = s->counts.concealed - s->counts.paused;
	uint64_t times = s->counts.conceals - s->counts.pauses;

	vc_json_set_int(o, "count", (int64_t)times);
	vc_json_set_real(o, "total_ms", ms_of(made), 3);
	vc_json_set_real(o, "share",
			 share((int64_t)made, (int64_t)s->stat.samples), 6);
	vc_json_set_real(o, "fec_ms", ms_of(s->counts.fec), 3);
	return o;
}

/* What lay before the first sound is no pause of it. */
static double dtx_share(const struct sound *s)
{
	uint64_t none = s->counts.silent - s->silent_before + s->counts.noise +
			s->counts.paused + s->dtx_samples;

	return fmin(1, share((int64_t)none, (int64_t)s->stat.samples));
}

struct vc_json *sound_record(const struct sound *s)
{
	struct vc_json *o;

	if (!s || !s->has_begun)
		return NULL;
	o = vc_json_object();
	vc_json_set_real(o, "decoded_s", ms_of(s->stat.samples) / 1e3, 3);
	vc_json_set_int(o, "channels", s->channels);
	vc_json_set(o, "level_dbfs", levels_of(&s->stat));
	vc_json_set(o, "lufs", loudness_of(&s->stat.loudness));
	vc_json_set(o, "silence", silence_of(&s->stat));
	vc_json_set(o, "clipping", clipping_of(&s->stat));
	vc_json_set(o, "concealed", concealed_of(s));
	vc_json_set_int(o, "dtx_packets", (int64_t)s->dtx_packets);
	vc_json_set_real(o, "dtx_share", dtx_share(s), 6);
	vc_json_set_real(o, "accelerated_ms", ms_of(s->counts.cut), 3);
	vc_json_set_real(o, "stretched_ms",
			 ms_of(s->counts.stretched - s->counts.cut), 3);
	vc_json_set_int(o, "late", (int64_t)s->counts.late);
	return o;
}
