/* SPDX-License-Identifier: MIT */
/*
 * For each row the two that it lies between are blended into one, and for each
 * eight of its columns the pairs that these lie between: eight pairs are never
 * further apart than sixteen samples, so one instruction gathers them from a
 * place in the row, and one weighs them. Where these are, and how much they
 * weigh, is the same for all rows, and worked out once a strip of columns.
 *
 * x86 has both instructions since SSSE3, and twice as wide ones since AVX2;
 * without them the same is done one by one. Weights add up to 128, so a sample
 * less 128 gives a sum less 2^14, which fits in 16 bits with its sign.
 */
#include "media/scale.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/image.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define ONE 65536   /* a sample, as positions are counted */
#define WEIGHTS 128 /* of a pair, together */
#define COLUMNS 8   /* at once */
#define REACH 16    /* samples that these lie within */
#define STRIP 512   /* columns whose taps are kept */
#define ROW_MAX (2 * STRIP + 2 * REACH)

/* Where eight columns come from. */
struct taps {
	uint8_t at[REACH];     /* pairs, counted from 'from' */
	uint8_t weight[REACH]; /* of each of them */
	int from;	       /* in the row */
};

struct strip {
	struct taps taps[STRIP / COLUMNS];
	int n;
	int first; /* what its row holds of the source */
	int len;
	uint8_t row[ROW_MAX];
};

/* Positions along a side, in 1/ONE of a sample of the source. */
struct side {
	int from; /* samples */
	int step; /* from one that is wanted to the next */
};

/* How this machine does it; columns come eight by eight. */
struct means {
	void (*rows)(uint8_t *out, const uint8_t *a, const uint8_t *b,
		     int weight, int n);
	void (*columns)(uint8_t *out, const uint8_t *row,
			const struct taps *taps, int n_taps);
};

bool vc_scale_fits(int dst_w, int dst_h, int w, int h)
{
	return 2 * dst_w > w && 2 * dst_h > h;
}

/* --- one by one --- */

static uint8_t blend(int a, int b, int weight)
{
	return (uint8_t)((a * (WEIGHTS - weight) + b * weight + WEIGHTS / 2) /
			 WEIGHTS);
}

static void rows_plain(uint8_t *out, const uint8_t *a, const uint8_t *b,
		       int weight, int n)
{
	for (int i = 0; i < n; i++)
		out[i] = blend(a[i], b[i], weight);
}

static void columns_plain(uint8_t *out, const uint8_t *row,
			  const struct taps *t, int n_taps)
{
	for (int k = 0; k < n_taps; k++, t++)
		for (int i = 0; i < COLUMNS; i++, out++)
			*out = blend(row[t->from + t->at[2 * i]],
				     row[t->from + t->at[2 * i + 1]],
				     t->weight[2 * i + 1]);
}

/* --- eight or sixteen at once, or twice as many --- */

#ifdef __x86_64__
#define SSSE3 __attribute__((target("ssse3")))

static SSSE3 __m128i load(const uint8_t *p)
{
	return _mm_loadu_si128((const void *)p);
}

/* Pairs of samples less 128, by their weights; rounded. */
static SSSE3 __m128i weigh(__m128i weights, __m128i pairs)
{
	return _mm_mulhrs_epi16(_mm_maddubs_epi16(weights, pairs),
				_mm_set1_epi16(0x8000 / WEIGHTS));
}

static SSSE3 void rows_ssse3(uint8_t *out, const uint8_t *a, const uint8_t *b,
			     int weight, int n)
{
	const __m128i w =
		_mm_set1_epi16((short)(weight << 8 | (WEIGHTS - weight)));
	const __m128i sign = _mm_set1_epi8(-128);
	int i = 0;

	for (; i + REACH <= n; i += REACH) {
		const __m128i x = _mm_xor_si128(load(a + i), sign);
		const __m128i y = _mm_xor_si128(load(b + i), sign);
		const __m128i lo = weigh(w, _mm_unpacklo_epi8(x, y));
		const __m128i hi = weigh(w, _mm_unpackhi_epi8(x, y));

		_mm_storeu_si128((void *)(out + i),
				 _mm_xor_si128(_mm_packs_epi16(lo, hi), sign));
	}
	rows_plain(out + i, a + i, b + i, weight, n - i);
}

static SSSE3 void columns_ssse3(uint8_t *out, const uint8_t *row,
				const struct taps *t, int n_taps)
{
	const __m128i sign = _mm_set1_epi8(-128);

	for (int k = 0; k < n_taps; k++, t++, out += COLUMNS) {
		const __m128i x = _mm_xor_si128(load(row + t->from), sign);
		const __m128i sum = weigh(load(t->weight),
					  _mm_shuffle_epi8(x, load(t->at)));

		_mm_storel_epi64((void *)out,
				 _mm_xor_si128(_mm_packs_epi16(sum, sum),
					       sign));
	}
}

#define AVX2 __attribute__((target("avx2")))

static AVX2 __m256i load_wide(const uint8_t *p)
{
	return _mm256_loadu_si256((const void *)p);
}

static AVX2 __m256i load_two(const uint8_t *a, const uint8_t *b)
{
	return _mm256_set_m128i(_mm_loadu_si128((const void *)b),
				_mm_loadu_si128((const void *)a));
}

static AVX2 __m256i weigh_wide(__m256i weights, __m256i pairs)
{
	return _mm256_mulhrs_epi16(_mm256_maddubs_epi16(weights, pairs),
				   _mm256_set1_epi16(0x8000 / WEIGHTS));
}

