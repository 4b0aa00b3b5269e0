/* SPDX-License-Identifier: MIT */
/*
 * vc-probe load: what its parts share. The media are encoded once
 * (load_media.c) and sent by every session under its own SSRCs, numbers and
 * times; what comes back is counted for each (load_session.c), and all of it is
 * one record (load_record.c).
 */
#ifndef VC_PROBE_LOAD_H
#define VC_PROBE_LOAD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "active.h"
#include "session/hist.h"
#include "session/rxstats.h"
#include "session/sender.h"

#define LOAD_TICK (20 * VC_MS)
#define LOAD_SLOTS 10 /* of a tick, each of a part of the sessions */
#define LOAD_BATCH 48 /* packets of a tick, at most */
#define LOAD_KEPT \
	1024 /* packets of a medium that what comes is compared with */
#define LOAD_TICKS 256 /* of which each session remembers when it sent */
#define LOAD_SOURCES 6 /* that a session counts */

enum { LOAD_AUDIO, LOAD_VIDEO, LOAD_MEDIA };

struct load;
struct load_media;

/* A packet of the media, of the tick at hand or one before. */
struct load_packet {
	struct vc_packet *pkt; /* NULL: none */
	uint64_t tick;
};

struct load_rx {
	uint32_t ssrc;
	int medium; /* that it is an echo of; -1: another source */
	struct vc_rxstats stats;
};

struct load_session {
	struct load *load;
	unsigned int n; /* from 1 */
	struct vc_udp *udp;
	struct vc_watch watch;
	bool is_started;
	int64_t started;
	struct vc_sender sender[LOAD_MEDIA];
	uint16_t shift[LOAD_MEDIA]; /* of numbers, to the media's */
	int64_t sent_at[LOAD_TICKS];
	int64_t report_at;
	uint64_t sent, unsent, refused;
	uint64_t received, corrupt, reports, malformed, crowded;
	struct load_rx rx[LOAD_SOURCES];
	unsigned int n_rx;
	struct vc_hist rtt;
};

struct load_options {
	struct vc_tool *tool;
	int64_t sessions;
	double ramp; /* sessions a second; 0: all at once */
	const char *listen;
	const char *got;
	int only; /* 0: both; 1 audio, 2 video */
	struct active_rules rules;
};

struct load {
	struct vc_tool *tool;
	struct load_options *opt;
	struct vc_place place, near;
	struct sockaddr_storage to;
	struct vc_udp *listen; /* NULL: each where it sends from */
	struct vc_watch listen_watch;
	struct load_media *media;
	struct load_session *session;
	size_t n_sessions, n_started;
	struct load_session *
		*by_ssrc; /* a table of both of each, twice as large */
	size_t cap_ssrc;
	struct vc_timer timer;
	int64_t epoch, next, until;
	uint64_t tick, late_ticks;
	unsigned int slot; /* of this tick */
	bool is_over;
	uint64_t strays; /* came to --listen, of nobody */
	FILE *got;
	/* The tick at hand. */
	struct load_packet batch[LOAD_BATCH];
	size_t n_batch;
	uint64_t overflow; /* packets that did not fit into it */
	struct load_packet kept[LOAD_MEDIA][LOAD_KEPT];
};

/* --- load_media.c --- */

/* 0 or -errno. What is made goes to load_put(). */
int load_media_new(struct load *l, int64_t epoch);
void load_media_free(struct load_media *m);
/* Makes what is due in the next tick, whose time is 'now'. 0 or -errno. */
int load_media_tick(struct load_media *m, int64_t now);
uint32_t load_media_offset(const struct load_media *m, int medium);
uint32_t load_media_rate(int medium);
/* A description of it, for --got. */
const char *load_media_sdp(void);

/* --- load_session.c --- */

void load_put(struct load *l, int medium, struct vc_packet *pkt);
/* Opens its socket, draws its SSRCs. 0 or -errno. */
int load_session_open(struct load *l, struct load_session *s, unsigned int n);
void load_session_start(struct load_session *s, int64_t now);
/* Sends what this tick has. */
void load_session_send(struct load_session *s, int64_t now);
void load_session_bye(struct load_session *s, int64_t now);
void load_session_close(struct load_session *s);
/* The socket of --listen. 0 or -errno. */
int load_listen(struct load *l);

/* --- load_record.c --- */

struct vc_json *load_record(struct load *l, int64_t now);
void load_table(FILE *f, const struct vc_json *record);
extern const struct vc_metric load_metrics[];
extern const size_t n_load_metrics;
/* Sessions that got nothing. */
size_t load_silent(const struct load *l);

#endif
