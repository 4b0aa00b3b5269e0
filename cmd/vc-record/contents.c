/* SPDX-License-Identifier: MIT */
/* A chapter lasts until the next one; the last one is as long as the file. */
#include "contents.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "beside.h"
#include "engine/outfile.h"
#include "media/chapters.h"
#include "output.h"
#include "sidecar.h"
#include "wire/webm.h"
#include "wire/webvtt.h"

#define CUE_CAP 96 /* of a chapter's, its title apart */

static const char *const why_words[] = { "talker", "mark" };

/* --- gathering --- */

void contents_begin(struct volume *v)
{
	if (!v->o->conf->cues || v->o->is_pipe)
		return;
	v->chapters = vc_chapters_new();
	v->starts = vc_try_alloc(VC_CHAPTERS_MAX, sizeof(*v->starts));
	if (!v->chapters || !v->starts)
		contents_free(v);
}

static int64_t file_time(const struct volume *v, int64_t at)
{
	return cuts_map(&v->cuts, at > v->begin ? at - v->begin : 0);
}

/* What his track is called, or NULL. */
static const char *name_of(const struct volume *v, uint32_t ssrc)
{
	for (unsigned int i = 0; i < v->reel.n; i++)
		for (unsigned int k = 0; k < v->tracks[i].n_ssrcs; k++)
			if (v->tracks[i].ssrcs[k] == ssrc)
				return v->reel.tracks[i].name;
	return NULL;
}

static void talk(struct volume *v, int64_t at, const struct vc_json *event)
{
	const char *id = vc_json_get_str(event, "id"), *name = NULL;
	bool is_on = false;
	int64_t ssrc;

	if (!id)
		return;
	if (vc_json_get_int(event, "ssrc", &ssrc))
		name = name_of(v, (uint32_t)ssrc);
	(void)vc_json_get_bool(event, "on", &is_on);
	vc_chapters_talk(v->chapters, at, vc_hash_str(id), name ? name : id,
			 is_on);
}

/* Those that are new are events, too. */
static void tell_new(struct volume *v, int64_t at)
{
	while (v->n_told < vc_chapters_n(v->chapters)) {
		const struct vc_chapter *c =
			vc_chapters_at(v->chapters, v->n_told);
		struct vc_json *j = sidecar_event("chapter");

		v->starts[v->n_told] = file_time(v, c->start);
		v->n_told++;
		vc_json_set_int(j, "from", c->start / VC_US);
		vc_json_set_str(j, "why", why_words[c->is_mark]);
		vc_json_set_str(j, "title", c->title);
		volume_tell(v, at, j);
		vc_json_free(j);
	}
}

void contents_event(struct volume *v, int64_t at, const struct vc_json *event)
{
	const char *ev = vc_json_get_str(event, "ev");
	const char *text = vc_json_get_str(event, "text");

	if (!v->chapters || !ev)
		return;
	if (!strcmp(ev, "speaker"))
		talk(v, at, event);
	else if (!strcmp(ev, "mark") && text)
		vc_chapters_mark(v->chapters, at, text);
	else
		return;
	tell_new(v, at);
}

/* --- the end --- */

/* As it stands in the file; false: it begins where the file has ended. */
static bool chapter_of(const struct volume *v, size_t i,
		       struct vc_webm_chapter *out)
{
	const struct vc_chapter *c = vc_chapters_at(v->chapters, i);
	int64_t end = file_time(v, v->end);

	if (i + 1 < v->n_told && v->starts[i + 1] < end)
		end = v->starts[i + 1];
	*out = (struct vc_webm_chapter){
		.start = v->starts[i],
		.end = end,
		.title = c->title,
	};
	return out->start < out->end;
}

int contents_end(struct volume *v)
{
	size_t n, all;
	int err;

	if (!v->chapters)
		return 0;
	vc_chapters_run(v->chapters, v->end);
	tell_new(v, v->end);
	all = vc_chapters_n(v->chapters);
	if (!all || !v->w.ops->chapters)
		return 0;
	v->contents = vc_try_alloc(all, sizeof(*v->contents));
	if (!v->contents)
		return 0; /* the recording is worth more */
	for (n = 0; n < all && chapter_of(v, n, &v->contents[n]); n++)
		;
	err = v->w.ops->chapters(v->w.container, v->contents, n);
	return err == -ESPIPE ? 0 : err; /* that was said at the start */
}

static int put_all(struct vc_outfile *out, const struct volume *v)
{
	char room[CUE_CAP + VC_WEBVTT_GROWTH * VC_CHAPTER_TITLE];
	int err = vc_outfile_write(out, VC_WEBVTT_HEAD, strlen(VC_WEBVTT_HEAD));
	struct vc_webm_chapter c;

	for (size_t i = 0;
	     !err && i < vc_chapters_n(v->chapters) && chapter_of(v, i, &c);
	     i++) {
		struct vc_wr w = vc_wr_over(room, sizeof(room));

		vc_webvtt_cue(&w, c.start, c.end, "", c.title, strlen(c.title));
		err = vc_outfile_write(out, room, vc_wr_len(&w));
	}
	return err;
}

int contents_publish(struct volume *v)
{
	const struct beside where = beside_of(v->o, v->path, CONTENTS_SUFFIX);
	struct vc_outfile *out;
	int err;

	if (!v->chapters || !vc_chapters_n(v->chapters))
		return 0;
	err = beside_open(&where, &out);
	if (err)
		return err;
	(void)put_all(out, v); /* it sticks */
	return vc_outfile_finish(out);
}

struct vc_json *contents_json(const struct volume *v)
{
	struct vc_json *all = vc_json_array();
	struct vc_webm_chapter c;

	for (size_t i = 0; v->chapters && i < vc_chapters_n(v->chapters) &&
			   chapter_of(v, i, &c);
	     i++) {
		bool is_mark = vc_chapters_at(v->chapters, i)->is_mark;
		struct vc_json *j = vc_json_object();

		vc_json_set_real(j, "start_ms", (double)c.start / 1e6, 3);
		vc_json_set_real(j, "end_ms", (double)c.end / 1e6, 3);
		vc_json_set_str(j, "why", why_words[is_mark]);
		vc_json_set_str(j, "title", c.title);
		vc_json_add(all, j);
	}
	return all;
}

void contents_free(struct volume *v)
{
	vc_chapters_free(v->chapters);
	free(v->contents);
	free(v->starts);
	v->chapters = NULL;
	v->contents = NULL;
	v->starts = NULL;
}
