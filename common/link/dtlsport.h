/* SPDX-License-Identifier: MIT */
/*
 * DTLS-SRTP at a port (RFC 5763, RFC 5764): its endpoint, the associations
 * that came of it, and for each of them the keys, which are no other's and no
 * other port's. What is authentic by an association's key and comes from
 * elsewhere moves it there: so NATs are followed.
 *
 * An active one begins at once, and again when it failed or was closed. Who
 * was heard and is silent, or refuses, may have begun anew: then too, while
 * the old keys stay as long as there are no others.
 */
#ifndef VC_LINK_DTLSPORT_H
#define VC_LINK_DTLSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct vc_dtls_terms;
struct vc_dtlsport;
struct vc_json;
struct vc_keychain;
struct vc_port;
struct vc_port_msg;
struct vc_seal;
struct vc_srtp_in;

/* Associations of a passive one; of those that were silent for 25 s the one
 * silent for longest makes room. */
#define VC_DTLSPORT_PEERS 256

enum vc_dtls_state {
	VC_DTLS_WAITING, /* for a hello, or to begin again */
	VC_DTLS_SHAKING,
	VC_DTLS_UP,	/* one association at least */
	VC_DTLS_FAILED, /* it never was, and is tried seldom */
};

struct vc_dtlsport_conf {
	struct vc_port *port; /* open; outlives it */
	struct vc_keychain *keychain;
	const char *where;		     /* the place, for talk; borrowed */
	const struct vc_dtls_terms *terms;   /* taken over */
	const struct sockaddr_storage *peer; /* active: where he is */
	bool is_connected;		     /* to him */
	unsigned int max_sources;	     /* SSRCs that come in */
};

/* Active: says hello. 0 or -ENOMEM. */
int vc_dtlsport_new(struct vc_dtlsport **out,
		    const struct vc_dtlsport_conf *conf);
/* Says goodbye to all. NULL is fine. */
void vc_dtlsport_free(struct vc_dtlsport *dp);

/* A datagram of DTLS has come, and may. */
void vc_dtlsport_put(struct vc_dtlsport *dp, const struct vc_port_msg *m);
/* The socket says that nobody is there. */
void vc_dtlsport_refused(struct vc_dtlsport *dp);

/* What comes is opened with these; NULL: nobody has keys yet, and what comes
 * is counted. */
struct vc_srtp_in *vc_dtlsport_ring(struct vc_dtlsport *dp);
/* The same for those who only look. */
struct vc_srtp_in *vc_dtlsport_look(const struct vc_dtlsport *dp);
/* It was opened with this key: says whose it is. */
void vc_dtlsport_opened(struct vc_dtlsport *dp, unsigned int key,
			struct vc_port_msg *m);
/* Who is there ('to' NULL: the one) is sent to with; NULL: nobody is. Valid
 * until the port's listeners are told of other keys. */
struct vc_seal *vc_dtlsport_seal(const struct vc_dtlsport *dp,
				 const struct sockaddr_storage *to);

enum vc_dtls_state vc_dtlsport_state(const struct vc_dtlsport *dp);
/* For statistics. */
struct vc_json *vc_dtlsport_json(const struct vc_dtlsport *dp);

#endif
