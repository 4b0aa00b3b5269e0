/* SPDX-License-Identifier: MIT */
/*
 * MP4 as it is written, read back from its fragments at every length it may
 * have been cut to, and from its tables by a walker of this test's own.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "engine/container.h"
#include "engine/mp4file.h"
#include "engine/outfile.h"
#include "engine/unitfile.h"
#include "partdir.h"

#define UNITS 150 /* of each track: 3 s */
#define LATE (317 * VC_MS)
#define GAP (700 * VC_MS) /* in the second one, before its 60th */
#define DELAY INT64_C(6500000)
#define FILE_CAP 262144

static const struct vc_track_info tracks[] = {
	{ .kind = VC_TRACK_AUDIO,
	  .codec = "opus",
	  .name = "ann",
	  .rate_hz = 48000,
	  .channels = 1,
	  .delay = DELAY },
	{ .kind = VC_TRACK_AUDIO,
	  .codec = "opus",
	  .name = "bob",
	  .rate_hz = 48000,
	  .channels = 2,
	  .delay = DELAY },
};

static int64_t time_of(unsigned int track, unsigned int i)
{
	int64_t t = (int64_t)i * 20 * VC_MS;

	return track ? t + LATE + (i >= 60 ? GAP : 0) : t;
}

/* 20 ms of CELT, of a length and with octets of its own. */
static size_t fill(uint8_t *p, unsigned int track, unsigned int i)
{
	size_t len = 10 + (i * 7 + track * 3) % 50;

	memset(p, (int)(i + track * 100), len);
	p[0] = 0xf8;
	return len;
}

static void put(struct vc_mp4file *f, unsigned int track, unsigned int i)
{
	uint8_t room[64];
	const struct vc_container_unit u = {
		.track = track,
		.time = time_of(track, i),
		.duration = 20 * VC_MS,
		.is_key = true,
		.data = room,
		.len = fill(room, track, i),
	};

	assert_int_equal(vc_mp4file_ops.write(f, &u), 0);
}

/* Both tracks in order of time; the file's octets, and what write() left. */
static size_t record(uint8_t *room, bool is_fragmented, bool to_end)
{
	const struct vc_mp4file_conf conf = { .is_fragmented = is_fragmented };
	unsigned int next[2] = { 0, 0 }, index;
	struct vc_outfile *out;
	struct vc_mp4file *f;
	size_t len;

	assert_int_equal(vc_outfile_open(path, &out), 0);
	f = vc_mp4file_new(&conf, out);
	assert_non_null(f);
	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(vc_mp4file_ops.add(f, &tracks[i], &index), 0);
	while (next[0] < UNITS || next[1] < UNITS) {
		unsigned int k = next[0] == UNITS ||
				 (next[1] < UNITS &&
				  time_of(1, next[1]) < time_of(0, next[0]));

		put(f, k, next[k]);
		next[k]++;
	}
	if (to_end)
		assert_int_equal(vc_mp4file_ops.finish(f), 0);
	else
		assert_int_equal(vc_mp4file_ops.flush(f), 0);
	vc_mp4file_ops.free(f);
	assert_int_equal(vc_outfile_finish(out), 0);
	len = slurp(path, room, FILE_CAP);
	unlink(path);
	return len;
}

/* --- what is read back --- */

struct seen {
	unsigned int n[2], refused;
	int64_t end;
};

static int seen_add(void *c, const struct vc_track_info *info,
		    unsigned int *track)
{
	(void)c;
	*track = (unsigned int)info->source - 1;
	assert_in_range(*track, 0, 1);
	assert_string_equal(info->name, tracks[*track].name);
	assert_int_equal(info->channels, tracks[*track].channels);
	assert_int_equal(info->delay, DELAY);
	return 0;
}

