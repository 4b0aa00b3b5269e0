/* SPDX-License-Identifier: MIT */
/*
 * Who is here: the table of sources (SSRCs) and participants, told of RTP
 * arrivals and RTCP. Bounded memory against floods of SSRCs (hostile.md H9):
 *   - an SSRC begins as a candidate; of these there are at most
 *     VC_ROSTER_CANDIDATES, the least recently heard goes first;
 *   - its first RTP packet (after 'probation' in a row, unless RTCP with a
 *     CNAME came for it or a key vouches) makes it a source; of these there
 *     are at most max_sources, and at most VC_ROSTER_UNVOUCHED from one host
 *     for which neither RTCP nor a key vouches;
 *   - sources leave by BYE or time-out only.
 *
 * A participant is the sources with one 'id'. "Who is this?" is answered, by
 * strength, from key, operator, CNAME, NAME, else "ssrc:" and its digits; a
 * word that the first two gave is not accepted from the others (vc-stream(7)).
 *
 * Iteration is in order of admission, the same every run. Strings are copies,
 * at most 255 octets, ended by NUL, and foreign: they may hold anything but
 * NUL; escape them before showing. Not thread-safe.
 */
#ifndef VC_SESSION_ROSTER_H
#define VC_SESSION_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "session/playout.h"
#include "wire/rtpext.h"

#define VC_ROSTER_TEXT 256
#define VC_ROSTER_ADDR 64
#define VC_ROSTER_CANDIDATES 256
#define VC_ROSTER_UNVOUCHED 16
#define VC_ROSTER_OWN 65536
#define VC_ROSTER_MAX_SOURCES 4096 /* default of max_sources */

struct vc_packet;
struct vc_roster;
struct vc_rtp;

enum vc_id_by {
	VC_ID_NONE,
	VC_ID_NAME,
	VC_ID_CNAME,
	VC_ID_OPERATOR,
	VC_ID_KEY,
};

/* As in events: "none", "name", "cname", "operator", "key". */
const char *vc_id_by_name(enum vc_id_by by);

/* Why a source ended, as in `leave` events. */
enum vc_leave {
	VC_LEAVE_BYE,
	VC_LEAVE_TIMEOUT,
	VC_LEAVE_COLLISION,
	VC_LEAVE_EOF,
};

/* "bye", "timeout", "collision", "eof". */
const char *vc_leave_name(enum vc_leave why);

/* Whence a packet came; the caller keeps one for each peer it knows. */
struct vc_origin {
	int input;     /* index of the input, for equal SSRCs on two */
	uint64_t host; /* a hash of the address; 0: a pipe, no limit a host */
	uint64_t peer; /* a hash of address and port; 0: a pipe */
	const char *addr;	   /* "192.0.2.1:5004" or NULL */
	const char *operator_name; /* who comes by this place, or NULL */
	const char *key_name;	   /* who was authenticated, or NULL; with
				    * another one it is not the same source */
	uint64_t cert;		   /* likewise, of his certificate; 0: none */
	bool authenticated;
	bool may_move; /* the operator believes it without a key */
};

struct vc_participant {
	const char *id;
	enum vc_id_by id_by; /* the strongest of its sources' */
	struct vc_playout playout;
	unsigned int n_sources;
	void *user;		     /* the tool's; NULL at first */
	bool is_refused;	     /* the tool's: there is no place for him */
	struct vc_participant *next; /* in order of arrival */
	struct vc_participant *prev;
	struct vc_participant *next_hash;
};

