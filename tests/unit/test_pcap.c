/* SPDX-License-Identifier: MIT */
/* Captures, written here octet by octet in either order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/time.h"
#include "wire/pcap.h"

static const uint8_t body[] = "twelve octet";
#define BODY 12

struct file {
	uint8_t p[4096];
	struct vc_wr w;
	bool is_little;
};

static void begin(struct file *f, bool is_little)
{
	f->w = vc_wr_over(f->p, sizeof(f->p));
	f->is_little = is_little;
}

static void u16(struct file *f, unsigned int v)
{
	vc_wr_u16(&f->w, (uint16_t)(f->is_little ? v >> 8 | v << 8 : v));
}

static void u32(struct file *f, uint32_t v)
{
	vc_wr_u32(&f->w, f->is_little ? __builtin_bswap32(v) : v);
}

static void pcap_header(struct file *f, uint32_t magic, uint32_t snaplen,
			uint32_t link)
{
	u32(f, magic);
	u16(f, 2);
	u16(f, 4);
	u32(f, 0);
	u32(f, 0);
	u32(f, snaplen);
	u32(f, link);
}

static void record(struct file *f, uint32_t s, uint32_t fraction, uint32_t cap,
		   uint32_t len)
{
	u32(f, s);
	u32(f, fraction);
	u32(f, cap);
	u32(f, len);
	vc_wr_bytes(&f->w, body, cap < BODY ? cap : BODY);
}

/* A block around what is written until block_end(). */
static size_t block(struct file *f, uint32_t type)
{
	size_t at = vc_wr_len(&f->w);

	u32(f, type);
	u32(f, 0);
	return at;
}

static void block_end(struct file *f, size_t at)
{
	struct vc_wr end = f->w;
	uint32_t len = (uint32_t)(vc_wr_len(&f->w) - at + 4);

	u32(f, len);
	end = f->w;
	f->w.p = f->p + at + 4;
	u32(f, len);
	f->w = end;
}

static void section(struct file *f)
{
	size_t at = block(f, 0x0a0d0d0a);

	u32(f, 0x1a2b3c4d);
	u16(f, 1);
	u16(f, 0);
	u32(f, UINT32_MAX);
	u32(f, UINT32_MAX);
	block_end(f, at);
}

static void iface(struct file *f, unsigned int link, uint32_t snaplen,
		  int tsresol, int64_t tsoffset)
{
	size_t at = block(f, 1);

	u16(f, link);
	u16(f, 0);
	u32(f, snaplen);
	u16(f, 2); /* if_name, unknown to us */
	u16(f, 3);
	vc_wr_bytes(&f->w, "eth\0", 4);
	if (tsresol >= 0) {
		u16(f, 9);
		u16(f, 1);
		vc_wr_u8(&f->w, (uint8_t)tsresol);
		vc_wr_bytes(&f->w, "\0\0", 3);
	}
	if (tsoffset) {
		uint64_t v = (uint64_t)tsoffset;

		u16(f, 14);
		u16(f, 8);
		vc_wr_u64(&f->w, f->is_little ? __builtin_bswap64(v) : v);
	}
	u16(f, 0);
	u16(f, 0);
	block_end(f, at);
}

static void enhanced(struct file *f, uint32_t i, uint64_t ts, uint32_t cap,
		     uint32_t len)
{
	size_t at = block(f, 6);

	u32(f, i);
	u32(f, (uint32_t)(ts >> 32));
	u32(f, (uint32_t)ts);
	u32(f, cap);
	u32(f, len);
	vc_wr_bytes(&f->w, body, BODY);
	block_end(f, at);
}

/* All pieces of a file, one letter each: '.' skip, 'p' packet, 'b' bad, then
 * '!' for an error, '$' for the end, '~' for one that is cut. */
static void walk(const struct file *f, size_t len, char *out,
		 struct vc_piece *last)
{
	struct vc_pcap *pc = calloc(1, sizeof(*pc));
	struct vc_piece piece;
	size_t at = 0;

