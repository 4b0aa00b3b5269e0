/* SPDX-License-Identifier: MIT */
/*
 * One outgoing source that shows what others send, one after the other, without
 * transcoding: what a selective forwarder (RFC 7667 section 3.7) sends on. SSRC,
 * sequence numbers and RTP time are its own (session/splice.h), layers that are
 * not wanted are left out (session/svc.h), and the ids of pictures (VP8's
 * PictureID and TL0PICIDX, RFC 7741, and VP9's, RFC 9628) go on where the source
 * changes, as one encoder's would. As long as there was one source that is
 * forwarded whole, payloads are its very octets.
 *
 * Pictures change source at a key frame. Packets of who is to come are held,
 * the newest picture of his, until that is one and the picture before it is
 * complete:
 *
 *	of the old:  if (!vc_forward_is_ready(f, rtp, now)) vc_forward_write();
 *	of the new:  vc_forward_hold();
 *	then:        if (vc_forward_is_ready(f, NULL, now)) {
 *	                     vc_forward_source();
 *	                     while ((pkt = vc_forward_unhold(f)))
 *	                             vc_forward_write();
 *	             }
 *
 * Sound changes source at any packet: nothing is held.
 */
#ifndef VC_SESSION_FORWARD_H
#define VC_SESSION_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "session/seqshift.h"
#include "session/splice.h"
#include "session/svc.h"
#include "wire/codec.h"
#include "wire/rtp.h"

#define VC_FORWARD_HELD 256
/* So long a picture that is not complete is waited for. */
#define VC_FORWARD_PATIENCE INT64_C(50000000)
/* Longer packets get no CSRC, lest they do not fit a datagram any more. */
#define VC_FORWARD_ROOM 1400

/* Extensions that go along, by their ids in the input; 0: not described. What
 * goes out has the ids of wire/rtpext.h. */
struct vc_forward_exts {
	uint8_t level;
	uint8_t capture_time;
	uint8_t orientation;
};

struct vc_forward {
	struct vc_splice splice; /* its sender may be read */
	enum vc_codec codec;
	uint8_t pt; /* of what goes out */
	struct vc_svc svc;

	/* ids of pictures */
	bool has_id;	   /* some were sent, the newest is 'id' */
	bool awaits_first; /* of a new source */
	bool is_moved;	   /* they are not the source's own */
	int64_t id;
	int64_t id_in; /* the source's newest, extended */
	int64_t id_off;
	struct vc_seqshift closed; /* behind those that were left out */
	int64_t left_out;	   /* the newest of these */
	uint8_t tl0;		   /* the newest, as sent */
	uint8_t tl0_off;

	/* the picture that is on its way */
	bool is_mid; /* the newest packet has no marker */
	uint32_t mid_ts;

	/* what is held, in order */
	struct vc_packet *held[VC_FORWARD_HELD];
	size_t n_held;
	uint32_t held_ts;
	bool is_begun;	 /* a key frame begins in it */
	bool is_overdue; /* and another picture came behind it */
	int64_t begun;
};

/* Numbers are drawn as by vc_splice_init(). */
void vc_forward_init(struct vc_forward *f, const struct vc_rand *rand,
		     const char *purpose, enum vc_codec codec, uint8_t pt,
		     uint32_t rate_hz);
/* Lets go of what is held. */
void vc_forward_clear(struct vc_forward *f);

/* Layers that are wanted; at first all. */
void vc_forward_want(struct vc_forward *f, struct vc_svc_top top);

/*
 * The packets from now on are another source's, with this line to stream time,
 * which is that of all. The first is to begin a key frame.
 */
void vc_forward_source(struct vc_forward *f, const struct vc_srcline *line);

/* A packet of the source to come, at 'pkt->arrival'; may take a reference. */
void vc_forward_hold(struct vc_forward *f, struct vc_packet *pkt,
		     const struct vc_rtp *rtp);
/* Is it time for the source to come? 'old': a packet of the one before came. */
bool vc_forward_is_ready(const struct vc_forward *f, const struct vc_rtp *old,
			 int64_t now);
/* The first of what is held, with its reference; NULL: no more. */
struct vc_packet *vc_forward_unhold(struct vc_forward *f);

/*
 * A packet of the source: what goes out instead, and is to be counted by
 * vc_splice_sent(). False: nothing does (a layer that is not wanted, padding,
 * from before the source), or 'w' has no room.
 */
bool vc_forward_write(struct vc_forward *f, struct vc_wr *w,
		      const struct vc_rtp *in, int64_t arrival,
		      const struct vc_forward_exts *exts);

/*
 * The same of a packet of another format among those of the source: comfort noise
 * (VC_CODEC_CN, RFC 3389) and telephone events (RFC 4733) of its own clock rate
 * among sound, RED among text (RFC 4103), whose blocks are T.140.
 */
bool vc_forward_write_as(struct vc_forward *f, struct vc_wr *w,
			 enum vc_codec codec, const struct vc_rtp *in,
			 int64_t arrival, const struct vc_forward_exts *exts);

/* Layers that are wanted and there do not pass without a key frame. */
bool vc_forward_wants_key(const struct vc_forward *f);

#endif
