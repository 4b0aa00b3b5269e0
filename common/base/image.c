/* SPDX-License-Identifier: MIT */
/*
 * One allocation holds all three planes, Y first, so that 'y' is what is
 * freed. Rows are padded to multiples of 64 octets.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/mem.h"

#define ROW_ALIGN 64

static int aligned(int n)
{
	return (n + ROW_ALIGN - 1) / ROW_ALIGN * ROW_ALIGN;
}

int vc_image_alloc(struct vc_image *im, int w, int h)
{
	size_t len_y, len_c;
	uint8_t *p;

	*im = (struct vc_image){ 0 };
	if (w < 1 || h < 1 || w > VC_IMAGE_MAX || h > VC_IMAGE_MAX)
		return -EINVAL;
	int stride_y = aligned(w);
	int stride_c = aligned((w + 1) / 2);

	len_y = (size_t)stride_y * (size_t)h;
	len_c = (size_t)stride_c * (size_t)((h + 1) / 2);
	p = vc_try_alloc(1, len_y + 2 * len_c);
	if (!p)
		return -ENOMEM;
	memset(p, 16, len_y);
	memset(p + len_y, 128, 2 * len_c);
	*im = (struct vc_image){
		.width = w,
		.height = h,
		.y = p,
		.u = p + len_y,
		.v = p + len_y + len_c,
		.stride_y = stride_y,
		.stride_u = stride_c,
		.stride_v = stride_c,
	};
	return 0;
}

void vc_image_clear(struct vc_image *im)
{
	free(im->y);
	*im = (struct vc_image){ 0 };
}
