/* SPDX-License-Identifier: MIT */
/*
 * Pictures and sound in which marks are looked for. Two octets of width and
 * height, then luma, over and over until the picture is full; the same octets
 * are read as sound. The first octet's upper bit: a true mark is drawn into it.
 */
#include <assert.h>
#include <string.h>

#include "media/chirp.h"
#include "media/mark.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const uint8_t *data, size_t size)
{
	int width = data[0] % 120 * 2 + 2, height = data[1] % 60 * 2 + 2;
	struct vc_mark_reader reader;
	struct vc_image img;
	struct vc_mark m = { .id = 1, .frame = 2, .time_ms = 3 };

	if (vc_image_alloc(&img, width, height))
		return;
	for (int i = 0; i < width * height; i++)
		img.y[i / width * img.stride_y + i % width] =
			data[2 + (size_t)i % (size - 2)];
	if (data[0] & 0x80)
		(void)vc_mark_draw(&img, &m);
	vc_mark_reader_init(&reader);
	for (int i = 0; i < 3; i++) {
		vc_mark_read(&reader, &img);
		assert(reader.n <= VC_MARK_MAX);
		for (size_t k = 0; k < reader.n; k++)
			assert(reader.found[k].mark.frame < VC_MARK_FRAMES);
		if (i == 1)
			memset(img.y, data[2], (size_t)width);
	}
	vc_image_clear(&img);
}

static void listen(const uint8_t *data, size_t size)
{
	struct vc_chirp_reader *r = vc_chirp_reader_new();
	struct vc_chirp_mark m;
	int16_t pcm[480];

	for (size_t i = 0; r && i + 2 * 480 <= size; i += 960) {
		memcpy(pcm, data + i, sizeof(pcm));
		vc_chirp_feed(r, pcm, 480);
		while (vc_chirp_next(r, &m))
			;
	}
	vc_chirp_reader_free(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 3)
		return 0;
	look(data, size);
	listen(data, size);
	return 0;
}
