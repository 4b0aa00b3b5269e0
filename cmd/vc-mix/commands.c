/* SPDX-License-Identifier: MIT */
/* The commands of the control socket, see vc-mix(1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/str.h"
#include "mix.h"

static int refuse(struct vc_json *reply, const char *why, int err)
{
	vc_json_set_str(reply, "error", why);
	return err;
}

static int cmd_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;

	(void)argc;
	(void)argv;
	(void)reply;
	if (!mix->mixer)
		return -EAGAIN;
	vc_mixer_keyframe(mix->mixer);
	return 0;
}

static int cmd_bitrate(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	uint64_t bps, ssrc = 0;

	if (argc < 2 || vc_num_rate(argv[1], &bps) || bps < 6000 ||
	    bps > 50000000)
		return refuse(reply, "a rate from 6k to 50M", -EINVAL);
	if (argc > 2 && vc_num_u64(argv[2], 0, UINT32_MAX, &ssrc))
		return refuse(reply, "an SSRC in decimals", -EINVAL);
	if (!mix->mixer)
		return -EAGAIN;
	vc_json_set_int(reply, "bitrate", (int64_t)bps);
	return vc_mixer_bitrate(mix->mixer, (uint32_t)ssrc, bps);
}

static void tell(struct vc_json *list, const struct mix *mix,
		 const struct vc_mixer_who *who)
{
	unsigned int off = vc_mixer_off(who);
	struct vc_json *j = vc_json_object();

	vc_json_set_str(j, "id", vc_mixer_who_id(who));
	vc_json_set_str(j, "role", vc_mixer_role(who));
	vc_json_set_bool(j, "vouched", vc_mixer_who_is_vouched(who));
	vc_json_set_bool(j, "muted", off & VC_MIXER_MUTED);
	vc_json_set_bool(j, "hidden", off & VC_MIXER_HIDDEN);
	vc_json_set_bool(j, "deaf", off & VC_MIXER_DEAF);
	vc_json_set_real(j, "gain_db", vc_mixer_gain(who) / 10.0, 1);
	vc_json_set_bool(j, "pinned", vc_mixer_who_is_pinned(mix->mixer, who));
	vc_json_add(list, j);
}

static int cmd_list(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	struct vc_json *list = vc_json_array();
	struct vc_mixer_who *who = NULL;

	(void)argc;
	(void)argv;
	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who)))
		tell(list, mix, who);
	vc_json_set(reply, "participants", list);
	return 0;
}

/* He is here, but by his own word only. */
static bool is_stranger(struct mix *mix, const char *id)
{
	struct vc_mixer_who *who = NULL;

	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who)))
		if (!strcmp(vc_mixer_who_id(who), id))
			return !vc_mixer_who_is_vouched(who);
	return false;
}

static int cmd_role(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;

	if (argc < 2 || argc > 3 || strlen(argv[1]) > VC_POLICY_WORD)
		return refuse(reply, "role WHO [ROLE]", -EINVAL);
	if (argc == 3 && !vc_policy_is_role(vc_str_c(argv[2])))
		return refuse(reply, "a role is letters, digits, '-', '_', '.'",
			      -EINVAL);
	if (!mix->conf.policy)
		return refuse(reply, "there is no --policy", -EINVAL);
	if (is_stranger(mix, argv[1]))
		return refuse(
			reply,
			"nobody vouches that it is him: a key, NAME=INPUT "
			"or --trust-names",
			-EPERM);
	return rules_rule(mix, argv[1], argc == 3 ? argv[2] : NULL);
}

/* For all whom the glob fits: sets what is in 'set', clears 'clear'. */
static int turn(struct mix *mix, int argc, char **argv, unsigned int set,
		unsigned int clear, struct vc_json *reply)
{
	struct vc_mixer_who *who = NULL;
	int64_t n = 0;

	if (argc != 2)
		return refuse(reply, "of whom? a name, or a pattern", -EINVAL);
	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who))) {
		if (!vc_glob(argv[1], vc_mixer_who_id(who)))
			continue;
		vc_mixer_set_off(mix->mixer, who,
				 (vc_mixer_off(who) | set) & ~clear);
		n++;
	}
	if (!n)
		return refuse(reply, "nobody here is called that", -ENOENT);
	vc_json_set_int(reply, "participants", n);
	return 0;
}

static int cmd_mute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return turn(ctx, argc, argv, VC_MIXER_MUTED, 0, reply);
}

static int cmd_unmute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return turn(ctx, argc, argv, 0, VC_MIXER_MUTED, reply);
}

static int cmd_vmute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return turn(ctx, argc, argv, VC_MIXER_HIDDEN, 0, reply);
}

static int cmd_vunmute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return turn(ctx, argc, argv, 0, VC_MIXER_HIDDEN, reply);
}

static int cmd_deaf(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return turn(ctx, argc, argv, VC_MIXER_DEAF, 0, reply);
}

static int cmd_undeaf(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return turn(ctx, argc, argv, 0, VC_MIXER_DEAF, reply);
}

static int cmd_reload(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	char why[RULES_TEXT];
	int err = rules_reload(ctx, why);

	(void)argc;
	(void)argv;
	return err ? refuse(reply, why, err) : 0;
}

const struct vc_command mix_commands[] = {
	{ "bitrate", "RATE [SSRC]",
	  "change the bit rate of the picture, or of an output", cmd_bitrate },
	{ "deaf", "WHO", "he hears nothing", cmd_deaf },
	{ "gain", "WHO DB", "he is so much louder, or softer", cmd_gain },
	{ "keyframe", "[SSRC]", "the next picture is a key frame",
	  cmd_keyframe },
	{ "layout", "NAME|FILE", "arrange tiles in another way",
	  layouts_command },
	{ "list", "", "who is here, and in which role", cmd_list },
	{ "mute", "WHO", "he is not heard", cmd_mute },
	{ "pin", "WHO|-", "he is in front in all pictures, or nobody",
	  layouts_pin_command },
	{ "reload", "", "read the policy again", cmd_reload },
	{ "role", "WHO [ROLE]", "his role from now on, or as the policy says",
	  cmd_role },
	{ "undeaf", "WHO", "he hears again", cmd_undeaf },
	{ "unmute", "WHO", "he is heard again", cmd_unmute },
	{ "vmute", "WHO", "he is not seen", cmd_vmute },
	{ "vunmute", "WHO", "he is seen again", cmd_vunmute },
	{ 0 },
};
