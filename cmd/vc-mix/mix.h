/* SPDX-License-Identifier: MIT */
/*
 * What the files of vc-mix share. main.c: opening; options.c: the command line;
 * people.c: who takes part; events.c: what is said about what is written; policy.c: who hears and sees whom; matrix.c: the same as a table;
 * roles.c: roles that mean nothing; rulings.c: what commands say of people;
 * outs.c: who gets what and sends nothing; layouts.c: how tiles are arranged;
 * sound.c: formats of sound; ways.c: what is mixed, composed or selected;
 * commands.c: the control socket's, of which `list` is in listing.c and `play` in
 * playcmd.c; syntax.c: whether they can be right; whom.c: whom they mean.
 */
#ifndef VC_MIX_MIX_H
#define VC_MIX_MIX_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "engine/mixer.h"
#include "session/outclass.h"
#include "session/policy.h"
#include "net/loop.h"
#include "tool/control.h"
#include "tool/in.h"
#include "tool/mixing.h"
#include "tool/out.h"
#include "tool/texts.h"
#include "tool/tool.h"
#include "wire/sdp.h"

struct layouts;
struct outs;
struct rules;
struct rulings;

struct mix {
	struct vc_tool *tool;
	struct rules *rules;
	struct rulings *rulings;
	struct layouts *layouts;
	const char *layout; /* what holds of --layout and commands */
	struct vc_loop *loop;
	struct vc_in *in;
	struct vc_out *out;
	struct vc_mixer *mixer; /* NULL before the clock is known */
	struct vc_mixer_conf conf;
	struct vc_mixer_sound class_sounds[VC_OUTCLASSES_MAX];
	struct vc_mixing mixing;
	const struct outs *outs;
	const char *why;      /* of the `leave` events that come next */
	struct vc_timer look; /* of roles.c */
	bool warned_crowd;
	size_t n_kicked;
	size_t n_refused; /* so far, by the limit of the policy */
};

/* sound.c: what is said of sound. */
struct sound_options {
	bool is_stereo;
	bool has_agc;
	int64_t noise_db;   /* 0: none */
	int64_t complexity; /* -1: the default */
	uint64_t opus_fec;  /* percent; 0: none */
};

/* options.c: what only this tool has; of words the index, -1: not given. */
struct options {
	int audio;
	int video;
	int pick;
	const char *layout;
	int64_t bgcolor;
	int labels;
	struct rules *rules;
	bool trusts_names;
	const char *policy;
	const char *check; /* --check-policy */
	struct outs *outs;
	struct sound_options sound;
	int64_t threads; /* 0: by the size */
	int64_t talkers; /* 0: the default */
};
extern const struct vc_tool_info options_info;
/* All is known: warns of those that change nothing. */
void options_warn(const struct mix *mix, const struct options *own);

/* people.c: calls of struct vc_mixing and struct vc_in_ops; 'ctx' is a struct
 * mix. */
bool people_admit(void *ctx, struct vc_source *src);
bool people_vouch(void *ctx, const struct vc_participant *who);
bool people_keep(void *ctx, const struct vc_mixer_who *who);
void people_unnamed(void *ctx, const struct vc_mixer_who *who);
void people_named(void *ctx, struct vc_source *src);
void people_change(void *ctx, struct vc_source *src,
		   struct vc_participant *was);
void people_gone(void *ctx, struct vc_source *src, enum vc_leave why);
void people_who_gone(void *ctx, struct vc_participant *who);
/* He and who comes by his id take no part until they are let in again. */
void people_kick(struct mix *mix, struct vc_mixer_who *who);
void people_unkick(struct mix *mix, struct vc_mixer_who *who);

/* events.c: calls of struct vc_mixer_conf and struct vc_in_ops. */
void events_begin(void *ctx, const struct vc_mixer_out *out, int64_t now);
void events_end(void *ctx, const struct vc_mixer_out *out, int64_t now);
void events_speaker(void *ctx, const struct vc_mixer_who *who, bool on,
		    int level_db, int64_t now);
