/* SPDX-License-Identifier: MIT */
/*
 * vc-probe doctor: what this machine can do. Each check tries what it speaks of
 * and says what it found, what is wanted, and the command that mends a lack.
 */
#ifndef VC_PROBE_DOCTOR_H
#define VC_PROBE_DOCTOR_H

#include <stdbool.h>
#include <stddef.h>

enum doctor_group {
	DOCTOR_LIVE,	/* calls over a network */
	DOCTOR_SECURE,	/* with keys */
	DOCTOR_FAST,	/* many at once */
	DOCTOR_CAPTURE, /* packets of an interface */
	DOCTOR_DEVICES, /* cameras, microphones, screens */
	DOCTOR_TESTS,	/* networks of one's own */
	DOCTOR_GROUPS,
};

struct doctor_found {
	bool ok;
	char found[160];
	char wants[96]; /* "": it is as it should be, or nothing else is known */
	char mend[192]; /* one command; "": none is known */
};

struct doctor_check {
	const char *name;
	enum doctor_group group;
	void (*look)(struct doctor_found *f);
};

/* --- doctor_net.c --- */

extern const struct doctor_check doctor_net[];
extern const size_t n_doctor_net;

/* --- doctor_host.c --- */

extern const struct doctor_check doctor_host[];
extern const size_t n_doctor_host;

#endif
