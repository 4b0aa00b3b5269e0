/* SPDX-License-Identifier: MIT */
/*
 * A capture (pcap, pcapng, rtpdump, Janus's mjr) where a stream is read: its
 * octets in, the packets of RTP and RTCP out, as they were captured and in the
 * order they came in, those that RTSP interleaves, too (session/tcpcalls.h).
 * Which datagrams of a pcap they are is session/rtpfind.h's to say. Nothing is
 * put in order, repaired or decrypted: that is vc-recv's.
 */
#ifndef VC_TOOL_CAPIN_H
#define VC_TOOL_CAPIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "wire/filekind.h"
#include "wire/netpkt.h"
#include "wire/sdp.h"

struct vc_capin;

struct vc_capin_conf {
	enum vc_filekind kind; /* PCAP, RTPDUMP or MJR */
	struct vc_pool *pool;  /* borrowed */
	/* mjr: its own description, before the first packet. Borrowed. */
	void (*desc)(void *ctx, const struct vc_sdp *sdp);
	/* 'pkt' has its arrival; 'from' is NULL where no file says. */
	void (*packet)(void *ctx, struct vc_packet *pkt,
		       const struct vc_netaddr *from);
	void *ctx;
};

/* NULL when out of memory. */
struct vc_capin *vc_capin_new(const struct vc_capin_conf *conf);
void vc_capin_free(struct vc_capin *c);

/*
 * The file's next octets. 0; -EBADMSG: cannot be read from here on;
 * -EPROTONOSUPPORT: of a version that is not known; -ENOMEM. Errors last.
 */
int vc_capin_put(struct vc_capin *c, const uint8_t *p, size_t len);

/* The end: gives what waited. May the file end here, or has it been cut? */
bool vc_capin_end(struct vc_capin *c);

#endif
