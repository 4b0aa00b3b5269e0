/* SPDX-License-Identifier: MIT */
/*
 * Nothing here waits. A client's octets go into its line buffer; a line that
 * does not fit is refused once and skipped to its end. Answers go out at once
 * as far as the socket takes them; the rest is queued, and a client whose
 * queue is full is dropped, but not while its own command is being run. Out of
 * descriptors, the listener gives up its reserve to take the connection and
 * close it, or it would be told of it for ever.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "net/loop.h"
#include "tool/clients.h"
#include "tool/place.h"

#define MAX_LISTENERS 2

struct listener {
	struct vc_watch watch;
	struct vc_clients *all;
	char path[108];
	dev_t dev;
	ino_t ino;
};

struct client {
	struct vc_watch watch;
	struct vc_clients *all;
	char line[VC_CLIENT_LINE + 1];
	size_t len;
	bool is_skipping; /* to the end of a line that was refused */
	bool has_ended;	  /* it will send no more */
	bool follows;
	bool is_dead;
	char *queue;
	size_t queue_len;
};

struct vc_clients {
	struct vc_loop *loop;
	struct vc_clients_ops ops;
	struct listener listeners[MAX_LISTENERS];
	size_t n_listeners;
	struct client *clients[VC_CLIENTS_MAX];
	size_t n;
	struct client *served; /* its callback is running */
	int reserve_fd;
};

struct vc_clients *vc_clients_new(struct vc_loop *loop,
				  const struct vc_clients_ops *ops)
{
	struct vc_clients *s = vc_alloc(1, sizeof(*s));

	s->loop = loop;
	s->ops = *ops;
	s->reserve_fd = -1;
	return s;
}

/* --- writing --- */

static void flush(struct client *c)
{
	while (c->queue_len && !c->is_dead) {
		ssize_t n = send(c->watch.fd, c->queue, c->queue_len,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			c->is_dead = errno != EAGAIN;
			break;
		}
		c->queue_len -= (size_t)n;
		memmove(c->queue, c->queue + n, c->queue_len);
	}
	if (!c->queue_len) {
		free(c->queue);
		c->queue = NULL;
		c->is_dead |= c->has_ended && !c->follows;
	}
}

static void put(struct client *c, const char *text)
{
	size_t len = strlen(text);
	char *queue;

	if (c->is_dead)
		return;
	if (c->queue_len + len + 1 > VC_CLIENT_ANSWER) {
		c->is_dead = true;
		return;
	}
	queue = realloc(c->queue, c->queue_len + len + 1);
	if (!queue) {
		c->is_dead = true;
		return;
	}
	memcpy(queue + c->queue_len, text, len);
	queue[c->queue_len + len] = '\n';
	c->queue = queue;
	c->queue_len += len + 1;
	flush(c);
}

static void put_and_free(struct client *c, char *text)
{
	if (text)
		put(c, text);
	free(text);
}

static void refuse(struct client *c, const char *why)
{
	struct vc_clients *s = c->all;

	put_and_free(c, s->ops.refuse(s->ops.ctx, why));
}

/* After work on a client: frees it or waits for what it needs. */
static void settle(struct client *c)
{
	struct vc_clients *s = c->all;
	size_t i = 0;

	if (!c->is_dead) {
		vc_loop_watch(s->loop, &c->watch,
			      (c->has_ended ? 0 : VC_READ) |
				      (c->queue_len ? VC_WRITE : 0));
		return;
	}
	vc_loop_watch(s->loop, &c->watch, 0);
	close(c->watch.fd);
	while (s->clients[i] != c)
		i++;
	s->n--;
	s->clients[i] = s->clients[s->n];
	free(c->queue);
	free(c);
}

/* --- reading --- */

static void take_line(struct client *c, const char *line, size_t len)
{
	struct vc_clients *s = c->all;

	if (len && line[len - 1] == '\r')
		len--;
	c->line[line - c->line + (ptrdiff_t)len] = '\0';
	put_and_free(c, s->ops.line(s->ops.ctx, line, len, &c->follows));
}

static void take_lines(struct client *c)
{
	char *line = c->line, *end = c->line + c->len, *nl;

	while (!c->is_dead && (nl = memchr(line, '\n', (size_t)(end - line)))) {
		if (!c->is_skipping)
			take_line(c, line, (size_t)(nl - line));
		c->is_skipping = false;
		line = nl + 1;
	}
	c->len = (size_t)(end - line);
	memmove(c->line, line, c->len);
	if (c->len < VC_CLIENT_LINE)
		return;
	if (!c->is_skipping)
		refuse(c, "line too long");
	c->is_skipping = true;
	c->len = 0;
}

