/* SPDX-License-Identifier: MIT */
/*
 * A page stays at the head until all its packets were told: of these items only
 * the last has a size. Where a page begins is told by its granule position,
 * which is where it ends, and the samples in it; the last page may say less
 * than it holds, so it begins where the one before ended.
 */
#include "wire/oggread.h"

#include <errno.h>
#include <string.h>

#include "wire/ntp.h"
#include "wire/webm.h"

#define RATE 48000
#define HEAD 27 /* octets of a page before its segments */
#define MARK "OggS"
#define MARK_LEN 4
#define DELAY \
	312 /* samples: of libopus; more is for the decoder to get ready */
#define GRANULE_MAX (VC_WEBMREAD_TIME_MAX / INT64_C(1000000000) * RATE)

/* --- pages --- */

/* To the next mark, or to where one may begin. */
static int resync(struct vc_oggread *r, const uint8_t *buf, size_t len,
		  struct vc_webmread_item *out)
{
	size_t at = 1;

	if (!r->has_begun)
		return -EBADMSG;
	while (at < len && memcmp(buf + at, MARK,
				  len - at < MARK_LEN ? len - at : MARK_LEN))
		at++;
	r->part_len = 0;
	return vc_webmread_is(out, VC_WEBMREAD_BAD, at);
}

/* Of a packet; 0: it is malformed. */
static int64_t samples_of(const uint8_t *p, size_t len)
{
	int n = vc_opus_samples(p, len);

	return n > 0 ? n : 0;
}

/* Of all packets that end in the page. */
static int64_t page_samples(struct vc_oggread *r,
			    const struct vc_ogg_page *page)
{
	struct vc_ogg_at at = { 0 };
	bool is_whole, is_rest = page->is_continued;
	const uint8_t *p;
	int64_t sum = 0;
	size_t len;

	while (vc_ogg_packet_next(page, &at, &p, &len, &is_whole)) {
		if (is_rest && is_whole && r->part_len &&
		    len <= sizeof(r->part) - r->part_len) {
			/* Put together, as it will be once more. */
			memcpy(r->part + r->part_len, p, len);
			sum += samples_of(r->part, r->part_len + len);
		} else if (!is_rest && is_whole) {
			sum += samples_of(p, len);
		}
		is_rest = false;
	}
	return sum;
}

static void place(struct vc_oggread *r, const struct vc_ogg_page *page)
{
	int64_t start = page->granule - page_samples(r, page);
	bool is_known = page->granule >= 0 && page->granule <= GRANULE_MAX &&
			r->has_tags;
	bool may_be_short = page->is_last && !r->is_hole;

	if (is_known && !may_be_short && start > r->at)
		r->at = start;
	r->is_hole = false;
}

/* Its name is known, or that it has none. */
static int declare(struct vc_oggread *r, struct vc_str title,
		   struct vc_webmread_item *out)
{
	struct vc_opus_head head = { .channels = 1 };

	r->has_tags = true;
	(void)vc_opus_head_parse(&head, r->head, sizeof(r->head));
	r->lead = head.pre_skip > DELAY ? head.pre_skip - DELAY : 0;
	out->track = (struct vc_webmread_track){
		.number = 1,
		.type = VC_WEBM_AUDIO,
		.codec = vc_str_c("A_OPUS"),
		.name = title,
		.priv = r->head,
		.priv_len = sizeof(r->head),
		.codec_delay =
			(uint64_t)vc_rtp_to_ns(head.pre_skip - r->lead, RATE),
		.rate_hz = RATE,
		.channels = head.channels,
	};
	return vc_webmread_is(out, VC_WEBMREAD_TRACK, 0);
}

/* Does sound begin with it although no tags came? They were lost, then. */
static bool lacks_tags(const struct vc_oggread *r,
		       const struct vc_ogg_page *page)
{
	size_t len = strlen(VC_OGG_TAGS);

	return r->has_head && !r->has_tags && !r->part_len &&
	       page->granule > 0 &&
	       (page->len < len || memcmp(page->body, VC_OGG_TAGS, len));
}

/* It is at the head: 1 in 'r', or an item instead. */
static int begin_page(struct vc_oggread *r, const uint8_t *buf, size_t len,
		      struct vc_webmread_item *out)
{
	struct vc_ogg_page page;
	size_t size = HEAD;
	int got = vc_ogg_page_parse(&page, buf, len, &size);

	out->size = size;
	if (got == 0)
		return 0;
	if (got < 0)
		return resync(r, buf, len, out);
	if (!r->has_begun && !page.is_first)
		return -EBADMSG;
	r->has_begun = true;
	if (!r->has_head && page.is_first) {
		r->serial = page.serial;
		r->number = page.number;
	} else if (!r->has_head && !r->is_refused) {
		r->is_refused = true;
		out->track = (struct vc_webmread_track){
			.number = 1,
			.type = VC_WEBM_AUDIO,
			.codec = vc_str_c("Ogg without Opus"),
		};
		return vc_webmread_is(out, VC_WEBMREAD_TRACK, 0);
	} else if (page.serial != r->serial || r->is_refused) {
		return vc_webmread_is(out, VC_WEBMREAD_SKIP, size);
	} else if (r->is_over || page.is_first) {
		return vc_webmread_is(out, VC_WEBMREAD_BAD, size);
	} else if (page.number != r->number) {
		r->number = page.number;
		r->is_hole = true;
		r->part_len = 0;
		return vc_webmread_is(out, VC_WEBMREAD_BAD, 0);
	} else if (lacks_tags(r, &page)) {
		return declare(r, vc_str_c(""), out);
	}
	r->number++;
	if (!page.is_continued)
		r->part_len = 0;
	place(r, &page);
	r->page = page;
	r->page_size = size;
	r->in = (struct vc_ogg_at){ 0 };
	r->is_lost = page.is_continued && !r->part_len;
	r->in_page = true;
	return 1;
}

