/* SPDX-License-Identifier: MIT */
/*
 * The window is made as large as the screen, which is all there is to do where
 * no window manager runs, and says before it is shown that it wants to be
 * full-screen (Extended Window Manager Hints), which one reads then.
 */
#include "gst/xfull.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xcb/xcb.h>

#include "base/mem.h"

struct vc_gst_xfull {
	xcb_connection_t *display;
	xcb_window_t window;
};

static xcb_atom_t atom(xcb_connection_t *c, const char *name)
{
	xcb_intern_atom_reply_t *reply = xcb_intern_atom_reply(
		c, xcb_intern_atom(c, 0, (uint16_t)strlen(name), name), NULL);
	xcb_atom_t a = reply ? reply->atom : XCB_ATOM_NONE;

	free(reply);
	return a;
}

static void say_what_it_is(struct vc_gst_xfull *x, const char *title)
{
	xcb_atom_t full = atom(x->display, "_NET_WM_STATE_FULLSCREEN");
	xcb_atom_t close = atom(x->display, "WM_DELETE_WINDOW");

	/* Or a window manager would cut the connection instead. */
	xcb_change_property(x->display, XCB_PROP_MODE_REPLACE, x->window,
			    atom(x->display, "WM_PROTOCOLS"), XCB_ATOM_ATOM, 32,
			    1, &close);
	xcb_change_property(x->display, XCB_PROP_MODE_REPLACE, x->window,
			    atom(x->display, "_NET_WM_STATE"), XCB_ATOM_ATOM,
			    32, 1, &full);
	xcb_change_property(x->display, XCB_PROP_MODE_REPLACE, x->window,
			    atom(x->display, "_NET_WM_NAME"),
			    atom(x->display, "UTF8_STRING"), 8,
			    (uint32_t)strlen(title), title);
}

int vc_gst_xfull_open(struct vc_gst_xfull **out, const char *title)
{
	struct vc_gst_xfull *x = vc_alloc(1, sizeof(*x));
	int nth = 0;
	const xcb_screen_t *screen;
	xcb_screen_iterator_t it;

	x->display = xcb_connect(NULL, &nth);
	if (xcb_connection_has_error(x->display)) {
		vc_gst_xfull_close(x);
		return -ENODEV;
	}
	it = xcb_setup_roots_iterator(xcb_get_setup(x->display));
	for (; nth > 0 && it.rem > 1; nth--)
		xcb_screen_next(&it);
	screen = it.data;
	x->window = xcb_generate_id(x->display);
	xcb_create_window(x->display, XCB_COPY_FROM_PARENT, x->window,
			  screen->root, 0, 0, screen->width_in_pixels,
			  screen->height_in_pixels, 0,
			  XCB_WINDOW_CLASS_INPUT_OUTPUT, screen->root_visual,
			  XCB_CW_BACK_PIXEL,
			  (uint32_t[]){ screen->black_pixel });
	say_what_it_is(x, title);
	xcb_map_window(x->display, x->window);
	xcb_flush(x->display);
	*out = x;
	return 0;
}

void vc_gst_xfull_close(struct vc_gst_xfull *x)
{
	if (!x)
		return;
	xcb_disconnect(x->display);
	free(x);
}

uint32_t vc_gst_xfull_id(const struct vc_gst_xfull *x)
{
	return x->window;
}
