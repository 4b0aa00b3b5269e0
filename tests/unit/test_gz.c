/* SPDX-License-Identifier: MIT */
/* gzip in pieces of every size, members one after another, damage. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/gz.h"
#include "base/mem.h"

#define N 20000
#define CAP 40000

/* Compressible, and never the same for long. */
static void fill(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i / 7 % 31 * (i / 1000));
}

/* Through a writer, 'piece' octets in and out at a time. */
static size_t pack(const uint8_t *in, size_t n, uint8_t *out, size_t piece,
		   bool flush)
{
	struct vc_gz *gz = vc_gz_new_writer(6);
	size_t done = 0, len = 0;
	int rc = 0;

	assert_non_null(gz);
	while (rc != 1) {
		size_t a = n - done < piece ? n - done : piece, b = piece;

		rc = vc_gz_write(gz, in + done, &a, out + len, &b, flush,
				 done == n);
		assert_true(rc >= 0);
		done += a;
		len += b;
		assert_true(len < CAP - piece);
	}
	vc_gz_free(gz);
	return len;
}

static int unpack(const uint8_t *in, size_t n, uint8_t *out, size_t *len,
		  size_t piece)
{
	struct vc_gz *gz = vc_gz_new_reader();
	size_t done = 0;
	int rc = 0;

	assert_non_null(gz);
	*len = 0;
	for (;;) {
		size_t a = n - done < piece ? n - done : piece, b = piece;

		assert_true(*len < CAP - piece);
		rc = vc_gz_read(gz, in + done, &a, out + *len, &b);
		done += a;
		*len += b;
		if (rc < 0 || (done == n && !b))
			break;
	}
	vc_gz_free(gz);
	return rc;
}

struct bufs {
	uint8_t plain[N], packed[CAP], back[CAP];
};

static void pieces_of_any_size(void **state)
{
	static const size_t pieces[] = { 1, 2, 17, 1000, 19000 };
	struct bufs *b = vc_alloc(1, sizeof(*b));

	(void)state;
	fill(b->plain, N);
	for (size_t i = 0; i < VC_COUNT(pieces); i++) {
		size_t n = pack(b->plain, N, b->packed, pieces[i], false), len;

		assert_true(n < N);
		assert_int_equal(unpack(b->packed, n, b->back, &len, pieces[i]),
				 1);
		assert_int_equal(len, N);
		assert_memory_equal(b->back, b->plain, N);
	}
	free(b);
}

static void equal_input_gives_equal_octets(void **state)
{
	static const uint8_t head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0 };
	struct bufs *b = vc_alloc(1, sizeof(*b));
	size_t n, m;

	(void)state;
	fill(b->plain, N);
	n = pack(b->plain, N, b->packed, 1000, false);
	m = pack(b->plain, N, b->back, 1000, false);
	assert_int_equal(n, m);
	assert_memory_equal(b->packed, b->back, n);
	assert_memory_equal(b->packed, head, sizeof(head)); /* no date */
	free(b);
}

static void members_are_read_as_one(void **state)
{
	static const size_t pieces[] = { 1, 5, 10000 };
	struct bufs *b = vc_alloc(1, sizeof(*b));
	size_t n, len;

	(void)state;
	fill(b->plain, N);
	n = pack(b->plain, 5000, b->packed, 1000, false);
	n += pack(b->plain + 5000, 0, b->packed + n, 1000, false);
	n += pack(b->plain + 5000, 4000, b->packed + n, 1000, false);
	for (size_t i = 0; i < VC_COUNT(pieces); i++) {
		assert_int_equal(unpack(b->packed, n, b->back, &len, pieces[i]),
				 1);
		assert_int_equal(len, 9000);
		assert_memory_equal(b->back, b->plain, 9000);
	}
	free(b);
}

static void what_was_flushed_can_be_read(void **state)
{
	struct bufs *b = vc_alloc(1, sizeof(*b));
	struct vc_gz *w = vc_gz_new_writer(1), *r = vc_gz_new_reader();
	size_t at = 0;

	(void)state;
	fill(b->plain, N);
	while (at < N) {
		size_t in = 1000, out = CAP, back = CAP;

		assert_int_equal(vc_gz_write(w, b->plain + at, &in, b->packed,
					     &out, true, false),
				 0);
		assert_int_equal(in, 1000);
		assert_int_equal(vc_gz_read(r, b->packed, &out, b->back, &back),
				 0);
		assert_int_equal(back, 1000);
		assert_memory_equal(b->back, b->plain + at, 1000);
		at += in;
	}
	vc_gz_free(w);
	vc_gz_free(r);
	free(b);
}

static void damage_is_seen(void **state)
{
	struct bufs *b = vc_alloc(1, sizeof(*b));
	size_t n, len;

	(void)state;
	fill(b->plain, N);
	n = pack(b->plain, N, b->packed, 1000, false);
	/* Truncated anywhere: more is to come. */
	for (size_t cut = 0; cut < n; cut += 97) {
		assert_int_equal(unpack(b->packed, cut, b->back, &len, 1000),
				 0);
		assert_memory_equal(b->back, b->plain, len);
	}
	b->packed[n - 6] ^= 1; /* the checksum */
	assert_int_equal(unpack(b->packed, n, b->back, &len, 1000), -EBADMSG);
	b->packed[n - 6] ^= 1;
	b->packed[n] = 'x';
	assert_int_equal(unpack(b->packed, n + 4, b->back, &len, 1000),
			 -EBADMSG);
	assert_int_equal(unpack((const uint8_t *)"v=0\r\n", 5, b->back, &len,
				1000),
			 -EBADMSG);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_any_size),
		cmocka_unit_test(equal_input_gives_equal_octets),
		cmocka_unit_test(members_are_read_as_one),
		cmocka_unit_test(what_was_flushed_can_be_read),
		cmocka_unit_test(damage_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
