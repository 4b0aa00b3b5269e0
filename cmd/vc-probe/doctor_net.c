/* SPDX-License-Identifier: MIT */
/* What the network side of this machine can do, by sockets that try it. */
#include <errno.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "doctor.h"

#define BUFFER (4 << 20) /* of a socket, as the tools ask for */

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

static void buffer(struct doctor_found *f, int option, const char *name)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int want = BUFFER, got = 0;
	socklen_t len = sizeof(got);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, option, &want, sizeof(want)) ||
	    getsockopt(fd, SOL_SOCKET, option, &got, &len)) {
		snprintf(f->found, sizeof(f->found), "%s", strerror(errno));
	} else {
		/* The kernel counts its own part, too. */
		f->ok = got / 2 >= BUFFER;
		snprintf(f->found, sizeof(f->found), "%d octets", got / 2);
	}
	snprintf(f->wants, sizeof(f->wants), "%d octets", BUFFER);
	snprintf(f->mend, sizeof(f->mend), "sysctl -w net.core.%s=%d", name,
		 BUFFER);
	if (fd >= 0)
		close(fd);
}

static void receive_buffer(struct doctor_found *f)
{
	buffer(f, SO_RCVBUF, "rmem_max");
}

static void send_buffer(struct doctor_found *f)
{
	buffer(f, SO_SNDBUF, "wmem_max");
}

/* A socket that is connected to itself. -1: none. */
static int self(int family)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
				    .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct sockaddr *sa = family == AF_INET6 ? (void *)&in6 : (void *)&in;
	socklen_t len = family == AF_INET6 ? sizeof(in6) : sizeof(in);
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !bind(fd, sa, len) && !getsockname(fd, sa, &len) &&
	    !connect(fd, sa, len))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool passes(int family)
{
	int fd = self(family);
	struct pollfd p = { .fd = fd, .events = POLLIN };
	bool ok = fd >= 0 && send(fd, "vc", 2, 0) == 2 && poll(&p, 1, 500) == 1;

	if (fd >= 0)
		close(fd);
	return ok;
}

static void ipv4(struct doctor_found *f)
{
	f->ok = passes(AF_INET);
	snprintf(f->found, sizeof(f->found), "a datagram %s 127.0.0.1",
		 f->ok ? "came through" : "does not get through");
	snprintf(f->mend, sizeof(f->mend), "ip link set lo up");
}

static void ipv6(struct doctor_found *f)
{
	f->ok = passes(AF_INET6);
	snprintf(f->found, sizeof(f->found), "a datagram %s ::1",
		 f->ok ? "came through" : "does not get through");
	snprintf(f->mend, sizeof(f->mend),
		 "sysctl -w net.ipv6.conf.all.disable_ipv6=0");
}

static bool has_stamp(int fd, struct timespec *ts)
{
	_Alignas(struct cmsghdr) char control[256];
	char data[4];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control,
			    .msg_controllen = sizeof(control) };
	struct pollfd p = { .fd = fd, .events = POLLIN };

	if (send(fd, "vc", 2, 0) != 2 || poll(&p, 1, 500) != 1 ||
	    recvmsg(fd, &h, 0) < 0)
		return false;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&h); c; c = CMSG_NXTHDR(&h, c)) {
		if (c->cmsg_level != SOL_SOCKET ||
		    c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(ts, CMSG_DATA(c), sizeof(*ts));
		return true;
	}
	return false;
}

static void stamps(struct doctor_found *f)
{
	struct timespec ts = { 0 }, now;
	int fd = self(AF_INET), on = 1;

	snprintf(f->found, sizeof(f->found),
		 "the kernel does not say when packets arrive");
	if (fd >= 0 &&
	    !setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) &&
	    has_stamp(fd, &ts)) {
		clock_gettime(CLOCK_REALTIME, &now);
		f->ok = true;
		snprintf(f->found, sizeof(f->found),
			 "the kernel said when a packet came, %lld us before "
			 "it was read",
			 (long long)((now.tv_sec - ts.tv_sec) * 1000000 +
				     (now.tv_nsec - ts.tv_nsec) / 1000));
	}
	if (fd >= 0)
		close(fd);
}

static void option(struct doctor_found *f, int name, int value,
		   const char *what)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	f->ok = fd >= 0 &&
		!setsockopt(fd, IPPROTO_UDP, name, &value, sizeof(value));
	snprintf(f->found, sizeof(f->found), "%s: %s", what,
		 f->ok ? "taken" : strerror(errno));
	if (!f->ok)
		snprintf(f->wants, sizeof(f->wants), "Linux 5.0");
	if (fd >= 0)
		close(fd);
}

static void segment(struct doctor_found *f)
{
	option(f, UDP_SEGMENT, 1200, "UDP_SEGMENT");
}

static void gather(struct doctor_found *f)
{
	option(f, UDP_GRO, 1, "UDP_GRO");
}

static void raw(struct doctor_found *f)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));

	f->ok = fd >= 0;
	snprintf(f->found, sizeof(f->found), "a packet socket: %s",
		 f->ok ? "opened" : strerror(errno));
	snprintf(f->mend, sizeof(f->mend),
		 "setcap cap_net_raw+ep \"$(command -v vc-recv)\"");
	if (fd >= 0)
		close(fd);
}

const struct doctor_check doctor_net[] = {
	{ "receive-buffer", DOCTOR_LIVE, receive_buffer },
	{ "send-buffer", DOCTOR_LIVE, send_buffer },
	{ "time-stamps", DOCTOR_LIVE, stamps },
	{ "ipv4", DOCTOR_LIVE, ipv4 },
	{ "ipv6", DOCTOR_LIVE, ipv6 },
	{ "udp-segment", DOCTOR_FAST, segment },
	{ "udp-gro", DOCTOR_FAST, gather },
	{ "packet-capture", DOCTOR_CAPTURE, raw },
};
const size_t n_doctor_net = VC_COUNT(doctor_net);
