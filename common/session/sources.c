/* SPDX-License-Identifier: MIT */
/*
 * Sources hang in a hash table by (input, SSRC) and in a list by admission;
 * those nobody vouches for also in one by host, whose chains are short because
 * of VC_ROSTER_UNVOUCHED.
 */
#include "session/sources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "session/candidates.h"

int vc_sources_init(struct vc_sources *t, unsigned int max)
{
	size_t n = 64;

	while (n < max)
		n *= 2;
	*t = (struct vc_sources){ .n_buckets = n };
	t->by_ssrc = vc_try_alloc(n, sizeof(struct vc_source *));
	t->by_host = vc_try_alloc(n, sizeof(struct vc_source *));
	return t->by_ssrc && t->by_host ? 0 : -ENOMEM;
}

void vc_sources_clear(struct vc_sources *t)
{
	struct vc_source *src, *next;

	for (src = t->first; src; src = next) {
		next = src->next;
		vc_source_free(src);
	}
	free(t->by_ssrc);
	free(t->by_host);
	*t = (struct vc_sources){ 0 };
}

/* Fibonacci hashing (Knuth, TAOCP 6.4): the high bits are the mixed ones. */
static size_t bucket(const struct vc_sources *t, uint64_t key)
{
	key ^= key >> 32;
	key *= UINT64_C(0x9e3779b97f4a7c15);
	return (size_t)(key >> 32) & (t->n_buckets - 1);
}

static struct vc_source **ssrc_chain(const struct vc_sources *t, int input,
				     uint32_t ssrc)
{
	return &t->by_ssrc[bucket(t, (uint64_t)(uint32_t)input << 32 | ssrc)];
}

static struct vc_source **host_chain(const struct vc_sources *t, uint64_t host)
{
	return &t->by_host[bucket(t, host)];
}

void vc_source_take_origin(struct vc_source *src,
			   const struct vc_origin *origin)
{
	src->host = origin->host;
	src->peer = origin->peer;
	vc_str_copy(src->addr, sizeof(src->addr), vc_str_c(origin->addr));
}

/* Their words are behind it, cut to what there is room for. */
static struct vc_source *alloc_with(const char *operator_name,
				    const char *key_name, size_t play)
{
	size_t a = operator_name ? strnlen(operator_name, VC_ROSTER_TEXT - 1) :
				   0;
	size_t b = key_name ? strnlen(key_name, VC_ROSTER_TEXT - 1) : 0;
	struct vc_source *src =
		vc_try_alloc(1, sizeof(*src) + play + a + b + 2);
	char *own;

	if (!src)
		return NULL;
	own = (char *)(src + 1) + play;
	src->play = play ? (struct vc_playout_source *)(src + 1) : NULL;
	if (a)
		memcpy(own, operator_name, a);
	if (b)
		memcpy(own + a + 1, key_name, b);
	src->operator_name = own;
	src->key_name = own + a + 1;
	src->cname = src->name = "";
	return src;
}

void vc_source_free(struct vc_source *src)
{
	if (!src)
		return;
	free(src->texts[0]);
	free(src->texts[1]);
	free(src);
}

bool vc_source_text(struct vc_source *src, int which, struct vc_str s)
{
	size_t max = s.len < VC_ROSTER_TEXT ? s.len : VC_ROSTER_TEXT - 1;
	size_t len = max ? strnlen(s.p, max) : 0;
	const char **text = which ? &src->name : &src->cname;
	char *own;

	if (!len || (!strncmp(*text, s.p, len) && !(*text)[len]))
		return false;
	own = vc_try_alloc(1, len + 1);
	if (!own)
		return false;
	memcpy(own, s.p, len);
	free(src->texts[which]);
	src->texts[which] = own;
	*text = own;
	return true;
}

struct vc_source *vc_source_new(const struct vc_origin *origin,
				const struct vc_candidate *c, bool is_untimed,
				int64_t now)
{
	struct vc_source *src = alloc_with(origin->operator_name,
					   origin->key_name,
					   is_untimed ? 0 : sizeof(*src->play));

	if (!src)
		return NULL;
	src->ssrc = c->ssrc;
	src->input = origin->input;
	(void)vc_source_text(src, 0, vc_str_c(c->cname));
	(void)vc_source_text(src, 1, vc_str_c(c->name));
	src->cert = origin->cert;
	vc_source_take_origin(src, origin);
	src->is_vouched = c->is_vouched || origin->authenticated ||
			  !origin->host;
	src->first_arrival = now;
	src->last_arrival = now;
	src->last_heard = now;
	src->kind = -1;
	src->codec = -1;
	src->pt = -1;
	src->section = -1;
	return src;
}

