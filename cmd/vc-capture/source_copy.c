/* SPDX-License-Identifier: MIT */
/*
 * A media file's frames as they are (--copy). What one medium's reader meets
 * of the other waits in that one's queue. Pictures that are not shown in the
 * order they come in (B pictures) are looked at AHEAD of time: each is sent at
 * the earliest time of those from it on, so that none comes after its own.
 *
 * Sound that follows within the rounding of a container's ticks goes on where
 * it ended, to the sample. That of G.711 and G.722 comes in pieces of any size
 * and is cut into packets of 20 ms.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "crate.h"
#include "engine/refit.h"
#include "engine/unitq.h"
#include "wire/filekind.h"

#define AHEAD 16 /* frames of reordering, which is all that H.264 has */
#define ROUNDING (2 * VC_MS)
#define WAITING (32u << 20) /* octets for a medium that does not take them */
#define PIECE 160	    /* octets of 20 ms of G.711, G.722 */
#define OCTET (VC_MS / 8)   /* one of them */
#define LATEST (INT64_C(1) << 55) /* a year: no frame is later */

struct lane {
	struct vc_refit *fit; /* NULL: not wanted, or not there */
	struct vc_unitq q;
	bool has_ended;
	bool has_begun; /* sound came, in this round */
	bool is_broken; /* the next of it does not go on where it was */
	int64_t end;	/* of the sound that came */
	uint8_t rest[PIECE];
	size_t n_rest;
	int64_t first;	  /* of the pictures of this round */
	int64_t top;	  /* the latest of them */
	int64_t n;	  /* of them */
	int64_t last_due; /* given out */
};

struct copy {
	struct source base;
	struct source_config conf;
	struct crate *crate;
	struct lane lanes[2]; /* [is_video] */
	int64_t base_time;    /* where this round of a loop began */
	int64_t shift;	      /* of all times: the present was missed */
	int64_t last;	      /* that was given out, of either medium */
	bool has_given;	      /* in this round */
};

/* --- into the queues --- */

/* 'is_break' of sound travels as is_key. */
static int queue(struct copy *s, struct lane *l, const struct vc_refit_frame *f,
		 int64_t time, bool is_key)
{
	struct vc_unitq_item item = { .time = s->base_time + time,
				      .duration = f->length,
				      .is_key = is_key,
				      .len = f->len,
				      .data = f->p };

	s->has_given = true;
	return vc_unitq_push(&l->q, &item);
}

static int put_picture(struct copy *s, struct lane *l,
		       const struct vc_refit_frame *f, int64_t time)
{
	if (!l->n || time < l->first)
		l->first = time;
	if (!l->n || time > l->top)
		l->top = time;
	l->n++;
	return queue(s, l, f, time, f->is_key);
}

/* A packet of sound that ends at l->end, less what is behind it. */
static int queue_sound(struct copy *s, struct lane *l, const uint8_t *p,
		       size_t len, int64_t time, int64_t length)
{
	const struct vc_refit_frame f = { .p = p,
					  .len = len,
					  .length = length };
	bool is_break = l->is_broken;

	l->is_broken = false;
	return queue(s, l, &f, time, is_break);
}

static int queue_rest(struct copy *s, struct lane *l)
{
	size_t n = l->n_rest;

	l->n_rest = 0;
	if (!n)
		return 0;
	return queue_sound(s, l, l->rest, n, l->end - (int64_t)n * OCTET,
			   (int64_t)n * OCTET);
}

/* G.711, G.722: what does not fill a packet waits for more. */
static int put_pieces(struct copy *s, struct lane *l, const uint8_t *p,
		      size_t len)
{
	int err = 0;

	while (len && !err) {
		size_t n = PIECE - l->n_rest;

		if (n > len)
			n = len;
		memcpy(l->rest + l->n_rest, p, n);
		l->n_rest += n;
		l->end += (int64_t)n * OCTET;
		p += n;
		len -= n;
		if (l->n_rest == PIECE)
			err = queue_rest(s, l);
	}
	return err;
}

static int put_sound(struct copy *s, struct lane *l,
		     const struct vc_refit_frame *f, int64_t time)
{
	int64_t off = time - l->end;
	bool is_next = l->has_begun &&
		       (time < 0 || (off >= -ROUNDING && off <= ROUNDING));
	int err;

	if (!is_next) {
		err = queue_rest(s, l);
		if (err)
			return err;
		l->is_broken = true;
		if (time >= 0)
			l->end = time;
	}
	l->has_begun = true;
	if (s->base.format[false].codec != VC_CODEC_OPUS)
		return put_pieces(s, l, f->p, f->len);
	l->end += f->length;
	return queue_sound(s, l, f->p, f->len, l->end - f->length, f->length);
}

