/* SPDX-License-Identifier: MIT */
/*
 * Sources are found by SSRC in a table that is never more than half full. Who
 * is who comes from SDES and from events, whatever is said last.
 */
#include "engine/capfile.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "engine/outfile.h"
#include "wire/frame.h"
#include "wire/netpkt.h"
#include "wire/pcap.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/rtpdump.h"
#include "wire/sdp.h"

#define SLOTS (2 * VC_CAPFILE_SOURCES)
#define FLUSH VC_SEC
#define PORT 5004
#define HOSTS 254 /* of a /24 */
#define NAME_CAP 256
#define PACKET_MAX VC_FRAME_RTP_MAX

struct source {
	bool is_used;
	bool is_told; /* its name, as it is now */
	uint32_t ssrc;
	struct vc_netaddr addr;
	char name[NAME_CAP]; /* escaped */
};

struct vc_capfile {
	enum vc_capfile_kind kind;
	struct vc_outfile *out;
	bool has_begun;
	char app[64];	 /* who writes it, and what it left out */
	int64_t now;	 /* stream time */
	int64_t arrival; /* of the next packet, VC_TIME_NONE: now */
	int64_t start;	 /* rtpdump */
	int64_t flush_at;
	size_t n;
	struct source rest; /* those there is no room for */
	struct source sources[SLOTS];
	uint8_t packet[VC_NETPKT_HEAD_MAX + PACKET_MAX];
	uint8_t room[VC_PCAP_PACKET_CAP + VC_NETPKT_HEAD_MAX + PACKET_MAX +
		     NAME_CAP];
};

/* Where everything goes to, or (the n-th source) comes from. */
static struct vc_netaddr made_up(bool is_ip6, int n)
{
	struct vc_netaddr a = { .is_ip6 = is_ip6, .port = PORT };

	if (is_ip6)
		memcpy(a.ip, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
	else if (n < 0)
		memcpy(a.ip, "\xc6\x33\x64\1", 4);
	else
		memcpy(a.ip, "\xc0\0\2", 3);
	if (n >= 0) {
		a.ip[3] = (uint8_t)(1 + n % HOSTS);
		a.port = (uint16_t)(PORT + 2 * (n / HOSTS));
	}
	return a;
}

struct vc_capfile *vc_capfile_new(enum vc_capfile_kind kind,
				  struct vc_outfile *out)
{
	struct vc_capfile *f = vc_try_alloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->kind = kind;
	f->out = out;
	f->arrival = VC_TIME_NONE;
	vc_strlcpy(f->app, "vc", sizeof(f->app));
	f->rest.addr = made_up(false, VC_CAPFILE_SOURCES);
	return f;
}

void vc_capfile_free(struct vc_capfile *f)
{
	free(f);
}

/* --- sources --- */

static struct source *source_of(struct vc_capfile *f, uint32_t ssrc)
{
	size_t i = (ssrc * UINT32_C(2654435761)) % SLOTS;

	while (f->sources[i].is_used && f->sources[i].ssrc != ssrc)
		i = (i + 1) % SLOTS;
	if (f->sources[i].is_used)
		return &f->sources[i];
	if (f->n == VC_CAPFILE_SOURCES)
		return &f->rest;
	f->sources[i] = (struct source){
		.is_used = true,
		.ssrc = ssrc,
		.addr = made_up(false, (int)f->n),
	};
	f->n++;
	return &f->sources[i];
}

static void set_name(struct source *s, struct vc_str name)
{
	char text[NAME_CAP];

	if (!s->is_used || !name.len)
		return;
	vc_escape(text, sizeof(text), name.p, name.len);
	if (!strcmp(text, s->name))
		return;
	vc_strlcpy(s->name, text, sizeof(s->name));
	s->is_told = false;
}

/* "192.0.2.1:5004", "[2001:db8::1]:5004". */
static bool parse_addr(struct vc_netaddr *out, struct vc_str text)
{
	struct vc_netaddr a = { 0 };
	size_t n = text.len;
	char ip[64];
	uint32_t port;

	while (n && text.p[n - 1] != ':')
		n--;
	if (n < 2 ||
	    !vc_str_u32(vc_str_of(text.p + n, text.len - n), 65535, &port))
		return false;
	n--;
	a.is_ip6 = text.p[0] == '[';
	if (a.is_ip6 && (n < 2 || text.p[n - 1] != ']'))
		return false;
	if (vc_str_copy(ip, sizeof(ip),
			a.is_ip6 ? vc_str_of(text.p + 1, n - 2) :
				   vc_str_of(text.p, n)) >= sizeof(ip))
		return false;
	a.port = (uint16_t)port;
	if (inet_pton(a.is_ip6 ? AF_INET6 : AF_INET, ip, a.ip) != 1)
		return false;
	*out = a;
	return true;
}

static void take_event(struct vc_capfile *f, const uint8_t *p, size_t len)
{
	const char *addr, *name, *ev;
	struct vc_json *j;
	struct source *s;
	int64_t ssrc;

	/* Most are not. */
	if (!memmem(p, len, "\"source\"", 8))
		return;
	j = vc_json_parse((const char *)p, len, NULL);
	ev = j ? vc_json_get_str(j, "ev") : NULL;
	if (ev && !strcmp(ev, "source") && vc_json_get_int(j, "ssrc", &ssrc) &&
	    ssrc >= 0 && ssrc <= UINT32_MAX) {
		s = source_of(f, (uint32_t)ssrc);
		addr = vc_json_get_str(j, "addr");
		name = vc_json_get_str(j, "name");
		if (addr && s->is_used)
			(void)parse_addr(&s->addr, vc_str_c(addr));
		if (name)
			set_name(s, vc_str_c(name));
	}
	vc_json_free(j);
}

static void take_sdes(struct vc_capfile *f, const struct vc_rtcp *pkt)
{
	struct vc_sdes_iter it = vc_sdes_over(pkt);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item)) {
		struct source *s = source_of(f, item.ssrc);

		if (item.type == VC_SDES_NAME ||
		    (item.type == VC_SDES_CNAME && !s->name[0]))
			set_name(s, item.text);
	}
}