static int seen_write(void *c, const struct vc_container_unit *u)
{
	struct seen *s = c;
	unsigned int i = s->n[u->track];
	uint8_t want[64];

	assert_int_equal(u->len, fill(want, u->track, i));
	assert_memory_equal(u->data, want, u->len);
	assert_true(llabs(u->time - time_of(u->track, i)) < 11 * VC_US);
	assert_int_equal(u->duration, 20 * VC_MS);
	s->n[u->track]++;
	s->end = u->time;
	return 0;
}

static const struct vc_container_ops seen_ops = {
	.name = "seen",
	.add = seen_add,
	.write = seen_write,
};

static void on_refused(void *ctx, uint64_t number, const char *codec)
{
	struct seen *s = ctx;

	assert_int_equal(number, 1);
	assert_string_equal(codec, "Opus of another layout");
	s->refused++;
}

/* 0, or how reading it failed. */
static int read_back(const uint8_t *p, size_t len, struct seen *s,
		     bool *is_whole, struct vc_unitfile_counts *counts)
{
	const struct vc_unitfile_conf conf = { .ops = &seen_ops,
					       .container = s,
					       .refused = on_refused,
					       .ctx = s };
	struct vc_unitfile *f = vc_unitfile_new(&conf);
	int err;

	*s = (struct seen){ 0 };
	assert_non_null(f);
	err = vc_unitfile_put(f, p, len);
	*is_whole = vc_unitfile_is_whole(f);
	*counts = *vc_unitfile_counts(f);
	vc_unitfile_free(f);
	return err;
}

static void test_read_back(void **state)
{
	uint8_t *room = vc_alloc(1, FILE_CAP);
	struct vc_unitfile_counts c;
	struct seen s;
	bool is_whole;

	(void)state;
	for (int i = 0; i < 2; i++) {
		size_t len = record(room, i, true);

		assert_int_equal(read_back(room, len, &s, &is_whole, &c), 0);
		assert_int_equal(s.n[0], UNITS);
		assert_int_equal(s.n[1], UNITS);
		assert_true(is_whole && c.has_index && !c.bad);
		assert_in_range(c.said, time_of(1, UNITS) - DELAY - VC_MS,
				time_of(1, UNITS) - DELAY + VC_MS);
	}
	free(room);
}

/* As a crash leaves it: what is there is right, and lacks a second at most. */
static void test_cut(void **state)
{
	uint8_t *room = vc_alloc(1, FILE_CAP);
	size_t len = record(room, false, false);
	struct vc_unitfile_counts c;
	unsigned int before = 0;
	struct seen s;
	bool is_whole;

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		assert_int_equal(read_back(room, cut, &s, &is_whole, &c), 0);
		assert_int_equal(c.bad, 0);
		assert_true(s.n[0] + s.n[1] >= before);
		before = s.n[0] + s.n[1];
		assert_false(is_whole && c.has_index);
	}
	assert_int_equal(before, 2 * UNITS);
	free(room);
}

/* What a stranger says of channels: that track is left out, the other read. */
static void test_foreign_channels(void **state)
{
	static const uint8_t channels[] = { 0, 3, 6, 255 };
	uint8_t *room = vc_alloc(1, FILE_CAP), *head;
	size_t len = record(room, true, true);
	struct vc_unitfile_counts c;
	struct seen s;
	bool is_whole;

	(void)state;
	head = memmem(room, len, "dOps", 4);
	assert_non_null(head);
	for (size_t i = 0; i < VC_COUNT(channels); i++) {
		head[5] = channels[i];
		assert_int_equal(read_back(room, len, &s, &is_whole, &c), 0);
		assert_int_equal(s.refused, 1);
		assert_int_equal(s.n[0], 0);
		assert_int_equal(s.n[1], UNITS);
		assert_true(is_whole && !c.bad);
		assert_int_equal(c.strays, UNITS);
	}
	free(room);
}

/* --- the tables --- */

