/* SPDX-License-Identifier: MIT */
#include "wire/mp4read.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "wire/mp4.h"
#include "wire/ntp.h"

#define T(a, b, c, d) VC_MP4_TYPE(a, b, c, d)
#define NOT_SYNC 0x10000u

struct box {
	uint32_t type;
	struct vc_rd in;
};

/* The next one of those in 'r', which is all here. */
static bool next_box(struct vc_rd *r, struct box *b)
{
	uint64_t size, head = VC_MP4_BOX_LEN;
	const uint8_t *p;

	if (!vc_rd_left(r))
		return false;
	size = vc_rd_u32(r);
	b->type = vc_rd_u32(r);
	if (size == 1) {
		size = vc_rd_u64(r);
		head = VC_MP4_BIG_LEN;
	}
	if (r->bad || size < head || size - head > vc_rd_left(r)) {
		r->bad = true;
		return false;
	}
	p = vc_rd_bytes(r, (size_t)(size - head));
	b->in = vc_rd_over(p, (size_t)(size - head));
	return true;
}

/* The version; the flags if they are asked for. */
static uint8_t full(struct vc_rd *r, uint32_t *flags)
{
	uint8_t version = vc_rd_u8(r);
	uint32_t f = vc_rd_u24(r);

	if (flags)
		*flags = f;
	return version;
}

/* Ticks that are far beyond VC_MP4READ_TIME_MAX are so many. */
static int64_t read_ticks(struct vc_rd *r, bool is_long)
{
	uint64_t ticks = is_long ? vc_rd_u64(r) : vc_rd_u32(r);

	return ticks > INT64_MAX / 2 ? INT64_MAX / 2 : (int64_t)ticks;
}

static int64_t to_ns(int64_t ticks, uint32_t scale)
{
	int64_t ns = vc_rtp_to_ns(ticks < 0 ? 0 : ticks, scale);

	return ns > VC_MP4READ_TIME_MAX ? VC_MP4READ_TIME_MAX : ns;
}

/* --- moov --- */

static void read_entry(struct vc_mp4read_track *t, struct vc_rd r)
{
	bool is_video = t->handler == T('v', 'i', 'd', 'e');
	struct box b, in;

	full(&r, NULL);
	vc_rd_skip(&r, 4);
	if (r.bad || !next_box(&r, &b))
		return;
	t->type = b.type;
	vc_rd_skip(&b.in, is_video ? 24 : 16);
	if (is_video) {
		t->width = vc_rd_u16(&b.in);
		t->height = vc_rd_u16(&b.in);
		vc_rd_skip(&b.in, 50);
	} else {
		t->channels = vc_rd_u16(&b.in);
		vc_rd_skip(&b.in, 10);
	}
	while (next_box(&b.in, &in)) {
		if (in.type != T('a', 'v', 'c', 'C') &&
		    in.type != T('d', 'O', 'p', 's'))
			continue;
		t->config = in.in.p;
		t->config_len = vc_rd_left(&in.in);
	}
}

static void read_minf(struct vc_mp4read_track *t, struct vc_rd r)
{
	struct box b, in;

	while (next_box(&r, &b)) {
		if (b.type != T('s', 't', 'b', 'l'))
			continue;
		while (next_box(&b.in, &in))
			if (in.type == T('s', 't', 's', 'd'))
				read_entry(t, in.in);
	}
}

static struct vc_str text_of(struct vc_rd *r)
{
	size_t len = strnlen((const char *)r->p, vc_rd_left(r));

	return (struct vc_str){ (const char *)r->p, len };
}

static void read_mdia(struct vc_mp4read_track *t, struct vc_rd r)
{
	struct box b;

	while (next_box(&r, &b)) {
		switch (b.type) {
		case T('m', 'd', 'h', 'd'):
			vc_rd_skip(&b.in, full(&b.in, NULL) ? 16 : 8);
			t->scale = vc_rd_u32(&b.in);
			break;
		case T('h', 'd', 'l', 'r'):
			vc_rd_skip(&b.in, 8);
			t->handler = vc_rd_u32(&b.in);
			vc_rd_skip(&b.in, 12);
			if (!b.in.bad)
				t->name = text_of(&b.in);
			break;
		case T('m', 'i', 'n', 'f'):
			read_minf(t, b.in);
			break;
		}
	}
}

