/* SPDX-License-Identifier: MIT */
/* Sizes and times of a source's frames, as members of its record. */
#include <math.h>

#include "base/json.h"
#include "base/time.h"
#include "probe.h"
#include "record.h"
#include "session/framestat.h"

/* 'unit' of what is put for one of what is shown. */
static struct vc_json *spread_of(const struct vc_hist *h, double unit,
				 int decimals)
{
	struct vc_json *o = vc_json_object();
	int64_t p95;
	bool is_known = h && vc_hist_quantile(h, VC_HIST_P95, &p95);

	vc_json_set_real(o, "min", is_known ? (double)h->min / unit : NAN,
			 decimals);
	vc_json_set_real(o, "mean",
			 is_known ? (double)h->sum / (double)h->n / unit : NAN,
			 decimals);
	vc_json_set_real(o, "p95", is_known ? (double)p95 / unit : NAN,
			 decimals);
	vc_json_set_real(o, "max", is_known ? (double)h->max / unit : NAN,
			 decimals);
	return o;
}

static void add_sizes(struct vc_json *o, const struct probe *p,
		      const struct vc_framestat_counts *c)
{
	struct vc_json *all = vc_json_array();

	for (uint64_t i = 0; i < c->resized && i < VC_FRAMESTAT_SIZES; i++) {
		struct vc_json *each = vc_json_object();

		vc_json_set_real(each, "at_s",
				 record_is_timeless(p) ?
					 NAN :
					 ms(c->size[i].at - p->start) / 1e3,
				 3);
		vc_json_set_int(each, "width", c->size[i].width);
		vc_json_set_int(each, "height", c->size[i].height);
		vc_json_add(all, each);
	}
	vc_json_set(o, "sizes", all);
}

void record_picture(struct vc_json *o, const struct probe *p,
		    const struct meter *m)
{
	const struct vc_framestat_counts *c = vc_framestat_counts(m->video);
	bool knows_keys = vc_framestat_knows_keys(m->video);
	bool has_times = !record_is_timeless(p);

	vc_json_set_str(o, "key_frames_by", knows_keys ? "header" : "size");
	vc_json_set(o, "key_octets", spread_of(&c->key_octets, 1, 1));
	vc_json_set(o, "delta_octets", spread_of(&c->delta_octets, 1, 1));
	vc_json_set(o, "key_interval_s", spread_of(&c->key_interval, 1e9, 4));
	vc_json_set(o, "pacing_ms",
		    spread_of(has_times ? &c->spread : NULL, 1e6, 4));
	record_set_count(o, "resized",
			 knows_keys && c->frames ? (int64_t)c->resized :
						   UNSAID);
	add_sizes(o, p, c);
}
