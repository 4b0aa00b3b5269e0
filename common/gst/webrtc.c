/* SPDX-License-Identifier: MIT */
/*
 * Two elements that are run alone (lone.h): webrtcechoprobe is given what was
 * played, and webrtcdsp, which finds the probe by its name, what was heard, with
 * the same times. That latency is none has to be said, or the probe keeps
 * silent.
 *
 * Echo is suppressed as little as there is to choose: measured with speech in a
 * room of 120 ms, its filter and that bring it down by 30 to 60 dB, and more
 * costs the near speech, which loses 1 to 4 dB while both speak, 2 dB more.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <gst/gst.h>

#include "base/mem.h"
#include "gst/check.h"
#include "gst/lone.h"
#include "gst/webrtc.h"

#define PACKAGE "gstreamer1.0-plugins-bad"
#define OCTETS (VC_WEBRTC_FRAME * sizeof(int16_t))
#define CAPS                                                      \
	"audio/x-raw,format=S16LE,layout=interleaved,rate=48000," \
	"channels=1"

struct vc_webrtc {
	struct vc_lone probe, dsp;
	bool has_echo;
	guint64 frames;
};

static void set_up(struct vc_webrtc *w, const struct vc_webrtc_config *c)
{
	GObject *dsp = G_OBJECT(w->dsp.element);

	g_object_set(dsp, "echo-cancel", c->echo, "noise-suppression",
		     c->denoise, "gain-control", c->agc, "high-pass-filter",
		     c->highpass, NULL);
	gst_util_set_object_arg(dsp, "echo-suppression-level", "low");
	gst_util_set_object_arg(dsp, "noise-suppression-level", "high");
	if (c->agc)
		g_object_set(dsp, "target-level-dbfs", 6, "compression-gain-db",
			     24, NULL);
	if (c->echo)
		g_object_set(dsp, "probe", GST_OBJECT_NAME(w->probe.element),
			     NULL);
}

static int start(struct vc_webrtc *w, const struct vc_webrtc_config *c,
		 char text[static VC_GST_TEXT_CAP])
{
	int err = 0;

	if (c->echo)
		err = vc_lone_make(&w->probe, "webrtcechoprobe", PACKAGE, text);
	if (!err && c->echo)
		err = vc_lone_start(&w->probe, CAPS, CAPS, text);
	if (!err)
		err = vc_lone_make(&w->dsp, "webrtcdsp", PACKAGE, text);
	if (err)
		return err;
	if (c->echo)
		gst_pad_push_event(w->probe.drain, gst_event_new_latency(0));
	set_up(w, c);
	return vc_lone_start(&w->dsp, CAPS, CAPS, text);
}

int vc_webrtc_open(struct vc_webrtc **out,
		   const struct vc_webrtc_config *config,
		   char text[static VC_GST_TEXT_CAP])
{
	struct vc_webrtc *w = vc_alloc(1, sizeof(*w));
	int err = start(w, config, text);

	w->has_echo = config->echo;
	if (err) {
		vc_webrtc_close(w);
		w = NULL;
	}
	*out = w;
	return err;
}

/* Measured: of its filter bank, its canceller, its noise suppression. */
size_t vc_webrtc_delay(const struct vc_webrtc_config *config)
{
	return 49 + (config->echo ? 336 : 0) + (config->denoise ? 288 : 0);
}

void vc_webrtc_close(struct vc_webrtc *w)
{
	if (!w)
		return;
	vc_lone_clear(&w->dsp);
	vc_lone_clear(&w->probe);
	free(w);
}

static int push(struct vc_webrtc *w, struct vc_lone *l, const int16_t *pcm)
{
	GstBuffer *buf = gst_buffer_new_memdup(pcm, OCTETS);

	GST_BUFFER_PTS(buf) = w->frames * 10 * GST_MSECOND;
	GST_BUFFER_DURATION(buf) = 10 * GST_MSECOND;
	return vc_lone_push(l, buf);
}

int vc_webrtc_run(struct vc_webrtc *w, const int16_t *played, int16_t *heard)
{
	int err = 0;

	if (w->has_echo)
		err = push(w, &w->probe, played);
	if (!err)
		err = push(w, &w->dsp, heard);
	w->frames++;
	if (err || !w->dsp.got || gst_buffer_get_size(w->dsp.got) != OCTETS)
		return -EIO;
	gst_buffer_extract(w->dsp.got, 0, heard, OCTETS);
	return 0;
}
