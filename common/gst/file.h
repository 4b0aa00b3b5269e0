/* SPDX-License-Identifier: MIT */
/*
 * A media file, decoded: pictures of one size and rate, sound at 48 kHz in
 * frames of the size asked for. Only WebM/Matroska, MP4/MOV, Ogg, WAV, AVI,
 * FLAC, MP3, IVF and Y4M are opened, known by content, and only decoders and
 * demuxers of a fixed list run: nothing follows an address found in a file.
 *
 * There is no real time in it: the file is read as fast as frames are taken,
 * and the caller paces them by their time stamps. These are ns from the
 * beginning of the file, on one line for both media; sound is cut so that its
 * first frame is at 0, gaps up to 10 s are filled with silence (pictures are
 * repeated), a longer one shows as a jump. After a rewind they go on growing,
 * so a loop is seamless. The same file gives the same octets every time.
 *
 * Take from both media in step, the one that is behind first: what is never
 * taken fills a bounded queue and then stops the other as well (after about
 * 20 s of media). Decode in threads of GStreamer's; one caller thread only.
 */
#ifndef VC_GST_FILE_H
#define VC_GST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"

#define VC_GST_RATE_HZ 48000
/* Room for one line of error text. */
#define VC_GST_TEXT_CAP 256

struct vc_gst_file;

struct vc_gst_file_config {
	int width, height;    /* 0: no pictures wanted; nothing decodes them */
	int fps_num, fps_den; /* 30/1, 30000/1001 */
	int channels;	      /* 1 or 2, interleaved; 0: no sound wanted */
};

/*
 * Opens 'path' (a regular file, or "-": the standard input, which may be a pipe,
 * and is read as it comes, once and to its end) and waits until the first frames are decoded
 * or it is clear that there are none. On error one line of the reason is in
 * 'text' (never with control characters or the path) and *out is NULL:
 *   -errno of open(2) and -EINVAL for what is no regular file
 *   -EMEDIUMTYPE not a media file of the list (text, image, playlist, empty)
 *   -EBADMSG     one of them, but broken
 *   -ENODATA     nothing in it that was wanted
 *   -EOPNOTSUPP  no decoder for it, or pictures over VC_IMAGE_MAX
 *   -ETIMEDOUT   no answer within 5 s, of a pipe within 60
 *   -ENOSYS      GStreamer or one of its plugins is not there
 */
int vc_gst_file_open(struct vc_gst_file **out, const char *path,
		     const struct vc_gst_file_config *config,
		     char text[static VC_GST_TEXT_CAP]);

/* Stops its threads. NULL is fine. */
void vc_gst_file_close(struct vc_gst_file *f);

/* Which of the wanted media it has. */
bool vc_gst_file_has_video(const struct vc_gst_file *f);
bool vc_gst_file_has_audio(const struct vc_gst_file *f);

/* Length in ns, -1 if the file does not say. It may be wrong. */
int64_t vc_gst_file_duration(const struct vc_gst_file *f);

/*
 * The next picture, letterboxed to the size asked for. Its planes stay ours
 * and are valid until the next call of this function, a rewind or close; do
 * not write to them. 1 got, 0 the end, -EAGAIN not decoded yet, or an error
 * with its reason in vc_gst_file_text(): -EBADMSG broken data (what came
 * before was given out; a file that is cut short ends so), -EIO.
 * The error is sticky until a rewind.
 */
int vc_gst_file_video(struct vc_gst_file *f, struct vc_image *out,
		      int64_t *pts_ns);

/*
 * The next 'n' samples a channel into 'pcm', which has room for n * channels.
 * Returns as vc_gst_file_video(). The last frame is filled up with silence.
 * 'n' is at most VC_GST_RATE_HZ.
 */
int vc_gst_file_audio(struct vc_gst_file *f, int16_t *pcm, size_t n,
		      int64_t *pts_ns);

/*
 * The same, but wait for the decoder (for the virtual clock): never -EAGAIN.
 * -ETIMEDOUT when it gave nothing for 10 s.
 */
int vc_gst_file_video_wait(struct vc_gst_file *f, struct vc_image *out,
			   int64_t *pts_ns);
int vc_gst_file_audio_wait(struct vc_gst_file *f, int16_t *pcm, size_t n,
			   int64_t *pts_ns);

/*
 * Descriptors for the loop, one a medium: readable (POLLIN) once a call that
 * gave -EAGAIN is worth repeating. Wait on them only after -EAGAIN: while
 * frames lie ready they stay readable. Never read from them.
 */
int vc_gst_file_video_fd(const struct vc_gst_file *f);
int vc_gst_file_audio_fd(const struct vc_gst_file *f);

/*
 * Starts again from the beginning, in the background; time stamps continue
 * where the longer medium ended, on the grid of the sound frames. To be
 * called when both media are at their end (earlier is allowed). 0, -ENODATA
 * when the last round gave no frame at all (so a loop cannot spin), -ENOSYS,
 * -ESPIPE for a pipe.
 */
int vc_gst_file_rewind(struct vc_gst_file *f);

/* The reason of the last error, one line; "" without one. */
const char *vc_gst_file_text(const struct vc_gst_file *f);

/*
 * What was left out though the file is usable ("no decoder for H.265"), one
 * line worth a warning; "" when nothing was.
 */
const char *vc_gst_file_note(const struct vc_gst_file *f);

#endif
