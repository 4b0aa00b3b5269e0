/* SPDX-License-Identifier: MIT */
/* What link/dtlsport.c and dtlsport_tell.c share. */
#ifndef VC_LINK_DTLSPORT_INTERNAL_H
#define VC_LINK_DTLSPORT_INTERNAL_H

#include "link/dtlsid.h"
#include "link/dtlsport.h"
#include "net/dtls.h"
#include "net/loop.h"
#include "tool/tool.h"
#include "wire/keyline.h"

struct dtls_assoc {
	struct dtls_assoc *next;
	uint64_t id;
	unsigned int key; /* in the ring */
	struct vc_seal *seal;
	struct sockaddr_storage addr;
	uint64_t peer;	  /* hash of it, as in vc_udp_msg */
	const char *name; /* NULL: none */
	uint64_t cert;	  /* who he is, whatever he calls himself */
	enum vc_srtp_suite suite;
	unsigned int silent_s;
	bool was_heard;
};

struct vc_dtlsport {
	struct vc_dtlsport_conf conf;
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_dtls_terms terms;
	struct sockaddr_storage peer;
	struct vc_dtls *dtls;
	struct vc_srtp_in *ring;
	struct dtls_assoc *assocs; /* the newest first */
	struct dtls_assoc **by_key;
	size_t n, max;
	uint64_t early;	       /* came before there were keys */
	unsigned int failures; /* in a row */
	bool is_given_up;
	bool was_up;
	bool is_refused;
	struct vc_timer timer; /* of the endpoint */
	struct vc_timer again; /* to begin */
	struct vc_timer second;
	int64_t looked; /* when that was last, by the machine */
	struct vc_limit warn;
};

/* An association has come up; ended; a handshake has failed: said, and an event
 * of the control socket. */
void vc_dtlsport_tell_up(struct vc_dtlsport *dp, const struct dtls_assoc *a);
void vc_dtlsport_tell_down(struct vc_dtlsport *dp, const struct dtls_assoc *a,
			   const char *why);
void vc_dtlsport_tell_failed(struct vc_dtlsport *dp,
			     const struct sockaddr_storage *from,
			     const char *why);

#endif
