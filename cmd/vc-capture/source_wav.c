/* SPDX-License-Identifier: MIT */
/*
 * WAV. Samples are taken in pieces, brought to the channels wanted and to
 * 48 kHz, and cut into frames from there. How long it claims to be is believed
 * only so far: what is longer goes on behind its end, a zero or the largest
 * numbers are "to the end".
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "media/resample.h"
#include "native.h"
#include "wire/wav.h"

#define HEAD_MAX (1 << 20)
#define RATE_MIN 4000
#define RATE_MAX 384000
#define PIECE 480	   /* samples a channel that are taken at once */
#define FRAME_MAX 5760	   /* that are given at once */
#define SPARE (PIECE * 13) /* what a piece becomes, at most */
/* Some write this and a little less where they do not know. */
#define UNKNOWN_FROM 0x7fff0000

struct wav {
	struct source base;
	struct source_config conf;
	struct feed feed;
	struct vc_wav head;	      /* rate_hz 0: not read yet */
	bool is_endless;	      /* its length is not known */
	uint32_t left;		      /* octets, if it is */
	struct vc_resample *resample; /* NULL: none is needed */
	size_t tail; /* samples of silence that are still to follow */
	struct native_time time;
	int64_t sample; /* that was given next */
	bool has_any, is_done, is_cut;
	size_t n; /* samples a channel in 'ready' */
	int16_t ready[2 * (FRAME_MAX + SPARE)];
};

static int fail(struct wav *w, int err, const char *text)
{
	vc_strlcpy(w->base.error, text, SOURCE_TEXT);
	return err;
}

static void begin(struct wav *w)
{
	w->left = w->head.data_len;
	w->is_endless = !w->left || w->left >= UNKNOWN_FROM;
}

static int check_head(struct wav *w, int err)
{
	if (err == -EBADMSG)
		return fail(w, err, "no WAV");
	if (err == -ENOTSUP)
		return fail(w, err, "a kind of WAV other than 16-bit PCM");
	if (err)
		return err;
	if (w->head.rate_hz < RATE_MIN || w->head.rate_hz > RATE_MAX)
		return fail(w, -ENOTSUP,
			    "sampled at a rate that is refused "
			    "(4 to 384 kHz)");
	begin(w);
	if (w->head.rate_hz == SOURCE_RATE)
		return 0;
	w->resample = vc_resample_new(w->head.rate_hz, SOURCE_RATE,
				      (unsigned int)w->conf.channels);
	if (!w->resample)
		return -ENOMEM;
	vc_resample_align(w->resample);
	w->tail = (size_t)(vc_resample_delay(w->resample) *
			   (int64_t)w->head.rate_hz / VC_SEC);
	return 0;
}

/* 1 it is there. */
static int read_head(struct wav *w)
{
	struct vc_wav head;
	int got, err;

	if (w->head.rate_hz)
		return 1;
	do {
		size_t len = feed_len(&w->feed);

		err = vc_wav_parse(&head, feed_data(&w->feed), len);
		if (err != -EAGAIN)
			break;
		if (len >= HEAD_MAX)
			return fail(w, -EBADMSG,
				    "no samples within its first MiB");
		got = feed_need(&w->feed, len + 1);
		if (!got)
			return fail(w, -ENODATA,
				    len ? "it ends before its samples" :
					  "nothing in it");
		if (got < 0)
			return got;
	} while (true);
	if (!err)
		w->head = head;
	err = check_head(w, err);
	if (err)
		return err;
	feed_use(&w->feed, head.data_at);
	return 1;
}

/* One sample of one of the channels wanted: what others there are is mixed. */
static int16_t pick(const struct wav *w, const uint8_t *p, int channel)
{
	int have = w->head.channels, from = 0, to = have;
	int32_t sum = 0;

	if (w->conf.channels == 2 && have > 1) {
		from = channel;
		to = channel + 1;
	}
	for (int i = from; i < to; i++)
		sum += (int16_t)(p[2 * i] | p[2 * i + 1] << 8);
	return (int16_t)(sum / (to - from));
}

/* 'n' samples a channel at 'pcm', behind those that lie ready. */
static void append(struct wav *w, const int16_t *pcm, size_t n)
{
	size_t ch = (size_t)w->conf.channels;
	int16_t *to = w->ready + w->n * ch;

	if (!w->resample) {
		memcpy(to, pcm, n * ch * sizeof(*pcm));
		w->n += n;
		return;
	}
	while (n) {
		size_t used = n;
		size_t got = vc_resample_some(w->resample, pcm, &used, to,
					      VC_COUNT(w->ready) / 2 - w->n);

		w->n += got;
		to += got * ch;
		pcm += used * ch;
		n -= used;
	}
}

