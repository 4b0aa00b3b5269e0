/* SPDX-License-Identifier: MIT */
/* --calls: a record of each source as it ends, and its memory back. */
#ifndef VC_PROBE_CALLS_H
#define VC_PROBE_CALLS_H

struct meter;
struct probe;

/* --calls with what does not go with it is a usage error. */
void calls_check(const struct probe *p);
/* 'm' has ended: writes its record and frees it. */
void calls_end(struct probe *p, struct meter *m);

#endif
