/* SPDX-License-Identifier: MIT */
/*
 * The daemon waits in an epoll set of its own, whose descriptor is one of the
 * loop's. It would give an idle connection its time anew with each octet, so
 * ages are looked at here, once a second of real time while there are any, and
 * what is too old is shut down, which the daemon then sees as an end.
 */
#include "net/httpd.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/mem.h"
#include "net/loop.h"

#define PAGES_MAX 8
#define TURNS 4		  /* at once: other work is waiting */
#define MEMORY_MAX 16384u /* of a connection, octets */

struct client {
	int fd; /* -1: nobody */
	int64_t since;
};

struct vc_httpd {
	struct vc_loop *loop;
	struct MHD_Daemon *daemon;
	const struct vc_httpd_page *pages;
	void *ctx;
	struct vc_watch watch, tick;
	struct client clients[VC_HTTPD_CLIENTS];
	unsigned int n_clients;
	bool has_closed; /* one of them, in this turn */
	struct vc_httpd_counts counts;
	struct {
		struct MHD_Response *response;
		int64_t made;
		int64_t took;
	} fresh[PAGES_MAX];
};

/* --- answers --- */

static enum MHD_Result refuse(struct vc_httpd *h, struct MHD_Connection *c,
			      unsigned int status, const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(text), (void *)(uintptr_t)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result done = MHD_NO;

	h->counts.refused++;
	if (!r)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", "text/plain");
	MHD_add_response_header(r, "Connection", "close");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(r, "Allow", "GET, HEAD");
	done = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return done;
}

static struct MHD_Response *make(struct vc_httpd *h, size_t i)
{
	const struct vc_httpd_page *page = &h->pages[i];
	struct MHD_Response *r;
	size_t len = 0;
	char *body = page->make(h->ctx, &len);

	if (!body)
		return NULL;
	r = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	if (!r) {
		free(body);
		return NULL;
	}
	MHD_add_response_header(r, "Content-Type", page->type);
	MHD_add_response_header(r, "Cache-Control", "no-store");
	MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
	MHD_add_response_header(r, "Connection", "close");
	return r;
}

/* What takes long is made seldom: other work is to have most of the time. */
static bool is_fresh(const struct vc_httpd *h, size_t i, int64_t now)
{
	int64_t lasts = VC_HTTPD_PAUSE * h->fresh[i].took;

	if (lasts < VC_HTTPD_FRESH)
		lasts = VC_HTTPD_FRESH;
	return h->fresh[i].response && now - h->fresh[i].made <= lasts;
}

static enum MHD_Result answer(struct vc_httpd *h, struct MHD_Connection *c,
			      size_t i)
{
	int64_t now = vc_mono_now();

	if (!is_fresh(h, i, now)) {
		if (h->fresh[i].response)
			MHD_destroy_response(h->fresh[i].response);
		h->fresh[i].response = make(h, i);
		h->fresh[i].made = vc_mono_now();
		h->fresh[i].took = h->fresh[i].made - now;
	}
	if (!h->fresh[i].response)
		return refuse(h, c, MHD_HTTP_SERVICE_UNAVAILABLE,
			      "out of memory\n");
	h->counts.requests++;
	return MHD_queue_response(c, MHD_HTTP_OK, h->fresh[i].response);
}

static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c,
				  const char *url, const char *method,
				  const char *version, const char *upload,
				  size_t *upload_len, void **state)
{
	struct vc_httpd *h = ctx;

	(void)version;
	(void)upload;
	(void)upload_len;
	(void)state;
	if (strcmp(method, MHD_HTTP_METHOD_GET) &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD))
		return refuse(h, c, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "GET and HEAD only\n");
	for (size_t i = 0; h->pages[i].path; i++) {
		if (!strcmp(url, h->pages[i].path))
			return answer(h, c, i);
	}
	return refuse(h, c, MHD_HTTP_NOT_FOUND, "not found\n");
}

/* --- connections --- */

static void set_tick(struct vc_httpd *h, bool on)
{
	struct itimerspec t = { { on, 0 }, { on, 0 } };

	timerfd_settime(h->tick.fd, 0, &t, NULL);
}

