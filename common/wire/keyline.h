/* SPDX-License-Identifier: MIT */
/*
 * SRTP keys as text: lines of a key file,
 *	[NAME=][in|out] SUITE inline:BASE64[|LIFETIME][|MKI:LEN]
 * and the a=crypto attribute of SDP (RFC 4568; suites of RFC 4568, 6188 and
 * 7714), which share all after the suite. What is not exactly of that form is
 * refused. Whoever holds a key zeroises it (explicit_bzero()).
 */
#ifndef VC_WIRE_KEYLINE_H
#define VC_WIRE_KEYLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum vc_srtp_suite {
	VC_AEAD_AES_128_GCM,
	VC_AEAD_AES_256_GCM,
	VC_AES_CM_128_HMAC_SHA1_80,
	VC_AES_CM_128_HMAC_SHA1_32,
	VC_AES_256_CM_HMAC_SHA1_80,
	VC_SRTP_SUITES,
};

#define VC_SRTP_MASTER_MAX 46 /* key and salt */
#define VC_SRTP_MKI_MAX 128
#define VC_SRTP_LIFE_MAX (UINT64_C(1) << 48)

struct vc_srtp_suite_info {
	const char *name;
	uint8_t key_len;
	uint8_t salt_len;
	uint8_t rtp_tag;  /* octets of it behind a packet */
	uint8_t rtcp_tag; /* the index of SRTCP is 4 more */
	bool is_aead;	  /* the MKI comes after the tag, not before it */
};

const struct vc_srtp_suite_info *vc_srtp_suite(enum vc_srtp_suite suite);
/* -ENOENT for a name that is none of ours. */
int vc_srtp_suite_by_name(struct vc_str name);

struct vc_srtp_key {
	enum vc_srtp_suite suite;
	uint8_t master[VC_SRTP_MASTER_MAX]; /* key, then salt */
	uint8_t mki[VC_SRTP_MKI_MAX];
	uint8_t mki_len;   /* 0: none */
	uint64_t lifetime; /* packets, at most VC_SRTP_LIFE_MAX */
};

/* Octets of master key and salt of its suite. */
size_t vc_srtp_master_len(const struct vc_srtp_key *key);
/* Same suite, master key and salt, whatever the MKI. */
bool vc_srtp_same_master(const struct vc_srtp_key *a,
			 const struct vc_srtp_key *b);

struct vc_keyline {
	char name[257]; /* "": everybody */
	bool in, out;	/* one at least */
	struct vc_srtp_key key;
};

/* Room for the longest line or attribute that is written, NUL included. */
#define VC_KEYLINE_CAP 768

/*
 * 0, -EBADMSG (malformed) or -ENOTSUP (a suite or a parameter that is not
 * ours), with '*why' for people, which never quotes a key.
 */
int vc_keyline_parse(struct vc_keyline *k, struct vc_str line,
		     const char **why);
/* Without a newline, ended by NUL. The length or -ENOSPC. */
int vc_keyline_write(const struct vc_keyline *k, char *buf, size_t cap);

/*
 * The value of a=crypto: TAG SUITE KEY [PARAMETERS]. Of the parameters only
 * WSH and those that begin with '-' may be there. Same results.
 */
int vc_crypto_parse(struct vc_srtp_key *key, uint32_t *tag, struct vc_str value,
		    const char **why);
int vc_crypto_write(const struct vc_srtp_key *key, uint32_t tag, char *buf,
		    size_t cap);

#endif
