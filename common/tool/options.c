/* SPDX-License-Identifier: MIT */
/*
 * The shared options: one table, filtered by the groups that a tool takes. It
 * feeds argp (optparse.c) and help (help.c).
 */
#include <argp.h>
#include <string.h>

#include "base/mem.h"
#include "tool/internal.h"

#define ALWAYS (~0u)
#define OFTEN VC_SECTION_OFTEN
#define MEDIA VC_SECTION_MEDIA
#define READ VC_SECTION_READ
#define TIME VC_SECTION_TIME
#define RUN VC_SECTION_RUN
#define HELP VC_SECTION_HELP

static const struct {
	unsigned int groups;
	enum vc_opt_section section;
	const char *name;
	int key;
	const char *arg;
	const char *doc;
} shared[] = {
	{ VC_OPT_IN, OFTEN, "input", 'i', "PLACE",
	  "read the stream from PLACE (repeatable; default -)" },
	{ VC_OPT_OUT, OFTEN, "output", 'o', "PLACE",
	  "write the stream to PLACE (repeatable; default -)" },
	{ VC_OPT_TIME, OFTEN, "duration", 't', "T",
	  "end after T of media time from the first packet" },

	{ VC_OPT_VIDEO, MEDIA, "size", KEY_SIZE, "WxH", "picture size" },
	{ VC_OPT_VIDEO, MEDIA, "fps", KEY_FPS, "N", "frames a second" },
	{ VC_OPT_VIDEO, MEDIA, "vbitrate", KEY_VBITRATE, "RATE",
	  "video bit rate, as 800k or 1.5M" },
	{ VC_OPT_VIDEO, MEDIA, "keyint", KEY_KEYINT, "T",
	  "a key frame at least every T" },
	{ VC_OPT_VIDEO, MEDIA, "vcodec", KEY_VCODEC, "CODEC", "video codec" },
	{ VC_OPT_PACKETS, MEDIA, "layers", KEY_LAYERS, "LxTy",
	  "layers of pictures, as L1T3: spatial (VP9) and temporal" },
	{ VC_OPT_PACKETS, MEDIA, "packetization-mode", KEY_MODE, "0|1",
	  "of H.264; 0: no fragments, small slices (1)" },
	{ VC_OPT_AUDIO, MEDIA, "abitrate", KEY_ABITRATE, "RATE",
	  "audio bit rate" },
	{ VC_OPT_AUDIO, MEDIA, "ptime", KEY_PTIME, "T",
	  "audio in one packet (default 20ms)" },
	{ VC_OPT_AUDIO, MEDIA, "acodec", KEY_ACODEC, "CODEC", "audio codec" },
	{ VC_OPT_CNAME, MEDIA, "cname", KEY_CNAME, "TEXT",
	  "who sends, for programs (default random)" },
	{ VC_OPT_CNAME, MEDIA, "name", KEY_NAME, "TEXT",
	  "who sends, for people" },
	{ VC_OPT_OUT, MEDIA, "plain", KEY_PLAIN, NULL,
	  "write RTP and RTCP frames only (RFC 4571)" },

	{ VC_OPT_READ | VC_OPT_FORMATS, READ, "sdp", KEY_SDP, "PLACE",
	  "describe plain input by this SDP" },
	{ VC_OPT_READ | VC_OPT_FORMATS, READ, "pt", KEY_PT,
	  "N=CODEC[/RATE[/CH]]",
	  "describe a payload type of plain input (repeatable)" },
	{ VC_OPT_READ | VC_OPT_RECORD, READ, "live", KEY_LIVE, NULL,
	  "play a recording at its own pace" },
	{ VC_OPT_READ | VC_OPT_RECORD, READ, "rebase", KEY_REBASE, NULL,
	  "move a recording to where virtual streams begin" },
	{ VC_OPT_READ, READ, "max-lag", KEY_MAX_LAG, "T",
	  "discard live media that is later (default 500ms)" },
	{ VC_OPT_SELECT | VC_OPT_CHOOSE, READ, "select", KEY_SELECT,
	  "KEY=GLOB[,...]",
	  "take sources that match: kind, name, cname, ssrc, pt, addr, rid "
	  "(repeated: any of them)" },
	{ VC_OPT_SELECT, READ, "as", KEY_AS, "WHO",
	  "take what this recipient would get" },
	{ VC_OPT_SOURCES, READ, "max-sources", KEY_SOURCES, "N",
	  "refuse more sources (default 4096)" },
	{ VC_OPT_READ | VC_OPT_RECORD | VC_OPT_DECRYPT, READ,
	  "decrypt-key-file", KEY_DECRYPT, "PLACE",
	  "keys of encrypted recordings (repeatable)" },
	{ VC_OPT_LATENCY, READ, "latency", KEY_LATENCY, "T|auto",
	  "wait so long for late packets" },
	{ VC_OPT_KEYS, READ, "key-file", KEY_KEY_FILE, "PLACE",
	  "SRTP keys, one a line (repeatable)" },
	{ VC_OPT_KEYS, READ, "roc", KEY_ROC, "N",
	  "where roll-over counts of SRTP begin (default 0)" },
	{ VC_OPT_KEYS, READ, "dtls-fingerprint", KEY_DTLS_FINGERPRINT,
	  "[NAME=]'HASH XX:XX...'",
	  "dtls+rtp://: of a peer's certificate (repeatable)" },
	{ VC_OPT_KEYS, READ, "dtls-cert", KEY_DTLS_CERT, "FILE",
	  "dtls+rtp://: own certificate (PEM; default: one for this run)" },
	{ VC_OPT_KEYS, READ, "dtls-key", KEY_DTLS_KEY, "FILE",
	  "dtls+rtp://: its private key (default in the same file)" },
	{ VC_OPT_KEYS, READ, "dtls-setup", KEY_DTLS_SETUP,
	  "active|passive|actpass", "dtls+rtp://: who begins the handshake" },
	{ VC_OPT_FAMILY, READ, "ipv4", '4', NULL, "IPv4 only" },
	{ VC_OPT_FAMILY, READ, "ipv6", '6', NULL, "IPv6 only" },

	{ VC_OPT_TIME, TIME, "wait", KEY_WAIT, "T",
	  "for the first packet (default 30s with -t, else for ever; then "
	  "exit 4)" },
	{ VC_OPT_TIME, TIME, "idle-timeout", KEY_IDLE, "T",
	  "end when nothing came for T" },
	{ VC_OPT_TIME, TIME, "stop-on", KEY_STOP_ON,
	  "bye|empty:T|eof|first-frame", "end on that (repeatable)" },
	{ VC_OPT_VIRTUAL, TIME, "virtual", KEY_VIRTUAL, NULL,
	  "virtual clock: as fast as it goes, the same on every run" },
	{ VC_OPT_VIRTUAL, TIME, "start", KEY_START, "T",
	  "begin T after the clock's beginning" },
	{ VC_OPT_FAST, TIME, "fast", KEY_FAST, NULL,
	  "do not pace virtual or recorded streams" },
	{ VC_OPT_SEED, TIME, "seed", KEY_SEED, "N",
	  "what all random numbers derive from (virtual: 1)" },
	{ VC_OPT_BATCH, TIME, "batch", KEY_BATCH, "T",
	  "hold input so long to work in batches (default at most 2ms; 0 "
	  "off)" },

	{ VC_OPT_CONTROL, RUN, "control", KEY_CONTROL, "PATH",
	  "take commands on this Unix socket; see vc-ctl(1)" },
	{ VC_OPT_CONTROL, RUN, "at", KEY_AT, "'T COMMAND'",
	  "carry out a command at T of stream time (repeatable)" },
	{ VC_OPT_CONTROL, RUN, "script", KEY_SCRIPT, "PLACE",
	  "the same from a file, one a line" },
	{ VC_OPT_STATS, RUN, "stats", KEY_STATS, "PLACE",
	  "write statistics as JSON lines" },
	{ VC_OPT_STATS, RUN, "stats-interval", KEY_INTERVAL, "T",
	  "how often (default 1s)" },
	{ VC_OPT_READY, RUN, "ready", KEY_READY, "PLACE",
	  "write a line an endpoint once all are open" },
	{ VC_OPT_TLS, RUN, "tls-ca", KEY_TLS_CA, "FILE",
	  "tls://: certificates that are trusted (PEM; default the system's); "
	  "listening: and clients must have one" },
	{ VC_OPT_TLS, RUN, "tls-cert", KEY_TLS_CERT, "FILE",
	  "tls://: own certificate (PEM); listening needs one" },
	{ VC_OPT_TLS, RUN, "tls-key", KEY_TLS_KEY, "FILE",
	  "tls://: its private key (default in the same file)" },
	{ VC_OPT_TLS, RUN, "insecure", KEY_INSECURE, NULL,
	  "tls://, dtls+rtp://: do not verify who is at the other end" },
	{ ALWAYS, RUN, "tag", KEY_TAG, "WORD",
	  "name of this run in messages and records" },
	{ ALWAYS, RUN, "no-sandbox", KEY_NO_SANDBOX, NULL,
	  "keep all privileges while running" },
	{ ALWAYS, RUN, "quiet", 'q', NULL, "errors only" },
	{ ALWAYS, RUN, "verbose", 'v', NULL, "say more (twice: still more)" },

	{ ALWAYS, HELP, "help", 'h', NULL, "this text" },
	{ ALWAYS, HELP, "usage", KEY_USAGE, NULL, "all options in short" },
	{ ALWAYS, HELP, "version", KEY_VERSION, NULL, "the version" },
	{ ALWAYS, HELP, "dump-options", KEY_DUMP, NULL,
	  "all options as a table: name, letter, argument" },
};

static bool has_own(const struct vc_tool_info *info, const char *name, int key)
{
	const struct argp_option *o = info->options;

	for (; o && (o->name || o->key || o->doc); o++) {
		if (o->key == key || (o->name && !strcmp(o->name, name)))
			return true;
	}
	return false;
}

void vc_opt_fill(struct vc_opt_table *table, const struct vc_tool_info *info)
{
	_Static_assert(VC_COUNT(shared) < VC_COUNT(table->o), "room");

	memset(table, 0, sizeof(*table));
	for (size_t i = 0; i < VC_COUNT(shared); i++) {
		struct argp_option *o = &table->o[table->n];

		if (shared[i].groups != ALWAYS &&
		    !(shared[i].groups & info->groups))
			continue;
		if (has_own(info, shared[i].name, shared[i].key))
			continue;
		o->name = shared[i].name;
		o->key = shared[i].key;
		o->arg = shared[i].arg;
		o->doc = shared[i].doc;
		table->section[table->n] = shared[i].section;
		table->n++;
	}
}
