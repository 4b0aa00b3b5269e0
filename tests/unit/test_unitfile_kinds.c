/* SPDX-License-Identifier: MIT */
/* Ogg, WAV and IVF read back: what was written, also cut at any octet. */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "base/time.h"
#include "engine/oggfile.h"
#include "engine/outfile.h"
#include "engine/picfile.h"
#include "engine/unitfile.h"
#include "engine/wavfile.h"
#include "partdir.h"

#define OPUS_20MS "\x08\xff\xfe" /* SILK, narrow-band, one frame */
#define KEY_FRAME "\x30\x00\x00\x9d\x01\x2a\x20\x00\x20\x00\xaa"
#define PART_FRAME "\x31\x00\x00\xaa\xbb"
#define CAP (1u << 20)
#define MOST 1000

/* What is read back. */
struct heard {
	unsigned int tracks, refused;
	struct vc_track_info info;
	unsigned int n;
	struct unit {
		int64_t time, duration;
		bool is_key;
		size_t len;
		uint64_t sum;
	} units[MOST];
};

static uint64_t sum_of(const uint8_t *p, size_t len)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h;
}

static int hear_track(void *c, const struct vc_track_info *info,
		      unsigned int *track)
{
	struct heard *h = c;

	h->info = *info;
	h->tracks++;
	*track = 0;
	return 0;
}

static int hear_unit(void *c, const struct vc_container_unit *u)
{
	struct heard *h = c;

	assert_true(h->n < MOST);
	h->units[h->n] = (struct unit){ u->time, u->duration, u->is_key, u->len,
					sum_of(u->data, u->len) };
	h->n++;
	return 0;
}

static const struct vc_container_ops hearing = {
	.name = "test",
	.add = hear_track,
	.write = hear_unit,
};

static void refused(void *ctx, uint64_t number, const char *codec)
{
	struct heard *h = ctx;

	assert_int_equal(number, 1);
	assert_true(codec[0]);
	h->refused++;
}

static struct vc_unitfile *reader(struct heard *h)
{
	const struct vc_unitfile_conf conf = { .ops = &hearing,
					       .container = h,
					       .refused = refused,
					       .ctx = h };
	struct vc_unitfile *f;

	memset(h, 0, sizeof(*h));
	f = vc_unitfile_new(&conf);
	assert_non_null(f);
	return f;
}

/* --- what is written: 4 s, of which the third is missing --- */

static const struct kind {
	const char *codec;
	bool is_video;
	bool keeps_gaps; /* else they are filled with silence */
	const struct vc_container_ops *ops;
	int64_t step; /* ns, of a unit */
	uint32_t rate_hz;
	size_t len;   /* octets of it */
	int64_t lost; /* ns at most where it is cut */
} kinds[] = {
	{ "opus", false, true, &vc_oggfile_ops, 20 * VC_MS, 48000, 3, VC_SEC },
	{ "PCMU", false, false, &vc_wavfile_ops, 20 * VC_MS, 8000, 160,
	  VC_SEC },
	{ "PCMA", false, false, &vc_wavfile_ops, 20 * VC_MS, 8000, 160,
	  VC_SEC },
	{ "L16", false, false, &vc_wavfile_ops, 10 * VC_MS, 8000, 160, VC_SEC },
	{ "VP8", true, true, &vc_picfile_ops, 100 * VC_MS, 90000, 0, VC_SEC },
};

static void *make(const struct kind *k, struct vc_outfile *out)
{
	if (k->ops == &vc_oggfile_ops)
		return vc_oggfile_new(out);
	return k->is_video ? (void *)vc_picfile_new(false, out) :
			     (void *)vc_wavfile_new(out);
}

static size_t fill(const struct kind *k, int i, uint8_t *p)
{
	if (k->is_video) {
		size_t n = i % 10 ? sizeof(PART_FRAME) - 1 :
				    sizeof(KEY_FRAME) - 1;

		memcpy(p, i % 10 ? PART_FRAME : KEY_FRAME, n);
		return n;
	}
	if (k->ops == &vc_oggfile_ops) {
		memcpy(p, OPUS_20MS, 3);
		p[2] = (uint8_t)i;
		return 3;
	}
	for (size_t j = 0; j < k->len; j++)
		p[j] = (uint8_t)((size_t)i + j);
	return k->len;
}

