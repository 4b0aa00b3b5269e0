/* SPDX-License-Identifier: MIT */
/*
 * A request is one message, the arguments with a NUL behind each; the answer
 * is a struct. That we have gone, or want no more, is the end of the pair of
 * sockets: the helper waits for it together with the program, which a pidfd
 * tells of.
 */
#include "tool/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "net/loop.h"
#include "tool/sandbox.h"
#include "tool/tool.h"

#define REQUEST (4 * VC_RUNNER_PATH)
#define ARGS 16
#define HELPER_FD 3

struct answer {
	int err;    /* it could not be run, or was ended */
	int status; /* of waitpid() */
	char line[VC_RUNNER_LINE];
};

struct vc_runner {
	int fd;
	int signal_fd;
	pid_t helper;
	bool is_over;
	char folder[VC_RUNNER_PATH];
};

/* --- the helper --- */

struct helper {
	const char *folder;
	const char *const *programs;
	int64_t limit;
	char tail[VC_RUNNER_LINE]; /* of what the program said */
	size_t len;
};

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	remove(path);
	return 0;
}

/* Nothing of ours but the socket, so that nobody waits for our end. */
static void keep_only(int fd)
{
	int null = open("/dev/null", O_RDWR);

	dup2(fd, HELPER_FD);
	fcntl(HELPER_FD, F_SETFD, FD_CLOEXEC);
	for (int i = 0; i < 3; i++)
		dup2(null, i);
	close_range(HELPER_FD + 1, ~0u, 0);
}