void events_role(void *ctx, const struct vc_mixer_who *who, int64_t now);
/* He is called so no longer, or is gone: his role is not repeated. */
void events_role_drop(struct mix *mix, const struct vc_mixer_who *who);
void events_kick(struct mix *mix, const struct vc_mixer_who *who, bool on);
void events_pass(void *ctx, const struct vc_json *event, const char *text,
		 size_t len);
void events_other(void *ctx, const uint8_t *frame, size_t len);

/* outs.c: --out and --out-class. A wrong one is a usage error. */
struct outs *outs_new(void);
void outs_free(struct outs *o);
void outs_add(struct argp_state *state, struct outs *o, const char *arg);
void outs_add_classes(struct argp_state *state, struct outs *o,
		      const char *arg);
const struct vc_outclasses *outs_classes(const struct outs *o);
/* All are known, and so is the pictures' rate. */
void outs_check(const struct mix *mix);
/* What a class says and nothing comes out like is warned of. */
void outs_warn(const struct mix *mix, bool mixes, bool composes);
/* The inputs are known: who comes by one is no such output. */
void outs_check_inputs(const struct mix *mix);
/* Who sends nothing is here. */
void outs_join(struct mix *mix);
bool outs_has(const struct outs *o, const char *name);

/* policy.c */
struct rules *rules_new(void);
void rules_free(struct rules *r);
/* Those that rows of the policy name, and all others. */
struct layouts *rules_layouts(struct rules *r);
/* --policy, --role (false: too many) and --trust-names; borrowed. */
void rules_place(struct rules *r, const char *place);
bool rules_role(struct rules *r, const char *rule);
void rules_trust(struct rules *r);
/* What `class=` may name; borrowed. */
void rules_classes(struct rules *r, const struct vc_outclasses *classes);
/* The policy at 'place' with the roles of the command line. NULL and '*err'. */
struct vc_policy *rules_read(const struct rules *r, const char *place,
			     struct vc_columns_error *err);
/* Into mix->conf; a wrong one is a usage error. */
void rules_open(struct mix *mix);
/* 0, or -errno and why: what held goes on, and what was read is forgotten. */
int rules_reload(struct mix *mix, struct vc_columns_error *err);
void rules_on_hangup(void *ctx);
/* Is his id his by a key or by the operator's word (or are names trusted)? */
bool rules_vouch(const struct mix *mix, const struct vc_participant *who);
/* Has each row of the policy a layout of its own? */
bool rules_have_layouts(const struct mix *mix);
/* Is what is selected all that he sees, for everybody? */
bool rules_pick_all(const struct mix *mix);
/* Words of a file's rows that mean nothing are warned of. */
void rules_warn(const struct mix *mix, bool selects, bool composes);
/* Participants at most; 0: as many as come. */
unsigned int rules_limit(const struct mix *mix);
/*
 * rulings.c: what commands say of people. It holds whenever somebody of that id
 * is here; of a few thousand.
 */
struct rulings *rulings_new(void);
void rulings_free(struct rulings *r);
/* He is here, or has another id: what was said of that holds, too. */
void rulings_apply(struct mix *mix, struct vc_mixer_who *who);
/* Warns once if a role is for what he only calls himself. */
void rulings_doubt(struct mix *mix, const struct vc_mixer_who *who);
bool rulings_have_warned(const struct mix *mix);
/* The role of 'id' from now on, also when he comes later; NULL: as the policy
 * says. He has the floor no longer. 0 or -ENOSPC. */
int rulings_role(struct mix *mix, const char *id, const char *role);
/* A `role` event: the same, but a command is stronger. One of no use (NULL: there
 * was no such word) says nothing. */
void rulings_heard(struct mix *mix, const char *id, const char *role);
/* Does the policy have a role for who has the floor? */
bool rulings_know_floor(const struct mix *mix);
/* 'id' has the floor, and nobody else; NULL: nobody has. */
void rulings_floor(struct mix *mix, const char *id);
bool rulings_has_floor(const struct mix *mix, const char *id);
/* What is taken from 'id' (enum vc_mixer_off), and how loud he is, when he comes
 * again. 0 or -ENOSPC. */
int rulings_off(struct mix *mix, const char *id, unsigned int set,
		unsigned int clear);
