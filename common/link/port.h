/* SPDX-License-Identifier: MIT */
/*
 * A port: the UDP socket of one RTP session, or the two where RTCP has its
 * own. It tells datagrams apart (RFC 7983, RFC 5761), counts what is neither
 * RTP nor RTCP, opens what is sealed where there are keys (link/keychain.h, or
 * for dtls+rtp:// link/dtlsport.h, which gets what is DTLS), and
 * hands it to whoever listens: a receiver, a transmitter, or both on one port.
 */
#ifndef VC_LINK_PORT_H
#define VC_LINK_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "net/loop.h"
#include "net/udp.h"

struct vc_dtlsport;
struct vc_json;
struct vc_place;
struct vc_seal;
struct vc_keychain;
struct vc_srtp_in;
struct vc_tool;

/* Where RTCP goes: the key rtcp=. */
enum vc_rtcp_at {
	VC_RTCP_AT_AUTO, /* on the RTP port, and on the next where it is free */
	VC_RTCP_AT_MUX,
	VC_RTCP_AT_NEXT,
	VC_RTCP_AT_PORT,
	VC_RTCP_AT_OFF,
};

/* A datagram, as it is handed on. Borrowed during the call; take a reference
 * to 'pkt' to keep it. */
struct vc_port_msg {
	struct vc_packet *pkt; /* 'arrival' is set */
	const struct sockaddr_storage *from;
	uint64_t host; /* as in vc_udp_msg */
	uint64_t peer;
	int dscp; /* -1: not known, as the next */
	int ttl;
	bool is_rtcp;
	bool is_next;	   /* by the RTCP socket */
	bool is_authentic; /* by this key; what is not has no keys */
	unsigned int key;
	const char *key_name; /* NULL: everybody's key, or none */
	uint64_t cert;	      /* of the one who has that key; 0: any */
};

struct vc_port_counts {
	uint64_t datagrams, too_short, toobig, notrtp, strangers;
};

/* Who listens; NULL members: not to that. All get 'ctx'. */
struct vc_port_ops {
	void (*rtp)(void *ctx, const struct vc_port_msg *m);
	void (*rtcp)(void *ctx, const struct vc_port_msg *m);
	/* An error of the socket, e.g. -ECONNREFUSED of an ICMP message. */
	void (*error)(void *ctx, int err);
	/* Of a port for many: of what was sent to that one. */
	void (*told)(void *ctx, const struct sockaddr_storage *to, int err);
	/* Does it listen to whoever that is from at all? NULL: to everybody.
	 * What nobody listens to is not opened, which takes time and trials. */
	bool (*is_known)(void *ctx, const struct vc_port_msg *m);
	/* May a handshake come from there? */
	bool (*may_shake)(void *ctx, const struct vc_port_msg *m);
	/* vc_port_seal() says something else, or the state of DTLS has changed;
	 * what it said before is not to be used any more. */
	void (*keys)(void *ctx);
	void *ctx;
};

#define VC_PORT_OPS 2

struct vc_port {
	struct vc_tool *tool;
	struct vc_keychain *keychain; /* whose keys it takes; NULL: in clear */
	struct vc_dtlsport *dtls;     /* owned: its own keys; or NULL */
	struct vc_udp *rtp;	      /* NULL: not open */
	struct vc_udp *rtcp;	      /* its own socket, or NULL */
	bool is_for_many;
	enum vc_rtcp_at rtcp_at;
	uint16_t rtcp_port; /* of VC_RTCP_AT_PORT and _NEXT, the peer's */
	uint8_t rtcp_dscp;
	struct vc_watch rtp_watch;
	struct vc_watch rtcp_watch;
	struct vc_port_ops ops[VC_PORT_OPS];
	size_t n_ops;
	struct vc_port_counts counts;
	/* What opens the datagram at hand, in place of the keychain's; NULL:
	 * that. Its keys have no names, and no number. */
	struct vc_srtp_in *ring;
};

struct vc_port_conf {
	const struct sockaddr_storage *local;  /* NULL: any */
	const struct sockaddr_storage *peer;   /* NULL: not connected */
	const struct sockaddr_storage *source; /* as in vc_udp_conf */
	const char *iface;		       /* NULL: any */
	bool only_v6;
	bool is_for_many;  /* peers, and no RTCP socket: see vc_udp_conf */
	int ttl;	   /* 0: the system's */
	uint8_t rtcp_dscp; /* what RTCP goes with */
};

/* Reads rtcp= of 'where', 'or' where it is not given. 0, or -EINVAL with a
 * reason for people. */
int vc_port_init(struct vc_port *p, struct vc_tool *t,
		 struct vc_keychain *keychain, const struct vc_place *where,
		 enum vc_rtcp_at or, char *why, size_t cap);

void vc_port_listen(struct vc_port *p, const struct vc_port_ops *ops);
/* Whoever gave 'ctx' is there no more. */
void vc_port_unlisten(struct vc_port *p, const void *ctx);

/*
 * Opens and watches. A port that is not connected and is the kernel's choice
 * leaves the next one to RTCP, and is even if that can be had. 0 or -errno.
 */
int vc_port_open(struct vc_port *p, const struct vc_port_conf *conf);
void vc_port_close(struct vc_port *p);

/*
 * The address 'sa' of this machine has gone (NULL: one that is not known). Is
 * it where this port sends from, and may another take its place?
 */
bool vc_port_stood_at(const struct vc_port *p,
		      const struct sockaddr_storage *sa);
/* Then another is taken: 0, or -errno of vc_udp_reconnect(): not yet. */
int vc_port_reconnect(struct vc_port *p);

/*
 * A datagram that did not come by a socket of the port's (from a capture: the
 * port is not open), taken as those are that do. 'is_next': where RTCP goes.
 */
void vc_port_take(struct vc_port *p, const struct vc_udp_msg *u, bool is_next);

/* What comes is opened with, to look at it. NULL: in clear. */
struct vc_srtp_in *vc_port_ring(const struct vc_port *p);
/* With DTLS: whoever is at 'to' (NULL: the peer) is sent to with it, or NULL;
 * until the listeners are told of other keys. */
struct vc_seal *vc_port_seal(const struct vc_port *p,
			     const struct sockaddr_storage *to);
/* For link/dtlsport.h: tells them. */
void vc_port_tell_keys(struct vc_port *p);

/* False: there is no way back by it, vc_port_send_rtcp() always fails. */
bool vc_port_can_send(const struct vc_port *p);

/* Datagrams that the kernel dropped because we were too slow. */
uint64_t vc_port_overflow(const struct vc_port *p);
/* What went wrong so far is added, by enum vc_udp_error. */
void vc_port_add_errors(const struct vc_port *p, uint64_t *errors);
/* For statistics: {"refused":0,...}. */
struct vc_json *vc_port_errors_json(const uint64_t *errors);

/* Of a port for many: what ICMP has said is told. False: nothing. */
bool vc_port_hear(struct vc_port *p);

/* One datagram as it is, by the socket of RTP. 0 or -errno. */
int vc_port_send(struct vc_port *p, const uint8_t *data, size_t len,
		 const struct sockaddr_storage *to);

/*
 * One RTCP compound, by its own socket where it has one and 'by_next'. 'to'
 * NULL: the peer. It is sealed, and must be where there are keys; with DTLS by
 * those of whoever is there, else by 'seal'. 0, -EDESTADDRREQ (no
 * RTCP here), -ENOKEY (no seal), or -errno.
 */
int vc_port_send_rtcp(struct vc_port *p, bool by_next, struct vc_seal *seal,
		      const uint8_t *data, size_t len,
		      const struct sockaddr_storage *to);

#endif
