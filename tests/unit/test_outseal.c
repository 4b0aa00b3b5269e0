/* SPDX-License-Identifier: MIT */
/*
 * Encrypted files that are written over while they are written: what the .part
 * holds at any time, and what becomes of it.
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
#include "engine/infile.h"
#include "engine/outfile.h"
#include "engine/overlay.h"
#include "sealrig.h"

static char anew[80];

static int make_rig(void **state)
{
	int err = make_keys(state);

	snprintf(anew, sizeof(anew), "%s.part.new", path);
	return err;
}

/* --- what is written over --- */

static void what_is_put_last_counts(void **state)
{
	uint8_t want[200], got[200], piece[80];
	struct vc_overlay o = { 0 };
	uint32_t x = 1;

	(void)state;
	memset(want, 0, sizeof(want));
	for (int i = 0; i < 300; i++) {
		size_t at, len;

		x = x * 1664525 + 1013904223;
		at = (x >> 8) % 120;
		len = (x >> 20) % 80;
		memset(piece, i, sizeof(piece));
		memcpy(want + at, piece, len);
		assert_int_equal(vc_overlay_put(&o, at, piece, len), 0);
		memset(got, 0, sizeof(got));
		for (size_t k = 0; k < sizeof(got); k += 7)
			vc_overlay_apply(&o, k, got + k,
					 sizeof(got) - k < 7 ? sizeof(got) - k :
							       7);
		assert_memory_equal(got, want, sizeof(want));
	}
	for (size_t i = 1; i < o.n; i++)
		assert_true(o.pieces[i - 1].at + o.pieces[i - 1].len <=
			    o.pieces[i].at);
	assert_int_equal(vc_overlay_put(&o, 0, got, VC_OVERLAY_MAX + 1),
			 -E2BIG);
	vc_overlay_clear(&o);
}

/* Reads 'name' through; how many octets, each as 'want' has it. */
static size_t read_all(const char *name, const uint8_t *want, bool *is_cut)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct vc_infile *in;
	uint8_t out[3000];
	size_t len = 0;
	ssize_t n;

	assert_true(fd >= 0);
	assert_int_equal(vc_infile_new(fd, &both, NULL, &in), 0);
	assert_memory_equal(vc_infile_key(in), keys, VC_SEALED_KEY);
	while ((n = vc_infile_read(in, out, sizeof(out))) > 0) {
		assert_memory_equal(out, want + len, (size_t)n);
		len += (size_t)n;
	}
	assert_int_equal(n, 0);
	*is_cut = vc_infile_is_cut(in);
	vc_infile_free(in);
	close(fd);
	return len;
}

/* 200,000 octets, written over at the beginning, on an edge and at the end. */
static struct vc_outfile *patched(uint8_t *want)
{
	struct vc_outfile *o;

	memcpy(want, room, 200000);
	memset(want + 5, 1, 20);
	memset(want + 65530, 2, 20);
	memset(want + 199990, 3, 10);
	memset(want + 10, 4, 10);
	assert_int_equal(vc_outfile_open(path, &o), 0);
	assert_int_equal(vc_outfile_seal(o, keys, true), 0);
	assert_true(vc_outfile_can_patch(o));
	assert_int_equal(vc_outfile_write(o, room, 200000), 0);
	assert_int_equal(vc_outfile_patch(o, 5, want + 20, 5), 0);
	assert_int_equal(vc_outfile_patch(o, 5, want + 20, 5), 0);
	assert_int_equal(vc_outfile_patch(o, 10, want + 20, 5), 0);
	assert_int_equal(vc_outfile_patch(o, 20, want + 20, 5), 0);
	assert_int_equal(vc_outfile_patch(o, 5, want + 5, 20), 0);
	assert_int_equal(vc_outfile_patch(o, 65530, want + 65530, 20), 0);
	assert_int_equal(vc_outfile_patch(o, 199990, want + 199990, 10), 0);
	assert_int_equal(vc_outfile_patch(o, 10, want + 10, 10), 0);
	return o;
}

