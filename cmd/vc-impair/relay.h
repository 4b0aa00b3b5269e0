/* SPDX-License-Identifier: MIT */
/* The relay's parts: relay.c, relay_client.c, relay_kind.c, relay_tcp.c. */
#ifndef VC_IMPAIR_RELAY_H
#define VC_IMPAIR_RELAY_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"
#include "impair.h"
#include "net/udp.h"
#include "tool/limits.h"
#include "tool/place.h"
#include "wire/codec.h"
#include "wire/rtp.h"

struct tcp;

struct client {
	struct relay *r;
	struct vc_udp *udp; /* NULL: the slot is free */
	struct vc_watch watch;
	struct sockaddr_storage addr;
	uint64_t peer; /* hash of it */
	uint32_t generation;
	int64_t last; /* when something came, from either side */
};

struct relay {
	struct impair *im;
	struct vc_place near, far;
	struct sockaddr_storage far_addr;
	struct vc_udp *udp;
	struct vc_watch watch;
	struct vc_timer timer;
	struct vc_timer rebind;
	int64_t rebound;     /* what rebind= asked for until then is done */
	uint64_t rebound_at; /* --acts has it before this packet up */
	struct tcp *tcp;     /* NULL: there is none */
	struct {
		enum vc_kind kind;
		enum vc_codec codec;
	} formats[128]; /* of payload types */
	struct vc_limits limits;
	struct vc_limit warn, warn_stranger;
	struct client *clients;
	size_t cap;
	/* What goes out by one socket at once. */
	struct vc_udp *by;
	struct vc_packet *pkts[VC_UDP_BATCH];
	struct vc_udp_piece pieces[VC_UDP_BATCH];
	size_t n_pieces;
	struct {
		uint64_t toobig, full, stranger, expired, gone, refused,
			send_failed, rebinds;
	} counts;
};

/* --- relay_kind.c --- */

/* What payload types mean. 0, or an error that was said. */
int kind_open(struct relay *r);
/* What a datagram is. */
void kind_of(const struct relay *r, struct way *way,
	     const struct vc_packet *pkt, struct vc_impair_what *what);

/* --- relay_tcp.c --- */

/* At the address of r->udp. */
void tcp_open(struct relay *r);
void tcp_close(struct relay *r);
void tcp_fill_stats(const struct relay *r, struct vc_json *record);

/* --- relay.c --- */

/* Sends what is kept of packets for one socket. */
void relay_flush(struct impair *im);
/* Something came from the far address for a client, 'ctx'. */
void relay_far_ready(void *ctx, unsigned int events);

/* --- relay_client.c --- */

/* A client in packets' tags. */
uint64_t client_tag(const struct client *c);
/* NULL, counted: it was forgotten meanwhile. */
struct client *client_by_tag(struct relay *r, uint64_t tag);
/* Whose datagram it is, a new one's perhaps; NULL, counted: nobody's. */
struct client *client_of(struct relay *r, const struct vc_udp_msg *m);
void client_free(struct client *c);
/* A timer: who has been silent is forgotten. */
void clients_expire(void *ctx, int64_t now);
/* rebind= from now on; 'now' is the beginning. */
void clients_rebind_from(struct relay *r, int64_t now);
/* A packet is about to go up: --replay may have other ports for it. What went
 * up before is flushed. */
void clients_rebind_again(struct relay *r);

#endif
