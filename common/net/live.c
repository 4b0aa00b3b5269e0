/* SPDX-License-Identifier: MIT */
/*
 * libpcap in immediate mode, as a buffer that fills up delays what is live.
 * Its stamps are the wall's, whose steps the loop's time does not follow: the
 * distance of the two clocks at the opening is what both are joined by, as
 * with sockets (net/udp.c).
 */
#include <errno.h>
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/time.h"
#include "net/clock.h"
#include "net/live.h"

#define BATCH 64
/* The kernel's buffer has slots of this length each: 2048 of them. What is
 * longer is no RTP. */
#define SNAPLEN 4096
#define BUFFER (8 << 20)
#define STEP VC_MS /* less is no step of the wall clock */

struct vc_live {
	pcap_t *pcap;
	int64_t wall_base; /* at the opening */
	int64_t wall;	   /* since the last step */
	unsigned int link;
	uint64_t received;
	void (*fn)(void *ctx, const struct vc_piece *packet);
	void *ctx;
};

static int errno_of(int code)
{
	switch (code) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return -ENODEV;
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return -EPERM;
	case PCAP_ERROR_IFACE_NOT_UP:
		return -ENETDOWN;
	default:
		return -EIO;
	}
}

static int set_filter(struct vc_live *live, const char *filter)
{
	struct bpf_program prog;
	int err;

	if (pcap_compile(live->pcap, &prog, filter, 1, PCAP_NETMASK_UNKNOWN))
		return -EINVAL;
	err = pcap_setfilter(live->pcap, &prog) ? -EINVAL : 0;
	pcap_freecode(&prog);
	return err;
}

static int activate(struct vc_live *live, const char *filter, char *why,
		    size_t cap)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	int code, err = 0;

	pcap_set_snaplen(live->pcap, SNAPLEN);
	pcap_set_promisc(live->pcap, 1);
	pcap_set_immediate_mode(live->pcap, 1);
	pcap_set_buffer_size(live->pcap, BUFFER);
	pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO);
	code = pcap_activate(live->pcap);
	if (code < 0) {
		err = errno_of(code);
		snprintf(why, cap, "%s",
			 err == -EIO ? pcap_geterr(live->pcap) :
				       pcap_statustostr(code));
		return err;
	}
	if (filter)
		err = set_filter(live, filter);
	if (err) {
		snprintf(why, cap, "%s", pcap_geterr(live->pcap));
		return err;
	}
	if (pcap_setnonblock(live->pcap, 1, text)) {
		snprintf(why, cap, "%s", text);
		return -EIO;
	}
	live->link = (unsigned int)pcap_datalink(live->pcap);
	return 0;
}

int vc_live_open(struct vc_live **out, const char *iface, const char *filter,
		 char *why, size_t cap)
{
	struct vc_live *live = vc_try_alloc(1, sizeof(*live));
	char text[PCAP_ERRBUF_SIZE] = "out of memory";
	int err;

	if (live)
		live->pcap = pcap_create(iface, text);
	if (!live || !live->pcap) {
		snprintf(why, cap, "%s", text);
		free(live);
		return -ENOMEM;
	}
	live->wall_base = live->wall = vc_wall_minus_mono();
	err = activate(live, filter, why, cap);
	if (err) {
		vc_live_close(live);
		return err;
	}
	*out = live;
	return 0;
}

void vc_live_close(struct vc_live *live)
{
	if (!live)
		return;
	pcap_close(live->pcap);
	free(live);
}

int vc_live_fd(const struct vc_live *live)
{
	return pcap_get_selectable_fd(live->pcap);
}

/* Where libpcap was built without ns, it says so by the precision. */
static int64_t time_of(const struct vc_live *live, const struct timeval *tv)
{
	bool is_ns = pcap_get_tstamp_precision(live->pcap) ==
		     PCAP_TSTAMP_PRECISION_NANO;
	int64_t wall = tv->tv_sec * VC_SEC + tv->tv_usec * (is_ns ? 1 : VC_US);

	return wall - (live->wall - live->wall_base);
}

static void take(u_char *user, const struct pcap_pkthdr *h, const u_char *p)
{
	struct vc_live *live = (struct vc_live *)(void *)user;
	const struct vc_piece packet = {
		.kind = VC_PIECE_PACKET,
		.time = time_of(live, &h->ts),
		.link = live->link,
		.data = p,
		.caplen = h->caplen,
		.len = h->len < h->caplen ? h->caplen : h->len,
	};

	live->received++;
	live->fn(live->ctx, &packet);
}

int vc_live_read(struct vc_live *live,
		 void (*fn)(void *ctx, const struct vc_piece *packet),
		 void *ctx)
{
	int64_t wall = vc_wall_minus_mono();
	int n;

	if (wall - live->wall > STEP || live->wall - wall > STEP)
		live->wall = wall;
	live->fn = fn;
	live->ctx = ctx;
	n = pcap_dispatch(live->pcap, BATCH, take, (u_char *)(void *)live);
	/* An interface that is down may come back. */
	if (n < 0 && n != PCAP_ERROR_IFACE_NOT_UP)
		return -EIO;
	return n < 0 ? 0 : n;
}

struct vc_live_counts vc_live_counts(struct vc_live *live)
{
	struct vc_live_counts c = { .received = live->received };
	struct pcap_stat st;

	if (!pcap_stats(live->pcap, &st))
		c.dropped = (uint64_t)st.ps_drop + st.ps_ifdrop;
	return c;
}
