/* SPDX-License-Identifier: MIT */
/* What the files of engine/mixer.h share. Nobody else's. */
#ifndef VC_ENGINE_MIXER_INTERNAL_H
#define VC_ENGINE_MIXER_INTERNAL_H

#include "codec/video.h"
#include "engine/audiorx.h"
#include "engine/mixer.h"
#include "engine/mixsound.h"
#include "engine/soundenc.h"
#include "engine/videorx.h"
#include "engine/workers.h"
#include "media/compose.h"
#include "media/hiss.h"
#include "media/layout.h"
#include "media/mixsum.h"
#include "media/talkers.h"
#include "session/delayq.h"
#include "session/layers.h"
#include "session/outclass.h"
#include "session/policy.h"
#include "session/svcmeter.h"

#define VC_MIXER_TEXT 256
#define VC_MIX_PLACES 15 /* between left and right */

/* What somebody gets one selected source of; of text, one of each. */
enum mix_slot {
	MIX_SOUND,
	MIX_PICTURE,
	MIX_SLIDES,
	MIX_TEXT,
	MIX_SLOTS,
};

struct mix_stage;
struct mix_forward;
struct vc_audiodec;

/* As many are decoded at once only to know how loud they are: mixgauge.c. */
#define MIX_GAUGES 16
struct mix_gauge {
	struct vc_mixer_source *source; /* NULL: it is free */
	struct vc_audiodec *dec;
	int64_t since;
	size_t len; /* of the newest packet */
	bool is_loud;
	int64_t loud; /* it was last */
};

struct vc_mixer_source {
	struct vc_mixer *mixer;
	struct vc_mixer_who *who;
	uint32_t ssrc;
	enum vc_codec codec;
	enum vc_kind kind;
	uint32_t rate_hz;
	unsigned int channels; /* 0: not known */
	struct vc_playout_source *play;
	struct vc_audiorx *audio; /* one of the two, NULL: nobody hears it */
	struct vc_videorx *video; /* NULL: nobody sees it, or this layer */
	bool is_slides;
	bool is_large; /* may be larger than others */
	bool is_old;   /* is shown so: nothing new has come */
	int group;     /* of layers; -1: it is none */
	struct vc_layer layer;
	bool is_wanted;		       /* the layer that suits the tile */
	bool is_shown;		       /* that one, or the one before it */
	struct vc_videorx_counts past; /* of chains before */
	struct vc_audiorx_counts past_audio;
	struct vc_str fmtp;
	struct vc_job job;
	bool is_ended;
	struct vc_claim claim;	  /* of sound */
	bool is_heard;		  /* in this tick */
	struct vc_svcmeter meter; /* where it may be selected */
	uint64_t gauged;	  /* packets decoded for their level alone */
	bool wants_key;		  /* a key frame, where one is asked for */
	bool has_asked;
	int64_t asked;
	struct vc_delayq delayed; /* see mixdelay.c */
	size_t n_delayed;
	uint64_t delays;
	int64_t last_due;	      /* of those */
	struct vc_mixer_source *next; /* of who, in order of arrival */
};

/* Some people, in order of arrival. */
struct mix_set {
	struct vc_mixer_who **v;
	size_t n;
	size_t cap;
};

/* Samples in which what somebody hears turns into another group's. */
#define VC_MIX_TURN 240

/* A mix of sound, encoded. */
struct mix_audio {
	struct vc_mixer_out out;
	struct mix_set whos; /* of 'out' */
	struct vc_soundenc *enc;
	struct vc_limiter limiter;
	struct vc_calm calm;
	uint64_t group; /* serial of that which it was of in the last one */
	int16_t last[2 * VC_MIX_TURN]; /* its end */
	uint64_t hash; /* of the packets of this tick; 0: there were none */
	unsigned int alike; /* packets in a row as those of the shared one */
	uint32_t csrc[VC_RTP_CSRC_MAX];
	uint8_t csrc_levels[VC_RTP_CSRC_MAX];
	struct mix_audio *next; /* that is about to end */
};

enum mix_voice_state { MIX_VOICE_IN, MIX_VOICE_RISES, MIX_VOICE_FALLS };

