/* SPDX-License-Identifier: MIT */
/* The commands of the control socket that concern sound, see vc-mix(1). */
#include <errno.h>
#include <math.h>

#include "base/json.h"
#include "base/num.h"
#include "base/str.h"
#include "mix.h"

static int refuse(struct vc_json *reply, const char *why, int err)
{
	vc_json_set_str(reply, "error", why);
	return err;
}

int cmd_gain(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mix *mix = ctx;
	struct vc_mixer_who *who = NULL;
	int64_t n = 0;
	double db;

	if (argc != 3 || vc_num_real(argv[2], -VC_MIXER_GAIN_DOWN / 10.0,
				     VC_MIXER_GAIN_UP / 10.0, &db))
		return refuse(reply, "gain WHO DB, of -60 to 20", -EINVAL);
	while (mix->mixer && (who = vc_mixer_next_who(mix->mixer, who))) {
		if (!vc_glob(argv[1], vc_mixer_who_id(who)))
			continue;
		vc_mixer_set_gain(who, (int)lrint(db * 10));
		n++;
	}
	if (!n)
		return refuse(reply, "nobody here is called that", -ENOENT);
	vc_json_set_int(reply, "participants", n);
	return 0;
}
