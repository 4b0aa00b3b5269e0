/* SPDX-License-Identifier: MIT */
/*
 * A frame is written anew, never cut: what is not known to be harmless does
 * not stay. Words that were seen are the keys of an object.
 */
#include "strip.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "wire/blank.h"
#include "wire/frame.h"
#include "wire/rtcp.h"
#include "wire/rtp.h"
#include "wire/rtpext.h"
#include "wire/sdp.h"

#define HOSTS_V4 254 /* of a /24 */
#define WORD_CAP 64

struct strip {
	unsigned int what;
	char said[32];	    /* of the description: a list */
	struct vc_sdp *sdp; /* as it came */
	char *text;	    /* what that borrows from */
	struct vc_json *names, *hosts;
	size_t n_names, n_v4, n_v6;
	uint8_t out[VC_FRAME_PAYLOAD_MAX];
};

static const struct {
	const char *word;
	unsigned int bit;
} words[] = {
	{ "payload", STRIP_PAYLOAD },
	{ "addresses", STRIP_ADDRESSES },
	{ "names", STRIP_NAMES },
};

unsigned int strip_parse(const char *list)
{
	struct vc_str left = vc_str_c(list);
	unsigned int what = 0;

	while (left.len) {
		struct vc_str word = vc_str_cut(&left, ',');
		size_t i = 0;

		while (i < VC_COUNT(words) && !vc_str_is(word, words[i].word))
			i++;
		if (i == VC_COUNT(words))
			return 0;
		what |= words[i].bit;
	}
	return what;
}

struct strip *strip_new(unsigned int what)
{
	struct strip *s = vc_try_alloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->what = what;
	for (size_t i = 0; i < VC_COUNT(words); i++)
		if (what & words[i].bit)
			snprintf(s->said + strlen(s->said),
				 sizeof(s->said) - strlen(s->said), "%s%s",
				 *s->said ? " " : "", words[i].word);
	s->sdp = vc_try_alloc(1, sizeof(*s->sdp));
	s->text = vc_try_alloc(1, VC_FRAME_DESC_MAX);
	s->names = vc_json_object();
	s->hosts = vc_json_object();
	if (s->sdp && s->text && s->names && s->hosts)
		return s;
	strip_free(s);
	return NULL;
}

void strip_free(struct strip *s)
{
	if (!s)
		return;
	free(s->sdp);
	free(s->text);
	vc_json_free(s->names);
	vc_json_free(s->hosts);
	free(s);
}

const char *strip_cost(unsigned int what)
{
	if (!(what & STRIP_PAYLOAD))
		return "what was said and shown is still in it";
	return "levels that are not in the packets' heads, what was heard and "
	       "seen, marks and their delays, PSNR, and repair by FEC cannot "
	       "be judged any more";
}

/* --- words --- */

/* The same for the same word. */
static void rename_word(struct strip *s, const char *word,
			char out[static WORD_CAP])
{
	const char *known = vc_json_get_str(s->names, word);

	if (!strcmp(word, "*") || !strncmp(word, "ssrc:", 5)) {
		vc_strlcpy(out, word, WORD_CAP);
		return;
	}
	if (known) {
		vc_strlcpy(out, known, WORD_CAP);
		return;
	}
	if (s->n_names == STRIP_WORDS) {
		vc_strlcpy(out, "p0", WORD_CAP);
		return;
	}
	snprintf(out, WORD_CAP, "p%zu", ++s->n_names);
	vc_json_set_str(s->names, word, out);
}

/* The n-th host of those for documentation. */
static void made_up(struct strip *s, bool is_ip6, char out[static WORD_CAP])
{
	if (!is_ip6 && s->n_v4 < HOSTS_V4)
		snprintf(out, WORD_CAP, "203.0.113.%zu", ++s->n_v4);
	else
		snprintf(out, WORD_CAP, "[2001:db8::%zx]", 2 + s->n_v6++);
}

