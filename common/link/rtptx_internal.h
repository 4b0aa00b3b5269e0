/* SPDX-License-Identifier: MIT */
/*
 * A transmitter's parts: its life (rtptx.c), destinations as they are given
 * (rtptx_operand.c) and as that changes (rtptx_change.c), ports that many of them
 * share (rtptx_hub.c), their queues (rtptx_dest.c),
 * which are sent (rtptx_send.c), and the addresses they are sent from
 * (rtptx_away.c, rtptx_keep.c), the streams that go out (rtptx_ssrc.c) and which
 * packet goes into which (rtptx_stream.c), RTCP both ways
 * (rtptx_report.c), whose it is (rtptx_who.c), what is sent again and what makes up for losses
 * (rtptx_repair.h), what is sealed (rtptx_srtp.c, rtptx_dtls.c), how fast
 * (rtptx_cc.c, rtptx_rate.c) and whether at all (rtptx_breaker.c), the SDP for others
 * (sdpout.c).
 */
#ifndef VC_LINK_RTPTX_INTERNAL_H
#define VC_LINK_RTPTX_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "link/port.h"
#include "link/rtptx.h"
#include "link/rtptx_cc.h"
#include "link/keychain.h"
#include "net/addrwatch.h"
#include "net/flood.h"
#include "net/loop.h"
#include "session/history.h"
#include "session/layers.h"
#include "session/ownssrc.h"
#include "session/pace.h"
#include "session/rtcptime.h"
#include "session/splice.h"
#include "tool/in.h"
#include "tool/place.h"
#include "tool/tool.h"
#include "wire/rtx.h"

#define UDP_IP 28 /* octets of headers, for rates and the timing of RTCP */

struct group;
struct txrepair;
struct vc_rtcp;
struct vc_rtcp_fb;

/* A packet that waits to go. */
struct item {
	struct vc_packet *pkt;
	bool is_rtp;
	uint8_t head_len; /* these in place of its first octets; 0: as it is */
	uint8_t dscp;
	uint8_t head[VC_RTP_HEADER];
};

/* What a peer's report blocks say of one stream. */
struct feedback {
	struct feedback *next;
	uint32_t ssrc;
	uint64_t reports;
	uint8_t fraction;
	int32_t lost;
	uint32_t jitter;
	uint32_t rate_hz;
	uint32_t highest; /* sequence number, extended */
	int64_t rtt;	  /* -1: not known */
};

struct dest_counts {
	uint64_t packets, octets, dropped, rtcp_in, rtcp_malformed, rtcp_out,
		rtcp_foreign, rtcp_held, plis, nacks, held, reopened,
		keepalives, unsealed, waiting;
	uint64_t queued_rtcp, queued_rtcp_octets; /* among packets, octets */
	uint64_t errors[VC_UDP_ERRORS];
};

/* SSRCs that have gone, but may be in the queue still. */
#define VC_TX_GONE 16

struct vc_tx_srtp {
	struct vc_seal *seal; /* NULL: DTLS has given none (yet) */
	bool is_over;	      /* the key's life */
	unsigned int n_gone;
	uint32_t gone[VC_TX_GONE];
	struct vc_limit warn;
};

/* What is needed of its place once it is open: that one takes 10 kB. */
struct vc_txplace {
	char name[256];
	char text[512];
	uint16_t port;
	bool is_srtp, is_dtls;
};

