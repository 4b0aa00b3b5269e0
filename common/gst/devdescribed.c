/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include <gst/gst.h>

#include "base/str.h"
#include "gst/check.h"
#include "gst/devmake.h"

GstElement *vc_device_make_described(const struct vc_device_config *c, int *err,
				     char text[static VC_GST_TEXT_CAP])
{
	GstElement *bin = gst_parse_bin_from_description(c->name, TRUE, NULL);

	*err = bin ? 0 : -ENOSYS;
	if (!bin)
		vc_gst_say(text, "it is not understood");
	return bin;
}

void vc_device_choose_text(const char *offers, const struct vc_device_config *c,
			   bool *is_jpeg, char *out, size_t cap)
{
	GstCaps *all = gst_caps_from_string(offers);
	GstCaps *fit = vc_device_choose(all, c, is_jpeg);
	gchar *text = fit ? gst_caps_to_string(fit) : NULL;

	vc_strlcpy(out, text ? text : "", cap);
	g_free(text);
	if (fit)
		gst_caps_unref(fit);
	gst_caps_unref(all);
}
