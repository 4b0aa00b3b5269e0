/* SPDX-License-Identifier: MIT */
/* What vc-record has open, and the sources it takes media from. */
#ifndef VC_RECORD_RECORDER_H
#define VC_RECORD_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/units.h"
#include "net/loop.h"
#include "output.h"
#include "session/roster.h"
#include "tool/control.h"
#include "tool/tool.h"

struct compose;
struct take;
struct vc_in;
struct vc_packet;
struct vc_rtp;
struct vc_sealkeys;
struct vc_source;

/* How packets reach .vcrtp files. */
enum tape_mode {
	TAPE_UNKNOWN, /* nothing came yet */
	TAPE_AS_IS,   /* one input: all its frames */
	TAPE_MERGED,  /* what was merged and selected */
};

struct recorder {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_in *in;
	struct compose *compose; /* NULL: what comes is recorded */
	struct output *outputs;
	size_t n_outputs;
	bool has_media; /* an output of units */
	bool may_be_as_is;
	enum tape_mode mode;
	struct vc_timer tick;
	int64_t flush_at; /* each second */
	struct record_conf conf;
	struct vc_sealkeys *sealkeys; /* of --encrypt-key-file, or NULL */
	enum output_state wanted;     /* by command */
	bool waits_for_key;	      /* by itself, as the next */
	bool waits_for_voice;
	int64_t last_sound; /* that somebody was heard talking */
	/* sources, by the time of their first packet */
	struct take *first;
	struct take **last;
	uint64_t n_takes; /* so far */
	uint64_t packets;
	uint64_t unsupported;	/* packets of formats no container here has */
	uint32_t warned_codecs; /* bits */
	bool warned_refused;
	struct vc_units_counts past; /* of sources that have gone */
};

/* --- source.c --- */

/* What is recorded: what comes, or what is composed of it. */
const struct vc_sdp *source_sdp(const struct recorder *rec);
struct vc_roster *source_roster(const struct recorder *rec);
/* Tells 'units' what is described of it. */
void source_prepare(const struct recorder *rec, const struct vc_source *src,
		    struct vc_units *units);
/* A key frame of that would help. */
void source_ask_key(const struct recorder *rec, uint32_t ssrc);

/* What a track of it is called; foreign. */
void source_name(const struct recorder *rec, const struct vc_source *src,
		 char out[static VC_TRACK_NAME_CAP]);

/* All of 'info' but the mark, and what a first unit says. */
void source_describe(const struct recorder *rec, const struct vc_source *src,
		     const struct vc_rtp *rtp, struct vc_track_info *info);

/* --- takes.c --- */

/* A packet of media; begins the source's take with its first. */
void take_packet(struct recorder *rec, struct vc_source *src,
		 struct vc_packet *pkt, const struct vc_rtp *rtp);

/* A sender report arrived. */
struct vc_rtcp_sr;
void take_report(struct recorder *rec, const struct vc_rtcp_sr *sr,
		 int64_t arrival);

/* The source has another name, or is somebody else's. */
void take_rename(struct recorder *rec, struct vc_source *src);

/* No more of it comes; after this 'src' is not looked at. */
void take_end(struct recorder *rec, struct vc_source *src, enum vc_leave why);
void take_end_all(struct recorder *rec);

/* Moves what is due at 'now' into the outputs. */
void take_run(struct recorder *rec, int64_t now);

/* The mark of the source of this SSRC, or AGENDA_ALL. */
uint64_t take_mark(const struct recorder *rec, uint32_t ssrc);

/* All pictures are to have a key frame soon. */
void take_ask_keys(struct recorder *rec);

/* Is the source of this mark still here? (of a reel) */
bool take_is_here(void *ctx, uint64_t mark);

/* How its clock ran so far; NULL: it has gone, or too little is known. */
struct vc_json *take_clock(void *ctx, uint64_t mark);

/* All sources', past and present. */
void take_counts(const struct recorder *rec, struct vc_units_counts *sum);

/* --- commands.c --- */

extern const struct vc_command record_commands[];

/* At 'at' all outputs are to do that. */
void commands_turn(struct recorder *rec, int64_t at, enum turn turn,
		   enum output_state state);

#endif
