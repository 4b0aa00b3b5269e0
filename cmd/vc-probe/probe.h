/* SPDX-License-Identifier: MIT */
/*
 * vc-probe: what its parts share. One meter a source collects (meter.c,
 * decode.h); a report is one JSON record made of all meters (record.c), which
 * is judged (expect), printed, or drawn as a table (table.c). So the table
 * never says what the record does not.
 */
#ifndef VC_PROBE_H
#define VC_PROBE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/hashkey.h"
#include "base/pool.h"
#include "chain.h"
#include "session/framestat.h"
#include "session/lossruns.h"
#include "session/roster.h"
#include "session/rxstats.h"
#include "tool/baseline.h"
#include "tool/expect.h"
#include "tool/in.h"
#include "tool/out.h"
#include "tool/tool.h"
#include "tool/watch.h"

struct acts_out;
struct acts_source;
struct caught;
struct decoder;
struct html;
struct judge;
struct lips;
struct page;
struct digits;
struct passive;
struct reffile;
struct serve;
struct top;
struct vc_charwidth;
struct vc_json;
struct vc_rtcpwatch;

/* Meters that are kept after their source has left; then the oldest goes. */
#define MAX_METERS 8192
#define MAX_HEARD 16
#define MAX_SEEN 16
#define MAX_EXPECT 64
#define METER_CHAIN_BITS 11
#define MAX_RRTS 16   /* reference times of others that are remembered */
#define MAX_BUFFERS 8 /* of --buffer */

#define UNSAID INT64_MIN

/* What the newest `net` event of a source said. UNSAID, NAN: not that. */
struct net {
	bool is_known;
	int64_t received, octets, expected, lost, dup, reordered, late;
	int64_t overflow;
	int64_t auth_failed, won;
	int64_t dscp, ttl;
	double jitter_ms, jitter_mean_ms, jitter_max_ms, rtt_ms;
};

/* Where the counts stood at the end of the last step of the series. */
struct mark {
	bool is_set;
	uint64_t packets, octets, frames, expected, duplicates, freezes;
	int64_t lost;
	uint64_t delays;	  /* packets whose delay is known */
	int64_t delay;		  /* of them all, ns */
	int64_t frozen;		  /* ns, the freeze that goes on as well */
	double r, mos_lq, mos_cq; /* of that step; NAN: not measured */
};

/* One source. */
struct meter {
	struct meter *next; /* in order of arrival */
	struct meter *prev;
	struct meter *next_ssrc; /* of a chain, the newest first */
	uint32_t ssrc;
	char id[VC_ROSTER_TEXT];
	char cname[VC_ROSTER_TEXT];
	char name[VC_ROSTER_TEXT];
	enum vc_id_by id_by;
	int kind;
	int codec;
	char encoding[24]; /* its name in the description, or "" */
	int pt;
	bool is_slides;
	char rid[VC_RID_MAX + 1]; /* of its layer, "": none */
	struct vc_rxstats rx;
	struct vc_lossruns runs;
	struct vc_framestat *video; /* NULL: no video, or no memory */
	struct decoder *decoder;    /* NULL: it is not decoded */
	int decoder_tried;	    /* codec that this was tried with */
	struct passive *passive;    /* NULL: no memory */
	struct caught *caught;	    /* NULL: of no capture */
	struct acts_source *acts;   /* of --impair-out, which frees it */
	struct vc_rtcpwatch *rtcp;  /* NULL: none came, or no memory */
	struct lips *lips;	    /* likewise */
	struct digits *digits;	    /* NULL: none was dialled */
	struct net net;
	struct vc_json *to; /* whom a `route` names, or NULL: everybody */
	int64_t ptime;	    /* of the newest audio packet, ns; 0: not known */
	uint64_t levels;    /* packets with an RFC 6464 level, and their sum */
	uint64_t level_sum;
	uint64_t voiced; /* of them, with the V bit */
	uint32_t last_ts;
	uint16_t last_seq;
	bool has_last;
	bool has_transit;	     /* by sender reports */
	int64_t transit;	     /* smallest arrival - author's time, ns */
	const struct vc_source *src; /* NULL: it is gone */
	bool is_gone;
	bool is_sampled; /* after it had gone */
	enum vc_leave why;
	struct mark mark;
};

struct probe_options {
	bool json;
	bool csv;
	bool top;
	bool pass;
	bool list;
	bool marks;
	bool decode;
	int packets; /* 0 no, 1 text, 2 JSON */
	bool tap;
	const char *iface, *filter; /* NULL: not */
	bool heuristic;
	const char *ref;	   /* NULL: none */
	const char *vmaf, *visqol; /* programs, likewise */
	bool calls;
	const char *report;
	const char *junit;
	const char *series;
	const char *baseline;
	const char *html;
	const char *metrics;
	const char *impair_out;
	int64_t interval;		    /* 0: none */
	int64_t buffers[MAX_BUFFERS];	    /* ns */
	char buffer_names[MAX_BUFFERS][16]; /* as they were written */
	unsigned int n_buffers;
	int64_t from, to; /* of --part; no end: 0 */
	struct vc_words heard;
	struct vc_words seen;
	struct vc_words expect;
	struct vc_words expect_files;
	struct vc_words tolerances;
};

