/* SPDX-License-Identifier: MIT */
/*
 * What comes is held back, in the thread that reads it, until it tells; a writer
 * may write octet by octet.
 */
#include <errno.h>
#include <string.h>

#include <gst/gst.h>

#include "gst/check.h"
#include "gst/piped.h"

/* One buffer of all that was held back: the head and what came with it. */
static GstBuffer *join(struct vc_piped *p, GstBuffer *last)
{
	GstBuffer *all;

	if (!p->n_head)
		return last;
	all = gst_buffer_new_memdup(p->head, p->n_head);
	GST_BUFFER_OFFSET(all) = 0;
	p->n_head = 0;
	return gst_buffer_append(all, last);
}

/* In the thread that reads: nothing goes on before it is known what it is. */
static GstPadProbeReturn on_octets(GstPad *pad, GstPadProbeInfo *info,
				   gpointer user)
{
	struct vc_piped *p = user;
	char text[VC_GST_TEXT_CAP];
	bool is_end = !(info->type & GST_PAD_PROBE_TYPE_BUFFER);
	GstBuffer *buf = is_end ? NULL : GST_PAD_PROBE_INFO_BUFFER(info);
	uint8_t all[VC_FILEKIND_HEAD];
	size_t n = p->n_head;
	int err;

	(void)pad;
	if (p->is_checked || (is_end && GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(
						info)) != GST_EVENT_EOS))
		return GST_PAD_PROBE_OK;
	memcpy(all, p->head, n);
	if (buf)
		n += gst_buffer_extract(buf, 0, all + n, sizeof(all) - n);
	err = vc_gst_check_head(all, n, is_end, text);
	if (err == -EAGAIN) {
		memcpy(p->head, all, n);
		p->n_head = n;
		gst_buffer_unref(buf);
		info->data = NULL;
		return GST_PAD_PROBE_HANDLED;
	}
	p->is_checked = true;
	if (err) {
		p->refuse(p->user, err, text);
		return GST_PAD_PROBE_DROP;
	}
	if (buf)
		info->data = join(p, buf);
	return GST_PAD_PROBE_OK;
}

struct _GstElement *vc_piped_source(struct vc_piped *p)
{
	GstElement *src = gst_element_factory_make("fdsrc", NULL);
	GstPad *pad;

	if (!src)
		return NULL;
	g_object_set(src, "fd", 0, NULL);
	pad = gst_element_get_static_pad(src, "src");
	gst_pad_add_probe(pad,
			  GST_PAD_PROBE_TYPE_BUFFER |
				  GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
			  on_octets, p, NULL);
	gst_object_unref(pad);
	return src;
}
