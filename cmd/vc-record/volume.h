/* SPDX-License-Identifier: MIT */
/*
 * One file of one output: what writes it, its tracks, and what lies beside it.
 * Times are stream time; in the file they count from its first unit.
 */
#ifndef VC_RECORD_VOLUME_H
#define VC_RECORD_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/reel.h"
#include "fill.h"
#include "format.h"

#define VOLUME_SSRCS 16
#define MANIFEST_SUFFIX ".json"

struct output;
struct sidecar;
struct vc_chapters;
struct vc_digest;
struct vc_json;
struct vc_outfile;
struct vc_webm_chapter;

/* What is known of a track beside what its reel knows. */
struct volume_track {
	struct vc_track_info info; /* of its first source */
	bool learnt_late;	   /* his CNAME: it began without */
	uint64_t keys;
	uint64_t lost;
	uint64_t gaps;
	int64_t end;	 /* of the last unit that came, stream time */
	uint64_t filled; /* units of silence that were put into them */
	uint8_t toc;	 /* Opus: the newest packet's */
	uint64_t extra;	 /* units that are another file's: at its border */
	uint32_t ssrcs[VOLUME_SSRCS]; /* the first of its sources */
	unsigned int n_ssrcs;
};

struct volume {
	struct volume *next;
	struct output *o;
	uint64_t key;	  /* whose it is: output.h */
	uint64_t n;	  /* of its output's, from 1 */
	char *path;	  /* NULL: a pipe; in the output's directory */
	const char *base; /* of it, without directories */
	char *name;	  /* for a script, with the directory */
	char *text;	  /* for people */
	struct vc_outfile *file;
	struct writer w;
	struct vc_reel reel;
	struct volume_track *tracks;
	unsigned int cap_tracks;
	struct sidecar *side;		  /* NULL: none */
	struct vc_chapters *chapters;	  /* NULL: none */
	int64_t *starts;		  /* of them, in the file */
	size_t n_told;			  /* so many of them */
	struct vc_webm_chapter *contents; /* the same, for the container */
	bool has_begun;
	bool has_media; /* besides text */
	int64_t begin;	/* of its first unit */
	int64_t end;
	int64_t last_picture;
	struct vc_json *left_out; /* NULL: nobody */
	struct cuts cuts;
	int64_t filled;	    /* until then, of the file */
	unsigned int lanes; /* that write into it */
	bool is_old;	    /* another one goes on in its place */
	const char *why_old;
	const char *why; /* it ended: a word of the manifest */
	int err;	 /* what came of that */
	/* once it is whole: the sum of its octets so far */
	struct vc_digest *sum;
	uint64_t summed;
};

/*
 * 'file' is open and the volume's from now on, also after an error. 'path' as
 * above, copied. 0 or -errno.
 */
int volume_new(struct output *o, struct vc_outfile *file, const char *path,
	       struct volume **out);

/* Beside it there is a sidecar from now on. As vc_outfile_open(). */
int volume_add_sidecar(struct volume *v);

/* 0, or as 'add' of a container. */
int volume_attach(struct volume *v, const struct vc_track_info *info,
		  unsigned int *track);

void volume_rename(struct volume *v, unsigned int track, const char *name);

/* Its first unit is at 'at'. Only the first call counts. */
void volume_begin(struct volume *v, int64_t at);

/* Something that is not written here was from 'at' to 'end'. */
void volume_pass(struct volume *v, int64_t at, int64_t end);

/* A unit of that track, its time stream time. 0 or -errno. */
int volume_write(struct volume *v, unsigned int track,
		 const struct vc_container_unit *u);

/*
 * At the border of two files: a unit of the other one, before the first that
 * is written here, or behind the last. 0 or -errno.
 */
int volume_lead(struct volume *v, unsigned int track,
		const struct vc_container_unit *u);
int volume_trail(struct volume *v, unsigned int track,
		 const struct vc_container_unit *u);

/* A line for the sidecar, of that time. Borrows 'event'. */
void volume_tell(struct volume *v, int64_t at, const struct vc_json *event);

/*
 * Nothing more comes: the file is whole but for its name, or 'err' is set;
 * -ENODATA: nothing ever came.
 */
void volume_end(struct volume *v, const char *why);

/*
 * Some of what is left to do then, which takes time: sums. True: all is done,
 * publish it.
 */
bool volume_work(struct volume *v);

/* Gives the files their names. 0 or -errno: what there is is in the .part. */
int volume_publish(struct volume *v);

/* Keeps the .part as it is. */
void volume_leave(struct volume *v);
/* No file is left. */
void volume_abandon(struct volume *v);

/* Of any of the three. */
void volume_free(struct volume *v);

/* What it was given so far can be read by others. 0 or -errno. */
int volume_flush(struct volume *v);

/* Its tracks, for statistics. */
struct vc_json *volume_tracks(const struct volume *v);

/* manifest.c: what FILE.json says. */
struct vc_json *volume_manifest(struct volume *v);

#endif
