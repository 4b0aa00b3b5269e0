/* SPDX-License-Identifier: MIT */
#include "tool/outstate.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"

static void state_free(struct vc_outstate *s)
{
	free(s->text);
	free(s);
}

void vc_outstates_clear(struct vc_outstates *t)
{
	while (t->first) {
		struct vc_outstate *s = t->first;

		t->first = s->next;
		state_free(s);
	}
	*t = (struct vc_outstates){ 0 };
}

/* Where the one of 'key' hangs, or would. */
static struct vc_outstate **find(struct vc_outstates *t, const char *key)
{
	struct vc_outstate **at =
		&t->buckets[vc_hash_str(key) % VC_OUTSTATE_BUCKETS];

	while (*at && strcmp((*at)->key, key) != 0)
		at = &(*at)->next_alike;
	return at;
}

static struct vc_outstate *add(struct vc_outstates *t, struct vc_outstate **at,
			       const char *key)
{
	size_t size = strlen(key) + 1;
	struct vc_outstate *s = vc_try_alloc(1, sizeof(*s) + size);

	if (!s)
		return NULL;
	memcpy(s->key, key, size);
	s->prev = t->last;
	if (t->last)
		t->last->next = s;
	else
		t->first = s;
	t->last = s;
	*at = s;
	return s;
}

/* Equal but for their time? */
static bool is_same(const char *a, const char *b)
{
	const char *ta = strstr(a, "\"t\":"), *tb = strstr(b, "\"t\":");

	if (!ta || !tb || ta - a != tb - b || memcmp(a, b, (size_t)(ta - a)))
		return false;
	ta += 4;
	tb += 4;
	return !strcmp(ta + strspn(ta, "-0123456789"),
		       tb + strspn(tb, "-0123456789"));
}

bool vc_outstates_put(struct vc_outstates *t, const char *key, char *text)
{
	struct vc_outstate **at = find(t, key);
	struct vc_outstate *s = *at ? *at : add(t, at, key);

	if (!s || (s->text && is_same(s->text, text))) {
		free(text);
		return false;
	}
	free(s->text);
	s->text = text;
	return true;
}

void vc_outstates_drop(struct vc_outstates *t, const char *key)
{
	struct vc_outstate **at = find(t, key);
	struct vc_outstate *s = *at;

	if (!s)
		return;
	*at = s->next_alike;
	if (s->prev)
		s->prev->next = s->next;
	else
		t->first = s->next;
	if (s->next)
		s->next->prev = s->prev;
	else
		t->last = s->prev;
	state_free(s);
}
