/* SPDX-License-Identifier: MIT */
/*
 * Whom a command means: by his id, or by a pattern that fits it. Where it is
 * nobody the answer says who is here, and who calls himself so.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "mix.h"

#define HERE_MAX 100 /* are named */

struct vc_mixer_who *whom_next(const struct mix *mix, const char *glob,
			       struct vc_mixer_who *who)
{
	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who)))
		if (vc_glob(glob, vc_mixer_who_id(who)))
			return who;
	return NULL;
}

/* Who is known by another id than by what his tile says. */
static const struct vc_mixer_who *by_name(const struct mix *mix,
					  const char *glob)
{
	struct vc_mixer_who *who = NULL;

	while ((who = vc_mixer_next_who(mix->mixer, who)))
		if (vc_glob(glob, vc_mixer_who_name(who)))
			return who;
	return NULL;
}

const struct vc_participant *whom_awaited(const struct mix *mix,
					  const char *glob)
{
	char id[VC_ROSTER_TEXT];

	return mix->mixer && vc_glob_word(glob, id, sizeof(id)) ?
		       vc_roster_who(vc_in_roster(mix->in), id) :
		       NULL;
}

int whom_none(const struct mix *mix, const char *glob, struct vc_json *reply)
{
	struct vc_json *here = vc_json_array();
	struct vc_mixer_who *who = NULL;
	const struct vc_participant *next = whom_awaited(mix, glob);
	const struct vc_mixer_who *so;

	for (int i = 0; i < HERE_MAX && (who = whom_next(mix, "*", who)); i++)
		vc_json_add_str(here, vc_mixer_who_id(who));
	vc_json_set(reply, "here", here);
	if (!mix->mixer)
		return vc_refuse(reply, -EAGAIN, "nothing has come yet");
	if (next && next->is_refused)
		return vc_refuse(reply, -ENOENT,
				 "%.100s is refused: there is no place", glob);
	so = by_name(mix, glob);
	if (!so)
		return vc_refuse(reply, -ENOENT,
				 "nobody here is called %.100s (list: who is)",
				 glob);
	return vc_refuse(reply, -ENOENT,
			 "%.100s is no id: say %.100s, who calls himself "
			 "%.100s",
			 glob, vc_mixer_who_id(so), vc_mixer_who_name(so));
}

void whom_doubt(const struct mix *mix, const char *glob, struct vc_json *reply)
{
	const struct vc_mixer_who *so = mix->mixer ? by_name(mix, glob) : NULL;
	char text[512];

	if (!so)
		return;
	snprintf(text, sizeof(text),
		 "%.100s is nobody's id: %.100s calls himself so", glob,
		 vc_mixer_who_id(so));
	vc_json_set_str(reply, "warning", text);
}

int whom_silent(const struct mix *mix, const char *id, struct vc_json *reply)
{
	struct vc_mixer_who *who = NULL;

	if (!outs_has(mix->outs, id))
		return 0;
	while ((who = whom_next(mix, "*", who)))
		if (!strcmp(vc_mixer_who_id(who), id) &&
		    !vc_mixer_who_is_empty(who))
			return 0;
	return vc_refuse(reply, -EINVAL,
			 "%.100s is an --out, and sends nothing", id);
}

int whom_one(const struct mix *mix, const char *glob, struct vc_mixer_who **him,
	     struct vc_json *reply)
{
	struct vc_mixer_who *who = NULL;
	int n = 0;

	while ((who = whom_next(mix, glob, who))) {
		*him = who;
		n++;
	}
	if (!n)
		return whom_none(mix, glob, reply);
	if (n > 1)
		return vc_refuse(reply, -EINVAL,
				 "one only: %d are called %.100s", n, glob);
	return whom_silent(mix, vc_mixer_who_id(*him), reply);
}
