/* SPDX-License-Identifier: MIT */
/*
 * All pictures of a Y4M file are of one length, so that any of them can be read
 * from its place. The file is opened before anything of a stranger comes.
 */
#include "reffile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/image.h"
#include "base/mem.h"
#include "base/time.h"
#include "probe.h"
#include "wire/y4m.h"

#define FRAME "FRAME\n"
#define FRAME_LEN 6

struct reffile {
	int fd;
	struct vc_y4m y4m;
	off_t begin;
	size_t step; /* from one picture to the next */
	uint64_t n;
};

/* What is wrong with it; NULL: nothing. */
static const char *look(struct reffile *f)
{
	uint8_t head[VC_Y4M_LINE + FRAME_LEN];
	ssize_t len = pread(f->fd, head, sizeof(head), 0);
	struct stat st;
	size_t used;

	if (len < 0 || fstat(f->fd, &st))
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "is no regular file";
	if (vc_y4m_parse(&f->y4m, head, (size_t)len, &used))
		return "is no Y4M that is read";
	if (f->y4m.chroma != VC_Y4M_420 ||
	    !vc_image_size_ok(f->y4m.width, f->y4m.height))
		return "4:2:0 is needed, of at most 4096x4096";
	if ((size_t)len < used + FRAME_LEN ||
	    memcmp(head + used, FRAME, FRAME_LEN))
		return "no picture in it, or one with parameters";
	f->begin = (off_t)used;
	f->step = FRAME_LEN + vc_y4m_len(&f->y4m);
	f->n = (uint64_t)(st.st_size - f->begin) / f->step;
	return f->n ? NULL : "no whole picture in it";
}

struct reffile *reffile_open(struct probe *p, const char *path)
{
	struct reffile *f = vc_alloc(1, sizeof(*f));
	const char *why;

	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	why = f->fd < 0 ? strerror(errno) : look(f);
	if (why)
		vc_tool_usage(p->tool, "--ref %s: %s", path, why);
	return f;
}

void reffile_close(struct reffile *f)
{
	if (!f)
		return;
	close(f->fd);
	free(f);
}

bool reffile_has_size(const struct reffile *f, const struct vc_image *img)
{
	return f->y4m.width == img->width && f->y4m.height == img->height;
}

uint64_t reffile_pictures(const struct reffile *f, int seconds)
{
	uint64_t n = reffile_after(f, 0, seconds * VC_SEC);

	return n < f->n ? n : f->n;
}

uint64_t reffile_after(const struct reffile *f, uint64_t from, int64_t ns)
{
	double n = (double)ns * f->y4m.fps_num / (1e9 * f->y4m.fps_den);

	return from + (n > 0 && n < 1e12 ? (uint64_t)(n + 0.5) : 0);
}

static bool read_plane(const struct reffile *f, off_t *at, uint8_t *p,
		       int stride, int w, int h)
{
	for (int y = 0; y < h; y++) {
		if (pread(f->fd, p + (ptrdiff_t)y * stride, (size_t)w, *at) !=
		    w)
			return false;
		*at += w;
	}
	return true;
}

bool reffile_read(const struct reffile *f, uint64_t n, struct vc_image *img)
{
	int w = vc_image_half(img->width), h = vc_image_half(img->height);
	off_t at;

	if (n >= f->n || !reffile_has_size(f, img))
		return false;
	at = f->begin + (off_t)(n * f->step) + FRAME_LEN;
	return read_plane(f, &at, img->y, img->stride_y, img->width,
			  img->height) &&
	       read_plane(f, &at, img->u, img->stride_u, w, h) &&
	       read_plane(f, &at, img->v, img->stride_v, w, h);
}
