/* SPDX-License-Identifier: MIT */
/*
 * Frames that are due are put together (session/frameasm.h, which looks at
 * descriptor, header and size) and copied into a queue; the decoder empties it,
 * maybe on another thread. A frame with packets missing holds up those after
 * it for PATIENCE beyond its time, since what is missing may have been asked
 * for again; then it is given up, and all up to the next key frame with it, or
 * of temporal layers what refers to it.
 */
#include "engine/videorx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/time.h"
#include "codec/video.h"
#include "media/pixels.h"
#include "session/frameasm.h"
#include "session/jbuf.h"
#include "session/orient.h"

#define PACKETS 4096
#define OCTETS (8u << 20)
#define QUEUE 64 /* frames in one go */
#define PATIENCE (100 * VC_MS)
#define NEVER (3 * VC_SEC) /* due later than latency and this: at once */
#define REORDER 17	   /* pictures of H.264 that wait for others */

struct frame {
	size_t start;
	size_t len;
	int64_t time;
	struct vc_orientation orientation;
};

struct vc_videorx {
	const struct vc_playout_source *play;
	struct vc_jbuf *jb;
	struct vc_frameasm *as;
	struct vc_viddec *dec;
	/* put together, to be decoded */
	struct frame queue[QUEUE];
	size_t n_queue;
	uint8_t *octets;
	size_t len;
	size_t cap;
	bool has_failed; /* the decoder, since the last take */
	/* Of frames whose pictures the decoder holds back: they come out in
	 * order of time. */
	bool reorders;
	struct frame inside[REORDER];
	size_t n_inside;
	struct vc_orient orient;
	bool wants_key;
	bool is_ended;
	bool may_borrow;
	bool is_borrowed;
	struct vc_image image; /* a copy, or the decoder's */
	uint64_t generation;   /* 0: no picture yet */
	int64_t time;
	struct vc_videorx_counts counts;
	void (*seen)(void *ctx, const struct vc_image *img, int64_t time);
	void *seen_ctx;
};

static int open_all(struct vc_videorx *v, enum vc_codec codec, int max_width,
		    int max_height)
{
	const struct vc_frameasm_conf asm_conf = {
		.max_width = (unsigned int)max_width,
		.max_height = (unsigned int)max_height,
	};
	const struct vc_viddec_cfg dec_conf = {
		.codec = codec,
		.max_width = max_width,
		.max_height = max_height,
	};
	int err;

	v->dec = vc_viddec_new(&dec_conf, &err);
	if (!v->dec)
		return err;
	v->jb = vc_jbuf_new(PACKETS, OCTETS);
	v->as = vc_frameasm_new(codec, &asm_conf);
	return v->jb && v->as ? 0 : -ENOMEM;
}

struct vc_videorx *vc_videorx_new(enum vc_codec codec,
				  const struct vc_playout_source *play,
				  int max_width, int max_height, int *err)
{
	struct vc_videorx *v;

	*err = -ENOMEM;
	v = vc_try_alloc(1, sizeof(*v));
	if (!v)
		return NULL;
	v->play = play;
	v->reorders = codec == VC_CODEC_H264;
	*err = open_all(v, codec, max_width, max_height);
	if (!*err)
		return v;
	vc_videorx_free(v);
	return NULL;
}

static void drop_image(struct vc_videorx *v)
{
	if (v->is_borrowed)
		v->image = (struct vc_image){ 0 };
	vc_image_clear(&v->image);
	v->is_borrowed = false;
}

void vc_videorx_free(struct vc_videorx *v)
{
	if (!v)
		return;
	vc_jbuf_free(v->jb);
	vc_frameasm_free(v->as);
	vc_viddec_free(v->dec);
	drop_image(v);
	free(v->octets);
	free(v);
}

void vc_videorx_borrow(struct vc_videorx *v)
{
	v->may_borrow = true;
}

void vc_videorx_set_fmtp(struct vc_videorx *v, struct vc_str fmtp)
{
	vc_frameasm_set_fmtp(v->as, fmtp);
}

