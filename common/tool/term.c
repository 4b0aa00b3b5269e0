/* SPDX-License-Identifier: MIT */
/*
 * The terminal is opened once more by its name, so that O_NONBLOCK is ours
 * alone. A guard, a child that does nothing but wait for the end of a pair of
 * sockets, puts the terminal back: when it is asked to, as a sandbox does not
 * let this process do it, and when this process is gone, killed, crashed, or
 * ended by a second signal. What is said on the standard error meanwhile goes
 * into memory and comes out at the end.
 */
#include "tool/term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/io.h"
#include "base/mem.h"
#include "media/cells.h"
#include "tool/tool.h"

/* Another screen without cursor, and back. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[0m\033[?2026l\033[?25h\033[?1049l"
/* What is between the two is shown at once, where a terminal knows that. */
#define SYNC_BEGIN "\033[?2026h"
#define SYNC_END "\033[0m\033[?2026l"

#define SAID_MAX (64 << 10) /* octets of talk that are kept */

struct vc_term {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_watch watch;
	struct vc_watch winch; /* another size */
	struct termios before;
	int fd;
	pid_t guard;
	int guard_fd;
	int said_fd; /* the talk in memory; -1: stderr is as it was */
	int stderr_fd;
	char said[512];
	off_t said_len;
	char *rest;
	size_t start, len;
	void (*key)(void *ctx, int key);
	void *ctx;
};

/* --- the guard --- */

static void close_others(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;

	if (low > 0)
		close_range(0, (unsigned int)low - 1, 0);
	if (high > low + 1)
		close_range((unsigned int)low + 1, (unsigned int)high - 1, 0);
	close_range((unsigned int)high + 1, ~0u, 0);
}

static void stand_guard(const struct vc_term *m, int fd)
{
	sigset_t all;
	char c;
	ssize_t n;

	/* Ours is another session: what the terminal sends is not for us. */
	setsid();
	prctl(PR_SET_NAME, "vc-term-guard");
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	close_others(m->fd, fd);
	do {
		n = read(fd, &c, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	/* What it did not take is of no use any longer. */
	tcflush(m->fd, TCOFLUSH);
	fcntl(m->fd, F_SETFL, 0);
	vc_write_all(m->fd, LEAVE, strlen(LEAVE));
	tcsetattr(m->fd, TCSANOW, &m->before);
	_exit(0);
}

static int start_guard(struct vc_term *m)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds))
		return -errno;
	m->guard = fork();
	if (!m->guard)
		stand_guard(m, fds[0]);
	close(fds[0]);
	m->guard_fd = fds[1];
	return m->guard < 0 ? -errno : 0;
}

/* With the terminal put back by it, or without. */
static void end_guard(struct vc_term *m, bool is_used)
{
	char c;

	if (m->guard_fd < 0)
		return;
	if (is_used)
		shutdown(m->guard_fd, SHUT_WR);
	else
		vc_write_all(m->guard_fd, "q", 1);
	while (read(m->guard_fd, &c, 1) < 0 && errno == EINTR)
		;
	close(m->guard_fd);
	/* A sandbox may forbid that. */
	if (m->guard > 0)
		waitpid(m->guard, NULL, 0);
}

/* --- what is said meanwhile --- */

static void keep_talk(struct vc_term *m)
{
	m->said_fd = m->stderr_fd = -1;
	if (!isatty(STDERR_FILENO))
		return;
	m->said_fd = memfd_create("said", MFD_CLOEXEC);
	m->stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (m->said_fd >= 0 && m->stderr_fd >= 0)
		dup2(m->said_fd, STDERR_FILENO);
}

static void let_talk(struct vc_term *m)
{
	char buf[4096];
	off_t at = 0;
	ssize_t n;

	if (m->stderr_fd >= 0) {
		dup2(m->stderr_fd, STDERR_FILENO);
		close(m->stderr_fd);
	}
	while (m->said_fd >= 0 && at < SAID_MAX) {
		n = pread(m->said_fd, buf, sizeof(buf), at);
		if (n <= 0)
			break;
		vc_write_all(STDERR_FILENO, buf, (size_t)n);
		at += n;
	}
	if (m->said_fd >= 0)
		close(m->said_fd);
}

const char *vc_term_said(struct vc_term *m)
{
	struct stat st;
	char *line;
	off_t from;
	ssize_t n;

	if (m->said_fd < 0 || fstat(m->said_fd, &st) ||
	    st.st_size == m->said_len)
		return m->said;
	m->said_len = st.st_size;
	from = st.st_size - (off_t)sizeof(m->said) + 1;
	n = pread(m->said_fd, m->said, sizeof(m->said) - 1,
		  from > 0 ? from : 0);
	m->said[n > 0 ? n : 0] = '\0';
	while (n > 0 && m->said[n - 1] == '\n')
		m->said[--n] = '\0';
	line = strrchr(m->said, '\n');
	if (line)
		memmove(m->said, line + 1, strlen(line));
	return m->said;
}

/* --- life --- */

static int open_again(bool is_beside)
{
	const char *name = is_beside ? NULL : ttyname(STDOUT_FILENO);
	int flags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = name ? open(name, flags) : -1;

	return fd < 0 ? open("/dev/tty", flags) : fd;
}

int vc_term_open(struct vc_term **out, struct vc_tool *t, bool is_beside)
{
	struct vc_term *m = vc_alloc(1, sizeof(*m));
	struct termios raw;
	int err = 0;

	m->tool = t;
	m->loop = vc_tool_loop(t);
	m->guard_fd = m->said_fd = m->stderr_fd = -1;
	m->watch.fd = m->winch.fd = -1;
	m->fd = open_again(is_beside);
	if (m->fd < 0 || tcgetattr(m->fd, &m->before))
		err = -errno;
	if (!err)
		err = start_guard(m);
	if (err) {
		if (m->fd >= 0)
			close(m->fd);
		end_guard(m, false);
		free(m);
		return err;
	}
	raw = m->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(m->fd, TCSANOW, &raw);
	keep_talk(m);
	vc_term_write(m, ENTER, strlen(ENTER));
	*out = m;
	return 0;
}

