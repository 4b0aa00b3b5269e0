/* SPDX-License-Identifier: MIT */
/*
 * One operand: where it goes, in which format, and the files it has open
 * (volume.h). Media comes out of a timeline of its own (shelf.c: whose units go
 * into which file), packets as they come. What goes wrong is said here, once,
 * with its name; the other outputs go on.
 */
#ifndef VC_RECORD_OUTPUT_H
#define VC_RECORD_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agenda.h"
#include "conf.h"
#include "engine/container.h"
#include "engine/unitq.h"
#include "format.h"
#include "gap.h"
#include "keep.h"
#include "ring.h"
#include "volume.h"

#define VOLUMES_MAX 512

struct vc_cueline;
struct vc_json;
struct vc_sdp;
struct vc_timeline;
struct vc_tool;

#define LANE_HEAD 4096

/* A source's units on their way into files. */
struct lane {
	bool is_used;
	struct vc_track_info info;
	uint8_t *head;	     /* of its last key frame: what a new track needs */
	struct volume *vol;  /* NULL: none */
	unsigned int track;  /* in it */
	struct volume *next; /* where it goes on with a key frame, or NULL */
	unsigned int next_track;
	unsigned int serial;
	struct vc_unitq latest; /* of sound: for the next file's beginning */
	struct gap gap;
	int64_t last;	    /* its last unit's time */
	int64_t placed;	    /* of the last one that was told of, and */
	uint64_t placed_in; /* its file's number; 0: none was */
	bool needs_key;
	bool has_joined;
	bool is_refused;
	bool is_clock; /* only its times count: it is no text, and all else is */
	struct vc_cueline *typed; /* text */
};

enum output_state {
	OUTPUT_RUNS,
	OUTPUT_PAUSES,
	OUTPUT_RESTS, /* no file is open */
};

struct output {
	struct vc_tool *tool;
	const struct record_conf *conf;
	const struct format *format;
	const char *operand;
	char *path;	/* NULL: a pipe */
	char text[512]; /* the same, for people */
	bool is_pattern;
	bool is_pipe; /* front to back, and somebody may be waiting */
	bool is_stdout;
	bool is_silent; /* stdout is media: names are not said there */
	bool has_ended;
	int fd;		   /* of a pipe, -1: none */
	int dir;	   /* where files go, -1: nowhere */
	size_t prefix_len; /* of the path: what names 'dir' */
	bool (*is_here)(void *ctx, uint64_t source);
	struct vc_json *(*clock_of)(void *ctx, uint64_t source);
	void *ctx;

	struct volume *volumes; /* open, or being completed */
	unsigned int n_open;
	uint64_t n_volumes;	  /* so far */
	uint64_t n_done;	  /* had something in them */
	uint64_t n_finished;	  /* and have their name */
	uint64_t last_name;	  /* hash of the last one that was looked for */
	unsigned int last_number; /* and the number it got */
	uint64_t octets;	  /* of those that are closed */
	struct vc_json *tracks;	  /* of the last of them */
	struct volume *tape;	  /* of packets: the present one */
	struct pile *piles;	  /* or, with --tracks: piles.h */
	unsigned int n_piles;
	char *desc; /* what the next begins with */
	size_t desc_len;

	int64_t zero; /* --start-on=now: when that was; 0: not */

	struct vc_timeline *timeline; /* of media */
	enum output_state state;
	struct agenda agenda;
	int64_t paused;
	bool waits_for_key; /* with it, it starts */
	struct ring ring;   /* while it rests */
	int err;	    /* of a turn */
	unsigned int n_serials;
	struct lane *lanes;
	unsigned int n_lanes;
	bool warned_full;
	bool warned_refused;
	uint64_t no_room; /* units of files that were one too many */

	struct keep keep;
	int64_t watched; /* when its disk was looked at */

	struct vc_json *result; /* its statistics, once it has ended */
};

/*
 * 'is_here' and 'ctx' are the reels'; 'clock_of' says a source's clock event,
 * or NULL. Wrong usage ends the process; other errors are said and returned.
 */
int output_open(struct output *o, struct vc_tool *t, const char *operand,
		const struct record_conf *conf,
		bool (*is_here)(void *ctx, uint64_t source),
		struct vc_json *(*clock_of)(void *ctx, uint64_t source),
		void *ctx);

static inline bool output_is_open(const struct output *o)
{
	return !o->has_ended;
}

/*
 * Takes the result of a call on tape, timeline or container: an error ends
 * this output, which keeps what it has.
 */
void output_check(struct output *o, int err);

/* What is due at 'now' goes into files. True: key frames would be welcome. */
bool output_run(struct output *o, int64_t now);

/* What was given to it so far can be read by others. */
void output_flush(struct output *o);

/* At 'at' this is to happen (tapes: at once). */
void output_turn(struct output *o, int64_t at, enum turn turn);

/* A line for the sidecars of those that the source is in. Borrows 'note'. */
void output_tell(struct output *o, int64_t at, uint64_t source,
		 const struct vc_json *note);

/* The tape to write to, or NULL. */
static inline struct tape *output_tape(const struct output *o)
{
	return o->tape ? o->tape->w.tape : NULL;
}

/* The same for media, which is left out of a pause. */
static inline struct tape *output_media_tape(const struct output *o)
{
	return o->state == OUTPUT_RUNS ? output_tape(o) : NULL;
}

/* The description as it is now: of this tape and the next. 0 or -errno. */
int output_desc(struct output *o, const struct vc_sdp *sdp, bool is_virtual);

/* The end: completes the files and says so on stdout, or leaves none. */
void output_finish(struct output *o, bool has_packets);
void output_free(struct output *o);

/* Octets, tracks, times. The caller's to free. */
struct vc_json *output_stats(const struct output *o);

/* Stream time that the times of all its files count from. */
int64_t output_epoch(const struct output *o);

/* --- files (files.c) --- */

/* Somebody else's descriptor, or a name that is no regular file. */
int files_wrap(struct output *o, int fd);

/* The first file of an operand that is no pattern: its very name. */
int files_open_plain(struct output *o);

/*
 * One more: by the pattern, with what is known of 'info' (NULL: it is
 * everybody's) and the time 'at', and the first number that is free. -EMFILE:
 * too many are open.
 */
int files_open_next(struct output *o, const struct vc_track_info *info,
		    int64_t at, struct volume **out);

/* After -EMFILE: something stays out, which is counted, and said once. */
void files_leave_out(struct output *o);

/* No more goes into it; it is completed by and by, which says what is wrong. */
void files_end(struct output *o, struct volume *v, const char *why);

/* Completes what has ended: some of it, or 'all'. */
void files_work(struct output *o, bool all);

/* --- shelf.c, turns.c: a container of units, 'ctx' is the output --- */

extern const struct vc_container_ops shelf_ops;

/* Now and then. True: key frames would be welcome. */
bool shelf_tick(struct output *o, int64_t now);

/* What was to happen until 'at' happens. */
void shelf_run(struct output *o, int64_t at);

/* A source turned out to be somebody else's. */
void shelf_set_owner(struct output *o, uint64_t source, uint64_t owner,
		     const char *cname);

/* What is open is ended. */
void shelf_end(struct output *o, const char *why);

#endif
