/* SPDX-License-Identifier: MIT */
/*
 * The pieces against octets written out by hand, and files against a walker
 * that reads them back, cut off at every octet too.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "engine/webmfile.h"
#include "wire/ebml.h"
#include "wire/webm.h"

#define OCTETS(w, lit) \
	do { \
		assert_false((w).bad); \
		assert_int_equal(vc_wr_len(&(w)), sizeof(lit) - 1); \
		assert_memory_equal((w).start, lit, sizeof(lit) - 1); \
	} while (0)

#define ID_SEGMENT 0x18538067
#define ID_SEEK_HEAD 0x114d9b74
#define ID_INFO 0x1549a966
#define ID_TRACKS 0x1654ae6b
#define ID_CLUSTER 0x1f43b675
#define ID_CUES 0x1c53bb6b
#define ID_BLOCK_GROUP 0xa0

/* ---- Pieces ---- */

static void ticks_are_nearest(void **state)
{
	static const struct {
		int64_t ns, ticks;
	} rows[] = {
		{ 0, 0 }, { 499999, 0 }, { 500000, 1 }, { 33333333, 33 },
		{ 66666666, 67 }, { -1, 0 }, { -500000, 0 }, { -500001, -1 },
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
		.track = 1, .rel = 20, .is_key = true, .len = 3,
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
		.track = 2, .rel = 967, .is_key = false, .len = 3,
		.duration = 33, .ref = 34,
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
		.number = 1, .kind = VC_WEBM_AUDIO, .codec = "A_OPUS",
		.name = "Zo\xc3\xab", .is_default = true, .priv = head,
		.priv_len = sizeof(head), .codec_delay = 6500000,
		.seek_preroll = 80000000, .rate_hz = 48000, .channels = 2,
	};

	(void)state;
	vc_webm_opus_head(&h, 2, 312);
	OCTETS(h, "OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00");
	vc_webm_tracks(&w, &t, 1);
	OCTETS(w, "\x16\x54\xae\x6b\x10\x00\x00\x60\xae\x10\x00\x00\x5b"
		  "\xd7\x81\x01\x73\xc5\x81\x01\x83\x81\x02\x88\x81\x01"
		  "\x9c\x81\x00\x53\x6e\x84Zo\xc3\xab\x22\xb5\x9c\x83und"
		  "\x86\x86" "A_OPUS\x63\xa2\x93"
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

		vc_webm_seek_head(&w, 71, 107, cues[i]);
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
			.ticks = INT64_MAX, .cluster = VC_EBML_MAX,
			.track = VC_WEBM_MAX_TRACKS,
		};
	assert_true(cap <= sizeof(room));
	vc_webm_cues(&w, cue, VC_COUNT(cue));
	assert_false(w.bad);
}

/* ---- Files ---- */

struct seen {
	unsigned int tracks, clusters, unknown_clusters, blocks, groups;
	unsigned int cues, bad_cues;
	bool has_seek_head, has_unknown_segment;
	double duration;
	int64_t last, cluster;
	bool went_back; /* within a cluster */
	bool has_bad_seek;
	size_t data; /* where the segment's data begins */
};

