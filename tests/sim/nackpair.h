/* SPDX-License-Identifier: MIT */
/*
 * Two endpoints and a link between them that loses. One sends a packet of 1000
 * octets each 10 ms, keeps a history and answers within its budget; the other
 * asks, within the bandwidth of RTCP, and for a key frame where something stays
 * lost. Time goes in steps of a millisecond; what a step sends is real octets.
 * RTX and RTCP are lost like the rest.
 */
#ifndef VC_SIM_NACKPAIR_H
#define VC_SIM_NACKPAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"
#include "base/time.h"
#include "session/history.h"
#include "session/keyreq.h"
#include "session/nack.h"
#include "session/resend.h"
#include "session/rtcptime.h"

struct vc_pool;

#define T0 VC_VIRTUAL_EPOCH
#define SEC_OF_MEDIA 100
#define PACKETS (SEC_OF_MEDIA * 100u)
#define SPACING (10 * VC_MS)
#define LEN 1000
#define IN_FLIGHT 1024

/* Per thousand. Random loss: to_bad, with to_good 1000 - to_bad. */
struct loss {
	unsigned int to_bad;
	unsigned int to_good;
};

struct nacklink {
	struct loss loss;
	int64_t delay;
	int64_t jitter; /* up to so much more, each for itself */
	struct vc_rand rand;
	uint64_t draws;
	int64_t dark_from; /* everything is lost from here ... */
	int64_t dark_to;   /* ... to here */
	bool is_bad;
	unsigned int n;
	struct {
		int64_t at;
		size_t len;
		uint8_t data[LEN + 64];
	} a[IN_FLIGHT];
};

struct nackpair {
	struct nacklink *to;
	struct nacklink *back;
	/* the sender */
	struct vc_pool *pool;
	struct vc_history *history;
	struct vc_resend resend;
	unsigned int sent;
	uint16_t rtx_seq;
	uint64_t media_octets;
	uint64_t worst_second; /* resent, per thousand of the media */
	uint64_t second_media;
	uint64_t second_resent;
	bool wants_key;
	/* the receiver */
	struct vc_nack nack;
	struct vc_keyreq key;
	struct vc_rtcptime time;
	uint64_t rtcp_octets; /* with headers */
	uint64_t unfit;	      /* given up, restarted: a key frame is needed */
	int64_t key_came;
	unsigned int key_n; /* the packet that began it */
	uint8_t got[PACKETS];
	unsigned int lost; /* originals that the link ate */
	unsigned int missing;
	unsigned int nacks_in_second;
	unsigned int most_nacks;
};

struct nackpair *nackpair_new(struct loss loss, int64_t rtt, int64_t jitter,
			      int64_t max_age, uint64_t seed);
/* All of the media, and two seconds more. */
void nackpair_run(struct nackpair *s);
void nackpair_free(struct nackpair *s);

#endif
