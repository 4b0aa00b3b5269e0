/* SPDX-License-Identifier: MIT */
/*
 * raw: is Y4M or WAV, which its first octets tell. Where it can give one
 * medium only, a pipe is not waited for: a program that writes two of them
 * opens both before it writes to either.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/time.h"
#include "native.h"
#include "net/loop.h"
#include "wire/filekind.h"

/* What is written faster than it is shown gets so far ahead, no further. */
#define LEAD (500 * VC_MS)

void native_asked(struct native_time *t, const struct feed *f)
{
	if (t->has_asked)
		return;
	t->has_asked = true;
	if (!f->is_file && !f->wait)
		t->asked = vc_mono_now();
}

void native_began(struct native_time *t, const struct feed *f)
{
	if (t->has_begun)
		return;
	t->has_begun = true;
	if (!f->is_file && !f->wait)
		t->shift += vc_mono_now() - t->asked;
}

void native_came(struct native_time *t, const struct feed *f, int64_t at)
{
	int64_t early;

	if (f->is_file || f->wait || t->lead >= LEAD)
		return;
	early = t->shift + at - (vc_mono_now() - t->asked);
	if (early <= 0)
		return;
	if (early > LEAD - t->lead)
		early = LEAD - t->lead;
	t->lead += early;
	t->shift -= early;
}

/* By its first octets, as soon as they tell. */
static int look(struct feed *f, enum vc_filekind *kind,
		char error[static SOURCE_TEXT])
{
	bool wait = f->wait;
	int got;

	f->wait = true;
	do {
		got = feed_need(f, feed_len(f) + 1);
		*kind = vc_filekind_of(feed_data(f), feed_len(f));
	} while (got == 1 && *kind != VC_FILEKIND_Y4M &&
		 *kind != VC_FILEKIND_WAV && feed_len(f) < 64);
	f->wait = wait;
	if (got < 0)
		return got;
	if (*kind == VC_FILEKIND_Y4M || *kind == VC_FILEKIND_WAV)
		return 0;
	vc_strlcpy(error, vc_filekind_name(*kind), SOURCE_TEXT);
	if (vc_filekind_is_media(*kind))
		vc_strlcpy(error + strlen(error), ": file: reads it",
			   SOURCE_TEXT - strlen(error));
	else
		vc_strlcpy(error + strlen(error), ", neither Y4M nor WAV",
			   SOURCE_TEXT - strlen(error));
	return -EMEDIUMTYPE;
}

int source_open_raw(struct source **out, const struct source_config *c,
		    char error[static SOURCE_TEXT])
{
	enum vc_filekind kind = c->video ? VC_FILEKIND_Y4M : VC_FILEKIND_WAV;
	struct feed f;
	int err = feed_open(&f, c->text, c->wait, error);

	if (err)
		return err;
	if (f.is_file || (c->video && c->audio))
		err = look(&f, &kind, error);
	if (!err && !(kind == VC_FILEKIND_Y4M ? c->video : c->audio)) {
		vc_strlcpy(error, vc_filekind_name(kind), SOURCE_TEXT);
		err = -ENODATA;
	}
	if (err) {
		feed_close(&f);
		return err;
	}
	return kind == VC_FILEKIND_Y4M ? native_open_y4m(out, c, &f, error) :
					 native_open_wav(out, c, &f, error);
}

int source_open_speech(struct source **out, const struct source_config *c,
		       char error[static SOURCE_TEXT])
{
	struct source_config conf = *c;
	enum vc_filekind kind;
	struct feed f;
	int err = feed_open(&f, c->text, c->wait, error);

	if (err)
		return err;
	conf.loop = true;
	if (!f.is_file) {
		vc_strlcpy(error, "not a regular file (raw: reads a pipe)",
			   SOURCE_TEXT);
		err = -ESPIPE;
	} else {
		err = look(&f, &kind, error);
		if (!err && kind != VC_FILEKIND_WAV) {
			vc_strlcpy(error, "not a WAV file", SOURCE_TEXT);
			err = -EMEDIUMTYPE;
		}
	}
	if (err) {
		feed_close(&f);
		return err;
	}
	return native_open_wav(out, &conf, &f, error);
}
