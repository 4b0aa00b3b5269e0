/* SPDX-License-Identifier: MIT */
/* The `list` command: who is here, and whom he hears and sees. */
#include <errno.h>

#include "base/json.h"
#include "base/str.h"
#include "mix.h"

/* Of words in lists; of more than fit into an answer, there are none. */
#define WORDS_MAX 10000

static bool is_meant(const struct vc_mixer_who *who, int argc, char **argv)
{
	return argc < 2 || vc_glob(argv[1], vc_mixer_who_id(who));
}

static struct vc_json *tell(const struct mix *mix, struct vc_mixer_who *who,
			    bool with_lists)
{
	unsigned int off = vc_mixer_off(who);
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "id", vc_mixer_who_id(who));
	vc_json_set_str(j, "role", vc_mixer_role(who));
	vc_json_set_bool(j, "vouched", vc_mixer_who_is_vouched(who));
	vc_json_set_bool(j, "muted", off & VC_MIXER_MUTED);
	vc_json_set_bool(j, "hidden", off & VC_MIXER_HIDDEN);
	vc_json_set_bool(j, "deaf", off & VC_MIXER_DEAF);
	vc_json_set_bool(j, "kicked", off & VC_MIXER_OUT);
	vc_json_set_real(j, "gain_db", vc_mixer_gain(who) / 10.0, 1);
	vc_json_set_bool(j, "pinned", vc_mixer_who_is_pinned(mix->mixer, who));
	vc_json_set_bool(j, "floor",
			 rules_has_floor(mix, vc_mixer_who_id(who)));
	vc_mixer_tell(mix->mixer, who, with_lists, j);
	return j;
}

int cmd_list(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	const struct mix *mix = ctx;
	struct vc_json *list = vc_json_array();
	struct vc_mixer_who *who = NULL;
	size_t n = 0, all = 0;

	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who))) {
		all++;
		n += is_meant(who, argc, argv);
	}
	while (n && (who = vc_mixer_next_who(mix->mixer, who)))
		if (is_meant(who, argc, argv))
			vc_json_add(list, tell(mix, who, n * all <= WORDS_MAX));
	vc_json_set(reply, "participants", list);
	if (argc != 2 || n)
		return 0;
	return vc_refuse(reply, -ENOENT, "nobody here is called that");
}
