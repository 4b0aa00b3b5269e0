/* SPDX-License-Identifier: MIT */
/*
 * A small HTTP server for what a program says of itself, by libmicrohttpd: it
 * answers GET and HEAD, on the loop's thread, on either clock. Strangers cannot
 * make it large or slow: at most VC_HTTPD_CLIENTS connections of some KiB,
 * none older than VC_HTTPD_AGE, one answer each; an answer is made at most
 * once in VC_HTTPD_FRESH, and in VC_HTTPD_PAUSE times as long as it takes to be
 * made, however often it is asked for.
 */
#ifndef VC_NET_HTTPD_H
#define VC_NET_HTTPD_H

#include <stddef.h>
#include <stdint.h>

#define VC_HTTPD_CLIENTS 16
#define VC_HTTPD_AGE INT64_C(5000000000) /* of real time, ns */
#define VC_HTTPD_PAUSE 10
#define VC_HTTPD_FRESH INT64_C(250000000) /* likewise */

struct vc_httpd;
struct vc_loop;

/* What it has; 'path' NULL: the end of the table. */
struct vc_httpd_page {
	const char *path; /* "/metrics" */
	const char *type; /* "text/plain; charset=utf-8" */
	/* The body, from malloc(), '*len' octets. NULL: there is no memory, and
	 * the answer is 503. */
	char *(*make)(void *ctx, size_t *len);
};

struct vc_httpd_counts {
	uint64_t requests; /* of pages it has */
	uint64_t refused;  /* others, by 404 and 405 */
	uint64_t cut;	   /* connections that became too old */
};

/*
 * Serves 'pages' (which stay the caller's) on 'fd', a listening socket, which it
 * takes over also when it fails. 0 or -errno.
 */
int vc_httpd_new(struct vc_httpd **out, struct vc_loop *loop, int fd,
		 const struct vc_httpd_page *pages, void *ctx);
void vc_httpd_free(struct vc_httpd *h); /* NULL is fine */

const struct vc_httpd_counts *vc_httpd_counts(const struct vc_httpd *h);

#endif
