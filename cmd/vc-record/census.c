/* SPDX-License-Identifier: MIT */
/*
 * A number that is far from the newest begins another row of them, as when a
 * sender starts afresh. What comes late, or twice, is missing no more; so
 * duplicates may hide a loss, never make one up.
 */
#include "census.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "wire/codec.h"
#include "wire/keystart.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/sdp.h"

#define ROW 3000		   /* numbers: further is another row */
#define NUMBERS (INT64_C(1) << 48) /* nobody counts so many */

void census_init(struct census *c, struct tally *t)
{
	*c = (struct census){ .tally = t, .begin = VC_TIME_NONE };
}

void census_clear(struct census *c)
{
	free(c->sources);
	free(c->sdp);
	free(c->text);
	*c = (struct census){ 0 };
}

/* --- descriptions and events --- */

static int take_desc(struct census *c, const struct packets_piece *p)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	char *text = vc_try_alloc(1, p->len + 1);

	if (!sdp || !text) {
		free(sdp);
		free(text);
		return -ENOMEM;
	}
	memcpy(text, p->data, p->len);
	if (vc_sdp_parse(sdp, text, p->len)) {
		c->bad++;
		free(sdp);
		free(text);
		return 0;
	}
	free(c->sdp);
	free(c->text);
	c->sdp = sdp;
	c->text = text;
	return 0;
}

static struct census_source *find(const struct census *c, uint32_t ssrc,
				  struct tally_track **k)
{
	for (unsigned int i = 0; i < c->tally->n; i++)
		if (c->sources[i].ssrc == ssrc) {
			*k = &c->tally->tracks[i];
			return &c->sources[i];
		}
	return NULL;
}

/* The socket counts as RFC 3550 does, where who comes twice makes up for who
 * never came: the copies, which are not recorded, are taken back. */
static bool get_never_came(const struct vc_json *j, uint64_t *n)
{
	int64_t lost, dup = 0;

	if (!vc_json_get_int(j, "lost", &lost))
		return false;
	(void)vc_json_get_int(j, "dup", &dup);
	if (lost < -NUMBERS || lost > NUMBERS || dup < 0 || dup > NUMBERS ||
	    lost + dup < 0)
		return false;
	*n = (uint64_t)(lost + dup);
	return true;
}

/* What a socket that received them saw, all in all so far. */
static void take_net(struct census *c, const struct packets_piece *p)
{
	struct vc_json *j =
		memmem(p->data, p->len, "\"net\"", 5) ?
			vc_json_parse((const char *)p->data, p->len, NULL) :
			NULL;
	const char *ev = j ? vc_json_get_str(j, "ev") : NULL;
	struct census_source *s;
	struct tally_track *k;
	uint64_t told;
	int64_t ssrc;

	if (ev && !strcmp(ev, "net") && vc_json_get_int(j, "ssrc", &ssrc) &&
	    ssrc >= 0 && ssrc <= UINT32_MAX && get_never_came(j, &told) &&
	    (s = find(c, (uint32_t)ssrc, &k))) {
		s->is_told = true;
		s->told = told;
		s->then = s->missing;
	}
	vc_json_free(j);
}

/* --- packets --- */

static void describe(const struct census *c, uint8_t pt,
		     struct vc_track_info *info)
{
	const struct vc_sdp_fmt *fmt;
	enum vc_codec codec;

	if (!c->sdp || !vc_sdp_find_pt(c->sdp, pt, NULL, &fmt))
		return;
	codec = vc_codec_by_name(fmt->codec);
	if (codec == VC_CODEC_NONE)
		return;
	info->codec = vc_codec_name(codec);
	info->kind = vc_codec_kind(codec) == VC_VIDEO ? VC_TRACK_VIDEO :
		     vc_codec_kind(codec) == VC_TEXT  ? VC_TRACK_TEXT :
							VC_TRACK_AUDIO;
	info->channels = fmt->channels;
}

