/* SPDX-License-Identifier: MIT */
/*
 * CoDel (RFC 8289): which packets a queue drops at its head so that the wait in
 * it comes back to the target. Integers only.
 */
#ifndef VC_SESSION_CODEL_H
#define VC_SESSION_CODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_CODEL_TARGET (INT64_C(5) * 1000000)
#define VC_CODEL_INTERVAL (INT64_C(100) * 1000000)
#define VC_CODEL_MAXPACKET 1514

/* Start with zeros. */
struct vc_codel {
	bool has_first;
	int64_t first_above; /* when the wait has been too long for long */
	bool is_dropping;
	bool is_spared;	  /* the next packet passes, whatever its wait */
	bool has_dropped; /* the time of the next drop is to be set */
	int64_t drop_next;
	uint64_t count, last_count; /* drops of this spell and the one before */
};

/*
 * The packet at the head is taken at 'now', after 'wait', and leaves 'octets'
 * behind it. Is it to be dropped? Then ask again for the one after it.
 */
bool vc_codel_drops(struct vc_codel *c, int64_t now, int64_t wait,
		    uint64_t octets);

/* There was none to be taken. */
void vc_codel_empty(struct vc_codel *c);

#endif
