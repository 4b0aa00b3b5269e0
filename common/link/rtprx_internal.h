/* SPDX-License-Identifier: MIT */
/*
 * A receiver's parts: its life (rtprx.c), endpoints that are listened on
 * (rtprx_endpoint.c) and their SDP (rtprx_describe.c), packets that come in (rtprx_rtp.c, rtprx_rtcp.c),
 * sources and what is told of them (rtprx_source.c), peers (rtprx_peer.c),
 * reports to them (rtprx_report.c), feedback (rtprx_feedback.c) and what their
 * congestion control needs (rtprx_cc.c), what is won back by retransmission
 * (rtprx_rtx.c), DTLS (rtprx_dtls.c). Captures give what they hold to
 * endpoints without sockets (rtprx_capture.c).
 */
#ifndef VC_LINK_RTPRX_INTERNAL_H
#define VC_LINK_RTPRX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "link/dtlsid.h"
#include "link/port.h"
#include "link/rtprx.h"
#include "link/keychain.h"
#include "net/loop.h"
#include "session/jbuf.h"
#include "session/keyreq.h"
#include "session/nack.h"
#include "session/roster.h"
#include "session/rtcptime.h"
#include "session/rxstats.h"
#include "session/xr.h"
#include "tool/limits.h"
#include "tool/merge.h"
#include "tool/out.h"
#include "tool/place.h"
#include "tool/tool.h"
#include "wire/codec.h"
#include "wire/rtcp.h"
#include "wire/rtx.h"

struct vc_rtxmap;
struct vc_sdp;
struct vc_twccrx;
struct vc_xrstats;

#define PEER_BUCKETS 1024u
#define EARLY 64	 /* compounds kept of those who are no sources yet */
#define HOLES_ROOM 32768 /* 1 MiB; what sources without a key miss */

/* What a payload type is, as it comes in. */
struct format {
	bool is_described;
	enum vc_codec codec;
	enum vc_kind kind;
	uint32_t rate_hz;
	unsigned int fb; /* VC_FB_*: what feedback its sender takes */
	bool has_apt;	 /* RTX: of this payload type */
	uint8_t apt;
	uint8_t bad_row; /* packets in a row that the codec's parser refused */
	bool is_named;	 /* complained of */
};

/* What senders are told of single packets. */
enum rx_cc {
	RX_CC_OFF,
	RX_CC_TWCC,
	RX_CC_RFC8888,
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
	bool is_for_one; /* whoever comes is the same peer */
	bool wants_keys; /* its SDP is of SRTP, of DTLS-SRTP */
	bool wants_dtls;
	struct vc_dtls_offer offer;	/* dtls+rtp://: what its SDP says */
	struct vc_dtls_terms terms;	/* until it is open */
	struct sockaddr_storage source; /* port 0: any */
	struct format formats[128];
	struct vc_rid_exts rid_exts;
	uint16_t volatile_ids; /* of pictures, see wire/fec.h */
	bool is_said;	       /* by an SDP, not by our defaults */
	bool is_rsize;	       /* RTCP of reduced size was agreed on */
	bool is_group;	       /* multicast: we are one of many receivers */
	enum rx_cc cc;
	uint8_t number_id; /* of the extension with transport-wide ones */
	struct vc_rtxmap *rtxmap; /* NULL: no RTX came yet */
};

