/* SPDX-License-Identifier: MIT */
/* Packets to units, and units of several sources into one track. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/reel.h"
#include "unitsfeed.h"

#define WAIT VC_UNITS_WAIT

/* 20 ms of Opus: SILK, one frame. */
static void put_sound(struct vc_units *u, uint16_t seq, int64_t arrival)
{
	const uint8_t opus[] = { 0x48, (uint8_t)seq, 1, 2 };

	put(u, seq, (uint32_t)seq * 960, false, opus, sizeof(opus), arrival);
}

static struct vc_units *begin(enum vc_codec codec)
{
	int err;
	struct vc_units *u = vc_units_new(codec, WAIT, &err);

	assert_non_null(u);
	return u;
}

/* All that is out at 'now', as the last digits of their numbers. */
static void sounds_are(struct vc_units *u, int64_t now, const char *expected)
{
	struct vc_timeline_unit unit;
	char got[32] = "";
	size_t n = 0;

	while (n < sizeof(got) - 1 && vc_units_next(u, now, &unit)) {
		assert_int_equal(unit.n_ts, 960);
		assert_true(unit.is_key);
		got[n] = (char)('0' + unit.data[1] % 10);
		n++;
	}
	assert_string_equal(got, expected);
}

static void sound_is_in_order(void **state)
{
	/* 65530.. wraps: their last octets are 250 .. 255, 0, 1. */
	static const struct {
		uint16_t seq[6];
		const char *out; /* at once */
		const char *later;
		unsigned int gaps, lost;
	} rows[] = {
		{ { 1, 2, 3, 4, 5, 6 }, "123456", "", 0, 0 },
		{ { 1, 3, 2, 4, 6, 5 }, "123456", "", 0, 0 },
		{ { 1, 2, 4, 5, 6, 7 }, "12", "4567", 1, 1 },
		{ { 1, 5, 6, 9, 10, 2 }, "12", "5690", 2, 4 },
		{ { 65534, 0, 65535, 1, 2, 3 }, "450123", "", 0, 0 },
		{ { 65534, 1, 1, 2, 3, 4 }, "4", "1234", 1, 2 },
	};
	struct vc_units_counts c;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vc_units *u = begin(VC_CODEC_OPUS);

		for (size_t k = 0; k < 6; k++)
			put_sound(u, rows[i].seq[k], (int64_t)k);
		sounds_are(u, WAIT - 1, rows[i].out);
		sounds_are(u, 2 * WAIT, rows[i].later);
		vc_units_counts(u, &c);
		assert_int_equal(c.gaps, rows[i].gaps);
		assert_int_equal(c.lost, rows[i].lost);
		assert_int_equal(c.units,
				 strlen(rows[i].out) + strlen(rows[i].later));
		vc_units_free(u);
	}
}

static void what_is_missing_is_before_what_follows(void **state)
{
	static const uint16_t seqs[] = { 65534, 65535, 2, 3, 5 };
	static const uint32_t lost[] = { 0, 0, 2, 0, 1 };
	struct vc_units *u = begin(VC_CODEC_OPUS);
	struct vc_timeline_unit unit;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		put_sound(u, seqs[i], 0);
	for (size_t i = 0; i < 5; i++) {
		assert_true(vc_units_next(u, 2 * WAIT, &unit));
		assert_int_equal(unit.lost, lost[i]);
	}
	vc_units_free(u);
}

/* So many that nothing is known of them. */
static void what_a_jump_passes_over_is_missing(void **state)
{
	struct vc_units *u = begin(VC_CODEC_OPUS);
	struct vc_timeline_unit unit;

	(void)state;
	put_sound(u, 65000, 0);
	assert_true(vc_units_next(u, 0, &unit));
	for (uint16_t i = 0; i < 8; i++)
		put_sound(u, (uint16_t)(65000 + 1000 + i), 0);
	assert_true(vc_units_next(u, 2 * WAIT, &unit));
	assert_int_equal(unit.lost, 999);
	assert_true(vc_units_next(u, 2 * WAIT, &unit));
	assert_int_equal(unit.lost, 0);
	vc_units_free(u);
}

