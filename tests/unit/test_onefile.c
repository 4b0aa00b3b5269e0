/* SPDX-License-Identifier: MIT */
/*
 * Files of one source (Ogg, WAV, IVF, Annex B) against their readers: where
 * sound lies when there are gaps and drift, what a crash leaves, what is refused.
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
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/oggfile.h"
#include "engine/outfile.h"
#include "engine/picfile.h"
#include "engine/wavfile.h"
#include "wire/ivf.h"
#include "wire/ogg.h"
#include "wire/opus.h"
#include "wire/wav.h"
#include "partdir.h"

#define ROOM 300000

static uint8_t room[ROOM];

static const struct vc_track_info opus = {
	.kind = VC_TRACK_AUDIO,
	.codec = "opus",
	.name = "Ann",
	.rate_hz = 48000,
	.channels = 1,
	.delay = 6500000,
};
static const struct vc_track_info pcmu = {
	.kind = VC_TRACK_AUDIO,
	.codec = "PCMU",
	.rate_hz = 8000,
	.channels = 1,
};
static const struct vc_track_info av1 = {
	.kind = VC_TRACK_VIDEO,
	.codec = "AV1",
	.rate_hz = 90000,
	.width = 320,
	.height = 180,
};

struct file {
	const struct vc_container_ops *ops;
	void *c;
	struct vc_outfile *out;
};

static struct file begin(const struct vc_container_ops *ops,
			 void *(*make)(struct vc_outfile *out))
{
	struct file f = { .ops = ops };

	unlink(path);
	assert_int_equal(vc_outfile_open(path, &f.out), 0);
	f.c = make(f.out);
	assert_non_null(f.c);
	return f;
}

static void *make_ogg(struct vc_outfile *out)
{
	return vc_oggfile_new(out);
}

static void *make_wav(struct vc_outfile *out)
{
	return vc_wavfile_new(out);
}

static void *make_ivf(struct vc_outfile *out)
{
	return vc_picfile_new(false, out);
}

static void *make_annexb(struct vc_outfile *out)
{
	return vc_picfile_new(true, out);
}

static int add(const struct file *f, const struct vc_track_info *info)
{
	unsigned int track;

	return f->ops->add(f->c, info, &track);
}

/* 0; 1: it is left out. */
static int give(const struct file *f, int64_t time, int64_t duration,
		const void *p, size_t len)
{
	const struct vc_container_unit u = {
		.time = time,
		.duration = duration,
		.is_key = true,
		.data = p,
		.len = len,
	};

	return f->ops->write(f->c, &u);
}

static void put(const struct file *f, int64_t time, int64_t duration,
		const void *p, size_t len)
{
	assert_int_equal(give(f, time, duration, p, len), 0);
}

/* Its octets are in 'room'. */
static size_t end(const struct file *f)
{
	assert_int_equal(f->ops->finish(f->c), 0);
	f->ops->free(f->c);
	assert_int_equal(vc_outfile_finish(f->out), 0);
	return slurp(path, room, sizeof(room));
}

/* --- Ogg --- */

/* 20 ms of SILK; the number is in it. */
static void put_opus(const struct file *f, int64_t ms, uint8_t n)
{
	const uint8_t packet[] = { 0x48, n, 1, 2 };

	put(f, ms * VC_MS, 20 * VC_MS, packet, sizeof(packet));
}

struct heard {
	unsigned int pages, packets, made_up;
	int64_t samples; /* of all packets */
	int64_t granule; /* of the last page */
	int64_t at[256]; /* where each that was put begins; -1: nowhere */
	bool has_end;
	struct vc_str title;
};

static void hear(struct heard *h, const struct vc_ogg_page *page)
{
	struct vc_ogg_at at = { 0 };
	const uint8_t *p;
	size_t len;
	bool is_whole;

	while (vc_ogg_packet_next(page, &at, &p, &len, &is_whole)) {
		int samples;

		assert_true(is_whole);
		if (h->pages < 2)
			continue;
		samples = vc_opus_samples(p, len);
		assert_true(samples > 0);
		if (len == 4)
			h->at[p[1]] = h->samples;
		h->made_up += len < 4;
		h->packets++;
		h->samples += samples;
	}
}

