/* SPDX-License-Identifier: MIT */
/*
 * A line of text with the address, a header of 16 octets with the time, then
 * records. The line is what people write and change by hand, so its address
 * counts and not the header's, which knows IPv4 only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/str.h"
#include "base/time.h"
#include "wire/frame.h"
#include "wire/rtpdump.h"

#define MARK "#!rtpplay"
#define MARK_VERSION MARK "1.0 "
#define FILE_HEADER 16
#define RECORD_HEADER 8

/* "ADDR/PORT". A host name is none, and no error. */
static bool parse_addr(struct vc_netaddr *addr, struct vc_str line)
{
	struct vc_str rest = line, host = vc_str_cut(&rest, '/');
	char text[64];
	uint32_t port;

	*addr = (struct vc_netaddr){ 0 };
	if (!vc_str_u32(rest, 65535, &port) ||
	    vc_str_copy(text, sizeof(text), host) >= sizeof(text))
		return false;
	addr->port = (uint16_t)port;
	if (inet_pton(AF_INET6, text, addr->ip) == 1)
		addr->is_ip6 = true;
	else if (inet_pton(AF_INET, text, addr->ip) != 1)
		memset(addr->ip, 0, sizeof(addr->ip));
	return true;
}

static int begin(struct vc_rtpdump *rd, const uint8_t *p, size_t len,
		 struct vc_piece *out)
{
	size_t mark = strlen(MARK_VERSION);
	const uint8_t *end = memchr(
		p, '\n', len < VC_RTPDUMP_LINE_MAX ? len : VC_RTPDUMP_LINE_MAX);
	struct vc_str line;
	uint32_t us;

	if (len >= mark && memcmp(p, MARK_VERSION, mark))
		return memcmp(p, MARK, strlen(MARK)) ? -EBADMSG :
						       -EPROTONOSUPPORT;
	if (!end && len >= VC_RTPDUMP_LINE_MAX)
		return -EBADMSG;
	out->size = end ? (size_t)(end + 1 - p) + FILE_HEADER : len + 1;
	if (len < out->size)
		return 0;
	if (out->size - FILE_HEADER < mark + 1)
		return -EBADMSG;
	line = vc_str_of((const char *)p + mark, (size_t)(end - p) - mark);
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	us = vc_get_u32(end + 5);
	if (!parse_addr(&rd->addr, line) || us >= 1000000)
		return -EBADMSG;
	rd->start = vc_get_u32(end + 1) * VC_SEC + us * VC_US;
	rd->is_begun = true;
	return 1;
}

int vc_rtpdump_next(struct vc_rtpdump *rd, const uint8_t *buf, size_t len,
		    struct vc_piece *out)
{
	int64_t ms;

	*out = (struct vc_piece){ .kind = VC_PIECE_SKIP };
	if (!rd->is_begun)
		return begin(rd, buf, len, out);
	out->size = RECORD_HEADER;
	if (len < out->size)
		return 0;
	out->size = vc_get_u16(buf);
	/* There is no mark to find the next record by. */
	if (out->size < RECORD_HEADER)
		return -EBADMSG;
	if (len < out->size)
		return 0;
	out->kind = VC_PIECE_PACKET;
	out->data = buf + RECORD_HEADER;
	out->caplen = out->size - RECORD_HEADER;
	out->len = vc_get_u16(buf + 2); /* 0: RTCP */
	if (out->len < out->caplen)
		out->len = out->caplen;
	ms = vc_ts_extend(&rd->offset, vc_get_u32(buf + 4));
	if (ms > (VC_FRAME_TIME_MAX - rd->start) / VC_MS || ms < 0)
		out->kind = VC_PIECE_BAD;
	else
		out->time = rd->start + ms * VC_MS;
	return 1;
}

void vc_rtpdump_begin(struct vc_wr *w, const struct vc_netaddr *addr,
		      int64_t start)
{
	char line[VC_RTPDUMP_LINE_MAX], ip[INET6_ADDRSTRLEN] = "0.0.0.0";

	(void)inet_ntop(addr->is_ip6 ? AF_INET6 : AF_INET, addr->ip, ip,
			sizeof(ip));
	snprintf(line, sizeof(line), MARK_VERSION "%s/%u\n", ip, addr->port);
	vc_wr_bytes(w, line, strlen(line));
	vc_wr_u32(w, (uint32_t)(start / VC_SEC));
	vc_wr_u32(w, (uint32_t)(start % VC_SEC / VC_US));
	if (addr->is_ip6)
		vc_wr_u32(w, 0); /* which the header has no room for */
	else
		vc_wr_bytes(w, addr->ip, 4);
	vc_wr_u16(w, addr->port);
	vc_wr_u16(w, 0);
}

void vc_rtpdump_packet(struct vc_wr *w, int64_t offset, bool is_rtcp,
		       const uint8_t *p, size_t len)
{
	if (len > VC_RTPDUMP_PACKET_MAX) {
		w->bad = true;
		return;
	}
	vc_wr_u16(w, (uint16_t)(RECORD_HEADER + len));
	vc_wr_u16(w, is_rtcp ? 0 : (uint16_t)len);
	vc_wr_u32(w, (uint32_t)(offset / VC_MS));
	vc_wr_bytes(w, p, len);
}
