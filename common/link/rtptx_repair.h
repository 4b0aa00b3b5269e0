/* SPDX-License-Identifier: MIT */
/*
 * What a transmitter does against losses: redundancy (rtptx_fec.c), sending
 * again (rtptx_repair.c), and what is kept for that (rtptx_kept.c).
 */
#ifndef VC_LINK_RTPTX_REPAIR_H
#define VC_LINK_RTPTX_REPAIR_H

#include "link/rtptx_internal.h"

/* --- rtptx_fec.c --- */

/* The description of what goes out, before the first stream. */
void vc_txfec_desc(struct vc_rtptx *s, const struct vc_sdp *sdp);
/* Adds the formats that it lacks; 'sdp' borrows from 's'. */
void vc_txfec_describe(const struct vc_rtptx *s, struct vc_sdp *sdp);
/* A stream begins; ends. */
void vc_txfec_begin(struct vc_rtptx *s, struct stream *st);
void vc_txfec_end(struct vc_rtptx *s, struct stream *st);
/* Is that the SSRC of its parity? */
bool vc_txfec_has_ssrc(const struct stream *st, uint32_t ssrc);
/* Sends a packet that was mapped, in RED where it is to be, and the parity
 * that it completes. */
void vc_txfec_send(struct vc_rtptx *s, struct stream *st, struct vc_packet *pkt,
		   const uint8_t *head, const struct vc_rtp *rtp);
/* Nothing follows: parity of what is there goes now. */
void vc_txfec_flush(struct vc_rtptx *s, struct stream *st);
/* A destination reported on it. */
void vc_txfec_report(struct vc_dest *d, struct stream *st,
		     const struct feedback *fb);
/* It asks for packets of a stream. */
void vc_txfec_nack(struct vc_rtptx *s, struct stream *st,
		   const struct vc_rtcp_fb *fb);
/* "fec" and "red" of "send". */
void vc_txfec_fill_stats(const struct vc_rtptx *s, struct vc_json *send);

/* --- rtptx_repair.c --- */

/* The description of what goes out, before the first stream. */
void vc_txrepair_desc(struct vc_rtptx *s, const struct vc_sdp *sdp);
/* Adds what is sent again to one for others. */
void vc_txrepair_describe(const struct vc_rtptx *s, struct vc_sdp *sdp);
bool vc_txrepair_is_wanted(const struct vc_rtptx *s);
/* A stream ends. */
void vc_txrepair_end(struct stream *st);
/* 'len' octets of media go to it: that is what its budget is a part of. */
void vc_txrepair_sent(struct vc_dest *d, size_t len);
void vc_txrepair_free(struct vc_dest *d);
/* Is that the SSRC of what is sent again to it? */
bool vc_txrepair_has_ssrc(const struct vc_dest *d, uint32_t ssrc);
/* It asks for packets of a stream. */
void vc_txrepair_nack(struct vc_dest *d, struct stream *st,
		      const struct vc_rtcp_fb *fb);
/* A round trip was measured. */
void vc_txrepair_rtt(struct vc_dest *d, struct stream *st, int64_t rtt);
/* An extended report came; answers to those, in the name of 'ssrc': octets. */
void vc_txrepair_take_xr(struct vc_dest *d, const struct vc_rtcp *pkt);
size_t vc_txrepair_write_xr(struct vc_dest *d, uint32_t ssrc, uint8_t *p,
			    size_t cap, int64_t now);
/* For reports: what is sent again of 'st', as a stream. False: nothing was. */
bool vc_txrepair_stand_in(const struct vc_dest *d, const struct stream *st,
			  struct vc_splice *out);
/* "repair" of a destination. */
void vc_txrepair_fill_stats(const struct vc_dest *d, struct vc_json *j);
/* A retransmission that repeats nothing, as long as 'len' if it can be, to
 * probe the path with. NULL: none can be made. */
struct vc_packet *vc_txrepair_padding(struct vc_dest *d, size_t len);

/* --- rtptx_kept.c --- */

/* The first media goes to a destination. */
void vc_txkept_greet(struct vc_rtptx *s, int64_t now);
/* Some destination speaks RTCP: it may ask. */
void vc_txkept_heard(struct vc_rtptx *s);

/* One of these, with the numbers of its stream. Until the next is kept. */
struct txkept {
	const uint8_t *data;
	size_t len;
	uint8_t pt;
	uint16_t seq;
	uint32_t ts_off;
};

/* A stream begins, once it has its redundancy; ends. */
void vc_txkept_begin(struct stream *st);
void vc_txkept_end(struct stream *st);
/* 'in' of that source goes out as 'out'. */
void vc_txkept_sent(struct stream *st, struct txsrc *tx,
		    const struct vc_rtp *in, const struct vc_rtp *out);
/* What its source sends is not for it any more, or for a while. Before any of
 * that is kept. */
void vc_txkept_away(struct stream *st);
/* It has gone to all streams. */
void vc_txkept_source(const struct vc_rtptx *s, struct txsrc *tx,
		      const struct vc_packet *pkt, const struct vc_rtp *rtp,
		      int64_t now);
/* A packet goes out; 'head' as in vc_dest_put(). */
void vc_txkept_own(struct stream *st, const struct vc_packet *pkt,
		   const uint8_t *head);
/* A round trip of somebody who gets it. */
void vc_txkept_rtt(struct stream *st, int64_t rtt, int64_t now);
/* False: it was never sent in this stream, or too long ago. */
bool vc_txkept_find(const struct stream *st, uint16_t seq, int64_t now,
		    struct txkept *out);
/* As it was sent, or NULL. */
struct vc_packet *vc_txkept_packet(const struct stream *st,
				   const struct txkept *k);

#endif