static int put(struct copy *s, const struct crate_frame *c)
{
	struct lane *l = &s->lanes[c->is_video];
	struct vc_refit_frame f;
	int err;

	if (!l->fit)
		return 0;
	err = vc_refit(l->fit, c->p, c->len, c->is_key, &f);
	if (err == -ENODATA)
		return 0;
	if (err == -EBADMSG || c->time > LATEST) {
		s->base.malformed[c->is_video]++;
		return 0;
	}
	if (err)
		return err;
	return c->is_video ?
		       put_picture(s, l, &f, c->time < 0 ? l->top : c->time) :
		       put_sound(s, l, &f, c->time);
}

/* --- from the file --- */

/* One more frame of either, into its queue. As crate_ops.next. */
static int read_one(struct copy *s, bool is_video)
{
	struct crate_frame f;
	int got = s->crate->ops->next(s->crate, is_video, &f);
	int err = got == 1 ? put(s, &f) : 0;

	if (got < 0 && got != -EAGAIN)
		vc_strlcpy(s->base.error, s->crate->error,
			   sizeof(s->base.error));
	return err ? err : got;
}

/* How long this round was: as long as its longest medium. */
static int64_t round_length(const struct copy *s)
{
	const struct lane *v = &s->lanes[true];
	int64_t end = s->lanes[false].end, last = 0;

	if (v->n)
		last = v->top + (v->n > 1 ? (v->top - v->first) / (v->n - 1) :
					    VC_SEC / 30);
	return end > last ? end : last;
}

static int rewind_all(struct copy *s)
{
	int err;

	/* A loop of nothing would spin, and time has an end. */
	if (!s->has_given || s->base_time > INT64_C(32) * LATEST)
		return 0;
	err = s->crate->ops->rewind(s->crate);
	if (err)
		return err == -ESPIPE ? 0 : err;
	s->base_time += round_length(s);
	s->has_given = false;
	for (int i = 0; i < 2; i++) {
		struct lane *l = &s->lanes[i];

		l->has_ended = l->has_begun = false;
		l->end = l->n = 0;
	}
	return 1;
}

/* The file has no more of a medium: 1 it begins again, 0, or -errno. */
static int at_end(struct copy *s, bool is_video)
{
	struct lane *other = &s->lanes[!is_video];
	int got = 1, err = is_video ? 0 : queue_rest(s, &s->lanes[false]);

	s->lanes[is_video].has_ended = true;
	if (err)
		return err;
	if (!s->conf.loop)
		return 0;
	while (other->fit && !other->has_ended && got == 1)
		got = read_one(s, !is_video);
	if (got < 0)
		return got;
	other->has_ended = true;
	err = queue_rest(s, &s->lanes[false]);
	return err ? err : rewind_all(s);
}

/* Does the other one have to take first? */
static bool is_crowded(const struct copy *s, bool is_video)
{
	return vc_unitq_octets(&s->lanes[!is_video].q) > WAITING;
}

/* Is there enough, or as much as may be? */
static bool is_full(const struct lane *l, size_t need)
{
	return l->q.n >= need || vc_unitq_octets(&l->q) > WAITING / 2;
}

static int fill(struct copy *s, bool is_video)
{
	struct lane *l = &s->lanes[is_video];
	size_t need = 1;
	int got;

	for (;;) {
		if (l->fit && is_video && !vc_refit_in_order(l->fit))
			need = AHEAD + 1;
		if (!l->fit || l->has_ended || is_full(l, need))
			return l->q.n ? 1 : 0;
		if (is_crowded(s, is_video))
			return -EAGAIN;
		got = read_one(s, is_video);
		if (got == 0)
			got = at_end(s, is_video);
		if (got < 0)
			return got;
	}
}

/* --- a source --- */

static int frame(struct source *base, bool is_video, struct source_frame *f)
{
	struct copy *s = (struct copy *)base;
	struct lane *l = &s->lanes[is_video];
	int got = fill(s, is_video);
	struct vc_unitq_item item;
	int64_t due;

	/* What lies here is good, whatever comes after it. */
	if (got != 1 && (!l->q.n || got == -EAGAIN))
		return got;
	item = vc_unitq_front(&l->q);
	due = item.time;
	if (is_video)
		due = vc_unitq_earliest(&l->q, AHEAD + 1);
	if (due < l->last_due)
		due = l->last_due;
	l->last_due = due;
	*f = (struct source_frame){ .p = item.data,
				    .len = item.len,
				    .due = due + s->shift,
				    .pts = item.time + s->shift,
				    .length = item.duration,
				    .is_key = item.is_key,
				    .is_break = item.is_key };
	s->last = f->due;
	return 1;
}

