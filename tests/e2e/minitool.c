/* SPDX-License-Identifier: MIT */
/*
 * The least that a tool can be, for tests of what all tools share: a tick each
 * 100 ms of its clock, which is an event; commands that succeed and fail; its
 * answers on stdout.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/time.h"
#include "tool/control.h"
#include "tool/keys.h"
#include "tool/tool.h"

struct mini {
	struct vc_tool *tool;
	struct vc_timer timer;
	int64_t begin;
	int64_t ticks;
	int fail; /* exit code to be set at the end */
	bool is_slow_to_stop;
};

enum { KEY_FAIL = VC_KEY_OWN, KEY_SLOW, KEY_PAINT };

static const char *const paints[] = { "red", "green", "blue", NULL };

static const struct argp_option options[] = {
	{ "fail", KEY_FAIL, "CODES", 0, "end as if these had happened", 0 },
	{ "paint", KEY_PAINT, "red|green|blue", 0, "a choice", 0 },
	{ "slow", KEY_SLOW, NULL, 0, "do not stop at the first signal", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct mini *m = state->input;
	int64_t n;
	int word;

	switch (key) {
	case KEY_FAIL:
		vc_opt_int(state, arg, 0, 255, &n);
		m->fail = (int)n;
		return 0;
	case KEY_PAINT:
		return vc_opt_word(state, arg, paints, &word);
	case KEY_SLOW:
		m->is_slow_to_stop = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct vc_tool_info info = {
	.name = "minitool",
	.sentence = "Does nothing, ten times a second.",
	.args_doc = "[WORD...]",
	.io_doc = "Reads nothing, writes answers.",
	.examples = "minitool\nminitool -t 1s\nminitool --virtual -t 1h\n",
	.groups = VC_OPT_TIME | VC_OPT_VIRTUAL | VC_OPT_SEED | VC_OPT_CONTROL |
		  VC_OPT_STATS | VC_OPT_READY | VC_OPT_CNAME | VC_OPT_VIDEO |
		  VC_OPT_KEYS,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
};

/* --- commands --- */

static int say(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mini *m = ctx;

	(void)argc;
	printf("%lld ms: %s\n",
	       (long long)((vc_loop_now(vc_tool_loop(m->tool)) - m->begin) /
			   VC_MS),
	       argv[1]);
	fflush(stdout);
	vc_json_set_str(reply, "said", argv[1]);
	return 0;
}

static int refuse(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	(void)ctx;
	(void)argc;
	(void)argv;
	(void)reply;
	return -EPERM;
}

/* More than any socket holds. */
static int flood(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mini *m = ctx;

	(void)argc;
	(void)argv;
	(void)reply;
	for (int i = 0; i < 20000; i++) {
		struct vc_json *ev = vc_json_event("flood", i);

		vc_json_set_str(ev, "text", "some more octets for the queue");
		vc_control_event(m->tool, ev);
		vc_json_free(ev);
	}
	return 0;
}

static int recite(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	uint64_t n;
	char *text;

	(void)ctx;
	if (argc != 2 || vc_num_u64(argv[1], 1, 1000000, &n))
		return -EINVAL;
	text = vc_alloc(n + 1, 1);
	memset(text, 'a', n);
	vc_json_set_str(reply, "text", text);
	free(text);
	return 0;
}

/* Speaks to another tool, as a filter asks its producer. */
static int forward(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	int fd = -1;

	(void)ctx;
	if (argc != 3)
		return -EINVAL;
	vc_json_set_bool(reply, "may", vc_control_may_use(argv[1]));
	return vc_control_send(&fd, argv[1], argv[2]);
}

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int try_socket(int domain)
{
	int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int try_map(int prot)
{
	void *p = mmap(NULL, 4096, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -errno;
	return munmap(p, 4096) ? -errno : 0;
}

static void *idle(void *arg)
{
	return arg;
}

static int try_thread(void)
{
	pthread_t thread;
	int err = pthread_create(&thread, NULL, idle, NULL);

	return err ? -err : -pthread_join(thread, NULL);
}

static int try_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	return pid < 0 ? -errno : waitpid(pid, NULL, 0) < 0 ? -errno : 0;
}

/* What an intruder would do next: the reply has its errno's name. */
static int attempt(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	char *const args[] = { (char[]){ "true" }, NULL };
	const char *what = argc > 1 ? argv[1] : "";
	const char *path = argc > 2 ? argv[2] : "";
	int err = -EINVAL;

	(void)ctx;
	if (!strcmp(what, "read"))
		err = try_open(path, O_RDONLY);
	else if (!strcmp(what, "write"))
		err = try_open(path, O_WRONLY | O_CREAT);
	else if (!strcmp(what, "remove"))
		err = unlink(path) ? -errno : 0;
	else if (!strcmp(what, "local"))
		err = try_socket(AF_UNIX);
	else if (!strcmp(what, "internet"))
		err = try_socket(AF_INET);
	else if (!strcmp(what, "code"))
		err = try_map(PROT_READ | PROT_EXEC);
	else if (!strcmp(what, "memory"))
		err = try_map(PROT_READ | PROT_WRITE);
	else if (!strcmp(what, "thread"))
		err = try_thread();
	else if (!strcmp(what, "fork"))
		err = try_fork();
	else if (!strcmp(what, "exec"))
		err = execv("/bin/true", args) ? -errno : 0;
	vc_json_set_str(reply, "errno", err ? strerrorname_np(-err) : "0");
	return 0;
}

static int stop(void *ctx, int argc, char **argv, struct vc_json *reply)
{
	struct mini *m = ctx;

	(void)argc;
	(void)argv;
	(void)reply;
	vc_tool_stop(m->tool, "bye");
	return 0;
}

/* Asked before any of them. */
static int check(void *ctx, const struct vc_command *cmd, int argc, char **argv,
		 struct vc_json *reply)
{
	(void)ctx;
	(void)argv;
	return !strcmp(cmd->name, "say") && argc != 2 ?
		       vc_refuse(reply, -EINVAL, "one word, please") :
		       0;
}

static const struct vc_command commands[] = {
	{ "say", "WORD", "print a word", say },
	{ "refuse", "", "fail", refuse },
	{ "flood", "", "send 20000 events", flood },
	{ "recite", "N", "an answer that is so long", recite },
	{ "forward", "PATH LINE", "send a line to another tool", forward },
	{ "attempt", "WHAT [PATH]", "do what a tool may not", attempt },
	{ "stop", "", "end", stop },
	{ NULL, NULL, NULL, NULL },
};

/* --- running --- */

static void tick(void *ctx, int64_t now)
{
	struct mini *m = ctx;
	const struct vc_options *o = vc_tool_options(m->tool);
	struct vc_json *ev = vc_json_event("tick", now);

	vc_control_event(m->tool, ev);
	vc_json_free(ev);
	m->ticks++;
	if (o->duration && now - m->begin >= o->duration)
		vc_tool_stop(m->tool, "duration");
	else
		vc_timer_arm(vc_tool_loop(m->tool), &m->timer,
			     m->timer.deadline + 100 * VC_MS);
}

static void fill(void *ctx, struct vc_json *record)
{
	const struct mini *m = ctx;

	vc_json_set_int(record, "ticks", m->ticks);
}

static void keyframe(void *ctx)
{
	(void)ctx;
	puts("keyframe");
	fflush(stdout);
}

static void hold_on(void *ctx)
{
	struct mini *m = ctx;

	puts("not yet");
	fflush(stdout);
	vc_tool_ended(m->tool, "signal");
}

static int read_keys(struct vc_tool *t)
{
	struct vc_keys *keys;
	int err = vc_keys_read(&keys, t);

	if (keys)
		printf("%zu keys\n", vc_keys_n(keys));
	vc_keys_free(keys);
	return err;
}

static void run(struct mini *m)
{
	struct vc_tool *t = m->tool;
	struct vc_loop *loop = vc_tool_loop(t);

	if (read_keys(t))
		return;
	vc_control_add(t, commands, m);
	vc_control_check(t, check, m);
	vc_tool_on_keyframe(t, keyframe, m);
	if (m->is_slow_to_stop)
		vc_tool_on_signal(t, hold_on, m);
	if (vc_tool_options(t)->is_virtual)
		vc_loop_set_virtual(loop, VC_VIRTUAL_EPOCH);
	if (vc_control_private(t))
		vc_tool_ready(t, vc_control_private(t));
	vc_tool_on_stats(t, fill, m);
	if (vc_tool_start(t))
		return;
	m->begin = vc_loop_now(loop);
	m->timer.fn = tick;
	m->timer.ctx = m;
	vc_timer_arm(loop, &m->timer, m->begin + 100 * VC_MS);
	vc_control_begin(t, m->begin);
	vc_tool_run(t);
	printf("%lld ticks, cname %s\n", (long long)m->ticks, vc_tool_cname(t));
	vc_tool_off_stats(t, fill, m);
}

int main(int argc, char **argv)
{
	struct mini m = { .fail = 0 };

	m.tool = vc_tool_new(&info);
	vc_tool_parse(m.tool, argc, argv, &m);
	run(&m);
	for (int i = 0; i < 8; i++) {
		if (m.fail & 1 << i)
			vc_tool_set_exit(m.tool, (enum vc_exit)i);
	}
	return vc_tool_end(m.tool);
}