static void take(struct client *c)
{
	ssize_t n = recv(c->watch.fd, c->line + c->len, VC_CLIENT_LINE - c->len,
			 MSG_DONTWAIT);

	if (n < 0) {
		c->is_dead |= errno != EAGAIN && errno != EINTR;
		return;
	}
	if (n > 0) {
		c->len += (size_t)n;
		take_lines(c);
		return;
	}
	c->has_ended = true;
	if (c->len && !c->is_skipping)
		refuse(c, "line without an end");
	flush(c);
}

static void client_ready(void *ctx, unsigned int events)
{
	struct client *c = ctx;
	struct vc_clients *s = c->all;

	s->served = c;
	if (events & VC_WRITE)
		flush(c);
	if (events & VC_READ && !c->is_dead && !c->has_ended)
		take(c);
	s->served = NULL;
	settle(c);
}

/* --- listening --- */

/* One line and out, if the socket takes it, and an empty one does. */
static void turn_away(struct vc_clients *s, int fd)
{
	char *text = s->ops.refuse(s->ops.ctx, "too many clients");

	if (text) {
		struct iovec v[] = { { text, strlen(text) },
				     { (char[]){ '\n' }, 1 } };
		struct msghdr msg = { .msg_iov = v, .msg_iovlen = 2 };

		sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
	free(text);
	close(fd);
}

static void add_client(struct vc_clients *s, int fd)
{
	struct client *c;

	c = s->n < VC_CLIENTS_MAX ? vc_try_alloc(1, sizeof(*c)) : NULL;
	if (!c) {
		turn_away(s, fd);
		return;
	}
	c->all = s;
	c->watch.fn = client_ready;
	c->watch.ctx = c;
	c->watch.fd = fd;
	s->clients[s->n] = c;
	s->n++;
	if (vc_loop_watch(s->loop, &c->watch, VC_READ)) {
		c->is_dead = true;
		settle(c);
	}
}

static void listener_ready(void *ctx, unsigned int events)
{
	struct listener *l = ctx;
	struct vc_clients *s = l->all;
	int fd = accept4(l->watch.fd, NULL, NULL, SOCK_CLOEXEC);

	(void)events;
	if (fd >= 0) {
		add_client(s, fd);
		return;
	}
	if (errno != EMFILE && errno != ENFILE)
		return;
	if (s->reserve_fd >= 0)
		close(s->reserve_fd);
	fd = accept4(l->watch.fd, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	s->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int vc_clients_listen(struct vc_clients *s, const char *path)
{
	struct listener *l = &s->listeners[s->n_listeners];
	struct vc_place p = { .kind = VC_PLACE_UNIX, .listen = true };
	char ready[128];
	struct stat st;
	int err;

	if (s->n_listeners == MAX_LISTENERS)
		return -ENOBUFS;
	if (strlen(path) >= sizeof(l->path))
		return -ENAMETOOLONG;
	vc_strlcpy(p.path, path, sizeof(p.path));
	err = vc_place_listen(&p, &l->watch.fd, ready, sizeof(ready));
	if (err)
		return err;
	l->all = s;
	l->watch.fn = listener_ready;
	l->watch.ctx = l;
	vc_strlcpy(l->path, path, sizeof(l->path));
	if (!lstat(path, &st)) {
		l->dev = st.st_dev;
		l->ino = st.st_ino;
	}
	if (s->reserve_fd < 0)
		s->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	s->n_listeners++;
	return vc_loop_watch(s->loop, &l->watch, VC_READ);
}

/* --- all of them --- */

void vc_clients_tell(struct vc_clients *s, const char *text)
{
	/* From the end, because settle() fills a gap from there. */
	for (size_t i = s->n; i > 0; i--) {
		struct client *c = s->clients[i - 1];

		if (!c->follows)
			continue;
		put(c, text);
		/* Whose command this comes of is settled when it is done. */
		if (c != s->served)
			settle(c);
	}
}

bool vc_clients_has_followers(const struct vc_clients *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->clients[i]->follows)
			return true;
	}
	return false;
}

void vc_clients_unlink(struct vc_clients *s)
{
	for (size_t i = 0; i < s->n_listeners; i++) {
		const struct listener *l = &s->listeners[i];
		struct stat st;

		if (!lstat(l->path, &st) && st.st_dev == l->dev &&
		    st.st_ino == l->ino)
			unlink(l->path);
	}
}

void vc_clients_free(struct vc_clients *s)
{
	vc_clients_unlink(s);
	while (s->n) {
		s->clients[0]->is_dead = true;
		settle(s->clients[0]);
	}
	for (size_t i = 0; i < s->n_listeners; i++) {
		vc_loop_watch(s->loop, &s->listeners[i].watch, 0);
		close(s->listeners[i].watch.fd);
	}
	if (s->reserve_fd >= 0)
		close(s->reserve_fd);
	free(s);
}
