/* SPDX-License-Identifier: MIT */
/* What the value of each key says; see session/impairrules.h. */
#include "session/impairrules_internal.h"

#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "base/time.h"

/* "5%", "0.25%": millionths. */
static int read_share(const char *s, uint32_t *share)
{
	size_t len = s ? strlen(s) : 0;
	char number[32];
	double percent;

	if (!len || len > sizeof(number) - 1 || s[len - 1] != '%')
		return -EINVAL;
	vc_str_copy(number, sizeof(number), vc_str_of(s, len - 1));
	if (vc_num_real(number, 0, 100, &percent))
		return -EINVAL;
	*share = (uint32_t)(percent * (VC_IMPAIR_ALL / 100) + 0.5);
	return 0;
}

int vc_impair_read_time(const char *s, int64_t *t)
{
	return s && !vc_num_time(s, t) ? 0 : -EINVAL;
}

static int read_number(const char *s, uint64_t max, uint64_t *v)
{
	return s && !vc_num_u64(s, 0, max, v) ? 0 : -EINVAL;
}

const char *vc_impair_after(const char *word, const char *name)
{
	size_t len = strlen(name);

	return word && !strncmp(word, name, len) ? word + len : NULL;
}

/* "P%[:burst=N]" */
static int read_random(struct vc_impair_conf *c, char *v)
{
	const char *burst;
	double n;

	c->loss = VC_LOSS_RANDOM;
	if (read_share(strsep(&v, ":"), &c->loss_share))
		return -EINVAL;
	if (!v)
		return 0;
	burst = vc_impair_after(v, "burst=");
	if (!burst || vc_num_real(burst, 1, 1000000, &n))
		return -EINVAL;
	c->burst_milli = (uint32_t)(n * 1000 + 0.5);
	c->loss = VC_LOSS_GILBERT;
	return 0;
}

/* Shares, as many as there are; the others stay. */
static int read_chain(struct vc_impair_chain *chain, size_t most, char *v)
{
	for (size_t i = 0; v; i++) {
		if (i == most || read_share(strsep(&v, ":"), &chain->p[i]))
			return -EINVAL;
	}
	return 0;
}

/* What is not said is as tc-netem(8) has it. */
static int read_model(struct vc_impair_conf *c, char *v, enum vc_impair_loss m)
{
	bool has_second = strchr(v, ':');
	size_t most = m == VC_LOSS_STATE ? 5 : 4;

	c->loss = m;
	c->chain = (struct vc_impair_chain){ 0 };
	if (m == VC_LOSS_STATE)
		c->chain.p[VC_STATE_23] = VC_IMPAIR_ALL;
	else
		c->chain.p[VC_GE_LOST_BAD] = VC_IMPAIR_ALL;
	if (read_chain(&c->chain, most, v))
		return -EINVAL;
	if (!has_second)
		c->chain.p[1] = VC_IMPAIR_ALL - c->chain.p[0];
	return 0;
}

static int read_loss(struct vc_impair_reading *r, char *v)
{
	struct vc_impair_conf *c = &r->rule.value;

	if (vc_impair_after(v, "gemodel:"))
		return read_model(c, v + 8, VC_LOSS_GEMODEL);
	if (vc_impair_after(v, "state:"))
		return read_model(c, v + 6, VC_LOSS_STATE);
	return read_random(c, v);
}

static int read_kind(const char *word, unsigned int *bit)
{
	static const char *const names[VC_IMPAIR_KINDS] = {
		"rtp", "rtcp", "audio", "video", "text", "key", "other",
	};

	for (size_t i = 0; word && i < VC_COUNT(names); i++) {
		if (!strcmp(word, names[i])) {
			*bit = 1u << i;
			return 0;
		}
	}
	return -EINVAL;
}

/* "N", "N-M" or "N-" */
static int read_range(char *s, struct vc_impair_range *r)
{
	const char *first = strsep(&s, "-");

	if (read_number(first, UINT64_MAX, &r->first) || !r->first)
		return -EINVAL;
	r->last = r->first;
	if (s && !*s)
		r->last = UINT64_MAX;
	else if (s &&
		 (read_number(s, UINT64_MAX, &r->last) || r->last < r->first))
		return -EINVAL;
	return 0;
}