/* Reads what there is; the number of octets that are no whole page. */
static size_t read_ogg(struct heard *h, size_t len)
{
	size_t at = 0, size;
	struct vc_ogg_page page;

	*h = (struct heard){ .granule = -1 };
	memset(h->at, 0xff, sizeof(h->at));
	while (at < len &&
	       vc_ogg_page_parse(&page, room + at, len - at, &size) == 1) {
		assert_int_equal(page.number, h->pages);
		assert_int_equal(page.is_first, !h->pages);
		assert_false(h->has_end);
		hear(h, &page);
		if (h->pages == 1)
			assert_int_equal(vc_ogg_tags_parse(&h->title, page.body,
							   page.len),
					 0);
		if (h->pages > 1 && !page.is_last)
			assert_int_equal(page.granule, h->samples);
		h->granule = page.granule;
		h->has_end = page.is_last;
		h->pages++;
		at += size;
	}
	return len - at;
}

static void gaps_in_ogg_are_filled(void **state)
{
	/* Gap in ms after the first second, and how many packets fill it. */
	static const struct {
		int64_t gap;
		unsigned int made_up;
	} rows[] = { { 0, 0 },	  { 19, 0 },  { 20, 1 },
		     { 40, 1 },	  { 45, 2 },  { 120, 1 },
		     { 1000, 9 }, { 137, 3 }, { 60000, 500 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct file f = begin(&vc_oggfile_ops, make_ogg);
		struct heard h;

		assert_int_equal(add(&f, &opus), 0);
		for (int n = 0; n < 100; n++)
			put_opus(&f, 20 * n + (n < 50 ? 0 : rows[i].gap),
				 (uint8_t)n);
		assert_int_equal(read_ogg(&h, end(&f)), 0);
		assert_true(h.has_end);
		assert_true(vc_str_is(h.title, "Ann"));
		assert_int_equal(h.packets, 100 + rows[i].made_up);
		assert_int_equal(h.made_up, rows[i].made_up);
		assert_int_equal(h.at[49], 49 * 960);
		/* To 2.5 ms, where it is more than drift. */
		if (rows[i].gap >= 20)
			assert_int_equal(h.at[50] / 120,
					 (50 * 20 + rows[i].gap) * 48 / 120);
		assert_int_equal(h.granule, h.samples);
	}
}

static void drift_in_ogg_is_made_up_for(void **state)
{
	static const struct {
		int64_t step; /* us from one to the next */
		unsigned int made_up, left_out;
	} rows[] = { { 20010, 6, 0 }, { 19990, 0, 6 }, { 20000, 0, 0 } };

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct file f = begin(&vc_oggfile_ops, make_ogg);
		const uint8_t packet[] = { 0x48, 1, 1, 2 };
		struct heard h;
		int left_out = 0;

		assert_int_equal(add(&f, &opus), 0);
		for (int64_t n = 0; n < 12500; n++)
			left_out += give(&f, n * rows[i].step * VC_US,
					 20 * VC_MS, packet, sizeof(packet));
		assert_int_equal(left_out, rows[i].left_out);
		assert_int_equal(read_ogg(&h, end(&f)), 0);
		assert_int_equal(h.made_up, rows[i].made_up);
		assert_int_equal(h.packets - h.made_up,
				 12500 - rows[i].left_out);
		/* The end is cut to where it is. */
		assert_true(h.granule <= h.samples);
		assert_true(llabs(h.granule -
				  12500 * rows[i].step * 48 / 1000) <= 961);
	}
}