/* First what each packet needs, as with many of them it is in no cache. */
struct vc_dest {
	struct vc_rtptx *s;
	struct vc_dest *next_alike; /* of its group */
	struct vc_dest *next_busy;  /* of those with something to send */
	unsigned int media;	    /* a bit for each enum vc_kind */
	bool is_listed;		    /* among the busy */
	bool is_connected;
	bool is_unproven; /* until RTCP names a report that we sent there */
	bool is_guarded;  /* by 'cc' or 'breaker', which are asked */
	struct vc_dscp dscp;
	struct item *queue; /* a ring, grown as it fills */
	size_t cap;	    /* a power of two */
	size_t head;
	size_t n;
	struct vc_tx_srtp *srtp; /* NULL: in clear */
	struct txrepair *repair; /* NULL: nothing went yet */
	struct txcc *cc;	 /* what paces it, or NULL */
	struct vc_port *port;	 /* 'own', or one of somebody else's */
	uint64_t octets_in;	 /* that came while it was unproven */
	uint64_t octets_out;
	struct vc_flood flood;
	struct vc_pace pace;
	struct dest_counts counts;

	struct vc_dest *next;	    /* of all */
	struct vc_dest *next_there; /* of those in the same row of 'by_addr' */
	uint64_t there;		    /* what 'rtcp' hashes to; 0: in none */
	struct group *group;
	struct vc_place *place; /* as it was parsed; kept for --duplex only */
	unsigned int line;	/* of --dest-file; 0: not by it */
	bool is_kept;		/* still there, as it is being read again */
	bool is_alone;		/* among vc_rtptx's 'n_alone' */
	bool is_away;		/* the address that it is sent from has gone */
	unsigned int quiet_s;	/* seconds without a packet */
	uint64_t quiet_octets;	/* octets_out then */
	struct sockaddr_storage peer; /* where RTP goes */
	struct sockaddr_storage rtcp; /* and RTCP, where it is not connected */
	bool by_next;		      /* by the port's RTCP socket */
	const char *setup;	      /* DTLS: ours, as in a=setup */
	struct vc_timer pace_timer;
	struct vc_rtcptime time;
	struct vc_timer time_timer;
	bool has_begun; /* something was sent */
	int64_t begun;
	int64_t reported; /* when he was heard first; VC_TIME_NONE */
	bool is_deaf;	  /* complained that he knows no feedback for --bwe */
	struct vc_srlog log;
	struct feedback *feedback;
	struct tx_breaker breaker;
	int64_t second; /* of which rtcp_n compounds were taken */
	unsigned int rtcp_n;
	unsigned int said; /* a bit for each enum vc_udp_error */
	struct vc_port own;
	struct vc_txplace where;
};

/* Packets of a source in a stream: how they differ from what was kept, and
 * which of those they are. */
#define VC_TX_OPEN UINT64_MAX
struct txpart {
	struct vc_history *history; /* the source's, a reference; NULL: none */
	uint64_t since;		    /* when: see vc_history_mark() */
	uint64_t until;		    /* and it is over; VC_TX_OPEN: it is not */
	uint32_t ts_off;
	uint16_t seq_off;
	uint16_t first; /* number, as sent; moves up later on */
};

/* A source as it goes out to the destinations of one group. */
struct stream {
	struct stream *next;
	struct vc_rtptx *tx;
	struct group *group;
	struct vc_splice splice;
	char purpose[32]; /* its numbers are drawn for */
	uint64_t draws;
	int64_t redrawn; /* VC_TIME_NONE: never */
	int kind;
	struct vc_source *src;	    /* behind it now, or NULL */
	struct txfec *fec;	    /* NULL: no redundancy */
	struct vc_history *history; /* its own, or NULL */
	struct txpart parts[4];	    /* the newest first */
	bool awaits_key;
	bool is_left_out; /* its source is not for the group now */
	bool has_begun;	  /* announced */
	bool is_named;	  /* its CNAME is a source's */
};

/* The destinations of one name; "": those without. Where it is sealed each is
 * a group of its own. */
struct group {
	struct group *next; /* with a higher index */
	struct vc_dest *dests;
	struct stream *streams;
	size_t index; /* of its own, among those that are there */
	unsigned int media;
	unsigned int n_streams; /* made so far */
	char name[256];
};

/* From a source to a group. */
struct txway {
	struct stream *st; /* NULL: none yet */
	bool is_routed;
};

