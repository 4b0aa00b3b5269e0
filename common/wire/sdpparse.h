/* SPDX-License-Identifier: MIT */
/* What the two files of the SDP parser share; not for others. */
#ifndef VC_WIRE_SDPPARSE_H
#define VC_WIRE_SDPPARSE_H

#include <stdbool.h>

#include "wire/sdp.h"

struct vc_sdp_parser {
	struct vc_sdp *sdp;
	struct vc_sdp_media *media; /* NULL before the first m= */
	unsigned int seen;	    /* letters, a = bit 0 */
	enum vc_sdp_dir dir;	    /* the session's */
	struct vc_sdp_keys keys;    /* the session's */
	bool own_fingerprint;	    /* the section has one: not the session's */
	bool too_big;		    /* the failure is one of limits */
};

/*
 * Reads the value of an a= line. NULL, or what is wrong with it. Unknown
 * attributes are fine.
 */
const char *vc_sdp_parse_attr(struct vc_sdp_parser *ps, struct vc_str v);

/* a=rid and a=simulcast (sdprid.c), as vc_sdp_parse_attr(). */
const char *vc_sdp_parse_rid(struct vc_sdp_parser *ps, struct vc_str v);
const char *vc_sdp_parse_simulcast(struct vc_sdp_parser *ps, struct vc_str v);

/* The next word; spaces around it go. Empty at the end. */
struct vc_str vc_sdp_word(struct vc_str *s);

/* The format of the current section, or NULL. */
struct vc_sdp_fmt *vc_sdp_section_fmt(const struct vc_sdp_parser *ps,
				      uint32_t pt);

/* Notes that a limit is what was hit; returns 'why'. */
const char *vc_sdp_over(struct vc_sdp_parser *ps, const char *why);

#endif