	assert_non_null(pc);
	while (at < len) {
		/* Exactly as long, so that sanitizers see what is read. */
		size_t n = len - at;
		uint8_t *copy = malloc(n);
		int got;

		memcpy(copy, f->p + at, n);
		got = vc_pcap_next(pc, copy, n, &piece);
		if (got == 1 && piece.kind == VC_PIECE_PACKET) {
			assert_true(piece.data >= copy && piece.caplen <= n);
			assert_memory_equal(piece.data, body, piece.caplen);
			*last = piece;
		}
		free(copy);
		if (got < 0 || !got) {
			assert_true(got < 0 || piece.size > n);
			*out++ = got < 0 ? '!' : '~';
			break;
		}
		assert_true(piece.size > 0);
		*out++ = ".p?b"[piece.kind];
		at += piece.size;
	}
	if (at == len)
		*out++ = '$';
	*out = '\0';
	free(pc);
}

static const struct {
	uint32_t magic, snaplen, s, fraction, cap, len;
	const char *pieces;
	int64_t time;
	size_t is_len;
} records[] = {
	{ 0xa1b2c3d4, 65535, 5, 999999, 12, 12, ".p$", 5999999 * VC_US, 12 },
	{ 0xa1b23c4d, 65535, 5, 999999999, 12, 12, ".p$", 5999999999, 12 },
	/* cut; with a snapshot length of 0, and one too small */
	{ 0xa1b2c3d4, 0, 1, 0, 12, 1500, ".p$", VC_SEC, 1500 },
	{ 0xa1b2c3d4, 4, 1, 0, 12, 12, ".p$", VC_SEC, 12 },
	/* more was captured than there was */
	{ 0xa1b2c3d4, 65535, 1, 0, 12, 4, ".p$", VC_SEC, 12 },
	{ 0xa1b2c3d4, 65535, 1, 0, 0, 0, ".p$", VC_SEC, 0 },
	/* the last second, 2106 */
	{ 0xa1b2c3d4, 65535, UINT32_MAX, 0, 12, 12, ".p$", UINT32_MAX *VC_SEC,
	  12 },
	{ 0xa1b2c3d4, 65535, 1, 1000000, 12, 12, ".b$", 0, 0 },
	{ 0xa1b23c4d, 65535, 1, 1000000000, 12, 12, ".b$", 0, 0 },
	{ 0xa1b2c3d4, 65535, 1, 0, 262145, 12, ".!", 0, 0 },
	{ 0xa1b2c3d4, 65535, 1, 0, UINT32_MAX, 12, ".!", 0, 0 },
	{ 0xa1b2c3d4, 65535, 1, 0, 262144, 12, ".~", 0, 0 },
	{ 0xa1b2cd34, 65535, 1, 0, 12, 12, "!", 0, 0 }, /* Kuznetzov's */
};

static void records_are_read_in_either_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(records) * 2; i++) {
		size_t r = i / 2;
		struct vc_piece last = { 0 };
		struct file f;
		char pieces[64];

		begin(&f, i % 2);
		pcap_header(&f, records[r].magic, records[r].snaplen, 113);
		record(&f, records[r].s, records[r].fraction, records[r].cap,
		       records[r].len);
		walk(&f, vc_wr_len(&f.w), pieces, &last);
		if (strcmp(pieces, records[r].pieces) ||
		    last.time != records[r].time ||
		    last.len != records[r].is_len ||
		    (last.data && last.link != 113))
			fail_msg("row %zu: %s", r, pieces);
	}
}

