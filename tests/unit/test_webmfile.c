/* SPDX-License-Identifier: MIT */
/* Files against a walker that reads them back, cut at every octet too. */
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
#include "wire/ebml.h"
#include "wire/webm.h"
#include "partdir.h"
#include "webmput.h"

#define ID_SEGMENT 0x18538067
#define ID_SEEK_HEAD 0x114d9b74
#define ID_INFO 0x1549a966
#define ID_TRACKS 0x1654ae6b
#define ID_CLUSTER 0x1f43b675
#define ID_CUES 0x1c53bb6b
#define ID_BLOCK_GROUP 0xa0

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
		case ID_INFO:
		case 0x4dbb:
		case 0xbb:
		case 0xb7:
		case ID_CUES:
		case ID_TRACKS:
		case ID_BLOCK_GROUP:
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
		case 0xa3:
		case 0xa1:
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

static const struct vc_track_info picture = {
	.kind = VC_TRACK_VIDEO,
	.codec = "VP8",
	.name = "Ann",
	.rate_hz = 90000,
	.width = 320,
	.height = 180,
};

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
	assert_int_equal(vc_webmfile_ops.finish(f), 0);
	vc_webmfile_counts(f, &counts);
	assert_int_equal(counts.blocks, 900);
	assert_int_equal(counts.duration, 12 * VC_SEC);
	vc_webmfile_ops.free(f);
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
	assert_int_equal(vc_webmfile_ops.finish(f), 0);
	vc_webmfile_ops.free(f);
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
	vc_webmfile_ops.free(f);
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
			.reserve = rows[i].reserve,
			.doctype = "matroska",
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
		assert_int_equal(vc_webmfile_ops.finish(f), 0);
		vc_webmfile_ops.free(f);
		assert_int_equal(vc_outfile_finish(o), 0);
		s = walk_all(room, slurp(path, room, sizeof(room)));
		assert_int_equal(s.tracks, n + 1);
		assert_int_equal(s.blocks, n + 1);
		assert_false(s.has_bad_seek);
		assert_non_null(memmem(room, 1000,
				       "\x53\x6e\x82"
				       "Bo",
				       5));
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
	assert_int_equal(vc_webmfile_ops.finish(f), -ENODATA);
	vc_webmfile_ops.free(f);
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
	assert_int_equal(vc_webmfile_ops.finish(f), 0);
	vc_webmfile_ops.free(f);
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
		cmocka_unit_test(a_file_is_indexed),
		cmocka_unit_test(a_pipe_is_never_patched),
		cmocka_unit_test(a_crash_leaves_what_was_flushed),
		cmocka_unit_test(late_tracks_and_names_find_room),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(time_never_goes_back_in_a_cluster),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