void vc_videorx_set_orientation(struct vc_videorx *v, uint8_t id)
{
	v->orient.id = id;
}

void vc_videorx_put(struct vc_videorx *v, struct vc_packet *pkt,
		    const struct vc_rtp *rtp)
{
	v->is_ended = false;
	if (vc_jbuf_put(v->jb, pkt, rtp) == -ETIME)
		v->counts.late++;
}

void vc_videorx_end(struct vc_videorx *v)
{
	v->is_ended = true;
}

static int reserve(struct vc_videorx *v, size_t len)
{
	size_t cap = v->cap ? v->cap : 65536;
	uint8_t *octets;

	if (len <= v->cap)
		return 0;
	while (cap < len)
		cap *= 2;
	octets = vc_try_alloc(1, cap);
	if (!octets)
		return -ENOMEM;
	if (v->len)
		memcpy(octets, v->octets, v->len);
	free(v->octets);
	v->octets = octets;
	v->cap = cap;
	return 0;
}

static void lose(struct vc_videorx *v)
{
	vc_frameasm_lost(v->as);
	v->wants_key = true;
}

static void enqueue(struct vc_videorx *v, const struct vc_video_frame *f,
		    int64_t time)
{
	if (reserve(v, v->len + f->len)) {
		lose(v);
		return;
	}
	memcpy(v->octets + v->len, f->data, f->len);
	v->queue[v->n_queue++] =
		(struct frame){ v->len, f->len, time, v->orient.now };
	v->len += f->len;
	v->counts.key_frames += f->is_key;
	if (f->is_key)
		v->wants_key = false;
}

/* The first frame held, whose time has come. It is dropped from 'jb'. */
static void take_frame(struct vc_videorx *v, const struct vc_jbuf_frame *f)
{
	bool is_whole = f->has_start && f->has_end;
	struct vc_video_frame out;
	int err = -ESTALE;

	if (!f->has_start)
		vc_frameasm_gap(v->as);
	if (f->has_end)
		err = vc_frameasm_frame(v->as, v->jb, f, &out);
	else
		vc_frameasm_broken(v->as);
	vc_orient_frame(&v->orient, v->jb, f, !err && out.is_key);
	if (!err)
		enqueue(v, &out, vc_playout_time(v->play, f->ts));
	v->counts.malformed += err == -EBADMSG && is_whole;
	v->counts.broken += err == -ESTALE || (err == -EBADMSG && !is_whole);
	v->counts.refused += err == -EFBIG;
	v->counts.waiting += err == -EAGAIN;
	if (err && vc_frameasm_needs_key(v->as))
		v->wants_key = true;
	vc_jbuf_drop_frame(v->jb);
}

bool vc_videorx_take(struct vc_videorx *v, int64_t now)
{
	struct vc_jbuf_frame f;
	enum vc_jbuf_state state;
	int64_t latency = v->play->home ? v->play->home->latency : 0;
	int64_t late;

	if (v->has_failed)
		lose(v);
	v->has_failed = false;
	while (v->n_queue < QUEUE) {
		state = vc_jbuf_frame(v->jb, &f);
		if (state == VC_JBUF_EMPTY)
			break;
		late = now - vc_playout_due(v->play, f.ts);
		if (late < 0 && late > -NEVER - latency)
			break;
		if (state == VC_JBUF_MISSING && late < PATIENCE &&
		    late > -NEVER - latency && !v->is_ended)
			break;
		take_frame(v, &f);
	}
	return v->n_queue;
}

