/* SPDX-License-Identifier: MIT */
/*
 * Redundancy as options and descriptions have it: --fec and --red, and the
 * payload types that carry it.
 */
#ifndef VC_LINK_FECOPT_H
#define VC_LINK_FECOPT_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

struct vc_sdp;

struct vc_fec_opts {
	bool has_fec;	      /* --fec */
	unsigned int percent; /* 0: auto */
	unsigned int red;     /* --red, 0: not given */
};

/* "auto" or "N%"; a number of blocks. 0, or a usage error. */
error_t vc_fec_opt(struct argp_state *state, const char *arg,
		   struct vc_fec_opts *o);
error_t vc_red_opt(struct argp_state *state, const char *arg,
		   struct vc_fec_opts *o);

/* Payload types of what goes out, -1: none. */
struct vc_fec_formats {
	int flex; /* FlexFEC for pictures */
	int ulp;  /* or, where it is -1, ULPFEC in this RED */
	int ulp_red;
	int opus;
	int red;	       /* for Opus */
	uint16_t volatile_ids; /* of pictures, see wire/fec.h */
	bool adds_flex;	       /* not described: our default, as the next */
	bool adds_red;
	char red_fmtp[16];
};

/* What a description offers; FlexFEC before ULPFEC. */
void vc_fec_formats(struct vc_fec_formats *f, const struct vc_sdp *sdp);

/* Adds what was not described to a description. 'sdp' borrows from 'f'. */
void vc_fec_describe(const struct vc_fec_formats *f, bool fec, bool red,
		     struct vc_sdp *sdp);

/*
 * Extensions of pictures that are written when a packet leaves, later than its
 * parity is made: bit id.
 */
uint16_t vc_fec_volatile_ids(const struct vc_sdp *sdp);

#endif
