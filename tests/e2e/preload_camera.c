/* SPDX-License-Identifier: MIT */
/*
 * A camera for machines that have none: preloaded, it stands where the kernel's
 * V4L2 would be, below GStreamer's v4l2src, and answers open() of
 * /dev/video42 and the ioctl()s of that. It is there while the file exists that
 * CAMERA_PLUG names, gives YUYV of 320x240 or 640x480 at 30 pictures a second,
 * red on the left and blue on the right, and misbehaves as CAMERA says: "busy"
 * (somebody else streams), "silent" (after ten pictures nothing comes).
 *
 * Its descriptor is a timer's, so that waiting for it works by itself. v4l2src
 * makes copies of that.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/videodev2.h>

#define PATH "/dev/video42"
#define BUFFERS 4
#define FDS 8
#define INTERVAL_NS 33333333
#define SILENT_AFTER 10
#define SHIFT 24 /* a buffer's number in its offset */

#define VISIBLE __attribute__((visibility("default")))

struct camera {
	pthread_mutex_t lock;
	int fd;	      /* of the last open() */
	int fds[FDS]; /* that and copies of it */
	unsigned int n_fds;
	uint32_t width, height;
	uint8_t *mem[BUFFERS];
	uint32_t queue[BUFFERS]; /* those that may be filled, in order */
	unsigned int n_queued, n_buffers, given;
};

/* The one place for it: there is nobody who could hand it over. */
static struct camera the = { .lock = PTHREAD_MUTEX_INITIALIZER };

VISIBLE int open(const char *path, int flags, ...);
VISIBLE int open64(const char *path, int flags, ...);
VISIBLE int dup(int fd);
VISIBLE int close(int fd);
VISIBLE int ioctl(int fd, unsigned long request, ...);
VISIBLE void *mmap64(void *at, size_t len, int prot, int flags, int fd,
		     off_t offset);

static bool behaves(const char *how)
{
	const char *is = getenv("CAMERA");

	return is && !strcmp(is, how);
}

static const char *plug(void)
{
	const char *path = getenv("CAMERA_PLUG");

	return path ? path : "/nowhere";
}

static bool is_plugged(void)
{
	return !access(plug(), F_OK);
}

static bool is_camera(int fd)
{
	for (unsigned int i = 0; i < the.n_fds; i++)
		if (the.fds[i] == fd)
			return true;
	return false;
}

static void add_fd(int fd)
{
	if (fd >= 0 && the.n_fds < FDS)
		the.fds[the.n_fds++] = fd;
}

static uint32_t image_size(void)
{
	return 2 * the.width * the.height;
}

static void set_timer(bool is_on)
{
	struct itimerspec in = { 0 };

	if (is_on)
		in.it_value.tv_nsec = in.it_interval.tv_nsec = INTERVAL_NS;
	timerfd_settime(the.fd, 0, &in, NULL);
}

/* --- what it is asked --- */

static int tell_format(struct v4l2_format *f)
{
	struct v4l2_pix_format *p = &f->fmt.pix;

	if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	*p = (struct v4l2_pix_format){
		.width = the.width,
		.height = the.height,
		.pixelformat = V4L2_PIX_FMT_YUYV,
		.field = V4L2_FIELD_NONE,
		.bytesperline = 2 * the.width,
		.sizeimage = image_size(),
		.colorspace = V4L2_COLORSPACE_SMPTE170M,
	};
	return 0;
}

