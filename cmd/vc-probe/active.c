/* SPDX-License-Identifier: MIT */
#include "active.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/str.h"
#include "probe.h"
#include "wire/rtp.h"

#define DRAWS 16

void active_place(struct vc_tool *t, struct vc_place *p, const char *text,
		  bool needs_host, const char *const *keys)
{
	static const char *const no_keys[] = { NULL };
	const char *key;
	char why[256];

	if (vc_place_parse(p, text, false, why, sizeof(why)))
		vc_tool_usage(t, "%s: %s", p->text, why);
	if (p->kind != VC_PLACE_RTP || p->is_dtls)
		vc_tool_usage(t, "%s: not as rtp://HOST:5004", p->text);
	key = vc_place_unknown_key(p, keys ? keys : no_keys);
	if (key)
		vc_tool_usage(t, "%s: no such key: %s=", p->text, key);
	if (needs_host && (!p->host[0] || !p->port))
		vc_tool_usage(t,
			      "%s: where to? Host and port, as "
			      "rtp://192.0.2.1:5004",
			      p->text);
}

int active_key_opt(struct vc_tool *t, const char *arg)
{
	vc_words_add(&vc_tool_options_mut(t)->key_file, arg);
	return 0;
}

int active_keys(struct vc_tool *t, struct vc_keychain **out,
		struct vc_seal **seal)
{
	int err = vc_keychain_new(out, t);

	if (!err && !vc_keychain_is_on(*out))
		vc_tool_usage(t, "--key-file is needed: vc-send --new-key "
				 "makes a key");
	if (!err)
		err = vc_keychain_open(*out);
	if (err)
		return err;
	*seal = vc_keychain_seal(*out, "");
	if (!*seal || !vc_keychain_opens(*out))
		vc_tool_usage(t, "--key-file: a key of each direction is "
				 "needed, or one for both");
	return 0;
}

void active_ready(struct vc_tool *t, const struct vc_place *p,
		  const struct vc_udp *udp)
{
	char addr[128], line[256];

	if (!p->host[0])
		snprintf(addr, sizeof(addr), "%s:%u",
			 vc_tool_options(t)->family == AF_INET6 ? "[::1]" :
								  "127.0.0.1",
			 vc_udp_port(vc_udp_local(udp)));
	else
		vc_place_addr_text(vc_udp_local(udp), addr, sizeof(addr));
	snprintf(line, sizeof(line), "rtp://%s", addr);
	vc_tool_ready(t, line);
}

/* --- expectations --- */

error_t active_rules_opt(int key, char *arg, struct active_rules *r,
			 const struct vc_metric *metrics, size_t n)
{
	switch (key) {
	case 'e':
		vc_words_add(&r->expect, arg);
		return 0;
	case ACTIVE_JSON:
		r->json = true;
		return 0;
	case ACTIVE_TAP:
		r->tap = true;
		return 0;
	case ACTIVE_JUNIT:
		r->junit = arg;
		return 0;
	case ACTIVE_LIST:
		for (size_t i = 0; i < n; i++)
			printf("%-28s %-8s %s\n", metrics[i].path,
			       metrics[i].unit[0] ? metrics[i].unit : "-",
			       metrics[i].formula);
		exit(fflush(stdout) ? VC_EXIT_FAIL : VC_EXIT_OK);
	}
	return ARGP_ERR_UNKNOWN;
}

/* Before the sandbox. */
static void open_junit(struct active_rules *r, struct vc_tool *t)
{
	struct vc_place place;
	char why[256];
	int fd, err;

	if (vc_place_parse(&place, r->junit, false, why, sizeof(why)))
		vc_tool_usage(t, "--junit %s: %s", place.text, why);
	if (place.kind == VC_PLACE_STDIO)
		vc_tool_usage(t, "--junit -: the report goes there");
	err = vc_place_open_write(t, &place, &fd);
	if (!err)
		r->junit_file = fdopen(fd, "w");
	if (!r->junit_file)
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: open: %s", place.text,
			     strerror(err ? -err : errno));
}

