/* SPDX-License-Identifier: MIT */
/*
 * What is written over later is made of
 * elements with fixed widths: places in the seek head are eight octets, the
 * duration is a double. A block that says its duration is a BlockGroup with
 * the block as its last child, so that every block's octets come last and
 * need not be copied.
 */
#include "wire/webm.h"

#include <assert.h>
#include <string.h>

#include "wire/ebml.h"
#include "wire/webm_internal.h"

#define LONG_WIDTH 8 /* of segments and clusters */
#define SEEK_LEN 21  /* of one entry of the seek head */
#define CUE_CAP 48
#define CHAPTER_CAP 80 /* but its title */

int64_t vc_webm_ticks(int64_t ns)
{
	int64_t t = ns + VC_WEBM_TICK / 2;

	return t >= 0 ? t / VC_WEBM_TICK :
			-((VC_WEBM_TICK - 1 - t) / VC_WEBM_TICK);
}

void vc_webm_head(struct vc_wr *w, const char *doctype)
{
	size_t mark = vc_ebml_begin(w, ID_EBML);

	vc_ebml_uint(w, ID_EBML_VERSION, 1);
	vc_ebml_uint(w, ID_EBML_READ_VERSION, 1);
	vc_ebml_uint(w, ID_EBML_MAX_ID, 4);
	vc_ebml_uint(w, ID_EBML_MAX_SIZE, 8);
	vc_ebml_string(w, ID_DOC_TYPE, doctype);
	vc_ebml_uint(w, ID_DOC_VERSION, 4);	 /* CodecDelay */
	vc_ebml_uint(w, ID_DOC_READ_VERSION, 2); /* SimpleBlock */
	vc_ebml_end(w, mark);
}

void vc_webm_segment(struct vc_wr *w, uint64_t size)
{
	vc_ebml_id(w, ID_SEGMENT);
	vc_ebml_size(w, size, LONG_WIDTH);
}

static void seek(struct vc_wr *w, uint32_t id, uint64_t position)
{
	uint8_t be[4];

	vc_put_u32(be, id);
	vc_ebml_id(w, ID_SEEK);
	vc_ebml_size(w, SEEK_LEN - 3, 1);
	vc_ebml_binary(w, ID_SEEK_ID, be, sizeof(be));
	vc_ebml_uint8(w, ID_SEEK_POSITION, position);
}

void vc_webm_seek_head(struct vc_wr *w, uint64_t info, uint64_t tracks,
		       uint64_t cues, uint64_t chapters)
{
	size_t mark = vc_ebml_begin(w, ID_SEEK_HEAD);

	seek(w, ID_INFO, info);
	seek(w, ID_TRACKS, tracks);
	if (cues)
		seek(w, ID_CUES, cues);
	if (chapters)
		seek(w, ID_CHAPTERS, chapters);
	vc_ebml_void(w, (!cues + !chapters) * (size_t)SEEK_LEN);
	vc_ebml_end(w, mark);
}

void vc_webm_info(struct vc_wr *w, const char *app, int64_t duration)
{
	size_t mark = vc_ebml_begin(w, ID_INFO);

	vc_ebml_uint(w, ID_TIMESTAMP_SCALE, VC_WEBM_TICK);
	if (duration > 0)
		vc_ebml_double(w, ID_DURATION, (double)duration);
	else if (!duration)
		vc_ebml_void(w, 3 + 8);
	vc_ebml_string(w, ID_MUXING_APP, app);
	vc_ebml_string(w, ID_WRITING_APP, app);
	vc_ebml_end(w, mark);
}

/* Half a turn about its upright axis flips it, and a roll is counted the other
 * way round, -180 to 180. */
static void projection(struct vc_wr *w, const struct vc_orientation *o)
{
	size_t mark;

	if (!o->turn && !o->is_flipped)
		return;
	mark = vc_ebml_begin(w, ID_PROJECTION);
	if (o->is_flipped)
		vc_ebml_double(w, ID_PROJECTION_YAW, 180);
	if (o->turn)
		vc_ebml_double(w, ID_PROJECTION_ROLL,
			       o->turn < 180 ? -(double)o->turn :
					       360 - (double)o->turn);
	vc_ebml_end(w, mark);
}

