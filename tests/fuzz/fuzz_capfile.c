/* SPDX-License-Identifier: MIT */
/*
 * Frames of a stream as a capture: each packet that is in the pcapng is read
 * again as it was, and so it is from the rtpdump.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/capfile.h"
#include "engine/outfile.h"
#include "wire/frame.h"
#include "wire/netpkt.h"
#include "wire/pcap.h"
#include "wire/rtpdump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t write_all(enum vc_capfile_kind kind, const uint8_t *data,
			size_t size, uint8_t *room, size_t cap)
{
	int fd = memfd_create("capture", MFD_CLOEXEC);
	struct vc_outfile *out;
	struct vc_capfile *f;
	struct vc_frame frame;
	size_t at = 0;
	ssize_t n;

	if (fd < 0 || vc_outfile_wrap(fd, &out))
		abort();
	f = vc_capfile_new(kind, out);
	while (f && vc_frame_next(data + at, size - at, &frame) == 1) {
		if (vc_capfile_put(f, frame.payload, frame.len))
			abort();
		at += frame.size;
	}
	vc_capfile_free(f);
	if (vc_outfile_finish(out))
		abort();
	n = pread(fd, room, cap, 0);
	close(fd);
	return n > 0 ? (size_t)n : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[1 << 18];
	struct vc_pcap pc = { 0 };
	struct vc_rtpdump rd = { 0 };
	struct vc_piece piece;
	struct vc_netpkt net;
	size_t len, at, n = 0;

	if (size > 1 << 13)
		return 0;
	len = write_all(VC_CAPFILE_PCAPNG, data, size, room, sizeof(room));
	for (at = 0; at < len; at += piece.size) {
		if (vc_pcap_next(&pc, room + at, len - at, &piece) != 1 ||
		    piece.kind == VC_PIECE_BAD)
			abort();
		if (piece.kind != VC_PIECE_PACKET)
			continue;
		n++;
		if (vc_netpkt_parse(&net, piece.link, piece.data, piece.caplen,
				    piece.len) != VC_NETPKT_UDP ||
		    !memmem(data, size, net.payload, net.caplen))
			abort();
	}
	len = write_all(VC_CAPFILE_RTPDUMP, data, size, room, sizeof(room));
	for (at = 0; at < len; at += piece.size) {
		if (vc_rtpdump_next(&rd, room + at, len - at, &piece) != 1)
			abort();
		n -= piece.kind != VC_PIECE_SKIP;
	}
	if (n)
		abort();
	return 0;
}