static void read_trak(struct vc_mp4read_track *t, struct vc_rd r)
{
	struct box b, in;

	*t = (struct vc_mp4read_track){ 0 };
	while (next_box(&r, &b)) {
		switch (b.type) {
		case T('t', 'k', 'h', 'd'):
			vc_rd_skip(&b.in, full(&b.in, NULL) ? 16 : 8);
			t->id = vc_rd_u32(&b.in);
			break;
		case T('m', 'd', 'i', 'a'):
			read_mdia(t, b.in);
			break;
		case T('u', 'd', 't', 'a'):
			while (next_box(&b.in, &in))
				if (in.type == T('n', 'a', 'm', 'e'))
					t->name = text_of(&in.in);
			break;
		}
	}
}

static int find(const struct vc_mp4read *r, uint32_t id)
{
	for (unsigned int i = 0; i < r->n; i++)
		if (r->tracks[i].id == id)
			return (int)i;
	return -1;
}

static void read_trex(struct vc_mp4read *r, struct vc_rd in)
{
	int i;

	full(&in, NULL);
	i = find(r, vc_rd_u32(&in));
	vc_rd_skip(&in, 4);
	if (i < 0 || in.bad)
		return;
	r->tracks[i].duration = vc_rd_u32(&in);
	r->tracks[i].size = vc_rd_u32(&in);
	r->tracks[i].flags = vc_rd_u32(&in);
}

static void read_mvex(struct vc_mp4read *r, struct vc_rd in, uint32_t scale)
{
	struct box b;

	while (next_box(&in, &b)) {
		if (b.type == T('t', 'r', 'e', 'x'))
			read_trex(r, b.in);
		if (b.type == T('m', 'e', 'h', 'd') && scale)
			r->duration = to_ns(
				read_ticks(&b.in, full(&b.in, NULL)), scale);
	}
}

static int64_t read_mvhd(struct vc_rd in, uint32_t *scale)
{
	bool is_long = full(&in, NULL);
	int64_t ticks;

	vc_rd_skip(&in, is_long ? 16 : 8);
	*scale = vc_rd_u32(&in);
	ticks = read_ticks(&in, is_long);
	if (in.bad)
		*scale = 0;
	return *scale ? to_ns(ticks, *scale) : 0;
}

/* The first one says what is there, another one that it is whole. */
static int read_moov(struct vc_mp4read *r, struct vc_rd in,
		     struct vc_mp4read_item *out)
{
	bool is_first = !r->n, has_fragments = false;
	int64_t duration = 0;
	uint32_t scale = 0;
	struct box b;

	while (next_box(&in, &b)) {
		if (b.type == T('m', 'v', 'h', 'd'))
			duration = read_mvhd(b.in, &scale);
		has_fragments |= b.type == T('m', 'v', 'e', 'x');
		if (b.type == T('m', 'v', 'e', 'x') && is_first)
			read_mvex(r, b.in, scale);
		if (b.type != T('t', 'r', 'a', 'k') || !is_first ||
		    r->n == VC_MP4READ_TRACKS)
			continue;
		read_trak(&r->tracks[r->n], b.in);
		if (r->tracks[r->n].id && r->tracks[r->n].scale &&
		    find(r, r->tracks[r->n].id) < 0)
			r->n++;
	}
	if (is_first && !has_fragments) {
		r->n = 0;
		return in.bad ? -EBADMSG : -ENOTSUP;
	}
	out->is_bad = in.bad;
	out->kind = is_first ? VC_MP4READ_TRACKS_ARE :
		    in.bad   ? VC_MP4READ_BAD :
			       VC_MP4READ_SKIP;
	if (is_first || has_fragments || in.bad)
		return 1;
	r->duration = duration;
	r->has_index = true;
	return 1;
}

/* --- the file --- */

/* A moof and the mdat behind it. */
static int read_fragment(const uint8_t *buf, size_t len, uint64_t size,
			 struct vc_mp4read_item *out)
{
	uint64_t data;

