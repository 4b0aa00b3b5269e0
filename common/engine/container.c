/* SPDX-License-Identifier: MIT */
/* What all containers share. */
#include "engine/container.h"

#include <errno.h>

#include "base/str.h"

bool vc_track_is_refused(int err)
{
	return err == -ENOTSUP || err == -ENOSPC || err == -EMLINK;
}

void vc_track_set_name(char dst[static VC_TRACK_NAME_CAP], const char *name)
{
	vc_escape(dst, VC_TRACK_NAME_CAP, name, strlen(name));
}

void vc_track_set_picture(struct vc_track_info *info, unsigned int width,
			  unsigned int height, const struct vc_orientation *o)
{
	info->width = width;
	info->height = height;
	info->orientation = *o;
}

const char *vc_track_kind_name(enum vc_track_kind kind)
{
	static const char *const names[] = { "audio", "video", "text" };

	return names[kind];
}
