/* SPDX-License-Identifier: MIT */
/*
 * filmlike SENT SHOWN
 *
 * Two films in Y4M, 4:2:0. Of each picture in SHOWN, without the even-coloured
 * ones of the time before anything was seen, it finds the one in SENT that it
 * is most like, and prints
 *
 *   pictures N different N back N least DB mean DB
 *
 * how many they are, how many of SENT they are, how often the next one is an
 * earlier one of SENT, and the luma's PSNR.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define STEP 4 /* rows and columns are searched by */
#define BEST 99.0
#define LINE 512

struct film {
	int w, h;
	size_t n;
	size_t cap;
	uint8_t **luma;
};

static void die(const char *path, const char *why)
{
	fprintf(stderr, "filmlike: %s: %s\n", path, why);
	exit(1);
}

static bool get_line(FILE *f, char line[LINE])
{
	return fgets(line, LINE, f) && strchr(line, '\n');
}

static void read_head(struct film *a, FILE *f, const char *path)
{
	char line[LINE], *at, *save;

	if (!get_line(f, line) || memcmp(line, "YUV4MPEG2 ", 10))
		die(path, "no Y4M");
	for (at = strtok_r(line, " \n", &save); at;
	     at = strtok_r(NULL, " \n", &save)) {
		if (*at == 'W')
			a->w = atoi(at + 1);
		else if (*at == 'H')
			a->h = atoi(at + 1);
		else if (*at == 'C' && memcmp(at, "C420", 4))
			die(path, "not 4:2:0");
	}
	if (a->w < 1 || a->h < 1 || a->w > 8192 || a->h > 8192)
		die(path, "size");
}

static bool is_even_coloured(const uint8_t *p, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (p[i] != p[0])
			return false;
	return true;
}

/* A last frame that is cut short is left out: a player may have been ended. */
static void read_film(struct film *a, const char *path)
{
	FILE *f = fopen(path, "rb");
	char line[LINE];
	size_t len, chroma;
	uint8_t *rest;

	if (!f)
		die(path, "open");
	read_head(a, f, path);
	len = (size_t)a->w * (size_t)a->h;
	chroma = 2 * (size_t)((a->w + 1) / 2) * (size_t)((a->h + 1) / 2);
	rest = vc_alloc(chroma, 1);
	while (get_line(f, line)) {
		uint8_t *p = vc_alloc(len, 1);

		if (fread(p, 1, len, f) != len ||
		    fread(rest, 1, chroma, f) != chroma ||
		    (!a->n && is_even_coloured(p, len))) {
			free(p);
			continue;
		}
		if (a->n == a->cap) {
			a->cap = a->cap ? 2 * a->cap : 64;
			a->luma = realloc(a->luma, a->cap * sizeof(*a->luma));
			if (!a->luma)
				abort();
		}
		a->luma[a->n++] = p;
	}
	free(rest);
	fclose(f);
}

static void free_film(struct film *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->luma[i]);
	free(a->luma);
}

static uint64_t difference(const struct film *a, const uint8_t *p,
			   const uint8_t *q, int step)
{
	uint64_t sum = 0;

	for (int y = 0; y < a->h; y += step) {
		for (int x = 0; x < a->w; x += step) {
			int d = p[y * a->w + x] - q[y * a->w + x];

			sum += (uint64_t)(d * d);
		}
	}
	return sum;
}

static double decibels(const struct film *a, uint64_t sum)
{
	double db = sum ? 10 * log10(65025.0 * a->w * a->h / (double)sum) :
			  BEST;

	return db < BEST ? db : BEST;
}

static size_t most_like(const struct film *sent, const uint8_t *p)
{
	uint64_t least = UINT64_MAX;
	size_t best = 0;

	for (size_t i = 0; i < sent->n; i++) {
		uint64_t sum = difference(sent, sent->luma[i], p, STEP);

		if (sum < least) {
			least = sum;
			best = i;
		}
	}
	return best;
}

static void judge(const struct film *sent, const struct film *shown)
{
	size_t last = 0, different = 0, back = 0;
	bool *seen = vc_alloc(sent->n, sizeof(*seen));
	double least = BEST, total = 0;

	for (size_t i = 0; i < shown->n; i++) {
		size_t k = most_like(sent, shown->luma[i]);
		double db = decibels(sent, difference(sent, sent->luma[k],
						      shown->luma[i], 1));

		back += i && k < last;
		different += !seen[k];
		seen[k] = true;
		last = k;
		total += db;
		if (db < least)
			least = db;
	}
	printf("pictures %zu different %zu back %zu least %.1f mean %.1f\n",
	       shown->n, different, back, shown->n ? least : 0,
	       shown->n ? total / (double)shown->n : 0);
	free(seen);
}

int main(int argc, char **argv)
{
	struct film sent = { 0 }, shown = { 0 };

	if (argc != 3)
		return 2;
	read_film(&sent, argv[1]);
	read_film(&shown, argv[2]);
	if (!sent.n)
		die(argv[1], "no picture");
	if (shown.n && (sent.w != shown.w || sent.h != shown.h))
		die(argv[2], "another size");
	judge(&sent, &shown);
	free_film(&sent);
	free_film(&shown);
	return 0;
}
