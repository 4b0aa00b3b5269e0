/* SPDX-License-Identifier: MIT */
/*
 * Least privilege after start-up (vc(7), Sandbox): what a tool has opened it
 * keeps, and hardly anything else can be had. vc_tool_start() enters it; a
 * tool says in vc_tool_info.sandbox how far, and here what it will still need.
 */
#ifndef VC_TOOL_SANDBOX_H
#define VC_TOOL_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

struct vc_json;
struct vc_sandbox;
struct vc_tool;

/* For all that lies in a folder, and in those below it. */
enum vc_allow {
	VC_ALLOW_READ,
	VC_ALLOW_REMOVE, /* the name of an own socket, at the end */
	VC_ALLOW_SOCKET, /* and to make one */
	VC_ALLOW_WRITE,	 /* make, write, rename and remove files */
};

/*
 * Before vc_tool_start(): 'path' is a file's, the folder that it lies in is
 * meant, up to the first '{' if it is a pattern.
 */
void vc_sandbox_allow(struct vc_tool *t, const char *path, enum vc_allow what);

/*
 * Before vc_tool_start(): an option needs more than the tool does
 * (VC_SANDBOX_...).
 */
void vc_sandbox_need(struct vc_tool *t, unsigned int flags);

/* Names of the parts that are on, as an array: of the first record. */
struct vc_json *vc_sandbox_parts(const struct vc_tool *t);

/* Used by vc_tool_start() and vc_tool_end(). Never fails: what the kernel does
 * not have is left out, and said with -v. */
void vc_sandbox_enter(struct vc_tool *t);
void vc_sandbox_free(struct vc_sandbox *s);

/*
 * seccomp.c: from here on system calls of all threads that are not in the
 * table fail with EPERM; those that only an intruder makes end the process.
 * 0 or -errno.
 */
struct vc_seccomp_needs {
	bool writes; /* opens files for writing, renames */
	bool threads;
	bool internet; /* makes sockets of the Internet, looks names up */
	bool udp;      /* makes sockets of the Internet */
};
int vc_seccomp_enter(const struct vc_seccomp_needs *needs);

#endif
