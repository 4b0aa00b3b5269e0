/* SPDX-License-Identifier: MIT */
/*
 * Redundancy that comes with a source: RED, FlexFEC and ULPFEC end here.
 * Packets are taken out of RED; what is won goes into the stream as it would
 * have come, but is told to nobody who judges the path.
 *
 * A source's memory (struct rxfec) is made when the first redundancy for it
 * comes, so the first group of parity wins nothing.
 *
 * ULPFEC takes numbers of the media's sequence. Those of the stream close up
 * behind each parity packet that came as the newest; where one was lost or
 * late a hole stays, as nobody can tell it from lost media.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "link/rtprx_internal.h"
#include "session/fecdec.h"
#include "session/redaudio.h"
#include "session/seqshift.h"
#include "wire/red.h"

#define DECODERS 192 /* of sources that have no key */
#define WON 256	     /* numbers that are remembered as won */

struct rxfec {
	struct vc_fecdec *dec; /* NULL: no parity yet */
	struct vc_redrx *red;  /* NULL: no sound in RED yet */
	int64_t won[WON];      /* extended numbers, by their low bits */
	struct vc_seqshift shift;
};

static void forget(struct rxfec *f)
{
	for (size_t i = 0; i < WON; i++)
		f->won[i] = INT64_MIN;
	f->shift = (struct vc_seqshift){ 0 };
}

/* NULL: no memory. */
static struct rxfec *fec_of(struct rxsrc *s)
{
	if (s->fec)
		return s->fec;
	s->fec = vc_try_alloc(1, sizeof(*s->fec));
	if (s->fec)
		forget(s->fec);
	return s->fec;
}

void vc_rtprx_fec_free(struct rxsrc *s)
{
	if (!s->fec)
		return;
	s->r->decoders -= s->fec->dec != NULL;
	vc_fecdec_free(s->fec->dec);
	vc_redrx_free(s->fec->red);
	free(s->fec);
	s->fec = NULL;
}

static bool wants(const struct rxsrc *s, unsigned int repair)
{
	return vc_repair_has(&s->r->conf.repair, repair, true);
}

int vc_rtprx_red_peek(const struct vc_rtp *rtp, struct vc_rtp *inner)
{
	struct vc_red red;

	if (vc_red_parse(&red, rtp->payload, rtp->payload_len))
		return -EBADMSG;
	*inner = *rtp;
	inner->pt = red.blocks[red.n - 1].pt;
	inner->payload = red.blocks[red.n - 1].p;
	inner->payload_len = red.blocks[red.n - 1].len;
	return 0;
}

/* --- into the stream --- */

static int64_t *won_at(struct rxfec *f, int64_t ext)
{
	return &f->won[(uint64_t)ext % WON];
}

static void renumber(const struct rxsrc *s, struct vc_packet *pkt,
		     struct vc_rtp *rtp)
{
	int64_t ext = vc_rxstats_extend(&s->st, rtp->seq);

	rtp->seq = (uint16_t)(rtp->seq + vc_seqshift_of(&s->fec->shift, ext));
	vc_rtp_set_seq(pkt->data, rtp->seq);
}

static struct vc_packet *copy(const struct rxsrc *s,
			      const struct vc_packet *pkt)
{
	struct vc_packet *c = vc_packet_new(vc_tool_pool(s->r->tool), pkt->len);

	if (!c)
		return NULL;
	memcpy(c->data, pkt->data, pkt->len);
	c->len = pkt->len;
	c->arrival = pkt->arrival;
	return c;
}

/* Are packets rewritten in what parity sums (all but number and SSRC)? */
static bool is_rewritten(const struct rxsrc *s)
{
	const struct vc_merge *m = &s->r->merge;

	return m->n_maps > 1 || !m->maps[s->ep->index].is_identity;
}

/* A packet of media that is in the decoder's store, too: it stays as it came
 * there. */
static void pass_shared(struct rxsrc *s, struct vc_packet *pkt,
			struct vc_rtp *rtp)
{
	struct vc_packet *c;

	if (!s->fec->dec || !is_rewritten(s)) {
		renumber(s, pkt, rtp);
		vc_rtprx_media(s, pkt, rtp);
		return;
	}
	c = copy(s, pkt);
	if (c && !vc_rtp_parse(rtp, c->data, c->len)) {
		renumber(s, c, rtp);
		vc_rtprx_media(s, c, rtp);
	}
	vc_packet_unref(c);
}

