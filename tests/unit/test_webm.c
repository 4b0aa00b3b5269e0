/* SPDX-License-Identifier: MIT */
/* The pieces of a file against octets that were written out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "wire/ebml.h"
#include "wire/opus.h"
#include "wire/webm.h"

#define OCTETS(w, lit)                                                \
	do {                                                          \
		assert_false((w).bad);                                \
		assert_int_equal(vc_wr_len(&(w)), sizeof(lit) - 1);   \
		assert_memory_equal((w).start, lit, sizeof(lit) - 1); \
	} while (0)

static void ticks_are_nearest(void **state)
{
	static const struct {
		int64_t ns, ticks;
	} rows[] = {
		{ 0, 0 },	  { 499999, 0 },
		{ 500000, 1 },	  { 33333333, 33 },
		{ 66666666, 67 }, { -1, 0 },
		{ -500000, 0 },	  { -500001, -1 },
		{ -1500001, -2 }, { INT64_C(86400000000000), 86400000 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_webm_ticks(rows[i].ns), rows[i].ticks);
}

static void blocks_have_their_form(void **state)
{
	uint8_t room[VC_WEBM_BLOCK_CAP];
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	struct vc_webm_block b = {
		.track = 1,
		.rel = 20,
		.is_key = true,
		.len = 3,
		.duration = -1,
	};

	(void)state;
	vc_webm_block(&w, &b);
	OCTETS(w, "\xa3\x87\x81\x00\x14\x80");
	b.is_key = false;
	b.rel = -2;
	b.track = 127; /* one octet of seven ones is not a number */
	b.len = 200;
	w = vc_wr_over(room, sizeof(room));
	vc_webm_block(&w, &b);
	OCTETS(w, "\xa3\x40\xcd\x40\x7f\xff\xfe\x00");
	b = (struct vc_webm_block){
		.track = 2,
		.rel = 967,
		.is_key = false,
		.len = 3,
		.duration = 33,
		.ref = 34,
	};
	w = vc_wr_over(room, sizeof(room));
	vc_webm_block(&w, &b);
	OCTETS(w, "\xa0\x8f\x9b\x81\x21\xfb\x81\xde\xa1\x87\x82\x03\xc7\x00");
	b.is_key = true;
	w = vc_wr_over(room, sizeof(room));
	vc_webm_block(&w, &b);
	OCTETS(w, "\xa0\x8c\x9b\x81\x21\xa1\x87\x82\x03\xc7\x00");
}

static void an_opus_track_says_its_delay(void **state)
{
	uint8_t head[VC_OPUS_HEAD_LEN], room[256];
	struct vc_wr h = vc_wr_over(head, sizeof(head));
	struct vc_wr w = vc_wr_over(room, sizeof(room));
	struct vc_webm_track t = {
		.number = 1,
		.kind = VC_WEBM_AUDIO,
		.codec = "A_OPUS",
		.name = "Zo\xc3\xab",
		.is_default = true,
		.priv = head,
		.priv_len = sizeof(head),
		.codec_delay = 6500000,
		.seek_preroll = 80000000,
		.rate_hz = 48000,
		.channels = 2,
	};

	(void)state;
	vc_opus_head_write(&h, 2, 312);
	OCTETS(h, "OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00");
	vc_webm_tracks(&w, &t, 1);
	OCTETS(w, "\x16\x54\xae\x6b\x10\x00\x00\x60\xae\x10\x00\x00\x5b"
		  "\xd7\x81\x01\x73\xc5\x81\x01\x83\x81\x02\x88\x81\x01"
		  "\x9c\x81\x00\x53\x6e\x84Zo\xc3\xab\x22\xb5\x9c\x83und"
		  "\x86\x86"
		  "A_OPUS\x63\xa2\x93"
		  "OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"
		  "\x56\xaa\x83\x63\x2e\xa0\x56\xbb\x84\x04\xc4\xb4\x00"
		  "\xe1\x10\x00\x00\x0d\xb5\x88\x40\xe7\x70\x00\x00\x00\x00"
		  "\x00\x9f\x81\x02");
}

static void what_is_written_over_keeps_its_length(void **state)
{
	static const int64_t durations[] = { 0, 1, 10000, INT64_C(1) << 40 };
	static const uint64_t cues[] = { 0, 1, UINT64_C(1) << 40 };
	uint8_t room[256];
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(durations); i++) {
		struct vc_wr w = vc_wr_over(room, sizeof(room));

		vc_webm_info(&w, "vc", durations[i]);
		assert_false(w.bad);
		if (i)
			assert_int_equal(vc_wr_len(&w), len);
		len = vc_wr_len(&w);
	}
	for (size_t i = 0; i < VC_COUNT(cues); i++) {
		struct vc_wr w = vc_wr_over(room, sizeof(room));

		vc_webm_seek_head(&w, 92, 128, cues[i / 2], cues[i % 2]);
		assert_false(w.bad);
		assert_int_equal(vc_wr_len(&w), VC_WEBM_SEEK_HEAD_LEN);
	}
}

static void cues_fit_their_room(void **state)
{
	struct vc_webm_cue cue[3];
	uint8_t room[256];
	size_t cap = vc_webm_cues_cap(VC_COUNT(cue));
	struct vc_wr w = vc_wr_over(room, cap);

	(void)state;
	for (size_t i = 0; i < VC_COUNT(cue); i++)
		cue[i] = (struct vc_webm_cue){
			.ticks = INT64_MAX,
			.cluster = VC_EBML_MAX,
			.track = VC_WEBM_MAX_TRACKS,
		};
	assert_true(cap <= sizeof(room));
	vc_webm_cues(&w, cue, VC_COUNT(cue));
	assert_false(w.bad);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_are_nearest),
		cmocka_unit_test(blocks_have_their_form),
		cmocka_unit_test(an_opus_track_says_its_delay),
		cmocka_unit_test(what_is_written_over_keeps_its_length),
		cmocka_unit_test(cues_fit_their_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
