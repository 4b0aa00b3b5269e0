/* SPDX-License-Identifier: MIT */
/*
 * One octet at a time: octets make a character (or none), a character changes
 * what is in hand: text, a CR that may be followed by LF, or one of
 *
 *	ESC 'a'			INT, interrupt
 *	CSI ... 'm'		select graphic rendition
 *	SOS ... ST		application protocol function
 *
 * A sequence that goes on for too long is given up, lest its missing end take
 * the rest of the conversation with it.
 */
#include "wire/t140.h"

#include <errno.h>

#include "base/str.h"

#define SEQUENCE_MAX 256
#define ESC 0x1b
#define CSI 0x9b
#define SOS 0x98
#define ST 0x9c
#define BOM 0xfeff

enum {
	IN_TEXT,
	AFTER_CR,
	AFTER_ESC,
	IN_CSI,
	IN_SOS,
};

static void put_char(struct vc_wr *w, uint32_t c)
{
	if (c < 0x80) {
		vc_wr_u8(w, (uint8_t)c);
	} else if (c < 0x800) {
		vc_wr_u8(w, (uint8_t)(0xc0 | c >> 6));
		vc_wr_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		vc_wr_u8(w, (uint8_t)(0xe0 | c >> 12));
		vc_wr_u8(w, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		vc_wr_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
	} else {
		vc_wr_u8(w, (uint8_t)(0xf0 | c >> 18));
		vc_wr_u8(w, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
		vc_wr_u8(w, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
		vc_wr_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
	}
}

static void enter(struct vc_t140_filter *f, uint8_t state)
{
	f->state = state;
	f->n_seq = 0;
}

static void take_control(struct vc_t140_filter *f, uint32_t c,
			 struct vc_wr *out)
{
	switch (c) {
	case VC_T140_BELL:
	case VC_T140_BACKSPACE:
		put_char(out, c);
		break;
	case '\t':
		put_char(out, ' ');
		break;
	case '\r':
		enter(f, AFTER_CR);
		put_char(out, f->line);
		break;
	case '\n':
		put_char(out, f->line);
		break;
	case ESC:
		enter(f, AFTER_ESC);
		break;
	case CSI:
		enter(f, IN_CSI);
		break;
	case SOS:
		enter(f, IN_SOS);
		break;
	default:
		break;
	}
}

/* True: 'c' belongs to what came before it. */
static bool is_of_sequence(struct vc_t140_filter *f, uint32_t c)
{
	uint8_t state = f->state;

	f->n_seq++;
	if (state == AFTER_CR || state == AFTER_ESC) {
		f->state = IN_TEXT;
		return c == (state == AFTER_CR ? '\n' : 'a');
	}
	if (f->n_seq > SEQUENCE_MAX)
		f->state = IN_TEXT;
	else if (state == IN_CSI && c >= 0x40 && c < 0x7f)
		f->state = IN_TEXT;
	else if (state == IN_SOS && c == ST)
		f->state = IN_TEXT;
	return state != IN_TEXT;
}

static void take_char(struct vc_t140_filter *f, uint32_t c, struct vc_wr *out)
{
	if (f->state != IN_TEXT && is_of_sequence(f, c))
		return;
	if (c < 0x20 || (c >= 0x7f && c < 0xa0))
		take_control(f, c, out);
	else if (c == VC_T140_LINE)
		put_char(out, f->line);
	else if (c != BOM)
		put_char(out, c);
}

static uint8_t length_of(uint8_t lead)
{
	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}

/* What is held of a character is none. */
static void drop_char(struct vc_t140_filter *f, struct vc_wr *out)
{
	if (f->n)
		take_char(f, VC_T140_LOST, out);
	f->n = 0;
}

static void take_octet(struct vc_t140_filter *f, uint8_t octet,
		       struct vc_wr *out)
{
	const char *p = (const char *)f->octets;
	bool is_start = (octet & 0xc0) != 0x80;
	int32_t c;

	if (f->is_rest && !is_start)
		return;
	f->is_rest = false;
	if (f->n && is_start)
		drop_char(f, out);
	f->octets[f->n] = octet;
	f->n++;
	if (f->n < length_of(f->octets[0]))
		return;
	c = vc_utf8_next(&p, p + f->n);
	if (c < 0) {
		drop_char(f, out);
		return;
	}
	f->n = 0;
	take_char(f, (uint32_t)c, out);
}

void vc_t140_filter(struct vc_t140_filter *f, const uint8_t *p, size_t len,
		    struct vc_wr *out)
{
	for (size_t i = 0; i < len; i++)
		take_octet(f, p[i], out);
}

void vc_t140_lost(struct vc_t140_filter *f, struct vc_wr *out)
{
	f->n = 0;
	f->is_rest = true;
	enter(f, IN_TEXT);
	put_char(out, VC_T140_LOST);
}

void vc_t140_finish(struct vc_t140_filter *f, struct vc_wr *out)
{
	drop_char(f, out);
	enter(f, IN_TEXT);
}

int vc_t140_red_parse(struct vc_red *red, const uint8_t *p, size_t len,
		      uint8_t pt)
{
	uint16_t before = UINT16_MAX;
	int err = vc_red_parse(red, p, len);

	if (err)
		return err;
	for (size_t i = 0; i < red->n; i++) {
		const struct vc_red_block *b = &red->blocks[i];

		if (b->pt != pt || b->ts_offset > before)
			return -EBADMSG;
		before = b->ts_offset;
	}
	return 0;
}
