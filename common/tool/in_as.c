/* SPDX-License-Identifier: MIT */
/*
 * --as: the stream as one recipient gets it from vc-send. What is not routed to
 * him is left out. When a source of his is not for him any longer, or says BYE,
 * and another of that kind and CNAME is, that goes on in its place: under its
 * SSRC, with its numbers and its time. So a mixer may give him now a mix of his
 * own, now that of all others, and there is one source to play or to record.
 *
 * What has no route is as it is. Of the others, those are forgotten first which
 * he does not get and which were not heard of for the longest time.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "session/splice.h"
#include "tool/in_internal.h"
#include "wire/keystart.h"
#include "wire/rtcp.h"

#define SOURCES_MAX 256

/* What he gets as one source. */
struct slot {
	struct slot *next;
	struct vc_splice splice;
	int kind;
	struct src *src; /* behind it */
	enum vc_codec codec;
	bool awaits_key;
	bool is_away; /* its source is not for him now */
	bool has_asked;
};

struct src {
	struct src *next; /* the one heard of last is the first */
	uint32_t ssrc;
	struct vc_srcline line;
	uint64_t cname; /* its hash, 0: none */
	bool has_bye;
	struct slot *slot; /* or NULL */
};

struct vc_in_as {
	struct slot *slots;
	struct src *srcs;
	size_t n_srcs;
};

void vc_in_as_free(struct vc_in *in)
{
	struct vc_in_as *as = in->as;

	while (as && as->slots) {
		struct slot *s = as->slots;

		as->slots = s->next;
		free(s);
	}
	while (as && as->srcs) {
		struct src *s = as->srcs;

		as->srcs = s->next;
		free(s);
	}
	free(as);
	in->as = NULL;
}

/* --- sources --- */

static void drop(struct vc_in_as *as, struct src *gone)
{
	struct src **at = &as->srcs;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	free(gone);
	as->n_srcs--;
}

static void drop_oldest(struct vc_in_as *as)
{
	struct src *oldest = NULL;

	for (struct src *s = as->srcs; s; s = s->next)
		if (!s->slot)
			oldest = s;
	if (oldest)
		drop(as, oldest);
}

/* It said BYE, and nothing of it is wanted any more. */
static void drop_ended(struct vc_in *in, struct src *src)
{
	vc_routes_drop(&in->routes, src->ssrc);
	drop(in->as, src);
}

/* NULL: it has no route; there are too many; or no memory. */
static struct src *src_of(struct vc_in *in, uint32_t ssrc)
{
	struct src **at, *s;

	if (!vc_routes_knows(in->routes, ssrc))
		return NULL;
	if (!in->as)
		in->as = vc_try_alloc(1, sizeof(*in->as));
	if (!in->as)
		return NULL;
	for (at = &in->as->srcs; *at && (*at)->ssrc != ssrc;)
		at = &(*at)->next;
	s = *at;
	if (s) {
		*at = s->next;
	} else {
		if (in->as->n_srcs == SOURCES_MAX)
			drop_oldest(in->as);
		if (in->as->n_srcs == SOURCES_MAX)
			return NULL;
		s = vc_try_alloc(1, sizeof(*s));
		if (!s)
			return NULL;
		s->ssrc = ssrc;
		in->as->n_srcs++;
	}
	s->next = in->as->srcs;
	in->as->srcs = s;
	return s;
}

static bool is_his(const struct vc_in *in, uint32_t ssrc)
{
	return vc_routes_has(in->routes, ssrc, vc_tool_options(in->tool)->as);
}

/* --- what he gets --- */

static struct slot *slot_by(const struct vc_in *in, uint32_t ssrc)
{
	struct slot *s = in->as ? in->as->slots : NULL;

	while (s && s->splice.sender.ssrc != ssrc)
		s = s->next;
	return s;
}

/*
 * It is not for him now. If it was, its numbers go on where they were when it is
 * again: nothing is lost. Pictures go on with one that needs none of those;
 * where that cannot be told, the hole in the numbers says it.
 */
