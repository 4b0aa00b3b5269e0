/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/wav.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define RIFF "RIFF\0\0\0\0WAVE"
#define FMT(body) "fmt \x10\0\0\0" body
#define MONO_48K "\1\0\1\0\x80\xbb\0\0\0\x77\1\0\2\0\x10\0"
#define DATA "data\4\0\0\0"

static const struct {
	const char *what;
	const uint8_t *p;
	size_t len;
	int err;
	size_t data_at;
} files[] = {
	{ "plain", BYTES(RIFF FMT(MONO_48K) DATA), 0, 44 },
	{ "and samples", BYTES(RIFF FMT(MONO_48K) DATA "abcd"), 0, 44 },
	{ "odd chunk before", BYTES(RIFF "LIST\1\0\0\0x\0" FMT(MONO_48K) DATA),
	  0, 54 },
	{ "empty", BYTES(""), -EAGAIN, 0 },
	{ "cut in RIFF", BYTES("RI"), -EAGAIN, 0 },
	{ "not RIFF", BYTES("RX"), -EBADMSG, 0 },
	{ "not WAVE", BYTES("RIFF\0\0\0\0AVI LIST"), -EBADMSG, 0 },
	{ "cut in fmt", BYTES(RIFF "fmt \x10\0\0\0\1\0"), -EAGAIN, 0 },
	{ "data first", BYTES(RIFF DATA FMT(MONO_48K)), -EBADMSG, 0 },
	{ "fmt twice", BYTES(RIFF FMT(MONO_48K) FMT(MONO_48K) DATA), -EBADMSG,
	  0 },
	{ "fmt of 4 GB", BYTES(RIFF "fmt \xff\xff\xff\xff" MONO_48K), -EAGAIN,
	  0 },
	{ "fmt of 14", BYTES(RIFF "fmt \x0e\0\0\0" MONO_48K), -EBADMSG, 0 },
	{ "float", BYTES(RIFF FMT("\3\0\1\0\x80\xbb\0\0\0\x77\1\0\2\0\x10\0")),
	  -ENOTSUP, 0 },
	{ "8 bits", BYTES(RIFF FMT("\1\0\1\0\x80\xbb\0\0\0\x77\1\0\1\0\x08\0")),
	  -ENOTSUP, 0 },
	{ "0 channels",
	  BYTES(RIFF FMT("\1\0\0\0\x80\xbb\0\0\0\x77\1\0\0\0\x10\0")), -ENOTSUP,
	  0 },
	{ "17 channels",
	  BYTES(RIFF FMT("\1\0\x11\0\x80\xbb\0\0\0\x77\1\0\x22\0\x10\0")),
	  -ENOTSUP, 0 },
	{ "0 Hz", BYTES(RIFF FMT("\1\0\1\0\0\0\0\0\0\x77\1\0\2\0\x10\0")),
	  -ENOTSUP, 0 },
	{ "4 GHz",
	  BYTES(RIFF FMT("\1\0\1\0\xff\xff\xff\xff\0\x77\1\0\2\0\x10\0")),
	  -ENOTSUP, 0 },
	{ "block is wrong",
	  BYTES(RIFF FMT("\1\0\1\0\x80\xbb\0\0\0\x77\1\0\3\0\x10\0")), -ENOTSUP,
	  0 },
	{ "extensible",
	  BYTES(RIFF "fmt \x28\0\0\0\xfe\xff\1\0\x80\xbb\0\0\0\x77\1\0\2\0"
		     "\x10\0\x16\0\x10\0\4\0\0\0\1\0\0\0\0\0\x10\0\x80\0\0"
		     "\xaa\0\x38\x9b\x71" DATA),
	  0, 68 },
	{ "extensible, other",
	  BYTES(RIFF "fmt \x28\0\0\0\xfe\xff\1\0\x80\xbb\0\0\0\x77\1\0\2\0"
		     "\x10\0\x16\0\x10\0\4\0\0\0\1\0\0\0\0\0\x10\0\x80\0\0"
		     "\xaa\0\x38\x9b\x72" DATA),
	  -ENOTSUP, 0 },
};

