/* SPDX-License-Identifier: MIT */
/*
 * Destinations that come and go while it runs: by command, and by --dest-file.
 * Whatever is new is opened before anything that is there is touched, so a
 * change is made as a whole or not at all; and whatever stays is not looked
 * at: it keeps its socket, SSRCs and streams.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "link/rtptx_internal.h"
#include "tool/sandbox.h"

#define FILE_MAX (1 << 20)
#define LONGEST 400 /* octets of a line */

/* --- by command --- */

static int settle(struct vc_dest *d)
{
	if (vc_dest_join(d, d->where.name))
		return -ENOMEM;
	vc_dest_greet(d);
	return 0;
}

int vc_rtptx_add_text(struct vc_rtptx *s, const char *text, char *why,
		      size_t cap)
{
	struct vc_why reason;
	struct vc_dest *d = vc_dest_new(s, text, &reason);
	int err = d ? vc_dest_open(d, &reason) : -EINVAL;

	if (!err && settle(d)) {
		snprintf(reason.text, sizeof(reason.text), "out of memory");
		err = -ENOMEM;
	}
	if (!err) {
		vc_sdpout_moved(s);
		return 0;
	}
	vc_strlcpy(why, reason.text, cap);
	if (d)
		vc_dest_free(d);
	return err;
}

int vc_rtptx_remove_text(struct vc_rtptx *s, const char *text)
{
	struct vc_dest *next;
	int err = -ENOENT;

	for (struct vc_dest *d = s->dests; d; d = next) {
		next = d->next;
		if (strcmp(d->where.name, text) && strcmp(d->where.text, text))
			continue;
		vc_rtptx_remove(d);
		err = 0;
	}
	if (!err)
		vc_sdpout_moved(s);
	return err;
}

int vc_rtptx_resume(struct vc_rtptx *s, const char *text)
{
	int err = -ENOENT;

	for (struct vc_dest *d = s->dests; d; d = d->next) {
		if (text && strcmp(d->where.name, text) &&
		    strcmp(d->where.text, text))
			continue;
		err = err == -ENOENT ? 0 : err;
		if (!vc_breaker_reset(d))
			err = -EAGAIN;
	}
	return err;
}

struct vc_json *vc_rtptx_list(const struct vc_rtptx *s)
{
	struct vc_json *list = vc_json_array();

	for (const struct vc_dest *d = s->dests; d; d = d->next) {
		struct vc_json *one = vc_json_object();
		char from[128];

		if (d->where.name[0])
			vc_json_set_str(one, "name", d->where.name);
		vc_json_set_str(one, "to", d->where.text);
		vc_json_set_str(one, "from",
				vc_place_addr_text(vc_udp_local(d->port->rtp),
						   from, sizeof(from)));
		vc_json_add(list, one);
	}
	return list;
}

/* --- by the file --- */

/* What a file says, as far as it is read. */
struct reading {
	struct vc_rtptx *s;
	struct vc_dest *fresh; /* linked by 'next', in order */
	struct vc_dest **last;
	unsigned int line;
	struct vc_why *why;
};

static bool is_same(const struct vc_dest *a, const struct vc_dest *b)
{
	return !strcmp(a->where.name, b->where.name) &&
	       !strcmp(a->where.text, b->where.text);
}

static int is_twice(struct reading *r, const struct vc_dest *first)
{
	snprintf(r->why->text, sizeof(r->why->text), "the same as line %u",
		 first->line);
	return -EEXIST;
}

/* 1: it is one that is there already. */
static int look_for(struct reading *r, const struct vc_dest *d)
{
	struct vc_dest *old;

	for (old = r->fresh; old; old = old->next) {
		if (is_same(old, d))
			return is_twice(r, old);
	}
	for (old = r->s->dests; old; old = old->next) {
		if (!old->line || !is_same(old, d))
			continue;
		if (old->is_kept)
			return is_twice(r, old);
		old->is_kept = true;
		old->line = r->line;
		return 1;
	}
	return 0;
}