/* "192.168.1.5:5004", "[fe80::1]:5004": the port stays. */
static void rename_addr(struct strip *s, const char *addr,
			char out[static WORD_CAP])
{
	const char *colon = strrchr(addr, ':'), *known;
	char host[WORD_CAP];
	size_t len = colon ? (size_t)(colon - addr) : strlen(addr);

	if (len >= sizeof(host))
		len = sizeof(host) - 1;
	memcpy(host, addr, len);
	host[len] = '\0';
	known = vc_json_get_str(s->hosts, host);
	if (known) {
		vc_strlcpy(host, known, sizeof(host));
	} else if (s->n_v4 + s->n_v6 == STRIP_WORDS) {
		vc_strlcpy(host, "203.0.113.0", sizeof(host));
	} else {
		char made[WORD_CAP];

		made_up(s, addr[0] == '[', made);
		vc_json_set_str(s->hosts, host, made);
		vc_strlcpy(host, made, sizeof(host));
	}
	vc_strlcpy(out, host, WORD_CAP);
	if (colon && strlen(colon) < 8)
		snprintf(out + strlen(out), WORD_CAP - strlen(out), "%s",
			 colon);
}

/* --- descriptions --- */

static size_t strip_desc(struct strip *s, const uint8_t *p, size_t len)
{
	struct vc_sdp *out;
	int n;

	if (len > VC_FRAME_DESC_MAX)
		return 0;
	memcpy(s->text, p, len);
	if (vc_sdp_parse(s->sdp, s->text, len)) {
		memset(s->sdp, 0, sizeof(*s->sdp));
		return 0;
	}
	out = vc_try_alloc(1, sizeof(*out));
	if (!out)
		return 0;
	*out = *s->sdp;
	out->stripped = vc_str_c(s->said);
	if (s->what & (STRIP_NAMES | STRIP_ADDRESSES))
		out->origin = (struct vc_str){ 0 };
	if (s->what & STRIP_NAMES)
		out->name = out->tool = (struct vc_str){ 0 };
	if (s->what & STRIP_ADDRESSES)
		out->conn = (struct vc_sdp_addr){ 0 };
	for (unsigned int i = 0; i < out->n_media; i++)
		if (s->what & STRIP_ADDRESSES)
			out->media[i].conn = (struct vc_sdp_addr){ 0 };
	n = vc_sdp_write(out, (char *)s->out, sizeof(s->out));
	free(out);
	return n > 0 ? (size_t)n : 0;
}

/* --- packets --- */

/* Those that vc knows, none of which has a name in it. */
static bool is_harmless(struct vc_str uri)
{
	static const char *const known[] = {
		VC_EXT_URI_AUDIO_LEVEL,
		VC_EXT_URI_ABS_SEND_TIME,
		VC_EXT_URI_TWCC,
		VC_EXT_URI_MID,
		VC_EXT_URI_ABS_CAPTURE_TIME,
		VC_EXT_URI_RID,
		VC_EXT_URI_REPAIRED_RID,
		VC_EXT_URI_ORIENTATION,
		VC_EXT_URI_CSRC_LEVELS,
	};

	for (size_t i = 0; i < VC_COUNT(known); i++)
		if (vc_str_is(uri, known[i]))
			return true;
	return false;
}

static void strip_exts(const struct strip *s, const struct vc_rtp *rtp)
{
	struct vc_ext_iter it = vc_ext_over(rtp);
	struct vc_ext e;
	size_t end = 0;

	while (vc_ext_next(&it, &e)) {
		uint8_t *at = (uint8_t *)(uintptr_t)e.p;

		if (!is_harmless(vc_sdp_ext_uri(s->sdp, e.id)))
			memset(at, 0, e.len);
		end = (size_t)(e.p + e.len - rtp->ext);
	}
	/* What no reader makes sense of. */
	if (rtp->has_ext)
		memset((uint8_t *)(uintptr_t)rtp->ext + end, 0,
		       rtp->ext_len - end);
}

