/* SPDX-License-Identifier: MIT */
/*
 * vc-recv's parts: endpoints (endpoint.c) are listened on, packets come in
 * (rtp.c, rtcp.c), sources and what is told of them (source.c), reports and
 * requests go back to peers (report.c).
 */
#ifndef VC_RECV_RECV_H
#define VC_RECV_RECV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/loop.h"
#include "net/udp.h"
#include "session/jbuf.h"
#include "session/roster.h"
#include "session/rtcptime.h"
#include "session/rxstats.h"
#include "tool/limits.h"
#include "tool/merge.h"
#include "tool/out.h"
#include "tool/place.h"
#include "tool/tool.h"
#include "wire/codec.h"
#include "wire/rtcp.h"

#define EARLY 64 /* compounds kept of those who are no sources yet */

struct recv;

/* RTCP of an endpoint: rtcp=. */
enum rtcp_mode {
	RTCP_AUTO, /* on the RTP port, and on the next one where it is free */
	RTCP_MUX,
	RTCP_NEXT,
	RTCP_PORT,
	RTCP_OFF,
};

/* What a payload type is, as it comes in. */
struct format {
	bool is_described;
	enum vc_codec codec;
	enum vc_kind kind;
	uint32_t rate_hz;
	uint8_t bad_row; /* packets in a row that the codec's parser refused */
	bool is_named;	 /* complained of */
};

struct endpoint {
	struct recv *r;
	int index;
	struct vc_place where;
	char *sdp_text; /* of sdp=, or NULL */
	size_t sdp_len;
	enum rtcp_mode rtcp_mode;
	uint16_t rtcp_port;
	struct vc_udp *rtp;
	struct vc_udp *rtcp; /* or NULL */
	struct vc_watch rtp_watch;
	struct vc_watch rtcp_watch;
	struct format formats[128];
};

/* An address that sources send from. */
struct peer {
	struct peer *next;
	struct endpoint *ep;
	uint64_t key; /* hash of address and port */
	uint64_t host;
	struct sockaddr_storage rtp;
	struct sockaddr_storage rtcp;
	bool is_next; /* RTCP goes by ep->rtcp */
	unsigned int n_sources;
	uint64_t octets_in;
	uint64_t octets_out; /* of RTCP, at most 5 % of what came */
	int64_t first;
	int64_t rtcp_second; /* of which rtcp_n compounds were taken */
	unsigned int rtcp_n;
	struct vc_rtcptime time;
	struct vc_timer timer;
};

/* What is kept for each source (src->user). */
struct rxsrc {
	struct recv *r;
	struct vc_source *src;
	struct endpoint *ep;
	struct peer *peer;
	struct vc_rxstats st;
	uint64_t reported;  /* packets at the last report */
	uint32_t out_ssrc;  /* in the stream */
	struct vc_jbuf *jb; /* --latency, else NULL */
	struct vc_timer jb_timer;
	bool wants_pli;
	int64_t last_pli; /* VC_TIME_NONE: never */
	int dscp;	  /* -1: not known, as the next */
	int ttl;
};

struct early {
	struct vc_packet *pkt; /* NULL: free */
	int input;
	uint32_t ssrc;
	uint64_t host;
	struct sockaddr_storage from;
	bool is_next; /* by the RTCP socket */
};

struct recv_counts {
	uint64_t datagrams, packets, octets, too_short, toobig, notrtp,
		malformed, pt, unfit, repair, refused, duplicates, implausible;
	uint64_t rtcp_in, rtcp_malformed, rtcp_foreign, rtcp_out, rtcp_held,
		pli_out;
};

struct recv {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_out *out;
	struct vc_roster *roster;
	struct vc_merge merge;
	struct vc_limits limits;
	struct endpoint *eps;
	size_t n;
	struct peer *peers;
	uint64_t key[2]; /* of the hashes of addresses */
	uint32_t ssrc;	 /* ours */
	uint64_t ssrc_draws;
	int64_t ssrc_changed;
	int64_t timeout;
	int64_t latency;      /* 0: at once */
	struct vc_timer tick; /* each second */
	struct vc_timer roster_timer;
	struct early early[EARLY];
	unsigned int next_early;
	const struct vc_udp_msg *msg; /* that is being taken */
	struct peer *last_peer;
	struct vc_limit warn_pt; /* formats that are named */
	struct recv_counts counts;
	struct vc_limit warn_full;
	struct vc_timer end_timer;
	const char *why; /* to end, once this turn's packets are taken */
	bool is_over;
};

/* --- endpoint.c --- */

/* Reads the operands and their descriptions; wrong ones end the program. */
void recv_parse(struct recv *r);
/* Opens all sockets; says why not and sets the exit code. 0 or -errno. */
int recv_open(struct recv *r);
void recv_close(struct recv *r);

/* --- rtp.c, rtcp.c --- */

void recv_rtp_ready(void *ctx, unsigned int events);
void recv_rtcp_ready(void *ctx, unsigned int events);

/* A datagram of RTCP, on either socket. */
void recv_take_rtcp(struct endpoint *ep, const struct vc_udp_msg *m,
		    bool is_next);

struct vc_origin recv_origin(const struct endpoint *ep,
			     const struct vc_udp_msg *m);

/* Writes what came early from the source that was just admitted. */
void recv_early_write(struct recv *r, struct rxsrc *s);
void recv_early_clear(struct recv *r);

/* --- source.c --- */

int recv_roster_new(struct recv *r);
/* Each second: `net` events. */
void recv_tick(void *ctx, int64_t now);
/* Passes on a packet of a source, at once or in order. */
void recv_pass(struct rxsrc *s, struct vc_packet *pkt,
	       const struct vc_rtp *rtp);
void recv_fill_stats(void *ctx, struct vc_json *record);

/* --- report.c --- */

/* The peer that the message at hand is of, made if new. NULL: no memory. */
struct peer *recv_peer_get(struct endpoint *ep, const struct vc_udp_msg *m);
void recv_peer_put(struct recv *r, struct peer *p);
/* RTCP of 'len' octets came for it from there, which is where its RTCP goes. */
void recv_peer_rtcp(struct peer *p, const struct sockaddr_storage *from,
		    size_t len, bool is_next);
/* A key frame is wanted of 's'; asked for as soon as it is allowed. */
void recv_want_key(struct rxsrc *s);
/* Sends what is wanted, if it may be sent now. */
void recv_ask_key(struct rxsrc *s, int64_t now);
/* BYE to all. */
void recv_say_bye(struct recv *r);
/* Another SSRC for ours, which somebody else has; rarely. */
void recv_new_ssrc(struct recv *r);

#endif
