/* SPDX-License-Identifier: MIT */
/* What is sent on of several sources is one source to whoever gets it. */
#include "base/mem.h"
#include "forwardrig.h"
#include "wire/rtpext.h"

/* --- one source --- */

static void one_source_goes_on_octet_for_octet(void **state)
{
	struct rig r;

	(void)state;
	open_rig(&r, VC_CODEC_VP8, 90000);
	change(&r, 0, T0);
	for (uint16_t i = 0; i < 300; i++) {
		struct unit u = vp8(7, (uint16_t)(65400 + i), 100 + i, !i);
		struct vc_rtp rtp;
		struct vc_packet *pkt;

		/* Ids of 7 bits wrap at 128. */
		u.is_long = false;
		u.id &= 127;
		pkt = packet_of(&r, &u, T0 + i * 33 * MS, &rtp);
		assert_true(write_one(&r, &rtp, pkt->arrival));
		assert_int_equal(r.out.payload_len, rtp.payload_len);
		assert_memory_equal(r.out.payload, rtp.payload,
				    rtp.payload_len);
		assert_int_equal(r.out.ssrc, r.f.splice.sender.ssrc);
		assert_int_equal(r.out.pt, 96);
		assert_int_equal(r.out.n_csrc, 1);
		assert_int_equal(r.out.csrc[0], 7);
		vc_packet_unref(pkt);
	}
	close_rig(&r);
}

static void what_is_long_has_no_csrc(void **state)
{
	struct unit u = vp8(7, 1, 1, true);
	struct rig r;

	(void)state;
	open_rig(&r, VC_CODEC_VP8, 90000);
	change(&r, 0, T0);
	u.len = 1460;
	assert_true(put(&r, &u, T0));
	assert_int_equal(r.out.n_csrc, 0);
	close_rig(&r);
}

/* --- extensions --- */

