/* SPDX-License-Identifier: MIT */
/*
 * The octets of a media file, as they come, cut into items: tracks and blocks,
 * as wire/webmread.h has them whatever the file is. WebM and Matroska, Ogg with
 * Opus, WAV, IVF and MP4 in fragments, known by the first octets. What is not
 * whole yet is kept; no more than one element may be large.
 */
#ifndef VC_ENGINE_FILEPUMP_H
#define VC_ENGINE_FILEPUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slide.h"
#include "wire/filekind.h"
#include "wire/ivfread.h"
#include "wire/oggread.h"
#include "wire/wavread.h"
#include "wire/webmread.h"

/* Can it be one of these? So many octets tell. */
#define VC_FILEPUMP_HEAD 12
bool vc_filepump_can(enum vc_filekind kind);

struct vc_mp4pump;

/* Embedded, its own; zero it and set the first two. */
struct vc_filepump {
	/* 0 or an error, which ends it. 'item' borrows; SKIP is not told. */
	int (*take)(void *ctx, const struct vc_webmread_item *item);
	void *ctx;

	enum vc_filekind kind; /* 0: not known yet */
	union {
		struct vc_webmread webm;
		struct vc_wavread wav;
		struct vc_ivfread ivf;
		struct vc_oggread *ogg; /* its own */
		struct vc_mp4pump *mp4; /* the same */
	} read;
	struct vc_webmread_item item;
	struct vc_slide slide;
};

/*
 * The file's next octets. 0; -EBADMSG: it cannot be read from here on;
 * -ENOTSUP: it is MP4 without fragments; -ENOMEM; or what 'take' returned.
 * Errors last.
 */
int vc_filepump_put(struct vc_filepump *f, const uint8_t *p, size_t len);

/* No more come: of what is kept the rest is told that can be. As above. */
int vc_filepump_end(struct vc_filepump *f);

/* May the file end here, or has it been cut? */
bool vc_filepump_is_whole(const struct vc_filepump *f);

/* What the file says it lasts, ns; 0: nothing was said so far. */
int64_t vc_filepump_duration(const struct vc_filepump *f);

/* Can it be sought in: an index was seen, or none is due? */
bool vc_filepump_has_index(const struct vc_filepump *f);

void vc_filepump_clear(struct vc_filepump *f);

#endif