static void a_journal_becomes_a_file(void **state)
{
	struct vc_outfile *o = patched(other);
	uint8_t got[5000];
	size_t len = 0, n;
	struct stat st;
	bool is_cut;
	int more;

	(void)state;
	assert_int_equal(vc_outfile_flush(o), 0);
	/* As it is, the .part has all of it, but for an end. */
	assert_int_equal(read_all(part, other, &is_cut), 200000);
	assert_true(is_cut);
	assert_int_equal(vc_outfile_give(o, 0640, (gid_t)-1), 0);
	do
		more = vc_outfile_settle(o);
	while (more > 0);
	assert_int_equal(more, 0);
	assert_int_equal(vc_outfile_pos(o), 200000);
	do {
		ssize_t k = vc_outfile_read(o, len, got, sizeof(got));

		assert_true(k >= 0);
		n = (size_t)k;
		assert_memory_equal(got, other + len, n);
		len += n;
	} while (n);
	assert_int_equal(len, 200000);
	/* Until it has its name, the .part is whole, too. */
	assert_int_equal(read_all(part, other, &is_cut), 200000);
	assert_false(is_cut);
	assert_int_equal(vc_outfile_finish(o), 0);
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(access(anew, F_OK), -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(st.st_size, VC_SEALED_HEAD + 200000 + 5 * 20);
	assert_int_equal(read_all(path, other, &is_cut), 200000);
	assert_false(is_cut);
	unlink(path);
}

/* Wherever a journal is cut, what came before is as it was then. */
static void a_journal_may_be_cut(void **state)
{
	static uint8_t want[ROOM];
	struct vc_outfile *o;
	size_t n;

	(void)state;
	assert_int_equal(vc_outfile_open(path, &o), 0);
	assert_int_equal(vc_outfile_seal(o, keys, true), 0);
	assert_int_equal(vc_outfile_write(o, room, 40), 0);
	assert_int_equal(vc_outfile_flush(o), 0);
	assert_int_equal(vc_outfile_patch(o, 3, "abc", 3), 0);
	assert_int_equal(vc_outfile_write(o, room + 40, 10), 0);
	assert_int_equal(vc_outfile_close(o), 0);
	n = slurp(part, file, ROOM);
	memcpy(want, room, 50);
	for (size_t i = VC_SEALED_HEAD; i <= n; i++) {
		bool is_cut;
		size_t len;

		if (i == VC_SEALED_HEAD + 60 + 31)
			memcpy(want + 3, "abc", 3);
		assert_int_equal(truncate(part, 0), 0);
		int fd = open(part, O_WRONLY | O_CLOEXEC);
		assert_int_equal(write(fd, file, i), i);
		close(fd);
		len = read_all(part, want, &is_cut);
		assert_true(is_cut);
		assert_int_equal(len, i == n		       ? 50 :
				      i >= VC_SEALED_HEAD + 60 ? 40 :
								 0);
	}
	unlink(part);
}

static void what_is_left_is_whole(void **state)
{
	struct vc_outfile *o = patched(other);
	bool is_cut;

	(void)state;
	/* Somebody's crash left it. */
	close(open(anew, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	assert_int_equal(vc_outfile_settle(o), 1);
	assert_int_equal(access(anew, F_OK), 0);
	assert_int_equal(vc_outfile_close(o), 0);
	assert_int_equal(access(anew, F_OK), -1);
	assert_int_equal(read_all(part, other, &is_cut), 200000);
	assert_false(is_cut);
	unlink(part);
	o = patched(other);
	assert_int_equal(vc_outfile_settle(o), 1);
	vc_outfile_abandon(o);
	assert_int_equal(access(anew, F_OK), -1);
	assert_int_equal(access(part, F_OK), -1);
}

static void what_is_not_encrypted_is_read_as_it_is(void **state)
{
	static const size_t lens[] = { 0, 1, 7, 76, 100000 };
	struct vc_infile *in;
	struct vc_outfile *o;

	(void)state;
	for (size_t i = 0; i < VC_COUNT(lens); i++) {
		uint8_t out[1000];
		size_t len = 0;
		ssize_t n;
		int fd;

		assert_int_equal(vc_outfile_open(path, &o), 0);
		assert_int_equal(vc_outfile_write(o, room, lens[i]), 0);
		assert_int_equal(vc_outfile_finish(o), 0);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		assert_int_equal(vc_infile_new(fd, &none, NULL, &in), 0);
		assert_null(vc_infile_key(in));
		while ((n = vc_infile_read(in, out, sizeof(out))) > 0) {
			assert_memory_equal(out, room + len, (size_t)n);
			len += (size_t)n;
		}
		assert_int_equal(len, lens[i]);
		assert_false(vc_infile_is_cut(in));
		vc_infile_free(in);
		close(fd);
	}
	/* Of the head alone something is there. */
	assert_int_equal(vc_outfile_open(path, &o), 0);
	assert_int_equal(vc_outfile_write(o, VC_SEALED_MAGIC "\1", 9), 0);
	assert_int_equal(vc_outfile_finish(o), 0);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(vc_infile_new(fd, &none, NULL, &in), -EBADMSG);
	close(fd);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_last_counts),
		cmocka_unit_test(a_journal_becomes_a_file),
		cmocka_unit_test(a_journal_may_be_cut),
		cmocka_unit_test(what_is_left_is_whole),
		cmocka_unit_test(what_is_not_encrypted_is_read_as_it_is),
	};

	return cmocka_run_group_tests(tests, make_rig, drop_dir);
}