/* An address that sources send from. */
struct peer {
	struct peer *next;
	struct peer *next_alike; /* in its bucket */
	struct endpoint *ep;
	uint64_t key; /* hash of address and port */
	uint64_t host;
	struct sockaddr_storage rtp;
	struct sockaddr_storage rtcp;
	bool is_next; /* RTCP goes by its own socket */
	struct vc_seal *seal;
	struct rxsrc *sources;
	struct rxsrc **sources_end; /* where the next one goes */
	unsigned int n_sources;
	/* Whose turn it is in the next report and extended report; NULL: the
	 * first one's. */
	struct rxsrc *turn;
	struct rxsrc *xr_turn;
	uint64_t octets_in;
	uint64_t octets_out; /* of RTCP, at most 5 % of what came */
	int64_t first;
	int64_t rtcp_second; /* of which rtcp_n compounds were taken */
	unsigned int rtcp_n;
	struct vc_rtcptime time;
	struct vc_timer timer;
	struct vc_timer fb_timer; /* of feedback */
	int64_t fb_at;		  /* INT64_MAX: it is not armed */
	struct vc_twccrx *cc;	  /* NULL: it numbers nothing */
	struct vc_timer cc_timer;
	int64_t cc_at; /* INT64_MAX: it is not armed */
	struct vc_xrclock clock;
	int64_t rtt;	  /* -1: not measured */
	int64_t nack_rtt; /* by what came again of one of its sources; -1 */
};

/* What is lost of a source, and what is done about it. */
struct rxrepair {
	struct vc_nack nack;
	uint64_t unfit; /* what it had given up when that was looked at last */
	struct vc_keyreq key;
	bool may_ask; /* for a key frame: media came since the last time */
	struct vc_xrstats *xr; /* NULL: no extended reports */
};