/* "LIST[:KIND]" or "every:N[:KIND]" */
static int read_drop(struct vc_impair_reading *r, char *v)
{
	struct vc_impair_conf *c = &r->rule.value;
	bool is_every = vc_impair_after(v, "every:");
	unsigned int kind = 0;
	char *list;

	if (is_every)
		v += 6;
	list = strsep(&v, ":");
	if (v && read_kind(v, &kind))
		return -EINVAL;
	for (c->n_lost = 0; list; c->n_lost++) {
		struct vc_impair_range *range = &c->lost[c->n_lost];

		if (c->n_lost == VC_IMPAIR_RANGES ||
		    read_range(strsep(&list, ","), range))
			return -EINVAL;
		range->kind = kind;
	}
	if (!is_every)
		return 0;
	if (c->n_lost != 1 || c->lost[0].last != c->lost[0].first)
		return -EINVAL;
	c->lost[0].step = c->lost[0].first;
	c->lost[0].last = UINT64_MAX;
	return 0;
}

static int read_delay(struct vc_impair_reading *r, char *v)
{
	return vc_impair_read_time(v, &r->rule.value.delay);
}

static const struct vc_impair_trace *load(struct vc_impair_reading *r,
					  const char *path,
					  bool are_opportunities)
{
	const struct vc_impair_words *how = r->how;

	if (how->load && path && *path)
		return how->load(how->ctx, path, are_opportunities, &r->wrong);
	r->wrong = "there is no file to be read";
	return NULL;
}

/* "T" or "trace:FILE", which has its own times. */
static int read_spread(struct vc_impair_reading *r, char **v)
{
	struct vc_impair_conf *c = &r->rule.value;
	const char *time = strsep(v, ":");

	if (strcmp(time, "trace"))
		return vc_impair_read_time(time, &c->jitter);
	c->distribution = VC_JITTER_TRACE;
	c->delays = load(r, strsep(v, ":"), false);
	return c->delays ? 0 : -EINVAL;
}

static int read_jitter(struct vc_impair_reading *r, char *v)
{
	struct vc_impair_conf *c = &r->rule.value;
	int err = read_spread(r, &v);
	bool is_trace = c->distribution == VC_JITTER_TRACE;

	while (v && !err) {
		const char *word = strsep(&v, ":");

		if (!strcmp(word, "ordered"))
			c->keeps_order = true;
		else if (is_trace)
			return -EINVAL;
		else if (!strcmp(word, "uniform"))
			c->distribution = VC_JITTER_UNIFORM;
		else if (!strcmp(word, "normal"))
			c->distribution = VC_JITTER_NORMAL;
		else if (!strcmp(word, "gamma"))
			c->distribution = VC_JITTER_GAMMA;
		else
			return -EINVAL;
	}
	return err;
}

/* "P%[:gap=N|T]": behind so many others, or that long. */
static int read_reorder(struct vc_impair_reading *r, char *v)
{
	struct vc_impair_conf *c = &r->rule.value;
	const char *gap;
	uint64_t by;

	c->reorder_by = 1;
	if (read_share(strsep(&v, ":"), &c->reorder_share))
		return -EINVAL;
	if (!v)
		return 0;
	gap = vc_impair_after(v, "gap=");
	if (!gap)
		return -EINVAL;
	if (!read_number(gap, VC_IMPAIR_PLACES_MAX, &by) && by) {
		c->reorder_by = (unsigned int)by;
		return 0;
	}
	c->reorder_by = 0;
	return vc_impair_read_time(gap, &c->reorder_time);
}

static int read_duplicate(struct vc_impair_reading *r, char *v)
{
	return read_share(v, &r->rule.value.duplicate_share);
}

static int read_corrupt(struct vc_impair_reading *r, char *v)
{
	return read_share(v, &r->rule.value.corrupt_share);
}

/* "200ms" or "64kB", but neither of "200". */
static int read_queue(struct vc_impair_conf *c, const char *v)
{
	uint64_t octets;
	int err = vc_num_time(v, &c->queue_time);

	c->queue_octets = 0;
	if (!err || err == -EDOM)
		return err ? -EINVAL : 0;
	if (vc_num_size(v, &octets) || !octets || octets > SIZE_MAX)
		return -EINVAL;
	c->queue_octets = (size_t)octets;
	return 0;
}

static int read_rate(struct vc_impair_reading *r, char *v)
{
	struct vc_impair_conf *c = &r->rule.value;
	const char *rate = strsep(&v, ":");
	bool has_queue = false;

	if (!strcmp(rate, "trace")) {
		c->link = load(r, strsep(&v, ":"), true);
		if (!c->link)
			return -EINVAL;
	} else if (vc_num_rate(rate, &c->rate_bps) || !c->rate_bps) {
		return -EINVAL;
	}
	while (v) {
		const char *word = strsep(&v, ":");
		const char *queue = vc_impair_after(word, "queue=");

		if (!strcmp(word, "codel"))
			c->with_codel = true;
		else if (!queue || read_queue(c, queue))
			return -EINVAL;
		has_queue |= queue != NULL;
	}
	/* Room for CoDel to do its work. */
	if (c->with_codel && !has_queue)
		c->queue_time = VC_SEC;
	return 0;
}