/* Somebody in the sum of a group. */
struct mix_voice {
	struct vc_mixer_who *who; /* NULL: he has gone */
	uint64_t serial;	  /* his */
	enum mix_voice_state state;
	bool is_backwards; /* it falls, and 'faded' is known */
	bool has_sound;	   /* in this tick */
	bool is_faded;	   /* that is 'faded', not who->pcm */
	int16_t faded[2 * VC_MIXER_SAMPLES];
};

/* The sound of those whom a list of the policy names, in a format. */
struct mix_group {
	uint64_t serial; /* never used twice */
	unsigned int list;
	struct vc_mixer_sound sound; /* what it comes out as */
	bool is_told;		     /* it hears what is played to some */
	struct mix_set heard;	     /* those who may be */
	bool has_all;		     /* they are all, silent or not */
	struct mix_voice *voices;    /* in order of arrival */
	size_t n_voices;
	size_t voices_cap;
	struct vc_talker *candidates; /* room for all of 'heard' */
	size_t candidates_cap;
	struct vc_mixsum sum;
	struct mix_audio *shared; /* NULL: each who hears it is heard in it */
	struct mix_set to;	  /* whom 'shared' is for */
	bool is_for_others;
	bool is_used;
	bool is_wanted; /* 'shared' is */
	bool is_moved;	/* it may be for others than before */
	struct mix_group *next;
};

struct vc_mixer_who {
	/* What each tick looks at, also of who is silent, lies together. */
	struct vc_mixer_who *next; /* in order of arrival */
	uint64_t serial;	   /* never used twice */
	unsigned int off;	   /* enum vc_mixer_off */
	struct mix_group *group;   /* that he hears, or NULL */
	bool is_in_group;	   /* and may be heard in */
	struct vc_mixer_source *sources;
	unsigned int told; /* see mixplay.c */
	bool is_heard;
	bool was_heard; /* in the one before */
	/* whether he is decoded, see mixears.c */
	bool is_always;	       /* he is */
	unsigned int n_voices; /* the sums in which he is */
	bool has_unknown;      /* packets that tell nothing else, until: */
	int64_t unknown_until;
	bool is_asleep; /* he is not */
	uint8_t said;	/* the level of his packets of late, at: */
	int64_t said_at;
	uint8_t level;	   /* in this tick, decoded or said */
	uint8_t overheard; /* the loudest of this tick, undecoded */
	struct vc_talk talk;
	bool is_talking; /* as people are told */
	bool is_minded;	 /* by talking he comes to somebody's front */
	int64_t talks_from;
	bool is_own;	       /* he is to hear a mix of his own */
	struct mix_audio *mix; /* that; NULL: he hears the shared one */
	bool is_turning;       /* it goes on where another group's is */
	int64_t mix_until;     /* that he needs it */
	/* who he is */
	char id[VC_MIXER_TEXT];
	bool is_vouched;
	bool is_renamed;  /* those who are told of him are to be told again */
	char *given_role; /* or NULL */
	const struct vc_outclass *given_class; /* or NULL */
	/* by the policy, see mixpolicy.c */
	const char *role;
	char told_role[VC_MIXER_TEXT];
	const struct vc_policy_row *row;
	const struct vc_outclass *class; /* NULL: as the options say */
	bool is_audible;		 /* to somebody */
	bool is_visible;		 /* to somebody */
	bool is_idle; /* not near being shown, see mixidle.c */
	/* what is selected, see mixselect.c */
	struct vc_mixer_source *wants[MIX_SLOTS];
	struct mix_forward *awaits[MIX_SLOTS]; /* once it shows that */
	struct mix_forward *gets[MIX_SLOTS];   /* until then */
	unsigned int forwarded;		       /* to somebody: a bit a slot */
	struct mix_video *view; /* he is to get, or keeps; see mixswap.c */
	bool is_viewing;	/* he gets that already, or still */
	char name[VC_MIXER_TEXT];
	char cname[VC_MIXER_TEXT];
	struct vc_rect tile; /* no width: none yet */
	struct vc_rect slides_tile;
	bool has_come; /* to the eyes of the picture's tick, at 'came' */
	bool was_shown;
	int64_t came;
	bool has_slides; /* that are shown, since 'slides_from' */
	int64_t slides_from;
	/* sound of this tick */
	int16_t pcm[VC_MIXER_SAMPLES];
	int16_t *wide; /* in two channels; NULL: nobody hears it so */
	struct mix_sound sound;
};

/* What a picture is made like. */
struct mix_format {
	int width;
	int height;
	uint32_t bitrate_bps; /* 0: the option's, also when that changes */
	unsigned int every;   /* this many pictures of the clock is one */
};