static int add(struct census *c, const struct vc_rtp *rtp)
{
	struct vc_track_info info = { .codec = "", .source = c->tally->n + 1 };
	struct census_source *grown;
	unsigned int track;
	int err;

	if (c->tally->n == TALLY_TRACKS)
		return -ENOSPC;
	grown = realloc(c->sources, (c->tally->n + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	c->sources = grown;
	describe(c, rtp->pt, &info);
	err = tally_ops.add(c->tally, &info, &track);
	if (!err)
		c->sources[track] =
			(struct census_source){ .ssrc = rtp->ssrc,
						.newest = rtp->seq - 1 };
	return err;
}

static void count_number(struct census_source *s, uint16_t seq)
{
	int64_t step = vc_seq_diff((uint16_t)s->newest, seq);

	if (step > ROW || step < -ROW)
		s->newest += step;
	else if (step < 0)
		s->missing -= s->missing > 0;
	else if (step > 0)
		s->missing += (uint64_t)step - 1;
	if (step > 0 && step <= ROW)
		s->newest += step;
}

static void count_time(struct tally_track *k, int64_t time)
{
	if (!k->units)
		k->first = time;
	else
		k->back += time < k->last;
	k->last = time;
	if (time > k->end)
		k->end = time;
}

static void look_for_key(struct tally_track *k, const struct vc_rtp *rtp)
{
	enum vc_codec codec = vc_codec_by_name(vc_str_c(k->info.codec));
	unsigned int width, height;

	if (!vc_keystart(codec, rtp->payload, rtp->payload_len))
		return;
	k->keys++;
	if (!vc_keystart_size(codec, rtp->payload, rtp->payload_len, &width,
			      &height))
		return;
	k->info.width = width;
	k->info.height = height;
}

static int take_rtp(struct census *c, const struct packets_piece *p)
{
	int64_t time = p->time == VC_TIME_NONE ? c->now : p->time;
	struct census_source *s;
	struct tally_track *k;
	struct vc_rtp rtp;
	int err = 0;

	if (vc_rtp_parse(&rtp, p->data, p->len)) {
		c->bad++;
		return 0;
	}
	if (c->begin == VC_TIME_NONE)
		c->begin = time;
	c->now = time;
	c->packets++;
	c->strangers += c->sdp && !vc_sdp_find_pt(c->sdp, rtp.pt, NULL, NULL);
	s = find(c, rtp.ssrc, &k);
	if (!s) {
		err = add(c, &rtp);
		s = err ? NULL : find(c, rtp.ssrc, &k);
	}
	c->left_out += err == -ENOSPC;
	if (!s) /* who is one too many is not counted by himself */
		return err == -ENOSPC ? 0 : err;
	count_number(s, rtp.seq);
	count_time(k, time - c->begin);
	if (k->info.kind == VC_TRACK_VIDEO)
		look_for_key(k, &rtp);
	k->units++;
	k->octets += rtp.payload_len;
	return 0;
}

static void take_rtcp(struct census *c, const struct packets_piece *p)
{
	struct vc_rd rd = vc_rd_over(p->data, p->len);
	struct vc_sdes_item item;
	struct tally_track *k;
	struct vc_rtcp rtcp;
	char name[256];

	while (vc_rtcp_next(&rd, &rtcp)) {
		struct vc_sdes_iter it = vc_sdes_over(&rtcp);

		while (rtcp.pt == VC_RTCP_SDES && vc_sdes_next(&it, &item)) {
			if ((item.type != VC_SDES_CNAME &&
			     item.type != VC_SDES_NAME) ||
			    !find(c, item.ssrc, &k) ||
			    (item.type == VC_SDES_CNAME && k->info.name[0]))
				continue;
			vc_str_copy(name, sizeof(name), item.text);
			vc_track_set_name(k->info.name, name);
		}
	}
	c->packets++;
	c->bad += rd.bad;
}

int census_take(void *ctx, const struct packets_piece *piece)
{
	struct census *c = ctx;

	c->pieces++;
	switch (piece->kind) {
	case PACKETS_OTHER:
		break;
	case PACKETS_BAD:
		c->bad++;
		break;
	case PACKETS_DESC:
		return take_desc(c, piece);
	case PACKETS_EVENT:
		take_net(c, piece);
		break;
	case PACKETS_RTP:
		return take_rtp(c, piece);
	case PACKETS_RTCP:
		take_rtcp(c, piece);
		break;
	}
	return 0;
}

/* --- judging --- */

bool census_knows(const struct census *c)
{
	for (unsigned int i = 0; i < c->tally->n; i++)
		if (c->sources[i].missing && !c->sources[i].is_told)
			return false;
	return true;
}

bool census_holds(const struct census *c, char *text, size_t cap)
{
	uint64_t missing = 0, told = 0;

	for (unsigned int i = 0; i < c->tally->n; i++) {
		const struct census_source *s = &c->sources[i];

		missing += s->missing;
		told += s->told;
		if (!s->is_told || s->then <= s->told)
			continue;
		snprintf(text, cap,
			 "track %u: %" PRIu64 " packets missing, of which the "
			 "network lost %" PRIu64,
			 i + 1, s->then, s->told);
		return false;
	}
	if (census_knows(c))
		snprintf(text, cap,
			 "%" PRIu64
			 " packets missing, the network lost %" PRIu64,
			 missing, told);
	else
		snprintf(text, cap,
			 "%" PRIu64 " packets missing, and nothing says why",
			 missing);
	return true;
}
