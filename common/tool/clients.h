/* SPDX-License-Identifier: MIT */
/*
 * The sockets of the control module: listeners, and at most 16 clients with a
 * line buffer each and a bounded queue of replies. Used by tool/control.c.
 */
#ifndef VC_TOOL_CLIENTS_H
#define VC_TOOL_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>

#define VC_CLIENTS_MAX 16
#define VC_CLIENT_LINE 4096
#define VC_CLIENT_ANSWER (256 * 1024) /* with what waits to be read */

struct vc_clients;
struct vc_loop;

struct vc_clients_ops {
	/*
	 * A line of 'len' octets, ended by NUL, which may hold anything. The
	 * answer, without newline; it will be freed. '*follows' is set when
	 * the client is to get events from now on.
	 */
	char *(*line)(void *ctx, const char *line, size_t len, bool *follows);
	/* The answer to a line that is too long or has no end. */
	char *(*refuse)(void *ctx, const char *why);
	void *ctx;
};

struct vc_clients *vc_clients_new(struct vc_loop *loop,
				  const struct vc_clients_ops *ops);

/* Opens a socket at 'path' (0600; an own stale one is replaced). -errno. */
int vc_clients_listen(struct vc_clients *s, const char *path);

/* A line to all that follow. */
void vc_clients_tell(struct vc_clients *s, const char *text);
bool vc_clients_has_followers(const struct vc_clients *s);

/* Removes the names of the sockets, if they are still ours. */
void vc_clients_unlink(struct vc_clients *s);
void vc_clients_free(struct vc_clients *s);

#endif
