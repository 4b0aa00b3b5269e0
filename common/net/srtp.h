/* SPDX-License-Identifier: MIT */
/*
 * One SRTP master key in one direction, through libsrtp2: any number of SSRCs,
 * each with its own roll-over count and replay window, on 'shelves' (sessions
 * of the library, which looks an SSRC up one by one). Who has an SSRC remembers
 * its shelf: net/srtpin.h for what comes in, net/srtpout.h for what goes out.
 * An MKI is cut off and put on here.
 */
#ifndef VC_NET_SRTP_H
#define VC_NET_SRTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/keyline.h"

/* What protection can add: tag, SRTCP index, MKI. */
#define VC_SRTP_TRAILER_MAX (16 + 4 + VC_SRTP_MKI_MAX)
#define VC_SRTP_WINDOW 128 /* packets, of RTP and of RTCP */

struct vc_srtp;

/* Once a process, before all else and before a sandbox. 0 or -EIO. */
int vc_srtp_init(void);
/* The same without net/srtpgcm.h: what measurements compare with. */
int vc_srtp_init_plain(void);

/* The key is copied. There is no shelf yet: a session takes some 20 kB, and
 * many a key is never used in one direction. 0 or -ENOMEM. */
int vc_srtp_new(struct vc_srtp **out, const struct vc_srtp_key *key,
		bool is_out);
/* Zeroises. NULL is fine. */
void vc_srtp_free(struct vc_srtp *s);

/* A shelf with room for one more SSRC, made if there is none; -ENOMEM. */
int vc_srtp_shelf(struct vc_srtp *s);
/* An SSRC has its place there from now on; no longer, and is forgotten. */
void vc_srtp_take(struct vc_srtp *s, int shelf);
void vc_srtp_drop(struct vc_srtp *s, int shelf, uint32_t ssrc);
/* Forgets one that was only tried, not taken. */
void vc_srtp_forget(struct vc_srtp *s, int shelf, uint32_t ssrc);

/*
 * The next RTP packet of 'ssrc' is of roll-over count 'roc' (above 0); when it
 * fails nothing has changed, and vc_srtp_unmark() takes that back. The SSRC is
 * made there if it is new. 0 or -ENOMEM.
 */
int vc_srtp_mark(struct vc_srtp *s, int shelf, uint32_t ssrc, uint32_t roc);
void vc_srtp_unmark(struct vc_srtp *s, int shelf, uint32_t ssrc);

/* The MKI that a packet carries where this key would have its own is it (no
 * MKI: always); and the packet has the length a protected one needs. */
bool vc_srtp_fits(const struct vc_srtp *s, bool is_rtcp, const uint8_t *p,
		  size_t len);

/* The index of an SRTCP packet that fits. */
uint32_t vc_srtp_rtcp_index(const struct vc_srtp *s, const uint8_t *p,
			    size_t len);
const struct vc_srtp_key *vc_srtp_key_of(const struct vc_srtp *s);

/* Something will be sealed soon: fetches a part of what that needs into the
 * cache. With many keys it is in none, and a step of 0, 1, 2 .. for each of a
 * row of them is done before it is waited for. */
#define VC_SRTP_FETCH_STEPS 3
void vc_srtp_fetch(const struct vc_srtp *s, unsigned int step);

/*
 * In place; '*len' becomes what it is then. On failure the octets are anything.
 * 'p' has VC_SRTP_TRAILER_MAX octets more room for protection. Unprotecting
 * wants what vc_srtp_fits() said yes to. 0, -EACCES (not authentic),
 * -EALREADY (replayed, or older than the window; for protection: this number
 * was used), -EBADMSG, -EKEYEXPIRED, -ENOMEM.
 */
int vc_srtp_unprotect(struct vc_srtp *s, int shelf, bool is_rtcp, uint8_t *p,
		      size_t *len);
int vc_srtp_protect(struct vc_srtp *s, int shelf, bool is_rtcp, uint8_t *p,
		    size_t *len);

#endif
