/* SPDX-License-Identifier: MIT */
/*
 * The limiter looks at a whole tick at once. It is cut into blocks of a
 * millisecond; each block has a gain at which its peak fits, and the curve of
 * gains runs in straight lines from node to node at the blocks' edges, never
 * above what the blocks on either side need. A pass from the end to the
 * beginning makes the curve bend down ahead of a peak, a pass forward lets it
 * rise again slowly. It begins where the last tick ended, so it never jumps.
 * Only a peak in a tick's first millisecond comes without warning: there the
 * gain follows the sample that would not fit, which holds that sample at full
 * scale and turns the rest down with it.
 *
 * Gains are integers times 2^30. A product of gain and sum has at most 30 + 32
 * bits.
 */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "media/mixsum.h"

#define FULL INT32_C(32767)
#define HALF (INT64_C(1) << 29)

#define BLOCK 48
#define BLOCKS_MAX (VC_MIXSUM_MAX / BLOCK)

/* Down from unity to nothing takes at least this many blocks, if possible. */
#define ATTACK (VC_LIMITER_UNITY / 8)

/* Up by this part of itself per block: 17 dB a second. */
#define RELEASE_PART 512

void vc_limiter_init(struct vc_limiter *lim)
{
	lim->gain = VC_LIMITER_UNITY;
}

void vc_mixsum_begin(struct vc_mixsum *sum, size_t n)
{
	assert(n <= VC_MIXSUM_MAX);
	memset(sum->acc, 0, n * sizeof(sum->acc[0]));
	sum->n = n;
	sum->channels = 1;
	sum->inputs = 0;
}

void vc_mixsum_begin_stereo(struct vc_mixsum *sum, size_t n)
{
	vc_mixsum_begin(sum, 2 * n);
	sum->channels = 2;
}

void vc_mixsum_add(struct vc_mixsum *sum, const int16_t *pcm)
{
	assert(sum->inputs < VC_MIXSUM_INPUTS_MAX);
	sum->inputs++;
	for (size_t i = 0; i < sum->n; i++)
		sum->acc[i] += pcm[i];
}

static int32_t min_gain(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

/* The gain at which a sample of this magnitude just fits. */
static int32_t fitting_gain(int64_t magnitude)
{
	return (int32_t)(((int64_t)FULL << 30) / magnitude);
}

/* -32768 fits as it is, so magnitudes of negative samples are one less here. */
static int32_t block_gain(const int32_t *x, size_t n)
{
	int32_t peak = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t m = x[i] < 0 ? -(x[i] + 1) : x[i];

		peak = m > peak ? m : peak;
	}
	return peak <= FULL ? VC_LIMITER_UNITY :
			      fitting_gain((int64_t)peak + 1);
}

static int32_t released(int32_t gain)
{
	return min_gain(gain + gain / RELEASE_PART + 1, VC_LIMITER_UNITY);
}

/* Nodes 0..blocks of the curve; node 0 is where the last tick ended. */
static void draw_curve(int32_t *node, const int32_t *need, size_t blocks)
{
	node[blocks] = need[blocks - 1];
	for (size_t k = blocks - 1; k > 0; k--) {
		node[k] = min_gain(need[k - 1], need[k]);
		if (node[k] - ATTACK > node[k + 1])
			node[k] = node[k + 1] + ATTACK;
	}
	for (size_t k = 1; k <= blocks; k++)
		node[k] = min_gain(node[k], released(node[k - 1]));
}

static int16_t rounded(int64_t product)
{
	int64_t v = (product + HALF) >> 30;

	return (int16_t)(v > FULL ? FULL : v < -FULL - 1 ? -FULL - 1 : v);
}

/* The largest of the channels' magnitudes. */
static int64_t magnitude(const int32_t *x, unsigned int channels)
{
	int64_t max = llabs((long long)x[0]);

	for (unsigned int c = 1; c < channels; c++)
		if (llabs((long long)x[c]) > max)
			max = llabs((long long)x[c]);
	return max;
}

/*
 * One block of 'n' samples a channel, its gain going from 'from' to 'to', lower
 * where it must.
 */
static void apply_block(int16_t *out, const int32_t *x, size_t n,
			unsigned int channels, int32_t from, int32_t to)
{
	int32_t gain = from;
	int32_t step = (to - from) / (int32_t)n;

	for (size_t i = 0; i < n; i++) {
		int64_t max = magnitude(x, channels);

		if (max * gain > ((int64_t)(FULL + 1) << 30)) {
			gain = fitting_gain(max);
			step = (to - gain) / (int32_t)(n - i);
		}
		for (unsigned int c = 0; c < channels; c++)
			out[c] = rounded((int64_t)x[c] * gain);
		x += channels;
		out += channels;
		gain += step;
	}
}

void vc_limiter_run(struct vc_limiter *lim, const int32_t *x, size_t n,
		    unsigned int channels, int16_t *out)
{
	size_t block = (size_t)BLOCK * channels;
	size_t blocks = (n + block - 1) / block;
	int32_t need[BLOCKS_MAX], node[BLOCKS_MAX + 1];
	bool idle = lim->gain == VC_LIMITER_UNITY;

	for (size_t b = 0; b < blocks; b++) {
		size_t len = n - b * block < block ? n - b * block : block;

		need[b] = block_gain(x + b * block, len);
		idle = idle && need[b] == VC_LIMITER_UNITY;
	}
	if (idle) {
		for (size_t i = 0; i < n; i++)
			out[i] = (int16_t)x[i];
		return;
	}
	node[0] = lim->gain;
	draw_curve(node, need, blocks);
	for (size_t b = 0; b < blocks; b++) {
		size_t len = n - b * block < block ? n - b * block : block;

		apply_block(out + b * block, x + b * block, len / channels,
			    channels, node[b], node[b + 1]);
	}
	lim->gain = node[blocks];
}

void vc_mixsum_out(const struct vc_mixsum *sum, const int16_t *minus,
		   struct vc_limiter *lim, int16_t *out)
{
	int32_t x[VC_MIXSUM_MAX];

	if (!sum->n)
		return;
	if (!minus) {
		vc_limiter_run(lim, sum->acc, sum->n, sum->channels, out);
		return;
	}
	for (size_t i = 0; i < sum->n; i++)
		x[i] = sum->acc[i] - minus[i];
	vc_limiter_run(lim, x, sum->n, sum->channels, out);
}

void vc_mixsum_fold(const int16_t *wide, size_t n, int16_t *out)
{
	for (size_t i = 0; i < n; i++)
		out[i] = (int16_t)((wide[2 * i] + wide[2 * i + 1]) / 2);
}
