/* SPDX-License-Identifier: MIT */
/*
 * Whose sound is decoded: those who are in a sum, and those of whom nothing but
 * their sound tells whether they should be. The others are judged by what their
 * packets say as they arrive (media/talkers.h), which is before they are played:
 * when one is chosen, what he is about to say is still held, and enough of what
 * was before it to warm up his decoder. Where no more are heard than may be, all
 * are decoded.
 */
#include "base/time.h"
#include "engine/mixer_internal.h"
#include "engine/mixselect.h"
#include "media/level.h"
#include "wire/opus.h"
#include "wire/rtpext.h"

#define SAID_FOR (100 * VC_MS) /* what a packet said holds so long */

static bool is_awake(const struct vc_mixer_who *who, int64_t now)
{
	return who->is_always || who->n_voices ||
	       (who->has_unknown && now <= who->unknown_until);
}

/* --- packets --- */

static int voice_of(const struct vc_mixer_source *s, const struct vc_rtp *rtp)
{
	struct vc_opus o;

	if (s->codec != VC_CODEC_OPUS ||
	    vc_opus_parse(&o, rtp->payload, rtp->payload_len))
		return -1;
	return o.is_dtx ? 0 : vc_opus_voice(rtp->payload, rtp->payload_len);
}

static void take_claim(struct vc_mixer_who *who, uint8_t level, int64_t now)
{
	bool is_first = now >= who->said_at + VC_MIXER_TICK;

	if (is_first || level < who->said)
		who->said = level;
	who->said_at = now;
}

void vc_mix_overhear(struct vc_mixer_source *s, const struct vc_packet *pkt,
		     const struct vc_rtp *rtp)
{
	uint8_t ext = s->mixer->conf.exts.level;
	struct vc_mixer_who *who = s->who;
	struct vc_audio_level level;
	int64_t at = vc_mix_due(s, pkt, rtp->ts);
	bool has_level = ext && vc_ext_audio_level(rtp, ext, &level);

	if (!rtp->payload_len)
		return;
	switch (vc_claim_packet(&s->claim, has_level ? level.level : -1,
				voice_of(s, rtp), at, pkt->arrival)) {
	case VC_SOUND_NONE:
		if (has_level)
			take_claim(who, level.level, pkt->arrival);
		break;
	case VC_SOUND_CLAIMED:
		vc_talk_announce(&who->talk, level.level, at);
		take_claim(who, level.level, pkt->arrival);
		break;
	case VC_SOUND_UNKNOWN:
		if (!who->has_unknown || at + VC_TALK_HOLD > who->unknown_until)
			who->unknown_until = at + VC_TALK_HOLD;
		who->has_unknown = true;
		break;
	}
	if (who->is_asleep)
		vc_audiorx_doze(s->audio, pkt->arrival);
}

void vc_mix_overhear_noise(struct vc_mixer_source *s, int64_t now)
{
	if (s->who->is_asleep)
		vc_audiorx_doze(s->audio, now);
}

/* --- ticks --- */

/* He was believed to be louder than he is. */
static void doubt(struct vc_mixer_who *who, int64_t now)
{
	vc_talk_forget(&who->talk);
	who->has_unknown = true;
	who->unknown_until = now + VC_TALK_HOLD;
}

static void pull(struct vc_mixer_who *who, int64_t now)
{
	who->is_asleep = false;
	vc_mix_pull(who, now - VC_MIXER_TICK);
	who->level = who->is_heard && !who->sound.is_noise ?
			     vc_level_dbov(who->pcm, VC_MIXER_SAMPLES) :
			     127;
	for (struct vc_mixer_source *s = who->sources; s; s = s->next)
		if (s->audio && !vc_claim_hear(&s->claim, who->level, now))
			doubt(who, now);
}

static void doze(struct vc_mixer_who *who, int64_t now)
{
	for (struct vc_mixer_source *s = who->sources; s; s = s->next) {
		s->is_heard = false;
		if (s->audio && !who->is_asleep)
			vc_audiorx_doze(s->audio, now);
	}
	who->is_asleep = true;
	who->was_heard = who->is_heard;
	who->is_heard = false;
	who->level = now <= who->said_at + SAID_FOR ? who->said : 127;
}

void vc_mix_listen(struct vc_mixer_who *who, int64_t now)
{
	uint8_t told = vc_mix_told_level(who);

	if (is_awake(who, now))
		pull(who, now);
	else
		doze(who, now);
	if (!who->is_heard && told < who->level)
		who->level = told;
}

void vc_mix_wake(struct vc_mixer_who *who, int64_t now)
{
	if (who->is_asleep)
		pull(who, now);
}