void vc_term_close(struct vc_term *m)
{
	if (!m)
		return;
	if (m->watch.fd >= 0)
		vc_loop_watch(m->loop, &m->watch, 0);
	if (m->winch.fd >= 0) {
		vc_loop_watch(m->loop, &m->winch, 0);
		close(m->winch.fd);
	}
	end_guard(m, true);
	let_talk(m);
	close(m->fd);
	free(m->rest);
	free(m);
}

void vc_term_size(const struct vc_term *m, int *cols, int *rows)
{
	struct winsize ws;

	*cols = 80;
	*rows = 24;
	if (ioctl(m->fd, TIOCGWINSZ, &ws) || !ws.ws_col || !ws.ws_row)
		return;
	*cols = ws.ws_col < VC_CELLS_MAX_COLS ? ws.ws_col : VC_CELLS_MAX_COLS;
	*rows = ws.ws_row < VC_CELLS_MAX_ROWS ? ws.ws_row : VC_CELLS_MAX_ROWS;
}

/* --- in and out --- */

static void flush(struct vc_term *m)
{
	ssize_t n = 0;

	while (m->start < m->len && n >= 0) {
		n = write(m->fd, m->rest + m->start, m->len - m->start);
		if (n > 0)
			m->start += (size_t)n;
	}
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		m->start = m->len;
	if (m->start == m->len)
		m->start = m->len = 0;
	if (m->watch.fd >= 0)
		vc_loop_watch(m->loop, &m->watch,
			      m->len ? VC_READ | VC_WRITE : VC_READ);
}

bool vc_term_is_free(const struct vc_term *m)
{
	return !m->len;
}

static void append(struct vc_term *m, const char *text, size_t len)
{
	char *rest = realloc(m->rest, m->len + len);

	if (!rest)
		return;
	m->rest = rest;
	memcpy(rest + m->len, text, len);
	m->len += len;
}

void vc_term_write(struct vc_term *m, const char *text, size_t len)
{
	if (!len)
		return;
	append(m, SYNC_BEGIN, strlen(SYNC_BEGIN));
	append(m, text, len);
	append(m, SYNC_END, strlen(SYNC_END));
	flush(m);
}

/* "ESC [ A" and its like, 'n' octets of it at most: its length. */
static ssize_t escape_key(const char *s, ssize_t n, int *key)
{
	static const struct {
		const char *text;
		int key;
	} keys[] = {
		{ "\033[A", VC_TERM_UP },
		{ "\033OA", VC_TERM_UP },
		{ "\033[B", VC_TERM_DOWN },
		{ "\033OB", VC_TERM_DOWN },
		{ "\033[5~", VC_TERM_PAGE_UP },
		{ "\033[6~", VC_TERM_PAGE_DOWN },
		{ "\033[H", VC_TERM_HOME },
		{ "\033OH", VC_TERM_HOME },
		{ "\033[1~", VC_TERM_HOME },
		{ "\033[F", VC_TERM_END },
		{ "\033OF", VC_TERM_END },
		{ "\033[4~", VC_TERM_END },
	};

	for (size_t i = 0; i < VC_COUNT(keys); i++) {
		ssize_t len = (ssize_t)strlen(keys[i].text);

		if (len > n || memcmp(s, keys[i].text, (size_t)len))
			continue;
		*key = keys[i].key;
		return len;
	}
	*key = *s & 0xff;
	return 1;
}

static void on_event(void *ctx, unsigned int events)
{
	struct vc_term *m = ctx;
	char keys[64];
	ssize_t n, at = 0;
	int key;

	if (events & VC_WRITE)
		flush(m);
	n = read(m->fd, keys, sizeof(keys));
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		vc_loop_watch(m->loop, &m->watch, 0);
		m->watch.fd = -1;
		vc_tool_stop(m->tool, "signal");
	}
	while (at < n) {
		at += escape_key(keys + at, n - at, &key);
		m->key(m->ctx, key);
	}
}

static void on_winch(void *ctx, unsigned int events)
{
	struct signalfd_siginfo info;
	struct vc_term *m = ctx;

	(void)events;
	while (read(m->winch.fd, &info, sizeof(info)) > 0)
		;
	m->key(m->ctx, VC_TERM_RESIZED);
}

static void watch_size(struct vc_term *m)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		return;
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (fd < 0)
		return;
	m->winch = (struct vc_watch){ .fn = on_winch, .ctx = m, .fd = fd };
	vc_loop_watch(m->loop, &m->winch, VC_READ);
}

void vc_term_start(struct vc_term *m, void (*key)(void *ctx, int key),
		   void *ctx)
{
	m->key = key;
	m->ctx = ctx;
	m->watch = (struct vc_watch){ .fn = on_event, .ctx = m, .fd = m->fd };
	vc_loop_watch(m->loop, &m->watch, VC_READ);
	watch_size(m);
	flush(m);
}

enum vc_cells_colours vc_term_colours(void)
{
	const char *no = getenv("NO_COLOR"), *more = getenv("COLORTERM");
	const char *term = getenv("TERM");

	if ((no && *no) || (term && !strcmp(term, "dumb")))
		return VC_CELLS_NONE;
	if (more && (!strcmp(more, "truecolor") || !strcmp(more, "24bit")))
		return VC_CELLS_TRUE;
	return VC_CELLS_256;
}
