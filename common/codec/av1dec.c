/* SPDX-License-Identifier: MIT */
/*
 * AV1 out of libdav1d, one frame in, one out: no frame is held back for a
 * thread to work on. It refuses by itself what is larger in pixels than the
 * limits, and so does codec/vidhead.h for each side.
 */
#include <errno.h>
#include <string.h>

#include <dav1d/dav1d.h>

#include "codec/video_internal.h"

struct av1dec {
	struct vc_viddec base;
	Dav1dContext *ctx;
	Dav1dPicture pic; /* the last one handed out */
};

static int dec_open(struct vc_viddec *base)
{
	struct av1dec *dec = (struct av1dec *)base;
	Dav1dSettings s;

	dav1d_default_settings(&s);
	s.n_threads = base->cfg.threads;
	s.max_frame_delay = 1;
	s.all_layers = 0;
	s.frame_size_limit = (unsigned int)base->cfg.max_width *
			     (unsigned int)base->cfg.max_height;
	s.logger.callback = NULL;
	return dav1d_open(&dec->ctx, &s) ? -ENOMEM : 0;
}

static void dec_close(struct vc_viddec *base)
{
	struct av1dec *dec = (struct av1dec *)base;

	dav1d_picture_unref(&dec->pic);
	if (dec->ctx)
		dav1d_close(&dec->ctx);
}

/* The newest picture that is there; the one before it is given back. */
static int take(struct av1dec *dec)
{
	Dav1dPicture pic = { 0 };
	int err;

	while (!(err = dav1d_get_picture(dec->ctx, &pic))) {
		dav1d_picture_unref(&dec->pic);
		dec->pic = pic;
		pic = (Dav1dPicture){ 0 };
	}
	return err == DAV1D_ERR(EAGAIN) ? 0 : -EBADMSG;
}

/* Copies: dav1d may keep the data. */
static int feed(struct av1dec *dec, const uint8_t *p, size_t len)
{
	Dav1dData data = { 0 };
	uint8_t *copy = dav1d_data_create(&data, len);
	int err = 0, sent;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, p, len);
	while (data.sz && !err) {
		sent = dav1d_send_data(dec->ctx, &data);
		if (sent && sent != DAV1D_ERR(EAGAIN))
			err = -EBADMSG;
		if (!err)
			err = take(dec);
	}
	if (data.sz)
		dav1d_data_unref(&data);
	return err;
}

static int decode(struct vc_viddec *base, const uint8_t *p, size_t len,
		  struct vc_image *img)
{
	struct av1dec *dec = (struct av1dec *)base;
	int err;

	dav1d_picture_unref(&dec->pic);
	err = feed(dec, p, len);
	if (err) {
		dav1d_flush(dec->ctx);
		return err;
	}
	if (!dec->pic.data[0])
		return -ENODATA;
	if (dec->pic.p.layout != DAV1D_PIXEL_LAYOUT_I420 || dec->pic.p.bpc != 8)
		return -EBADMSG;
	*img = (struct vc_image){
		.width = dec->pic.p.w,
		.height = dec->pic.p.h,
		.y = dec->pic.data[0],
		.u = dec->pic.data[1],
		.v = dec->pic.data[2],
		.stride_y = (int)dec->pic.stride[0],
		.stride_u = (int)dec->pic.stride[1],
		.stride_v = (int)dec->pic.stride[1],
	};
	return 0;
}

const struct vc_viddec_ops vc_viddec_av1 = {
	.size = sizeof(struct av1dec),
	.open = dec_open,
	.close = dec_close,
	.look = vc_vidhead_av1,
	.decode = decode,
};
