/* SPDX-License-Identifier: MIT */
/*
 * Programs of others, run out of a sandbox that does not let its owner run any.
 * A helper is forked before the sandbox is entered; it is asked by a pair of
 * sockets, runs one program at a time, without a shell, and ends with us,
 * however that is: the program is killed then, and the folder goes.
 *
 * A program has an environment of PATH, LC_ALL=C and TMPDIR, which is the
 * folder, no new privileges, nothing to read, and a process group of its own.
 */
#ifndef VC_TOOL_RUNNER_H
#define VC_TOOL_RUNNER_H

#include <stddef.h>

struct vc_runner;
struct vc_tool;

#define VC_RUNNER_PATH 4096
#define VC_RUNNER_LINE 256 /* octets of what a program says last */

/*
 * The path of a program, as a shell looks for it. 0 or -errno (-ENOENT: there
 * is none, -EACCES: it is none, -ENAMETOOLONG).
 */
int vc_runner_find(const char *program, char path[static VC_RUNNER_PATH]);

/*
 * Before vc_tool_start(): makes a private folder in TMPDIR or /tmp, which the
 * sandbox lets us write in, and forks the helper. A program may take 'seconds'.
 * The helper runs nothing but 'programs' (paths, a NULL behind them; copied),
 * with arguments that are options as "--json" or files within the folder:
 * whoever takes us over in the sandbox gets no more out of it. 0 or -errno.
 */
int vc_runner_open(struct vc_runner **out, struct vc_tool *t,
		   const char *const *programs, int seconds);
/* Waits until program and folder have gone. NULL is fine. */
void vc_runner_close(struct vc_runner *r);

const char *vc_runner_folder(const struct vc_runner *r);

/*
 * Runs argv[0] (a path) and waits. 0: it ended with 0; -EINTR: a signal told
 * us to end, and nothing is run any more; -ETIME: it took too long; -ECHILD: it
 * ended otherwise, see 'why'; -EPERM: not that, or not so; else another
 * -errno. 'why' is a reason to print, escaped: the last line of its standard
 * error, also with 0, or else how it ended; or "".
 */
int vc_runner_run(struct vc_runner *r, const char *const *argv,
		  char why[static 2 * VC_RUNNER_LINE]);

#endif
