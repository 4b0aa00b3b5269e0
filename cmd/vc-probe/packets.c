/* SPDX-License-Identifier: MIT */
/*
 * --packets: a line a frame. Each frame becomes a JSON object; for people its
 * members are written as key=value. Text of strangers is escaped.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/time.h"
#include "net/loop.h"
#include "probe.h"
#include "wire/frame.h"
#include "wire/keystart.h"
#include "wire/ntp.h"
#include "wire/rtcp.h"
#include "wire/rtpext.h"

static void set_sdes(struct vc_json *o, const struct vc_rtcp *r)
{
	static const char *const names[] = { "end",   "cname", "name",
					     "email", "phone", "loc",
					     "tool",  "note",  "priv" };
	struct vc_json *items = vc_json_array();
	struct vc_sdes_iter it = vc_sdes_over(r);
	struct vc_sdes_item item;

	while (vc_sdes_next(&it, &item)) {
		struct vc_json *one = vc_json_object();
		const char *key = item.type <= VC_SDES_PRIV ? names[item.type] :
							      "other";

		vc_json_set_int(one, "ssrc", item.ssrc);
		vc_json_set_strn(one, key, item.text.p, item.text.len);
		vc_json_add(items, one);
	}
	vc_json_set(o, "items", items);
}

static void set_bye(struct vc_json *o, const struct vc_rtcp *r)
{
	struct vc_json *ssrcs = vc_json_array();
	struct vc_rtcp_bye bye;

	if (!vc_rtcp_parse_bye(&bye, r)) {
		for (unsigned int i = 0; i < bye.n; i++)
			vc_json_add_int(ssrcs, vc_rtcp_bye_ssrc(&bye, i));
		if (bye.reason.len)
			vc_json_set_strn(o, "reason", bye.reason.p,
					 bye.reason.len);
	}
	vc_json_set(o, "ssrcs", ssrcs);
}

static void set_sr(struct vc_json *o, const struct vc_rtcp *r)
{
	struct vc_rtcp_sr sr;
	char ntp[24];

	if (vc_rtcp_parse_sr(&sr, r))
		return;
	snprintf(ntp, sizeof(ntp), "%08x.%08x", (unsigned int)(sr.ntp >> 32),
		 (unsigned int)sr.ntp);
	vc_json_set_int(o, "ssrc", sr.ssrc);
	vc_json_set_str(o, "ntp", ntp);
	vc_json_set_int(o, "ts", sr.rtp_ts);
	vc_json_set_int(o, "packets", sr.packets);
	vc_json_set_int(o, "octets", sr.octets);
}

static void set_rtcp(struct vc_json *o, const uint8_t *p, size_t len)
{
	static const char *const names[] = { "SR",  "RR",    "SDES", "BYE",
					     "APP", "RTPFB", "PSFB", "XR" };
	struct vc_json *all = vc_json_array();
	struct vc_rd rd = vc_rd_over(p, len);
	struct vc_rtcp r;

	if (vc_rtcp_check(p, len))
		vc_json_set_bool(o, "malformed", true);
	while (vc_rtcp_next(&rd, &r)) {
		struct vc_json *one = vc_json_object();
		bool is_known = r.pt >= VC_RTCP_SR && r.pt <= VC_RTCP_XR;
		uint32_t ssrc;

		vc_json_set_str(one, "type",
				is_known ? names[r.pt - VC_RTCP_SR] : "other");
		if (r.pt == VC_RTCP_SR)
			set_sr(one, &r);
		else if (r.pt == VC_RTCP_SDES)
			set_sdes(one, &r);
		else if (r.pt == VC_RTCP_BYE)
			set_bye(one, &r);
		else if (!vc_rtcp_parse_rr(&ssrc, &r))
			vc_json_set_int(one, "ssrc", ssrc);
		vc_json_add(all, one);
	}
	vc_json_set(o, "packets", all);
}

static void set_token(struct vc_json *o, const char *key,
		      const struct vc_rtp *rtp, uint8_t id)
{
	struct vc_str text;

	if (id && vc_ext_token(rtp, id, &text))
		vc_json_set_strn(o, key, text.p, text.len);
}

static void set_csrc_levels(struct vc_json *o, const struct vc_rtp *rtp,
			    uint8_t id)
{
	uint8_t levels[VC_RTP_CSRC_MAX];
	unsigned int n = id ? vc_ext_csrc_levels(rtp, id, levels) : 0;
	struct vc_json *list = n ? vc_json_array() : NULL;

	for (unsigned int i = 0; i < n; i++)
		vc_json_add_int(list, -(int64_t)levels[i]);
	if (list)
		vc_json_set(o, "csrc_levels_dbov", list);
}

static void set_turn(struct vc_json *o, const struct vc_orientation *turned)
{
	vc_json_set_int(o, "turn", turned->turn);
	if (turned->is_flipped)
		vc_json_set_bool(o, "flipped", true);
	if (turned->is_back)
		vc_json_set_bool(o, "back", true);
}

/* What its header extensions say, as 'media' describes them. */
static void set_exts(struct vc_json *o, const struct vc_sdp_media *media,
		     const struct vc_rtp *rtp)
{
	struct vc_capture_time captured;
	struct vc_orientation turned;
	struct vc_audio_level level;
	uint8_t id = vc_sdp_find_ext(media, VC_EXT_URI_AUDIO_LEVEL);

	if (id && vc_ext_audio_level(rtp, id, &level))
		vc_json_set_int(o, "level_dbov", -(int64_t)level.level);
	set_csrc_levels(o, rtp, vc_sdp_find_ext(media, VC_EXT_URI_CSRC_LEVELS));
	id = vc_sdp_find_ext(media, VC_EXT_URI_ABS_CAPTURE_TIME);
	if (id && vc_ext_capture_time(rtp, id, &captured))
		vc_json_set_int(o, "captured",
				vc_ntp_to_ns(captured.ntp) / VC_US);
	id = vc_sdp_find_ext(media, VC_EXT_URI_ORIENTATION);
	if (id && vc_ext_orientation(rtp, id, &turned))
		set_turn(o, &turned);
	set_token(o, "mid", rtp, vc_sdp_find_ext(media, VC_EXT_URI_MID));
	set_token(o, "rid", rtp, vc_sdp_find_ext(media, VC_EXT_URI_RID));
}