static double rd_double(struct vc_rd *r)
{
	uint64_t bits = vc_ebml_rd_uint(r, 8);
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static void walk_block(struct seen *s, struct vc_rd r)
{
	int64_t time;

	vc_ebml_rd_size(&r); /* the track */
	time = s->cluster + (int16_t)vc_rd_u16(&r);
	if (time < s->last)
		s->went_back = true;
	s->last = time;
	s->blocks++;
}

static bool is_place_of(const uint8_t *file, size_t len, uint64_t at,
			uint32_t id)
{
	struct vc_rd r;

	if (at >= len)
		return false;
	r = vc_rd_over(file + at, len - at);
	return vc_ebml_rd_id(&r) == id;
}

/* One level; 'file' is there for places that are told. */
static void walk(struct seen *s, const uint8_t *file, size_t len,
		 struct vc_rd *r)
{
	uint32_t seek_id = 0;

	while (vc_rd_left(r)) {
		uint32_t id = vc_ebml_rd_id(r);
		uint64_t size = vc_ebml_rd_size(r);
		bool unknown = size == VC_EBML_UNKNOWN;
		struct vc_rd in;
		uint64_t v;

		if (r->bad)
			return;
		if (unknown || size > vc_rd_left(r))
			size = vc_rd_left(r);
		in = vc_rd_over(r->p, size);
		switch (id) {
		case ID_SEGMENT:
			s->has_unknown_segment = unknown;
			s->data = (size_t)(r->p - file);
			walk(s, file, len, &in);
			break;
		case ID_SEEK_HEAD:
			s->has_seek_head = true;
			/* fall through */
		case ID_INFO: case 0x4dbb: case 0xbb: case 0xb7:
		case ID_CUES: case ID_TRACKS: case ID_BLOCK_GROUP:
			s->groups += id == ID_BLOCK_GROUP;
			s->cues += id == 0xbb;
			walk(s, file, len, &in);
			break;
		case ID_CLUSTER:
			s->clusters++;
			s->unknown_clusters += unknown;
			s->last = INT64_MIN;
			if (unknown) /* its children stand on our level */
				continue;
			walk(s, file, len, &in);
			break;
		case 0xe7:
			s->cluster = (int64_t)vc_ebml_rd_uint(&in, size);
			break;
		case 0xa3: case 0xa1:
			walk_block(s, in);
			break;
		case 0xae:
			s->tracks++;
			break;
		case 0x4489:
			s->duration = rd_double(&in);
			break;
		case 0x53ab:
			seek_id = (uint32_t)vc_ebml_rd_uint(&in, size);
			break;
		case 0x53ac: /* relative to the segment's data */
			v = vc_ebml_rd_uint(&in, size);
			if (!is_place_of(file, len, v + s->data, seek_id))
				s->has_bad_seek = true;
			break;
		case 0xf1:
			v = vc_ebml_rd_uint(&in, size);
			if (!is_place_of(file, len, v + s->data, ID_CLUSTER))
				s->bad_cues++;
			break;
		}
		vc_rd_skip(r, size);
	}
}

static struct seen walk_all(const uint8_t *file, size_t len)
{
	struct seen s = { .duration = -1 };
	struct vc_rd r = vc_rd_over(file, len);

	walk(&s, file, len, &r);
	return s;
}

static char dir[] = "/tmp/vc-test-webm-XXXXXX";
static char path[64], part[72];

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/a.webm", dir);
	snprintf(part, sizeof(part), "%s.part", path);
	return 0;
}

static int drop_dir(void **state)
{
	(void)state;
	unlink(path);
	unlink(part);
	return rmdir(dir);
}

static size_t slurp(const char *name, uint8_t *room, size_t cap)
{
	int fd = open(name, O_RDONLY);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, room, cap);
	close(fd);
	assert_true(n >= 0);
	return (size_t)n;
}

static const struct vc_track_info sound = {
	.kind = VC_TRACK_AUDIO, .codec = "opus", .name = "Ann",
	.rate_hz = 48000, .channels = 1, .delay = 6500000,
};
static const struct vc_track_info picture = {
	.kind = VC_TRACK_VIDEO, .codec = "VP8", .name = "Ann",
	.rate_hz = 90000, .width = 320, .height = 180,
};

static void put(struct vc_webmfile *f, unsigned int track, int64_t ms,
		bool is_key, bool is_last)
{
	static const uint8_t octets[10] = { 1, 2, 3 };
	const struct vc_container_unit u = {
		.track = track, .time = ms * VC_MS, .duration = 20 * VC_MS,
		.is_key = is_key, .is_last = is_last,
		.data = octets, .len = sizeof(octets),
	};

	assert_int_equal(vc_webmfile_ops.write(f, &u), 0);
}

