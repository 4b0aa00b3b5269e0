/* SPDX-License-Identifier: MIT */
/* FILE.json: what a recording is, so that anybody can check it. */
#include <stdio.h>
#include <time.h>

#include "base/json.h"
#include "base/time.h"
#include "contents.h"
#include "engine/outfile.h"
#include "net/digest.h"
#include "output.h"
#include "sidecar.h"
#include "volume.h"

#define SCHEMA "vc.recording/1"

/* "2026-11-20T10:13:00.000000Z" */
static void set_utc(struct vc_json *j, const char *key, int64_t t)
{
	time_t sec = (time_t)(t / VC_SEC);
	char day[32], text[48];
	struct tm tm;

	gmtime_r(&sec, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, sizeof(text), "%s.%06dZ", day,
		 (int)(t % VC_SEC / VC_US));
	vc_json_set_str(j, key, text);
}

static void set_ms(struct vc_json *j, const char *key, int64_t ns)
{
	vc_json_set_real(j, key, (double)ns / 1e6, 3);
}

static struct vc_json *track_of(const struct volume *v, unsigned int i)
{
	const struct vc_reel_track *r = &v->reel.tracks[i];
	const struct volume_track *t = &v->tracks[i];
	struct vc_json *j = vc_json_object(), *ssrcs = vc_json_array();

	vc_json_set_int(j, "track", i + 1);
	vc_json_set_str(j, "name", r->name);
	vc_json_set_str(j, "cname", t->info.cname);
	vc_json_set_str(j, "kind", vc_track_kind_name(r->kind));
	vc_json_set_str(j, "codec", r->codec);
	vc_json_set_int(j, "rate_hz", t->info.rate_hz);
	if (r->kind == VC_TRACK_AUDIO) {
		vc_json_set_int(j, "channels", t->info.channels);
	} else if (r->kind == VC_TRACK_VIDEO) {
		vc_json_set_int(j, "width", t->info.width);
		vc_json_set_int(j, "height", t->info.height);
		vc_json_set_int(j, "keyframes", (int64_t)t->keys);
	}
	if (r->first >= 0)
		set_ms(j, "offset_ms", r->first);
	else
		vc_json_set_null(j, "offset_ms");
	set_ms(j, "end_ms", r->end);
	vc_json_set_int(j, "units", (int64_t)r->units);
	vc_json_set_int(j, "octets", (int64_t)r->octets);
	vc_json_set_int(j, "dropped", (int64_t)r->dropped);
	if (r->left_out)
		vc_json_set_int(j, "left_out", (int64_t)r->left_out);
	if (t->extra)
		vc_json_set_int(j, "extra", (int64_t)t->extra);
	vc_json_set_int(j, "lost", (int64_t)t->lost);
	vc_json_set_int(j, "gaps", (int64_t)t->gaps);
	vc_json_set_int(j, "filled", (int64_t)t->filled);
	for (unsigned int k = 0; k < t->n_ssrcs; k++)
		vc_json_add_int(ssrcs, t->ssrcs[k]);
	vc_json_set(j, "ssrcs", ssrcs);
	return j;
}

static void guess(struct vc_json *all, unsigned int track, const char *what,
		  const char *how)
{
	struct vc_json *j = vc_json_object();

	vc_json_set_int(j, "track", track + 1);
	vc_json_set_str(j, "what", what);
	vc_json_set_str(j, "how", how);
	vc_json_add(all, j);
}

static struct vc_json *guesses(const struct volume *v)
{
	struct vc_json *all = vc_json_array();

	for (unsigned int i = 0; i < v->reel.n; i++) {
		const struct vc_track_info *info = &v->tracks[i].info;

		if (v->reel.tracks[i].first < 0)
			continue;
		if (!info->by_report)
			guess(all, i, "offset",
			      "arrival: no sender report came in time");
		if (!info->cname[0] || v->tracks[i].learnt_late)
			guess(all, i, "participant", "no CNAME came in time");
		if (info->kind == VC_TRACK_AUDIO && info->delay)
			guess(all, i, "delay", "that of libopus, 6.5 ms");
		if (info->kind == VC_TRACK_VIDEO)
			guess(all, i, "end_ms",
			      "the last picture as long as the one before");
	}
	return all;
}

struct vc_json *volume_manifest(struct volume *v)
{
	struct vc_json *j = vc_json_object(), *tracks = vc_json_array();
	struct vc_json *events = vc_json_object();
	char sum[VC_DIGEST_TEXT], name[512];
	int64_t epoch = output_epoch(v->o);

	vc_json_set_str(j, "schema", SCHEMA);
	vc_json_set_str(j, "file", v->base);
	vc_json_set_str(j, "format", v->o->format->name);
	vc_json_set_int(j, "octets", (int64_t)vc_outfile_pos(v->file));
	if (v->sum) {
		vc_digest_take(v->sum, sum);
		vc_json_set_str(j, "sha256", sum);
	} else {
		vc_json_set_null(j, "sha256");
	}
	vc_json_set_str(j, "writer", "vc-record " VC_VERSION);
	if (v->o->conf->compose)
		vc_json_set_str(j, "compose", v->o->conf->compose);
	vc_json_set_int(j, "n", (int64_t)v->n);
	set_utc(j, "epoch", epoch);
	vc_json_set_int(j, "epoch_us", epoch / VC_US);
	set_ms(j, "begin_ms", v->begin - epoch);
	set_ms(j, "duration_ms", cuts_map(&v->cuts, v->end - v->begin));
	vc_json_set_str(j, "gap", gap_names[v->o->conf->gap]);
	set_ms(j, "cut_ms", v->cuts.total);
	vc_json_set_str(j, "ended", v->why);
	for (unsigned int i = 0; i < v->reel.n; i++)
		vc_json_add(tracks, track_of(v, i));
	vc_json_set(j, "tracks", tracks);
	if (v->chapters)
		vc_json_set(j, "chapters", contents_json(v));
	vc_json_set(j, "guessed", guesses(v));
	vc_json_set(j, "left_out",
		    v->left_out ? vc_json_copy(v->left_out) : vc_json_array());
	snprintf(name, sizeof(name), "%s%s", v->base, SIDECAR_SUFFIX);
	vc_json_set_str(events, "file", name);
	sidecar_describe(v->side, events);
	vc_json_set(j, "events", events);
	return j;
}