static void other_versions_are_named(void **state)
{
	static const struct {
		size_t at;
		const char *octet;
		int err;
	} rows[] = {
		{ 5, "\1", -EPROTONOSUPPORT },
		{ 7, "\3", -EPROTONOSUPPORT },
		{ 3, "\0", -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_pcap pc = { 0 };
		struct vc_piece piece;
		struct file f;

		begin(&f, false);
		pcap_header(&f, 0xa1b2c3d4, 65535, 1);
		memcpy(f.p + rows[i].at, rows[i].octet, 1);
		assert_int_equal(vc_pcap_next(&pc, f.p, 24, &piece),
				 rows[i].err);
	}
}

static const struct {
	int tsresol;
	int64_t tsoffset;
	uint64_t ts;
	int64_t time; /* -1: bad */
} times[] = {
	{ -1, 0, 5000001, 5000001 * VC_US },
	{ 6, 0, 5000001, 5000001 * VC_US },
	{ 9, 0, 5000000001, 5000000001 },
	{ 0, 0, 7, 7 * VC_SEC },
	{ 3, 100, 1500, 101500 * VC_MS },
	{ 3, -1, 1500, 500 * VC_MS },
	{ 3, -2, 1500, -1 }, /* before 1970 */
	{ 12, 0, 1500000000001, 1500 * VC_MS },
	{ 19, 0, 15000000000000000000u, 1500 * VC_MS },
	{ 20, 0, 1, -1 },
	{ 127, 0, 1, -1 },
	{ 0x80, 0, 7, 7 * VC_SEC },
	{ 0x80 + 1, 0, 3, 1500 * VC_MS },
	{ 0x80 + 10, 0, 1536, 1500 * VC_MS },
	{ 0x80 + 32, 0, 0x180000000, 1500 * VC_MS },
	{ 0x80 + 33, 0, 0x3ffffffff, 2 * VC_SEC - 1 },
	{ 0x80 + 34, 0, 0x7ffffffff, 2 * VC_SEC - 1 },
	{ 0x80 + 63, 0, UINT64_MAX, 2 * VC_SEC - 1 },
	{ 0x80 + 64, 0, 1, -1 },
	{ 255, 0, 1, -1 },
	{ 9, 0, UINT64_MAX, -1 },
	{ 0, 0, UINT64_MAX, -1 },
	{ 9, INT64_MAX, 1, -1 },
	{ 9, INT64_MIN, 1, -1 },
};

static void resolutions_and_offsets_of_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < VC_COUNT(times) * 2; i++) {
		size_t r = i / 2;
		struct vc_piece last = { .time = -1 };
		struct file f;
		char pieces[64];

		begin(&f, i % 2);
		section(&f);
		iface(&f, 1, 0, times[r].tsresol, times[r].tsoffset);
		enhanced(&f, 0, times[r].ts, BODY, BODY);
		walk(&f, vc_wr_len(&f.w), pieces, &last);
		if (last.time != times[r].time ||
		    strcmp(pieces, times[r].time < 0 ? "..b$" : "..p$"))
			fail_msg("row %zu: %s %lld", r, pieces,
				 (long long)last.time);
	}
}

/* Two sections, of different order, with blocks of every kind. */
static size_t build(struct file *f, bool is_little)
{
	size_t at;

	begin(f, is_little);
	section(f);
	iface(f, 1, 65535, -1, 0);
	iface(f, 276, 6, 9, 0);
	at = block(f, 0x0bad); /* unknown */
	u32(f, 0xdeadbeef);
	block_end(f, at);
	enhanced(f, 1, 7 * VC_SEC, BODY, 100);
	enhanced(f, 2, 7, BODY, BODY);	   /* no such interface */
	enhanced(f, 0, 7, BODY + 1, BODY); /* longer than its block */
	enhanced(f, 0, 7, UINT32_MAX, BODY);
	at = block(f, 2); /* the old packet block */
	u16(f, 0);
	u16(f, 3);
	u32(f, 0);
	u32(f, 9000000);
	u32(f, BODY);
	u32(f, BODY);
	vc_wr_bytes(&f->w, body, BODY);
	block_end(f, at);
	at = block(f, 3); /* the simple one */
	u32(f, BODY);
	vc_wr_bytes(&f->w, body, BODY);
	block_end(f, at);
	f->is_little = !is_little;
	section(f);
	at = block(f, 3); /* before an interface */
	u32(f, BODY);
	vc_wr_bytes(&f->w, body, BODY);
	block_end(f, at);
	iface(f, 101, 4, 9, 0);
	at = block(f, 3);
	u32(f, 1000);
	vc_wr_bytes(&f->w, body, 4);
	block_end(f, at);
	return vc_wr_len(&f->w);
}

