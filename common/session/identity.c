/* SPDX-License-Identifier: MIT */
/*
 * A source tries its words from the strongest down. A word is its own unless
 * it is reserved (and this is only a CNAME or NAME), or is held by somebody of
 * a stronger right; equal rights share a participant, and so do key and
 * operator, who are both believed. The last word, "ssrc:" and eight
 * digits, goes to who has that SSRC, and no CNAME or NAME may look like it.
 */
#include "session/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"

#define MAX_WORDS 4096

const char *vc_id_by_name(enum vc_id_by by)
{
	static const char *const names[] = {
		[VC_ID_NONE] = "none",	 [VC_ID_NAME] = "name",
		[VC_ID_CNAME] = "cname", [VC_ID_OPERATOR] = "operator",
		[VC_ID_KEY] = "key",
	};

	return names[by];
}

int vc_identity_init(struct vc_identity *id, size_t n_buckets, int64_t latency)
{
	*id = (struct vc_identity){ .n_buckets = n_buckets,
				    .latency = latency };
	id->by_id = vc_try_alloc(n_buckets, sizeof(struct vc_participant *));
	return id->by_id ? 0 : -ENOMEM;
}

void vc_identity_clear(struct vc_identity *id)
{
	struct vc_participant *who, *next;

	for (who = id->first; who; who = next) {
		next = who->next;
		free(who);
	}
	for (size_t i = 0; i < id->n_words; i++)
		free(id->words[i]);
	free(id->words);
	free(id->by_id);
	*id = (struct vc_identity){ 0 };
}

static bool is_reserved(const struct vc_identity *id, const char *word)
{
	for (size_t i = 0; i < id->n_words; i++)
		if (!strcmp(id->words[i], word))
			return true;
	return false;
}

int vc_identity_reserve(struct vc_identity *id, const char *word)
{
	size_t cap = id->cap_words ? 2 * id->cap_words : 16;
	char **words, *copy;

	if (is_reserved(id, word))
		return 0;
	if (id->n_words == MAX_WORDS)
		return -ENOMEM;
	if (id->n_words == id->cap_words) {
		words = vc_try_alloc(cap, sizeof(*words));
		if (!words)
			return -ENOMEM;
		if (id->n_words)
			memcpy(words, id->words, id->n_words * sizeof(*words));
		free(id->words);
		id->words = words;
		id->cap_words = cap;
	}
	copy = vc_try_alloc(1, strlen(word) + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, word, strlen(word));
	id->words[id->n_words] = copy;
	id->n_words++;
	return 0;
}

static struct vc_participant **chain(const struct vc_identity *id,
				     const char *word)
{
	return &id->by_id[vc_hash_str(word) & (id->n_buckets - 1)];
}

struct vc_participant *vc_identity_find(const struct vc_identity *id,
					const char *word)
{
	struct vc_participant *who = *chain(id, word);

	while (who && strcmp(who->id, word))
		who = who->next_hash;
	return who;
}

static struct vc_participant *new_participant(struct vc_identity *id,
					      const char *word)
{
	size_t len = strnlen(word, VC_ROSTER_TEXT - 1);
	struct vc_participant *who = vc_try_alloc(1, sizeof(*who) + len + 1);
	struct vc_participant **at = chain(id, word);
	char *own;

	if (!who)
		return NULL;
	own = (char *)(who + 1);
	memcpy(own, word, len);
	who->id = own;
	vc_playout_init(&who->playout, id->latency);
	who->next_hash = *at;
	*at = who;
	who->prev = id->last;
	if (id->last)
		id->last->next = who;
	else
		id->first = who;
	id->last = who;
	return who;
}

void vc_identity_drop(struct vc_identity *id, struct vc_participant *who)
{
	struct vc_participant **at = chain(id, who->id);

	while (*at != who)
		at = &(*at)->next_hash;
	*at = who->next_hash;
	if (who->prev)
		who->prev->next = who->next;
	else
		id->first = who->next;
	if (who->next)
		who->next->prev = who->prev;
	else
		id->last = who->prev;
	free(who);
}

static bool may_have(const struct vc_identity *id, const char *word,
		     enum vc_id_by by)
{
	const struct vc_participant *who;

	if (!word[0])
		return false;
	if (by >= VC_ID_OPERATOR)
		return true;
	if (is_reserved(id, word) || !strncmp(word, "ssrc:", 5))
		return false;
	who = vc_identity_find(id, word);
	return !who || who->id_by <= by;
}

/* The strongest word that 'src' may have. */
static const char *choose(const struct vc_identity *id,
			  const struct vc_source *src, char fallback[static 16],
			  enum vc_id_by *by)
{
	const struct {
		const char *word;
		enum vc_id_by by;
	} tries[] = {
		{ src->key_name, VC_ID_KEY },
		{ src->operator_name, VC_ID_OPERATOR },
		{ src->cname, VC_ID_CNAME },
		{ src->name, VC_ID_NAME },
	};

	for (size_t i = 0; i < VC_COUNT(tries); i++) {
		*by = tries[i].by;
		if (may_have(id, tries[i].word, *by))
			return tries[i].word;
	}
	snprintf(fallback, 16, "ssrc:%08X", (unsigned int)src->ssrc);
	*by = VC_ID_NONE;
	return fallback;
}

int vc_identity_place(struct vc_identity *id, struct vc_source *src,
		      bool *displaces)
{
	char fallback[16];
	enum vc_id_by by;
	const char *word = choose(id, src, fallback, &by);
	struct vc_participant *who = vc_identity_find(id, word);

	if (by >= VC_ID_OPERATOR && vc_identity_reserve(id, word))
		return -ENOMEM;
	if (!who)
		who = new_participant(id, word);
	if (!who)
		return -ENOMEM;
	*displaces = who->n_sources && who->id_by < by &&
		     who->id_by < VC_ID_OPERATOR;
	if (who->id_by < by)
		who->id_by = by;
	if (src->who)
		src->who->n_sources--;
	who->n_sources++;
	src->who = who;
	src->id_by = by;
	return 0;
}
