/* SPDX-License-Identifier: MIT */
#include "simulcast.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/image.h"
#include "base/num.h"
#include "base/str.h"
#include "wire/sdp.h"

#define BITRATE_MIN 10000
#define BITRATE_MAX 100000000
#define WORD_CAP 48

static int wrong(char *why, size_t cap, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static int wrong(char *why, size_t cap, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, cap, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* "320x180@150k" */
static int parse_layer(struct simulcast *s, const char *text, char *why,
		       size_t cap)
{
	char *rate, word[WORD_CAP];
	int width, height;
	uint64_t bps;

	vc_strlcpy(word, text, sizeof(word));
	rate = strchr(word, '@');
	if (!rate)
		return wrong(why, cap, "%s: a layer is WxH@RATE", text);
	*rate = '\0';
	if (vc_num_dims(word, &width, &height) ||
	    !vc_image_size_ok(width, height))
		return wrong(why, cap, "%s: a size, as 640x360", word);
	if (vc_num_rate(rate + 1, &bps) || bps < BITRATE_MIN ||
	    bps > BITRATE_MAX)
		return wrong(why, cap, "%s: a rate, 10k to 100M", rate + 1);
	s->layers[s->n].width = width;
	s->layers[s->n].height = height;
	s->layers[s->n].bitrate = (int64_t)bps;
	s->n++;
	return 0;
}

static int by_size(const void *a, const void *b)
{
	const struct simulcast_layer *l = a, *r = b;
	int64_t left = (int64_t)l->width * l->height;
	int64_t right = (int64_t)r->width * r->height;

	return left < right ? -1 : left > right;
}

/* They show the same: of one shape, to the pixel or nearly so. */
static int check(const struct simulcast *s, char *why, size_t cap)
{
	int top_w = s->layers[s->n - 1].width;
	int top_h = s->layers[s->n - 1].height;

	for (size_t i = 0; i + 1 < s->n; i++) {
		int w = s->layers[i].width, h = s->layers[i].height;
		int64_t a = (int64_t)w * top_h, b = (int64_t)h * top_w;

		if (w >= s->layers[i + 1].width || h >= s->layers[i + 1].height)
			return wrong(why, cap,
				     "%dx%d and %dx%d: one has to be smaller",
				     w, h, s->layers[i + 1].width,
				     s->layers[i + 1].height);
		if (a > b + b / 16 || b > a + a / 16)
			return wrong(why, cap,
				     "%dx%d and %dx%d: have not one shape", w,
				     h, top_w, top_h);
	}
	return 0;
}

int simulcast_parse(struct simulcast *s, const char *text, char *why,
		    size_t cap)
{
	struct vc_str rest = vc_str_c(text);
	int err;

	*s = (struct simulcast){ 0 };
	do {
		struct vc_str one = vc_str_cut(&rest, ',');
		char word[WORD_CAP];

		if (s->n == LAYERS_MAX)
			return wrong(why, cap, "at most %d layers", LAYERS_MAX);
		if (vc_str_copy(word, sizeof(word), one) >= sizeof(word))
			return wrong(why, cap, "%s...: a layer is WxH@RATE",
				     word);
		err = parse_layer(s, word, why, cap);
		if (err)
			return err;
	} while (rest.p);
	if (s->n < 2)
		return wrong(why, cap,
			     "two layers at least (cure for one: --size and "
			     "--vbitrate)");
	qsort(s->layers, s->n, sizeof(s->layers[0]), by_size);
	err = check(s, why, cap);
	for (size_t i = 0; i < s->n; i++) {
		s->layers[i].rid[0] = (char)('1' + i);
		snprintf(s->layers[i].limits, sizeof(s->layers[i].limits),
			 "max-width=%d;max-height=%d", s->layers[i].width,
			 s->layers[i].height);
	}
	return err;
}

void simulcast_describe(const struct simulcast *s, struct vc_sdp *sdp)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *m = &sdp->media[i];

		if (m->kind != VC_VIDEO || m->content.len)
			continue;
		for (size_t k = s->n; k; k--)
			vc_sdp_add_rid(m, vc_str_c(s->layers[k - 1].rid),
				       vc_str_c(s->layers[k - 1].limits));
	}
}
