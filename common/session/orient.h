/* SPDX-License-Identifier: MIT */
/*
 * How the pictures of a source are to be turned, as their packets say: the last
 * packet of key frames, and of others when it changes (3GPP TS 26.114, 7.4.5).
 */
#ifndef VC_SESSION_ORIENT_H
#define VC_SESSION_ORIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "session/jbuf.h"
#include "wire/rtpext.h"

/* All zero at first. */
struct vc_orient {
	uint8_t id; /* of the extension; 0: there is none, all are upright */
	struct vc_orientation now; /* of the last frame */
};

/*
 * The frame 'f' that vc_jbuf_frame() just gave, maybe broken. A key frame that
 * says nothing is upright; on others what was said once holds.
 */
void vc_orient_frame(struct vc_orient *o, const struct vc_jbuf *jb,
		     const struct vc_jbuf_frame *f, bool is_key);

#endif
