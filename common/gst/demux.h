/* SPDX-License-Identifier: MIT */
/*
 * The streams of a media file as they are in it, not decoded: for sending
 * without transcoding. Files are those of gst/file.h, and what GStreamer runs
 * of them is a demuxer of the same list, and nothing else. The first stream of
 * pictures and the first of sound are given, frame by frame in the file's
 * order; what is in a frame nobody has looked at.
 */
#ifndef VC_GST_DEMUX_H
#define VC_GST_DEMUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gst/file.h"
#include "wire/codec.h"

struct vc_gst_demux;

struct vc_gst_stream {
	bool is_there;
	enum vc_codec codec; /* NONE: not one of RTP's here */
	char name[64];	     /* what it is: "AAC"; printable */
	/* What the container says of the codec; NULL: nothing. Ours. */
	const uint8_t *priv;
	size_t priv_len;
};

/* Borrows until the next call for the same medium. */
struct vc_gst_frame {
	const uint8_t *p;
	size_t len;
	int64_t time;	/* of showing, ns from the file's beginning; or -1 */
	int64_t length; /* ns, or -1 */
	bool is_key;
};

/* As vc_gst_file_open(), of a regular file; media that are not wanted cost
 * nothing. */
int vc_gst_demux_open(struct vc_gst_demux **out, const char *path, bool video,
		      bool audio, char text[static VC_GST_TEXT_CAP]);
void vc_gst_demux_close(struct vc_gst_demux *d);

const struct vc_gst_stream *vc_gst_demux_stream(const struct vc_gst_demux *d,
						bool is_video);

/*
 * The next frame of a medium: 1, 0 at the end, -EAGAIN not read yet (never
 * with 'wait': -ETIMEDOUT after 10 s), -EBADMSG or -EIO with the reason in
 * vc_gst_demux_text(). As with gst/file.h take from both.
 */
int vc_gst_demux_next(struct vc_gst_demux *d, bool is_video, bool wait,
		      struct vc_gst_frame *f);
const char *vc_gst_demux_text(struct vc_gst_demux *d);

#endif
