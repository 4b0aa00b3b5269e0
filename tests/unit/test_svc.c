/* SPDX-License-Identifier: MIT */
/* Which packets of layers pass, as what, and when one may go up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "session/svc.h"
#include "wire/vp8.h"
#include "wire/vp9.h"

static void words_are_read(void **state)
{
	static const struct {
		const char *word;
		int err, sid, tid;
	} rows[] = {
		{ "L1T1", 0, 0, 0 },	   { "L1T3", 0, 0, 2 },
		{ "L3T2", 0, 2, 1 },	   { "L8T8", 0, 7, 7 },
		{ "", -EINVAL, 9, 9 },	   { "L", -EINVAL, 9, 9 },
		{ "L1", -EINVAL, 9, 9 },   { "L1T", -EINVAL, 9, 9 },
		{ "L0T1", -EINVAL, 9, 9 }, { "L1T0", -EINVAL, 9, 9 },
		{ "L9T1", -EINVAL, 9, 9 }, { "L1T9", -EINVAL, 9, 9 },
		{ "l1t1", -EINVAL, 9, 9 }, { "L1T3h", -EINVAL, 9, 9 },
		{ "S2T1", -EINVAL, 9, 9 }, { " L1T1", -EINVAL, 9, 9 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_svc_top top = { 9, 9 };

		if (vc_svc_parse(&top, rows[i].word) != rows[i].err)
			fail_msg("'%s'", rows[i].word);
		assert_int_equal(top.sid, rows[i].sid);
		assert_int_equal(top.tid, rows[i].tid);
	}
}

#define BYTES(s) (const uint8_t *)(s), sizeof(s) - 1
#define VP8_KEY "\x10\x02\x00\x9d\x01\x2a\x40\x01\xb4\x00zz"
#define VP8_INTER "\x11\x02\x00zz"

static void payloads_say_where_they_belong(void **state)
{
	static const struct {
		enum vc_codec codec;
		const uint8_t *p;
		size_t len;
		int tid, sid, tl0picidx; /* tid -1: malformed */
		bool sync, up, inter, start, end;
	} rows[] = {
		{ VC_CODEC_VP8, BYTES("\x10" VP8_KEY), 0, 0, -1, 0, 0, 0, 1,
		  0 },
		{ VC_CODEC_VP8, BYTES("\x10" VP8_INTER), 0, 0, -1, 0, 0, 1, 1,
		  0 },
		{ VC_CODEC_VP8, BYTES("\x00zz"), 0, 0, -1, 0, 0, 1, 0, 0 },
		{ VC_CODEC_VP8, BYTES("\x90\x60\x07\x80" VP8_INTER), 2, 0, 7, 0,
		  0, 1, 1, 0 },
		{ VC_CODEC_VP8, BYTES("\x90\x60\x07\xa0" VP8_INTER), 2, 0, 7, 1,
		  0, 1, 1, 0 },
		/* The base is in sync with itself: that says nothing. */
		{ VC_CODEC_VP8, BYTES("\x90\x60\x07\x20" VP8_INTER), 0, 0, 7, 0,
		  0, 1, 1, 0 },
		/* A number of the base, and no layer. */
		{ VC_CODEC_VP8, BYTES("\x90\x40\x07" VP8_INTER), 0, 0, -1, 0, 0,
		  1, 1, 0 },
		{ VC_CODEC_VP8, BYTES("\x90\x60\x07"), -1, 0, 0, 0, 0, 0, 0,
		  0 },
		{ VC_CODEC_VP8, BYTES(""), -1, 0, 0, 0, 0, 0, 0, 0 },
		{ VC_CODEC_VP9, BYTES("\x0czz"), 0, 0, -1, 0, 0, 0, 1, 1 },
		{ VC_CODEC_VP9, BYTES("\x48zz"), 0, 0, -1, 0, 0, 1, 1, 0 },
		{ VC_CODEC_VP9, BYTES("\x64\x53\x07zz"), 2, 1, 7, 0, 1, 1, 0,
		  1 },
		{ VC_CODEC_VP9, BYTES("\x28\xee\x07zz"), 7, 7, 7, 0, 0, 0, 1,
		  0 },
		{ VC_CODEC_VP9, BYTES("\x64\x53"), -1, 0, 0, 0, 0, 0, 0, 0 },
		{ VC_CODEC_H264, BYTES("\x64\x53"), 0, 0, -1, 0, 0, 1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_svc_layer l;
		int err = vc_svc_layer_read(&l, rows[i].codec, rows[i].p,
					    rows[i].len);

		if (err != (rows[i].tid < 0 ? -EBADMSG : 0))
			fail_msg("row %zu: %d", i, err);
		if (err)
			continue;
		if (l.tid != rows[i].tid || l.sid != rows[i].sid ||
		    l.tl0picidx != rows[i].tl0picidx ||
		    l.is_sync != rows[i].sync || l.is_up != rows[i].up ||
		    l.is_inter != rows[i].inter ||
		    l.has_start != rows[i].start || l.has_end != rows[i].end)
			fail_msg("row %zu", i);
	}
}

