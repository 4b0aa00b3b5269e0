/* SPDX-License-Identifier: MIT */
/* What the .c files of captured packets share: life (rtprx_capture.c), which
 * endpoint takes what (rtprx_capture_ep.c), and the keys of calls
 * (rtprx_capture_keys.c). */
#ifndef VC_LINK_RTPRX_CAPTURE_H
#define VC_LINK_RTPRX_CAPTURE_H

#include "link/rtprx_internal.h"
#include "tool/capture.h"

#define MAX_ENDPOINTS 256 /* without --sdp */

/* Whose word an endpoint's description is. */
enum word {
	WORD_GENERAL, /* --sdp, --pt, defaults, the file's */
	WORD_CALL,
	WORD_PORT, /* a port of --sdp */
};

struct way;

/* Of the SDES keys of calls, and what was sealed by them. */
struct captured_sdes {
	uint64_t keys, opened, auth_failed, replayed;
	uint64_t unkeyed; /* no key was seen: dropped */
};

struct captured {
	struct vc_rtprx *r;
	struct vc_place where; /* or an interface */
	const char *name;      /* for messages */
	struct vc_capture *capture;
	enum word word[MAX_ENDPOINTS];
	bool is_sealed[MAX_ENDPOINTS]; /* takes what a call's key opens */
	bool is_by_port;   /* no other endpoints than the ports of --sdp */
	bool is_described; /* by the operator */
	struct vc_timer wait_timer; /* for the clock to begin */
	uint64_t cut;		    /* of those that were given */
	uint64_t full;		    /* refused: MAX_ENDPOINTS */
	struct way *ways;	    /* of calls with SRTP */
	struct captured_sdes sdes;  /* but what the ways count */
};

/* Has the clock begun, and the description been written? */
static inline bool has_begun(const struct vc_rtprx *r)
{
	return r->tick.fn != NULL;
}

/* --- rtprx_capture_ep.c --- */

/* NULL: MAX_ENDPOINTS. */
struct endpoint *vc_captured_endpoint(struct captured *c, enum word word);
/* Describes it by 'text' (NULL: there was no memory), which becomes its. 0 or
 * an error of vc_merge_desc(). */
int vc_captured_describe(struct endpoint *ep, char *text, size_t len);
/* By the port of --sdp; NULL: none. */
struct endpoint *vc_captured_of_port(const struct captured *c, uint16_t port);
/* Who takes it; NULL: nobody can. 'is_sealed': a call's key opens it. */
struct endpoint *vc_captured_taker(struct captured *c,
				   const struct vc_capture_msg *m,
				   const struct vc_udp_msg *u, bool is_sealed);

/* --- rtprx_capture_keys.c --- */

/*
 * The keyring that opens it, by the SIP of its call. 0; NULL where nothing
 * there says that it is sealed, or no call is known. -ENOKEY: it is, and the
 * key was not seen or is not understood. -ENOMEM.
 */
int vc_captured_ring(struct captured *c, const struct vc_capture_msg *m,
		     struct vc_srtp_in **ring);
void vc_captured_keys_free(struct captured *c);
struct captured_sdes vc_captured_sdes(const struct captured *c);
struct vc_json *vc_captured_sdes_json(const struct captured *c);

#endif
