/* SPDX-License-Identifier: MIT */
/* PNG files (ISO/IEC 15948), by cairo. */
#ifndef VC_MEDIA_PNG_H
#define VC_MEDIA_PNG_H

#include "base/image.h"

/*
 * Writes 'im' to 'fd' as 8-bit RGB. 0, -ENOMEM, or what write(2) said; part of
 * the file may be written then.
 */
int vc_png_write(int fd, const struct vc_image *im);

#endif
