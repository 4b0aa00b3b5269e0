/* SPDX-License-Identifier: MIT */
/* The commands of the control socket, see vc-mix(1). */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/str.h"
#include "mix.h"

static int cmd_keyframe(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	uint64_t ssrc = 0;

	if (argc == 2)
		(void)vc_num_u64(argv[1], 0, UINT32_MAX, &ssrc);
	if (!mix->mixer)
		return vc_refuse(reply, -EAGAIN, "nothing has come yet");
	if (!vc_mixer_keyframe(mix->mixer, (uint32_t)ssrc))
		return 0;
	return vc_refuse(reply, -ENOENT, "%s",
			 ssrc ? "no picture has that SSRC" :
				"there is no picture yet");
}

static int cmd_bitrate(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	uint64_t bps, ssrc = 0;
	int err;

	(void)vc_num_rate(argv[1], &bps);
	if (argc == 3)
		(void)vc_num_u64(argv[2], 0, UINT32_MAX, &ssrc);
	if (!mix->mixer)
		return vc_refuse(reply, -EAGAIN, "nothing has come yet");
	err = vc_mixer_bitrate(mix->mixer, (uint32_t)ssrc, bps);
	if (err == -ENOENT)
		return vc_refuse(reply, err, "no output has that SSRC");
	if (!err)
		vc_json_set_int(reply, "bitrate", (int64_t)bps);
	return err;
}

/* --- roles --- */

static int no_vouch(struct vc_json *reply)
{
	return vc_refuse(reply, -EPERM,
			 "nobody vouches that it is him: a key, NAME=INPUT or "
			 "--trust-names");
}

static int rule(struct mix *mix, const char *id, const char *role,
		struct vc_json *reply)
{
	int err = rulings_role(mix, id, role);

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

	while (!err && (who = whom_next(mix, glob, who))) {
		n_met++;
		if (!vc_mixer_who_is_vouched(who))
			continue;
		err = rule(mix, vc_mixer_who_id(who), role, reply);
		n += !err;
	}
	if (!n && !err)
		return n_met ? no_vouch(reply) : whom_none(mix, glob, reply);
	if (!err)
		vc_json_set_int(reply, "participants", n);
	return err;
}

/* Of 'id' alone: who is not here has it when he comes. */
static int rule_one(struct mix *mix, const char *glob, const char *id,
		    const char *role, struct vc_json *reply)
{
	const struct vc_mixer_who *who = whom_next(mix, glob, NULL);

	if (who && !vc_mixer_who_is_vouched(who))
		return no_vouch(reply);
	if (!who)
		whom_doubt(mix, glob, reply);
	return rule(mix, id, role, reply);
}

static int cmd_role(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	const char *role = argc == 3 ? argv[2] : NULL;
	char id[VC_POLICY_WORD + 1];
	struct mix *mix = ctx;

	if (role)
		roles_doubt(mix->conf.policy, role, reply);
	if (vc_glob_word(argv[1], id, sizeof(id)))
		return rule_one(mix, argv[1], id, role, reply);
	return rule_many(mix, argv[1], role, reply);
}

static int cmd_floor(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct vc_mixer_who *him = NULL;
	struct mix *mix = ctx;
	int err;

	(void)argc;
	if (!rulings_know_floor(mix))
		return vc_refuse(reply, -EINVAL,
				 "this policy has no role speaker: a row with "
				 "role:speaker says what he may");
	if (!strcmp(argv[1], "-")) {
		rulings_floor(mix, NULL);
		return 0;
	}
	err = whom_one(mix, argv[1], &him, reply);
	if (err)
		return err;
	if (vc_mixer_off(him) & VC_MIXER_OUT)
		return vc_refuse(reply, -EPERM,
				 "he was kicked: unkick him first");
	if (!vc_mixer_who_is_vouched(him))
		return no_vouch(reply);
	rulings_floor(mix, vc_mixer_who_id(him));
	return 0;
}

/* --- those whom a pattern fits --- */

