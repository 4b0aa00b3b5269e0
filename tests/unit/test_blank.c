/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/blank.h"
#include "wire/sdp.h"

#define BYTES(s) (s), sizeof(s) - 1
#define CAP 64

static const char sdp_text[] = "v=0\r\n"
			       "o=- 0 0 IN IP4 127.0.0.1\r\n"
			       "s=-\r\n"
			       "t=0 0\r\n"
			       "m=audio 0 RTP/AVP 111 0 8 9 63 101 13\r\n"
			       "a=rtpmap:111 opus/48000/2\r\n"
			       "a=rtpmap:63 red/48000/2\r\n"
			       "a=fmtp:63 111/111\r\n"
			       "a=rtpmap:101 telephone-event/48000\r\n"
			       "m=video 0 RTP/AVP 96 97 98 102 45 118 119\r\n"
			       "a=rtpmap:96 VP8/90000\r\n"
			       "a=rtpmap:97 rtx/90000\r\n"
			       "a=fmtp:97 apt=96\r\n"
			       "a=rtpmap:98 VP9/90000\r\n"
			       "a=rtpmap:102 H264/90000\r\n"
			       "a=rtpmap:45 AV1/90000\r\n"
			       "a=rtpmap:118 flexfec-03/90000\r\n"
			       "a=rtpmap:119 ulpfec/90000\r\n"
			       "m=text 0 RTP/AVP 117\r\n"
			       "a=rtpmap:117 t140/1000\r\n";

/* What a payload becomes; as long as it was. */
static const struct {
	const char *what;
	uint8_t pt;
	const char *in;
	size_t len;
	const char *want;
	size_t want_len;
} rows[] = {
	{ "Opus: its first octet", 111, BYTES("\x78secret"),
	  BYTES("\x78\0\0\0\0\0\0") },
	{ "Opus of several frames: how many, too", 111, BYTES("\x7b\2secret"),
	  BYTES("\x7b\2\0\0\0\0\0\0") },
	{ "Opus that pauses", 111, BYTES("\x78"), BYTES("\x78") },
	{ "PCMU: silence", 0, BYTES("abc"), BYTES("\xff\xff\xff") },
	{ "PCMA: silence", 8, BYTES("abc"), BYTES("\xd5\xd5\xd5") },
	{ "G.722", 9, BYTES("abc"), BYTES("\0\0\0") },
	{ "comfort noise: its level", 13, BYTES("\x30xy"), BYTES("\x30\0\0") },
	{ "a digit: how long, not which", 101, BYTES("\7\x8a\3\xc0"),
	  BYTES("\0\x8a\3\xc0") },
	{ "text", 117, BYTES("secret"), BYTES("xxxxxx") },
	{ "RED: of each block what stays of its format", 63,
	  BYTES("\xef\x0f\x00\x03\x6f"
		"\x78"
		"ab"
		"\x78"
		"cde"),
	  BYTES("\xef\x0f\x00\x03\x6f\x78\0\0\x78\0\0\0") },
	{ "RED that is malformed", 63, BYTES("\xef\x0f\x03\xff\x6f"),
	  BYTES("\0\0\0\0\0") },
	{ "VP8 key frame: descriptor and size", 96,
	  BYTES("\x10\x50\x01\x02\x9d\x01\x2a\x40\x01\xb4\x00secret"),
	  BYTES("\x10\x50\x01\x02\x9d\x01\x2a\x40\x01\xb4\x00\0\0\0\0\0\0") },
	{ "VP8, another frame: its tag", 96, BYTES("\x10\x51\x01\x02secret"),
	  BYTES("\x10\x51\x01\x02\0\0\0\0\0\0") },
	{ "VP8, the rest of one", 96, BYTES("\0secret"),
	  BYTES("\0\0\0\0\0\0\0") },
	{ "VP8 with a descriptor that is cut", 96, BYTES("\x90\x80\x85"),
	  BYTES("\0\0\0") },
	{ "RTX: whose it is, and what stays of that", 97,
	  BYTES("\x12\x34\x10\x51\x01\x02secret"),
	  BYTES("\x12\x34\x10\x51\x01\x02\0\0\0\0\0\0") },
	{ "VP9, a frame that is no key frame", 98, BYTES("\x48\x86secret"),
	  BYTES("\x48\x86\0\0\0\0\0\0") },
	{ "H.264 parameter set: all", 102, BYTES("\x67\x42\xc0\x1f"),
	  BYTES("\x67\x42\xc0\x1f") },
	{ "H.264 slice: two octets", 102, BYTES("\x65\x88secret"),
	  BYTES("\x65\x88\0\0\0\0\0\0") },
	{ "H.264 SEI: its head", 102, BYTES("\x06secret"),
	  BYTES("\x06\0\0\0\0\0\0") },
	{ "H.264 first fragment", 102, BYTES("\x7c\x85\x88secret"),
	  BYTES("\x7c\x85\x88\0\0\0\0\0\0") },
	{ "H.264 later fragment", 102, BYTES("\x7c\x05secret"),
	  BYTES("\x7c\x05\0\0\0\0\0\0") },
	{ "H.264, several units: each by its kind", 102,
	  BYTES("\x78\0\3\x67\x42\xc0\0\4\x65\x88no"),
	  BYTES("\x78\0\3\x67\x42\xc0\0\4\x65\x88\0\0") },
	{ "AV1: the sequence header stays, of a frame two octets", 45,
	  BYTES("\x28\3\x08\1\2\x30\x10secret"),
	  BYTES("\x28\3\x08\1\2\x30\x10\0\0\0\0\0\0") },
	{ "AV1, the rest of an element", 45, BYTES("\x90secret"),
	  BYTES("\x90\0\0\0\0\0\0") },
	{ "ULPFEC: no parity", 119, BYTES("0123456789abcdsecret"),
	  BYTES("0123456789abcd\0\0\0\0\0\0") },
	{ "FlexFEC: no parity", 118, BYTES("0123456789abcdefghijsecret"),
	  BYTES("0123456789abcdefghij\0\0\0\0\0\0") },
	{ "a type that is not described", 77, BYTES("secret"),
	  BYTES("\0\0\0\0\0\0") },
	{ "nothing", 111, BYTES(""), BYTES("") },
};

