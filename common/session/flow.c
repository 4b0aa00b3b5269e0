/* SPDX-License-Identifier: MIT */
#include "session/flow.h"

#include <stdlib.h>

#include "base/mem.h"
#include "wire/ntp.h"
#include "wire/rtp.h"

#define WINDOW (5 * VC_SEC)
#define FIT_SPAN (10 * VC_SEC)
#define FIT_PAIRS 8
#define NO_LEAST INT64_MAX

void vc_flow_init(struct vc_flow *f, uint32_t rate_hz, const int64_t *buffers,
		  unsigned int n)
{
	*f = (struct vc_flow){
		.rate_hz = rate_hz,
		.first_arrival = VC_TIME_NONE,
		.last_arrival = VC_TIME_NONE,
		.buffers = buffers,
		.n_buffers = n < VC_FLOW_BUFFERS ? n : VC_FLOW_BUFFERS,
	};
	vc_flow_tear(f);
}

void vc_flow_tear(struct vc_flow *f)
{
	f->ref = VC_TIME_NONE;
	f->second = VC_TIME_NONE;
	f->least[0] = NO_LEAST;
	f->least[1] = NO_LEAST;
	if (f->fit)
		vc_clockfit_tear(f->fit);
}

static void peak(struct vc_flow_peak *p, int64_t width, int64_t first,
		 size_t octets, int64_t arrival)
{
	if (arrival >= p->end) {
		if (p->octets > p->most)
			p->most = p->octets;
		p->octets = 0;
		p->end = first + ((arrival - first) / width + 1) * width;
	}
	p->octets += octets;
}

uint64_t vc_flow_most(const struct vc_flow_peak *p)
{
	return p->octets > p->most ? p->octets : p->most;
}

/* --- the clock --- */

static void end_second(struct vc_flow *f)
{
	if (!f->fit) {
		/* One that is gone again soon costs nothing. */
		if (f->last_arrival - f->first_arrival < VC_SEC)
			return;
		f->fit = vc_try_alloc(1, sizeof(*f->fit));
		if (!f->fit)
			return;
		vc_clockfit_init(f->fit, f->rate_hz);
	}
	vc_clockfit_put(f->fit, f->quick_ts, f->quick_at, f->quick_at);
}

static void learn_clock(struct vc_flow *f, uint32_t ts, int64_t delay,
			int64_t arrival)
{
	if (f->second != VC_TIME_NONE && arrival - f->second < VC_SEC) {
		if (delay >= f->quick)
			return;
	} else {
		if (f->second != VC_TIME_NONE)
			end_second(f);
		f->second = arrival;
	}
	f->quick = delay;
	f->quick_ts = ts;
	f->quick_at = arrival;
}

bool vc_flow_line(const struct vc_flow *f, struct vc_clockfit_line *line)
{
	*line = f->line;
	if (!f->is_over && f->fit)
		vc_clockfit_line(f->fit, line);
	return line->is_known && line->used >= FIT_PAIRS &&
	       line->span >= FIT_SPAN;
}

/* --- delay --- */

/* Over the quickest of late. */
static int64_t over(struct vc_flow *f, int64_t delay, int64_t arrival)
{
	if (f->least[0] == NO_LEAST) {
		f->began = arrival;
	} else if (arrival - f->began >= WINDOW) {
		f->least[1] = arrival - f->began < 2 * WINDOW ? f->least[0] :
								NO_LEAST;
		f->least[0] = delay;
		f->began = arrival;
	}
	if (delay < f->least[0])
		f->least[0] = delay;
	return delay - (f->least[0] < f->least[1] ? f->least[0] : f->least[1]);
}

static void delays(struct vc_flow *f, uint32_t ts, int64_t arrival)
{
	int64_t delay, by;

	if (f->ref == VC_TIME_NONE) {
		f->ref = arrival;
		f->units = 0;
		f->last_delay = 0;
	} else {
		f->units += vc_ts_diff(f->last_ts, ts);
	}
	f->last_ts = ts;
	delay = arrival - f->ref - vc_rtp_to_ns(f->units, f->rate_hz);
	if (delay - f->last_delay > VC_FLOW_STEP ||
	    f->last_delay - delay > VC_FLOW_STEP) {
		f->steps++;
		vc_flow_tear(f);
		f->ref = arrival;
		f->units = 0;
		delay = 0;
	}
	f->last_delay = delay;
	by = over(f, delay, arrival);
	vc_hist_put(&f->delay, by);
	for (unsigned int i = 0; i < f->n_buffers; i++)
		f->late[i] += by > f->buffers[i];
	learn_clock(f, ts, delay, arrival);
}

void vc_flow_put(struct vc_flow *f, uint32_t ts, size_t octets, int64_t arrival)
{
	if (f->first_arrival == VC_TIME_NONE) {
		f->first_arrival = arrival;
	} else {
		int64_t gap = arrival - f->last_arrival;

		vc_hist_put(&f->delta, gap > 0 ? gap : 0);
	}
	f->packets++;
	f->octets += octets;
	peak(&f->fine, VC_FLOW_FINE, f->first_arrival, octets, arrival);
	peak(&f->coarse, VC_FLOW_COARSE, f->first_arrival, octets, arrival);
	if (f->rate_hz)
		delays(f, ts, arrival);
	f->last_arrival = arrival;
}

/* --- the end --- */

void vc_flow_end(struct vc_flow *f)
{
	if (f->second != VC_TIME_NONE && f->fit)
		end_second(f);
	f->second = VC_TIME_NONE;
	if (f->fit)
		vc_clockfit_line(f->fit, &f->line);
	f->is_over = true;
	free(f->fit);
	f->fit = NULL;
	vc_hist_close(&f->delta);
	vc_hist_close(&f->delay);
}

void vc_flow_clear(struct vc_flow *f)
{
	free(f->fit);
	f->fit = NULL;
	vc_hist_clear(&f->delta);
	vc_hist_clear(&f->delay);
}
