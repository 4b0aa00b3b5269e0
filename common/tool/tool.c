/* SPDX-License-Identifier: MIT */
/*
 * A tool's life, its talk and its end. Exit codes are collected as a set, and
 * the strongest of them is returned at the end, so that the order in which
 * things go wrong does not matter. Each line of talk is one write(), because
 * the tools of a pipeline share a terminal.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "net/udp.h"
#include "tool/internal.h"
#include "tool/reading.h"
#include "tool/sandbox.h"
#include "tool/sealkeys.h"

#define AUTO_BATCH (2 * VC_MS)

/*
 * A standard descriptor that is closed would be taken by the first file that
 * is opened, and media written into it. Read-only stdout fails as a closed
 * one does.
 */
static void keep_standard_fds(void)
{
	static const int modes[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	for (int fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", modes[fd]) != fd)
			_exit(VC_EXIT_FAIL);
	}
}

/* Each destination, input and reader takes one: the usual 1024 are not many,
 * and more are no harm to who uses no select(). */
static void raise_fds(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) || r.rlim_cur == r.rlim_max)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

struct vc_tool *vc_tool_new(const struct vc_tool_info *info)
{
	struct vc_tool *t = vc_alloc(1, sizeof(*t));

	keep_standard_fds();
	raise_fds();
	signal(SIGPIPE, SIG_IGN);
	t->info = info;
	t->ready_fd = -1;
	t->was_dumpable = prctl(PR_GET_DUMPABLE);
	vc_strlcpy(t->prefix, info->name, sizeof(t->prefix));
	t->loop = vc_loop_new();
	if (!t->loop) {
		fprintf(stderr, "%s: no descriptor for the loop\n", info->name);
		exit(VC_EXIT_FAIL);
	}
	t->pool = vc_pool_new();
	t->stats = vc_stats_new(t);
	t->status = vc_status_new(t);
	t->control = vc_control_new(t);
	return t;
}

/* --- talk --- */

static void say(const struct vc_tool *t, const char *extra, const char *fmt,
		va_list ap) __attribute__((format(printf, 3, 0)));

static void say(const struct vc_tool *t, const char *extra, const char *fmt,
		va_list ap)
{
	char line[4096], text[4096];
	int n = snprintf(line, sizeof(line), "%s: ", t->prefix);
	size_t len = (size_t)n, room = sizeof(line) - len - 1;
	int m = vsnprintf(text, sizeof(text), fmt, ap);

	/* Words of others are in it, such as those of the command line. */
	if (m > 0)
		len += vc_escape_rest(line + len, room, text,
				      strnlen(text, sizeof(text)));
	room = sizeof(line) - len - 1;
	m = snprintf(line + len, room, "%s", extra);
	if (m > 0)
		len += (size_t)m < room ? (size_t)m : room - 1;
	line[len] = '\n';
	vc_status_wipe(t->status);
	/* Whoever closed stderr does not want to hear of it. */
	if (write(STDERR_FILENO, line, len + 1) < 0)
		return;
}

void vc_tool_warn(struct vc_tool *t, const char *fmt, ...)
{
	va_list ap;

	if (t->opt.verbose < 0)
		return;
	va_start(ap, fmt);
	say(t, "", fmt, ap);
	va_end(ap);
}

void vc_tool_note(struct vc_tool *t, const char *fmt, ...)
{
	va_list ap;

	if (t->opt.verbose < 1)
		return;
	va_start(ap, fmt);
	say(t, "", fmt, ap);
	va_end(ap);
}

bool vc_tool_warn_limited(struct vc_tool *t, struct vc_limit *limit,
			  const char *fmt, ...)
{
	int64_t now = vc_mono_now();
	char extra[64] = "";
	va_list ap;

	if (t->opt.verbose < 0)
		return true;
	if (limit->last && now - limit->last < VC_SEC) {
		limit->left_out++;
		return false;
	}
	if (limit->left_out)
		snprintf(extra, sizeof(extra), " (and %llu more like it)",
			 (unsigned long long)limit->left_out);
	limit->last = now;
	limit->left_out = 0;
	va_start(ap, fmt);
	say(t, extra, fmt, ap);
	va_end(ap);
	return true;
}

void vc_tool_set_exit(struct vc_tool *t, enum vc_exit code)
{
	t->exits |= 1u << code;
}

bool vc_tool_has_failed(const struct vc_tool *t)
{
	return t->exits & ~(1u << VC_EXIT_OK);
}

void vc_tool_fail(struct vc_tool *t, enum vc_exit code, const char *fmt, ...)
{
	va_list ap;

	vc_tool_set_exit(t, code);
	if (!t->failed[0]) {
		va_start(ap, fmt);
		vsnprintf(t->failed, sizeof(t->failed), fmt, ap);
		va_end(ap);
	}
	va_start(ap, fmt);
	say(t, "", fmt, ap);
	va_end(ap);
}

