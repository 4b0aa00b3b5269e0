/* SPDX-License-Identifier: MIT */
/*
 * A PLACE whose other end may not be there yet, may go and may come back: a
 * FIFO, a Unix socket (connected or listening), or a file. Never waits; who
 * uses it asks now and then. For what goes beside a tool's media and must not
 * hold it up (vc-play --far, vc-capture --aec).
 */
#ifndef VC_TOOL_PATIENT_H
#define VC_TOOL_PATIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tool/place.h"

struct vc_tool;

/* Embedded by its owner. */
struct vc_patient {
	struct vc_tool *tool;
	struct vc_place where;
	bool is_out;	 /* it is written to */
	bool is_over;	 /* its other end will not come back */
	bool is_socket;	 /* what 'fd' is */
	bool is_regular; /* likewise */
	int fd;		 /* -1: nobody is there */
	int listen_fd;
	int64_t tried; /* monotonic */
	bool has_said;
	uint64_t met; /* times somebody was there */
};

/* Ends with a usage error when 'text' is no such place; 'option' names it. */
void vc_patient_check(struct vc_tool *t, const char *option, const char *text);

/*
 * 'text' as checked. 0, or -errno after saying so (a listening place that
 * cannot be had, a descriptor that is not open).
 */
int vc_patient_open(struct vc_patient *p, struct vc_tool *t, const char *text,
		    bool is_out);
void vc_patient_close(struct vc_patient *p);

/* Is somebody there? Where he has to be looked for, ten times a second. */
bool vc_patient_is_there(struct vc_patient *p);

/* The other end is gone: 'fd' is closed. */
void vc_patient_lost(struct vc_patient *p);

/* Octets, without waiting: -EAGAIN when there would be some; 0 read is the
 * end, of a FIFO until its next writer. */
ssize_t vc_patient_read(struct vc_patient *p, void *buf, size_t cap);
/* At most 4096 octets, which a pipe that is not full takes. */
ssize_t vc_patient_write(struct vc_patient *p, const void *buf, size_t len);

/*
 * Waits until it can be read from or written to, or somebody may be there; for
 * the virtual clock. False: the tool is to end.
 */
bool vc_patient_wait(struct vc_patient *p);

#endif
