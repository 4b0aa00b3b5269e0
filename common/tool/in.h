/* SPDX-License-Identifier: MIT */
/*
 * Streams in: reads one or many PLACEs as one merged stream (vc-stream(7),
 * Merging, Clock), keeps the roster of who is in it, and hands frames to the
 * tool. It also is the virtual clock's driver, applies -t, --wait,
 * --idle-timeout, --stop-on, --select, --as, --live, --rebase, and takes
 * SIGINT and SIGTERM.
 */
#ifndef VC_TOOL_IN_H
#define VC_TOOL_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "session/roster.h"
#include "tool/tool.h"
#include "wire/frame.h"
#include "wire/rtp.h"
#include "wire/sdp.h"

struct vc_capscan_packet;
struct vc_in;
struct vc_json;
struct vc_tool;

/*
 * What a tool does with what comes. All may be NULL; all get 'ctx'. Times are
 * stream time, ns. Order: start, then desc, then packets; end last.
 */
struct vc_in_ops {
	/* The clock is known. Arm timers from here on, not before. */
	void (*start)(void *ctx, int64_t now);
	/* The merged description, new or changed. Borrowed until the next. */
	void (*desc)(void *ctx, const struct vc_sdp *sdp);
	/*
	 * An RTP packet of an admitted, selected source, SSRC, payload type
	 * and extension ids already as in the merged description; headers
	 * checked. Take a reference to keep it. pkt->arrival is its T.
	 * src->kind, pt, codec, section are set from the description, rid as
	 * soon as a packet says it ('change' tells if that is later).
	 */
	void (*rtp)(void *ctx, struct vc_source *src, struct vc_packet *pkt,
		    const struct vc_rtp *rtp);
	/* A whole compound, checked, remapped; the roster has taken it. */
	void (*rtcp)(void *ctx, struct vc_packet *pkt);
	/* An event; 'text' is its JSON as it came. Without it `net` events,
	 * one a source and second, are not even parsed. */
	void (*event)(void *ctx, const struct vc_json *event, const char *text,
		      size_t len);
	/* A T frame moved the clock to 'now' (virtual and recorded only). */
	void (*time)(void *ctx, int64_t now);
	/*
	 * Raw copy of every frame as it is taken (length included), before
	 * any remapping; for one input that is passed on like tee.
	 */
	void (*raw)(void *ctx, const uint8_t *frame, size_t len,
		    enum vc_frame_type type);
	/* A reserved frame type, to be passed on by filters. */
	void (*other)(void *ctx, const uint8_t *frame, size_t len);
	/*
	 * Sources, from the first packet of theirs that is handed on (so not
	 * of those that --select or --as leave out). 'gone': free src->user.
	 */
	void (*begin)(void *ctx, struct vc_source *src);
	void (*change)(void *ctx, struct vc_source *src,
		       struct vc_participant *was);
	void (*gone)(void *ctx, struct vc_source *src, enum vc_leave why);
	void (*who_gone)(void *ctx, struct vc_participant *who);
	/* Virtual: is media still held (jitter buffers, encoders)? */
	bool (*held)(void *ctx);
	/* No more input; nothing is held. Write BYE. The loop then stops. */
	void (*end)(void *ctx, int64_t now);
};

struct vc_in_conf {
	bool with_names;  /* operands are [NAME=]INPUT */
	bool faces_world; /* paces virtual and recorded streams unless --fast */
	int64_t latency;  /* of playout, as vc_playout_init() */
	int64_t timeout;  /* of silent sources; 0: 10 s */
	bool live_only;	  /* virtual and recorded streams are refused */
	/* Events of which there are many are not told: `net`, and a `source`
	 * that says again what it said. */
	bool without_repeats;
	/* Packets are not played, so nothing is learned of their delay: of
	 * src->play only what the first one says holds. */
	bool only_passes;
	/*
	 * A capture (pcap, rtpdump, mjr) as the one input is read as it is:
	 * vc_in_captured() tells of each packet what no stream says, 'rtcp'
	 * gets reports of receivers too, each flow is a space of SSRCs of its
	 * own. 'raw', 'other' and 'event' are not called. Without it captures
	 * are read as the streams that vc-recv would make of them.
	 */
	bool captures;
	bool captures_as_streams; /* also those that are said to be, pcap: */
	const char *iface;	  /* packets of this interface, or NULL */
	const char *filter;	  /* of these those that it matches, or NULL */
	bool is_heuristic;	  /* captures: not by the ports of --sdp */
	/* Beside what the tool is for (vc-recv --reply): its end is not the
	 * tool's, -t and the like, signals, --sdp and --pt are not its own. */
	bool is_side;
};

