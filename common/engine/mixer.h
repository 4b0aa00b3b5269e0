/* SPDX-License-Identifier: MIT */
/*
 * A conference mixer: sound is summed and pictures are composed for all who
 * take part, as a policy (session/policy.h) says who hears and sees whom:
 * all who hear the same get one mix, he who is heard in it, as long as he is, one
 * of his own that lacks himself; all who see the same get one picture. Without a
 * policy there is one mix, for everybody. Of those who talk at once a few are
 * mixed, the loudest. It is told the time: the tool calls the two
 * ticks, and gives packets to the receive chains in between. What it makes goes
 * out through functions of the tool. Equal packets at equal times make equal
 * octets, whatever the threads do. Nobody's media is decoded for whom there is
 * no one to hear or see it.
 *
 * The sound of a tick at 'now' is what is due in the 20 ms before it: its first
 * sample has the time now - 20 ms, as vc-stream(7) wants it.
 */
#ifndef VC_ENGINE_MIXER_H
#define VC_ENGINE_MIXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/rand.h"
#include "engine/soundenc.h"
#include "engine/tx.h"
#include "media/arrange.h"
#include "media/layout.h"
#include "session/forward.h"
#include "session/playout.h"
#include "wire/codec.h"
#include "wire/rtp.h"

#define VC_MIXER_TICK INT64_C(20000000) /* of sound */
#define VC_MIXER_SAMPLES 960
#define VC_MIXER_TALKERS 3
#define VC_MIXER_TEXTS 100 /* sources of text at once */

struct vc_announce;
struct vc_json;
struct vc_outclass;
struct vc_outclasses;
struct vc_policy;
struct vc_mixer;

/* What becomes of sound, and of pictures. */
enum vc_mixer_way {
	VC_MIXER_MIX,	 /* decoded, mixed or composed, encoded */
	VC_MIXER_SELECT, /* of somebody, as it is */
	VC_MIXER_AUTO,	 /* as it is where that is all that is heard or seen */
};
struct vc_mixer_source; /* one SSRC that comes in */
struct vc_mixer_who;	/* one participant */

/* A source that the mixer makes. */
struct vc_mixer_out {
	enum vc_kind kind;
	/* It is for these, or for everybody but these. */
	struct vc_mixer_who *const *whos;
	size_t n_whos;
	bool is_for_others;
	bool was_addressed; /* or once was not for everybody */
	bool is_told; /* 'begin' was called, and holds: nobody has left since */
	bool has_ssrc; /* that stays: it was seen that nobody has it */
	struct vc_tx tx;
};

/* What sound comes out as. */
struct vc_mixer_sound {
	struct vc_soundenc_conf enc;
	uint8_t pt;
};

struct vc_mixer_conf {
	struct vc_pool *pool;
	const struct vc_rand *rand;
	const char *cname;
	const char *name; /* or NULL */
	int64_t epoch;	  /* the stream's beginning */
	/* Has somebody this SSRC? NULL: nobody ever has. */
	bool (*is_taken)(void *ctx, uint32_t ssrc);
	bool audio;
	bool video;
	enum vc_mixer_way audio_way;
	enum vc_mixer_way video_way;
	/* Select: all who are heard or seen, each as a source of his own, where
	 * the row has no other word; else who is in front of them. */
	bool selects_all;
	struct vc_forward_exts exts;	/* ids of what comes in */
	const struct vc_policy *policy; /* borrowed, or NULL */
	/* Of `class=` in the policy (session/outclass.h): borrowed, or NULL.
	 * Rates divide that of the pictures. */
	const struct vc_outclasses *classes;
	enum vc_codec vcodec; /* of pictures that come out */
	size_t talkers; /* at most so many are heard at once; 0: the default */
	struct vc_mixer_sound sound;
	bool has_agc;	    /* everybody is made about as loud */
	uint8_t noise_dbov; /* where nobody is heard, as RFC 6464; 0: none */
	/* Of each of 'classes': borrowed, or NULL. */
	const struct vc_mixer_sound *class_sounds;
	int width, height; /* even */
	/* How tiles are arranged where the policy has no other; borrowed.
	 * NULL: in a grid. */
	const struct vc_arrange *layout;
	bool is_bare; /* neither names nor signs on tiles */
	bool has_background;
	uint32_t background; /* 0xRRGGBB */
	int fps_num, fps_den;
	uint32_t vbitrate_bps;
	int keyint_frames;
	int n_temporal;	  /* layers of VP8 and VP9; 0: 1 */
	bool single_only; /* of H.264: packetization-mode 0 */
	/*
	 * Beside the caller's: so many for decoding, and one more for encoding;
	 * 0: the caller does it all.
	 */
	unsigned int threads;
	/* All but 'send' may be NULL. */
	void (*send)(void *ctx, struct vc_packet *pkt, bool is_rtcp);
	/* An output begins, or is for others than before; it ended. */
	void (*begin)(void *ctx, const struct vc_mixer_out *out, int64_t now);
	void (*end)(void *ctx, const struct vc_mixer_out *out, int64_t now);
	void (*speaker)(void *ctx, const struct vc_mixer_who *who, bool on,
			int level_db, int64_t now);
	/* He has another role than before, "" at first. */
	void (*role)(void *ctx, const struct vc_mixer_who *who, int64_t now);
	/* The arrangement of this name, of a row of the policy; it outlasts the
	 * policy. NULL: that of 'layout'. */
	const struct vc_arrange *(*arrange)(void *ctx, const char *name);
	/* A key frame of this source would help (not limited in rate). */
	void (*keyframe)(void *ctx, uint32_t ssrc);
	void *ctx;
};