/* What a command did: to 'n' people, of whom to some it was not done before. */
static int done(struct mix *mix, const char *glob, int64_t n, int64_t n_new,
		struct vc_json *reply)
{
	if (!n)
		return whom_none(mix, glob, reply);
	vc_json_set_int(reply, "participants", n);
	if (!n_new)
		vc_json_set_str(reply, "note", "that was done before");
	return 0;
}

/* Out they go, or may come again. */
static int usher(struct mix *mix, const char *glob, bool is_out,
		 struct vc_json *reply)
{
	struct vc_mixer_who *who = whom_next(mix, glob, NULL), *next;
	int64_t n = 0, n_new = 0;

	for (; who; who = next, n++) {
		next = whom_next(mix, glob, who);
		if (is_out == !!(vc_mixer_off(who) & VC_MIXER_OUT))
			continue;
		if (is_out)
			people_kick(mix, who);
		else
			people_unkick(mix, who);
		n_new++;
	}
	return done(mix, glob, n, n_new, reply);
}

static int cmd_kick(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	return usher(ctx, argv[1], true, reply);
}

static int cmd_unkick(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	return usher(ctx, argv[1], false, reply);
}

/* Takes what is in 'set' from all whom the glob fits, gives 'clear' back. */
static int turn(struct mix *mix, const char *glob, unsigned int set,
		unsigned int clear, struct vc_json *reply)
{
	int64_t n = rulings_lift(mix, glob, clear, false), n_new = n;
	const struct vc_participant *next = whom_awaited(mix, glob);
	struct vc_mixer_who *who = NULL;

	while ((who = whom_next(mix, glob, who))) {
		unsigned int off = (vc_mixer_off(who) | set) & ~clear;

		n_new += off != vc_mixer_off(who);
		n++;
		vc_mixer_set_off(mix->mixer, who, off);
		if (rulings_off(mix, vc_mixer_who_id(who), set, clear))
			rulings_say_full(reply);
	}
	if (!n && set && next) {
		n = n_new = 1;
		if (rulings_off(mix, next->id, set, clear))
			rulings_say_full(reply);
	}
	return done(mix, glob, n, n_new, reply);
}

static int cmd_mute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	return turn(ctx, argv[1], VC_MIXER_MUTED, 0, reply);
}

static int cmd_unmute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	return turn(ctx, argv[1], 0, VC_MIXER_MUTED, reply);
}

static int cmd_vmute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	return turn(ctx, argv[1], VC_MIXER_HIDDEN, 0, reply);
}

static int cmd_vunmute(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	return turn(ctx, argv[1], 0, VC_MIXER_HIDDEN, reply);
}

static int cmd_deaf(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	return turn(ctx, argv[1], VC_MIXER_DEAF, 0, reply);
}

static int cmd_undeaf(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)argc;
	return turn(ctx, argv[1], 0, VC_MIXER_DEAF, reply);
}

static int cmd_gain(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	const struct vc_participant *next = whom_awaited(mix, argv[1]);
	struct vc_mixer_who *who = NULL;
	int64_t n = 0, n_new = 0;
	double db;
	int db10;

	(void)argc;
	(void)vc_num_real(argv[2], -VC_MIXER_GAIN_DOWN / 10.0,
			  VC_MIXER_GAIN_UP / 10.0, &db);
	db10 = (int)lrint(db * 10);
	if (!db10)
		n = n_new = rulings_lift(mix, argv[1], 0, true);
	while ((who = whom_next(mix, argv[1], who))) {
		n_new += db10 != vc_mixer_gain(who);
		n++;
		vc_mixer_set_gain(mix->mixer, who, db10);
		if (rulings_gain(mix, vc_mixer_who_id(who), db10))
			rulings_say_full(reply);
	}
	if (!n && db10 && next) {
		n = n_new = 1;
		if (rulings_gain(mix, next->id, db10))
			rulings_say_full(reply);
	}
	return done(mix, argv[1], n, n_new, reply);
}

/* --- all --- */

static int cmd_reload(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct vc_columns_error err;
	char why[VC_COLUMNS_SAID];
	int e = rules_reload(ctx, &err);

	(void)argc;
	(void)argv;
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
	  "play a file to all, or to some; or no more", cmd_play },
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
