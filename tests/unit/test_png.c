/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "media/pixels.h"
#include "media/png.h"

#define FILE_CAP 65536

/* The file as octets; its length. */
static size_t written(const struct vc_image *im, uint8_t *out)
{
	int fd = memfd_create("png", 0);

	assert_true(fd >= 0);
	assert_int_equal(vc_png_write(fd, im), 0);
	ssize_t n = pread(fd, out, FILE_CAP, 0);

	assert_true(n > 0 && n < FILE_CAP);
	close(fd);
	return (size_t)n;
}

/* Walks the chunks: the picture's rows, each behind its filter octet. */
static size_t unpacked(const uint8_t *file, size_t len, uint8_t *rows,
		       size_t cap, int *w, int *h)
{
	struct vc_rd r = vc_rd_over(file, len);
	uint8_t idat[FILE_CAP];
	size_t n_idat = 0;
	bool ended = false;

	assert_memory_equal(vc_rd_bytes(&r, 8), "\x89PNG\r\n\x1a\n", 8);
	while (!ended) {
		uint32_t n = vc_rd_u32(&r);
		const uint8_t *type = vc_rd_bytes(&r, 4);
		const uint8_t *data = vc_rd_bytes(&r, n);
		uint32_t crc = vc_rd_u32(&r);

		assert_false(r.bad);
		assert_int_equal(crc, crc32(0, type, n + 4));
		if (!memcmp(type, "IHDR", 4)) {
			*w = (int)vc_get_u32(data);
			*h = (int)vc_get_u32(data + 4);
			assert_int_equal(data[8], 8);
			assert_int_equal(data[9], 2);
		} else if (!memcmp(type, "IDAT", 4)) {
			memcpy(idat + n_idat, data, n);
			n_idat += n;
		}
		ended = !memcmp(type, "IEND", 4);
	}
	assert_int_equal(vc_rd_left(&r), 0);
	uLongf n_rows = cap;

	assert_int_equal(uncompress(rows, &n_rows, idat, n_idat), Z_OK);
	return n_rows;
}

static void a_plain_picture_comes_back(void **state)
{
	static const int sizes[][2] = { { 1, 1 }, { 3, 5 }, { 64, 36 } };
	uint8_t file[FILE_CAP], rows[FILE_CAP];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(sizes); i++) {
		struct vc_image im;
		int w = 0, h = 0;

		assert_int_equal(vc_image_alloc(&im, sizes[i][0], sizes[i][1]),
				 0);
		vc_image_fill(&im, 0, 0, im.width, im.height,
			      vc_pixels_colour(0xff0000));
		size_t n = unpacked(file, written(&im, file), rows,
				    sizeof(rows), &w, &h);

		assert_int_equal(w, im.width);
		assert_int_equal(h, im.height);
		assert_int_equal(n, h * (3 * w + 1));
		/* The first pixel of the first row is itself in any filter. */
		assert_in_range(rows[1], 250, 255);
		assert_in_range(rows[2], 0, 5);
		assert_in_range(rows[3], 0, 5);
		vc_image_clear(&im);
	}
}

static void equal_pictures_equal_files(void **state)
{
	uint8_t a[FILE_CAP], b[FILE_CAP];
	struct vc_image im;

	(void)state;
	assert_int_equal(vc_image_alloc(&im, 33, 17), 0);
	size_t n = written(&im, a);

	assert_int_equal(written(&im, b), n);
	assert_memory_equal(a, b, n);
	im.y[5] = 99;
	size_t m = written(&im, b);

	assert_true(m != n || memcmp(a, b, n));
	vc_image_clear(&im);
}

static void failures_are_told(void **state)
{
	struct vc_image im;
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(vc_image_alloc(&im, 8, 8), 0);
	assert_int_equal(vc_png_write(fd, &im), -ENOSPC);
	close(fd);
	assert_int_equal(vc_png_write(-1, &im), -EBADF);
	vc_image_clear(&im);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_picture_comes_back),
		cmocka_unit_test(equal_pictures_equal_files),
		cmocka_unit_test(failures_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