static int set_format(struct v4l2_format *f, bool is_trial)
{
	uint32_t was_width = the.width, was_height = the.height;
	int err;

	if (f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	if (!is_trial && behaves("busy"))
		return -EBUSY;
	the.width = f->fmt.pix.width > 320 ? 640 : 320;
	the.height = the.width * 3 / 4;
	err = tell_format(f);
	if (is_trial) {
		the.width = was_width;
		the.height = was_height;
	}
	return err;
}

static int tell_capabilities(struct v4l2_capability *c)
{
	*c = (struct v4l2_capability){
		.driver = "made-up",
		.card = "A made-up camera",
		.bus_info = "nowhere",
		.version = 0x060000,
		.device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING,
	};
	c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
	return 0;
}

static int tell_size(struct v4l2_frmsizeenum *s)
{
	if (s->index > 1 || s->pixel_format != V4L2_PIX_FMT_YUYV)
		return -EINVAL;
	s->type = V4L2_FRMSIZE_TYPE_DISCRETE;
	s->discrete.width = s->index ? 640 : 320;
	s->discrete.height = s->index ? 480 : 240;
	return 0;
}

static int tell_interval(struct v4l2_frmivalenum *i)
{
	if (i->index || i->pixel_format != V4L2_PIX_FMT_YUYV)
		return -EINVAL;
	i->type = V4L2_FRMIVAL_TYPE_DISCRETE;
	i->discrete = (struct v4l2_fract){ 1, 30 };
	return 0;
}

static int tell_kind(struct v4l2_fmtdesc *f)
{
	if (f->index || f->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	f->flags = 0;
	f->pixelformat = V4L2_PIX_FMT_YUYV;
	return 0;
}

static int tell_rate(struct v4l2_streamparm *s)
{
	if (s->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
		return -EINVAL;
	s->parm.capture = (struct v4l2_captureparm){
		.capability = V4L2_CAP_TIMEPERFRAME,
		.timeperframe = { 1, 30 },
		.readbuffers = BUFFERS,
	};
	return 0;
}

/* --- buffers --- */

static int request(struct v4l2_requestbuffers *r)
{
	if (r->memory != V4L2_MEMORY_MMAP)
		return -EINVAL;
	if (r->count > BUFFERS)
		r->count = BUFFERS;
	the.n_buffers = r->count;
	the.n_queued = 0;
	r->capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP;
	return 0;
}

static int describe(struct v4l2_buffer *b)
{
	if (b->index >= the.n_buffers)
		return -EINVAL;
	b->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
	b->memory = V4L2_MEMORY_MMAP;
	b->length = image_size();
	b->m.offset = b->index << SHIFT;
	b->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
	b->field = V4L2_FIELD_NONE;
	return 0;
}

static int give_room(struct v4l2_buffer *b)
{
	int err = describe(b);

	if (err || the.n_queued == BUFFERS)
		return -EINVAL;
	the.queue[the.n_queued++] = b->index;
	b->flags |= V4L2_BUF_FLAG_QUEUED;
	return 0;
}

static void paint(uint8_t *p)
{
	static const uint8_t red[4] = { 81, 90, 81, 240 };
	static const uint8_t blue[4] = { 41, 240, 41, 110 };

	for (uint32_t i = 0; i < the.width * the.height / 2; i++) {
		bool is_left = i % (the.width / 2) < the.width / 4;

		memcpy(p + 4 * i, is_left ? red : blue, 4);
	}
}

static int take(struct v4l2_buffer *b)
{
	struct timespec now;
	uint64_t ticks;

	if (!is_plugged())
		return -ENODEV;
	if (!the.n_queued || read(the.fd, &ticks, sizeof(ticks)) < 0)
		return -EAGAIN;
	b->index = the.queue[0];
	the.n_queued--;
	memmove(the.queue, the.queue + 1, the.n_queued * sizeof(*the.queue));
	describe(b);
	paint(the.mem[b->index]);
	b->bytesused = b->length;
	b->flags |= V4L2_BUF_FLAG_DONE;
	b->sequence = the.given++;
	clock_gettime(CLOCK_MONOTONIC, &now);
	b->timestamp.tv_sec = now.tv_sec;
	b->timestamp.tv_usec = now.tv_nsec / 1000;
	if (behaves("silent") && the.given == SILENT_AFTER)
		set_timer(false);
	return 0;
}

static int stream(bool is_on)
{
	the.n_queued = is_on ? the.n_queued : 0;
	the.given = 0;
	set_timer(is_on);
	return 0;
}

static int answer(unsigned long what, void *p)
{
	switch (what) {
	case VIDIOC_QUERYCAP:
		return tell_capabilities(p);
	case VIDIOC_ENUM_FMT:
		return tell_kind(p);
	case VIDIOC_ENUM_FRAMESIZES:
		return tell_size(p);
	case VIDIOC_ENUM_FRAMEINTERVALS:
		return tell_interval(p);
	case VIDIOC_G_FMT:
		return tell_format(p);
	case VIDIOC_S_FMT:
	case VIDIOC_TRY_FMT:
		return set_format(p, what == VIDIOC_TRY_FMT);
	case VIDIOC_G_PARM:
	case VIDIOC_S_PARM:
		return tell_rate(p);
	case VIDIOC_REQBUFS:
		return request(p);
	case VIDIOC_QUERYBUF:
		return describe(p);
	case VIDIOC_QBUF:
		return give_room(p);
	case VIDIOC_DQBUF:
		return take(p);
	case VIDIOC_STREAMON:
	case VIDIOC_STREAMOFF:
		return stream(what == VIDIOC_STREAMON);
	default:
		return -ENOTTY;
	}
}

/* --- in place of the C library's --- */

static int open_camera(void)
{
	if (!is_plugged()) {
		errno = ENOENT;
		return -1;
	}
	pthread_mutex_lock(&the.lock);
	the.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	add_fd(the.fd);
	the.width = 640;
	the.height = 480;
	pthread_mutex_unlock(&the.lock);
	return the.fd;
}

static int open_other(const char *name, const char *path, int flags,
		      unsigned int mode)
{
	int (*next)(const char *, int, ...);

	*(void **)&next = dlsym(RTLD_NEXT, name);
	return next(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	unsigned int mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(ap, unsigned int);
	va_end(ap);
	if (!strcmp(path, PATH))
		return open_camera();
	return open_other("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	unsigned int mode = 0;
	va_list ap;

	va_start(ap, flags);
	if (flags & (O_CREAT | O_TMPFILE))
		mode = va_arg(ap, unsigned int);
	va_end(ap);
	if (!strcmp(path, PATH))
		return open_camera();
	return open_other("open64", path, flags, mode);
}

int dup(int fd)
{
	int (*next)(int);
	int copy;

	*(void **)&next = dlsym(RTLD_NEXT, "dup");
	pthread_mutex_lock(&the.lock);
	copy = next(fd);
	if (is_camera(fd))
		add_fd(copy);
	pthread_mutex_unlock(&the.lock);
	return copy;
}

int close(int fd)
{
	int (*next)(int);
	unsigned int n = 0;

	*(void **)&next = dlsym(RTLD_NEXT, "close");
	pthread_mutex_lock(&the.lock);
	for (unsigned int i = 0; i < the.n_fds; i++)
		if (the.fds[i] != fd)
			the.fds[n++] = the.fds[i];
	the.n_fds = n;
	pthread_mutex_unlock(&the.lock);
	return next(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...);
	va_list ap;
	void *p;
	int err;

	va_start(ap, request);
	p = va_arg(ap, void *);
	va_end(ap);
	if (!is_camera(fd)) {
		*(void **)&next = dlsym(RTLD_NEXT, "ioctl");
		return next(fd, request, p);
	}
	pthread_mutex_lock(&the.lock);
	err = answer((uint32_t)request, p);
	pthread_mutex_unlock(&the.lock);
	if (!err)
		return 0;
	errno = -err;
	return -1;
}

void *mmap64(void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
	void *(*next)(void *, size_t, int, int, int, off_t);
	unsigned int i = (unsigned int)(offset >> SHIFT);
	void *p;

	*(void **)&next = dlsym(RTLD_NEXT, "mmap64");
	if (!is_camera(fd) || i >= BUFFERS)
		return next(at, len, prot, flags, fd, offset);
	p = next(NULL, len, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	the.mem[i] = p;
	return p;
}

static int stat_as(const char *name, const char *path, void *st)
{
	int (*next)(const char *, void *);

	*(void **)&next = dlsym(RTLD_NEXT, name);
	if (strcmp(path, PATH))
		return next(path, st);
	if (is_plugged())
		return next("/dev/null", st);
	errno = ENOENT;
	return -1;
}

VISIBLE int access(const char *path, int mode)
{
	int (*next)(const char *, int);

	*(void **)&next = dlsym(RTLD_NEXT, "access");
	return next(strcmp(path, PATH) ? path : plug(), mode);
}

VISIBLE int stat(const char *restrict path, struct stat *restrict st)
{
	return stat_as("stat", path, st);
}

VISIBLE int stat64(const char *restrict path, struct stat64 *restrict st)
{
	return stat_as("stat64", path, st);
}
