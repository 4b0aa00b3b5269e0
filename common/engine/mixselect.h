/* SPDX-License-Identifier: MIT */
/*
 * The selecting part of the mixer: mixstage.c (who may be selected, and who is in
 * front), mixselect.c (who gets whom), mixforward.c (packets), mixdelay.c (when
 * sound goes out) and mixswap.c (from what is composed to it and back). The
 * mixer's own, as engine/mixer_internal.h.
 */
#ifndef VC_ENGINE_MIXSELECT_H
#define VC_ENGINE_MIXSELECT_H

#include "engine/mixer_internal.h"
#include "session/forward.h"
#include "session/outclass.h"

/*
 * Those of a list of the policy who have what a slot is for, for all who hear
 * the same people.
 */
struct mix_stage {
	unsigned int list;
	unsigned int heard; /* a list, too */
	enum mix_slot slot;
	struct mix_set on;
	/* Serials of who is in front, and in front of the rest; 0: nobody. */
	uint64_t front, second;
	uint64_t pinned; /* goes before them */
	bool is_used;
	struct mix_stage *next;
};

/* A selected source, as it goes out. */
struct mix_forward {
	struct vc_mixer_out out;
	struct mix_set whos; /* of 'out' */
	struct mix_set to;   /* whom it is for */
	bool is_for_others;
	bool is_used;
	bool is_awaited; /* somebody gets it from its next key frame on */
	bool has_begun;
	struct vc_forward fw;
	enum mix_slot slot;
	bool is_fixed;			 /* to what 'lead' is, or was */
	const struct vc_outclass *class; /* of pictures; NULL: as options say */
	struct vc_mixer_source *lead;	 /* what it is to show, or one of its
				       * layers; NULL: nothing */
	struct vc_mixer_source *now;	 /* what it shows */
	struct vc_mixer_source *next;	 /* from its next key frame on */
	int64_t since;			 /* that is so */
	uint32_t last_ts;		 /* of 'now' */
	uint32_t csrc[1];
	uint64_t switches;
	int64_t longest; /* that a key frame was waited for */
	struct mix_forward *after;
};

/* --- for the other files of the mixer --- */

/* Who may be selected, for whom; before the next two. */
void vc_mix_stages(struct vc_mixer *m);
/* Does he (or &m->stranger) get it as it is, and no mix or picture? */
bool vc_mix_is_selected(const struct vc_mixer *m,
			const struct vc_mixer_who *who, enum mix_slot slot);
/* Outputs, and whom they are for. */
void vc_mix_select(struct vc_mixer *m, int64_t now);
/* In each tick: others may be in front. */
void vc_mix_select_tick(struct vc_mixer *m, int64_t now);
/* A packet of a source that may be selected; 'codec' as of
 * vc_forward_write_as(). Comfort noise brings nobody to the front. */
void vc_mix_select_packet(struct vc_mixer *m, struct vc_mixer_source *s,
			  enum vc_codec codec, struct vc_packet *pkt,
			  const struct vc_rtp *rtp);
/* Of the source behind an output (0: all) a key frame is asked for. Is there? */
bool vc_mix_select_keyframe(struct vc_mixer *m, uint32_t ssrc);
/* Any output, or NULL. */
struct vc_mixer_out *vc_mix_select_any(const struct vc_mixer *m);
/* He goes; a source goes. */
void vc_mix_select_forget(struct vc_mixer *m, struct vc_mixer_who *who);
void vc_mix_select_forget_source(struct vc_mixer *m,
				 const struct vc_mixer_source *s);
/* All outputs end with BYE. */
void vc_mix_select_end(struct vc_mixer *m, int64_t now);
void vc_mix_select_free(struct vc_mixer *m);

/* --- mixstage.c --- */

/* Is it of those whom he hears, not of those whom he sees? */
static inline bool vc_stage_is_heard(enum mix_slot slot)
{
	return slot == MIX_SOUND || slot == MIX_TEXT;
}

/* Is anything selected for a slot? */
bool vc_stage_is_made(const struct vc_mixer *m, enum mix_slot slot);
/* May he (or &m->stranger) get something for it? */
bool vc_stage_is_recipient(const struct vc_mixer *m,
			   const struct vc_mixer_who *who, enum mix_slot slot);
/* All who get something: the known ones, then the others. */
struct vc_mixer_who *vc_stage_first(struct vc_mixer *m);
struct vc_mixer_who *vc_stage_after(struct vc_mixer *m,
				    struct vc_mixer_who *who);
/* The stage that he sees or hears, or NULL. */
struct mix_stage *vc_stage_of(const struct vc_mixer *m,
			      const struct vc_mixer_who *who,
			      enum mix_slot slot);
