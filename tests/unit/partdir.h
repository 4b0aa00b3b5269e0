/* SPDX-License-Identifier: MIT */
/*
 * A folder of the test program's own, with the file that is written there
 * ('path') and what it is called until then ('part').
 */
#ifndef VC_TEST_PARTDIR_H
#define VC_TEST_PARTDIR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[] = "/tmp/vc-test-part-XXXXXX";
static char path[64], part[72];

/* For cmocka_run_group_tests(), with drop_dir(). */
static inline int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/a", dir);
	snprintf(part, sizeof(part), "%s.part", path);
	return 0;
}

static inline int drop_dir(void **state)
{
	(void)state;
	unlink(path);
	unlink(part);
	return rmdir(dir);
}

/* All of the file 'name', which is smaller than 'cap'. */
static inline size_t slurp(const char *name, uint8_t *room, size_t cap)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, room, cap);
	close(fd);
	assert_true(n >= 0 && (size_t)n < cap);
	return (size_t)n;
}

#endif
