/* SPDX-License-Identifier: MIT */
#include "wire/cn.h"

#include <errno.h>

#include "base/bytes.h"

int vc_cn_parse(struct vc_cn *out, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	struct vc_cn cn = { .level_dbov = vc_rd_u8(&r) };
	size_t left = len - !!len;

	if (r.bad || cn.level_dbov > 127)
		return -EBADMSG;
	for (size_t i = 0; i < left; i++) {
		uint8_t q = vc_rd_u8(&r);

		if (q == 255)
			return -EBADMSG;
		if (i == VC_CN_ORDER)
			break;
		cn.k[i] = (int16_t)((q - 127) * 258);
		cn.n++;
	}
	*out = cn;
	return 0;
}
