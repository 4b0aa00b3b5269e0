/* SPDX-License-Identifier: MIT */
/*
 * The packets of a vc stream as a capture that others read: frames of the
 * stream in, pcapng or rtpdump out. In a pcapng each packet is a UDP datagram
 * in an IP packet, from where `source` events say that its source is, else from
 * an address for documentation (RFC 5737) that differs by source, to
 * 198.51.100.1 (or 2001:db8::1), port 5004; what is known of the source's name
 * is a comment on its first packet. An rtpdump has no addresses, and
 * milliseconds. Descriptions and events are left out, but that something
 * was taken out of the packets (a=x-vc-stripped) stands with the writer's name.
 * It is flushed once a second of stream time.
 */
#ifndef VC_ENGINE_CAPFILE_H
#define VC_ENGINE_CAPFILE_H

#include <stddef.h>
#include <stdint.h>

#define VC_CAPFILE_SOURCES 4096 /* who comes later has one address for all */

struct vc_capfile;
struct vc_outfile;

enum vc_capfile_kind {
	VC_CAPFILE_PCAPNG,
	VC_CAPFILE_RTPDUMP,
};

/* Borrows 'out'. NULL when out of memory. */
struct vc_capfile *vc_capfile_new(enum vc_capfile_kind kind,
				  struct vc_outfile *out);
void vc_capfile_free(struct vc_capfile *f);

/* A frame's payload. 0 or the file's error; what is malformed is left out. */
int vc_capfile_put(struct vc_capfile *f, const uint8_t *p, size_t len);

#endif
