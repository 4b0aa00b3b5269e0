/* SPDX-License-Identifier: MIT */
/*
 * Who talks, and who of them is in a mix: the loudest, and who is in stays until
 * he is silent for a while or somebody is clearly louder; somebody new must have
 * spoken for a moment to be put before who is speaking. Levels are -dBov as
 * in RFC 6464: 0 is the loudest, 127 silence. Told the time, which for sound is
 * when it is played.
 */
#ifndef VC_MEDIA_TALKERS_H
#define VC_MEDIA_TALKERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So long after the last sound somebody is taken to go on talking. */
#define VC_TALK_HOLD INT64_C(600000000)

#define VC_TALK_MS 20	  /* a call of vc_talk_hear() */
#define VC_TALK_KNOWN 300 /* ms: not before then has he earned a place */
#define VC_TALK_OLD 10000 /* ms: no more makes a difference */

/* Of one participant. Zeros at first. */
struct vc_talk {
	bool has_sound;
	int64_t until; /* he is heard until then, if he has_sound */
	int score;     /* 0.1 dB over -127 dBov; falls by 10 dB a second */
	bool is_talking;
	unsigned int loud; /* calls in a row, as 'quiet' */
	unsigned int quiet;
	unsigned int spoken; /* calls in which he was loud, so far */
	unsigned int here;   /* all calls */
};

/* Sound of his is known to come, and to be played at 'at'. */
void vc_talk_announce(struct vc_talk *t, uint8_t level, int64_t at);
/*
 * Every 20 ms: what of him is played up to 'now'. True when 'is_talking' (what
 * people are told: after 60 ms of it, until 600 ms of silence) has changed.
 */
bool vc_talk_hear(struct vc_talk *t, uint8_t level, int64_t now);
/* Has he something to say that is to be heard at 'now'? */
bool vc_talk_is_active(const struct vc_talk *t, int64_t now);

/* No pause: he has made a sound within 200 ms, or is about to. */
bool vc_talk_is_speaking(const struct vc_talk *t, int64_t now);
/*
 * What his place in the mix is given by: how loud he is; and as long as he
 * speaks, how long he has spoken, 16 s of being here counting as one. Whoever
 * has for VC_TALK_KNOWN is above all who have not, and each second more, up to
 * VC_TALK_OLD, is worth 6 dB. Of who is not in two thirds of it count, so that
 * equals do not push each other out.
 */
int vc_talk_rank(const struct vc_talk *t, bool is_in, int64_t now);

/* Whoever said that was not to be believed. */
void vc_talk_forget(struct vc_talk *t);

/* What a packet of sound is known to hold, undecoded. */
enum vc_sound {
	VC_SOUND_NONE,	  /* nothing that is to be heard */
	VC_SOUND_CLAIMED, /* so loud as it says (RFC 6464) */
	VC_SOUND_UNKNOWN, /* to be decoded */
};

#define VC_CLAIMS 64
#define VC_CLAIM_DOUBT INT64_C(10000000000)

/*
 * What the packets of a source say of themselves. A sender's own level is
 * believed as long as what is then decoded is no more than 15 dB below it; else
 * it is ignored for VC_CLAIM_DOUBT. Zeros at first.
 */
struct vc_claim {
	bool is_doubted;
	int64_t doubted_until;
	struct {
		int64_t at;
		uint8_t level;
	} said[VC_CLAIMS]; /* and not heard yet, a ring */
	unsigned int first, n;
	/* In this window of half a second and the one before: quietness. */
	unsigned int calls, n_said;
	uint8_t loudest_said, loudest, loudest_before;
	bool has_before;
};

/*
 * A packet arrives at 'now', to be played at 'at'. 'level' as in RFC 6464, -1:
 * it says none. 'voice': what its codec says, 1, 0 or (nothing) -1.
 */
enum vc_sound vc_claim_packet(struct vc_claim *c, int level, int voice,
			      int64_t at, int64_t now);
/* Every 20 ms in which it is decoded, what is played up to 'now'. False: it is
 * not to be believed, from now on. */
bool vc_claim_hear(struct vc_claim *c, uint8_t level, int64_t now);

struct vc_talker {
	void *who;
	int score; /* how loud, as of struct vc_talk */
	int rank;  /* vc_talk_rank() */
	bool is_active;
	bool is_speaking;
	bool is_in; /* now; and after the choice */
};

/*
 * At most 'max' are in: of those who are active the first by rank. Who is in
 * stays, though he is not, until one who speaks is better by 3 dB: by rank if
 * both speak, in loudness if he who is in only pauses. Equal ones in their order.
 */
void vc_talkers_choose(struct vc_talker *v, size_t n, size_t max);

#endif
