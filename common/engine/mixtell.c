/* SPDX-License-Identifier: MIT */
/* Whom somebody hears and sees, in words, for the operator. */
#include "base/json.h"
#include "engine/mixer_internal.h"

/* Without a policy there is one mix of all, and he is in it. */
static bool hears(const struct vc_mixer *m, const struct vc_mixer_who *who,
		  const struct vc_mixer_who *other)
{
	const struct vc_policy_who him = vc_mixer_who_policy(who),
				   his = vc_mixer_who_policy(other);

	if (vc_mix_is_off(who, VC_MIXER_DEAF) ||
	    vc_mix_is_off(other, VC_MIXER_MUTED))
		return false;
	return !m->conf.policy ||
	       vc_policy_hears(m->conf.policy, who->row, &him, &his);
}

static bool sees(const struct vc_mixer *m, const struct vc_mixer_who *who,
		 const struct vc_mixer_who *other)
{
	const struct vc_policy_who him = vc_mixer_who_policy(who),
				   his = vc_mixer_who_policy(other);

	if (vc_mix_is_off(who, 0) || vc_mix_is_off(other, VC_MIXER_HIDDEN))
		return false;
	return !m->conf.policy ||
	       vc_policy_sees(m->conf.policy, who->row, &him, &his);
}

void vc_mixer_tell(const struct vc_mixer *m, const struct vc_mixer_who *who,
		   bool with_lists, struct vc_json *j)
{
	struct vc_json *heard, *seen;

	/* Who was kicked is silent at once, not after a pause. */
	vc_json_set_bool(j, "talking",
			 who->is_talking && !vc_mix_is_off(who, 0));
	if (!with_lists)
		return;
	heard = vc_json_array();
	seen = vc_json_array();
	for (const struct vc_mixer_who *o = m->whos; o; o = o->next) {
		if (m->conf.audio && hears(m, who, o))
			vc_json_add_str(heard, o->id);
		if (m->conf.video && sees(m, who, o))
			vc_json_add_str(seen, o->id);
	}
	vc_json_set(j, "hears", heard);
	vc_json_set(j, "sees", seen);
}