/* What is kept for each source that comes in (src->user). */
struct txsrc {
	struct vc_srcline line;
	uint64_t routes_seen;	    /* changes when 'is_routed' was taken */
	struct vc_history *history; /* NULL: of nothing yet */
	struct txway *ways;	    /* to each group */
	size_t cap;		    /* room for so many */
	uint64_t told_bps;	    /* its producer was; 0: nothing yet */
	struct vc_layer layer;
	double weight; /* of it among its layers; 1: it is no layer */
};

/* A port that destinations are reached by: somebody else's, or a shared one. */
struct hub {
	struct hub *next;
	struct vc_rtptx *s;
	struct vc_port *port;
};

/* Of all streams, whoever gets them. */
struct txfec_counts {
	uint64_t media_octets, packets, octets, red, red_octets;
	uint64_t bursty; /* times that losses turned into rows */
};

struct vc_rtptx {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_rtptx_conf conf;
	struct vc_in *in;
	struct vc_dest *dests; /* in the order they came */
	struct vc_dest *busy;  /* in the order they became so */
	struct vc_dest **last_busy;
	struct hub *hubs;
	struct vc_port shared[2]; /* of IPv4, IPv6 */
	size_t n_alone; /* that have their own, but would do without */
	struct vc_dest **by_addr; /* destinations by hubs, hashed */
	size_t n_by_addr, cap_by_addr;
	struct group *groups;
	size_t n_groups; /* one more than the highest index */
	uint64_t routes; /* changes of groups; events are vc_in_routes() */
	struct vc_hook hook;
	struct vc_addrwatch *addrs; /* NULL: cannot be had */
	bool is_open;
	struct vc_timer away_timer;
	struct vc_timer keep_timer;
	struct vc_limit warn_error[VC_UDP_ERRORS];
	bool does_wait;		  /* the input, for DTLS */
	struct vc_timer patience; /* with those who are late */
	struct sdpout *sdpout;
	struct vc_fec_formats fec_formats;
	struct txfec_counts fec_counts;
	uint8_t *scratch; /* what is sealed, a batch */
	uint64_t streams_made;
	struct vc_rid_exts rid_exts;
	uint8_t rtx_pt[128]; /* of retransmissions of a type, 255: none */
	bool is_rsize;	     /* RTCP of reduced size is taken */
	uint8_t ext_twcc;    /* ids of extensions that are written; 0: none */
	uint8_t ext_time;
	struct vc_timer rate_timer; /* for the producers */
	struct vc_history_budget history_budget;
	int64_t keeps_until;   /* as nobody has reported yet */
	struct vc_ownssrc own; /* who has sent with SSRCs of ours */
	uint64_t collisions;   /* packets with one */
	uint64_t loops;	       /* and our own that came back */
	uint64_t unrouted;     /* packets that nobody gets */
	uint64_t keyframes;    /* asked for on behalf of peers */
};

/* --- rtptx_operand.c --- */

/* Why something that was written cannot be, for people. */
struct vc_why {
	char text[320];
};

/* As it is written; neither open nor in a group yet. NULL and why not. */
struct vc_dest *vc_dest_new(struct vc_rtptx *s, const char *text,
			    struct vc_why *why);
/* 0, or why not and -errno; -EINVAL: it is written wrongly. */
int vc_dest_open(struct vc_dest *d, struct vc_why *why);

/* Opens the ports that are its own; says why not and sets the exit code. 0 or
 * -errno. */
int vc_rtptx_open_ports(struct vc_rtptx *s);

/* --- rtptx_change.c --- */

/* Reads --dest-file; all or nothing. 0, or -errno and why: "FILE: LINE: ..." */
int vc_rtptx_read_file(struct vc_rtptx *s, struct vc_why *why);

/* --- rtptx_hub.c --- */

/* A port has destinations: what comes by it is told them. 0 or -ENOMEM. */
int vc_hub_listen(struct vc_rtptx *s, struct vc_port *port);
/* It is reached by a hub, at d->rtcp: 0 or -ENOMEM, which is never so once one
 * has entered. Before that changes, or it goes: no more. */
