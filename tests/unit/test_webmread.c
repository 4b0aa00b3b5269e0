/* SPDX-License-Identifier: MIT */
/* Reading WebM: what the writer wrote, lacing, lies about sizes, and files that
 * are cut at every octet. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/time.h"
#include "engine/webmsource.h"
#include "wire/ebml.h"
#include "wire/rtp.h"
#include "wire/webm.h"
#include "wire/webmread.h"

#define OPUS_20MS "\x08\xff\xfe" /* SILK, narrow-band, one frame */
#define KEY_FRAME "\x30\x00\x00\x9d\x01\x2a\x20\x00\x20\x00\xaa"
#define PART_FRAME "\x31\x00\x00\xaa\xbb"

static void put_block(struct vc_wr *w, unsigned int track, int rel, bool is_key,
		      int64_t duration, const char *data, size_t len)
{
	const struct vc_webm_block b = { .track = track,
					 .rel = rel,
					 .is_key = is_key,
					 .len = len,
					 .duration = duration,
					 .ref = 33 };

	vc_webm_block(w, &b);
	vc_wr_bytes(w, data, len);
}

/* A film of two participants: "al" with sound and pictures, sound of "bo". */
static size_t film(uint8_t *room, size_t cap, bool is_pipe)
{
	const struct vc_webm_track tracks[] = {
		{ .number = 1,
		  .kind = VC_WEBM_AUDIO,
		  .codec = "A_OPUS",
		  .name = "al",
		  .channels = 1,
		  .rate_hz = 48000 },
		{ .number = 2,
		  .kind = VC_WEBM_VIDEO,
		  .codec = "V_VP8",
		  .name = "al",
		  .width = 32,
		  .height = 32 },
		{ .number = 3,
		  .kind = VC_WEBM_AUDIO,
		  .codec = "A_OPUS",
		  .name = "bo",
		  .channels = 1,
		  .rate_hz = 48000 },
		{ .number = 4,
		  .kind = VC_WEBM_VIDEO,
		  .codec = "V_THEORA",
		  .name = "bo",
		  .width = 32,
		  .height = 32 },
	};
	struct vc_wr w = vc_wr_over(room, cap);
	size_t segment, cluster;
	struct vc_wr at;

	vc_webm_head(&w, "webm");
	segment = vc_wr_len(&w);
	vc_webm_segment(&w, VC_EBML_UNKNOWN);
	vc_webm_info(&w, "vc", -1);
	vc_webm_tracks(&w, tracks, VC_COUNT(tracks));
	vc_ebml_void(&w, 20);
	for (int c = 0; c < 2; c++) {
		cluster = vc_wr_len(&w);
		vc_webm_cluster(&w, c * 1000, VC_EBML_UNKNOWN);
		put_block(&w, 1, 0, true, -1, OPUS_20MS, 3);
		put_block(&w, 2, 0, true, -1, KEY_FRAME, 11);
		put_block(&w, 3, 5, true, -1, OPUS_20MS, 3);
		put_block(&w, 4, 5, true, -1, "x", 1);
		put_block(&w, 1, 21, true, -1, OPUS_20MS, 3);
		put_block(&w, 2, 33, false, 33, PART_FRAME, 5);
		if (is_pipe)
			continue;
		at = vc_wr_over(room + cluster + VC_WEBM_CLUSTER_SIZE_AT, 8);
		vc_ebml_size(&at, vc_wr_len(&w) - cluster - 12, 8);
	}
	if (!is_pipe) {
		const struct vc_webm_cue cue = { .ticks = 0, .track = 2 };

		vc_webm_cues(&w, &cue, 1);
		at = vc_wr_over(room + segment, VC_WEBM_SEGMENT_LEN);
		vc_webm_segment(&at,
				vc_wr_len(&w) - segment - VC_WEBM_SEGMENT_LEN);
	}
	assert_false(w.bad);
	return vc_wr_len(&w);
}

/* --- the parser --- */

