/* SPDX-License-Identifier: MIT */
/*
 * The words for a bad network: a table of settings, each with a name that is
 * its option's and its command's, and a function that reads its value. The
 * value "off" is what there is without the option.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/str.h"
#include "base/time.h"
#include "impair.h"

/* 0 or -EINVAL; 'v' is cut into pieces. */
typedef int reader(struct vc_impair_conf *c, char *v);

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

static int read_time(const char *s, int64_t *t)
{
	return s && !vc_num_time(s, t) ? 0 : -EINVAL;
}

static int read_number(const char *s, uint64_t max, uint64_t *v)
{
	return s && !vc_num_u64(s, 0, max, v) ? 0 : -EINVAL;
}

/* "N" or "N-M" */
static int read_range(char *s, struct vc_impair_range *r)
{
	const char *first = strsep(&s, "-");

	if (read_number(first, UINT64_MAX, &r->first))
		return -EINVAL;
	r->last = r->first;
	return s ? read_number(s, UINT64_MAX, &r->last) : 0;
}

static int read_list(struct vc_impair_conf *c, char *v)
{
	c->n_lost = 0;
	while (v) {
		if (c->n_lost == VC_IMPAIR_RANGES ||
		    read_range(strsep(&v, ","), &c->lost[c->n_lost]))
			return -EINVAL;
		c->n_lost++;
	}
	c->loss = VC_LOSS_LIST;
	return 0;
}

static int read_gilbert(struct vc_impair_conf *c, char *v)
{
	double burst;

	if (read_share(strsep(&v, ","), &c->loss_share) || !v ||
	    vc_num_real(v, 1, 1000000, &burst))
		return -EINVAL;
	c->burst_milli = (uint32_t)(burst * 1000 + 0.5);
	c->loss = VC_LOSS_GILBERT;
	return 0;
}

static int read_loss(struct vc_impair_conf *c, char *v)
{
	if (!strncmp(v, "gilbert:", 8))
		return read_gilbert(c, v + 8);
	if (!strncmp(v, "list:", 5))
		return read_list(c, v + 5);
	c->loss = VC_LOSS_EVERY;
	if (!strncmp(v, "every:", 6))
		return read_number(v + 6, UINT64_MAX, &c->every);
	c->loss = VC_LOSS_RANDOM;
	return read_share(v, &c->loss_share);
}

static int read_delay(struct vc_impair_conf *c, char *v)
{
	return read_time(v, &c->delay);
}

static int read_jitter(struct vc_impair_conf *c, char *v)
{
	const char *time = strsep(&v, ",");

	c->is_uniform = c->keeps_order = false;
	while (v) {
		const char *word = strsep(&v, ",");

		if (!strcmp(word, "uniform"))
			c->is_uniform = true;
		else if (!strcmp(word, "ordered"))
			c->keeps_order = true;
		else
			return -EINVAL;
	}
	return read_time(time, &c->jitter);
}

/* "P", "P,20ms", "P,3": that long, or behind so many others. */
static int read_reorder(struct vc_impair_conf *c, char *v)
{
	uint64_t by;

	c->reorder_by = 1;
	c->reorder_time = 0;
	if (read_share(strsep(&v, ","), &c->reorder_share))
		return -EINVAL;
	if (!v)
		return 0;
	if (!read_number(v, VC_IMPAIR_PLACES_MAX, &by) && by) {
		c->reorder_by = (unsigned int)by;
		return 0;
	}
	c->reorder_by = 0;
	return read_time(v, &c->reorder_time);
}

static int read_duplicate(struct vc_impair_conf *c, char *v)
{
	return read_share(v, &c->duplicate_share);
}

static int read_corrupt(struct vc_impair_conf *c, char *v)
{
	return read_share(v, &c->corrupt_share);
}

static int read_rate(struct vc_impair_conf *c, char *v)
{
	return vc_num_rate(v, &c->rate_bps) ? -EINVAL : 0;
}

/* "200ms" or "64kB", but neither of "200". */
static int read_queue(struct vc_impair_conf *c, char *v)
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

static int read_size(const char *v, size_t *size)
{
	uint64_t n;

	if (read_number(v, 65535, &n))
		return -EINVAL;
	*size = (size_t)n;
	return 0;
}

