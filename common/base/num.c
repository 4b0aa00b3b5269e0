/* SPDX-License-Identifier: MIT */
/*
 * Numbers are read digit by digit into integers: no locale, no leading blanks,
 * no hexadecimal by surprise, no float where a fraction has an exact meaning.
 * "1.5s" is 1 unit and 5 tenths of a unit, so any unit divisible by ten to the
 * power of its digits comes out exact.
 */
#include <errno.h>
#include <locale.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"

struct unit {
	const char *name;
	uint64_t size;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at '*s', which moves past them. -EINVAL none, -ERANGE too large. */
static int digits(const char **s, uint64_t *v)
{
	uint64_t n = 0;
	bool is_over = false;

	if (!is_digit(**s))
		return -EINVAL;
	for (; is_digit(**s); (*s)++) {
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(**s - '0'), &n))
			is_over = true;
	}
	*v = n;
	return is_over ? -ERANGE : 0;
}

int vc_num_u64(const char *s, uint64_t min, uint64_t max, uint64_t *v)
{
	uint64_t n;
	int err = digits(&s, &n);

	if (err == -EINVAL || *s)
		return -EINVAL;
	if (err || n < min || n > max)
		return -ERANGE;
	*v = n;
	return 0;
}

int vc_num_i64(const char *s, int64_t min, int64_t max, int64_t *v)
{
	bool is_negative = *s == '-';
	uint64_t n, limit = (uint64_t)INT64_MAX + is_negative;
	int64_t value;
	int err = vc_num_u64(s + is_negative, 0, limit, &n);

	if (err)
		return err;
	value = is_negative ? (int64_t)(0 - n) : (int64_t)n;
	if (value < min || value > max)
		return -ERANGE;
	*v = value;
	return 0;
}

int vc_num_real(const char *s, double min, double max, double *v)
{
	const char *digit = s + strspn(s, "+-");
	locale_t c;
	char *end;
	double value;

	/* Neither "inf" nor "nan" nor "0x10" nor " 1". */
	if (digit - s > 1 || !(is_digit(*digit) || *digit == '.') ||
	    s[strspn(s, "+-.0123456789eE")])
		return -EINVAL;
	c = newlocale(LC_ALL_MASK, "C", NULL);
	if (!c)
		return -ENOMEM;
	errno = 0;
	value = strtod_l(s, &end, c);
	freelocale(c);
	if (end == s || *end)
		return -EINVAL;
	if (!(value >= min && value <= max))
		return -ERANGE;
	*v = value;
	return 0;
}

/*
 * DIGITS[.DIGITS]UNIT at '*s', which moves past it. '*v' is in units of size
 * 1, cut after them; '*size' is the unit's (0: none was there).
 */
static int quantity(const char **s, const struct unit *units, size_t n_units,
		    uint64_t *v, uint64_t *size)
{
	uint64_t whole, part = 0, scale = 1;
	size_t best = 0;
	int err = digits(s, &whole);

	if (err == -EINVAL)
		return err;
	if (**s == '.') {
		(*s)++;
		if (!is_digit(**s))
			return -EINVAL;
		for (; is_digit(**s); (*s)++) {
			if (scale >= 1000000000)
				continue;
			part = part * 10 + (uint64_t)(**s - '0');
			scale *= 10;
		}
	}
	*size = 0;
	for (size_t i = 0; i < n_units; i++) {
		size_t len = strlen(units[i].name);

		if (len > best && !strncmp(*s, units[i].name, len)) {
			best = len;
			*size = units[i].size;
		}
	}
	*s += best;
	if (!*size && part)
		*v = 0; /* "1.5" of what? The caller asks. */
	else if (err || __builtin_mul_overflow(whole, *size ? *size : 1, v))
		return -ERANGE;
	/* The larger of both stays below 2^64: part < scale <= 10^9. */
	part = (uint64_t)((unsigned __int128)part * *size / scale);
	return __builtin_add_overflow(*v, part, v) ? -ERANGE : 0;
}