/* A receiver's reference time (RFC 3611 4.4), for DLRR. */
struct rrt {
	uint32_t ssrc;
	uint32_t mid;
	int64_t at;
};

/* What sources that are not kept come to. */
struct past {
	uint64_t packets, octets, expected;
	int64_t lost;
	int64_t first, last; /* arrivals, once there are packets */
};

struct probe {
	struct vc_tool *tool;
	struct vc_in *in;
	struct vc_out *out; /* --pass */
	FILE *report;
	FILE *junit;	   /* NULL: not wanted */
	struct html *html; /* likewise */
	struct serve *serve;
	struct top *top;
	struct vc_charwidth *widths; /* read before the sandbox */
	struct probe_options *opt;
	struct vc_expect expect[MAX_EXPECT];
	size_t n_expect;
	struct vc_json *baseline; /* NULL: not wanted */
	struct vc_tolerances tolerances;
	struct vc_rulewatch *watch; /* NULL: no rule is over time */
	FILE *series;		    /* NULL: not wanted */
	struct acts_out *acts;	    /* likewise */
	const char *heard[MAX_HEARD];
	size_t n_heard;
	const char *seen[MAX_SEEN];
	size_t n_seen;
	bool marks;
	bool decode;
	struct reffile *ref; /* NULL: none */
	struct judge *judge; /* likewise */
	int64_t start;	     /* of the stream; VC_TIME_NONE: none yet */
	int64_t from, to;    /* what is measured */
	int64_t last_t;	     /* the newest T of a stream that is not live */
	int64_t shown_t;     /* --packets: T of the frames that come now */
	int64_t shown_arrival;
	int64_t shown_start;
	bool is_file;  /* INPUT is a regular file */
	bool has_time; /* a T came: without one a file says nothing of time */
	uint64_t malformed;
	bool has_rtcp;
	struct vc_hashkey hash;
	struct meter *by_ssrc[1u << METER_CHAIN_BITS];
	struct rrt rrts[MAX_RRTS];
	unsigned int n_rrts;
	struct vc_hook hook;   /* flushes the report */
	struct vc_timer timer; /* of the series */
	int64_t due;	       /* when its step in hand should end */
	int64_t stepped;       /* when the one before should have */
	int64_t every;	       /* its step, 1 s unless said; 0: not needed */
	int64_t timed;	       /* where its last step ended */
	bool has_rows;	       /* --interval: the heading is written */
	struct vc_timer tick;  /* of what is decoded */
	bool is_reported;
	struct meter *first, *last;
	unsigned int n_meters;
	uint64_t octets;	/* of them all */
	struct chain_room room; /* of what is decoded */
	enum vc_leave last_why; /* of the source that left last */
	uint64_t forgotten;	/* meters dropped: MAX_METERS */
	uint64_t told;		/* by --calls, and dropped */
	struct vc_framestat_room video_room;
	struct past past; /* of all that were dropped */
};

/* --- names.c --- */

/* One more of heard[NAME], seen[NAME]; usage errors exit. */
void names_hear(struct probe *p, struct vc_str name);
void names_look_for(struct probe *p, struct vc_str name);
/* Those of --heard and --seen. */
void names_take(struct probe *p);

/* --- metrics.c --- */

/* A buffer of --buffer, or of late[60ms]. 0, also where it is there already;
 * -EINVAL, or -E2BIG: MAX_BUFFERS are. */
int probe_add_buffer(struct probe_options *o, struct vc_str text);

/* --- meter.c --- */

/* NULL when out of memory. */
struct meter *meter_begin(struct probe *p, struct vc_source *src);
/* Its names or format are new. */
void meter_change(struct probe *p, struct meter *m,
		  const struct vc_source *src);
void meter_rtp(struct probe *p, struct meter *m, struct vc_source *src,
	       struct vc_packet *pkt, const struct vc_rtp *rtp);
/* Its source ends, at 'now'. */
void meter_end(struct probe *p, struct meter *m, int64_t now,
	       enum vc_leave why);
/* It is told: frees it, what it counted stays in p->past. */
void meter_drop(struct probe *p, struct meter *m);
/* What of it is due is decoded, if anybody wants it. */
void meter_tick(struct meter *m, int64_t now);
void meter_net(struct meter *m, const struct vc_json *event);
void meter_route(struct meter *m, const struct vc_json *event);
/* The newest meter of 'ssrc', or NULL. */
struct meter *meter_find(const struct probe *p, uint32_t ssrc);
void meter_free_all(struct probe *p);

/* --- meter_rtcp.c --- */

/* A whole compound, checked. */
void meter_rtcp(struct probe *p, const struct vc_packet *pkt);

