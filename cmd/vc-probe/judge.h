/* SPDX-License-Identifier: MIT */
/*
 * --vmaf and --visqol: what was decoded, and what it was before, as two files
 * that a program of others compares. The files lie in a private folder and go
 * with it (tool/runner.h).
 */
#ifndef VC_PROBE_JUDGE_H
#define VC_PROBE_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct film;
struct judge;
struct meter;
struct probe;
struct tape;
struct vc_image;
struct vc_json;

/* --- judge.c --- */

/* Before the sandbox; '*out' stays NULL where nobody asked. Wrong usage exits;
 * 0, or -errno that was said. */
int judge_open(struct judge **out, struct probe *p);
void judge_close(struct judge *j); /* NULL is fine */

/* Is such a program there? */
bool judge_sees(const struct judge *j);
bool judge_hears(const struct judge *j);

/* The stream has ended: all sources are judged, one after the other. */
void judge_all(struct probe *p);

/* A pair of files, and what there is to say of it. */
struct pair {
	struct judge *judge;
	unsigned int n; /* its number, of its names */
	size_t octets;	/* taken by judge_pair_room() */
	FILE *ref, *deg;
	const char *why; /* there is no figure; NULL: nothing is wrong */
	bool is_fault;	 /* ours: 'why' is why we failed */
	bool is_told;
};

/* False: said in pair->why. 'suffix' as ".y4m". */
bool judge_pair_open(struct pair *pair, struct judge *j, const char *suffix);
/* Room for 'len' octets more in both together? If there is none from the
 * beginning, it is said in 'why'. */
bool judge_pair_room(struct pair *pair, size_t len);
/* No more comes; false: not all of it could be written, or 'why' said so. */
bool judge_pair_end(struct pair *pair);
/* Runs the program for 'm'. What it wrote, or NULL: said, also in 'why'. */
struct vc_json *judge_pair_run(struct pair *pair, const struct meter *m,
			       const char *suffix);
/* Something of ours has failed, which ends with exit code 1. */
void judge_pair_fault(struct pair *pair, const char *why);
/* Says why 'm' has no figure, where that was not said yet. */
void judge_pair_tell(struct pair *pair, const struct meter *m,
		     const char *suffix);
/* Its files go. */
void judge_pair_clear(struct pair *pair, const char *suffix);

/* --- film.c --- */

struct film *film_new(struct judge *j); /* NULL: out of memory, as below */
void film_free(struct film *f);		/* NULL is fine, here and below */
/* A picture, and what it was: of one size. */
void film_put(struct film *f, const struct vc_image *ref,
	      const struct vc_image *img);
void film_judge(struct film *f, const struct meter *m);
/* The member "vmaf" of a source; NULL: not asked for. */
struct vc_json *film_record(const struct film *f);

/* --- tape.c --- */

struct tape *tape_new(struct judge *j);
void tape_free(struct tape *t);
/* Mono, at 48 kHz; 'is_sound': any of it was sent or made up. */
void tape_put(struct tape *t, const int16_t *pcm, size_t n, bool is_sound);
void tape_judge(struct tape *t, const struct meter *m);
/* The member "visqol". */
struct vc_json *tape_record(const struct tape *t);

#endif
