/* SPDX-License-Identifier: MIT */
/*
 * The chapters of one file (--cues): made of what its sidecar is told, written
 * into it where its format has them, and beside it as WebVTT, which browsers
 * read. All of it is for a volume whose 'chapters' are not NULL; else nothing
 * is done.
 */
#ifndef VC_RECORD_CONTENTS_H
#define VC_RECORD_CONTENTS_H

#include <stdint.h>

#define CONTENTS_SUFFIX ".chapters.vtt"

struct vc_json;
struct volume;

/* It has chapters, if that is wanted; without memory it has none. */
void contents_begin(struct volume *v);

/* An event of the sidecar, of that time. */
void contents_event(struct volume *v, int64_t at, const struct vc_json *event);

/* Nothing more comes: the container gets them. 0 or -errno. */
int contents_end(struct volume *v);

/* FILE.chapters.vtt is there, if there are any. 0 or -errno. */
int contents_publish(struct volume *v);

/* For the manifest: start_ms, end_ms, why, title. */
struct vc_json *contents_json(const struct volume *v);

void contents_free(struct volume *v);

#endif