static void headers_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(files); i++) {
		struct vc_wav wav;
		int err = vc_wav_parse(&wav, files[i].p, files[i].len);

		if (err != files[i].err)
			fail_msg("%s: %d", files[i].what, err);
		if (err)
			continue;
		assert_int_equal(wav.data_at, files[i].data_at);
		assert_int_equal(wav.data_len, 4);
		assert_int_equal(wav.channels, 1);
		assert_int_equal(wav.rate_hz, 48000);
	}
}

/* hostile.md F3: every shorter piece asks for more, none is misread. */
static void cut_headers_ask_for_more(void **state)
{
	uint8_t buf[VC_WAV_HEADER];
	struct vc_wav wav;

	(void)state;
	vc_wav_write(buf, 48000, 2, 1000);
	for (size_t n = 0; n < sizeof(buf); n++)
		assert_int_equal(vc_wav_parse(&wav, buf, n), -EAGAIN);
	assert_int_equal(vc_wav_parse(&wav, buf, sizeof(buf)), 0);
}

static void what_is_written_is_read(void **state)
{
	static const struct {
		uint32_t rate;
		uint16_t channels;
		uint64_t len;
		uint32_t data, riff;
	} rows[] = {
		{ 48000, 1, 0, 0, 36 },
		{ 8000, 2, 1000, 1000, 1036 },
		{ 44100, 16, UINT32_MAX - 36, UINT32_MAX - 36, UINT32_MAX },
		{ 48000, 2, UINT32_MAX - 35, UINT32_MAX, UINT32_MAX },
		{ 48000, 2, VC_WAV_UNKNOWN, UINT32_MAX, UINT32_MAX },
		{ 48000, 2, UINT64_MAX, UINT32_MAX, UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		uint8_t buf[VC_WAV_HEADER];
		const uint8_t *p = buf + VC_WAV_RIFF_SIZE_AT;
		struct vc_wav wav;

		vc_wav_write(buf, rows[i].rate, rows[i].channels, rows[i].len);
		assert_int_equal(vc_wav_parse(&wav, buf, sizeof(buf)), 0);
		assert_int_equal(wav.rate_hz, rows[i].rate);
		assert_int_equal(wav.channels, rows[i].channels);
		assert_int_equal(wav.data_len, rows[i].data);
		assert_int_equal(wav.data_at, VC_WAV_HEADER);
		assert_int_equal((uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
					 (uint32_t)p[1] << 8 | p[0],
				 rows[i].riff);
	}
}

/* Lengths of 4 GiB and more are told by RF64, and by nobody else. */
static void long_ones_are_told(void **state)
{
	static const struct {
		enum vc_wav_format format;
		uint64_t len;
		uint32_t data; /* as the chunk says */
		const char *mark;
	} rows[] = {
		{ VC_WAV_PCM, 0, 0, "RIFF" },
		{ VC_WAV_ULAW, 1001, 1001, "RIFF" },
		{ VC_WAV_ALAW, UINT32_MAX - 95, UINT32_MAX - 95, "RIFF" },
		{ VC_WAV_PCM, UINT32_MAX - 94, UINT32_MAX, "RF64" },
		{ VC_WAV_PCM, UINT64_C(5) << 32, UINT32_MAX, "RF64" },
		{ VC_WAV_PCM, UINT64_MAX, UINT32_MAX, "RIFF" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_wav in = { .format = rows[i].format,
				     .rate_hz = 8000,
				     .channels = 2,
				     .long_len = rows[i].len },
			      out;
		uint8_t head[VC_WAV_LONG_HEADER];

		vc_wav_write_long(head, &in);
		assert_memory_equal(head, rows[i].mark, 4);
		for (size_t n = 0; n < sizeof(head); n++)
			assert_int_equal(vc_wav_parse_any(&out, head, n),
					 -EAGAIN);
		assert_int_equal(vc_wav_parse_any(&out, head, sizeof(head)), 0);
		assert_int_equal(vc_wav_parse(&out, head, sizeof(head)),
				 in.format == VC_WAV_PCM ? 0 : -ENOTSUP);
		assert_int_equal(out.format, in.format);
		assert_int_equal(out.channels, 2);
		assert_int_equal(out.rate_hz, 8000);
		assert_int_equal(out.data_len, rows[i].data);
		assert_int_equal(out.data_at, sizeof(head));
		if (rows[i].len != UINT64_MAX)
			assert_true(out.long_len == rows[i].len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(headers_are_checked),
		cmocka_unit_test(cut_headers_ask_for_more),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(long_ones_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
