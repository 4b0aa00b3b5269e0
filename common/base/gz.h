/* SPDX-License-Identifier: MIT */
/* gzip by zlib, in pieces; written without a date, so that equal input gives
 * equal octets. */
#ifndef VC_BASE_GZ_H
#define VC_BASE_GZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vc_gz;

/* NULL when out of memory. */
struct vc_gz *vc_gz_new_reader(void);
struct vc_gz *vc_gz_new_writer(int level /* 1..9 */);
void vc_gz_free(struct vc_gz *gz);

/*
 * Uses up '*in_len' octets of 'in' and fills '*out_len' octets of 'out' as far
 * as both go; both are updated to what was used and written. 0 more to come,
 * 1 end of the (last) member and no input left over, -EBADMSG corrupt.
 * Concatenated members are read as one.
 */
int vc_gz_read(struct vc_gz *gz, const uint8_t *in, size_t *in_len,
	       uint8_t *out, size_t *out_len);

/*
 * The same for writing. 'flush': everything given so far comes out (a live
 * reader can go on); 'finish': writes the trailer, call until it returns 1.
 */
int vc_gz_write(struct vc_gz *gz, const uint8_t *in, size_t *in_len,
		uint8_t *out, size_t *out_len, bool flush, bool finish);

#endif
