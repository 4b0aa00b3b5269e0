/* SPDX-License-Identifier: MIT */
/*
 * Text that is typed (T.140, RFC 4103): lines of --text, and those of the
 * command, go into the queue of the one whose line it is. Each queue has a
 * timer of its own, which sends what is due with the text before it once more.
 * Who says nothing is no medium for it, but for the first: he is described
 * from the beginning.
 *
 * --text is read ten times a second; on the virtual clock, where nothing is
 * ever late, as far as the queues take it, and it is waited for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "capture.h"
#include "options.h"
#include "setup.h"
#include "tool/patient.h"
#include "wire/defaults.h"

#define POLL (100 * VC_MS)
#define READS 64 /* at a time, live */

struct typist {
	struct capture *cap;
	struct vc_patient place;
	struct vc_timer timer;
	struct person *who; /* whose line goes on */
	bool is_cut;	    /* what is here of a line is all of it */
	bool is_over;
	char line[TEXT_LINE];
	size_t len;
};

/* --- sending --- */

static bool is_alone(struct capture *c)
{
	struct medium *m;

	for (size_t i = 0; capture_next(c, &i, &m);) {
		if (m->ops->kind != VC_TEXT)
			return false;
	}
	return true;
}

/* Of text alone: with -t it goes on until then. */
static int64_t end_of(const struct medium *m)
{
	const struct capture *c = m->who->cap;

	return m->is_ended || !c->duration ? INT64_MAX : c->epoch + c->duration;
}

static void plan(struct text *x, int64_t now)
{
	struct medium *m = &x->m;
	struct capture *c = m->who->cap;
	int64_t next = vc_t140tx_next(&x->typed);

	if (m->is_hushed[HUSH_PAUSE] && next < now + POLL)
		next = now + POLL;
	if (next == INT64_MAX && !m->is_ended && !c->duration &&
	    c->typist->is_over) {
		medium_end(m);
		return;
	}
	if (m->tx.has_begun && next > vc_sender_next_report(&m->tx.sender))
		next = vc_sender_next_report(&m->tx.sender);
	if (next > end_of(m))
		next = end_of(m);
	if (next != INT64_MAX)
		vc_timer_arm(c->loop, &m->timer, next > now ? next : now);
}

static void due(void *ctx, int64_t now)
{
	struct text *x = ctx;
	struct medium *m = &x->m;
	uint8_t payload[VC_T140_PAYLOAD_MAX];
	bool marker;
	size_t len = 0;

	if (now >= end_of(m)) {
		medium_end(m);
		return;
	}
	if (!m->is_hushed[HUSH_PAUSE])
		len = vc_t140tx_get(&x->typed, now,
				    vc_sender_ts(&m->tx.sender, now), payload,
				    &marker);
	if (len) {
		m->frames++;
		m->octets += len;
		vc_tx_other(&m->tx, now, now, m->tx.pt, marker, payload, len);
	} else if (m->tx.has_begun) {
		vc_tx_report(&m->tx, now);
	}
	plan(x, now);
}

static void begin(struct medium *m, int64_t now)
{
	plan((struct text *)m, now);
}

static void clear(struct medium *m)
{
	(void)m;
}

const struct medium_ops text_ops = {
	.word = "text",
	.kind = VC_TEXT,
	.begin = begin,
	.clear = clear,
};

/* --- lines --- */

static void make(struct person *p)
{
	bool is_bare = p->cap->own->text_bare;
	struct text *x = &p->text;

	medium_init(&x->m, &text_ops, p);
	x->m.timer = (struct vc_timer){ .fn = due, .ctx = x };
	x->m.pt = is_bare ? VC_PT_T140 : VC_PT_T140_RED;
	/* Captions end with what they are captions of. */
	x->m.is_ended = !is_alone(p->cap);
	vc_t140tx_init(&x->typed, is_bare ? 0 : VC_T140_GENERATIONS_MAX,
		       VC_PT_T140, VC_T140_CPS);
}

/* He says something for the first time. */
static int begin_now(struct person *p)
{
	struct capture *c = p->cap;
	struct medium *m = &p->text.m;
	const struct vc_sdp_media *media;

	make(p);
	setup_medium(m);
	if (!vc_sdp_find_pt(c->sdp, m->tx.pt, &media, NULL) ||
	    media->kind != VC_TEXT) {
		m->who = NULL;
		return -EEXIST;
	}
	vc_out_desc(c->out, c->sdp);
	medium_begin(m);
	return 0;
}

static int type(struct person *p, struct vc_str s, bool is_whole)
{
	struct text *x = &p->text;
	int64_t now = vc_loop_now(p->cap->loop);
	int err;

	if (!x->m.who) {
		err = begin_now(p);
		if (err)
			return err;
	}
	if (sizeof(x->typed.queue) - x->typed.len <
	    VC_T140_GROWTH * (s.len + 6))
		return -ENOBUFS;
	vc_t140tx_type(&x->typed, s.p, s.len, now);
	if (is_whole)
		vc_t140tx_type(&x->typed, "\n", 1, now);
	plan(x, now);
	return 0;
}

