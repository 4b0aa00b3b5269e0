/* SPDX-License-Identifier: MIT */
/*
 * What vc-probe(1) path and reflect say to each other: the payloads of RTP
 * packets, which SRTP makes authentic and secret. A probe asks, an answer
 * answers one probe and is never longer. Big-endian:
 *
 * probe	"vcQ1", type, flags, DSCP it was sent with, 0, token (8), index (4),
 *		delay in ms (4), then anything
 * answer	"vcA1", type, flags, DSCP and TTL the probe arrived with, DSCP of the
 *		answer, 3 octets 0, token (8), index of the probe (4), count (4),
 *		arrival of the probe (8), departure of the answer (8), received (4),
 *		duplicates (4), reordered (4), highest index (4), which of the 64 up
 *		to it came (8), capped (4), address (16) and port (2) that the probe
 *		came from, 2 octets 0, then anything
 *
 * Times are nanoseconds by the clock of who answers.
 */
#ifndef VC_WIRE_PATHPKT_H
#define VC_WIRE_PATHPKT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VC_PATH_PT 126 /* dynamic, and none of ours */
#define VC_PATH_PROBE_LEN 24
#define VC_PATH_ANSWER_LEN 92
#define VC_PATH_UNKNOWN 255 /* DSCP, TTL */

enum vc_path_type {
	VC_PATH_HELLO, /* a session, please: the answer has its token, and is
			* known by the index, which is random */
	VC_PATH_MEDIA, /* one of a pattern, which is counted */
	VC_PATH_TRAIN, /* to find a rate, or an MTU */
	VC_PATH_LATER, /* to be answered after 'delay' */
	VC_PATH_END,   /* the counts, please: no more media comes */
	VC_PATH_TYPES,
};

/* flags */
#define VC_PATH_SMALL 1u /* the answer may be as short as it can be */

struct vc_path_probe {
	enum vc_path_type type;
	uint8_t flags;
	uint8_t dscp;
	uint64_t token; /* 0 in HELLO */
	uint32_t index;
	uint32_t delay_ms;
};

struct vc_path_answer {
	enum vc_path_type type; /* of the probe, as are flags and index */
	uint8_t flags;
	uint8_t probe_dscp; /* it arrived with; VC_PATH_UNKNOWN, as the next */
	uint8_t probe_ttl;
	uint8_t dscp; /* of the answer */
	uint64_t token;
	uint32_t index;
	uint32_t count; /* answers to MEDIA in this session, with this one */
	int64_t arrived;
	int64_t departed;
	/* Of the MEDIA of this session: */
	uint32_t received; /* without duplicates */
	uint32_t duplicates;
	uint32_t reordered; /* came behind a higher one (RFC 4737) */
	uint32_t highest;
	uint64_t came;	  /* bit i: highest - i */
	uint32_t capped;  /* came, but were not answered: over the rate */
	uint8_t addr[16]; /* IPv4 as IPv6 maps it */
	uint16_t port;
};

#define VC_PATH_TIME_MAX (INT64_MAX / 2)

/* 0 or -EBADMSG: too short, another magic, a type or a DSCP that is none, times
 * below 0, above VC_PATH_TIME_MAX or in disorder. */
int vc_path_probe_parse(struct vc_path_probe *out, const uint8_t *p,
			size_t len);
int vc_path_answer_parse(struct vc_path_answer *out, const uint8_t *p,
			 size_t len);

/* 'len' octets, at least VC_PATH_PROBE_LEN or _ANSWER_LEN, zeros behind. */
void vc_path_probe_write(const struct vc_path_probe *probe, uint8_t *p,
			 size_t len);
void vc_path_answer_write(const struct vc_path_answer *answer, uint8_t *p,
			  size_t len);

#endif