/* The table 'type' of the 'nth' track in the last moov, behind its count. */
static struct vc_rd table(const uint8_t *p, size_t len, const char *type,
			  unsigned int nth)
{
	const uint8_t *moov = NULL, *at;

	for (size_t i = 0; i + 4 <= len; i++)
		if (!memcmp(p + i, "moov", 4))
			moov = p + i;
	assert_non_null(moov);
	at = moov;
	do {
		at = memmem(at + 1, (size_t)(p + len - at - 1), type, 4);
		assert_non_null(at);
	} while (nth--);
	return vc_rd_over(at + 4, vc_get_u32(at - 4) - 8);
}

static void check_track(const uint8_t *p, size_t len, unsigned int k)
{
	struct vc_rd stts = table(p, len, "stts", k);
	struct vc_rd stsc = table(p, len, "stsc", k);
	struct vc_rd stsz = table(p, len, "stsz", k);
	struct vc_rd co64 = table(p, len, "co64", k);
	uint32_t run = 0, delta = 0, in_chunk = 0, next_first, per = 0;
	uint64_t time = (uint64_t)(k ? LATE : 0) * 48 / VC_MS, at = 0;
	uint32_t chunk = 0;
	uint8_t want[64];

	vc_rd_skip(&stts, 8);
	vc_rd_skip(&stsc, 8);
	vc_rd_skip(&stsz, 8);
	vc_rd_skip(&co64, 8);
	assert_int_equal(vc_rd_u32(&stsz), UNITS);
	next_first = vc_rd_u32(&stsc);
	for (unsigned int i = 0; i < UNITS; i++) {
		size_t n = fill(want, k, i);

		if (!in_chunk) {
			chunk++;
			at = vc_rd_u64(&co64);
			if (chunk == next_first) {
				per = vc_rd_u32(&stsc);
				assert_int_equal(vc_rd_u32(&stsc), 1);
				next_first = vc_rd_left(&stsc) ?
						     vc_rd_u32(&stsc) :
						     0;
			}
			in_chunk = per;
		}
		assert_int_equal(vc_rd_u32(&stsz), n);
		assert_true(at + n <= len);
		assert_memory_equal(p + at, want, n);
		assert_in_range(time, time_of(k, i) * 48 / VC_MS,
				time_of(k, i) * 48 / VC_MS + 1);
		if (!run) {
			run = vc_rd_u32(&stts);
			delta = vc_rd_u32(&stts);
		}
		run--;
		time += delta;
		at += n;
		in_chunk--;
	}
	assert_false(stts.bad || stsc.bad || stsz.bad || co64.bad);
	assert_true(!run && !in_chunk && !vc_rd_left(&stts) &&
		    !vc_rd_left(&co64) && !vc_rd_left(&stsz));
}

static void test_tables(void **state)
{
	uint8_t *room = vc_alloc(1, FILE_CAP);
	size_t len = record(room, false, true);
	struct vc_rd edits;

	(void)state;
	check_track(room, len, 0);
	check_track(room, len, 1);
	/* The first one begins at once, the second one late. */
	edits = table(room, len, "elst", 0);
	vc_rd_skip(&edits, 4);
	assert_int_equal(vc_rd_u32(&edits), 1);
	vc_rd_skip(&edits, 8);
	assert_int_equal(vc_rd_u64(&edits), 312);
	edits = table(room, len, "elst", 1);
	vc_rd_skip(&edits, 4);
	assert_int_equal(vc_rd_u32(&edits), 2);
	assert_int_equal(vc_rd_u64(&edits), LATE * 48 / VC_MS);
	assert_int_equal((int64_t)vc_rd_u64(&edits), -1);
	free(room);
}

/* --- parameter sets that change --- */

#define SPS                                                            \
	"\0\0\0\1\x67\x42\xc0\x0c\xda\x05\x46\x78\x89\xb0\x11\x00\x00" \
	"\x03\x00\x01\x00\x00\x03\x00\x32\x0f\x14\x2a\xa0"
#define PICTURE(pps)                                   \
	SPS "\0\0\0\1\x68\xce" pps "\0\0\0\1\x65\x88", \
		sizeof(SPS) + sizeof(pps) + 10

