/* SPDX-License-Identifier: MIT */
/*
 * What the parts of the record share: record.c has the whole and the
 * participants, record_source.c a source, record_series.c one of a series.
 */
#ifndef VC_PROBE_RECORD_H
#define VC_PROBE_RECORD_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

struct mark;
struct meter;
struct probe;
struct vc_framestat_counts;
struct vc_json;

/* NAN is null in a record: not measured. */
static inline double ms(int64_t ns)
{
	return (double)ns / 1e6;
}

static inline double share(int64_t part, int64_t whole)
{
	return whole > 0 ? (double)part / (double)whole : NAN;
}

static inline double rate(uint64_t octets, int64_t span)
{
	return span > 0 ? 8e9 * (double)octets / (double)span : NAN;
}

/* UNSAID is null. */
void record_set_count(struct vc_json *o, const char *key, int64_t v);
/* "" is null. */
void record_set_word(struct vc_json *o, const char *key, const char *s);

/* Plain frames in a file: when they arrived nobody knows. */
bool record_is_timeless(const struct probe *p);
/* First to last packet; 0 where there is no time between. */
int64_t record_span(const struct probe *p, const struct meter *m);
double record_fps(const struct probe *p, const struct vc_framestat_counts *c);
/*
 * What people are told he is: his NAME, as long as nobody else is called that
 * and no stronger word is known, else his id. Of a crowd, ids.
 */
const char *record_who(const struct probe *p, const struct meter *m);
const char *record_kind(const struct meter *m);
/* The member "total" at 'now', of a stream with so many participants. */
struct vc_json *record_total(const struct probe *p, int64_t n_who, int64_t now);

/* --- record_picture.c --- */

/* Adds what sizes and times of frames are known of a source of pictures. */
void record_picture(struct vc_json *o, const struct probe *p,
		    const struct meter *m);

/* --- record_repair.c --- */

/* Adds "repair", the shares of RTX, FEC and RED, and "repairs", which source. */
void record_repair(struct vc_json *o, const struct probe *p,
		   const struct meter *m);
/* The shares in all that came. */
struct vc_json *record_repair_total(const struct probe *p);

/* --- record_rtcp.c --- */

/* Adds "rtcp". */
void record_rtcp(struct vc_json *o, const struct probe *p,
		 const struct meter *m);

/* --- record_speech.c --- */

/* NAN: not measured. */
struct speech {
	double r, mos_lq, mos_cq;
};

/* Sets r, mos_lq, mos_cq and emodel. */
void record_speech(struct vc_json *o, const struct probe *p,
		   const struct meter *m);
/* Of what came between two marks, 'span' apart. */
void record_speech_part(const struct probe *p, const struct meter *m,
			const struct mark *from, const struct mark *to,
			int64_t span, struct speech *out);

/* --- record_source.c --- */

/* One of "sources". */
struct vc_json *record_source(const struct probe *p, const struct meter *m);

/* --- record_decoded.c --- */

/* Members of a source for what was measured on decoded media. */
void record_decoded(struct vc_json *o, const struct probe *p,
		    const struct meter *m);

#endif
