/* SPDX-License-Identifier: MIT */
/*
 * The first line, then one header after the other; those that matter are in a
 * table, each with the function that reads its value.
 */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "wire/sip.h"

#define VERSION "SIP/2.0"

/* What must be there, and only once. */
enum seen {
	SEEN_CALL_ID = 1,
	SEEN_FROM = 2,
	SEEN_TO = 4,
	SEEN_CSEQ = 8,
	SEEN_TYPE = 16,
	SEEN_LENGTH = 32,
};

#define NEEDED (SEEN_CALL_ID | SEEN_FROM | SEEN_TO | SEEN_CSEQ)

struct parser {
	struct vc_sip *sip;
	uint32_t content_length;
	unsigned int seen;
};

/* --- text --- */

static bool is_token(struct vc_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && (!c || !strchr("-.!%*_+`'~", c)))
			return false;
	}
	return s.len > 0;
}

/* The next line, without its end; 'folded': with those that continue it.
 * False: there is none, or it is too long. */
static bool next_line(struct vc_str *rest, struct vc_str *line, bool folded)
{
	size_t at = 0;

	for (;;) {
		const char *nl = at < rest->len ? memchr(rest->p + at, '\n',
							 rest->len - at) :
						  NULL;

		if (!nl || nl - rest->p > VC_SIP_LINE_MAX)
			return false;
		at = (size_t)(nl - rest->p) + 1;
		if (!folded || at == rest->len ||
		    (rest->p[at] != ' ' && rest->p[at] != '\t'))
			break;
	}
	*line = vc_str_of(rest->p, at - 1);
	if (line->len && line->p[line->len - 1] == '\r')
		line->len--;
	*rest = vc_str_of(rest->p + at, rest->len - at);
	return true;
}

/* --- values --- */

static bool take_call_id(struct parser *ps, struct vc_str v)
{
	ps->sip->call_id = v;
	return v.len && !memchr(v.p, ' ', v.len);
}

static bool take_cseq(struct parser *ps, struct vc_str v)
{
	struct vc_str method = v, number = vc_str_cut(&method, ' ');

	method = vc_str_trim(method);
	if (!vc_str_u32(number, UINT32_MAX, &ps->sip->cseq) ||
	    !is_token(method))
		return false;
	if (ps->sip->status)
		ps->sip->method = method;
	return vc_str_eq(ps->sip->method, method);
}

static bool take_type(struct parser *ps, struct vc_str v)
{
	ps->sip->content_type = vc_str_trim(vc_str_cut(&v, ';'));
	return true;
}

static bool take_length(struct parser *ps, struct vc_str v)
{
	return vc_str_u32(v, VC_SIP_TEXT_MAX, &ps->content_length);
}

/* "sip:USER:PASSWORD@HOST:PORT;PARAMETERS" */
static bool parse_uri(struct vc_sip_party *party, struct vc_str uri)
{
	struct vc_str rest = uri, scheme = vc_str_cut(&rest, ':');
	struct vc_str host = rest, user = vc_str_cut(&host, '@');
	bool has_user = user.len < rest.len;

	if (!is_token(scheme) || !rest.len)
		return false;
	if (vc_str_is_nocase(scheme, "tel")) {
		party->user = vc_str_cut(&rest, ';');
		return true;
	}
	if (has_user)
		party->user = vc_str_cut(&user, ':');
	else
		host = rest;
	host = vc_str_cut(&host, ';');
	party->host = vc_str_cut(&host, '?');
	return true;
}

/* Steps over "DISPLAY NAME" in quotes. False: they do not end. */
static bool skip_quoted(struct vc_str *s)
{
	size_t i = 1;

	if (!s->len || s->p[0] != '"')
		return true;
	for (; i < s->len && s->p[i] != '"'; i++)
		i += s->p[i] == '\\';
	if (i >= s->len)
		return false;
	*s = vc_str_of(s->p + i + 1, s->len - i - 1);
	return true;
}

