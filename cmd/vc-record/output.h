/* SPDX-License-Identifier: MIT */
/*
 * One operand: where it goes, in which format, and whether it is whole. What
 * goes wrong is said here, once, with its name; the others go on.
 */
#ifndef VC_RECORD_OUTPUT_H
#define VC_RECORD_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/reel.h"
#include "format.h"

struct vc_json;
struct vc_outfile;
struct vc_timeline;
struct vc_tool;

struct output {
	struct vc_tool *tool;
	const struct format *format;
	const char *operand;
	char text[512]; /* the same, for people */
	bool overwrite;
	bool is_pipe; /* front to back, and somebody may be waiting */
	bool is_stdout;
	bool is_silent; /* stdout is media: the name is not said there */
	int fd;		/* of a pipe, -1: none */
	struct vc_outfile *file; /* NULL: it has ended */
	struct writer w;
	/* media */
	struct vc_timeline *timeline;
	struct vc_reel reel;

	struct vc_json *result; /* its statistics, once it has ended */
};

/*
 * 'format' NULL: by suffix. 'is_here' and 'ctx' are the reel's. Wrong usage
 * ends the process; other errors are said and returned.
 */
int output_open(struct output *o, struct vc_tool *t, const char *operand,
		const struct format *format, bool overwrite,
		bool (*is_here)(void *ctx, uint64_t source), void *ctx);

static inline bool output_is_open(const struct output *o)
{
	return o->file != NULL;
}

/*
 * Takes the result of a call on tape, timeline or container: an error ends
 * this output, which keeps what it has.
 */
void output_check(struct output *o, int err);

/* What was given to it so far can be read by others. */
void output_flush(struct output *o);

/* The end: completes the file and says so on stdout, or leaves none. */
void output_finish(struct output *o, bool has_packets);

/* Octets, tracks, times. The caller's to free. */
struct vc_json *output_stats(const struct output *o);

/* Octets written so far. */
uint64_t output_octets(const struct output *o);

#endif
