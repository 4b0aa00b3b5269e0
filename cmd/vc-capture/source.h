/* SPDX-License-Identifier: MIT */
/*
 * Where pictures and sound come from. Both are pulled, and vc-capture paces
 * them: those of a file or a test signal have times counted from the source's
 * beginning, those of a device have happened when they are there. Pictures come
 * in the size and rate asked for, sound at 48 kHz.
 *
 * One source may give both media; each medium that takes from it holds it once.
 */
#ifndef VC_CAPTURE_SOURCE_H
#define VC_CAPTURE_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "wire/codec.h"

#define SOURCE_RATE 48000
#define SOURCE_TEXT 256 /* octets of a reason */
#define SOURCE_FMTP 80	/* octets of what a description says of a codec */

struct source_config {
	const char *text;  /* behind the scheme's colon */
	const char *name;  /* who is shown and heard */
	bool video, audio; /* wanted */
	int width, height, fps_num, fps_den;
	int channels; /* of sound, interleaved: 1 or 2 */
	bool loop;
	bool wait;	/* virtual: block until there is a frame */
	bool is_paired; /* its sound comes by another pipe, in step */
	bool copy;	/* frames are wanted as they are encoded */
};

/* An encoded frame, or a packet of sound. */
struct source_frame {
	const uint8_t *p;
	size_t len;
	int64_t due;	/* when it is sent: never goes back */
	int64_t pts;	/* when it is seen or heard */
	int64_t length; /* of sound */
	bool is_key;
	bool is_break; /* sound does not go on where it was */
};

/* How a source encodes a medium. */
struct source_format {
	enum vc_codec codec;
	char fmtp[SOURCE_FMTP]; /* "": the codec's default */
};

struct source;

/* Those that take return 1 got, 0 the end, -EAGAIN not yet, or another -errno
 * with the reason in 'error'. */
struct source_ops {
	/* '*img' is borrowed until the next call. 'now': stream time, shown. */
	int (*video)(struct source *s, int64_t now, const struct vc_image **img,
		     int64_t *pts);
	/* 'n' samples a channel, at most 120 ms of them. */
	int (*audio)(struct source *s, int16_t *pcm, size_t n, int64_t *pts);
	/*
	 * With 'copy': the frame that is next, borrowed until any next call,
	 * and the same again until it is used. NULL for both media above, and
	 * they for these.
	 */
	int (*frame)(struct source *s, bool is_video, struct source_frame *f);
	void (*used)(struct source *s, bool is_video);
	/* That medium will not be taken any more. Or NULL. */
	void (*forget)(struct source *s, bool is_video);
	/*
	 * Readable when a call that gave -EAGAIN is worth repeating; waited for
	 * only then, never read from. NULL, or -1: try again a little later.
	 */
	int (*fd)(struct source *s, bool is_video);
	/* Goes on at 'pts': what lies before was missed. NULL for devices. */
	void (*skip)(struct source *s, int64_t pts);
	void (*close)(struct source *s);
};

struct source {
	const struct source_ops *ops;
	bool has_video;
	bool has_audio;
	/*
	 * A device: frames come in real time, and their pts is when they were
	 * captured on the machine's monotonic clock (vc_mono_now()). There is
	 * no such source on the virtual clock.
	 */
	bool is_device;
	struct source_format format[2]; /* with 'copy': [is_video] */
	uint64_t malformed[2];		/* frames that were left out */
	unsigned int users;
	char error[SOURCE_TEXT]; /* the last error's reason */
	char note[SOURCE_TEXT];	 /* worth a warning; "": nothing */
};

/* A word before the colon. */
struct source_scheme {
	const char *name;
	bool video, audio; /* what it can give */
	bool is_device;
	bool needs_text; /* behind the colon */
	/* 0, or -errno with the reason in 'error'. */
	int (*open)(struct source **out, const struct source_config *c,
		    char error[static SOURCE_TEXT]);
};

/* Ends with a NULL name. */
extern const struct source_scheme source_schemes[];

/* The scheme that 'text' begins with; "file" for a bare path; NULL: none. */
const struct source_scheme *source_scheme(const char *text);

/* How much of 'text' names it before a colon: of "v4l2:" not its own. */
int source_said(const char *text);

/*
 * Opens what 'text' names ("test:", "file:PATH", PATH, ...); c->text is set
 * here. '*out' has one user.
 */
int source_open(struct source **out, const char *text, struct source_config *c,
		char error[static SOURCE_TEXT]);

/* One user less; the last one closes it. NULL is fine. */
void source_drop(struct source *s);

/* When the n-th frame is. */
int64_t source_frame_time(const struct source_config *c, int64_t frame);

/*
 * What is made by number, of which these come next, goes on at 'pts': never
 * back. True where the sample has moved.
 */
bool source_go_on(const struct source_config *c, int64_t pts, int64_t *frame,
		  int64_t *sample);

/* One channel to 'channels' of the same, in place. */
void source_spread(int16_t *pcm, size_t n, int channels);

int source_open_test(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT]);
int source_open_tone(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT]);
int source_open_silence(struct source **out, const struct source_config *c,
			char error[static SOURCE_TEXT]);
int source_open_color(struct source **out, const struct source_config *c,
		      char error[static SOURCE_TEXT]);
int source_open_file(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT]);
/* The same with c->copy. */
int source_open_copy(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT]);
int source_open_raw(struct source **out, const struct source_config *c,
		    char error[static SOURCE_TEXT]);
int source_open_speech(struct source **out, const struct source_config *c,
		       char error[static SOURCE_TEXT]);
int source_open_v4l2(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT]);
int source_open_alsa(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT]);
int source_open_pulse(struct source **out, const struct source_config *c,
		      char error[static SOURCE_TEXT]);
int source_open_screen(struct source **out, const struct source_config *c,
		       char error[static SOURCE_TEXT]);
int source_open_pipewire(struct source **out, const struct source_config *c,
			 char error[static SOURCE_TEXT]);

#endif
