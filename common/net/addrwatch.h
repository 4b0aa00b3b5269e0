/* SPDX-License-Identifier: MIT */
/*
 * Tells when this machine loses an address: an interface went down, a lease
 * has ended, somebody walked to another network.
 */
#ifndef VC_NET_ADDRWATCH_H
#define VC_NET_ADDRWATCH_H

#include <sys/socket.h>

#include "net/loop.h"

struct vc_addrwatch;

/*
 * 'gone' is called with each address that goes (its port is 0), or with NULL:
 * more went than can be told, any may be among them. 0 or -errno.
 */
int vc_addrwatch_new(struct vc_addrwatch **out, struct vc_loop *loop,
		     void (*gone)(void *ctx, const struct sockaddr_storage *sa),
		     void *ctx);
/* NULL is fine. */
void vc_addrwatch_free(struct vc_addrwatch *w);

#endif
