/* SPDX-License-Identifier: MIT */
/*
 * A recording of packets read back, piece by piece: .vcrtp, the same through
 * gzip, pcap and pcapng, rtpdump. What is cut at the end is no piece.
 */
#ifndef VC_RECORD_PACKETS_H
#define VC_RECORD_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/filekind.h"

struct packets;

enum packets_kind {
	PACKETS_OTHER, /* a header, something between packets */
	PACKETS_BAD,   /* malformed, and stepped over */
	PACKETS_DESC,
	PACKETS_EVENT,
	PACKETS_RTP, /* by its first octets */
	PACKETS_RTCP,
};

struct packets_piece {
	enum packets_kind kind;
	int64_t time; /* ns; VC_TIME_NONE: none is said */
	const uint8_t *data;
	size_t len;
	const uint8_t *octets; /* all of it, as it is in the (plain) file */
	size_t size;
};

/* Which takes a piece: 0, or an error that ends it. It borrows. */
typedef int packets_take(void *ctx, const struct packets_piece *piece);

/* Is it one of these? A gzip file is taken for a .vcrtp.gz. */
bool packets_can(enum vc_filekind kind);

/* NULL when out of memory. */
struct packets *packets_new(enum vc_filekind kind, packets_take *take,
			    void *ctx);
void packets_free(struct packets *p);

/*
 * The file's next octets. 0, -EBADMSG: it cannot be read from here on, -ENOMEM
 * or what 'take' returned. Errors last.
 */
int packets_put(struct packets *p, const uint8_t *data, size_t len);

/* May the file end here, or has it been cut? */
bool packets_is_whole(const struct packets *p);

/* What writes such a file: a format's name. */
const char *packets_format(enum vc_filekind kind);

#endif