static void reads_what_was_written(void **state)
{
	uint8_t room[2048];

	(void)state;
	for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
		size_t len = film(room, sizeof(room), is_pipe), at = 0;
		struct vc_webmread r = { 0 };
		struct vc_webmread_item it;
		unsigned int tracks = 0, blocks = 0;

		while (at < len) {
			assert_int_equal(vc_webmread_next(&r, room + at,
							  len - at, &it),
					 1);
			tracks += it.kind == VC_WEBMREAD_TRACK;
			if (it.kind == VC_WEBMREAD_TRACK && tracks == 2) {
				assert_int_equal(it.track.number, 2);
				assert_int_equal(it.track.type, VC_WEBM_VIDEO);
				assert_true(vc_str_is(it.track.codec, "V_VP8"));
				assert_true(vc_str_is(it.track.name, "al"));
				assert_int_equal(it.track.width, 32);
			}
			blocks += it.kind == VC_WEBMREAD_BLOCK;
			if (it.kind == VC_WEBMREAD_BLOCK && blocks == 12) {
				assert_int_equal(it.block.track, 2);
				assert_false(it.block.is_key);
				assert_int_equal(it.block.time, 1033 * VC_MS);
				assert_int_equal(it.block.duration, 33 * VC_MS);
				assert_int_equal(it.block.n, 1);
				assert_int_equal(it.block.size[0], 5);
				assert_memory_equal(it.block.data, PART_FRAME,
						    5);
			}
			assert_int_not_equal(it.kind, VC_WEBMREAD_BAD);
			at += it.size;
		}
		assert_int_equal(tracks, 4);
		assert_int_equal(blocks, 12);
		assert_true(vc_webmread_is_whole(&r));
	}
}

#define HEAD \
	"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff"
#define CLUSTER HEAD "\x1f\x43\xb6\x75\xff\xe7\x81\x05"

/* The last item of 'file', of 'len' octets; what next() said of it. */
static int last_item(const char *file, size_t len, struct vc_webmread_item *it)
{
	struct vc_webmread r = { 0 };
	size_t at = 0;
	int got = 0;

	while (at < len) {
		got = vc_webmread_next(&r, (const uint8_t *)file + at, len - at,
				       it);
		if (got != 1)
			break;
		at += it->size;
	}
	return got;
}

