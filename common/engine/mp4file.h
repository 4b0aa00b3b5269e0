/* SPDX-License-Identifier: MIT */
/*
 * An MP4 file or stream, out of access units: H.264 and Opus. It is written as
 * fragments of at most a second, so that a crash at any octet leaves what
 * players read up to there. At its end a file becomes one with all its tables,
 * as every player wants it, unless it is to stay in fragments; down a pipe it
 * always does, and tracks must be there before the first unit.
 *
 * Why this is our own: mp4mux of GStreamer 1.22 loses in fragments by how much
 * a track begins later than another, writes over the first fragment when the
 * size of pictures changes, and what it leaves after a SIGKILL where it would
 * make one file of the fragments at the end (first-moov-then-finalise) ffmpeg
 * does not open.
 */
#ifndef VC_ENGINE_MP4FILE_H
#define VC_ENGINE_MP4FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/container.h"

struct vc_mp4file;
struct vc_outfile;

#define VC_MP4FILE_TRACKS 64

struct vc_mp4file_conf {
	bool is_fragmented; /* it stays so */
	size_t reserve;	    /* octets for late tracks in a file; 0: 16 KiB */
};

/*
 * Parameter sets that change with a key frame become another entry of the
 * track; they stay in band, too, for where that can no longer be said. 'c' is
 * the struct vc_mp4file.
 */
extern const struct vc_container_ops vc_mp4file_ops;

/* Borrows 'out' until it is freed. NULL when out of memory. */
struct vc_mp4file *vc_mp4file_new(const struct vc_mp4file_conf *conf,
				  struct vc_outfile *out);

#endif
