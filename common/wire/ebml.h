/* SPDX-License-Identifier: MIT */
/*
 * EBML (RFC 8794), the encoding under Matroska and WebM: elements are an id,
 * a size and that many octets, and some of them hold elements again. Writes
 * into the caller's cursor, reads with one.
 */
#ifndef VC_WIRE_EBML_H
#define VC_WIRE_EBML_H

#include <stdint.h>

#include "base/bytes.h"

/* A size that is not known yet, or never: it lasts to the next sibling. */
#define VC_EBML_UNKNOWN UINT64_MAX

/* The largest that eight octets hold. */
#define VC_EBML_MAX ((UINT64_C(1) << 56) - 2)

#define VC_EBML_ID_VOID 0xec

/* Ids are constants that include their length mark: 0xa3, 0x1a45dfa3. */
void vc_ebml_id(struct vc_wr *w, uint32_t id);

/* Octets that the shortest form of a size, or of an id, takes. */
unsigned int vc_ebml_size_width(uint64_t size);
unsigned int vc_ebml_id_width(uint32_t id);

/*
 * A size in 'width' octets (1..8; 0: the fewest). VC_EBML_UNKNOWN sets all
 * bits. One that does not fit makes the cursor bad.
 */
void vc_ebml_size(struct vc_wr *w, uint64_t size, unsigned int width);

/* Whole elements. Numbers take the fewest octets, at least one. */
void vc_ebml_uint(struct vc_wr *w, uint32_t id, uint64_t value);
void vc_ebml_int(struct vc_wr *w, uint32_t id, int64_t value);
void vc_ebml_double(struct vc_wr *w, uint32_t id, double value);
void vc_ebml_string(struct vc_wr *w, uint32_t id, const char *s);
void vc_ebml_binary(struct vc_wr *w, uint32_t id, const void *p, size_t len);

/* A number in eight octets, so that it can be written over later. */
void vc_ebml_uint8(struct vc_wr *w, uint32_t id, uint64_t value);

/* A Void that takes up 'total' octets, header included: 0 or at least 2. */
void vc_ebml_void(struct vc_wr *w, size_t total);

/*
 * An element that holds others: what is written between the two is inside.
 * 'begin' returns the mark that 'end' takes; the size takes four octets.
 */
size_t vc_ebml_begin(struct vc_wr *w, uint32_t id);
void vc_ebml_end(struct vc_wr *w, size_t mark);

/*
 * Reads the header of an element: id with its length mark, size or
 * VC_EBML_UNKNOWN. What is no EBML makes the cursor bad (0 comes back).
 */
uint32_t vc_ebml_rd_id(struct vc_rd *r);
uint64_t vc_ebml_rd_size(struct vc_rd *r);

/* A number of 'len' octets, 0..8. */
uint64_t vc_ebml_rd_uint(struct vc_rd *r, size_t len);

#endif
