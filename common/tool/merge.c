/* SPDX-License-Identifier: MIT */
/*
 * The merged description grows and never shrinks. A format of a new input is
 * looked for by rtpmap and fmtp in the section of its kind and content; where
 * it is not there it is added, under its own number if that is free, else
 * under the lowest free dynamic one. What names formats by number (rtx, red)
 * comes after those it names. Texts that slices point to stay to the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "tool/fmtp.h"
#include "tool/merge.h"
#include "wire/rtcp.h"
#include "wire/rtpext.h"

#define NO_PT VC_FMTP_NO_PT

struct vc_merge_text {
	struct vc_merge_text *next;
	char text[];
};

void vc_merge_init(struct vc_merge *m, size_t n_inputs,
		   const struct vc_rand *rand)
{
	*m = (struct vc_merge){ .n_maps = n_inputs, .rand = rand };
	m->maps = vc_alloc(n_inputs, sizeof(*m->maps));
	for (size_t i = 0; i < n_inputs; i++)
		memset(m->maps[i].pt, NO_PT, sizeof(m->maps[i].pt));
}

void vc_merge_clear(struct vc_merge *m)
{
	for (size_t i = 0; i < m->n_maps; i++)
		vc_merge_forget(m, i);
	while (m->keep) {
		struct vc_merge_text *t = m->keep;

		m->keep = t->next;
		free(t);
	}
	for (size_t i = 0; i < m->n_maps; i++)
		free(m->maps[i].last);
	free(m->maps);
	m->maps = NULL;
	m->n_maps = 0;
}

/* --- descriptions --- */

static struct vc_sdp_media *find_media(struct vc_sdp *sdp,
				       const struct vc_sdp_media *like)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		struct vc_sdp_media *m = &sdp->media[i];

		if (m->kind == like->kind && m->is_rtp == like->is_rtp &&
		    vc_str_eq(m->content, like->content))
			return m;
	}
	return NULL;
}

static struct vc_sdp_media *add_media(struct vc_sdp *sdp,
				      const struct vc_sdp_media *like)
{
	struct vc_sdp_media *m;

	if (sdp->n_media == VC_SDP_MEDIA_MAX)
		return NULL;
	m = &sdp->media[sdp->n_media];
	sdp->n_media++;
	*m = *like;
	m->n_fmt = 0;
	m->n_ext = 0;
	m->n_ssrc = 0;
	m->n_rid = 0;
	return m;
}

static bool is_same_fmt(const struct vc_sdp_fmt *a, const struct vc_sdp_fmt *b)
{
	return vc_str_eq_nocase(a->codec, b->codec) && a->rate == b->rate &&
	       a->channels == b->channels && vc_str_eq(a->fmtp, b->fmtp);
}

static uint8_t free_pt(const struct vc_sdp *sdp, uint8_t wanted)
{
	if (!vc_sdp_find_pt(sdp, wanted, NULL, NULL))
		return wanted;
	for (uint8_t pt = 96; pt < 128; pt++) {
		if (!vc_sdp_find_pt(sdp, pt, NULL, NULL))
			return pt;
	}
	for (uint8_t pt = 35; pt < 64; pt++) {
		if (!vc_sdp_find_pt(sdp, pt, NULL, NULL))
			return pt;
	}
	return NO_PT;
}

static int merge_fmt(struct vc_sdp *sdp, struct vc_sdp_media *to,
		     const struct vc_sdp_fmt *fmt, struct vc_merge_map *map)
{
	struct vc_sdp_fmt *new;
	uint8_t pt;

	for (unsigned int i = 0; i < to->n_fmt; i++) {
		if (is_same_fmt(&to->fmt[i], fmt)) {
			map->pt[fmt->pt] = to->fmt[i].pt;
			return 0;
		}
	}
	pt = free_pt(sdp, fmt->pt);
	if (pt == NO_PT || to->n_fmt == VC_SDP_FMT_MAX)
		return -E2BIG;
	new = &to->fmt[to->n_fmt];
	to->n_fmt++;
	*new = *fmt;
	new->pt = pt;
	map->pt[fmt->pt] = pt;
	return 0;
}

/*
 * An id means one URI over the whole merged description. 15 is left out: it
 * ends a one-byte block.
 */
