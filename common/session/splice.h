/* SPDX-License-Identifier: MIT */
/*
 * One outgoing source made of the packets of another, or of several in turn:
 * SSRC, sequence numbers, RTP time and counts are its own and go on without a
 * jump where the source behind it changes; gaps and reordering of the input
 * stay. The line between NTP and RTP time is the input's (vc-stream(7),
 * Sources). RFC 3550 section 5.1, 6.4.1.
 */
#ifndef VC_SESSION_SPLICE_H
#define VC_SESSION_SPLICE_H

#include <stdbool.h>
#include <stdint.h>

#include "session/sender.h"
#include "session/seqshift.h"
#include "wire/codec.h"
#include "wire/rtp.h"

/* RTP time of a source in its author's time; one for each input source. */
struct vc_srcline {
	uint32_t rate_hz;
	bool is_set;
	bool by_report; /* else 'ns' is the time of arrival */
	uint32_t ts;
	int64_t ns;
	int64_t arrival; /* of what said so, stream time */
};

void vc_srcline_init(struct vc_srcline *l, uint32_t rate_hz);
/* A packet: sets the line as long as nothing else has. */
void vc_srcline_packet(struct vc_srcline *l, uint32_t ts, int64_t arrival);
/* A sender report; NTP 0, "no clock", changes nothing. */
void vc_srcline_sr(struct vc_srcline *l, uint64_t ntp, uint32_t ts,
		   int64_t arrival);

#define VC_SRLOG 128

/* The sender reports that went to one peer, for round-trip times. */
struct vc_srlog {
	unsigned int n;
	struct {
		uint32_t ssrc;
		uint32_t mid; /* of its NTP time */
		int64_t at;
	} sent[VC_SRLOG];
};

struct vc_splice {
	struct vc_sender sender; /* ssrc, counts and names may be read */
	struct vc_srcline line;	 /* of the source behind it */
	bool has_sent;
	bool awaits_first; /* of a new source */
	bool shares_clock; /* it does, with the one before */
	struct vc_srcline old_line;
	uint16_t seq_off; /* out - in */
	uint32_t ts_off;
	struct vc_seq_ext seq;
	int64_t first_seq;
	int64_t newest_seq; /* of the source, extended */
	struct vc_seqshift inserts;
	int64_t skip_seq; /* the newest that was skipped */
	uint64_t skipped; /* that, and which of the 63 before it */
	/*
	 * Sound of a codec that is set: how long the newest packet lasts, in RTP
	 * time; 0: not known. A new source goes on right behind it where it
	 * would begin near there.
	 */
	enum vc_codec codec;
	uint32_t unit;
	uint16_t high_seq; /* sent */
	uint32_t last_ts;  /* the newest that was sent, and when */
	int64_t last_arrival;
};

/*
 * Draws SSRC, first sequence number and first RTP time as
 * PRF(rand, purpose, n); see vc_sender_init(). A source must follow.
 */
void vc_splice_init(struct vc_splice *s, const struct vc_rand *rand,
		    const char *purpose, uint64_t n, uint32_t rate_hz);

/*
 * The same, but it begins with the packet 'first' of its source as that is, and
 * differs from the source only after a change; 'ssrc' is its SSRC.
 */
void vc_splice_keep(struct vc_splice *s, uint32_t ssrc,
		    const struct vc_rtp *first, uint32_t rate_hz);

/* Whom its reports name; copied, cut at 255 octets. */
void vc_splice_name(struct vc_splice *s, const char *cname, const char *name);

/*
 * The packets from now on are another source's, of the same clock rate, with
 * this line. 'shares_clock': its author's clock is that of the source before
 * (equal CNAME), so that both lines tell how much time lies between them; else
 * it is taken from the times of arrival.
 */
void vc_splice_source(struct vc_splice *s, const struct vc_srcline *line,
		      bool shares_clock);

/* The source's line, anew: after each of its reports. */
void vc_splice_line(struct vc_splice *s, const struct vc_srcline *line);

/*
 * Sets what an input packet becomes in '*out': ssrc, seq and ts. False: it is
 * from before the first packet of its source, whose place is taken; drop it.
 */
bool vc_splice_map(struct vc_splice *s, const struct vc_rtp *in,
		   int64_t arrival, struct vc_rtp *out);

/*
 * The same of a packet among sound that bears the time at which it began, not
 * how far the sound is: a telephone event (RFC 4733).
 */
bool vc_splice_map_event(struct vc_splice *s, const struct vc_rtp *in,
			 int64_t arrival, struct vc_rtp *out);

/*
 * A packet that is not of the source goes out behind the newest that was
 * mapped (ULPFEC): its sequence number. The source's move on behind it.
 */
uint16_t vc_splice_insert(struct vc_splice *s);

/* This one of the source does not go out: those behind it close up, once if it
 * comes twice. */
void vc_splice_skip(struct vc_splice *s, const struct vc_rtp *in);

/*
 * After some that were skipped the source goes on with this one: what is of
 * before does not go out however late, and what was skipped behind it is missing
 * from what goes on.
 */
void vc_splice_resume(struct vc_splice *s, const struct vc_rtp *in);

/* The packet that was mapped or inserted last goes out. */
void vc_splice_sent(struct vc_splice *s, size_t payload_len);

/*
 * SR + SDES at 'now' (stream time), on the source's line. After the first
 * vc_splice_map(). The octets, or -ENOSPC. It is noted in 'log', unless NULL.
 */
int vc_splice_report(struct vc_splice *s, uint8_t *buf, size_t cap, int64_t now,
		     struct vc_srlog *log);
/* The same + BYE. */
int vc_splice_bye(struct vc_splice *s, uint8_t *buf, size_t cap, int64_t now);

/*
 * Round-trip time by a report block about 'ssrc' that came at 'now', ns; -1
 * when it names none of the last reports, or gives more than 60 s.
 */
int64_t vc_srlog_rtt(const struct vc_srlog *log, uint32_t ssrc, uint32_t lsr,
		     uint32_t dlsr, int64_t now);

#endif
