/* SPDX-License-Identifier: MIT */
/*
 * The SRTP of a tool: its keys (--key-file, and a=crypto of SDPs), one keyring
 * for what comes in by all its ports, and for each key to send with one
 * context, so that its life is counted over all that it is used for. Once
 * there is a key, nothing in clear is taken or sent. Where ports make keys of
 * their own by DTLS (link/dtlsport.h), that is so too, and what came of them
 * is counted here.
 */
#ifndef VC_LINK_KEYCHAIN_H
#define VC_LINK_KEYCHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/srtpin.h"
#include "net/srtpout.h"

struct vc_dtlsid;
struct vc_json;
struct vc_rand;
struct vc_roster;
struct vc_sdp;
struct vc_tool;

struct vc_keychain;
/* A key to send with, and those that come after it when its life is over. */
struct vc_seal;

/* Reads --key-file; wrong ones end the program. 0, or -errno: said, and the
 * exit code is set. */
int vc_keychain_new(struct vc_keychain **out, struct vc_tool *t);
/* After all ports. NULL is fine. */
void vc_keychain_free(struct vc_keychain *s);

/*
 * The keys that the author of an SDP sends with, as those of 'name': to open
 * with. 0, or -errno and '*why'.
 */
int vc_keychain_sdp(struct vc_keychain *s, const struct vc_sdp *sdp,
		    const char *name, const char **why);

/* There is a dtls+rtp:// place. 0, or -EOPNOTSUPP: too late, as what is there
 * is in clear. Wrong options end the program. */
int vc_keychain_want_dtls(struct vc_keychain *s);
/* Who we are there; NULL: nowhere. */
struct vc_dtlsid *vc_keychain_dtls(const struct vc_keychain *s);

/* All keys are known, but those of SDPs that describe an answer. 0, or -errno:
 * said. Before any port is opened, and before the sandbox. */
int vc_keychain_open(struct vc_keychain *s);

/* Are there keys, or will there be by DTLS? 's' NULL: no. */
bool vc_keychain_is_on(const struct vc_keychain *s);
/* Are there any to open with? */
bool vc_keychain_opens(const struct vc_keychain *s);

/* Of what comes in; NULL: in clear. */
struct vc_srtp_in *vc_keychain_ring(const struct vc_keychain *s);
/* The keys of 'name' are expected from there. */
void vc_keychain_expect(struct vc_keychain *s, const char *name,
			const struct sockaddr_storage *from);

/* The names of keys are nobody else's. 0 or -ENOMEM. */
int vc_keychain_reserve(const struct vc_keychain *s, struct vc_roster *roster);

/* Random numbers that nobody can guess and no run repeats. */
const struct vc_rand *vc_keychain_rand(const struct vc_keychain *s);

/* What is sent to 'name' is sealed with, or NULL: no key (or no memory). */
struct vc_seal *vc_keychain_seal(struct vc_keychain *s, const char *name);

/* The key of an association, to send with: nobody else's. 'ring' is of the same
 * port, and outlives it. NULL: no memory. */
struct vc_seal *vc_seal_new(struct vc_keychain *s,
			    const struct vc_srtp_key *key,
			    struct vc_srtp_in *ring);
/* What vc_seal_new() gave. */
void vc_seal_free(struct vc_seal *seal);

/* As vc_srtp_out_fetch(), _seal(), _claim() and _forget(); the next key follows when the
 * life of one is over. */
#define VC_SEAL_FETCH_STEPS (1 + VC_SRTP_OUT_FETCH_STEPS)
void vc_seal_fetch(const struct vc_seal *seal, unsigned int step);
int vc_seal(struct vc_seal *seal, uint8_t *p, size_t *len, size_t cap);
int vc_seal_claim(struct vc_seal *seal, uint32_t ssrc);
void vc_seal_forget(struct vc_seal *seal, uint32_t ssrc);

/* The value of a=crypto, for whoever is to open it; wipe it. The length or
 * -ENOSPC. */
int vc_seal_crypto(const struct vc_seal *seal, char *buf, size_t cap);
/* Nobody else opens or sends with it. */
bool vc_seal_is_own(const struct vc_seal *seal);

/* The keys of a port's associations, for the counters; until it is dropped. */
void vc_keychain_add_ring(struct vc_keychain *s, struct vc_srtp_in *ring);
void vc_keychain_drop_ring(struct vc_keychain *s, struct vc_srtp_in *ring);
/* What happened at one; 'why' is constant. */
enum vc_dtls_event {
	VC_DTLS_CAME_UP,
	VC_DTLS_CAME_TO_NOTHING, /* a handshake */
	VC_DTLS_CAME_EARLY,	 /* a packet before there were keys */
};
void vc_keychain_count_dtls(struct vc_keychain *s, enum vc_dtls_event event,
			    const char *why);

/* Packets came, and none was ever authentic: exit 5, and these words or others
 * in 'buf'. Else NULL. */
#define VC_KEYCHAIN_LOCKED_OUT \
	"packets came, but none was authentic (the right key?)"
const char *vc_keychain_locked_out(const struct vc_keychain *s, char *buf,
				   size_t cap);
/* Counters of what came in, into a record; nothing in clear. */
void vc_keychain_fill_stats(const struct vc_keychain *s, struct vc_json *j);

#endif