static int keep(struct vc_videorx *v, const struct vc_image *image,
		const struct vc_orientation *o)
{
	const bool is_lying = o->turn % 180;
	const int width = is_lying ? image->height : image->width;
	const int height = is_lying ? image->width : image->height;
	const bool is_upright = !o->turn && !o->is_flipped;
	int err = 0;

	if (v->may_borrow && is_upright) {
		drop_image(v);
		v->image = *image;
		v->is_borrowed = true;
		return 0;
	}
	if (v->image.width != width || v->image.height != height) {
		vc_image_clear(&v->image);
		err = vc_image_alloc(&v->image, width, height);
	}
	if (!err && is_upright)
		vc_image_copy(&v->image, image);
	else if (!err)
		vc_pixels_turn(&v->image, image, o->is_flipped, o->turn);
	return err;
}

static size_t earliest(const struct vc_videorx *v)
{
	size_t first = 0;

	for (size_t i = 1; i < v->n_inside; i++)
		if (v->inside[i].time < v->inside[first].time)
			first = i;
	return first;
}

static struct frame let_go(struct vc_videorx *v)
{
	size_t i = earliest(v);
	struct frame f = v->inside[i];

	v->n_inside--;
	v->inside[i] = v->inside[v->n_inside];
	return f;
}

/* A frame goes into the decoder. */
static void hold(struct vc_videorx *v, const struct frame *f)
{
	if (!v->reorders)
		v->n_inside = 0;
	/* Of frames that gave no picture, others have come since. */
	while (v->n_inside && v->inside[earliest(v)].time <= v->time &&
	       v->generation)
		let_go(v);
	if (v->n_inside == REORDER)
		let_go(v);
	v->inside[v->n_inside] = *f;
	v->n_inside++;
}

bool vc_videorx_decode(struct vc_videorx *v)
{
	struct vc_image image;
	struct frame shown;
	bool is_new = false;
	int err = 0;

	for (size_t i = 0; i < v->n_queue && !err; i++) {
		const struct frame *f = &v->queue[i];

		hold(v, f);
		if (v->is_borrowed)
			drop_image(v);
		err = vc_viddec_decode(v->dec, v->octets + f->start, f->len,
				       &image);
		/* Once bitten: such a sender's pictures are copied. */
		if (err)
			v->may_borrow = false;
		if (err == -ENODATA) {
			err = 0;
			continue;
		}
		if (err)
			break;
		shown = let_go(v);
		err = keep(v, &image, &shown.orientation);
		if (err)
			break;
		v->time = shown.time;
		v->counts.frames++;
		is_new = true;
		if (v->seen)
			v->seen(v->seen_ctx, &v->image, v->time);
	}
	if (err) {
		v->n_inside = 0;
		v->counts.malformed++;
		v->has_failed = true;
	}
	v->n_queue = 0;
	v->len = 0;
	is_new &= v->image.width != 0;
	v->generation += is_new;
	return is_new;
}

int64_t vc_videorx_due(const struct vc_videorx *v)
{
	struct vc_jbuf_frame f;

	if (vc_jbuf_frame(v->jb, &f) != VC_JBUF_READY)
		return VC_TIME_NONE;
	return vc_playout_due(v->play, f.ts);
}

bool vc_videorx_pull(struct vc_videorx *v, int64_t now)
{
	return vc_videorx_take(v, now) && vc_videorx_decode(v);
}

const struct vc_image *vc_videorx_image(const struct vc_videorx *v,
					uint64_t *generation)
{
	*generation = v->generation;
	return v->image.width ? &v->image : NULL;
}

int64_t vc_videorx_time(const struct vc_videorx *v)
{
	return v->time;
}

void vc_videorx_watch(struct vc_videorx *v,
		      void (*seen)(void *ctx, const struct vc_image *img,
				   int64_t time),
		      void *ctx)
{
	v->seen = seen;
	v->seen_ctx = ctx;
}

bool vc_videorx_wants_key(const struct vc_videorx *v)
{
	return (v->wants_key || v->has_failed) && !v->is_ended;
}

bool vc_videorx_held(const struct vc_videorx *v)
{
	return v->n_queue || vc_jbuf_packets(v->jb);
}

const struct vc_videorx_counts *vc_videorx_counts(const struct vc_videorx *v)
{
	return &v->counts;
}
