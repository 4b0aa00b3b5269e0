/* SPDX-License-Identifier: MIT */
/*
 * vc-send's parts: destinations and their sockets and queues (dest.c), the
 * streams that go out and which packet goes into which (stream.c), RTCP both
 * ways (report.c), the SDP for others (sdpout.c).
 */
#ifndef VC_SEND_SEND_H
#define VC_SEND_SEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/loop.h"
#include "net/udp.h"
#include "session/pace.h"
#include "session/rtcptime.h"
#include "session/splice.h"
#include "tool/in.h"
#include "tool/place.h"
#include "tool/tool.h"

struct send;
struct group;

/* RTCP of a destination: rtcp=. */
enum rtcp_mode {
	RTCP_MUX,
	RTCP_NEXT,
	RTCP_PORT,
	RTCP_OFF,
};

/* A packet that waits to go; its first octets are written anew. */
struct item {
	struct vc_packet *pkt;
	uint16_t head_len; /* 0: it goes as it is */
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
	int64_t rtt; /* -1: not known */
};

struct dest_counts {
	uint64_t packets, octets, refused, dropped, errors, rtcp_in,
		rtcp_malformed, rtcp_out, plis, nacks;
};

struct dest {
	struct send *s;
	struct vc_place where;
	struct group *group;
	unsigned int media; /* a bit for each enum vc_kind */
	enum rtcp_mode rtcp_mode;
	uint16_t rtcp_port;
	struct sockaddr_storage peer;
	struct vc_udp *rtp;
	struct vc_udp *rtcp; /* its own socket, or NULL */
	struct vc_watch rtp_watch;
	struct vc_watch rtcp_watch;
	struct item *queue; /* a ring */
	size_t cap;	    /* a power of two */
	size_t head;
	size_t n;
	struct vc_pace pace;
	struct vc_timer pace_timer;
	struct vc_rtcptime time;
	struct vc_timer time_timer;
	bool has_begun; /* something was sent */
	int64_t begun;
	struct vc_srlog log;
	struct feedback *feedback;
	int64_t measured; /* since when 'measured_n' packets went */
	uint64_t measured_n;
	bool is_refused; /* said so */
	struct vc_limit warn_error;
	struct dest_counts counts;
};

/* A source as it goes out to the destinations of one group. */
struct stream {
	struct stream *next;
	struct group *group;
	struct vc_splice splice;
	int kind;
	struct vc_source *src; /* behind it now, or NULL */
	bool awaits_key;
	bool has_begun; /* announced */
	bool is_named;	/* its CNAME is a source's */
};

/* The destinations of one name; "": those without. */
struct group {
	const char *name;
	size_t index;
	unsigned int media;
	struct dest **dests;
	size_t n_dests;
	struct stream *streams;
	unsigned int n_streams; /* made so far */
};

/* What is kept for each source that comes in (src->user). */
struct txsrc {
	struct vc_srcline line;
	uint64_t routes_seen; /* send.routes when 'is_routed' was taken */
	bool *is_routed;      /* to each group */
	struct stream **to;   /* NULL: none yet */
};

struct send {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_in *in;
	struct dest *dests;
	size_t n;
	struct group *groups;
	size_t n_groups;
	uint64_t routes; /* changes when a route event came */
	struct vc_hook hook;
	int64_t batch;
	uint64_t rate_bps; /* --pace=RATE; 0: none */
	bool is_unpaced;   /* --pace=off */
	const char *sdp_out;
	struct sdpout *sdpout;
	bool is_over;
	uint64_t unrouted;  /* packets that nobody gets */
	uint64_t keyframes; /* asked for on behalf of peers */
};

/* --- dest.c --- */

/* Reads the operands; wrong ones end the program. */
void send_parse(struct send *s);
/* Opens the sockets; says why not and sets the exit code. 0 or -errno. */
int send_open(struct send *s);
void send_close(struct send *s);

/* Takes a reference; 'head' NULL: the packet goes as it is. */
void dest_put(struct dest *d, struct vc_packet *pkt, const uint8_t *head);
/* Sends what may go now. */
void dest_flush(struct dest *d);
/* The media that waits for --pace is dropped; RTCP goes at once. */
void dest_give_up(struct dest *d);
/* A send or receive failed: said (refusals once), counted. */
void dest_complain(struct dest *d, int err);
bool dest_is_busy(const struct dest *d);

/* --- stream.c --- */

/* Of tool/in.h. */
void send_rtp(void *ctx, struct vc_source *src, struct vc_packet *pkt,
	      const struct vc_rtp *rtp);
void send_begin(void *ctx, struct vc_source *src);
void send_change(void *ctx, struct vc_source *src, struct vc_participant *was);
void send_gone(void *ctx, struct vc_source *src, enum vc_leave why);

/* The stream of a group that has this SSRC, or NULL. */
struct stream *group_find(const struct group *g, uint32_t ssrc);
void send_free_streams(struct send *s);

/* --- report.c --- */

/* A compound from the input: its sender reports give the lines. */
void send_rtcp(void *ctx, struct vc_packet *pkt);
/* SR + SDES to all that get it, before its first packet. */
void stream_announce(struct stream *st);
void stream_bye(struct stream *st);
void dest_rtcp_ready(void *ctx, unsigned int events);
void dest_rtp_ready(void *ctx, unsigned int events);

/* --- sdpout.c --- */

/* --sdp-out: the description has come; written now and when it changes. */
void sdpout_desc(struct send *s, const struct vc_sdp *sdp);
/* A packet of this type goes out: players take the first that is named. */
void sdpout_used(struct send *s, uint8_t pt);
void sdpout_free(struct send *s);

#endif
