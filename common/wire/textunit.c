/* SPDX-License-Identifier: MIT */
#include "wire/textunit.h"

#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "base/str.h"
#include "wire/rtp.h"

/* What is taken for a packet where nothing is known. */
#define CHANNELS 64
#define USUAL_MAX 16384

struct word {
	const char *text;
	enum vc_textunit kind;
};

/* What a request is told by: its method, and what its URI begins with. HTTP
 * has some of the methods, and neither of the schemes. */
static const struct word methods[] = {
	{ "ACK", VC_TEXTUNIT_SIP },
	{ "BYE", VC_TEXTUNIT_SIP },
	{ "CANCEL", VC_TEXTUNIT_SIP },
	{ "INFO", VC_TEXTUNIT_SIP },
	{ "INVITE", VC_TEXTUNIT_SIP },
	{ "MESSAGE", VC_TEXTUNIT_SIP },
	{ "NOTIFY", VC_TEXTUNIT_SIP },
	{ "OPTIONS", VC_TEXTUNIT_SIP },
	{ "PRACK", VC_TEXTUNIT_SIP },
	{ "PUBLISH", VC_TEXTUNIT_SIP },
	{ "REFER", VC_TEXTUNIT_SIP },
	{ "REGISTER", VC_TEXTUNIT_SIP },
	{ "SUBSCRIBE", VC_TEXTUNIT_SIP },
	{ "UPDATE", VC_TEXTUNIT_SIP },
	{ "ANNOUNCE", VC_TEXTUNIT_RTSP },
	{ "DESCRIBE", VC_TEXTUNIT_RTSP },
	{ "GET_PARAMETER", VC_TEXTUNIT_RTSP },
	{ "OPTIONS", VC_TEXTUNIT_RTSP },
	{ "PAUSE", VC_TEXTUNIT_RTSP },
	{ "PLAY", VC_TEXTUNIT_RTSP },
	{ "PLAY_NOTIFY", VC_TEXTUNIT_RTSP },
	{ "RECORD", VC_TEXTUNIT_RTSP },
	{ "REDIRECT", VC_TEXTUNIT_RTSP },
	{ "SETUP", VC_TEXTUNIT_RTSP },
	{ "SET_PARAMETER", VC_TEXTUNIT_RTSP },
	{ "TEARDOWN", VC_TEXTUNIT_RTSP },
};

static const struct word answers[] = {
	{ "SIP/2.0 ", VC_TEXTUNIT_SIP },
	{ "RTSP/1.0 ", VC_TEXTUNIT_RTSP },
	{ "RTSP/2.0 ", VC_TEXTUNIT_RTSP },
};

static const struct word uris[] = {
	{ "sip:", VC_TEXTUNIT_SIP },	 { "sips:", VC_TEXTUNIT_SIP },
	{ "tel:", VC_TEXTUNIT_SIP },	 { "rtsp:", VC_TEXTUNIT_RTSP },
	{ "rtsps:", VC_TEXTUNIT_RTSP },	 { "rtspu:", VC_TEXTUNIT_RTSP },
	{ "* RTSP/", VC_TEXTUNIT_RTSP },
};

/* 1: begins with it; 0: not; -1: as far as it goes. */
static int begins(struct vc_str s, const char *with)
{
	size_t n = strlen(with), there = s.len < n ? s.len : n;

	if (memcmp(s.p, with, there))
		return 0;
	return there == n ? 1 : -1;
}

/* The kind of the one that it begins with; 'kind': only those of it, or BAD. */
static enum vc_textunit one_of(struct vc_str s, const struct word *words,
			       size_t n, enum vc_textunit kind)
{
	enum vc_textunit is = VC_TEXTUNIT_BAD;

	for (size_t i = 0; i < n; i++) {
		int got = kind && words[i].kind != kind ?
				  0 :
				  begins(s, words[i].text);

		if (got > 0)
			return words[i].kind;
		if (got < 0)
			is = VC_TEXTUNIT_SHORT;
	}
	return is;
}

/* By its first words. */
static enum vc_textunit kind_of_text(struct vc_str s)
{
	const size_t n_answers = VC_COUNT(answers);
	enum vc_textunit is = one_of(s, answers, n_answers, VC_TEXTUNIT_BAD);

	if (is > VC_TEXTUNIT_SHORT)
		return is;
	for (size_t i = 0; i < VC_COUNT(methods); i++) {
		size_t n = strlen(methods[i].text);
		enum vc_textunit got;

		if (!begins(s, methods[i].text))
			continue;
		if (s.len > n && s.p[n] != ' ')
			continue;
		got = s.len <= n ?
			      VC_TEXTUNIT_SHORT :
			      one_of(vc_str_of(s.p + n + 1, s.len - n - 1),
				     uris, VC_COUNT(uris), methods[i].kind);
		if (got > VC_TEXTUNIT_SHORT)
			return got;
		if (got == VC_TEXTUNIT_SHORT)
			is = got;
	}
	return is;
}

/* --- messages --- */

