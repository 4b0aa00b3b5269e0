/* SPDX-License-Identifier: MIT */
/*
 * A receiver's parts: its life (rtprx.c), endpoints that are listened on
 * (rtprx_endpoint.c), packets that come in (rtprx_rtp.c, rtprx_rtcp.c),
 * sources and what is told of them (rtprx_source.c), reports and requests to
 * peers (rtprx_report.c). Captures give what they hold to endpoints without
 * sockets (rtprx_capture.c).
 */
#ifndef VC_LINK_RTPRX_INTERNAL_H
#define VC_LINK_RTPRX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "link/port.h"
#include "link/rtprx.h"
#include "link/keychain.h"
#include "net/loop.h"
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

/* What a payload type is, as it comes in. */
struct format {
	bool is_described;
	enum vc_codec codec;
	enum vc_kind kind;
	uint32_t rate_hz;
	uint8_t bad_row; /* packets in a row that the codec's parser refused */
	bool is_named;	 /* complained of */
};

/* Whose address is believed without a key: latch=. */
enum latch {
	LATCH_OFF,
	LATCH_FIRST,
	LATCH_ALWAYS,
};

struct endpoint {
	struct vc_rtprx *r;
	int index;
	struct vc_place where;
	char *sdp_text; /* of sdp=, or NULL */
	size_t sdp_len;
	struct vc_port *port; /* 'own', or one of somebody else's */
	struct vc_port own;
	enum latch latch;
	bool has_source; /* source=: nobody else's packets are taken */
	bool is_latched; /* the same, by the first packet */
	bool wants_keys; /* its SDP is of SRTP */
	struct sockaddr_storage source; /* port 0: any */
	struct format formats[128];
	uint16_t volatile_ids; /* of pictures, see wire/fec.h */
};

/* An address that sources send from. */
struct peer {
	struct peer *next;
	struct endpoint *ep;
	uint64_t key; /* hash of address and port */
	uint64_t host;
	struct sockaddr_storage rtp;
	struct sockaddr_storage rtcp;
	bool is_next; /* RTCP goes by its own socket */
	struct vc_seal *seal;
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
	struct vc_rtprx *r;
	struct vc_source *src;
	struct endpoint *ep;
	struct peer *peer;
	struct vc_rxstats st;
	uint64_t reported; /* packets at the last report */
	uint32_t out_ssrc; /* in the stream */
	int key;	   /* that opened it; -1: none */
	struct rxfec *fec; /* NULL: no redundancy came */
	struct {
		uint64_t rtx, fec, red;
	} won;
	struct vc_jbuf *jb; /* --latency, else NULL */
	struct vc_timer jb_timer;
	bool is_judged; /* whether --select takes it */
	bool is_selected;
	bool is_shown; /* the stream knows of it */
	bool had_call; /* when it was judged */
	bool wants_pli;
	int64_t last_pli; /* VC_TIME_NONE: never */
	int dscp;	  /* -1: not known, as the next */
	int ttl;
};

struct captured;
struct vc_sipcall;

struct early {
	struct vc_packet *pkt; /* NULL: free */
	int input;
	uint32_t ssrc;
	uint64_t host;
	const char *key_name; /* as in vc_port_msg */
	struct sockaddr_storage from;
	bool is_next; /* by the RTCP socket */
};

struct rx_counts {
	uint64_t packets, octets, malformed, pt, unfit, repair, refused,
		duplicates, implausible, stranger, fec, fec_refused, unselected;
	uint64_t rtcp_in, rtcp_malformed, rtcp_foreign, rtcp_out, rtcp_held,
		pli_out;
};

struct vc_rtprx {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_rtprx_conf conf;
	struct vc_out *out;
	struct vc_roster *roster;
	struct vc_merge merge;
	struct vc_limits limits;
	struct endpoint *eps;
	size_t n;
	size_t cap;
	struct peer *peers;
	uint32_t ssrc; /* ours */
	uint64_t ssrc_draws;
	int64_t ssrc_changed;
	int64_t latency;      /* 0: at once */
	struct vc_timer tick; /* each second */
	struct vc_timer roster_timer;
	struct early early[EARLY];
	unsigned int next_early;
	const struct vc_port_msg *msg; /* that is being taken */
	const struct vc_sipcall *call; /* which it is of, or NULL */
	struct captured *captured;     /* where packets come from, or NULL */
	struct peer *last_peer;
	struct vc_limit warn_pt; /* formats that are named */
	struct rx_counts counts;
	struct vc_limit warn_full;
	struct vc_limit warn_latch;
	struct vc_timer end_timer;
	const char *why; /* to end, once this turn's packets are taken */
	bool is_over;
};

/* --- rtprx.c --- */

/* The clock runs: the description, timers. */
void vc_rtprx_begin(struct vc_rtprx *r);

/* --- rtprx_endpoint.c --- */

/* NAME=PLACE, by an operand that says where packets come from; with its own
 * port. Wrong ones end the program. */
void vc_rtprx_parse_operand(struct vc_rtprx *r, struct endpoint *ep,
			    const char *arg);