static void the_end_waits_for_nothing(void **state)
{
	struct vc_units *u = begin(VC_CODEC_OPUS);

	(void)state;
	put_sound(u, 1, 0);
	put_sound(u, 3, 0);
	sounds_are(u, 0, "1");
	vc_units_end(u);
	sounds_are(u, 0, "3");
	vc_units_free(u);
}

static void other_formats_keep_their_place(void **state)
{
	struct vc_units *u = begin(VC_CODEC_OPUS);
	struct vc_packet *pkt = vc_packet_new(pool, 100);
	struct vc_rtp rtp = { .pt = 101, .seq = 2, .ts = 960 };
	struct vc_wr w = vc_wr_over(pkt->data, pkt->cap);

	(void)state;
	vc_rtp_write(&w, &rtp);
	vc_wr_u32(&w, 0x01020304); /* telephone-event */
	pkt->len = vc_wr_len(&w);
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	put_sound(u, 1, 0);
	vc_units_put(u, pkt, &rtp, false);
	vc_packet_unref(pkt);
	put_sound(u, 3, 0);
	put(u, 4, 4 * 960, false, "\x4b", 1, 0); /* no Opus packet */
	put_sound(u, 5, 0);
	sounds_are(u, 0, "135");
	vc_units_free(u);
}

/* A frame in two packets; the first octets of a VP8 frame are its header. */
static void put_picture(struct vc_units *u, uint16_t seq, bool is_key,
			unsigned int which, int64_t arrival)
{
	static const uint8_t key[] = { 0x10, 0x50, 0x00, 0x00, 0x9d, 0x01,
				       0x2a, 0x40, 0x01, 0xf0, 0x00 };
	static const uint8_t inter[] = { 0x10, 0x31, 0x00, 0x00, 1, 2, 3 };
	static const uint8_t rest[] = { 0x00, 7, 8, 9 };
	uint32_t ts = (uint32_t)seq / 2 * 3000;

	if (which & 1)
		put(u, seq, ts, false, is_key ? key : inter,
		    is_key ? sizeof(key) : sizeof(inter), arrival);
	if (which & 2)
		put(u, (uint16_t)(seq + 1), ts, true, rest, sizeof(rest),
		    arrival);
}

/* 'K' and 'i' for what is out at 'now'. */
static void pictures_are(struct vc_units *u, int64_t now, const char *expected)
{
	struct vc_timeline_unit unit;
	char got[32] = "";
	size_t n = 0;

	while (n < sizeof(got) - 1 && vc_units_next(u, now, &unit)) {
		got[n] = unit.is_key ? 'K' : 'i';
		n++;
		if (unit.is_key) {
			assert_int_equal(unit.width, 320);
			assert_int_equal(unit.height, 240);
		}
	}
	assert_string_equal(got, expected);
}

static void pictures_go_on_with_a_key_frame(void **state)
{
	struct vc_units *u = begin(VC_CODEC_VP8);
	struct vc_units_counts c;

	(void)state;
	put_picture(u, 0, false, 3, 0); /* before any key frame */
	pictures_are(u, 0, "");
	assert_true(vc_units_wants_key(u));
	put_picture(u, 2, true, 3, 0);
	put_picture(u, 4, false, 3, 0);
	pictures_are(u, 0, "Ki");
	assert_false(vc_units_wants_key(u));
	put_picture(u, 6, false, 1, 0); /* its end is lost */
	put_picture(u, 8, false, 3, 0);
	pictures_are(u, WAIT - 1, "");
	pictures_are(u, WAIT, "");
	assert_true(vc_units_wants_key(u));
	/* Lost are the end of one and the next one, not the key frame. */
	put_picture(u, 12, true, 3, WAIT);
	put_picture(u, 14, false, 3, WAIT);
	pictures_are(u, 3 * WAIT, "Ki");
	vc_units_counts(u, &c);
	assert_int_equal(c.units, 4);
	assert_int_equal(c.lost, 3);
	vc_units_free(u);
}

static void late_packets_complete_a_picture(void **state)
{
	struct vc_units *u = begin(VC_CODEC_VP8);

	(void)state;
	put_picture(u, 2, true, 3, 0);
	put_picture(u, 4, false, 2, 0);
	put_picture(u, 6, false, 3, 0);
	pictures_are(u, WAIT - 1, "K");
	put_picture(u, 4, false, 1, WAIT - 1);
	pictures_are(u, WAIT - 1, "ii");
	vc_units_free(u);
}

