/* SPDX-License-Identifier: MIT */
/*
 * Telephone events over time (RFC 4733): a sender that turns digits into
 * packets, and a receiver that turns packets into events, each once. Told the
 * time; no memory of its own.
 */
#ifndef VC_SESSION_DTMF_H
#define VC_SESSION_DTMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "wire/dtmf.h"

/* --- sender --- */

#define VC_DTMF_QUEUE 64
#define VC_DTMF_TONE (100 * VC_MS)
#define VC_DTMF_PAUSE (100 * VC_MS) /* at least, between two */
#define VC_DTMF_INTERVAL (20 * VC_MS)
#define VC_DTMF_ENDS 3 /* the last packet goes so many times */

struct vc_dtmftx {
	uint32_t rate_hz;
	int64_t tone; /* ns */
	int64_t pause;
	uint8_t volume;
	uint8_t queue[VC_DTMF_QUEUE]; /* events, the first of them in hand */
	size_t n;
	bool has_begun;	    /* the first one */
	int64_t start;	    /* of it */
	unsigned int n_end; /* packets that said that it is over */
	int64_t next;	    /* when the next packet, or event, may come */
};

/* One packet to send. */
struct vc_dtmf_packet {
	int64_t start; /* of its event: the RTP time of all its packets */
	bool marker;   /* its first one */
	uint8_t payload[VC_DTMF_LEN];
};

/*
 * 'tone' 0: VC_DTMF_TONE. 0, or -EINVAL: under 40 ms (nobody would hear it), or
 * more than fits into 65535 units of RTP time.
 */
int vc_dtmftx_init(struct vc_dtmftx *tx, uint32_t rate_hz, int64_t tone,
		   uint8_t volume);

/*
 * Appends digits (wire/dtmf.h), all or none. 0, -EINVAL: one is none, -ENOSPC:
 * more than VC_DTMF_QUEUE would wait.
 */
int vc_dtmftx_dial(struct vc_dtmftx *tx, const char *digits, int64_t now);

/* When vc_dtmftx_get() has a packet; INT64_MAX: there are no events. */
int64_t vc_dtmftx_next(const struct vc_dtmftx *tx);

/* The packet that is due at 'now'. False: none is. */
bool vc_dtmftx_get(struct vc_dtmftx *tx, int64_t now,
		   struct vc_dtmf_packet *out);

/* An event is being sent: no sound goes beside it. */
bool vc_dtmftx_is_busy(const struct vc_dtmftx *tx);

/* --- receiver, one a source --- */

#define VC_DTMF_SILENCE (3 * VC_SEC) /* then an event is over */

struct vc_dtmfrx {
	uint32_t rate_hz;
	bool is_on;	   /* an event goes on */
	bool has_last;	   /* 'ts' is known */
	uint32_t ts;	   /* of the newest event, or of its newest segment */
	uint8_t event;	   /* of it */
	uint32_t before;   /* units in segments before */
	uint16_t duration; /* of the newest segment, so far */
	int64_t arrival;   /* of its last packet */
};

/* An event that is over. */
struct vc_dtmf_heard {
	uint8_t event;
	int64_t length; /* ns */
	bool is_forced; /* no end came: another event did, or nothing */
};

void vc_dtmfrx_init(struct vc_dtmfrx *rx, uint32_t rate_hz);

/*
 * A packet of RTP time 'ts'. Returns how many events are over with it, in their
 * order. Packets of events that are over, and older ones, say nothing new.
 */
size_t vc_dtmfrx_put(struct vc_dtmfrx *rx, const struct vc_dtmf *d, uint32_t ts,
		     int64_t now, struct vc_dtmf_heard out[static 2]);

/* When vc_dtmfrx_expire() has something to say; INT64_MAX: never. */
int64_t vc_dtmfrx_next(const struct vc_dtmfrx *rx);

/* True: at 'now' an event is over whose end never came. */
bool vc_dtmfrx_expire(struct vc_dtmfrx *rx, int64_t now,
		      struct vc_dtmf_heard *out);

#endif
