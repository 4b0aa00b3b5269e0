/* SPDX-License-Identifier: MIT */
/*
 * One context for all connections that a tool makes and one for all that it
 * takes, made when first needed: a tool without tls:// reads no certificates.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/time.h"
#include "tool/internal.h"
#include "tool/secure.h"

#define TIMEOUT (10 * VC_SEC)

struct vc_secure {
	struct vc_tls_ctx *ctx[2]; /* of clients, of servers */
	uint64_t failed;	   /* handshakes with those who came */
	struct vc_limit warn;
};

static void fill(void *ctx, struct vc_json *record)
{
	struct vc_tool *t = ctx;
	struct vc_json *j = vc_json_object();

	vc_json_set_bool(j, "insecure", t->opt.insecure);
	vc_json_set_int(j, "failed", (int64_t)t->secure->failed);
	vc_json_set(record, "tls", j);
}

void vc_secure_look_at(struct vc_tool *t, const char *path)
{
	struct stat st;

	if (path && !stat(path, &st) && S_ISREG(st.st_mode) &&
	    (st.st_mode & 077))
		vc_tool_warn(t,
			     "%s: a private key that others may read: "
			     "chmod 600 it",
			     path);
}

static void begin(struct vc_tool *t)
{
	const struct vc_options *o = &t->opt;

	if (t->secure)
		return;
	t->secure = vc_alloc(1, sizeof(*t->secure));
	vc_tool_on_stats(t, fill, t);
	vc_secure_look_at(t, o->tls_key ? o->tls_key : o->tls_cert);
	/* Also with -q. */
	if (o->insecure)
		vc_tool_fail(t, VC_EXIT_OK,
			     "--insecure: CERTIFICATES ARE NOT VERIFIED: "
			     "anybody can be at the other end");
}

static int context(struct vc_tool *t, bool is_server, struct vc_tls_ctx **out,
		   char *why, size_t cap)
{
	const struct vc_options *o = &t->opt;
	struct vc_tls_conf conf = { .is_server = is_server,
				    .insecure = o->insecure,
				    .ca = o->tls_ca,
				    .cert = o->tls_cert,
				    .key = o->tls_key };
	int err = 0;

	if (o->insecure && o->tls_ca)
		vc_tool_usage(t, "--insecure with --tls-ca: one or the other");
	if (o->tls_key && !o->tls_cert)
		vc_tool_usage(t, "--tls-key needs --tls-cert");
	if (is_server && !o->tls_cert)
		vc_tool_usage(t, "tls://...,listen needs --tls-cert FILE (and "
				 "--tls-key FILE)");
	begin(t);
	if (!t->secure->ctx[is_server])
		err = vc_tls_ctx_new(&t->secure->ctx[is_server], &conf, why,
				     cap);
	*out = t->secure->ctx[is_server];
	return err;
}

int vc_secure_connect(struct vc_tool *t, const struct vc_place *p, int *fd,
		      struct vc_tls **tls, char *why, size_t cap)
{
	struct vc_tls_ctx *ctx;
	int err = context(t, false, &ctx, why, cap);

	if (err)
		return err;
	err = vc_place_connect(p, fd);
	if (err) {
		snprintf(why, cap, "%s", vc_place_why(p, err));
		return err;
	}
	*tls = vc_tls_new(ctx, *fd, p->host);
	err = *tls ? vc_tls_shake_within(*tls, TIMEOUT) : -ENOMEM;
	if (!err)
		return 0;
	snprintf(why, cap, "TLS: %s",
		 *tls ? vc_tls_why(*tls) : strerror(ENOMEM));
	if (err == -EKEYREJECTED)
		vc_tool_set_exit(t, VC_EXIT_AUTH);
	vc_tls_free(*tls);
	close(*fd);
	return err;
}

static void came_to_nothing(void *ctx, int fd, const char *why)
{
	struct vc_tool *t = ctx;
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(sa);
	char addr[80] = "somebody";

	t->secure->failed++;
	if (!getpeername(fd, (struct sockaddr *)(void *)&sa, &len))
		vc_place_addr_text(&sa, addr, sizeof(addr));
	vc_tool_warn_limited(t, &t->secure->warn, "%s: TLS refused: %s", addr,
			     why);
}

int vc_secure_door(struct vc_tool *t,
		   void (*open)(void *ctx, int fd, struct vc_tls *tls),
		   void *ctx, struct vc_tls_door **door, char *why, size_t cap)
{
	struct vc_tls_door_conf conf = { .loop = t->loop,
					 .open = open,
					 .ctx = ctx,
					 .failed = came_to_nothing,
					 .failed_ctx = t };
	int err = context(t, true, &conf.tls, why, cap);

	if (err)
		return err;
	*door = vc_tls_door_new(&conf);
	if (*door)
		return 0;
	snprintf(why, cap, "%s", strerror(ENOMEM));
	return -ENOMEM;
}

void vc_secure_free(struct vc_secure *s)
{
	if (!s)
		return;
	vc_tls_ctx_free(s->ctx[0]);
	vc_tls_ctx_free(s->ctx[1]);
	free(s);
}
