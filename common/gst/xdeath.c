/* SPDX-License-Identifier: MIT */
/*
 * Xlib ends the process when the X server goes away or refuses something, and
 * has no way back from there into the program. The thread that reads the
 * screen is therefore kept for ever; that nothing comes from it any more is
 * noticed, and it is left behind. The main thread only opens displays, where
 * errors come back as such.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <X11/Xlib.h>

#include "gst/check.h"
#include "gst/devmake.h"

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
