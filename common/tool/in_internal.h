/* SPDX-License-Identifier: MIT */
/*
 * What tool/in.c (places), in_begin.c (descriptions, clock), in_pump.c
 * (driving), in_gather.c, in_frame.c (frames), in_event.c (events), in_source.c
 * (sources) and in_as.c (--as) share.
 */
#ifndef VC_TOOL_IN_INTERNAL_H
#define VC_TOOL_IN_INTERNAL_H

#include "tool/in.h"
#include "tool/input.h"
#include "tool/limits.h"
#include "tool/merge.h"
#include "tool/route.h"

/* One input and where it stands. */
struct feed {
	struct vc_in *in;
	struct vc_input input;
	size_t index;
	bool is_described;
	bool is_over;	  /* its end was told */
	bool is_plain;	  /* RFC 4571 without our frames */
	bool has_twin;	  /* that was told */
	bool at_boundary; /* a description came since the last T */
	bool has_time;
	int64_t t;	   /* stream time, offset included */
	int64_t offset;	   /* rebased, or behind a boundary */
	int64_t arrival;   /* of the next packet, VC_TIME_NONE: t */
	int64_t raw_t;	   /* the last T as it came */
	int64_t lag_base;  /* smallest now - T of late */
	int64_t lag_now;   /* when that was last looked at */
	uint64_t gathered; /* octets, when that was last looked at */
	enum vc_clock_kind clock;
	char *control; /* its producer's socket, or NULL */
	int control_fd;
};

struct vc_in_capture;

struct vc_in {
	struct vc_tool *tool;
	struct vc_loop *loop;
	struct vc_in_conf conf;
	struct vc_in_ops ops;
	void *ctx;
	struct feed *feeds;
	size_t n;
	struct vc_merge merge;
	uint8_t rid_ext; /* id of the RID in it, 0: none */
	struct vc_roster *roster;
	struct vc_routes *routes;
	uint64_t n_routes;	       /* events */
	struct vc_in_as *as;	       /* or NULL */
	struct vc_in_capture *capture; /* or NULL */
	struct vc_limits limits;
	struct vc_timer roster_timer;
	struct vc_timer pace_timer;
	struct vc_timer end_timer;
	struct vc_timer gather_timer;
	struct pollfd *gathered;      /* a place for each feed, or NULL */
	struct vc_timer wait_timer;   /* --wait, until there is a clock */
	struct vc_watch signal_watch; /* a timerfd: 500 ms of real time */
	bool has_clock;
	enum vc_clock_kind clock;
	bool is_paced; /* virtual or recorded, at its own pace */
	bool has_started;
	bool has_desc;
	bool has_told_stripped;
	bool is_pumping;
	bool is_suspended;
	bool was_told; /* of the description, while it is */
	bool is_finished;
	bool has_failed; /* somebody was told why there is no media */
	const char *why; /* to finish, and why; NULL: no */
	int64_t end_by;
	char *sdp_text; /* --sdp, --pt: for plain inputs */
	size_t sdp_len;
	bool warned_pt[128];
	struct vc_limit warn_pt;
	struct {
		uint64_t packets, octets, toobig, malformed, pt, unfit, lag,
			unselected, ssrcs, remapped;
	} counts;
};

/* Live: learns from the newest T that has come how far the others lag. */
void vc_in_look_ahead(struct vc_in *in, struct feed *f);

/* Its T frames are of our clock and can be trusted. */
bool vc_in_is_stamped(const struct feed *f);

/*
 * What comes with an SSRC of our own is somebody else's, and is renumbered:
 * there are no loops but on the live clock.
 */
bool vc_in_renumbers_own(const struct vc_in *in);

/* Takes one frame of a feed. 0, or -EBADMSG: the feed cannot go on. */
int vc_in_take(struct vc_in *in, struct feed *f, const struct vc_frame *frame);

/* A description of a feed. 0 or an error that was said. */
int vc_in_take_desc(struct vc_in *in, struct feed *f, const char *text,
		    size_t len);

/* Something is wrong with an input: said with its name, exit code 1. */
void vc_in_complain(struct vc_in *in, struct feed *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- in_event.c --- */

void vc_in_take_event(struct vc_in *in, struct feed *f,
		      const struct vc_frame *frame);

/* --- in_begin.c --- */

/* Takes the descriptions that have come. True: all feeds have one or are
 * over. */
bool vc_in_meet_all(struct vc_in *in);
/* Virtual and recorded: time begins. */
void vc_in_start_clock(struct vc_in *in, int64_t t);

/* An interface: it has no description to wait for. */
void vc_in_begin_live(struct vc_in *in, int64_t now);

/* --- in_capture.c --- */

/* The feed is one. 0 or -errno. */
int vc_in_capture_begin(struct vc_in *in, struct feed *f,
			enum vc_filekind kind);
/* Takes what has come. False: it is over. */
bool vc_in_capture_pump(struct vc_in *in);
/* conf.iface: opens it. 0, or -errno after saying so. */
int vc_in_capture_listen(struct vc_in *in);
void vc_in_capture_free(struct vc_in *in);

/* --- in_gather.c --- */

void vc_in_gather_due(void *ctx, int64_t now);

/* --- in_pump.c --- */

/* The feed is at its end: says what is wrong with that. */
void vc_in_feed_end(struct vc_in *in, struct feed *f);
/* No more of this feed. Its sources leave later. */
void vc_in_feed_close(struct vc_in *in, struct feed *f);

/* Takes what can be taken; ends when there is nothing more. */
void vc_in_pump(struct vc_in *in);
void vc_in_end_due(void *ctx, int64_t now);
void vc_in_roster_due(void *ctx, int64_t now);
void vc_in_wait_due(void *ctx, int64_t now);
void vc_in_on_signal(void *ctx);
/* Enough for this reason: what is held is played, then the end. */
void vc_in_enough(void *ctx, const char *why);

/* --- in_source.c --- */

/* What a packet says of its source: format, layer. */
void vc_in_learn(struct vc_in *in, struct vc_source *src,
		 struct vc_merge_ssrc *e, const struct vc_rtp *rtp);
/* Does --select take it? 'e' remembers the answer. */
bool vc_in_is_selected(struct vc_in *in, struct vc_source *src,
		       struct vc_merge_ssrc *e);

/* The roster's calls. */
void vc_in_source_begin(void *ctx, struct vc_source *src,
			const struct vc_rtp *rtp);
void vc_in_source_change(void *ctx, struct vc_source *src,
			 struct vc_participant *was);
void vc_in_source_end(void *ctx, struct vc_source *src, enum vc_leave why);
void vc_in_who_end(void *ctx, struct vc_participant *who);

/* --- in_as.c: with --as --- */

/* The packet becomes one of what he gets. False: it is not for him. */
bool vc_in_as_rtp(struct vc_in *in, struct vc_packet *pkt, struct vc_rtp *rtp);
/* So does a compound, checked. False: it is to be dropped. */
bool vc_in_as_rtcp(struct vc_in *in, struct vc_packet *pkt);
/* The source that is behind what he gets now. */
uint32_t vc_in_as_behind(const struct vc_in *in, uint32_t ssrc);
void vc_in_as_free(struct vc_in *in);

#endif