static bool take_party(struct vc_sip_party *party, struct vc_str v)
{
	struct vc_str params, uri;
	const char *open;

	if (!skip_quoted(&v))
		return false;
	open = v.len ? memchr(v.p, '<', v.len) : NULL;
	if (open) {
		params = vc_str_of(open + 1, v.len - (size_t)(open + 1 - v.p));
		if (!memchr(params.p, '>', params.len))
			return false;
		uri = vc_str_cut(&params, '>');
	} else {
		/* Without brackets parameters are the header's. */
		params = v;
		uri = vc_str_trim(vc_str_cut(&params, ';'));
	}
	while (params.len) {
		struct vc_str value = vc_str_cut(&params, ';');
		struct vc_str key = vc_str_trim(vc_str_cut(&value, '='));

		if (vc_str_is_nocase(key, "tag"))
			party->tag = vc_str_trim(value);
	}
	return parse_uri(party, uri);
}

static bool take_from(struct parser *ps, struct vc_str v)
{
	return take_party(&ps->sip->from, v);
}

static bool take_to(struct parser *ps, struct vc_str v)
{
	return take_party(&ps->sip->to, v);
}

static const struct {
	const char *name;
	const char *compact;
	enum seen seen;
	bool (*take)(struct parser *ps, struct vc_str v);
} headers[] = {
	{ "Call-ID", "i", SEEN_CALL_ID, take_call_id },
	{ "From", "f", SEEN_FROM, take_from },
	{ "To", "t", SEEN_TO, take_to },
	{ "CSeq", "CSeq", SEEN_CSEQ, take_cseq },
	{ "Content-Type", "c", SEEN_TYPE, take_type },
	{ "Content-Length", "l", SEEN_LENGTH, take_length },
};

/* --- the message --- */

static bool take_header(struct parser *ps, struct vc_str line)
{
	struct vc_str value = line, name = vc_str_trim(vc_str_cut(&value, ':'));

	if (!is_token(name) || name.len == line.len)
		return false;
	for (size_t i = 0; i < VC_COUNT(headers); i++) {
		if (!vc_str_is_nocase(name, headers[i].name) &&
		    !vc_str_is_nocase(name, headers[i].compact))
			continue;
		if (ps->seen & headers[i].seen)
			return false;
		ps->seen |= headers[i].seen;
		return headers[i].take(ps, vc_str_trim(value));
	}
	return true;
}

/* "SIP/2.0 200 OK" or "INVITE sip:bob@example.com SIP/2.0" */
static bool take_first(struct vc_sip *sip, struct vc_str line)
{
	struct vc_str rest = line, word = vc_str_cut(&rest, ' '), uri;

	if (vc_str_is_nocase(word, VERSION)) {
		word = vc_str_cut(&rest, ' ');
		return word.len == 3 && vc_str_u32(word, 699, &sip->status) &&
		       sip->status >= 100;
	}
	sip->method = word;
	uri = vc_str_cut(&rest, ' ');
	return is_token(word) && uri.len && vc_str_is_nocase(rest, VERSION);
}

bool vc_sip_looks(const uint8_t *p, size_t len)
{
	struct vc_str s = vc_str_of((const char *)p, len), line;
	struct vc_sip sip = { 0 };

	if (len < sizeof(VERSION) || p[0] < 'A' || p[0] > 'Z')
		return false;
	return next_line(&s, &line, false) && take_first(&sip, line);
}

int vc_sip_parse(struct vc_sip *sip, const char *text, size_t len)
{
	struct parser ps = { .sip = sip };
	struct vc_str rest = vc_str_of(text, len), line;
	unsigned int n = 0;

	*sip = (struct vc_sip){ 0 };
	if (len > VC_SIP_TEXT_MAX)
		return -E2BIG;
	if (!next_line(&rest, &line, false) || !take_first(sip, line))
		return -EBADMSG;
	for (;;) {
		if (!next_line(&rest, &line, true) ||
		    memchr(line.p, '\0', line.len))
			return -EBADMSG;
		if (!line.len)
			break;
		n++;
		if (n > VC_SIP_LINES_MAX)
			return -E2BIG;
		if (!take_header(&ps, line))
			return -EBADMSG;
	}
	if ((ps.seen & NEEDED) != NEEDED)
		return -EBADMSG;
	sip->body = rest;
	if (ps.seen & SEEN_LENGTH) {
		if (ps.content_length > rest.len)
			return -EBADMSG;
		sip->body.len = ps.content_length;
	}
	return 0;
}
