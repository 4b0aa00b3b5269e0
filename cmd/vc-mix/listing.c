/* SPDX-License-Identifier: MIT */
/* The `list` command: who is here, and whom he hears and sees. */
#include "base/json.h"
#include "mix.h"

/* Of words in lists; of more than fit into an answer, there are none. */
#define WORDS_MAX 10000

static struct vc_json *tell(const struct mix *mix, struct vc_mixer_who *who,
			    bool with_lists)
{
	unsigned int off = vc_mixer_off(who);
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "id", vc_mixer_who_id(who));
	vc_json_set_str(j, "name", vc_mixer_who_name(who));
	vc_json_set_str(j, "role", vc_mixer_role(who));
	vc_json_set_bool(j, "vouched", vc_mixer_who_is_vouched(who));
	vc_json_set_bool(j, "muted", off & VC_MIXER_MUTED);
	vc_json_set_bool(j, "hidden", off & VC_MIXER_HIDDEN);
	vc_json_set_bool(j, "deaf", off & VC_MIXER_DEAF);
	vc_json_set_bool(j, "kicked", off & VC_MIXER_OUT);
	vc_json_set_real(j, "gain_db", vc_mixer_gain(who) / 10.0, 1);
	vc_json_set_bool(j, "pinned", vc_mixer_who_is_pinned(mix->mixer, who));
	vc_json_set_bool(j, "floor",
			 rulings_has_floor(mix, vc_mixer_who_id(who)));
	vc_mixer_tell(mix->mixer, who, with_lists, j);
	return j;
}

int cmd_list(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	const char *glob = argc > 1 ? argv[1] : "*";
	const struct mix *mix = ctx;
	struct vc_json *list = vc_json_array();
	struct vc_mixer_who *who = NULL;
	size_t n = 0, all = 0;

	while ((who = whom_next(mix, "*", who)))
		all++;
	while ((who = whom_next(mix, glob, who)))
		n++;
	while ((who = whom_next(mix, glob, who)))
		vc_json_add(list, tell(mix, who, n * all <= WORDS_MAX));
	vc_json_set(reply, "participants", list);
	return argc == 1 || n ? 0 : whom_none(mix, glob, reply);
}