static void track_media(struct vc_wr *w, const struct vc_webm_track *t)
{
	size_t mark;

	if (t->kind == VC_WEBM_TEXT)
		return;
	if (t->kind == VC_WEBM_VIDEO) {
		mark = vc_ebml_begin(w, ID_VIDEO);
		vc_ebml_uint(w, ID_PIXEL_WIDTH, t->width);
		vc_ebml_uint(w, ID_PIXEL_HEIGHT, t->height);
		projection(w, &t->orientation);
	} else {
		mark = vc_ebml_begin(w, ID_AUDIO);
		vc_ebml_double(w, ID_SAMPLING_FREQUENCY, t->rate_hz);
		vc_ebml_uint(w, ID_CHANNELS, t->channels);
		if (t->bits)
			vc_ebml_uint(w, ID_BIT_DEPTH, t->bits);
	}
	vc_ebml_end(w, mark);
}

static void track(struct vc_wr *w, const struct vc_webm_track *t)
{
	size_t mark = vc_ebml_begin(w, ID_TRACK_ENTRY);

	assert(t->number >= 1 && t->number <= VC_WEBM_MAX_TRACKS);
	vc_ebml_uint(w, ID_TRACK_NUMBER, t->number);
	vc_ebml_uint(w, ID_TRACK_UID, t->number);
	vc_ebml_uint(w, ID_TRACK_TYPE, t->kind);
	vc_ebml_uint(w, ID_FLAG_DEFAULT, t->is_default);
	vc_ebml_uint(w, ID_FLAG_LACING, 0);
	if (t->name && *t->name)
		vc_ebml_string(w, ID_NAME, t->name);
	vc_ebml_string(w, ID_LANGUAGE, "und");
	vc_ebml_string(w, ID_CODEC_ID, t->codec);
	if (t->priv)
		vc_ebml_binary(w, ID_CODEC_PRIVATE, t->priv, t->priv_len);
	if (t->codec_delay)
		vc_ebml_uint(w, ID_CODEC_DELAY, t->codec_delay);
	if (t->seek_preroll)
		vc_ebml_uint(w, ID_SEEK_PRE_ROLL, t->seek_preroll);
	track_media(w, t);
	vc_ebml_end(w, mark);
}

void vc_webm_tracks(struct vc_wr *w, const struct vc_webm_track *tracks,
		    unsigned int n)
{
	size_t mark = vc_ebml_begin(w, ID_TRACKS);
	unsigned int i;

	for (i = 0; i < n; i++)
		track(w, &tracks[i]);
	vc_ebml_end(w, mark);
}

void vc_webm_cluster(struct vc_wr *w, int64_t ticks, uint64_t size)
{
	assert(ticks >= 0);
	vc_ebml_id(w, ID_CLUSTER);
	vc_ebml_size(w, size, LONG_WIDTH);
	vc_ebml_uint(w, ID_TIMESTAMP, (uint64_t)ticks);
}

/* What a Block and a SimpleBlock begin with (RFC 9559 section 10). */
static void block_start(struct vc_wr *w, const struct vc_webm_block *b,
			uint8_t flags)
{
	vc_ebml_size(w, b->track, 0); /* the same coding as sizes */
	vc_wr_u16(w, (uint16_t)b->rel);
	vc_wr_u8(w, flags);
}

static void block_group(struct vc_wr *w, const struct vc_webm_block *b,
			uint64_t block_len)
{
	uint8_t room[VC_WEBM_BLOCK_CAP];
	struct vc_wr in = vc_wr_over(room, sizeof(room));

	vc_ebml_uint(&in, ID_BLOCK_DURATION, (uint64_t)b->duration);
	if (!b->is_key)
		vc_ebml_int(&in, ID_REFERENCE_BLOCK, -b->ref);
	vc_ebml_id(&in, ID_BLOCK);
	vc_ebml_size(&in, block_len, 0);
	block_start(&in, b, 0);
	vc_ebml_id(w, ID_BLOCK_GROUP);
	vc_ebml_size(w, vc_wr_len(&in) + b->len, 0);
	vc_wr_bytes(w, room, vc_wr_len(&in));
}