static size_t strip_rtp(struct strip *s, const uint8_t *p, size_t len)
{
	struct vc_rtp rtp;

	memcpy(s->out, p, len);
	if (vc_rtp_parse(&rtp, s->out, len))
		return 0;
	if (s->what & STRIP_NAMES)
		strip_exts(s, &rtp);
	if (!(s->what & STRIP_PAYLOAD))
		return len;
	vc_blank_payload(s->sdp, rtp.pt, s->out + rtp.header_len,
			 rtp.payload_len);
	if (rtp.pad_len)
		memset(s->out + len - rtp.pad_len, 0, rtp.pad_len - 1);
	return len;
}

struct chunks {
	unsigned int n;
	struct vc_sdes_chunk v[VC_RTCP_COUNT_MAX];
	char text[VC_RTCP_COUNT_MAX][2][WORD_CAP];
};

static void take_item(struct strip *s, struct chunks *c,
		      const struct vc_sdes_item *item)
{
	bool is_name = item->type == VC_SDES_NAME;
	char word[256];
	unsigned int i = c->n ? c->n - 1 : 0;

	if (!is_name && item->type != VC_SDES_CNAME)
		return;
	if (!c->n || c->v[i].ssrc != item->ssrc) {
		if (c->n == VC_RTCP_COUNT_MAX)
			return;
		i = c->n++;
		c->v[i] = (struct vc_sdes_chunk){ .ssrc = item->ssrc };
	}
	vc_str_copy(word, sizeof(word), item->text);
	rename_word(s, word, c->text[i][is_name]);
	*(is_name ? &c->v[i].name : &c->v[i].cname) =
		vc_str_c(c->text[i][is_name]);
}

static void strip_sdes(struct strip *s, struct vc_wr *w,
		       const struct vc_rtcp *pkt)
{
	struct vc_sdes_iter it = vc_sdes_over(pkt);
	struct vc_sdes_item item;
	struct chunks c = { 0 };

	while (vc_sdes_next(&it, &item))
		take_item(s, &c, &item);
	if (c.n)
		vc_rtcp_write_sdes(w, c.v, c.n);
}

static void strip_bye(struct vc_wr *w, const struct vc_rtcp *pkt)
{
	uint32_t ssrcs[VC_RTCP_COUNT_MAX];
	struct vc_rtcp_bye bye;

	if (vc_rtcp_parse_bye(&bye, pkt))
		return;
	for (unsigned int i = 0; i < bye.n; i++)
		ssrcs[i] = vc_rtcp_bye_ssrc(&bye, i);
	vc_rtcp_write_bye(w, ssrcs, bye.n, (struct vc_str){ 0 });
}

/* Reports and feedback are numbers. */
static bool is_numbers(uint8_t pt)
{
	return pt == VC_RTCP_SR || pt == VC_RTCP_RR || pt == VC_RTCP_RTPFB ||
	       pt == VC_RTCP_PSFB || pt == VC_RTCP_XR;
}

static size_t strip_rtcp(struct strip *s, const uint8_t *p, size_t len)
{
	struct vc_wr w = vc_wr_over(s->out, sizeof(s->out));
	struct vc_rd rd = vc_rd_over(p, len);
	bool has_names = s->what & STRIP_NAMES;
	struct vc_rtcp pkt;

	if (vc_rtcp_check_reduced(p, len))
		return 0;
	while (vc_rtcp_next(&rd, &pkt)) {
		if (pkt.pt == VC_RTCP_SDES && has_names) {
			strip_sdes(s, &w, &pkt);
		} else if (pkt.pt == VC_RTCP_BYE && has_names) {
			strip_bye(&w, &pkt);
		} else if (is_numbers(pkt.pt) || pkt.pt == VC_RTCP_SDES ||
			   pkt.pt == VC_RTCP_BYE) {
			uint8_t *head = vc_rtcp_open(&w, pkt.count, pkt.pt);

			vc_wr_bytes(&w, pkt.body, pkt.len);
			vc_rtcp_close(&w, head);
		}
	}
	return w.bad ? 0 : vc_wr_len(&w);
}

/* --- events --- */

/* Of what others say nothing is known; `control` has what people typed. */
static bool is_known_event(const char *ev)
{
	static const char *const known[] = {
		"source", "leave", "speaker", "route", "keyframe",
		"gap",	  "role",  "dtmf",    "net",
	};

	for (size_t i = 0; ev && i < VC_COUNT(known); i++)
		if (!strcmp(ev, known[i]))
			return true;
	return false;
}

