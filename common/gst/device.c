/* SPDX-License-Identifier: MIT */
/*
 * The device's elements (devmake.c), converters, and an appsink with a short
 * queue that drops what is old. GStreamer runs on its system clock, which is
 * CLOCK_MONOTONIC, so a time in its pipeline and the pipeline's base time make
 * one on that clock. The caller waits on an epoll descriptor that holds two:
 * something came, and nothing came for too long; of a screen a third, the
 * server's end.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>

#include "base/mem.h"
#include "base/time.h"
#include "gst/check.h"
#include "gst/device.h"
#include "gst/devmake.h"
#include "gst/init.h"
#include "gst/sample.h"
#include "gst/steady.h"
#include "gst/xdeath.h"

#define PATIENCE (5 * VC_SEC)
#define GRACE (500 * VC_MS) /* if we stood still ourselves */
#define FRAME_MAX (VC_GST_RATE_HZ / 5)
#define FIFO (2 * VC_GST_RATE_HZ) /* samples a channel */

struct vc_device {
	struct vc_device_config config;
	GstElement *pipe, *sink;
	int event, timer, fd; /* 'fd' holds both */
	struct _XDisplay *x;  /* a screen's, or NULL */
	bool is_overdue;
	bool is_stuck;		   /* one of its threads will never end */
	bool is_starting, is_left; /* under the lock */
	char said[VC_GST_TEXT_CAP];
	/* From the streaming threads, under the lock. */
	GMutex lock;
	int err;
	char text[VC_GST_TEXT_CAP];
	/* What the caller holds. */
	GstSample *picture;
	GstVideoFrame frame;
	int64_t last; /* when it was */
	int64_t due;  /* when the next one is wanted */
	/* Sound that came and did not go yet. */
	struct vc_steady steady;
	int64_t given; /* samples that went */
	size_t n;
	int16_t *fifo;
};

static void wake(int fd)
{
	const uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;
}

static void calm(int fd)
{
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
}

static void fail(struct vc_device *d, int err, const char *text)
{
	g_mutex_lock(&d->lock);
	if (!d->err) {
		d->err = err;
		vc_gst_say(d->text, "%s", text);
	}
	g_mutex_unlock(&d->lock);
	wake(d->event);
}

static GstBusSyncReply on_message(GstBus *bus, GstMessage *msg, gpointer user)
{
	GError *e = NULL;

	(void)bus;
	if (GST_MESSAGE_TYPE(msg) == GST_MESSAGE_ERROR) {
		gst_message_parse_error(msg, &e, NULL);
		fail(user, -EIO,
		     vc_device_is_unplugged(msg) ? "it was unplugged" :
						   e->message);
		g_error_free(e);
	}
	gst_message_unref(msg);
	return GST_BUS_DROP;
}

static GstFlowReturn on_sample(GstAppSink *sink, gpointer user)
{
	struct vc_device *d = user;

	(void)sink;
	wake(d->event);
	return GST_FLOW_OK;
}

static void on_end(GstAppSink *sink, gpointer user)
{
	(void)sink;
	fail(user, -EIO, "it gives no more");
}

static bool is_sound_card(const struct vc_device *d)
{
	return d->config.kind == VC_DEVICE_ALSA ||
	       d->config.kind == VC_DEVICE_PULSE;
}

/* --- making it --- */

static int build(struct vc_device *d, vc_device_make *make)
{
	GstAppSinkCallbacks on = { .new_sample = on_sample, .eos = on_end };
	GstElement *src, *chain;
	GstClock *clock;
	GstBus *bus;
	int err;

	src = make(&d->config, &err, d->text);
	if (!src)
		return err;
	chain = vc_device_make_chain(&d->config);
	if (!chain) {
		gst_object_unref(gst_object_ref_sink(src));
		vc_gst_say(d->text, "a GStreamer plugin is missing "
				    "(gstreamer1.0-plugins-base)");
		return -ENOSYS;
	}
	d->pipe = gst_pipeline_new(NULL);
	gst_bin_add_many(GST_BIN(d->pipe), src, chain, NULL);
	gst_element_link(src, chain);
	d->sink = gst_bin_get_by_name(GST_BIN(chain), "sink");
	g_object_set(d->sink, "sync", FALSE, NULL);
	gst_app_sink_set_callbacks(GST_APP_SINK(d->sink), &on, d, NULL);
	if (is_sound_card(d))
		vc_device_stamp(d->pipe, d->sink);
	clock = gst_system_clock_obtain();
	gst_pipeline_use_clock(GST_PIPELINE(d->pipe), clock);
	gst_object_unref(clock);
	bus = gst_element_get_bus(d->pipe);
	gst_bus_set_sync_handler(bus, on_message, d, NULL);
	gst_object_unref(bus);
	return 0;
}

static int64_t patience(const struct vc_device *d)
{
	return d->config.patience ? d->config.patience : PATIENCE;
}

