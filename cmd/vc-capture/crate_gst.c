/* SPDX-License-Identifier: MIT */
/* All but WebM and Matroska: what GStreamer's demuxers find. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "crate.h"
#include "gst/demux.h"

struct boxed {
	struct crate base;
	struct source_config conf;
	struct vc_gst_demux *d;
};

static int next(struct crate *base, bool video, struct crate_frame *f)
{
	struct boxed *b = (struct boxed *)base;
	struct vc_gst_frame g;
	int got = vc_gst_demux_next(b->d, video, b->conf.wait, &g);

	if (got < 0 && got != -EAGAIN)
		vc_strlcpy(base->error, vc_gst_demux_text(b->d),
			   sizeof(base->error));
	if (got == 1)
		*f = (struct crate_frame){ .is_video = video,
					   .p = g.p,
					   .len = g.len,
					   .time = g.time,
					   .is_key = g.is_key };
	return got;
}

static int open_demux(struct boxed *b, char error[static SOURCE_TEXT])
{
	bool is_stdin = !strcmp(b->conf.text, "-");
	char text[VC_GST_TEXT_CAP] = "";
	sigset_t all, before;
	int err;

	/* GStreamer's threads inherit this: signals are for our loop alone. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = vc_gst_demux_open(&b->d,
				is_stdin ? "/proc/self/fd/0" : b->conf.text,
				b->conf.video, b->conf.audio, text);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	vc_strlcpy(error, text, SOURCE_TEXT);
	return err;
}

/* Works for every container, also those that cannot seek. */
static int again(struct crate *base)
{
	struct boxed *b = (struct boxed *)base;

	vc_gst_demux_close(b->d);
	b->d = NULL;
	return open_demux(b, base->error);
}

static int fd(const struct crate *base)
{
	(void)base;
	return -1;
}

static void close_boxed(struct crate *base)
{
	struct boxed *b = (struct boxed *)base;

	vc_gst_demux_close(b->d);
	free(b);
}

static const struct crate_ops boxed_ops = {
	.next = next,
	.rewind = again,
	.fd = fd,
	.close = close_boxed,
};

int crate_open_gst(struct crate **out, const struct source_config *c,
		   char error[static SOURCE_TEXT])
{
	struct boxed *b = vc_alloc(1, sizeof(*b));
	int err;

	b->base.ops = &boxed_ops;
	b->conf = *c;
	err = open_demux(b, error);
	if (err) {
		close_boxed(&b->base);
		return err;
	}
	for (int i = 0; i < 2; i++) {
		const struct vc_gst_stream *s = vc_gst_demux_stream(b->d, i);
		struct crate_track *t = &b->base.tracks[i];

		t->is_there = s->is_there;
		t->codec = s->codec;
		vc_strlcpy(t->name, s->name, sizeof(t->name));
		t->priv = s->priv;
		t->priv_len = s->priv_len;
	}
	*out = &b->base;
	return 0;
}
