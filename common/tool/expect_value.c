/* SPDX-License-Identifier: MIT */
/* What a figure is compared with: a number in the metric's unit, or a word. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "tool/expect_internal.h"

static bool is_time_unit(const char *unit)
{
	return !strcmp(unit, "s") || !strcmp(unit, "ms") || !strcmp(unit, "us");
}

static double from_ns(int64_t ns, const char *unit)
{
	int64_t size = !strcmp(unit, "s")  ? VC_SEC :
		       !strcmp(unit, "ms") ? VC_MS :
					     VC_US;

	return (double)ns / (double)size;
}

static int parse_share(struct vc_expect *e, char *why, size_t cap)
{
	size_t len = strlen(e->word);
	bool is_percent = len && e->word[len - 1] == '%';
	char text[sizeof(e->word)];

	vc_str_copy(text, sizeof(text), vc_str_of(e->word, len - is_percent));
	if (vc_num_real(text, 0, 1e9, &e->value))
		return vc_expect_no(why, cap,
				    "a share is needed, as 1%% or 0.01");
	if (is_percent)
		e->value /= 100;
	else if (e->value >= 1)
		return vc_expect_no(why, cap, "%.20s%% or %g%%?", text,
				    e->value * 100);
	return 0;
}

/* "jitter_ms" and "delay_ms.p95" say their unit. */
static bool says_unit(const char *path, const char *unit)
{
	size_t len = strlen(unit);

	for (const char *at = strchr(path, '_'); at; at = strchr(at + 1, '_')) {
		if (!strncmp(at + 1, unit, len) &&
		    (!at[1 + len] || at[1 + len] == '.'))
			return true;
	}
	return false;
}

static int parse_time(struct vc_expect *e, const struct vc_metric *m, char *why,
		      size_t cap)
{
	const bool is_minus = e->word[0] == '-';
	int64_t ns;
	int err = vc_num_time(e->word + is_minus, &ns);

	if (!err) {
		e->value = from_ns(is_minus ? -ns : ns, m->unit);
		return 0;
	}
	if (says_unit(m->path, m->unit) &&
	    !vc_num_real(e->word, -1e12, 1e12, &e->value))
		return 0;
	if (err == -EDOM)
		return vc_expect_no(why, cap, "%.20sms or %.20ss?", e->word,
				    e->word);
	return vc_expect_no(why, cap, "a time is needed, as 20ms or 1.5s");
}

/* "2Mbit/s", "64kbit/s" */
static bool parse_rate(struct vc_expect *e)
{
	static const char *const ends[] = { "bit/s", "bps" };
	size_t len = strlen(e->word);
	char text[sizeof(e->word)];
	uint64_t bps;

	for (size_t i = 0; i < VC_COUNT(ends); i++) {
		size_t end = strlen(ends[i]);

		if (len > end && !strcmp(e->word + len - end, ends[i]))
			len -= end;
	}
	vc_str_copy(text, sizeof(text), vc_str_of(e->word, len));
	if (!vc_num_real(text, 0, 1e18, &e->value))
		return true;
	if (vc_num_rate(text, &bps))
		return false;
	e->value = (double)bps;
	return true;
}

/* The unit that may stand behind the number, off the end of 'text'. */
static void cut_unit(char *text, const char *unit)
{
	static const struct {
		const char *unit, *end;
	} also[] = {
		{ "1/s", "/s" },
		{ "1/s", "fps" },
		{ "dBov", "dB" },
		{ "packets", "pkt" },
	};
	size_t len = strlen(text), n = strlen(unit);

	if (n && len > n && !strcmp(text + len - n, unit)) {
		text[len - n] = '\0';
		return;
	}
	for (size_t i = 0; i < VC_COUNT(also); i++) {
		n = strlen(also[i].end);
		if (!strcmp(unit, also[i].unit) && len > n &&
		    !strcmp(text + len - n, also[i].end)) {
			text[len - n] = '\0';
			return;
		}
	}
}

int vc_expect_value(struct vc_expect *e, const struct vc_metric *m, char *why,
		    size_t cap)
{
	char text[sizeof(e->word)];

	if (!e->word[0])
		return vc_expect_no(why, cap, "no value after %s", e->op);
	if (!strcmp(m->unit, "share"))
		return parse_share(e, why, cap);
	if (is_time_unit(m->unit))
		return parse_time(e, m, why, cap);
	if (!strcmp(m->unit, "bit/s") && parse_rate(e))
		return 0;
	vc_strlcpy(text, e->word, sizeof(text));
	cut_unit(text, m->unit);
	if (strcmp(m->unit, "word") &&
	    !vc_num_real(text, -1e18, 1e18, &e->value))
		return 0;
	if (m->unit[0] && strcmp(m->unit, "word"))
		return vc_expect_no(why, cap, "a number is needed (%s)",
				    m->unit);
	if (!m->unit[0] && vc_num_real(text, -1e18, 1e18, &e->value) &&
	    text[0] >= '0' && text[0] <= '9')
		return vc_expect_no(why, cap,
				    "a number is needed, and it has no unit");
	if (strcmp(e->op, "==") && strcmp(e->op, "!="))
		return vc_expect_no(why, cap,
				    "words compare with == and != only");
	e->is_word = true;
	return 0;
}
