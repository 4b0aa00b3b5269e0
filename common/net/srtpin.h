/* SPDX-License-Identifier: MIT */
/*
 * The keyring of what comes in: all keys, and for each SSRC the one that was
 * found to be its. A packet of a known SSRC takes its key at once. Another is
 * tried by MKI, by the key bound to its address, then by the rest, with at most
 * 8 keys and 2,000 trials a second in all; and where all fail the roll-over
 * count is searched (net/rocsearch.h) within the same budget. What is not
 * authentic changes nothing but counters and is never tried on a living
 * context.
 *
 * Contexts are at most 'max_sources'; of those that were idle the oldest makes
 * room. It leaves behind what was its last packet, so that those before it are
 * no news when it comes back.
 */
#ifndef VC_NET_SRTPIN_H
#define VC_NET_SRTPIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/srtp.h"

#define VC_SRTP_KEYS_TRIED 8
#define VC_SRTP_TRIALS 2000 /* a second */
#define VC_SRTP_PACKET_MAX (9216 + VC_SRTP_TRAILER_MAX)

struct vc_srtp_in;

struct vc_srtp_in_conf {
	unsigned int max_sources; /* at least 1 */
	int64_t idle; /* unheard for so long, a context may make room */
	uint32_t roc; /* where roll-over counts begin (--roc) */
	/* With each key anew (RFC 4568), not where they are (RFC 3711). */
	bool roc_anew;
};

struct vc_srtp_key_counts {
	uint64_t opened;
	uint64_t auth_failed; /* SSRCs known to be this key's */
	uint64_t replayed;
};

struct vc_srtp_in_counts {
	uint64_t opened;
	uint64_t auth_failed;
	uint64_t replayed;
	uint64_t malformed;
	uint64_t limited; /* not tried: over the budget */
	uint64_t full;	  /* authentic, but over 'max_sources' */
	uint64_t reflected;
	uint64_t trials;
	uint64_t searches; /* for a roll-over count: begun, and found */
	uint64_t found;
};

/* Packets with that SSRC that were not authentic, or were replayed, under a
 * key that it has. */
struct vc_srtp_bad {
	uint64_t auth_failed;
	uint64_t replayed;
};

/* Of a packet that was opened. */
struct vc_srtp_got {
	unsigned int key; /* which one it was */
	bool is_rtcp;
	bool is_new;	/* the first of its SSRC under this key */
	bool was_found; /* by searching its roll-over count, which is 'roc' */
	uint32_t roc;
};

/* vc_srtp_init() was called. 0 or -ENOMEM. */
int vc_srtp_in_new(struct vc_srtp_in **out, const struct vc_srtp_in_conf *conf);
/* Zeroises all keys. NULL is fine. */
void vc_srtp_in_free(struct vc_srtp_in *in);

/*
 * '*index' is how it is called from now on. 'name' is copied; NULL or "": no
 * name. 0, -EEXIST (that master key is here already), -ENOMEM.
 */
int vc_srtp_in_add(struct vc_srtp_in *in, const struct vc_srtp_key *key,
		   const char *name, unsigned int *index);
/* Forgets it and all it opened. The index may be given anew. */
void vc_srtp_in_remove(struct vc_srtp_in *in, unsigned int index);
/* Expects it from an address: a hash of net/udp.h, 'host' or 'peer'. */
void vc_srtp_in_bind(struct vc_srtp_in *in, unsigned int index, uint64_t addr);

const char *vc_srtp_in_name(const struct vc_srtp_in *in, unsigned int index);
const struct vc_srtp_key_counts *vc_srtp_in_key_counts(
	const struct vc_srtp_in *in, unsigned int index);
const struct vc_srtp_in_counts *vc_srtp_in_counts(const struct vc_srtp_in *in);
struct vc_srtp_bad vc_srtp_in_bad(const struct vc_srtp_in *in, uint32_t ssrc,
				  unsigned int index);
/* Contexts that are awake. */
unsigned int vc_srtp_in_sources(const struct vc_srtp_in *in);

/*
 * Opens an SRTP or SRTCP packet in place. 'host' and 'peer' are where it came
 * from, 'now' never goes back. 0 and '*got', '*len'; or nothing is to be used:
 * -EBADMSG	not RTP or RTCP, or too short or long for it
 * -EACCES	not authentic, in clear, or RTCP that is only signed
 * -EALREADY	replayed, or older than the window
 * -EBUSY	not tried, as the budget is spent
 * -ENOSPC	authentic, but there is no room for one more SSRC
 * -ELOOP	has an SSRC that we send with: a loop, or a collision
 * -ENOMEM
 */
int vc_srtp_in_open(struct vc_srtp_in *in, uint8_t *p, size_t *len,
		    uint64_t host, uint64_t peer, int64_t now,
		    struct vc_srtp_got *got);

/* --- for net/srtpout.h --- */

/* Whether it has that master key. */
bool vc_srtp_in_has(const struct vc_srtp_in *in, const struct vc_srtp_key *key);
/* The SSRC is ours; and no longer. 0, -EADDRINUSE: one of others, or ours
 * already; -ENOMEM. */
int vc_srtp_in_reserve(struct vc_srtp_in *in, uint32_t ssrc);
void vc_srtp_in_release(struct vc_srtp_in *in, uint32_t ssrc);

#endif