/* Read what you like; 'user' and the fields of media are the caller's. */
struct vc_source {
	/* What those look at who go through all of them lies together. */
	struct vc_source *next; /* in order of arrival */
	uint32_t ssrc;
	int input;
	void *user; /* the tool's; NULL at first */
	bool has_bye;
	bool has_eof;		    /* that BYE was the end of its input */
	struct vc_participant *who; /* the id is there */
	const char *cname;	    /* "": not known yet */
	const char *name;
	char addr[VC_ROSTER_ADDR];
	enum vc_id_by id_by;
	struct vc_playout_source *play; /* NULL with is_untimed; in the
					 * source's own memory */
	int64_t first_arrival;
	int64_t last_arrival; /* of RTP */
	int64_t last_heard;   /* of RTP or RTCP */
	int64_t bye_arrival;
	uint64_t collisions; /* packets dropped from another address */

	bool is_shown; /* the caller's: something of it was handed on */
	int kind; /* of media: the caller's, -1 at first, as the next two */
	int codec;
	int pt;
	int section;		  /* of the description, as 'kind' */
	char rid[VC_RID_MAX + 1]; /* of its layer (RFC 8852); "": none */
	uint32_t rate_hz;	  /* of its RTP time; set it in 'begin' */
	uint32_t format_hz;	  /* what the format of 'pt' says of that */
	unsigned int channels;	  /* and of channels */
	bool is_by_call;	  /* SIP of a capture said so */
	bool is_judged;		  /* is_selected is known; of captures too */
	bool is_selected;
	uint64_t told; /* what SIP said when the format was set */

	/* the roster's own */
	uint64_t host;
	uint64_t peer;
	bool is_vouched;
	bool is_back; /* a sender report came after its BYE, as follows */
	uint64_t back_ntp;
	uint32_t back_ts;
	int64_t back_arrival;
	const char *operator_name; /* in the source's own memory, or "" */
	const char *key_name;
	char *texts[2]; /* what cname and name are, or NULL */
	uint64_t cert;
	struct vc_source *prev;
	struct vc_source *next_hash;
	struct vc_source *next_host;
};

struct vc_roster_conf {
	unsigned int max_sources; /* 0: VC_ROSTER_MAX_SOURCES */
	unsigned int probation;	  /* packets in a row; 0 and 1: at once */
	int64_t timeout;	  /* silence that ends a source; 0: never */
	int64_t latency; /* of each participant's, as vc_playout_init() */
	bool is_untimed; /* nobody asks when anything is due */
	/*
	 * All may be NULL. 'begin', before vc_roster_rtp() returns: set
	 * rate_hz, user and the other fields of media there; 'rtp' is the
	 * packet that admits it. 'change': names or participant are new
	 * ('was' is the one before, maybe the same). 'end' and 'who_end'
	 * while all is still there: free 'user'. None may end a source.
	 */
	void (*begin)(void *ctx, struct vc_source *src,
		      const struct vc_rtp *rtp);
	void (*change)(void *ctx, struct vc_source *src,
		       struct vc_participant *was);
	void (*end)(void *ctx, struct vc_source *src, enum vc_leave why);
	void (*who_end)(void *ctx, struct vc_participant *who);
	void *ctx;
};

struct vc_roster_counts {
	uint64_t candidates; /* packets dropped (or held) as a candidate's */
	uint64_t evicted;    /* candidates that were never admitted */
	uint64_t full;	     /* packets refused: max_sources */
	uint64_t host_full;  /* packets refused: VC_ROSTER_UNVOUCHED */
	uint64_t collisions; /* packets with somebody else's SSRC */
	uint64_t own;	     /* packets with our own */
	uint64_t loops;	     /* of these, and SDES of others, sent round */
};

/* NULL when out of memory. */
struct vc_roster *vc_roster_new(const struct vc_roster_conf *conf);

/* Ends nothing: 'end' is not called; see vc_roster_end_all(). */
void vc_roster_free(struct vc_roster *r);

/*
 * A word that an operator or key gives is nobody else's, from now on. Words of
 * origins are reserved when they are first heard; tell those known before.
 * 0 or -ENOMEM.
 */
int vc_roster_reserve(struct vc_roster *r, const char *word);