/* An endpoint for each address that the SDP names; how many. */
size_t vc_rtprx_by_sdp(struct vc_rtprx *r, const struct vc_sdp *sdp);
/* Endpoints are numbered and described, by their own SDP or by 'text'. Wrong
 * ones end the program. */
void vc_rtprx_settle(struct vc_rtprx *r, const char *text, size_t len);
void vc_rtprx_listen(struct endpoint *ep);
/* What its payload types are; '*sdp' is where it is parsed to. 0 or an error
 * of vc_merge_desc(). */
int vc_rtprx_describe(struct endpoint *ep, struct vc_sdp *sdp, const char *text,
		      size_t len);
/* Opens the ports that are its own; says why not. 0 or -errno. */
int vc_rtprx_open_ports(struct vc_rtprx *r);
void vc_rtprx_close_ports(struct vc_rtprx *r);

/* --- rtprx_rtp.c, rtprx_rtcp.c --- */

/* A datagram of an endpoint; 'ctx' is the endpoint. */
void vc_rtprx_take_rtp(void *ctx, const struct vc_port_msg *m);
void vc_rtprx_take_rtcp(void *ctx, const struct vc_port_msg *m);

/* May it come from there (--allow, source=, latch=first)? */
bool vc_rtprx_may_come(struct endpoint *ep, const struct vc_port_msg *m);

/* May this be a packet of media of 's'? */
bool vc_rtprx_fits(const struct rxsrc *s, const struct vc_rtp *rtp);
/* Media that nobody has had: into the stream. */
void vc_rtprx_media(struct rxsrc *s, struct vc_packet *pkt, struct vc_rtp *rtp);

struct vc_origin vc_rtprx_origin(const struct endpoint *ep,
				 const struct vc_port_msg *m);

/* Writes what came early from the source that was just admitted. */
void vc_rtprx_early_write(struct vc_rtprx *r, struct rxsrc *s);
void vc_rtprx_early_clear(struct vc_rtprx *r);

/* --- rtprx_fec.c --- */

/* A packet of a source that statistics took as new: media, RED, ULPFEC. */
void vc_rtprx_take_new(struct rxsrc *s, struct vc_packet *pkt,
		       struct vc_rtp *rtp, enum vc_rx rx);
/* Parity with an SSRC of its own. */
void vc_rtprx_take_flexfec(struct endpoint *ep, const struct vc_port_msg *m,
			   const struct vc_rtp *rtp);
/* RED: the header as it would be for the packet's own block. 0 or -EBADMSG. */
int vc_rtprx_red_peek(const struct vc_rtp *rtp, struct vc_rtp *inner);
void vc_rtprx_fec_free(struct rxsrc *s);

/* --- rtprx_source.c --- */

int vc_rtprx_roster_new(struct vc_rtprx *r);
/* The fields of a `net` event: what the socket saw. */
void vc_rtprx_fill_net(const struct rxsrc *s, struct vc_json *j);
/* Does --select take it? Asked with each packet. */
bool vc_rtprx_is_selected(struct rxsrc *s);
/* Each second: `net` events. */
void vc_rtprx_tick(void *ctx, int64_t now);
/* Passes on a packet of a source, at once or in order. */
void vc_rtprx_pass(struct rxsrc *s, struct vc_packet *pkt,
		   const struct vc_rtp *rtp);

/* --- rtprx_capture.c --- */

/* Is a capture what the operand, or --iface, says? */
bool vc_rtprx_is_capture(const struct vc_rtprx *r);
/* As vc_rtprx_operands(), vc_rtprx_open_ports() and so on. */
void vc_rtprx_capture_operand(struct vc_rtprx *r);
int vc_rtprx_capture_open(struct vc_rtprx *r);
/* False: it starts later, by its own clock. */
bool vc_rtprx_capture_start(struct vc_rtprx *r);
void vc_rtprx_capture_stop(struct vc_rtprx *r);
void vc_rtprx_capture_free(struct vc_rtprx *r);
void vc_rtprx_fill_capture(const struct vc_rtprx *r, struct vc_json *record);

/* --- rtprx_report.c --- */

/* The peer that the message at hand is of, made if new. NULL: no memory. */
struct peer *vc_rtprx_peer_get(struct endpoint *ep,
			       const struct vc_port_msg *m);
void vc_rtprx_peer_put(struct vc_rtprx *r, struct peer *p);
/* RTCP of 'len' octets came for it from there, which is where its RTCP goes. */
void vc_rtprx_peer_rtcp(struct peer *p, const struct sockaddr_storage *from,
			size_t len, bool is_next);
/* A key frame is wanted of 's'; asked for as soon as it is allowed. */
void vc_rtprx_want_key(struct rxsrc *s);
/* Sends what is wanted, if it may be sent now. */
void vc_rtprx_ask_key(struct rxsrc *s, int64_t now);
/* Whoever wants to send back learns how 's' is reached, if it may. */
void vc_rtprx_tell_way(struct rxsrc *s);
/* BYE to all. */
void vc_rtprx_say_bye(struct vc_rtprx *r);
/* Another SSRC for ours, which somebody else has; rarely. */
void vc_rtprx_new_ssrc(struct vc_rtprx *r);

#endif