/* Twelve seconds: sound each 20 ms, pictures each 40, a key each 3 s. */
static void put_all(struct vc_webmfile *f, unsigned int a, unsigned int v)
{
	for (int ms = 0; ms < 12000; ms += 20) {
		put(f, a, ms, true, ms == 11980);
		if (ms % 40 == 0)
			put(f, v, ms, ms % 3000 == 0, ms == 11960);
	}
}

static void a_file_is_indexed(void **state)
{
	static uint8_t room[100000];
	struct vc_outfile *o;
	struct vc_webmfile *f;
	struct vc_webmfile_counts counts;
	unsigned int a, v;
	struct seen s;
	size_t len;

	(void)state;
	assert_int_equal(vc_outfile_open(path, &o), 0);
	f = vc_webmfile_new(NULL, o);
	assert_int_equal(vc_webmfile_ops.add(f, &sound, &a), 0);
	assert_int_equal(vc_webmfile_ops.add(f, &picture, &v), 0);
	put_all(f, a, v);
	assert_int_equal(vc_webmfile_finish(f), 0);
	vc_webmfile_counts(f, &counts);
	assert_int_equal(counts.blocks, 900);
	assert_int_equal(counts.duration, 12 * VC_SEC);
	vc_webmfile_free(f);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(vc_outfile_finish(o), 0);
	assert_int_equal(access(part, F_OK), -1);
	len = slurp(path, room, sizeof(room));
	s = walk_all(room, len);
	assert_int_equal(s.tracks, 2);
	assert_int_equal(s.blocks, 900);
	assert_int_equal(s.groups, 2);
	assert_int_equal(s.clusters, 4);
	assert_int_equal(s.unknown_clusters, 0);
	assert_int_equal(s.cues, 4);
	assert_int_equal(s.bad_cues, 0);
	assert_true(s.has_seek_head);
	assert_false(s.has_bad_seek);
	assert_false(s.has_unknown_segment);
	assert_false(s.went_back);
	assert_true(s.duration == 12000);
	unlink(path);
}

static void a_pipe_is_never_patched(void **state)
{
	static uint8_t room[100000];
	struct vc_outfile *o;
	struct vc_webmfile *f;
	unsigned int a, v, late;
	struct seen s;
	size_t len;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(vc_outfile_wrap(fd, &o), 0);
	f = vc_webmfile_new(NULL, o);
	assert_int_equal(vc_webmfile_ops.add(f, &sound, &a), 0);
	assert_int_equal(vc_webmfile_ops.add(f, &picture, &v), 0);
	put_all(f, a, v);
	assert_int_equal(vc_webmfile_ops.add(f, &sound, &late), -ENOSPC);
	assert_int_equal(vc_webmfile_finish(f), 0);
	vc_webmfile_free(f);
	assert_int_equal(vc_outfile_finish(o), 0);
	close(fd);
	len = slurp(path, room, sizeof(room));
	s = walk_all(room, len);
	assert_int_equal(s.tracks, 2);
	assert_int_equal(s.blocks, 900);
	assert_int_equal(s.clusters, 4);
	assert_int_equal(s.unknown_clusters, 4);
	assert_int_equal(s.cues, 0);
	assert_true(s.has_unknown_segment);
	assert_false(s.has_seek_head);
	assert_true(s.duration < 0);
	unlink(path);
}

static void a_crash_leaves_what_was_flushed(void **state)
{
	static uint8_t room[100000];
	struct vc_outfile *o;
	struct vc_webmfile *f;
	unsigned int a, v;
	struct seen s;
	size_t len;

	(void)state;
	assert_int_equal(vc_outfile_open(path, &o), 0);
	f = vc_webmfile_new(NULL, o);
	assert_int_equal(vc_webmfile_ops.add(f, &sound, &a), 0);
	assert_int_equal(vc_webmfile_ops.add(f, &picture, &v), 0);
	put_all(f, a, v);
	/* No finish: this is what the disc has. */
	len = slurp(part, room, sizeof(room));
	s = walk_all(room, len);
	assert_int_equal(s.tracks, 2);
	assert_int_equal(s.clusters, 4);
	assert_int_equal(s.unknown_clusters, 1);
	assert_true(s.blocks > 800);
	assert_false(s.has_bad_seek);
	for (size_t cut = 0; cut < len; cut++)
		assert_true(walk_all(room, cut).blocks <= s.blocks);
	vc_webmfile_free(f);
	vc_outfile_abandon(o);
	assert_int_equal(access(part, F_OK), -1);
}

