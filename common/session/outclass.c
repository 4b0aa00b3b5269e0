/* SPDX-License-Identifier: MIT */
/*
 * A list of classes is cut at commas, a class at ':' and '+'. An item that
 * begins with a digit is of pictures: no codec does.
 */
#include <errno.h>
#include <stdio.h>

#include "base/image.h"
#include "base/mem.h"
#include "base/num.h"
#include "session/outclass.h"

#define SIDE_MIN 64
#define FPS_MAX 240
#define RATE_MIN 6000
#define VIDEO_RATE_MAX 50000000
#define OPUS_RATE_MAX 510000
#define L16_HZ_MIN 8000
#define L16_HZ_MAX 48000
/* Of a number in a text. */
#define NUMBER_CAP 32

/* What a codec of sound can be. */
static const struct {
	enum vc_codec codec;
	uint32_t hz_min;
	uint32_t hz_max;
	unsigned int channels_max;
} sounds[] = {
	{ VC_CODEC_OPUS, 48000, 48000, 2 },
	{ VC_CODEC_PCMU, 8000, 8000, 1 },
	{ VC_CODEC_PCMA, 8000, 8000, 1 },
	{ VC_CODEC_G722, 8000, 8000, 1 }, /* as SDP counts (RFC 3551) */
	{ VC_CODEC_L16, L16_HZ_MIN, L16_HZ_MAX, 2 },
};

static bool has(struct vc_str s, char c)
{
	return s.len && memchr(s.p, c, s.len);
}

static int wrong(char why[static VC_OUTCLASS_WHY], struct vc_str s,
		 const char *what)
{
	char quoted[VC_ESCAPE_CAP(32)];

	vc_escape(quoted, sizeof(quoted), s.p, s.len < 32 ? s.len : 32);
	snprintf(why, VC_OUTCLASS_WHY, "'%s': %s", quoted, what);
	return -EINVAL;
}

/* A C string for base/num.h. False: that is no number. */
static bool number(char out[static NUMBER_CAP], struct vc_str s)
{
	return !has(s, 0) && vc_str_copy(out, NUMBER_CAP, s) < NUMBER_CAP;
}

/* "@RATE" at the end of '*s', which loses it. Without one '*bps' stays. */
static bool take_rate(struct vc_str *s, uint64_t max, uint32_t *bps)
{
	struct vc_str rest = *s;
	char text[NUMBER_CAP];
	uint64_t rate;

	if (!has(rest, '@'))
		return true;
	*s = vc_str_cut(&rest, '@');
	if (!number(text, rest) || vc_num_rate(text, &rate) ||
	    rate < RATE_MIN || rate > max)
		return false;
	*bps = (uint32_t)rate;
	return true;
}

/* --- pictures --- */

static bool is_side(int v)
{
	return v >= SIDE_MIN && v <= VC_IMAGE_MAX && !(v & 1);
}

static int read_fps(struct vc_outclass *c, struct vc_str s)
{
	char text[NUMBER_CAP];

	if (!number(text, s) || vc_num_fps(text, &c->fps_num, &c->fps_den) ||
	    (int64_t)c->fps_num * 10 < c->fps_den ||
	    c->fps_num > (int64_t)FPS_MAX * c->fps_den)
		return -EINVAL;
	return 0;
}

static int read_picture(struct vc_outclass *c, struct vc_str item, char *why)
{
	struct vc_str fps = item, size = vc_str_cut(&fps, '/');
	bool has_fps = has(item, '/');
	char text[NUMBER_CAP];

	if (c->has_video)
		return wrong(why, item, "a class has one size");
	c->has_video = true;
	if (!take_rate(&size, VIDEO_RATE_MAX, &c->vbitrate_bps))
		return wrong(why, item, "a bit rate from 6k to 50M after '@'");
	if (has_fps && read_fps(c, fps))
		return wrong(why, item,
			     "0.1 to 240 frames a second after '/', at the "
			     "end");
	if (!number(text, size) || vc_num_dims(text, &c->width, &c->height) ||
	    !is_side(c->width) || !is_side(c->height))
		return wrong(why, item,
			     "WxH[@RATE][/FPS], even numbers from 64 to 4096");
	return 0;
}

/* --- sound --- */