/*
 * An RTP packet arrived; 'rtp' is its header. 0 and '*src', or
 *   -EAGAIN	 a candidate still; the packet was kept (one reference) if it
 *		 is its first;
 *   -ENOSPC	 max_sources are here;
 *   -EDQUOT	 its host has VC_ROSTER_UNVOUCHED unvouched ones;
 *   -EADDRINUSE the SSRC is another address's: drop it;
 *   -ELOOP	 the SSRC is our own: choose a new one, say BYE, not too often;
 *   -EALREADY	 it is, and that address had one of ours before: they are our
 *		 packets that come back, drop them (RFC 3550 8.2);
 *   -ENOMEM.
 * '*held' is the packet that was kept while the source was a candidate, else
 * NULL: handle it before this one, and drop its reference. 'pkt' and 'held'
 * may both be NULL: then nothing is kept. Time is told to nobody here: call
 * vc_playout_packet(src->play, ...) for packets of media that are new.
 */
int vc_roster_rtp(struct vc_roster *r, const struct vc_origin *origin,
		  const struct vc_rtp *rtp, struct vc_packet *pkt, int64_t now,
		  struct vc_source **src, struct vc_packet **held);

/*
 * An SDES chunk's CNAME and NAME (empty: not given; octets up to the first NUL
 * count). Ignored from another host than the source's.
 */
void vc_roster_sdes(struct vc_roster *r, const struct vc_origin *origin,
		    uint32_t ssrc, struct vc_str cname, struct vc_str name,
		    int64_t now);

/*
 * A sender report, which is passed to the source's playout (a candidate's is
 * kept for it). The source if it is one, else NULL. One after a BYE announces
 * that the SSRC begins anew: with its next RTP the source ends and another one
 * begins in its place.
 */
struct vc_source *vc_roster_sr(struct vc_roster *r,
			       const struct vc_origin *origin, uint32_t ssrc,
			       uint64_t ntp, uint32_t ts, int64_t now);

/*
 * BYE only marks: the source ends 2 s later in vc_roster_tick(), unless media
 * comes more than 500 ms after the BYE, which revives it. Returns the source it
 * marked, or NULL.
 */
struct vc_source *vc_roster_bye(struct vc_roster *r,
				const struct vc_origin *origin, uint32_t ssrc,
				int64_t now);

/* An input came to its end: as if all its sources had said BYE. */
void vc_roster_eof(struct vc_roster *r, int input, int64_t now);

/* Ends what is due at 'now'. When to be called next; INT64_MAX: never. */
int64_t vc_roster_tick(struct vc_roster *r, int64_t now);

/* Ends one source, or all of an input (-1: of all), in order of arrival. */
void vc_roster_end(struct vc_roster *r, struct vc_source *src,
		   enum vc_leave why);
void vc_roster_end_all(struct vc_roster *r, int input, enum vc_leave why);

/* An SSRC that we send with, so that its echo is known (of VC_ROSTER_OWN). */
void vc_roster_own(struct vc_roster *r, uint32_t ssrc, bool is_own);

bool vc_roster_is_own(const struct vc_roster *r, uint32_t ssrc);

/*
 * Is 'ssrc', which speaks in an RTCP packet, our own? 0, or -ELOOP or -EALREADY
 * as by vc_roster_rtp(): ask for the author of each SR, RR and SDES chunk.
 */
int vc_roster_check_own(struct vc_roster *r, const struct vc_origin *origin,
			uint32_t ssrc, int64_t now);

struct vc_source *vc_roster_find(const struct vc_roster *r, int input,
				 uint32_t ssrc);
struct vc_participant *vc_roster_who(const struct vc_roster *r, const char *id);

/* In order of arrival; follow ->next. Do not end any on the way. */
struct vc_source *vc_roster_first(const struct vc_roster *r);
struct vc_participant *vc_roster_first_who(const struct vc_roster *r);
unsigned int vc_roster_n(const struct vc_roster *r);

const struct vc_roster_counts *vc_roster_counts(struct vc_roster *r);

#endif
