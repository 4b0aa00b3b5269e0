/* SPDX-License-Identifier: MIT */
/*
 * In which formats a recording can be, and what writes one: a container of
 * units (engine/container.h) or a tape of packets.
 */
#ifndef VC_RECORD_FORMAT_H
#define VC_RECORD_FORMAT_H

#include <stdbool.h>

#include "engine/container.h"
#include "tape.h"
#include "wire/codec.h"

struct vc_outfile;
struct vc_tool;

struct format {
	const char *name;   /* of -f */
	const char *suffix; /* ".webm" */
	const char *holds;  /* which codecs, for people; NULL: any */
	enum vc_kind only;  /* nothing else is looked for; VC_OTHER: all is */
	/* Media: what writes it, and makes that. NULL: packets, as they are. */
	const struct vc_container_ops *ops;
	void *(*make)(const struct format *f, struct vc_outfile *out,
		      bool fragmented);
	enum tape_kind tape; /* packets */
};

#define FORMATS_MAX 16

/* Ended by one without name. */
extern const struct format formats[];

/* A FILE of no known suffix: ends the program, and says what may be meant. */
_Noreturn void format_refuse(struct vc_tool *t, const char *name);

/* By its suffix, before ".vcenc" if that is there; NULL: none. */
const struct format *format_of(const char *path);

/* " (.mkv holds it)": the first one that says so; "": none. Into 'out'. */
#define FORMAT_HINT 48
const char *format_hint(const char *codec, char out[static FORMAT_HINT]);

/* The length of 'path' without a ".vcenc" at its end. */
size_t format_plain_len(const char *path);

/* Units, else packets. */
static inline bool format_is_media(const struct format *f)
{
	return f->ops != NULL;
}

/* Whether who records into it looks for that kind of media there. */
static inline bool format_expects(const struct format *f, enum vc_kind kind)
{
	return f->only == VC_OTHER || f->only == kind;
}

/* What writes one file. */
struct writer {
	const struct vc_container_ops *ops; /* of media */
	void *container;
	struct tape *tape; /* of packets */
};

/*
 * Borrows 'out' until it is cleared, and 'strip', which packets go through
 * (or NULL). 'fragmented': what MP4 is to stay. 0 or -errno; nothing to clear
 * then.
 */
int writer_init(struct writer *w, const struct format *f,
		struct vc_outfile *out, bool fragmented, struct strip *strip);
void writer_clear(struct writer *w);

/* What it was given so far can be read. 0 or -errno. */
int writer_flush(struct writer *w);

/*
 * Writes the end; the file is then the caller's to finish. -ENODATA: nothing
 * was ever written, the file is better abandoned.
 */
int writer_finish(struct writer *w);

#endif
