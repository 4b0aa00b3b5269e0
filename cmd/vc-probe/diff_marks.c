/* SPDX-License-Identifier: MIT */
/*
 * Where a mixer or an SFU sits between, what is the same in A and in B are the
 * marks of a test source. Each side's sources are decoded (chain.h), and a mark
 * that is read (sightings.h) goes into diff_match.c as a packet does: whose it
 * is stands for the SSRC, its number for the sequence number, and when it
 * arrived is when it came. In whichever source it is found first counts; where
 * it is found again it is a duplicate.
 *
 * No more sources are decoded at once than a room has place for; one that is
 * not decoded, or has been silent for long, gives its place to another.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pool.h"
#include "base/str.h"
#include "base/time.h"
#include "chain.h"
#include "diff.h"
#include "media/mark.h"
#include "session/roster.h"
#include "sightings.h"
#include "tool/capformat.h"
#include "tool/formats.h"
#include "tool/in.h"
#include "wire/rtcp.h"

#define STEP (CHAIN_STEP_MS * VC_MS)
#define SILENT (10 * VC_SEC)
#define DRAIN 500 /* steps in which what is held is read at the end */
#define NAMES 256
#define SPREAD UINT64_C(0x9e3779b97f4a7c15) /* a hash of few bits */

/* An SSRC of a flow. */
struct track {
	struct diff_marks *m; /* NULL: free */
	uint32_t ssrc;
	int flow;
	int64_t at;	      /* of its newest packet */
	struct vc_source src; /* of it the format */
	int tried;	      /* the codec that 'chain' is for */
	struct chain *chain;  /* NULL: not decoded */
	struct sightings sightings;
	struct diff_packet last; /* what a mark in it gets of its packet */
	struct vc_netaddr from, to;
};

struct diff_marks {
	struct diff *d;
	int side;
	int64_t next; /* the grid of sound; VC_TIME_NONE: not begun */
	bool has_decoded;
	struct chain_room room;
	struct track track[CHAIN_MAX];
	unsigned int n_names;
	struct {
		uint16_t id;
		char text[VC_ROSTER_TEXT];
	} name[NAMES];
};

/* --- marks --- */

static void tell(void *ctx, const struct sighting *s)
{
	struct track *t = ctx;
	struct diff_packet p = t->last;

	p.t = s->at;
	p.ssrc = s->id | (t->src.kind == VC_AUDIO ? DIFF_SOUND : 0);
	p.seq = (uint16_t)s->number;
	p.payload = ((uint64_t)s->stamp << 16 | p.seq) * SPREAD;
	p.unread = (uint64_t)s->unread;
	if (s->number < 0)
		diff_unread(t->m->d, t->m->side, &p);
	else
		diff_put(t->m->d, t->m->side, &p);
}

static void see(void *ctx, const struct vc_image *img, int64_t time,
		const struct vc_mark_reader *marks, int64_t now)
{
	struct track *t = ctx;

	(void)img;
	(void)time;
	sightings_see(&t->sightings, marks, now);
}

static void hear(void *ctx, const struct chain_sound *s)
{
	struct track *t = ctx;

	sightings_hear(&t->sightings, s);
}

/* --- tracks --- */

static void close_chain(struct track *t)
{
	if (!t->chain)
		return;
	for (int i = 0; i < DRAIN && chain_held(t->chain); i++)
		chain_tick(t->chain, t->m->next + i * STEP, true);
	chain_end(t->chain);
	sightings_end(&t->sightings, chain_marks(t->chain));
	chain_free(t->chain);
	t->chain = NULL;
}

static void open_chain(struct track *t, const struct diff_media *media)
{
	const struct chain_conf conf = {
		.room = &t->m->room,
		.codec = (enum vc_codec)t->src.codec,
		.kind = (enum vc_kind)t->src.kind,
		.rate_hz = t->src.rate_hz,
		.channels = t->src.channels,
		.fmtp = vc_in_fmtp_by(media->sdp, &t->src),
		.picture = see,
		.sound = hear,
		.ctx = t,
	};

	if (t->tried == t->src.codec || t->chain)
		return;
	t->tried = t->src.codec;
	if (t->src.kind != VC_AUDIO && t->src.kind != VC_VIDEO)
		return;
	t->sightings = (struct sightings){ .tell = tell, .ctx = t };
	if (!sightings_init(&t->sightings, conf.kind))
		t->chain = chain_new(&conf);
	if (!t->chain)
		sightings_clear(&t->sightings);
	t->m->has_decoded |= t->chain != NULL;
}

static void track_begin(struct diff_marks *m, struct track *t,
			const struct diff_packet *p)
{
	*t = (struct track){ .m = m,
			     .ssrc = p->ssrc,
			     .flow = p->flow,
			     .at = p->t,
			     .tried = -1,
			     .src = { .kind = -1,
				      .codec = VC_CODEC_NONE,
				      .pt = -1,
				      .section = -1 } };
	if (p->from && p->to) {
		t->from = *p->from;
		t->to = *p->to;
	}
	t->last.track = p->ssrc;
	t->last.ttl = -1; /* it ends with who decodes */
	t->last.from = p->from ? &t->from : NULL;
	t->last.to = p->to ? &t->to : NULL;
}

/* Who gives his place rather: nobody, what is not decoded, who was silent for
 * longest. */
