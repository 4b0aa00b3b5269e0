/* SPDX-License-Identifier: MIT */
/*
 * Telling others that everything is open: lines to --ready, which is then
 * closed, and READY=1 to the service manager as sd_notify(3) does it, which is
 * one datagram to the socket that NOTIFY_SOCKET names.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "tool/internal.h"
#include "tool/place.h"

int vc_ready_open(struct vc_tool *t)
{
	const char *text = t->opt.ready;
	char why[256], safe[256];
	struct vc_place p;
	int err;

	if (!text)
		return 0;
	vc_escape(safe, sizeof(safe), text, strlen(text));
	if (vc_place_parse(&p, text, false, why, sizeof(why)))
		vc_tool_usage(t, "--ready %s: %s", safe, why);
	err = vc_place_open_write(t, &p, &t->ready_fd);
	if (err)
		vc_tool_fail(t, VC_EXIT_FAIL, "--ready %s: open: %s", safe,
			     strerror(-err));
	return err;
}

static void notify(struct vc_tool *t, const char *path)
{
	static const char text[] = "READY=1";
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	size_t len = strlen(path);
	int fd;

	if (len < 2 || len >= sizeof(un.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(un.sun_path, path, len);
	if (path[0] == '@')
		un.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    sendto(fd, text, strlen(text), MSG_NOSIGNAL,
		   (const struct sockaddr *)(const void *)&un,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) <
		    0)
		vc_tool_warn(t, "NOTIFY_SOCKET: send: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}

int vc_ready_write(struct vc_tool *t)
{
	const char *manager = getenv("NOTIFY_SOCKET");
	int err = 0;

	if (manager)
		notify(t, manager);
	if (t->ready_fd < 0)
		return 0;
	/* Somebody waits for a line, also where there is no endpoint. */
	if (!t->ready.n)
		err = vc_write_all(t->ready_fd, "ready\n", 6);
	for (size_t i = 0; i < t->ready.n && !err; i++) {
		char line[1024];
		int n = snprintf(line, sizeof(line), "ready %s\n",
				 t->ready.v[i]);

		err = vc_write_all(t->ready_fd, line,
				   (size_t)n < sizeof(line) ? (size_t)n :
							      sizeof(line) - 1);
	}
	close(t->ready_fd);
	t->ready_fd = -1;
	if (err && err != -EPIPE)
		vc_tool_fail(t, VC_EXIT_FAIL, "--ready: write: %s",
			     strerror(-err));
	return err == -EPIPE ? 0 : err;
}
