/* SPDX-License-Identifier: MIT */
/* The commands of the control socket that concern sound, see vc-mix(1). */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/num.h"
#include "base/str.h"
#include "engine/announce.h"
#include "mix.h"

int cmd_gain(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	struct vc_mixer_who *who = NULL;
	int64_t n = 0;
	double db;

	if (argc != 3 || vc_num_real(argv[2], -VC_MIXER_GAIN_DOWN / 10.0,
				     VC_MIXER_GAIN_UP / 10.0, &db))
		return vc_refuse(reply, -EINVAL, "gain WHO DB, of -60 to 20");
	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who))) {
		if (!vc_glob(argv[1], vc_mixer_who_id(who)))
			continue;
		vc_mixer_set_gain(who, (int)lrint(db * 10));
		n++;
	}
	if (!n)
		return vc_refuse(reply, -ENOENT, "nobody here is called that");
	vc_json_set_int(reply, "participants", n);
	return 0;
}

/* Is he one of those at 'globs'? */
static bool is_one_of(const struct vc_mixer_who *who, char *const *globs, int n)
{
	for (int i = 0; i < n; i++)
		if (vc_glob(globs[i], vc_mixer_who_id(who)))
			return true;
	return false;
}

/* How many are. */
static int64_t count(const struct mix *mix, char *const *globs, int n)
{
	struct vc_mixer_who *who = NULL;
	int64_t found = 0;

	while ((who = vc_mixer_next_who(mix->mixer, who)))
		found += is_one_of(who, globs, n);
	return found;
}

static const char *why_not(int err)
{
	switch (err) {
	case -ENODEV:
		return "no regular file";
	case -EBADMSG:
		return "no WAV; ffmpeg -i FILE -c:a pcm_s16le FILE.wav makes "
		       "one";
	case -ENOTSUP:
		return "a WAV other than 16-bit PCM of 4 to 384 kHz";
	}
	return strerror(-err);
}

static int play(struct mix *mix, const char *path, char *const *globs, int n,
		struct vc_json *reply)
{
	struct vc_mixer_who *who = NULL;
	struct vc_announce *a;
	int err;

	if (n && !count(mix, globs, n))
		return vc_refuse(reply, -ENOENT, "nobody here is called that");
	a = vc_announce_open(path, &err);
	if (!a)
		return vc_refuse(reply, err, "%s", why_not(err));
	vc_mixer_announce(mix->mixer, a, !n);
	while ((who = vc_mixer_next_who(mix->mixer, who)))
		if (is_one_of(who, globs, n))
			vc_mixer_announce_to(who);
	return 0;
}

int cmd_play(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	bool is_end = argc == 2 && !strcmp(argv[1], "-");

	if (argc < 2 || argc == 3 || (argc > 3 && strcmp(argv[2], "to") != 0))
		return vc_refuse(reply, -EINVAL,
				 "play FILE [to WHO...], or play -");
	if (!mix->conf.audio || mix->conf.audio_way == VC_MIXER_SELECT)
		return vc_refuse(reply, -EINVAL, "no sound is mixed here");
	if (!mix->mixer)
		return -EAGAIN;
	if (!is_end)
		return play(mix, argv[1], argv + 3, argc > 3 ? argc - 3 : 0,
			    reply);
	vc_mixer_announce(mix->mixer, NULL, true);
	return 0;
}
