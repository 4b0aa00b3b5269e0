/* SPDX-License-Identifier: MIT */
/*
 * The places that a stream is written to: one reader each, or a listener that
 * makes a reader of everyone who connects and tells him first what he must
 * know.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "net/tls.h"
#include "tool/out_internal.h"
#include "tool/sandbox.h"
#include "tool/secure.h"

#define PIPE_SIZE (256 * 1024)

static char *gap_text(void *ctx, uint32_t ssrc, int64_t from, int64_t to,
		      uint16_t seq_from, uint16_t seq_to)
{
	struct vc_out *o = ctx;
	struct vc_json *ev = vc_json_event("gap", vc_loop_now(o->loop));
	char *text;

	vc_json_set_int(ev, "ssrc", ssrc);
	vc_json_set_int(ev, "from", from / VC_US);
	vc_json_set_int(ev, "to", to / VC_US);
	vc_json_set_int(ev, "seq_from", seq_from);
	vc_json_set_int(ev, "seq_to", seq_to);
	vc_json_set_str(ev, "why", "reader");
	text = vc_json_text(ev);
	vc_json_free(ev);
	return text;
}

static void reader_dead(void *ctx, struct vc_reader *r, int err)
{
	struct vc_out *o = ctx;
	bool has_listener = false;
	bool has_reader = false;

	(void)r;
	for (size_t i = 0; i < o->n_places; i++) {
		struct vc_out_place *p = &o->places[i];

		has_listener |= p->where.listen;
		for (size_t j = 0; j < p->n; j++)
			has_reader |= !vc_reader_is_dead(p->readers[j]);
	}
	if (err && err != -EPIPE && err != -ECONNRESET && err != -ENOBUFS)
		vc_tool_fail(o->tool,
			     err == -EKEYREJECTED ? VC_EXIT_AUTH : VC_EXIT_FAIL,
			     "output: write: %s", strerror(-err));
	else if (err == -ENOBUFS)
		vc_tool_warn(o->tool, "output: reader dropped: it does not "
				      "read");
	if (has_listener || has_reader)
		return;
	o->is_dead = true;
	if (err == -ENOBUFS)
		vc_tool_set_exit(o->tool, VC_EXIT_FAIL);
	vc_tool_stop(o->tool,
		     err == -EPIPE || err == -ECONNRESET ? "eof" : "error");
}

/* Our own description of a pipe, so that O_NONBLOCK is nobody else's. */
static int private_description(int fd)
{
	char path[64];
	int mine;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	mine = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (mine < 0)
		return fd;
	close(fd);
	return mine;
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t a = strlen(s), b = strlen(suffix);

	return a >= b && !strcmp(s + a - b, suffix);
}

static struct vc_reader *reader_open(struct vc_out *o, int fd,
				     struct vc_tls *tls,
				     const struct vc_place *where)
{
	struct vc_reader_conf conf = {
		.loop = o->loop,
		.may_drop = !vc_loop_is_virtual(o->loop),
		.plain = vc_tool_options(o->tool)->plain,
		.gap = gap_text,
		.dead = reader_dead,
		.ctx = o,
	};
	struct stat st;

	if (!fstat(fd, &st) && S_ISFIFO(st.st_mode)) {
		fd = private_description(fd);
		fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
	}
	conf.is_regular = S_ISREG(st.st_mode);
	conf.is_socket = S_ISSOCK(st.st_mode);
	conf.gzip = conf.is_regular && ends_with(where->path, ".gz");
	conf.fd = fd;
	conf.tls = tls;
	o->reader_count++;
	return vc_reader_new(&conf);
}

void vc_out_put_text(struct vc_reader *r, enum vc_item_kind kind,
		     const char *text, size_t len, int64_t now)
{
	struct vc_item item = { .kind = kind,
				.len = len,
				.time = now,
				.arrival = VC_TIME_NONE };

	item.text = vc_try_alloc(len, 1);
	if (!item.text)
		return;
	memcpy(item.text, text, len);
	vc_reader_put(r, &item);
}

/* What a new reader must know before the next frame. */
static void greet(struct vc_out *o, struct vc_reader *r)
{
	int64_t now = vc_loop_now(o->loop);

	if (!o->desc)
		return;
	vc_out_put_text(r, VC_ITEM_KEEP, o->desc, o->desc_len, VC_TIME_NONE);
	for (struct vc_outstate *s = o->states.first; s; s = s->next)
		vc_out_put_text(r, VC_ITEM_KEEP, s->text, strlen(s->text), now);
	if (!o->key_timer.place)
		vc_timer_arm(o->loop, &o->key_timer, now);
}

