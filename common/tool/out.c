/* SPDX-License-Identifier: MIT */
/*
 * Each -o place is one reader, or a listener that makes a reader of everyone
 * who connects. What is written becomes an item, given to every reader; the
 * loop's hook flushes before it sleeps, so that a burst is one system call.
 * Two timers keep the stream alive: T every 100 ms, state events each second.
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
#include "tool/control.h"
#include "tool/out.h"
#include "tool/place.h"
#include "tool/reader.h"
#include "wire/frame.h"
#include "wire/rtp.h"
#include "wire/vp8.h"

#define MAX_PLACES 16
#define MAX_READERS 16 /* of one listening place */
#define TIME_INTERVAL (100 * VC_MS)
#define STATE_INTERVAL VC_SEC
#define PIPE_SIZE (256 * 1024)

struct state {
	char *key;
	char *text;
	struct state *next;
};

struct place {
	struct vc_out *out;
	struct vc_place where;
	struct vc_watch accept_watch; /* listening */
	struct vc_reader *readers[MAX_READERS];
	size_t n;
};

struct vc_out {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct place places[MAX_PLACES];
	size_t n_places;
	void (*keyframe)(void *ctx);
	void *ctx;
	struct vc_hook hook;
	struct vc_timer time_timer;
	struct vc_timer state_timer;
	struct vc_timer key_timer;
	char *desc;
	size_t desc_len;
	enum vc_kind kind_of[128];
	enum vc_codec codec_of[128];
	struct state *states;
	int64_t last_time; /* of the last thing written */
	bool is_dead;
	uint64_t packets;
	uint64_t dropped; /* by readers that are gone */
	uint64_t octets;
	uint64_t reader_count;
};

/* --- readers --- */

static void keyframe_due(void *ctx, int64_t now)
{
	struct vc_out *o = ctx;

	(void)now;
	if (o->keyframe)
		o->keyframe(o->ctx);
}

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
		struct place *p = &o->places[i];

		has_listener |= p->where.listen;
		for (size_t j = 0; j < p->n; j++)
			has_reader |= !vc_reader_is_dead(p->readers[j]);
	}
	if (err && err != -EPIPE && err != -ECONNRESET && err != -ENOBUFS)
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "output: write: %s",
			     strerror(-err));
	else if (err == -ENOBUFS)
		vc_tool_warn(o->tool, "output: reader dropped: it does not "
				      "read");
	if (has_listener || has_reader)
		return;
	o->is_dead = true;
	vc_tool_stop(o->tool, err == -EPIPE || err == -ECONNRESET ? "eof" :
								    "error");
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
	o->reader_count++;
	return vc_reader_new(&conf);
}

static void put_text(struct vc_reader *r, enum vc_item_kind kind,
		     const char *text, size_t len, int64_t now)
{
	struct vc_item item = { .kind = kind, .len = len, .time = now,
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
	put_text(r, VC_ITEM_KEEP, o->desc, o->desc_len, VC_TIME_NONE);
	for (struct state *s = o->states; s; s = s->next)
		put_text(r, VC_ITEM_KEEP, s->text, strlen(s->text), now);
	if (!o->key_timer.place)
		vc_timer_arm(o->loop, &o->key_timer, now);
}

static void forget_dead(struct vc_out *o, struct place *p)
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

static void accept_ready(void *ctx, unsigned int events)
{
	struct place *p = ctx;
	struct vc_reader *r;
	int fd;

	(void)events;
	for (;;) {
		fd = accept4(p->accept_watch.fd, NULL, NULL,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		forget_dead(p->out, p);
		if (p->n == MAX_READERS) {
			vc_tool_warn(p->out->tool, "%s: reader refused: %d "
				     "are served already", p->where.text,
				     MAX_READERS);
			close(fd);
			continue;
		}
		r = reader_open(p->out, fd, &p->where);
		if (!r)
			continue;
		p->readers[p->n++] = r;
		greet(p->out, r);
	}
}

/* --- opening --- */

static int open_listener(struct vc_out *o, struct place *p)
{
	char ready[256];
	int err;

	err = vc_place_listen(&p->where, &p->accept_watch.fd, ready,
			      sizeof(ready));
	if (err)
		return err;
	p->accept_watch.fn = accept_ready;
	p->accept_watch.ctx = p;
	vc_tool_ready(o->tool, ready);
	return vc_loop_watch(o->loop, &p->accept_watch, VC_READ);
}

static int open_place(struct vc_out *o, const char *text)
{
	struct place *p = &o->places[o->n_places];
	char why[256];
	int fd, err;

	p->out = o;
	p->accept_watch.fd = -1;
	if (o->n_places == MAX_PLACES)
		vc_tool_usage(o->tool, "-o: at most %d places", MAX_PLACES);
	err = vc_place_parse(&p->where, text, false, why, sizeof(why));
	if (err || p->where.kind == VC_PLACE_RTP)
		vc_tool_usage(o->tool, "-o %s: %s", text,
			      err ? why : "not here: vc-send sends rtp://");
	o->n_places++;
	if (p->where.listen)
		return open_listener(o, p);
	err = vc_place_open_write(&p->where, &fd);
	if (err)
		return err;
	if (isatty(fd))
		vc_tool_usage(o->tool, "a stream is not for a terminal: try "
			      "`%s ... | vc-probe`", vc_tool_name(o->tool));
	p->readers[0] = reader_open(o, fd, &p->where);
	p->n = 1;
	return p->readers[0] ? 0 : -ENOMEM;
}

static void flush_all(void *ctx)
{
	struct vc_out *o = ctx;

	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t j = 0; j < o->places[i].n; j++)
			vc_reader_flush(o->places[i].readers[j]);
	}
}