static int read_sound(struct vc_outclass *c, struct vc_str item, char *why)
{
	struct vc_str rest = item, codec, hz;
	uint32_t channels = 0;
	size_t i = 0;
	bool has_hz, has_channels;

	if (c->has_audio)
		return wrong(why, item, "a class has one codec of sound");
	c->has_audio = true;
	if (!take_rate(&rest, OPUS_RATE_MAX, &c->abitrate_bps))
		return wrong(why, item, "a bit rate from 6k to 510k after '@'");
	has_hz = has(rest, '/');
	codec = vc_str_cut(&rest, '/');
	has_channels = has(rest, '/');
	hz = vc_str_cut(&rest, '/');
	c->acodec = vc_codec_by_name(codec);
	while (i < VC_COUNT(sounds) && sounds[i].codec != c->acodec)
		i++;
	if (i == VC_COUNT(sounds))
		return wrong(why, item,
			     "neither WxH[@RATE][/FPS] nor opus, pcmu, pcma, "
			     "g722 or l16");
	if (has_hz && (!vc_str_u32(hz, sounds[i].hz_max, &c->rate_hz) ||
		       c->rate_hz < sounds[i].hz_min))
		return wrong(why, item,
			     "of HZ, opus has 48000; pcmu, pcma and g722 8000; "
			     "l16 8000 to 48000");
	if (has_channels &&
	    (!vc_str_u32(rest, sounds[i].channels_max, &channels) || !channels))
		return wrong(why, item,
			     "1 channel, or of opus and l16 also 2, at the "
			     "end");
	c->channels = channels;
	if (c->abitrate_bps && c->acodec != VC_CODEC_OPUS)
		return wrong(why, item, "only opus has a bit rate to choose");
	return 0;
}

/* --- a class, and all --- */

static bool is_name(struct vc_str s)
{
	if (!s.len || s.len > VC_OUTCLASS_NAME)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.')
			return false;
	}
	return true;
}

static int read_class(struct vc_outclass *c, struct vc_str text, char *why)
{
	struct vc_str rest = text, name = vc_str_cut(&rest, ':');
	bool is_last;
	int err = 0;

	if (!has(text, ':'))
		return wrong(why, text, "a class is NAME:ITEM[+ITEM]");
	if (!is_name(name))
		return wrong(why, name,
			     "a name is 1 to 31 letters, digits, '-', '_', "
			     "'.'");
	vc_str_copy(c->name, sizeof(c->name), name);
	do {
		is_last = !has(rest, '+');
		struct vc_str item = vc_str_cut(&rest, '+');

		if (!item.len)
			err = wrong(why, text, "an item is missing");
		else if (*item.p >= '0' && *item.p <= '9')
			err = read_picture(c, item, why);
		else
			err = read_sound(c, item, why);
	} while (!err && !is_last);
	return err;
}

int vc_outclasses_add(struct vc_outclasses *all, struct vc_str text,
		      char why[static VC_OUTCLASS_WHY])
{
	size_t n = all->n;
	bool is_last;
	int err = 0;

	do {
		struct vc_outclass c = { .has_video = false };

		is_last = !has(text, ',');
		err = read_class(&c, vc_str_cut(&text, ','), why);
		if (!err && vc_outclass_find(all, vc_str_c(c.name)))
			err = wrong(why, vc_str_c(c.name),
				    "there is a class of that name");
		if (!err && all->n == VC_OUTCLASSES_MAX)
			err = wrong(why, vc_str_c(c.name),
				    "more than 32 classes");
		if (!err)
			all->v[all->n++] = c;
	} while (!err && !is_last);
	if (err)
		all->n = n;
	return err;
}

const struct vc_outclass *vc_outclass_find(const struct vc_outclasses *all,
					   struct vc_str name)
{
	for (size_t i = 0; i < all->n; i++)
		if (vc_str_is(name, all->v[i].name))
			return &all->v[i];
	return NULL;
}

unsigned int vc_outclass_every(const struct vc_outclass *c, int fps_num,
			       int fps_den)
{
	int64_t clock = (int64_t)fps_num * c->fps_den;
	int64_t own = (int64_t)c->fps_num * fps_den;

	if (!c->fps_num)
		return 1;
	return clock % own ? 0 : (unsigned int)(clock / own);
}
