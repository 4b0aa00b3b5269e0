/* SPDX-License-Identifier: MIT */
/*
 * A page is gathered whole, as its sum is over all of it; then its packets are
 * decoded one by one, as they are taken. A packet that goes on in the next page
 * is put together apart.
 *
 * A page says how many samples there are up to its end ("granule"). What the
 * first one says less its own samples is where the stream begins (0, but for
 * one that was cut out of a longer one); by that the last page tells how many
 * of its samples count.
 */
#include "engine/oggsound.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/audiodec.h"
#include "media/gain.h"
#include "wire/ogg.h"
#include "wire/opus.h"

#define GAIN_MAX 400 /* 0.1 dB, whatever the header says */

struct vc_oggsound {
	bool has_begun;
	/* the stream that is read */
	struct vc_audiodec *dec; /* NULL: none */
	uint32_t serial;
	bool has_tags;
	struct vc_gain gain;
	int32_t gain_to;
	size_t skip;   /* samples that are still to be left out */
	int64_t end;   /* all samples that were decoded */
	bool has_line; /* 'begin' is known: what granules count from */
	int64_t begin;
	int64_t limit; /* samples after it do not count */
	/* its page, in 'room' */
	bool has_page; /* and more packets, maybe */
	struct vc_ogg_page page;
	struct vc_ogg_at at;
	size_t size; /* of the page, or what it takes to know that */
	size_t len;
	uint8_t room[VC_OGG_PAGE_MAX + VC_OGGSOUND_PIECE];
	/* what there is of a packet that goes on */
	size_t part; /* octets; 0: its beginning is missing */
	uint8_t packet[VC_OGG_BODY_MAX];
	/* of the newest packet */
	size_t from, n;
	int16_t held[2 * VC_AUDIODEC_MAX];
};

struct vc_oggsound *vc_oggsound_new(void)
{
	return vc_try_alloc(1, sizeof(struct vc_oggsound));
}

void vc_oggsound_free(struct vc_oggsound *o)
{
	if (!o)
		return;
	vc_audiodec_free(o->dec);
	free(o);
}

bool vc_oggsound_knows(const uint8_t *p, size_t len)
{
	return len >= 4 && !memcmp(p, "OggS", 4);
}

bool vc_oggsound_has_begun(const struct vc_oggsound *o)
{
	return o->has_begun;
}

/* --- a stream --- */

static int begin_stream(struct vc_oggsound *o, const struct vc_opus_head *head)
{
	int db10 = head->gain * 10 / 256, err;

	o->dec = vc_audiodec_new(VC_CODEC_OPUS, VC_AUDIODEC_RATE, &err);
	if (!o->dec)
		return err;
	vc_audiodec_set_stereo(o->dec);
	db10 = db10 > GAIN_MAX ? GAIN_MAX : db10 < -GAIN_MAX ? -GAIN_MAX : db10;
	o->gain_to = vc_gain_of(db10);
	vc_gain_init(&o->gain, (int32_t[]){ o->gain_to, o->gain_to });
	o->has_begun = true;
	o->serial = o->page.serial;
	o->has_tags = o->has_line = false;
	o->skip = head->pre_skip;
	o->end = 0;
	o->limit = INT64_MAX;
	o->part = 0;
	return 0;
}

static void end_stream(struct vc_oggsound *o)
{
	vc_audiodec_free(o->dec);
	o->dec = NULL;
}

/* --- pages --- */

static void pass_page(struct vc_oggsound *o)
{
	o->len -= o->size;
	memmove(o->room, o->room + o->size, o->len);
	o->has_page = false;
	o->size = 0;
}

static int64_t granule_of(const struct vc_ogg_page *page)
{
	const int64_t most = INT64_MAX / 2;

	return page->granule > most ? most :
	       page->granule < 0    ? VC_OGG_NO_GRANULE :
				      page->granule;
}

static void end_page(struct vc_oggsound *o)
{
	int64_t granule = granule_of(&o->page);

	if (!o->has_line && o->end && granule != VC_OGG_NO_GRANULE) {
		o->begin = granule - o->end;
		o->has_line = true;
	}
	if (o->page.is_last)
		end_stream(o);
	pass_page(o);
}

