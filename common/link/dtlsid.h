/* SPDX-License-Identifier: MIT */
/*
 * Who we are at dtls+rtp:// places, and whom we let in there: --dtls-cert,
 * --dtls-key, --dtls-fingerprint, --dtls-setup and what an SDP says. One for a
 * tool. As with keys, a fingerprint with a NAME is that participant's: who has
 * the certificate is him.
 */
#ifndef VC_LINK_DTLSID_H
#define VC_LINK_DTLSID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/dtls.h"
#include "wire/sdp.h"

struct vc_dtlsid;
struct vc_roster;
struct vc_tool;

/* Reads the options; wrong ones end the program. Before the sandbox. */
struct vc_dtlsid *vc_dtlsid_new(struct vc_tool *t);
void vc_dtlsid_free(struct vc_dtlsid *id);

struct vc_dtls_local *vc_dtlsid_local(const struct vc_dtlsid *id);
/* Our own, "sha-256 AA:..."; as long as 'id'. */
const char *vc_dtlsid_text(const struct vc_dtlsid *id);

/* The names of fingerprints are nobody else's. 0 or -ENOMEM. */
int vc_dtlsid_reserve(const struct vc_dtlsid *id, struct vc_roster *roster);

/* What an SDP says of its author. */
#define VC_DTLS_OFFERED (VC_SDP_MEDIA_MAX * VC_SDP_CRYPTO_MAX)

struct vc_dtls_offer {
	struct vc_fingerprint *prints; /* owned; NULL: none */
	size_t n;
	int setup; /* enum vc_dtls_setup; -1: not said */
};

/* 0, -ENOMEM, or -EKEYREJECTED and '*why': there are fingerprints, but none
 * that can be used. */
int vc_dtls_offer_read(struct vc_dtls_offer *o, const struct vc_sdp *sdp,
		       const char **why);
void vc_dtls_offer_clear(struct vc_dtls_offer *o);

/* Who is let in at a place, and who begins there. */
struct vc_dtls_terms {
	struct vc_fingerprint *prints; /* owned, as the next */
	const char **names;	       /* of each, "" for none; borrowed */
	size_t n;
	bool takes_anybody; /* --insecure, and no fingerprint is known */
	bool is_active;
	const char *setup; /* what we say of it: a=setup */
};

/*
 * Fingerprints of the place's NAME ('name', borrowed) if there are such, else
 * those without one; all, where it has none (""); and those that are offered.
 * 'offer' may be NULL; 'is_active': if nobody says otherwise. 0, -ENOMEM, or -EINVAL and
 * '*why': nobody could be let in, or who begins is not decided.
 */
int vc_dtls_terms_make(struct vc_dtls_terms *terms, const struct vc_dtlsid *id,
		       const char *name, const struct vc_dtls_offer *offer,
		       bool is_active, const char **why);
void vc_dtls_terms_clear(struct vc_dtls_terms *terms);

/*
 * --new-dtls-cert: makes a certificate and its key, writes both to 'file',
 * which must not be there, and the fingerprint to stdout; ends the process.
 */
void vc_dtlsid_write_new(struct vc_tool *t, const char *file)
	__attribute__((noreturn));

#endif