static void a_crash_leaves_pages(void **state)
{
	struct file f = begin(&vc_oggfile_ops, make_ogg);
	struct heard h;
	size_t len;

	(void)state;
	assert_int_equal(add(&f, &opus), 0);
	for (int n = 0; n < 250; n++)
		put_opus(&f, 20 * n, (uint8_t)n);
	len = slurp(part, room, sizeof(room));
	assert_int_equal(read_ogg(&h, len), 0);
	assert_true(h.samples >= 4 * 48000 - 960);
	for (size_t cut = 0; cut < len; cut += 7) {
		struct heard less;

		read_ogg(&less, cut);
		assert_true(less.samples <= h.samples);
	}
	/* And it may go on; a name that was learnt has room. */
	assert_int_equal(f.ops->rename(f.c, 0, "Annabel"), 0);
	assert_int_equal(read_ogg(&h, end(&f)), 0);
	assert_true(vc_str_is(h.title, "Annabel"));
	assert_int_equal(h.samples, 250 * 960);
	assert_true(h.has_end);
}

/* --- WAV --- */

static int16_t sample(const struct vc_wav *w, size_t i)
{
	const uint8_t *p = room + w->data_at + 2 * i;

	return (int16_t)(p[0] | p[1] << 8);
}

static void law_stays_as_it_is_with_silence_between(void **state)
{
	struct file f = begin(&vc_wavfile_ops, make_wav);
	uint8_t packet[160];
	struct vc_wav w;
	size_t len;

	(void)state;
	memset(packet, 0x12, sizeof(packet));
	assert_int_equal(add(&f, &pcmu), 0);
	put(&f, 0, 20 * VC_MS, packet, sizeof(packet));
	put(&f, 20 * VC_MS, 20 * VC_MS, packet, sizeof(packet));
	/* Drift is no gap; a gap is, and what overlaps is cut. */
	put(&f, 45 * VC_MS, 20 * VC_MS, packet, sizeof(packet));
	put(&f, 200 * VC_MS, 20 * VC_MS, packet, sizeof(packet));
	put(&f, 190 * VC_MS, 20 * VC_MS, packet, sizeof(packet));
	put(&f, 100 * VC_MS, 20 * VC_MS, packet, sizeof(packet));
	put(&f, 215 * VC_MS, 20 * VC_MS, packet, 21);
	len = end(&f);
	assert_int_equal(vc_wav_parse(&w, room, len), -ENOTSUP);
	assert_int_equal(vc_wav_parse_any(&w, room, len), 0);
	assert_int_equal(w.format, VC_WAV_ULAW);
	assert_int_equal(w.data_at, VC_WAV_LONG_HEADER);
	assert_int_equal(w.data_len, 1781 - 21 + 21);
	assert_int_equal(len, w.data_at + w.data_len + 1);
	for (size_t i = 0; i < w.data_len; i++)
		assert_int_equal(room[w.data_at + i],
				 i >= 480 && i < 1600 ? 0xff : 0x12);
}

static void l16_changes_its_order_only(void **state)
{
	struct vc_track_info l16 = pcmu;
	static uint8_t packet[9000];
	struct file f = begin(&vc_wavfile_ops, make_wav);
	struct vc_wav w;
	size_t len;

	(void)state;
	l16.codec = "L16";
	l16.channels = 2;
	for (size_t i = 0; i < sizeof(packet); i++)
		packet[i] = (uint8_t)(i * 7);
	assert_int_equal(add(&f, &l16), 0);
	put(&f, 0, 0, packet, sizeof(packet));
	len = end(&f);
	assert_int_equal(vc_wav_parse(&w, room, len), 0);
	assert_int_equal(w.channels, 2);
	assert_int_equal(w.data_len, sizeof(packet));
	for (size_t i = 0; i < sizeof(packet); i++)
		assert_int_equal(room[w.data_at + i], packet[i ^ 1]);
}

/* Opus of nothing at all: time is kept, without what it begins with. */
static void opus_is_decoded(void **state)
{
	struct file f = begin(&vc_wavfile_ops, make_wav);
	const uint8_t packet[] = { 0xf8, 0xff, 0xfe }; /* 20 ms of silence */
	struct vc_wav w;
	size_t len;

	(void)state;
	assert_int_equal(add(&f, &opus), 0);
	for (int n = 0; n < 50; n++)
		put(&f, (n < 25 ? n : n + 50) * 20 * VC_MS, 20 * VC_MS, packet,
		    sizeof(packet));
	/* It is right at any time; here, without an end. */
	len = slurp(part, room, sizeof(room));
	assert_int_equal(vc_wav_parse(&w, room, len), 0);
	assert_true(w.data_len >= 48000 && w.data_len + w.data_at <= len);
	len = end(&f);
	assert_int_equal(vc_wav_parse(&w, room, len), 0);
	assert_int_equal(w.data_len, 2 * (2 * 48000 - 312));
	for (size_t i = 0; i < w.data_len / 2; i += 100)
		assert_int_equal(sample(&w, i), 0);
}