const char *vc_tool_failed(const struct vc_tool *t)
{
	return t->failed;
}

void vc_tool_usage(struct vc_tool *t, const char *fmt, ...)
{
	char extra[128];
	va_list ap;

	/* As argp says it. */
	snprintf(extra, sizeof(extra),
		 "\nTry `%s --help' or `%s --usage' for more information.",
		 t->info->name, t->info->name);
	va_start(ap, fmt);
	say(t, extra, fmt, ap);
	va_end(ap);
	vc_control_unlink(t->control);
	/* Callers hold memory that nobody will free: that is no leak. */
	fflush(stdout);
	_exit(VC_EXIT_USAGE);
}

/* --- what it has --- */

const char *vc_tool_name(const struct vc_tool *t)
{
	return t->info->name;
}

const struct vc_options *vc_tool_options(const struct vc_tool *t)
{
	return &t->opt;
}

struct vc_options *vc_tool_options_mut(struct vc_tool *t)
{
	return &t->opt;
}

struct vc_loop *vc_tool_loop(const struct vc_tool *t)
{
	return t->loop;
}

struct vc_pool *vc_tool_pool(const struct vc_tool *t)
{
	return t->pool;
}

struct vc_udp_io *vc_tool_udp_io(struct vc_tool *t)
{
	if (!t->udp_io)
		t->udp_io = vc_udp_io_new(t->pool);
	return t->udp_io;
}

const struct vc_rand *vc_tool_rand(const struct vc_tool *t)
{
	return &t->rand;
}

void vc_tool_bind_rand(struct vc_tool *t)
{
	const struct vc_options *o = &t->opt;
	const char *name = o->name ? o->name : o->cname ? o->cname : o->tag;

	vc_rand_init(&t->rand, o->seed, t->info->name, name);
}

/* 96 bits are 16 characters of base64, without padding. */
void vc_tool_draw_cname(const struct vc_tool *t, const char *purpose,
			char out[static VC_CNAME_DRAWN])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	uint64_t bits = 0;

	for (size_t i = 0; i < VC_CNAME_DRAWN - 1; i++) {
		if (i % 8 == 0)
			bits = vc_rand_u64(&t->rand, purpose, i / 8);
		out[i] = digits[bits & 63];
		bits >>= 6;
	}
	out[VC_CNAME_DRAWN - 1] = '\0';
}

const char *vc_tool_cname(struct vc_tool *t)
{
	if (t->opt.cname)
		return t->opt.cname;
	if (!t->cname[0])
		vc_tool_draw_cname(t, "cname", t->cname);
	return t->cname;
}

/* --- life --- */

/* Operands are inputs, except of a tool that has -i for those. */
static void note_inputs(struct vc_tool *t)
{
	unsigned int groups = t->info->groups;

	if (groups & VC_OPT_IN)
		vc_reading_note(t, &t->opt.in,
				(groups & VC_OPT_READ) && !t->opt.args.n);
	else if (groups & (VC_OPT_READ | VC_OPT_OUT))
		vc_reading_note(t, &t->opt.args, groups & VC_OPT_READ);
}

void vc_tool_parse(struct vc_tool *t, int argc, char **argv, void *own)
{
	vc_opt_parse(t, argc, argv, own);
	if (t->opt.tag)
		snprintf(t->prefix, sizeof(t->prefix), "%s[%s]", t->info->name,
			 t->opt.tag);
	vc_tool_bind_rand(t);
	note_inputs(t);
}

static void take_signal(void *ctx, int signo)
{
	struct vc_tool *t = ctx;

	if (signo == SIGUSR1) {
		if (t->on_keyframe)
			t->on_keyframe(t->keyframe_ctx);
		return;
	}
	if (signo == SIGHUP && t->on_hangup) {
		t->on_hangup(t->hangup_ctx);
		return;
	}
	if (t->first_signal) {
		vc_control_unlink(t->control);
		_exit(128 + signo);
	}
	t->first_signal = signo;
	vc_loop_hurry(t->loop);
	if (t->on_signal)
		t->on_signal(t->signal_ctx);
	else
		vc_tool_stop(t, "signal");
}

/* The terminal has gone: an end as by SIGTERM, unless the tool reads a file
 * again then, or whoever started it wants it to go on (nohup). */
static bool hears_hangup(const struct vc_tool *t)
{
	struct sigaction sa;

	return t->on_hangup || sigaction(SIGHUP, NULL, &sa) ||
	       sa.sa_handler != SIG_IGN;
}

