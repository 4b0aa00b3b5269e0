/* SPDX-License-Identifier: MIT */
#include "engine/filepump.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/mp4pump.h"

#define FIRST_CAP 65536

bool vc_filepump_can(enum vc_filekind kind)
{
	return kind == VC_FILEKIND_MATROSKA || kind == VC_FILEKIND_OGG ||
	       kind == VC_FILEKIND_WAV || kind == VC_FILEKIND_IVF ||
	       kind == VC_FILEKIND_MP4;
}

static int tell(struct vc_filepump *f)
{
	return f->item.kind == VC_WEBMREAD_SKIP ? 0 : f->take(f->ctx, &f->item);
}

static int append(struct vc_filepump *f, const uint8_t *p, size_t len)
{
	size_t cap = f->cap ? f->cap : FIRST_CAP;
	uint8_t *buf;

	while (cap - f->len < len)
		cap *= 2;
	if (cap != f->cap) {
		buf = realloc(f->buf, cap);
		if (!buf)
			return -ENOMEM;
		f->buf = buf;
		f->cap = cap;
	}
	if (len)
		memcpy(f->buf + f->len, p, len);
	f->len += len;
	return 0;
}

/* 1 known, 0 not yet. What is none of them is not well-formed WebM. */
static int learn_kind(struct vc_filepump *f)
{
	if (f->kind)
		return 1;
	if (f->len < VC_FILEPUMP_HEAD)
		return 0;
	f->kind = vc_filekind_of(f->buf, f->len);
	if (!vc_filepump_can(f->kind))
		f->kind = VC_FILEKIND_MATROSKA;
	if (f->kind == VC_FILEKIND_MP4) {
		f->read.mp4 = vc_try_alloc(1, sizeof(*f->read.mp4));
		return f->read.mp4 ? 1 : -ENOMEM;
	}
	if (f->kind != VC_FILEKIND_OGG)
		return 1;
	f->read.ogg = vc_try_alloc(1, sizeof(*f->read.ogg));
	return f->read.ogg ? 1 : -ENOMEM;
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
static int next(struct vc_filepump *f, size_t at)
{
	const uint8_t *p = f->buf + at;
	size_t len = f->len - at;

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

static void pass(struct vc_filepump *f, size_t n)
{
	if (n)
		memmove(f->buf, f->buf + n, f->len - n);
	f->len -= n;
}

/* Parses what is here and keeps what is not whole. */
static int parse(struct vc_filepump *f)
{
	size_t at = 0;
	int err = learn_kind(f);

	if (err <= 0)
		return err;
	err = 0;
	while (!err && at < f->len && !f->skip) {
		int got = next(f, at);

		if (got == 0)
			break;
		err = got < 0 ? got : tell(f);
		if (f->item.size > f->len - at) {
			f->skip = f->item.size - (f->len - at);
			at = f->len;
		} else {
			at += f->item.size;
		}
	}
	pass(f, at);
	return err;
}

int vc_filepump_put(struct vc_filepump *f, const uint8_t *p, size_t len)
{
	while (!f->err && len) {
		size_t n = len < FIRST_CAP ? len : FIRST_CAP;

		if (f->skip) {
			if (n > f->skip)
				n = (size_t)f->skip;
			f->skip -= n;
		} else {
			f->err = append(f, p, n);
			if (!f->err)
				f->err = parse(f);
		}
		p += n;
		len -= n;
	}
	return f->err;
}

int vc_filepump_end(struct vc_filepump *f)
{
	int got = 0;

	if (!f->err && !f->skip && f->kind == VC_FILEKIND_WAV)
		got = vc_wavread_end(&f->read.wav, f->buf, f->len, &f->item);
	if (got < 0)
		f->err = got;
	if (got == 1) {
		f->err = tell(f);
		pass(f, f->item.size);
	}
	return f->err;
}

bool vc_filepump_is_whole(const struct vc_filepump *f)
{
	if (f->err || f->len || f->skip)
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
	free(f->buf);
	f->buf = NULL;
	f->kind = VC_FILEKIND_UNKNOWN;
}