/* --- pictures --- */

static void ivf_has_times_and_av1_its_delimiters(void **state)
{
	struct file f = begin(&vc_picfile_ops, make_ivf);
	struct vc_ivf_frame frame;
	struct vc_ivf ivf;
	size_t len, at;

	(void)state;
	assert_int_equal(add(&f, &av1), 0);
	for (int n = 0; n < 60; n++)
		put(&f, n * VC_SEC / 30, VC_SEC / 30, "abc", 3);
	len = slurp(part, room, sizeof(room));
	assert_int_equal(vc_ivf_parse(&ivf, &at, room, len), 0);
	assert_true(ivf.length >= 90000);
	len = end(&f);
	assert_int_equal(vc_ivf_parse(&ivf, &at, room, len), 0);
	assert_string_equal(ivf.fourcc, "AV01");
	assert_int_equal(ivf.width, 320);
	assert_int_equal(ivf.length, 180000);
	for (unsigned int n = 0; n < 60; n++) {
		assert_int_equal(
			vc_ivf_frame_parse(&frame, room + at, len - at), 0);
		assert_int_equal(frame.len, 5);
		assert_int_equal(frame.ticks, n * 3000);
		at += VC_IVF_FRAME_HEADER;
		assert_memory_equal(room + at, "\x12\0abc", 5);
		at += frame.len;
	}
	assert_int_equal(at, len);
}

static void annexb_is_nothing_but_units(void **state)
{
	struct vc_track_info h264 = av1;
	struct file f = begin(&vc_picfile_ops, make_annexb);

	(void)state;
	h264.codec = "H264";
	assert_int_equal(add(&f, &h264), 0);
	put(&f, 0, 0, "\0\0\0\1a", 5);
	put(&f, VC_SEC, 0, "\0\0\0\1b", 5);
	assert_int_equal(end(&f), 10);
	assert_memory_equal(room, "\0\0\0\1a\0\0\0\1b", 10);
}

/* --- all --- */

static void one_source_is_enough(void **state)
{
	static const struct {
		const struct vc_container_ops *ops;
		void *(*make)(struct vc_outfile *out);
		const struct vc_track_info *good, *bad;
	} rows[] = {
		{ &vc_oggfile_ops, make_ogg, &opus, &pcmu },
		{ &vc_wavfile_ops, make_wav, &pcmu, &av1 },
		{ &vc_picfile_ops, make_ivf, &av1, &opus },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct file f = begin(rows[i].ops, rows[i].make);

		assert_int_equal(add(&f, rows[i].bad), -ENOTSUP);
		assert_int_equal(add(&f, rows[i].good), 0);
		assert_int_equal(add(&f, rows[i].good), -EMLINK);
		assert_int_equal(f.ops->flush(f.c), 0);
		assert_int_equal(f.ops->finish(f.c), -ENODATA);
		f.ops->free(f.c);
		f.ops->free(NULL);
		vc_outfile_abandon(f.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_in_ogg_are_filled),
		cmocka_unit_test(drift_in_ogg_is_made_up_for),
		cmocka_unit_test(a_crash_leaves_pages),
		cmocka_unit_test(law_stays_as_it_is_with_silence_between),
		cmocka_unit_test(l16_changes_its_order_only),
		cmocka_unit_test(opus_is_decoded),
		cmocka_unit_test(ivf_has_times_and_av1_its_delimiters),
		cmocka_unit_test(annexb_is_nothing_but_units),
		cmocka_unit_test(one_source_is_enough),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