static const struct picture {
	const char *p;
	size_t len;
} pictures[] = { { PICTURE("\x3c\x80") }, { PICTURE("\x0f\xc8") } };

static void put_key(struct vc_mp4file *f, unsigned int i,
		    const struct picture *k)
{
	const struct vc_container_unit u = {
		.time = i * 100 * VC_MS,
		.duration = 100 * VC_MS,
		.is_key = true,
		.data = (const uint8_t *)k->p,
		.len = k->len,
	};

	assert_int_equal(vc_mp4file_ops.write(f, &u), 0);
}

/*
 * Sets of before are taken up again, when the first moov has no room any more:
 * those in between are in use, and stay.
 */
static void test_entries_stay(void **state)
{
	const struct vc_mp4file_conf conf = { .reserve = 300 };
	const struct vc_track_info info = {
		.kind = VC_TRACK_VIDEO,
		.codec = "H264",
		.name = "a",
		.first = (const uint8_t *)pictures[0].p,
		.first_len = pictures[0].len
	};
	uint8_t *room = vc_alloc(1, FILE_CAP);
	char name[VC_TRACK_NAME_CAP];
	struct vc_outfile *out;
	struct vc_mp4file *f;
	unsigned int track;
	struct vc_rd stsd, stsc;
	size_t len;

	(void)state;
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(vc_outfile_open(path, &out), 0);
	f = vc_mp4file_new(&conf, out);
	assert_int_equal(vc_mp4file_ops.add(f, &info, &track), 0);
	for (unsigned int i = 0; i < 4; i++)
		put_key(f, i, &pictures[i / 2]);
	assert_int_equal(vc_mp4file_ops.rename(f, 0, name), 0);
	put_key(f, 4, &pictures[0]);
	assert_int_equal(vc_mp4file_ops.finish(f), 0);
	vc_mp4file_ops.free(f);
	assert_int_equal(vc_outfile_finish(out), 0);
	len = slurp(path, room, FILE_CAP);
	unlink(path);
	stsd = table(room, len, "stsd", 0);
	vc_rd_skip(&stsd, 4);
	assert_int_equal(vc_rd_u32(&stsd), 2);
	stsc = table(room, len, "stsc", 0);
	vc_rd_skip(&stsc, 4);
	assert_int_equal(vc_rd_u32(&stsc), 3);
	for (unsigned int i = 0; i < 3; i++) {
		vc_rd_skip(&stsc, 8);
		assert_int_equal(vc_rd_u32(&stsc), 1 + i % 2);
	}
	assert_false(stsd.bad || stsc.bad);
	free(room);
}

/* --- what it does not hold, and when it is too late --- */

static void test_refuses(void **state)
{
	static const char *const codecs[] = { "VP8", "VP9", "AV1", "PCMU",
					      "H264" };
	struct vc_track_info info = { .kind = VC_TRACK_VIDEO };
	struct vc_outfile *out;
	struct vc_mp4file *f;
	unsigned int track;
	int pipe_fds[2];

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(vc_outfile_wrap(pipe_fds[1], &out), 0);
	f = vc_mp4file_new(NULL, out);
	for (size_t i = 0; i < VC_COUNT(codecs); i++) {
		info.codec = codecs[i]; /* H.264: without a first unit */
		assert_int_equal(vc_mp4file_ops.add(f, &info, &track),
				 -ENOTSUP);
	}
	assert_int_equal(vc_mp4file_ops.finish(f), -ENODATA);
	assert_int_equal(vc_mp4file_ops.add(f, &tracks[0], &track), 0);
	for (unsigned int i = 0; i < 60; i++)
		put(f, 0, i);
	assert_int_equal(vc_mp4file_ops.add(f, &tracks[1], &track), -ENOSPC);
	vc_mp4file_ops.free(f);
	vc_outfile_abandon(out);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_back),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_foreign_channels),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_entries_stay),
		cmocka_unit_test(test_refuses),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
