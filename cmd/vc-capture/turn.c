/* SPDX-License-Identifier: MIT */
#include "turn.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "capture.h"

static int parse_degrees(unsigned int *turn, struct vc_str word)
{
	static const char *const degrees[] = { "0", "90", "180", "270" };

	for (unsigned int i = 0; i < VC_COUNT(degrees); i++) {
		if (!vc_str_is(word, degrees[i]))
			continue;
		*turn = 90 * i;
		return 0;
	}
	return -EINVAL;
}

int turn_parse(struct vc_orientation *out, const char *text)
{
	struct vc_str rest = vc_str_c(text);
	struct vc_orientation o = { 0 };
	int err = parse_degrees(&o.turn, vc_str_cut(&rest, ','));

	while (!err && rest.p) {
		struct vc_str word = vc_str_cut(&rest, ',');

		if (vc_str_is(word, "flip"))
			o.is_flipped = true;
		else if (vc_str_is(word, "back"))
			o.is_back = true;
		else
			err = -EINVAL;
	}
	if (!err)
		*out = o;
	return err;
}

void turn_set(struct medium *m, const struct vc_orientation *o)
{
	if (strcmp(m->ops->word, "video") != 0)
		return;
	m->tx.has_orientation = true;
	m->tx.orientation = *o;
}