/* Packets of one source, and what went on of them. */
struct rig {
	enum vc_codec codec;
	struct vc_svc s;
	uint8_t buf[64];
	struct vc_rtp rtp;
	uint16_t seq; /* of the next, in and out */
	uint16_t next;
};

static void begin(struct rig *r, enum vc_codec codec, const char *top)
{
	struct vc_svc_top t;

	*r = (struct rig){ .codec = codec, .seq = 65530, .next = 65530 };
	r->rtp.ts = UINT32_MAX - 9000; /* both wrap */
	assert_int_equal(vc_svc_parse(&t, top), 0);
	vc_svc_init(&r->s, t);
}

static void want(struct rig *r, const char *top)
{
	struct vc_svc_top t;

	assert_int_equal(vc_svc_parse(&t, top), 0);
	vc_svc_want(&r->s, t);
}

/* The packet in 'rtp': numbers close up. */
static bool pass(struct rig *r, bool marker)
{
	bool passes;

	r->rtp.seq = r->seq;
	r->rtp.marker = marker;
	r->seq++;
	passes = vc_svc_pass(&r->s, r->codec, &r->rtp);
	if (passes) {
		assert_int_equal(r->rtp.seq, r->next);
		r->next++;
	}
	return passes;
}

static void fill_vp8(struct rig *r, int tid, bool is_sync, bool is_key)
{
	const struct vc_vp8_desc d = { .start = true,
				       .picture_id = 1,
				       .tl0picidx = 1,
				       .tid = tid,
				       .layer_sync = is_sync,
				       .keyidx = -1 };
	struct vc_wr w = vc_wr_over(r->buf, sizeof(r->buf));

	vc_vp8_desc_write(&w, &d);
	if (is_key)
		vc_wr_bytes(&w, VP8_KEY, 12);
	else
		vc_wr_bytes(&w, VP8_INTER, 5);
	r->rtp.payload = r->buf;
	r->rtp.payload_len = vc_wr_len(&w);
}

static void fill_vp9(struct rig *r, int tid, int sid, bool is_up, bool is_inter)
{
	const struct vc_vp9_desc d = { .start = true,
				       .end = true,
				       .inter = is_inter,
				       .picture_id = 1,
				       .tl0picidx = 1,
				       .tid = tid,
				       .sid = sid,
				       .switch_up = is_up,
				       .inter_layer = sid > 0 };
	struct vc_wr w = vc_wr_over(r->buf, sizeof(r->buf));

	vc_vp9_desc_write(&w, &d);
	vc_wr_bytes(&w, "zz", 2);
	r->rtp.payload = r->buf;
	r->rtp.payload_len = vc_wr_len(&w);
}

/*
 * Temporal layers: a word a picture. K: a key picture; a digit: its layer; s:
 * in sync, u: one may go up behind it; ^ and a digit: so many are wanted now.
 */
