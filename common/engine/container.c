/* SPDX-License-Identifier: MIT */
/* What all containers share. */
#include "engine/container.h"

#include "base/str.h"

void vc_track_set_name(char dst[static VC_TRACK_NAME_CAP], const char *name)
{
	vc_escape(dst, VC_TRACK_NAME_CAP, name, strlen(name));
}
