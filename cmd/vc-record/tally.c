/* SPDX-License-Identifier: MIT */
#include "tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "codec/video.h"
#include "engine/audiodec.h"
#include "lips.h"
#include "wire/codec.h"

/* Containers round to milliseconds, at both ends of a unit. */
#define ROUNDING (3 * VC_MS)
#define PICTURES_HOLE (1 * VC_SEC)
#define HOLES_MAX (4u << 20)

static int open_decoder(struct tally_track *k)
{
	enum vc_codec codec = vc_codec_by_name(vc_str_c(k->info.codec));
	const struct vc_viddec_cfg cfg = {
		.codec = codec,
		.max_width = VC_IMAGE_MAX,
		.max_height = VC_IMAGE_MAX,
	};
	int err = 0;

	if (k->info.kind == VC_TRACK_TEXT)
		return 0;
	if (k->info.kind == VC_TRACK_VIDEO) {
		k->pictures = vc_viddec_new(&cfg, &err);
		return k->pictures ? 0 : err;
	}
	k->sound = vc_audiodec_new(codec, k->info.rate_hz, &err);
	if (k->sound && k->info.channels == 2)
		vc_audiodec_set_stereo(k->sound);
	return k->sound ? 0 : err;
}

static int add(void *c, const struct vc_track_info *info, unsigned int *track)
{
	struct tally *t = c;
	struct tally_track *k;

	if (t->n == TALLY_TRACKS)
		return -ENOSPC;
	k = realloc(t->tracks, (t->n + 1) * sizeof(*t->tracks));
	if (!k)
		return -ENOMEM;
	t->tracks = k;
	k = &t->tracks[t->n];
	*k = (struct tally_track){ .info = *info, .first = -1 };
	*track = t->n;
	t->n++;
	return t->decodes ? open_decoder(k) : 0;
}

static void note_size(struct tally_track *k, const struct vc_image *img)
{
	unsigned int width = (unsigned int)img->width;
	unsigned int height = (unsigned int)img->height;

	if (width == k->width && height == k->height)
		return;
	k->sizes++;
	k->width = width;
	k->height = height;
}

static void decode(struct tally_track *k, const struct vc_container_unit *u)
{
	int16_t pcm[2 * VC_AUDIODEC_MAX];
	struct vc_image img;
	int err;

	if (k->sound) {
		err = vc_audiodec_decode(k->sound, u->data, u->len, pcm);
		k->broken += err < 0;
	} else if (k->pictures) {
		err = vc_viddec_decode(k->pictures, u->data, u->len, &img);
		k->broken += err && err != -ENODATA;
		if (!err)
			note_size(k, &img);
	}
}

static int add_hole(struct tally_track *k, int64_t from, int64_t to)
{
	size_t cap = k->cap_holes ? 2 * k->cap_holes : 16;
	struct tally_hole *grown;

	if (k->n_holes == k->cap_holes) {
		grown = cap <= HOLES_MAX ?
				realloc(k->holes, cap * sizeof(*grown)) :
				NULL;
		if (!grown)
			return -ENOMEM;
		k->holes = grown;
		k->cap_holes = cap;
	}
	k->holes[k->n_holes] = (struct tally_hole){ from, to };
	k->n_holes++;
	return 0;
}

static bool is_silence(const struct tally_track *k,
		       const struct vc_container_unit *u)
{
	uint8_t octet = !strcmp(k->info.codec, "PCMU") ? 0xff :
			!strcmp(k->info.codec, "PCMA") ? 0xd5 :
							 0;

	for (size_t i = 0; i < u->len; i++)
		if (u->data[i] != octet)
			return false;
	return true;
}

/* One hole after the other is one. */
static int note_silence(struct tally_track *k,
			const struct vc_container_unit *u)
{
	struct tally_hole *last = k->n_holes ? &k->holes[k->n_holes - 1] : NULL;

	if (!is_silence(k, u))
		return 0;
	if (!last || u->time > last->to + ROUNDING)
		return add_hole(k, u->time, u->time + u->duration);
	last->to = u->time + u->duration;
	return 0;
}

/* Sound is one packet after the other; pictures last until the next. */
static int note_gap(struct tally_track *k, int64_t time)
{
	int64_t gap = time - k->end;

	if (k->info.kind == VC_TRACK_TEXT)
		return 0;
	if (k->info.kind != VC_TRACK_AUDIO)
		return time - k->last > PICTURES_HOLE ?
			       add_hole(k, k->last, time) :
			       0;
	if (gap <= ROUNDING)
		return 0;
	k->gaps++;
	k->gap += gap;
	if (gap > k->gap_most)
		k->gap_most = gap;
	return add_hole(k, k->end, time);
}

static int write_unit(void *c, const struct vc_container_unit *u)
{
	struct tally *t = c;
	struct tally_track *k = &t->tracks[u->track];
	int err = 0;

	if (k->units) {
		k->back += u->time < k->last;
		err = note_gap(k, u->time);
	} else {
		k->first = u->time;
	}
	if (!err && t->has_silence)
		err = note_silence(k, u);
	k->units++;
	if (t->lips)
		lips_unit(t->lips, k->info.source, k->units, u->time);
	k->keys += u->is_key;
	k->octets += u->len;
	k->last = u->time;
	if (k->end < u->time + u->duration)
		k->end = u->time + u->duration;
	if (t->decodes)
		decode(k, u);
	return err;
}

const struct vc_container_ops tally_ops = {
	.name = "tally",
	.add = add,
	.write = write_unit,
};

int64_t tally_end(const struct tally *t)
{
	int64_t end = 0, text_end = 0, text_last = 0;

	for (unsigned int i = 0; i < t->n; i++) {
		const struct tally_track *k = &t->tracks[i];
		bool is_text = k->info.kind == VC_TRACK_TEXT;
		int64_t *most = is_text ? &text_end : &end;

		if (*most < k->end)
			*most = k->end;
		if (is_text && text_last < k->last)
			text_last = k->last;
	}
	if (!end)
		return text_end;
	return end > text_last ? end : text_last;
}

void tally_clear(struct tally *t)
{
	for (unsigned int i = 0; i < t->n; i++) {
		vc_audiodec_free(t->tracks[i].sound);
		vc_viddec_free(t->tracks[i].pictures);
		free(t->tracks[i].holes);
	}
	free(t->tracks);
	*t = (struct tally){ 0 };
}
