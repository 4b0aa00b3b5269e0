/* SPDX-License-Identifier: MIT */
/*
 * A line on the standard output for each picture that is decoded, and for each
 * 20 ms of the mix in which somebody is heard:
 *
 *	0.033333 video d41d8cd98f00b204e9800998ecf8427e Alice
 *	0.040000 audio 9e107d9d372bb6826bd81d3542a419d6 *
 *
 * The sums are those of ffmpeg -f framemd5: of the planes of a picture row by
 * row, without padding, and of samples as 16-bit little-endian.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "net/digest.h"
#include "target.h"

struct sums {
	struct play *p;
	struct target target;
	struct vc_digest *md5;
	bool is_second; /* half of a block has been added */
	bool is_sound;	/* and somebody was heard in it */
	bool has_lines;
};

static void say(struct sums *s, int64_t at, const char *kind, const char *sum,
		const char *name)
{
	char line[VC_DIGEST_TEXT + VC_ESCAPE_CAP(VC_ROSTER_TEXT) + 64];
	char shown[VC_ESCAPE_CAP(VC_ROSTER_TEXT)];
	int n;

	if (!s->target.file)
		return;
	s->has_lines = true;
	vc_escape(shown, sizeof(shown), name, vc_str_c(name).len);
	n = snprintf(line, sizeof(line), "%" PRId64 ".%06" PRId64 " %s %s %s\n",
		     at / VC_SEC, at % VC_SEC / VC_US, kind, sum, shown);
	if (!target_did(&s->target, "write",
			vc_outfile_write(s->target.file, line, (size_t)n)))
		target_abandon(&s->target);
}

static void add_plane(struct vc_digest *m, const uint8_t *p, int stride,
		      int width, int height)
{
	for (int row = 0; row < height; row++)
		vc_digest_add(m, p + (ptrdiff_t)row * stride, (size_t)width);
}

static void decoded(void *ctx, const struct stream *s, int64_t at,
		    const struct vc_image *im)
{
	int w = vc_image_half(im->width), h = vc_image_half(im->height);
	struct sums *all = ctx;
	char sum[VC_DIGEST_TEXT];
	struct vc_digest *m;

	if (s->is_hidden)
		return;
	m = vc_digest_new_md5();
	if (!m)
		return;
	add_plane(m, im->y, im->stride_y, im->width, im->height);
	add_plane(m, im->u, im->stride_u, w, h);
	add_plane(m, im->v, im->stride_v, w, h);
	vc_digest_take(m, sum);
	vc_digest_free(m);
	say(all, at, "video", sum, play_name(s->src));
}

static void hear(void *ctx, int64_t at, const int16_t *pcm, bool is_sound)
{
	struct sums *s = ctx;
	bool is_wide = s->p->is_wide;
	char sum[VC_DIGEST_TEXT];

	for (size_t i = 0; i < (is_wide ? 2 : 1) * (size_t)TICK_SAMPLES; i++) {
		uint16_t v = (uint16_t)(is_wide ? s->p->wide[i] : pcm[i]);
		uint8_t le[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

		vc_digest_add(s->md5, le, sizeof(le));
	}
	s->is_sound |= is_sound;
	s->is_second = !s->is_second;
	if (s->is_second)
		return;
	vc_digest_take(s->md5, sum);
	if (s->is_sound)
		say(s, at - TICK, "audio", sum, "*");
	s->is_sound = false;
}

/* Whoever reads along sees it when it is played. */
static void show(void *ctx)
{
	struct sums *s = ctx;

	if (s->target.file && s->target.fd >= 0)
		target_did(&s->target, "write",
			   vc_outfile_flush(s->target.file));
}

static void close_md5(void *ctx, bool had_media)
{
	struct sums *s = ctx;

	if (!s->has_lines && had_media)
		vc_tool_fail(s->target.tool, VC_EXIT_NO_MEDIA,
			     "--md5: nothing was played");
	if (s->target.file)
		target_finish(&s->target);
	target_abandon(&s->target);
	vc_digest_free(s->md5);
	free(s);
}

static bool is_wanted(const struct play_options *o)
{
	return o->md5;
}

static void *open_md5(struct play *p, const struct play_options *o)
{
	struct sums *s = vc_alloc(1, sizeof(*s));

	(void)o;
	s->p = p;
	s->md5 = vc_digest_new_md5();
	if (!s->md5)
		vc_tool_fail(p->tool, VC_EXIT_FAIL,
			     "--md5: OpenSSL here has no MD5");
	if (s->md5 && target_open(&s->target, p->tool, "-", true))
		return s;
	vc_digest_free(s->md5);
	free(s);
	return NULL;
}

const struct output_ops md5_ops = {
	.is_wanted = is_wanted,
	.open = open_md5,
	.decoded = decoded,
	.hear = hear,
	.show = show,
	.close = close_md5,
};
