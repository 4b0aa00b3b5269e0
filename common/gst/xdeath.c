/* SPDX-License-Identifier: MIT */
/*
 * Xlib ends the process when the X server goes away or refuses something, and
 * has no way back from there into the program. The thread that reads the
 * screen is therefore kept for ever, and left behind. The main thread opens
 * displays, where errors come back as such, and keeps one connection of its
 * own, on which it sees that the server or the window is gone.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <X11/Xlib.h>

#include "gst/check.h"
#include "gst/device.h"
#include "gst/xdeath.h"

static void keep(void)
{
	if (syscall(SYS_gettid) == getpid())
		return;
	for (;;)
		pause();
}

static int on_error(Display *display, XErrorEvent *event)
{
	(void)display;
	(void)event;
	keep();
	return 0;
}

static int on_io_error(Display *display)
{
	(void)display;
	keep();
	return 0;
}

static int check(Display *x, const struct vc_device_config *c,
		 char text[static VC_GST_TEXT_CAP])
{
	XWindowAttributes w;

	if (c->window && !XGetWindowAttributes(x, (Window)c->window, &w)) {
		vc_gst_say(text, "there is no window 0x%llx",
			   (unsigned long long)c->window);
		return -ENODEV;
	}
	if (!XGetWindowAttributes(x, DefaultRootWindow(x), &w) ||
	    c->region_x + c->region_w > w.width ||
	    c->region_y + c->region_h > w.height) {
		vc_gst_say(text, "the region is not within its %dx%d", w.width,
			   w.height);
		return -ENODEV;
	}
	return 0;
}

int vc_xdeath_guard(const struct vc_device_config *c,
		    char text[static VC_GST_TEXT_CAP])
{
	Display *x;
	int err;

	XSetErrorHandler(on_error);
	XSetIOErrorHandler(on_io_error);
	x = XOpenDisplay(*c->name ? c->name : NULL);
	if (!x) {
		vc_gst_say(text, "there is no such X display, or it lets "
				 "nobody in");
		return -ENODEV;
	}
	err = check(x, c, text);
	XCloseDisplay(x);
	return err;
}

/* In place of the end of the process. */
static void survive(Display *x, void *user)
{
	(void)x;
	(void)user;
}

Display *vc_xdeath_watch(const char *name, uint64_t window)
{
	Display *x = XOpenDisplay(*name ? name : NULL);

	if (!x)
		return NULL;
	XSetIOErrorHandler(on_io_error);
	XSetIOErrorExitHandler(x, survive, NULL);
	if (window)
		XSelectInput(x, (Window)window, StructureNotifyMask);
	XFlush(x);
	return x;
}

int vc_xdeath_fd(Display *x)
{
	return ConnectionNumber(x);
}

static bool is_hung_up(Display *x)
{
	struct pollfd p = { .fd = ConnectionNumber(x), .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

const char *vc_xdeath_news(Display *x)
{
	XEvent event;

	while (!is_hung_up(x) && XPending(x)) {
		XNextEvent(x, &event);
		if (event.type == DestroyNotify)
			return "the window was closed";
	}
	return is_hung_up(x) ? "the X server has ended" : NULL;
}

/* Xlib would wait for a last answer, of a server that may stand still. */
void vc_xdeath_close(Display *x)
{
	if (!x)
		return;
	shutdown(ConnectionNumber(x), SHUT_RDWR);
	XCloseDisplay(x);
}