/* True: others are in front than before. */
bool vc_stage_look(const struct vc_mixer *m, struct mix_stage *st);
struct vc_mixer_who *vc_stage_find(const struct mix_stage *st, uint64_t serial);
/* The one whom he gets of it, or NULL. */
struct vc_mixer_who *vc_stage_one(const struct mix_stage *st,
				  const struct vc_mixer_who *who);
/* Whose sound may be mixed at any time is audible: its chain is open, asleep. */
void vc_stage_doze(struct vc_mixer *m);
/* It, and those after it; or NULL. */
void vc_stage_free(struct mix_stage *st);

/* Is it what a slot is for, and not over? */
bool vc_stage_is_for(const struct vc_mixer_source *s, enum mix_slot slot);
/* His newest that is, or NULL. */
struct vc_mixer_source *vc_stage_source(const struct vc_mixer_who *who,
					enum mix_slot slot);
/* The first of the layers of which it is one. */
const struct vc_mixer_source *vc_stage_first_layer(
	const struct vc_mixer_source *s);

/* --- mixselect.c --- */

/* Whom each output is for, by what it shows now. */
void vc_mix_select_address(struct vc_mixer *m, int64_t now);
/* May he, who gets something for its slot, still have what the output shows? */
bool vc_mix_may_have(const struct vc_mixer *m, const struct vc_mixer_who *r,
		     const struct mix_forward *o);

/* --- mixswap.c --- */

/* Does he get a composed picture, or still? For 'view'. */
bool vc_mix_has_view(struct vc_mixer *m, struct vc_mixer_who *who);
/* Does he keep what is selected for a slot, and may, until a key frame of 'view' is
 * there? He wants that, then. */
bool vc_mix_keeps(const struct vc_mixer *m, struct vc_mixer_who *r,
		  enum mix_slot slot);
/* Whom each view is for. */
void vc_mix_views_address(struct vc_mixer *m, int64_t now);
/* A key frame of it is about to go out: to those who await it, too. */
void vc_mix_view_arrives(struct vc_mixer *m, struct mix_video *v, int64_t now);
/* The same; vc_mix_select_address() is to follow. */
void vc_mix_forward_arrives(struct vc_mixer *m, const struct mix_forward *o,
			    int64_t now);

/* --- mixdelay.c --- */

/* When a packet of sound is to be heard. */
int64_t vc_mix_due(const struct vc_mixer_source *s, const struct vc_packet *pkt,
		   uint32_t ts);
/* Takes a reference to it until then. */
void vc_mix_delay(struct vc_mixer_source *s, enum vc_codec codec,
		  struct vc_packet *pkt, const struct vc_rtp *rtp);
/* A tick: what was due in it goes out. */
void vc_mix_delay_tick(struct vc_mixer *m, int64_t now);

/* --- mixgauge.c --- */

/* A packet of sound: how loud it is, as far as is known, tells who talks. */
void vc_mix_gauge(struct vc_mixer *m, struct vc_mixer_source *s,
		  enum vc_codec codec, const struct vc_rtp *rtp, int64_t now);
/* How loud he was in this tick by that: -dBov. Once a tick. */
uint8_t vc_mix_told_level(struct vc_mixer_who *who);
void vc_mix_gauge_forget(struct vc_mixer *m, const struct vc_mixer_source *s);
void vc_mix_gauges_free(struct vc_mixer *m);

/* --- mixforward.c --- */

struct mix_forward *vc_mix_forward_new(struct vc_mixer *m, enum mix_slot slot,
				       const struct vc_mixer_source *lead);
/* It, and those after it; or NULL. */
void vc_mix_forward_free(struct mix_forward *o);
void vc_mix_forward_address(struct vc_mixer *m, struct mix_forward *o,
			    int64_t now);
void vc_mix_forward_end(struct vc_mixer *m, struct mix_forward *o, int64_t now);
/* Nobody gets it from now on, and it shows nothing: it is m->leaving's. */
void vc_mix_forward_leave(struct vc_mixer *m, struct mix_forward *o,
			  int64_t now);
/* Those say BYE. */
void vc_mix_forward_end_left(struct vc_mixer *m, int64_t now);
/* Which layer of its 'lead' it is to show; asks for key frames. */
void vc_mix_forward_settle(struct vc_mixer *m, struct mix_forward *o,
			   int64_t now);
/* Its report, if it is due. */
void vc_mix_forward_report(struct vc_mixer *m, struct mix_forward *o,
			   int64_t now);
/* To all outputs that show its source, or are to. */
void vc_mix_forward_packet(struct vc_mixer *m, struct vc_mixer_source *s,
			   enum vc_codec codec, struct vc_packet *pkt,
			   const struct vc_rtp *rtp, int64_t now);
/* It shows nothing until what it is to show has come. */
void vc_mix_forward_cut(struct mix_forward *o);

#endif