static void late_tracks_and_names_find_room(void **state)
{
	static const struct {
		size_t reserve;
		unsigned int fit;
	} rows[] = { { 0, 140 }, { 100, 1 } };
	static uint8_t room[100000];
	struct vc_track_info info = sound;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct vc_webmfile_conf conf = {
			.reserve = rows[i].reserve, .doctype = "matroska",
		};
		struct vc_outfile *o;
		struct vc_webmfile *f;
		unsigned int a, n = 0;
		struct seen s;
		int err;

		assert_int_equal(vc_outfile_open(path, &o), 0);
		f = vc_webmfile_new(&conf, o);
		assert_int_equal(vc_webmfile_ops.add(f, &sound, &a), 0);
		put(f, a, 0, true, false);
		while (!(err = vc_webmfile_ops.add(f, &info, &a))) {
			n++;
			put(f, a, n, true, false);
		}
		assert_int_equal(err, -ENOSPC);
		assert_true(n >= rows[i].fit && n < rows[i].fit + 60);
		assert_int_equal(vc_webmfile_ops.rename(f, 0, "Bo"), 0);
		assert_int_equal(vc_webmfile_finish(f), 0);
		vc_webmfile_free(f);
		assert_int_equal(vc_outfile_finish(o), 0);
		s = walk_all(room, slurp(path, room, sizeof(room)));
		assert_int_equal(s.tracks, n + 1);
		assert_int_equal(s.blocks, n + 1);
		assert_false(s.has_bad_seek);
		assert_non_null(memmem(room, 1000, "\x53\x6e\x82" "Bo", 5));
		unlink(path);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	struct vc_track_info h264 = picture;
	struct vc_outfile *o;
	struct vc_webmfile *f;
	unsigned int a;

	(void)state;
	h264.codec = "H264";
	assert_int_equal(vc_outfile_open(path, &o), 0);
	f = vc_webmfile_new(NULL, o);
	assert_int_equal(vc_webmfile_ops.add(f, &h264, &a), -ENOTSUP);
	assert_int_equal(vc_webmfile_finish(f), -ENODATA);
	vc_webmfile_free(f);
	vc_outfile_abandon(o);
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(access(path, F_OK), -1);
}

static void time_never_goes_back_in_a_cluster(void **state)
{
	static const int64_t rows[] = { 0, 40, 20, 60, 70000, 100, 36000 };
	static uint8_t room[100000];
	struct vc_outfile *o;
	struct vc_webmfile *f;
	struct seen s;
	unsigned int a;

	(void)state;
	assert_int_equal(vc_outfile_open(path, &o), 0);
	f = vc_webmfile_new(NULL, o);
	assert_int_equal(vc_webmfile_ops.add(f, &sound, &a), 0);
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		put(f, a, rows[i], true, false);
	assert_int_equal(vc_webmfile_finish(f), 0);
	vc_webmfile_free(f);
	assert_int_equal(vc_outfile_finish(o), 0);
	s = walk_all(room, slurp(path, room, sizeof(room)));
	assert_int_equal(s.blocks, VC_COUNT(rows));
	assert_int_equal(s.clusters, 5);
	assert_false(s.went_back);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ticks_are_nearest),
		cmocka_unit_test(blocks_have_their_form),
		cmocka_unit_test(an_opus_track_says_its_delay),
		cmocka_unit_test(what_is_written_over_keeps_its_length),
		cmocka_unit_test(cues_fit_their_room),
		cmocka_unit_test(a_file_is_indexed),
		cmocka_unit_test(a_pipe_is_never_patched),
		cmocka_unit_test(a_crash_leaves_what_was_flushed),
		cmocka_unit_test(late_tracks_and_names_find_room),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(time_never_goes_back_in_a_cluster),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