	out->size = size + VC_MP4_BOX_LEN;
	if (len < out->size)
		return 0;
	data = vc_get_u32(buf + size);
	if (vc_get_u32(buf + size + 4) != T('m', 'd', 'a', 't') ||
	    data < VC_MP4_BOX_LEN) {
		out->kind = VC_MP4READ_BAD;
		out->size = size;
		return 1;
	}
	out->size = size + data;
	if (out->size > VC_MP4READ_MAX)
		return -EBADMSG;
	if (len < out->size)
		return 0;
	out->kind = VC_MP4READ_FRAGMENT;
	out->p = buf;
	out->len = (size_t)out->size;
	out->moof_len = (size_t)size;
	return 1;
}

/* Media; of a file that was finished, its fragments. */
static int read_mdat(struct vc_mp4read *r, const uint8_t *buf, size_t len,
		     uint64_t size, struct vc_mp4read_item *out)
{
	out->size = VC_MP4_BIG_LEN + VC_MP4_BOX_LEN;
	if (r->n || r->is_inside || size < out->size || vc_get_u32(buf) != 1) {
		out->size = size;
		return 1;
	}
	if (len < out->size)
		return 0;
	if (vc_get_u32(buf + VC_MP4_BIG_LEN + 4) == T('m', 'o', 'o', 'v')) {
		r->is_inside = true;
		r->inside_end = r->pos + size;
		out->size = VC_MP4_BIG_LEN;
	} else {
		out->size = size;
	}
	return 1;
}

static int read_box(struct vc_mp4read *r, const uint8_t *buf, size_t len,
		    struct vc_mp4read_item *out)
{
	struct vc_rd rd = vc_rd_over(buf, len);
	uint64_t size, head = VC_MP4_BOX_LEN;
	uint32_t type;

	out->size = VC_MP4_BIG_LEN;
	if (len < VC_MP4_BOX_LEN)
		return 0;
	size = vc_rd_u32(&rd);
	type = vc_rd_u32(&rd);
	if (size == 1 && len < VC_MP4_BIG_LEN)
		return 0;
	if (size == 1) {
		size = vc_rd_u64(&rd);
		head = VC_MP4_BIG_LEN;
	}
	if (size < head || size > INT64_MAX ||
	    (!r->has_head && type != T('f', 't', 'y', 'p')))
		return -EBADMSG;
	r->has_head = true;
	if (type == T('m', 'd', 'a', 't'))
		return read_mdat(r, buf, len, size, out);
	out->size = size;
	r->has_index |= type == T('m', 'f', 'r', 'a');
	if (type != T('m', 'o', 'o', 'v') && type != T('m', 'o', 'o', 'f'))
		return 1;
	if (size > VC_MP4READ_MAX)
		return -EBADMSG;
	if (len < size)
		return 0;
	if (type == T('m', 'o', 'o', 'f'))
		return read_fragment(buf, len, size, out);
	return read_moov(r, vc_rd_over(buf + head, (size_t)(size - head)), out);
}

int vc_mp4read_next(struct vc_mp4read *r, const uint8_t *buf, size_t len,
		    struct vc_mp4read_item *out)
{
	int got;

	*out = (struct vc_mp4read_item){ .kind = VC_MP4READ_SKIP };
	got = read_box(r, buf, len, out);
	if (got == 1)
		r->pos += out->size;
	return got;
}

bool vc_mp4read_is_whole(const struct vc_mp4read *r)
{
	return r->n &&
	       (!r->is_inside || (r->pos >= r->inside_end && r->has_index));
}

/* --- fragments --- */

static void read_tfhd(struct vc_mp4read_walk *w, struct vc_mp4read_cursor *c,
		      struct vc_rd in)
{
	const struct vc_mp4read_track *t;
	uint32_t flags;
	int i;

	full(&in, &flags);
	i = find(w->r, vc_rd_u32(&in));
	/* From the file's beginning: not where one cannot seek. */
	if (i < 0 || flags & 1) {
		w->is_bad = true;
		return;
	}
	t = &w->r->tracks[i];
	c->track = (unsigned int)i;
	if (flags & 2)
		vc_rd_skip(&in, 4);
	c->duration = flags & 8 ? vc_rd_u32(&in) : t->duration;
	c->size = flags & 0x10 ? vc_rd_u32(&in) : t->size;
	c->defaults = flags & 0x20 ? vc_rd_u32(&in) : t->flags;
	c->is_here = !in.bad;
}

