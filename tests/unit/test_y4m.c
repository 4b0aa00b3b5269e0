/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/y4m.h"

#define Y "YUV4MPEG2"

static const struct {
	const char *text;
	int err;
	struct vc_y4m want;
	size_t len; /* of a picture */
} lines[] = {
	{ Y " W4 H2\n", 0, { 4, 2, 25, 1, 1, 1, VC_Y4M_420 }, 12 },
	{ Y " W640 H360 F30000:1001 Ip A4:3 C420jpeg XYSCSS=420JPEG\nFRAME\n",
	  0,
	  { 640, 360, 30000, 1001, 4, 3, VC_Y4M_420 },
	  345600 },
	{ Y " H3 W5 F0:0 A0:0 C420paldv\n",
	  0,
	  { 5, 3, 25, 1, 1, 1, VC_Y4M_420 },
	  27 },
	{ Y " W5 H3 C422\n", 0, { 5, 3, 25, 1, 1, 1, VC_Y4M_422 }, 33 },
	{ Y " W5 H3  C444 Q\n", 0, { 5, 3, 25, 1, 1, 1, VC_Y4M_444 }, 45 },
	{ Y " W5 H3 Cmono\n", 0, { 5, 3, 25, 1, 1, 1, VC_Y4M_MONO }, 15 },
	{ Y " W16384 H16384 C444\n",
	  0,
	  { 16384, 16384, 25, 1, 1, 1, VC_Y4M_444 },
	  805306368 },
	{ "", -EAGAIN, { 0 }, 0 },
	{ "YUV4", -EAGAIN, { 0 }, 0 },
	{ Y " W4 H2", -EAGAIN, { 0 }, 0 },
	{ "RIFF", -EBADMSG, { 0 }, 0 },
	{ "YUV4MPEG3 W4 H2\n", -EBADMSG, { 0 }, 0 },
	{ Y "W4 H2\n", -EBADMSG, { 0 }, 0 },
	{ Y "\n", -EBADMSG, { 0 }, 0 },
	{ Y " W4\n", -EBADMSG, { 0 }, 0 },
	{ Y " W0 H2\n", -EBADMSG, { 0 }, 0 },
	{ Y " W4 H-2\n", -EBADMSG, { 0 }, 0 },
	{ Y " W16385 H2\n", -EBADMSG, { 0 }, 0 },
	{ Y " W4294967300 H2\n", -EBADMSG, { 0 }, 0 },
	{ Y " W4 H2 F30\n", -EBADMSG, { 0 }, 0 },
	{ Y " W4 H2 F30:x\n", -EBADMSG, { 0 }, 0 },
	{ Y " W4 H2 F4294967295:1\n", -EBADMSG, { 0 }, 0 },
	{ Y " W4 H2 C420p10\n", -ENOTSUP, { 0 }, 0 },
	{ Y " W4 H2 C\n", -ENOTSUP, { 0 }, 0 },
};

static void the_first_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(lines); i++) {
		const uint8_t *p = (const uint8_t *)lines[i].text;
		size_t len = strlen(lines[i].text), used = 0;
		struct vc_y4m y = { 0 };
		int err = vc_y4m_parse(&y, p, len, &used);

		if (err != lines[i].err)
			fail_msg("%s: %d", lines[i].text, err);
		if (err)
			continue;
		assert_memory_equal(&y, &lines[i].want, sizeof(y));
		assert_int_equal(vc_y4m_len(&y), lines[i].len);
		assert_int_equal(p[used - 1], '\n');
		/* Nothing less is enough. */
		for (size_t n = 0; n < used; n++)
			assert_int_equal(vc_y4m_parse(&y, p, n, &used),
					 -EAGAIN);
	}
}

static void a_line_has_an_end(void **state)
{
	uint8_t p[2 * VC_Y4M_LINE];
	struct vc_y4m y;
	size_t used;

	(void)state;
	memset(p, ' ', sizeof(p));
	memcpy(p, Y, strlen(Y));
	assert_int_equal(vc_y4m_parse(&y, p, VC_Y4M_LINE - 1, &used), -EAGAIN);
	assert_int_equal(vc_y4m_parse(&y, p, sizeof(p), &used), -EBADMSG);
}

static const struct {
	const char *text;
	int err;
	size_t used;
} frames[] = {
	{ "FRAME\nxyz", 0, 6 },	    { "FRAME Ip Xa\n", 0, 12 },
	{ "", -EAGAIN, 0 },	    { "FRA", -EAGAIN, 0 },
	{ "FRAME", -EAGAIN, 0 },    { "FRAMES\n", -EBADMSG, 0 },
	{ "frame\n", -EBADMSG, 0 },
};

static void the_line_of_a_picture(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(frames); i++) {
		size_t used = 0;

		assert_int_equal(
			vc_y4m_parse_frame((const uint8_t *)frames[i].text,
					   strlen(frames[i].text), &used),
			frames[i].err);
		assert_int_equal(used, frames[i].used);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line),
		cmocka_unit_test(a_line_has_an_end),
		cmocka_unit_test(the_line_of_a_picture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
