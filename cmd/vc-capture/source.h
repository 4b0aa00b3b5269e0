/* SPDX-License-Identifier: MIT */
/*
 * Where pictures and sound come from. Both are pulled, with times counted from
 * the source's beginning; vc-capture paces them.
 */
#ifndef VC_CAPTURE_SOURCE_H
#define VC_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"

struct source_config {
	const char *text;  /* the operand */
	const char *name;  /* who is shown and heard */
	bool video, audio; /* wanted */
	int width, height, fps_num, fps_den;
	uint32_t rate_hz;
	bool loop;
	bool wait; /* virtual: block until there is a frame */
};

struct source;

/* All return 1 got, 0 the end, -EAGAIN not yet, or another -errno. */
struct source_ops {
	/* '*img' is borrowed until the next call. 'now': stream time, shown. */
	int (*video)(struct source *s, int64_t now, const struct vc_image **img,
		     int64_t *pts);
	int (*audio)(struct source *s, int16_t *pcm, size_t n, int64_t *pts);
	/* Goes on at 'pts': what lies before was missed (live only). */
	void (*skip)(struct source *s, int64_t pts);
	void (*close)(struct source *s);
};

struct source {
	const struct source_ops *ops;
	bool has_video;
	bool has_audio;
	char error[256]; /* the last error's reason */
	char note[256];	 /* worth a warning; "": nothing */
};

/* 0, or -errno with the reason in 'error'. '*out' is freed by ops->close. */
int source_open_test(struct source **out, const struct source_config *c);
int source_open_file(struct source **out, const struct source_config *c,
		     char error[static 256]);

#endif