int rulings_gain(struct mix *mix, const char *id, int db10);
/* The answer is that -ENOSPC, in words. */
void rulings_say_full(struct vc_json *reply);
/* That is over for those who are not here and whom 'glob' fits; how many. */
int64_t rulings_lift(struct mix *mix, const char *glob, unsigned int off,
		     bool lifts_gain);

/* layouts.c */
struct layouts *layouts_new(void);
void layouts_free(struct layouts *l);
/* Media runs from now on. */
void layouts_run(struct layouts *l);
bool layouts_is_running(const struct layouts *l);
/*
 * Several may be read before all of them, or none, are what their names mean
 * from then on: layouts_read(), then layouts_keep() or layouts_drop(). 0, or
 * -errno and why. One that is being shown changes where it is.
 */
int layouts_read(struct layouts *l, const char *name,
		 struct vc_columns_error *err);
void layouts_keep(struct layouts *l);
void layouts_drop(struct layouts *l);
/* Keeps, and shows by this one, which was read, where no row says another. */
void layouts_use(struct mix *mix, const char *name);
/* --layout into mix->conf; a wrong one is a usage error. */
void layouts_open(struct mix *mix, const char *name);
/* Of struct vc_mixer_conf. */
const struct vc_arrange *layouts_arrange(void *ctx, const char *name);
int layouts_command(void *ctx, int argc, char **argv, struct vc_json *reply);
int layouts_pin_command(void *ctx, int argc, char **argv,
			struct vc_json *reply);

/* ways.c: words of --audio and --video, in the order of enum vc_mixer_way; -1:
 * the option was not given. */
extern const char *const ways_audio[];
extern const char *const ways_video[];
void ways_set(struct mix *mix, int own_audio, int own_video);
/* Writes the description of what comes out. */
void ways_describe(struct mix *mix);
/* A call of struct vc_in_ops. */
void ways_desc(void *ctx, const struct vc_sdp *sdp);

/* matrix.c: who hears and sees whom, of 'as' or (NULL) of all, to stdout. */
void matrix_print(const struct vc_policy *p, const char *as);

/* sound.c: into mix->conf what becomes of sound; or a usage error. */
void sound_configure(struct mix *mix, const struct sound_options *own);
void sound_describe(const struct mix *mix, struct vc_sdp *sdp);
bool sound_has_opus(const struct mix *mix);

/* whom.c: the next whom 'glob' fits, after 'who' (NULL: the first). */
struct vc_mixer_who *whom_next(const struct mix *mix, const char *glob,
			       struct vc_mixer_who *who);
/* The only one, who sends. 0, or refused. */
int whom_one(const struct mix *mix, const char *glob, struct vc_mixer_who **him,
	     struct vc_json *reply);
/* Refuses an --out, of whom nothing comes; else 0. */
int whom_silent(const struct mix *mix, const char *id, struct vc_json *reply);
/* Whom alone 'glob' fits, and who is heard of but may not be here: he was just
 * let in again, has no place, or sent nothing of use so far. */
const struct vc_participant *whom_awaited(const struct mix *mix,
					  const char *glob);
/* Refuses: it is nobody. */
int whom_none(const struct mix *mix, const char *glob, struct vc_json *reply);
/* Warns where somebody calls himself so, and is known by another id. */
void whom_doubt(const struct mix *mix, const char *glob, struct vc_json *reply);

/* roles.c: warn of roles that mean nothing, and of rows that nobody has. */
void roles_doubt(const struct vc_policy *p, const char *role,
		 struct vc_json *reply);
void roles_warn(struct vc_tool *t, const char *place,
		const struct vc_policy *p);
/* Media runs: warns where nobody has a role by which he is heard or seen. */
void roles_watch(struct mix *mix);

/* syntax.c: as vc_control_check() has it. */
int syntax_check(void *ctx, const struct vc_command *cmd, int argc, char **argv,
		 struct vc_json *reply);

/* playcmd.c: as struct vc_command has them. */
int cmd_play(void *ctx, int argc, char **argv, struct vc_json *reply);
/* listing.c */
int cmd_list(void *ctx, int argc, char **argv, struct vc_json *reply);

/* commands.c */
extern const struct vc_command mix_commands[];

#endif