int vc_hub_enter(struct vc_dest *d);
void vc_hub_leave(struct vc_dest *d);
/* Shares a port with many from now on, d->peer being set: 0; 1: it is to have
 * its own, or -errno. */
int vc_hub_share(struct vc_dest *d);
void vc_hubs_free(struct vc_rtptx *s);

/* --- rtptx_dest.c --- */

/* May 'len' octets go to where nobody has proved to be? Counts them. */
bool vc_dest_may_send(struct vc_dest *d, size_t len);
/* It says that it is elsewhere now, which it has to prove. */
void vc_dest_doubt(struct vc_dest *d);

/* Into the group of its name, made if new. 0 or -ENOMEM. */
int vc_dest_join(struct vc_dest *d, const char *name);
/* Its pace. */
void vc_dest_begin(struct vc_dest *d);
/* Frees it, and its group with its streams if it was the last. */
void vc_dest_free(struct vc_dest *d);

/* Takes a reference; 'head' NULL: the packet goes as it is. RTP has one, and
 * may be held back or dropped for the path's sake. Where nobody else has a
 * reference but the caller it may be written into the packet. */
void vc_dest_put(struct vc_dest *d, struct vc_packet *pkt, const uint8_t *head,
		 uint8_t dscp);
/* The same without asking. */
void vc_dest_queue(struct vc_dest *d, struct vc_packet *pkt,
		   const uint8_t *head, uint8_t dscp);
/* The media that waits for --pace is dropped; RTCP goes at once. */
void vc_dest_give_up(struct vc_dest *d);
bool vc_dest_is_busy(const struct vc_dest *d);
/* The one that waits longest goes no more. */
void vc_dest_drop_first(struct vc_dest *d);

/* --- rtptx_send.c --- */

/* Sends what may go now; of all. */
void vc_dest_flush(struct vc_dest *d);
void vc_rtptx_flush(struct vc_rtptx *s);
/* A send or receive failed: counted, and said as often as is useful. */
void vc_dest_complain(struct vc_dest *d, int err);

/* --- rtptx_keep.c --- */

/* Destinations that get nothing get a sign of life. */
void vc_rtptx_keep(struct vc_rtptx *s);
void vc_rtptx_unkeep(struct vc_rtptx *s);

/* --- rtptx_away.c --- */

/* Sockets follow when this machine's address changes. */
void vc_rtptx_watch_addrs(struct vc_rtptx *s);
void vc_rtptx_unwatch_addrs(struct vc_rtptx *s);

/* --- rtptx_srtp.c --- */

/* Where numbers that go out are drawn from: what makes a key stream is never
 * the same in two runs. */
const struct vc_rand *vc_rtptx_rand(const struct vc_rtptx *s);
/* The key to send to it with. 0, -ENOKEY (it has to be sealed and cannot be),
 * -ENOMEM. */
int vc_dest_secure(struct vc_dest *d);
void vc_dest_unsecure(struct vc_dest *d);
/*
 * Seals 'piece' where it lies if nobody else has its packet, else into the
 * scratch from '*at' on, where it then is. 0, or -errno: not into this batch,
 * which is to go first; if it is the first it must not be sent.
 */
int vc_dest_seal(struct vc_dest *d, struct vc_packet *pkt,
		 struct vc_udp_piece *piece, size_t *at);
/* That was so: counted, and said. */
void vc_dest_unsealed(struct vc_dest *d, int err);
/* Nothing waits any more: what has gone is forgotten. */
void vc_dest_forget_gone(struct vc_dest *d);
/* A stream's SSRC is this group's to send with: 0, or -EADDRINUSE. */
int vc_group_claim(const struct group *g, uint32_t ssrc);
/* And no more, once what waits has gone. */
void vc_group_forget(const struct group *g, uint32_t ssrc);