static size_t write_kind(const struct kind *k, uint8_t *all,
			 struct heard *wrote)
{
	const struct vc_track_info info = {
		.kind = k->is_video ? VC_TRACK_VIDEO : VC_TRACK_AUDIO,
		.codec = k->codec,
		.name = "al",
		.rate_hz = k->rate_hz,
		.channels = 1,
		.width = 32,
		.height = 32,
		.delay = k->ops == &vc_oggfile_ops ? 6500000 : 0,
	};
	int n = (int)(4 * VC_SEC / k->step);
	struct vc_outfile *out;
	unsigned int track;
	uint8_t room[256];
	void *c;

	memset(wrote, 0, sizeof(*wrote));
	assert_int_equal(vc_outfile_open(path, &out), 0);
	c = make(k, out);
	assert_non_null(c);
	assert_int_equal(k->ops->add(c, &info, &track), 0);
	for (int i = 0; i < n; i++) {
		struct vc_container_unit u = {
			.time = i * k->step,
			.duration = k->step,
			.is_key = !k->is_video || i % 10 == 0,
			.is_last = i == n - 1,
			.data = room,
			.len = fill(k, i, room),
		};

		if (u.time >= 2 * VC_SEC && u.time < 3 * VC_SEC)
			continue;
		assert_int_equal(k->ops->write(c, &u), 0);
		hear_unit(wrote, &u);
	}
	assert_int_equal(k->ops->finish(c), 0);
	assert_int_equal(vc_outfile_finish(out), 0);
	k->ops->free(c);
	n = (int)slurp(path, all, CAP);
	unlink(path);
	return (size_t)n;
}

/* The one at 'time', or NULL. */
static const struct unit *unit_at(const struct heard *h, int64_t time)
{
	for (unsigned int i = 0; i < h->n; i++)
		if (h->units[i].time >= time - VC_MS &&
		    h->units[i].time <= time + VC_MS)
			return &h->units[i];
	return NULL;
}

static void compare(const struct kind *k, const struct heard *wrote,
		    const struct heard *h)
{
	const struct unit *last = &h->units[h->n - 1];

	assert_int_equal(h->tracks, 1);
	assert_string_equal(h->info.codec, k->codec);
	assert_int_equal(h->info.rate_hz, k->rate_hz);
	if (k->keeps_gaps)
		assert_int_equal(h->n, wrote->n);
	for (unsigned int i = 0; i < wrote->n; i++) {
		const struct unit *w = &wrote->units[i];
		const struct unit *u = unit_at(h, w->time);

		assert_non_null(u);
		assert_int_equal(u->len, w->len);
		assert_int_equal(u->sum, w->sum);
		assert_int_equal(u->is_key, w->is_key);
	}
	assert_in_range(last->time + last->duration, 4 * VC_SEC - VC_MS,
			4 * VC_SEC + VC_MS);
}

static void what_was_written_is_read(void **state)
{
	static uint8_t all[CAP];
	static struct heard wrote, h;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = write_kind(&kinds[i], all, &wrote);
		struct vc_unitfile *f = reader(&h);
		const struct vc_unitfile_counts *c;

		/* In pieces of all sizes. */
		for (size_t at = 0, n = 1; at < len; at += n, n = n * 2 % 509)
			assert_int_equal(
				vc_unitfile_put(f, all + at,
						n < len - at ? n : len - at),
				0);
		compare(&kinds[i], &wrote, &h);
		c = vc_unitfile_counts(f);
		assert_true(vc_unitfile_is_whole(f));
		assert_int_equal(c->bad, 0);
		assert_true(c->has_index);
		assert_in_range(c->said, 4 * VC_SEC - VC_MS,
				4 * VC_SEC + VC_MS);
		vc_unitfile_free(f);
	}
}

static int64_t end_of(const struct heard *h)
{
	const struct unit *last = &h->units[h->n ? h->n - 1 : 0];

	return last->time + last->duration;
}

/* Cut at every octet: it opens, and what is lost is a second at most. */
static void cut_anywhere_it_gives_all_but_a_second(void **state)
{
	static uint8_t all[CAP];
	static struct heard wrote, h;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t len = write_kind(&kinds[i], all, &wrote);
		int64_t before = 0;

		for (size_t cut = 1; cut <= len; cut++) {
			struct vc_unitfile *f = reader(&h);

			assert_int_equal(vc_unitfile_put(f, all, cut), 0);
			assert_true(end_of(&h) >= before);
			/* But for the second that is not there at all. */
			assert_true(end_of(&h) - before <=
				    kinds[i].lost + VC_SEC + 20 * VC_MS);
			before = end_of(&h);
			/* How long the last picture lasts is not known. */
			if (!kinds[i].is_video || before < 2 * VC_SEC)
				assert_int_equal(vc_unitfile_is_whole(f),
						 cut == len);
			vc_unitfile_free(f);
		}
		assert_in_range(before, 4 * VC_SEC - VC_MS, 4 * VC_SEC + VC_MS);
	}
}