/* The empty line after the headers; 0: it is not there. */
static size_t head_of(const uint8_t *p, size_t len, size_t *searched)
{
	/* What was searched may have ended within it. */
	size_t at = *searched > 3 ? *searched - 3 : 0;

	while (at < len) {
		const uint8_t *nl = memchr(p + at, '\n', len - at);
		size_t n;

		if (!nl)
			break;
		at = (size_t)(nl - p) + 1;
		n = at;
		n += n < len && p[n] == '\r';
		if (n < len && p[n] == '\n')
			return n + 1;
	}
	*searched = len;
	return 0;
}

/* None: 0 (RTSP; in SIP over TCP there has to be one). False: it is none. */
static bool body_len(struct vc_str head, uint32_t *n)
{
	*n = 0;
	while (head.len) {
		struct vc_str value = vc_str_cut(&head, '\n');
		struct vc_str name = vc_str_trim(vc_str_cut(&value, ':'));

		if (vc_str_is_nocase(name, "Content-Length") ||
		    vc_str_is_nocase(name, "l"))
			return vc_str_u32(vc_str_trim(value), VC_TEXTUNIT_MAX,
					  n);
	}
	return true;
}

static enum vc_textunit next_text(const uint8_t *p, size_t len,
				  struct vc_textscan *scan, size_t *size)
{
	struct vc_str s = vc_str_of((const char *)p, len);
	enum vc_textunit kind = kind_of_text(s);
	uint32_t body;
	size_t head;

	if (kind <= VC_TEXTUNIT_SHORT)
		return kind;
	head = head_of(p, len, &scan->searched);
	if (!head)
		return len > VC_TEXTUNIT_MAX ? VC_TEXTUNIT_BAD :
					       VC_TEXTUNIT_SHORT;
	if (!body_len(vc_str_of(s.p, head), &body) ||
	    head + body > VC_TEXTUNIT_MAX)
		return VC_TEXTUNIT_BAD;
	scan->need = *size = head + body;
	return *size > len ? VC_TEXTUNIT_SHORT : kind;
}

/* --- units --- */

enum vc_textunit vc_textunit_next(const uint8_t *p, size_t len,
				  struct vc_textscan *scan, size_t *size)
{
	if (len < scan->need)
		return VC_TEXTUNIT_SHORT;
	if (p[0] == '\r' || p[0] == '\n') {
		*size = 1;
		return VC_TEXTUNIT_SPACE;
	}
	if (p[0] != '$')
		return next_text(p, len, scan, size);
	if (len < VC_TEXTUNIT_HEAD)
		return VC_TEXTUNIT_SHORT;
	scan->need = *size = VC_TEXTUNIT_HEAD + (size_t)vc_get_u16(p + 2);
	return *size > len ? VC_TEXTUNIT_SHORT : VC_TEXTUNIT_PACKET;
}

/* RTP without CSRCs, or RTCP, after a '$'; its end in '*size'. */
static enum vc_textunit looks_packet(const uint8_t *p, size_t len, size_t *size)
{
	enum vc_demux is;
	size_t n;

	if (len < VC_TEXTUNIT_HEAD + 2)
		return VC_TEXTUNIT_SHORT;
	n = vc_get_u16(p + 2);
	is = vc_demux(p + VC_TEXTUNIT_HEAD, 2);
	*size = VC_TEXTUNIT_HEAD + n;
	if (p[1] >= CHANNELS || n > USUAL_MAX)
		return VC_TEXTUNIT_BAD;
	if (is == VC_DEMUX_RTP)
		return n >= VC_RTP_HEADER && !(p[VC_TEXTUNIT_HEAD] & 15) ?
			       VC_TEXTUNIT_PACKET :
			       VC_TEXTUNIT_BAD;
	return is == VC_DEMUX_RTCP && n >= 8 ? VC_TEXTUNIT_PACKET :
					       VC_TEXTUNIT_BAD;
}

static enum vc_textunit looks(const uint8_t *p, size_t len, size_t *size)
{
	if (!len)
		return VC_TEXTUNIT_SHORT;
	if (p[0] == '$')
		return looks_packet(p, len, size);
	*size = len;
	return kind_of_text(vc_str_of((const char *)p, len));
}

enum vc_textunit vc_textunit_looks(const uint8_t *p, size_t len)
{
	size_t size, after;
	enum vc_textunit kind = looks(p, len, &size);

	if (kind == VC_TEXTUNIT_PACKET && size < len &&
	    looks(p + size, len - size, &after) == VC_TEXTUNIT_BAD)
		return VC_TEXTUNIT_BAD;
	return kind;
}

size_t vc_textunit_find(const uint8_t *p, size_t len)
{
	size_t at = 0, size;

	if (vc_textunit_looks(p, len) > VC_TEXTUNIT_SHORT)
		return 0;
	/* Within it one '$' is not enough: another unit has to follow. */
	while (++at < len) {
		const uint8_t *dollar = memchr(p + at, '$', len - at);

		if (!dollar)
			return len;
		at = (size_t)(dollar - p);
		if (looks_packet(dollar, len - at, &size) ==
			    VC_TEXTUNIT_PACKET &&
		    size < len - at &&
		    vc_textunit_looks(dollar, len - at) == VC_TEXTUNIT_PACKET)
			return at;
	}
	return len;
}