/* From now on it has so long to give something. */
static void expect(struct vc_device *d, int64_t t)
{
	struct itimerspec in = { .it_value = { .tv_sec = t / VC_SEC,
					       .tv_nsec = t % VC_SEC } };

	timerfd_settime(d->timer, 0, &in, NULL);
}

static int open_fds(struct vc_device *d)
{
	struct epoll_event on = { .events = EPOLLIN };

	d->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	d->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	d->fd = epoll_create1(EPOLL_CLOEXEC);
	if (d->event >= 0 && d->timer >= 0 && d->fd >= 0 &&
	    !epoll_ctl(d->fd, EPOLL_CTL_ADD, d->event, &on) &&
	    !epoll_ctl(d->fd, EPOLL_CTL_ADD, d->timer, &on))
		return 0;
	return -errno;
}

static void watch_screen(struct vc_device *d)
{
	struct epoll_event on = { .events = EPOLLIN | EPOLLRDHUP };

	if (d->config.kind == VC_DEVICE_SCREEN)
		d->x = vc_xdeath_watch(d->config.name, d->config.window);
	if (d->x)
		epoll_ctl(d->fd, EPOLL_CTL_ADD, vc_xdeath_fd(d->x), &on);
}

static void clear(struct vc_device *d)
{
	if (d->pipe)
		gst_element_set_state(d->pipe, GST_STATE_NULL);
	g_clear_object(&d->sink);
	g_clear_object(&d->pipe);
	g_mutex_clear(&d->lock);
	if (d->event >= 0)
		close(d->event);
	if (d->timer >= 0)
		close(d->timer);
	if (d->fd >= 0)
		close(d->fd);
	free(d);
}

/*
 * PipeWire waits for half a minute until its node is linked with another. By
 * then nobody may be interested any more.
 */
static gpointer start_slowly(gpointer user)
{
	struct vc_device *d = user;
	bool is_left;

	if (gst_element_set_state(d->pipe, GST_STATE_PLAYING) ==
	    GST_STATE_CHANGE_FAILURE)
		fail(d, -EIO, "it does not start");
	g_mutex_lock(&d->lock);
	d->is_starting = false;
	is_left = d->is_left;
	g_mutex_unlock(&d->lock);
	if (is_left)
		clear(d);
	return NULL;
}

static int start(struct vc_device *d, vc_device_make *make)
{
	bool is_slow = d->config.kind == VC_DEVICE_PIPEWIRE;
	int err = open_fds(d);

	if (err) {
		vc_gst_say(d->text, "%s", strerror(-err));
		return err;
	}
	err = vc_gst_init();
	if (err) {
		vc_gst_say(d->text, "GStreamer does not start");
		return err;
	}
	err = build(d, make);
	if (err)
		return err;
	watch_screen(d);
	if (gst_element_set_state(d->pipe, is_slow ? GST_STATE_READY :
						     GST_STATE_PLAYING) ==
	    GST_STATE_CHANGE_FAILURE) {
		fail(d, -EIO, "it does not start");
		return d->err;
	}
	d->is_starting = is_slow;
	if (is_slow)
		g_thread_unref(g_thread_new("start", start_slowly, d));
	expect(d, patience(d));
	return 0;
}

int vc_device_open_with(struct vc_device **out,
			const struct vc_device_config *c, vc_device_make *make,
			char text[static VC_GST_TEXT_CAP])
{
	struct vc_device *d = vc_alloc(1, sizeof(*d));
	int err;

	*out = NULL;
	d->config = *c;
	d->event = d->timer = d->fd = -1;
	g_mutex_init(&d->lock);
	if (!c->width)
		d->fifo = vc_alloc(2 * FIFO, sizeof(*d->fifo));
	err = start(d, make);
	if (err) {
		memcpy(text, d->text, VC_GST_TEXT_CAP);
		vc_device_close(d);
		return err;
	}
	*out = d;
	return 0;
}

int vc_device_open(struct vc_device **out, const struct vc_device_config *c,
		   char text[static VC_GST_TEXT_CAP])
{
	return vc_device_open_with(out, c, vc_device_make_real, text);
}

/* What is stuck is left as it is, with what its thread may look at. */
void vc_device_close(struct vc_device *d)
{
	bool is_busy;

	if (!d)
		return;
	vc_gst_sample_drop(&d->picture, &d->frame);
	free(d->fifo);
	d->fifo = NULL;
	vc_xdeath_close(d->x);
	d->x = NULL;
	g_mutex_lock(&d->lock);
	d->is_left = true;
	is_busy = d->is_stuck || d->is_starting;
	g_mutex_unlock(&d->lock);
	if (!is_busy)
		clear(d);
}

/* --- taking from it --- */

static int state_of(struct vc_device *d)
{
	int err;

	g_mutex_lock(&d->lock);
	err = d->err;
	if (err)
		memcpy(d->said, d->text, sizeof(d->said));
	g_mutex_unlock(&d->lock);
	return err;
}