/*
 * Is text sent on? Where sound or pictures may be selected: to all who hear its
 * author, as a source of its own.
 */
bool vc_mixer_takes_text(const struct vc_mixer_conf *conf);

/* NULL and '*err': -EINVAL for sizes, -ENOMEM. Copies 'conf'. */
struct vc_mixer *vc_mixer_new(const struct vc_mixer_conf *conf, int *err);
void vc_mixer_free(struct vc_mixer *m);

/* NULL when out of memory. */
struct vc_mixer_who *vc_mixer_who_new(struct vc_mixer *m);

/*
 * 'id' as in events, and whether a key or the operator says so; 'name' is what
 * is shown. Copied, cut at 255 octets.
 */
void vc_mixer_who_set(struct vc_mixer *m, struct vc_mixer_who *who,
		      const char *id, bool is_vouched, const char *name,
		      const char *cname);
const char *vc_mixer_who_id(const struct vc_mixer_who *who);
const char *vc_mixer_who_name(const struct vc_mixer_who *who);
bool vc_mixer_who_is_vouched(const struct vc_mixer_who *who);
/* As the resolver knows him; borrowed until he changes. */
struct vc_policy_who vc_mixer_who_policy(const struct vc_mixer_who *who);
/* In order of arrival: the first (NULL), and the one after. */
struct vc_mixer_who *vc_mixer_next_who(const struct vc_mixer *m,
				       const struct vc_mixer_who *who);

/* From the next tick on; "" and NULL: as the policy says. 0 or -ENOMEM. */
int vc_mixer_set_role(struct vc_mixer *m, struct vc_mixer_who *who,
		      const char *role);
const char *vc_mixer_role(const struct vc_mixer_who *who);

/*
 * What his picture and sound are made like, whatever the policy says: one of
 * the classes above. NULL: as it says.
 */
void vc_mixer_set_class(struct vc_mixer *m, struct vc_mixer_who *who,
			const struct vc_outclass *class);

/* What is taken from somebody, for everybody. */
enum vc_mixer_off {
	VC_MIXER_MUTED = 1,  /* he is not heard */
	VC_MIXER_HIDDEN = 2, /* he is not seen */
	VC_MIXER_DEAF = 4,   /* he hears nothing */
	VC_MIXER_OUT = 8,    /* he takes no part: neither heard nor seen, and he
			      * hears and sees nothing, not even as a stranger */
};
void vc_mixer_set_off(struct vc_mixer *m, struct vc_mixer_who *who,
		      unsigned int off);
unsigned int vc_mixer_off(const struct vc_mixer_who *who);

/*
 * He is so many tenths of a dB louder or softer, for everybody:
 * -VC_MIXER_GAIN_DOWN to VC_MIXER_GAIN_UP.
 */
#define VC_MIXER_GAIN_DOWN 600
#define VC_MIXER_GAIN_UP 200
void vc_mixer_set_gain(struct vc_mixer *m, struct vc_mixer_who *who, int db10);
int vc_mixer_gain(const struct vc_mixer_who *who);

/*
 * Whom he hears and sees, as things stand: lists of ids, "hears" and "sees",
 * and "talking", into 'j'; the lists only where 'with_lists'.
 */
void vc_mixer_tell(const struct vc_mixer *m, const struct vc_mixer_who *who,
		   bool with_lists, struct vc_json *j);

/* Ids of extensions in what comes in from now on. */
void vc_mixer_set_exts(struct vc_mixer *m, const struct vc_forward_exts *exts);

/*
 * From the next tick on 'a' (engine/announce.h; taken; NULL: nothing) is played
 * instead of what was: to everybody, also who comes later, or to those who are
 * named after this call. To its end, unless this is called again. It is
 * nobody's sound.
 */
void vc_mixer_announce(struct vc_mixer *m, struct vc_announce *a,
		       bool is_for_all);
void vc_mixer_announce_to(struct vc_mixer_who *who);
/* Does he get any of it? Who hears nobody does not: he has no mix. */
bool vc_mixer_is_reached(const struct vc_mixer *m,
			 const struct vc_mixer_who *who);
