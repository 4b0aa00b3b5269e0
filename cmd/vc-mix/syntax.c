/* SPDX-License-Identifier: MIT */
/*
 * What can be said of a command before it is carried out: those of --at and
 * --script are looked at when the tool starts. How many words there may be says
 * what is printed of its arguments: "FILE [to WHO...]|-".
 */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "mix.h"

static void count(const char *args, int *least, int *most)
{
	struct vc_str rest = vc_str_c(args);
	bool is_optional = false;

	*least = *most = 0;
	while (rest.len) {
		struct vc_str word = vc_str_cut(&rest, ' ');

		is_optional |= *word.p == '[';
		*least += !is_optional;
		*most = memmem(word.p, word.len, "...", 3) ? INT_MAX :
							     *most + 1;
		is_optional &= !memchr(word.p, ']', word.len);
	}
}

static bool composes(const struct mix *mix)
{
	return mix->conf.video && mix->conf.video_way != VC_MIXER_SELECT;
}

static int check_pictures(struct mix *mix, int argc, char **argv,
			  struct vc_json *reply)
{
	(void)argc;
	(void)argv;
	if (mix->conf.video)
		return 0;
	return vc_refuse(reply, -EINVAL, "there are no pictures here");
}

/* The word after it, if there is one. */
static int check_ssrc(int argc, char **argv, struct vc_json *reply)
{
	uint64_t ssrc;

	if (argc == 2 && vc_num_u64(argv[1], 0, UINT32_MAX, &ssrc))
		return vc_refuse(reply, -EINVAL, "an SSRC in decimals");
	return 0;
}

static int check_keyframe(struct mix *mix, int argc, char **argv,
			  struct vc_json *reply)
{
	int err = check_ssrc(argc, argv, reply);

	return err ? err : check_pictures(mix, argc, argv, reply);
}

static int check_bitrate(struct mix *mix, int argc, char **argv,
			 struct vc_json *reply)
{
	uint64_t bps;

	if (vc_num_rate(argv[1], &bps) || bps < VC_BITRATE_MIN ||
	    bps > VC_BITRATE_MAX)
		return vc_refuse(reply, -EINVAL, "a rate from 6k to 50M");
	if (argc == 2 && !composes(mix))
		return vc_refuse(reply, -EINVAL, "no picture is composed here");
	return check_ssrc(argc - 1, argv + 1, reply);
}

static int check_sound(const struct mix *mix, struct vc_json *reply)
{
	if (!mix->conf.audio || mix->conf.audio_way == VC_MIXER_SELECT)
		return vc_refuse(reply, -EINVAL, "no sound is mixed here");
	return 0;
}

static int check_gain(struct mix *mix, int argc, char **argv,
		      struct vc_json *reply)
{
	double db;

	(void)argc;
	if (vc_num_real(argv[2], -VC_MIXER_GAIN_DOWN / 10.0,
			VC_MIXER_GAIN_UP / 10.0, &db))
		return vc_refuse(reply, -EINVAL, "gain WHO DB, of -60 to 20");
	return check_sound(mix, reply);
}

/* A file may come to be until then. */
static int check_layout(struct mix *mix, int argc, char **argv,
			struct vc_json *reply)
{
	struct vc_columns_error err;

	(void)argc;
	if (!composes(mix))
		return vc_refuse(reply, -EINVAL, "no picture is composed here");
	if (!vc_texts_check(&vc_texts_layouts, argv[1], &err))
		return 0;
	return vc_refuse(reply, -ENOENT, "%s", err.why);
}

static int check_pin(struct mix *mix, int argc, char **argv,
		     struct vc_json *reply)
{
	int err = check_pictures(mix, argc, argv, reply);

	if (err)
		return err;
	if (!composes(mix) && rules_pick_all(mix))
		return vc_refuse(reply, -EINVAL,
				 "all pictures are picked here: none is in "
				 "front");
	return whom_silent(mix, argv[1], reply);
}

static int check_policy(const struct mix *mix, struct vc_json *reply)
{
	if (mix->conf.policy)
		return 0;
	return vc_refuse(reply, -EINVAL, "there is no --policy");
}

/* Another policy may have a role for it. */
static int check_floor(struct mix *mix, int argc, char **argv,
		       struct vc_json *reply)
{
	int err = check_policy(mix, reply);

	(void)argc;
	return err ? err : whom_silent(mix, argv[1], reply);
}

static int check_role(struct mix *mix, int argc, char **argv,
		      struct vc_json *reply)
{
	if (strlen(argv[1]) > VC_POLICY_WORD)
		return vc_refuse(reply, -EINVAL,
				 "a name of 255 octets at most");
	if (argc == 3 && !vc_policy_is_role(vc_str_c(argv[2])))
		return vc_refuse(reply, -EINVAL,
				 "a role is letters, digits, '-', '_', '.'");
	return check_policy(mix, reply);
}

static int check_play(struct mix *mix, int argc, char **argv,
		      struct vc_json *reply)
{
	if (argc == 3 || (argc > 3 && strcmp(argv[2], "to") != 0))
		return vc_refuse(reply, -EINVAL, "play FILE [to WHO...]|-");
	return check_sound(mix, reply);
}

static const struct {
	const char *name;
	int (*check)(struct mix *mix, int argc, char **argv,
		     struct vc_json *reply);
} checks[] = {
	{ "bitrate", check_bitrate }, { "floor", check_floor },
	{ "gain", check_gain },	      { "keyframe", check_keyframe },
	{ "layout", check_layout },   { "pin", check_pin },
	{ "play", check_play },	      { "role", check_role },
	{ "vmute", check_pictures },  { "vunmute", check_pictures },
};

int syntax_check(void *ctx, const struct vc_command *cmd, int argc, char **argv,
		 struct vc_json *reply)
{
	int least, most;

	count(cmd->args, &least, &most);
	if (argc - 1 < least || argc - 1 > most)
		return vc_refuse(reply, -EINVAL, "%s%s%s", cmd->name,
				 *cmd->args ? " " : " has no argument",
				 cmd->args);
	for (size_t i = 0; i < VC_COUNT(checks); i++)
		if (!strcmp(checks[i].name, cmd->name))
			return checks[i].check(ctx, argc, argv, reply);
	return 0;
}
