/* SPDX-License-Identifier: MIT */
/*
 * Redundancy that goes out with a stream. Sound: RED, older payloads once more
 * in each packet. Pictures: parity packets (session/fecenc.h), as FlexFEC with
 * an SSRC of its own, or where the description has ULPFEC and RED but not
 * FlexFEC, as these: media in RED, parity among it in its sequence.
 *
 * Parity is made once for all destinations of a group, at the rate that is
 * given or that the worst of their reports asks for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "link/rtptx_repair.h"
#include "session/fecenc.h"
#include "session/lossburst.h"
#include "session/redaudio.h"
#include "wire/red.h"
#include "wire/rtcp.h"

#define MAX_DELAY (200 * VC_MS) /* to its parity; as a rule half of it */
#define MAX_LEN 1200		/* of a packet with RED */

struct txfec {
	struct stream *st;
	struct vc_fecenc *enc; /* pictures, or NULL */
	struct vc_redtx *red;  /* sound, or NULL */
	bool is_ulp;
	uint8_t red_pt; /* of ULPFEC */
	uint32_t ssrc;	/* FlexFEC's */
	uint16_t seq;	/* its next */
	unsigned int percent;
	struct vc_lossburst burst;
	struct vc_timer timer;
};

/* Both cost rate all the time, so they are not for "auto". */
static bool wants_fec(const struct vc_rtptx *s)
{
	return s->conf.fec.has_fec ||
	       vc_repair_has(&s->conf.repair, VC_REPAIR_FEC, false);
}

static bool wants_red(const struct vc_rtptx *s)
{
	return s->conf.fec.red ||
	       vc_repair_has(&s->conf.repair, VC_REPAIR_RED, false);
}

void vc_txfec_desc(struct vc_rtptx *s, const struct vc_sdp *sdp)
{
	vc_fec_formats(&s->fec_formats, sdp);
}

/* Ids of extensions that are written when a packet leaves. */
static uint16_t volatile_ids(const struct vc_rtptx *s)
{
	uint16_t ids = s->fec_formats.volatile_ids;

	/* Those of the one-byte form; 0 is none. */
	if (s->ext_twcc && s->ext_twcc < 15)
		ids |= (uint16_t)(1u << s->ext_twcc);
	if (s->ext_time && s->ext_time < 15)
		ids |= (uint16_t)(1u << s->ext_time);
	return ids;
}

void vc_txfec_describe(const struct vc_rtptx *s, struct vc_sdp *sdp)
{
	vc_fec_describe(&s->fec_formats, wants_fec(s), wants_red(s), sdp);
}

/* --- a stream's --- */

/* Equal seeds and streams give equal numbers, in clear. */
static void draw(struct vc_rtptx *s, struct txfec *f)
{
	const struct vc_rand *rand = vc_rtptx_rand(s);
	char purpose[32];
	uint64_t n = 0;

	snprintf(purpose, sizeof(purpose), "fec %08" PRIx32,
		 f->st->splice.sender.ssrc);
	do {
		f->ssrc = vc_rand_u32(rand, purpose, n);
		n++;
	} while (vc_rtptx_is_taken(s, f->ssrc) ||
		 vc_group_claim(f->st->group, f->ssrc) == -EADDRINUSE);
	f->seq = (uint16_t)(vc_rand_u32(rand, purpose, n) & 0x7fff);
}

static void tick(void *ctx, int64_t now);

static void begin_parity(struct txfec *f, struct vc_rtptx *s)
{
	const struct vc_fec_formats *fmt = &s->fec_formats;
	struct vc_fecenc_conf conf = {
		.format = fmt->flex >= 0 ? VC_FEC_FLEX : VC_FEC_ULP,
		.media_ssrc = f->st->splice.sender.ssrc,
		.ssrc = f->st->splice.sender.ssrc,
		.volatile_ids = volatile_ids(s),
		.max_delay = MAX_DELAY,
	};

	f->is_ulp = fmt->flex < 0;
	if (f->is_ulp) {
		if (fmt->ulp < 0 || fmt->ulp_red < 0)
			return;
		conf.pt = (uint8_t)fmt->ulp;
		conf.red_pt = f->red_pt = (uint8_t)fmt->ulp_red;
	} else {
		draw(s, f);
		conf.ssrc = f->ssrc;
		conf.pt = (uint8_t)fmt->flex;
	}
	f->enc = vc_fecenc_new(&conf, vc_tool_pool(s->tool));
	f->percent = s->conf.fec.percent;
	if (f->enc)
		vc_fecenc_set(f->enc, f->percent, false);
}