/* Takes over the reference. */
static void pass_won(struct rxsrc *s, struct vc_packet *pkt, uint64_t *n)
{
	struct vc_rtp rtp;
	int64_t ext;

	if (!vc_rtp_parse(&rtp, pkt->data, pkt->len) &&
	    vc_rtprx_fits(s, &rtp) && !vc_rxstats_has(&s->st, rtp.seq)) {
		ext = vc_rxstats_extend(&s->st, rtp.seq);
		if (*won_at(s->fec, ext) != ext) {
			*won_at(s->fec, ext) = ext;
			++*n;
			vc_nack_put(&s->rep.nack, rtp.seq, VC_NACK_FEC,
				    pkt->arrival);
			vc_rtprx_look_at_key(s, &rtp);
			pass_shared(s, pkt, &rtp);
		}
	}
	vc_packet_unref(pkt);
}

static void pass_all_won(struct rxsrc *s)
{
	struct vc_packet *pkt;

	while ((pkt = vc_fecdec_next(s->fec->dec)))
		pass_won(s, pkt, &s->won.fec);
}

/* Media as it was sent. It was won before, or is new. */
static void take_media(struct rxsrc *s, struct vc_packet *pkt,
		       struct vc_rtp *rtp)
{
	struct rxfec *f = s->fec;
	int64_t ext;

	vc_rtprx_look_at_key(s, rtp);
	if (!f) {
		vc_rtprx_media(s, pkt, rtp);
		return;
	}
	ext = vc_rxstats_extend(&s->st, rtp->seq);
	if (*won_at(f, ext) == ext)
		return;
	if (f->red)
		vc_redrx_note(f->red, rtp);
	if (f->dec && vc_rtprx_is_crowded(s))
		s->r->counts.crowded++;
	else if (f->dec)
		vc_fecdec_media(f->dec, pkt);
	pass_shared(s, pkt, rtp);
	if (f->dec)
		pass_all_won(s);
}

/* --- parity --- */

static struct vc_fecdec *decoder(struct rxsrc *s, enum vc_fec_format format,
				 uint8_t pt, uint8_t red_pt)
{
	const struct vc_fecdec_conf conf = {
		.format = format,
		.pt = pt,
		.red_pt = red_pt,
		.media_ssrc = s->src->ssrc,
		.volatile_ids = s->ep->volatile_ids,
	};
	struct vc_rtprx *r = s->r;
	struct rxfec *f;

	if (s->fec && s->fec->dec)
		return s->fec->dec;
	if (s->key < 0 && r->decoders >= DECODERS)
		return NULL;
	f = fec_of(s);
	if (!f)
		return NULL;
	f->dec = vc_fecdec_new(&conf, vc_tool_pool(r->tool));
	r->decoders += f->dec != NULL;
	return f->dec;
}

static void take_parity(struct rxsrc *s, struct vc_packet *pkt,
			struct vc_fecdec *dec, const struct vc_rtp *rtp)
{
	int err;

	s->r->counts.fec++;
	if (!dec || vc_rtprx_is_crowded(s)) {
		s->r->counts.crowded += wants(s, VC_REPAIR_FEC);
		return;
	}
	err = vc_fecdec_parity(dec, pkt, rtp->payload, rtp->payload_len);
	s->r->counts.fec_refused += err != 0;
	pass_all_won(s);
}

/* 'rtp' has the parity for its payload, 'pt' is the packet's. */
static void take_ulpfec(struct rxsrc *s, struct vc_packet *pkt,
			const struct vc_rtp *rtp, uint8_t pt)
{
	struct rxfec *f = fec_of(s);

	if (f && s->st.seq == s->st.highest)
		vc_seqshift_add(&f->shift, s->st.seq, -1);
	take_parity(s, pkt,
		    wants(s, VC_REPAIR_FEC) ?
			    decoder(s, VC_FEC_ULP, rtp->pt, pt) :
			    NULL,
		    rtp);
}

