/* SPDX-License-Identifier: MIT */
/*
 * Part of engine/mixer_internal.h: what is done to the sound of one, what it
 * comes out as, and what is played to people.
 */
#ifndef VC_ENGINE_MIXSOUND_H
#define VC_ENGINE_MIXSOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/mixer.h"
#include "media/gain.h"
#include "media/voice.h"
#include "session/outclass.h"
#include "session/policy.h"

struct mix_group;

/* What is done to the sound of one. */
struct mix_sound {
	int gain_db10;	      /* as the operator wants it */
	struct vc_voice *agc; /* NULL: as he comes */
	int agc_db;
	struct vc_gain gain;
	struct vc_gain wide;
	bool is_stereo; /* in itself: it is not placed */
	bool is_noise;	/* all of it, comfort noise */
	bool has_place;
	unsigned int place;
};

/* What is played to people. */
struct mix_play {
	struct vc_announce *now;
	bool is_for_all;
	bool is_ending; /* with this tick */
	struct vc_announce *next;
	bool next_is_for_all;
	bool has_sound; /* in this tick */
	int16_t pcm[VC_MIXER_SAMPLES];
	int16_t wide[2 * VC_MIXER_SAMPLES];
};

/* mixplay.c */
/* Does he hear something that is played? */
bool vc_mix_is_played_to(const struct vc_mixer *m,
			 const struct vc_mixer_who *who);

/* mixsound.c */
/* All that is due of him from 'from' on into who->pcm. */
void vc_mix_pull(struct vc_mixer_who *who, int64_t from);
/* 0 or -ENOMEM. */
int vc_mix_sound_init(struct vc_mixer *m, struct vc_mixer_who *who);
void vc_mix_sound_clear(struct vc_mixer *m, struct vc_mixer_who *who);
/* From there to what is added up. */
void vc_mix_sound(struct vc_mixer *m, struct vc_mixer_who *who);
/* What those of a class (NULL: of none) get. */
const struct vc_mixer_sound *vc_mix_sound_of(const struct vc_mixer *m,
					     const struct vc_outclass *class);
bool vc_mix_is_same_sound(const struct vc_mixer_sound *a,
			  const struct vc_mixer_sound *b);
/*
 * Is it that of a row (NULL: there is no policy) for those of a class, who hear
 * what is played to some, or do not?
 */
bool vc_mix_is_group(const struct vc_mixer *m, const struct mix_group *g,
		     const struct vc_policy_row *row,
		     const struct vc_outclass *class, bool is_told);
/* Has anything that comes out two channels? */
bool vc_mix_is_wide(const struct vc_mixer *m);

/* mixplay.c */
/* Before a tick's groups are made. */
void vc_mix_play_begin(struct vc_mixer *m);
void vc_mix_play_add(struct vc_mixer *m, struct mix_group *g);
void vc_mix_play_end(struct vc_mixer *m);
void vc_mix_play_free(struct vc_mixer *m);

#endif
