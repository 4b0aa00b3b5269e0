/* SPDX-License-Identifier: MIT */
/* Frames of any codec out as packets, and in again as units. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/rand.h"
#include "base/time.h"
#include "engine/tx.h"
#include "engine/units.h"
#include "wire/ntp.h"
#include "wire/rtp.h"
#include "wire/rtpext.h"
#include "wire/vp8.h"

#define LEN 5000

struct rig {
	struct vc_pool *pool;
	struct vc_tx tx;
	struct vc_units *units;
	unsigned int n_rtp;
	unsigned int n_rtcp;
	unsigned int n_captured; /* that say when they were */
	uint64_t captured;	 /* NTP, of the last */
	struct vc_vp8_desc vp8;	 /* of the last packet, if it is VP8 */
	unsigned int n_named;	 /* packets that say MID and RID */
	int n_turned;		 /* packets that say how they are turned */
	int turned_at;		 /* which packet it was, the last of them */
	uint8_t turned;		 /* octet, of that */
};

static void take(void *ctx, struct vc_packet *pkt, bool is_rtcp)
{
	struct vc_str mid, rid;
	struct rig *r = ctx;
	struct vc_capture_time time;
	struct vc_orientation turned;
	struct vc_rtp rtp;

	r->n_rtcp += is_rtcp;
	if (is_rtcp)
		return;
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	assert_true(pkt->len <= VC_TX_PACKET);
	assert_int_equal(rtp.n_csrc, r->tx.n_csrc);
	r->n_named += vc_ext_token(&rtp, VC_EXT_MID, &mid) &&
		      vc_ext_token(&rtp, VC_EXT_RID, &rid) &&
		      vc_str_is(mid, r->tx.mid) && vc_str_is(rid, r->tx.rid);
	(void)vc_vp8_desc_parse(&r->vp8, rtp.payload, rtp.payload_len);
	if (vc_ext_capture_time(&rtp, VC_EXT_ABS_CAPTURE_TIME, &time)) {
		assert_false(time.has_offset);
		r->captured = time.ntp;
		r->n_captured++;
	}
	vc_units_put(r->units, pkt, &rtp, true);
	r->n_rtp++;
	if (!vc_ext_orientation(&rtp, VC_EXT_ORIENTATION, &turned))
		return;
	assert_true(rtp.marker);
	r->turned = vc_ext_orientation_octet(&turned);
	r->turned_at = (int)r->n_rtp;
	r->n_turned++;
}

static void begin(struct rig *r, enum vc_codec codec)
{
	struct vc_rand rand;
	int err;

	memset(r, 0, sizeof(*r));
	vc_rand_init(&rand, 1, "test", "");
	r->pool = vc_pool_new();
	r->units = vc_units_new(codec, VC_UNITS_WAIT, &err);
	assert_non_null(r->units);
	vc_tx_init(&r->tx, &rand, "video", codec, 96, 90000, 0, "c", "n");
	r->tx.pool = r->pool;
	r->tx.send = take;
	r->tx.ctx = r;
}

static void end(struct rig *r)
{
	vc_units_free(r->units);
	assert_int_equal(vc_pool_used(r->pool), 0);
	vc_pool_free(r->pool);
}

/* A key frame of each: its header, and octets up to LEN. */
static const struct {
	enum vc_codec codec;
	const char *head;
	size_t head_len;
} frames[] = {
	{ VC_CODEC_VP8, "\x10\x02\x00\x9d\x01\x2a\x42\x01\xb6\x00", 10 },
	{ VC_CODEC_VP9, "\x82\x49\x83\x42\x00\x14\x10\x0b\x56\x06", 10 },
	{ VC_CODEC_H264,
	  "\0\0\0\1\x67\x42\xc0\x0c\xda\x05\x46\x78\x89\xb0\x11\x00\x00\x03\x00"
	  "\x01\x00\x00\x03\x00\x1e\x0f\x14\x2a\xa0\0\0\0\1\x68\xce\x0f\xc8"
	  "\0\0\0\1\x65\x88\x84\x3a",
	  45 },
	/* Two octets of the OBU header are the size: LEN - 16. */
	{ VC_CODEC_AV1,
	  "\x0a\x0b\x00\x00\x00\x04\x3d\x06\xd4\xda\xf9\x00\x40\x32\xf8\x26\x10",
	  17 },
};

