/* SPDX-License-Identifier: MIT */
/* By what payload types redundancy goes, as descriptions have it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "link/fecopt.h"
#include "wire/sdp.h"

#define HEAD "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=-\nt=0 0\n"
#define OPUS "m=audio 0 RTP/AVP 100\na=rtpmap:100 opus/48000/2\n"
#define VP8 "m=video 0 RTP/AVP 96\na=rtpmap:96 VP8/90000\n"
#define FLEX "m=video 0 RTP/AVP 49\na=rtpmap:49 flexfec-03/90000\n"
#define ULP                                                      \
	"m=video 0 RTP/AVP 96 40 41\na=rtpmap:40 ulpfec/90000\n" \
	"a=rtpmap:41 red/90000\na=rtpmap:96 VP8/90000\n"
#define RED                                                        \
	"m=audio 0 RTP/AVP 100 66 67\na=rtpmap:100 opus/48000/2\n" \
	"a=rtpmap:66 red/8000\na=fmtp:66 0/0\n"                    \
	"a=rtpmap:67 red/48000/2\na=fmtp:67 100/100\n"

static void test_formats(void **state)
{
	static const struct {
		const char *sections;
		int flex, ulp, ulp_red, red;
		bool adds_flex, adds_red;
	} rows[] = {
		{ "", 118, -1, -1, -1, true, false },
		{ VP8 OPUS, 118, -1, -1, 63, true, true },
		{ FLEX, 49, -1, -1, -1, false, false },
		{ FLEX ULP, 49, 40, 41, -1, false, false },
		{ ULP, -1, 40, 41, -1, false, false },
		/* ULPFEC without RED is no use. */
		{ "m=video 0 RTP/AVP 40\na=rtpmap:40 ulpfec/90000\n", 118, 40,
		  -1, -1, true, false },
		/* Of RED, that of Opus. */
		{ RED, 118, -1, -1, 67, true, false },
		/* The defaults are somebody else's. */
		{ "m=video 0 RTP/AVP 118 63\na=rtpmap:118 VP8/90000\n"
		  "a=rtpmap:63 VP9/90000\n" OPUS,
		  -1, -1, -1, -1, false, false },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_fec_formats f;
		struct vc_sdp sdp;
		char text[1024];

		snprintf(text, sizeof(text), HEAD "%s", rows[i].sections);
		assert_int_equal(vc_sdp_parse(&sdp, text, strlen(text)), 0);
		vc_fec_formats(&f, &sdp);
		assert_int_equal(f.flex, rows[i].flex);
		assert_int_equal(f.ulp, rows[i].ulp);
		assert_int_equal(f.ulp_red, rows[i].ulp_red);
		assert_int_equal(f.red, rows[i].red);
		assert_int_equal(f.adds_flex, rows[i].adds_flex);
		assert_int_equal(f.adds_red, rows[i].adds_red);
	}
}

/* What was added is found when that description is read. */
static void test_describe(void **state)
{
	static const char text[] = HEAD VP8 OPUS;
	struct vc_fec_formats f, again;
	struct vc_sdp sdp, read;
	char out[4096];
	int len;

	(void)state;
	assert_int_equal(vc_sdp_parse(&sdp, text, strlen(text)), 0);
	vc_fec_formats(&f, &sdp);
	vc_fec_describe(&f, false, false, &sdp);
	assert_false(vc_sdp_find_pt(&sdp, 118, NULL, NULL));
	vc_fec_describe(&f, true, true, &sdp);
	len = vc_sdp_write(&sdp, out, sizeof(out));
	assert_true(len > 0);
	assert_int_equal(vc_sdp_parse(&read, out, (size_t)len), 0);
	vc_fec_formats(&again, &read);
	assert_int_equal(again.flex, 118);
	assert_int_equal(again.red, 63);
	assert_false(again.adds_flex || again.adds_red);
}

static void test_volatile(void **state)
{
	static const char text[] = HEAD OPUS
		"a=extmap:3 http://www.webrtc.org/experiments/rtp-hdrext/"
		"abs-send-time\n" VP8
		"a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/"
		"abs-send-time\n"
		"a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\n"
		"a=extmap:14 http://www.ietf.org/id/"
		"draft-holmer-rmcat-transport-wide-cc-extensions-01\n";
	struct vc_sdp sdp;

	(void)state;
	assert_int_equal(vc_sdp_parse(&sdp, text, strlen(text)), 0);
	assert_int_equal(vc_fec_volatile_ids(&sdp), 1u << 2 | 1u << 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_describe),
		cmocka_unit_test(test_volatile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