/* A whole page has come. False: it is not of the stream. */
static int enter_page(struct vc_oggsound *o, bool *is_ours)
{
	struct vc_opus_head head;
	struct vc_ogg_at at = { 0 };
	const uint8_t *p;
	bool is_whole;
	size_t len;
	int err;

	*is_ours = o->dec && o->page.serial == o->serial && !o->page.is_first;
	if (!o->dec && o->page.is_first &&
	    vc_ogg_packet_next(&o->page, &at, &p, &len, &is_whole) &&
	    !vc_opus_head_parse(&head, p, len)) {
		err = begin_stream(o, &head);
		if (err)
			return err;
	}
	if (!*is_ours)
		return 0;
	o->at = (struct vc_ogg_at){ 0 };
	if (!o->page.is_continued)
		o->part = 0;
	if (o->page.is_last && granule_of(&o->page) != VC_OGG_NO_GRANULE)
		o->limit = granule_of(&o->page) - (o->has_line ? o->begin : 0);
	return 0;
}

/* On to the next page that is of use, if it is all there. */
static int find_page(struct vc_oggsound *o)
{
	int got = 0, err;

	while (!o->has_page && o->len && o->len >= o->size) {
		got = vc_ogg_page_parse(&o->page, o->room, o->len, &o->size);
		if (got != 1)
			break;
		err = enter_page(o, &o->has_page);
		if (err)
			return err;
		if (!o->has_page)
			pass_page(o);
	}
	return got < 0 ? got : 0;
}

int vc_oggsound_put(struct vc_oggsound *o, const uint8_t *p, size_t len)
{
	assert(!o->has_page && len <= VC_OGGSOUND_PIECE);
	memcpy(o->room + o->len, p, len);
	o->len += len;
	return find_page(o);
}

/* --- packets --- */

/* As loud as the header wants it; a packet may be longer than a tick. */
static void amplify(struct vc_oggsound *o, size_t n)
{
	const int32_t to[] = { o->gain_to, o->gain_to };
	size_t piece;

	for (size_t at = 0; at < n; at += piece) {
		piece = n - at < VC_MIXSUM_MAX / 2 ? n - at : VC_MIXSUM_MAX / 2;
		vc_gain_run(&o->gain, o->held + 2 * at, piece, 2, to);
	}
}

/* The samples of a packet that count. What is malformed has none. */
static void decode(struct vc_oggsound *o, const uint8_t *p, size_t len)
{
	int n = vc_audiodec_decode(o->dec, p, len, o->held);
	size_t skip;

	if (n <= 0)
		return;
	amplify(o, (size_t)n);
	o->end += n;
	o->n = (size_t)n;
	if (o->end > o->limit)
		o->n = o->end - o->limit < n ?
			       (size_t)(n - (o->end - o->limit)) :
			       0;
	skip = o->skip < o->n ? o->skip : o->n;
	o->skip -= skip;
	o->from = skip;
	o->n -= skip;
}

/* What lies in this page of a packet that began before it, or goes on. */
static void add_part(struct vc_oggsound *o, const uint8_t *p, size_t len,
		     bool is_rest, bool is_whole)
{
	if (is_rest && !o->part)
		return; /* its beginning was lost */
	if (len > sizeof(o->packet) - o->part) {
		o->part = 0;
		return;
	}
	memcpy(o->packet + o->part, p, len);
	o->part += len;
	if (!is_whole)
		return;
	decode(o, o->packet, o->part);
	o->part = 0;
}

/* False: there is none. */
static bool next_packet(struct vc_oggsound *o)
{
	bool is_rest = o->page.is_continued && !o->at.segment;
	const uint8_t *p;
	bool is_whole;
	size_t len;

	if (!vc_ogg_packet_next(&o->page, &o->at, &p, &len, &is_whole))
		return false;
	if (!o->has_tags)
		o->has_tags = is_whole;
	else if (is_rest || !is_whole)
		add_part(o, p, len, is_rest, is_whole);
	else
		decode(o, p, len);
	return true;
}

size_t vc_oggsound_take(struct vc_oggsound *o, int16_t *pcm, size_t n)
{
	while (!o->n && o->has_page) {
		if (next_packet(o))
			continue;
		end_page(o);
		(void)find_page(o); /* what is wrong is said by the next put */
	}
	n = n < o->n ? n : o->n;
	memcpy(pcm, o->held + 2 * o->from, 2 * n * sizeof(*pcm));
	o->from += n;
	o->n -= n;
	return n;
}
