/* SPDX-License-Identifier: MIT */
#include "session/svcmeter.h"

#include <string.h>

#include "base/time.h"
#include "wire/vp9.h"

#define WINDOW VC_SEC

static void read_sizes(struct vc_svcmeter *m, const struct vc_rtp *rtp)
{
	struct vc_vp9_desc d;

	if (vc_vp9_desc_parse(&d, rtp->payload, rtp->payload_len) ||
	    !d.has_ss || !d.ss.has_size)
		return;
	m->n_sizes = d.ss.n_spatial;
	for (unsigned int i = 0; i < m->n_sizes; i++) {
		m->width[i] = d.ss.width[i];
		m->height[i] = d.ss.height[i];
	}
}

static void close_window(struct vc_svcmeter *m, int64_t now)
{
	int64_t ms = (now - m->since) / VC_MS;

	/* What stood still tells nothing. */
	for (unsigned int i = 0; ms < 2 * WINDOW / VC_MS && i <= VC_SVC_TOP;
	     i++) {
		m->mhz[i] = (unsigned int)(m->count[i] * 1000000 / ms);
		m->has_rates = true;
	}
	memset(m->count, 0, sizeof(m->count));
	m->since = now;
}

static unsigned int index_of(unsigned int id)
{
	return id < VC_SVCMETER_IDS ? id : VC_SVCMETER_IDS - 1;
}

/* A key frame is as large as many others: windows are averaged. */
static void close_count(struct vc_svcmeter *m, int64_t now)
{
	int64_t ms = (now - m->counts_from) / VC_MS;
	bool is_whole = ms < 2 * WINDOW / VC_MS;

	for (unsigned int i = 0; i < VC_SVCMETER_IDS && is_whole; i++) {
		for (unsigned int k = 0; k < VC_SVCMETER_IDS; k++) {
			uint64_t bps =
				(uint64_t)m->octets[i][k] * 8000 / (uint64_t)ms;

			if (m->has_bps)
				bps = (3 * (uint64_t)m->bps[i][k] + bps) / 4;
			m->bps[i][k] = bps < UINT32_MAX ? (uint32_t)bps :
							  UINT32_MAX;
		}
	}
	m->has_bps |= is_whole;
	memset(m->octets, 0, sizeof(m->octets));
	m->counts_from = now;
}

static void count_octets(struct vc_svcmeter *m, const struct vc_svc_layer *l,
			 size_t len, int64_t now)
{
	if (!m->is_counting)
		m->counts_from = now;
	m->is_counting = true;
	if (now - m->counts_from >= WINDOW)
		close_count(m, now);
	m->octets[index_of(l->sid)][index_of(l->tid)] += (uint32_t)len;
}

void vc_svcmeter_packet(struct vc_svcmeter *m, enum vc_codec codec,
			const struct vc_rtp *rtp, int64_t arrival)
{
	struct vc_svc_layer l = { 0 };
	bool has_layers = codec == VC_CODEC_VP8 || codec == VC_CODEC_VP9;

	if (!rtp->payload_len ||
	    vc_svc_layer_read(&l, codec, rtp->payload, rtp->payload_len))
		return;
	count_octets(m, &l, rtp->payload_len, arrival);
	if (!has_layers)
		return;
	if (codec == VC_CODEC_VP9)
		read_sizes(m, rtp);
	if (m->has_begun && !vc_ts_before(m->ts, rtp->ts))
		return;
	if (!m->has_begun)
		m->since = arrival;
	m->has_begun = true;
	m->ts = rtp->ts;
	if (arrival - m->since >= WINDOW)
		close_window(m, arrival);
	m->count[l.tid & VC_SVC_TOP]++;
}

static uint8_t pick_size(const struct vc_svcmeter *m, unsigned int width,
			 unsigned int height)
{
	for (unsigned int i = 0; i + 1 < m->n_sizes; i++)
		if (m->width[i] >= width || m->height[i] >= height)
			return (uint8_t)i;
	return VC_SVC_TOP;
}

static uint8_t pick_rate(const struct vc_svcmeter *m, int num, int den)
{
	uint64_t most = (uint64_t)num * 1100 / (unsigned int)den, sum = 0;
	uint8_t tid = 0;

	for (uint8_t i = 0; i <= VC_SVC_TOP; i++) {
		sum += m->mhz[i];
		if (sum <= most)
			tid = i;
	}
	return tid;
}

uint64_t vc_svcmeter_bps(const struct vc_svcmeter *m, struct vc_svc_top top)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i <= index_of(top.sid); i++)
		for (unsigned int k = 0; k <= index_of(top.tid); k++)
			sum += m->bps[i][k];
	return sum;
}

bool vc_svcmeter_is_over(uint64_t bps, uint32_t limit, bool is_now)
{
	uint64_t most = limit + (is_now ? limit / 4 : 0);

	return limit && bps > most;
}

static struct vc_svc_top fit(const struct vc_svcmeter *m, struct vc_svc_top top,
			     uint32_t limit, struct vc_svc_top now)
{
	const uint8_t tid = top.tid;

	for (;;) {
		bool is_now = index_of(top.sid) == index_of(now.sid) &&
			      index_of(top.tid) == index_of(now.tid);

		if (!vc_svcmeter_is_over(vc_svcmeter_bps(m, top), limit,
					 is_now) ||
		    (!top.sid && !top.tid))
			return top;
		if (top.tid) {
			top.tid = (uint8_t)(index_of(top.tid) - 1);
			continue;
		}
		top.sid = (uint8_t)(index_of(top.sid) - 1);
		top.tid = tid;
	}
}

struct vc_svc_top vc_svcmeter_top(const struct vc_svcmeter *m,
				  const struct vc_svc_place *place,
				  struct vc_svc_top now)
{
	struct vc_svc_top top = { pick_size(m, place->width, place->height),
				  VC_SVC_TOP };

	if (place->fps_num && m->has_rates)
		top.tid = pick_rate(m, place->fps_num, place->fps_den);
	return place->bps && m->has_bps ? fit(m, top, place->bps, now) : top;
}