static void make(uint8_t *p, size_t i)
{
	memset(p, 0x55, LEN);
	memcpy(p, frames[i].head, frames[i].head_len);
}

static void frames_of_any_codec_arrive(void **state)
{
	static const uint32_t csrc[15] = { 1, 2, 3 };

	(void)state;
	for (size_t i = 0; i < 2 * VC_COUNT(frames); i++) {
		struct vc_timeline_unit unit;
		uint8_t frame[LEN];
		struct rig r;

		begin(&r, frames[i / 2].codec);
		/* Also where the header takes most room. */
		r.tx.csrc = csrc;
		r.tx.n_csrc = i & 1 ? 15 : 0;
		r.tx.has_captured = i & 1;
		make(frame, i / 2);
		assert_int_equal(vc_tx_video(&r.tx, 0, 0, frame, LEN, true), 0);
		assert_true(r.n_rtp >= 5 && r.n_rtp <= 6);
		assert_int_equal(r.n_captured, i & 1 ? r.n_rtp : 0);
		assert_int_equal(r.n_rtcp, 1);
		assert_true(vc_units_next(r.units, 0, &unit));
		assert_true(unit.is_key);
		assert_int_equal(unit.len, LEN);
		assert_memory_equal(unit.data, frame, LEN);
		assert_int_equal(unit.width, 322);
		assert_int_equal(unit.height, 182);
		end(&r);
	}
}

/* Each packet tells its frame's time, with a level beside it and without. */
static void the_time_of_capture_is_in_each_packet(void **state)
{
	uint8_t frame[LEN];
	struct rig r;

	(void)state;
	begin(&r, VC_CODEC_VP8);
	r.tx.has_captured = true;
	make(frame, 0);
	for (unsigned int k = 1; k < 50; k++) {
		int64_t t = VC_VIRTUAL_EPOCH + (int64_t)k * 20 * VC_MS;
		unsigned int before = r.n_rtp;

		if (k % 3)
			vc_tx_audio(&r.tx, t, t, frame, 100,
				    k % 3 == 1 ? 40 : -1, true, false);
		else
			vc_tx_video(&r.tx, t, t, frame, LEN, true);
		assert_int_equal(r.n_rtp - before, k % 3 ? 1 : 5);
		assert_int_equal(r.n_captured, r.n_rtp);
		assert_true(r.captured == vc_ntp_from_ns(t));
	}
	end(&r);
}

static void what_is_no_frame_stays_here(void **state)
{
	(void)state;
	for (size_t i = 1; i < VC_COUNT(frames); i++) {
		struct rig r;

		begin(&r, frames[i].codec);
		assert_int_equal(vc_tx_video(&r.tx, 0, 0,
					     (const uint8_t *)"\xff\xff\xff", 3,
					     true),
				 -EBADMSG);
		assert_int_equal(r.n_rtp, 0);
		end(&r);
	}
}

/* Three temporal layers: who refers to which frame of the base. */
static void layers_are_numbered(void **state)
{
	static const uint8_t tids[] = { 0, 2, 1, 2, 0, 2, 1, 2 };
	struct vc_framepack_layer layer = { .n_temporal = 3 };
	uint8_t frame[LEN];
	int base = 0;
	uint16_t id;
	struct rig r;

	(void)state;
	begin(&r, VC_CODEC_VP8);
	make(frame, 0);
	r.tx.pack.layer = &layer;
	r.tx.pack.tl0picidx = 254; /* wraps */
	id = r.tx.pack.picture_id = 32766;
	for (size_t i = 0; i < sizeof(tids); i++) {
		layer.tid = tids[i];
		layer.is_sync = tids[i] > 0;
		r.tx.pack.is_ref = tids[i] < 2;
		vc_tx_video(&r.tx, 0, (int64_t)i * VC_MS, frame, 100, true);
		base += !tids[i];
		assert_int_equal(r.vp8.tid, tids[i]);
		assert_int_equal(r.vp8.layer_sync, tids[i] > 0);
		assert_int_equal(r.vp8.non_ref, tids[i] == 2);
		assert_int_equal(r.vp8.tl0picidx, (254 + base) & 255);
		assert_int_equal(r.vp8.picture_id, (id + i) & 0x7fff);
	}
	end(&r);
}