/* --- packets --- */

static int begin(struct vc_capfile *f, int64_t time)
{
	uint8_t room[VC_PCAP_BEGIN_CAP];
	struct vc_netaddr to = made_up(false, -1);
	struct vc_wr w = vc_wr_over(room, sizeof(room));

	f->has_begun = true;
	f->start = time - time % VC_US;
	if (f->kind == VC_CAPFILE_PCAPNG)
		vc_pcap_begin(&w, f->app, VC_LINK_RAW);
	else
		vc_rtpdump_begin(&w, &to, f->start);
	return vc_outfile_write(f->out, room, vc_wr_len(&w));
}

static void write_pcapng(struct vc_capfile *f, struct vc_wr *w,
			 struct source *s, int64_t time, const uint8_t *p,
			 size_t len)
{
	struct vc_netaddr to = made_up(s->addr.is_ip6, -1);
	struct vc_wr in = vc_wr_over(f->packet, sizeof(f->packet));

	vc_netpkt_write(&in, &s->addr, &to, p, len);
	vc_pcap_packet(w, time, f->packet, vc_wr_len(&in),
		       s->is_told ? "" : s->name);
	s->is_told = true;
}

static int put_packet(struct vc_capfile *f, const uint8_t *p, size_t len,
		      bool is_rtcp)
{
	int64_t time = f->arrival == VC_TIME_NONE ? f->now : f->arrival;
	struct vc_wr w = vc_wr_over(f->room, sizeof(f->room));
	uint32_t ssrc = vc_get_u32(p + (is_rtcp ? 4 : 8));
	int err = f->has_begun ? 0 : begin(f, time);

	f->arrival = VC_TIME_NONE;
	if (err)
		return err;
	if (f->kind == VC_CAPFILE_PCAPNG)
		write_pcapng(f, &w, source_of(f, ssrc), time, p, len);
	else
		vc_rtpdump_packet(&w, time > f->start ? time - f->start : 0,
				  is_rtcp, p, len);
	return w.bad ? 0 : vc_outfile_write(f->out, f->room, vc_wr_len(&w));
}

static int put_rtcp(struct vc_capfile *f, const uint8_t *p, size_t len)
{
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp pkt;

	if (vc_rtcp_check(p, len))
		return 0;
	while (f->kind == VC_CAPFILE_PCAPNG && vc_rtcp_next(&rd, &pkt))
		if (pkt.pt == VC_RTCP_SDES)
			take_sdes(f, &pkt);
	return put_packet(f, p, len, true);
}

static int take_desc(struct vc_capfile *f, const uint8_t *p, size_t len)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	char what[32];

	if (!sdp)
		return -ENOMEM;
	if (!vc_sdp_parse(sdp, (const char *)p, len) && sdp->stripped.len) {
		vc_escape(what, sizeof(what), sdp->stripped.p,
			  sdp->stripped.len);
		snprintf(f->app, sizeof(f->app), "vc (stripped: %s)", what);
	}
	free(sdp);
	return 0;
}

static int take_time(struct vc_capfile *f, enum vc_frame_time kind, int64_t t)
{
	if (kind == VC_TIME_ARRIVAL) {
		f->arrival = t;
		return 0;
	}
	f->now = t;
	if (t < f->flush_at)
		return 0;
	f->flush_at = t + FLUSH;
	return vc_outfile_flush(f->out);
}

int vc_capfile_put(struct vc_capfile *f, const uint8_t *p, size_t len)
{
	enum vc_frame_time kind;
	int64_t t;

	switch (vc_frame_type(p, len)) {
	case VC_FRAME_RTP:
		return len < VC_RTP_HEADER || len > PACKET_MAX ?
			       0 :
			       put_packet(f, p, len, false);
	case VC_FRAME_RTCP:
		return len > PACKET_MAX ? 0 : put_rtcp(f, p, len);
	case VC_FRAME_TIME:
		if (vc_frame_time_parse(p, len, &kind, &t))
			return 0;
		return take_time(f, kind, t);
	case VC_FRAME_DESC:
		return take_desc(f, p, len);
	case VC_FRAME_EVENT:
		if (f->kind == VC_CAPFILE_PCAPNG)
			take_event(f, p, len);
		return 0;
	default:
		return 0;
	}
}