/*
 * Samples of no known length, as pipes have them, and what a cut leaves of those
 * of a known one: up to the last, which are less than a block.
 */
static void wav_is_read_to_its_last_sample(void **state)
{
	static const struct {
		const char *size; /* of the samples */
		bool is_whole;
	} rows[] = {
		{ "\xff\xff\xff\xff", true },
		{ "\0\0\0\0", true },
		{ "\0\x10\0\0", false },
	};
	uint8_t wav[44 + 2 * 300] = "RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0"
				    "\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0"
				    "data";
	static struct heard h;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vc_unitfile *f = reader(&h);

		memcpy(wav + 40, rows[i].size, 4);
		for (size_t at = 0; at < sizeof(wav); at++)
			assert_int_equal(vc_unitfile_put(f, wav + at, 1), 0);
		assert_int_equal(vc_unitfile_end(f), 0);
		assert_int_equal(h.units[0].duration, 10 * VC_MS);
		assert_int_equal(h.units[0].len, 160);
		assert_int_equal(end_of(&h), 37500 * VC_US);
		assert_int_equal(vc_unitfile_is_whole(f), rows[i].is_whole);
		vc_unitfile_free(f);
	}
}

/* A page that is damaged costs what is in it. */
static void ogg_is_read_on_behind_damage(void **state)
{
	static uint8_t all[CAP];
	static struct heard wrote, h;
	size_t len = write_kind(&kinds[0], all, &wrote);
	struct vc_unitfile *f = reader(&h);
	uint8_t *second = memmem(all + 1, len - 1, "OggS", 4);
	uint8_t *third = memmem(second + 1, 2000, "OggS", 4);
	uint8_t *page = memmem(third + 1, 2000, "OggS", 4);

	(void)state;
	assert_non_null(page);
	page[40] ^= 1;
	assert_int_equal(vc_unitfile_put(f, all, len), 0);
	assert_true(vc_unitfile_counts(f)->bad >= 1);
	/* What is before it is there, and the others in their places. */
	assert_true(h.n < wrote.n && h.n >= wrote.n - 35);
	assert_non_null(unit_at(&h, 200 * VC_MS));
	assert_null(unit_at(&h, 800 * VC_MS));
	assert_non_null(unit_at(&h, 3500 * VC_MS));
	assert_int_equal(end_of(&h), 4 * VC_SEC);
	vc_unitfile_free(f);
}

static void what_is_not_known_is_refused(void **state)
{
	static const uint8_t ivf[48] = "DKIF\0\0\x20\0THEO\x20\0\x20\0"
				       "\x1e\0\0\0\1\0\0\0";
	static const uint8_t wav[] = "RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0"
				     "\3\0\1\0\x80\xbb\0\0\0\xee\2\0\4\0\x20\0"
				     "data\4\0\0\0\0\0\0\0";
	static struct heard h;
	struct vc_unitfile *f = reader(&h);

	(void)state;
	assert_int_equal(vc_unitfile_put(f, ivf, sizeof(ivf)), 0);
	assert_int_equal(h.refused, 1);
	assert_int_equal(h.tracks, 0);
	vc_unitfile_free(f);
	f = reader(&h);
	assert_int_equal(vc_unitfile_put(f, wav, sizeof(wav) - 1), 0);
	assert_int_equal(h.refused, 1);
	assert_int_equal(h.tracks, 0);
	vc_unitfile_free(f);
	/* A frame of 4 GB. */
	f = reader(&h);
	assert_int_equal(
		vc_unitfile_put(
			f,
			(const uint8_t *)"DKIF\0\0\x20\0VP80\x20\0\x20\0"
					 "\x1e\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0"
					 "\xff\xff\xff\xff\0\0\0\0\0\0\0\0",
			44),
		-EBADMSG);
	vc_unitfile_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(cut_anywhere_it_gives_all_but_a_second),
		cmocka_unit_test(wav_is_read_to_its_last_sample),
		cmocka_unit_test(ogg_is_read_on_behind_damage),
		cmocka_unit_test(what_is_not_known_is_refused),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
