/* SPDX-License-Identifier: MIT */
/* What participants write, as it is shown below their pictures. */
#ifndef VC_PLAY_SUBTITLE_H
#define VC_PLAY_SUBTITLE_H

#include "play.h"

struct vc_packet;
struct vc_rtp;

/* Is what it sends now text that is read? */
bool subtitle_is_text(const struct vc_source *src);

/* Of a stream that has s->text. */
void subtitle_put(struct stream *s, struct vc_packet *pkt,
		  const struct vc_rtp *rtp);
/* What is due until 'due', at 'now'. */
void subtitle_pull(struct play *p, struct stream *s, int64_t due, int64_t now);

/*
 * What stands below the picture (or in its place) of 's' now, as
 * vc_caption_rows(); 0: nothing.
 */
size_t subtitle_of(const struct play *p, const struct stream *s, int cols,
		   int rows, char out[static VC_CAPTION_OUT]);

#endif