static uint8_t ext_id(const struct vc_sdp *sdp, struct vc_str uri,
		      uint8_t wanted)
{
	bool is_taken[256] = { [0] = true, [15] = true };

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		for (unsigned int j = 0; j < sdp->media[i].n_ext; j++) {
			const struct vc_sdp_extmap *e = &sdp->media[i].ext[j];

			if (vc_str_eq(e->uri, uri))
				return e->id;
			is_taken[e->id] = true;
		}
	}
	if (!is_taken[wanted])
		return wanted;
	for (unsigned int id = 1; id < 256; id++) {
		if (!is_taken[id])
			return (uint8_t)id;
	}
	return 0;
}

/* '*id' becomes what its id is now; 0: there is no room for it. */
static void merge_ext(struct vc_sdp *sdp, struct vc_sdp_media *to,
		      const struct vc_sdp_extmap *ext, uint8_t *id)
{
	uint8_t wanted = ext_id(sdp, ext->uri, ext->id);

	*id = wanted;
	for (unsigned int i = 0; i < to->n_ext; i++) {
		if (to->ext[i].id == wanted)
			return;
	}
	if (!wanted || to->n_ext == VC_SDP_EXT_MAX) {
		*id = 0;
		return;
	}
	to->ext[to->n_ext] = *ext;
	to->ext[to->n_ext].id = wanted;
	to->n_ext++;
}

/* The formats that name others, or those that do not. */
static int merge_fmts(struct vc_sdp *sdp, struct vc_sdp_media *to,
		      const struct vc_sdp_media *media, bool that_name,
		      struct vc_merge_map *map, char **room)
{
	for (unsigned int i = 0; i < media->n_fmt; i++) {
		struct vc_sdp_fmt fmt = media->fmt[i];
		int err;

		if (vc_fmtp_names_pts(&fmt) != that_name)
			continue;
		if (that_name)
			fmt.fmtp = vc_fmtp_renumber(&fmt, map->pt, room);
		err = merge_fmt(sdp, to, &fmt, map);
		if (err)
			return err;
	}
	return 0;
}

static bool is_renumbered(const struct vc_sdp_media *media, const uint8_t *pt)
{
	for (unsigned int i = 0; i < media->n_fmt; i++)
		if (pt[media->fmt[i].pt] != media->fmt[i].pt)
			return true;
	return false;
}

/* 'media' is section 'k' of its description. */
static int merge_media(struct vc_sdp *sdp, const struct vc_sdp_media *media,
		       unsigned int k, struct vc_merge_map *map, char **room)
{
	struct vc_sdp_media *to = find_media(sdp, media);
	int err;

	if (!to)
		to = add_media(sdp, media);
	if (!to)
		return -E2BIG;
	err = merge_fmts(sdp, to, media, false, map, room);
	if (!err)
		err = merge_fmts(sdp, to, media, true, map, room);
	if (err)
		return err;
	for (unsigned int i = 0; i < media->n_fmt; i++)
		map->section[media->fmt[i].pt] = (uint8_t)k;
	for (unsigned int i = 0; i < media->n_ext; i++)
		merge_ext(sdp, to, &media->ext[i],
			  &map->ext[k][media->ext[i].id]);
	vc_sdp_join_rids(to, media, is_renumbered(media, map->pt));
	return 0;
}

static void judge_identity(struct vc_merge_map *map)
{
	map->is_identity = true;
	for (unsigned int pt = 0; pt < 128; pt++) {
		if (map->pt[pt] != NO_PT && map->pt[pt] != pt)
			map->is_identity = false;
	}
	for (unsigned int k = 0; k < VC_SDP_MEDIA_MAX; k++) {
		for (unsigned int id = 0; id < 256; id++) {
			if (map->ext[k][id] && map->ext[k][id] != id)
				map->is_identity = false;
		}
	}
}

static void list_exts(struct vc_merge *m)
{
	memset(m->is_ext, 0, sizeof(m->is_ext));
	for (unsigned int i = 0; i < m->sdp.n_media; i++) {
		for (unsigned int j = 0; j < m->sdp.media[i].n_ext; j++)
			m->is_ext[m->sdp.media[i].ext[j].id] = true;
	}
}

