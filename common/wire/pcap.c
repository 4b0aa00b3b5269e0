/* SPDX-License-Identifier: MIT */
/*
 * A pcap file is a header and records; a pcapng file is blocks, which all say
 * their type and length first, so that unknown ones are stepped over whatever
 * their length. Snapshot lengths are not believed: 0 and too small ones are
 * found in the field, the lengths of the packets are what counts.
 */
#include <errno.h>

#include "base/bytes.h"
#include "base/time.h"
#include "wire/frame.h"
#include "wire/pcap.h"

#define FILE_HEADER 24
#define RECORD_HEADER 16
#define BLOCK_MIN 12
#define SECTION_MIN 28

#define MAGIC_US 0xa1b2c3d4
#define MAGIC_NS 0xa1b23c4d
#define MAGIC_ORDER 0x1a2b3c4d

enum block {
	BLOCK_IFACE = 1,
	BLOCK_OLD_PACKET = 2,
	BLOCK_SIMPLE = 3,
	BLOCK_PACKET = 6,
	BLOCK_SECTION = 0x0a0d0d0a,
};

enum option {
	OPT_END = 0,
	OPT_TSRESOL = 9,
	OPT_TSOFFSET = 14,
};

/* --- octets --- */

static uint16_t get_u16(const struct vc_pcap *pc, const uint8_t *p)
{
	return pc->is_little ? (uint16_t)(p[1] << 8 | p[0]) : vc_get_u16(p);
}

