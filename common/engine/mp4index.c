/* SPDX-License-Identifier: MIT */
#include "engine/mp4index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define FIRST_CAP 256

uint8_t *vc_mp4buf_room(struct vc_mp4buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : FIRST_CAP;
	uint8_t *p;

	while (cap - b->len < n)
		cap *= 2;
	if (cap != b->cap) {
		p = realloc(b->p, cap);
		if (!p)
			return NULL;
		b->p = p;
		b->cap = cap;
	}
	p = b->p + b->len;
	b->len += n;
	return p;
}

void vc_mp4buf_clear(struct vc_mp4buf *b)
{
	free(b->p);
	*b = (struct vc_mp4buf){ 0 };
}

int vc_mp4index_lasts(struct vc_mp4index *x, uint32_t ticks)
{
	uint8_t *p;

	if (x->times.len && x->step == ticks) {
		p = x->times.p + x->times.len - 8;
		vc_put_u32(p, vc_get_u32(p) + 1);
		return 0;
	}
	p = vc_mp4buf_room(&x->times, 8);
	if (!p)
		return -ENOMEM;
	vc_put_u32(p, 1);
	vc_put_u32(p + 4, ticks);
	x->step = ticks;
	return 0;
}

int vc_mp4index_sample(struct vc_mp4index *x, uint32_t size, bool is_key)
{
	uint8_t *p = vc_mp4buf_room(&x->sizes, 4);

	if (!p)
		return -ENOMEM;
	vc_put_u32(p, size);
	x->n++;
	if (!is_key)
		return 0;
	p = vc_mp4buf_room(&x->keys, 4);
	if (!p)
		return -ENOMEM;
	vc_put_u32(p, x->n);
	return 0;
}

int vc_mp4index_chunk(struct vc_mp4index *x, uint64_t place, uint32_t n,
		      uint32_t entry)
{
	uint8_t *p = vc_mp4buf_room(&x->places, 8);

	if (!p)
		return -ENOMEM;
	vc_put_u64(p, place);
	if (x->chunk_n == n && x->chunk_entry == entry)
		return 0;
	p = vc_mp4buf_room(&x->chunks, 12);
	if (!p)
		return -ENOMEM;
	vc_put_u32(p, (uint32_t)(x->places.len / 8));
	vc_put_u32(p + 4, n);
	vc_put_u32(p + 8, entry);
	x->chunk_n = n;
	x->chunk_entry = entry;
	return 0;
}

int vc_mp4index_point(struct vc_mp4index *x, uint64_t time, uint64_t moof,
		      unsigned int traf, unsigned int sample)
{
	uint8_t *p = vc_mp4buf_room(&x->points, VC_MP4_POINT_LEN);
	struct vc_wr w;

	if (!p)
		return -ENOMEM;
	w = vc_wr_over(p, VC_MP4_POINT_LEN);
	vc_mp4_point(&w, time, moof, traf, sample);
	return 0;
}

static struct vc_mp4_table table(const struct vc_mp4buf *b, size_t each)
{
	return (struct vc_mp4_table){ b->p, b->len, (uint32_t)(b->len / each) };
}

void vc_mp4index_tables(const struct vc_mp4index *x, struct vc_mp4_track *t)
{
	t->times = table(&x->times, 8);
	if (t->is_video)
		t->keys = table(&x->keys, 4);
	t->chunks = table(&x->chunks, 12);
	t->sizes = table(&x->sizes, 4);
	t->places = table(&x->places, 8);
}

struct vc_mp4_table vc_mp4index_points(const struct vc_mp4index *x)
{
	return table(&x->points, VC_MP4_POINT_LEN);
}

void vc_mp4index_clear(struct vc_mp4index *x)
{
	vc_mp4buf_clear(&x->times);
	vc_mp4buf_clear(&x->keys);
	vc_mp4buf_clear(&x->chunks);
	vc_mp4buf_clear(&x->sizes);
	vc_mp4buf_clear(&x->places);
	vc_mp4buf_clear(&x->points);
}