static void set_media(struct vc_json *o, const struct vc_sdp *sdp,
		      const struct vc_rtp *rtp)
{
	const struct vc_sdp_media *media;
	const struct vc_sdp_fmt *fmt;

	if (!sdp || !vc_sdp_find_pt(sdp, rtp->pt, &media, &fmt))
		return;
	vc_json_set_str(o, "kind", vc_kind_name(media->kind));
	vc_json_set_strn(o, "codec", fmt->codec.p, fmt->codec.len);
	if (rtp->has_ext)
		set_exts(o, media, rtp);
	if (vc_keystart(vc_codec_by_name(fmt->codec), rtp->payload,
			rtp->payload_len))
		vc_json_set_bool(o, "key", true);
}

static void set_rtp(struct vc_json *o, const struct vc_sdp *sdp,
		    const uint8_t *p, size_t len)
{
	struct vc_json *csrcs;
	struct vc_rtp rtp;

	if (vc_rtp_parse(&rtp, p, len)) {
		vc_json_set_bool(o, "malformed", true);
		return;
	}
	vc_json_set_int(o, "ssrc", rtp.ssrc);
	vc_json_set_int(o, "pt", rtp.pt);
	vc_json_set_int(o, "seq", rtp.seq);
	vc_json_set_int(o, "ts", rtp.ts);
	vc_json_set_bool(o, "marker", rtp.marker);
	vc_json_set_int(o, "payload", (int64_t)rtp.payload_len);
	set_media(o, sdp, &rtp);
	if (!rtp.n_csrc)
		return;
	csrcs = vc_json_array();
	for (unsigned int i = 0; i < rtp.n_csrc; i++)
		vc_json_add_int(csrcs, rtp.csrc[i]);
	vc_json_set(o, "csrcs", csrcs);
}

/* The formats of a description, and (in JSON) its text. */
static void set_desc(struct vc_json *o, const char *text, size_t len,
		     bool with_text)
{
	struct vc_sdp *sdp = vc_try_alloc(1, sizeof(*sdp));
	struct vc_json *formats = vc_json_array();

	if (!sdp || vc_sdp_parse(sdp, text, len))
		vc_json_set_bool(o, "malformed", true);
	else
		vc_json_set_strn(o, "clock", sdp->clock.p, sdp->clock.len);
	for (unsigned int i = 0; sdp && i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];

		for (unsigned int k = 0; k < m->n_fmt; k++) {
			const struct vc_sdp_fmt *fmt = &m->fmt[k];
			char one[128];

			snprintf(one, sizeof(one), "%u %.*s/%u %s", fmt->pt,
				 (int)(fmt->codec.len < 64 ? fmt->codec.len :
							     64),
				 fmt->codec.p, fmt->rate,
				 vc_kind_name(m->kind));
			vc_json_add_str(formats, one);
		}
	}
	vc_json_set(o, "formats", formats);
	if (with_text)
		vc_json_set_strn(o, "sdp", text, len);
	free(sdp);
}

/* T frames move the time of the lines after them. */
static void note_time(struct probe *p, const uint8_t *q, size_t len)
{
	enum vc_frame_time kind;
	int64_t t;

	if (vc_frame_time_parse(q, len, &kind, &t))
		return;
	if (kind == VC_TIME_STREAM)
		p->shown_t = t;
	else
		p->shown_arrival = t;
	if (p->shown_start == VC_TIME_NONE)
		p->shown_start = t;
}

