/* SPDX-License-Identifier: MIT */
/*
 * The file is read in blocks of 64 KiB as it is played. WebM and Matroska are
 * engine/unitsound.h's, Ogg is engine/oggsound.h's; the rest is about WAV. What
 * its header says of its length is believed only so far: zero or the largest
 * numbers are "to the end", and where the file ends earlier so does the sound.
 */
#include "engine/announce.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/time.h"
#include "engine/oggsound.h"
#include "engine/unitsound.h"
#include "media/resample.h"
#include "wire/wav.h"

#define RATE 48000
#define RATE_MIN 4000
#define RATE_MAX 384000
#define BLOCK 65536
#define SEARCH (4u << 20)  /* octets in which sound must begin, but of WAV */
#define PIECE 480	   /* samples a channel that are taken at once */
#define SPARE (PIECE * 13) /* what a piece becomes, at most */
/* Some write this and a little less where they do not know. */
#define UNKNOWN_FROM 0x7fff0000

struct vc_announce {
	int fd;
	/* One of these, of WebM and Matroska, and of Ogg; neither: a WAV. */
	struct vc_unitsound *units;
	struct vc_oggsound *ogg;
	struct vc_wav head;
	bool is_endless;
	uint32_t left;		 /* octets of samples, if it is not */
	struct vc_resample *res; /* NULL: none is needed */
	size_t tail;		 /* of silence that push out what it holds */
	uint8_t data[BLOCK];
	size_t at, len; /* of what is left in it */
	size_t n;	/* samples a channel in 'ready' */
	int16_t ready[2 * (VC_ANNOUNCE_SAMPLES + SPARE)];
};

/* So many octets are there, if the file has them. */
static bool has(struct vc_announce *a, size_t need)
{
	ssize_t got = 1;

	if (a->len < need && a->at) {
		memmove(a->data, a->data + a->at, a->len);
		a->at = 0;
	}
	while (a->len < need && got > 0) {
		got = read(a->fd, a->data + a->at + a->len,
			   BLOCK - a->at - a->len);
		if (got > 0)
			a->len += (size_t)got;
	}
	return a->len >= need;
}

static void use(struct vc_announce *a, size_t n)
{
	a->at += n;
	a->len -= n;
}

/* False: it is over, or cannot be read from here on. */
static bool read_piece(struct vc_announce *a)
{
	const size_t most = a->ogg ? VC_OGGSOUND_PIECE : VC_UNITSOUND_PIECE;
	const uint8_t *p;
	size_t n;

	(void)has(a, most);
	n = a->len < most ? a->len : most;
	p = a->data + a->at;
	use(a, n);
	return n && !(a->ogg ? vc_oggsound_put(a->ogg, p, n) :
			       vc_unitsound_put(a->units, p, n));
}

static bool has_begun(const struct vc_announce *a)
{
	return a->ogg ? vc_oggsound_has_begun(a->ogg) :
			vc_unitsound_has_begun(a->units);
}

static size_t take_sound(struct vc_announce *a, int16_t *pcm, size_t n)
{
	return a->ogg ? vc_oggsound_take(a->ogg, pcm, n) :
			vc_unitsound_take(a->units, pcm, n);
}

/* Up to its first sound. */
static int open_sound(struct vc_announce *a)
{
	size_t before = 0;

	if (vc_oggsound_knows(a->data, a->len))
		a->ogg = vc_oggsound_new();
	else
		a->units = vc_unitsound_new();
	if (!a->ogg && !a->units)
		return -ENOMEM;
	while (!has_begun(a) && before < SEARCH) {
		if (!read_piece(a))
			return -ENOMSG;
		before += a->ogg ? VC_OGGSOUND_PIECE : VC_UNITSOUND_PIECE;
	}
	return has_begun(a) ? 0 : -ENOMSG;
}

