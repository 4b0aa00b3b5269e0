/* SPDX-License-Identifier: MIT */
/* Networks that people have, as rules. */
#ifndef VC_SESSION_IMPAIRPRESET_H
#define VC_SESSION_IMPAIRPRESET_H

struct vc_impair_preset {
	const char *name;
	const char *up;	  /* rules */
	const char *down; /* of a filter these */
};

/* Ended by one without a name. */
extern const struct vc_impair_preset vc_impair_presets[];

#endif
