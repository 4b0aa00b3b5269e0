/* SPDX-License-Identifier: MIT */
/*
 * libsrtp2. It makes a stream of its template for an SSRC that it does not
 * know, for 200 octets instead of the 18 to 30 kB of a session: when a packet
 * was authentic at roll-over count 0, or when one is protected. The latter,
 * with a header that nobody gets, is how an SSRC comes in at another count.
 * Its own MKI support reads master keys from one list for all streams; a key
 * a session and the MKI cut off by us is simpler, and lets keys differ in
 * suite.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "net/srtp.h"
#include "net/srtpgcm.h"

#define SHELF_SSRCS 128

struct shelf {
	srtp_t session;
	unsigned int n;
};

struct vc_srtp {
	struct shelf *shelves;
	const struct vc_srtp_suite_info *suite;
	int n;
	int cap;
	int open; /* where there was room last */
	bool is_out;
	struct vc_srtp_key key;
};

/*
 * Debian's libsrtp2 is built on NSS and tells it to save space, so that tables
 * of all keys have 32 places: with 1,000 of them a packet takes four times as
 * long. Whoever initialises NSS first decides. It also stays loaded then when
 * there is no session for a while; a sandbox would not let it load again.
 */
static int init_nss(void)
{
	const uint32_t read_only = 1, no_certs = 2, no_modules = 4,
		       force_open = 8, no_roots = 16;
	int (*init)(const char *dir, const char *certs, const char *keys,
		    const char *modules, uint32_t flags);

	init = (int (*)(const char *, const char *, const char *, const char *,
			uint32_t))dlsym(RTLD_DEFAULT, "NSS_Initialize");
	if (!init)
		return 0; /* built on something else */
	return init("", "", "", "",
		    read_only | no_certs | no_modules | force_open | no_roots) ?
		       -EIO :
		       0;
}

int vc_srtp_init_plain(void)
{
	srtp_err_status_t st;

	if (init_nss())
		return -EIO;
	st = srtp_init();
	/* The second time it stumbles over what the first has loaded. */
	return st == srtp_err_status_ok || st == srtp_err_status_bad_param ?
		       0 :
		       -EIO;
}

int vc_srtp_init(void)
{
	int err = vc_srtp_init_plain();

	return err ? err : vc_srtpgcm_install();
}

static int result(srtp_err_status_t st)
{
	switch (st) {
	case srtp_err_status_ok:
		return 0;
	case srtp_err_status_replay_fail:
	case srtp_err_status_replay_old:
	case srtp_err_status_pkt_idx_old:
		return -EALREADY;
	case srtp_err_status_alloc_fail:
		return -ENOMEM;
	case srtp_err_status_key_expired:
		return -EKEYEXPIRED;
	case srtp_err_status_bad_param:
	case srtp_err_status_parse_err:
		return -EBADMSG;
	default:
		return -EACCES;
	}
}

static void set_policy(srtp_policy_t *p, enum vc_srtp_suite suite)
{
	static const srtp_profile_t aead[] = {
		[VC_AEAD_AES_128_GCM] = srtp_profile_aead_aes_128_gcm,
		[VC_AEAD_AES_256_GCM] = srtp_profile_aead_aes_256_gcm,
	};

	switch (suite) {
	case VC_AES_CM_128_HMAC_SHA1_80:
	case VC_AES_CM_128_HMAC_SHA1_32:
		srtp_crypto_policy_set_rtp_default(&p->rtp);
		srtp_crypto_policy_set_rtcp_default(&p->rtcp);
		break;
	case VC_AES_256_CM_HMAC_SHA1_80:
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtp);
		srtp_crypto_policy_set_aes_cm_256_hmac_sha1_80(&p->rtcp);
		break;
	default:
		srtp_crypto_policy_set_from_profile_for_rtp(&p->rtp,
							    aead[suite]);
		srtp_crypto_policy_set_from_profile_for_rtcp(&p->rtcp,
							     aead[suite]);
	}
	p->rtp.auth_tag_len = vc_srtp_suite(suite)->rtp_tag;
}

static int create(struct vc_srtp *s, srtp_t *session)
{
	srtp_policy_t p = { .key = s->key.master,
			    .window_size = VC_SRTP_WINDOW };

	set_policy(&p, s->key.suite);
	p.ssrc.type = s->is_out ? ssrc_any_outbound : ssrc_any_inbound;
	return result(srtp_create(session, &p)) ? -ENOMEM : 0;
}

int vc_srtp_new(struct vc_srtp **out, const struct vc_srtp_key *key,
		bool is_out)
{
	struct vc_srtp *s = vc_try_alloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->key = *key;
	s->suite = vc_srtp_suite(key->suite);
	s->is_out = is_out;
	*out = s;
	return 0;
}

void vc_srtp_free(struct vc_srtp *s)
{
	if (!s)
		return;
	for (int i = 0; i < s->n; i++)
		(void)srtp_dealloc(s->shelves[i].session);
	free(s->shelves);
	explicit_bzero(s, sizeof(*s));
	free(s);
}

static int add_shelf(struct vc_srtp *s)
{
	int cap = s->cap ? 2 * s->cap : 1;
	struct shelf *more;
	int err;

	if (s->n == s->cap) {
		more = vc_try_alloc((size_t)cap, sizeof(*more));
		if (!more)
			return -ENOMEM;
		if (s->n)
			memcpy(more, s->shelves, (size_t)s->n * sizeof(*more));
		free(s->shelves);
		s->shelves = more;
		s->cap = cap;
	}
	err = create(s, &s->shelves[s->n].session);
	if (err)
		return err;
	s->shelves[s->n].n = 0;
	s->open = s->n;
	return s->n++;
}

