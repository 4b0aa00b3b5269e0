/* SPDX-License-Identifier: MIT */
/*
 * Layers from encoder to decoder: whatever is left out on the way, what is left
 * is seen, and is the same, pixel for pixel, as if nothing had been.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>

#include <cmocka.h>

#include "engine/units.h"
#include "unit/layerfilm.h"
#include "wire/rtp.h"
#include "wire/vp9.h"

/* What is seen, by number of the picture. */
struct seen {
	int width[FRAMES], height[FRAMES];
	uint64_t sum[FRAMES];
	unsigned int n;
	struct vc_units_counts counts;
};

/* Of a superframe only the last frame is shown: libvpx does not care. */
static void check_shown(const struct vc_timeline_unit *unit)
{
	uint32_t sizes[VC_VP9_SUPERFRAME_MAX];
	int n = vc_vp9_superframe_parse(sizes, unit->data, unit->len);
	const uint8_t *p = unit->data;
	struct vc_vp9_frame f;

	for (int i = 0; i < n; i++) {
		assert_int_equal(vc_vp9_frame_parse(&f, p, sizes[i]), 0);
		assert_int_equal(f.show, i == n - 1);
		p += sizes[i];
	}
}

static void look(struct seen *seen, struct vc_viddec *dec,
		 const struct vc_timeline_unit *unit, uint32_t first)
{
	unsigned int i = (unit->ts - first + 1500) / 3000;
	struct vc_image im;

	assert_in_range(i, 0, FRAMES - 1);
	check_shown(unit);
	assert_int_equal(vc_viddec_decode(dec, unit->data, unit->len, &im), 0);
	assert_int_equal(seen->width[i], 0);
	seen->width[i] = im.width;
	seen->height[i] = im.height;
	seen->sum[i] = sum_of(&im);
	seen->n++;
}

/*
 * The film with these layers; those above are taken out with 'closed' up, or as
 * a loss that nobody mends. 'lost', if not NULL, says what else is.
 */
static void show(struct seen *seen, const struct film *f, const char *top,
		 bool is_closed,
		 bool (*lost)(const struct vc_svc_layer *l, int n))
{
	struct vc_svc_top t;
	struct vc_timeline_unit unit;
	struct vc_svc s;
	struct vc_rtp rtp, was;
	struct vc_svc_layer l;
	uint32_t first = 0;
	int err;
	struct vc_units *u = vc_units_new(f->codec, 1, &err);
	struct vc_viddec *dec = new_dec(f->codec);

	assert_int_equal(vc_svc_parse(&t, top), 0);
	vc_svc_init(&s, t);
	memset(seen, 0, sizeof(*seen));
	for (size_t i = 0; i < f->n; i++) {
		vc_rtp_parse(&rtp, f->pkt[i]->data, f->pkt[i]->len);
		first = i ? first : rtp.ts;
		vc_svc_layer_read(&l, f->codec, rtp.payload, rtp.payload_len);
		if (lost && lost(&l, (int)((rtp.ts - first + 1500) / 3000)))
			continue;
		was = rtp;
		if (!vc_svc_pass(&s, f->codec, &rtp))
			continue;
		if (!is_closed)
			rtp.seq = was.seq;
		vc_units_put(u, f->pkt[i], &rtp, true);
		while (vc_units_next(u, f->pkt[i]->arrival, &unit))
			look(seen, dec, &unit, first);
	}
	vc_units_end(u);
	while (vc_units_next(u, INT64_MAX, &unit))
		look(seen, dec, &unit, first);
	vc_units_counts(u, &seen->counts);
	vc_units_free(u);
	vc_viddec_free(dec);
}

/* The layer of picture i: the pattern begins anew with the key picture 18. */
static int tid_of(int i, int n_temporal)
{
	static const int of3[] = { 0, 2, 1, 2 };
	int k = i < 18 ? i : i - 18;

	return n_temporal == 3 ? of3[k % 4] : n_temporal == 2 ? k % 2 : 0;
}

/* What is there is as wide as its layer, and the same as without loss. */
static void check_film(const struct seen *one, const struct seen *all,
		       int width, int height, int n_temporal, int tid,
		       const char *what)
{
	for (int i = 0; i < FRAMES; i++) {
		bool is_in = tid_of(i, n_temporal) <= tid;

		if (one->width[i] != (is_in ? width : 0) ||
		    one->height[i] != (is_in ? height : 0) ||
		    (is_in && one->sum[i] != all->sum[i]))
			fail_msg("%s: picture %d: %dx%d", what, i,
				 one->width[i], one->height[i]);
	}
	assert_int_equal(all->n, FRAMES);
	assert_int_equal(one->counts.waiting, 0);
	assert_int_equal(one->counts.malformed, 0);
}