static int spawn(const struct helper *h, char *const *argv, int err_fd,
		 pid_t *pid)
{
	char tmp[VC_RUNNER_PATH + 8], path[] = "PATH=/usr/local/bin:/usr/bin:"
					       "/bin";
	char locale[] = "LC_ALL=C";
	char *env[] = { path, locale, tmp, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int err;

	snprintf(tmp, sizeof(tmp), "TMPDIR=%s", h->folder);
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, err_fd, STDERR_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	err = posix_spawn(pid, argv[0], &files, &attr, argv, env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return -err;
}

/* False: that was all. */
static bool listen_to(struct helper *h, int fd)
{
	char buf[VC_RUNNER_LINE];
	ssize_t n = read(fd, buf, sizeof(buf));
	size_t len = n > 0 ? (size_t)n : 0, over;

	over = h->len + len > sizeof(h->tail) ? h->len + len - sizeof(h->tail) :
						0;
	h->len -= over;
	memmove(h->tail, h->tail + over, h->len);
	memcpy(h->tail + h->len, buf, len);
	h->len += len;
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* The last line of it that is not empty. */
static void tell_line(const struct helper *h, char line[static VC_RUNNER_LINE])
{
	size_t end = h->len, at;

	while (end > 0 && strchr("\r\n ", h->tail[end - 1]))
		end--;
	at = end;
	while (at > 0 && h->tail[at - 1] != '\n')
		at--;
	if (end - at >= VC_RUNNER_LINE)
		end = at + VC_RUNNER_LINE - 1;
	memcpy(line, h->tail + at, end - at);
	line[end - at] = '\0';
}

/* Until it has ended: 0, -ETIME, or -EINTR where nobody waits for it. */
static int attend(struct helper *h, int pid_fd, int err_fd)
{
	int64_t end = vc_mono_now() + h->limit;
	struct pollfd fds[] = { { HELPER_FD, POLLIN, 0 },
				{ pid_fd, POLLIN, 0 },
				{ err_fd, POLLIN, 0 } };

	while (!fds[1].revents) {
		int64_t rest = end - vc_mono_now();

		if (rest <= 0)
			return -ETIME;
		if (poll(fds, VC_COUNT(fds), (int)(rest / VC_MS) + 1) < 0)
			continue;
		if (fds[0].revents)
			return -EINTR;
		if (fds[2].revents && !listen_to(h, err_fd))
			fds[2].fd = -1;
	}
	while (fds[2].fd >= 0 && poll(&fds[2], 1, 0) > 0) {
		if (!listen_to(h, err_fd))
			break;
	}
	return 0;
}

static void run_one(struct helper *h, char *const *argv, struct answer *a)
{
	int pipe_fd[2], pid_fd;
	pid_t pid;

	h->len = 0;
	*a = (struct answer){ 0 };
	if (pipe2(pipe_fd, O_CLOEXEC)) {
		a->err = -errno;
		return;
	}
	/* Our end alone: it is no matter of the program's. */
	fcntl(pipe_fd[0], F_SETFL, O_NONBLOCK);
	a->err = spawn(h, argv, pipe_fd[1], &pid);
	close(pipe_fd[1]);
	if (!a->err) {
		pid_fd = pidfd_open(pid, 0);
		a->err = pid_fd < 0 ? -errno : attend(h, pid_fd, pipe_fd[0]);
		/* And those that it started. */
		kill(-pid, SIGKILL);
		while (waitpid(pid, &a->status, 0) < 0 && errno == EINTR)
			;
		if (pid_fd >= 0)
			close(pid_fd);
		tell_line(h, a->line);
	}
	close(pipe_fd[0]);
}

static size_t split(char *text, size_t len, char *argv[static ARGS + 1])
{
	size_t n = 0;

	for (size_t at = 0; at < len && n < ARGS; at += strlen(text + at) + 1) {
		argv[n] = text + at;
		n++;
	}
	argv[n] = NULL;
	return n;
}

/* Who asks may be somebody who has taken over the one that we help. */
static bool is_allowed(const struct helper *h, char *const *argv)
{
	size_t len = strlen(h->folder);
	bool is_known = false;

	for (size_t i = 0; h->programs[i]; i++)
		is_known |= !strcmp(argv[0], h->programs[i]);
	for (size_t i = 1; argv[i]; i++) {
		bool is_option = !strncmp(argv[i], "--", 2) &&
				 !strpbrk(argv[i], "/=");
		bool is_inside = !strncmp(argv[i], h->folder, len) &&
				 argv[i][len] == '/' &&
				 !strstr(argv[i] + len, "/..");

		if (!is_option && !is_inside)
			return false;
	}
	return is_known;
}

/* Never returns. */
static void help(const struct helper *asked, int fd)
{
	static const struct rlimit no_core = { 0 };
	struct helper h = *asked;
	char request[REQUEST + 1], *argv[ARGS + 1];
	struct answer a;
	sigset_t all;
	ssize_t n;

	/* What the terminal sends is not for us. */
	setsid();
	prctl(PR_SET_NAME, "vc-helper");
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CORE, &no_core);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	keep_only(fd);
	for (;;) {
		n = recv(HELPER_FD, request, REQUEST, 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		request[n] = '\0';
		if (!split(request, (size_t)n, argv))
			break;
		a = (struct answer){ .err = -EPERM };
		if (is_allowed(&h, argv))
			run_one(&h, argv, &a);
		if (send(HELPER_FD, &a, sizeof(a), MSG_NOSIGNAL) < 0)
			break;
	}
	nftw(h.folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	_exit(0);
}

/* --- our side --- */

static int look_at(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		return -errno;
	return S_ISREG(st.st_mode) && !access(path, X_OK) ? 0 : -EACCES;
}

int vc_runner_find(const char *program, char path[static VC_RUNNER_PATH])
{
	struct vc_str rest = vc_str_c(getenv("PATH"));
	int err, found = -ENOENT;

	if (strchr(program, '/')) {
		if (vc_strlcpy(path, program, VC_RUNNER_PATH) >= VC_RUNNER_PATH)
			return -ENAMETOOLONG;
		return look_at(path);
	}
	while (program[0] && rest.len) {
		struct vc_str dir = vc_str_cut(&rest, ':');

		if (!dir.len)
			dir = vc_str_c(".");
		if ((size_t)snprintf(path, VC_RUNNER_PATH, "%.*s/%s",
				     VC_STR_ARGS(dir),
				     program) >= VC_RUNNER_PATH)
			continue;
		err = look_at(path);
		if (!err)
			return 0;
		if (err == -EACCES)
			found = err;
	}
	return found;
}

static int make_folder(struct vc_runner *r)
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp || tmp[0] != '/')
		tmp = "/tmp";
	if ((size_t)snprintf(r->folder, sizeof(r->folder) - 64, "%s/vc-XXXXXX",
			     tmp) >= sizeof(r->folder) - 64)
		return -ENAMETOOLONG;
	/* To a sandbox that begins a pattern. */
	if (strchr(r->folder, '{'))
		return -EINVAL;
	return mkdtemp(r->folder) ? 0 : -errno;
}

/* Told by a signal to end, also where the loop does not run: looked at only,
 * so that whoever has it otherwise has it still. */
static int watch_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int vc_runner_open(struct vc_runner **out, struct vc_tool *t,
		   const char *const *programs, int seconds)
{
	struct vc_runner *r = vc_alloc(1, sizeof(*r));
	char inside[VC_RUNNER_PATH + 2];
	int fds[2], err = make_folder(r);

	if (err)
		goto fail;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds)) {
		err = -errno;
		rmdir(r->folder);
		goto fail;
	}
	r->helper = fork();
	if (!r->helper)
		help(&(struct helper){ .folder = r->folder,
				       .programs = programs,
				       .limit = seconds * VC_SEC },
		     fds[0]);
	if (r->helper < 0)
		err = -errno;
	close(fds[0]);
	if (err) {
		close(fds[1]);
		rmdir(r->folder);
		goto fail;
	}
	r->fd = fds[1];
	r->signal_fd = watch_signals();
	snprintf(inside, sizeof(inside), "%s/", r->folder);
	vc_sandbox_allow(t, inside, VC_ALLOW_WRITE);
	*out = r;
	return 0;
fail:
	free(r);
	return err;
}