int vc_tool_start(struct vc_tool *t)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGUSR1, SIGHUP };
	int err = vc_stats_open(t->stats);

	if (!err)
		err = vc_ready_open(t);
	if (err)
		return err;
	err = vc_loop_signals(t->loop, signals,
			      VC_COUNT(signals) - !hears_hangup(t), take_signal,
			      t);
	if (err) {
		vc_tool_fail(t, VC_EXIT_FAIL, "signals: %s", strerror(-err));
		return err;
	}
	err = vc_control_start(t->control);
	if (err)
		return err;
	t->has_started = true;
	vc_sandbox_enter(t);
	return vc_ready_write(t);
}

void vc_tool_batch(struct vc_tool *t)
{
	vc_loop_set_batch(t->loop,
			  t->opt.batch < 0 ? AUTO_BATCH : t->opt.batch);
}

void vc_tool_run(struct vc_tool *t)
{
	int err = vc_loop_run(t->loop);

	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "loop: %s", strerror(-err));
}

void vc_tool_on_signal(struct vc_tool *t, void (*fn)(void *ctx), void *ctx)
{
	t->on_signal = fn;
	t->signal_ctx = ctx;
}

void vc_tool_on_hangup(struct vc_tool *t, void (*fn)(void *ctx), void *ctx)
{
	t->on_hangup = fn;
	t->hangup_ctx = ctx;
}

void vc_tool_on_keyframe(struct vc_tool *t, void (*fn)(void *ctx), void *ctx)
{
	t->on_keyframe = fn;
	t->keyframe_ctx = ctx;
}

void vc_tool_ready(struct vc_tool *t, const char *what)
{
	vc_words_add(&t->ready, vc_strdup(what));
}

/* --- the end --- */

void vc_tool_ended(struct vc_tool *t, const char *why)
{
	if (!t->ended[0])
		vc_strlcpy(t->ended, why, sizeof(t->ended));
}

void vc_tool_stop(struct vc_tool *t, const char *why)
{
	vc_tool_ended(t, why);
	vc_loop_stop(t->loop);
}

/* A full disk shows here at the latest; a reader that left is no error. */
static void check_stdout(struct vc_tool *t)
{
	struct pollfd p = { .fd = STDOUT_FILENO };
	bool had_data = __fpending(stdout), had_error = ferror(stdout);
	int err = fflush(stdout) ? errno : had_error ? EIO : 0;

	if (err == EIO && poll(&p, 1, 0) > 0 && (p.revents & POLLERR))
		err = EPIPE;
	if (close(STDOUT_FILENO) && !err && errno != EBADF)
		err = errno;
	if (err == EPIPE || (err == EBADF && !had_data))
		return;
	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "stdout: write: %s",
			     strerror(err));
}

static int strongest(unsigned int exits)
{
	static const int order[] = { VC_EXIT_USAGE, VC_EXIT_AUTH, VC_EXIT_FAIL,
				     VC_EXIT_NO_MEDIA, VC_EXIT_EXPECT };

	for (size_t i = 0; i < VC_COUNT(order); i++) {
		if (exits & 1u << order[i])
			return order[i];
	}
	return VC_EXIT_OK;
}

static void free_words(struct vc_tool *t)
{
	struct vc_words *all[] = { &t->opt.in,
				   &t->opt.out,
				   &t->opt.pt,
				   &t->opt.stop_on,
				   &t->opt.at,
				   &t->opt.select,
				   &t->opt.args,
				   &t->opt.key_file,
				   &t->opt.dtls_fingerprint,
				   &t->opt.decrypt_key_file,
				   &t->ready };

	for (size_t i = 0; i < t->ready.n; i++)
		free((void *)(uintptr_t)t->ready.v[i]);
	for (size_t i = 0; i < VC_COUNT(all); i++)
		free(all[i]->v);
}

int vc_tool_end(struct vc_tool *t)
{
	int code = strongest(t->exits);

	vc_tool_ended(t, code == VC_EXIT_FAIL ? "error" : "eof");
	vc_status_free(t->status);
	t->status = NULL;
	vc_stats_end(t->stats);
	vc_control_free(t->control);
	check_stdout(t);
	free(t->reading);
	t->reading = NULL;
	t->n_reading = 0;
	code = strongest(t->exits);
	if (t->ready_fd >= 0)
		close(t->ready_fd);
	free_words(t);
	vc_sealkeys_end(t);
	vc_secure_free(t->secure);
	vc_sandbox_free(t->sandbox);
	vc_loop_free(t->loop);
	vc_udp_io_free(t->udp_io);
	vc_pool_free(t->pool);
	/* Leak checkers look at the process when all is over. */
	if (t->was_dumpable == 1)
		(void)prctl(PR_SET_DUMPABLE, 1);
	free(t);
	return code;
}
