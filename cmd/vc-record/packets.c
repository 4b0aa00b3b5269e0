/* SPDX-License-Identifier: MIT */
#include "packets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/gz.h"
#include "base/mem.h"
#include "base/time.h"
#include "wire/frame.h"
#include "wire/netpkt.h"
#include "wire/pcap.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/rtpdump.h"

#define ROOM (1u << 20) /* no piece is larger */
#define PLAIN 65536	/* octets out of gzip at a time */

struct packets {
	enum vc_filekind kind;
	packets_take *take;
	void *ctx;
	struct vc_gz *gz; /* or NULL */
	bool is_gz_over;
	struct vc_pcap pcap;
	struct vc_rtpdump rtpdump;
	bool is_begun; /* .vcrtp: it was described */
	int64_t now;
	int64_t arrival; /* of the next packet */
	size_t at, len;	 /* of 'buf': what is not taken yet */
	int err;
	uint8_t buf[ROOM];
};

bool packets_can(enum vc_filekind kind)
{
	return kind == VC_FILEKIND_VCRTP || kind == VC_FILEKIND_GZIP ||
	       kind == VC_FILEKIND_PCAP || kind == VC_FILEKIND_RTPDUMP;
}

struct packets *packets_new(enum vc_filekind kind, packets_take *take,
			    void *ctx)
{
	struct packets *p = vc_try_alloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->kind = kind;
	p->take = take;
	p->ctx = ctx;
	p->now = p->arrival = VC_TIME_NONE;
	if (kind == VC_FILEKIND_GZIP)
		p->gz = vc_gz_new_reader();
	if (kind != VC_FILEKIND_GZIP || p->gz)
		return p;
	free(p);
	return NULL;
}

void packets_free(struct packets *p)
{
	if (p)
		vc_gz_free(p->gz);
	free(p);
}

const char *packets_format(enum vc_filekind kind)
{
	switch (kind) {
	case VC_FILEKIND_GZIP:
		return "vcrtp.gz";
	case VC_FILEKIND_PCAP:
		return "pcapng";
	case VC_FILEKIND_RTPDUMP:
		return "rtpdump";
	default:
		return "vcrtp";
	}
}

/* --- pieces: 1, and 'out'; 0: more is needed; or -EBADMSG --- */

static void set_time(struct packets *p, const struct vc_frame *f)
{
	enum vc_frame_time kind;
	int64_t t;

	if (vc_frame_time_parse(f->payload, f->len, &kind, &t))
		return;
	p->arrival = t;
	if (kind == VC_TIME_STREAM)
		p->now = t;
}

static int next_frame(struct packets *p, struct packets_piece *out)
{
	static const enum packets_kind kinds[] = {
		[VC_FRAME_RTP] = PACKETS_RTP,
		[VC_FRAME_RTCP] = PACKETS_RTCP,
		[VC_FRAME_DESC] = PACKETS_DESC,
		[VC_FRAME_EVENT] = PACKETS_EVENT,
		[VC_FRAME_OTHER] = PACKETS_OTHER,
	};
	struct vc_frame f;
	int got = vc_frame_next(p->buf + p->at, p->len, &f);

	if (!got)
		return 0;
	out->size = f.size;
	if (got < 0 && (!f.size || f.size > p->len))
		return f.size ? 0 : got;
	out->kind = got < 0 || f.toobig ? PACKETS_BAD : kinds[f.type];
	/* Whatever begins otherwise is none. */
	p->is_begun |= out->kind == PACKETS_DESC;
	if (!p->is_begun && (got < 0 || f.type != VC_FRAME_EMPTY))
		return -EBADMSG;
	if (got > 0 && f.type == VC_FRAME_TIME)
		set_time(p, &f);
	out->data = f.payload;
	out->len = f.len;
	out->time = p->arrival;
	if (out->kind == PACKETS_RTP || out->kind == PACKETS_RTCP)
		p->arrival = p->now;
	return 1;
}

/* Whatever else was captured is let be. */
static void name_payload(struct packets_piece *out, const uint8_t *p,
			 size_t len)
{
	struct vc_rtp rtp;

	out->data = p;
	out->len = len;
	if (len >= 4 && vc_demux(p, len) == VC_DEMUX_RTCP &&
	    !vc_rtcp_check_reduced(p, len))
		out->kind = PACKETS_RTCP;
	else if (len >= 4 && vc_demux(p, len) == VC_DEMUX_RTP &&
		 !vc_rtp_parse(&rtp, p, len))
		out->kind = PACKETS_RTP;
}

static int next_captured(struct packets *p, struct packets_piece *out)
{
	bool is_pcap = p->kind == VC_FILEKIND_PCAP;
	struct vc_netpkt net;
	struct vc_piece piece;
	int got = is_pcap ? vc_pcap_next(&p->pcap, p->buf + p->at, p->len,
					 &piece) :
			    vc_rtpdump_next(&p->rtpdump, p->buf + p->at, p->len,
					    &piece);

	if (got < 0 || piece.size > ROOM)
		return -EBADMSG;
	if (!got || piece.size > p->len)
		return 0;
	out->size = piece.size;
	out->kind = piece.kind == VC_PIECE_BAD ? PACKETS_BAD : PACKETS_OTHER;
	if (piece.kind != VC_PIECE_PACKET)
		return 1;
	out->time = piece.time;
	if (!is_pcap)
		name_payload(out, piece.data, piece.caplen);
	else if (vc_netpkt_parse(&net, piece.link, piece.data, piece.caplen,
				 piece.len) == VC_NETPKT_UDP)
		name_payload(out, net.payload, net.caplen);
	return 1;
}

static int next_piece(struct packets *p, struct packets_piece *out)
{
	*out = (struct packets_piece){ .time = VC_TIME_NONE,
				       .octets = p->buf + p->at };
	return p->kind == VC_FILEKIND_PCAP || p->kind == VC_FILEKIND_RTPDUMP ?
		       next_captured(p, out) :
		       next_frame(p, out);
}

/* --- octets --- */

static int put_plain(struct packets *p, const uint8_t *data, size_t len)
{
	struct packets_piece piece;
	int err = 0, got;

	while (!err && len) {
		size_t n = ROOM - p->len < len ? ROOM - p->len : len;

		memcpy(p->buf + p->len, data, n);
		p->len += n;
		p->at = 0;
		data += n;
		len -= n;
		while (!err && (got = next_piece(p, &piece))) {
			if (got < 0)
				return got;
			err = p->take(p->ctx, &piece);
			p->at += piece.size;
			p->len -= piece.size;
		}
		memmove(p->buf, p->buf + p->at, p->len);
		if (p->len == ROOM)
			return -EBADMSG;
	}
	return err;
}

static int put_gzip(struct packets *p, const uint8_t *data, size_t len)
{
	uint8_t plain[PLAIN];
	size_t n_in, n_out;
	int err = 0, got;

	do {
		n_in = len;
		n_out = sizeof(plain);
		got = vc_gz_read(p->gz, data, &n_in, plain, &n_out);
		if (got == -ENOMEM)
			return got;
		err = put_plain(p, plain, n_out);
		p->is_gz_over = got == 1;
		data += n_in;
		len -= n_in;
		if (got < 0 && !err)
			err = got;
	} while (!err && (len || n_out == sizeof(plain)));
	return err;
}

int packets_put(struct packets *p, const uint8_t *data, size_t len)
{
	if (!p->err)
		p->err = p->gz ? put_gzip(p, data, len) :
				 put_plain(p, data, len);
	return p->err;
}

bool packets_is_whole(const struct packets *p)
{
	return !p->err && !p->len && (!p->gz || p->is_gz_over);
}
