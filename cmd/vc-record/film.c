/* SPDX-License-Identifier: MIT */
#include "film.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"

static const char *const verdicts[] = { "ok", "FAIL", "-" };

/* --- tables --- */

static const char *kind_of(const struct tally_track *k)
{
	return k->info.codec[0] ? vc_track_kind_name(k->info.kind) : "-";
}

/* Of packets: what is known of it beside. */
static const struct census_source *source_of(const struct film *f,
					     unsigned int i)
{
	return reading_is_packets(&f->reading) ? &f->census.sources[i] : NULL;
}

static void print_track(const struct film *f, unsigned int i)
{
	const struct tally_track *k = &f->tally.tracks[i];
	const struct census_source *s = source_of(f, i);
	int64_t lasts = k->end - k->first;
	char size[32] = "";

	if (k->info.width)
		snprintf(size, sizeof(size), " %ux%u", k->info.width,
			 k->info.height);
	printf("%5u  %-5s  %-5s  %9.3f  %9.3f  %7" PRIu64 "  %5" PRIu64
	       "  %6.0f  %s%s\n",
	       (unsigned int)k->info.source, kind_of(k),
	       k->info.codec[0] ? k->info.codec : "-",
	       film_ms(k->units ? k->first : 0) / 1e3, film_ms(k->end) / 1e3,
	       k->units, k->keys,
	       k->units && lasts > 0 ? (double)k->octets * 8e6 / (double)lasts :
				       0.0,
	       k->info.name, size);
	if (k->gaps)
		printf("%7s%" PRIu64 " gaps, %.3f s in all, the longest "
		       "%.3f s\n",
		       "", k->gaps, film_ms(k->gap) / 1e3,
		       film_ms(k->gap_most) / 1e3);
	if (s && s->missing)
		printf("%7s%" PRIu64 " packets missing\n", "", s->missing);
}

void film_print_tracks(const struct film *f)
{
	printf("%s: %.3f s, %u tracks, %" PRIu64 " octets\n", f->reading.text,
	       film_ms(tally_end(&f->tally)) / 1e3, f->tally.n,
	       f->reading.octets);
	printf("track  kind   codec     from s       to s    units   keys  "
	       "kbit/s  name\n");
	for (unsigned int i = 0; i < f->tally.n; i++)
		print_track(f, i);
}

void film_print_checks(const struct film *f)
{
	for (unsigned int i = 0; i < f->n; i++) {
		const struct check *c = &f->checks[i];

		printf("%-4s  %-10s%s%s\n", verdicts[c->verdict], c->name,
		       c->text[0] ? "  " : "", c->text);
	}
}

/* --- JSON --- */

static struct vc_json *track_json(const struct film *f, unsigned int i)
{
	const struct tally_track *k = &f->tally.tracks[i];
	const struct census_source *s = source_of(f, i);
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "kind", kind_of(k));
	vc_json_set_str(j, "codec", k->info.codec);
	vc_json_set_str(j, "name", k->info.name);
	if (k->info.kind == VC_TRACK_VIDEO) {
		vc_json_set_int(j, "width", k->info.width);
		vc_json_set_int(j, "height", k->info.height);
	} else if (k->info.kind == VC_TRACK_AUDIO) {
		vc_json_set_int(j, "channels", k->info.channels);
	}
	if (k->info.kind == VC_TRACK_AUDIO && !s) {
		vc_json_set_int(j, "gaps", (int64_t)k->gaps);
		vc_json_set_real(j, "gap_ms", film_ms(k->gap), 3);
		vc_json_set_real(j, "gap_longest_ms", film_ms(k->gap_most), 3);
	}
	if (s) {
		vc_json_set_int(j, "ssrc", s->ssrc);
		vc_json_set_int(j, "missing", (int64_t)s->missing);
	}
	vc_json_set_int(j, "units", (int64_t)k->units);
	vc_json_set_int(j, "key_units", (int64_t)k->keys);
	vc_json_set_int(j, "octets", (int64_t)k->octets);
	if (k->units)
		vc_json_set_real(j, "from_ms", film_ms(k->first), 3);
	else
		vc_json_set_null(j, "from_ms");
	vc_json_set_real(j, "to_ms", film_ms(k->end), 3);
	if (f->tally.decodes)
		vc_json_set_int(j, "broken", (int64_t)k->broken);
	return j;
}

static struct vc_json *checks_json(const struct film *f)
{
	struct vc_json *list = vc_json_array();

	for (unsigned int i = 0; i < f->n; i++) {
		const struct check *c = &f->checks[i];
		struct vc_json *j = vc_json_object();

		vc_json_set_str(j, "check", c->name);
		if (c->verdict == UNKNOWN)
			vc_json_set_null(j, "holds");
		else
			vc_json_set_bool(j, "holds", c->verdict == HOLDS);
		vc_json_set_str(j, "text", c->text);
		vc_json_add(list, j);
	}
	return list;
}

void film_print_json(const struct film *f)
{
	struct vc_json *j = vc_json_object(), *tracks = vc_json_array();
	char *text;

	vc_json_set_str(j, "schema", "vc.record/1");
	vc_json_set_str(j, "file", f->reading.text);
	vc_json_set_int(j, "octets", (int64_t)f->reading.octets);
	vc_json_set_real(j, "duration_ms", film_ms(tally_end(&f->tally)), 3);
	for (unsigned int i = 0; i < f->tally.n; i++)
		vc_json_add(tracks, track_json(f, i));
	vc_json_set(j, "tracks", tracks);
	if (f->n) {
		vc_json_set(j, "av_offset", lips_json(&f->proof.lips));
		vc_json_set(j, "checks", checks_json(f));
	}
	text = vc_json_text(j);
	puts(text);
	free(text);
	vc_json_free(j);
}