/* Every choice of layers of every mode, of a size that halves exactly. */
static void any_layers_are_seen(void **state)
{
	struct seen *seen = vc_alloc(2, sizeof(*seen));

	(void)state;
	for (size_t m = 0; m < VC_COUNT(modes); m++) {
		const int S = modes[m].n_spatial, T = modes[m].n_temporal;
		struct vc_videnc_cfg cfg =
			cfg_of(modes[m].codec, 320, 192, S, T);
		struct film *f = shoot(&cfg);
		char what[64];

		for (int k = 0; k < S * T * 2; k++) {
			int sid = k / 2 / T, tid = k / 2 % T;
			int shift = S - 1 - sid;
			char top[] = { 'L', (char)('1' + sid), 'T', '8', 0 };

			/* All pictures of this size, then what is asked for. */
			if (k % (2 * T) == 0)
				show(&seen[0], f, top, true, NULL);
			if (!shift)
				assert_memory_equal(seen[0].sum, f->sum,
						    sizeof(f->sum));
			/*
			 * Holes may be of temporal layers only; what of VP9
			 * is behind one might refer to what was in it.
			 */
			if (k & 1 && (shift || (tid && tid < T - 1 &&
						f->codec == VC_CODEC_VP9)))
				continue;
			top[3] = (char)('1' + tid);
			show(&seen[1], f, top, !(k & 1), NULL);
			snprintf(what, sizeof(what), "%s L%dT%d, %s",
				 vc_codec_name(f->codec), S, T, top);
			check_film(&seen[1], &seen[0], 320 >> shift,
				   192 >> shift, T, tid, what);
		}
		drop_film(f);
	}
	free(seen);
}

/* Sizes that do not halve: what the encoder makes is what is announced. */
static void odd_sizes_are_seen(void **state)
{
	static const int sizes[][2] = { { 320, 180 }, { 66, 70 }, { 64, 64 } };
	struct seen *seen = vc_alloc(1, sizeof(*seen));

	(void)state;
	for (size_t i = 0; i < VC_COUNT(sizes); i++) {
		struct vc_videnc_cfg cfg =
			cfg_of(VC_CODEC_VP9, sizes[i][0], sizes[i][1], 3, 3);
		struct film *f = shoot(&cfg);
		struct vc_vp9_desc d;
		struct vc_rtp rtp;

		vc_rtp_parse(&rtp, f->pkt[0]->data, f->pkt[0]->len);
		assert_int_equal(
			vc_vp9_desc_parse(&d, rtp.payload, rtp.payload_len), 0);
		assert_int_equal(d.ss.n_spatial, 3);
		for (int sid = 0; sid < 3; sid++) {
			char top[] = { 'L', (char)('1' + sid), 'T', '3', 0 };

			show(seen, f, top, true, NULL);
			assert_int_equal(seen->n, FRAMES);
			assert_int_equal(seen->width[0], d.ss.width[sid]);
			assert_int_equal(seen->height[0], d.ss.height[sid]);
			assert_int_equal(seen->width[FRAMES - 1],
					 d.ss.width[sid]);
		}
		drop_film(f);
	}
	free(seen);
}

/* Rates: the base has the pictures that cost most. */
static void shares_are_sensible(void **state)
{
	(void)state;
	for (size_t m = 0; m < VC_COUNT(modes); m++) {
		const int S = modes[m].n_spatial, T = modes[m].n_temporal;
		struct vc_videnc_cfg cfg =
			cfg_of(modes[m].codec, 320, 192, S, T);
		struct film *f = shoot(&cfg);
		uint64_t all = 0, base = 0, low = 0;

		for (int s = 0; s < S; s++)
			for (int t = 0; t < T; t++) {
				all += f->octets[s][t];
				base += t ? 0 : f->octets[s][t];
				low += s ? 0 : f->octets[s][t];
				assert_true(f->octets[s][t]);
			}
		print_message("%s L%dT%d: %llu octets, %.0f %% of TID 0, "
			      "%.0f %% of SID 0\n",
			      vc_codec_name(f->codec), S, T,
			      (unsigned long long)all,
			      100. * (double)base / (double)all,
			      100. * (double)low / (double)all);
		/* 1.6 s of 300 kbit/s, two key pictures on top. */
		assert_in_range(all, 20000, 100000);
		if (T > 1)
			assert_in_range(base * 100 / all, T == 2 ? 45 : 30,
					T == 2 ? 85 : 80);
		if (S > 1)
			assert_in_range(low * 100 / all, 5, S == 2 ? 50 : 35);
		drop_film(f);
	}
}

static bool lose_top(const struct vc_svc_layer *l, int i)
{
	return i >= 5 && l->tid == 2 && i % 3 == 0;
}

static bool lose_middle(const struct vc_svc_layer *l, int i)
{
	return i == 6 && l->tid == 1;
}

static bool lose_start(const struct vc_svc_layer *l, int i)
{
	return i == 5 && l->tid == 2 && l->has_start;
}

static bool lose_base(const struct vc_svc_layer *l, int i)
{
	return i == 8 && !l->tid;
}

/*
 * What is lost of upper layers costs what may refer to it, and no key frame.
 * The first packet behind a loss does not say of which layer it was, so of VP8
 * one waits for a picture in sync, of VP9 for the next of the base.
 */
