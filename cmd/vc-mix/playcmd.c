/* SPDX-License-Identifier: MIT */
/* The `play` command: a file for all, or some. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "engine/announce.h"
#include "mix.h"

/* Is he one of those at 'globs'? */
static bool is_one_of(const struct vc_mixer_who *who, char *const *globs, int n)
{
	for (int i = 0; i < n; i++)
		if (vc_glob(globs[i], vc_mixer_who_id(who)))
			return true;
	return false;
}

static const char *why_not(int err)
{
	switch (err) {
	case -ENODEV:
		return "no regular file";
	case -EBADMSG:
		return "neither WAV nor Ogg nor WebM nor Matroska; ffmpeg -i "
		       "FILE -c:a pcm_s16le FILE.wav makes one";
	case -ENOMSG:
		return "no sound in it that is played: Opus (in Ogg only that), "
		       "G.711, G.722, L16";
	case -ENOTSUP:
		return "a WAV other than 16-bit PCM of 4 to 384 kHz";
	}
	return strerror(-err);
}

/* Who was kicked gets nothing anyhow. */
static void warn_of_deaf(const struct mix *mix, char *const *globs, int n,
			 struct vc_json *reply)
{
	const struct vc_mixer_who *who = NULL;
	unsigned int all = 0, missed = 0;
	char text[128];

	while ((who = vc_mixer_next_who(mix->mixer, who))) {
		if (vc_mixer_off(who) & VC_MIXER_OUT ||
		    (n && !is_one_of(who, globs, n)))
			continue;
		all++;
		missed += !vc_mixer_is_reached(mix->mixer, who);
	}
	if (!missed)
		return;
	snprintf(text, sizeof(text),
		 "it does not reach %u of %u: who hears nobody mixed has no "
		 "mix",
		 missed, all);
	vc_json_set_str(reply, "warning", text);
}

static int play(struct mix *mix, const char *path, char *const *globs, int n,
		struct vc_json *reply)
{
	struct vc_mixer_who *who = NULL;
	struct vc_announce *a;
	int err;

	for (int i = 0; i < n; i++)
		if (!whom_next(mix, globs[i], NULL))
			return whom_none(mix, globs[i], reply);
	a = vc_announce_open(path, &err);
	if (!a)
		return vc_refuse(reply, err, "%s", why_not(err));
	warn_of_deaf(mix, globs, n, reply);
	vc_mixer_announce(mix->mixer, a, !n);
	while ((who = vc_mixer_next_who(mix->mixer, who)))
		if (is_one_of(who, globs, n))
			vc_mixer_announce_to(who);
	return 0;
}

int cmd_play(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;

	if (!mix->mixer)
		return vc_refuse(reply, -EAGAIN, "nothing has come yet");
	if (argc > 2 || strcmp(argv[1], "-") != 0)
		return play(mix, argv[1], argv + 3, argc > 3 ? argc - 3 : 0,
			    reply);
	vc_mixer_announce(mix->mixer, NULL, true);
	return 0;
}
