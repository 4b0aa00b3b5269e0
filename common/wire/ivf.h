/* SPDX-License-Identifier: MIT */
/* IVF: a header, then frames of VP8, VP9 or AV1, each with its time. Pure. */
#ifndef VC_WIRE_IVF_H
#define VC_WIRE_IVF_H

#include <stddef.h>
#include <stdint.h>

#define VC_IVF_HEADER 32
#define VC_IVF_FRAME_HEADER 12
#define VC_IVF_FRAME_MAX (8u << 20) /* octets of a frame */
#define VC_IVF_RATE 90000	    /* ticks a second that we write */

struct vc_ivf {
	char fourcc[5]; /* "VP80", "VP90", "AV01" */
	uint16_t width; /* of the first picture */
	uint16_t height;
	/* Ticks are scale/rate seconds. */
	uint32_t rate;
	uint32_t scale;
	/*
	 * Ticks in all, which is what ffmpeg writes and reads here; others
	 * have the number of frames in it, or 0.
	 */
	uint32_t length;
};

struct vc_ivf_frame {
	uint32_t len;
	uint64_t ticks;
};

void vc_ivf_write(uint8_t out[static VC_IVF_HEADER], const struct vc_ivf *ivf);
void vc_ivf_frame_write(uint8_t out[static VC_IVF_FRAME_HEADER],
			const struct vc_ivf_frame *f);

/*
 * 0; -EAGAIN: more octets are needed; -EBADMSG: none, or of another version, or
 * with a clock that stands still, or (of a frame) over VC_IVF_FRAME_MAX. The
 * first frame's header follows the header, which says how long it is itself:
 * '*size' octets.
 */
int vc_ivf_parse(struct vc_ivf *ivf, size_t *size, const uint8_t *p,
		 size_t len);
int vc_ivf_frame_parse(struct vc_ivf_frame *f, const uint8_t *p, size_t len);

#endif
