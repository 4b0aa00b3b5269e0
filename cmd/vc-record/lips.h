/* SPDX-License-Identifier: MIT */
/*
 * Sound and pictures of one participant: how far apart they are in the file,
 * over its whole length, beside how far apart their author's clock puts them.
 *
 * The sidecar tells of some units which one of its track each is and its RTP
 * time (`place`), and of each source the straight line from RTP time to its
 * author's clock through all of its reports (`clock`), which the recorder did
 * not have yet when it put the unit there. When the unit is the file itself
 * says.
 */
#ifndef VC_RECORD_LIPS_H
#define VC_RECORD_LIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_json;

struct lips_place {
	int64_t track;
	int64_t unit; /* of its track, from 1 */
	int64_t ssrc;
	uint32_t rtp;
	int64_t t;    /* ns, stream time: where it was put */
	int64_t at;   /* the same in the file, as the sidecar says */
	int64_t real; /* and as it is; -1: it is not there */
};

/* RTP time 'rtp' was 'author' by its author's clock, ns. */
struct lips_line {
	int64_t ssrc;
	int64_t rate_hz;
	int64_t t; /* when that was told, as above */
	int64_t since;
	bool is_arrival; /* no clock of an author's */
	uint32_t rtp;
	int64_t author;
	double ppm;
};

/* A track of sound and one of pictures of one participant. */
struct lips_pair {
	char name[64]; /* escaped */
	int64_t sound; /* tracks */
	int64_t pictures;
	bool is_guessed; /* no report, or no name, came in time: by arrival */
	size_t n;	 /* so many were compared */
	/* ns, by which pictures are later than they should */
	int64_t start, middle, end;
	int64_t least, most;
	int64_t worst_at; /* in the file */
};

/* Zeros at first. */
struct lips {
	size_t n, cap;
	struct lips_place *v;
	size_t n_lines, cap_lines;
	struct lips_line *lines;
	size_t n_pairs;
	struct lips_pair *pairs;
	size_t work;
	bool is_full; /* there was more than can be looked at */
};

/* A line of the sidecar; and no more come. */
void lips_line(struct lips *l, const char *line, size_t len);
void lips_ready(struct lips *l);

/* Of the track with this number that unit is there, in the file. */
void lips_unit(struct lips *l, uint64_t track, uint64_t unit, int64_t time);

/* Finds the pairs, after the whole file. Why there are none, or NULL. */
const char *lips_pair_up(struct lips *l, const struct vc_json *manifest);

/* Writes what was found; true: it holds. Behind lips_pair_up(). */
bool lips_judge(const struct lips *l, char *text, size_t cap);

/* Are all of them guessed, so that nothing was promised? */
bool lips_is_guessed(const struct lips *l);

/* A line for each pair on stdout; and the same for JSON. */
void lips_print(const struct lips *l);
struct vc_json *lips_json(const struct lips *l);

void lips_clear(struct lips *l);

#endif
