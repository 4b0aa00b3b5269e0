/* SPDX-License-Identifier: MIT */
#include "format.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "engine/mp4file.h"
#include "engine/oggfile.h"
#include "engine/picfile.h"
#include "engine/vttfile.h"
#include "engine/wavfile.h"
#include "engine/webmfile.h"
#include "tape.h"
#include "verbs.h"
#include "wire/sealed.h"

static void *make_webm(const struct format *f, struct vc_outfile *out,
		       bool fragmented)
{
	const struct vc_webmfile_conf conf = { .doctype = f->name };

	(void)fragmented;
	return vc_webmfile_new(&conf, out);
}

static void *make_mp4(const struct format *f, struct vc_outfile *out,
		      bool fragmented)
{
	const struct vc_mp4file_conf conf = { .is_fragmented = fragmented };

	(void)f;
	return vc_mp4file_new(&conf, out);
}

static void *make_ogg(const struct format *f, struct vc_outfile *out,
		      bool fragmented)
{
	(void)f;
	(void)fragmented;
	return vc_oggfile_new(out);
}

static void *make_wav(const struct format *f, struct vc_outfile *out,
		      bool fragmented)
{
	(void)f;
	(void)fragmented;
	return vc_wavfile_new(out);
}

static void *make_vtt(const struct format *f, struct vc_outfile *out,
		      bool fragmented)
{
	(void)f;
	(void)fragmented;
	return vc_vttfile_new(out);
}

static void *make_pictures(const struct format *f, struct vc_outfile *out,
			   bool fragmented)
{
	(void)fragmented;
	return vc_picfile_new(!strcmp(f->name, "h264"), out);
}

const struct format formats[] = {
	{ "webm", ".webm", "Opus, VP8, VP9, AV1 and text", VC_OTHER,
	  &vc_webmfile_ops, make_webm, 0 },
	{ "matroska", ".mkv",
	  "Opus, PCMU, PCMA, G722, L16, VP8, VP9, AV1, H264 and text", VC_OTHER,
	  &vc_webmfile_ops, make_webm, 0 },
	{ "mp4", ".mp4", "H264 and Opus", VC_OTHER, &vc_mp4file_ops, make_mp4,
	  0 },
	{ "m4v", ".m4v", "H264 and Opus", VC_OTHER, &vc_mp4file_ops, make_mp4,
	  0 },
	{ "ogg", ".ogg", "Opus", VC_AUDIO, &vc_oggfile_ops, make_ogg, 0 },
	{ "opus", ".opus", "Opus", VC_AUDIO, &vc_oggfile_ops, make_ogg, 0 },
	{ "wav", ".wav", "sound", VC_AUDIO, &vc_wavfile_ops, make_wav, 0 },
	{ "ivf", ".ivf", "VP8, VP9 and AV1", VC_VIDEO, &vc_picfile_ops,
	  make_pictures, 0 },
	{ "h264", ".h264", "H264", VC_VIDEO, &vc_picfile_ops, make_pictures,
	  0 },
	{ "webvtt", ".vtt", "text", VC_TEXT, &vc_vttfile_ops, make_vtt, 0 },
	{ "vcrtp", ".vcrtp", NULL, VC_OTHER, NULL, NULL, TAPE_VCRTP },
	{ "vcrtp.gz", ".vcrtp.gz", NULL, VC_OTHER, NULL, NULL, TAPE_GZIP },
	{ "pcapng", ".pcapng", NULL, VC_OTHER, NULL, NULL, TAPE_PCAPNG },
	{ "rtpdump", ".rtpdump", NULL, VC_OTHER, NULL, NULL, TAPE_RTPDUMP },
	{ 0 },
};

/* For people. */
static void format_suffixes(char *out, size_t cap)
{
	size_t n = 0;

	*out = '\0';
	for (const struct format *f = formats; f->name && n < cap; f++)
		n += (size_t)snprintf(out + n, cap - n, "%s%s",
				      f == formats ? "" :
				      f[1].name	   ? ", " :
						     " and ",
				      f->suffix);
}

void format_refuse(struct vc_tool *t, const char *name)
{
	const char *verb = vc_tool_near_verb(&record_info, name);
	char known[256];
	struct stat st;

	if (!stat(name, &st) && S_ISDIR(st.st_mode))
		vc_tool_usage(t,
			      "%s: is a directory: name a file in it, as "
			      "%s/{time}.webm",
			      name, name);
	if (verb)
		vc_tool_usage(t, "%s: did you mean vc-record %s?", name, verb);
	format_suffixes(known, sizeof(known));
	vc_tool_usage(t, "%s: unknown suffix: %s are known (or give -f FORMAT)",
		      name, known);
}

size_t format_plain_len(const char *path)
{
	size_t len = strlen(path), n = sizeof(VC_SEALED_SUFFIX) - 1;

	return len > n && !strcmp(path + len - n, VC_SEALED_SUFFIX) ? len - n :
								      len;
}

const struct format *format_of(const char *path)
{
	size_t len = format_plain_len(path);

	for (const struct format *f = formats; f->name; f++) {
		size_t n = strlen(f->suffix);

		if (len > n && !strncasecmp(path + len - n, f->suffix, n))
			return f;
	}
	return NULL;
}

const char *format_hint(const char *codec, char out[static FORMAT_HINT])
{
	size_t len = strlen(codec);

	*out = '\0';
	for (const struct format *f = formats; f->name && !*out; f++) {
		const char *at = f->holds ? strcasestr(f->holds, codec) : NULL;

		if (at && (!at[len] || at[len] == ',' || at[len] == ' '))
			snprintf(out, FORMAT_HINT, " (%s holds it)", f->suffix);
	}
	return out;
}

int writer_init(struct writer *w, const struct format *f,
		struct vc_outfile *out, bool fragmented, struct strip *strip)
{
	*w = (struct writer){ .ops = f->ops };
	if (format_is_media(f))
		w->container = f->make(f, out, fragmented);
	else
		w->tape = tape_new(out, f->tape, strip);
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
