/* SPDX-License-Identifier: MIT */
/*
 * What a command took: a line "CPU WALL MEMORY" onto the end of a file, in
 * seconds and kB (the most that was resident). Ends as the command does.
 *
 *   costof FILE COMMAND...
 */
#include <stdio.h>
#include <sys/resource.h>

#include "bench/bench.h"

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
	int64_t begin = now_ns(CLOCK_MONOTONIC);
	struct rusage used;
	struct child c;
	int status;
	FILE *f;

	need(argc > 2, "usage");
	c = spawn(-1, -1, (const char *const *)(argv + 2));
	need(wait4(c.pid, &status, 0, &used) == c.pid, "wait");
	f = fopen(argv[1], "ae");
	need(f, argv[1]);
	fprintf(f, "%.4f %.4f %ld\n",
		seconds(used.ru_utime) + seconds(used.ru_stime),
		(double)(now_ns(CLOCK_MONOTONIC) - begin) / 1e9,
		used.ru_maxrss);
	need(!fclose(f), argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
