/* SPDX-License-Identifier: MIT */
/* Reading MP4 in fragments: what no file of ours has in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "wire/mp4.h"
#include "wire/mp4read.h"

#define SCALE 1000
#define MEDIA 40 /* octets of it in a fragment */
#define HAS_PLACE 0x1
#define HAS_SIZES 0x200
#define HAS_FLAGS 0x400
#define HAS_SHIFTS 0x800

static struct vc_wr w;
static uint8_t room[4096];

static size_t begin(const char *type)
{
	size_t at = vc_wr_len(&w);

	vc_wr_u32(&w, 0);
	vc_wr_bytes(&w, type, 4);
	return at;
}

static size_t begin_full(const char *type, uint32_t flags)
{
	size_t at = begin(type);

	vc_wr_u32(&w, flags);
	return at;
}

static void end(size_t at)
{
	assert_false(w.bad);
	vc_put_u32(w.start + at, (uint32_t)(vc_wr_len(&w) - at));
}

static void zeros(size_t n)
{
	while (n--)
		vc_wr_u8(&w, 0);
}

/* A track whose samples have 'size' octets, 10 ms each, if they say nothing. */
static void put_moov(uint32_t size, bool ends_well)
{
	size_t at, in, box, full;

	vc_mp4_ftyp(&w);
	at = begin("moov");
	in = begin("trak");
	box = begin_full("tkhd", 0);
	zeros(8);
	vc_wr_u32(&w, 1);
	end(box);
	box = begin("mdia");
	full = begin_full("mdhd", 0);
	zeros(8);
	vc_wr_u32(&w, SCALE);
	end(full);
	end(box);
	end(in);
	in = begin("mvex");
	box = begin_full("trex", 0);
	vc_wr_u32(&w, 1);
	vc_wr_u32(&w, 1);
	vc_wr_u32(&w, 10);
	vc_wr_u32(&w, size);
	vc_wr_u32(&w, 0);
	end(box);
	end(in);
	if (!ends_well)
		vc_wr_u32(&w, 4711);
	end(at);
}

/* Its samples begin at 'time'; all its 'runs' are of 'n', with 'words' each. */
static void put_fragment(uint32_t time, unsigned int runs, uint32_t n,
			 uint32_t flags, const uint32_t *words, size_t n_words)
{
	size_t moof = begin("moof"), traf = begin("traf"), places[8], box;

	assert_in_range(runs, 1, VC_COUNT(places));
	box = begin_full("tfhd", 0x20000);
	vc_wr_u32(&w, 1);
	end(box);
	box = begin_full("tfdt", 0);
	vc_wr_u32(&w, time);
	end(box);
	for (unsigned int i = 0; i < runs; i++) {
		box = begin_full("trun", flags | HAS_PLACE);
		vc_wr_u32(&w, n);
		places[i] = vc_wr_len(&w);
		vc_wr_u32(&w, 0);
		for (size_t k = 0; k < n_words; k++)
			vc_wr_u32(&w, words[k]);
		end(box);
	}
	end(traf);
	end(moof);
	for (unsigned int i = 0; i < runs; i++)
		vc_put_u32(w.start + places[i],
			   (uint32_t)(vc_wr_len(&w) - moof + VC_MP4_BOX_LEN));
	box = begin("mdat");
	zeros(MEDIA);
	end(box);
}

struct seen {
	bool has_tracks, is_bad;
	unsigned int n;
	int64_t times[MEDIA];
};

static void walk(struct vc_mp4read *r, const struct vc_mp4read_item *item,
		 struct seen *seen)
{
	struct vc_mp4read_sample s;
	struct vc_mp4read_walk in;

	vc_mp4read_begin(&in, r, item);
	while (vc_mp4read_sample(&in, &s)) {
		assert_true(seen->n < VC_COUNT(seen->times));
		seen->times[seen->n] = s.time;
		seen->n++;
	}
	seen->is_bad |= in.is_bad;
}

static struct seen read_all(void)
{
	struct vc_mp4read r = { 0 };
	struct vc_mp4read_item item;
	struct seen seen = { 0 };

	for (size_t at = 0; at < vc_wr_len(&w); at += item.size) {
		assert_int_equal(vc_mp4read_next(&r, room + at,
						 vc_wr_len(&w) - at, &item),
				 1);
		seen.has_tracks |= item.kind == VC_MP4READ_TRACKS_ARE;
		seen.is_bad |= item.is_bad || item.kind == VC_MP4READ_BAD;
		if (item.kind == VC_MP4READ_FRAGMENT)
			walk(&r, &item, &seen);
	}
	return seen;
}

static int begin_file(void **state)
{
	(void)state;
	w = vc_wr_over(room, sizeof(room));
	return 0;
}

/* Each of many runs says that all the media is its own. */
static void no_octet_is_two_samples(void **state)
{
	struct seen seen;

	(void)state;
	put_moov(1, true);
	put_fragment(0, 8, MEDIA, 0, NULL, 0);
	seen = read_all();
	assert_true(seen.has_tracks && seen.is_bad);
	assert_int_equal(seen.n, MEDIA);
}

/* Samples without octets are as many as the run has words for. */
static void samples_of_nothing_end(void **state)
{
	static const uint32_t sizes[] = { 0, 0, 7 }, flags[] = { 0 };
	struct seen seen;

	(void)state;
	put_moov(0, true);
	put_fragment(0, 1, UINT32_MAX, 0, NULL, 0);
	put_fragment(0, 1, UINT32_MAX, HAS_FLAGS, flags, 1);
	put_fragment(0, 1, UINT32_MAX, HAS_SIZES, sizes, 3);
	seen = read_all();
	assert_true(seen.is_bad);
	assert_int_equal(seen.n, 0 + 1 + 3);
}

/* B-frames: what would be before the beginning is at it. */
static void negative_shifts(void **state)
{
	static const uint32_t shifts[] = { (uint32_t)-20, 30, (uint32_t)-5 };
	struct seen seen;

	(void)state;
	put_moov(1, true);
	put_fragment(10, 1, 3, HAS_SHIFTS, shifts, 3);
	seen = read_all();
	assert_false(seen.is_bad);
	assert_int_equal(seen.n, 3);
	assert_int_equal(seen.times[0], 0);
	assert_int_equal(seen.times[1], 50 * VC_MS);
	assert_int_equal(seen.times[2], 25 * VC_MS);
}

/* What came before it counts: the tracks are told. */
static void moov_with_a_bad_end(void **state)
{
	struct seen seen;

	(void)state;
	put_moov(MEDIA, false);
	put_fragment(0, 1, 1, 0, NULL, 0);
	seen = read_all();
	assert_true(seen.has_tracks && seen.is_bad);
	assert_int_equal(seen.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_octet_is_two_samples, begin_file),
		cmocka_unit_test_setup(samples_of_nothing_end, begin_file),
		cmocka_unit_test_setup(negative_shifts, begin_file),
		cmocka_unit_test_setup(moov_with_a_bad_end, begin_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
