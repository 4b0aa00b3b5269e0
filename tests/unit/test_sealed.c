/* SPDX-License-Identifier: MIT */
/*
 * Encrypted files: what is written comes back, in whatever pieces; and whatever
 * is changed, cut, moved, mixed or added is found, with nothing given out that
 * was not written.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/str.h"
#include "engine/outfile.h"
#include "wire/filekind.h"
#include "sealrig.h"

static const struct vc_unseal_keys first = { .v = keys, .n = 1 };
static const struct vc_unseal_keys second = { .v = keys + VC_SEALED_KEY,
					      .n = 1 };

/* Writes 'len' octets of 'room', flushed at each of 'cuts', into 'path'; into
 * 'out' what is there then. */
static size_t seal(size_t len, const size_t *cuts, size_t n, uint8_t *out)
{
	struct vc_outfile *o;
	size_t at = 0;

	assert_int_equal(vc_outfile_open(path, &o), 0);
	assert_int_equal(vc_outfile_seal(o, keys, false), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(vc_outfile_write(o, room + at, cuts[i] - at),
				 0);
		assert_int_equal(vc_outfile_flush(o), 0);
		at = cuts[i];
	}
	assert_int_equal(vc_outfile_write(o, room + at, len - at), 0);
	assert_int_equal(vc_outfile_finish(o), 0);
	return slurp(path, out, ROOM);
}

/*
 * What comes of 'len' octets that come 'step' at a time, 'out_step' of which are
 * taken: the last result. '*got' octets came out, each as it was written.
 */
static int unseal_by(const uint8_t *p, size_t len,
		     const struct vc_unseal_keys *with, size_t step,
		     size_t out_step, size_t *got)
{
	struct vc_unseal *u = vc_unseal_new(with);
	uint8_t out[4096];
	size_t at = 0;
	int err = 0;

	assert_non_null(u);
	*got = 0;
	for (;;) {
		size_t n = len - at < step ? len - at : step, m = out_step;

		err = vc_unseal_read(u, p + at, &n, out, &m);
		assert_true(*got + m <= ROOM);
		assert_memory_equal(out, room + *got, m);
		at += n;
		*got += m;
		if (err < 0 || (at == len && !m))
			break;
	}
	if (!err)
		assert_false(vc_unseal_is_whole(u));
	vc_unseal_free(u);
	return err;
}

static int unseal(const uint8_t *p, size_t len, size_t *got)
{
	return unseal_by(p, len, &first, len ? len : 1, 4096, got);
}

static void what_is_written_comes_back(void **state)
{
	static const size_t lens[] = { 0,     1,     16,     65535,
				       65536, 65537, 131072, 300000 };
	static const size_t steps[] = { 1, 3, 20, 65556, ROOM };
	size_t got;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(lens); i++) {
		size_t n = seal(lens[i], NULL, 0, file);

		/* What fits into one chunk is the last one, too. */
		assert_int_equal(
			n, VC_SEALED_HEAD + lens[i] +
				   (lens[i] > 65536 ?
					    (lens[i] + 65535) / 65536 + 1 :
					    1) *
					   20);
		assert_int_equal(vc_filekind_of(file, n), VC_FILEKIND_SEALED);
		for (size_t k = 0; k < VC_COUNT(steps); k++) {
			assert_int_equal(unseal_by(file, n, &both, steps[k],
						   k % 2 ? 4096 : 999, &got),
					 1);
			assert_int_equal(got, lens[i]);
		}
		unlink(path);
	}
}

static void a_flush_ends_a_chunk(void **state)
{
	static const size_t cuts[] = { 100, 101, 70000 };
	size_t n = seal(70010, cuts, VC_COUNT(cuts), file), got;

	(void)state;
	/* 100, 1, 65536 and 4363, and the last 10. */
	assert_int_equal(n, VC_SEALED_HEAD + 70010 + 5 * 20);
	assert_int_equal(unseal(file, n, &got), 1);
	assert_int_equal(got, 70010);
	unlink(path);
}

static void equal_files_are_not_equal(void **state)
{
	size_t n = seal(500, NULL, 0, file);

	(void)state;
	assert_int_equal(seal(500, NULL, 0, other), n);
	for (size_t i = VC_SEALED_INFO; i + 16 <= n; i += 16)
		assert_memory_not_equal(file + i, other + i, 16);
	unlink(path);
}

static void a_key_is_needed_and_the_right_one(void **state)
{
	size_t n = seal(500, NULL, 0, file), got;

	(void)state;
	assert_int_equal(unseal_by(file, n, &none, n, 4096, &got), -ENOKEY);
	assert_int_equal(unseal_by(file, n, &second, n, 4096, &got),
			 -EKEYREJECTED);
	assert_int_equal(got, 0);
	assert_int_equal(unseal_by(file, n, &both, n, 4096, &got), 1);
	unlink(path);
}

static void each_changed_bit_is_found(void **state)
{
	static const size_t cuts[] = { 40, 80 };
	size_t n = seal(100, cuts, 2, file), got;

	(void)state;
	for (size_t i = 0; i < n * 8; i++) {
		int err;

		file[i / 8] ^= (uint8_t)(1u << i % 8);
		err = unseal(file, n, &got);
		if (i < 8 * 8)
			assert_int_equal(err, -EBADMSG);
		else if (i < VC_SEALED_INFO * 8)
			/* Of the journal's bit: another key. */
			assert_true(err == -ENOTSUP || err == -EKEYREJECTED);
		else if (i < VC_SEALED_HEAD * 8)
			assert_int_equal(err, -EKEYREJECTED);
		else if (err != 0) /* a length that wants more: cut */
			assert_int_equal(err, -EBADMSG);
		assert_true(got <= 80 &&
			    (i >= (VC_SEALED_HEAD + 60) * 8 || got == 0));
		file[i / 8] ^= (uint8_t)(1u << i % 8);
	}
	assert_int_equal(unseal(file, n, &got), 1);
	unlink(path);
}

