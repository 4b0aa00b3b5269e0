/* SPDX-License-Identifier: MIT */
#include "serve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/str.h"
#include "net/httpd.h"
#include "probe.h"
#include "tool/place.h"

struct serve {
	struct probe *probe;
	struct vc_httpd *httpd;
};

static char *make_metrics(void *ctx, size_t *len)
{
	const struct serve *s = ctx;
	const struct probe *p = s->probe;

	return exposition_make(p, vc_httpd_counts(s->httpd),
			       vc_loop_now(vc_tool_loop(p->tool)), len);
}

static char *make_index(void *ctx, size_t *len)
{
	char *text = strdup("vc-probe " VC_VERSION ": see /metrics\n");

	(void)ctx;
	*len = text ? strlen(text) : 0;
	return text;
}

static const struct vc_httpd_page pages[] = {
	{ "/metrics", "text/plain; version=0.0.4; charset=utf-8",
	  make_metrics },
	{ "/", "text/plain; charset=utf-8", make_index },
	{ 0 },
};

/* Wrong words are wrong usage. */
static void parse(struct probe *p, const char *where, struct vc_place *place)
{
	char text[300], why[256];

	if (strpbrk(where, ",/ ") || !strchr(where, ':'))
		vc_tool_usage(p->tool,
			      "--metrics %s: ADDR:PORT, as :9100 or "
			      "192.0.2.1:9100",
			      where);
	snprintf(text, sizeof(text), "tcp://%s%s,listen",
		 where[0] == ':' ? "127.0.0.1" : "", where);
	if (vc_place_parse(place, text, false, why, sizeof(why)))
		vc_tool_usage(p->tool, "--metrics %s: %s", where, why);
}

int serve_open(struct serve **out, struct probe *p, const char *where)
{
	struct serve *s = vc_alloc(1, sizeof(*s));
	struct vc_place place;
	char ready[256], url[300];
	int fd, err;

	s->probe = p;
	parse(p, where, &place);
	err = vc_place_listen(&place, &fd, ready, sizeof(ready));
	if (!err)
		err = vc_httpd_new(&s->httpd, vc_tool_loop(p->tool), fd, pages,
				   s);
	if (err) {
		vc_tool_fail(p->tool, VC_EXIT_FAIL, "--metrics %s: listen: %s",
			     where, vc_place_why(&place, err));
		free(s);
		return err;
	}
	snprintf(url, sizeof(url), "http://%s/metrics",
		 ready + strlen("tcp://"));
	vc_tool_ready(p->tool, url);
	*out = s;
	return 0;
}

void serve_free(struct serve *s)
{
	if (!s)
		return;
	vc_httpd_free(s->httpd);
	free(s);
}
