/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/ivf.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define HEAD "DKIF\0\0\x20\0VP80\x80\2\x68\1\x90\x5f\1\0\1\0\0\0"

static const struct {
	const uint8_t *p;
	size_t len;
	int err;
} rows[] = {
	{ BYTES(HEAD "\x40\1\0\0\0\0\0\0"), 0 },
	/* It may be longer; then it says so. */
	{ BYTES("DKIF\0\0\x22\0VP80\1\0\1\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0ab"),
	  0 },
	{ BYTES("DKIF\0\0\x22\0VP80\1\0\1\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0a"),
	  -EAGAIN },
	{ BYTES(""), -EAGAIN },
	{ BYTES("DKI"), -EAGAIN },
	{ BYTES("DKIX"), -EBADMSG },
	{ BYTES(HEAD "\x40\1\0\0\0\0\0"), -EAGAIN },
	{ BYTES("DKIF\1\0\x20\0VP80\1\0\1\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0"),
	  -EBADMSG },
	{ BYTES("DKIF\0\0\x1f\0VP80\1\0\1\0\1\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0"),
	  -EBADMSG },
	{ BYTES("DKIF\0\0\x20\0VP80\1\0\1\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0"),
	  -EBADMSG },
	{ BYTES("DKIF\0\0\x20\0VP80\1\0\1\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	  -EBADMSG },
};

static void headers_are_checked(void **state)
{
	struct vc_ivf ivf;
	size_t size;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_ivf_parse(&ivf, &size, rows[i].p,
					      rows[i].len),
				 rows[i].err);
}

static void what_is_written_is_read(void **state)
{
	const struct vc_ivf_frame frame = { .len = VC_IVF_FRAME_MAX,
					    .ticks = UINT64_C(1) << 40 };
	const uint8_t *p = rows[0].p;
	uint8_t head[VC_IVF_HEADER], room[VC_IVF_FRAME_HEADER];
	struct vc_ivf ivf;
	struct vc_ivf_frame got;
	size_t size;

	(void)state;
	assert_int_equal(vc_ivf_parse(&ivf, &size, p, rows[0].len), 0);
	assert_int_equal(size, VC_IVF_HEADER);
	assert_string_equal(ivf.fourcc, "VP80");
	assert_int_equal(ivf.width, 640);
	assert_int_equal(ivf.height, 360);
	assert_int_equal(ivf.rate, VC_IVF_RATE);
	assert_int_equal(ivf.scale, 1);
	assert_int_equal(ivf.length, 0x140);
	vc_ivf_write(head, &ivf);
	assert_memory_equal(head, p, sizeof(head));
	vc_ivf_frame_write(room, &frame);
	for (size_t n = 0; n < sizeof(room); n++)
		assert_int_equal(vc_ivf_frame_parse(&got, room, n), -EAGAIN);
	assert_int_equal(vc_ivf_frame_parse(&got, room, sizeof(room)), 0);
	assert_int_equal(got.len, frame.len);
	assert_int_equal(got.ticks, frame.ticks);
	room[0]++;
	assert_int_equal(vc_ivf_frame_parse(&got, room, sizeof(room)),
			 -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