static void set_time(struct vc_json *o, const uint8_t *q, size_t len)
{
	enum vc_frame_time kind;
	int64_t t;

	if (vc_frame_time_parse(q, len, &kind, &t)) {
		vc_json_set_bool(o, "malformed", true);
		return;
	}
	vc_json_set_str(o, "of", kind == VC_TIME_STREAM ? "stream" : "next");
	vc_json_set_int(o, "us", t / VC_US);
}

static void set_event(struct vc_json *o, const char *text, size_t len)
{
	struct vc_json *event = vc_json_parse(text, len, NULL);

	if (event)
		vc_json_set(o, "event", event);
	else
		vc_json_set_bool(o, "malformed", true);
}

/* --- for people --- */

static void print_text(FILE *f, const char *s)
{
	size_t len = strlen(s);
	char *safe = malloc(VC_ESCAPE_CAP(len));

	if (safe) {
		vc_escape(safe, VC_ESCAPE_CAP(len), s, len);
		fputs(safe, f);
	}
	free(safe);
}

/* Objects as {key=value ...}, lists as [...]; SSRCs in hexadecimal. */
static void print_value(FILE *f, const char *key, const struct vc_json *j)
{
	const struct vc_json *each;
	double v;

	if (vc_json_is_array(j)) {
		fputc('[', f);
		for (size_t i = 0; (each = vc_json_at(j, i)); i++) {
			fputs(i ? ", " : "", f);
			print_value(f, key, each);
		}
		fputc(']', f);
	} else if (vc_json_is_object(j)) {
		fputc('{', f);
		for (size_t i = 0; (each = vc_json_member(j, i, &key)); i++) {
			fputs(i ? " " : "", f);
			print_text(f, key);
			fputc('=', f);
			print_value(f, key, each);
		}
		fputc('}', f);
	} else if (vc_json_str(j)) {
		print_text(f, vc_json_str(j));
	} else if (!vc_json_number(j, &v)) {
		fputs("null", f);
	} else if (vc_str_starts(vc_str_c(key), "ssrc") && v >= 0 &&
		   v <= UINT32_MAX) {
		fprintf(f, "%08x", (unsigned int)v);
	} else {
		fprintf(f, "%.15g", v);
	}
}

/* "at_s type key=value ...": what stands before the third member is known. */
static void print_line(FILE *f, const struct vc_json *o, int64_t at)
{
	const struct vc_json *j;
	const char *key;

	fprintf(f, "%12.6f  %-5s", (double)at / 1e9,
		vc_json_get_str(o, "type"));
	for (size_t i = 2; (j = vc_json_member(o, i, &key)); i++) {
		fprintf(f, " %s=", key);
		print_value(f, key, j);
	}
	fputc('\n', f);
}

void packets_frame(struct probe *p, const uint8_t *frame, size_t len,
		   enum vc_frame_type type)
{
	static const char *const names[] = { "rtp",   "rtcp",  "desc", "time",
					     "event", "empty", "other" };
	const uint8_t *q = frame + 2;
	struct vc_json *o = vc_json_object();
	bool is_packet = type == VC_FRAME_RTP || type == VC_FRAME_RTCP;
	char *text;
	int64_t t;

	if (type == VC_FRAME_TIME)
		note_time(p, q, len - 2);
	t = is_packet && p->shown_arrival != VC_TIME_NONE ? p->shown_arrival :
	    p->shown_t != VC_TIME_NONE			  ? p->shown_t :
							    p->start;
	if (is_packet)
		p->shown_arrival = VC_TIME_NONE;
	if (t == VC_TIME_NONE)
		vc_json_set_null(o, "t");
	else
		vc_json_set_int(o, "t", t / VC_US);
	vc_json_set_str(o, "type", names[type]);
	vc_json_set_int(o, "size", (int64_t)len - 2);
	if (type == VC_FRAME_RTP)
		set_rtp(o, vc_in_sdp(p->in), q, len - 2);
	else if (type == VC_FRAME_RTCP)
		set_rtcp(o, q, len - 2);
	else if (type == VC_FRAME_DESC)
		set_desc(o, (const char *)q, len - 2, p->opt->packets == 2);
	else if (type == VC_FRAME_TIME)
		set_time(o, q, len - 2);
	else if (type == VC_FRAME_EVENT)
		set_event(o, (const char *)q, len - 2);
	if (p->opt->packets == 1) {
		print_line(p->report, o,
			   t == VC_TIME_NONE ? 0 : t - p->shown_start);
	} else {
		text = vc_json_text(o);
		if (text)
			fprintf(p->report, "%s\n", text);
		free(text);
	}
	vc_json_free(o);
}
