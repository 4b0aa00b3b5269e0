/* SPDX-License-Identifier: MIT */
/*
 * Of text, RED's blocks are those of the packets right before, in a row, empty
 * ones too (RFC 4103 4.2): a block's place says which packet it was. So the
 * sender goes on with empty packets until its last text has been sent as often
 * as agreed, and then is silent; what is too old for RED's offset is left out.
 */
#include "session/t140.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "wire/rtp.h"

#define CPS_OVER 10  /* seconds */
#define GAP_MAX 1000 /* packets; a larger jump is a source that began anew */
#define LATE_MAX 100

/* --- sender --- */

void vc_t140tx_init(struct vc_t140tx *tx, unsigned int generations, uint8_t pt,
		    unsigned int cps)
{
	assert(generations <= VC_T140_GENERATIONS_MAX);
	memset(tx, 0, sizeof(*tx));
	tx->generations = generations;
	tx->pt = pt;
	tx->filter.line = VC_T140_LINE;
	tx->is_idle = true;
	tx->next = VC_TIME_NONE;
	vc_pace_init(&tx->pace, (uint64_t)cps * 8, (size_t)cps * CPS_OVER);
}

size_t vc_t140tx_type(struct vc_t140tx *tx, const char *text, size_t len,
		      int64_t now)
{
	struct vc_wr w = vc_wr_over(tx->queue, sizeof(tx->queue));
	size_t n = 0;

	w.p += tx->len;
	while (n < len && (size_t)(w.end - w.p) >= (size_t)VC_T140_GROWTH * 5) {
		vc_t140_filter(&tx->filter, (const uint8_t *)text + n, 1, &w);
		n++;
	}
	tx->len = vc_wr_len(&w);
	if (tx->len && tx->next < now)
		tx->next = now;
	return n;
}

int64_t vc_t140tx_next(const struct vc_t140tx *tx)
{
	if (!tx->len && !tx->n_due)
		return INT64_MAX;
	/* Text waits for its turn, the redundancy of older text does not. */
	return tx->n_due ? tx->next : vc_pace_next(&tx->pace, tx->next);
}

/* How much of the queue may go at 'now': octets, of 'n_chars' characters. */
static size_t take(const struct vc_t140tx *tx, int64_t now, size_t *n_chars)
{
	size_t len = 0, n = 0;

	*n_chars = 0;
	if (vc_pace_next(&tx->pace, now) > now)
		return 0;
	for (size_t i = 0; i <= tx->len && i <= VC_T140_BLOCK_MAX; i++) {
		if (i < tx->len && (tx->queue[i] & 0xc0) == 0x80)
			continue;
		len = i;
		*n_chars = n;
		n++;
	}
	return len;
}

static size_t write_payload(const struct vc_t140tx *tx, uint32_t ts,
			    const struct vc_t140_block *now, uint8_t *out)
{
	struct vc_wr w = vc_wr_over(out, VC_T140_PAYLOAD_MAX);
	struct vc_red red = { .n = 0 };

	if (!tx->generations) {
		vc_wr_bytes(&w, now->p, now->len);
		return vc_wr_len(&w);
	}
	for (unsigned int i = tx->n_before; i; i--) {
		const struct vc_t140_block *b = &tx->before[i - 1];
		uint32_t offset = ts - b->ts;

		if (offset > VC_RED_OFFSET_MAX)
			continue;
		red.blocks[red.n] = (struct vc_red_block){
			.pt = tx->pt,
			.ts_offset = (uint16_t)offset,
			.p = b->p,
			.len = b->len,
		};
		red.n++;
	}
	red.blocks[red.n] = (struct vc_red_block){ .pt = tx->pt,
						   .p = now->p,
						   .len = now->len };
	red.n++;
	vc_red_write(&w, &red);
	assert(!w.bad);
	return vc_wr_len(&w);
}

static void remember(struct vc_t140tx *tx, const struct vc_t140_block *block)
{
	if (!tx->generations)
		return;
	tx->before[1] = tx->before[0];
	tx->before[0] = *block;
	if (tx->n_before < tx->generations)
		tx->n_before++;
}

size_t vc_t140tx_get(struct vc_t140tx *tx, int64_t now, uint32_t ts,
		     uint8_t out[static VC_T140_PAYLOAD_MAX], bool *marker)
{
	struct vc_t140_block block = { .ts = ts };
	size_t n_chars, len;

	if (now < vc_t140tx_next(tx))
		return 0;
	block.len = take(tx, now, &n_chars);
	memcpy(block.p, tx->queue, block.len);
	tx->len -= block.len;
	memmove(tx->queue, tx->queue + block.len, tx->len);
	if (block.len) {
		vc_pace_sent(&tx->pace, n_chars, now);
		tx->n_due = tx->generations;
	} else if (tx->n_due) {
		tx->n_due--;
	}
	len = write_payload(tx, ts, &block, out);
	remember(tx, &block);
	*marker = tx->is_idle;
	tx->is_idle = !tx->len && !tx->n_due;
	tx->next = now + VC_T140_INTERVAL;
	return len;
}

/* --- receiver --- */

void vc_t140rx_init(struct vc_t140rx *rx)
{
	memset(rx, 0, sizeof(*rx));
	rx->filter.line = '\n';
}

/* How many packets are missing before 'seq'; -1: it is late, or here again. */
static int place(struct vc_t140rx *rx, uint16_t seq)
{
	int ahead = rx->has_seq ? vc_seq_diff(rx->seq, seq) : 1;

	if (ahead <= 0 && ahead > -LATE_MAX) {
		rx->counts.late++;
		return -1;
	}
	if (ahead <= 0 || ahead > GAP_MAX)
		ahead = 1; /* it began anew */
	rx->has_seq = true;
	rx->seq = seq;
	rx->counts.packets++;
	return ahead - 1;
}

static void miss(struct vc_t140rx *rx, int n, struct vc_wr *out)
{
	if (n <= 0)
		return;
	rx->counts.lost += (uint64_t)n;
	vc_t140_lost(&rx->filter, out);
}

int vc_t140rx_put(struct vc_t140rx *rx, uint16_t seq, const uint8_t *p,
		  size_t len, struct vc_wr *out)
{
	int missing = place(rx, seq);

	if (missing < 0)
		return 0;
	miss(rx, missing, out);
	vc_t140_filter(&rx->filter, p, len, out);
	return 0;
}

int vc_t140rx_put_red(struct vc_t140rx *rx, uint16_t seq, const uint8_t *p,
		      size_t len, uint8_t pt, struct vc_wr *out)
{
	struct vc_red red;
	size_t first;
	int missing;

	if (vc_t140_red_parse(&red, p, len, pt)) {
		rx->counts.malformed++;
		return -EBADMSG;
	}
	missing = place(rx, seq);
	if (missing < 0)
		return 0;
	miss(rx, missing - (int)(red.n - 1), out);
	first = (size_t)missing < red.n ? red.n - 1 - (size_t)missing : 0;
	rx->counts.filled += red.n - 1 - first;
	for (size_t i = first; i < red.n; i++)
		vc_t140_filter(&rx->filter, red.blocks[i].p, red.blocks[i].len,
			       out);
	return 0;
}

void vc_t140rx_end(struct vc_t140rx *rx, struct vc_wr *out)
{
	vc_t140_finish(&rx->filter, out);
}