/* The next run of a track. */
static bool next_run(struct vc_mp4read_walk *w, struct vc_mp4read_cursor *c)
{
	struct box b;

	while (next_box(&c->traf, &b)) {
		if (b.type == T('t', 'f', 'd', 't'))
			c->time = read_ticks(&b.in, full(&b.in, NULL));
		if (b.type != T('t', 'r', 'u', 'n'))
			continue;
		full(&b.in, &c->flags);
		c->n = vc_rd_u32(&b.in);
		if (c->flags & 1)
			c->at = vc_rd_u32(&b.in);
		c->is_first = true;
		if (c->flags & 4)
			c->first_flags = vc_rd_u32(&b.in);
		c->run = b.in;
		if (b.in.bad)
			break;
		return true;
	}
	w->is_bad |= c->traf.bad;
	return false;
}

/*
 * The track's next sample into c->next. Each takes octets of the run, or of the
 * media, and no octet of the media is two samples': so however many are said,
 * there are no more than the fragment has room for.
 */
static bool step(struct vc_mp4read_walk *w, struct vc_mp4read_cursor *c)
{
	const struct vc_mp4read_track *t = &w->r->tracks[c->track];
	uint32_t duration, size, flags, shift;

	while (!c->n)
		if (!next_run(w, c))
			return false;
	duration = c->flags & 0x100 ? vc_rd_u32(&c->run) : c->duration;
	size = c->flags & 0x200 ? vc_rd_u32(&c->run) : c->size;
	flags = c->is_first && c->flags & 4 ? c->first_flags : c->defaults;
	if (c->flags & 0x400)
		flags = vc_rd_u32(&c->run);
	shift = c->flags & 0x800 ? vc_rd_u32(&c->run) : 0;
	if (c->run.bad || c->at < w->item->moof_len || c->at > w->item->len ||
	    size > w->item->len - c->at || size > w->left ||
	    (!size && !(c->flags & 0xf00))) {
		w->is_bad = true;
		return false;
	}
	w->left -= size;
	c->next = (struct vc_mp4read_sample){
		.track = c->track,
		.time = to_ns(c->time + (int32_t)shift, t->scale),
		.duration = to_ns(duration, t->scale),
		.is_key = !(flags & NOT_SYNC),
		.p = w->item->p + c->at,
		.len = size,
	};
	c->at += size;
	c->time += duration;
	c->is_first = false;
	c->n--;
	return true;
}

static void begin_traf(struct vc_mp4read_walk *w, struct vc_rd in)
{
	struct vc_mp4read_cursor *c = &w->cursors[w->n];
	struct box b;

	if (w->n == VC_COUNT(w->cursors) || !next_box(&in, &b) ||
	    b.type != T('t', 'f', 'h', 'd')) {
		w->is_bad = true;
		return;
	}
	*c = (struct vc_mp4read_cursor){ .traf = in };
	read_tfhd(w, c, b.in);
	if (c->is_here)
		c->is_here = step(w, c);
	w->n++;
}

void vc_mp4read_begin(struct vc_mp4read_walk *w, const struct vc_mp4read *r,
		      const struct vc_mp4read_item *item)
{
	struct vc_rd in = vc_rd_over(item->p + VC_MP4_BOX_LEN,
				     item->moof_len - VC_MP4_BOX_LEN);
	struct box b;

	w->r = r;
	w->item = item;
	w->left = item->len - item->moof_len - VC_MP4_BOX_LEN;
	w->is_bad = false;
	w->n = 0;
	while (next_box(&in, &b))
		if (b.type == T('t', 'r', 'a', 'f'))
			begin_traf(w, b.in);
	w->is_bad |= in.bad;
}

bool vc_mp4read_sample(struct vc_mp4read_walk *w, struct vc_mp4read_sample *s)
{
	struct vc_mp4read_cursor *first = NULL;

	for (unsigned int i = 0; i < w->n; i++) {
		struct vc_mp4read_cursor *c = &w->cursors[i];

		if (c->is_here && (!first || c->next.time < first->next.time))
			first = c;
	}
	if (!first)
		return false;
	*s = first->next;
	first->is_here = step(w, first);
	return true;
}
