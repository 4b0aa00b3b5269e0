/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/filekind.h"

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1

static const struct {
	const uint8_t *p;
	size_t len;
	enum vc_filekind kind;
} kinds[] = {
	{ BYTES(""), VC_FILEKIND_EMPTY },
	{ BYTES("hello, world\n"), VC_FILEKIND_TEXT },
	{ BYTES("gr\xc3\xbc\xc3\x9f"
		"e\r\n"),
	  VC_FILEKIND_TEXT },
	{ BYTES("hel\0lo"), VC_FILEKIND_UNKNOWN },
	{ BYTES("\x1a\x45\xdf\xa3\x9f"), VC_FILEKIND_MATROSKA },
	{ BYTES("\x1a\x45\xdf"), VC_FILEKIND_UNKNOWN },
	{ BYTES("\0\0\0\x20"
		"ftypisom"),
	  VC_FILEKIND_MP4 },
	{ BYTES("\0\0\0\x20"
		"ftypavif"),
	  VC_FILEKIND_IMAGE },
	{ BYTES("\0\0\0\x08wide"), VC_FILEKIND_MP4 },
	{ BYTES("OggS\0"), VC_FILEKIND_OGG },
	{ BYTES("RIFF\0\0\0\0WAVEfmt "), VC_FILEKIND_WAV },
	{ BYTES("RIFF\0\0\0\0AVI LIST"), VC_FILEKIND_AVI },
	{ BYTES("RIFF\0\0\0\0WEBPVP8 "), VC_FILEKIND_IMAGE },
	{ BYTES("RIFF\0\0\0\0WAV"), VC_FILEKIND_UNKNOWN },
	{ BYTES("fLaC\0"), VC_FILEKIND_FLAC },
	{ BYTES("ID3\4"), VC_FILEKIND_MP3 },
	{ BYTES("\xff\xfb\x90\x64"), VC_FILEKIND_MP3 },
	{ BYTES("\xff\xfb\xf0\x64"), VC_FILEKIND_UNKNOWN }, /* bit rate 15 */
	{ BYTES("\xff\xf9\x50\x80"), VC_FILEKIND_UNKNOWN }, /* ADTS */
	{ BYTES("DKIF\0\0\x20\0VP80"), VC_FILEKIND_IVF },
	{ BYTES("YUV4MPEG2 W2 H2\n"), VC_FILEKIND_Y4M },
	{ BYTES("\x89PNG\r\n\x1a\n"), VC_FILEKIND_IMAGE },
	{ BYTES("\xff\xd8\xff\xe0"), VC_FILEKIND_IMAGE },
	{ BYTES("#EXTM3U\n"), VC_FILEKIND_PLAYLIST },
	{ BYTES("v=0\r\no=- 0 0"), VC_FILEKIND_SDP },
	{ BYTES("v=01"), VC_FILEKIND_TEXT },
	{ BYTES("{\"a\":1}"), VC_FILEKIND_JSON },
	{ BYTES("<?xml version"), VC_FILEKIND_XML },
	{ BYTES("\x1f\x8b\x08"), VC_FILEKIND_GZIP },
	{ BYTES("\xd4\xc3\xb2\xa1\x02\0"), VC_FILEKIND_PCAP },
	{ BYTES("\x0a\x0d\x0d\x0a\x1c"), VC_FILEKIND_PCAP },
	{ BYTES("#!rtpplay1.0 127.0.0.1/5004\n"), VC_FILEKIND_RTPDUMP },
	{ BYTES("MJR00002"), VC_FILEKIND_MJR },
	{ BYTES("MEETECHO\0\5audio"), VC_FILEKIND_MJR },
	{ BYTES("\1\x02v=0\r\no=-"), VC_FILEKIND_VCRTP },
	{ BYTES("\0\0\0\0\1\x02v=0\n"), VC_FILEKIND_VCRTP },
	{ BYTES("\0\0\0\0\0"), VC_FILEKIND_UNKNOWN },
	{ BYTES("\0\3v=0\r"), VC_FILEKIND_UNKNOWN },
};

static void kinds_are_known_by_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(kinds); i++)
		if (vc_filekind_of(kinds[i].p, kinds[i].len) != kinds[i].kind)
			fail_msg("row %zu is %s", i,
				 vc_filekind_name(vc_filekind_of(
					 kinds[i].p, kinds[i].len)));
}