static bool is_one_of(const char *key, const char *const *keys)
{
	while (*keys && strcmp(key, *keys))
		keys++;
	return *keys;
}

/*
 * A word under 'key': what it becomes. False: it does not stay; of events that
 * are known all other words are somebody's.
 */
static bool strip_word(struct strip *s, const char *key, const char *word,
		       struct vc_str *out, char room[static WORD_CAP])
{
	static const char *const plain[] = { "ev",    "why",  "kind",
					     "id_by", "role", NULL };
	static const char *const people[] = { "id", "cname",  "name",
					      "to", "except", NULL };

	*out = vc_str_c(word);
	if (!strcmp(key, "digit")) {
		if (s->what & STRIP_PAYLOAD)
			*out = vc_str_c("0");
		return true;
	}
	if (!strcmp(key, "addr")) {
		if (!(s->what & STRIP_ADDRESSES))
			return true;
		rename_addr(s, word, room);
		*out = vc_str_c(room);
		return true;
	}
	if (!(s->what & STRIP_NAMES) || is_one_of(key, plain))
		return true;
	if (!is_one_of(key, people))
		return false;
	rename_word(s, word, room);
	*out = vc_str_c(room);
	return true;
}

static struct vc_json *strip_list(struct strip *s, const struct vc_json *a,
				  const char *key)
{
	struct vc_json *out = vc_json_array();
	char room[WORD_CAP];
	struct vc_str word;
	double number;

	for (size_t i = 0; i < vc_json_len(a); i++) {
		const char *text = vc_json_str_at(a, i);

		if (text && strip_word(s, key, text, &word, room))
			vc_json_add_str(out, word.p);
		else if (!text && vc_json_number(vc_json_at(a, i), &number))
			vc_json_add(out, vc_json_copy(vc_json_at(a, i)));
	}
	return out;
}

/* Numbers stay. As deep as JSON may be here: base/json.h. */
static struct vc_json *strip_object(struct strip *s, const struct vc_json *o)
{
	struct vc_json *out = vc_json_object();
	const struct vc_json *v;
	char room[WORD_CAP];
	struct vc_str word;
	const char *key;
	double number;

	for (size_t i = 0; (v = vc_json_member(o, i, &key)); i++) {
		const char *text = vc_json_str(v);

		if (text && strip_word(s, key, text, &word, room))
			vc_json_set_strn(out, key, word.p, word.len);
		else if (vc_json_is_array(v))
			vc_json_set(out, key, strip_list(s, v, key));
		else if (vc_json_is_object(v))
			vc_json_set(out, key, strip_object(s, v));
		else if (!text && vc_json_number(v, &number))
			vc_json_set(out, key, vc_json_copy(v));
	}
	return out;
}

static size_t strip_event(struct strip *s, const uint8_t *p, size_t len)
{
	struct vc_json *in = vc_json_parse((const char *)p, len, NULL);
	struct vc_json *out;
	char *text = NULL;
	size_t n = 0;

	if (in && is_known_event(vc_json_get_str(in, "ev"))) {
		out = strip_object(s, in);
		text = vc_json_text(out);
		vc_json_free(out);
	}
	vc_json_free(in);
	if (text && strlen(text) <= sizeof(s->out)) {
		n = strlen(text);
		memcpy(s->out, text, n);
	}
	free(text);
	return n;
}

size_t strip_frame(struct strip *s, const uint8_t *p, size_t len,
		   const uint8_t **out)
{
	*out = s->out;
	switch (vc_frame_type(p, len)) {
	case VC_FRAME_RTP:
		return strip_rtp(s, p, len);
	case VC_FRAME_RTCP:
		return strip_rtcp(s, p, len);
	case VC_FRAME_DESC:
		return strip_desc(s, p, len);
	case VC_FRAME_EVENT:
		return strip_event(s, p, len);
	case VC_FRAME_TIME:
		*out = p;
		return len;
	default:
		return 0;
	}
}
