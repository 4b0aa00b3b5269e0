/* SPDX-License-Identifier: MIT */
/*
 * Who talks, and who of them is in a mix: the loudest, and who is in stays until
 * he is silent for a while or somebody is clearly louder. Levels are -dBov as
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

/* Of one participant. Zeros at first. */
struct vc_talk {
	bool has_sound;
	int64_t until; /* he is heard until then, if he has_sound */
	int score;     /* half dB over -127 dBov; falls by 25 dB a second */
	bool is_talking;
	unsigned int loud; /* calls in a row, as 'quiet' */
	unsigned int quiet;
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

struct vc_talker {
	void *who;
	int score;
	bool is_active;
	bool is_in; /* now; and after the choice */
};

/*
 * At most 'max' are in: of those who are active the loudest. Who is in stays,
 * though he is not, until another is louder by 3 dB. Equal ones in their order.
 */
void vc_talkers_choose(struct vc_talker *v, size_t n, size_t max);

#endif
