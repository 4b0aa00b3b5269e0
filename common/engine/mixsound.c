/* SPDX-License-Identifier: MIT */
/*
 * What happens to a participant's sound between his decoders and the sums. His
 * sources (he may have two microphones) are added up; that is what is judged
 * when it is asked who talks. Then it is made as loud as the operator wants it.
 */
#include <string.h>

#include "engine/mixer_internal.h"

static int16_t clamp(int v)
{
	return (int16_t)(v > INT16_MAX ? INT16_MAX :
			 v < INT16_MIN ? INT16_MIN :
					 v);
}

void vc_mix_pull(struct vc_mixer_who *who, int64_t from)
{
	int16_t pcm[VC_MIXER_SAMPLES];

	who->was_heard = who->is_heard;
	who->is_heard = false;
	for (struct vc_mixer_source *s = who->sources; s; s = s->next) {
		if (!s->audio)
			continue;
		s->is_heard =
			vc_audiorx_pull(s->audio, from, pcm, VC_MIXER_SAMPLES);
		if (!s->is_heard)
			continue;
		if (!who->is_heard)
			memcpy(who->pcm, pcm, sizeof(pcm));
		else
			for (size_t i = 0; i < VC_MIXER_SAMPLES; i++)
				who->pcm[i] = clamp(who->pcm[i] + pcm[i]);
		who->is_heard = true;
	}
}

void vc_mix_sound_init(struct mix_sound *s)
{
	vc_gain_init(&s->gain, NULL);
}

void vc_mix_sound(struct vc_mixer_who *who)
{
	struct mix_sound *s = &who->sound;
	int32_t to = vc_gain_of(s->gain_db10);

	if (who->is_heard)
		vc_gain_run(&s->gain, who->pcm, VC_MIXER_SAMPLES, 1, &to);
	else
		vc_gain_init(&s->gain, (int32_t[]){ to, to });
}

void vc_mixer_set_gain(struct vc_mixer_who *who, int db10)
{
	who->sound.gain_db10 = db10;
}

int vc_mixer_gain(const struct vc_mixer_who *who)
{
	return who->sound.gain_db10;
}
