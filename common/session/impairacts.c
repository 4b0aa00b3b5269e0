/* SPDX-License-Identifier: MIT */
/* See session/impairacts.h. Read whole, then sorted, so lines may be in any
 * order: what is late is written late. */
#include "session/impairacts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"

#define WORDS_MAX 7
#define WORD_MAX 64
#define DELAY_MAX (INT64_C(3600) * 1000000000)
#define NUMBER_MAX (UINT64_C(1) << 48)

static const char *const ways[] = { "up", "down" };

static const struct {
	unsigned int bit;
	const char *name;
} kinds[] = {
	{ VC_IMPAIR_RTCP, "rtcp" },   { VC_IMPAIR_AUDIO, "audio" },
	{ VC_IMPAIR_VIDEO, "video" }, { VC_IMPAIR_TEXT, "text" },
	{ VC_IMPAIR_OTHER, "other" },
};

static const char *kind_name(uint64_t stream)
{
	for (size_t i = 0; i < VC_COUNT(kinds); i++) {
		if (stream >> 32 == kinds[i].bit)
			return kinds[i].name;
	}
	return "other";
}

/* --- writing --- */

static uint64_t own_order(const struct vc_impair_act *act)
{
	return act->number << 8 | act->is_copy;
}

/* snprintf() behind what is there; there is room for all of them. */
#define ADD(...) \
	(len +=  \
	 (size_t)snprintf(out + len, VC_IMPAIR_ACT_TEXT - len, __VA_ARGS__))

size_t vc_impair_act_write(char out[static VC_IMPAIR_ACT_TEXT], int way,
			   const struct vc_impair_act *act)
{
	size_t len = 0;

	ADD("%s ", ways[way]);
	if (act->stream == VC_IMPAIR_REBIND) {
		ADD("%" PRIu64 " rebind\n", act->number);
		return len;
	}
	if (act->stream)
		ADD("%s.%" PRIu32 ".", kind_name(act->stream),
		    (uint32_t)act->stream);
	ADD("%" PRIu64, act->number);
	if (act->fate != VC_FATE_PASSES) {
		ADD(" %s\n", vc_impair_fate_name(act->fate));
		return len;
	}
	ADD(" pass %" PRId64, act->delay);
	if (act->is_copy)
		ADD(" copy");
	if (act->order && act->order != own_order(act))
		ADD(" after=%" PRIu64 ".%" PRIu64, act->order >> 8,
		    act->order & 255);
	if (act->bit >= 0)
		ADD(" bit=%" PRId64, act->bit);
	ADD("\n");
	return len;
}

/* --- reading --- */

static int read_number(const char *s, uint64_t min, uint64_t max, uint64_t *v)
{
	return s && !vc_num_u64(s, min, max, v) ? 0 : -EBADMSG;
}

/* "17" or "audio.2.17" */
static int read_name(char *s, struct vc_impair_act *act)
{
	char *kind = s, *source, *number;
	uint64_t n;

	if (!strchr(s, '.'))
		return read_number(s, 1, NUMBER_MAX, &act->number);
	strsep(&s, ".");
	source = strsep(&s, ".");
	number = s;
	if (read_number(source, 1, UINT32_MAX, &n) ||
	    read_number(number, 1, NUMBER_MAX, &act->number))
		return -EBADMSG;
	for (size_t i = 0; i < VC_COUNT(kinds); i++) {
		if (!strcmp(kind, kinds[i].name)) {
			act->stream = (uint64_t)kinds[i].bit << 32 | n;
			return 0;
		}
	}
	return -EBADMSG;
}

static int read_after(char *s, struct vc_impair_act *act)
{
	const char *number = strsep(&s, ".");
	uint64_t n, rank;

	if (read_number(number, 1, NUMBER_MAX, &n) ||
	    read_number(s, 0, 255, &rank))
		return -EBADMSG;
	act->order = n << 8 | rank;
	return 0;
}

/* "copy", "after=N.R", "bit=N" */
static int read_more(char *word, struct vc_impair_act *act)
{
	uint64_t bit;

	if (!strcmp(word, "copy")) {
		act->is_copy = true;
		return 0;
	}
	if (!strncmp(word, "after=", 6))
		return read_after(word + 6, act);
	if (strncmp(word, "bit=", 4) ||
	    read_number(word + 4, 0, 8 * 65535, &bit))
		return -EBADMSG;
	act->bit = (int64_t)bit;
	return 0;
}

static int read_fate(const char *word, struct vc_impair_act *act)
{
	if (!strcmp(word, "pass")) {
		act->fate = VC_FATE_PASSES;
		return 0;
	}
	for (int f = VC_FATE_PASSES + 1; f < VC_FATES; f++) {
		if (!strcmp(word,
			    vc_impair_fate_name((enum vc_impair_fate)f))) {
			act->fate = (enum vc_impair_fate)f;
			return 0;
		}
	}
	return -EBADMSG;
}

