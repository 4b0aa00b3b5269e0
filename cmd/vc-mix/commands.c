/* SPDX-License-Identifier: MIT */
/* The commands of the control socket, see vc-mix(1). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/str.h"
#include "mix.h"

static int nothing_yet(struct vc_json *reply)
{
	return vc_refuse(reply, -EAGAIN, "nothing has come yet");
}

static int cmd_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	uint64_t ssrc = 0;

	if (argc > 2 ||
	    (argc == 2 && vc_num_u64(argv[1], 0, UINT32_MAX, &ssrc)))
		return vc_refuse(reply, -EINVAL,
				 "keyframe [SSRC], which is in decimals");
	if (!mix->mixer)
		return nothing_yet(reply);
	if (vc_mixer_keyframe(mix->mixer, (uint32_t)ssrc))
		return vc_refuse(reply, -ENOENT, "no picture has that SSRC");
	return 0;
}

static int cmd_bitrate(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	uint64_t bps, ssrc = 0;
	int err;

	if (argc < 2 || vc_num_rate(argv[1], &bps) || bps < 6000 ||
	    bps > 50000000)
		return vc_refuse(reply, -EINVAL, "a rate from 6k to 50M");
	if (argc > 2 && vc_num_u64(argv[2], 0, UINT32_MAX, &ssrc))
		return vc_refuse(reply, -EINVAL, "an SSRC in decimals");
	if (!mix->mixer)
		return nothing_yet(reply);
	vc_json_set_int(reply, "bitrate", (int64_t)bps);
	err = vc_mixer_bitrate(mix->mixer, (uint32_t)ssrc, bps);
	return err == -ENOENT ?
		       vc_refuse(reply, err, "no output has that SSRC") :
		       err;
}

/* --- roles --- */

static const char no_policy[] = "there is no --policy";
static const char no_one[] = "nobody here is called that (list: who is)";
static const char no_vouch[] = "nobody vouches that it is him: a key, "
			       "NAME=INPUT or --trust-names";

/* He is here, but by his own word only. */
static bool is_stranger(struct mix *mix, const char *id)
{
	struct vc_mixer_who *who = NULL;

	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who)))
		if (!strcmp(vc_mixer_who_id(who), id))
			return !vc_mixer_who_is_vouched(who);
	return false;
}

static int rule(struct mix *mix, const char *id, const char *role,
		struct vc_json *reply)
{
	int err = rules_rule(mix, id, role);

	return err ? vc_refuse(reply, err, "too many have a role by command") :
		     0;
}

/* A pattern means those who are here; strangers are passed over. */
static int rule_many(struct mix *mix, const char *glob, const char *role,
		     struct vc_json *reply)
{
	struct vc_mixer_who *who = NULL;
	int64_t n = 0, n_met = 0;
	int err = 0;

	while (mix->mixer && !err &&
	       (who = vc_mixer_next_who(mix->mixer, who))) {
		if (!vc_glob(glob, vc_mixer_who_id(who)))
			continue;
		n_met++;
		if (!vc_mixer_who_is_vouched(who))
			continue;
		err = rule(mix, vc_mixer_who_id(who), role, reply);
		n += !err;
	}
	if (!n && !err)
		return n_met ? vc_refuse(reply, -EPERM, "%s", no_vouch) :
			       vc_refuse(reply, -ENOENT, "%s", no_one);
	vc_json_set_int(reply, "participants", n);
	return err;
}

static int cmd_role(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	const char *role = argc == 3 ? argv[2] : NULL;
	struct mix *mix = ctx;

	if (argc < 2 || argc > 3 || strlen(argv[1]) > VC_POLICY_WORD)
		return vc_refuse(reply, -EINVAL, "role WHO [ROLE]");
	if (role && !vc_policy_is_role(vc_str_c(role)))
		return vc_refuse(reply, -EINVAL,
				 "a role is letters, digits, '-', '_', '.'");
	if (!mix->conf.policy)
		return vc_refuse(reply, -EINVAL, "%s", no_policy);
	if (strpbrk(argv[1], "*?"))
		return rule_many(mix, argv[1], role, reply);
	if (is_stranger(mix, argv[1]))
		return vc_refuse(reply, -EPERM, "%s", no_vouch);
	return rule(mix, argv[1], role, reply);
}

