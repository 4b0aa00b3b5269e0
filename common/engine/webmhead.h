/* SPDX-License-Identifier: MIT */
/*
 * What stands before the first cluster of a WebM or Matroska file: written once
 * and, in a file, written over when more is known. Part of engine/webmfile.h.
 */
#ifndef VC_ENGINE_WEBMHEAD_H
#define VC_ENGINE_WEBMHEAD_H

#include <stddef.h>
#include <stdint.h>

#include "wire/webm.h"

struct vc_outfile;

/* Places in the file; places that are told count from 'data_at'. */
struct vc_webmhead {
	struct vc_outfile *out; /* borrowed, as the next two */
	const char *doctype;
	const char *app;
	uint64_t data_at; /* of the segment's data */
	uint64_t info_at;
	uint64_t tracks_at;
	size_t tracks_room; /* 0: none may come later */
};

/* What is known at the end. */
struct vc_webmhead_end {
	uint64_t cues_at; /* 0: there are none, as the next */
	uint64_t chapters_at;
	int64_t duration; /* ns */
};

/*
 * Writes it, in a file with 'reserve' octets for later tracks and names. The
 * first three fields are set. 0 or -errno.
 */
int vc_webmhead_write(struct vc_webmhead *h, const struct vc_webm_track *tracks,
		      unsigned int n, size_t reserve);

/* Writes the tracks over those there were. -ENOSPC: there is no room. */
int vc_webmhead_tracks(const struct vc_webmhead *h,
		       const struct vc_webm_track *tracks, unsigned int n);

/* What stands at the end, and is told of in front. 0 or -errno. */
int vc_webmhead_chapters(struct vc_outfile *out,
			 const struct vc_webm_chapter *list, size_t n);

/* Writes over all but the tracks, when all else is written. 0 or -errno. */
int vc_webmhead_end(const struct vc_webmhead *h,
		    const struct vc_webmhead_end *end);

#endif