struct vc_source *vc_sources_find(const struct vc_sources *t, int input,
				  uint32_t ssrc)
{
	struct vc_source *src = *ssrc_chain(t, input, ssrc);

	while (src && (src->ssrc != ssrc || src->input != input))
		src = src->next_hash;
	return src;
}

unsigned int vc_sources_unvouched(const struct vc_sources *t, uint64_t host)
{
	const struct vc_source *src = *host_chain(t, host);
	unsigned int n = 0;

	for (; src; src = src->next_host)
		n += src->host == host;
	return n;
}

void vc_sources_link(struct vc_sources *t, struct vc_source *src)
{
	struct vc_source **chain = ssrc_chain(t, src->input, src->ssrc);

	src->next_hash = *chain;
	*chain = src;
	if (!src->is_vouched) {
		chain = host_chain(t, src->host);
		src->next_host = *chain;
		*chain = src;
	}
	src->prev = t->last;
	if (t->last)
		t->last->next = src;
	else
		t->first = src;
	t->last = src;
	t->n++;
}

void vc_sources_vouch(struct vc_sources *t, struct vc_source *src)
{
	struct vc_source **at;

	if (src->is_vouched)
		return;
	at = host_chain(t, src->host);
	while (*at != src)
		at = &(*at)->next_host;
	*at = src->next_host;
	src->next_host = NULL;
	src->is_vouched = true;
}

void vc_sources_rehost(struct vc_sources *t, struct vc_source *src,
		       uint64_t host)
{
	bool was_vouched = src->is_vouched;
	struct vc_source **chain = host_chain(t, host);

	vc_sources_vouch(t, src);
	src->host = host;
	if (was_vouched)
		return;
	src->is_vouched = false;
	src->next_host = *chain;
	*chain = src;
}

static bool is_of_its_key(const struct vc_source *src,
			  const struct vc_origin *origin)
{
	return src->cert == origin->cert &&
	       !strcmp(src->key_name, origin->key_name ? origin->key_name : "");
}

bool vc_source_may_send(const struct vc_source *src,
			const struct vc_origin *origin)
{
	if (origin->authenticated)
		return is_of_its_key(src, origin);
	return src->peer == origin->peer || origin->may_move;
}

bool vc_source_may_speak(const struct vc_source *src,
			 const struct vc_origin *origin)
{
	if (origin->authenticated)
		return is_of_its_key(src, origin);
	/* From another port than RTP, maybe, but from no other host. */
	return src->host == origin->host;
}

void vc_sources_unlink(struct vc_sources *t, struct vc_source *src)
{
	struct vc_source **at = ssrc_chain(t, src->input, src->ssrc);

	vc_sources_vouch(t, src);
	while (*at != src)
		at = &(*at)->next_hash;
	*at = src->next_hash;
	if (src->prev)
		src->prev->next = src->next;
	else
		t->first = src->next;
	if (src->next)
		src->next->prev = src->prev;
	else
		t->last = src->prev;
	t->n--;
}

bool vc_roster_text(char out[static VC_ROSTER_TEXT], struct vc_str s)
{
	size_t max = s.len < VC_ROSTER_TEXT ? s.len : VC_ROSTER_TEXT - 1;
	size_t len = max ? strnlen(s.p, max) : 0;

	if (!len || (!strncmp(out, s.p, len) && !out[len]))
		return false;
	memcpy(out, s.p, len);
	out[len] = '\0';
	return true;
}

const char *vc_leave_name(enum vc_leave why)
{
	static const char *const names[] = {
		[VC_LEAVE_BYE] = "bye",
		[VC_LEAVE_TIMEOUT] = "timeout",
		[VC_LEAVE_COLLISION] = "collision",
		[VC_LEAVE_EOF] = "eof",
	};

	return names[why];
}