static void temporal_layers_pass(void **state)
{
	static const struct {
		enum vc_codec codec;
		const char *top, *in, *out;
	} rows[] = {
		{ VC_CODEC_VP8, "L1T1", "K 2s 1s 2 0 2s 1s 2", "10001000" },
		{ VC_CODEC_VP8, "L1T2", "K 2s 1s 2 0 2s 1s 2", "10101010" },
		{ VC_CODEC_VP8, "L1T3", "K 2s 1s 2 0 2s 1s 2", "11111111" },
		{ VC_CODEC_VP8, "L8T8", "K 2 1 2 0 2 1 2", "11111111" },
		/* Down at once, up where it is in sync. */
		{ VC_CODEC_VP8, "L1T3", "K 2s 1s 2 ^1 0 2s 1s 2", "11111000" },
		{ VC_CODEC_VP8, "L1T3", "K 2s ^1 1s 2 0", "11001" },
		{ VC_CODEC_VP8, "L1T1", "K 2s 1s 2 ^3 0 2 1 2 0 2s 1s 2",
		  "100010001111" },
		/* Layer 2 may refer to layer 1, which is not there yet. */
		{ VC_CODEC_VP8, "L1T1", "K 2 1 2 ^3 0 2s 1 2 0 2 1s 2 2s 2",
		  "10001100101011" },
		{ VC_CODEC_VP8, "L1T1", "K 1 ^2 0 1 K 1 0 1", "10101111" },
		/* Without a key picture before it: what is in sync. */
		{ VC_CODEC_VP8, "L1T3", "2 1 2 0 2 1s 2s 2", "00010111" },
		{ VC_CODEC_VP8, "L1T2", "K 1 2 1", "1101" },
		{ VC_CODEC_VP9, "L1T1", "K 2u 1u 2u 0u 2u", "100010" },
		{ VC_CODEC_VP9, "L1T3", "K 2u 1u 2u 0u 2u", "111111" },
		{ VC_CODEC_VP9, "L1T1", "K 2 1 2 ^3 0 2 1 2 0u 2 1 2",
		  "100010001111" },
		{ VC_CODEC_VP9, "L1T1", "K 2 1 ^2 0u 2 1u ^3 2 1", "10010111" },
		{ VC_CODEC_VP9, "L1T1", "K 1 ^2 0 1u 1 K 1", "1010011" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		char in[80], got[40] = "", top[] = "L1T1", *rest = in;
		struct rig r;
		size_t n = 0;

		begin(&r, rows[i].codec, rows[i].top);
		strcpy(in, rows[i].in);
		for (char *w; (w = strsep(&rest, " "));) {
			int tid = *w == 'K' ? 0 : *w - '0';

			if (*w == '^') {
				top[3] = w[1];
				want(&r, top);
				continue;
			}
			r.rtp.ts += 3000;
			if (r.codec == VC_CODEC_VP8)
				fill_vp8(&r, tid, w[1] == 's', *w == 'K');
			else
				fill_vp9(&r, tid, 0, w[1] == 'u', *w != 'K');
			got[n++] = pass(&r, true) ? '1' : '0';
		}
		if (strcmp(got, rows[i].out))
			fail_msg("row %zu: %s: %s", i, rows[i].in, got);
		assert_int_equal(r.s.passed + r.s.dropped, n);
	}
}

/* A picture of three spatial layers: which pass, and which has the marker. */
static void picture(struct rig *r, bool is_key, const char *expected)
{
	char got[8] = "...";

	r->rtp.ts += 3000;
	for (int sid = 0; sid < 3; sid++) {
		fill_vp9(r, 0, sid, true, !is_key);
		if (pass(r, sid == 2))
			got[sid] = r->rtp.marker ? 'M' : '1';
	}
	if (strcmp(got, expected))
		fail_msg("%s, not %s", got, expected);
}

static void spatial_layers_pass(void **state)
{
	struct rig r;

	(void)state;
	begin(&r, VC_CODEC_VP9, "L1T1");
	picture(&r, false, "M.."); /* the base is all we know */
	assert_false(vc_svc_wants_key(&r.s));
	picture(&r, true, "M..");
	want(&r, "L3T1");
	picture(&r, false, "M..");
	assert_true(vc_svc_wants_key(&r.s));
	want(&r, "L1T1");
	picture(&r, false, "M..");
	assert_false(vc_svc_wants_key(&r.s));
	want(&r, "L2T1");
	picture(&r, false, "M..");
	assert_true(vc_svc_wants_key(&r.s));
	want(&r, "L3T1");
	picture(&r, true, "11M");
	assert_false(vc_svc_wants_key(&r.s));
	picture(&r, false, "11M");
	want(&r, "L2T1");
	picture(&r, false, "1M.");
	picture(&r, true, "1M.");
	want(&r, "L8T1");
	picture(&r, false, "1M.");
	picture(&r, true, "11M");
	assert_false(vc_svc_wants_key(&r.s));
	picture(&r, false, "11M");
	want(&r, "L1T1");
	picture(&r, true, "M..");
}

/* What is wanted in the middle of a picture holds from the next on. */
static void pictures_stay_whole(void **state)
{
	struct rig r;

	(void)state;
	begin(&r, VC_CODEC_VP9, "L3T1");
	for (int i = 0; i < 3; i++) {
		r.rtp.ts += 3000;
		want(&r, i ? "L1T1" : "L3T1");
		for (int sid = 0; sid < 3; sid++) {
			fill_vp9(&r, 0, sid, true, i);
			assert_int_equal(pass(&r, sid == 2), !sid || !i);
			want(&r, i ? "L3T1" : "L1T1");
		}
	}
}

/* What is decided of a picture holds for all of its packets. */
static void late_packets_go_with_their_picture(void **state)
{
	struct vc_svc_top top = { 0, 0 };
	struct vc_svc s;
	struct rig r;
	struct vc_rtp rtp;
	uint8_t seen[8] = { 0 };
	/* Sequence number, picture, layer; expected number, -1: dropped. */
	static const struct {
		uint16_t seq;
		uint8_t picture, tid;
		int out;
	} rows[] = {
		{ 1, 0, 0, 1 },	 { 2, 1, 2, -1 }, { 4, 2, 1, -1 },
		{ 6, 4, 0, 4 }, /* 3 and 5 have not come */
		{ 3, 1, 2, -1 }, { 5, 3, 2, -1 }, { 7, 4, 0, 5 },
		{ 8, 5, 2, -1 }, { 9, 6, 0, 6 },  { 6, 4, 0, 4 },
	};

	(void)state;
	begin(&r, VC_CODEC_VP8, "L1T1");
	vc_svc_init(&s, top);
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		fill_vp8(&r, rows[i].tid, false, !rows[i].picture);
		rtp = (struct vc_rtp){ .seq = rows[i].seq,
				       .ts = 3000u * rows[i].picture,
				       .payload = r.rtp.payload,
				       .payload_len = r.rtp.payload_len };
		assert_int_equal(vc_svc_pass(&s, VC_CODEC_VP8, &rtp),
				 rows[i].out >= 0);
		if (rows[i].out >= 0)
			assert_int_equal(rtp.seq, rows[i].out);
		if (rows[i].out >= 0 && i + 1 < VC_COUNT(rows))
			assert_int_equal(seen[rtp.seq]++, 0);
	}
}