static void begin_red(struct txfec *f, struct vc_rtptx *s)
{
	const struct vc_redtx_conf conf = {
		.red_pt = (uint8_t)s->fec_formats.red,
		.n = s->conf.fec.red ? s->conf.fec.red : 1,
		.distance = 1,
		.max_len = MAX_LEN,
	};

	if (s->fec_formats.red >= 0)
		f->red = vc_redtx_new(&conf, vc_tool_pool(s->tool));
}

void vc_txfec_begin(struct vc_rtptx *s, struct stream *st)
{
	struct txfec *f;

	if (!(st->kind == VC_VIDEO && wants_fec(s)) &&
	    !(st->kind == VC_AUDIO && wants_red(s)))
		return;
	f = vc_try_alloc(1, sizeof(*f));
	if (!f)
		return;
	f->st = st;
	f->timer = (struct vc_timer){ .fn = tick, .ctx = f };
	if (st->kind == VC_VIDEO)
		begin_parity(f, s);
	else
		begin_red(f, s);
	st->fec = f;
}

void vc_txfec_end(struct vc_rtptx *s, struct stream *st)
{
	if (!st->fec)
		return;
	if (st->fec->enc && !st->fec->is_ulp)
		vc_group_forget(st->group, st->fec->ssrc);
	vc_timer_cancel(s->loop, &st->fec->timer);
	vc_fecenc_free(st->fec->enc);
	vc_redtx_free(st->fec->red);
	free(st->fec);
	st->fec = NULL;
}

bool vc_txfec_has_ssrc(const struct stream *st, uint32_t ssrc)
{
	return st->fec && st->fec->enc && !st->fec->is_ulp &&
	       st->fec->ssrc == ssrc;
}

/* --- sending --- */

/* Takes over the reference. Counts it for the stream's reports. */
static void put_media(struct stream *st, struct vc_packet *pkt)
{
	struct vc_rtp rtp;

	if (!vc_rtp_parse(&rtp, pkt->data, pkt->len))
		vc_splice_sent(&st->splice, rtp.payload_len);
	vc_txstream_put(st, pkt, pkt->data);
	vc_packet_unref(pkt);
}

static void put_plain(struct stream *st, struct vc_packet *pkt,
		      const uint8_t *head, const struct vc_rtp *rtp)
{
	vc_splice_sent(&st->splice, rtp->payload_len);
	vc_txstream_put(st, pkt, head);
}

/* What the encoder has made; then it is told when to make more. */
static void put_parity(struct vc_rtptx *s, struct txfec *f)
{
	int64_t due;

	while (vc_fecenc_has_next(f->enc)) {
		uint16_t seq = f->is_ulp ? vc_splice_insert(&f->st->splice) :
					   f->seq++;
		struct vc_packet *pkt = vc_fecenc_next(f->enc, seq);

		s->fec_counts.packets++;
		s->fec_counts.octets += pkt->len;
		if (f->is_ulp) {
			put_media(f->st, pkt);
			continue;
		}
		vc_txstream_put(f->st, pkt, pkt->data);
		vc_packet_unref(pkt);
	}
	due = vc_fecenc_due(f->enc);
	if (due == VC_TIME_NONE)
		vc_timer_cancel(s->loop, &f->timer);
	else
		vc_timer_arm(s->loop, &f->timer, due);
}

static void tick(void *ctx, int64_t now)
{
	struct txfec *f = ctx;

	vc_fecenc_tick(f->enc, now);
	put_parity(f->st->tx, f);
}

void vc_txfec_flush(struct vc_rtptx *s, struct stream *st)
{
	if (!st->fec || !st->fec->enc)
		return;
	vc_fecenc_tick(st->fec->enc, INT64_MAX);
	put_parity(s, st->fec);
}

/* The packet as the only block of RED; NULL: it goes as it is. */
static struct vc_packet *wrap(const struct txfec *f,
			      const struct vc_packet *pkt, const uint8_t *head,
			      const struct vc_rtp *rtp)
{
	size_t len = pkt->len + VC_RED_PRIMARY_HEADER;
	struct vc_packet *out;
	struct vc_wr w;

	if (len > VC_PACKET_MAX)
		return NULL;
	out = vc_packet_new(vc_tool_pool(f->st->tx->tool), len);
	if (!out)
		return NULL;
	w = vc_wr_over(out->data, len);
	vc_red_wrap(&w, head, pkt->data + VC_RTP_HEADER,
		    pkt->len - VC_RTP_HEADER, rtp->header_len, f->red_pt);
	if (w.bad) {
		vc_packet_unref(out);
		return NULL;
	}
	out->len = vc_wr_len(&w);
	out->arrival = pkt->arrival;
	return out;
}

