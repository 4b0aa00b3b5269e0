/* SPDX-License-Identifier: MIT */
/*
 * Congestion control as an option: --bwe and the rates it keeps within, and
 * --breaker (RFC 8083). The options stand in the tool's table.
 */
#ifndef VC_LINK_BWEOPT_H
#define VC_LINK_BWEOPT_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

enum vc_bwe_by {
	VC_BWE_OFF,
	VC_BWE_BY_TWCC,	   /* transport-wide numbers */
	VC_BWE_BY_RFC8888, /* RTP's own */
};

/* Who has to report, so that sending goes on. */
enum vc_breaker_rule {
	VC_BREAKER_AUTO, /* who ever did, and everybody beyond this machine */
	VC_BREAKER_ON,	 /* everybody */
	VC_BREAKER_OFF,	 /* nobody */
};

struct vc_bwe_opts {
	enum vc_bwe_by by;
	uint64_t min_bps; /* 0: not given, as the next */
	uint64_t max_bps;
	uint64_t start_bps;
	enum vc_breaker_rule breaker;
};

enum {
	VC_KEY_BWE = 0x2100, /* above the tools' own */
	VC_KEY_MIN_RATE,
	VC_KEY_MAX_RATE,
	VC_KEY_START_RATE,
	VC_KEY_BREAKER,
};

/* For its parser: 0, ARGP_ERR_UNKNOWN, or a usage error. */
error_t vc_bwe_opt(int key, const char *arg, struct argp_state *state,
		   struct vc_bwe_opts *o);

/* Rates that were not given get theirs. False: they contradict each other, or
 * are given without --bwe. */
bool vc_bwe_settle(struct vc_bwe_opts *o);

#endif
