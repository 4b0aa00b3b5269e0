/* SPDX-License-Identifier: MIT */
#include "engine/filepump.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "engine/mp4pump.h"

bool vc_filepump_can(enum vc_filekind kind)
{
	return kind == VC_FILEKIND_MATROSKA || kind == VC_FILEKIND_OGG ||
	       kind == VC_FILEKIND_WAV || kind == VC_FILEKIND_IVF ||
	       kind == VC_FILEKIND_MP4;
}

/* As vc_slide_next, of an item that was found. */
static int tell(struct vc_filepump *f, uint64_t *size)
{
	int err = 0;

	if (f->item.kind != VC_WEBMREAD_SKIP)
		err = f->take(f->ctx, &f->item);
	*size = f->item.size;
	return err ? err : 1;
}

static int set_kind(struct vc_filepump *f, enum vc_filekind kind)
{
	if (kind == VC_FILEKIND_MP4)
		f->read.mp4 = vc_try_alloc(1, sizeof(*f->read.mp4));
	if (kind == VC_FILEKIND_MP4 && !f->read.mp4)
		return -ENOMEM;
	if (kind == VC_FILEKIND_OGG)
		f->read.ogg = vc_try_alloc(1, sizeof(*f->read.ogg));
	if (kind == VC_FILEKIND_OGG && !f->read.ogg)
		return -ENOMEM;
	f->kind = kind;
	return 1;
}

/* 1 known, 0 not yet. What is none of them is not well-formed WebM. */
static int learn_kind(struct vc_filepump *f, const uint8_t *p, size_t len)
{
	enum vc_filekind kind;

	if (f->kind)
		return 1;
	if (len < VC_FILEPUMP_HEAD)
		return 0;
	kind = vc_filekind_of(p, len);
	return set_kind(f, vc_filepump_can(kind) ? kind : VC_FILEKIND_MATROSKA);
}

/* A box of MP4 has many items: they are told before it is stepped over. */
static int next_box(struct vc_filepump *f, const uint8_t *p, size_t len)
{
	uint64_t size;
	int got = vc_mp4pump_next(f->read.mp4, p, len, f->take, f->ctx,
				  &f->item, &size);

	f->item.kind = VC_WEBMREAD_SKIP;
	f->item.size = (size_t)size;
	return got;
}

/* As vc_webmread_next(). */
static int next_item(struct vc_filepump *f, const uint8_t *p, size_t len)
{
	switch (f->kind) {
	case VC_FILEKIND_OGG:
		return vc_oggread_next(f->read.ogg, p, len, &f->item);
	case VC_FILEKIND_WAV:
		return vc_wavread_next(&f->read.wav, p, len, &f->item);
	case VC_FILEKIND_IVF:
		return vc_ivfread_next(&f->read.ivf, p, len, &f->item);
	case VC_FILEKIND_MP4:
		return next_box(f, p, len);
	default:
		return vc_webmread_next(&f->read.webm, p, len, &f->item);
	}
}

static int next(void *ctx, const uint8_t *p, size_t len, uint64_t *size)
{
	struct vc_filepump *f = ctx;
	int got = learn_kind(f, p, len);

	if (got == 1)
		got = next_item(f, p, len);
	return got == 1 ? tell(f, size) : got;
}

static int last(void *ctx, const uint8_t *p, size_t len, uint64_t *size)
{
	struct vc_filepump *f = ctx;
	int got = 0;

	if (f->kind == VC_FILEKIND_WAV)
		got = vc_wavread_end(&f->read.wav, p, len, &f->item);
	return got == 1 ? tell(f, size) : got;
}

int vc_filepump_put(struct vc_filepump *f, const uint8_t *p, size_t len)
{
	f->slide.next = next;
	f->slide.ctx = f;
	return vc_slide_put(&f->slide, p, len);
}

int vc_filepump_end(struct vc_filepump *f)
{
	return vc_slide_end(&f->slide, last);
}

bool vc_filepump_is_whole(const struct vc_filepump *f)
{
	if (!vc_slide_is_empty(&f->slide))
		return false;
	switch (f->kind) {
	case VC_FILEKIND_OGG:
		return vc_oggread_is_whole(f->read.ogg);
	case VC_FILEKIND_WAV:
		return vc_wavread_is_whole(&f->read.wav);
	case VC_FILEKIND_IVF:
		return vc_ivfread_is_whole(&f->read.ivf);
	case VC_FILEKIND_MP4:
		return vc_mp4read_is_whole(&f->read.mp4->read);
	default:
		return vc_webmread_is_whole(&f->read.webm);
	}
}

int64_t vc_filepump_duration(const struct vc_filepump *f)
{
	switch (f->kind) {
	case VC_FILEKIND_OGG:
		return f->read.ogg->said;
	case VC_FILEKIND_WAV:
		return f->read.wav.said;
	case VC_FILEKIND_IVF:
		return vc_ivfread_duration(&f->read.ivf);
	case VC_FILEKIND_MP4:
		return f->read.mp4->read.duration;
	default:
		return vc_webmread_duration(&f->read.webm);
	}
}

bool vc_filepump_has_index(const struct vc_filepump *f)
{
	if (f->kind == VC_FILEKIND_MP4)
		return f->read.mp4->read.has_index;
	return f->kind != VC_FILEKIND_MATROSKA || f->read.webm.has_cues;
}

void vc_filepump_clear(struct vc_filepump *f)
{
	if (f->kind == VC_FILEKIND_OGG)
		free(f->read.ogg);
	if (f->kind == VC_FILEKIND_MP4)
		free(f->read.mp4);
	vc_slide_clear(&f->slide);
	f->kind = VC_FILEKIND_UNKNOWN;
}