static uint32_t get_u32(const struct vc_pcap *pc, const uint8_t *p)
{
	return pc->is_little ? (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
				       (uint32_t)p[1] << 8 | p[0] :
			       vc_get_u32(p);
}

static uint64_t get_u64(const struct vc_pcap *pc, const uint8_t *p)
{
	uint64_t a = get_u32(pc, p), b = get_u32(pc, p + 4);

	return pc->is_little ? b << 32 | a : a << 32 | b;
}

static int more(struct vc_piece *out, size_t size)
{
	out->size = size;
	return 0;
}

static int bad(struct vc_piece *out)
{
	*out = (struct vc_piece){ .kind = VC_PIECE_BAD, .size = out->size };
	return 1;
}

static int packet(struct vc_pcap *pc, struct vc_piece *out)
{
	pc->last = out->time;
	/* The shorter one is what some writers get wrong. */
	if (out->len < out->caplen)
		out->len = out->caplen;
	out->kind = VC_PIECE_PACKET;
	return 1;
}

/* --- pcap --- */

static int begin_pcap(struct vc_pcap *pc, const uint8_t *p,
		      struct vc_piece *out)
{
	struct vc_pcap_iface *iface = &pc->ifaces[0];

	pc->is_little = vc_get_u32(p) != MAGIC_US && vc_get_u32(p) != MAGIC_NS;
	if (get_u16(pc, p + 4) != 2 || get_u16(pc, p + 6) != 4)
		return -EPROTONOSUPPORT;
	iface->tsresol = get_u32(pc, p) == MAGIC_NS ? 9 : 6;
	iface->snaplen = get_u32(pc, p + 16);
	iface->link = (uint16_t)get_u32(pc, p + 20);
	pc->n_ifaces = 1;
	pc->is_begun = true;
	out->size = FILE_HEADER;
	return 1;
}

static int next_record(struct vc_pcap *pc, const uint8_t *p, size_t len,
		       struct vc_piece *out)
{
	bool is_ns = pc->ifaces[0].tsresol == 9;
	int64_t fraction;

	if (len < RECORD_HEADER)
		return more(out, RECORD_HEADER);
	out->caplen = get_u32(pc, p + 8);
	/* There is no mark to find the next record by. */
	if (out->caplen > VC_PCAP_PACKET_MAX)
		return -EBADMSG;
	out->size = RECORD_HEADER + out->caplen;
	if (len < out->size)
		return 0;
	fraction = get_u32(pc, p + 4);
	if (fraction >= (is_ns ? 1000000000 : 1000000))
		return bad(out);
	out->time = get_u32(pc, p) * VC_SEC + fraction * (is_ns ? 1 : VC_US);
	out->link = pc->ifaces[0].link;
	out->data = p + RECORD_HEADER;
	out->len = get_u32(pc, p + 12);
	return packet(pc, out);
}

/* --- pcapng: interfaces and their time --- */

/* Units of a second; 0: such fine ones are not known. */
static uint64_t units_of(uint8_t tsresol)
{
	uint64_t units = 1;

	if (tsresol & 0x80)
		return tsresol < 0x80 + 64 ? UINT64_C(1) << (tsresol & 63) : 0;
	if (tsresol > 19)
		return 0;
	for (; tsresol; tsresol--)
		units *= 10;
	return units;
}

/* 'rest' of 'units' in ns; without a product over 64 bits. */
static int64_t fraction_ns(uint8_t tsresol, uint64_t rest, uint64_t units)
{
	unsigned int bits = tsresol & 63;

	if (tsresol & 0x80 && bits > 33)
		return (int64_t)(((rest >> (bits - 33)) * 1000000000) >> 33);
	if (units > 1000000000 && !(tsresol & 0x80))
		return (int64_t)(rest / (units / 1000000000));
	return (int64_t)(rest * 1000000000 / units);
}

/* VC_TIME_NONE where it is out of range. */
static int64_t time_of(const struct vc_pcap_iface *iface, uint64_t ts)
{
	const int64_t max_s = VC_FRAME_TIME_MAX / VC_SEC;
	uint64_t units = units_of(iface->tsresol);
	int64_t s;

	if (!units || ts / units > (uint64_t)max_s || iface->tsoffset > max_s ||
	    iface->tsoffset < -max_s)
		return VC_TIME_NONE;
	s = (int64_t)(ts / units) + iface->tsoffset;
	if (s < 0 || s >= max_s)
		return VC_TIME_NONE;
	return s * VC_SEC + fraction_ns(iface->tsresol, ts % units, units);
}

/* False: malformed. */
static bool parse_options(struct vc_pcap *pc, struct vc_rd *r,
			  struct vc_pcap_iface *iface)
{
	while (vc_rd_left(r)) {
		const uint8_t *head = vc_rd_bytes(r, 4), *value;
		size_t n;

		if (!head)
			return false;
		n = get_u16(pc, head + 2);
		if (get_u16(pc, head) == OPT_END)
			break;
		value = vc_rd_bytes(r, (n + 3) & ~(size_t)3);
		if (!value)
			return false;
		if (get_u16(pc, head) == OPT_TSRESOL && n == 1)
			iface->tsresol = value[0];
		else if (get_u16(pc, head) == OPT_TSOFFSET && n == 8)
			iface->tsoffset = (int64_t)get_u64(pc, value);
	}
	return true;
}

/* It counts also where it is malformed: packets name it by its place. */
static int take_iface(struct vc_pcap *pc, struct vc_rd r, struct vc_piece *out)
{
	struct vc_pcap_iface iface = { .tsresol = 6 };
	const uint8_t *p = vc_rd_bytes(&r, 8);
	bool is_sound = p && parse_options(pc, &r, &iface);

	if (is_sound) {
		iface.link = get_u16(pc, p);
		iface.snaplen = get_u32(pc, p + 4);
	} else {
		iface.link = UINT16_MAX;
	}
	if (pc->n_ifaces < VC_PCAP_IFACES)
		pc->ifaces[pc->n_ifaces] = iface;
	if (pc->n_ifaces < UINT32_MAX)
		pc->n_ifaces++;
	return is_sound ? 1 : bad(out);
}

static const struct vc_pcap_iface *iface_at(const struct vc_pcap *pc,
					    uint32_t i)
{
	return i < pc->n_ifaces && i < VC_PCAP_IFACES ? &pc->ifaces[i] : NULL;
}

/* --- pcapng: blocks --- */

/* Enhanced ones, and those that were before them: both begin with 20 octets. */
static int take_packet(struct vc_pcap *pc, struct vc_rd r, bool is_old,
		       struct vc_piece *out)
{
	const uint8_t *p = vc_rd_bytes(&r, 20);
	const struct vc_pcap_iface *iface;

	if (!p)
		return bad(out);
	iface = iface_at(pc, is_old ? get_u16(pc, p) : get_u32(pc, p));
	out->caplen = get_u32(pc, p + 12);
	out->len = get_u32(pc, p + 16);
	if (!iface || out->caplen > VC_PCAP_PACKET_MAX)
		return bad(out);
	out->data = vc_rd_bytes(&r, out->caplen);
	out->time = time_of(iface, (uint64_t)get_u32(pc, p + 4) << 32 |
					   get_u32(pc, p + 8));
	if (!out->data || out->time == VC_TIME_NONE)
		return bad(out);
	out->link = iface->link;
	return packet(pc, out);
}

static int take_simple(struct vc_pcap *pc, struct vc_rd r, struct vc_piece *out)
{
	const uint8_t *p = vc_rd_bytes(&r, 4);
	const struct vc_pcap_iface *iface = iface_at(pc, 0);

	if (!p || !iface)
		return bad(out);
	/* How much was captured is not said: all, the snapshot length, or
	 * what there is room for. */
	out->len = get_u32(pc, p);
	out->caplen = out->len;
	if (iface->snaplen && out->caplen > iface->snaplen)
		out->caplen = iface->snaplen;
	if (out->caplen > vc_rd_left(&r))
		return bad(out);
	out->data = vc_rd_bytes(&r, out->caplen);
	out->time = pc->last;
	out->link = iface->link;
	return packet(pc, out);
}

static int begin_section(struct vc_pcap *pc, const uint8_t *p, size_t len,
			 struct vc_piece *out)
{
	if (len < SECTION_MIN)
		return more(out, SECTION_MIN);
	pc->is_little = vc_get_u32(p + 8) != MAGIC_ORDER;
	if (get_u32(pc, p + 8) != MAGIC_ORDER)
		return -EBADMSG;
	if (get_u16(pc, p + 12) != 1)
		return -EPROTONOSUPPORT;
	out->size = get_u32(pc, p + 4);
	if (out->size < SECTION_MIN || out->size % 4)
		return -EBADMSG;
	if (!pc->is_begun)
		pc->last = VC_TIME_NONE;
	pc->is_begun = true;
	pc->is_ng = true;
	pc->n_ifaces = 0;
	return 1;
}

static int next_block(struct vc_pcap *pc, const uint8_t *p, size_t len,
		      struct vc_piece *out)
{
	uint32_t type;

	if (len < BLOCK_MIN)
		return more(out, BLOCK_MIN);
	/* The same in both orders: the section's may be another one. */
	if (vc_get_u32(p) == BLOCK_SECTION)
		return begin_section(pc, p, len, out);
	type = get_u32(pc, p);
	out->size = get_u32(pc, p + 4);
	if (out->size < BLOCK_MIN || out->size % 4)
		return -EBADMSG;
	if (type != BLOCK_IFACE && type != BLOCK_OLD_PACKET &&
	    type != BLOCK_SIMPLE && type != BLOCK_PACKET)
		return 1;
	if (out->size > VC_PCAP_BLOCK_MAX)
		return type == BLOCK_IFACE ? -EBADMSG : bad(out);
	if (len < out->size)
		return 0;
	if (get_u32(pc, p + out->size - 4) != out->size)
		return -EBADMSG;

	struct vc_rd body = vc_rd_over(p + 8, out->size - BLOCK_MIN);

	if (type == BLOCK_IFACE)
		return take_iface(pc, body, out);
	if (type == BLOCK_SIMPLE)
		return take_simple(pc, body, out);
	return take_packet(pc, body, type == BLOCK_OLD_PACKET, out);
}

int vc_pcap_next(struct vc_pcap *pc, const uint8_t *buf, size_t len,
		 struct vc_piece *out)
{
	*out = (struct vc_piece){ .kind = VC_PIECE_SKIP };
	if (pc->is_begun)
		return pc->is_ng ? next_block(pc, buf, len, out) :
				   next_record(pc, buf, len, out);
	if (len < 4)
		return more(out, FILE_HEADER);
	switch (vc_get_u32(buf)) {
	case BLOCK_SECTION:
		return begin_section(pc, buf, len, out);
	case MAGIC_US:
	case MAGIC_NS:
	case 0xd4c3b2a1:
	case 0x4d3cb2a1:
		if (len < FILE_HEADER)
			return more(out, FILE_HEADER);
		return begin_pcap(pc, buf, out);
	default:
		return -EBADMSG;
	}
}