static void used(struct source *base, bool is_video)
{
	vc_unitq_pop(&((struct copy *)base)->lanes[is_video].q);
}

static void forget(struct source *base, bool is_video)
{
	struct lane *l = &((struct copy *)base)->lanes[is_video];

	vc_refit_free(l->fit);
	l->fit = NULL;
	l->n_rest = 0;
	vc_unitq_clear(&l->q);
}

static int fd(struct source *base, bool is_video)
{
	struct copy *s = (struct copy *)base;

	return is_crowded(s, is_video) ? -1 : s->crate->ops->fd(s->crate);
}

static void skip(struct source *base, int64_t pts)
{
	struct copy *s = (struct copy *)base;

	if (pts > s->last)
		s->shift += pts - s->last;
}

static void close_copy(struct source *base)
{
	struct copy *s = (struct copy *)base;

	forget(base, false);
	forget(base, true);
	if (s->crate)
		s->crate->ops->close(s->crate);
	free(s);
}

static const struct source_ops file_ops = {
	.frame = frame,
	.used = used,
	.forget = forget,
	.fd = fd,
	.skip = skip,
	.close = close_copy,
};

static const struct source_ops pipe_ops = {
	.frame = frame,
	.used = used,
	.forget = forget,
	.fd = fd,
	.close = close_copy,
};

/* --- opening --- */

static int open_lane(struct copy *s, bool is_video,
		     char error[static SOURCE_TEXT])
{
	const struct crate_track *t = &s->crate->tracks[is_video];
	int err = -ENOTSUP;

	if (!t->is_there)
		return 0;
	if (t->codec != VC_CODEC_NONE)
		s->lanes[is_video].fit =
			vc_refit_new(t->codec, t->priv, t->priv_len, &err);
	if (err == -ENOTSUP)
		snprintf(error, SOURCE_TEXT,
			 "its %s %s, which cannot be sent as %s: without "
			 "--copy%s it is encoded",
			 is_video ? "pictures are" : "sound is", t->name,
			 is_video ? "they are" : "it is",
			 s->base.has_video ? ", or with --copy=video," : "");
	else if (err == -EBADMSG)
		snprintf(error, SOURCE_TEXT, "what it says of its %s is broken",
			 t->name);
	if (err)
		return err;
	s->base.format[is_video].codec = t->codec;
	if (is_video)
		s->base.has_video = true;
	else
		s->base.has_audio = true;
	return 0;
}

/* The first frame may say more of its codec than the file does. */
static int look_ahead(struct copy *s)
{
	for (int i = 0; i < 2; i++) {
		const struct lane *l = &s->lanes[i];
		int got = l->fit ? fill(s, i) : 1;

		if (got < 0 && got != -EAGAIN && !l->q.n)
			return got;
		if (l->fit)
			vc_refit_fmtp(l->fit, s->base.format[i].fmtp);
	}
	return 0;
}

static int open_crate(struct copy *s, char error[static SOURCE_TEXT])
{
	enum vc_filekind kind;
	struct feed f;
	int got, err = feed_open(&f, s->conf.text, s->conf.wait, error);

	if (err)
		return err;
	f.wait = true;
	got = feed_need(&f, 12);
	f.wait = s->conf.wait;
	kind = vc_filekind_of(feed_data(&f), feed_len(&f));
	if (got < 0) {
		feed_close(&f);
		return got;
	}
	s->base.ops = f.is_file ? &file_ops : &pipe_ops;
	if (kind == VC_FILEKIND_MATROSKA)
		return crate_open_mkv(&s->crate, &s->conf, &f, error);
	if (!f.is_file) {
		snprintf(error, SOURCE_TEXT,
			 "%s: from a pipe WebM and Matroska are copied",
			 vc_filekind_name(kind));
		err = -EMEDIUMTYPE;
	}
	feed_close(&f);
	return err ? err : crate_open_gst(&s->crate, &s->conf, error);
}

int source_open_copy(struct source **out, const struct source_config *c,
		     char error[static SOURCE_TEXT])
{
	struct copy *s = vc_alloc(1, sizeof(*s));
	int err;

	s->conf = *c;
	err = open_crate(s, error);
	if (!err)
		err = open_lane(s, true, error);
	if (!err)
		err = open_lane(s, false, error);
	if (!err && !s->base.has_video && !s->base.has_audio) {
		vc_strlcpy(error, "nothing of what is wanted is in it",
			   SOURCE_TEXT);
		err = -ENODATA;
	}
	if (!err) {
		err = look_ahead(s);
		if (err)
			vc_strlcpy(error, s->base.error, SOURCE_TEXT);
	}
	if (err) {
		close_copy(&s->base);
		return err;
	}
	*out = &s->base;
	return 0;
}
