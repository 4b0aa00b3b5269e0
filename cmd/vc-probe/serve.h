/* SPDX-License-Identifier: MIT */
/* --metrics: what the report would say now, for Prometheus to ask. */
#ifndef VC_PROBE_SERVE_H
#define VC_PROBE_SERVE_H

#include <stddef.h>
#include <stdint.h>

struct probe;
struct serve;
struct vc_httpd_counts;

/* Listens at "[ADDR]:PORT"; without ADDR on the loopback address. 0, or an
 * error that was said. */
int serve_open(struct serve **out, struct probe *p, const char *where);
void serve_free(struct serve *s); /* NULL is fine */

/* --- exposition.c --- */

#define EXPOSED_MAX 512		  /* sources that are shown */
#define EXPOSED_FOR (60 * VC_SEC) /* after they have left */

/*
 * The text format 0.0.4, from malloc(); NULL: out of memory. 'counts' are those
 * of the server.
 */
char *exposition_make(const struct probe *p,
		      const struct vc_httpd_counts *counts, int64_t now,
		      size_t *len);

#endif