/* Whose line it is; '*s' goes on after his name. */
static struct person *speaker(struct capture *c, struct vc_str *s)
{
	for (size_t i = 0; i < c->n_people && c->n_people > 1; i++) {
		size_t n = strlen(c->people[i].name);

		if (!vc_str_starts(*s, c->people[i].name) || s->len < n + 2 ||
		    memcmp(s->p + n, ": ", 2))
			continue;
		*s = vc_str_of(s->p + n + 2, s->len - n - 2);
		return &c->people[i];
	}
	return &c->people[0];
}

int text_say(struct capture *c, const char *line, size_t len)
{
	struct vc_str s = vc_str_of(line, len);
	struct person *who = speaker(c, &s);

	if (!c->sdp || c->is_over)
		return -EAGAIN;
	return type(who, s, true);
}

/* --- --text --- */

static int say(struct typist *t, size_t len, bool is_whole)
{
	struct vc_str s = vc_str_of(t->line, len);
	struct person *who = t->who;
	int err;

	if (is_whole && s.len && s.p[s.len - 1] == '\r')
		s.len--;
	if (!who && !s.len)
		return 0;
	if (!who)
		who = speaker(t->cap, &s);
	err = type(who, s, is_whole);
	if (!err)
		t->who = is_whole ? NULL : who;
	return err;
}

/* Says what is whole. False: the rest has to wait. */
static bool say_lines(struct typist *t)
{
	while (t->len || (t->is_cut && t->who)) {
		const char *nl = memchr(t->line, '\n', t->len);
		size_t n = nl ? (size_t)(nl - t->line) : t->len;

		if (!nl && !t->is_cut && t->len < sizeof(t->line))
			return true;
		if (say(t, n, nl || t->is_cut))
			return false;
		n += nl != NULL;
		t->len -= n;
		memmove(t->line, t->line + n, t->len);
	}
	t->is_cut = false;
	return true;
}

/* 1 there is more in 'line', 0 the end for now, -EAGAIN later. */
static int fill(struct typist *t)
{
	struct vc_patient *p = &t->place;
	ssize_t n;

	if (!vc_patient_is_there(p))
		return -EAGAIN;
	n = vc_patient_read(p, t->line + t->len, sizeof(t->line) - t->len);
	if (n == -EAGAIN || n == -EINTR)
		return -EAGAIN;
	if (n > 0) {
		t->len += (size_t)n;
		return 1;
	}
	/* A FIFO stays open for its next writer. */
	t->is_cut = true;
	if (n < 0 || p->is_socket || p->where.kind != VC_PLACE_PATH)
		vc_patient_lost(p);
	p->is_over |= p->is_regular || vc_loop_is_virtual(t->cap->loop);
	return 0;
}

static void look_on(struct typist *t)
{
	bool is_virtual = vc_loop_is_virtual(t->cap->loop);
	int got = 1;

	for (int i = 0; is_virtual || i < READS; i++) {
		if (!say_lines(t) || t->place.is_over)
			return;
		got = fill(t);
		if (got == 0 && !t->place.is_over)
			break;
		if (got < 0 && (!is_virtual || !vc_patient_wait(&t->place)))
			return;
	}
	say_lines(t);
}

static void read_on(void *ctx, int64_t now)
{
	struct typist *t = ctx;
	struct capture *c = t->cap;

	look_on(t);
	if (!t->place.is_over || t->len || t->is_cut) {
		vc_timer_arm(c->loop, &t->timer, now + POLL);
		return;
	}
	t->is_over = true;
	for (size_t i = 0; i < c->n_people && !c->is_over; i++) {
		if (c->people[i].text.m.who)
			plan(&c->people[i].text, now);
	}
}

int text_open(struct capture *c, const char *place)
{
	struct typist *t = vc_alloc(1, sizeof(*t));
	int err;

	t->cap = c;
	t->timer = (struct vc_timer){ .fn = read_on, .ctx = t };
	err = vc_patient_open(&t->place, c->tool, place, false);
	if (!err && t->place.where.kind == VC_PLACE_PATH &&
	    access(t->place.where.path, R_OK)) {
		err = -errno;
		vc_tool_fail(c->tool, VC_EXIT_FAIL, "%s: open: %s",
			     t->place.where.text, strerror(-err));
	}
	if (err) {
		free(t);
		return err;
	}
	make(&c->people[0]);
	c->typist = t;
	return 0;
}

void text_begin(struct capture *c)
{
	if (c->typist)
		read_on(c->typist, vc_loop_now(c->loop));
}

void text_close(struct capture *c)
{
	if (!c->typist)
		return;
	vc_timer_cancel(c->loop, &c->typist->timer);
	vc_patient_close(&c->typist->place);
	free(c->typist);
}
