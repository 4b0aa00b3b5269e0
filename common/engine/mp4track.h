/* SPDX-License-Identifier: MIT */
/*
 * A track of an MP4 file that is being written: what its samples are, those of
 * the fragment that is not written yet, and its index. Part of
 * engine/mp4file.h.
 */
#ifndef VC_ENGINE_MP4TRACK_H
#define VC_ENGINE_MP4TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/container.h"
#include "wire/mp4.h"

struct vc_mp4track;

/* 0; -ENOTSUP: MP4 does not hold it, or its first unit does not say what is
 * needed; -ENOMEM. */
int vc_mp4track_new(const struct vc_track_info *info, struct vc_mp4track **out);
void vc_mp4track_free(struct vc_mp4track *t);
void vc_mp4track_rename(struct vc_mp4track *t, const char *name);
bool vc_mp4track_is_video(const struct vc_mp4track *t);

/* Not before what was written of it, ns. */
bool vc_mp4track_goes_on(const struct vc_mp4track *t, int64_t time);

/* --- what its samples are --- */

/*
 * A key frame: 0: its parameter sets are of the entry that there is (or of one
 * before it, which is taken up again when nothing is pending), or it has none;
 * -EAGAIN: another entry is due, or to be taken up.
 */
int vc_mp4track_look(struct vc_mp4track *t, const uint8_t *p, size_t len);

/* With nothing pending, and none like it: it is, and samples are of it. */
int vc_mp4track_add_entry(struct vc_mp4track *t, const uint8_t *p, size_t len);
/* That one is not, after all, and they are of the one before it. */
void vc_mp4track_drop_entry(struct vc_mp4track *t);

/* --- the fragment --- */

/* A unit goes on it. 0 or -ENOMEM, -EFBIG. */
int vc_mp4track_put(struct vc_mp4track *t, const struct vc_container_unit *u);

/* What is pending; 'octets' of it are there until vc_mp4track_next(). */
void vc_mp4track_run(const struct vc_mp4track *t, uint32_t id,
		     struct vc_mp4_run *run);
const uint8_t *vc_mp4track_data(const struct vc_mp4track *t);

/* It lies at 'data', and its moof at 'moof', its part of it the 'traf'th. */
int vc_mp4track_placed(struct vc_mp4track *t, uint64_t moof, uint64_t data,
		       unsigned int traf);

/* Nothing is pending. */
void vc_mp4track_next(struct vc_mp4track *t);

/* --- the end --- */

/* Once, before the tables are asked for. */
int vc_mp4track_finish(struct vc_mp4track *t);

/* In ticks of the file. */
uint64_t vc_mp4track_end(const struct vc_mp4track *t);

/* For a moov; with all tables, or none. Borrows. And room for that. */
void vc_mp4track_describe(const struct vc_mp4track *t, uint32_t id,
			  bool has_tables, struct vc_mp4_track *out);
size_t vc_mp4track_cap(const struct vc_mp4track *t, bool has_tables);

struct vc_mp4_table vc_mp4track_points(const struct vc_mp4track *t);

#endif