static bool is_opus(const struct stream *st)
{
	return st->src && st->src->codec == VC_CODEC_OPUS;
}

static void send_one(struct vc_rtptx *s, struct stream *st,
		     struct vc_packet *pkt, const uint8_t *head,
		     const struct vc_rtp *rtp)
{
	struct txfec *f = st->fec;
	struct vc_packet *out = NULL;

	s->fec_counts.media_octets += pkt->len;
	if (f && f->red && is_opus(st)) {
		out = vc_redtx_put(f->red, head, pkt, rtp);
		s->fec_counts.red += out != NULL;
		if (out && out->len > pkt->len)
			s->fec_counts.red_octets += out->len - pkt->len;
	} else if (f && f->enc) {
		vc_fecenc_put(f->enc, head, pkt, vc_loop_now(s->loop));
		if (f->is_ulp)
			out = wrap(f, pkt, head, rtp);
	}
	if (out)
		put_media(st, out);
	else
		put_plain(st, pkt, head, rtp);
	if (f && f->enc)
		put_parity(s, f);
}

/* Parity is of packets as they go out: where they are numbered later, there
 * has to be room for that. */
void vc_txfec_send(struct vc_rtptx *s, struct stream *st, struct vc_packet *pkt,
		   const uint8_t *head, const struct vc_rtp *rtp)
{
	const bool has_parity = st->fec && st->fec->enc;
	struct vc_packet *out = NULL;
	struct vc_rtp longer;
	size_t at[2];

	if (!st->fec) {
		s->fec_counts.media_octets += pkt->len;
		put_plain(st, pkt, head, rtp);
		return;
	}
	if (has_parity && s->ext_twcc)
		out = vc_txrate_number(s, pkt, head, at);
	if (!out || vc_rtp_parse(&longer, out->data, out->len))
		send_one(s, st, pkt, head, rtp);
	else
		send_one(s, st, out, out->data, &longer);
	vc_packet_unref(out);
}

/* --- how much --- */

/* It rises at once and falls by a quarter a report. */
void vc_txfec_report(struct vc_dest *d, struct stream *st,
		     const struct feedback *fb)
{
	struct txfec *f = st->fec;
	bool has_nack = d->counts.nacks &&
			vc_repair_has(&d->s->conf.repair,
				      VC_REPAIR_NACK | VC_REPAIR_RTX, true);
	unsigned int now, less;

	if (!f || !f->enc || d->s->conf.fec.percent)
		return;
	now = vc_fecenc_auto(fb->fraction, fb->rtt, has_nack);
	less = f->percent * 3 / 4;
	f->percent = now > less ? now : less;
	vc_fecenc_set(f->enc, f->percent, vc_lossburst_is(&f->burst));
}

/* What parity is the sum of depends on whether losses come in rows. */
void vc_txfec_nack(struct vc_rtptx *s, struct stream *st,
		   const struct vc_rtcp_fb *fb)
{
	struct txfec *f = st->fec;
	struct vc_rtcp_nack e;
	bool was, is;

	if (!f || !f->enc)
		return;
	was = vc_lossburst_is(&f->burst);
	for (size_t i = 0; vc_rtcp_nack_at(fb, i, &e); i++) {
		vc_lossburst_put(&f->burst, e.pid);
		for (unsigned int b = 0; b < 16; b++) {
			if (e.blp & 1u << b)
				vc_lossburst_put(&f->burst,
						 (uint16_t)(e.pid + 1 + b));
		}
	}
	is = vc_lossburst_is(&f->burst);
	if (is == was)
		return;
	vc_fecenc_set(f->enc, f->percent, is);
	s->fec_counts.bursty += is;
}

void vc_txfec_fill_stats(const struct vc_rtptx *s, struct vc_json *send)
{
	const struct txfec_counts *c = &s->fec_counts;
	struct vc_json *fec = vc_json_object(), *red = vc_json_object();
	double media = c->media_octets ? (double)c->media_octets : 1;

	vc_json_set_int(fec, "packets", (int64_t)c->packets);
	vc_json_set_int(fec, "octets", (int64_t)c->octets);
	vc_json_set_real(fec, "share", (double)c->octets / media, 4);
	vc_json_set_int(fec, "bursty", (int64_t)c->bursty);
	vc_json_set(send, "fec", fec);
	vc_json_set_int(red, "packets", (int64_t)c->red);
	vc_json_set_int(red, "octets", (int64_t)c->red_octets);
	vc_json_set_real(red, "share", (double)c->red_octets / media, 4);
	vc_json_set(send, "red", red);
}
