/* SPDX-License-Identifier: MIT */
/*
 * Chapters of a recording: where another person has the word, and where somebody
 * set a mark. Told the time, which does not go back.
 *
 * Who talks while nobody else does has the word once he has talked for
 * VC_CHAPTER_SURE, from when he began or the one before him fell silent; he keeps
 * it until he is silent and another one has it. His chapter is no less than
 * VC_CHAPTER_LEAST behind the beginning of the one before: till then a change
 * waits, and is forgotten when it is over by then. A mark is a chapter at its
 * own time, whatever was before.
 */
#ifndef VC_MEDIA_CHAPTERS_H
#define VC_MEDIA_CHAPTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_CHAPTER_SURE INT64_C(2000000000)
#define VC_CHAPTER_LEAST INT64_C(10000000000)
#define VC_CHAPTERS_MAX 1000  /* more are not made */
#define VC_CHAPTER_TALKERS 64 /* at once; more are not heard */
#define VC_CHAPTER_TITLE 128

struct vc_chapters;

struct vc_chapter {
	int64_t start;
	bool is_mark;		      /* else somebody has the word */
	char title[VC_CHAPTER_TITLE]; /* escaped, cut at a whole character */
};

/* NULL when out of memory. */
struct vc_chapters *vc_chapters_new(void);
void vc_chapters_free(struct vc_chapters *c);

/*
 * The one of this 'key', called 'name' (foreign), begins or ends to talk. What
 * there is to decide until 'at' is decided first, as below.
 */
void vc_chapters_talk(struct vc_chapters *c, int64_t at, uint64_t key,
		      const char *name, bool is_on);

/* 'text' is foreign. */
void vc_chapters_mark(struct vc_chapters *c, int64_t at, const char *text);

/* Decides what there is to decide until 'at'. */
void vc_chapters_run(struct vc_chapters *c, int64_t at);

size_t vc_chapters_n(const struct vc_chapters *c);
/* In order of their starts, of which no two are equal; i < n. Borrowed until
 * the next change. */
const struct vc_chapter *vc_chapters_at(const struct vc_chapters *c, size_t i);

#endif