static bool yields(const struct track *t, const struct track *than)
{
	if (!t->m || !than->m)
		return !t->m && than->m;
	if (!t->chain != !than->chain)
		return !t->chain;
	return t->at < than->at;
}

/* NULL: there is no place for it. */
static struct track *track_of(struct diff_marks *m, const struct diff_packet *p)
{
	struct track *place = &m->track[0];

	for (size_t i = 0; i < CHAIN_MAX; i++) {
		struct track *t = &m->track[i];

		if (t->m && t->ssrc == p->ssrc && t->flow == p->flow)
			return t;
		if (yields(t, place))
			place = t;
	}
	if (place->chain && p->t - place->at < SILENT)
		return NULL;
	close_chain(place);
	track_begin(m, place, p);
	return place;
}

static void learn(struct track *t, const struct diff_media *media)
{
	uint8_t pt = media->rtp->pt;

	if (media->flow &&
	    (t->src.pt != pt || t->src.told != media->flow->told))
		vc_capformat_set(&t->src, media->flow, media->sdp, false, pt);
	else if (!media->flow && media->sdp && t->src.pt != pt)
		vc_in_set_format(&t->src, media->sdp, pt);
}

/* What is due before 't' is read. */
static void advance(struct diff_marks *m, int64_t t)
{
	if (m->next == VC_TIME_NONE || t - m->next > SILENT)
		m->next = t;
	for (; m->next <= t; m->next += STEP) {
		for (size_t i = 0; i < CHAIN_MAX; i++) {
			if (m->track[i].chain)
				chain_tick(m->track[i].chain, m->next, false);
		}
	}
}

void diff_marks_rtp(struct diff_marks *m, const struct diff_media *media)
{
	const struct vc_rtp *rtp = media->rtp;
	struct track *t;
	bool is_noise;

	advance(m, media->packet->t);
	t = track_of(m, media->packet);
	if (!t || media->is_cut) {
		m->d->side[m->side].refused++;
		return;
	}
	t->at = media->packet->t;
	t->last.dscp = media->packet->dscp;
	learn(t, media);
	is_noise = t->src.codec == VC_CODEC_CN;
	if (!vc_formats_fits((enum vc_codec)t->src.codec, rtp->payload,
			     rtp->payload_len))
		return;
	if (!is_noise)
		open_chain(t, media);
	/* A decoder of one format is never given another. */
	if (t->chain && (t->src.codec == t->tried || is_noise))
		chain_put(t->chain, media->pkt, rtp, is_noise,
			  media->packet->t);
}

/* --- names --- */

static void learn_name(struct diff_marks *m, struct vc_str text)
{
	char name[VC_ROSTER_TEXT];
	uint16_t id;

	if (!text.len || text.len >= sizeof(name) ||
	    memchr(text.p, '\0', text.len))
		return;
	vc_str_copy(name, sizeof(name), text);
	id = vc_mark_id(name);
	for (unsigned int i = 0; i < m->n_names; i++) {
		if (m->name[i].id == id && !strcmp(m->name[i].text, name))
			return;
	}
	if (m->n_names == NAMES)
		return;
	m->name[m->n_names].id = id;
	vc_strlcpy(m->name[m->n_names].text, name, sizeof(name));
	m->n_names++;
}

void diff_marks_rtcp(struct diff_marks *m, const uint8_t *p, size_t len)
{
	struct vc_rtcp r;
	struct vc_rd rd;

	if (vc_rtcp_check_reduced(p, len))
		return;
	rd = vc_rd_over(p, len);
	while (vc_rtcp_next(&rd, &r)) {
		struct vc_sdes_iter it;
		struct vc_sdes_item item;

		if (r.pt != VC_RTCP_SDES)
			continue;
		it = vc_sdes_over(&r);
		while (vc_sdes_next(&it, &item)) {
			if (item.type == VC_SDES_NAME ||
			    item.type == VC_SDES_CNAME)
				learn_name(m, item.text);
		}
	}
}

const char *diff_marks_who(const struct diff *d, const struct diff_source *s)
{
	unsigned int mask = s->ssrc & DIFF_SOUND ? 0xff : 0xffff;
	const char *who = NULL;

	for (int side = 0; side < 2; side++) {
		const struct diff_marks *m = d->side[side].marks;

		for (unsigned int i = 0; m && i < m->n_names; i++) {
			const char *name = m->name[i].text;

			if ((m->name[i].id & mask) != (s->ssrc & 0xffff))
				continue;
			if (who && strcmp(who, name))
				return NULL;
			who = name;
		}
	}
	return who;
}

/* --- the whole --- */

void diff_marks_end(struct diff_marks *m)
{
	for (size_t i = 0; m && i < CHAIN_MAX; i++)
		close_chain(&m->track[i]);
}

bool diff_marks_any(const struct diff_marks *m)
{
	return m->has_decoded;
}

struct diff_marks *diff_marks_new(struct diff *d, int side)
{
	struct diff_marks *m = vc_try_alloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->d = d;
	m->side = side;
	m->next = VC_TIME_NONE;
	m->room.tool = d->tool;
	return m;
}

void diff_marks_free(struct diff_marks *m)
{
	for (size_t i = 0; m && i < CHAIN_MAX; i++) {
		chain_free(m->track[i].chain);
		sightings_clear(&m->track[i].sightings);
	}
	free(m);
}
