/* SPDX-License-Identifier: MIT */
/*
 * Ids of different levels differ, so a flat walk does: containers that matter
 * (segment, info, tracks, cluster) are entered by stepping over their header
 * only, leaves and what is inside one track or block are looked at as a whole.
 * An element of unknown size ends where one of its parent's level begins.
 */
#include "wire/webmread.h"

#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/ebml.h"
#include "wire/webm_internal.h"

#define HEADER_MAX 12
#define SCALE_DEFAULT 1000000
#define SCALE_MAX 1000000000

/* An element's header. */
struct element {
	uint32_t id;
	uint64_t size; /* of what follows, or VC_EBML_UNKNOWN */
	size_t head;
};

static int read_header(struct element *e, const uint8_t *buf, size_t len)
{
	size_t some = len < HEADER_MAX ? len : HEADER_MAX;
	struct vc_rd r = vc_rd_over(buf, some);

	e->id = vc_ebml_rd_id(&r);
	e->size = vc_ebml_rd_size(&r);
	e->head = (size_t)(r.p - buf);
	if (!r.bad)
		return 1;
	/* Is it too short, or none? */
	if (len >= HEADER_MAX || (len && buf[0] < 0x10))
		return -EBADMSG;
	return 0;
}

static bool is_known(uint64_t size)
{
	return size != VC_EBML_UNKNOWN;
}

/* --- what is here as a whole --- */

/* The next element inside 'r', and its octets. */
static bool next_inside(struct vc_rd *r, uint32_t *id, struct vc_rd *body)
{
	uint64_t size;

	if (!vc_rd_left(r))
		return false;
	*id = vc_ebml_rd_id(r);
	size = vc_ebml_rd_size(r);
	if (r->bad || size > vc_rd_left(r)) {
		r->bad = true;
		return false;
	}
	*body = vc_rd_over(r->p, (size_t)size);
	vc_rd_skip(r, (size_t)size);
	return true;
}

static uint64_t whole_uint(struct vc_rd *body)
{
	return vc_ebml_rd_uint(body, vc_rd_left(body));
}

static struct vc_str whole_text(const struct vc_rd *body)
{
	struct vc_str s =
		vc_str_of((const char *)body->p, (size_t)(body->end - body->p));
	const char *nul = s.len ? memchr(s.p, 0, s.len) : NULL;

	/* Writers may pad with zeros. */
	if (nul)
		s.len = (size_t)(nul - s.p);
	return s;
}

static double whole_float(struct vc_rd *body)
{
	size_t len = vc_rd_left(body);
	uint64_t bits = whole_uint(body);
	double d = 0;
	float f;

	if (len == 4) {
		uint32_t half = (uint32_t)bits;

		memcpy(&f, &half, sizeof(f));
		d = (double)f;
	} else if (len == 8) {
		memcpy(&d, &bits, sizeof(d));
	} else if (len) {
		body->bad = true;
	}
	return d;
}

static void read_media(struct vc_webmread_track *t, struct vc_rd *r)
{
	struct vc_rd body;
	uint32_t id;

	while (next_inside(r, &id, &body)) {
		if (id == ID_SAMPLING_FREQUENCY)
			t->rate_hz = whole_float(&body);
		else if (id == ID_CHANNELS)
			t->channels = whole_uint(&body);
		else if (id == ID_BIT_DEPTH)
			t->bits = whole_uint(&body);
		else if (id == ID_PIXEL_WIDTH)
			t->width = whole_uint(&body);
		else if (id == ID_PIXEL_HEIGHT)
			t->height = whole_uint(&body);
		r->bad |= body.bad;
	}
}