/* A key frame and two others of each codec, with its size. */
static void other_codecs_give_units(void **state)
{
	static const struct {
		enum vc_codec codec;
		const char *key, *inter;
		size_t key_len, inter_len;
		size_t len; /* of the key frame out */
	} rows[] = {
		{ VC_CODEC_VP9, "\x0c\x82\x49\x83\x42\x00\x14\x10\x0b\x56\x06z",
		  "\x0c\x86\x00\x40\x92\x9cz", 12, 7, 11 },
		{ VC_CODEC_H264,
		  "\x78\x00\x19\x67\x42\xc0\x0c\xda\x05\x46\x78\x89\xb0\x11"
		  "\x00\x00\x03\x00\x01\x00\x00\x03\x00\x1e\x0f\x14\x2a\xa0"
		  "\x00\x04\x68\xce\x0f\xc8\x00\x04\x65\x88\x84z",
		  "\x41\x9a\x21\xa0", 40, 4, 45 },
		{ VC_CODEC_AV1,
		  "\x28\x0c\x08\x00\x00\x00\x04\x3d\x06\xd4\xda\xf9\x00\x40"
		  "\x30\x10z",
		  "\x10\x30\x30z", 17, 4, 17 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vc_units *u = begin(rows[i].codec);
		struct vc_timeline_unit unit;

		for (uint16_t k = 0; k < 3; k++)
			put(u, (uint16_t)(65534 + k), 3000u * k, true,
			    k ? rows[i].inter : rows[i].key,
			    k ? rows[i].inter_len : rows[i].key_len, 0);
		assert_true(vc_units_next(u, 0, &unit));
		assert_true(unit.is_key);
		assert_int_equal(unit.width, 322);
		assert_int_equal(unit.height, 182);
		assert_int_equal(unit.len, rows[i].len);
		assert_true(vc_units_next(u, 0, &unit));
		assert_false(unit.is_key);
		assert_true(vc_units_next(u, 0, &unit));
		assert_false(vc_units_next(u, 0, &unit));
		vc_units_free(u);
	}
}

static void unknown_codecs_are_refused(void **state)
{
	int err = 0;

	(void)state;
	assert_null(vc_units_new(VC_CODEC_RED, WAIT, &err));
	assert_int_equal(err, -95); /* ENOTSUP */
	assert_false(vc_units_can(VC_CODEC_RTX));
}

static void sound_says_how_long_it_lasts(void **state)
{
	static const struct {
		enum vc_codec codec;
		unsigned int channels;
		size_t len;
		uint32_t n_ts; /* 0: malformed */
	} rows[] = {
		{ VC_CODEC_PCMU, 1, 160, 160 }, { VC_CODEC_PCMA, 1, 1, 1 },
		{ VC_CODEC_G722, 1, 160, 160 }, { VC_CODEC_L16, 1, 160, 80 },
		{ VC_CODEC_L16, 2, 160, 40 },	{ VC_CODEC_L16, 2, 162, 0 },
		{ VC_CODEC_L16, 1, 3, 0 },	{ VC_CODEC_L16, 0, 2, 1 },
	};
	static const uint8_t octets[200];
	struct vc_units_counts c;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_units *u = begin(rows[i].codec);
		struct vc_timeline_unit unit;

		vc_units_set_channels(u, rows[i].channels);
		put(u, 7, 100, false, octets, rows[i].len, 0);
		if (rows[i].n_ts) {
			assert_true(vc_units_next(u, 0, &unit));
			assert_int_equal(unit.n_ts, rows[i].n_ts);
			assert_int_equal(unit.len, rows[i].len);
		}
		assert_false(vc_units_next(u, 0, &unit));
		vc_units_counts(u, &c);
		assert_int_equal(c.malformed, !rows[i].n_ts);
		vc_units_free(u);
	}
}

/* --- the reel --- */

struct shelf {
	unsigned int n_tracks;
	char written[64]; /* a digit a unit: its track */
	size_t n;
	uint64_t gone; /* sources below it are not here */
};

