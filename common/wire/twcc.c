/* SPDX-License-Identifier: MIT */
/*
 * A status is a symbol: did not come; came, and its delta fits an octet; came
 * with a delta of two. Symbols are packed into chunks of 16 bits (a run of one
 * symbol, 14 of one bit, or 7 of two), the deltas follow all chunks. The
 * parser walks through everything once, so that the iterator cannot fail.
 */
#include "wire/twcc.h"

#include <assert.h>
#include <errno.h>

#include "base/time.h"

#define REF_TICKS 256
#define RUN_MAX 0x1fff

enum symbol {
	MISSING,
	SMALL,
	LARGE,
	RESERVED,
};

/* --- reading --- */

/* A chunk becomes 'n_left' symbols; in a run 'chunk' is the symbol itself. */
static void load_chunk(struct vc_twcc *t)
{
	uint16_t chunk = vc_rd_u16(&t->chunks);

	t->chunk = chunk;
	t->n_left = chunk & RUN_MAX;
	if (chunk & 0x8000)
		t->n_left = chunk & 0x4000 ? 7 : 14;
}

static enum symbol next_symbol(struct vc_twcc *t)
{
	/* A run of none says nothing and is passed. */
	while (!t->n_left && !t->chunks.bad)
		load_chunk(t);
	if (t->chunks.bad)
		return RESERVED;
	t->n_left--;
	if (!(t->chunk & 0x8000))
		return (enum symbol)(t->chunk >> 13 & 3);
	if (t->chunk & 0x4000)
		return (enum symbol)(t->chunk >> (2 * t->n_left) & 3);
	return (enum symbol)(t->chunk >> t->n_left & 1);
}

bool vc_twcc_next(struct vc_twcc *t, struct vc_twcc_packet *out)
{
	enum symbol s;

	if (t->done == t->count)
		return false;
	s = next_symbol(t);
	if (s == SMALL)
		t->at += vc_rd_u8(&t->deltas) * VC_TWCC_TICK;
	else if (s == LARGE)
		t->at += (int16_t)vc_rd_u16(&t->deltas) * VC_TWCC_TICK;
	if (s == RESERVED || t->deltas.bad)
		return false;
	out->seq = (uint16_t)(t->base + t->done);
	out->is_received = s != MISSING;
	out->at = t->at;
	t->done++;
	return true;
}

/* Moves the deltas behind the chunks that 'count' takes. */
static bool find_deltas(struct vc_twcc *t)
{
	struct vc_twcc probe = *t;

	for (size_t i = 0; i < t->count; i++) {
		if (next_symbol(&probe) == RESERVED)
			return false;
	}
	t->deltas = probe.chunks;
	return true;
}

int vc_twcc_parse(struct vc_twcc *out, const struct vc_rtcp_fb *fb)
{
	struct vc_rd r = vc_rd_over(fb->fci, fb->fci_len);
	struct vc_twcc t = { .media = fb->media }, probe;
	struct vc_twcc_packet pkt;

	if (fb->pt != VC_RTCP_RTPFB || fb->fmt != VC_RTCP_FB_TWCC)
		return -EBADMSG;
	t.base = vc_rd_u16(&r);
	t.count = vc_rd_u16(&r);
	t.at = (int64_t)vc_rd_u24(&r) * REF_TICKS * VC_TWCC_TICK;
	t.fb_seq = vc_rd_u8(&r);
	t.chunks = r;
	if (r.bad || !t.count || !find_deltas(&t))
		return -EBADMSG;
	probe = t;
	while (vc_twcc_next(&probe, &pkt))
		;
	if (probe.done != t.count)
		return -EBADMSG;
	*out = t;
	return 0;
}

/* --- writing --- */

/* Rounded down: what adds up must not drift. */
static int64_t tick_of(int64_t at)
{
	int64_t t = at / VC_TWCC_TICK;

	return at % VC_TWCC_TICK < 0 ? t - 1 : t;
}

/* The symbol of a packet, whose time becomes '*tick'; RESERVED: too far. */
static enum symbol symbol_of(int64_t at, int64_t *tick)
{
	int64_t delta;

	if (at == VC_TIME_NONE)
		return MISSING;
	delta = tick_of(at) - *tick;
	if (delta < INT16_MIN || delta > INT16_MAX)
		return RESERVED;
	*tick += delta;
	return delta >= 0 && delta <= UINT8_MAX ? SMALL : LARGE;
}

static size_t symbols_of(uint8_t *s, const int64_t *at, size_t n, int64_t tick)
{
	for (size_t i = 0; i < n; i++) {
		s[i] = (uint8_t)symbol_of(at[i], &tick);
		if (s[i] == RESERVED)
			return i;
	}
	return n;
}

static size_t run_of(const uint8_t *s, size_t n)
{
	size_t i = 1;

	while (i < n && s[i] == s[0])
		i++;
	return i;
}

/* A chunk about the first of 'n' symbols; how many it tells. */
static size_t write_chunk(struct vc_wr *w, const uint8_t *s, size_t n)
{
	size_t run = run_of(s, n), ones = 0, take;
	unsigned int bits, v;

	while (ones < n && ones < 14 && s[ones] != LARGE)
		ones++;
	if (run >= 14 || run >= n || (run >= 7 && ones < 14)) {
		vc_wr_u16(w, (uint16_t)((unsigned int)s[0] << 13 | run));
		return run;
	}
	bits = ones >= 7 || ones == n ? 1 : 2;
	take = bits == 1 ? ones : 7;
	/* A vector of bits is whole unless it is the last. */
	if (bits == 1 && take < 14 && take < n) {
		bits = 2;
		take = 7;
	}
	take = take < n ? take : n;
	v = bits == 1 ? 0x8000 : 0xc000;
	for (size_t i = 0; i < take; i++)
		v |= (unsigned int)s[i] << (14 - bits * (i + 1));
	vc_wr_u16(w, (uint16_t)v);
	return take;
}

static void write_deltas(struct vc_wr *w, const uint8_t *s, const int64_t *at,
			 size_t n, int64_t tick)
{
	for (size_t i = 0; i < n; i++) {
		int64_t was = tick;

		if (s[i] == MISSING)
			continue;
		tick = tick_of(at[i]);
		if (s[i] == SMALL)
			vc_wr_u8(w, (uint8_t)(tick - was));
		else
			vc_wr_u16(w, (uint16_t)(tick - was));
	}
}

size_t vc_twcc_write(struct vc_wr *w, uint32_t sender, uint32_t media,
		     uint8_t fb_seq, uint16_t base, const int64_t *at, size_t n)
{
	uint8_t *head = vc_rtcp_open(w, VC_RTCP_FB_TWCC, VC_RTCP_RTPFB);
	uint8_t s[VC_TWCC_WRITE_MAX];
	size_t first = 0;
	int64_t ref;

	assert(n && n <= VC_TWCC_WRITE_MAX);
	while (first < n && at[first] == VC_TIME_NONE)
		first++;
	assert(first < n);
	ref = tick_of(at[first]) & ~(int64_t)(REF_TICKS - 1);
	n = symbols_of(s, at, n, ref);
	vc_wr_u32(w, sender);
	vc_wr_u32(w, media);
	vc_wr_u16(w, base);
	vc_wr_u16(w, (uint16_t)n);
	vc_wr_u24(w, (uint32_t)(ref / REF_TICKS));
	vc_wr_u8(w, fb_seq);
	for (size_t i = 0; i < n;)
		i += write_chunk(w, s + i, n - i);
	write_deltas(w, s, at, n, ref);
	vc_rtcp_close(w, head);
	return n;
}