/* Something to be shown: somebody, or his slides. */
struct mix_tile {
	struct vc_mixer_who *who;
	bool is_slides;
	bool is_heard; /* by one who sees it, when he talks */
};

/* A picture of those whom a list of the policy names, and of 'own' or not. */
struct mix_video {
	struct vc_mixer_out out;
	struct mix_set whos; /* of 'out' */
	struct mix_set to;   /* whom it is for */
	bool is_for_others;
	bool is_used;
	bool is_awaited; /* somebody gets it from its next key frame on */
	unsigned int list;
	const struct vc_mixer_who *own; /* the only one it is for, or NULL */
	bool has_own;			/* he is in it, else he is left out */
	const struct vc_arrange *layout;
	bool is_default; /* conf.layout, for want of one in the row */
	struct mix_format format;
	uint64_t front; /* serial of who talks, or talked last */
	struct mix_set seen;
	struct mix_set heard; /* of those, by one whom it is for */
	struct vc_videnc *enc;
	struct vc_compose *compose;
	struct vc_job job; /* pending: 'enc' and 'compose' are the worker's */
	bool is_encoding;  /* and nobody has taken what came of it */
	struct {
		int64_t time;
		int64_t number;
		bool wants_key;
		int err;
		const uint8_t *octets;
		size_t len;
		bool is_key;
	} picture;
	struct mix_tile tiles[VC_COMPOSE_TILES_MAX]; /* the lowest first */
	size_t n;
	/* In the canvas's layout. */
	struct vc_rect rects[VC_COMPOSE_TILES_MAX];
	uint64_t shown[VC_COMPOSE_TILES_MAX]; /* keys of tiles */
	size_t n_shown;
	uint32_t csrc[VC_RTP_CSRC_MAX];
	bool has_begun;
	bool wants_key;
	int64_t last_key;
	int64_t last_frame;
	uint64_t generation; /* of the canvas, which is so since 'changed' */
	int64_t changed;
	bool has_rested; /* since the last key frame */
	int64_t number;	 /* of the picture that is to be next, at least */
	uint64_t frames;
	uint64_t key_frames;
	uint64_t octets;
	struct mix_video *next;
};

/* More are not looked at when tiles are given out. */
#define MIX_SCENE_MAX 1024

/* All that could be in a picture. */
struct mix_scene {
	struct mix_tile tiles[MIX_SCENE_MAX];
	struct vc_arrange_item items[MIX_SCENE_MAX]; /* as tiles */
	size_t n;
};

struct vc_mixer {
	struct vc_mixer_conf conf;
	struct vc_arrange grid; /* conf.layout, where the tool has none */
	char pinned[VC_MIXER_TEXT];
	struct mix_scene scene; /* of the view that is drawn */
	struct vc_mixer_who *whos;
	struct vc_mixer_who **whos_end; /* where the next one goes */
	uint64_t serial;
	uint64_t outs; /* audio outputs so far */
	uint64_t redraws;
	uint64_t groups_made;
	uint64_t views_made;
	struct vc_workers *workers;  /* decode */
	struct vc_workers *encoders; /* encode */
	int encoded_fd;		     /* of those; -1: none */
	struct mix_group *groups;
	/* What nobody gets any longer: BYE at the end of the tick. */
	struct mix_audio *ending;
	struct mix_forward *leaving; /* of sound */
	struct mix_video *views;
	struct mix_video *spare; /* opened to see that it can be */
	struct mix_stage *stages;
	struct mix_forward *forwards;
	uint64_t forwards_made;
	struct mix_gauge gauges[MIX_GAUGES];
	uint32_t gauge_dice;
	struct vc_mixer_who stranger; /* all who are not known */
	uint64_t keys_asked;
	bool is_stale; /* people, roles or the policy changed */
	bool had_audio;
	unsigned int n_texts; /* sources */
	struct vc_hiss hiss;  /* comfort noise of this tick */
	struct mix_play play;
	bool is_wide;			    /* some outputs have two channels */
	unsigned int placed[VC_MIX_PLACES]; /* how many are at each place */
	int64_t next_sdes;
	int64_t early_sdes; /* not before, however many come */
	uint64_t ticks;
	uint64_t encoded;
	uint64_t pictures; /* ticks of them */
	uint64_t frames;   /* and the rest: of all views there were */
	uint64_t key_frames;
	uint64_t octets;
	uint64_t late_tiles;
	uint64_t rests;		/* pictures left out: nothing was new */
	uint64_t late_pictures; /* left out: the one before was not done */
};

