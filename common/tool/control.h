/* SPDX-License-Identifier: MIT */
/*
 * The control socket: one command a line in, one JSON line out
 * ({"ok":true,...} or {"ok":false,"error":"..."}). `help` lists the commands,
 * `events` turns the connection into a stream of event lines. --at and
 * --script run the same commands by the tool's own clock, counted from the
 * stream's beginning. Lines are at most 4,096 octets, clients at most 16; one
 * that does not read is dropped (hostile.md K1').
 *
 * Live producers also have a private socket in $XDG_RUNTIME_DIR/vc/ or
 * /tmp/vc-UID/ (0700, ours), which a=x-vc-control names (vc-stream(7),
 * Feedback).
 */
#ifndef VC_TOOL_CONTROL_H
#define VC_TOOL_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

struct vc_json;
struct vc_tool;

/* Why not, into 'reply'; returns 'err', for a command to do the same. */
int vc_refuse(struct vc_json *reply, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

struct vc_command {
	const char *name;
	const char *args; /* "[SSRC]" */
	const char *help; /* one line */
	/*
	 * argv[0] is the name. 0, or -errno with a reason by vc_refuse() (the
	 * module adds strerror() where there is none).
	 */
	int (*run)(void *ctx, int argc, char **argv, struct vc_json *reply);
};

/* Adds commands (table ends with name NULL); before vc_tool_start(). */
void vc_control_add(struct vc_tool *t, const struct vc_command *commands,
		    void *ctx);

/*
 * What can be said of a command before it is carried out: 0, or as by its run().
 * It is asked of each, and at the start of those of --at and --script, where a
 * refusal is wrong usage.
 */
typedef int vc_command_check(void *ctx, const struct vc_command *cmd, int argc,
			     char **argv, struct vc_json *reply);
void vc_control_check(struct vc_tool *t, vc_command_check *check, void *ctx);

/*
 * The stream has begun: gives --at and --script their zero and, on the virtual
 * clock, the statistics too; without --seed the seed of a virtual stream is 1
 * from here on, so nothing is drawn before. Only the first call counts.
 */
void vc_control_begin(struct vc_tool *t, int64_t stream_start);

/* Sends an event's line to those who follow `events`. Borrows 'event'. */
void vc_control_event(struct vc_tool *t, const struct vc_json *event);

/*
 * The private socket's path, made (with its folder) on first use; NULL when
 * it cannot be. Removed at the end.
 */
const char *vc_control_private(struct vc_tool *t);

/* True for a path in our private folder, owned by us, whose peer may be
 * spoken to by the rules of vc-stream(7), Feedback. */
bool vc_control_may_use(const char *path);

/*
 * Client side, never blocks: sends one line to the socket at 'path' on a
 * descriptor that it keeps in '*fd' (-1 at first; -1 again after an error, to
 * be opened anew by the next call). Replies are read and thrown away. The
 * peer's uid must be ours. 0 or -errno.
 */
int vc_control_send(int *fd, const char *path, const char *line);

#endif