/* What the resampler still holds. */
static int finish(struct wav *w)
{
	static const int16_t silence[2 * PIECE];
	size_t n = w->tail < PIECE ? w->tail : PIECE;

	append(w, silence, n);
	w->tail -= n;
	w->is_done = !w->tail;
	return 1;
}

static int again(struct wav *w)
{
	if (!w->conf.loop || !w->feed.is_file || !w->has_any || w->is_cut ||
	    feed_seek(&w->feed, (off_t)w->head.data_at))
		return finish(w);
	begin(w);
	return 1;
}

/* Takes up to a piece: 1 it did something. */
static int take(struct wav *w)
{
	size_t block = 2 * (size_t)w->head.channels, n = PIECE;
	int ch = w->conf.channels, got;
	int16_t pcm[2 * PIECE];

	if (!w->is_endless && w->left / block < n)
		n = w->left / block;
	if (!n)
		return again(w);
	got = feed_need(&w->feed, n * block);
	if (got < 0)
		return got;
	if (!got) {
		w->is_cut = !w->is_endless;
		n = feed_len(&w->feed) / block;
		if (!n)
			return again(w);
	}
	for (size_t i = 0; i < n * (size_t)ch; i++)
		pcm[i] = pick(w, feed_data(&w->feed) + i / (size_t)ch * block,
			      (int)(i % (size_t)ch));
	feed_use(&w->feed, n * block);
	w->left -= w->is_endless ? 0 : (uint32_t)(n * block);
	w->has_any = true;
	append(w, pcm, n);
	return 1;
}

static int ended(struct wav *w)
{
	if (w->is_cut)
		return fail(w, -EBADMSG, "cut short");
	if (!w->has_any)
		return fail(w, -ENODATA, "no sound in it");
	return 0;
}

static int wav_audio(struct source *base, int16_t *pcm, size_t n, int64_t *pts)
{
	struct wav *w = (struct wav *)base;
	size_t ch = (size_t)w->conf.channels, have;
	int got;

	native_asked(&w->time, &w->feed);
	got = read_head(w);
	while (got == 1 && w->n < n && !w->is_done)
		got = take(w);
	if (got != 1)
		return got;
	if (!w->n)
		return ended(w);
	native_began(&w->time, &w->feed);
	have = w->n < n ? w->n : n;
	memcpy(pcm, w->ready, have * ch * sizeof(*pcm));
	memset(pcm + have * ch, 0, (n - have) * ch * sizeof(*pcm));
	w->n -= have;
	memmove(w->ready, w->ready + have * ch, w->n * ch * sizeof(*pcm));
	*pts = w->time.shift + w->sample * VC_SEC / SOURCE_RATE;
	w->sample += (int64_t)n;
	return 1;
}

static int wav_fd(struct source *base, bool is_video)
{
	(void)is_video;
	return ((struct wav *)base)->feed.fd;
}

/* No sound is left out: it comes later. */
static void wav_skip(struct source *base, int64_t pts)
{
	struct wav *w = (struct wav *)base;
	int64_t ahead = pts - w->time.shift - w->sample * VC_SEC / SOURCE_RATE;

	if (ahead > 0)
		w->time.shift += ahead;
}

static void wav_close(struct source *base)
{
	struct wav *w = (struct wav *)base;

	feed_close(&w->feed);
	vc_resample_free(w->resample);
	free(w);
}

static const struct source_ops file_ops = {
	.audio = wav_audio,
	.skip = wav_skip,
	.close = wav_close,
};

static const struct source_ops pipe_ops = {
	.audio = wav_audio,
	.fd = wav_fd,
	.close = wav_close,
};

int native_open_wav(struct source **out, const struct source_config *c,
		    struct feed *f, char error[static SOURCE_TEXT])
{
	struct wav *w = vc_alloc(1, sizeof(*w));
	int got = 1;

	w->base.ops = f->is_file ? &file_ops : &pipe_ops;
	w->base.has_audio = true;
	w->conf = *c;
	w->feed = *f;
	if (f->is_file)
		got = read_head(w);
	if (got != 1) {
		vc_strlcpy(error, w->base.error, SOURCE_TEXT);
		wav_close(&w->base);
		return got ? got : -EBADMSG;
	}
	*out = &w->base;
	return 0;
}
