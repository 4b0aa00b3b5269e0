/* SPDX-License-Identifier: MIT */
/*
 * Captured packets as if they came from a socket: each datagram is given as
 * vc_udp_recv() gives it (packet of a pool, sender, hashes, arrival, DSCP, TTL),
 * with where it was sent to. From a file or pipe (PLACE pcap:, rtpdump:, mjr:,
 * or a path whose content is one of these; gzip is read through), or from an
 * interface.
 *
 * Clock: files and pipes alike are *recorded* (vc-stream(7), Clock), as nobody
 * can tell a pipe that grows from one that is full. The loop becomes virtual at
 * the first packet's time and is driven by the packets, which are passed on as
 * soon as they are read: so a pipe is read as it comes. 'live' is the clock of
 * those who must act between packets (`tcpdump -U -w - | vc-recv --live pcap:-`)
 * and plays files at their own pace: the loop stays live, with the first
 * packet's time as its epoch. An interface is live.
 *
 * Which datagrams: those that 'wants' takes (the ports of an SDP); without it,
 * those to the addresses of calls whose SIP was seen, what RTSP described and
 * interleaves with its messages (session/tcpcalls.h), and what
 * session/rtpfind.h finds. rtpdump and mjr hold nothing else: all are given.
 */
#ifndef VC_TOOL_CAPTURE_H
#define VC_TOOL_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/pool.h"
#include "engine/unseal.h"
#include "net/loop.h"
#include "net/udp.h"
#include "session/sipcalls.h"
#include "session/tcpcalls.h"
#include "tool/place.h"
#include "wire/filekind.h"

struct vc_capture;

struct vc_capture_msg {
	/* Borrowed as from vc_udp_recv(). is_cut: not all of it was captured,
	 * or it is over VC_UDP_CAP. */
	struct vc_udp_msg udp;
	const struct sockaddr_storage *to;
	size_t len; /* as it was sent */
	/* The call, and the end of it that receives, where SIP told; or NULL.
	 * Borrowed during the call. vc_sipcall_key() is its SDES key. Of what
	 * RTSP interleaves there is no call, and of the end kind and formats
	 * are said. */
	const struct vc_sipcall *call;
	const struct vc_sipend *end;
};

/* All get 'ctx'; those that are not needed are NULL. */
struct vc_capture_ops {
	/* Files: the clock is known. Arm timers from here on, not before. */
	void (*start)(void *ctx, int64_t now);
	/* mjr: the file's own description, an SDP; before its packets, and
	 * before 'start' if the first of them is RTP. */
	void (*desc)(void *ctx, const char *sdp, size_t len);
	bool (*wants)(void *ctx, const struct sockaddr_storage *from,
		      const struct sockaddr_storage *to);
	void (*msg)(void *ctx, const struct vc_capture_msg *m);
	/* Recorded: is media still held (jitter buffers)? */
	bool (*held)(void *ctx);
	/*
	 * The end, once nothing is held. 0 also where the file is cut short or
	 * turns malformed (see the counts); -EBADMSG or -EPROTONOSUPPORT: it
	 * is no capture, or one that is not understood; else of reading.
	 */
	void (*end)(void *ctx, int err);
};

struct vc_capture_conf {
	struct vc_loop *loop; /* borrowed, as the next three */
	struct vc_pool *pool;
	const struct vc_udp_io *io; /* has the key of the hashes */
	const struct vc_place *where;
	struct vc_unseal_keys keys; /* of an encrypted one */
	const char *iface;	    /* instead of 'where' */
	const char *filter;	    /* of the interface, or NULL */
	bool live;
	bool rebase; /* moves the first packet to VC_VIRTUAL_EPOCH */
};

struct vc_capture_counts {
	uint64_t packets;   /* of the file or interface, of any kind */
	uint64_t bad;	    /* malformed, in the file or as packets */
	uint64_t other;	    /* none of these, or of an unknown link layer */
	uint64_t fragments; /* of IP packets: not put together */
	uint64_t cut;	    /* so little captured that it cannot be told */
	uint64_t datagrams; /* UDP */
	struct vc_tcpcalls_counts tcp;
	uint64_t sip; /* messages, by UDP and TCP */
	uint64_t sip_bad;
	uint64_t not_rtp; /* datagrams that were not wanted */
	uint64_t given;
	uint64_t dropped;  /* by the kernel: we were too slow */
	bool is_cut_short; /* the file ends within a packet */
	bool is_broken;	   /* from some place on there is no reading it */
	const char *why;   /* of 'err', if it was encrypted; for people */
};

/*
 * Opens, and gives from the loop. 0 or a negative errno with a reason for
 * people in 'why': of opening the place (-ENOTTY: a terminal), or the interface
 * (net/live.h).
 */
int vc_capture_new(struct vc_capture **out, const struct vc_capture_conf *conf,
		   const struct vc_capture_ops *ops, void *ctx, char *why,
		   size_t cap);
/* NULL is fine. Not from within one of the ops: there, stop. */
void vc_capture_free(struct vc_capture *c);

/* Gives no more; 'end' follows. */
void vc_capture_stop(struct vc_capture *c);

/* What it is, once that is known; for a message. */
enum vc_filekind vc_capture_kind(const struct vc_capture *c);
struct vc_capture_counts vc_capture_counts(const struct vc_capture *c);

#endif
