/* SPDX-License-Identifier: MIT */
/*
 * Calls, learnt from the SIP messages of a capture: who calls whom, where each
 * side wants its media, in which payload types, and with which SDES keys (RFC
 * 4568) it sends. So the flows of one call can be picked, and decrypted.
 *
 * What a side's description says is where it *receives*: a datagram to one of
 * its addresses was sent, and encrypted, by the other side. Old addresses and
 * keys of a call stay known when a re-INVITE changes them. At most
 * VC_SIPCALLS_MAX calls, the least recently spoken of is forgotten first.
 */
#ifndef VC_SESSION_SIPCALLS_H
#define VC_SESSION_SIPCALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/codec.h"
#include "wire/netpkt.h"
#include "wire/sdp.h"

#define VC_SIPCALLS_MAX 256
#define VC_SIPCALL_ENDS 16 /* of a call, both sides, old ones too */
#define VC_SIPCALL_FORMATS 32
#define VC_SIPCALL_KEYS 4
#define VC_SIPCALL_TEXT 256
#define VC_SIPCALL_FMTP 1024 /* octets, of all formats of an end */

struct vc_sipformat {
	uint8_t pt;
	enum vc_codec codec;
	uint32_t rate_hz;
	uint8_t channels;
	uint16_t fmtp_at, fmtp_len; /* see vc_sipend_fmtp() */
};

/* An m-section of one side. */
struct vc_sipend {
	bool is_callee; /* whose it is */
	unsigned int section;
	enum vc_kind kind;
	struct vc_netaddr rtp;	/* where it receives */
	struct vc_netaddr rtcp; /* the same as rtp where muxed */
	unsigned int n_formats;
	struct vc_sipformat formats[VC_SIPCALL_FORMATS];
	unsigned int fmtp_len;
	char fmtp[VC_SIPCALL_FMTP]; /* foreign */
	unsigned int n_keys;
	/* Values of a=crypto: "1 AES_CM_128_HMAC_SHA1_80 inline:..."; what it
	 * *sends* with. Secret. */
	char keys[VC_SIPCALL_KEYS][VC_SIPCALL_TEXT];
};

/* Adds the formats of a section, and sets its kind. */
void vc_sipend_formats(struct vc_sipend *end, const struct vc_sdp_media *m);

/* The a=fmtp of one of its formats; empty: none, or there was no room. */
static inline struct vc_str vc_sipend_fmtp(const struct vc_sipend *end,
					   const struct vc_sipformat *f)
{
	return vc_str_of(end->fmtp + f->fmtp_at, f->fmtp_len);
}

struct vc_sipcall {
	char id[VC_SIPCALL_TEXT]; /* Call-ID; foreign, as the next two */
	char caller[VC_SIPCALL_TEXT];
	char callee[VC_SIPCALL_TEXT];
	bool is_answered;
	bool is_over;
	uint64_t stamp; /* when it was spoken of, as a count */
	char caller_tag[VC_SIPCALL_TEXT];
	unsigned int n_ends;
	struct vc_sipend ends[VC_SIPCALL_ENDS]; /* the newest last */
};

struct vc_sipcalls;

/* NULL: out of memory. */
struct vc_sipcalls *vc_sipcalls_new(void);
/* NULL is fine. Wipes the keys. */
void vc_sipcalls_free(struct vc_sipcalls *calls);

/*
 * A SIP message (vc_sip_looks()). 0, -EBADMSG or -E2BIG as vc_sip_parse() and
 * vc_sdp_parse(), or -ENOMEM.
 */
int vc_sipcalls_take(struct vc_sipcalls *calls, const char *text, size_t len);

/*
 * The newest call and end that receive at 'dst', RTP or RTCP; false: none.
 * Borrowed until the next vc_sipcalls_take().
 */
bool vc_sipcalls_find(const struct vc_sipcalls *calls,
		      const struct vc_netaddr *dst,
		      const struct vc_sipcall **call,
		      const struct vc_sipend **end);

/*
 * The end of the other side that belongs to 'end': its keys are what was sent
 * to 'end'. NULL: not known (yet).
 */
const struct vc_sipend *vc_sipcall_other(const struct vc_sipcall *call,
					 const struct vc_sipend *end);

/*
 * The key that other->keys[] of an offer became by the answer: the one whose
 * tag the answer names. NULL: none.
 */
const char *vc_sipcall_key(const struct vc_sipcall *call,
			   const struct vc_sipend *end);

/* Whether 'glob' matches its id or the user of one side (--select call=). */
bool vc_sipcall_matches(const struct vc_sipcall *call, const char *glob);

#endif