int vc_num_time(const char *s, int64_t *ns)
{
	static const struct unit units[] = {
		{ "ns", 1 },
		{ "us", (uint64_t)VC_US },
		{ "ms", (uint64_t)VC_MS },
		{ "s", (uint64_t)VC_SEC },
		{ "m", 60 * (uint64_t)VC_SEC },
		{ "h", 3600 * (uint64_t)VC_SEC },
		{ "d", 86400 * (uint64_t)VC_SEC },
	};
	uint64_t sum = 0, v, size, last = UINT64_MAX;

	if (!strcmp(s, "0")) {
		*ns = 0;
		return 0;
	}
	do {
		int err = quantity(&s, units, VC_COUNT(units), &v, &size);

		if (err)
			return err;
		if (!size && !*s && last == UINT64_MAX)
			return -EDOM;
		/* "1h30m", but neither "30m1h" nor "1h30". */
		if (!size || size >= last)
			return -EINVAL;
		last = size;
		if (__builtin_add_overflow(sum, v, &sum) || sum > INT64_MAX)
			return -ERANGE;
	} while (*s);
	*ns = (int64_t)sum;
	return 0;
}

int vc_num_range(const char *s, int64_t *from, int64_t *to)
{
	const char *dash = strchr(s, '-');
	int64_t a, b = INT64_MAX;
	char first[32];

	if (!dash || (size_t)(dash - s) >= sizeof(first))
		return -EINVAL;
	memcpy(first, s, (size_t)(dash - s));
	first[dash - s] = 0;
	if (vc_num_time(first, &a) || (dash[1] && vc_num_time(dash + 1, &b)) ||
	    b <= a)
		return -EINVAL;
	*from = a;
	*to = b;
	return 0;
}

int vc_num_rate(const char *s, uint64_t *bits_per_second)
{
	static const struct unit units[] = {
		{ "k", 1000 },
		{ "K", 1000 },
		{ "M", 1000000 },
		{ "G", 1000000000 },
	};
	uint64_t v, size;
	int err = quantity(&s, units, VC_COUNT(units), &v, &size);

	if (err)
		return err;
	if (*s)
		return -EINVAL;
	if (!v)
		return -ERANGE;
	if (!size && v < 1000)
		return -EDOM;
	*bits_per_second = v;
	return 0;
}

int vc_num_size(const char *s, uint64_t *octets)
{
	static const struct unit units[] = {
		{ "B", 1 },
		{ "k", 1000 },
		{ "kB", 1000 },
		{ "K", 1000 },
		{ "KB", 1000 },
		{ "M", 1000000 },
		{ "MB", 1000000 },
		{ "G", 1000000000 },
		{ "GB", 1000000000 },
		{ "T", 1000000000000 },
		{ "TB", 1000000000000 },
		{ "KiB", UINT64_C(1) << 10 },
		{ "kiB", UINT64_C(1) << 10 },
		{ "MiB", UINT64_C(1) << 20 },
		{ "GiB", UINT64_C(1) << 30 },
		{ "TiB", UINT64_C(1) << 40 },
	};
	bool is_fraction = strchr(s, '.');
	uint64_t v, size;
	int err = quantity(&s, units, VC_COUNT(units), &v, &size);

	if (err)
		return err;
	if (*s || (!size && is_fraction))
		return -EINVAL;
	*octets = v;
	return 0;
}

int vc_num_dims(const char *s, int *width, int *height)
{
	uint64_t w, h;
	int err = digits(&s, &w), err_h;

	if (err == -EINVAL || *s != 'x')
		return -EINVAL;
	s++;
	err_h = digits(&s, &h);
	if (err_h == -EINVAL || *s)
		return -EINVAL;
	if (err || err_h || w < 1 || w > 16384 || h < 1 || h > 16384)
		return -ERANGE;
	*width = (int)w;
	*height = (int)h;
	return 0;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

int vc_num_fps(const char *s, int *num, int *den)
{
	uint64_t n, d = 1;
	int err = digits(&s, &n);

	if (!err && *s == '/') {
		s++;
		err = digits(&s, &d);
	} else if (!err && *s == '.' && is_digit(s[1])) {
		for (s++; !err && is_digit(*s); s++) {
			n = n * 10 + (uint64_t)(*s - '0');
			d *= 10;
			if (d > 1000000 || n > 1000000000)
				err = -ERANGE;
		}
	}
	if (!err && *s)
		return -EINVAL;
	if (err)
		return err;
	/* One frame in 1000 s to 1000 frames a second. */
	if (!n || !d || n > 1000000000 || d > 1000000 || n > 1000 * d ||
	    d > 1000 * n)
		return -ERANGE;
	*num = (int)(n / common_divisor(n, d));
	*den = (int)(d / common_divisor(n, d));
	return 0;
}