static void fill_stats(void *ctx, struct vc_json *record)
{
	struct vc_out *o = ctx;
	struct vc_json *j = vc_json_object();
	uint64_t dropped = o->dropped, octets = o->octets;
	int64_t n = 0;

	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t k = 0; k < o->places[i].n; k++) {
			dropped += vc_reader_dropped(o->places[i].readers[k]);
			octets += vc_reader_octets(o->places[i].readers[k]);
			n += !vc_reader_is_dead(o->places[i].readers[k]);
		}
	}
	vc_json_set_int(j, "packets", (int64_t)o->packets);
	vc_json_set_int(j, "octets", (int64_t)octets);
	vc_json_set_int(j, "readers", n);
	vc_json_set_int(j, "dropped_reader", (int64_t)dropped);
	vc_json_set(record, "out", j);
}

struct vc_out *vc_out_new_places(struct vc_tool *t,
				 const struct vc_words *places,
				 void (*keyframe)(void *ctx), void *ctx)
{
	static const char *const only_stdout[] = { "-" };
	struct vc_words words = *places;
	struct vc_out *o = vc_alloc(1, sizeof(*o));

	if (!words.n)
		words = (struct vc_words){ .v = (const char **)(uintptr_t)
						   only_stdout, .n = 1 };
	o->tool = t;
	o->loop = vc_tool_loop(t);
	o->keyframe = keyframe;
	o->ctx = ctx;
	o->last_time = VC_TIME_NONE;
	for (size_t i = 0; i < words.n; i++) {
		int err = open_place(o, words.v[i]);

		if (!err)
			continue;
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: open: %s", words.v[i],
			     strerror(-err));
		vc_out_free(o);
		return NULL;
	}
	o->hook = (struct vc_hook){ .fn = flush_all, .ctx = o };
	vc_loop_add_hook(o->loop, &o->hook);
	o->key_timer = (struct vc_timer){ .fn = keyframe_due, .ctx = o };
	vc_tool_on_stats(t, fill_stats, o);
	return o;
}

struct vc_out *vc_out_new(struct vc_tool *t, void (*keyframe)(void *ctx),
			  void *ctx)
{
	return vc_out_new_places(t, &vc_tool_options(t)->out, keyframe, ctx);
}

static void place_close(struct vc_out *o, struct place *p)
{
	for (size_t i = 0; i < p->n; i++) {
		int64_t wait = vc_loop_is_virtual(o->loop) ? 60 * VC_SEC :
							     500 * VC_MS;

		vc_reader_finish(p->readers[i], wait);
		vc_reader_free(p->readers[i]);
	}
	p->n = 0;
	if (p->accept_watch.fd < 0)
		return;
	vc_loop_watch(o->loop, &p->accept_watch, 0);
	close(p->accept_watch.fd);
	if (p->where.listen && p->where.kind == VC_PLACE_UNIX)
		unlink(p->where.path);
}

