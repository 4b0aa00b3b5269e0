/* SPDX-License-Identifier: MIT */
/*
 * Units of time. Every time in vc is int64_t nanoseconds; a point in time
 * counts since the Unix epoch. Only common/net reads a clock.
 */
#ifndef VC_BASE_TIME_H
#define VC_BASE_TIME_H

#include <stddef.h>
#include <stdint.h>

#define VC_US INT64_C(1000)
#define VC_MS INT64_C(1000000)
#define VC_SEC INT64_C(1000000000)

/* No time at all: before every other one. */
#define VC_TIME_NONE INT64_MIN

/* 2000-01-01T00:00:00Z: where virtual streams begin. */
#define VC_VIRTUAL_EPOCH (INT64_C(946684800) * VC_SEC)

/* Room for vc_time_iso(). */
#define VC_TIME_ISO_CAP 32

/* "20261120T101300Z" (to the second), for file names. Returns 'buf'. */
char *vc_time_iso(char buf[static VC_TIME_ISO_CAP], int64_t t);

#endif