void vc_webm_block(struct vc_wr *w, const struct vc_webm_block *b)
{
	uint64_t block_len = vc_ebml_size_width(b->track) + 3 + b->len;

	assert(b->rel >= VC_WEBM_BLOCK_MIN && b->rel <= VC_WEBM_BLOCK_MAX);
	if (b->duration >= 0) {
		block_group(w, b, block_len);
		return;
	}
	vc_ebml_id(w, ID_SIMPLE_BLOCK);
	vc_ebml_size(w, block_len, 0);
	block_start(w, b, b->is_key ? 0x80 : 0);
}

void vc_webm_text(struct vc_wr *w, const struct vc_webm_block *b, const void *p,
		  size_t len, size_t room)
{
	size_t at = vc_wr_len(w), group = vc_ebml_begin(w, ID_BLOCK_GROUP);
	size_t block;

	vc_ebml_uint8(w, ID_BLOCK_DURATION, (uint64_t)b->duration);
	block = vc_ebml_begin(w, ID_BLOCK);
	block_start(w, b, 0);
	vc_wr_bytes(w, p, len);
	vc_ebml_end(w, block);
	vc_ebml_end(w, group);
	at = vc_wr_len(w) - at;
	if (!room)
		return;
	if (at > room || room - at == 1)
		w->bad = true;
	else
		vc_ebml_void(w, room - at);
}

size_t vc_webm_chapters_cap(const struct vc_webm_chapter *chapters, size_t n)
{
	size_t cap = 32;

	for (size_t i = 0; i < n; i++)
		cap += CHAPTER_CAP + strlen(chapters[i].title);
	return cap;
}

static void chapter(struct vc_wr *w, const struct vc_webm_chapter *c,
		    size_t number)
{
	size_t atom = vc_ebml_begin(w, ID_CHAPTER_ATOM), display;

	vc_ebml_uint(w, ID_CHAPTER_UID, number);
	vc_ebml_uint(w, ID_CHAPTER_START, (uint64_t)c->start);
	vc_ebml_uint(w, ID_CHAPTER_END, (uint64_t)c->end);
	display = vc_ebml_begin(w, ID_CHAPTER_DISPLAY);
	vc_ebml_string(w, ID_CHAPTER_STRING, c->title);
	vc_ebml_string(w, ID_CHAPTER_LANGUAGE, "und");
	vc_ebml_end(w, display);
	vc_ebml_end(w, atom);
}

void vc_webm_chapters(struct vc_wr *w, const struct vc_webm_chapter *chapters,
		      size_t n)
{
	size_t all = vc_ebml_begin(w, ID_CHAPTERS);
	size_t edition = vc_ebml_begin(w, ID_EDITION_ENTRY);

	for (size_t i = 0; i < n; i++)
		chapter(w, &chapters[i], i + 1);
	vc_ebml_end(w, edition);
	vc_ebml_end(w, all);
}

size_t vc_webm_cues_cap(size_t n)
{
	return 16 + n * CUE_CAP;
}

void vc_webm_cues(struct vc_wr *w, const struct vc_webm_cue *cues, size_t n)
{
	size_t i, mark = vc_ebml_begin(w, ID_CUES);

	for (i = 0; i < n; i++) {
		size_t point = vc_ebml_begin(w, ID_CUE_POINT), place;

		vc_ebml_uint(w, ID_CUE_TIME, (uint64_t)cues[i].ticks);
		place = vc_ebml_begin(w, ID_CUE_TRACK_POSITIONS);
		vc_ebml_uint(w, ID_CUE_TRACK, cues[i].track);
		vc_ebml_uint(w, ID_CUE_CLUSTER_POSITION, cues[i].cluster);
		vc_ebml_end(w, place);
		vc_ebml_end(w, point);
	}
	vc_ebml_end(w, mark);
}
