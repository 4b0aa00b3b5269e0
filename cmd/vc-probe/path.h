/* SPDX-License-Identifier: MIT */
/*
 * vc-probe path: what its parts share. A leg is the path to one address, IPv4 or
 * IPv6 (path_leg.c, or path_foreign.c where the far end is not ours); what they
 * have found is one record (path_record.c), judged, and printed or drawn
 * (path_table.c).
 */
#ifndef VC_PROBE_PATH_H
#define VC_PROBE_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "active.h"
#include "base/rand.h"
#include "session/pathmeter.h"
#include "session/pathmtu.h"
#include "session/pathplan.h"
#include "session/rateprobe.h"
#include "session/rxstats.h"

#define PATH_LEGS 2

struct path;

enum path_mode {
	PATH_OURS,	/* vc-probe reflect */
	PATH_REFLECTOR, /* sends back what it gets */
	PATH_RTCP,	/* reports on what it gets */
};

enum { PATH_UP = 1, PATH_DOWN };

struct path_options {
	struct vc_tool *tool;
	int mode; /* enum path_mode */
	int profile;
	const char *trace;
	int dscp;	/* -1: as the profile has it */
	int finds_rate; /* 0: not; PATH_UP, PATH_DOWN */
	uint64_t max_bps;
	bool skips_mtu;
	int64_t nat_idle; /* 0: not */
	struct active_rules rules;
};

/* What a leg does. */
enum path_phase {
	PATH_HELLO,
	PATH_MTU_UP,
	PATH_MTU_DOWN,
	PATH_PATTERN,
	PATH_COUNTS, /* the far end's last ones */
	PATH_IDLE,   /* does a NAT keep what it knows of us? */
	PATH_RATE,
	PATH_DONE,
};

struct path_nat {
	bool is_seen;
	uint8_t addr[16];
	uint16_t port;
	uint64_t rebinds;
	bool was_idle;
	bool kept_in; /* an answer came after that time */
	int kept_out; /* the far end saw the same address then; -1: not known */
};

/* Of a far end that sends RTCP. */
struct path_reports {
	uint64_t n;
	uint32_t rtts;	  /* round trips that they told */
	uint32_t highest; /* extended */
	int32_t lost;
	uint8_t fraction_max;
	double jitter_ms;
	uint64_t sr_ntp; /* of the last one */
	uint32_t rate_hz;
};

struct path_leg {
	struct path *path;
	const char *id; /* "ipv4" */
	struct sockaddr_storage to;
	struct vc_udp *udp;
	struct vc_udp *rtcp; /* rtcp=+1: its own; or NULL */
	struct vc_watch watch, rtcp_watch;
	struct vc_timer timer;
	enum path_phase phase;
	struct active_source source;
	size_t overhead; /* octets that SRTP adds */
	size_t headers;	 /* of IP and UDP */
	uint32_t hello;	 /* index of it: no answer of another run has it */
	uint64_t token;
	int64_t phase_at; /* when it began */
	unsigned int tries;
	bool is_alive;	  /* something came back */
	bool was_refused; /* by ICMP */
	uint64_t bad;	  /* came, but were not authentic, or no answers */
	uint64_t unsent;
	/* MTU */
	struct vc_pathmtu mtu;
	uint32_t mtu_up, mtu_down; /* 0: not known */
	bool is_asked;		   /* the size at hand was sent */
	/* the pattern */
	struct vc_pathplan plan;
	struct vc_path_item item;
	bool has_item;
	uint32_t index;
	uint64_t octets;
	int64_t first_at, last_at;
	struct vc_pathmeter *meter;
	struct path_nat nat;
	struct vc_rateprobe rate;
	bool has_rate;
	struct vc_rxstats rx; /* of what a far end that is not ours sends */
	struct path_reports reports;
	uint64_t foreign;
};

struct path {
	struct vc_tool *tool;
	struct path_options *opt;
	struct vc_place place;
	struct vc_place bind;	  /* bind=; port 0: none */
	bool has_next;		  /* rtcp=+1 */
	struct vc_keychain *keys; /* NULL: in clear */
	struct vc_seal *seal;
	struct vc_rand rand;
	struct vc_path_item *trace;
	size_t n_trace;
	struct path_leg leg[PATH_LEGS];
	size_t n_legs;
	struct path_leg *at_rate; /* whose turn it is to find a rate */
	int64_t started;
	bool is_told; /* to end */
};

/* --- path_leg.c --- */

/* Opens it. 0 or -errno. */
int path_leg_open(struct path_leg *leg);
void path_leg_start(struct path_leg *leg, int64_t now);
void path_leg_close(struct path_leg *leg);
/* No more of the pattern; what is under way is waited for. */
void path_leg_stop(struct path_leg *leg, int64_t now);
/* The next phase, or the one after it where that is not wanted. */
void path_leg_go(struct path_leg *leg, enum path_phase phase, int64_t now);
/* It has come to its end: path.c. */
void path_leg_done(struct path_leg *leg);

/* --- path_phase.c --- */

uint8_t path_dscp(const struct path *p);
void path_begin_mtu(struct path_leg *leg);
void path_begin_pattern(struct path_leg *leg);
/* When to be called again. */
int64_t path_hello(struct path_leg *leg, int64_t now);
int64_t path_try_size(struct path_leg *leg, int64_t now);
int64_t path_pattern(struct path_leg *leg, int64_t now);
int64_t path_ask_counts(struct path_leg *leg, int64_t now);
int64_t path_idle(struct path_leg *leg, int64_t now);
int64_t path_find_rate(struct path_leg *leg, int64_t now);
/* The far end's last counts are here, or will not come. */
void path_after_counts(struct path_leg *leg, int64_t now);

/* --- path_foreign.c --- */

void foreign_start(struct path_leg *leg, int64_t now);
/* What is due. When to call again. */
int64_t foreign_tick(struct path_leg *leg, int64_t now);
void foreign_take(struct path_leg *leg, const struct vc_udp_msg *m);

/* --- path_trace.c --- */

/* Reads --trace; wrong ones are usage errors. 0 or -errno: said. */
int path_trace_read(struct path *p, const char *text);

/* --- path_record.c --- */

struct vc_json *path_record(struct path *p, int64_t now);
extern const struct vc_metric path_metrics[];
extern const size_t n_path_metrics;

/* --- path_table.c --- */

void path_table(FILE *f, const struct vc_json *record);

#endif