/* The timer went off. A screen's thread may be Xlib's prisoner. */
static int check_patience(struct vc_device *d)
{
	uint64_t count;
	char text[64];

	if (read(d->timer, &count, sizeof(count)) != sizeof(count))
		return -EAGAIN;
	if (!d->is_overdue) {
		d->is_overdue = true;
		expect(d, GRACE);
		return -EAGAIN;
	}
	d->is_stuck = d->config.kind == VC_DEVICE_SCREEN;
	g_snprintf(text, sizeof(text), "it gave nothing for %.3g s",
		   (double)patience(d) / VC_SEC);
	fail(d, -ETIMEDOUT, text);
	return state_of(d);
}

/* Nothing came: will there be more? Its thread is Xlib's prisoner then. */
static int check_screen(struct vc_device *d)
{
	const char *why = d->x ? vc_xdeath_news(d->x) : NULL;

	if (!why)
		return check_patience(d);
	d->is_stuck = true;
	fail(d, -EIO, why);
	return state_of(d);
}

/* 1 and a sample with the time when it was captured. */
static int pull(struct vc_device *d, GstSample **out, int64_t *t)
{
	GstSample *sample;
	GstBuffer *buf;
	int64_t now;
	int err;

	calm(d->event);
	sample = gst_app_sink_try_pull_sample(GST_APP_SINK(d->sink), 0);
	if (!sample) {
		err = state_of(d);
		return err ? err : check_screen(d);
	}
	d->is_overdue = false;
	expect(d, patience(d));
	buf = gst_sample_get_buffer(sample);
	*t = (int64_t)gst_element_get_base_time(d->pipe);
	if (GST_BUFFER_PTS_IS_VALID(buf))
		*t += (int64_t)gst_segment_to_running_time(
			gst_sample_get_segment(sample), GST_FORMAT_TIME,
			GST_BUFFER_PTS(buf));
	now = g_get_monotonic_time() * 1000;
	if (*t > now || *t < now - VC_SEC)
		*t = now; /* it does not know the time */
	*out = sample;
	return 1;
}

/* One that does not say its rate is not thinned out by GStreamer. */
static bool is_too_soon(struct vc_device *d, int64_t t)
{
	int64_t step = VC_SEC * d->config.fps_den / d->config.fps_num;

	if (t < d->due - step / 4)
		return true;
	d->due = (t > d->due + step ? t : d->due) + step;
	return false;
}

int vc_device_video(struct vc_device *d, struct vc_image *out, int64_t *pts)
{
	int got;

	do {
		vc_gst_sample_drop(&d->picture, &d->frame);
		got = pull(d, &d->picture, pts);
		if (got != 1)
			return got;
	} while (is_too_soon(d, *pts));
	if (*pts < d->last + VC_MS)
		*pts = d->last + VC_MS;
	d->last = *pts;
	got = vc_gst_sample_map(d->picture, &d->frame, out);
	return got ? got : 1;
}

/* The time of a sound card's piece is its end. */
static void put(struct vc_device *d, const int16_t *pcm, size_t n, int64_t t)
{
	size_t ch = (size_t)d->config.channels, skip;

	if (is_sound_card(d))
		t -= (int64_t)n * VC_SEC / VC_GST_RATE_HZ;
	if (n > FIFO - d->n)
		n = FIFO - d->n;
	skip = vc_steady_put(&d->steady, t, n);
	memcpy(d->fifo + d->n * ch, pcm + skip * ch,
	       (n - skip) * ch * sizeof(*pcm));
	d->n += n - skip;
}

static int take_piece(struct vc_device *d)
{
	size_t octets = sizeof(int16_t) * (size_t)d->config.channels;
	GstSample *sample;
	GstMapInfo map;
	int64_t t;
	int got = pull(d, &sample, &t);

	if (got != 1)
		return got;
	if (gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ)) {
		put(d, (const int16_t *)(const void *)map.data,
		    map.size / octets, t);
		gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
	}
	gst_sample_unref(sample);
	return 1;
}

int vc_device_audio(struct vc_device *d, int16_t *pcm, size_t n, int64_t *pts)
{
	size_t ch = (size_t)d->config.channels;

	assert(n > 0 && n <= FRAME_MAX);
	/* A device without an end to its speed may not keep us here. */
	for (int i = 0; d->n < n; i++) {
		int got = i < VC_DEVICE_PIECES ? take_piece(d) : -EAGAIN;

		if (i == VC_DEVICE_PIECES)
			wake(d->event);
		if (got != 1)
			return got;
	}
	memcpy(pcm, d->fifo, n * ch * sizeof(*pcm));
	d->n -= n;
	memmove(d->fifo, d->fifo + n * ch, d->n * ch * sizeof(*pcm));
	*pts = vc_steady_time(&d->steady, d->given);
	d->given += (int64_t)n;
	return 1;
}

int vc_device_fd(const struct vc_device *d)
{
	return d->fd;
}

const char *vc_device_text(const struct vc_device *d)
{
	return d->said;
}
