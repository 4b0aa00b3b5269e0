/* SPDX-License-Identifier: MIT */
#include "clocks.h"

#include "base/json.h"
#include "base/time.h"
#include "session/playout.h"
#include "sidecar.h"
#include "wire/ntp.h"
#include "wire/rtp.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

#define JUMP (500 * VC_MS)

/* A line through less says little of its slope. */
#define SPAN (3 * VC_SEC)
#define USED 4
#define SURE_PPM 100	  /* half a ms until it is drawn anew */
#define EACH (5 * VC_SEC) /* it costs some 100 us */
#define FIRST 30	  /* reports: as often as they come */

void clocks_init(struct clocks *c, uint32_t rate_hz)
{
	vc_clockfit_init(&c->reports, rate_hz);
	vc_clockfit_init(&c->arrival, rate_hz);
	c->line.is_known = false;
	c->has_report = false;
	c->drawn = 0;
	c->has_packet = false;
}

/* Did RTP time and arrival move apart in one step? */
static bool has_jumped(const struct clocks *c, uint32_t ts, int64_t arrival)
{
	int64_t by = vc_rtp_to_ns(vc_ts_diff(c->ts, ts), c->arrival.rate_hz) -
		     (arrival - c->at);

	return c->has_packet && (by > JUMP || by < -JUMP);
}

/* A pair for the line, which is drawn anew now and then. */
static void put(struct clocks *c, uint64_t ntp, uint32_t ts, int64_t arrival)
{
	vc_clockfit_put(&c->reports, ts, vc_ntp_to_ns(ntp), arrival);
	if (c->reports.puts > FIRST && arrival - c->drawn < EACH)
		return;
	c->drawn = arrival;
	vc_clockfit_line(&c->reports, &c->line);
	if (c->line.span < SPAN || c->line.used < USED ||
	    c->line.ppm_error > SURE_PPM)
		c->line.is_known = false;
}

static void captured(struct clocks *c, const struct vc_sdp *sdp,
		     struct vc_playout_source *play, const struct vc_rtp *rtp,
		     int64_t arrival)
{
	uint8_t id = vc_sdp_ext_id(sdp, VC_EXT_URI_ABS_CAPTURE_TIME);
	struct vc_capture_time time;

	if (!id || !vc_ext_capture_time(rtp, id, &time) || !time.ntp)
		return;
	(void)vc_playout_sr(play, time.ntp, rtp->ts, arrival);
	if (c->reports.puts && arrival - c->captured < VC_SEC)
		return;
	c->captured = arrival;
	put(c, time.ntp, rtp->ts, arrival);
}

void clocks_packet(struct clocks *c, const struct vc_sdp *sdp,
		   struct vc_playout_source *play, const struct vc_rtp *rtp,
		   int64_t arrival)
{
	if (has_jumped(c, rtp->ts, arrival)) {
		vc_clockfit_tear(&c->reports);
		vc_clockfit_tear(&c->arrival);
	}
	c->has_packet = true;
	c->ts = rtp->ts;
	c->at = arrival;
	vc_clockfit_arrival(&c->arrival, rtp->ts, arrival);
	if (!c->has_report && rtp->ext_len && sdp)
		captured(c, sdp, play, rtp, arrival);
}

void clocks_report(struct clocks *c, uint64_t ntp, uint32_t ts, int64_t arrival)
{
	/* 0: its author has no clock. */
	if (!ntp)
		return;
	c->has_report = true;
	put(c, ntp, ts, arrival);
}

struct vc_json *clocks_event(const struct clocks *c, uint32_t ssrc)
{
	struct vc_clockfit_line line;
	const char *by = c->has_report ? "reports" : "abs-capture-time";
	struct vc_json *j;

	vc_clockfit_line(&c->reports, &line);
	if (!line.is_known) {
		by = "arrival";
		vc_clockfit_line(&c->arrival, &line);
	}
	if (!line.is_known)
		return NULL;
	j = sidecar_event("clock");
	vc_json_set_int(j, "ssrc", ssrc);
	vc_json_set_str(j, "by", by);
	vc_json_set_real(j, "ppm", line.ppm, 3);
	vc_json_set_real(j, "ppm_error", line.ppm_error, 3);
	vc_json_set_real(j, "residual_ms", (double)line.residual / 1e6, 3);
	vc_json_set_real(j, "worst_ms", (double)line.worst / 1e6, 3);
	vc_json_set_real(j, "span_ms", (double)line.span / 1e6, 3);
	vc_json_set_int(j, "pairs", line.used);
	vc_json_set_int(j, "outliers", line.outliers);
	vc_json_set_int(j, "steps", (int64_t)line.steps);
	if (line.steps)
		vc_json_set_int(j, "since", line.since / VC_US);
	vc_json_set_int(j, "rate_hz", c->arrival.rate_hz);
	vc_json_set_int(j, "rtp", line.ts);
	vc_json_set_int(j, "author", line.ns / VC_US);
	return j;
}
