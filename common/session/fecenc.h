/* SPDX-License-Identifier: MIT */
/*
 * FEC for one outgoing media stream: groups of its packets are summed into
 * parity packets (wire/fec.h) that follow them. Media is never held back; what
 * the encoder keeps are references. Told the time, not thread-safe.
 *
 * A group ends with a frame (marker) once half of 'max_delay' has passed and
 * the rate allows a parity packet, at 'max_delay' in any case, and when it is
 * full. Larger groups repair more at the same rate, later. The rate holds over
 * groups: what one could not use is the next one's.
 *
 * Two ways to spread m parity packets over a group. For losses that come alone
 * each media packet goes into two of them, no two packets into the same two as
 * long as there are pairs: any two losses are repaired, most threes. For
 * bursts packet i goes into parity i mod m: m losses in a row are repaired.
 * With 48 + 10 packets and 5 % loss 0.22 % are left against 1.11 % when losses
 * come alone; in bursts of 4 on average 1.79 % against 1.37 %.
 *
 * FlexFEC: parity goes out as conf.ssrc, which is not the media's, with a
 * sequence of its own.
 *
 * ULPFEC goes inside RED on the media's own SSRC and sequence, as WebRTC has
 * it. The caller then
 *  - wraps every media packet by vc_red_wrap() after it gave it to
 *    vc_fecenc_put() (which sums the packet without RED),
 *  - gives vc_fecenc_next() the next sequence number of the media stream, and
 *    numbers the media after it from there on.
 */
#ifndef VC_SESSION_FECENC_H
#define VC_SESSION_FECENC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/fec.h"

struct vc_packet;
struct vc_pool;

#define VC_FECENC_GROUP_MAX 48
#define VC_FECENC_PERCENT_MAX 100 /* parity per media packet */
#define VC_FECENC_AUTO_MAX 50

struct vc_fecenc_conf {
	enum vc_fec_format format;
	uint8_t pt;	     /* of the parity */
	uint8_t red_pt;	     /* ULPFEC: of the RED around it */
	uint32_t ssrc;	     /* of parity packets */
	uint32_t media_ssrc; /* FlexFEC: what is protected */
	/* Extensions written after vc_fecenc_put(), see vc_fec_sum_add(). */
	uint16_t volatile_ids;
	int64_t max_delay; /* from a group's first packet to its parity */
};

struct vc_fecenc_counts {
	uint64_t media;	  /* packets protected */
	uint64_t parity;  /* packets made */
	uint64_t octets;  /* of them */
	uint64_t skipped; /* media not protected: rate, order or length */
};

struct vc_fecenc;

/* Parity packets come from 'pool', which must outlive it. NULL: no memory. */
struct vc_fecenc *vc_fecenc_new(const struct vc_fecenc_conf *conf,
				struct vc_pool *pool);
void vc_fecenc_free(struct vc_fecenc *e);

/* From the next group on. 0 percent: nothing is kept and nothing made. */
void vc_fecenc_set(struct vc_fecenc *e, unsigned int percent, bool is_bursty);

/*
 * The rate that leaves about a tenth of the loss, for --fec auto: five times
 * the loss and 5 %, at most VC_FECENC_AUTO_MAX; none without loss. 'fraction'
 * is a receiver report's. Where lost packets are sent again ('has_nack') that
 * is cheaper as long as there is time: nothing up to 50 ms of 'rtt', all of it
 * from 200 on. 'rtt' -1: not known.
 */
unsigned int vc_fecenc_auto(uint8_t fraction, int64_t rtt, bool has_nack);

/*
 * A media packet that goes out at 'now'. 'head' is its first VC_RTP_HEADER
 * octets, those in 'pkt' are not looked at; 'pkt' is its rest, which must not
 * change but for volatile extensions. Takes a reference. Then call
 * vc_fecenc_next().
 */
void vc_fecenc_put(struct vc_fecenc *e, const uint8_t *head,
		   struct vc_packet *pkt, int64_t now);

/* When to call vc_fecenc_tick() next, VC_TIME_NONE: no need. */
int64_t vc_fecenc_due(const struct vc_fecenc *e);

/* Ends what is due. Then call vc_fecenc_next(). */
void vc_fecenc_tick(struct vc_fecenc *e, int64_t now);

/* Is there one? */
bool vc_fecenc_has_next(const struct vc_fecenc *e);

/*
 * The next parity packet, whole, with the sequence number 'seq' and the RTP
 * time of the last packet of its group; NULL when there is none. The
 * reference is the caller's. It is longer than the longest media packet by up
 * to VC_FEC_HEADER_MAX + 1. Take all before the next put or tick: those that
 * are left are lost.
 */
struct vc_packet *vc_fecenc_next(struct vc_fecenc *e, uint16_t seq);

const struct vc_fecenc_counts *vc_fecenc_counts(const struct vc_fecenc *e);

#endif