static void extensions_that_mean_the_same_go_along(void **state)
{
	static const uint8_t level = 0x80 | 33, mid = 'm';
	static const uint8_t time[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	const struct vc_forward_exts ids = { 11, 12, 0 };
	uint8_t block[32];
	struct vc_wr w = vc_wr_over(block, sizeof(block));
	struct vc_audio_level got;
	struct vc_rtp in = { .has_ext = true,
			     .ext_profile = VC_RTP_EXT_ONE,
			     .ext = block,
			     .payload = (const uint8_t *)"\x78 sound",
			     .payload_len = 7,
			     .header_len = 12 };
	const uint8_t *p;
	struct rig r;
	size_t len;

	(void)state;
	open_rig(&r, VC_CODEC_OPUS, 48000);
	change(&r, 0, T0);
	vc_ext_write(&w, 11, &level, 1);
	vc_ext_write(&w, 4, &mid, 1);
	vc_ext_write(&w, 12, time, 8);
	in.ext_len = vc_wr_len(&w);
	w = vc_wr_over(r.octets, sizeof(r.octets));
	assert_true(vc_forward_write(&r.f, &w, &in, T0, &ids));
	assert_int_equal(vc_rtp_parse(&r.out, r.octets, vc_wr_len(&w)), 0);
	assert_true(vc_ext_audio_level(&r.out, VC_EXT_AUDIO_LEVEL, &got));
	assert_true(got.voice && got.level == 33);
	assert_true(vc_ext_find(&r.out, VC_EXT_ABS_CAPTURE_TIME, &p, &len));
	assert_memory_equal(p, time, 8);
	/* MID, and whatever the ids of the input mean here. */
	assert_false(vc_ext_find(&r.out, 4, NULL, NULL));
	assert_false(vc_ext_find(&r.out, 11, NULL, NULL));
	close_rig(&r);
}

/* --- sound --- */

static struct unit opus(uint32_t ssrc, uint16_t seq, uint32_t ts)
{
	/* Its first octet is the low one of 'seq': 0x78 is 20 ms of CELT. */
	return (struct unit){ .ssrc = ssrc, .seq = seq, .ts = ts, .len = 20 };
}

/* Wherever the new one's frames begin, they go on behind a whole one. */
static void sound_changes_on_a_grid(void **state)
{
	static const struct {
		int64_t later; /* than right behind, of the new one's frame */
		uint32_t step;
	} rows[] = {
		{ 0, 960 },	  { 7 * MS, 960 },   { -7 * MS, 960 },
		{ 19 * MS, 960 }, { 60 * MS, 3840 }, { -19 * MS, 960 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct unit u = opus(7, 0x78, 0xfffffc40);
		struct rig r;
		uint32_t ts;
		uint16_t seq;

		open_rig(&r, VC_CODEC_OPUS, 48000);
		change(&r, u.ts, T0);
		assert_true(put(&r, &u, T0));
		assert_true(r.out.marker); /* talk begins */
		u = opus(7, 0x178, u.ts + 960);
		assert_true(put(&r, &u, T0 + 20 * MS));
		assert_false(r.out.marker);
		ts = r.out.ts;
		seq = r.out.seq;
		u = opus(8, 0x478, 5000);
		hold(&r, &u, T0 + 40 * MS);
		assert_true(vc_forward_is_ready(&r.f, NULL, T0 + 40 * MS));
		assert_int_equal(change(&r, 5000, T0 + 40 * MS + rows[i].later),
				 1);
		assert_int_equal(r.out.ts - ts, rows[i].step);
		assert_int_equal((uint16_t)(r.out.seq - seq), 1);
		assert_int_equal(r.out.csrc[0], 8);
		assert_true(r.out.marker);
		close_rig(&r);
	}
}

static void padding_leaves_no_gap(void **state)
{
	struct unit u = vp8(7, 1, 1, true);
	struct vc_rtp pad = { .ssrc = 7, .seq = 2, .ts = 3000 };
	struct rig r;
	uint16_t seq;

	(void)state;
	open_rig(&r, VC_CODEC_VP8, 90000);
	change(&r, 0, T0);
	assert_true(put(&r, &u, T0));
	seq = r.out.seq;
	assert_false(write_one(&r, &pad, T0));
	u = vp8(7, 3, 2, false);
	assert_true(put(&r, &u, T0 + 33 * MS));
	assert_int_equal((uint16_t)(r.out.seq - seq), 1);
	close_rig(&r);
}

/* --- pictures --- */

/* Ids of 15 bits, of 7, and none, each after each: as one encoder's. */
static void ids_go_on(void **state)
{
	static const struct {
		int id;
		bool is_long;
		int tl0;
	} from[] = { { 32766, true, 254 },
		     { 126, false, 3 },
		     { 5, true, -1 },
		     { 0, false, 255 },
		     { 99, true, 0 } };
	struct rig r;
	int last_id = -1, last_tl0 = -1;
	uint16_t last_seq = 0;

	(void)state;
	open_rig(&r, VC_CODEC_VP8, 90000);
	for (size_t i = 0; i < VC_COUNT(from); i++) {
		for (uint16_t k = 0; k < 5; k++) {
			struct unit u =
				vp8((uint32_t)i, (uint16_t)(i * 7 + k),
				    (from[i].id + k) &
					    (from[i].is_long ? 0x7fff : 0x7f),
				    !k);
			int64_t now = T0 + (int64_t)(i * 5 + k) * 33 * MS;
			struct vc_vp8_desc d;

			u.is_long = from[i].is_long;
			u.tid = from[i].tl0 < 0 ? -1 : 0;
			u.tl0 = from[i].tl0 < 0 ? -1 : (from[i].tl0 + k) & 255;
			if (k) {
				assert_true(put(&r, &u, now));
			} else {
				hold(&r, &u, now);
				assert_int_equal(change(&r, u.ts, now), 1);
			}
			d = vp8_out(&r);
			if (last_id >= 0) {
				assert_int_equal(d.picture_id,
						 (last_id + 1) & 0x7fff);
				assert_int_equal(
					(uint16_t)(r.out.seq - last_seq), 1);
			}
			if (d.tl0picidx >= 0 && last_tl0 >= 0)
				assert_int_equal(d.tl0picidx,
						 (last_tl0 + 1) & 255);
			last_id = d.picture_id;
			last_seq = r.out.seq;
			if (d.tl0picidx >= 0)
				last_tl0 = d.tl0picidx;
		}
	}
	close_rig(&r);
}

/* Nothing of the new one before its key frame, and that whole. */
static void pictures_change_at_a_key_frame(void **state)
{
	struct unit u = vp8(7, 1, 1, true);
	struct rig r;
	uint16_t seq;

	(void)state;
	open_rig(&r, VC_CODEC_VP8, 90000);
	change(&r, 0, T0);
	assert_true(put(&r, &u, T0));
	seq = r.out.seq;
	u = vp8(8, 10, 50, false);
	hold(&r, &u, T0 + MS);
	assert_false(vc_forward_is_ready(&r.f, NULL, T0 + VC_SEC));
	/* Its packets come in disorder: the first one last. */
	for (int i = 2; i >= 0; i--) {
		u = vp8(8, (uint16_t)(20 + i), 51, true);
		u.ts = 60000;
		u.is_first = !i;
		u.marker = i == 2;
		hold(&r, &u, T0 + 2 * MS);
		assert_int_equal(vc_forward_is_ready(&r.f, NULL, T0 + 2 * MS),
				 !i);
	}
	assert_int_equal(change(&r, 60000, T0 + 2 * MS), 3);
	assert_int_equal((uint16_t)(r.out.seq - seq), 3);
	assert_true(r.out.marker);
	assert_int_equal(vp8_out(&r).picture_id, 2);
	close_rig(&r);
}

/* The picture before it is sent to its end, unless that takes too long. */
static void half_a_picture_is_waited_for(void **state)
{
	struct unit u = vp8(7, 1, 1, true);
	struct vc_rtp rtp = { .ts = 3000 };
	struct rig r;

	(void)state;
	open_rig(&r, VC_CODEC_VP8, 90000);
	change(&r, 0, T0);
	u.marker = false;
	assert_true(put(&r, &u, T0));
	u = vp8(8, 20, 51, true);
	u.ts = 60000;
	hold(&r, &u, T0 + MS);
	assert_false(vc_forward_is_ready(&r.f, NULL, T0 + 2 * MS));
	assert_false(vc_forward_is_ready(&r.f, &rtp, T0 + 2 * MS));
	/* Of its next one nothing is sent. */
	rtp.ts = 6000;
	assert_true(vc_forward_is_ready(&r.f, &rtp, T0 + 2 * MS));
	assert_true(
		vc_forward_is_ready(&r.f, NULL, T0 + MS + VC_FORWARD_PATIENCE));
	/* Nor when the new one is at its next one. */
	u = vp8(8, 21, 52, false);
	u.ts = 63000;
	hold(&r, &u, T0 + 3 * MS);
	assert_true(vc_forward_is_ready(&r.f, NULL, T0 + 3 * MS));
	assert_int_equal(change(&r, 60000, T0 + 3 * MS), 2);
	close_rig(&r);
}

/* However much comes, so much is held. */
static void what_is_held_has_an_end(void **state)
{
	struct rig r;

	(void)state;
	open_rig(&r, VC_CODEC_VP8, 90000);
	for (uint16_t i = 0; i < 3 * VC_FORWARD_HELD; i++) {
		struct unit u = vp8(8, i, 1, true);

		u.ts = 1;
		u.is_first = i == 2 * VC_FORWARD_HELD;
		hold(&r, &u, T0);
		assert_true(vc_pool_used(r.pool) <= VC_FORWARD_HELD);
	}
	assert_true(vc_forward_is_ready(&r.f, NULL, T0));
	close_rig(&r);
}

/* --- layers --- */

static void layers_that_are_left_out_leave_no_gap(void **state)
{
	int last = -1;
	uint16_t seq = 0;
	struct rig r;

	(void)state;
	open_rig(&r, VC_CODEC_VP8, 90000);
	vc_forward_want(&r.f, (struct vc_svc_top){ VC_SVC_TOP, 0 });
	for (uint16_t i = 0; i < 100; i++) {
		struct unit u = vp8(7, (uint16_t)(65500 + i), 32700 + i, !i);

		u.id &= 0x7fff;
		u.ts = 3000u * i;
		u.tid = i % 2;
		u.tl0 = i / 2;
		if (!i) {
			hold(&r, &u, T0);
			assert_int_equal(change(&r, u.ts, T0), 1);
		} else {
			assert_int_equal(put(&r, &u, T0 + i * 33 * MS),
					 !(i % 2));
		}
		if (i % 2)
			continue;
		if (i) {
			assert_int_equal(vp8_out(&r).picture_id,
					 (last + 1) & 0x7fff);
			assert_int_equal((uint16_t)(r.out.seq - seq), 1);
		}
		last = vp8_out(&r).picture_id;
		seq = r.out.seq;
	}
	close_rig(&r);
}

/* A picture of 'source', whose ids begin elsewhere; its id, as sent. */
static int put_vp9(struct rig *r, int source, int n)
{
	const struct vc_vp9_desc in = { .picture_id = 500 * source + n,
					.long_id = true,
					.inter = n,
					.start = true,
					.end = true,
					.tid = -1,
					.sid = -1,
					.tl0picidx = -1 };
	struct vc_vp9_desc out;
	uint8_t octets[64];
	struct vc_wr w = vc_wr_over(octets, sizeof(octets));
	struct vc_rtp rtp = { .seq = (uint16_t)n,
			      .ts = 3000u * (uint32_t)n,
			      .marker = true,
			      .payload = octets };

	vc_vp9_desc_write(&w, &in);
	vc_wr_bytes(&w, "frame", 5);
	rtp.payload_len = vc_wr_len(&w);
	assert_true(write_one(r, &rtp, T0 + source * VC_SEC));
	assert_int_equal(
		vc_vp9_desc_parse(&out, r->out.payload, r->out.payload_len), 0);
	assert_memory_equal(out.payload, "frame", 5);
	return out.picture_id;
}

static void vp9_ids_go_on_too(void **state)
{
	struct rig r;

	(void)state;
	open_rig(&r, VC_CODEC_VP9, 90000);
	for (int i = 0; i < 3; i++) {
		change(&r, 0, T0 + i * VC_SEC);
		for (int k = 0; k < 3; k++)
			assert_int_equal(put_vp9(&r, (i + 1) % 2, k),
					 500 + 3 * i + k);
	}
	close_rig(&r);
}

/* --- other formats among those of a source --- */

/* The payload type that it goes out with; -1: it does not. */
static int put_as(struct rig *r, enum vc_codec codec, uint16_t seq,
		  const char *payload, size_t len)
{
	const struct vc_rtp in = { .pt = 77,
				   .seq = seq,
				   .payload = (const uint8_t *)payload,
				   .payload_len = len,
				   .header_len = 12 };
	struct vc_wr w = vc_wr_over(r->octets, sizeof(r->octets));

	if (!vc_forward_write_as(&r->f, &w, codec, &in, T0, &exts))
		return -1;
	assert_int_equal(vc_rtp_parse(&r->out, r->octets, vc_wr_len(&w)), 0);
	vc_splice_sent(&r->f.splice, len);
	return r->out.pt;
}

static void digits_go_in_the_numbers_of_the_sound(void **state)
{
	static const struct {
		enum vc_codec codec;
		uint32_t rate_hz;
		int pt; /* of the digit */
	} rows[] = {
		{ VC_CODEC_OPUS, 48000, 110 },
		{ VC_CODEC_PCMU, 8000, 101 },
		{ VC_CODEC_L16, 44100, -1 },
	};
	static const char digit[] = "\x05\x8a\x03\x20";

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct rig r;
		uint16_t seq;

		open_rig(&r, rows[i].codec, rows[i].rate_hz);
		change(&r, 0, T0);
		assert_int_equal(put_as(&r, rows[i].codec, 65535, "sound", 5),
				 96);
		seq = r.out.seq;
		assert_int_equal(put_as(&r, VC_CODEC_TELEPHONE_EVENT, 0, digit,
					4),
				 rows[i].pt);
		if (rows[i].pt >= 0) {
			assert_int_equal(r.out.seq, (uint16_t)(seq + 1));
			assert_int_equal(r.out.payload_len, 4);
			assert_memory_equal(r.out.payload, digit, 4);
		}
		close_rig(&r);
	}
}

/* Its blocks are of the format that is described, whatever they came as. */
static void text_in_red_stays_in_red(void **state)
{
	/* "ab" 300 ms before, "c"; of 98 both, or of 98 and 99. */
	static const char red[] = "\xe2\x04\xb0\x02\x62"
				  "abc";
	static const char want[] = "\xf5\x04\xb0\x02\x75"
				   "abc";
	static const char two[] = "\xe2\x04\xb0\x02\x63"
				  "abc";
	struct rig r;

	(void)state;
	open_rig(&r, VC_CODEC_T140, 1000);
	change(&r, 0, T0);
	assert_int_equal(put_as(&r, VC_CODEC_RED, 1, red, 8), 116);
	assert_int_equal(r.out.payload_len, 8);
	assert_memory_equal(r.out.payload, want, 8);
	assert_int_equal(put_as(&r, VC_CODEC_RED, 2, two, 8), -1);
	assert_int_equal(put_as(&r, VC_CODEC_RED, 3, red, 4), -1);
	/* Alone it goes out alone. */
	assert_int_equal(put_as(&r, VC_CODEC_T140, 4, "abc", 3), 96);
	assert_memory_equal(r.out.payload, "abc", 3);
	close_rig(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_source_goes_on_octet_for_octet),
		cmocka_unit_test(what_is_long_has_no_csrc),
		cmocka_unit_test(extensions_that_mean_the_same_go_along),
		cmocka_unit_test(sound_changes_on_a_grid),
		cmocka_unit_test(padding_leaves_no_gap),
		cmocka_unit_test(ids_go_on),
		cmocka_unit_test(pictures_change_at_a_key_frame),
		cmocka_unit_test(half_a_picture_is_waited_for),
		cmocka_unit_test(what_is_held_has_an_end),
		cmocka_unit_test(layers_that_are_left_out_leave_no_gap),
		cmocka_unit_test(vp9_ids_go_on_too),
		cmocka_unit_test(digits_go_in_the_numbers_of_the_sound),
		cmocka_unit_test(text_in_red_stays_in_red),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