void vc_out_free(struct vc_out *o)
{
	if (!o)
		return;
	vc_timer_cancel(o->loop, &o->time_timer);
	vc_timer_cancel(o->loop, &o->state_timer);
	vc_timer_cancel(o->loop, &o->key_timer);
	for (size_t i = 0; i < o->n_places; i++)
		place_close(o, &o->places[i]);
	o->n_places = 0;
	while (o->states) {
		struct state *s = o->states;

		o->states = s->next;
		free(s->key);
		free(s->text);
		free(s);
	}
	free(o->desc);
	/* The hook and the statistics still refer to 'o': it stays until the
	 * process ends, empty. */
	o->desc = NULL;
}

/* --- writing --- */

static void each_text(struct vc_out *o, enum vc_item_kind kind,
		      const char *text, size_t len, int64_t time)
{
	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t j = 0; j < o->places[i].n; j++)
			put_text(o->places[i].readers[j], kind, text, len,
				 time);
	}
}

static void each_item(struct vc_out *o, const struct vc_item *item)
{
	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t j = 0; j < o->places[i].n; j++)
			vc_reader_put(o->places[i].readers[j], item);
	}
}

void vc_out_time(struct vc_out *o, int64_t now)
{
	struct vc_item item = { .kind = VC_ITEM_TIME, .time = now,
				.arrival = VC_TIME_NONE };

	if (now <= o->last_time)
		return;
	o->last_time = now;
	each_item(o, &item);
}

static void time_due(void *ctx, int64_t now)
{
	struct vc_out *o = ctx;

	vc_timer_arm(o->loop, &o->time_timer, now + TIME_INTERVAL);
	vc_out_time(o, now);
}

static void state_due(void *ctx, int64_t now)
{
	struct vc_out *o = ctx;

	vc_timer_arm(o->loop, &o->state_timer, now + STATE_INTERVAL);
	for (struct state *s = o->states; s; s = s->next)
		each_text(o, VC_ITEM_STATE, s->text, strlen(s->text), now);
}

static void learn_kinds(struct vc_out *o, const struct vc_sdp *sdp)
{
	for (unsigned int pt = 0; pt < 128; pt++) {
		const struct vc_sdp_media *media;
		const struct vc_sdp_fmt *fmt;

		o->kind_of[pt] = VC_OTHER;
		if (!vc_sdp_find_pt(sdp, (uint8_t)pt, &media, &fmt))
			continue;
		o->kind_of[pt] = media->kind;
		o->codec_of[pt] = vc_codec_by_name(fmt->codec);
	}
}

void vc_out_desc(struct vc_out *o, const struct vc_sdp *sdp)
{
	struct vc_sdp ours = *sdp;
	bool is_virtual = vc_loop_is_virtual(o->loop);
	const char *control = is_virtual ? NULL : vc_control_private(o->tool);
	char *text = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	int64_t now = vc_loop_now(o->loop);
	int len;

	ours.clock = vc_str_c(is_virtual ? "virtual" : "live");
	ours.control = vc_str_c(control);
	len = text ? vc_sdp_write(&ours, text, VC_FRAME_DESC_MAX) : -ENOMEM;
	if (len < 0) {
		vc_tool_fail(o->tool, VC_EXIT_FAIL, "description: %s",
			     strerror(-len));
		free(text);
		return;
	}
	learn_kinds(o, sdp);
	each_text(o, VC_ITEM_KEEP, text, (size_t)len, VC_TIME_NONE);
	free(o->desc);
	o->desc = text;
	o->desc_len = (size_t)len;
	if (o->time_timer.fn)
		return;
	o->time_timer = (struct vc_timer){ .fn = time_due, .ctx = o };
	o->state_timer = (struct vc_timer){ .fn = state_due, .ctx = o };
	vc_timer_arm(o->loop, &o->state_timer, now + STATE_INTERVAL);
	time_due(o, now);
}

static void classify(struct vc_out *o, struct vc_item *item)
{
	struct vc_rtp rtp;

	if (vc_frame_type(item->pkt->data, item->len) != VC_FRAME_RTP ||
	    vc_rtp_parse(&rtp, item->pkt->data, item->len))
		return;
	item->ssrc = rtp.ssrc;
	item->seq = rtp.seq;
	if (o->kind_of[rtp.pt] == VC_VIDEO) {
		item->kind = VC_ITEM_VIDEO;
		item->is_key = o->codec_of[rtp.pt] != VC_CODEC_VP8 ||
			       vc_vp8_is_key_start(rtp.payload,
						   rtp.payload_len);
	} else {
		item->kind = VC_ITEM_AUDIO;
		item->is_key = true;
	}
}