bool vc_mixer_is_announcing(const struct vc_mixer *m);

/* Another policy (or the same, with other roles), from the next tick on. */
void vc_mixer_set_policy(struct vc_mixer *m, const struct vc_policy *policy);
/*
 * Another arrangement (borrowed) in place of conf.layout, from the next picture
 * on: outputs go on, with all that they show.
 */
void vc_mixer_set_layout(struct vc_mixer *m, const struct vc_arrange *layout);

/*
 * Who has this id is pinned in all pictures, whenever he is here; NULL: nobody.
 * Copied, cut at 255 octets.
 */
void vc_mixer_pin(struct vc_mixer *m, const char *id);
bool vc_mixer_who_is_pinned(const struct vc_mixer *m,
			    const struct vc_mixer_who *who);

bool vc_mixer_who_is_empty(const struct vc_mixer_who *who);

/* He has no sources any longer: his output ends with BYE at 'now'. */
void vc_mixer_who_free(struct vc_mixer *m, struct vc_mixer_who *who,
		       int64_t now);

/*
 * A source of 'who'. 'play' is its line to stream time, borrowed. NULL and
 * '*err': -ENOTSUP for a codec or kind that is not mixed, -ENOSPC where it would
 * be text of more than VC_MIXER_TEXTS, -ENOMEM.
 */
struct vc_mixer_source *vc_mixer_source_new(struct vc_mixer *m,
					    struct vc_mixer_who *who,
					    uint32_t ssrc, enum vc_codec codec,
					    uint32_t rate_hz,
					    struct vc_playout_source *play,
					    int *err);
void vc_mixer_source_free(struct vc_mixer *m, struct vc_mixer_source *s);

/*
 * It is a layer (session/layers.h) of what all of his sources with this number
 * show: of these the one that suits his tile is decoded. -1: of nothing.
 */
void vc_mixer_source_set_layer(struct vc_mixer_source *s, int group);

/* Its pictures are slides: a tile of their own, beside his camera's. */
void vc_mixer_source_set_slides(struct vc_mixer_source *s, bool is_slides);

/* As vc_videorx_set_fmtp(), 'fmtp' has to outlast it. */
void vc_mixer_source_set_fmtp(struct vc_mixer_source *s, struct vc_str fmtp);
/* As vc_audiorx_set_channels(). */
void vc_mixer_source_set_channels(struct vc_mixer_source *s,
				  unsigned int channels);

enum vc_codec vc_mixer_source_codec(const struct vc_mixer_source *s);
struct vc_mixer_who *vc_mixer_source_who(const struct vc_mixer_source *s);
void vc_mixer_source_move(struct vc_mixer_source *s, struct vc_mixer_who *who);

/* Takes a reference to the packet, or sends it on at once. */
void vc_mixer_source_put(struct vc_mixer_source *s, struct vc_packet *pkt,
			 const struct vc_rtp *rtp);
/* The same of one of another format among those of the source, as of
 * vc_forward_write_as(). Telephone events go where its sound is selected. */
void vc_mixer_source_put_as(struct vc_mixer_source *s, enum vc_codec codec,
			    struct vc_packet *pkt, const struct vc_rtp *rtp);

/* It said BYE: what is held is played, then it is not shown any longer. */
void vc_mixer_source_end(struct vc_mixer_source *s);

/* Every VC_MIXER_TICK. */
void vc_mixer_audio(struct vc_mixer *m, int64_t now);

/*
 * Every picture; 'frame' is its number, which grows. 'deadline' is how long to
 * wait for tiles, as vc_workers_wait(): a late one shows its last picture. With
 * INT64_MAX all is encoded and sent when it returns; else vc_mixer_flush()
 * sends the rest, and a view that is still being encoded at the next picture
 * leaves that one out.
 */
void vc_mixer_video(struct vc_mixer *m, int64_t now, int64_t frame,
		    int64_t deadline);

/* Sends what has been encoded since. */
void vc_mixer_flush(struct vc_mixer *m);

/* Becomes readable when there is something to flush. The mixer's; -1: never. */
int vc_mixer_fd(const struct vc_mixer *m);

/* Is media held that was not played? */
bool vc_mixer_held(const struct vc_mixer *m);

/*
 * The next picture is a key frame, but no more than one a second: of the output
 * 'ssrc', or of all (0). 0; -ENOENT: there is none.
 */
int vc_mixer_keyframe(struct vc_mixer *m, uint32_t ssrc);

/*
 * Sets the rate of the output 'ssrc', or of the picture (0). 0, -ENOENT,
 * -EINVAL.
 */
int vc_mixer_bitrate(struct vc_mixer *m, uint32_t ssrc, uint64_t bps);

/* All outputs end with BYE. */
void vc_mixer_end(struct vc_mixer *m, int64_t now);

void vc_mixer_stats(const struct vc_mixer *m, struct vc_json *record);

#endif
