/* SPDX-License-Identifier: MIT */
/*
 * Packets as they come. A .vcrtp file has times and events, too, each frame
 * whole (vc-stream(7), Files); of others engine/capfile.h makes what they hold. All functions return 0 or a negative errno.
 */
#ifndef VC_RECORD_TAPE_H
#define VC_RECORD_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tape;
struct vc_outfile;
struct vc_packet;
struct vc_sdp;

struct strip;

enum tape_kind {
	TAPE_VCRTP,
	TAPE_GZIP, /* the same through zlib */
	TAPE_PCAPNG,
	TAPE_RTPDUMP,
};

/* Borrows 'out', and 'strip' (NULL: all stays). NULL when out of memory. */
struct tape *tape_new(struct vc_outfile *out, enum tape_kind kind,
		      struct strip *strip);
void tape_free(struct tape *tape);

/*
 * The payload of a description that says that it is recorded, or virtual, and
 * names no control socket: its length or -errno.
 */
int tape_desc_write(char *text, size_t cap, const struct vc_sdp *sdp,
		    bool is_virtual);

/* A frame with its length, as it came. */
int tape_raw(struct tape *tape, const uint8_t *frame, size_t len);

/* The same from its payload. */
int tape_frame(struct tape *tape, const void *payload, size_t len);

/* Stream time is 'now' from here on, if that is later than it was. */
int tape_time(struct tape *tape, int64_t now);

/* A packet with its time of arrival. */
int tape_packet(struct tape *tape, const struct vc_packet *pkt);

/* What is written so far can be read. */
int tape_flush(struct tape *tape);

/* Writes the end; the file is then the caller's to finish. */
int tape_finish(struct tape *tape);

#endif
