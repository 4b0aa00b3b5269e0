/* SPDX-License-Identifier: MIT */
/*
 * How far picture and sound of one participant are apart, over time, by the
 * lines of their sender reports: what record.c tells of the end alone.
 */
#ifndef VC_PROBE_LIPS_H
#define VC_PROBE_LIPS_H

#include <stdint.h>

#define LIPS_KEPT 256 /* then every second one goes */

struct meter;
struct probe;
struct vc_json;

/* Of a source of pictures. */
struct lips {
	uint32_t sound; /* whose SSRC it is held against */
	unsigned int n;
	uint64_t every; /* so many looks are one that is kept */
	uint64_t skipped;
	struct {
		int64_t at;
		int64_t by; /* ns, the picture is later than the sound */
	} look[LIPS_KEPT];
};

/* A sender report of 'm' was taken at 'now'. */
void lips_look(struct probe *p, struct meter *m, int64_t now);

/* The member "lips" of a source. */
void lips_record(struct vc_json *o, const struct probe *p,
		 const struct meter *m);

#endif