static int take_line(struct reading *r, struct vc_str text)
{
	char buf[LONGEST + 1];
	struct vc_dest *d;
	int err;

	text = vc_str_trim(text);
	if (!text.len || text.p[0] == '#')
		return 0;
	vc_strlcpy(r->why->text, "too long", sizeof(r->why->text));
	if (vc_str_copy(buf, sizeof(buf), text) > LONGEST)
		return -E2BIG;
	d = vc_dest_new(r->s, buf, r->why);
	if (!d)
		return -EINVAL;
	d->line = r->line;
	err = look_for(r, d);
	if (!err && r->s->is_open)
		err = vc_dest_open(d, r->why);
	if (err) {
		vc_dest_free(d);
		return err < 0 ? err : 0;
	}
	*r->last = d;
	r->last = &d->next;
	return 0;
}

static void drop_fresh(struct reading *r)
{
	while (r->fresh) {
		struct vc_dest *d = r->fresh;

		r->fresh = d->next;
		vc_dest_free(d);
	}
}

/* Who is not in it any more goes; then the new ones come. */
static int carry_out(struct reading *r)
{
	struct vc_dest *next;
	int err = 0;

	for (struct vc_dest *d = r->s->dests; d; d = next) {
		next = d->next;
		if (d->line && !d->is_kept)
			vc_rtptx_remove(d);
	}
	while (r->fresh && !err) {
		struct vc_dest *d = r->fresh;

		r->fresh = d->next;
		d->next = NULL;
		err = r->s->is_open ? settle(d) :
				      vc_dest_join(d, d->where.name);
		if (err)
			vc_dest_free(d);
	}
	if (err)
		vc_strlcpy(r->why->text, "out of memory", sizeof(r->why->text));
	vc_sdpout_moved(r->s);
	return err;
}

static int read_lines(struct reading *r, struct vc_str text)
{
	int err = 0;

	while (text.len && !err) {
		r->line++;
		err = take_line(r, vc_str_cut(&text, '\n'));
	}
	return err;
}

static int load(struct vc_rtptx *s, char **text, size_t *len,
		struct vc_why *why)
{
	struct vc_place p;
	int err = vc_place_parse(&p, s->conf.dest_file, false, why->text,
				 sizeof(why->text));

	if (!err && p.kind != VC_PLACE_PATH) {
		vc_strlcpy(why->text, "not a file, which can be read again",
			   sizeof(why->text));
		err = -EINVAL;
	}
	if (err)
		return err;
	if (!s->is_open)
		vc_sandbox_allow(s->tool, p.path, VC_ALLOW_READ);
	err = vc_place_slurp(&p, FILE_MAX, text, len);
	if (err)
		vc_strlcpy(why->text, strerror(-err), sizeof(why->text));
	return err;
}

/* What went wrong, after where. */
static void say_where(const struct reading *r, struct vc_why *why)
{
	char file[128], line[16] = "";

	vc_escape(file, sizeof(file), r->s->conf.dest_file,
		  strlen(r->s->conf.dest_file));
	if (r->line)
		snprintf(line, sizeof(line), "%u: ", r->line);
	snprintf(why->text, sizeof(why->text), "%s: %s%.160s", file, line,
		 r->why->text);
}

int vc_rtptx_read_file(struct vc_rtptx *s, struct vc_why *why)
{
	struct vc_why reason = { "" };
	struct reading r = { .s = s, .why = &reason };
	char *text = NULL;
	size_t len = 0;
	int err;

	r.last = &r.fresh;
	for (struct vc_dest *d = s->dests; d; d = d->next)
		d->is_kept = false;
	err = load(s, &text, &len, &reason);
	if (!err)
		err = read_lines(&r, vc_str_of(text, len));
	free(text);
	if (!err)
		err = carry_out(&r);
	if (err)
		say_where(&r, why);
	drop_fresh(&r);
	return err;
}

void vc_rtptx_reload(struct vc_rtptx *s)
{
	struct vc_why why;

	if (s->conf.dest_file && vc_rtptx_read_file(s, &why))
		vc_tool_warn(s->tool, "--dest-file %s: nothing is changed",
			     why.text);
}