static int read_size(const char *v, size_t *size)
{
	uint64_t n;

	if (read_number(v, 65535, &n))
		return -EINVAL;
	*size = (size_t)n;
	return 0;
}

static int read_overhead(struct vc_impair_reading *r, char *v)
{
	return read_size(v, &r->rule.value.overhead);
}

static int read_mtu(struct vc_impair_reading *r, char *v)
{
	struct vc_impair_conf *c = &r->rule.value;

	return read_size(v, &c->mtu) || !c->mtu ? -EINVAL : 0;
}

/* "T[:every=T]" or "on", which lasts as long as its window. */
static int read_blackout(struct vc_impair_reading *r, char *v)
{
	struct vc_impair_conf *c = &r->rule.value;
	const char *span = strsep(&v, ":");
	const char *every = vc_impair_after(v, "every=");

	c->n_dark = 1;
	if (v && (!every || vc_impair_read_time(every, &c->dark[0].every) ||
		  !c->dark[0].every))
		return -EINVAL;
	if (!strcmp(span, "on") && !v) {
		c->dark[0].span = INT64_MAX;
		return 0;
	}
	return vc_impair_read_time(span, &c->dark[0].span) || !c->dark[0].span ?
		       -EINVAL :
		       0;
}

/* "500ppm", "-20.5ppm": the sender's clock is slow, or fast. */
static int read_skew(struct vc_impair_reading *r, char *v)
{
	char *unit = strstr(v, "ppm");
	double ppm;

	if (!unit || unit[3])
		return -EINVAL;
	*unit = '\0';
	if (vc_num_real(v, -10000, 10000, &ppm))
		return -EINVAL;
	r->rule.value.skew_ppb = (int32_t)(ppm * 1000 + (ppm < 0 ? -0.5 : 0.5));
	return 0;
}

static int read_only(struct vc_impair_reading *r, char *v)
{
	while (v) {
		unsigned int bit;

		if (read_kind(strsep(&v, ","), &bit))
			return -EINVAL;
		r->rule.value.only |= bit;
	}
	return 0;
}

static int read_rebind(struct vc_impair_reading *r, char *v)
{
	for (r->n_times = 0; v; r->n_times++) {
		if (r->n_times == VC_COUNT(r->times) ||
		    vc_impair_read_time(strsep(&v, ","), &r->times[r->n_times]))
			return -EINVAL;
	}
	return 0;
}

const struct vc_impair_form vc_impair_forms[VC_IMPAIR_KEYS] = {
	[VC_IMPAIR_KEY_LOSS] = { "loss",
				 "P%[:burst=N], gemodel:P%[:...] or "
				 "state:P%[:...]",
				 read_loss },
	[VC_IMPAIR_KEY_DROP] = { "drop", "N[-M],...[:KIND] or every:N[:KIND]",
				 read_drop },
	[VC_IMPAIR_KEY_DELAY] = { "delay", "a time, as 50ms", read_delay },
	[VC_IMPAIR_KEY_JITTER] = { "jitter",
				   "T[:normal|uniform|gamma][:ordered] or trace:FILE[:ordered]",
				   read_jitter },
	[VC_IMPAIR_KEY_REORDER] = { "reorder", "P%[:gap=N] or P%[:gap=T]",
				    read_reorder },
	[VC_IMPAIR_KEY_DUPLICATE] = { "duplicate", "P%", read_duplicate },
	[VC_IMPAIR_KEY_CORRUPT] = { "corrupt", "P%", read_corrupt },
	[VC_IMPAIR_KEY_RATE] = { "rate",
				 "RATE or trace:FILE, [:queue=T|OCTETS][:codel]",
				 read_rate },
	[VC_IMPAIR_KEY_OVERHEAD] = { "overhead", "octets a packet",
				     read_overhead },
	[VC_IMPAIR_KEY_MTU] = { "mtu", "octets of a packet with its overhead",
				read_mtu },
	[VC_IMPAIR_KEY_BLACKOUT] = { "blackout", "T[:every=T] or on",
				     read_blackout },
	[VC_IMPAIR_KEY_SKEW] = { "skew", "a number and ppm, as -20ppm",
				 read_skew },
	[VC_IMPAIR_KEY_ONLY] = { "only",
				 "KIND[,KIND...] of rtp, rtcp, audio, "
				 "video, text, key, other",
				 read_only },
	[VC_IMPAIR_KEY_REBIND] = { "rebind", "T[,T...]", read_rebind },
};
