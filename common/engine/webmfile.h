/* SPDX-License-Identifier: MIT */
/*
 * A WebM or Matroska file or stream, out of access units. Into a file it goes
 * so that a crash at any octet leaves what players read up to there: tracks
 * are declared before their first block (room is kept for late ones),
 * clusters begin with an unknown size that is patched when they end, and
 * everything is flushed once a second. Finishing it adds cues,
 * duration and seek head. Down a pipe nothing is patched, sizes stay unknown,
 * and tracks must be there before the first block.
 */
#ifndef VC_ENGINE_WEBMFILE_H
#define VC_ENGINE_WEBMFILE_H

#include "engine/container.h"

struct vc_outfile;
struct vc_webmfile;

struct vc_webmfile_conf {
	const char *doctype; /* "webm" (NULL) or "matroska" */
	const char *app;     /* MuxingApp and WritingApp; NULL: "vc" */
	int64_t max_cluster; /* ns; 0: 5 s */
	size_t reserve;	     /* octets for tracks in a file; 0: 16 KiB */
};

/*
 * WebM holds Opus, VP8, VP9, AV1 and text, Matroska also PCMU, PCMA, G.722, L16
 * and H.264. 'c' is the struct vc_webmfile.
 */
extern const struct vc_container_ops vc_webmfile_ops;

/* Borrows 'out' until it is freed. NULL when out of memory. */
struct vc_webmfile *vc_webmfile_new(const struct vc_webmfile_conf *conf,
				    struct vc_outfile *out);

/* Since the beginning, for statistics. */
struct vc_webmfile_counts {
	unsigned int tracks;
	uint64_t blocks;
	uint64_t clusters;
	uint64_t octets;
	uint64_t late;	  /* blocks dropped: before the recording's beginning,
			   * or too far behind their cluster */
	int64_t duration; /* ns: where the last one ends */
};

void vc_webmfile_counts(const struct vc_webmfile *f,
			struct vc_webmfile_counts *out);

#endif