static void blocks_of_all_kinds(void **state)
{
	struct vc_piece last = { 0 };
	struct file f;
	char pieces[64];

	(void)state;
	for (int little = 0; little < 2; little++) {
		size_t len = build(&f, little);

		walk(&f, len, pieces, &last);
		assert_string_equal(pieces, "....pbbbpp.b.p$");
		assert_int_equal(last.time, 9 * VC_SEC); /* of the one before */
		assert_int_equal(last.caplen, 4);
		assert_int_equal(last.len, 1000);
		assert_int_equal(last.link, 101);
	}
}

/* Cut anywhere: what came before is given, and no more than is there read. */
static void files_cut_at_every_octet(void **state)
{
	struct vc_piece last;
	struct file f;
	char whole[64], pieces[64];

	(void)state;
	for (int ng = 0; ng < 2; ng++) {
		size_t len;

		if (ng) {
			len = build(&f, true);
		} else {
			begin(&f, true);
			pcap_header(&f, 0xa1b2c3d4, 0, 1);
			record(&f, 1, 2, BODY, BODY);
			record(&f, 2, 2, BODY, BODY);
			len = vc_wr_len(&f.w);
		}
		walk(&f, len, whole, &last);
		for (size_t n = 1; n < len; n++) {
			size_t k;

			walk(&f, n, pieces, &last);
			k = strlen(pieces) - 1;
			/* A block that is skipped may end behind the cut. */
			assert_true(pieces[k] == '~' || pieces[k] == '$' ||
				    pieces[k] == '.');
			assert_memory_equal(pieces, whole, k);
		}
	}
}

static void blocks_that_lie(void **state)
{
	static const struct {
		size_t at; /* in the third block */
		uint32_t v;
		const char *pieces;
	} rows[] = {
		{ 4, 0, "..!" },
		{ 4, 8, "..!" },
		{ 4, 45, "..!" },
		{ 4, 40, "..!" }, /* the length at its end differs */
		{ 4, UINT32_MAX - 3, "..b" }, /* too long for us */
		{ 4, VC_PCAP_BLOCK_MAX, "..~" },
		{ 40, 12, "..!" },
		{ 0, 1, "...$" }, /* an interface, of odd options */
		{ 0, 0xff, "...$" },
	};

	(void)state;
	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		struct vc_piece last;
		struct file f;
		char pieces[64];
		size_t at;

		begin(&f, false);
		section(&f);
		iface(&f, 1, 0, -1, 0);
		at = vc_wr_len(&f.w);
		enhanced(&f, 0, 0, BODY, BODY);
		vc_put_u32(f.p + at + rows[i].at, rows[i].v);
		walk(&f, vc_wr_len(&f.w), pieces, &last);
		if (strcmp(pieces, rows[i].pieces))
			fail_msg("row %zu: %s", i, pieces);
	}
}

static void interfaces_have_a_cap(void **state)
{
	struct vc_pcap *pc = calloc(1, sizeof(*pc));
	struct vc_piece piece;
	struct file f;
	size_t head, len;

	(void)state;
	begin(&f, true);
	section(&f);
	head = vc_wr_len(&f.w);
	iface(&f, 1, 0, -1, 0);
	len = vc_wr_len(&f.w) - head;
	assert_int_equal(vc_pcap_next(pc, f.p, head, &piece), 1);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(vc_pcap_next(pc, f.p + head, len, &piece), 1);
	for (uint32_t i = 0; i < 1001; i++) {
		begin(&f, true);
		enhanced(&f, i, 7, BODY, BODY);
		assert_int_equal(vc_pcap_next(pc, f.p, vc_wr_len(&f.w), &piece),
				 1);
		assert_int_equal(piece.kind, i < VC_PCAP_IFACES ?
						     VC_PIECE_PACKET :
						     VC_PIECE_BAD);
	}
	free(pc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_read_in_either_order),
		cmocka_unit_test(other_versions_are_named),
		cmocka_unit_test(resolutions_and_offsets_of_time),
		cmocka_unit_test(blocks_of_all_kinds),
		cmocka_unit_test(files_cut_at_every_octet),
		cmocka_unit_test(blocks_that_lie),
		cmocka_unit_test(interfaces_have_a_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