static AVX2 void rows_avx2(uint8_t *out, const uint8_t *a, const uint8_t *b,
			   int weight, int n)
{
	const __m256i w =
		_mm256_set1_epi16((short)(weight << 8 | (WEIGHTS - weight)));
	const __m256i sign = _mm256_set1_epi8(-128);
	int i = 0;

	for (; i + 2 * REACH <= n; i += 2 * REACH) {
		const __m256i x = _mm256_xor_si256(load_wide(a + i), sign);
		const __m256i y = _mm256_xor_si256(load_wide(b + i), sign);
		const __m256i lo = weigh_wide(w, _mm256_unpacklo_epi8(x, y));
		const __m256i hi = weigh_wide(w, _mm256_unpackhi_epi8(x, y));

		_mm256_storeu_si256((void *)(out + i),
				    _mm256_xor_si256(_mm256_packs_epi16(lo, hi),
						     sign));
	}
	rows_ssse3(out + i, a + i, b + i, weight, n - i);
}

static AVX2 void columns_avx2(uint8_t *out, const uint8_t *row,
			      const struct taps *t, int n_taps)
{
	const __m256i sign = _mm256_set1_epi8(-128);

	for (; n_taps > 1; n_taps -= 2, t += 2, out += 2 * COLUMNS) {
		const __m256i x = _mm256_xor_si256(
			load_two(row + t[0].from, row + t[1].from), sign);
		const __m256i sum = weigh_wide(
			load_two(t[0].weight, t[1].weight),
			_mm256_shuffle_epi8(x, load_two(t[0].at, t[1].at)));
		const __m256i both = _mm256_permute4x64_epi64(
			_mm256_xor_si256(_mm256_packs_epi16(sum, sum), sign),
			0x08);

		_mm_storeu_si128((void *)out, _mm256_castsi256_si128(both));
	}
	columns_ssse3(out, row, t, n_taps);
}
#endif

static struct means best(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2"))
		return (struct means){ rows_avx2, columns_avx2 };
	if (__builtin_cpu_supports("ssse3"))
		return (struct means){ rows_ssse3, columns_ssse3 };
#endif
	return (struct means){ rows_plain, columns_plain };
}

/* --- places --- */

static struct side side_of(int from, int to)
{
	return (struct side){ from, from * ONE / to };
}

/* Of the middle of the one that is wanted as number 'i'. */
static int position(const struct side *s, int i)
{
	const int last = (s->from - 1) * ONE;
	const int at = s->step / 2 - ONE / 2 + i * s->step;

	return at < 0 ? 0 : at < last ? at : last;
}

static int weight_of(int position)
{
	return position % ONE * WEIGHTS / ONE;
}

/* Columns 'x' to 'last', eight at most. */
static void plan_taps(struct taps *t, const struct side *side, int x, int last,
		      int first)
{
	t->from = position(side, x) / ONE;
	for (int i = 0; i < COLUMNS; i++) {
		const int p = position(side, x + i < last ? x + i : last);
		const int at = p / ONE - t->from;

		t->at[2 * i] = (uint8_t)at;
		t->at[2 * i + 1] = (uint8_t)(at + 1);
		t->weight[2 * i] = (uint8_t)(WEIGHTS - weight_of(p));
		t->weight[2 * i + 1] = (uint8_t)weight_of(p);
	}
	t->from -= first;
}

/* 'n' columns from 'x' on. */
static void plan(struct strip *s, const struct side *side, int x, int n)
{
	const int last = x + n - 1;

	s->first = position(side, x) / ONE;
	s->len = position(side, last) / ONE + 2 - s->first;
	if (s->len > side->from - s->first)
		s->len = side->from - s->first;
	s->n = (n + COLUMNS - 1) / COLUMNS;
	for (int k = 0; k < s->n; k++)
		plan_taps(&s->taps[k], side, x + k * COLUMNS, last, s->first);
}

/* The row's 'n' columns; of the last eight some may be too many. */
static void put_row(uint8_t *dst, int n, const struct strip *s,
		    const struct means *by)
{
	const int whole = n / COLUMNS;
	uint8_t rest[COLUMNS];

	by->columns(dst, s->row, s->taps, whole);
	if (whole == s->n)
		return;
	by->columns(rest, s->row, &s->taps[whole], 1);
	memcpy(dst + whole * COLUMNS, rest, (size_t)(n % COLUMNS));
}

void vc_scale(uint8_t *dst, int dst_stride, int dst_w, int dst_h,
	      const uint8_t *src, int src_stride, int w, int h)
{
	const struct side across = side_of(w, dst_w), down = side_of(h, dst_h);
	const struct means by = best();
	struct strip s = { 0 };

	assert(vc_scale_fits(dst_w, dst_h, w, h) && w <= VC_IMAGE_MAX &&
	       h <= VC_IMAGE_MAX);
	for (int x = 0; x < dst_w; x += STRIP) {
		const int n = dst_w - x < STRIP ? dst_w - x : STRIP;

		plan(&s, &across, x, n);
		for (int y = 0; y < dst_h; y++) {
			const int p = position(&down, y);
			const uint8_t *a = src + s.first +
					   (ptrdiff_t)(p / ONE) * src_stride;
			/* Of the last row there is none below. */
			const uint8_t *b = weight_of(p) ? a + src_stride : a;

			by.rows(s.row, a, b, weight_of(p), s.len);
			put_row(dst + (ptrdiff_t)y * dst_stride + x, n, &s,
				&by);
		}
	}
}
