/* SPDX-License-Identifier: MIT */
/*
 * What a source has in the record of decoded media: heard, seen, marks, sound,
 * picture, vmaf, visqol, and the short words for what rules ask most: latency,
 * av_offset and first_frame_ms.
 */
#include <math.h>

#include "base/json.h"
#include "base/time.h"
#include "decode.h"
#include "judge.h"
#include "latency.h"
#include "probe.h"
#include "record.h"

static void set_or_null(struct vc_json *o, const char *key,
			struct vc_json *child)
{
	if (child)
		vc_json_set(o, key, child);
	else
		vc_json_set_null(o, key);
}

static void add_heard(struct vc_json *o, const struct probe *p,
		      const struct meter *m)
{
	const struct ears *ears = decoder_ears(m->decoder);
	struct vc_json *heard = vc_json_object();
	double v;

	for (size_t i = 0; i < p->n_heard; i++) {
		bool is_known = ears && ears_share(ears, i, &v);

		vc_json_set_real(heard, p->heard[i], is_known ? v : NAN, 4);
	}
	vc_json_set(o, "heard", heard);
}

static void add_seen(struct vc_json *o, const struct probe *p,
		     const struct meter *m)
{
	const struct sight *sight = decoder_sight(m->decoder);
	struct vc_json *seen = vc_json_object();
	double v;

	for (size_t i = 0; i < p->n_seen; i++) {
		bool is_known = sight && sight_share(sight, i, &v);

		vc_json_set_real(seen, p->seen[i], is_known ? v : NAN, 4);
	}
	vc_json_set(o, "seen", seen);
}

static void add_latency(struct vc_json *o, const struct probe *p,
			const struct meter *m, const struct eyes *eyes)
{
	struct vc_json *latency = vc_json_object();
	const char *by = "";
	struct eyes_delay d;

	eyes_delay(eyes, &d);
	if (!isnan(d.p50))
		by = "marks";
	else if (latency_tell(p, m, &d.p50, &d.p95, &d.max))
		by = "capture";
	record_set_word(latency, "by", by);
	vc_json_set_real(latency, "p50", d.p50, 3);
	vc_json_set_real(latency, "p95", d.p95, 3);
	vc_json_set_real(latency, "max", d.max, 3);
	vc_json_set(o, "latency", latency);
}

static void add_av_offset(struct vc_json *o, const struct vc_json *marks)
{
	struct vc_json *offset = vc_json_object();
	double v;

	vc_json_set_real(offset, "p50",
			 vc_json_get_real(marks, "av_offset_ms", &v) ? v : NAN,
			 3);
	vc_json_set_real(
		offset, "p95",
		vc_json_get_real(marks, "av_offset_p95_ms", &v) ? v : NAN, 3);
	vc_json_set_real(
		offset, "drift",
		vc_json_get_real(marks, "av_offset_drift", &v) ? v : NAN, 3);
	vc_json_set(o, "av_offset", offset);
}

static double first_frame(const struct probe *p, const struct meter *m)
{
	const struct vc_framestat_counts *c = vc_framestat_counts(m->video);

	if (record_is_timeless(p) || c->first == VC_TIME_NONE ||
	    m->rx.first_arrival == VC_TIME_NONE)
		return NAN;
	return ms(c->first - m->rx.first_arrival);
}

void record_decoded(struct vc_json *o, const struct probe *p,
		    const struct meter *m)
{
	const struct eyes *eyes = decoder_eyes(m->decoder);
	struct vc_json *marks = eyes_record(eyes);

	if (m->kind == VC_AUDIO) {
		add_heard(o, p, m);
		set_or_null(o, "sound",
			    sound_record(decoder_sound(m->decoder)));
		set_or_null(o, "visqol", tape_record(decoder_tape(m->decoder)));
		add_av_offset(o, marks);
	}
	if (m->video) {
		vc_json_set_real(o, "first_frame_ms", first_frame(p, m), 3);
		add_seen(o, p, m);
		set_or_null(o, "picture",
			    picture_record(p, decoder_picture(m->decoder)));
		set_or_null(o, "vmaf", film_record(decoder_film(m->decoder)));
	}
	add_latency(o, p, m, eyes);
	set_or_null(o, "marks", marks);
}