static void read_entry(struct vc_webmread_track *t, uint32_t id,
		       struct vc_rd *body)
{
	switch (id) {
	case ID_TRACK_NUMBER:
		t->number = whole_uint(body);
		break;
	case ID_TRACK_TYPE:
		t->type = whole_uint(body);
		break;
	case ID_NAME:
		t->name = whole_text(body);
		break;
	case ID_CODEC_ID:
		t->codec = whole_text(body);
		break;
	case ID_CODEC_PRIVATE:
		t->priv = body->p;
		t->priv_len = (size_t)(body->end - body->p);
		break;
	case ID_CODEC_DELAY:
		t->codec_delay = whole_uint(body);
		break;
	case ID_DEFAULT_DURATION:
		t->default_duration = whole_uint(body);
		break;
	case ID_CONTENT_ENCODINGS:
		t->is_encoded = true;
		break;
	case ID_VIDEO:
	case ID_AUDIO:
		read_media(t, body);
		break;
	}
}

static enum vc_webmread_kind read_track(struct vc_webmread_track *t,
					struct vc_rd r)
{
	struct vc_rd body;
	uint32_t id;

	*t = (struct vc_webmread_track){ 0 };
	while (next_inside(&r, &id, &body)) {
		read_entry(t, id, &body);
		r.bad |= body.bad;
	}
	return r.bad || !t->number ? VC_WEBMREAD_BAD : VC_WEBMREAD_TRACK;
}

/* --- lacing (RFC 9559 section 10.3) --- */

static uint64_t xiph_size(struct vc_rd *r)
{
	uint64_t size = 0;
	uint8_t v;

	do {
		v = vc_rd_u8(r);
		size += v;
	} while (v == 255 && !r->bad);
	return size;
}

/* The first as it is, the others as differences, shifted to be positive. */
static uint64_t ebml_size(struct vc_rd *r, bool is_first, uint64_t before)
{
	const uint8_t *start = r->p;
	uint64_t v = vc_ebml_rd_size(r), half;

	r->bad |= v == VC_EBML_UNKNOWN;
	if (r->bad || is_first)
		return v;
	half = (UINT64_C(1) << (7 * (r->p - start) - 1)) - 1;
	/* A negative size wraps around, and is too large. */
	return before + v - half;
}

/* Sizes of all frames but the last, which has what is left. */
static void read_sizes(struct vc_webmread_block *b, struct vc_rd *r,
		       unsigned int lacing)
{
	uint64_t sum = 0, size = 0;

	for (unsigned int i = 0; i + 1 < b->n; i++) {
		size = lacing == 1 ? xiph_size(r) : ebml_size(r, i == 0, size);
		if (r->bad || size > VC_WEBMREAD_MAX) {
			r->bad = true;
			return;
		}
		b->size[i] = (uint32_t)size;
		sum += size;
	}
	if (r->bad || sum > vc_rd_left(r)) {
		r->bad = true;
		return;
	}
	b->size[b->n - 1] = (uint32_t)(vc_rd_left(r) - sum);
}

static void read_lacing(struct vc_webmread_block *b, struct vc_rd *r,
			unsigned int lacing)
{
	b->n = 1;
	if (lacing)
		b->n = 1 + (unsigned int)vc_rd_u8(r);
	if (lacing == 2) {
		r->bad |= vc_rd_left(r) % b->n != 0;
		for (unsigned int i = 0; i < b->n; i++)
			b->size[i] = (uint32_t)(vc_rd_left(r) / b->n);
		return;
	}
	read_sizes(b, r, lacing);
}

/* --- blocks --- */

static int64_t scaled(const struct vc_webmread *r, int64_t ticks)
{
	int64_t scale = (int64_t)(r->scale ? r->scale : SCALE_DEFAULT);

	return ticks > VC_WEBMREAD_TIME_MAX / scale ? VC_WEBMREAD_TIME_MAX :
						      ticks * scale;
}

/* What a Block and a SimpleBlock begin with. */
static enum vc_webmread_kind read_block(const struct vc_webmread *r,
					struct vc_webmread_block *b,
					struct vc_rd body, bool is_simple)
{
	int64_t ticks;
	uint8_t flags;