void vc_rtprx_take_flexfec(struct endpoint *ep, const struct vc_port_msg *m,
			   const struct vc_rtp *rtp)
{
	struct vc_rtprx *r = ep->r;
	const struct vc_source *src = NULL;
	struct rxsrc *s;
	struct vc_fec fec;

	if (!vc_fec_parse(&fec, VC_FEC_FLEX, rtp->payload, rtp->payload_len))
		src = vc_roster_find(r->roster, ep->index, fec.ssrc);
	s = src ? src->user : NULL;
	/* From where its media comes, and nowhere else; under its keys. */
	if (!s || !s->peer || s->peer->key != m->peer ||
	    strcmp(src->key_name, m->key_name ? m->key_name : "") != 0) {
		r->counts.fec_refused++;
		return;
	}
	s->peer->octets_in += m->pkt->len;
	take_parity(s, m->pkt,
		    wants(s, VC_REPAIR_FEC) ?
			    decoder(s, VC_FEC_FLEX, rtp->pt, rtp->pt) :
			    NULL,
		    rtp);
}

/* --- RED --- */

/* The packet's own block, alone. */
static void unwrap(struct rxsrc *s, struct vc_packet *pkt,
		   const struct vc_rtp *rtp, const struct vc_rtp *inner)
{
	const struct vc_red_block block = { .pt = inner->pt,
					    .p = inner->payload,
					    .len = inner->payload_len };
	struct vc_packet *out =
		vc_packet_new(vc_tool_pool(s->r->tool), pkt->len);
	struct vc_rtp media;
	struct vc_wr w;

	if (!out)
		return;
	w = vc_wr_over(out->data, pkt->len);
	vc_red_unwrap(&w, pkt->data, rtp, &block);
	out->len = vc_wr_len(&w);
	out->arrival = pkt->arrival;
	if (!w.bad && !vc_rtp_parse(&media, out->data, out->len))
		take_media(s, out, &media);
	vc_packet_unref(out);
}

static struct vc_redrx *red_of(struct rxsrc *s, uint8_t red_pt,
			       enum vc_codec codec)
{
	struct rxfec *f = fec_of(s);

	if (f && !f->red)
		f->red = vc_redrx_new(red_pt, codec == VC_CODEC_T140,
				      vc_tool_pool(s->r->tool));
	return f ? f->red : NULL;
}

static void take_sound(struct rxsrc *s, struct vc_packet *pkt,
		       const struct vc_rtp *rtp, struct vc_redrx *red)
{
	struct vc_packet *out;
	bool is_won;

	if (vc_redrx_put(red, pkt, rtp))
		return;
	while ((out = vc_redrx_next(red, &is_won))) {
		struct vc_rtp media;

		if (is_won) {
			pass_won(s, out, &s->won.red);
			continue;
		}
		if (!vc_rtp_parse(&media, out->data, out->len))
			take_media(s, out, &media);
		vc_packet_unref(out);
	}
}

static void take_red(struct rxsrc *s, struct vc_packet *pkt,
		     const struct vc_rtp *rtp)
{
	struct vc_redrx *red = NULL;
	struct vc_rtp inner;
	enum vc_codec codec;

	if (vc_rtprx_red_peek(rtp, &inner))
		return;
	codec = s->ep->formats[inner.pt].codec;
	if ((codec == VC_CODEC_OPUS || codec == VC_CODEC_T140) &&
	    wants(s, VC_REPAIR_RED))
		red = red_of(s, rtp->pt, codec);
	if (codec == VC_CODEC_ULPFEC)
		take_ulpfec(s, pkt, &inner, rtp->pt);
	else if (red)
		take_sound(s, pkt, rtp, red);
	else
		unwrap(s, pkt, rtp, &inner);
}

void vc_rtprx_take_new(struct rxsrc *s, struct vc_packet *pkt,
		       struct vc_rtp *rtp, enum vc_rx rx)
{
	enum vc_codec codec = s->ep->formats[rtp->pt].codec;

	if (s->fec && rx == VC_RX_RESYNC)
		forget(s->fec);
	if (codec == VC_CODEC_RED)
		take_red(s, pkt, rtp);
	else if (codec == VC_CODEC_ULPFEC)
		take_ulpfec(s, pkt, rtp, rtp->pt);
	else
		take_media(s, pkt, rtp);
}