/* The helper's end is the end of its socket. */
static void end_helper(struct vc_runner *r)
{
	char rest[sizeof(struct answer)];
	ssize_t n;

	shutdown(r->fd, SHUT_WR);
	do {
		n = recv(r->fd, rest, sizeof(rest), 0);
	} while (n > 0 || (n < 0 && errno == EINTR));
	r->is_over = true;
}

void vc_runner_close(struct vc_runner *r)
{
	if (!r)
		return;
	if (!r->is_over)
		end_helper(r);
	close(r->fd);
	if (r->signal_fd >= 0)
		close(r->signal_fd);
	/* A sandbox may forbid that. */
	waitpid(r->helper, NULL, 0);
	free(r);
}

const char *vc_runner_folder(const struct vc_runner *r)
{
	return r->folder;
}

/* 0, or -errno: there will be no answer. */
static int await(struct vc_runner *r, struct answer *a)
{
	struct pollfd fds[] = { { r->fd, POLLIN, 0 },
				{ r->signal_fd, POLLIN, 0 } };

	do {
		if (poll(fds, VC_COUNT(fds), -1) < 0 && errno != EINTR)
			return -errno;
	} while (!fds[0].revents && !fds[1].revents);
	if (!fds[0].revents) {
		end_helper(r);
		return -EINTR;
	}
	return recv(r->fd, a, sizeof(*a), 0) == sizeof(*a) ? 0 : -EPIPE;
}

static int judge(const struct answer *a, char why[static 2 * VC_RUNNER_LINE])
{
	vc_escape(why, 2 * VC_RUNNER_LINE, a->line,
		  strnlen(a->line, sizeof(a->line)));
	if (a->err)
		return a->err;
	if (WIFEXITED(a->status) && !WEXITSTATUS(a->status))
		return 0;
	if (!why[0] && WIFEXITED(a->status))
		snprintf(why, 2 * VC_RUNNER_LINE, "it ended with %d",
			 WEXITSTATUS(a->status));
	else if (!why[0])
		snprintf(why, 2 * VC_RUNNER_LINE, "it was ended by signal %d",
			 WTERMSIG(a->status));
	return -ECHILD;
}

int vc_runner_run(struct vc_runner *r, const char *const *argv,
		  char why[static 2 * VC_RUNNER_LINE])
{
	char request[REQUEST];
	struct answer a;
	size_t len = 0;
	int err;

	why[0] = '\0';
	if (r->is_over)
		return -EINTR;
	for (size_t i = 0; argv[i]; i++) {
		size_t n = strlen(argv[i]) + 1;

		if (i == ARGS || len + n > sizeof(request))
			return -E2BIG;
		memcpy(request + len, argv[i], n);
		len += n;
	}
	if (send(r->fd, request, len, MSG_NOSIGNAL) < 0)
		return -errno;
	err = await(r, &a);
	return err ? err : judge(&a, why);
}
