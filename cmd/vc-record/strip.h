/* SPDX-License-Identifier: MIT */
/*
 * convert --strip: frames of a stream without what is private in them, so that
 * a call can be shared. Lengths of packets, their times, key frames (as
 * wire/blank.h keeps them) and RTCP stay; words for people become p1, p2, ...
 * and addresses those for documentation (RFC 5737, RFC 3849), the same word
 * the same one each time, in all files of a run.
 */
#ifndef VC_RECORD_STRIP_H
#define VC_RECORD_STRIP_H

#include <stddef.h>
#include <stdint.h>

#define STRIP_PAYLOAD (1u << 0)
#define STRIP_ADDRESSES (1u << 1)
#define STRIP_NAMES (1u << 2)
#define STRIP_WORDS 65536 /* names, and addresses; the others are p0 */

struct strip;

/* "payload,names". 0: a word is none of the three, or there is none. */
unsigned int strip_parse(const char *list);

/* NULL when out of memory. */
struct strip *strip_new(unsigned int what);
void strip_free(struct strip *s);

/*
 * What becomes of a frame's payload, in '*out', which is valid until the next
 * one; its length. 0: nothing of it stays, or it is malformed.
 */
size_t strip_frame(struct strip *s, const uint8_t *p, size_t len,
		   const uint8_t **out);

/* What nobody can tell any more, for people. */
const char *strip_cost(unsigned int what);

#endif