/* Its words, cut by single blanks; 0: too many, or too long. */
static size_t cut(struct vc_str line, char words[WORDS_MAX][WORD_MAX])
{
	size_t n = 0;

	while (line.len) {
		struct vc_str word = vc_str_cut(&line, ' ');

		if (n == WORDS_MAX || !word.len ||
		    memchr(word.p, '\0', word.len) ||
		    vc_str_copy(words[n], WORD_MAX, word) >= WORD_MAX)
			return 0;
		n++;
	}
	return n;
}

static int read_line(struct vc_str line, int *way, struct vc_impair_act *act)
{
	char words[WORDS_MAX][WORD_MAX];
	size_t n = cut(line, words);
	uint64_t delay;

	*act = (struct vc_impair_act){ .bit = -1 };
	if (n < 3)
		return -EBADMSG;
	*way = strcmp(words[0], ways[0]) ? VC_IMPAIR_DOWN : VC_IMPAIR_UP;
	if (strcmp(words[0], ways[*way]) || read_name(words[1], act))
		return -EBADMSG;
	if (!strcmp(words[2], "rebind")) {
		if (n != 3 || act->stream || *way != VC_IMPAIR_UP)
			return -EBADMSG;
		act->stream = VC_IMPAIR_REBIND;
		return 0;
	}
	if (read_fate(words[2], act))
		return -EBADMSG;
	if (act->fate != VC_FATE_PASSES)
		return n == 3 ? 0 : -EBADMSG;
	if (n < 4 || read_number(words[3], 0, DELAY_MAX, &delay))
		return -EBADMSG;
	act->delay = (int64_t)delay;
	for (size_t i = 4; i < n; i++) {
		if (read_more(words[i], act))
			return -EBADMSG;
	}
	return 0;
}

static int by_packet(const void *a, const void *b)
{
	const struct vc_impair_act *x = a, *y = b;

	if (x->stream != y->stream)
		return x->stream < y->stream ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (int)x->is_copy - (int)y->is_copy;
}

/* A packet is lost or passes, and is not twice the same. */
static bool is_sound(const struct vc_impair_acts *acts)
{
	for (size_t i = 1; i < acts->n; i++) {
		if (!by_packet(&acts->v[i - 1], &acts->v[i]) ||
		    (acts->v[i - 1].stream == acts->v[i].stream &&
		     acts->v[i - 1].number == acts->v[i].number &&
		     acts->v[i - 1].fate != acts->v[i].fate))
			return false;
	}
	return true;
}

static int add(struct vc_impair_acts *acts, size_t *cap,
	       const struct vc_impair_act *act)
{
	if (acts->n == *cap) {
		size_t more = *cap ? 2 * *cap : 1024;
		struct vc_impair_act *v;

		if (*cap >= VC_IMPAIR_ACTS_MAX)
			return -EFBIG;
		v = vc_try_alloc(more, sizeof(*v));
		if (!v)
			return -ENOMEM;
		if (acts->n)
			memcpy(v, acts->v, acts->n * sizeof(*v));
		free(acts->v);
		acts->v = v;
		*cap = more;
	}
	acts->v[acts->n] = *act;
	acts->n++;
	return 0;
}

static int read_lines(struct vc_impair_acts acts[static 2], struct vc_str rest,
		      size_t *line)
{
	size_t cap[2] = { 0 };

	while (rest.len) {
		struct vc_str l = vc_str_cut(&rest, '\n');
		struct vc_impair_act act;
		int way, err;

		++*line;
		if (!l.len || l.p[0] == '#')
			continue;
		err = read_line(l, &way, &act);
		if (!err)
			err = add(&acts[way], &cap[way], &act);
		if (err)
			return err;
	}
	return 0;
}

int vc_impair_acts_read(struct vc_impair_acts acts[static 2], const char *text,
			size_t len, size_t *line)
{
	struct vc_str rest = vc_str_of(text, len);
	int err = -EBADMSG;

	acts[0] = acts[1] = (struct vc_impair_acts){ 0 };
	*line = 1;
	if (!vc_str_starts(rest, VC_IMPAIR_ACTS_HEAD))
		return -EBADMSG;
	vc_str_cut(&rest, '\n');
	err = read_lines(acts, rest, line);
	for (size_t w = 0; !err && w < 2; w++) {
		if (acts[w].n)
			qsort(acts[w].v, acts[w].n, sizeof(*acts[w].v),
			      by_packet);
		if (!is_sound(&acts[w]))
			err = -EBADMSG;
	}
	if (err)
		vc_impair_acts_free(acts);
	return err;
}

void vc_impair_acts_free(struct vc_impair_acts acts[static 2])
{
	for (size_t w = 0; w < 2; w++) {
		free(acts[w].v);
		acts[w] = (struct vc_impair_acts){ 0 };
	}
}

const struct vc_impair_act *vc_impair_acts_of(const struct vc_impair_acts *acts,
					      uint64_t stream, uint64_t number)
{
	const struct vc_impair_act wanted = { .stream = stream,
					      .number = number };
	size_t low = 0, high = acts->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (by_packet(&acts->v[mid], &wanted) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < acts->n && acts->v[low].stream == stream &&
	    acts->v[low].number == number)
		return &acts->v[low];
	return NULL;
}
