/* SPDX-License-Identifier: MIT */
/*
 * The level is found by comparing the mean square with a table of limits,
 * 2^46 * 10^(-(level + 0.5) / 10): the mean square of full scale is 2^30, and
 * 16 bits stand behind the point. So no logarithm is taken and its rounding
 * cannot differ between machines.
 */
#include <math.h>

#include "base/mem.h"
#include "media/level.h"

/* The least mean square of each level: below all of them it is 127. */
static const uint64_t limits[] = {
	/* clang-format off */
	62716209263637, 49817255792983, 39571252852848, 31432563424431,
	24967772617787, 19832606748484, 15753599508504, 12513528888144,
	9939849311890, 7895502957339, 6271620926364, 4981725579298,
	3957125285285, 3143256342443, 2496777261779, 1983260674848,
	1575359950850, 1251352888814, 993984931189, 789550295734,
	627162092636, 498172557930, 395712528528, 314325634244, 249677726178,
	198326067485, 157535995085, 125135288881, 99398493119, 78955029573,
	62716209264, 49817255793, 39571252853, 31432563424, 24967772618,
	19832606748, 15753599509, 12513528888, 9939849312, 7895502957,
	6271620926, 4981725579, 3957125285, 3143256342, 2496777262,
	1983260675, 1575359951, 1251352889, 993984931, 789550296, 627162093,
	498172558, 395712529, 314325634, 249677726, 198326067, 157535995,
	125135289, 99398493, 78955030, 62716209, 49817256, 39571253, 31432563,
	24967773, 19832607, 15753600, 12513529, 9939849, 7895503, 6271621,
	4981726, 3957125, 3143256, 2496777, 1983261, 1575360, 1251353, 993985,
	789550, 627162, 498173, 395713, 314326, 249678, 198326, 157536,
	125135, 99398, 78955, 62716, 49817, 39571, 31433, 24968, 19833, 15754,
	12514, 9940, 7896, 6272, 4982, 3957, 3143, 2497, 1983, 1575, 1251,
	994, 790, 627, 498, 396, 314, 250, 198, 158, 125, 99, 79, 63, 50, 40,
	31, 25, 20, 16,
	/* clang-format on */
};

static uint64_t sum_of_squares(const int16_t *pcm, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (uint64_t)((int32_t)pcm[i] * pcm[i]);
	return sum;
}

uint8_t vc_level_dbov(const int16_t *pcm, size_t n)
{
	uint64_t sum = sum_of_squares(pcm, n);
	size_t low = 0, high = VC_COUNT(limits);

	if (!n)
		return 127;
	/* n samples of full scale are n << 46: fits for 2.7 s at 48 kHz. */
	uint64_t mean = n <= 1 << 17 ? (sum << 16) / n : sum / n << 16;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (mean >= limits[mid])
			high = mid;
		else
			low = mid + 1;
	}
	return (uint8_t)low;
}

double vc_level_dbfs(const int16_t *pcm, size_t n)
{
	double sum = (double)sum_of_squares(pcm, n);
	double db = sum > 0 ? 10 * log10(sum / (double)n / 1073741824.0) : -127;

	return db < -127 ? -127 : db;
}
