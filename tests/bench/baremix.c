/* SPDX-License-Identifier: MIT */
/*
 * What composing costs at least: the pictures of some recorded streams decoded,
 * scaled into their places of a grid and encoded with the settings of vc-mix,
 * on one thread. No clock, no jitter buffer, no names, no output: libvpx and
 * libyuv, and a loop.
 *
 *   baremix WxH FPS RATE FILE...
 *
 * Prints how many pictures it decoded and encoded, and the octets.
 */
#include <fcntl.h>
#include <libyuv.h>
#include <stdio.h>

#include "base/num.h"
#include "bench/pictures.h"
#include "media/layout.h"
#include "media/pixels.h"
#include "wire/vp8.h"

#define FILES_MAX 49
#define FRAME_MAX 1000000

/* Of one source, one behind the other. */
struct film {
	uint8_t *octets;
	size_t len, cap;
	size_t *ends;
	size_t n, n_cap;
	struct vc_viddec *dec;
	struct vc_rect at;
};

static void *more(void *old, size_t len, size_t size)
{
	uint8_t *p = vc_alloc(size, 1);

	if (len)
		memcpy(p, old, len);
	free(old);
	return p;
}

static void add_octets(struct film *f, const uint8_t *p, size_t len)
{
	if (f->len + len > f->cap) {
		f->cap = 2 * f->cap + FRAME_MAX;
		f->octets = more(f->octets, f->len, f->cap);
	}
	memcpy(f->octets + f->len, p, len);
	f->len += len;
}

static void end_frame(struct film *f)
{
	if (f->n == f->n_cap) {
		f->n_cap = 2 * f->n_cap + 1000;
		f->ends = more(f->ends, f->n * sizeof(*f->ends),
			       f->n_cap * sizeof(*f->ends));
	}
	f->ends[f->n++] = f->len;
}

static void load(struct film *f, const char *path)
{
	const struct vc_viddec_cfg conf = { .codec = VC_CODEC_VP8,
					    .max_width = VC_IMAGE_MAX,
					    .max_height = VC_IMAGE_MAX };
	struct tape *tape = vc_alloc(1, sizeof(*tape));
	const uint8_t *p;
	size_t len;
	int err;

	tape->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (tape->fd < 0)
		die(path);
	while (next_packet(tape, &p, &len)) {
		struct vc_vp8_desc d;
		struct vc_rtp rtp;

		if (vc_rtp_parse(&rtp, p, len) || rtp.pt != 96 ||
		    vc_vp8_desc_parse(&d, rtp.payload, rtp.payload_len))
			continue;
		add_octets(f, d.payload, d.payload_len);
		if (rtp.marker)
			end_frame(f);
	}
	close(tape->fd);
	free(tape);
	need(f->n > 0, path);
	f->dec = vc_viddec_new(&conf, &err);
	need(f->dec != NULL, "decoder");
}

/* By libyuv alone; the place begins at even coordinates. */
static void scale(struct vc_image *to, struct vc_rect at,
		  const struct vc_image *img)
{
	I420Scale(img->y, img->stride_y, img->u, img->stride_u, img->v,
		  img->stride_v, img->width, img->height,
		  to->y + at.y * to->stride_y + at.x, to->stride_y,
		  to->u + at.y / 2 * to->stride_u + at.x / 2, to->stride_u,
		  to->v + at.y / 2 * to->stride_v + at.x / 2, to->stride_v,
		  at.w, at.h, kFilterBox);
}

/* Its picture number 'i' into its place. */
static void draw(struct film *f, size_t i, struct vc_image *canvas)
{
	size_t from = i ? f->ends[i - 1] : 0;
	struct vc_image img;

	need(!vc_viddec_decode(f->dec, f->octets + from, f->ends[i] - from,
			       &img),
	     "decode");
	scale(canvas, vc_layout_fit(f->at, img.width, img.height), &img);
}

static void place(struct film *films, size_t n, int w, int h)
{
	struct vc_rect rects[FILES_MAX];

	need(!vc_layout_grid(rects, FILES_MAX, n, w, h), "layout");
	for (size_t i = 0; i < n; i++)
		films[i].at = rects[i];
}

int main(int argc, char **argv)
{
	struct vc_videnc_cfg conf = encoder(VC_CODEC_VP8, 1);
	struct film films[FILES_MAX] = { 0 };
	size_t n = argc > 4 ? (size_t)argc - 4 : 0, last = 0;
	uint64_t decoded = 0, octets = 0, rate;
	struct vc_videnc *enc;
	struct vc_image canvas;
	int err;

	need(n && n <= FILES_MAX &&
		     !vc_num_dims(argv[1], &conf.width, &conf.height) &&
		     !vc_num_fps(argv[2], &conf.fps_num, &conf.fps_den) &&
		     !vc_num_rate(argv[3], &rate),
	     "usage");
	conf.bitrate_bps = (uint32_t)rate;
	conf.keyint_frames = 2 * conf.fps_num / conf.fps_den;
	enc = vc_videnc_new(&conf, &err);
	need(enc && !vc_image_alloc(&canvas, conf.width, conf.height),
	     "encoder");
	vc_image_fill(&canvas, 0, 0, conf.width, conf.height,
		      vc_pixels_colour(0));
	for (size_t i = 0; i < n; i++) {
		load(&films[i], argv[4 + i]);
		last = films[i].n > last ? films[i].n : last;
	}
	place(films, n, conf.width, conf.height);
	for (size_t k = 0; k < last; k++) {
		const uint8_t *p;
		bool is_key;
		size_t len;

		for (size_t i = 0; i < n; i++) {
			if (k >= films[i].n)
				continue;
			draw(&films[i], k, &canvas);
			decoded++;
		}
		need(!vc_videnc_encode(enc, &canvas, (int64_t)k, false, &p,
				       &len, &is_key),
		     "encode");
		octets += len;
	}
	printf("%llu decoded, %zu encoded, %llu octets\n",
	       (unsigned long long)decoded, last, (unsigned long long)octets);
	return 0;
}
