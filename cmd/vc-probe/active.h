/* SPDX-License-Identifier: MIT */
/* What path, reflect and load share: places, and packets that are sealed. */
#ifndef VC_PROBE_ACTIVE_H
#define VC_PROBE_ACTIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "link/keychain.h"
#include "net/udp.h"
#include "tool/expect.h"
#include "tool/place.h"
#include "tool/tool.h"

#define ACTIVE_ROOM (VC_UDP_CAP + VC_SRTP_TRAILER_MAX)

/* "rtp://" with or without a host, and with the keys that are in 'keys' (NULL:
 * none); else it ends with a usage error. */
void active_place(struct vc_tool *t, struct vc_place *p, const char *text,
		  bool needs_host, const char *const *keys);

/* --key-file of a verb that has no other options of keys. */
#define ACTIVE_KEY_OPTION                                                                  \
	{                                                                                  \
		"key-file", ACTIVE_KEY_FILE, "PLACE", 0,                                   \
			"keys of both ends, as vc-send --new-key makes them (repeatable)", \
			0                                                                  \
	}
#define ACTIVE_KEY_FILE (VC_KEY_OWN + 0x100)
int active_key_opt(struct vc_tool *t, const char *arg);

/* Reads the keys, and what to send with. 0 or -errno: said. */
int active_keys(struct vc_tool *t, struct vc_keychain **out,
		struct vc_seal **seal);

/* "tool ready rtp://..." of a socket; a wildcard becomes loopback. */
void active_ready(struct vc_tool *t, const struct vc_place *p,
		  const struct vc_udp *udp);

/* --expect and what is made of it, of a verb with metrics of its own. */
struct active_rules {
	struct vc_words expect;
	struct vc_expect *rule;
	size_t n;
	bool json, tap;
	bool is_reported;
	struct vc_tool *tool; /* once they are parsed */
	const char *junit;
	FILE *junit_file; /* NULL: none, or it could not be opened */
};

#define ACTIVE_EXPECT_OPTIONS                                                     \
	{ "expect",                                                               \
	  'e',                                                                    \
	  "RULE",                                                                 \
	  0,                                                                      \
	  "exit 3 unless RULE holds (repeatable), see --list-metrics",            \
	  0 },                                                                    \
		{ "json", ACTIVE_JSON, NULL, 0, "report as one JSON object", 0 }, \
		{ "junit",                                                        \
		  ACTIVE_JUNIT,                                                   \
		  "PLACE",                                                        \
		  0,                                                              \
		  "write what was judged there, as JUnit XML",                    \
		  0 },                                                            \
		{ "tap",                                                          \
		  ACTIVE_TAP,                                                     \
		  NULL,                                                           \
		  0,                                                              \
		  "report what was judged, as TAP (Test Anything Protocol)",      \
		  0 },                                                            \
	{                                                                         \
		"list-metrics", ACTIVE_LIST, NULL, 0,                             \
			"what --expect knows: path, unit, formula", 0             \
	}
enum {
	ACTIVE_JSON = VC_KEY_OWN + 0x101,
	ACTIVE_JUNIT,
	ACTIVE_TAP,
	ACTIVE_LIST,
};
/* Takes those options; ACTIVE_LIST prints 'metrics' and ends the program. */
error_t active_rules_opt(int key, char *arg, struct active_rules *r,
			 const struct vc_metric *metrics, size_t n);
/* Wrong ones are usage errors. */
void active_rules_parse(struct active_rules *r, struct vc_tool *t,
			const struct vc_metric *metrics, size_t n);
/* And where nothing was reported, that is told to those who read verdicts. */
void active_rules_clear(struct active_rules *r);
/*
 * Judges 'record', adds "expect" to it, says what failed, sets the exit code;
 * then writes it to stdout, as JSON, TAP or by 'table', and to --junit.
 */
void active_report(struct active_rules *r, struct vc_tool *t,
		   struct vc_json *record,
		   void (*table)(FILE *f, const struct vc_json *record));

/* Where the RTP packets of one SSRC come from. */
struct active_source {
	struct vc_seal *seal; /* NULL: in clear */
	uint32_t ssrc;
	uint16_t seq;
	uint8_t pt;
};

/* s->seal is set: an SSRC of its own, which nobody can guess. 0 or -errno. */
int active_source_init(struct active_source *s, struct vc_keychain *keys,
		       uint64_t draw);

/*
 * Puts a header before the payload that the caller has written at
 * buf + VC_RTP_HEADER, and seals it. The length of the datagram, or -errno.
 */
int active_packet(struct active_source *s, uint8_t buf[static ACTIVE_ROOM],
		  size_t payload, uint32_t ts, bool marker);

/* The words of vc_udp_words() as 16 octets of address and a port. */
void active_addr(const struct sockaddr_storage *sa, uint8_t addr[static 16],
		 uint16_t *port);
/* And back, for a socket bound to 'local'. */
void active_sockaddr(const uint8_t addr[static 16], uint16_t port,
		     const struct sockaddr_storage *local,
		     struct sockaddr_storage *sa);

#endif
