/* SPDX-License-Identifier: MIT */
/*
 * Blocks of pcapng, little-endian: type, length, body, the same length again.
 */
#include <string.h>

#include "base/bytes.h"
#include "wire/pcap.h"

enum option {
	OPT_END = 0,
	OPT_COMMENT = 1,
	OPT_APPLICATION = 4, /* of a section */
	OPT_TSRESOL = 9,     /* of an interface */
};

static void pad(struct vc_wr *w, size_t len)
{
	vc_wr_bytes(w, "\0\0\0", (4 - len % 4) % 4);
}

static void put_option(struct vc_wr *w, enum option code, const void *p,
		       size_t len)
{
	vc_wr_le(w, code, 2);
	vc_wr_le(w, len, 2);
	vc_wr_bytes(w, p, len);
	pad(w, len);
}

/* Returns the mark that end_block() takes. */
static size_t begin_block(struct vc_wr *w, uint32_t type)
{
	vc_wr_le(w, type, 4);
	vc_wr_le(w, 0, 4);
	return vc_wr_len(w);
}

static void end_block(struct vc_wr *w, size_t mark)
{
	size_t len = vc_wr_len(w) + 4 - (mark - 8);
	struct vc_wr at;

	vc_wr_le(w, len, 4);
	if (w->bad)
		return;
	at = vc_wr_over(w->start + mark - 4, 4);
	vc_wr_le(&at, len, 4);
}

void vc_pcap_begin(struct vc_wr *w, const char *app, uint16_t link)
{
	static const uint8_t ns = 9;
	size_t mark = begin_block(w, 0x0a0d0d0a);

	vc_wr_le(w, 0x1a2b3c4d, 4);
	vc_wr_le(w, 1, 2); /* version 1.0 */
	vc_wr_le(w, 0, 2);
	vc_wr_le(w, UINT64_MAX, 8); /* its length is not known */
	put_option(w, OPT_APPLICATION, app, strlen(app));
	put_option(w, OPT_END, NULL, 0);
	end_block(w, mark);
	mark = begin_block(w, 1);
	vc_wr_le(w, link, 2);
	vc_wr_le(w, 0, 2);
	vc_wr_le(w, 0, 4); /* packets are whole */
	put_option(w, OPT_TSRESOL, &ns, 1);
	put_option(w, OPT_END, NULL, 0);
	end_block(w, mark);
}

void vc_pcap_packet(struct vc_wr *w, int64_t time, const uint8_t *p, size_t len,
		    const char *comment)
{
	size_t mark = begin_block(w, 6);

	vc_wr_le(w, 0, 4); /* interface */
	vc_wr_le(w, (uint64_t)time >> 32, 4);
	vc_wr_le(w, (uint32_t)time, 4);
	vc_wr_le(w, len, 4);
	vc_wr_le(w, len, 4);
	vc_wr_bytes(w, p, len);
	pad(w, len);
	if (*comment) {
		put_option(w, OPT_COMMENT, comment, strlen(comment));
		put_option(w, OPT_END, NULL, 0);
	}
	end_block(w, mark);
}