static const struct {
	const uint8_t *p;
	size_t len;
	enum vc_filekind kind;
	uint64_t unit;
} units[] = {
	{ BYTES("\x1a\x45\xdf\xa3\x84"), VC_FILEKIND_MATROSKA, 9 },
	{ BYTES("\x18\x53\x80\x67\x01\0\0\0\0\0\1\0"), VC_FILEKIND_MATROSKA,
	  12 + 256 },
	{ BYTES("\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xfe"),
	  VC_FILEKIND_MATROSKA, 12 + UINT64_C(0xfffffffffffffe) },
	{ BYTES("\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"),
	  VC_FILEKIND_MATROSKA, 0 }, /* unknown */
	{ BYTES("\x18\x53\x80\x67\xff"), VC_FILEKIND_MATROSKA, 0 },
	{ BYTES("\x18\x53\x80\x67\0"), VC_FILEKIND_MATROSKA, 0 },
	{ BYTES("\x18\x53\x80\x67\x40"), VC_FILEKIND_MATROSKA, 0 },
	{ BYTES("\x01\x53\x80\x67\x81"), VC_FILEKIND_MATROSKA, 0 },
	{ BYTES("\0\0\0\x20"
		"ftyp"),
	  VC_FILEKIND_MP4, 32 },
	{ BYTES("\xff\xff\xff\xffmdat"), VC_FILEKIND_MP4, UINT32_MAX },
	{ BYTES("\0\0\0\1mdat\0\0\0\1\0\0\0\0"), VC_FILEKIND_MP4,
	  UINT64_C(1) << 32 },
	{ BYTES("\0\0\0\1mdat\0\0\0\0\0\0\0\xf"), VC_FILEKIND_MP4, 0 },
	{ BYTES("\0\0\0\1mdat\0\0\0\0"), VC_FILEKIND_MP4, 0 },
	{ BYTES("\0\0\0\0mdat"), VC_FILEKIND_MP4, 0 }, /* to the end */
	{ BYTES("\0\0\0\7mdat"), VC_FILEKIND_MP4, 0 },
	{ BYTES("\0\0\0\x20\0\0\0\0"), VC_FILEKIND_MP4, 0 },
	{ BYTES("RIFF\4\0\0\0"), VC_FILEKIND_WAV, 12 },
	{ BYTES("RIFF\xfe\xff\xff\xff"), VC_FILEKIND_AVI,
	  UINT64_C(0x100000006) },
	{ BYTES("RIFF\xff\xff\xff\xff"), VC_FILEKIND_WAV, 0 },
	{ BYTES("RIFF\0\0\0\0"), VC_FILEKIND_WAV, 0 },
	{ BYTES("LIST\4\0\0\0"), VC_FILEKIND_WAV, 0 },
	{ BYTES("OggS\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\xff\1"),
	  VC_FILEKIND_OGG, 29 + 256 },
	{ BYTES("OggS\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\xff"),
	  VC_FILEKIND_OGG, 0 },
	{ BYTES("DKIF\0\0\x20\0"), VC_FILEKIND_IVF, 32 },
	{ BYTES("\0\1\0\0\0\0\0\0"), VC_FILEKIND_IVF, 268 },
	{ BYTES("\xff\xff\xff\xff"), VC_FILEKIND_IVF, UINT64_C(0x10000000b) },
	{ BYTES("\xff\xff\xff"), VC_FILEKIND_IVF, 0 },
	{ BYTES("fLaC\0\0\0\x22"), VC_FILEKIND_FLAC, 0 },
};

static void units_say_their_length(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(units); i++) {
		uint64_t unit = vc_filekind_unit(units[i].kind, units[i].p,
						 units[i].len);

		if (unit != units[i].unit)
			fail_msg("row %zu: %llu", i, (unsigned long long)unit);
	}
}

static void only_media_are_media(void **state)
{
	(void)state;
	assert_true(vc_filekind_is_media(VC_FILEKIND_MATROSKA));
	assert_true(vc_filekind_is_media(VC_FILEKIND_Y4M));
	assert_false(vc_filekind_is_media(VC_FILEKIND_TEXT));
	assert_false(vc_filekind_is_media(VC_FILEKIND_IMAGE));
	assert_false(vc_filekind_is_media(VC_FILEKIND_VCRTP));
	for (int k = 0; k < VC_FILEKIND_N; k++)
		assert_non_null(vc_filekind_name(k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_are_known_by_content),
		cmocka_unit_test(units_say_their_length),
		cmocka_unit_test(only_media_are_media),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