/* Is it taken from him? */
static inline bool vc_mix_is_off(const struct vc_mixer_who *who,
				 unsigned int what)
{
	return who->off & (what | VC_MIXER_OUT);
}

/* Has somebody who came this SSRC? */
static inline bool vc_mix_is_taken(const struct vc_mixer *m, uint32_t ssrc)
{
	return m->conf.is_taken && m->conf.is_taken(m->conf.ctx, ssrc);
}

/* mixset.c */
int vc_mix_set_add(struct mix_set *set, struct vc_mixer_who *who);
void vc_mix_set_free(struct mix_set *set);
/* Was he in it? */
bool vc_mix_set_drop(struct mix_set *set, const struct vc_mixer_who *who);
/* Has one of them another id than before? */
bool vc_mix_set_is_renamed(const struct mix_set *set);
/*
 * Tells whom 'out' is for, which are 'whos': if it is for none yet, for others
 * than before, or one has another id.
 */
void vc_mix_address(struct vc_mixer *m, struct vc_mixer_out *out,
		    struct mix_set *whos, const struct mix_set *to,
		    bool is_for_others, int64_t now);

/* mixpolicy.c */
/* His role and row, whenever something changed that they depend on. */
void vc_mix_find_row(const struct vc_mixer *m, struct vc_mixer_who *who);
/* Roles, rows, groups and views, if anything changed. */
void vc_mix_resolve(struct vc_mixer *m, int64_t now);
/* He goes: nothing points at him any more. */
void vc_mix_forget(struct vc_mixer *m, struct vc_mixer_who *who, int64_t now);

/* mixears.c */
/* What a packet that was put says; of who is asleep what was due is dropped. */
void vc_mix_overhear(struct vc_mixer_source *s, const struct vc_packet *pkt,
		     const struct vc_rtp *rtp);
/* The same of comfort noise, which nobody speaks. */
void vc_mix_overhear_noise(struct vc_mixer_source *s, int64_t now);
/* A tick: decodes him, if he is to be; sets 'level'. */
void vc_mix_listen(struct vc_mixer_who *who, int64_t now);
/* He is to be decoded, though it was not thought so. */
void vc_mix_wake(struct vc_mixer_who *who, int64_t now);

/* mixvoice.c */
/* Who is in the sum of this tick; who was asleep wakes up for it. */
void vc_mix_voices_choose(struct vc_mixer *m, struct mix_group *g, int64_t now);
void vc_mix_voices_add(struct mix_group *g);
/* The tick is over: who fell has gone. */
void vc_mix_voices_end(struct mix_group *g);
/* NULL: he is not in the sum, or is about to leave it. */
const struct mix_voice *vc_mix_voice_of(const struct mix_group *g,
					const struct vc_mixer_who *who);
/* What of him is in the sum of this tick, or NULL. */
const int16_t *vc_mix_voice_pcm(const struct mix_group *g,
				const struct vc_mixer_who *who);
/* The sources that are in it, but for those of 'minus', and how loud these are
 * (-dBov, both of one participant alike); how many. */
unsigned int vc_mix_voices_csrc(const struct mix_group *g, uint32_t *csrc,
				uint8_t *levels,
				const struct vc_mixer_who *minus);
/* 'heard' has changed; he goes. */
void vc_mix_voices_settle(const struct vc_mixer *m, struct mix_group *g);
void vc_mix_voice_forget(struct mix_group *g, const struct vc_mixer_who *who);

/* Is he in a list? Without a policy everybody is. */
bool vc_mix_is_in(const struct vc_mixer *m, unsigned int list,
		  const struct vc_mixer_who *who);
/* Is nobody, whoever comes? */
bool vc_mix_is_nobody(const struct vc_mixer *m, unsigned int list);
/* What the row (or NULL) says, or NULL: what the option says. */
const struct vc_arrange *vc_mix_layout_of(const struct vc_mixer *m,
					  const struct vc_policy_row *row);

/* mixaudio.c */
/*
 * He hears another group than 'g', from now on: a mix of his own goes on where
 * that which he heard is, for a while, so that he hears neither a step nor what
 * a decoder makes of another encoder's packets.
 */
