/* SPDX-License-Identifier: MIT */
/* What the files of the keyring share: srtpin.c (packets), srtpkeys.c,
 * srtpctx.c (contexts), srtphunt.c (searches). Nobody else includes this. */
#ifndef VC_NET_SRTPIN_INTERNAL_H
#define VC_NET_SRTPIN_INTERNAL_H

#include "net/rocsearch.h"
#include "net/srtpin.h"

#define HUNTS 64       /* SSRCs whose failures are counted */
#define HUNTS_ACTIVE 8 /* of them searched for */
#define OWN (-1)       /* the 'key' of an SSRC that we send with */

/* An SSRC under one key. */
struct ctx {
	uint32_t ssrc;
	int key;
	int shelf;     /* -1: asleep (or OWN) */
	uint32_t next; /* in its chain or among the free; index + 1 */
	uint32_t start_roc;
	int64_t high;	   /* index of the newest RTP packet; -1: none */
	int64_t floor;	   /* up to it all is replayed; -1 */
	int64_t rtcp_high; /* the same for RTCP */
	int64_t rtcp_floor;
	int64_t heard;
	struct vc_rocwatch watch;
	struct vc_srtp_bad bad;
	bool is_used;
};

struct ring_key {
	struct vc_srtp *s; /* NULL: free */
	char *name;
	struct vc_srtp_key_counts counts;
};

struct bound {
	uint64_t addr;
	int key;
};

/* An SSRC that fails. */
struct hunt {
	bool is_used;
	bool is_active;
	uint32_t ssrc;
	int64_t heard;
	int64_t above; /* only indexes above it */
	struct vc_rocwatch watch;
	struct vc_rocsearch rs;
	unsigned int n;
	unsigned int at; /* whose turn it is */
	uint32_t roc;
	int keys[VC_SRTP_KEYS_TRIED];
	struct vc_srtp *trial[VC_SRTP_KEYS_TRIED];
};

/* The packet at hand. */
struct pkt {
	uint8_t *p;
	size_t len; /* as it came */
	size_t out_len;
	uint32_t ssrc;
	uint16_t seq;
	bool is_rtcp;
	bool is_spoilt; /* by a trial: 'p' is not as it came */
	uint64_t host, peer;
	int64_t now;
	struct vc_srtp_got *got;
};

struct vc_srtp_in {
	struct vc_srtp_in_conf conf;
	struct vc_srtp_in_counts counts;
	struct ring_key *keys;
	unsigned int n_keys;
	unsigned int cap_keys;
	unsigned int turn; /* of keys that nothing speaks for */
	struct ctx *ctxs;
	uint32_t n_ctxs;
	uint32_t *heads;
	uint32_t mask; /* of heads */
	uint32_t free; /* index + 1 */
	unsigned int awake;
	struct bound *bound;
	uint32_t bound_mask;
	/* Trials of newcomers and of searches, in ns of waiting for them. */
	int64_t credit[2];
	int64_t credit_time;
	struct hunt hunts[HUNTS];
	uint8_t saved[VC_SRTP_PACKET_MAX];
};

/* --- srtpctx.c --- */

int vc_srtp_ctx_init(struct vc_srtp_in *in);
/* The first of an SSRC, and the next; the last that opened one comes first. */
struct ctx *vc_srtp_ctx_first(const struct vc_srtp_in *in, uint32_t ssrc);
struct ctx *vc_srtp_ctx_next(const struct vc_srtp_in *in, const struct ctx *c);
struct ctx *vc_srtp_ctx_find(const struct vc_srtp_in *in, uint32_t ssrc,
			     int key);
/* A new one, asleep; or NULL. */
struct ctx *vc_srtp_ctx_add(struct vc_srtp_in *in, uint32_t ssrc, int key);
void vc_srtp_ctx_remove(struct vc_srtp_in *in, struct ctx *c);
void vc_srtp_ctx_to_front(struct vc_srtp_in *in, struct ctx *c);
/* Room for one more that is awake. */
bool vc_srtp_ctx_room(struct vc_srtp_in *in, int64_t now);
void vc_srtp_ctx_wake(struct vc_srtp_in *in, struct ctx *c, int shelf);
void vc_srtp_ctx_sleep(struct vc_srtp_in *in, struct ctx *c);

/* --- srtpin.c --- */

/* Pays for 'n' trials, if that can be. */
bool vc_srtp_in_pay(struct vc_srtp_in *in, int64_t now, bool is_search,
		    unsigned int n);
/* Tries the packet, as it came, on a shelf; at 'roc' if that is not 0. */
int vc_srtp_in_try(struct vc_srtp_in *in, struct pkt *k, struct vc_srtp *s,
		   int shelf, uint32_t roc);
/* The same with a key that has no context awake for it, which it gets. */
int vc_srtp_in_adopt(struct vc_srtp_in *in, struct pkt *k, int key,
		     uint32_t roc);
/* A packet was opened under 'c'. */
void vc_srtp_in_opened(struct vc_srtp_in *in, struct pkt *k, struct ctx *c,
		       bool is_new);

/* --- srtphunt.c --- */

/* An RTP packet of an SSRC failed under its context, or under the keys that
 * it may be of (NULL context). 0 when it was opened after all. */
int vc_srtp_hunt(struct vc_srtp_in *in, struct pkt *k, struct ctx *c,
		 const int *keys, unsigned int n);
void vc_srtp_hunt_end(struct vc_srtp_in *in, uint32_t ssrc);
void vc_srtp_hunt_forget_key(struct vc_srtp_in *in, int key);
void vc_srtp_hunt_free(struct vc_srtp_in *in);

#endif