void vc_out_packet(struct vc_out *o, struct vc_packet *pkt, bool with_arrival)
{
	int64_t now = vc_loop_now(o->loop);
	struct vc_item item = { .kind = VC_ITEM_KEEP, .pkt = pkt,
				.len = pkt->len, .is_plain = true,
				.time = now, .arrival = VC_TIME_NONE };

	if (with_arrival && pkt->arrival != now)
		item.arrival = pkt->arrival;
	if (!vc_loop_is_virtual(o->loop))
		classify(o, &item);
	o->packets++;
	o->last_time = now;
	each_item(o, &item);
}

void vc_out_rtcp(struct vc_out *o, const uint8_t *p, size_t len)
{
	struct vc_packet *pkt = vc_packet_new(vc_tool_pool(o->tool), len);

	if (!pkt)
		return;
	memcpy(pkt->data, p, len);
	pkt->len = len;
	pkt->arrival = vc_loop_now(o->loop);
	vc_out_packet(o, pkt, false);
	vc_packet_unref(pkt);
}

static void write_event(struct vc_out *o, const struct vc_json *event,
			char *text)
{
	if (!text)
		return;
	o->last_time = vc_loop_now(o->loop);
	each_text(o, VC_ITEM_KEEP, text, strlen(text), o->last_time);
	vc_control_event(o->tool, event);
}

void vc_out_event(struct vc_out *o, struct vc_json *event)
{
	char *text = vc_json_text(event);

	write_event(o, event, text);
	free(text);
	vc_json_free(event);
}

static struct state *state_find(struct vc_out *o, const char *key)
{
	for (struct state *s = o->states; s; s = s->next) {
		if (!strcmp(s->key, key))
			return s;
	}
	return NULL;
}

static struct state *state_add(struct vc_out *o, const char *key)
{
	struct state **p = &o->states;
	struct state *s = vc_try_alloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->key = strdup(key);
	if (!s->key) {
		free(s);
		return NULL;
	}
	while (*p)
		p = &(*p)->next;
	*p = s;
	return s;
}

/* Equal but for their time? */
static bool is_same_state(const char *a, const char *b)
{
	const char *ta = strstr(a, "\"t\":"), *tb = strstr(b, "\"t\":");

	if (!ta || !tb || ta - a != tb - b || memcmp(a, b, (size_t)(ta - a)))
		return false;
	ta += 4;
	tb += 4;
	return !strcmp(ta + strspn(ta, "-0123456789"),
		       tb + strspn(tb, "-0123456789"));
}

void vc_out_state(struct vc_out *o, const char *key, struct vc_json *event)
{
	struct state *s = state_find(o, key);
	char *text = vc_json_text(event);

	if (!s)
		s = state_add(o, key);
	if (s && text && !(s->text && is_same_state(s->text, text))) {
		write_event(o, event, text);
		free(s->text);
		s->text = text;
		text = NULL;
	}
	free(text);
	vc_json_free(event);
}

void vc_out_state_drop(struct vc_out *o, const char *key)
{
	struct state **p = &o->states;

	while (*p && strcmp((*p)->key, key))
		p = &(*p)->next;
	if (*p) {
		struct state *s = *p;

		*p = s->next;
		free(s->key);
		free(s->text);
		free(s);
	}
}

void vc_out_raw(struct vc_out *o, const uint8_t *frame, size_t len)
{
	struct vc_item item = { .kind = VC_ITEM_KEEP, .len = len,
				.is_raw = true, .time = VC_TIME_NONE,
				.arrival = VC_TIME_NONE };

	for (size_t i = 0; i < o->n_places; i++) {
		for (size_t j = 0; j < o->places[i].n; j++) {
			item.text = vc_try_alloc(len, 1);
			if (!item.text)
				continue;
			memcpy(item.text, frame, len);
			vc_reader_put(o->places[i].readers[j], &item);
		}
	}
}

bool vc_out_is_dead(const struct vc_out *o)
{
	return o->is_dead;
}
