/* SPDX-License-Identifier: MIT */
/*
 * What goes out to one destination: one master key, any number of SSRCs. The
 * key's life is counted here, over all of them, and ends with an error.
 */
#ifndef VC_NET_SRTPOUT_H
#define VC_NET_SRTPOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/srtp.h"

struct vc_srtp_in;
struct vc_srtp_out;

struct vc_srtp_out_conf {
	/* The keyring of the same endpoint, which outlives this; NULL: nothing
	 * comes in. */
	struct vc_srtp_in *in;
	/* Its keys may have this one too. SSRCs are then kept apart: ours are
	 * reserved in the keyring, which takes no packet that has one. */
	bool is_shared;
	unsigned int max_sources; /* SSRCs */
	/* The key before this one, which outlives it: an SSRC that is new here
	 * goes on with the roll-over count that it has there. NULL: none. */
	struct vc_srtp_out *before;
};

/* 0; -EEXIST: the keyring has that master key and 'is_shared' is not set;
 * -ENOMEM. 'key' is copied. */
int vc_srtp_out_new(struct vc_srtp_out **out, const struct vc_srtp_key *key,
		    const struct vc_srtp_out_conf *conf);
/* Zeroises. NULL is fine. */
void vc_srtp_out_free(struct vc_srtp_out *o);

/*
 * Protects an RTP or RTCP packet in place; 'p' has room for 'cap' octets, at
 * least VC_SRTP_TRAILER_MAX more than '*len'. An error means that it must not
 * be sent:
 * -EKEYEXPIRED	the key's life is over (2^48 packets or what its line says,
 *		2^31 of RTCP)
 * -EALREADY	this number was protected before, or is older than the window:
 *		what is sent again is sent as it was, or as RTX
 * -EADDRINUSE	a shared key, and others use this SSRC: draw another
 * -EBADMSG	not RTP or RTCP
 * -ENOSPC	no room behind it, or for one more SSRC
 * -ENOMEM
 */
int vc_srtp_out_seal(struct vc_srtp_out *o, uint8_t *p, size_t *len,
		     size_t cap);

/* As vc_srtp_fetch(). */
#define VC_SRTP_OUT_FETCH_STEPS (1 + VC_SRTP_FETCH_STEPS)
void vc_srtp_out_fetch(const struct vc_srtp_out *o, unsigned int step);

/* An SSRC is to be sent with. 0, or -EADDRINUSE (draw another), -ENOSPC,
 * -ENOMEM as above. */
int vc_srtp_out_claim(struct vc_srtp_out *o, uint32_t ssrc);
/* It will send no more. */
void vc_srtp_out_forget(struct vc_srtp_out *o, uint32_t ssrc);

/* Packets so far; to be set for a key that was used before (and by tests). */
struct vc_srtp_used {
	uint64_t rtp;
	uint64_t rtcp;
};

struct vc_srtp_used *vc_srtp_out_used(struct vc_srtp_out *o);

#endif
