/* SPDX-License-Identifier: MIT */
/* What the two .c files behind session/tcpflow.h share: flows lie in an array,
 * found by hash chains and in two lists by age, of those that are known to be
 * what is sought and of those that began by SYN and are not yet. */
#ifndef VC_SESSION_TCPFLOW_INTERNAL_H
#define VC_SESSION_TCPFLOW_INTERNAL_H

#include "base/hashkey.h"
#include "session/tcpflow.h"

#define VC_TCPTABLE_BITS 12
#define VC_TCPTABLE_NONE UINT16_MAX

struct vc_tcppiece {
	struct vc_tcppiece *next;
	uint32_t seq;
	uint32_t len;
	int64_t t;
	uint8_t dscp, ttl;
	uint8_t data[];
};

struct vc_tcplist {
	uint16_t oldest, newest;
	unsigned int n;
};

struct vc_tcpflows {
	struct vc_tcpflow_conf conf;
	struct vc_tcpflow *flows;
	unsigned int n; /* that were ever used */
	uint16_t spare; /* free ones */
	struct vc_tcplist fresh, known;
	size_t octets;
	struct vc_hashkey hash;
	uint16_t buckets[1 << VC_TCPTABLE_BITS];
	struct vc_tcpflow_counts counts;
};

/* NULL: not known. */
struct vc_tcpflow *vc_tcptable_find(struct vc_tcpflows *t,
				    const struct vc_netaddr *src,
				    const struct vc_netaddr *dst);
/* Of a segment whose direction is not in the table; others may go. */
struct vc_tcpflow *vc_tcptable_new_flow(struct vc_tcpflows *t,
					const struct vc_netpkt *seg,
					bool is_known, uint32_t next);
/* With all it holds. */
void vc_tcptable_forget(struct vc_tcpflows *t, struct vc_tcpflow *f);
/* Makes it the newest. */
void vc_tcptable_touch(struct vc_tcpflows *t, struct vc_tcpflow *f);
/* It is what is sought. */
void vc_tcptable_know(struct vc_tcpflows *t, struct vc_tcpflow *f);

/* Makes room for 'n' octets of 'f': others may go. False: there is none. */
bool vc_tcptable_make_room(struct vc_tcpflows *t, struct vc_tcpflow *f,
			   size_t n);
void vc_tcptable_drop_piece(struct vc_tcpflows *t, struct vc_tcpflow *f);
void vc_tcptable_drop_buf(struct vc_tcpflows *t, struct vc_tcpflow *f);

#endif