static int read_head(struct vc_announce *a)
{
	struct vc_wav *w = &a->head;
	int err;

	(void)has(a, BLOCK);
	if (vc_oggsound_knows(a->data, a->len) ||
	    vc_unitsound_knows(a->data, a->len))
		return open_sound(a);
	err = vc_wav_parse(w, a->data, a->len);
	if (err)
		return err == -EAGAIN ? -EBADMSG : err;
	if (w->rate_hz < RATE_MIN || w->rate_hz > RATE_MAX)
		return -ENOTSUP;
	use(a, w->data_at);
	a->left = w->data_len;
	a->is_endless = !a->left || a->left >= UNKNOWN_FROM;
	if (w->rate_hz == RATE)
		return 0;
	a->res = vc_resample_new(w->rate_hz, RATE, 2);
	if (!a->res)
		return -ENOMEM;
	vc_resample_align(a->res);
	a->tail = (size_t)(vc_resample_delay(a->res) * (int64_t)w->rate_hz /
			   VC_SEC);
	return 0;
}

static int open_file(struct vc_announce *a, const char *path)
{
	struct stat st;

	a->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (a->fd < 0 || fstat(a->fd, &st))
		return -errno;
	return S_ISREG(st.st_mode) ? read_head(a) : -ENODEV;
}

struct vc_announce *vc_announce_open(const char *path, int *err)
{
	struct vc_announce *a = vc_try_alloc(1, sizeof(*a));

	*err = -ENOMEM;
	if (!a)
		return NULL;
	*err = open_file(a, path);
	if (!*err)
		return a;
	vc_announce_free(a);
	return NULL;
}

void vc_announce_free(struct vc_announce *a)
{
	if (!a)
		return;
	if (a->fd >= 0)
		close(a->fd);
	vc_resample_free(a->res);
	vc_unitsound_free(a->units);
	vc_oggsound_free(a->ogg);
	free(a);
}

/* Of more than two channels what is left and right is mixed of every other. */
static int16_t pick(const uint8_t *p, int have, int channel)
{
	int32_t sum = 0, n = 0;

	for (int i = have > 1 ? channel : 0; i < have; i += 2) {
		sum += (int16_t)(p[2 * i] | p[2 * i + 1] << 8);
		n++;
	}
	return (int16_t)(sum / n);
}

/* 'n' samples of two channels, behind those that lie ready. */
static void append(struct vc_announce *a, const int16_t *pcm, size_t n)
{
	int16_t *to = a->ready + 2 * a->n;

	if (a->res) {
		a->n += vc_resample_some(a->res, pcm, &n, to,
					 VC_COUNT(a->ready) / 2 - a->n);
	} else {
		memcpy(to, pcm, 2 * n * sizeof(*pcm));
		a->n += n;
	}
}

/* Reads on until there is some. False: nothing is left. */
static bool take_read(struct vc_announce *a)
{
	bool has_more = true;
	size_t n = 0;

	while (!n && has_more) {
		n = take_sound(a, a->ready + 2 * a->n, PIECE);
		has_more = n || read_piece(a);
	}
	a->n += n;
	return n;
}

/* False: nothing is left. */
static bool take(struct vc_announce *a)
{
	if (a->units || a->ogg)
		return take_read(a);

	size_t block = 2 * (size_t)a->head.channels, n = PIECE;
	int16_t pcm[2 * PIECE] = { 0 };

	if (!a->is_endless && a->left / block < n)
		n = a->left / block;
	if (!has(a, n * block))
		n = a->len / block;
	for (size_t i = 0; i < 2 * n; i++)
		pcm[i] = pick(a->data + a->at + i / 2 * block, a->head.channels,
			      (int)(i % 2));
	use(a, n * block);
	a->left -= a->is_endless ? 0 : (uint32_t)(n * block);
	if (!n) {
		n = a->tail < PIECE ? a->tail : PIECE;
		a->tail -= n;
	}
	append(a, pcm, n);
	return n;
}

bool vc_announce_next(struct vc_announce *a,
		      int16_t pcm[static 2 * VC_ANNOUNCE_SAMPLES])
{
	size_t n;

	while (a->n < VC_ANNOUNCE_SAMPLES && take(a))
		continue;
	if (!a->n)
		return false;
	n = a->n < VC_ANNOUNCE_SAMPLES ? a->n : VC_ANNOUNCE_SAMPLES;
	memset(pcm, 0, 2 * VC_ANNOUNCE_SAMPLES * sizeof(*pcm));
	memcpy(pcm, a->ready, 2 * n * sizeof(*pcm));
	a->n -= n;
	memmove(a->ready, a->ready + 2 * n, 2 * a->n * sizeof(*pcm));
	return true;
}