static void on_connection(void *ctx, struct MHD_Connection *c, void **socket,
			  enum MHD_ConnectionNotificationCode code)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct vc_httpd *h = ctx;
	struct client *slot = *socket;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (slot) {
			slot->fd = -1;
			h->n_clients--;
			h->has_closed = true;
		}
		*socket = NULL;
		set_tick(h, h->n_clients > 0);
		return;
	}
	for (size_t i = 0; info && i < VC_COUNT(h->clients); i++) {
		slot = &h->clients[i];
		if (slot->fd >= 0)
			continue;
		slot->fd = info->connect_fd;
		slot->since = vc_mono_now();
		*socket = slot;
		h->n_clients++;
		set_tick(h, true);
		return;
	}
}

/* When it was full it listens again in the turn after that. */
static void serve(struct vc_httpd *h)
{
	h->has_closed = true;
	for (int i = 0; i < TURNS && h->has_closed; i++) {
		h->has_closed = false;
		MHD_run(h->daemon);
	}
}

static void run(void *ctx, unsigned int events)
{
	(void)events;
	serve(ctx);
}

static void on_tick(void *ctx, unsigned int events)
{
	struct vc_httpd *h = ctx;
	int64_t now = vc_mono_now();
	uint64_t n;

	(void)events;
	if (read(h->tick.fd, &n, sizeof(n)) != sizeof(n))
		return;
	for (size_t i = 0; i < VC_COUNT(h->clients); i++) {
		if (h->clients[i].fd < 0 ||
		    now - h->clients[i].since < VC_HTTPD_AGE)
			continue;
		shutdown(h->clients[i].fd, SHUT_RDWR);
		h->counts.cut++;
		/* Once: until the daemon closes it. */
		h->clients[i].since = INT64_MAX / 2;
	}
	serve(h);
}

/* --- life --- */

static void be_silent(void *ctx, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

/* What strangers get wrong is theirs. */
static void be_silent(void *ctx, const char *fmt, va_list ap)
{
	(void)ctx;
	(void)fmt;
	(void)ap;
}

/* The listening socket is the daemon's when it has started, only then. */
static struct MHD_Daemon *start(struct vc_httpd *h, int fd)
{
	return MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, on_request, h,
		MHD_OPTION_EXTERNAL_LOGGER, be_silent, NULL,
		MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT,
		(unsigned int)VC_HTTPD_CLIENTS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_MAX,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, h, MHD_OPTION_END);
}

static int watch(struct vc_httpd *h)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int fd, err;

	if (!info || info->epoll_fd < 0)
		return -EIO;
	fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	h->tick = (struct vc_watch){ .fn = on_tick, .ctx = h, .fd = fd };
	h->watch =
		(struct vc_watch){ .fn = run, .ctx = h, .fd = info->epoll_fd };
	err = vc_loop_watch(h->loop, &h->tick, VC_READ);
	if (!err)
		err = vc_loop_watch(h->loop, &h->watch, VC_READ);
	return err;
}

int vc_httpd_new(struct vc_httpd **out, struct vc_loop *loop, int fd,
		 const struct vc_httpd_page *pages, void *ctx)
{
	struct vc_httpd *h = vc_alloc(1, sizeof(*h));
	int err;

	h->loop = loop;
	h->pages = pages;
	h->ctx = ctx;
	h->watch.fd = h->tick.fd = -1;
	for (size_t i = 0; i < VC_COUNT(h->clients); i++)
		h->clients[i].fd = -1;
	h->daemon = start(h, fd);
	if (!h->daemon) {
		close(fd);
		free(h);
		return -EIO;
	}
	err = watch(h);
	if (err) {
		vc_httpd_free(h);
		return err;
	}
	*out = h;
	return 0;
}

void vc_httpd_free(struct vc_httpd *h)
{
	if (!h)
		return;
	if (h->watch.fd >= 0)
		vc_loop_watch(h->loop, &h->watch, 0);
	if (h->tick.fd >= 0)
		vc_loop_watch(h->loop, &h->tick, 0);
	MHD_stop_daemon(h->daemon);
	if (h->tick.fd >= 0)
		close(h->tick.fd);
	for (size_t i = 0; i < PAGES_MAX; i++) {
		if (h->fresh[i].response)
			MHD_destroy_response(h->fresh[i].response);
	}
	free(h);
}

const struct vc_httpd_counts *vc_httpd_counts(const struct vc_httpd *h)
{
	return &h->counts;
}