static int end_page(struct vc_oggread *r, struct vc_webmread_item *out)
{
	const struct vc_ogg_page *page = &r->page;

	r->in_page = false;
	if (page->is_last && r->has_tags) {
		r->is_over = true;
		if (page->granule >= 0 && page->granule <= GRANULE_MAX)
			r->said = vc_rtp_to_ns(page->granule > r->lead ?
						       page->granule - r->lead :
						       0,
					       RATE);
	}
	return vc_webmread_is(out, VC_WEBMREAD_SKIP, r->page_size);
}

/* --- packets --- */

static int take_head(struct vc_oggread *r, const uint8_t *p, size_t len,
		     struct vc_webmread_item *out)
{
	struct vc_opus_head head;

	if (!vc_opus_head_parse(&head, p, len) && len >= sizeof(r->head)) {
		memcpy(r->head, p, sizeof(r->head));
		r->has_head = true;
	}
	return vc_webmread_is(out, VC_WEBMREAD_SKIP, 0);
}

static int take_tags(struct vc_oggread *r, const uint8_t *p, size_t len,
		     struct vc_webmread_item *out)
{
	struct vc_str title = { 0 };

	if (vc_ogg_tags_parse(&title, p, len))
		return vc_webmread_is(out, VC_WEBMREAD_BAD, 0);
	return declare(r, title, out);
}

/* Frames without octets, in so many words. */
static bool is_filling(const uint8_t *p, size_t len)
{
	return len == 2 && (p[0] & 3) == 3 && !(p[1] & 0xc0);
}

static int take_sound(struct vc_oggread *r, const uint8_t *p, size_t len,
		      struct vc_webmread_item *out)
{
	int64_t samples = samples_of(p, len), end;
	struct vc_webmread_block *b = &out->block;
	bool is_silent;

	if (!samples || r->at > GRANULE_MAX)
		return vc_webmread_is(out, VC_WEBMREAD_BAD, 0);
	end = r->at + samples;
	b->track = 1;
	b->time = vc_rtp_to_ns(r->at - r->lead, RATE);
	b->is_key = true;
	b->duration = -1;
	b->data = p;
	b->n = 1;
	b->size[0] = (uint32_t)len;
	if (r->page.is_last && r->in.segment == r->page.n &&
	    r->page.granule >= r->at && r->page.granule < end)
		b->duration = vc_rtp_to_ns(r->page.granule - r->at, RATE);
	r->at = end;
	is_silent = is_filling(p, len) || b->time < 0;
	return vc_webmread_is(
		out, is_silent ? VC_WEBMREAD_SKIP : VC_WEBMREAD_BLOCK, 0);
}

/* What of a packet lies in this page; true: '*p' is all of it. */
static bool gather(struct vc_oggread *r, const uint8_t **p, size_t *len,
		   bool is_whole)
{
	size_t left = sizeof(r->part) - r->part_len, n = *len;
	bool is_lost = r->is_lost;

	if (is_whole && (is_lost || !r->part_len)) {
		r->is_lost = false;
		r->part_len = 0;
		return !is_lost;
	}
	/* Tags may have pictures in them: their beginning is enough. */
	if (!r->has_tags && n > left)
		n = left;
	if (is_lost || n > left) {
		r->is_lost = !is_whole;
		r->part_len = 0;
		return false;
	}
	memcpy(r->part + r->part_len, *p, n);
	r->part_len += n;
	if (!is_whole)
		return false;
	*p = r->part;
	*len = r->part_len;
	r->part_len = 0;
	return true;
}

static int next_packet(struct vc_oggread *r, const uint8_t *buf,
		       struct vc_webmread_item *out)
{
	const uint8_t *p;
	bool is_whole;
	size_t len;

	r->page.segments = buf + HEAD;
	r->page.body = buf + HEAD + r->page.n;
	if (!vc_ogg_packet_next(&r->page, &r->in, &p, &len, &is_whole))
		return end_page(r, out);
	if (!gather(r, &p, &len, is_whole))
		return vc_webmread_is(out, VC_WEBMREAD_SKIP, 0);
	if (!r->has_head)
		return take_head(r, p, len, out);
	return r->has_tags ? take_sound(r, p, len, out) :
			     take_tags(r, p, len, out);
}

int vc_oggread_next(struct vc_oggread *r, const uint8_t *buf, size_t len,
		    struct vc_webmread_item *out)
{
	int got = 1;

	if (!r->in_page)
		got = begin_page(r, buf, len, out);
	return r->in_page ? next_packet(r, buf, out) : got;
}

bool vc_oggread_is_whole(const struct vc_oggread *r)
{
	return r->is_over && !r->in_page && !r->part_len;
}
