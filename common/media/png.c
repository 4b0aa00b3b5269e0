/* SPDX-License-Identifier: MIT */
/*
 * Pixels go to a cairo surface and cairo encodes it; the octets come back
 * through a callback, which keeps the first errno.
 */
#include <cairo.h>
#include <errno.h>
#include <unistd.h>

#include "media/png.h"
#include "media/pixels.h"

struct sink {
	int fd;
	int err;
};

static cairo_status_t write_octets(void *closure, const unsigned char *p,
				   unsigned int len)
{
	struct sink *sink = closure;

	while (len) {
		ssize_t n = write(sink->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			sink->err = n ? -errno : -EIO;
			return CAIRO_STATUS_WRITE_ERROR;
		}
		p += n;
		len -= (unsigned int)n;
	}
	return CAIRO_STATUS_SUCCESS;
}

int vc_png_write(int fd, const struct vc_image *im)
{
	struct sink sink = { .fd = fd };
	cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24,
							im->width, im->height);
	cairo_status_t status = cairo_surface_status(s);

	if (status == CAIRO_STATUS_SUCCESS) {
		cairo_surface_flush(s);
		vc_pixels_to_rgb(cairo_image_surface_get_data(s),
				 cairo_image_surface_get_stride(s), im);
		cairo_surface_mark_dirty(s);
		status = cairo_surface_write_to_png_stream(s, write_octets,
							   &sink);
	}
	cairo_surface_destroy(s);
	if (sink.err)
		return sink.err;
	return status == CAIRO_STATUS_SUCCESS ? 0 : -ENOMEM;
}