/* Who joins late learns it soon, and from every packet he can begin with. */
static void layers_are_named(void **state)
{
	static const struct {
		int64_t t; /* ms */
		bool is_key;
		unsigned int named; /* of five or six packets; 9: all */
	} rows[] = {
		{ 0, true, 9 },	    { 33, false, 9 },	{ 999, false, 9 },
		{ 1000, false, 0 }, { 1498, false, 0 }, { 1499, false, 1 },
		{ 1533, false, 0 }, { 1600, true, 9 },	{ 2099, false, 0 },
		{ 2100, false, 1 }, { 9000, false, 1 },
	};
	uint8_t frame[LEN];
	struct rig r;

	(void)state;
	for (int i = 0; i < 2; i++) {
		begin(&r, VC_CODEC_VP8);
		make(frame, 0);
		r.tx.has_captured = true;
		r.tx.mid = i ? "video" : "0123456789abcdef";
		r.tx.rid = i ? "1" : "fedcba9876543210";
		for (size_t k = 0; k < VC_COUNT(rows); k++) {
			unsigned int n = r.n_rtp, named = r.n_named;
			int64_t t = rows[k].t * VC_MS;

			/* The header says that it is a key frame; that
			 * is not what is asked. */
			assert_int_equal(vc_tx_video(&r.tx, t, t, frame, LEN,
						     rows[k].is_key),
					 0);
			assert_true(r.n_rtp - n >= 5);
			assert_int_equal(r.n_named - named,
					 rows[k].named == 9 ? r.n_rtp - n :
							      rows[k].named);
		}
		end(&r);
	}
}

/* With key frames and where it differs, and always while there is something
 * to do; in the last packet, which has no less room for that. */
static void the_last_packet_says_how_to_turn(void **state)
{
	static const struct {
		bool is_told, is_key;
		struct vc_orientation o;
		int octet; /* -1: nothing is said */
	} rows[] = {
		{ false, true, { .turn = 90 }, -1 },
		{ true, false, { 0 }, -1 },
		{ true, true, { 0 }, 0 },
		{ true, false, { 0 }, -1 },
		{ true, false, { .turn = 270 }, 3 },
		{ true, false, { .turn = 270 }, 3 },
		{ true, true, { .turn = 90, .is_flipped = true }, 5 },
		{ true, false, { .is_back = true }, 8 },
		{ true, false, { 0 }, 0 },
		{ true, false, { 0 }, -1 },
	};
	uint8_t frame[LEN];

	(void)state;
	/* The time of capture, and the names of a layer, make room for it or
	 * do not. */
	for (int i = 0; i < 4; i++) {
		struct rig r;

		begin(&r, VC_CODEC_VP8);
		make(frame, 0);
		r.tx.has_captured = i & 1;
		r.tx.mid = i & 2 ? "video" : NULL;
		r.tx.rid = i & 2 ? "12" : NULL;
		for (size_t k = 0; k < VC_COUNT(rows); k++) {
			int said = r.n_turned, is_said = rows[k].octet >= 0;
			size_t len = k % 2 ? LEN : 100;

			r.tx.has_orientation = rows[k].is_told;
			r.tx.orientation = rows[k].o;
			assert_int_equal(vc_tx_video(&r.tx, 0, (int64_t)k,
						     frame, len,
						     rows[k].is_key),
					 0);
			assert_int_equal(r.n_turned - said, is_said);
			if (!is_said)
				continue;
			assert_int_equal(r.turned_at, r.n_rtp);
			assert_int_equal(r.turned, rows[k].octet);
		}
		end(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frames_of_any_codec_arrive),
		cmocka_unit_test(the_time_of_capture_is_in_each_packet),
		cmocka_unit_test(what_is_no_frame_stays_here),
		cmocka_unit_test(layers_are_numbered),
		cmocka_unit_test(layers_are_named),
		cmocka_unit_test(the_last_packet_says_how_to_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