/* --- rtptx_dtls.c --- */

/* Its port is open: DTLS begins there. 0, -EINVAL and why, or -ENOMEM. */
int vc_dest_shake(struct vc_dest *d, struct vc_why *why);
/* Of struct vc_port_ops. */
void vc_dest_keys(void *ctx);
/* Its port's keys, or its address, have changed. */
void vc_dest_rekey(struct vc_dest *d);
/* It is to be sealed, and there is no key yet. */
bool vc_dest_lacks_key(const struct vc_dest *d);
/* The input waits for those; not any more, and there is an end. */
void vc_rtptx_wait(struct vc_rtptx *s);
void vc_rtptx_unwait(struct vc_rtptx *s);

/* --- rtptx_stream.c --- */

/* Of tool/in.h. */
void vc_rtptx_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		  const struct vc_rtp *rtp);
void vc_rtptx_begin(void *ctx, struct vc_source *src);
void vc_rtptx_change(void *ctx, struct vc_source *src,
		     struct vc_participant *was);
void vc_rtptx_gone(void *ctx, struct vc_source *src, enum vc_leave why);

/* To all of its group that take its kind; 'head' as in vc_dest_put(). */
void vc_txstream_put(struct stream *st, struct vc_packet *pkt,
		     const uint8_t *head);
void vc_group_free_streams(struct group *g);

/* --- rtptx_ssrc.c --- */

/* One more of a group, of that source's kind and rate. NULL: no memory. */
struct stream *vc_txstream_new(struct vc_rtptx *s, struct group *g,
			       const struct vc_source *src);
void vc_txstream_free(struct stream *st);
/* Does a stream of ours have this SSRC? */
bool vc_rtptx_is_taken(const struct vc_rtptx *s, uint32_t ssrc);
/* The stream of a group that has this SSRC, or NULL. */
struct stream *vc_group_find(const struct group *g, uint32_t ssrc);

/* --- rtptx_report.c --- */

/* A compound from the input: its sender reports give the lines. */
void vc_rtptx_rtcp(void *ctx, struct vc_packet *pkt);
/* SR + SDES to all that get it, before its first packet. */
void vc_txstream_announce(struct stream *st);
/* All that have begun, to one that came later. */
void vc_dest_greet(struct vc_dest *d);
/* One of them. */
void vc_txstream_announce_to(struct stream *st, struct vc_dest *d);
/* A report about nothing, so that something goes. */
void vc_dest_say_alive(struct vc_dest *d);
/* Of all pictures that go there: they begin anew. */
void vc_dest_ask_keys(const struct vc_dest *d);
/* BYE of all that it got. */
void vc_dest_bye(struct vc_dest *d);
void vc_txstream_bye(struct stream *st);
/* RTCP came, on the port of 'ctx', a struct vc_dest. */
void vc_dest_take_rtcp(void *ctx, const struct vc_port_msg *m);

/* --- rtptx_who.c --- */

/* Is it of the destination, by its address or a key? */
bool vc_dest_may_speak(const struct vc_dest *d, const struct vc_port_msg *m);
/* Does it speak with an SSRC that is sent with (RFC 3550 8.2)? It is seen to
 * then, and to be dropped. What is sealed never comes so far. */
bool vc_dest_is_collision(struct vc_dest *d, const struct vc_port_msg *m);

/* --- sdpout.c --- */

/* --sdp-out, if it is wanted; a wrong one is a usage error. */
void vc_sdpout_open(struct vc_rtptx *s);
/* The description has come; written now and when it changes. */
void vc_sdpout_desc(struct vc_rtptx *s, const struct vc_sdp *sdp);
/* Destinations have come or gone. */
void vc_sdpout_moved(struct vc_rtptx *s);
/* A packet of this type goes out: players take the first that is named. */
void vc_sdpout_used(struct vc_rtptx *s, uint8_t pt);
void vc_sdpout_free(struct vc_rtptx *s);

#endif
