/* SPDX-License-Identifier: MIT */
/*
 * Receiving RTP: packets of many senders come in by ports, are admitted,
 * counted and announced, and go out as one vc stream; reports and requests go
 * back. What vc-recv is, and the way back of a call (vc-send --duplex).
 */
#ifndef VC_LINK_RTPRX_H
#define VC_LINK_RTPRX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/addrrule.h"
#include "link/port.h"
#include "link/repairopt.h"
#include "session/roster.h"

struct vc_json;
struct vc_place;
struct vc_rtprx;
struct vc_keychain;
struct vc_tool;

/* Where somebody can be reached, by what came from there. */
struct vc_rtprx_way {
	struct vc_port *port;
	const struct sockaddr_storage *rtp;
	const struct sockaddr_storage *rtcp;
	bool by_next; /* RTCP by the port's RTCP socket */
	enum vc_addr_trust trust;
};

/* Who wants to send back: all may be told of one participant again. */
struct vc_rtprx_back {
	/* 'who' can be reached so; anew when the way changes. */
	void (*reach)(void *ctx, struct vc_participant *who,
		      const struct vc_rtprx_way *way);
	/* 'len' octets of his came by 'port', from there. */
	void (*heard)(void *ctx, struct vc_participant *who,
		      const struct vc_port *port,
		      const struct sockaddr_storage *from, size_t len);
	/* It has left; free 'user'. */
	void (*left)(void *ctx, struct vc_participant *who);
	/* Somebody else has an SSRC of vc_rtprx_own(). */
	void (*collided)(void *ctx, uint32_t ssrc);
	void *ctx;
};

struct vc_rtprx_conf {
	struct vc_keychain *keychain; /* borrowed; NULL: in clear */
	struct vc_addr_rules rules;
	struct vc_repair_opts repair;
	struct vc_rtprx_back back; /* reach NULL: nobody does */
	int64_t timeout;    /* a source that is silent for so long has left */
	uint8_t rtcp_dscp;  /* what RTCP goes with */
	uint64_t max_bps;   /* senders are asked for no more (REMB); 0: any */
	bool no_limits;	    /* -t, --wait and the like are somebody else's */
	const char *iface;  /* packets of this interface, or NULL */
	const char *filter; /* of these those that it matches, or NULL */
	bool is_heuristic;  /* captures: not by the ports of --sdp */
	/* Enough by the limits, or nobody reads any more; 'why' is a word of
	 * vc_tool_stop(). Call vc_rtprx_finish(). */
	void (*enough)(void *ctx, const char *why);
	void *ctx;
};

struct vc_rtprx *vc_rtprx_new(struct vc_tool *t,
			      const struct vc_rtprx_conf *conf);
/* Not before vc_rtprx_finish(), where it was started. NULL is fine. */
void vc_rtprx_free(struct vc_rtprx *r);

/*
 * What it listens on: the operands of the tool, or where --sdp says; each
 * described by its sdp=, or by --sdp and --pt. Or one capture, of a file or an
 * interface. Wrong ones end the program.
 */
void vc_rtprx_operands(struct vc_rtprx *r);

/*
 * Or ports of somebody else's, 'n' in all, one call each: whoever comes by
 * 'port' is 'where''s NAME, if it has one, and comes from 'peer', unless where
 * says latch=. Ports are borrowed until the end.
 */
void vc_rtprx_ports(struct vc_rtprx *r, size_t n);
void vc_rtprx_add_port(struct vc_rtprx *r, struct vc_port *port,
		       const struct vc_place *where,
		       const struct sockaddr_storage *peer);

/* That SSRC is sent with by the same ports, or no longer: nobody else's (of the
 * first 30). */
void vc_rtprx_own(struct vc_rtprx *r, uint32_t ssrc, bool is_own);

/* Opens the outputs and its own ports: says why not and sets the exit code. 0
 * or -errno. */
int vc_rtprx_open(struct vc_rtprx *r);
/* After vc_tool_start() is about to be called: writes the description (of a
 * capture once its clock is known). */
void vc_rtprx_start(struct vc_rtprx *r);
/* BYE to all, and all sources leave. Once. */
void vc_rtprx_finish(struct vc_rtprx *r);

bool vc_rtprx_had_media(const struct vc_rtprx *r);
/* As vc_keychain_locked_out(), of captures too. */
const char *vc_rtprx_locked_out(const struct vc_rtprx *r, char *buf,
				size_t cap);
/* Nobody reads what it writes any more. */
bool vc_rtprx_is_unread(const struct vc_rtprx *r);

/* Asks for a key frame of 'ssrc' as in the stream: 0 or -ENOENT. */
int vc_rtprx_keyframe(struct vc_rtprx *r, uint32_t ssrc);
/* Of all sources of pictures. */
void vc_rtprx_keyframes(struct vc_rtprx *r);

/* For vc_tool_on_stats_list(): "recv", and the members of "sources". */
void vc_rtprx_fill_stats(void *ctx, struct vc_json *record);
struct vc_json *vc_rtprx_source_stats(void *ctx, const void **pos);

#endif