static void forget_dead(struct vc_out *o, struct vc_out_place *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct vc_reader *r = p->readers[i];

		if (!vc_reader_is_dead(r)) {
			p->readers[n++] = r;
			continue;
		}
		o->dropped += vc_reader_dropped(r);
		o->octets += vc_reader_octets(r);
		vc_reader_free(r);
	}
	p->n = n;
}

/* Somebody has connected. */
static void take_reader(void *ctx, int fd, struct vc_tls *tls)
{
	struct vc_out_place *p = ctx;
	struct vc_reader *r;

	forget_dead(p->out, p);
	if (p->n == VC_OUT_READERS) {
		vc_tool_warn(p->out->tool,
			     "%s: reader refused: %d are served already",
			     p->where.text, VC_OUT_READERS);
		vc_tls_free(tls);
		close(fd);
		return;
	}
	r = reader_open(p->out, fd, tls, &p->where);
	if (!r)
		return;
	p->readers[p->n++] = r;
	greet(p->out, r);
}

static void accept_ready(void *ctx, unsigned int events)
{
	struct vc_out_place *p = ctx;
	int fd;

	(void)events;
	for (;;) {
		fd = accept4(p->accept_watch.fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		if (p->door)
			vc_tls_door_put(p->door, fd);
		else
			take_reader(p, fd, NULL);
	}
}

/* --- opening --- */

static int open_listener(struct vc_out *o, struct vc_out_place *p, char *why,
			 size_t cap)
{
	char ready[256];
	int err = 0;

	if (p->where.kind == VC_PLACE_TLS)
		err = vc_secure_door(o->tool, take_reader, p, &p->door, why,
				     cap);
	if (err)
		return err;
	err = vc_place_listen(&p->where, &p->accept_watch.fd, ready,
			      sizeof(ready));
	if (err)
		return err;
	if (p->where.kind == VC_PLACE_UNIX)
		vc_sandbox_allow(o->tool, p->where.path, VC_ALLOW_REMOVE);
	p->accept_watch.fn = accept_ready;
	p->accept_watch.ctx = p;
	vc_tool_ready(o->tool, ready);
	return vc_loop_watch(o->loop, &p->accept_watch, VC_READ);
}

int vc_out_open(struct vc_out *o, const char *text, char *why, size_t cap)
{
	struct vc_out_place *p = &o->places[o->n_places];
	struct vc_tls *tls = NULL;
	int fd, err;

	if (o->n_places == VC_OUT_PLACES)
		vc_tool_usage(o->tool, "-o: at most %d places", VC_OUT_PLACES);
	p->out = o;
	p->accept_watch.fd = -1;
	err = vc_place_parse(&p->where, text, false, why, cap);
	if (err || p->where.kind == VC_PLACE_RTP)
		vc_tool_usage(o->tool, "-o %s: %s", text,
			      err ? why : "not here: vc-send sends rtp://");
	o->n_places++;
	if (p->where.listen)
		return open_listener(o, p, why, cap);
	if (p->where.kind == VC_PLACE_TLS)
		err = vc_secure_connect(o->tool, &p->where, &fd, &tls, why,
					cap);
	else
		err = vc_place_open_write(o->tool, &p->where, &fd);
	if (err && !why[0])
		vc_strlcpy(why, vc_place_why(&p->where, err), cap);
	if (err)
		return err;
	if (isatty(fd))
		vc_tool_usage(o->tool,
			      "a stream is not for a terminal: try "
			      "`%s ... | vc-probe`",
			      vc_tool_name(o->tool));
	p->readers[0] = reader_open(o, fd, tls, &p->where);
	p->n = p->readers[0] != NULL;
	return p->n ? 0 : -ENOMEM;
}

void vc_out_close(struct vc_out *o, struct vc_out_place *p, int64_t until)
{
	for (size_t i = 0; i < p->n; i++) {
		vc_reader_finish(p->readers[i], until - vc_mono_now());
		o->dropped += vc_reader_dropped(p->readers[i]);
		o->octets += vc_reader_octets(p->readers[i]);
		vc_reader_free(p->readers[i]);
	}
	p->n = 0;
	vc_tls_door_free(p->door);
	p->door = NULL;
	if (p->accept_watch.fd < 0)
		return;
	vc_loop_watch(o->loop, &p->accept_watch, 0);
	close(p->accept_watch.fd);
	if (p->where.listen && p->where.kind == VC_PLACE_UNIX)
		unlink(p->where.path);
}
