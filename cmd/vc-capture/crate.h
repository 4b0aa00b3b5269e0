/* SPDX-License-Identifier: MIT */
/*
 * Media files, opened for their encoded frames (--copy): WebM and Matroska by
 * our own reader, all others by GStreamer's demuxers. The first track of each
 * medium that is wanted is given. source_copy.c makes a source of them.
 */
#ifndef VC_CAPTURE_CRATE_H
#define VC_CAPTURE_CRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "feed.h"
#include "source.h"

struct crate;

struct crate_frame {
	bool is_video;
	const uint8_t *p; /* borrowed until the next call */
	size_t len;
	int64_t time; /* of showing; -1: where the one before it ended */
	bool is_key;
};

/* A track, once it is open. */
struct crate_track {
	bool is_there;
	enum vc_codec codec; /* NONE: cannot be sent as it is */
	char name[64];	     /* of the codec, printable */
	const uint8_t *priv; /* what the file says of it; the crate's */
	size_t priv_len;
};

struct crate_ops {
	/*
	 * The next frame, of 'video' if that can be chosen: 1; 0 no more of
	 * that; -EAGAIN; or -errno with the reason in 'error'.
	 */
	int (*next)(struct crate *c, bool video, struct crate_frame *f);
	/* From the beginning again; 0 or -errno. */
	int (*rewind)(struct crate *c);
	int (*fd)(const struct crate *c); /* as source_ops; or -1 */
	void (*close)(struct crate *c);
};

struct crate {
	const struct crate_ops *ops;
	struct crate_track tracks[2]; /* [is_video] */
	char error[SOURCE_TEXT];
};

/* Takes over 'f', also on failure. */
int crate_open_mkv(struct crate **out, const struct source_config *c,
		   struct feed *f, char error[static SOURCE_TEXT]);
int crate_open_gst(struct crate **out, const struct source_config *c,
		   char error[static SOURCE_TEXT]);

#endif
