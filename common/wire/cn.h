/* SPDX-License-Identifier: MIT */
/* Comfort noise between packets of sound (RFC 3389), static payload type 13. */
#ifndef VC_WIRE_CN_H
#define VC_WIRE_CN_H

#include <stddef.h>
#include <stdint.h>

#define VC_CN_ORDER 12 /* more coefficients are left away, as it allows */

struct vc_cn {
	uint8_t level_dbov; /* below full scale, 0 to 127 */
	unsigned int n;
	int16_t k[VC_CN_ORDER]; /* reflection coefficients, times 2^15: under 1 */
};

/* 0, or -EBADMSG: empty, or with a value that is not to be used. */
int vc_cn_parse(struct vc_cn *out, const uint8_t *p, size_t len);

#endif
