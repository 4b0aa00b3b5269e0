/* SPDX-License-Identifier: MIT */
/*
 * How each source went over time, from the records of a series, in memory that
 * does not grow with the run: a course has COURSE_POINTS points at most. When
 * there would be more, two neighbours each become one, which has the mean of
 * both, the least and the most.
 */
#ifndef VC_PROBE_COURSE_H
#define VC_PROBE_COURSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_json;

#define COURSE_POINTS 1024
#define COURSE_TRACKS 64 /* more sources are counted only */
#define COURSE_WORD 256	 /* of what strangers are called */

/* What is drawn over time, in this order. */
enum course_what {
	COURSE_LOSS,
	COURSE_JITTER,
	COURSE_DELAY,
	COURSE_RATE,
	COURSE_FPS,
	COURSE_MOS,
	COURSE_N,
};

/* The members of an interval that they are, the first that is there. */
#define COURSE_PATHS 3
extern const char *const course_paths[COURSE_N][COURSE_PATHS];

/* NAN: not measured. */
struct course_value {
	float mean, min, max;
};

struct course_point {
	float at_s; /* the end of it */
	struct course_value v[COURSE_N];
};

struct course_track {
	struct course_track *next; /* in order of appearance */
	int64_t ssrc;
	char id[COURSE_WORD], who[COURSE_WORD];
	char kind[16], rid[20], codec[24];
	struct course_point *point;
	size_t n, cap;
	unsigned int merged;  /* intervals that make a point */
	unsigned int pending; /* of them, in 'last' */
	struct course_point last;
	bool has[COURSE_N]; /* was measured once */
};

struct course {
	struct course_track *first;
	size_t n_tracks;
	bool has_any;
	double begin_s, end_s; /* of all */
	double step_s;	       /* the longest interval */
	uint64_t left_out;     /* points of sources above COURSE_TRACKS */
};

/*
 * A record of a series, of 'span_s'. One of less than half of what others have
 * is not taken; what there is no memory for is left out.
 */
void course_add(struct course *c, const struct vc_json *line, double span_s);
/* What is not merged yet becomes a point. */
void course_end(struct course *c);
void course_clear(struct course *c);

#endif
