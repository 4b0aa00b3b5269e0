/* SPDX-License-Identifier: MIT */
/* Telephone events in RTP (RFC 4733): keys of a telephone, and others. */
#ifndef VC_WIRE_DTMF_H
#define VC_WIRE_DTMF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_DTMF_LEN 4
#define VC_DTMF_DIGITS 16 /* events 0 to 15 have a digit */

struct vc_dtmf {
	uint8_t event;
	bool end;	   /* E: it is over; 'duration' is all of it */
	uint8_t volume;	   /* -dBm0, 0..63 */
	uint16_t duration; /* so far, in units of RTP time */
};

/* 0, or -EBADMSG: not of four octets. The reserved bit is free. */
int vc_dtmf_parse(struct vc_dtmf *d, const uint8_t *p, size_t len);

/* A volume over 63 is written as 63. */
void vc_dtmf_write(uint8_t out[static VC_DTMF_LEN], const struct vc_dtmf *d);

/* "0123456789*#ABCD"; 0 for an event that is no digit. */
char vc_dtmf_digit(uint8_t event);

/* The other way, small letters too; -1: none. */
int vc_dtmf_event(char digit);

#endif
