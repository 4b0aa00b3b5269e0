/* SPDX-License-Identifier: MIT */
/* What the options say of all outputs. */
#ifndef VC_RECORD_CONF_H
#define VC_RECORD_CONF_H

#include <stdbool.h>
#include <stdint.h>

struct format;

/* What has a file of its own. */
enum tracks_by {
	TRACKS_MIXED, /* everything */
	TRACKS_PARTICIPANT,
	TRACKS_SOURCE,
};

struct record_conf {
	const struct format *format; /* -f, or NULL: by suffix */
	bool overwrite;
	bool no_sidecar;
	enum tracks_by by;
};

#endif
