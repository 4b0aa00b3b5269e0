/* SPDX-License-Identifier: MIT */
/*
 * Session descriptions (RFC 8866), as far as they describe media formats.
 * Strings are slices of the caller's text, which must outlive the struct and
 * is foreign: escape before showing. Limits are fixed; what exceeds them is
 * refused, not cut.
 */
#ifndef VC_WIRE_SDP_H
#define VC_WIRE_SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "wire/codec.h"

#define VC_SDP_TEXT_MAX 65536
#define VC_SDP_LINE_MAX 1024
#define VC_SDP_LINES_MAX 500
#define VC_SDP_MEDIA_MAX 16
#define VC_SDP_FMT_MAX 48
#define VC_SDP_EXT_MAX 16
#define VC_SDP_SSRC_MAX 16
#define VC_SDP_FID_MAX 8
#define VC_SDP_RID_MAX 16
#define VC_SDP_CRYPTO_MAX 8
#define VC_SDP_CHANNELS_MAX 16
#define VC_SDP_PTIME_MAX 1000

/* Feedback that a format takes (a=rtcp-fb). */
#define VC_FB_NACK (1u << 0)
#define VC_FB_PLI (1u << 1)
#define VC_FB_FIR (1u << 2)
#define VC_FB_REMB (1u << 3)
#define VC_FB_TWCC (1u << 4)
#define VC_FB_CCFB (1u << 5) /* RFC 8888: of all formats of a section */

enum vc_sdp_dir {
	VC_SDP_SENDRECV,
	VC_SDP_SENDONLY,
	VC_SDP_RECVONLY,
	VC_SDP_INACTIVE,
};

/* c= or the address of a=rtcp. Not resolved: a name stays a name. */
struct vc_sdp_addr {
	bool set;
	bool is_ip6;
	struct vc_str host; /* without TTL and count */
	int ttl;	    /* -1: not said */
};

struct vc_sdp_fmt {
	uint8_t pt;	     /* 0..127 */
	struct vc_str codec; /* as written; empty: no rtpmap, and not static */
	uint32_t rate;	     /* Hz; 0 only where 'codec' is empty */
	uint8_t channels;    /* 1 where nothing is said */
	struct vc_str fmtp;  /* all after the payload type */
	unsigned int fb;     /* VC_FB_* */
};

struct vc_sdp_extmap {
	uint8_t id; /* 1..255 (mapped ones above that are left out) */
	struct vc_str uri;
};

/* a=ssrc-group:FID: whose packets an RTX SSRC repeats. */
struct vc_sdp_fid {
	uint32_t media;
	uint32_t rtx;
};

/*
 * A layer of simulcast: a=rid (RFC 8851) and its place in a=simulcast (RFC
 * 8853). Either line may be missing; only what has an a=rid is ever written.
 */
struct vc_sdp_rid {
	struct vc_str id;     /* 1..VC_RID_MAX letters, digits, - and _ */
	struct vc_str params; /* restrictions, "max-width=640;...", or empty */
	bool is_recv;	      /* else the one who wrote it sends it */
	bool is_declared;     /* there is an a=rid */
	bool is_paused;
	uint16_t rank;	/* in a=simulcast from 1, the best first; 0: none */
	uint16_t group; /* alternatives to each other have the same */
};

/* Keys and how to get them, as written: wire/keyline.h reads a=crypto. */
struct vc_sdp_keys {
	unsigned int n_crypto; /* a=crypto, only in sections */
	struct vc_str crypto[VC_SDP_CRYPTO_MAX];
	unsigned int n_fingerprint; /* a=fingerprint, RFC 8122 */
	struct vc_str fingerprint[VC_SDP_CRYPTO_MAX];
	struct vc_str setup; /* a=setup: active, passive, actpass, holdconn */
};

struct vc_sdp_media {
	enum vc_kind kind;
	struct vc_str proto; /* "RTP/AVP" */
	bool is_rtp;	     /* proto is one of RTP's; if not, n_fmt is 0 */
	struct vc_str mid;
	struct vc_str content; /* a=content, "slides" */
	uint16_t port;	       /* 0: refused, or (in a stream) not said */
	uint16_t rtcp_port;    /* 0: not said */
	bool rtcp_mux;
	bool rtcp_rsize;
	struct vc_sdp_addr conn; /* its own, or not set */
	enum vc_sdp_dir dir;	 /* its own, or the session's */
	uint32_t ptime_ms;	 /* whole ms; 0: not said, or less */
	unsigned int n_fmt;
	struct vc_sdp_fmt fmt[VC_SDP_FMT_MAX];
	unsigned int n_ext;
	struct vc_sdp_extmap ext[VC_SDP_EXT_MAX];
	unsigned int n_ssrc; /* each once; a=ssrc is never written */
	uint32_t ssrc[VC_SDP_SSRC_MAX];
	unsigned int n_fid; /* never written, either */
	struct vc_sdp_fid fid[VC_SDP_FID_MAX];
	bool has_simulcast; /* an a=simulcast: the first one counts */
	unsigned int n_rid;
	struct vc_sdp_rid rid[VC_SDP_RID_MAX];
	struct vc_sdp_keys keys; /* its own; fingerprint, setup: or the
				  * session's */
};

