/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
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
#include "engine/outfile.h"
#include "partdir.h"

static void it_is_there_when_it_is_whole(void **state)
{
	struct vc_outfile *o;
	struct stat st;

	(void)state;
	assert_int_equal(vc_outfile_open(path, &o), 0);
	assert_int_equal(vc_outfile_write(o, "abc", 3), 0);
	assert_int_equal(vc_outfile_write(o, NULL, 0), 0);
	assert_int_equal(vc_outfile_pos(o), 3);
	assert_int_equal(stat(part, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(vc_outfile_flush(o), 0);
	assert_int_equal(stat(part, &st), 0);
	assert_int_equal(st.st_size, 3);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(vc_outfile_finish(o), 0);
	assert_int_equal(stat(part, &st), -1);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 3);
	unlink(path);
}

static void it_lies_in_its_directory(void **state)
{
	int fd = open(dir, O_PATH | O_DIRECTORY);
	struct vc_outfile *o;
	char got[4] = "";

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(vc_outfile_open_in(fd, "a", &o), 0);
	assert_int_equal(vc_outfile_write(o, "abcd", 4), 0);
	assert_int_equal(vc_outfile_flush(o), 0);
	assert_int_equal(vc_outfile_read(o, 1, got, 2), 2);
	assert_memory_equal(got, "bc", 2);
	assert_int_equal(vc_outfile_read(o, 3, got, 4), 1);
	assert_int_equal(vc_outfile_read(o, 4, got, 4), 0);
	assert_int_equal(access(part, F_OK), 0);
	assert_int_equal(vc_outfile_finish(o), 0);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(vc_outfile_open_in(fd, "missing/a", &o), -ENOENT);
	close(fd);
	unlink(path);
}

static void others_may_read_it(void **state)
{
	struct vc_outfile *o;
	struct stat st;

	(void)state;
	assert_int_equal(vc_outfile_open(path, &o), 0);
	assert_int_equal(vc_outfile_give(o, -1, (gid_t)-1), 0);
	assert_int_equal(stat(part, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(vc_outfile_give(o, 0640, getgid()), 0);
	assert_int_equal(vc_outfile_write(o, "abc", 3), 0);
	assert_int_equal(vc_outfile_sync(o), 0);
	assert_int_equal(stat(part, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(st.st_gid, getgid());
	assert_int_equal(st.st_size, 3);
	vc_outfile_abandon(o);
}

static void a_part_that_is_there_is_left_alone(void **state)
{
	struct vc_outfile *o;
	struct stat st;
	int fd = open(part, O_WRONLY | O_CREAT | O_EXCL, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	assert_int_equal(vc_outfile_open(path, &o), -EEXIST);
	assert_int_equal(stat(part, &st), 0);
	assert_int_equal(st.st_size, 1);
	unlink(part);
	/* Nor is a link followed. */
	assert_int_equal(symlink("elsewhere", part), 0);
	assert_int_equal(vc_outfile_open(path, &o), -EEXIST);
	unlink(part);
}

static void what_cannot_be_opened_says_why(void **state)
{
	char name[80];
	struct vc_outfile *o;

	(void)state;
	assert_int_equal(vc_outfile_open("/nonexistent/a", &o), -ENOENT);
	snprintf(name, sizeof(name), "%s/", dir);
	assert_int_equal(vc_outfile_open(name, &o), -EISDIR);
	vc_outfile_abandon(NULL);
}

/* Patches before, in and across the border of what is buffered. */
static void patches_land_where_they_should(void **state)
{
	static const struct {
		size_t flush_at, at, len;
	} rows[] = {
		{ 0, 0, 4 },   { 0, 96, 4 },  { 100, 10, 30 }, { 50, 40, 20 },
		{ 50, 49, 1 }, { 50, 50, 1 }, { 50, 0, 100 },  { 100, 99, 1 },
	};
	uint8_t want[100], got[101], patch[100];
	struct vc_outfile *o;
	int fd;

	(void)state;
	memset(patch, 'P', sizeof(patch));
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		size_t cut = rows[i].flush_at;

		for (size_t k = 0; k < sizeof(want); k++)
			want[k] = (uint8_t)k;
		assert_int_equal(vc_outfile_open(path, &o), 0);
		assert_int_equal(vc_outfile_write(o, want, cut), 0);
		assert_int_equal(vc_outfile_flush(o), 0);
		assert_int_equal(
			vc_outfile_write(o, want + cut, sizeof(want) - cut), 0);
		assert_int_equal(
			vc_outfile_patch(o, rows[i].at, patch, rows[i].len), 0);
		assert_int_equal(vc_outfile_finish(o), 0);
		memset(want + rows[i].at, 'P', rows[i].len);
		fd = open(path, O_RDONLY);
		assert_int_equal(read(fd, got, sizeof(got)), sizeof(want));
		close(fd);
		assert_memory_equal(got, want, sizeof(want));
		unlink(path);
	}
}

static void large_writes_pass_the_buffer(void **state)
{
	static uint8_t big[200000];
	struct vc_outfile *o;
	struct stat st;

	(void)state;
	assert_int_equal(vc_outfile_open(path, &o), 0);
	assert_int_equal(vc_outfile_write(o, big, 10), 0);
	assert_int_equal(vc_outfile_write(o, big, sizeof(big)), 0);
	assert_int_equal(vc_outfile_write(o, big, 65536), 0);
	assert_int_equal(vc_outfile_write(o, big, 1), 0);
	assert_int_equal(vc_outfile_pos(o), 10 + sizeof(big) + 65537);
	assert_int_equal(vc_outfile_finish(o), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 10 + sizeof(big) + 65537);
	unlink(path);
}

static void a_full_disc_sticks(void **state)
{
	static uint8_t big[70000];
	struct vc_outfile *o;
	int fd = open("/dev/full", O_WRONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(vc_outfile_wrap(fd, &o), 0);
	assert_false(vc_outfile_can_patch(o));
	assert_int_equal(vc_outfile_write(o, big, 10), 0);
	assert_int_equal(vc_outfile_patch(o, 0, big, 1), -ESPIPE);
	assert_int_equal(vc_outfile_write(o, big, sizeof(big)), -ENOSPC);
	assert_int_equal(vc_outfile_write(o, big, 1), -ENOSPC);
	assert_int_equal(vc_outfile_finish(o), -ENOSPC);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_there_when_it_is_whole),
		cmocka_unit_test(it_lies_in_its_directory),
		cmocka_unit_test(others_may_read_it),
		cmocka_unit_test(a_part_that_is_there_is_left_alone),
		cmocka_unit_test(what_cannot_be_opened_says_why),
		cmocka_unit_test(patches_land_where_they_should),
		cmocka_unit_test(large_writes_pass_the_buffer),
		cmocka_unit_test(a_full_disc_sticks),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