static void leave_out(struct vc_in *in, const struct vc_rtp *rtp)
{
	struct slot *s = in->as ? in->as->slots : NULL;

	while (s && s->src->ssrc != rtp->ssrc)
		s = s->next;
	if (!s || (s->kind == VC_VIDEO && !vc_keystart_knows(s->codec)))
		return;
	s->is_away = true;
	s->has_asked = false;
	s->awaits_key = s->kind == VC_VIDEO;
	vc_splice_skip(&s->splice, rtp);
}

static void come_back(struct vc_in *in, struct slot *s)
{
	if (s->is_away && s->awaits_key && !s->has_asked)
		vc_in_keyframe(in, s->splice.sender.ssrc);
	s->has_asked = true;
}

static struct slot *free_slot(struct vc_in *in, const struct src *src, int kind)
{
	for (struct slot *s = in->as->slots; s; s = s->next) {
		if (s->kind != kind || s->src->cname != src->cname ||
		    s->splice.sender.rate_hz != src->line.rate_hz)
			continue;
		if (s->src->has_bye || !is_his(in, s->src->ssrc))
			return s;
	}
	return NULL;
}

/* It begins as the source does; what is never changed stays octet for octet. */
static struct slot *new_slot(struct vc_in *in, const struct src *src,
			     const struct vc_rtp *rtp, int kind)
{
	struct slot *s = vc_try_alloc(1, sizeof(*s)), **last = &in->as->slots;
	uint32_t ssrc = src->ssrc;

	if (!s)
		return NULL;
	while (slot_by(in, ssrc))
		ssrc++;
	vc_splice_keep(&s->splice, ssrc, rtp, src->line.rate_hz);
	s->kind = kind;
	while (*last)
		last = &(*last)->next;
	*last = s;
	return s;
}

static void attach(struct vc_in *in, struct slot *s, struct src *src,
		   enum vc_codec codec)
{
	struct src *old = s->src;

	if (old)
		old->slot = NULL;
	if (old && old->has_bye)
		drop_ended(in, old);
	s->awaits_key = s->splice.has_sent && s->kind == VC_VIDEO &&
			vc_keystart_knows(codec);
	vc_splice_source(&s->splice, &src->line, src->cname);
	s->splice.codec = codec;
	s->src = src;
	s->codec = codec;
	s->is_away = false;
	src->slot = s;
	if (s->awaits_key)
		vc_in_keyframe(in, s->splice.sender.ssrc);
}

static struct slot *slot_of(struct vc_in *in, struct src *src,
			    const struct vc_rtp *rtp,
			    const struct vc_sdp_media *media,
			    const struct vc_sdp_fmt *fmt)
{
	struct slot *s = src->slot;

	if (s)
		return s;
	s = free_slot(in, src, (int)media->kind);
	if (!s)
		s = new_slot(in, src, rtp, (int)media->kind);
	if (s)
		attach(in, s, src, vc_codec_by_name(fmt->codec));
	return s;
}

bool vc_in_as_rtp(struct vc_in *in, struct vc_packet *pkt, struct vc_rtp *rtp)
{
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;
	struct slot *s;
	struct src *src;

	if (!vc_routes_knows(in->routes, rtp->ssrc))
		return true;
	if (!is_his(in, rtp->ssrc)) {
		leave_out(in, rtp);
		return false;
	}
	src = src_of(in, rtp->ssrc);
	if (!src || !vc_sdp_find_pt(&in->merge.sdp, rtp->pt, &media, &fmt))
		return false;
	if (!src->line.rate_hz)
		src->line.rate_hz = fmt->rate ? fmt->rate : 90000;
	vc_srcline_packet(&src->line, rtp->ts, pkt->arrival);
	src->has_bye = false;
	s = slot_of(in, src, rtp, media, fmt);
	if (!s)
		return false;
	come_back(in, s);
	if (s->awaits_key && !vc_keystart(vc_codec_by_name(fmt->codec),
					  rtp->payload, rtp->payload_len)) {
		vc_splice_skip(&s->splice, rtp);
		return false;
	}
	if (s->awaits_key || s->is_away)
		vc_splice_resume(&s->splice, rtp);
	s->awaits_key = s->is_away = false;
	if (!vc_splice_map(&s->splice, rtp, pkt->arrival, rtp))
		return false;
	vc_rtp_set_seq(pkt->data, rtp->seq);
	vc_rtp_set_ts(pkt->data, rtp->ts);
	vc_rtp_set_ssrc(pkt->data, rtp->ssrc);
	vc_splice_sent(&s->splice, rtp->payload_len);
	return true;
}