static int cmd_floor(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct vc_mixer_who *who = NULL, *him = NULL;
	struct mix *mix = ctx;

	if (argc != 2)
		return vc_refuse(reply, -EINVAL,
				 "floor WHO, or floor - for nobody");
	if (!mix->conf.policy)
		return vc_refuse(reply, -EINVAL, "%s", no_policy);
	if (!rules_know_floor(mix))
		return vc_refuse(reply, -EINVAL,
				 "this policy has no role speaker: a row with "
				 "role:speaker says what he may");
	while (strcmp(argv[1], "-") != 0 && mix->mixer &&
	       (who = vc_mixer_next_who(mix->mixer, who))) {
		if (!vc_glob(argv[1], vc_mixer_who_id(who)))
			continue;
		if (him)
			return vc_refuse(reply, -EINVAL,
					 "one only: more are called that");
		him = who;
	}
	if (!him && strcmp(argv[1], "-") != 0)
		return vc_refuse(reply, -ENOENT, "%s", no_one);
	if (him && vc_mixer_off(him) & VC_MIXER_OUT)
		return vc_refuse(reply, -EPERM,
				 "he was kicked: unkick him first");
	if (him && !vc_mixer_who_is_vouched(him))
		return vc_refuse(reply, -EPERM, "%s", no_vouch);
	rules_floor(mix, him ? vc_mixer_who_id(him) : NULL);
	return 0;
}

/* --- those whom a pattern fits --- */

/* Out they go, or may come again. */
static int usher(struct mix *mix, int argc, char **argv, bool is_out,
		 struct vc_json *reply)
{
	struct vc_mixer_who *who, *next;
	int64_t n = 0;

	if (argc != 2)
		return vc_refuse(reply, -EINVAL, "whom? a name, or a pattern");
	who = mix->mixer ? vc_mixer_next_who(mix->mixer, NULL) : NULL;
	for (; who; who = next) {
		next = vc_mixer_next_who(mix->mixer, who);
		if (!vc_glob(argv[1], vc_mixer_who_id(who)) ||
		    is_out == !!(vc_mixer_off(who) & VC_MIXER_OUT))
			continue;
		if (is_out)
			people_kick(mix, who);
		else
			people_unkick(mix, who);
		n++;
	}
	if (!n)
		return vc_refuse(reply, -ENOENT, "%s",
				 is_out ? no_one :
					  "nobody of that name was kicked");
	vc_json_set_int(reply, "participants", n);
	return 0;
}

static int cmd_kick(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return usher(ctx, argc, argv, true, reply);
}

static int cmd_unkick(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	return usher(ctx, argc, argv, false, reply);
}

/* For all whom the glob fits: sets what is in 'set', clears 'clear'. */
static int turn(struct mix *mix, int argc, char **argv, unsigned int set,
		unsigned int clear, struct vc_json *reply)
{
	struct vc_mixer_who *who = NULL;
	int64_t n = 0;

	if (argc != 2)
		return vc_refuse(reply, -EINVAL,
				 "of whom? a name, or a pattern");
	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who))) {
		if (!vc_glob(argv[1], vc_mixer_who_id(who)))
			continue;
		vc_mixer_set_off(mix->mixer, who,
				 (vc_mixer_off(who) | set) & ~clear);
		n++;
	}
	if (!n)
		return vc_refuse(reply, -ENOENT, "%s", no_one);
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
	struct vc_columns_error err;
	char why[VC_COLUMNS_SAID];
	int e;

	(void)argv;
	if (argc != 1)
		return vc_refuse(reply, -EINVAL, "reload has no argument");
	e = rules_reload(ctx, &err);
	if (!e)
		return 0;
	vc_columns_say(&err, why);
	return vc_refuse(reply, e, "%s", why);
}

const struct vc_command mix_commands[] = {
	{ "bitrate", "RATE [SSRC]",
	  "change the bit rate of the picture, or of an output", cmd_bitrate },
	{ "deaf", "WHO", "he hears nothing", cmd_deaf },
	{ "floor", "WHO|-", "he alone is speaker, beside those by role",
	  cmd_floor },
	{ "gain", "WHO DB", "he is so much louder, or softer", cmd_gain },
	{ "keyframe", "[SSRC]", "the next picture is a key frame",
	  cmd_keyframe },
	{ "kick", "WHO", "he takes no part, until he is let in again",
	  cmd_kick },
	{ "layout", "NAME|FILE", "arrange tiles in another way",
	  layouts_command },
	{ "list", "[WHO]",
	  "who is here, in which role, and hears and sees whom", cmd_list },
	{ "mute", "WHO", "he is not heard", cmd_mute },
	{ "pin", "WHO|-", "he is in front in all pictures, or nobody",
	  layouts_pin_command },
	{ "play", "FILE [to WHO...]|-",
	  "play a WAV to all, or to some; or no more", cmd_play },
	{ "reload", "", "read the policy again", cmd_reload },
	{ "role", "WHO [ROLE]", "his role from now on, or as the policy says",
	  cmd_role },
	{ "undeaf", "WHO", "he hears again", cmd_undeaf },
	{ "unkick", "WHO", "he may take part again", cmd_unkick },
	{ "unmute", "WHO", "he is heard again", cmd_unmute },
	{ "vmute", "WHO", "he is not seen", cmd_vmute },
	{ "vunmute", "WHO", "he is seen again", cmd_vunmute },
	{ 0 },
};