void vc_mix_turn(struct vc_mixer *m, struct vc_mixer_who *who,
		 const struct mix_group *g, int64_t now);
void vc_mix_audio_free(struct mix_audio *a);
/* Nobody gets its shared mix from now on. */
void vc_mix_group_leave(struct vc_mixer *m, struct mix_group *g, int64_t now);
/* What was left so says BYE. */
void vc_mix_audio_end_left(struct vc_mixer *m, int64_t now);
void vc_mix_group_free(struct mix_group *g);
/* vc_mix_address() of what is there. */
void vc_mix_group_address(struct vc_mixer *m, struct mix_group *g, int64_t now);
void vc_mix_own_address(struct vc_mixer *m, struct vc_mixer_who *who,
			int64_t now);
/* BYE; '*a', which may be NULL, is freed and set to NULL. */
void vc_mix_audio_end(struct vc_mixer *m, struct mix_audio **a, int64_t now);

/* mixvideo.c */
/* What somebody of this class gets; NULL: of none. */
struct mix_format vc_mix_format(const struct vc_mixer *m,
				const struct vc_outclass *class);
bool vc_mix_is_same_format(const struct mix_format *a,
			   const struct mix_format *b);
/* Workers, and whether pictures of all classes can be encoded. 0 or -errno. */
int vc_mix_video_open(struct vc_mixer *m);
/* No worker has anything any more. */
void vc_mix_video_rest(struct vc_mixer *m);
/* After all views and people. */
void vc_mix_video_close(struct vc_mixer *m);
/* NULL and '*err'. */
struct mix_video *vc_mix_view_new(struct vc_mixer *m,
				  const struct mix_format *format, int *err);
void vc_mix_view_free(struct mix_video *v);
void vc_mix_view_address(struct vc_mixer *m, struct mix_video *v, int64_t now);
void vc_mix_view_end(struct vc_mixer *m, struct mix_video *v, int64_t now);

/* mixtile.c */
/* Lays out the view and draws what changed. */
void vc_mix_tiles(struct vc_mixer *m, struct mix_video *v, int64_t now);
/* m->conf.layout is a grid, if the tool has none. */
void vc_mix_take_layout(struct vc_mixer *m);
/* The sources whose pictures it shows; how many. */
unsigned int vc_mix_tiles_csrc(const struct mix_video *v, uint32_t *csrc);

/* mixidle.c */
/* Who is to be decoded of those who are visible. */
void vc_mix_idle(struct vc_mixer *m);

/* mixchain.c */
/* Opens or closes it, as it is wanted or not. */
void vc_mix_settle_picture(struct vc_mixer *m, struct vc_mixer_source *s);
/* Is it shown to somebody, or may be at any time? */
bool vc_mix_is_seen(const struct vc_mixer_source *s);
/* Opens and closes receive chains, as somebody wants what they give or not. */
void vc_mix_chains(struct vc_mixer *m);
/* Of a new source; of one that is selected only, none. 0, -ENOTSUP or -ENOMEM. */
int vc_mix_open(struct vc_mixer *m, struct vc_mixer_source *s);
struct vc_audiorx_counts vc_mix_audio_counts(const struct vc_mixer_source *s);

/* mixlayer.c */
int vc_mix_open_video(struct vc_mixer_source *s);
void vc_mix_close_video(struct vc_mixer *m, struct vc_mixer_source *s);
/* Also of chains before. */
struct vc_videorx_counts vc_mix_video_counts(const struct vc_mixer_source *s);
/* Which layers are wanted, and which are not any longer. */
void vc_mix_layers(struct vc_mixer *m);
/* Is it to be decoded? */
bool vc_mix_is_awake(const struct vc_mixer_source *s);
/* Of the layers of which 's' is one, the one to be shown. */
struct vc_mixer_source *vc_mix_layer_shown(struct vc_mixer_source *s);

/* mixer.c */
bool vc_mix_is_held(const struct vc_mixer *m, const struct vc_mixer_source *s);
void vc_mix_out_init(struct vc_mixer *m, struct vc_mixer_out *out,
		     const char *purpose, enum vc_codec codec, uint8_t pt,
		     uint32_t rate_hz);
/* mixsdes.c */
/* Names of those who are mixed, each second; said by any output. */
void vc_mix_sdes(struct vc_mixer *m, int64_t now);

#endif
