/* SPDX-License-Identifier: MIT */
/*
 * The receiver's part of congestion control: notes which packets of one peer
 * came and when, and writes that as feedback, either of the transport-wide
 * numbers (TWCC) or by SSRC (RFC 8888). Each report speaks of all numbers
 * since the one before it; a packet that comes late is told of again together
 * with what followed it. Bounded: 1024 numbers, 32 SSRCs.
 */
#ifndef VC_SESSION_TWCCRX_H
#define VC_SESSION_TWCCRX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_wr;
struct vc_twccrx;

/* Room that every report fits in. */
#define VC_TWCCRX_REPORT 1152

/* 'by_ssrc': RFC 8888, else TWCC. NULL when out of memory. */
struct vc_twccrx *vc_twccrx_new(bool by_ssrc);
void vc_twccrx_free(struct vc_twccrx *t);

/*
 * A packet of 'len' octets came. 'seq' is its transport-wide number, or with
 * by_ssrc its RTP sequence number.
 */
void vc_twccrx_packet(struct vc_twccrx *t, uint32_t ssrc, uint16_t seq,
		      size_t len, int64_t arrival);

/*
 * When a report is due; INT64_MAX while there is nothing to tell. 50 to 250
 * ms after the last, so that reports take about 5 % of what comes in; sooner
 * when as many packets came as a report holds.
 */
int64_t vc_twccrx_next(const struct vc_twccrx *t);

/* Room that the next report takes at most, whole; 0: there is nothing to
 * tell. */
size_t vc_twccrx_room(const struct vc_twccrx *t);

/*
 * Appends one feedback packet to 'w' and notes that it was sent at 'now': true,
 * or false when there was nothing to tell or no room. More may be due at once.
 */
bool vc_twccrx_write(struct vc_twccrx *t, struct vc_wr *w, uint32_t sender,
		     int64_t now);

#endif