/* 'places' from -i or operands; none: "-". Errors are said, exit code set. */
struct vc_in *vc_in_new(struct vc_tool *t, const struct vc_words *places,
			const struct vc_in_conf *conf,
			const struct vc_in_ops *ops, void *ctx);
void vc_in_free(struct vc_in *in);

/* Opens the places. 0, or -errno after saying so. Before vc_tool_start(). */
int vc_in_open(struct vc_in *in);

/*
 * Nothing but descriptions is read as long as it is suspended, as there is
 * nobody yet to whom it could go; 'desc' may then come before 'start'.
 * Producers wait, live ones drop. After vc_in_open(), and from timers only.
 */
void vc_in_suspend(struct vc_in *in, bool is_suspended);

/*
 * What comes before 'until' is of no use until then: with --batch=auto, what
 * others of this machine write live is read then at once, which saves as many
 * wake-ups as there are packets. A timer that is armed later for 'until' runs
 * after that. From timers only.
 */
void vc_in_gather(struct vc_in *in, int64_t until);

struct vc_roster *vc_in_roster(struct vc_in *in);
size_t vc_in_n(const struct vc_in *in);
/* NAME= of input i, or "". */
const char *vc_in_name(const struct vc_in *in, size_t i);
/* The merged description, NULL before the first. */
const struct vc_sdp *vc_in_sdp(const struct vc_in *in);
/* What it says of a source's format after the payload type, or nothing. */
struct vc_str vc_in_fmtp(const struct vc_in *in, const struct vc_source *src);
/* The same by any description, or NULL. */
struct vc_str vc_in_fmtp_by(const struct vc_sdp *sdp,
			    const struct vc_source *src);
/* Gives a source the format of 'pt', as 'sdp' has it. */
void vc_in_set_format(struct vc_source *src, const struct vc_sdp *sdp,
		      uint8_t pt);
enum vc_clock_kind { VC_CLOCK_LIVE, VC_CLOCK_VIRTUAL, VC_CLOCK_RECORDED };
enum vc_clock_kind vc_in_clock(const struct vc_in *in);

/* While 'rtp' or 'rtcp' is called, of a capture: whence it came, how much of it
 * is missing, DSCP, TTL. Else NULL. */
const struct vc_capscan_packet *vc_in_captured(const struct vc_in *in);
/* What the capture had, in counts; NULL: it is none. The caller's. */
struct vc_json *vc_in_capture_record(const struct vc_in *in);
/* Captured packets that were malformed. */
uint64_t vc_in_malformed(const struct vc_in *in);
/* Packets of sources for which there was no room (--max-sources). */
uint64_t vc_in_refused(const struct vc_in *in);

/* Has anything come that is of 'ssrc' (as merged)? Choose another then. */
bool vc_in_has_ssrc(struct vc_in *in, uint32_t ssrc);

/*
 * Asks the producer of 'ssrc' (as merged) for a key frame or a bit rate by its
 * control socket; key frames at most one a second and source. Nothing happens
 * where there is none.
 */
void vc_in_keyframe(struct vc_in *in, uint32_t ssrc);
void vc_in_bitrate(struct vc_in *in, uint32_t ssrc, uint64_t bps);

/* Recipients of a source by `route` events: true when 'who' gets 'ssrc'. With
 * --as all that comes is routed: whoever is written to gets it. */
bool vc_in_is_routed(const struct vc_in *in, uint32_t ssrc, const char *who);
/* How often routes have changed: what was found out by them holds so long. */
uint64_t vc_in_routes(const struct vc_in *in);
/* True when a route names somebody (and not "*") for it. */
bool vc_in_is_addressed(const struct vc_in *in, uint32_t ssrc);

#endif
