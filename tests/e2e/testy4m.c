/* SPDX-License-Identifier: MIT */
/*
 * The test picture before it is encoded, as Y4M: what `vc-capture --virtual
 * --name NAME test:` draws, with its marks.
 *
 *	testy4m NAME WIDTHxHEIGHT FPS FIRST COUNT >out.y4m
 *
 * FIRST is the number of the first frame; its time is the virtual clock's
 * beginning, so that the file can be played from there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <stddef.h>
#include <stdint.h>

#include "base/image.h"
#include "base/time.h"
#include "media/mark.h"
#include "media/testpic.h"

#define EPOCH (INT64_C(946684800) * VC_SEC)

static void write_plane(const uint8_t *p, int stride, int w, int h)
{
	for (int y = 0; y < h; y++)
		fwrite(p + (ptrdiff_t)y * stride, 1, (size_t)w, stdout);
}

static void write_image(const struct vc_image *img)
{
	int w = vc_image_half(img->width), h = vc_image_half(img->height);

	puts("FRAME");
	write_plane(img->y, img->stride_y, img->width, img->height);
	write_plane(img->u, img->stride_u, w, h);
	write_plane(img->v, img->stride_v, w, h);
}

int main(int argc, char **argv)
{
	struct vc_testpic pic;
	struct vc_image img;
	int width, height, fps, count;
	unsigned long long first;

	if (argc != 6 || sscanf(argv[2], "%dx%d", &width, &height) != 2)
		return 2;
	fps = atoi(argv[3]);
	first = strtoull(argv[4], NULL, 10);
	count = atoi(argv[5]);
	if (vc_testpic_init(&pic, width, height, argv[1], fps) ||
	    vc_image_alloc(&img, width, height))
		return 1;
	printf("YUV4MPEG2 W%d H%d F%d:1 Ip A1:1 C420jpeg\n", width, height,
	       fps);
	for (int i = 0; i < count; i++) {
		int64_t now = EPOCH + i * VC_SEC / fps;
		struct vc_mark mark = vc_mark_make(vc_mark_id(argv[1]),
						   first + (uint64_t)i, now);

		vc_testpic_draw(&pic, &img, first + (uint64_t)i, now);
		vc_mark_draw(&img, &mark);
		write_image(&img);
	}
	vc_image_clear(&img);
	vc_testpic_clear(&pic);
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