	b->track = vc_ebml_rd_size(&body);
	ticks = (int16_t)vc_rd_u16(&body);
	flags = vc_rd_u8(&body);
	if (is_simple)
		b->is_key = flags & 0x80;
	read_lacing(b, &body, flags >> 1 & 3);
	if (body.bad || !r->has_ticks || !b->track ||
	    b->track == VC_EBML_UNKNOWN)
		return VC_WEBMREAD_BAD;
	ticks += (int64_t)r->ticks;
	b->time = scaled(r, ticks < 0 ? 0 : ticks);
	b->data = body.p;
	return VC_WEBMREAD_BLOCK;
}

static enum vc_webmread_kind read_group(const struct vc_webmread *r,
					struct vc_webmread_block *b,
					struct vc_rd group)
{
	enum vc_webmread_kind kind = VC_WEBMREAD_SKIP;
	struct vc_rd body;
	uint64_t v;
	uint32_t id;

	b->is_key = true;
	while (next_inside(&group, &id, &body)) {
		if (id == ID_BLOCK)
			kind = read_block(r, b, body, false);
		if (id == ID_REFERENCE_BLOCK)
			b->is_key = false;
		if (id != ID_BLOCK_DURATION)
			continue;
		v = whole_uint(&body);
		group.bad |= body.bad;
		b->duration = scaled(r, v > INT32_MAX ? INT32_MAX : (int64_t)v);
	}
	return group.bad ? VC_WEBMREAD_BAD : kind;
}

/* --- the walk --- */

/* What is looked at as a whole; 0 is a container, or of no interest. */
static bool is_leaf(const struct vc_webmread *r, uint32_t id)
{
	switch (id) {
	case ID_EBML:
		return true;
	case ID_TRACK_ENTRY:
		return r->child == ID_TRACKS;
	case ID_TIMESTAMP_SCALE:
	case ID_DURATION:
		return r->child == ID_INFO;
	case ID_TIMESTAMP:
	case ID_SIMPLE_BLOCK:
	case ID_BLOCK_GROUP:
		return r->child == ID_CLUSTER;
	default:
		return false;
	}
}

/* Children of a segment, and what may follow it: these end what is open. */
static bool is_top(uint32_t id)
{
	return id > 0xffffff;
}

static void set_scale(struct vc_webmread *r, struct vc_rd *body)
{
	uint64_t scale = whole_uint(body);

	if (!body->bad && scale >= 1 && scale <= SCALE_MAX)
		r->scale = scale;
	else
		body->bad = true;
}

static void set_ticks(struct vc_webmread *r, struct vc_rd *body)
{
	uint64_t ticks = whole_uint(body);

	r->has_ticks = !body->bad && ticks <= VC_WEBMREAD_TIME_MAX;
	r->ticks = ticks;
	body->bad |= !r->has_ticks;
}

/* In ticks of the scale, which may be said later. */
static void set_duration(struct vc_webmread *r, struct vc_rd *body)
{
	double ticks = whole_float(body);

	body->bad |= !(ticks >= 0 && ticks <= (double)VC_WEBMREAD_TIME_MAX);
	if (!body->bad)
		r->duration_ticks = ticks;
}

static void read_leaf(struct vc_webmread *r, uint32_t id, struct vc_rd body,
		      struct vc_webmread_item *out)
{
	out->block.duration = -1;
	switch (id) {
	case ID_EBML:
		r->has_head = true;
		break;
	case ID_TRACK_ENTRY:
		out->kind = read_track(&out->track, body);
		return;
	case ID_SIMPLE_BLOCK:
		out->kind = read_block(r, &out->block, body, true);
		return;
	case ID_BLOCK_GROUP:
		out->kind = read_group(r, &out->block, body);
		return;
	case ID_TIMESTAMP_SCALE:
		set_scale(r, &body);
		break;
	case ID_DURATION:
		set_duration(r, &body);
		break;
	case ID_TIMESTAMP:
		set_ticks(r, &body);
		break;
	}
	if (body.bad)
		out->kind = VC_WEBMREAD_BAD;
}

