/* SPDX-License-Identifier: MIT */
/*
 * H.264 as MP4 and Matroska hold it (ISO/IEC 14496-15 section 5): a
 * configuration record with the parameter sets, and frames whose NAL units come
 * each after its length, without start codes.
 */
#ifndef VC_WIRE_AVCC_H
#define VC_WIRE_AVCC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

#define VC_AVCC_SIZE_LEN 4 /* of what is written */

/* The record ("avcC", Matroska's CodecPrivate). Borrows. */
struct vc_avcc {
	unsigned int size_len; /* octets of a length: 1, 2 or 4 */
	struct vc_rd sps, pps; /* what is left of them */
};

/*
 * 0, or -EBADMSG: another version, lengths of three octets, sets that are none
 * or reach beyond the end. What follows them is not looked at.
 */
int vc_avcc_parse(struct vc_avcc *a, const uint8_t *p, size_t len);

/* Its next parameter set, SPS before PPS. False: no more. */
bool vc_avcc_set_next(struct vc_avcc *a, const uint8_t **nal, size_t *len);

/* The next NAL unit of a frame; empty ones are passed over. False: no more, or
 * r->bad: it reaches beyond the end. */
bool vc_avcc_nal_next(struct vc_rd *r, unsigned int size_len,
		      const uint8_t **nal, size_t *len);

/*
 * The record of an access unit in Annex B, which has its sets; its frames then
 * have lengths of VC_AVCC_SIZE_LEN. 0, -EBADMSG: it has none that are sound,
 * or more than there is room for.
 */
int vc_avcc_write(struct vc_wr *w, const uint8_t *p, size_t len);

#endif
