/* SPDX-License-Identifier: MIT */
/*
 * The places of a WebM or Matroska file that can be sought to, gathered while
 * it is written. Zeros at first. Part of engine/webmfile.h.
 */
#ifndef VC_ENGINE_WEBMINDEX_H
#define VC_ENGINE_WEBMINDEX_H

#include <stddef.h>

#include "wire/webm.h"

struct vc_outfile;

struct vc_webmindex {
	struct vc_webm_cue *cues;
	size_t n;
	size_t cap;
};

/* 0 or -ENOMEM. */
int vc_webmindex_add(struct vc_webmindex *x, const struct vc_webm_cue *cue);

/* 0 or -errno. */
int vc_webmindex_write(const struct vc_webmindex *x, struct vc_outfile *out);

void vc_webmindex_clear(struct vc_webmindex *x);

#endif
