/* SPDX-License-Identifier: MIT */
/* Goes on after signals, short writes, and where O_NONBLOCK was inherited. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/io.h"

int vc_write_all(int fd, const void *p, size_t len)
{
	const char *q = p;

	while (len) {
		ssize_t n = write(fd, q, len);

		if (n >= 0) {
			q += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd pfd = { .fd = fd, .events = POLLOUT };

			poll(&pfd, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}
