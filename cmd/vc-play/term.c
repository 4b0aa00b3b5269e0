/* SPDX-License-Identifier: MIT */
/*
 * The terminal is opened once more by its name, so that O_NONBLOCK is ours
 * alone. A guard, a child that does nothing but wait for the end of a pipe,
 * puts the terminal back when this process is gone without having done so:
 * killed, crashed, or ended by a second signal. What is said on the standard
 * error meanwhile goes into memory and comes out at the end.
 */
#include "term.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
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
#define CTRL_L 12

struct term {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_watch watch;
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
	void (*redraw)(void *ctx);
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

static void stand_guard(const struct term *m, int fd)
{
	sigset_t all;
	char c;
	ssize_t n;

	/* Ours is another session: what the terminal sends is not for us. */
	setsid();
	prctl(PR_SET_NAME, "vc-play-guard");
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	close_others(m->fd, fd);
	do {
		n = read(fd, &c, 1);
	} while (n < 0 && errno == EINTR);
	if (n == 1)
		_exit(0);
	fcntl(m->fd, F_SETFL, 0);
	vc_write_all(m->fd, LEAVE, strlen(LEAVE));
	tcsetattr(m->fd, TCSANOW, &m->before);
	_exit(0);
}

static int start_guard(struct term *m)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	m->guard = fork();
	if (!m->guard)
		stand_guard(m, fds[0]);
	close(fds[0]);
	m->guard_fd = fds[1];
	return m->guard < 0 ? -errno : 0;
}

static void dismiss_guard(struct term *m)
{
	if (m->guard_fd < 0)
		return;
	vc_write_all(m->guard_fd, "q", 1);
	close(m->guard_fd);
	if (m->guard > 0)
		waitpid(m->guard, NULL, 0);
}

/* --- what is said meanwhile --- */

static void keep_talk(struct term *m)
{
	m->said_fd = m->stderr_fd = -1;
	if (!isatty(STDERR_FILENO))
		return;
	m->said_fd = memfd_create("said", MFD_CLOEXEC);
	m->stderr_fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	if (m->said_fd >= 0 && m->stderr_fd >= 0)
		dup2(m->said_fd, STDERR_FILENO);
}

static void let_talk(struct term *m)
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

const char *term_said(struct term *m)
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

static int open_again(void)
{
	const char *name = ttyname(STDOUT_FILENO);
	int flags = O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = name ? open(name, flags) : -1;

	return fd < 0 ? open("/dev/tty", flags) : fd;
}

int term_open(struct term **out, struct vc_tool *t)
{
	struct term *m = vc_alloc(1, sizeof(*m));
	struct termios raw;
	int err = 0;

	m->tool = t;
	m->loop = vc_tool_loop(t);
	m->guard_fd = m->said_fd = m->stderr_fd = -1;
	m->watch.fd = -1;
	m->fd = open_again();
	if (m->fd < 0 || tcgetattr(m->fd, &m->before))
		err = -errno;
	if (!err)
		err = start_guard(m);
	if (err) {
		if (m->fd >= 0)
			close(m->fd);
		dismiss_guard(m);
		free(m);
		return err;
	}
	raw = m->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VSUSP] = _POSIX_VDISABLE;
	tcsetattr(m->fd, TCSANOW, &raw);
	keep_talk(m);
	term_write(m, ENTER, strlen(ENTER));
	*out = m;
	return 0;
}

void term_close(struct term *m)
{
	if (!m)
		return;
	if (m->watch.fd >= 0)
		vc_loop_watch(m->loop, &m->watch, 0);
	/* What it did not take is of no use any longer. */
	tcflush(m->fd, TCOFLUSH);
	fcntl(m->fd, F_SETFL, 0);
	vc_write_all(m->fd, LEAVE, strlen(LEAVE));
	tcsetattr(m->fd, TCSANOW, &m->before);
	dismiss_guard(m);
	let_talk(m);
	close(m->fd);
	free(m->rest);
	free(m);
}

void term_size(const struct term *m, int *cols, int *rows)
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

static void flush(struct term *m)
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

bool term_is_free(const struct term *m)
{
	return !m->len;
}

static void append(struct term *m, const char *text, size_t len)
{
	char *rest = realloc(m->rest, m->len + len);

	if (!rest)
		return;
	m->rest = rest;
	memcpy(rest + m->len, text, len);
	m->len += len;
}

void term_write(struct term *m, const char *text, size_t len)
{
	if (!len)
		return;
	append(m, SYNC_BEGIN, strlen(SYNC_BEGIN));
	append(m, text, len);
	append(m, SYNC_END, strlen(SYNC_END));
	flush(m);
}

static void on_event(void *ctx, unsigned int events)
{
	struct term *m = ctx;
	char keys[64];
	ssize_t n;

	if (events & VC_WRITE)
		flush(m);
	n = read(m->fd, keys, sizeof(keys));
	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		vc_loop_watch(m->loop, &m->watch, 0);
		m->watch.fd = -1;
		vc_tool_stop(m->tool, "signal");
	}
	for (ssize_t i = 0; i < n; i++) {
		if (keys[i] == 'q' || keys[i] == 'Q')
			vc_tool_stop(m->tool, "signal");
		if (keys[i] == CTRL_L)
			m->redraw(m->ctx);
	}
}

void term_start(struct term *m, void (*redraw)(void *ctx), void *ctx)
{
	m->redraw = redraw;
	m->ctx = ctx;
	m->watch = (struct vc_watch){ .fn = on_event, .ctx = m, .fd = m->fd };
	vc_loop_watch(m->loop, &m->watch, VC_READ);
	flush(m);
}
