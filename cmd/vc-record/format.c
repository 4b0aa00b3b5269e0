/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "engine/webmfile.h"
#include "tape.h"

static void *make_webm(const struct format *f, struct vc_outfile *out)
{
	const struct vc_webmfile_conf conf = { .doctype = f->name };

	return vc_webmfile_new(&conf, out);
}

const struct format formats[] = {
	{ "webm", ".webm", "Opus, VP8, VP9 and AV1", &vc_webmfile_ops,
	  make_webm, false },
	{ "matroska", ".mkv",
	  "Opus, PCMU, PCMA, G722, L16, VP8, VP9, AV1 and H264",
	  &vc_webmfile_ops, make_webm, false },
	{ "vcrtp", ".vcrtp", NULL, NULL, NULL, false },
	{ "vcrtp.gz", ".vcrtp.gz", NULL, NULL, NULL, true },
	{ 0 },
};

const struct format *format_of(const char *path)
{
	size_t len = strlen(path);

	for (const struct format *f = formats; f->name; f++) {
		size_t n = strlen(f->suffix);

		if (len > n && !strcasecmp(path + len - n, f->suffix))
			return f;
	}
	return NULL;
}

int writer_init(struct writer *w, const struct format *f,
		struct vc_outfile *out)
{
	*w = (struct writer){ .ops = f->ops };
	if (format_is_media(f))
		w->container = f->make(f, out);
	else
		w->tape = tape_new(out, f->is_gzip);
	return w->container || w->tape ? 0 : -ENOMEM;
}

void writer_clear(struct writer *w)
{
	tape_free(w->tape);
	if (w->container)
		w->ops->free(w->container);
	*w = (struct writer){ 0 };
}

int writer_flush(struct writer *w)
{
	return w->tape ? tape_flush(w->tape) : w->ops->flush(w->container);
}

int writer_finish(struct writer *w)
{
	return w->tape ? tape_finish(w->tape) : w->ops->finish(w->container);
}