int vc_merge_desc(struct vc_merge *m, size_t i, const char *text, size_t len,
		  struct vc_sdp *bad)
{
	struct vc_merge_map *map = &m->maps[i];
	struct vc_merge_text *copy =
		vc_try_alloc(1, sizeof(*copy) + len + vc_fmtp_room(len));
	struct vc_sdp merged = m->sdp;
	char *room;
	uint8_t pt;
	int err;

	if (!copy)
		return -ENOMEM;
	memcpy(copy->text, text, len);
	room = copy->text + len;
	err = vc_sdp_parse(bad, copy->text, len);
	if (!err && vc_sdp_check_pts(bad, &pt)) {
		bad->bad_line = pt;
		err = -EEXIST;
	}
	if (!merged.n_media && !merged.name.len && bad->name.len)
		merged.name = bad->name;
	if (bad->stripped.len)
		merged.stripped = bad->stripped;
	memset(map->pt, NO_PT, sizeof(map->pt));
	memset(map->ext, 0, sizeof(map->ext));
	for (unsigned int k = 0; !err && k < bad->n_media; k++)
		err = merge_media(&merged, &bad->media[k], k, map, &room);
	if (err) {
		free(copy);
		return err;
	}
	judge_identity(map);
	free(map->last);
	map->last = NULL;
	if (memcmp(&merged, &m->sdp, sizeof(merged))) {
		copy->next = m->keep;
		m->keep = copy;
	} else {
		map->last = copy; /* it brought nothing new */
	}
	m->sdp = merged;
	list_exts(m);
	return 0;
}

/* --- SSRCs --- */

static size_t slot_of(uint32_t ssrc, size_t cap)
{
	return (ssrc * UINT32_C(2654435761) >> 7) & (cap - 1);
}

static struct vc_merge_ssrc *lookup(const struct vc_merge_map *map,
				    uint32_t ssrc)
{
	if (!map->cap)
		return NULL;
	for (size_t s = slot_of(ssrc, map->cap); map->ssrcs[s];
	     s = (s + 1) & (map->cap - 1)) {
		if (map->ssrcs[s]->from == ssrc)
			return map->ssrcs[s];
	}
	return NULL;
}

static void insert(struct vc_merge_map *map, struct vc_merge_ssrc *e)
{
	size_t s = slot_of(e->from, map->cap);

	while (map->ssrcs[s])
		s = (s + 1) & (map->cap - 1);
	map->ssrcs[s] = e;
}

static bool rehash(struct vc_merge_map *map)
{
	struct vc_merge_map bigger = *map;

	bigger.cap = map->cap ? map->cap * 2 : 64;
	bigger.ssrcs = vc_try_alloc(bigger.cap, sizeof(*bigger.ssrcs));
	if (!bigger.ssrcs)
		return false;
	for (size_t s = 0; s < map->cap; s++) {
		if (map->ssrcs[s])
			insert(&bigger, map->ssrcs[s]);
	}
	free(map->ssrcs);
	*map = bigger;
	return true;
}

static bool is_taken(const struct vc_merge *m, size_t i, uint32_t to)
{
	for (size_t k = 0; k < m->n_maps; k++) {
		const struct vc_merge_map *map = &m->maps[k];

		for (size_t s = 0; k != i && s < map->cap; s++) {
			if (map->ssrcs[s] && map->ssrcs[s]->to == to)
				return true;
		}
	}
	return false;
}

struct vc_merge_ssrc *vc_merge_ssrc(struct vc_merge *m, size_t i, uint32_t ssrc)
{
	struct vc_merge_map *map = &m->maps[i];
	struct vc_merge_ssrc *e = lookup(map, ssrc);

	if (e)
		return e;
	if (map->n_ssrcs >= VC_MERGE_SSRCS ||
	    (map->n_ssrcs * 2 >= map->cap && !rehash(map)))
		return NULL;
	e = vc_try_alloc(1, sizeof(*e));
	if (!e)
		return NULL;
	e->from = e->to = ssrc;
	while ((m->n_maps > 1 && is_taken(m, i, e->to)) ||
	       (m->is_own && m->is_own(m->ctx, e->to))) {
		e->to = vc_rand_u32(m->rand, "remap", m->remaps);
		m->remaps++;
	}
	insert(map, e);
	map->n_ssrcs++;
	return e;
}