static bool is_container(uint32_t id)
{
	return id == ID_SEGMENT || id == ID_INFO || id == ID_TRACKS ||
	       id == ID_CLUSTER;
}

static void enter(struct vc_webmread *r, const struct element *e)
{
	uint64_t end = is_known(e->size) ? r->pos + e->size : VC_EBML_UNKNOWN;

	if (e->id == ID_SEGMENT) {
		r->has_segment = r->in_segment = true;
		r->segment_end = end;
		r->child = 0;
		return;
	}
	r->child = e->id;
	r->child_end = end;
	r->has_ticks = false;
}

/* What is open and ends where we are, or ends as this cannot be inside it. */
static void leave(struct vc_webmread *r, uint32_t id)
{
	if (r->child &&
	    (r->pos == r->child_end || (!is_known(r->child_end) && is_top(id))))
		r->child = 0;
	if (r->in_segment && (r->pos == r->segment_end ||
			      (!is_known(r->segment_end) &&
			       (id == ID_EBML || id == ID_SEGMENT)))) {
		r->in_segment = false;
		r->child = 0;
	}
}

/* Does it lie inside what is open, and where it belongs? */
static bool fits(const struct vc_webmread *r, const struct element *e)
{
	uint64_t end = VC_EBML_UNKNOWN;
	bool is_outer = e->id == ID_EBML || e->id == ID_SEGMENT;

	if (!r->has_head && e->id != ID_EBML)
		return false;
	if (is_outer == r->in_segment && e->id != VC_EBML_ID_VOID &&
	    e->id != ID_CRC32 && is_top(e->id))
		return false;
	if (r->child && is_top(e->id))
		return false;
	if (r->in_segment)
		end = r->segment_end;
	if (r->child && is_known(r->child_end))
		end = r->child_end;
	if (!is_known(e->size))
		return e->id == ID_SEGMENT || e->id == ID_CLUSTER;
	return !is_known(end) ||
	       e->head + e->size <= end - (r->pos < end ? r->pos : end);
}

int vc_webmread_next(struct vc_webmread *r, const uint8_t *buf, size_t len,
		     struct vc_webmread_item *out)
{
	struct element e;
	int got = read_header(&e, buf, len);

	out->kind = VC_WEBMREAD_SKIP;
	out->size = len + 1;
	if (got <= 0)
		return got;
	leave(r, e.id);
	if (!fits(r, &e))
		return -EBADMSG;
	out->size = e.head;
	if (is_container(e.id)) {
		r->pos += e.head;
		enter(r, &e);
		return 1;
	}
	if (e.size > SIZE_MAX / 2)
		return -EBADMSG;
	out->size = e.head + (size_t)e.size;
	r->has_cues |= e.id == ID_CUES;
	if (is_leaf(r, e.id) && e.size > VC_WEBMREAD_MAX)
		out->kind = VC_WEBMREAD_BAD;
	else if (is_leaf(r, e.id) && out->size > len)
		return 0;
	else if (is_leaf(r, e.id))
		read_leaf(r, e.id, vc_rd_over(buf + e.head, (size_t)e.size),
			  out);
	r->pos += out->size;
	return 1;
}

int64_t vc_webmread_duration(const struct vc_webmread *r)
{
	double ns = r->duration_ticks *
		    (double)(r->scale ? r->scale : SCALE_DEFAULT);

	return ns < (double)VC_WEBMREAD_TIME_MAX ? (int64_t)(ns + 0.5) :
						   VC_WEBMREAD_TIME_MAX;
}

bool vc_webmread_is_whole(const struct vc_webmread *r)
{
	bool is_child_done = !r->child || !is_known(r->child_end) ||
			     r->pos == r->child_end;

	return r->has_segment && is_child_done &&
	       (!r->in_segment || !is_known(r->segment_end) ||
		r->pos == r->segment_end);
}
