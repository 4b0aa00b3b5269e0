/* SPDX-License-Identifier: MIT */
/*
 * In WebM a block is the cue's identifier, its settings, and its text, each a
 * line (WebM guidelines, "WebVTT"); in Matroska it is the text.
 */
#include "engine/webmtext.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/str.h"
#include "engine/outfile.h"
#include "media/cueline.h"
#include "wire/ebml.h"
#include "wire/webm.h"
#include "wire/webvtt.h"

#define HEAD "\n\n" /* no identifier, no settings */
#define VOICE sizeof("<v >")
/* Of a cue that goes on; a longer name is cut. */
#define NAME_MAX_LEN 128
#define ROOM                                       \
	(VC_WEBM_TEXT_CAP + sizeof(HEAD) + VOICE + \
	 VC_WEBVTT_GROWTH * NAME_MAX_LEN + VC_CUE_OCTETS)

struct vc_webmtext {
	bool is_webm;
	char name[NAME_MAX_LEN];
	bool is_open;
	uint64_t at; /* where it stands */
	size_t room;
	unsigned int number;
	int rel;
	uint8_t *buf;
	size_t cap;
};

struct vc_webmtext *vc_webmtext_new(bool is_webm)
{
	struct vc_webmtext *t = vc_try_alloc(1, sizeof(*t));

	if (t)
		t->is_webm = is_webm;
	return t;
}

void vc_webmtext_free(struct vc_webmtext *t)
{
	if (!t)
		return;
	free(t->buf);
	free(t);
}

bool vc_webmtext_is_open(const struct vc_webmtext *t)
{
	return t->is_open;
}

/* Room for a text of that length, twice: it is put together, then framed. */
static int make_room(struct vc_webmtext *t, size_t len)
{
	size_t cap = ROOM + VC_WEBVTT_GROWTH * len;

	if (cap <= t->cap)
		return 0;
	free(t->buf);
	t->cap = 0;
	t->buf = vc_try_alloc(2, cap);
	if (!t->buf)
		return -ENOMEM;
	t->cap = cap;
	return 0;
}

/* What a block holds, into the second half of 'buf'; its length. */
static size_t put_text(struct vc_webmtext *t, const struct vc_container_unit *u)
{
	struct vc_wr w = vc_wr_over(t->buf + t->cap, t->cap);
	const char *p = (const char *)u->data;

	if (t->is_webm) {
		vc_wr_bytes(&w, HEAD, strlen(HEAD));
		vc_webvtt_voice(&w, t->name, p, u->len);
	} else {
		vc_subrip_text(&w, p, u->len);
	}
	return vc_wr_len(&w);
}

/* The whole block, filled up to 'room'; into the first half of 'buf'. */
static int put_block(struct vc_webmtext *t, const struct vc_container_unit *u,
		     size_t room, struct vc_wr *w)
{
	const struct vc_webm_block b = {
		.track = t->number,
		.rel = t->rel,
		.duration = vc_webm_ticks(u->time + u->duration) -
			    vc_webm_ticks(u->time),
	};
	size_t len;

	if (make_room(t, u->len))
		return -ENOMEM;
	len = put_text(t, u);
	*w = vc_wr_over(t->buf, t->cap);
	vc_webm_text(w, &b, t->buf + t->cap, len, room);
	return w->bad ? -EFBIG : 0;
}

int vc_webmtext_put(struct vc_webmtext *t, struct vc_outfile *out,
		    unsigned int number, int rel, const char *name,
		    const struct vc_container_unit *u)
{
	struct vc_wr w;
	int err;

	t->number = number;
	t->rel = rel;
	vc_strlcpy(t->name, name, sizeof(t->name));
	/* Two more, so that a Void always fits behind it. */
	t->room = u->is_open ? VC_WEBM_TEXT_CAP + sizeof(HEAD) + VOICE +
				       VC_WEBVTT_GROWTH * strlen(t->name) +
				       VC_CUE_OCTETS + 2 :
			       0;
	err = put_block(t, u, t->room, &w);
	if (err)
		return err;
	t->at = vc_outfile_pos(out);
	t->is_open = u->is_open;
	return vc_outfile_write(out, t->buf, vc_wr_len(&w));
}

int vc_webmtext_again(struct vc_webmtext *t, struct vc_outfile *out,
		      const struct vc_container_unit *u)
{
	struct vc_wr w;
	int err = 0;

	t->is_open = u->is_open;
	if (u->len || u->is_open) {
		err = put_block(t, u, t->room, &w);
	} else {
		w = vc_wr_over(t->buf, t->cap);
		vc_ebml_void(&w, t->room);
	}
	return err ? err : vc_outfile_patch(out, t->at, t->buf, vc_wr_len(&w));
}

/* What is behind the first two lines. */
static struct vc_str text_of(const uint8_t *p, size_t len)
{
	struct vc_str s = vc_str_of((const char *)p, len);

	(void)vc_str_cut(&s, '\n');
	(void)vc_str_cut(&s, '\n');
	return s;
}

size_t vc_webmtext_read(bool is_vtt, const uint8_t *p, size_t len, char *out)
{
	struct vc_wr w = vc_wr_over(out, len);
	struct vc_str s = text_of(p, len);

	if (is_vtt)
		vc_webvtt_plain(&w, s.p, s.len);
	else
		vc_subrip_plain(&w, (const char *)p, len);
	return vc_wr_len(&w);
}
