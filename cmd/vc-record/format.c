/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "engine/webmfile.h"
#include "tape.h"

const struct format formats[] = {
	{ "webm", ".webm", "webm", false },
	{ "matroska", ".mkv", "matroska", false },
	{ "vcrtp", ".vcrtp", NULL, false },
	{ "vcrtp.gz", ".vcrtp.gz", NULL, true },
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
	const struct vc_webmfile_conf conf = { .doctype = f->doctype };

	*w = (struct writer){ 0 };
	if (!format_is_media(f)) {
		w->tape = tape_new(out, f->is_gzip);
		return w->tape ? 0 : -ENOMEM;
	}
	w->webm = vc_webmfile_new(&conf, out);
	w->ops = &vc_webmfile_ops;
	w->container = w->webm;
	return w->webm ? 0 : -ENOMEM;
}

void writer_clear(struct writer *w)
{
	tape_free(w->tape);
	vc_webmfile_free(w->webm);
	*w = (struct writer){ 0 };
}

int writer_flush(struct writer *w)
{
	return w->tape ? tape_flush(w->tape) : vc_webmfile_flush(w->webm);
}

int writer_finish(struct writer *w)
{
	return w->tape ? tape_finish(w->tape) : vc_webmfile_finish(w->webm);
}