struct vc_sdp {
	struct vc_str name;   /* s= */
	struct vc_str origin; /* all of o= */
	struct vc_sdp_addr conn;
	struct vc_str clock;	/* a=x-vc-clock: live, virtual, recorded */
	struct vc_str control;	/* a=x-vc-control */
	struct vc_str tool;	/* a=tool */
	struct vc_str stripped; /* a=x-vc-stripped: what was taken out */
	unsigned int n_media;
	struct vc_sdp_media media[VC_SDP_MEDIA_MAX];
	/* After an error: the line (from 1) and what is wrong with it. */
	unsigned int bad_line;
	const char *bad_why;
};

/*
 * 0, -EBADMSG (malformed) or -E2BIG (over a limit above); bad_line and bad_why
 * then say where. Lines end with CRLF or LF, the last one may lack it.
 * Unknown attributes are skipped. Payload types without rtpmap get what RFC
 * 3551 assigns.
 */
int vc_sdp_parse(struct vc_sdp *sdp, const char *text, size_t len);

/*
 * Writes it, lines ended with CRLF, in a fixed order: equal structs give equal
 * octets. Sections without formats (those that are not RTP) are left out. No
 * NUL is added. The length, -ENOSPC, or -EINVAL for a string with
 * CR, LF or NUL in it. a=ssrc is never written, and keys are only by the
 * second: it is not for streams, and where it goes is for its reader alone.
 */
int vc_sdp_write(const struct vc_sdp *sdp, char *buf, size_t cap);
int vc_sdp_write_keys(const struct vc_sdp *sdp, char *buf, size_t cap);

/* Where 'pt' is described (first place); false if nowhere. Both may be NULL. */
bool vc_sdp_find_pt(const struct vc_sdp *sdp, uint8_t pt,
		    const struct vc_sdp_media **media,
		    const struct vc_sdp_fmt **fmt);

/* The rule of vc streams: no payload type twice. 0, or -EEXIST and '*pt'. */
int vc_sdp_check_pts(const struct vc_sdp *sdp, uint8_t *pt);

/* The first fmt of 'codec' in 'media', or NULL. */
const struct vc_sdp_fmt *vc_sdp_find_codec(const struct vc_sdp_media *media,
					   enum vc_codec codec);

/* The id under which 'media' maps 'uri'; 0: it does not. */
uint8_t vc_sdp_find_ext(const struct vc_sdp_media *media, const char *uri);

/* The id under which any section maps 'uri'; 0: none does. */
uint8_t vc_sdp_ext_id(const struct vc_sdp *sdp, const char *uri);
/* What an id is in any section; empty: nothing. */
struct vc_str vc_sdp_ext_uri(const struct vc_sdp *sdp, uint8_t id);

/* The layer 'id' of a direction, or NULL. */
struct vc_sdp_rid *vc_sdp_find_rid(struct vc_sdp_media *media, struct vc_str id,
				   bool is_recv);

/*
 * A layer to be sent, worse than those before it. 'id' and 'params' are
 * borrowed; an 'id' that is there already, or one too many, is left out.
 */
void vc_sdp_add_rid(struct vc_sdp_media *media, struct vc_str id,
		    struct vc_str params);

/*
 * Joins the layers of 'from' to those of 'to'. Restrictions that two of one
 * name do not agree on are none; nor are those of payload types where these
 * have other numbers now ('is_renumbered'). What is too much is left out.
 */
void vc_sdp_join_rids(struct vc_sdp_media *to, const struct vc_sdp_media *from,
		      bool is_renumbered);

/* As the other end says it: what is sent is received. */
void vc_sdp_turn_rids(struct vc_sdp_media *media);

/* Leaves those that are sent. */
void vc_sdp_keep_sent_rids(struct vc_sdp_media *media);

/* The address a section goes by: its own, else the session's, else NULL. */
const struct vc_sdp_addr *vc_sdp_conn(const struct vc_sdp *sdp,
				      const struct vc_sdp_media *media);

/*
 * The value of 'key' in an fmtp of "key=value;key=value" (or "key": an empty
 * value); false if it is not there. Keys compare without case.
 */
bool vc_sdp_fmtp_get(struct vc_str fmtp, const char *key, struct vc_str *value);

/*
 * Fills codec, rate and channels with what RFC 3551 assigns to fmt->pt. False
 * if it assigns nothing.
 */
bool vc_sdp_static_fmt(struct vc_sdp_fmt *fmt);

#endif
