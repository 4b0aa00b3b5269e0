/* SPDX-License-Identifier: MIT */
#include "engine/unitfile.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/container.h"
#include "engine/filepump.h"
#include "engine/refit.h"
#include "wire/codec.h"
#include "wire/webm.h"

#define STEP_MAX (1 * VC_SEC) /* between pictures; else it is a gap */

struct track {
	struct vc_track_info info; /* 'source' is its number */
	struct vc_refit *fit;
	bool is_declared;
	bool is_refused;
	unsigned int index; /* in the container */
	int64_t last;	    /* time of the unit before; -1: none */
	int64_t step;	    /* from the one before that */
};

struct vc_unitfile {
	struct vc_unitfile_conf conf;
	struct vc_filepump pump;
	struct vc_unitfile_counts counts;
	size_t n;
	struct track *tracks[VC_WEBM_MAX_TRACKS];
};

/* --- tracks --- */

static struct track *find(const struct vc_unitfile *f, uint64_t number)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->tracks[i]->info.source == number)
			return f->tracks[i];
	return NULL;
}

static unsigned int side(uint64_t v)
{
	return v > UINT16_MAX ? 0 : (unsigned int)v;
}

static enum vc_track_kind kind_of(enum vc_codec codec)
{
	switch (vc_codec_kind(codec)) {
	case VC_AUDIO:
		return VC_TRACK_AUDIO;
	case VC_TEXT:
		return VC_TRACK_TEXT;
	default:
		return VC_TRACK_VIDEO;
	}
}

static void fill_info(struct vc_track_info *info, enum vc_codec codec,
		      const struct vc_webmread_track *t)
{
	char name[VC_TRACK_NAME_CAP];

	*info = (struct vc_track_info){
		.kind = kind_of(codec),
		.codec = vc_codec_name(codec),
		.rate_hz = vc_codec_rate(codec),
		.channels = t->channels == 2 ? 2 : 1,
		.delay = t->codec_delay < UINT32_MAX ? (int64_t)t->codec_delay :
						       0,
		.width = side(t->width),
		.height = side(t->height),
		.source = t->number,
		.owner = t->number,
	};
	if (codec == VC_CODEC_L16) {
		info->rate_hz = (uint32_t)t->rate_hz;
		info->channels = (unsigned int)t->channels;
	}
	vc_str_copy(name, sizeof(name), t->name);
	vc_track_set_name(info->name, name);
}

static void refuse(struct vc_unitfile *f, const struct vc_webmread_track *t)
{
	char codec[64];

	vc_str_copy(codec, sizeof(codec), t->codec);
	if (f->conf.refused)
		f->conf.refused(f->conf.ctx, t->number, codec);
}

static void add_track(struct vc_unitfile *f, const struct vc_webmread_track *t)
{
	enum vc_codec codec = vc_refit_held(t);
	struct track *k;
	int err;

	if (find(f, t->number)) {
		f->counts.bad++;
		return;
	}
	k = codec == VC_CODEC_NONE || f->n == VC_WEBM_MAX_TRACKS ?
		    NULL :
		    vc_try_alloc(1, sizeof(*k));
	if (k)
		k->fit = vc_refit_new(codec, t->priv, t->priv_len, &err);
	if (!k || !k->fit) {
		free(k);
		refuse(f, t);
		return;
	}
	fill_info(&k->info, codec, t);
	vc_refit_set_sound(k->fit, k->info.rate_hz, k->info.channels);
	vc_refit_set_subrip(k->fit, vc_refit_is_subrip(t));
	k->last = -1;
	f->tracks[f->n] = k;
	f->n++;
}

/* With its first unit, which says what the container has to know. */
static int declare(struct vc_unitfile *f, struct track *k,
		   const struct vc_refit_frame *first)
{
	int err;

	k->info.first = first->p;
	k->info.first_len = first->len;
	k->is_declared = true;
	err = f->conf.ops->add(f->conf.container, &k->info, &k->index);
	k->info.first = NULL;
	if (!vc_track_is_refused(err))
		return err;
	k->is_refused = true;
	if (f->conf.refused)
		f->conf.refused(f->conf.ctx, k->info.source, k->info.codec);
	return 0;
}

/* --- units --- */

static int put_unit(struct vc_unitfile *f, struct track *k, int64_t time,
		    int64_t said, const struct vc_refit_frame *frame)
{
	int err = k->is_declared ? 0 : declare(f, k, frame);
	struct vc_container_unit u = {
		.track = k->index,
		.time = time,
		.is_key = frame->is_key,
		.is_last = said >= 0,
		.data = frame->p,
		.len = frame->len,
	};

	if (err || k->is_refused)
		return err;
	if (k->last >= 0 && time > k->last &&
	    (!k->step || time - k->last < STEP_MAX))
		k->step = time - k->last;
	k->last = time;
	if (said >= 0)
		u.duration = said;
	else
		u.duration = frame->length ? frame->length : k->step;
	f->counts.units++;
	err = f->conf.ops->write(f->conf.container, &u);
	return err > 0 ? 0 : err;
}

static int put_block(struct vc_unitfile *f, const struct vc_webmread_block *b)
{
	struct track *k = find(f, b->track);
	const uint8_t *p = b->data;
	int64_t time = b->time;
	int err = 0;

	if (!k) {
		f->counts.strays++;
		return 0;
	}
	for (unsigned int i = 0; i < b->n && !err; i++) {
		int64_t said = b->n == 1 ? b->duration : -1;
		struct vc_refit_frame frame;
		int bad = vc_refit(k->fit, p, b->size[i], b->is_key, &frame);

		p += b->size[i];
		if (bad == -ENOMEM)
			return bad;
		if (bad) {
			/* An empty cue is no fault. */
			f->counts.bad += bad != -ENODATA ||
					 k->info.kind != VC_TRACK_TEXT;
			continue;
		}
		err = put_unit(f, k, time, said, &frame);
		time += frame.length;
	}
	return err;
}

static int take(void *ctx, const struct vc_webmread_item *item)
{
	struct vc_unitfile *f = ctx;

	switch (item->kind) {
	case VC_WEBMREAD_TRACK:
		add_track(f, &item->track);
		return 0;
	case VC_WEBMREAD_BLOCK:
		return put_block(f, &item->block);
	case VC_WEBMREAD_BAD:
		f->counts.bad++;
		return 0;
	case VC_WEBMREAD_SKIP:
		break;
	}
	return 0;
}

struct vc_unitfile *vc_unitfile_new(const struct vc_unitfile_conf *conf)
{
	struct vc_unitfile *f = vc_try_alloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->conf = *conf;
	f->pump.take = take;
	f->pump.ctx = f;
	return f;
}

void vc_unitfile_free(struct vc_unitfile *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		vc_refit_free(f->tracks[i]->fit);
		free(f->tracks[i]);
	}
	vc_filepump_clear(&f->pump);
	free(f);
}

int vc_unitfile_put(struct vc_unitfile *f, const uint8_t *p, size_t len)
{
	int err = vc_filepump_put(&f->pump, p, len);

	f->counts.said = vc_filepump_duration(&f->pump);
	f->counts.has_index = vc_filepump_has_index(&f->pump);
	return err;
}

int vc_unitfile_end(struct vc_unitfile *f)
{
	return vc_filepump_end(&f->pump);
}

bool vc_unitfile_is_whole(const struct vc_unitfile *f)
{
	return vc_filepump_is_whole(&f->pump);
}

const struct vc_unitfile_counts *vc_unitfile_counts(const struct vc_unitfile *f)
{
	return &f->counts;
}
