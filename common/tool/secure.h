/* SPDX-License-Identifier: MIT */
/*
 * tls:// places: connections and listeners as --tls-ca, --tls-cert, --tls-key
 * and --insecure say. Used by the tool's inputs and outputs. What goes wrong
 * while the tool runs is counted, and told on stderr once a second at most.
 */
#ifndef VC_TOOL_SECURE_H
#define VC_TOOL_SECURE_H

#include <stddef.h>

#include "net/tls.h"
#include "tool/place.h"

struct vc_tool;

/*
 * Connects and shakes hands, within 10 s each. 0, or -errno and the reason for
 * people in 'why'; -EKEYREJECTED also sets the exit code for authentication.
 * The caller owns both: the connection goes first.
 */
int vc_secure_connect(struct vc_tool *t, const struct vc_place *p, int *fd,
		      struct vc_tls **tls, char *why, size_t cap);

/* Warns of a file with a private key that others may read. NULL: none. */
void vc_secure_look_at(struct vc_tool *t, const char *path);

/*
 * For a listening place: where its accepted sockets go, and those who come out
 * of it are given to 'open', which takes both over and may free the door.
 * Errors as above.
 */
int vc_secure_door(struct vc_tool *t,
		   void (*open)(void *ctx, int fd, struct vc_tls *tls),
		   void *ctx, struct vc_tls_door **door, char *why, size_t cap);

#endif
