/* SPDX-License-Identifier: MIT */
#include "wire/rtsp.h"

#include <errno.h>

/* "RTSP/1.0 200 OK" or "SETUP rtsp://h/1 RTSP/1.0" */
static bool take_first(struct vc_rtsp *rtsp, struct vc_str line)
{
	struct vc_str rest = line, word = vc_str_cut(&rest, ' ');

	if (vc_str_starts(word, "RTSP/")) {
		word = vc_str_cut(&rest, ' ');
		return word.len == 3 && vc_str_u32(word, 699, &rtsp->status) &&
		       rtsp->status >= 100;
	}
	rtsp->method = word;
	rtsp->uri = vc_str_cut(&rest, ' ');
	return word.len && rtsp->uri.len && vc_str_starts(rest, "RTSP/");
}

/* Headers that come twice: the first counts. */
static bool take_header(struct vc_rtsp *rtsp, struct vc_str line, uint32_t *len)
{
	struct vc_str value = line, name = vc_str_trim(vc_str_cut(&value, ':'));

	value = vc_str_trim(value);
	if (vc_str_is_nocase(name, "CSeq") && !rtsp->has_cseq)
		rtsp->has_cseq = vc_str_u32(value, UINT32_MAX, &rtsp->cseq);
	else if (vc_str_is_nocase(name, "Content-Type") &&
		 !rtsp->content_type.len)
		rtsp->content_type = vc_str_trim(vc_str_cut(&value, ';'));
	else if (vc_str_is_nocase(name, "Transport") && !rtsp->transport.len)
		rtsp->transport = value;
	else if (vc_str_is_nocase(name, "Content-Length") && !*len)
		return vc_str_u32(value, VC_RTSP_TEXT_MAX, len);
	return true;
}

int vc_rtsp_parse(struct vc_rtsp *rtsp, const char *text, size_t len)
{
	struct vc_str rest = vc_str_of(text, len), line;
	uint32_t body = 0;
	unsigned int n = 0;

	*rtsp = (struct vc_rtsp){ 0 };
	if (len > VC_RTSP_TEXT_MAX)
		return -E2BIG;
	if (!take_first(rtsp, vc_str_line(&rest)))
		return -EBADMSG;
	for (;;) {
		if (!rest.len)
			return -EBADMSG;
		line = vc_str_line(&rest);
		if (!line.len)
			break;
		n++;
		if (n > VC_RTSP_LINES_MAX)
			return -E2BIG;
		if (!take_header(rtsp, line, &body))
			return -EBADMSG;
	}
	if (body > rest.len)
		return -EBADMSG;
	rtsp->body = vc_str_of(rest.p, body);
	return 0;
}

bool vc_rtsp_interleaved(struct vc_str transport, uint8_t *rtp, uint8_t *rtcp)
{
	while (transport.len) {
		struct vc_str value = vc_str_cut(&transport, ';'), first;
		struct vc_str name = vc_str_trim(vc_str_cut(&value, '='));
		uint32_t a, b;

		if (!vc_str_is_nocase(name, "interleaved"))
			continue;
		/* Of several that are offered this is the first. */
		value = vc_str_cut(&value, ',');
		first = vc_str_trim(vc_str_cut(&value, '-'));
		if (!vc_str_u32(first, UINT8_MAX, &a))
			return false;
		b = a;
		value = vc_str_trim(value);
		if (value.len && !vc_str_u32(value, UINT8_MAX, &b))
			return false;
		*rtp = (uint8_t)a;
		*rtcp = (uint8_t)b;
		return true;
	}
	return false;
}