static struct vc_sdp *described(void)
{
	struct vc_sdp *sdp = vc_alloc(1, sizeof(*sdp));

	assert_int_equal(vc_sdp_parse(sdp, sdp_text, sizeof(sdp_text) - 1), 0);
	return sdp;
}

static void test_formats(void **state)
{
	struct vc_sdp *sdp = described();

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t p[CAP];

		assert_int_equal(rows[i].len, rows[i].want_len);
		memcpy(p, rows[i].in, rows[i].len);
		vc_blank_payload(sdp, rows[i].pt, p, rows[i].len);
		if (memcmp(p, rows[i].want, rows[i].len))
			print_error("%s\n", rows[i].what);
		assert_memory_equal(p, rows[i].want, rows[i].len);
	}
	free(sdp);
}

/* Whatever it is cut to, nothing behind it is touched, and no secret stays. */
static void test_cut(void **state)
{
	struct vc_sdp *sdp = described();

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		for (size_t n = 0; n <= rows[i].len; n++) {
			uint8_t *p = vc_alloc(1, n + 1);

			memcpy(p, rows[i].in, n);
			p[n] = 0xaa;
			vc_blank_payload(sdp, rows[i].pt, p, n);
			assert_int_equal(p[n], 0xaa);
			assert_null(memmem(p, n, "ecret", 5));
			free(p);
		}
	}
	free(sdp);
}

/* RED in RED in RED: it ends. */
static void test_depth(void **state)
{
	uint8_t p[CAP];
	struct vc_sdp *sdp = described();

	(void)state;
	memset(p, 63, sizeof(p));
	vc_blank_payload(sdp, 63, p, sizeof(p));
	for (size_t i = 4; i < sizeof(p); i++)
		assert_int_equal(p[i], 0);
	free(sdp);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
