/* SPDX-License-Identifier: MIT */
/*
 * The circuit breakers of RFC 8083, for one stream to one destination: when a
 * sender has to stop, because nobody reports, nothing arrives, the path is
 * congested for long, or what arrives is of no use. They are no congestion
 * control, which should never let it come to this.
 *
 * An open breaker means: no media. RTCP goes on; when a destination that had
 * been silent is heard, its breaker closes by itself, as that is word that the
 * path is there again; the others wait for vc_circuit_reset().
 */
#ifndef VC_SESSION_CIRCUIT_H
#define VC_SESSION_CIRCUIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/rtcp.h"

enum vc_circuit_state {
	VC_CIRCUIT_CLOSED,
	VC_CIRCUIT_REDUCED, /* send a tenth: c->limit_bps at most */
	VC_CIRCUIT_OPEN,    /* send nothing */
};

enum vc_circuit_why {
	VC_CIRCUIT_FINE,
	VC_CIRCUIT_RTCP,       /* 4.1: nobody reports */
	VC_CIRCUIT_MEDIA,      /* 4.2: reports say that nothing arrives */
	VC_CIRCUIT_CONGESTION, /* 4.3: ten times what TCP would get */
	VC_CIRCUIT_USELESS,    /* 4.4: most of it is lost */
};

/* The first four may be read. */
struct vc_circuit {
	enum vc_circuit_state state;
	enum vc_circuit_why why;
	uint64_t limit_bps;
	uint64_t trips;

	int64_t td;	   /* deterministic reporting interval, at least 5 s */
	int64_t heard;	   /* RTCP of the destination, or when it began */
	int64_t last_sent; /* VC_TIME_NONE */
	uint64_t octets;   /* sent since 'window' began */
	uint64_t packets;
	bool has_sent; /* since the last report */
	bool has_report;
	int64_t reported; /* the last */
	int64_t tdr;	  /* mean time between reports; 0: not known */
	uint32_t highest;
	unsigned int stalled; /* reports in a row without progress */
	int64_t advanced;     /* the report before them, or when it began */
	int64_t window;	      /* where the reports that are averaged begin */
	unsigned int n;	      /* of them */
	double loss_time;     /* loss * time, summed */
	int64_t opened;
	int64_t took; /* what it took to open, at least */
};

/* 'td': vc_rtcptime_interval(); below 5 s it is taken as 5 s. */
void vc_circuit_init(struct vc_circuit *c, int64_t td, int64_t now);

/* Packets went, or would have while the breaker is open: so many octets in
 * all. */
void vc_circuit_sent(struct vc_circuit *c, uint64_t packets, uint64_t octets,
		     int64_t now);

/* Any RTCP came from the destination. */
void vc_circuit_heard(struct vc_circuit *c, int64_t now);

/* A report block about the stream; 'rtt' -1: not known. Counts as heard. */
void vc_circuit_report(struct vc_circuit *c, const struct vc_rtcp_report *rep,
		       int64_t rtt, int64_t now);

/* When to call vc_circuit_due(), which opens it where nobody reports;
 * INT64_MAX: not for now. */
int64_t vc_circuit_next(const struct vc_circuit *c);
void vc_circuit_due(struct vc_circuit *c, int64_t now);

/* Closes it, by somebody's decision. False: too early (4.5). */
bool vc_circuit_reset(struct vc_circuit *c, int64_t now);

#endif
