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

void vc_svcmeter_packet(struct vc_svcmeter *m, enum vc_codec codec,
			const struct vc_rtp *rtp, int64_t arrival)
{
	struct vc_svc_layer l;

	if ((codec != VC_CODEC_VP8 && codec != VC_CODEC_VP9) ||
	    !rtp->payload_len ||
	    vc_svc_layer_read(&l, codec, rtp->payload, rtp->payload_len))
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

struct vc_svc_top vc_svcmeter_top(const struct vc_svcmeter *m,
				  unsigned int width, unsigned int height,
				  int fps_num, int fps_den)
{
	struct vc_svc_top top = { pick_size(m, width, height), VC_SVC_TOP };

	if (fps_num && m->has_rates)
		top.tid = pick_rate(m, fps_num, fps_den);
	return top;
}