/* A picture that comes after the next one changes nothing for others. */
static void late_pictures_change_nothing(void **state)
{
	struct rig r;

	(void)state;
	begin(&r, VC_CODEC_VP8, "L1T2");
	fill_vp8(&r, 0, false, true);
	r.rtp.ts = 90000;
	assert_true(pass(&r, true));
	fill_vp8(&r, 1, false, false);
	r.rtp.ts = 93000;
	assert_true(pass(&r, true));
	/* From before it, and not wanted for a moment. */
	want(&r, "L1T1");
	fill_vp8(&r, 1, true, false);
	r.rtp.ts = 91500;
	assert_false(pass(&r, true));
	want(&r, "L1T2");
	fill_vp8(&r, 1, false, false);
	r.rtp.ts = 96000;
	assert_true(pass(&r, true));
	/* Another beginning, long before: it is followed. */
	want(&r, "L1T1");
	fill_vp8(&r, 1, false, false);
	r.rtp.ts -= 20 * 90000;
	assert_false(pass(&r, true));
	want(&r, "L1T2");
	fill_vp8(&r, 1, false, false);
	r.rtp.ts += 3000;
	assert_false(pass(&r, true));
	fill_vp8(&r, 1, true, false);
	r.rtp.ts += 3000;
	assert_true(pass(&r, true));
}

static void what_has_no_layers_passes(void **state)
{
	static const enum vc_codec codecs[] = { VC_CODEC_VP8, VC_CODEC_VP9,
						VC_CODEC_H264, VC_CODEC_AV1 };
	static const struct {
		const uint8_t *p;
		size_t len;
	} rows[] = { { BYTES("") }, { BYTES("\xff") }, { BYTES("\x10zz") } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(codecs); i++) {
		struct rig r;

		begin(&r, codecs[i], "L1T1");
		for (size_t k = 0; k < VC_COUNT(rows); k++) {
			r.rtp.payload = rows[k].p;
			r.rtp.payload_len = rows[k].len;
			r.rtp.ts += 3000;
			assert_true(pass(&r, k & 1));
			assert_int_equal(r.rtp.marker, k & 1);
			want(&r, "L3T3");
			assert_false(vc_svc_wants_key(&r.s));
		}
	}
}

/* A jump back of sequence numbers: they close up behind it as before. */
static void another_beginning_closes_up(void **state)
{
	struct rig r;

	(void)state;
	begin(&r, VC_CODEC_VP8, "L1T1");
	for (int i = 0; i < 200; i++) {
		fill_vp8(&r, i & 1, false, !i);
		r.rtp.ts += 3000;
		assert_int_equal(pass(&r, true), !(i & 1));
		if (i != 99)
			continue;
		r.seq = (uint16_t)(r.seq - 10000);
		r.next = (uint16_t)(r.next - 10000);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read),
		cmocka_unit_test(payloads_say_where_they_belong),
		cmocka_unit_test(temporal_layers_pass),
		cmocka_unit_test(spatial_layers_pass),
		cmocka_unit_test(pictures_stay_whole),
		cmocka_unit_test(late_packets_go_with_their_picture),
		cmocka_unit_test(late_pictures_change_nothing),
		cmocka_unit_test(what_has_no_layers_passes),
		cmocka_unit_test(another_beginning_closes_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
