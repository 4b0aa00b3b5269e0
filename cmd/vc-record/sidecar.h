/* SPDX-License-Identifier: MIT */
/*
 * FILE.events.jsonl beside a recording: what happened, a line each, whole as
 * soon as it is flushed (vc-record(1), SIDECAR). The first error sticks and
 * comes out at the end: a recording does not end for it.
 */
#ifndef VC_RECORD_SIDECAR_H
#define VC_RECORD_SIDECAR_H

#include <stddef.h>
#include <stdint.h>

#define SIDECAR_SUFFIX ".events.jsonl"
#define SIDECAR_SCHEMA "vc.events/1"

struct output;
struct sidecar;
struct vc_json;

/* 'path' is the recording's. 0 or as vc_outfile_open(). */
int sidecar_open(const struct output *o, const char *path,
		 struct sidecar **out);

/* {"ev":name}; volume_tell() and the like add the time. */
struct vc_json *sidecar_event(const char *name);

/* An event, "t" in it. NULL is fine, as below. Borrows. */
void sidecar_put(struct sidecar *s, const struct vc_json *event);

void sidecar_flush(struct sidecar *s);

/* Sets octets, lines and sha256 of what was written. */
void sidecar_describe(struct sidecar *s, struct vc_json *j);

/* The file gets its name. Frees. 0 or -errno: see the .part. */
int sidecar_finish(struct sidecar *s);

/* As vc_outfile_close() and vc_outfile_abandon(). */
void sidecar_close(struct sidecar *s);
void sidecar_abandon(struct sidecar *s);

#endif
