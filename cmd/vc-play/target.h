/* SPDX-License-Identifier: MIT */
/*
 * Files that outputs write: .part files that get their name when they are
 * whole, or pipes, written front to back. What goes wrong is said here.
 */
#ifndef VC_PLAY_TARGET_H
#define VC_PLAY_TARGET_H

#include <stdbool.h>

#include "output.h"
#include "tool/place.h"

struct vc_outfile;

/* Words that the name of a participant's file can have. */
#define TARGET_WORDS "tag name cname ssrc kind time"

/* A file or a pipe; 'file' is NULL once it broke. */
struct target {
	struct vc_tool *tool;
	struct vc_place where;
	struct vc_outfile *file;
	int fd; /* of a pipe, else -1 */
};

/* Ends with a usage error when 'text' is not a place to write a file to, or
 * a pattern with words that are not among 'words' ("name cname"). */
void target_check(struct vc_tool *t, const char *text, const char *words);

/* False: said why. A terminal is refused unless 'is_text'. */
bool target_open(struct target *t, struct vc_tool *tool, const char *text,
		 bool is_text);

/* The one file of all, whose name may have {tag} and {kind} in it. */
bool target_open_one(struct target *t, struct play *p, const char *text,
		     const char *kind);

/*
 * The file that the pattern names for 's' (NULL: for all) at 'at'. Strangers
 * choose some of its words, so one that is there is never written over:
 * NAME-2.png.
 */
bool target_open_for(struct target *t, struct play *p, const char *pattern,
		     const struct stream *s, const char *kind, int64_t at,
		     uint64_t n);

/* 'err' of an action: said, and an end; a reader that left is no error. */
bool target_did(struct target *t, const char *action, int err);

/* Writes by way of memory what 'draw' wants to write to a descriptor. 0 or
 * -errno. */
int target_from_fd(struct target *t, int (*draw)(const void *ctx, int fd),
		   const void *ctx);

void target_finish(struct target *t);
void target_abandon(struct target *t);

/*
 * One file a participant, or a source where the pattern has {ssrc}. What an
 * output keeps for each begins with a struct part.
 */
struct part {
	struct part *next;
	struct target target;
	uint64_t stream;
	char id[VC_ROSTER_TEXT];
};

#define PARTS_MAX 256

struct parts {
	struct play *p;
	const char *pattern;
	const char *kind;
	size_t size; /* of each */
	struct part *first;
	size_t n;
	bool is_full; /* said so */
	bool has_failed;
};

/* The part of 's'; a new one has 'first' zero octets behind its struct part.
 * NULL: none can be had. */
struct part *parts_of(struct parts *all, const struct stream *s, int64_t at);

/* Is 'text' for one file a participant? */
bool parts_is_pattern(const char *text);

#endif