static const struct {
	bool (*lost)(const struct vc_svc_layer *l, int i);
	const char *what;
	/* Pictures that are not seen, of VP8 and VP9; the last is -1. */
	int missing[2][20];
} losses[] = {
	{ lose_top,
	  "of the top",
	  { { 9, 11, 15, 21, 27, 29, 33, -1 },
	    { 9, 10, 11, 15, 21, 27, 28, 29, 33, -1 } } },
	{ lose_middle, "of the middle", { { 6, 7, -1 }, { 6, 7, -1 } } },
	{ lose_start, "the first packet", { { 5, 7, -1 }, { 5, 6, 7, -1 } } },
	/* Up to the key picture. */
	{ lose_base,
	  "of the base",
	  { { 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, -1 },
	    { 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, -1 } } },
};

static void losses_of_layers_cost_little(void **state)
{
	struct seen *seen = vc_alloc(2, sizeof(*seen));

	(void)state;
	for (size_t k = 0; k < 2 * VC_COUNT(losses); k++) {
		const int m = k & 1, *next = losses[k / 2].missing[m];
		struct vc_videnc_cfg cfg =
			cfg_of(m ? VC_CODEC_VP9 : VC_CODEC_VP8, 320, 192, 1, 3);
		struct film *f;

		cfg.bitrate_bps = 1500000; /* so that there are more packets */
		f = shoot(&cfg);
		show(&seen[0], f, "L1T3", true, NULL);
		show(&seen[1], f, "L1T3", true, losses[k / 2].lost);
		assert_int_equal(seen[0].n, FRAMES);
		for (int i = 0; i < FRAMES; i++) {
			bool is_missing = i == *next;

			next += is_missing;
			if (is_missing ? seen[1].width[i] :
					 seen[1].sum[i] != seen[0].sum[i])
				fail_msg("%s, lost %s: picture %d",
					 vc_codec_name(f->codec),
					 losses[k / 2].what, i);
		}
		drop_film(f);
	}
	free(seen);
}

/* Seven pictures each of several choices. */
static void zap(struct seen *seen, const struct film *f)
{
	static const char *const tops[] = { "L1T1", "L3T3", "L2T1",
					    "L1T3", "L3T1", "L2T2" };
	struct vc_timeline_unit unit;
	struct vc_svc_top t;
	struct vc_svc s;
	struct vc_rtp rtp;
	uint32_t first = 0;
	int err;
	struct vc_units *u = vc_units_new(f->codec, 1, &err);
	struct vc_viddec *dec = new_dec(f->codec);

	vc_svc_parse(&t, tops[0]);
	vc_svc_init(&s, t);
	for (size_t i = 0; i < f->n; i++) {
		vc_rtp_parse(&rtp, f->pkt[i]->data, f->pkt[i]->len);
		first = i ? first : rtp.ts;
		vc_svc_parse(&t, tops[(rtp.ts - first + 1500) / 3000 / 7]);
		vc_svc_want(&s, t);
		if (vc_svc_pass(&s, f->codec, &rtp))
			vc_units_put(u, f->pkt[i], &rtp, true);
		while (vc_units_next(u, 0, &unit))
			look(seen, dec, &unit, first);
	}
	vc_units_end(u);
	while (vc_units_next(u, 0, &unit))
		look(seen, dec, &unit, first);
	vc_units_counts(u, &seen->counts);
	vc_units_free(u);
	vc_viddec_free(dec);
}

/* Never a wrong picture, and what is wanted as soon as it can be had. */
static void one_may_go_up_and_down(void **state)
{
	static const int widths[FRAMES] = {
		80, 0,	0,  0,	80, 0, 0,   0, 80, 80, 80, 80,
		80, 80, 0,  0,	80, 0, 160, 0, 0,  0,  80, 80,
		80, 80, 80, 80, 0,  0, 80,  0, 0,  0,  80, 0,
	};
	struct vc_videnc_cfg cfg = cfg_of(VC_CODEC_VP9, 320, 192, 3, 3);
	struct seen *seen = vc_alloc(4, sizeof(*seen));
	struct film *f = shoot(&cfg);

	(void)state;
	show(&seen[0], f, "L1T3", true, NULL);
	show(&seen[1], f, "L2T3", true, NULL);
	show(&seen[2], f, "L3T3", true, NULL);
	for (int i = 0; i < 3; i++)
		assert_int_equal(seen[i].n, FRAMES);
	zap(&seen[3], f);
	for (int i = 0; i < FRAMES; i++) {
		int sid = widths[i] == 320 ? 2 : widths[i] == 160 ? 1 : 0;

		if (seen[3].width[i] != widths[i])
			fail_msg("picture %d: %d wide", i, seen[3].width[i]);
		if (widths[i] && seen[3].sum[i] != seen[sid].sum[i])
			fail_msg("picture %d, %d wide", i, widths[i]);
	}
	assert_int_equal(seen[3].counts.waiting, 0);
	assert_int_equal(seen[3].counts.malformed, 0);
	drop_film(f);
	free(seen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_layers_are_seen),
		cmocka_unit_test(odd_sizes_are_seen),
		cmocka_unit_test(shares_are_sensible),
		cmocka_unit_test(losses_of_layers_cost_little),
		cmocka_unit_test(one_may_go_up_and_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