/* What is kept for each source (src->user). */
struct rxsrc {
	struct vc_rtprx *r;
	struct vc_source *src;
	struct endpoint *ep;
	struct peer *peer; /* or NULL */
	struct rxsrc *next_of_peer;
	struct vc_rxstats st;
	struct rxrepair rep;
	uint64_t reported;	 /* packets at the last report */
	uint32_t out_ssrc;	 /* in the stream */
	int key;		 /* that opened it; -1: none */
	struct rxfec *fec;	 /* NULL: no redundancy came */
	struct rxdigits *digits; /* NULL: no telephone event came */
	struct {
		uint64_t rtx, fec, red;
	} won;
	struct vc_jbuf *jb; /* --latency, else NULL */
	struct vc_timer jb_timer;
	bool is_judged; /* whether --select takes it */
	bool is_selected;
	bool is_shown; /* the stream knows of it */
	bool had_call; /* when it was judged */
	int dscp;      /* -1: not known, as the next */
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
		duplicates, implausible, stranger, fec, fec_refused, unselected,
		crowded;
	uint64_t needless; /* sent again, but here already or given up */
	uint64_t rtcp_in, rtcp_malformed, rtcp_foreign, rtcp_out, rtcp_held,
		nack_out, pli_out, fir_out, xr_out, twcc_out, ccfb_out,
		remb_out;
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
	struct peer *peers_by_key[PEER_BUCKETS];
	uint32_t ssrc; /* ours */
	uint64_t ssrc_draws;
	int64_t ssrc_changed;
	int64_t latency;      /* 0: at once; VC_PLAYOUT_AUTO */
	struct vc_timer tick; /* each second */
	struct vc_timer roster_timer;
	struct early early[EARLY];
	unsigned int next_early;
	const struct vc_port_msg *msg; /* that is being taken */
	const struct vc_sipcall *call; /* which it is of, or NULL */
	struct captured *captured;     /* where packets come from, or NULL */
	struct peer *last_peer;
	unsigned int decoders;	 /* of parity */
	unsigned int holes_room; /* of sources without a key: vc_nack_conf */
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
void vc_rtprx_listen(struct endpoint *ep);
/* Opens the ports that are its own; says why not. 0 or -errno. */
int vc_rtprx_open_ports(struct vc_rtprx *r);
void vc_rtprx_close_ports(struct vc_rtprx *r);

/* --- rtprx_describe.c --- */

/* Reads what --sdp or sdp= names, with --pt: allocated, the caller's. What
 * cannot be read ends the program. */
void vc_rtprx_load(struct vc_rtprx *r, const char *place, char **text,
		   size_t *len);
/* An endpoint for each address that the SDP names; how many. */
size_t vc_rtprx_by_sdp(struct vc_rtprx *r, const struct vc_sdp *sdp);
/* Endpoints are numbered and described, by their own SDP or by 'text'. Wrong
 * ones end the program. */
void vc_rtprx_settle(struct vc_rtprx *r, const char *text, size_t len);
/* What its payload types are; '*sdp' is where it is parsed to. 0 or an error
 * of vc_merge_desc(). */
int vc_rtprx_describe(struct endpoint *ep, struct vc_sdp *sdp, const char *text,
		      size_t len);

/* --- rtprx_dtls.c: for what is not dtls+rtp:// they do nothing --- */

/* What its SDP says. 0, or -errno and sdp->bad_why. */
int vc_rtprx_dtls_take(struct endpoint *ep, struct vc_sdp *sdp);
/* Can it be opened so? Wrong ones end the program. */
void vc_rtprx_dtls_check(struct endpoint *ep);
void vc_rtprx_dtls_listen(struct vc_port_ops *ops);
/* Its port is open. 0 or -ENOMEM. */
int vc_rtprx_dtls_open(struct endpoint *ep);
void vc_rtprx_dtls_clear(struct endpoint *ep);
void vc_rtprx_fill_dtls(const struct vc_rtprx *r, struct vc_json *record);

/* --- rtprx_rtp.c, rtprx_rtcp.c --- */

/* A datagram of an endpoint; 'ctx' is the endpoint. */
void vc_rtprx_take_rtp(void *ctx, const struct vc_port_msg *m);
void vc_rtprx_take_rtcp(void *ctx, const struct vc_port_msg *m);

/* 'pkt' was sent again: the packet of 's' as it was. It goes on if it is not
 * here yet, but was not received in its turn, and is counted apart. */
void vc_rtprx_take_again(struct rxsrc *s, struct vc_packet *pkt);

/* Media that is new here, numbered as it was sent: does a picture begin? */
void vc_rtprx_look_at_key(struct rxsrc *s, const struct vc_rtp *rtp);

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
/* A packet of it may say which layer it is. */
void vc_rtprx_learn_rid(struct rxsrc *s, const struct vc_rtp *rtp);
/* Each second: `net` events. */
void vc_rtprx_tick(void *ctx, int64_t now);
/* So many packets are held that only who has a key may have more held. */
bool vc_rtprx_is_crowded(const struct rxsrc *s);
/* Passes on a packet of a source, at once or in order. */
void vc_rtprx_pass(struct rxsrc *s, struct vc_packet *pkt,
		   const struct vc_rtp *rtp);

/* --- rtprx_digits.c --- */

/* A packet of telephone-event: dtmf events. */
void vc_rtprx_digits(struct rxsrc *s, const struct vc_rtp *rtp);
void vc_rtprx_digits_free(struct rxsrc *s);

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

/* --- rtprx_peer.c --- */

/* The peer of an address, or NULL. */
struct peer *vc_rtprx_peer_find(struct endpoint *ep,
				const struct vc_port_msg *m);
/* 's' is the peer's that the message is of, made if new; without memory it is
 * nobody's. It leaves where it was. */
void vc_rtprx_peer_join(struct rxsrc *s, const struct vc_port_msg *m);
void vc_rtprx_peer_leave(struct rxsrc *s);
/* The one after 's' of the peer's sources, going round. */
struct rxsrc *vc_rtprx_after(const struct peer *p, const struct rxsrc *s);
/* RTCP of 'len' octets came for it from there, which is where its RTCP goes. */
void vc_rtprx_peer_rtcp(struct peer *p, const struct sockaddr_storage *from,
			size_t len, bool is_next);
/* Whoever wants to send back learns how 's' is reached, if it may. */
void vc_rtprx_tell_way(struct rxsrc *s);

/* --- rtprx_report.c --- */

#define COMPOUND 1200 /* octets at most */
#define UDP_IP 28     /* of headers, for the timing */

/* What may be sent to it now: a twentieth of what came, less what was sent. */
size_t vc_rtprx_allowance(const struct peer *p);
/* An empty compound, as long as may be sent to it now. */
struct vc_wr vc_rtprx_compound(const struct peer *p,
			       uint8_t buf[static COMPOUND]);
/* Octets that are free in it. */
static inline size_t vc_rtprx_left(const struct vc_wr *w)
{
	return w->bad ? 0 : (size_t)(w->end - w->p);
}

/* 0, or why nothing went: -EMSGSIZE, -EDQUOT, -EDESTADDRREQ (no RTCP here),
 * -errno. */
int vc_rtprx_send_rtcp(struct peer *p, const struct vc_wr *w);
/* Our CNAME, and NAME if 'is_whole'. */
void vc_rtprx_write_sdes(struct vc_rtprx *r, struct vc_wr *w, bool is_whole);
/* For vc_timer; 'ctx' is the peer: a report. */
void vc_rtprx_report_due(void *ctx, int64_t now);
/* BYE to all. */
void vc_rtprx_say_bye(struct vc_rtprx *r);
/* Another SSRC for ours, at the start and when somebody else has it; rarely. */
void vc_rtprx_new_ssrc(struct vc_rtprx *r);
/* Somebody else has one of ours: whose is it? */
void vc_rtprx_collided(struct vc_rtprx *r, uint32_t ssrc);

/* --- rtprx_feedback.c --- */

bool vc_rtprx_has_feedback(const struct vc_rtprx *r, unsigned int bit,
			   bool is_described);
/* Of a source that begins. */
void vc_rtprx_repair_init(struct rxsrc *s);
void vc_rtprx_repair_clear(struct rxsrc *s);
/* Each second: what was measured meanwhile is made use of. */
void vc_rtprx_repair_tick(struct rxsrc *s);
/* Media came: is it time to ask for something? */
void vc_rtprx_feed_back(struct rxsrc *s, int64_t now);
/* A packet came, for extended reports; it is 'rx'. */
void vc_rtprx_count_xr(struct rxsrc *s, const struct vc_packet *pkt,
		       const struct vc_rtp *rtp, enum vc_rx rx);
/* A key frame is wanted of 's'; asked for as soon as it is allowed. */
void vc_rtprx_want_key(struct rxsrc *s);
/* Extended reports of what was received of it, on as many sources as there is
 * room for. False: none. */
bool vc_rtprx_write_xr(struct peer *p, struct vc_wr *w, int64_t now);
/* An extended report came from there. */
void vc_rtprx_take_xr(struct peer *p, const struct vc_rtcp *pkt, int64_t now);
/* For vc_timer; 'ctx' is the peer. */
void vc_rtprx_feedback_due(void *ctx, int64_t now);

/* --- rtprx_cc.c --- */

/* What its senders are told, once its formats are known. */
void vc_rtprx_learn_cc(struct endpoint *ep, const struct vc_sdp *sdp);
/* RTP came from where the message is of; 'p' is that peer, or may be, or is
 * NULL. Only where vc_rtprx_is_noted(). */
void vc_rtprx_note(struct endpoint *ep, const struct vc_port_msg *m,
		   struct peer *p, const struct vc_packet *pkt,
		   const struct vc_rtp *rtp);
static inline bool vc_rtprx_is_noted(const struct endpoint *ep,
				     const struct vc_rtp *rtp)
{
	return ep->cc == RX_CC_RFC8888 ||
	       (ep->cc == RX_CC_TWCC && rtp->has_ext);
}

/* For vc_timer; 'ctx' is the peer. */
void vc_rtprx_cc_due(void *ctx, int64_t now);
/* The limit that the operator sets. False: none. */
bool vc_rtprx_write_remb(struct peer *p, struct vc_wr *w);

/* --- rtprx_rtp.c, for rtprx_rtx.c --- */

/* A retransmission from where there is nothing that it could repeat: counted,
 * and named when there are some in a row. */
void vc_rtprx_complain_rtx(struct endpoint *ep, const struct vc_rtp *rtp);

/* --- rtprx_rtx.c --- */

/* A retransmission. */
void vc_rtprx_take_rtx(struct endpoint *ep, const struct vc_port_msg *m,
		       const struct vc_rtp *rtp);

#endif
