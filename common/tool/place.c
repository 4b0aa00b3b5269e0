/* SPDX-License-Identifier: MIT */
/*
 * Reading a PLACE, from the left: NAME=, then what comes before the first
 * colon says how the rest is read. Whatever could be a slip of the pen (a
 * query string, a missing slash, an address without brackets) is refused with
 * the form that was probably meant; all else is a path.
 */
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/str.h"
#include "tool/place.h"

/* What goes wrong is told in the same breath. */
struct ctx {
	struct vc_place *p;
	char *why;
	size_t cap;
};

static int no(const struct ctx *c, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int no(const struct ctx *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(c->why, c->cap, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

/* "rtp://h:1?a=b&c=d" is asked back as "rtp://h:1,a=b,c=d". */
static int no_query(const struct ctx *c)
{
	char meant[sizeof(c->p->text)];

	vc_strlcpy(meant, c->p->text, sizeof(meant));
	for (char *s = meant; *s; s++) {
		if (*s == '?' || *s == '&')
			*s = ',';
	}
	return no(c, "did you mean the comma form %s?", meant);
}

static bool is_key(struct vc_str s)
{
	if (!s.len || s.len >= sizeof(((struct vc_place *)0)->key[0]))
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char ch = s.p[i];

		if (!(ch >= 'a' && ch <= 'z') &&
		    !(i &&
		      ((ch >= '0' && ch <= '9') || ch == '-' || ch == '_')))
			return false;
	}
	return true;
}

static int parse_keys(const struct ctx *c, struct vc_str rest)
{
	struct vc_place *p = c->p;

	while (rest.len) {
		struct vc_str value = vc_str_cut(&rest, ',');
		struct vc_str key = vc_str_cut(&value, '=');
		bool may_listen = p->kind == VC_PLACE_UNIX ||
				  p->kind == VC_PLACE_TCP ||
				  p->kind == VC_PLACE_TLS;

		if (may_listen && !value.len && vc_str_is(key, "listen")) {
			p->listen = true;
			continue;
		}
		if (!is_key(key))
			return no(c, "after a comma goes KEY=VALUE");
		if (p->n_keys == VC_PLACE_KEYS)
			return no(c, "more than %d keys", VC_PLACE_KEYS);
		vc_str_copy(p->key[p->n_keys], sizeof(p->key[0]), key);
		if (vc_str_copy(p->value[p->n_keys], sizeof(p->value[0]),
				value) >= sizeof(p->value[0]))
			return no(c, "%s=: the value is too long",
				  p->key[p->n_keys]);
		p->n_keys++;
	}
	return 0;
}

static bool is_host(struct vc_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char ch = (unsigned char)s.p[i];

		if (ch <= ' ' || ch >= 0x7f || strchr("/[]@\\\"'?#", ch))
			return false;
	}
	return true;
}

/* HOST:PORT[,KEYS] after "rtp://", "tcp://" or "tls://". */
static int parse_net(const struct ctx *c, const char *scheme,
		     struct vc_str rest)
{
	struct vc_str at = rest, host = vc_str_cut(&at, ',');
	uint32_t port;

	/* A '?' in the value of a key is that key's business. */
	if (memchr(host.p, '?', host.len))
		return no_query(c);
	rest = host;
	if (vc_str_starts(rest, "[")) {
		host = vc_str_cut(&rest, ']');
		host = vc_str_of(host.p + 1, host.len - 1);
		if (!vc_str_starts(rest, ":") || !host.len)
			return no(c, "an IPv6 address goes like %s[::1]:5004",
				  scheme);
		rest = vc_str_of(rest.p + 1, rest.len - 1);
	} else {
		host = vc_str_cut(&rest, ':');
		if (rest.len && memchr(rest.p, ':', rest.len))
			return no(c,
				  "an IPv6 address needs brackets, like "
				  "%s[::1]:5004",
				  scheme);
	}
	if (!is_host(host) || host.len >= sizeof(c->p->host))
		return no(c, "not a host name or address");
	if (!rest.len)
		return no(c, "no port: %sHOST:PORT", scheme);
	if (!vc_str_u32(rest, 65535, &port))
		return no(c, "not a port: it is a number, 0 to 65535");
	vc_str_copy(c->p->host, sizeof(c->p->host), host);
	c->p->port = (uint16_t)port;
	return parse_keys(c, at);
}

static int parse_unix(const struct ctx *c, struct vc_str rest)
{
	struct vc_str keys = rest, path = vc_str_cut(&keys, ',');

	if (!path.len)
		return no(c, "no path: unix:PATH");
	if (path.len > 107)
		return no(c, "longer than a socket's path may be "
			     "(107 octets)");
	vc_str_copy(c->p->path, sizeof(c->p->path), path);
	return parse_keys(c, keys);
}

static int parse_fd(const struct ctx *c, struct vc_str rest)
{
	struct vc_str keys = rest, num = vc_str_cut(&keys, ',');
	uint32_t fd;

	if (!vc_str_u32(num, INT_MAX, &fd))
		return no(c, "not a descriptor: fd:3");
	c->p->fd = (int)fd;
	return parse_keys(c, keys);
}

static const struct {
	const char *scheme;
	const char *word;
} reserved[] = {
	{ "sip:", "SIP comes in a later version" },
	{ "sips:", "SIP comes in a later version" },
	{ "rtsp://", "RTSP comes in a later version" },
	{ "rtsps://", "RTSP comes in a later version" },
	{ "whip://", "WHIP comes in a later version" },
	{ "whep://", "WHEP comes in a later version" },
	{ "nats://", "NATS comes in a later version" },
	{ "h323:", "H.323 comes in a later version" },
};

static const struct {
	const char *scheme;
	enum vc_place_kind kind;
	bool is_srtp, is_dtls;
} nets[] = {
	{ "rtp://", VC_PLACE_RTP, false, false },
	{ "srtp://", VC_PLACE_RTP, true, false },
	{ "dtls+rtp://", VC_PLACE_RTP, false, true },
	{ "tcp://", VC_PLACE_TCP, false, false },
	{ "tls://", VC_PLACE_TLS, false, false },
};

static int parse_path(const struct ctx *c, struct vc_str rest)
{
	struct vc_str tail = rest, scheme = vc_str_cut(&tail, ':');
	char safe[160];

	if (tail.len && vc_str_starts(tail, "//") && is_key(scheme)) {
		vc_escape(safe, sizeof(safe), scheme.p, scheme.len);
		return no(c, "no such scheme: %s://", safe);
	}
	if (tail.len &&
	    (vc_str_is(scheme, "rtp") || vc_str_is(scheme, "srtp") ||
	     vc_str_is(scheme, "dtls+rtp") || vc_str_is(scheme, "tcp") ||
	     vc_str_is(scheme, "tls")))
		return no(c, "did you mean %.*s://?", VC_STR_ARGS(scheme));
	if (vc_str_copy(c->p->path, sizeof(c->p->path), rest) >=
	    sizeof(c->p->path))
		return no(c, "path too long");
	return 0;
}

static const struct {
	const char *scheme;
	enum vc_filekind kind;
} captures[] = {
	{ "pcap:", VC_FILEKIND_PCAP },
	{ "rtpdump:", VC_FILEKIND_RTPDUMP },
	{ "mjr:", VC_FILEKIND_MJR },
};

/* FILE after "pcap:" and the like. */
static int parse_capture(const struct ctx *c, struct vc_str rest)
{
	c->p->kind = VC_PLACE_CAPTURE;
	if (!rest.len)
		return no(c, "no file: as pcap:call.pcapng");
	if (vc_str_copy(c->p->path, sizeof(c->p->path), rest) >=
	    sizeof(c->p->path))
		return no(c, "path too long");
	return vc_str_starts(rest, "fd:") ?
		       parse_fd(c, vc_str_of(rest.p + 3, rest.len - 3)) :
		       0;
}

static int parse_rest(const struct ctx *c, struct vc_str rest)
{
	struct vc_place *p = c->p;

	for (size_t i = 0; i < VC_COUNT(captures); i++) {
		size_t len = strlen(captures[i].scheme);

		if (!vc_str_starts(rest, captures[i].scheme))
			continue;
		p->capture = captures[i].kind;
		return parse_capture(c,
				     vc_str_of(rest.p + len, rest.len - len));
	}

	for (size_t i = 0; i < VC_COUNT(reserved); i++) {
		if (vc_str_starts(rest, reserved[i].scheme))
			return no(c, "%s", reserved[i].word);
	}
	if (!rest.len)
		return no(c, "empty");
	if (vc_str_is(rest, "-")) {
		p->kind = VC_PLACE_STDIO;
		return 0;
	}
	if (vc_str_starts(rest, "fd:")) {
		p->kind = VC_PLACE_FD;
		return parse_fd(c, vc_str_of(rest.p + 3, rest.len - 3));
	}
	if (vc_str_starts(rest, "unix:")) {
		p->kind = VC_PLACE_UNIX;
		return parse_unix(c, vc_str_of(rest.p + 5, rest.len - 5));
	}
	for (size_t i = 0; i < VC_COUNT(nets); i++) {
		size_t len = strlen(nets[i].scheme);

		if (!vc_str_starts(rest, nets[i].scheme))
			continue;
		p->kind = nets[i].kind;
		p->is_srtp = nets[i].is_srtp;
		p->is_dtls = nets[i].is_dtls;
		return parse_net(c, nets[i].scheme,
				 vc_str_of(rest.p + len, rest.len - len));
	}
	p->kind = VC_PLACE_PATH;
	return parse_path(c, rest);
}

/* Takes NAME= off '*rest', if that is what it begins with. */
const char *vc_place_name_why(struct vc_str name)
{
	const char *p = name.p, *end = name.p + name.len;
	size_t n = 0;

	for (; p < end; n++) {
		int32_t ch = vc_utf8_next(&p, end);

		if (ch < ' ' || (ch >= 0x7f && ch < 0xa0))
			return "is UTF-8 without control characters";
	}
	return n < 1 || n > 64 ? "has 1 to 64 characters" : NULL;
}

static int parse_name(const struct ctx *c, struct vc_str *rest)
{
	struct vc_str tail = *rest, name = vc_str_cut(&tail, '=');
	const char *why;

	if (!tail.len)
		return 0;
	for (size_t i = 0; i < name.len; i++) {
		if (strchr("/:,", name.p[i]))
			return 0;
	}
	why = vc_place_name_why(name);
	if (why)
		return no(c, "NAME= %s (a path goes like ./a=b)", why);
	vc_str_copy(c->p->name, sizeof(c->p->name), name);
	*rest = tail;
	return 0;
}

int vc_place_parse(struct vc_place *p, const char *text, bool with_name,
		   char *why, size_t cap)
{
	struct ctx c = { .p = p, .why = why, .cap = cap };
	struct vc_str rest = vc_str_c(text);
	int err = 0;

	memset(p, 0, sizeof(*p));
	p->fd = -1;
	if (cap)
		why[0] = '\0';
	if (with_name)
		err = parse_name(&c, &rest);
	vc_escape(p->text, sizeof(p->text), rest.p, rest.len);
	return err ? err : parse_rest(&c, rest);
}

const char *vc_place_scheme(bool is_srtp, bool is_dtls)
{
	return is_dtls ? "dtls+rtp://" : is_srtp ? "srtp://" : "rtp://";
}

const char *vc_place_key(const struct vc_place *p, const char *key)
{
	/* Of a repeated key the last one wins. */
	for (size_t i = p->n_keys; i > 0; i--) {
		if (!strcmp(p->key[i - 1], key))
			return p->value[i - 1];
	}
	return NULL;
}

const char *vc_place_unknown_key(const struct vc_place *p,
				 const char *const *known)
{
	for (size_t i = 0; i < p->n_keys; i++) {
		const char *const *k = known;

		while (*k && strcmp(*k, p->key[i]))
			k++;
		if (!*k)
			return p->key[i];
	}
	return NULL;
}
