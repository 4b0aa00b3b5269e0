/* SPDX-License-Identifier: MIT */
/*
 * What vc-recv and vc-send do against loss, and what is fed back: --repair and
 * --feedback. Each is a list of words, "auto" (as the description says) or
 * "none"; see vc_repair_has() and vc_feedback_has().
 */
#ifndef VC_LINK_REPAIROPT_H
#define VC_LINK_REPAIROPT_H

#include <argp.h>
#include <stdbool.h>

/* --repair */
#define VC_REPAIR_RTX (1u << 0)
#define VC_REPAIR_NACK (1u << 1)
#define VC_REPAIR_FEC (1u << 2)
#define VC_REPAIR_RED (1u << 3)

/* --feedback */
#define VC_FEEDBACK_RR (1u << 0)
#define VC_FEEDBACK_NACK (1u << 1)
#define VC_FEEDBACK_PLI (1u << 2)
#define VC_FEEDBACK_FIR (1u << 3)
#define VC_FEEDBACK_XR (1u << 4)
#define VC_FEEDBACK_TWCC (1u << 5)
#define VC_FEEDBACK_CCFB (1u << 6)

/* What is given by no option is "auto": all zeros. */
struct vc_repair_opts {
	bool has_repair; /* else auto */
	bool has_feedback;
	unsigned int repair; /* VC_REPAIR_... */
	unsigned int feedback;
};

enum {
	VC_KEY_REPAIR = 0x2000, /* above the tools' own */
	VC_KEY_FEEDBACK,
};

/* For the tools' tables. */
#define VC_REPAIR_OPTION                                                  \
	{                                                                 \
		"repair", VC_KEY_REPAIR, "auto|none|rtx,nack,fec,red", 0, \
			"against loss, some of these "                    \
			"(default auto: as described)",                   \
			0                                                 \
	}
#define VC_FEEDBACK_OPTION                                           \
	{                                                            \
		"feedback", VC_KEY_FEEDBACK,                         \
			"auto|none|rr,nack,pli,fir,xr,twcc,ccfb", 0, \
			"RTCP that goes back, some of these "        \
			"(default auto: as described)",              \
			0                                            \
	}

/* For their parsers: 0, ARGP_ERR_UNKNOWN, or a usage error. */
error_t vc_repair_opt(int key, const char *arg, struct argp_state *state,
		      struct vc_repair_opts *o);

/* Is it to be done, where the description speaks for it or against it? */
bool vc_repair_has(const struct vc_repair_opts *o, unsigned int bit,
		   bool is_described);
bool vc_feedback_has(const struct vc_repair_opts *o, unsigned int bit,
		     bool is_described);

#endif