struct vc_merge_ssrc *vc_merge_back(struct vc_merge *m, size_t i, uint32_t to)
{
	struct vc_merge_map *map = &m->maps[i];

	if (!m->remaps)
		return lookup(map, to);
	for (size_t s = 0; s < map->cap; s++) {
		if (map->ssrcs[s] && map->ssrcs[s]->to == to)
			return map->ssrcs[s];
	}
	return NULL;
}

void vc_merge_forget(struct vc_merge *m, size_t i)
{
	struct vc_merge_map *map = &m->maps[i];

	for (size_t s = 0; s < map->cap; s++)
		free(map->ssrcs[s]);
	free(map->ssrcs);
	map->ssrcs = NULL;
	map->cap = 0;
	map->n_ssrcs = 0;
}

/* --- packets --- */

/*
 * Both forms: ids are replaced where they stand. What is not described keeps
 * its id unless that means something here.
 */
static void remap_exts(const struct vc_merge *m, const uint8_t *ids,
		       struct vc_packet *pkt, const struct vc_rtp *rtp)
{
	struct vc_ext_iter it = vc_ext_over(rtp);
	struct vc_ext ext;

	while (vc_ext_next(&it, &ext)) {
		size_t head = it.two_byte ? 2 : 1;
		uint8_t *at = pkt->data + (ext.p - pkt->data) - head;
		uint8_t id = ids[ext.id];

		if (id == ext.id || (!id && !m->is_ext[ext.id]))
			continue;
		if (!id || (!it.two_byte && id > 14))
			memset(at, 0, head + ext.len);
		else if (it.two_byte)
			at[0] = id;
		else
			at[0] = (uint8_t)((at[0] & 0x0f) | id << 4);
	}
}

VC_COLD static int remap_formats(const struct vc_merge *m,
				 const struct vc_merge_map *map,
				 struct vc_packet *pkt, struct vc_rtp *rtp)
{
	uint8_t pt = map->pt[rtp->pt];

	remap_exts(m, map->ext[map->section[rtp->pt]], pkt, rtp);
	rtp->pt = pt;
	vc_rtp_set_pt(pkt->data, pt);
	return 0;
}

int vc_merge_formats(const struct vc_merge *m, size_t i, struct vc_packet *pkt,
		     struct vc_rtp *rtp)
{
	const struct vc_merge_map *map = &m->maps[i];

	if (map->pt[rtp->pt] == NO_PT)
		return -ENOENT;
	if (map->is_identity && m->n_maps == 1)
		return 0;
	return remap_formats(m, map, pkt, rtp);
}

int vc_merge_rtp(struct vc_merge *m, size_t i, struct vc_packet *pkt,
		 struct vc_rtp *rtp, struct vc_merge_ssrc **of_ssrc)
{
	struct vc_merge_map *map = &m->maps[i];
	struct vc_merge_ssrc *e;
	int err = vc_merge_formats(m, i, pkt, rtp);

	if (err)
		return err;
	e = vc_merge_ssrc(m, i, rtp->ssrc);
	if (!e)
		return -ENOSPC;
	if (of_ssrc)
		*of_ssrc = e;
	if (e->to != rtp->ssrc) {
		vc_rtp_set_ssrc(pkt->data, e->to);
		rtp->ssrc = e->to;
	}
	for (unsigned int c = 0; c < rtp->n_csrc; c++) {
		const struct vc_merge_ssrc *of = lookup(map, rtp->csrc[c]);

		if (of && of->to != of->from) {
			rtp->csrc[c] = of->to;
			vc_put_u32(pkt->data + 12 + (size_t)4 * c, of->to);
		}
	}
	return 0;
}

void vc_merge_rtcp(struct vc_merge *m, size_t i, struct vc_packet *pkt)
{
	struct vc_merge_map *map = &m->maps[i];

	if (!m->remaps)
		return;
	for (size_t s = 0; s < map->cap; s++) {
		const struct vc_merge_ssrc *e = map->ssrcs[s];

		if (e && e->to != e->from)
			vc_rtcp_remap(pkt->data, pkt->len, e->from, e->to);
	}
}