static int read_overhead(struct vc_impair_conf *c, char *v)
{
	return read_size(v, &c->overhead);
}

static int read_mtu(struct vc_impair_conf *c, char *v)
{
	return read_size(v, &c->mtu) || !c->mtu ? -EINVAL : 0;
}

/* "10s-12s" adds one; "every:10s,500ms" */
static int read_blackout(struct vc_impair_conf *c, char *v)
{
	struct vc_impair_window *w = &c->dark[c->n_dark];

	if (!strncmp(v, "every:", 6)) {
		v += 6;
		if (read_time(strsep(&v, ","), &c->dark_every) ||
		    !c->dark_every)
			return -EINVAL;
		return read_time(v, &c->dark_for);
	}
	if (c->n_dark == VC_IMPAIR_WINDOWS ||
	    read_time(strsep(&v, "-"), &w->from) || read_time(v, &w->to))
		return -EINVAL;
	c->n_dark++;
	return 0;
}

#define FROM(field) offsetof(struct vc_impair_conf, field)
#define PAST(field) \
	(FROM(field) + sizeof(((struct vc_impair_conf *)NULL)->field))

static const struct {
	const char *name;
	const char *form;
	reader *read;
	size_t from, past; /* what of vc_impair_conf it is */
} settings[] = {
	{ "loss", "P%, gilbert:P%,BURST, every:N or list:N[-M],...", read_loss,
	  FROM(loss), PAST(n_lost) },
	{ "delay", "a time, as 50ms", read_delay, FROM(delay), PAST(delay) },
	{ "jitter", "T[,uniform][,ordered]", read_jitter, FROM(jitter),
	  PAST(keeps_order) },
	{ "reorder", "P%[,T] or P%[,PACKETS]", read_reorder,
	  FROM(reorder_share), PAST(reorder_time) },
	{ "duplicate", "P%", read_duplicate, FROM(duplicate_share),
	  PAST(duplicate_share) },
	{ "corrupt", "P%", read_corrupt, FROM(corrupt_share),
	  PAST(corrupt_share) },
	{ "rate", "bits a second, as 500k", read_rate, FROM(rate_bps),
	  PAST(rate_bps) },
	{ "queue", "a time, as 200ms, or octets, as 64kB", read_queue,
	  FROM(queue_time), PAST(queue_octets) },
	{ "overhead", "octets a packet", read_overhead, FROM(overhead),
	  PAST(overhead) },
	{ "mtu", "octets of a packet with its overhead", read_mtu, FROM(mtu),
	  PAST(mtu) },
	{ "blackout", "FROM-TO or every:T,T", read_blackout, FROM(dark),
	  PAST(dark_for) },
	{ NULL, NULL, NULL, 0, 0 },
};

const char *grammar_name(size_t i)
{
	return settings[i].name;
}

/* As it is when nobody speaks of it. */
static void turn_off(struct vc_impair_conf *c, size_t i)
{
	struct vc_impair_conf none;

	vc_impair_conf_init(&none);
	memcpy((uint8_t *)c + settings[i].from,
	       (const uint8_t *)&none + settings[i].from,
	       settings[i].past - settings[i].from);
}

int grammar_set(struct vc_impair_conf *conf, const char *name,
		const char *value, char *why, size_t cap)
{
	struct vc_impair_conf c = *conf;
	const char *wrong;
	char text[1024];
	size_t i = 0;

	while (settings[i].name && strcmp(settings[i].name, name))
		i++;
	if (!settings[i].name) {
		snprintf(why, cap, "no such setting");
		return -EINVAL;
	}
	if (!strcmp(value, "off")) {
		turn_off(conf, i);
		return 0;
	}
	if (vc_strlcpy(text, value, sizeof(text)) >= sizeof(text) ||
	    settings[i].read(&c, text)) {
		snprintf(why, cap, "not %s", settings[i].form);
		return -EINVAL;
	}
	wrong = vc_impair_check(&c);
	if (wrong) {
		snprintf(why, cap, "%s", wrong);
		return -EINVAL;
	}
	*conf = c;
	return 0;
}