static void laces(void **state)
{
#define ROW(text) text, sizeof(text) - 1
	static const struct {
		const char *file;
		size_t len;
		unsigned int n;
		uint32_t size[4];
	} rows[] = {
		{ ROW(CLUSTER "\xa3\x86\x81\x00\x01\x80xy"), 1, { 2 } },
		{ ROW(CLUSTER "\xa3\x84\x81\x00\x01\x80"), 1, { 0 } },
		/* Xiph: 1, 2 and the rest. */
		{ ROW(CLUSTER "\xa3\x8d\x81\x00\x01\x02\x02\x01\x02"
			      "abbccc"),
		  3,
		  { 1, 2, 3 } },
		/* Fixed. */
		{ ROW(CLUSTER "\xa3\x8b\x81\x00\x01\x04\x02"
			      "aabbcc"),
		  3,
		  { 2, 2, 2 } },
		/* EBML: 3, then 3 - 2, then the rest. */
		{ ROW(CLUSTER "\xa3\x8d\x81\x00\x01\x06\x02\x83\xbd"
			      "aaabcc"),
		  3,
		  { 3, 1, 2 } },
		/* Malformed: more frames than octets, sizes over the end. */
		{ ROW(CLUSTER "\xa3\x87\x81\x00\x01\x02\x02\x09\x02"),
		  0,
		  { 0 } },
		{ ROW(CLUSTER "\xa3\x88\x81\x00\x01\x02\x02\xff\xff\xff"),
		  0,
		  { 0 } },
		{ ROW(CLUSTER "\xa3\x8a\x81\x00\x01\x04\x02"
			      "aabbc"),
		  0,
		  { 0 } },
		/* EBML: 1, then 1 - 3. */
		{ ROW(CLUSTER "\xa3\x8d\x81\x00\x01\x06\x02\x81\xbc"
			      "aaabcc"),
		  0,
		  { 0 } },
		{ ROW(CLUSTER "\xa3\x88\x81\x00\x01\x06\x02\xff\xff\xff"),
		  0,
		  { 0 } },
		/* No header, no track, no time. */
		{ ROW(CLUSTER "\xa3\x82\x81\x00"), 0, { 0 } },
		{ ROW(CLUSTER "\xa3\x85\x80\x00\x01\x80x"), 0, { 0 } },
		{ ROW(CLUSTER "\xa3\x80"), 0, { 0 } },
		{ ROW(HEAD "\x1f\x43\xb6\x75\xff\xa3\x85\x81\x00\x01\x80x"),
		  0,
		  { 0 } },
		/* A number of nine octets. */
		{ ROW(HEAD "\x1f\x43\xb6\x75\xff\xe7\x89"
			   "123456789"),
		  0,
		  { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_webmread_item it = { 0 };

		assert_int_equal(last_item(rows[i].file, rows[i].len, &it), 1);
		assert_int_equal(it.kind, rows[i].n ? VC_WEBMREAD_BLOCK :
						      VC_WEBMREAD_BAD);
		if (!rows[i].n)
			continue;
		assert_int_equal(it.block.n, rows[i].n);
		assert_int_equal(it.block.time, 6 * VC_MS);
		for (unsigned int k = 0; k < it.block.n; k++)
			assert_int_equal(it.block.size[k], rows[i].size[k]);
	}
}

static void lies(void **state)
{
	static const struct {
		const char *file;
		size_t len;
		int got;
	} rows[] = {
		{ ROW("RIFF"), -EBADMSG },
		{ ROW("\x1a\x45\xdf\xa3\x80\x1a\x45\xdf\xa3\x80"), 1 },
		{ ROW("\x18\x53\x80\x67\xff"), -EBADMSG },
		{ ROW("\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
		  -EBADMSG },
		/* A header only, of all octets an id and a size can have. */
		{ ROW("\x1a\x45\xdf"), 0 },
		/* Two exabytes of header, or of cues: the latter are skipped. */
		{ ROW("\x1a\x45\xdf\xa3\x01\x0f\xff\xff\xff\xff\xff\xff"), 1 },
		/* A cluster of unknown size is fine, cues are not. */
		{ ROW(HEAD "\x1c\x53\xbb\x6b\xff"), -EBADMSG },
		/* A child that reaches over its parent's end. */
		{ ROW("\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x88"
		      "\x15\x49\xa9\x66\x84"),
		  -EBADMSG },
		{ ROW("\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x8a"
		      "\x15\x49\xa9\x66\x83\x2a\xd7\xb1\x83\x01\x02\x03"),
		  -EBADMSG },
		/* A segment in a segment of known size, a cluster outside. */
		{ ROW("\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\x88"
		      "\x18\x53\x80\x67\x80"),
		  -EBADMSG },
		{ ROW("\x1a\x45\xdf\xa3\x80\x1f\x43\xb6\x75\xff"), -EBADMSG },
		/* 9 MiB of block: stepped over. */
		{ ROW(CLUSTER "\xa3\x10\x90\x00\x00"), 1 },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_webmread_item it = { 0 };

		assert_int_equal(last_item(rows[i].file, rows[i].len, &it),
				 rows[i].got);
	}
}

/* --- the stream --- */

struct heard {
	unsigned int described, media, rtp, rtcp, refused;
	uint32_t ssrc[3], ts[16];
	int64_t now;
};

static void on_desc(void *ctx, const struct vc_sdp *sdp)
{
	struct heard *h = ctx;

	h->described++;
	h->media = sdp->n_media;
	assert_true(vc_str_is(sdp->clock, "recorded"));
}

static void on_packet(void *ctx, struct vc_packet *pkt, bool is_rtcp,
		      int64_t now)
{
	struct heard *h = ctx;
	struct vc_rtp rtp;

	assert_true(now >= h->now);
	assert_int_equal(h->described, 1);
	h->now = now;
	h->rtcp += is_rtcp;
	if (is_rtcp)
		return;
	assert_int_equal(vc_rtp_parse(&rtp, pkt->data, pkt->len), 0);
	if (h->rtp < VC_COUNT(h->ts))
		h->ts[h->rtp] = rtp.ts;
	h->rtp++;
}

static void on_refused(void *ctx, uint64_t number, const char *codec)
{
	struct heard *h = ctx;

	assert_int_equal(number, 4);
	assert_string_equal(codec, "V_THEORA");
	h->refused++;
}

/* Plays 'len' octets in pieces. What put() said last; '*is_whole' of end(). */
static int play(struct heard *h, const uint8_t *file, size_t len, size_t piece,
		bool *is_whole)
{
	struct vc_pool *pool = vc_pool_new();
	struct vc_rand rand;
	const struct vc_webmsource_conf conf = { .rand = &rand,
						 .pool = pool,
						 .epoch = VC_VIRTUAL_EPOCH,
						 .desc = on_desc,
						 .packet = on_packet,
						 .refused = on_refused,
						 .ctx = h };
	struct vc_webmsource *s;
	int err = 0;

	vc_rand_init(&rand, 1, "test", "webm");
	*h = (struct heard){ 0 };
	s = vc_webmsource_new(&conf);
	assert_non_null(s);
	for (size_t at = 0; at < len && !err; at += piece)
		err = vc_webmsource_put(s, file + at,
					len - at < piece ? len - at : piece);
	*is_whole = vc_webmsource_end(s);
	vc_webmsource_free(s);
	vc_pool_free(pool);
	return err;
}

static void becomes_a_stream(void **state)
{
	uint8_t room[2048];

	(void)state;
	for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
		size_t len = film(room, sizeof(room), is_pipe);
		struct heard h, again;
		bool is_whole;

		assert_int_equal(play(&h, room, len, len, &is_whole), 0);
		assert_true(is_whole);
		assert_int_equal(h.media, 2);
		assert_int_equal(h.refused, 1);
		assert_int_equal(h.rtp, 10);
		/* Three sources: first, after a second, and their BYE. */
		assert_int_equal(h.rtcp, 9);
		/* 21 ms is 20 ms that were rounded: one sound. */
		assert_int_equal(h.ts[3] - h.ts[0], 960);
		assert_int_equal(h.ts[4] - h.ts[1], 33 * 90);
		assert_int_equal(h.ts[5] - h.ts[0], 48000);
		/* Octet by octet it is the same. */
		assert_int_equal(play(&again, room, len, 1, &is_whole), 0);
		assert_memory_equal(&again, &h, sizeof(h));
	}
}

/* hostile.md F3: what came before the cut is used. */
static void cut_at_every_octet(void **state)
{
	uint8_t room[2048];

	(void)state;
	for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
		size_t len = film(room, sizeof(room), is_pipe), n_whole = 0;
		unsigned int before = 0;

		for (size_t n = 0; n < len; n++) {
			uint8_t *cut = vc_alloc(1, n + 1);
			struct heard h;
			bool is_whole;

			/* In memory of just that size: nothing is read over. */
			memcpy(cut, room, n);
			assert_int_equal(play(&h, cut, n, n + 1, &is_whole), 0);
			assert_true(h.rtp >= before && h.rtp <= before + 1);
			before = h.rtp;
			n_whole += is_whole;
			free(cut);
		}
		assert_int_equal(before, is_pipe ? 9 : 10);
		/* A pipe may end after any of its elements. */
		assert_int_equal(n_whole > 0, is_pipe);
	}
}

/* One octet is another one: anything may come of it, but not of the tool. */
static void every_octet_is_wrong(void **state)
{
	uint8_t room[2048], bad[2048];
	size_t len = film(room, sizeof(room), false);

	(void)state;
	for (size_t i = 0; i < len; i++) {
		static const uint8_t flips[] = { 0x01, 0x80, 0xff };

		for (size_t k = 0; k < VC_COUNT(flips); k++) {
			struct vc_webmread r = { 0 };
			struct vc_webmread_item it;
			size_t at = 0;

			memcpy(bad, room, len);
			bad[i] ^= flips[k];
			while (at < len && vc_webmread_next(&r, bad + at,
							    len - at, &it) == 1)
				at += it.size;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_was_written),
		cmocka_unit_test(laces),
		cmocka_unit_test(lies),
		cmocka_unit_test(becomes_a_stream),
		cmocka_unit_test(cut_at_every_octet),
		cmocka_unit_test(every_octet_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
