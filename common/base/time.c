/* SPDX-License-Identifier: MIT */
/* Points in time as text. */
#include <stdio.h>
#include <time.h>

#include "base/time.h"

char *vc_time_iso(char buf[static VC_TIME_ISO_CAP], int64_t t)
{
	time_t sec = (time_t)(t / VC_SEC);
	struct tm tm;

	buf[0] = '\0';
	if (gmtime_r(&sec, &tm))
		strftime(buf, VC_TIME_ISO_CAP, "%Y%m%dT%H%M%SZ", &tm);
	return buf;
}
