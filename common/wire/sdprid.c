/* SPDX-License-Identifier: MIT */
/*
 * Layers of simulcast. What is malformed is left out, as RFC 8851 and 8853
 * demand, and costs nobody the rest of the description. The two lines may come
 * in any order: whichever names a layer first makes its entry.
 */
#include <string.h>

#include "wire/rtpext.h"
#include "wire/sdpparse.h"

static bool is_id(struct vc_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'z') &&
		    !(c >= 'A' && c <= 'Z') && c != '-' && c != '_')
			return false;
	}
	return s.len >= 1 && s.len <= VC_RID_MAX;
}

struct vc_sdp_rid *vc_sdp_find_rid(struct vc_sdp_media *media, struct vc_str id,
				   bool is_recv)
{
	for (unsigned int i = 0; i < media->n_rid; i++) {
		struct vc_sdp_rid *r = &media->rid[i];

		if (r->is_recv == is_recv && vc_str_eq(r->id, id))
			return r;
	}
	return NULL;
}

/* Made where it is not there; NULL: full. */
static struct vc_sdp_rid *entry(struct vc_sdp_media *m, struct vc_str id,
				bool is_recv)
{
	struct vc_sdp_rid *r = vc_sdp_find_rid(m, id, is_recv);

	if (r || m->n_rid == VC_SDP_RID_MAX)
		return r;
	r = &m->rid[m->n_rid];
	m->n_rid++;
	*r = (struct vc_sdp_rid){ .id = id, .is_recv = is_recv };
	return r;
}

static bool take_dir(struct vc_str word, bool *is_recv)
{
	*is_recv = vc_str_is(word, "recv");
	return *is_recv || vc_str_is(word, "send");
}

const char *vc_sdp_parse_rid(struct vc_sdp_parser *ps, struct vc_str v)
{
	struct vc_str id = vc_sdp_word(&v), dir = vc_sdp_word(&v);
	struct vc_sdp_rid *r;
	bool is_recv;

	if (!ps->media || !is_id(id) || !take_dir(dir, &is_recv))
		return NULL;
	r = entry(ps->media, id, is_recv);
	if (!r)
		return vc_sdp_over(ps, "too many layers");
	if (!r->is_declared)
		r->params = vc_sdp_word(&v);
	r->is_declared = true;
	return NULL;
}

/* --- a=simulcast --- */

static bool take_tilde(struct vc_str *id)
{
	bool is_there = vc_str_starts(*id, "~");

	if (is_there)
		*id = vc_str_of(id->p + 1, id->len - 1);
	return is_there;
}

/* "1;~2,3": layers between semicolons, alternatives between commas. */
static bool is_list(struct vc_str list)
{
	bool is_more = list.len > 0;

	while (is_more) {
		size_t n = 0;
		struct vc_str id;

		while (n < list.len && list.p[n] != ';' && list.p[n] != ',')
			n++;
		id = vc_str_of(list.p, n);
		take_tilde(&id);
		if (!is_id(id))
			return false;
		is_more = n < list.len;
		list = vc_str_of(list.p + n + is_more, list.len - n - is_more);
	}
	return true;
}

/* "send LIST", "recv LIST", or both in either order. */
static bool is_simulcast(struct vc_str v)
{
	bool is_recv, first = false;

	for (int i = 0; i < 2; i++) {
		struct vc_str dir = vc_sdp_word(&v), list = vc_sdp_word(&v);

		if (i == 1 && !dir.len)
			return true;
		if (!take_dir(dir, &is_recv) || !is_list(list) ||
		    (i == 1 && is_recv == first))
			return false;
		first = is_recv;
	}
	return !vc_sdp_word(&v).len;
}

static uint16_t highest(const struct vc_sdp_media *m, bool of_groups)
{
	uint16_t top = 0;

	for (unsigned int i = 0; i < m->n_rid; i++) {
		uint16_t n = of_groups ? m->rid[i].group : m->rid[i].rank;

		top = n > top ? n : top;
	}
	return top;
}

/* False: full. An id counts where it stands first. */
static bool take_list(struct vc_sdp_media *m, struct vc_str list, bool is_recv)
{
	uint16_t rank = highest(m, false), group = highest(m, true);

	while (list.len) {
		struct vc_str alternatives = vc_str_cut(&list, ';');

		group++;
		while (alternatives.len) {
			struct vc_str id = vc_str_cut(&alternatives, ',');
			bool is_paused = take_tilde(&id);
			struct vc_sdp_rid *r = entry(m, id, is_recv);

			if (!r)
				return false;
			if (r->rank)
				continue;
			rank++;
			r->rank = rank;
			r->group = group;
			r->is_paused = is_paused;
		}
	}
	return true;
}

const char *vc_sdp_parse_simulcast(struct vc_sdp_parser *ps, struct vc_str v)
{
	if (!ps->media || ps->media->has_simulcast || !is_simulcast(v))
		return NULL;
	ps->media->has_simulcast = true;
	while (v.len) {
		bool is_recv = vc_str_is(vc_sdp_word(&v), "recv");

		if (!take_list(ps->media, vc_sdp_word(&v), is_recv))
			return vc_sdp_over(ps, "too many layers");
	}
	return NULL;
}

/* --- changing them --- */

void vc_sdp_add_rid(struct vc_sdp_media *media, struct vc_str id,
		    struct vc_str params)
{
	uint16_t rank = highest(media, false), group = highest(media, true);
	struct vc_sdp_rid *r;

	if (vc_sdp_find_rid(media, id, false))
		return;
	r = entry(media, id, false);
	if (!r)
		return;
	r->params = params;
	r->is_declared = true;
	r->rank = (uint16_t)(rank + 1);
	r->group = (uint16_t)(group + 1);
}

static void add(struct vc_sdp_media *to, const struct vc_sdp_rid *r,
		uint16_t rank, uint16_t group)
{
	struct vc_sdp_rid *new = entry(to, r->id, r->is_recv);

	if (!new)
		return;
	*new = *r;
	if (!r->rank)
		return;
	new->rank = (uint16_t)(rank + r->rank);
	new->group = (uint16_t)(group + r->group);
}

void vc_sdp_join_rids(struct vc_sdp_media *to, const struct vc_sdp_media *from,
		      bool is_renumbered)
{
	uint16_t rank = highest(to, false), group = highest(to, true);
	struct vc_str pts;

	for (unsigned int i = 0; i < from->n_rid; i++) {
		struct vc_sdp_rid r = from->rid[i];
		struct vc_sdp_rid *old = vc_sdp_find_rid(to, r.id, r.is_recv);

		if (is_renumbered && vc_sdp_fmtp_get(r.params, "pt", &pts))
			r.params = (struct vc_str){ 0 };
		if (!old)
			add(to, &r, rank, group);
		else if (old->is_declared && r.is_declared &&
			 !vc_str_eq(old->params, r.params))
			old->params = (struct vc_str){ 0 };
	}
}

void vc_sdp_turn_rids(struct vc_sdp_media *media)
{
	for (unsigned int i = 0; i < media->n_rid; i++)
		media->rid[i].is_recv = !media->rid[i].is_recv;
}

void vc_sdp_keep_sent_rids(struct vc_sdp_media *media)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < media->n_rid; i++) {
		if (media->rid[i].is_recv)
			continue;
		media->rid[n] = media->rid[i];
		n++;
	}
	media->n_rid = n;
}