static int shelf_add(void *c, const struct vc_track_info *info,
		     unsigned int *track)
{
	struct shelf *s = c;

	(void)info;
	*track = s->n_tracks;
	s->n_tracks++;
	return 0;
}

static int shelf_write(void *c, const struct vc_container_unit *u)
{
	struct shelf *s = c;

	s->written[s->n] = (char)('0' + u->track);
	s->n++;
	return 0;
}

static bool is_here(void *ctx, uint64_t source)
{
	const struct shelf *s = ctx;

	return source >= s->gone;
}

static const struct vc_container_ops shelf_ops = {
	.name = "shelf",
	.add = shelf_add,
	.write = shelf_write,
};

static unsigned int add(struct vc_reel *r, uint64_t source, uint64_t owner,
			enum vc_track_kind kind)
{
	const struct vc_track_info info = {
		.kind = kind,
		.codec = kind == VC_TRACK_AUDIO ? "opus" : "VP8",
		.source = source,
		.owner = owner,
	};
	unsigned int track;

	assert_int_equal(vc_reel_ops.add(r, &info, &track), 0);
	return track;
}

static void write_unit(struct vc_reel *r, unsigned int track, int64_t time,
		       bool is_key)
{
	const struct vc_container_unit u = {
		.track = track,
		.time = time * VC_MS,
		.duration = 20 * VC_MS,
		.is_key = is_key,
		.len = 10,
	};

	assert_int_equal(vc_reel_ops.write(r, &u), 0);
}

static void who_comes_back_has_his_track(void **state)
{
	struct shelf shelf = { 0 };
	struct vc_reel r = { .ops = &shelf_ops,
			     .container = &shelf,
			     .is_here = is_here,
			     .ctx = &shelf };

	(void)state;
	assert_int_equal(add(&r, 0, 7, VC_TRACK_VIDEO), 0);
	assert_int_equal(add(&r, 1, 7, VC_TRACK_AUDIO), 1);
	assert_int_equal(add(&r, 2, 7, VC_TRACK_VIDEO), 2); /* his slides */
	assert_int_equal(add(&r, 3, 8, VC_TRACK_AUDIO), 3);
	write_unit(&r, 0, 0, true);
	write_unit(&r, 0, 33, false);
	shelf.gone = 2; /* 0 and 1 */
	assert_int_equal(add(&r, 4, 7, VC_TRACK_VIDEO), 0);
	assert_int_equal(add(&r, 5, 9, VC_TRACK_AUDIO), 4); /* not his */
	assert_int_equal(add(&r, 6, 7, VC_TRACK_AUDIO), 1);
	write_unit(&r, 0, 20, true);  /* before the last one */
	write_unit(&r, 0, 50, false); /* before a key frame */
	write_unit(&r, 0, 60, true);
	write_unit(&r, 0, 90, false);
	write_unit(&r, 1, 5, true);
	assert_string_equal(shelf.written, "00001");
	assert_int_equal(r.tracks[0].dropped, 2);
	assert_int_equal(r.tracks[0].units, 4);
	assert_int_equal(r.tracks[1].first, 5 * VC_MS);
	/* 5 turns out to be the owner 8's second microphone. */
	vc_reel_set_owner(&r, 5, 8);
	shelf.gone = 6;
	assert_int_equal(add(&r, 7, 8, VC_TRACK_AUDIO), 3);
	assert_int_equal(add(&r, 8, 8, VC_TRACK_AUDIO), 4);
	for (uint64_t i = 0; i < 40; i++)
		assert_int_equal(add(&r, 9 + i, 100 + i, VC_TRACK_AUDIO),
				 5 + i);
	vc_reel_clear(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		T(sound_is_in_order),
		T(what_is_missing_is_before_what_follows),
		T(what_a_jump_passes_over_is_missing),
		T(the_end_waits_for_nothing),
		T(other_formats_keep_their_place),
		T(pictures_go_on_with_a_key_frame),
		T(late_packets_complete_a_picture),
		T(other_codecs_give_units),
		T(unknown_codecs_are_refused),
		T(sound_says_how_long_it_lasts),
		T(who_comes_back_has_his_track),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
