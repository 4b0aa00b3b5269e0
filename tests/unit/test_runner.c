/* SPDX-License-Identifier: MIT */
/* Programs of others: what they get, how they end, and what is left of them. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tool/runner.h"
#include "tool/tool.h"

static const struct vc_tool_info info = { .name = "test" };
static const char *const programs[] = { "/bin/sh", "/none", NULL };

struct rig {
	struct vc_tool *tool;
	struct vc_runner *runner;
	char why[2 * VC_RUNNER_LINE];
};

static void open_it(struct rig *r, int seconds)
{
	r->tool = vc_tool_new(&info);
	assert_int_equal(vc_runner_open(&r->runner, r->tool, programs, seconds),
			 0);
}

/* It closes the standard output. */
static void end_tool(struct vc_tool *t)
{
	int out = dup(STDOUT_FILENO);

	vc_tool_end(t);
	dup2(out, STDOUT_FILENO);
	close(out);
}

static void close_it(struct rig *r)
{
	char folder[VC_RUNNER_PATH];
	struct stat st;

	snprintf(folder, sizeof(folder), "%s", vc_runner_folder(r->runner));
	assert_int_equal(stat(folder, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	vc_runner_close(r->runner);
	assert_int_equal(stat(folder, &st), -1);
	end_tool(r->tool);
}

static int sh(struct rig *r, const char *script)
{
	char path[VC_RUNNER_PATH + 8];
	const char *const argv[] = { "/bin/sh", path, NULL };
	FILE *f;

	snprintf(path, sizeof(path), "%s/script", vc_runner_folder(r->runner));
	f = fopen(path, "w");
	/* Its end was told, and the folder has gone. */
	if (f) {
		fputs(script, f);
		fclose(f);
	}
	return vc_runner_run(r->runner, argv, r->why);
}

static void ends(void **state)
{
	static const struct {
		const char *script;
		int err;
		const char *why;
	} rows[] = {
		{ "exit 0", 0, "" },
		{ "echo a >&2; echo; echo ' b c' >&2; echo >&2", 0, " b c" },
		{ "exit 7", -ECHILD, "it ended with 7" },
		{ "echo no >&2; exit 1", -ECHILD, "no" },
		{ "printf 'a\\033b' >&2; exit 1", -ECHILD, "a\\x1bb" },
		{ "kill -9 $$", -ECHILD, "it was ended by signal 9" },
		/* More than is kept, and none of it read by anybody else. */
		{ "yes | head -c 300000 >&2; echo end >&2", 0, "end" },
		{ "exec 2>&-; exit 3", -ECHILD, "it ended with 3" },
		/* Nothing but that is to be seen. */
		{ "test -d \"$TMPDIR\" && test \"$LC_ALL\" = C && "
		  "test -z \"$SECRET\" && ! read line",
		  0, "" },
	};
	struct rig r;

	(void)state;
	setenv("SECRET", "x", 1);
	open_it(&r, 60);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(sh(&r, rows[i].script), rows[i].err);
		assert_string_equal(r.why, rows[i].why);
	}
	assert_int_equal(vc_runner_run(r.runner,
				       (const char *const[]){ "/none", NULL },
				       r.why),
			 -ENOENT);
	/* What it leaves goes with the folder. */
	assert_int_equal(sh(&r, "mkdir -p $TMPDIR/a/b; echo >$TMPDIR/a/b/c; "
				"ln -s / $TMPDIR/a/root"),
			 0);
	close_it(&r);
}

static void runs_nothing_else(void **state)
{
	char within[VC_RUNNER_PATH + 8], beyond[VC_RUNNER_PATH + 8];
	const char *const rows[][4] = {
		{ "/bin/echo", "--help", NULL },
		{ "/bin/sh", "-c", "true", NULL },
		{ "/bin/sh", "/etc/profile", NULL },
		{ "/bin/sh", "--rcfile=/etc/profile", NULL },
		{ "/bin/sh", beyond, NULL },
		{ "/bin/sh", within, "x", NULL },
		{ "", within, NULL },
	};
	struct rig r;

	(void)state;
	open_it(&r, 60);
	assert_int_equal(sh(&r, "exit 0"), 0);
	snprintf(within, sizeof(within), "%s/script",
		 vc_runner_folder(r.runner));
	snprintf(beyond, sizeof(beyond), "%s/../x", vc_runner_folder(r.runner));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(vc_runner_run(r.runner, rows[i], r.why),
				 -EPERM);
	close_it(&r);
}

static void takes_too_long(void **state)
{
	struct rig r;

	(void)state;
	open_it(&r, 1);
	/* Those that it started go as well: else the pipe would stay open. */
	assert_int_equal(sh(&r, "sleep 1000 & sleep 1000"), -ETIME);
	assert_int_equal(sh(&r, "exit 0"), 0);
	close_it(&r);
}

static void is_stopped(void **state)
{
	sigset_t set, none;
	struct rig r;
	int got;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, &none);
	open_it(&r, 60);
	assert_int_equal(sh(&r, "kill -INT $(ps -o ppid= -p $PPID); "
				"exec sleep 1000"),
			 -EINTR);
	assert_int_equal(sh(&r, "exit 0"), -EINTR);
	/* The signal is still there for others. */
	assert_int_equal(sigwait(&set, &got), 0);
	vc_runner_close(r.runner);
	end_tool(r.tool);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Killed, we leave neither program nor folder. */
static void is_killed(void **state)
{
	char folder[VC_RUNNER_PATH] = "";
	int fds[2];
	struct stat st;
	struct rig r;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	child = fork();
	if (!child) {
		open_it(&r, 60);
		if (write(fds[1], vc_runner_folder(r.runner),
			  strlen(vc_runner_folder(r.runner))) < 0)
			_exit(1);
		sh(&r, "kill -9 $(ps -o ppid= -p $PPID); exec sleep 1000");
		_exit(0);
	}
	assert_true(read(fds[0], folder, sizeof(folder) - 1) > 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	/* The helper keeps nothing open that could tell of its end. */
	for (int i = 0; i < 1000 && !stat(folder, &st); i++)
		usleep(10000);
	assert_int_equal(stat(folder, &st), -1);
	close(fds[0]);
	close(fds[1]);
}

static void finds(void **state)
{
	char path[VC_RUNNER_PATH];

	(void)state;
	setenv("PATH", "/none:/bin", 1);
	assert_int_equal(vc_runner_find("sh", path), 0);
	assert_string_equal(path, "/bin/sh");
	assert_int_equal(vc_runner_find("/bin/sh", path), 0);
	assert_int_equal(vc_runner_find("no-such", path), -ENOENT);
	assert_int_equal(vc_runner_find("", path), -ENOENT);
	assert_int_equal(vc_runner_find("/none/sh", path), -ENOENT);
	assert_int_equal(vc_runner_find("/etc/passwd", path), -EACCES);
	assert_int_equal(vc_runner_find("/bin/", path), -EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(runs_nothing_else),
		cmocka_unit_test(takes_too_long),
		cmocka_unit_test(is_stopped),
		cmocka_unit_test(is_killed),
		cmocka_unit_test(finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
