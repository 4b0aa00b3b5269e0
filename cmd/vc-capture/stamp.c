/* SPDX-License-Identifier: MIT */
#include "stamp.h"

#include "media/mark.h"

#define MOST (48 * 60) /* samples of a packet */

void stamp_init(struct stamp *s, const char *name, uint32_t rate_hz)
{
	*s = (struct stamp){ .is_on = true, .id = vc_mark_id(name) };
	vc_chirp_init(&s->chirp, s->id, rate_hz);
}

void stamp_clear(struct stamp *s)
{
	vc_image_clear(&s->image);
}

static bool has_size(const struct vc_image *a, const struct vc_image *b)
{
	return a->width == b->width && a->height == b->height;
}

const struct vc_image *stamp_video(struct stamp *s, const struct vc_image *img,
				   int64_t frame, int64_t now)
{
	struct vc_mark mark = vc_mark_make(s->id, (uint64_t)frame, now);

	if (!s->is_on)
		return img;
	if (!has_size(&s->image, img)) {
		vc_image_clear(&s->image);
		if (vc_image_alloc(&s->image, img->width, img->height))
			return img;
	}
	vc_image_copy(&s->image, img);
	return vc_mark_draw(&s->image, &mark) ? img : &s->image;
}

static void add(int16_t *pcm, int16_t mark)
{
	int v = *pcm + mark;

	*pcm = (int16_t)(v > INT16_MAX ? INT16_MAX :
			 v < INT16_MIN ? INT16_MIN :
					 v);
}

void stamp_audio(struct stamp *s, int16_t *pcm, size_t n, int channels,
		 int64_t now)
{
	int16_t mark[MOST] = { 0 };

	if (!s->is_on || n > MOST)
		return;
	if (channels == 1) {
		vc_chirp_add(&s->chirp, pcm, n, now);
		return;
	}
	vc_chirp_add(&s->chirp, mark, n, now);
	for (size_t i = 0; i < n; i++) {
		add(&pcm[2 * i], mark[i]);
		add(&pcm[2 * i + 1], mark[i]);
	}
}
