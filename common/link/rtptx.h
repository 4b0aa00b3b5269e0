/* SPDX-License-Identifier: MIT */
/*
 * Sending RTP: a vc stream goes out to destinations by ports, as RTP and RTCP
 * that speak for themselves. What vc-send is, and the way back of a bridge
 * (vc-recv --reply).
 */
#ifndef VC_LINK_RTPTX_H
#define VC_LINK_RTPTX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "link/addrrule.h"
#include "link/bweopt.h"
#include "link/dscp.h"
#include "link/fecopt.h"
#include "link/port.h"
#include "link/repairopt.h"
#include "tool/in.h"

struct vc_json;
struct vc_rtptx;
struct vc_keychain;
struct vc_tool;
struct vc_words;

/* Whoever receives on the same ports is told of SSRCs that are sent with, so
 * that it can say vc_rtptx_collided(). */
struct vc_rtptx_own {
	void (*tell)(void *ctx, uint32_t ssrc, bool is_own); /* or NULL */
	void *ctx;
};

struct vc_rtptx_conf {
	struct vc_keychain *keychain; /* borrowed; NULL: in clear */
	bool keep_ssrc;	     /* sources keep theirs, where that can be */
	uint64_t rate_bps;   /* --pace=RATE; 0: none */
	bool is_unpaced;     /* --pace=off */
	const char *sdp_out; /* PLACE or NULL */
	struct vc_repair_opts repair;
	struct vc_bwe_opts bwe;
	struct vc_dscp dscp; /* --dscp */
	struct vc_fec_opts fec;
	bool is_duplex; /* ports take in as well: they are not connected */
	const char *dest_file; /* --dest-file or NULL */
	struct vc_rtptx_own own;
	struct vc_in_conf in;
	const struct vc_words *places; /* of the stream */
};

struct vc_rtptx *vc_rtptx_new(struct vc_tool *t,
			      const struct vc_rtptx_conf *conf);
/* NULL is fine. */
void vc_rtptx_free(struct vc_rtptx *x);

/* A destination for each operand of the tool and line of the file; wrong ones end the program. */
void vc_rtptx_operands(struct vc_rtptx *x);

/* Opens destinations and inputs: says why not and sets the exit code. 0 or
 * -errno. */
int vc_rtptx_open(struct vc_rtptx *x);

/* Calls fn(ctx) with each destination's port, what it was given as, and its
 * address. Once they are open. */
void vc_rtptx_each_port(struct vc_rtptx *x,
			void (*fn)(void *ctx, struct vc_port *port,
				   const struct vc_place *where,
				   const struct sockaddr_storage *peer),
			void *ctx);
size_t vc_rtptx_n_ports(const struct vc_rtptx *x);

/* The destination of that port, if it is or may be 'who', has another
 * address. */
void vc_rtptx_move_port(struct vc_rtptx *x, const struct vc_port *port,
			const char *who, const struct sockaddr_storage *to,
			const struct sockaddr_storage *rtcp, bool by_next,
			enum vc_addr_trust trust);
/* 'len' octets came by it from there. */
void vc_rtptx_heard_port(struct vc_rtptx *x, const struct vc_port *port,
			 const struct sockaddr_storage *from, size_t len);

/*
 * A destination while it runs: from 'port', which is somebody else's and open,
 * to an address; it gets what is routed to 'name'. RTCP goes to 'rtcp', by the
 * port's RTCP socket if 'by_next'. Until it is proven to be there, by now or
 * by RTCP that names a sender report which only it was sent, it is sent at most
 * three times the octets that vc_rtptx_heard() came from it. NULL when out of
 * memory, or where there are keys but none to send to 'name' with.
 */
struct vc_dest;
struct vc_dest *vc_rtptx_add(struct vc_rtptx *x, const char *name,
			     struct vc_port *port,
			     const struct sockaddr_storage *to,
			     const struct sockaddr_storage *rtcp, bool by_next,
			     enum vc_addr_trust trust);
void vc_rtptx_heard(struct vc_dest *d, const struct sockaddr_storage *from,
		    size_t len);
/* It has another address, if that is to be believed. */
void vc_rtptx_move(struct vc_dest *d, const struct sockaddr_storage *to,
		   const struct sockaddr_storage *rtcp, bool by_next,
		   enum vc_addr_trust trust);
/* Says BYE there, and forgets it. */
void vc_rtptx_remove(struct vc_dest *d);

/*
 * By command, once it is open: one that is written as an operand, with an
 * address instead of a host's name. 0, or -errno and why not, for people.
 */
int vc_rtptx_add_text(struct vc_rtptx *x, const char *text, char *why,
		      size_t cap);
/* Those of this NAME, or the one that is written so: 0 or -ENOENT. */
int vc_rtptx_remove_text(struct vc_rtptx *x, const char *text);
/* [{"name":...,"to":...,"from":...}] */
struct vc_json *vc_rtptx_list(const struct vc_rtptx *x);
/* Sending goes on where a circuit breaker had stopped it: to those of this
 * NAME, or to the one that is written so; NULL: to all. 0, -ENOENT, or -EAGAIN:
 * for some of them it is too early. */
int vc_rtptx_resume(struct vc_rtptx *x, const char *text);
/* Reads --dest-file again; those that are still in it are left alone. Says why
 * not, and then nothing has changed. */
void vc_rtptx_reload(struct vc_rtptx *x);

/*
 * Somebody else sends with this SSRC (RFC 3550 8.2): its stream says BYE and
 * goes on with another one, at most once in 10 s.
 */
void vc_rtptx_collided(struct vc_rtptx *x, uint32_t ssrc);

/* Asks the producers of all sources for key frames. */
void vc_rtptx_keyframes(struct vc_rtptx *x);

/* For vc_tool_on_stats(): "send" and "destinations". */
void vc_rtptx_fill_stats(void *ctx, struct vc_json *record);

#endif