static void each_cut_is_found(void **state)
{
	static const size_t cuts[] = { 40, 80 };
	size_t n = seal(100, cuts, 2, file), got;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		size_t whole = i < VC_SEALED_HEAD + 60	? 0 :
			       i < VC_SEALED_HEAD + 120 ? 40 :
							  80;

		assert_int_equal(unseal(file, i, &got), 0);
		assert_int_equal(got, whole);
	}
	unlink(path);
}

/* Head, two chunks of 60 octets, the last one of 40. */
static void chunks_keep_their_place(void **state)
{
	static const size_t cuts[] = { 40, 80 };
	size_t n = seal(100, cuts, 2, file), got;
	uint8_t *a = file + VC_SEALED_HEAD;
	uint8_t held[60];

	(void)state;
	/* Swapped. */
	memcpy(other, file, n);
	memcpy(other + VC_SEALED_HEAD, a + 60, 60);
	memcpy(other + VC_SEALED_HEAD + 60, a, 60);
	assert_int_equal(unseal(other, n, &got), -EBADMSG);
	assert_int_equal(got, 0);
	/* One left out. */
	memcpy(other, file, VC_SEALED_HEAD);
	memcpy(other + VC_SEALED_HEAD, a + 60, 100);
	assert_int_equal(unseal(other, n - 60, &got), -EBADMSG);
	assert_int_equal(got, 0);
	/* One twice. */
	memcpy(other, file, VC_SEALED_HEAD + 60);
	memcpy(other + VC_SEALED_HEAD + 60, a, 160);
	assert_int_equal(unseal(other, n + 60, &got), -EBADMSG);
	assert_int_equal(got, 40);
	/* The last one, earlier; and one that says it was the last. */
	memcpy(other, file, VC_SEALED_HEAD + 60);
	memcpy(other + VC_SEALED_HEAD + 60, a + 120, 40);
	assert_int_equal(unseal(other, n - 60, &got), -EBADMSG);
	assert_int_equal(got, 40);
	memcpy(other, file, n);
	other[VC_SEALED_HEAD + 60] = VC_SEALED_LAST;
	assert_int_equal(unseal(other, n - 40, &got), -EBADMSG);
	assert_int_equal(got, 40);
	/* Something behind it. */
	memcpy(other, file, n);
	other[n] = 0;
	assert_int_equal(unseal(other, n + 1, &got), -EBADMSG);
	assert_int_equal(got, 100);
	/* Another file's, of the same key. */
	memcpy(held, a + 60, 60);
	assert_int_equal(seal(100, cuts, 2, other), n);
	memcpy(other + VC_SEALED_HEAD + 60, held, 60);
	assert_int_equal(unseal(other, n, &got), -EBADMSG);
	assert_int_equal(got, 40);
	unlink(path);
}

/* A chunk that says that it is longer than any, or of a kind there is not. */
static void odd_heads_are_refused(void **state)
{
	static const uint8_t rows[][4] = {
		{ 0, 1, 0, 1 }, { 0, 0, 0, 0 },	  { 1, 1, 0, 1 },
		{ 3, 0, 0, 9 }, { 255, 0, 0, 1 }, { 2, 0, 0, 8 },
	};
	struct vc_sealed_chunk c;
	struct vc_sealed_head h;
	uint8_t head[VC_SEALED_HEAD];

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++)
		assert_int_equal(vc_sealed_chunk_parse(&c, true, rows[i]),
				 -EBADMSG);
	assert_int_equal(vc_sealed_chunk_parse(&c, false,
					       (const uint8_t[]){ 2, 0, 0, 9 }),
			 -EBADMSG);
	memset(&h, 1, sizeof(h));
	vc_sealed_head_write(&h, head);
	assert_int_equal(vc_sealed_head_parse(&h, head, sizeof(head) - 1),
			 -EBADMSG);
	assert_int_equal(vc_sealed_head_parse(&h, NULL, 0), -EBADMSG);
	head[8] = 2;
	assert_int_equal(vc_sealed_head_parse(&h, head, sizeof(head)),
			 -ENOTSUP);
}

static void a_key_is_a_line(void **state)
{
	static const char *const bad[] = {
		"",
		"vcenc:",
		"vcenc:AAAA",
		"AAAA",
		"vcenc:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AEAD_AES_256_GCM inline:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	};
	char text[VC_SEALED_KEY_TEXT];
	uint8_t got[VC_SEALED_KEY];
	const char *why = NULL;

	(void)state;
	vc_sealed_key_write(keys, text);
	assert_int_equal(strlen(text), VC_SEALED_KEY_TEXT - 1);
	assert_int_equal(vc_sealed_key_parse(got, vc_str_c(text), &why), 0);
	assert_memory_equal(got, keys, sizeof(got));
	for (size_t i = 0; i < VC_COUNT(bad); i++)
		assert_int_equal(vc_sealed_key_parse(got, vc_str_c(bad[i]),
						     &why),
				 -EBADMSG);
	assert_non_null(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_comes_back),
		cmocka_unit_test(a_flush_ends_a_chunk),
		cmocka_unit_test(equal_files_are_not_equal),
		cmocka_unit_test(a_key_is_needed_and_the_right_one),
		cmocka_unit_test(each_changed_bit_is_found),
		cmocka_unit_test(each_cut_is_found),
		cmocka_unit_test(chunks_keep_their_place),
		cmocka_unit_test(odd_heads_are_refused),
		cmocka_unit_test(a_key_is_a_line),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_dir);
}
