/* SPDX-License-Identifier: MIT */
/*
 * Y4M ("YUV4MPEG2"): pictures without compression behind one line of text, each
 * behind a line "FRAME". 8-bit samples only.
 */
#ifndef VC_WIRE_Y4M_H
#define VC_WIRE_Y4M_H

#include <stddef.h>
#include <stdint.h>

/* A longer line is not taken. */
#define VC_Y4M_LINE 256

enum vc_y4m_chroma {
	VC_Y4M_420,
	VC_Y4M_422,
	VC_Y4M_444,
	VC_Y4M_MONO, /* no chroma at all */
};

struct vc_y4m {
	int width, height;    /* 1 to 16384; the caller has limits of his own */
	int fps_num, fps_den; /* 25/1 where the line does not say */
	int par_num, par_den; /* of a pixel; 1/1 where it does not say */
	enum vc_y4m_chroma chroma;
};

/*
 * Reads the first line. 0 and in '*used' its octets; -EAGAIN: it does not end
 * here; -EBADMSG: no Y4M; -ENOTSUP: one, but of another chroma or depth.
 */
int vc_y4m_parse(struct vc_y4m *y, const uint8_t *p, size_t len, size_t *used);

/* The line before each picture, likewise; its parameters are left alone. */
int vc_y4m_parse_frame(const uint8_t *p, size_t len, size_t *used);

/* Octets of a picture, and of one chroma plane in it. */
size_t vc_y4m_len(const struct vc_y4m *y);
size_t vc_y4m_chroma_len(const struct vc_y4m *y);

/* Sides of a chroma plane; 0 for VC_Y4M_MONO. */
int vc_y4m_chroma_width(const struct vc_y4m *y);
int vc_y4m_chroma_height(const struct vc_y4m *y);

#endif