/* --- metrics.c --- */

extern const struct vc_metric probe_metrics[];
extern const size_t probe_n_metrics;
/* The same with what is in traits.c. */
struct vc_metrics metrics_known(void);

/* --list-metrics, to stdout. */
void metrics_list(void);
/* Is it of the stream as a whole, and of no source? */
bool metrics_is_total(const char *path);
/* Reads --expect, --expect-file, --heard, --seen into 'p'; usage errors exit. */
void metrics_parse(struct probe *p);

/* --- record_series.c --- */

/* The figures of one of a series: of its time alone. */
extern const struct vc_metric probe_series[];
extern const size_t probe_n_series;

/* --- traits.c: which way is better, how it is sampled, other words --- */

extern const struct vc_trait probe_traits[];
extern const size_t probe_n_traits;
extern const struct vc_alias probe_aliases[];
extern const size_t probe_n_aliases;

/* --- record.c --- */

/* The whole report of a stream that ends at 'now', without "expect". */
struct vc_json *record_make(const struct probe *p, int64_t now);
/*
 * What is sampled for rules over time: the report's sources and total, of those
 * who are there; what is no count in it is of the last step of the series.
 */
struct vc_json *record_sample(struct probe *p, int64_t now);
/* One line of a series; sets the marks. */
struct vc_json *record_interval(struct probe *p, int64_t now, int64_t span);

/* --- digits.c --- */

/* A telephone event, at 'now'. */
void digits_put(struct meter *m, uint32_t rate_hz, const struct vc_rtp *rtp,
		int64_t now);
void digits_end(struct meter *m);
/* Sets dtmf and dtmf_digits. */
void digits_record(struct vc_json *o, const struct meter *m);

/* --- baseline.c: --baseline, --tolerance --- */

/* Reads both; usage errors exit. */
void baseline_open(struct probe *p);

/* --- overtime.c: rules over time --- */

/* To be called when the rules are known. */
void overtime_begin(struct probe *p);
/* A step of the series ended at 'now', and should have at 'due'. */
void overtime_step(struct probe *p, int64_t now, int64_t due, int64_t took);

/* --- report.c --- */

/* 0, or an error that was said. */
int report_open(struct probe *p);
void report_close(struct probe *p);
/* Flushes; 'ctx' is the probe. Ends the run when nobody reads stdout. */
void report_check(void *ctx);
/* A step of the series ends: its record goes to all who asked for one. */
void report_interval(struct probe *p, int64_t now, int64_t due);
/* The stream has ended at 'now': judges, says what failed, writes it all. */
void report_write(struct probe *p, int64_t now);
/* It ends, and nothing ever came: says so to those who read verdicts. */
void report_nothing(struct probe *p);

/* --- verdict.c: what --expect comes to, of all that judge --- */

/* What a row of "expect" measured, with its unit; escaped. */
void verdict_figure(char *out, size_t cap, const struct vc_json *row);

/* A line on stderr for each of 'results' that failed; sets the exit code. */
void verdict_say(struct vc_tool *t, const struct vc_json *results);
/* A line for each of them, of a report for people; none: nothing. */
void verdict_list(FILE *f, const struct vc_json *results);

/* Judges 'record', adds "expect" to it, says what failed, sets the exit code. */
void verdict_judge(struct probe *p, struct vc_json *record);
/*
 * --tap: the Test Anything Protocol, version 13. 'is_broken': what came was not
 * all, so that it is not well even if all rules hold.
 */
void verdict_tap(FILE *f, const struct vc_json *record, bool is_broken);
/*
 * --junit: a test suite, named after 'tag' (NULL: no more than the tool), of a
 * test case for each row of "expect".
 */
void verdict_junit(FILE *f, const char *tag, const struct vc_json *record,
		   bool is_broken);
/* There is no record, as no media came: in both of them, NULL: not wanted; with
 * what 't' said of it first. */
void verdict_nothing(struct vc_tool *t, FILE *tap, FILE *junit);

/* --- table.c --- */

void table_write(FILE *f, struct vc_charwidth *widths,
		 const struct vc_json *record);
/* Whom a row of "expect" is about, as the record calls him; "": all. */
const char *table_who(const struct vc_json *result);
/* A row a source; with a heading where 'heading' is set. */
void table_rows(FILE *f, struct vc_charwidth *widths,
		const struct vc_json *line, bool heading);

/* --- csv.c: --csv --- */

/* A row a source of the whole report, with a heading. */
void csv_write(FILE *f, const struct vc_json *record);
/* A row a source of one of a series; with a heading where 'heading' is set. */
void csv_rows(FILE *f, const struct vc_json *line, bool heading);

/* --- table_decoded.c --- */

/* Who hears and sees whom, sound, pictures: what there is of it. */
void table_decoded(const struct page *page, const struct vc_json *sources);

/* --- packets.c: --packets --- */

void packets_frame(struct probe *p, const uint8_t *frame, size_t len,
		   enum vc_frame_type type);

#endif
