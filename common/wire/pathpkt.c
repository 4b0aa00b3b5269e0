/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/bytes.h"
#include "wire/pathpkt.h"

#define PROBE_MAGIC UINT32_C(0x76635131)  /* vcQ1 */
#define ANSWER_MAGIC UINT32_C(0x76634131) /* vcA1 */

int vc_path_probe_parse(struct vc_path_probe *out, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	uint32_t magic = vc_rd_u32(&r);
	uint8_t type = vc_rd_u8(&r);
	struct vc_path_probe q;

	q.type = type;
	q.flags = vc_rd_u8(&r);
	q.dscp = vc_rd_u8(&r);
	vc_rd_skip(&r, 1);
	q.token = vc_rd_u64(&r);
	q.index = vc_rd_u32(&r);
	q.delay_ms = vc_rd_u32(&r);
	if (r.bad || magic != PROBE_MAGIC || type >= VC_PATH_TYPES ||
	    q.dscp > 63)
		return -EBADMSG;
	*out = q;
	return 0;
}

int vc_path_answer_parse(struct vc_path_answer *out, const uint8_t *p,
			 size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	uint32_t magic = vc_rd_u32(&r);
	uint8_t type = vc_rd_u8(&r);
	struct vc_path_answer a;
	const uint8_t *addr;

	a.type = type;
	a.flags = vc_rd_u8(&r);
	a.probe_dscp = vc_rd_u8(&r);
	a.probe_ttl = vc_rd_u8(&r);
	a.dscp = vc_rd_u8(&r);
	vc_rd_skip(&r, 3);
	a.token = vc_rd_u64(&r);
	a.index = vc_rd_u32(&r);
	a.count = vc_rd_u32(&r);
	a.arrived = (int64_t)vc_rd_u64(&r);
	a.departed = (int64_t)vc_rd_u64(&r);
	a.received = vc_rd_u32(&r);
	a.duplicates = vc_rd_u32(&r);
	a.reordered = vc_rd_u32(&r);
	a.highest = vc_rd_u32(&r);
	a.came = vc_rd_u64(&r);
	a.capped = vc_rd_u32(&r);
	addr = vc_rd_bytes(&r, sizeof(a.addr));
	a.port = vc_rd_u16(&r);
	vc_rd_skip(&r, 2);
	if (r.bad || magic != ANSWER_MAGIC || type >= VC_PATH_TYPES ||
	    a.dscp > 63 || a.arrived < 0 || a.departed < a.arrived ||
	    a.departed > VC_PATH_TIME_MAX)
		return -EBADMSG;
	memcpy(a.addr, addr, sizeof(a.addr));
	*out = a;
	return 0;
}

void vc_path_probe_write(const struct vc_path_probe *q, uint8_t *p, size_t len)
{
	struct vc_wr w = vc_wr_over(p, len);

	vc_wr_u32(&w, PROBE_MAGIC);
	vc_wr_u8(&w, (uint8_t)q->type);
	vc_wr_u8(&w, q->flags);
	vc_wr_u8(&w, q->dscp);
	vc_wr_u8(&w, 0);
	vc_wr_u64(&w, q->token);
	vc_wr_u32(&w, q->index);
	vc_wr_u32(&w, q->delay_ms);
	assert(!w.bad);
	memset(w.p, 0, (size_t)(w.end - w.p));
}

void vc_path_answer_write(const struct vc_path_answer *a, uint8_t *p,
			  size_t len)
{
	struct vc_wr w = vc_wr_over(p, len);

	vc_wr_u32(&w, ANSWER_MAGIC);
	vc_wr_u8(&w, (uint8_t)a->type);
	vc_wr_u8(&w, a->flags);
	vc_wr_u8(&w, a->probe_dscp);
	vc_wr_u8(&w, a->probe_ttl);
	vc_wr_u8(&w, a->dscp);
	vc_wr_u24(&w, 0);
	vc_wr_u64(&w, a->token);
	vc_wr_u32(&w, a->index);
	vc_wr_u32(&w, a->count);
	vc_wr_u64(&w, (uint64_t)a->arrived);
	vc_wr_u64(&w, (uint64_t)a->departed);
	vc_wr_u32(&w, a->received);
	vc_wr_u32(&w, a->duplicates);
	vc_wr_u32(&w, a->reordered);
	vc_wr_u32(&w, a->highest);
	vc_wr_u64(&w, a->came);
	vc_wr_u32(&w, a->capped);
	vc_wr_bytes(&w, a->addr, sizeof(a->addr));
	vc_wr_u16(&w, a->port);
	vc_wr_u16(&w, 0);
	assert(!w.bad);
	memset(w.p, 0, (size_t)(w.end - w.p));
}
