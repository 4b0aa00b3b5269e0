/* SPDX-License-Identifier: MIT */
/* A recording read back is what was written, also when it is cut at any octet. */
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

#include "base/time.h"
#include "engine/container.h"
#include "engine/outfile.h"
#include "engine/unitfile.h"
#include "engine/webmfile.h"

#define OPUS_20MS "\x08\xff\xfe" /* SILK, narrow-band, one frame */
#define KEY_FRAME "\x30\x00\x00\x9d\x01\x2a\x20\x00\x20\x00\xaa"
#define PART_FRAME "\x31\x00\x00\xaa\xbb"
#define PICTURES 40
#define SOUNDS 200

/* What is read back. */
struct heard {
	unsigned int tracks;
	struct vc_track_info info[4];
	unsigned int units[4];
	unsigned int keys[4];
	int64_t end[4];
	int64_t last[4];
	bool went_back;
	int fail_with; /* of the next unit */
};

static int hear_track(void *c, const struct vc_track_info *info,
		      unsigned int *track)
{
	struct heard *h = c;

	assert_true(h->tracks < 4);
	h->info[h->tracks] = *info;
	*track = h->tracks;
	h->tracks++;
	return 0;
}

static int hear_unit(void *c, const struct vc_container_unit *u)
{
	struct heard *h = c;

	assert_true(u->track < h->tracks);
	h->went_back |= h->units[u->track] && u->time < h->last[u->track];
	h->last[u->track] = u->time;
	h->end[u->track] = u->time + u->duration;
	h->units[u->track]++;
	h->keys[u->track] += u->is_key;
	return h->fail_with;
}

static const struct vc_container_ops hearing = {
	.name = "test",
	.add = hear_track,
	.write = hear_unit,
};

static struct vc_unitfile *reader(struct heard *h)
{
	const struct vc_unitfile_conf conf = { .ops = &hearing,
					       .container = h };
	struct vc_unitfile *f;

	memset(h, 0, sizeof(*h));
	f = vc_unitfile_new(&conf);
	assert_non_null(f);
	return f;
}

static void put(struct vc_webmfile *f, unsigned int track, int64_t time,
		int64_t lasts, const char *data, size_t len, bool is_key,
		bool is_last)
{
	const struct vc_container_unit u = {
		.track = track,
		.time = time,
		.duration = lasts,
		.is_key = is_key,
		.is_last = is_last,
		.data = (const uint8_t *)data,
		.len = len,
	};

	assert_int_equal(vc_webmfile_ops.write(f, &u), 0);
}

/* Four seconds of "al": a picture each 100 ms, sound each 20 ms. */
static uint8_t *film(size_t *len)
{
	struct vc_track_info sound = { .kind = VC_TRACK_AUDIO,
				       .codec = "opus",
				       .name = "al",
				       .rate_hz = 48000,
				       .channels = 1 };
	struct vc_track_info pictures = { .kind = VC_TRACK_VIDEO,
					  .codec = "VP8",
					  .name = "al",
					  .rate_hz = 90000,
					  .width = 32,
					  .height = 32 };
	char path[] = "/tmp/vc-unitfile-XXXXXX";
	char name[64];
	struct vc_outfile *out;
	struct vc_webmfile *f;
	unsigned int a, v;
	struct stat st;
	uint8_t *all;
	int fd;

	assert_non_null(mkdtemp(path));
	snprintf(name, sizeof(name), "%s/a.webm", path);
	assert_int_equal(vc_outfile_open(name, &out), 0);
	f = vc_webmfile_new(NULL, out);
	assert_int_equal(vc_webmfile_ops.add(f, &sound, &a), 0);
	assert_int_equal(vc_webmfile_ops.add(f, &pictures, &v), 0);
	for (int i = 0; i < SOUNDS; i++) {
		bool is_key = i % 100 == 0;

		put(f, a, i * 20 * VC_MS, 20 * VC_MS, OPUS_20MS, 3, true,
		    i == SOUNDS - 1);
		if (i % 5 == 0)
			put(f, v, i * 20 * VC_MS, 100 * VC_MS,
			    is_key ? KEY_FRAME : PART_FRAME, is_key ? 11 : 5,
			    is_key, i == SOUNDS - 5);
	}
	assert_int_equal(vc_webmfile_ops.finish(f), 0);
	assert_int_equal(vc_outfile_finish(out), 0);
	vc_webmfile_ops.free(f);
	fd = open(name, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && !fstat(fd, &st));
	*len = (size_t)st.st_size;
	all = malloc(*len);
	assert_non_null(all);
	assert_int_equal(read(fd, all, *len), (ssize_t)*len);
	close(fd);
	unlink(name);
	rmdir(path);
	return all;
}

static void what_was_written_is_read(void **state)
{
	const struct vc_unitfile_counts *c;
	struct vc_unitfile *f;
	struct heard h;
	size_t len;
	uint8_t *all = film(&len);

	(void)state;
	f = reader(&h);
	/* In pieces of all sizes. */
	for (size_t at = 0, n = 1; at < len; at += n, n = n * 2 % 509)
		assert_int_equal(vc_unitfile_put(f, all + at,
						 n < len - at ? n : len - at),
				 0);
	assert_true(vc_unitfile_is_whole(f));
	assert_int_equal(h.tracks, 2);
	assert_string_equal(h.info[0].codec, "opus");
	assert_string_equal(h.info[0].name, "al");
	assert_int_equal(h.info[0].rate_hz, 48000);
	assert_string_equal(h.info[1].codec, "VP8");
	assert_int_equal(h.info[1].width, 32);
	assert_int_equal(h.units[0], SOUNDS);
	assert_int_equal(h.units[1], PICTURES);
	assert_int_equal(h.keys[1], 2);
	assert_int_equal(h.end[0], 4 * VC_SEC);
	assert_int_equal(h.end[1], 4 * VC_SEC);
	assert_false(h.went_back);
	c = vc_unitfile_counts(f);
	assert_int_equal(c->units, SOUNDS + PICTURES);
	assert_int_equal(c->bad, 0);
	assert_int_equal(c->said, 4 * VC_SEC);
	assert_true(c->has_index);
	vc_unitfile_free(f);
	free(all);
}

/* Units never get fewer with more octets, and the last is there at the end. */
static void cut_anywhere_it_gives_what_is_whole(void **state)
{
	unsigned int before = 0, n = 0;
	struct heard h;
	size_t len;
	uint8_t *all = film(&len);

	(void)state;
	for (size_t cut = 0; cut <= len; cut++) {
		struct vc_unitfile *f = reader(&h);

		if (cut)
			assert_int_equal(vc_unitfile_put(f, all, cut), 0);
		n = h.units[0] + h.units[1];
		assert_true(n == before || n == before + 1);
		assert_false(h.went_back);
		assert_int_equal(vc_unitfile_is_whole(f), cut == len);
		before = n;
		vc_unitfile_free(f);
	}
	assert_int_equal(n, SOUNDS + PICTURES);
	free(all);
}

static void an_error_of_the_container_ends_it(void **state)
{
	struct vc_unitfile *f;
	struct heard h;
	size_t len;
	uint8_t *all = film(&len);

	(void)state;
	f = reader(&h);
	h.fail_with = -ENOSPC;
	assert_int_equal(vc_unitfile_put(f, all, len), -ENOSPC);
	assert_int_equal(h.units[0] + h.units[1], 1);
	assert_int_equal(vc_unitfile_put(f, all, len), -ENOSPC);
	vc_unitfile_free(f);
	free(all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(cut_anywhere_it_gives_what_is_whole),
		cmocka_unit_test(an_error_of_the_container_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
