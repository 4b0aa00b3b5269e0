/* SPDX-License-Identifier: MIT */
/* A network of the test's own, of which only the loopback interface is there
 * and up. */
#ifndef VC_TESTS_OWNNET_H
#define VC_TESTS_OWNNET_H

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* From here on, for the whole process: as root, or as root of a user namespace.
 * 0 or -1. */
static inline int own_network(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd, err;

	if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return -1;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	err = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return err;
}

#endif