uint32_t vc_in_as_behind(const struct vc_in *in, uint32_t ssrc)
{
	const struct slot *s = slot_by(in, ssrc);

	return s ? s->src->ssrc : ssrc;
}

/* --- RTCP --- */

/* The SR at 'p', 24 octets of its body, as it is of what he gets. */
static void map_sr(struct vc_in *in, uint8_t *p, const struct vc_rtcp_sr *sr,
		   int64_t arrival)
{
	struct src *src = src_of(in, sr->ssrc);

	if (!src)
		return;
	vc_srcline_sr(&src->line, sr->ntp, sr->rtp_ts, arrival);
	if (src->slot) {
		vc_splice_line(&src->slot->splice, &src->line);
		vc_put_u32(p + 12, sr->rtp_ts + src->slot->splice.ts_off);
	} else if (slot_by(in, sr->ssrc)) {
		/* Of what was behind it before: it tells no time. */
		vc_put_u32(p + 4, 0);
		vc_put_u32(p + 8, 0);
	}
}

static uint64_t hash(struct vc_str s)
{
	char text[256];

	vc_str_copy(text, sizeof(text), s);
	return vc_hash_str(text);
}

static void learn_cnames(struct vc_in *in, const struct vc_rtcp *r)
{
	struct vc_sdes_iter it = vc_sdes_over(r);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item)) {
		struct src *src = in->as ? in->as->srcs : NULL;

		/* Who is named and sends nothing (a CSRC) is none. */
		while (src && src->ssrc != item.ssrc)
			src = src->next;
		if (src && item.type == VC_SDES_CNAME)
			src->cname = hash(item.text);
	}
}

/* False: of one that is replaced already; the source goes on. */
static bool note_bye(struct vc_in *in, const struct vc_rtcp *r)
{
	struct vc_rtcp_bye bye;
	bool is_stale = false;

	if (vc_rtcp_parse_bye(&bye, r))
		return true;
	for (unsigned int i = 0; i < bye.n; i++) {
		struct src *src = src_of(in, vc_rtcp_bye_ssrc(&bye, i));

		if (!src)
			continue;
		src->has_bye = true;
		is_stale |= !src->slot && slot_by(in, src->ssrc);
		if (!src->slot)
			drop_ended(in, src);
	}
	return !is_stale;
}

bool vc_in_as_rtcp(struct vc_in *in, struct vc_packet *pkt)
{
	struct vc_rd rd = vc_rd_over(pkt->data, pkt->len);
	struct vc_rtcp_sr sr;
	struct vc_rtcp r;
	bool is_taken = true;

	while (vc_rtcp_next(&rd, &r)) {
		if (!vc_rtcp_parse_sr(&sr, &r))
			map_sr(in, pkt->data + (r.body - pkt->data), &sr,
			       pkt->arrival);
		else if (r.pt == VC_RTCP_SDES)
			learn_cnames(in, &r);
		else if (r.pt == VC_RTCP_BYE)
			is_taken &= note_bye(in, &r);
	}
	for (struct slot *s = in->as ? in->as->slots : NULL; s; s = s->next)
		if (s->src->ssrc != s->splice.sender.ssrc)
			vc_rtcp_remap(pkt->data, pkt->len, s->src->ssrc,
				      s->splice.sender.ssrc);
	return is_taken;
}
