/* SPDX-License-Identifier: MIT */
/*
 * WebM and Matroska, read as they come. Tracks are before blocks: the file is
 * open when the first block is here, which waits for its turn. A block stays in
 * the feed until the next one is asked for, as what is given out lies in it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "crate.h"
#include "engine/refit.h"
#include "wire/webm.h"
#include "wire/webmread.h"

#define PIECE 65536 /* stepped over at a time */

struct mkv {
	struct crate base;
	struct source_config conf;
	struct feed feed;
	struct vc_webmread read;
	struct vc_webmread_item item;
	uint64_t number[2]; /* of the tracks */
	uint8_t *priv[2];
	uint64_t over;	    /* octets of the file to step over */
	bool is_held;	    /* 'item' is a block that is not done with */
	unsigned int given; /* frames of it */
	size_t at;	    /* octets of it */
};

static int fail(struct mkv *m, int err, const char *why)
{
	vc_strlcpy(m->base.error, why, sizeof(m->base.error));
	return err;
}

/* 1, or as feed_need(). */
static int step_over(struct mkv *m)
{
	int got = 1;

	while (m->over && got == 1) {
		size_t n = m->over < PIECE ? (size_t)m->over : PIECE;

		got = feed_need(&m->feed, 1);
		if (feed_len(&m->feed) < n)
			n = feed_len(&m->feed);
		feed_use(&m->feed, n);
		m->over -= n;
	}
	return got;
}

/* The file's next item is in 'item': 1, 0 at its end, -EAGAIN, -errno. */
static int read_item(struct mkv *m)
{
	size_t need = 1;
	int got = step_over(m);

	while (got == 1) {
		got = feed_need(&m->feed, need);
		if (got == 1) {
			got = vc_webmread_next(&m->read, feed_data(&m->feed),
					       feed_len(&m->feed), &m->item);
			if (got < 0)
				return fail(m, got,
					    "it is damaged, or no WebM or "
					    "Matroska file");
			if (got == 1)
				return 1;
			need = m->item.size;
			got = 1;
		}
	}
	if (got == 0 &&
	    (feed_len(&m->feed) || m->over || !vc_webmread_is_whole(&m->read)))
		return fail(m, -EBADMSG, "the file is cut short");
	return got;
}

static void use_item(struct mkv *m)
{
	size_t here = feed_len(&m->feed);

	m->over = m->item.size > here ? m->item.size - here : 0;
	feed_use(&m->feed, m->item.size > here ? here : m->item.size);
	m->is_held = false;
}

/* The first one of each medium. */
static int take_track(struct mkv *m, const struct vc_webmread_track *t)
{
	bool is_video = t->type == VC_WEBM_VIDEO;
	struct crate_track *k = &m->base.tracks[is_video];
	char id[64];

	if ((t->type != VC_WEBM_VIDEO && t->type != VC_WEBM_AUDIO) ||
	    !(is_video ? m->conf.video : m->conf.audio) || k->is_there)
		return 0;
	k->is_there = true;
	k->codec = vc_refit_webm(t);
	m->number[is_video] = t->number;
	vc_str_copy(id, sizeof(id), t->codec);
	for (char *c = id; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	snprintf(k->name, sizeof(k->name), "%s",
		 k->codec == VC_CODEC_NONE ? id : vc_codec_name(k->codec));
	if (!t->priv_len)
		return 0;
	m->priv[is_video] = vc_try_alloc(1, t->priv_len);
	if (!m->priv[is_video])
		return -ENOMEM;
	memcpy(m->priv[is_video], t->priv, t->priv_len);
	k->priv = m->priv[is_video];
	k->priv_len = t->priv_len;
	return 0;
}

/* A block is held: a frame of it, or none is left or wanted. */
static bool take_frame(struct mkv *m, struct crate_frame *f)
{
	const struct vc_webmread_block *b = &m->item.block;
	bool is_video = b->track == m->number[true];

	if (m->given == b->n ||
	    (b->track != m->number[true] && b->track != m->number[false]))
		return false;
	*f = (struct crate_frame){ .is_video = is_video,
				   .p = b->data + m->at,
				   .len = b->size[m->given],
				   .time = m->given ? -1 : b->time,
				   .is_key = b->is_key };
	m->at += f->len;
	m->given++;
	return true;
}

/* Up to the next block, which is then held. As read_item(). */
static int to_block(struct mkv *m)
{
	int got, err = 0;

	while (!m->is_held) {
		got = read_item(m);
		if (got != 1)
			return got;
		if (m->item.kind == VC_WEBMREAD_BLOCK) {
			m->is_held = true;
			m->given = 0;
			m->at = 0;
			continue;
		}
		if (m->item.kind == VC_WEBMREAD_TRACK)
			err = take_track(m, &m->item.track);
		if (err)
			return err;
		use_item(m);
	}
	return 1;
}

static int next(struct crate *base, bool video, struct crate_frame *f)
{
	struct mkv *m = (struct mkv *)base;

	(void)video;
	for (;;) {
		int got;

		if (m->is_held && take_frame(m, f))
			return 1;
		if (m->is_held)
			use_item(m);
		got = to_block(m);
		if (got != 1)
			return got;
	}
}

static int again(struct crate *base)
{
	struct mkv *m = (struct mkv *)base;

	if (!m->feed.is_file)
		return -ESPIPE;
	m->read = (struct vc_webmread){ 0 };
	m->over = 0;
	m->is_held = false;
	return feed_seek(&m->feed, 0);
}

static int fd(const struct crate *base)
{
	return ((const struct mkv *)base)->feed.fd;
}

static void close_mkv(struct crate *base)
{
	struct mkv *m = (struct mkv *)base;

	feed_close(&m->feed);
	free(m->priv[0]);
	free(m->priv[1]);
	free(m);
}

static const struct crate_ops mkv_ops = {
	.next = next,
	.rewind = again,
	.fd = fd,
	.close = close_mkv,
};

int crate_open_mkv(struct crate **out, const struct source_config *c,
		   struct feed *f, char error[static SOURCE_TEXT])
{
	struct mkv *m = vc_alloc(1, sizeof(*m));
	int got;

	m->base.ops = &mkv_ops;
	m->conf = *c;
	m->feed = *f;
	m->feed.wait = true;
	got = to_block(m);
	m->feed.wait = f->wait;
	if (got == 1) {
		*out = &m->base;
		return 0;
	}
	vc_strlcpy(error, got ? m->base.error : "no sound or pictures in it",
		   SOURCE_TEXT);
	close_mkv(&m->base);
	return got ? got : -ENODATA;
}