int vc_srtp_shelf(struct vc_srtp *s)
{
	if (s->n && s->shelves[s->open].n < SHELF_SSRCS)
		return s->open;
	for (int i = 0; i < s->n; i++) {
		if (s->shelves[i].n < SHELF_SSRCS) {
			s->open = i;
			return i;
		}
	}
	return add_shelf(s);
}

void vc_srtp_take(struct vc_srtp *s, int shelf)
{
	s->shelves[shelf].n++;
}

void vc_srtp_drop(struct vc_srtp *s, int shelf, uint32_t ssrc)
{
	vc_srtp_forget(s, shelf, ssrc);
	s->shelves[shelf].n--;
}

void vc_srtp_forget(struct vc_srtp *s, int shelf, uint32_t ssrc)
{
	/* In network order, unlike the calls below. */
	(void)srtp_remove_stream(s->shelves[shelf].session, htonl(ssrc));
}

int vc_srtp_mark(struct vc_srtp *s, int shelf, uint32_t ssrc, uint32_t roc)
{
	srtp_t session = s->shelves[shelf].session;
	_Alignas(4) uint8_t p[12 + SRTP_MAX_TRAILER_LEN] = { 0x80 };
	int len = 12;

	if (!srtp_set_stream_roc(session, ssrc, roc))
		return 0;
	vc_put_u32(p + 8, ssrc);
	if (srtp_protect(session, p, &len) ||
	    srtp_set_stream_roc(session, ssrc, roc))
		return -ENOMEM;
	return 0;
}

void vc_srtp_unmark(struct vc_srtp *s, int shelf, uint32_t ssrc)
{
	(void)srtp_set_stream_roc(s->shelves[shelf].session, ssrc, 0);
}

/* --- packets --- */

/* Octets of the header of RTP; 0 if it is not whole. */
static size_t header_len(const uint8_t *p, size_t len)
{
	size_t n = 12;

	if (len < n || p[0] >> 6 != 2)
		return 0;
	n += 4 * (size_t)(p[0] & 15);
	if (p[0] & 0x10) {
		if (len < n + 4)
			return 0;
		n += 4 + 4 * (size_t)vc_get_u16(p + n + 2);
	}
	return len < n ? 0 : n;
}

/* Where the MKI is; the tag is before it or after it. */
static size_t mki_at(const struct vc_srtp *s, bool is_rtcp, size_t len)
{
	size_t tag = is_rtcp ? s->suite->rtcp_tag : s->suite->rtp_tag;

	return len - s->key.mki_len - (s->suite->is_aead ? 0 : tag);
}

bool vc_srtp_fits(const struct vc_srtp *s, bool is_rtcp, const uint8_t *p,
		  size_t len)
{
	size_t tag = is_rtcp ? s->suite->rtcp_tag + 4u : s->suite->rtp_tag;
	size_t head = is_rtcp ? 8 : header_len(p, len), at;

	if (!head || len < head + tag + s->key.mki_len)
		return false;
	at = mki_at(s, is_rtcp, len);
	/* The E bit: RTCP that is only signed is not taken. */
	if (is_rtcp && !(p[at - 4] & 0x80))
		return false;
	return !memcmp(p + at, s->key.mki, s->key.mki_len);
}

uint32_t vc_srtp_rtcp_index(const struct vc_srtp *s, const uint8_t *p,
			    size_t len)
{
	return vc_get_u32(p + mki_at(s, true, len) - 4) & SRTCP_INDEX_MASK;
}

const struct vc_srtp_key *vc_srtp_key_of(const struct vc_srtp *s)
{
	return &s->key;
}

int vc_srtp_unprotect(struct vc_srtp *s, int shelf, bool is_rtcp, uint8_t *p,
		      size_t *len)
{
	srtp_t session = s->shelves[shelf].session;
	size_t at = mki_at(s, is_rtcp, *len), mki = s->key.mki_len;
	int n = (int)(*len - mki);
	srtp_err_status_t st;

	if (mki)
		memmove(p + at, p + at + mki, *len - at - mki);
	st = is_rtcp ? srtp_unprotect_rtcp(session, p, &n) :
		       srtp_unprotect(session, p, &n);
	if (!st)
		*len = (size_t)n;
	return result(st);
}

void vc_srtp_fetch(const struct vc_srtp *s, unsigned int step)
{
	if (step == 0) {
		vc_fetch(s, 1);
		vc_fetch(&s->key.mki_len, 1);
	} else if (s->n) {
		const struct shelf *shelf = &s->shelves[0];

		vc_fetch(step == 1 ? (const void *)shelf : shelf->session, 1);
	}
}

int vc_srtp_protect(struct vc_srtp *s, int shelf, bool is_rtcp, uint8_t *p,
		    size_t *len)
{
	srtp_t session = s->shelves[shelf].session;
	size_t at, mki = s->key.mki_len;
	int n = (int)*len;
	srtp_err_status_t st;

	st = is_rtcp ? srtp_protect_rtcp(session, p, &n) :
		       srtp_protect(session, p, &n);
	if (st)
		return result(st);
	*len = (size_t)n + mki;
	if (mki) {
		at = mki_at(s, is_rtcp, *len);
		memmove(p + at + mki, p + at, (size_t)n - at);
		memcpy(p + at, s->key.mki, mki);
	}
	return 0;
}