void active_rules_parse(struct active_rules *r, struct vc_tool *t,
			const struct vc_metric *metrics, size_t n)
{
	char why[256];

	r->tool = t;
	if (r->tap && r->json)
		vc_tool_usage(t, "--tap: not with --json: one report there is");
	r->rule = vc_alloc(r->expect.n + 1, sizeof(*r->rule));
	for (size_t i = 0; i < r->expect.n; i++) {
		struct vc_expect *e = &r->rule[i];

		if (vc_expect_parse(e, r->expect.v[i], metrics, n, why,
				    sizeof(why)))
			vc_tool_usage(t, "--expect '%s': %s", e->text, why);
		if (!strncmp(e->path, "total.", 6)) {
			vc_strlcpy(e->scope, "total", sizeof(e->scope));
			memmove(e->path, e->path + 6, strlen(e->path + 6) + 1);
		}
		r->n++;
	}
	if (r->junit)
		open_junit(r, t);
}

void active_rules_clear(struct active_rules *r)
{
	if (r->tool && !r->is_reported)
		verdict_nothing(r->tool, r->tap ? stdout : NULL, r->junit_file);
	free(r->rule);
	free(r->expect.v);
	if (r->junit_file)
		fclose(r->junit_file);
}

static void write_junit(const struct active_rules *r, struct vc_tool *t,
			const struct vc_json *record)
{
	verdict_junit(r->junit_file, vc_tool_options(t)->tag, record,
		      vc_tool_has_failed(t));
	if (fflush(r->junit_file))
		vc_tool_fail(t, VC_EXIT_FAIL, "%s: write: %s", r->junit,
			     strerror(errno));
}

void active_report(struct active_rules *r, struct vc_tool *t,
		   struct vc_json *record,
		   void (*table)(FILE *f, const struct vc_json *record))
{
	bool is_broken = vc_tool_has_failed(t);
	struct vc_json *results = vc_json_array();
	char *text;

	r->is_reported = true;
	for (size_t i = 0; i < r->n; i++)
		vc_expect_judge(&r->rule[i], record, results);
	vc_json_set(record, "expect", results);
	if (r->junit_file)
		write_junit(r, t, record);
	verdict_say(t, results);
	vc_tool_wipe(t);
	text = r->json ? vc_json_text(record) : NULL;
	if (text)
		printf("%s\n", text);
	else if (r->tap)
		verdict_tap(stdout, record, is_broken);
	else if (!r->json)
		table(stdout, record);
	free(text);
	if (fflush(stdout) && errno != EPIPE)
		vc_tool_fail(t, VC_EXIT_FAIL, "report: write: %s",
			     strerror(errno));
}

/* --- packets --- */

int active_source_init(struct active_source *s, struct vc_keychain *keys,
		       uint64_t draw)
{
	const struct vc_rand *rand = vc_keychain_rand(keys);
	int err = -EADDRINUSE;

	/* Below 2^15, so that what is lost first costs no roll-over count. */
	s->seq = (uint16_t)(vc_rand_u32(rand, "seq", draw) & 0x7fff);
	s->pt = s->pt ? s->pt : 126;
	for (uint64_t i = 0; i < DRAWS && err == -EADDRINUSE; i++) {
		s->ssrc = vc_rand_u32(rand, "ssrc", draw * DRAWS + i);
		err = vc_seal_claim(s->seal, s->ssrc);
	}
	return err;
}

int active_packet(struct active_source *s, uint8_t buf[static ACTIVE_ROOM],
		  size_t payload, uint32_t ts, bool marker)
{
	struct vc_wr w = vc_wr_over(buf, ACTIVE_ROOM);
	const struct vc_rtp rtp = { .pt = s->pt,
				    .marker = marker,
				    .seq = s->seq,
				    .ts = ts,
				    .ssrc = s->ssrc };
	size_t len = VC_RTP_HEADER + payload;
	int err = vc_rtp_write(&w, &rtp);

	s->seq++;
	if (!err && s->seal)
		err = vc_seal(s->seal, buf, &len, ACTIVE_ROOM);
	return err ? err : (int)len;
}

void active_addr(const struct sockaddr_storage *sa, uint8_t addr[static 16],
		 uint16_t *port)
{
	uint64_t w[3];

	vc_udp_words(sa, w);
	memcpy(addr, w, 16);
	*port = vc_udp_port(sa);
}

void active_sockaddr(const uint8_t addr[static 16], uint16_t port,
		     const struct sockaddr_storage *local,
		     struct sockaddr_storage *sa)
{
	struct sockaddr_in *in = (void *)sa;
	struct sockaddr_in6 *in6 = (void *)sa;

	*sa = (struct sockaddr_storage){ .ss_family = local->ss_family };
	if (local->ss_family == AF_INET)
		memcpy(&in->sin_addr, addr + 12, 4);
	else
		memcpy(&in6->sin6_addr, addr, 16);
	vc_udp_set_port(sa, port);
}
