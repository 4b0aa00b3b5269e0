/* SPDX-License-Identifier: MIT */
/*
 * What a datagram of a relay is: RTP and RTCP by their first octets, sound and
 * picture by the payload type, as --sdp and --pt say, else as vc tools number
 * them. Sealed payloads hide where key frames begin.
 */
#include <errno.h>
#include <stdlib.h>

#include "relay.h"
#include "tool/formats.h"
#include "wire/sdp.h"

int kind_open(struct relay *r)
{
	const struct vc_options *o = vc_tool_options(r->im->tool);
	struct vc_sdp *sdp;
	char *text = NULL;
	size_t len = 0;
	int err = vc_formats_load(r->im->tool, o->sdp, &o->pt, &text, &len);

	if (err)
		return err;
	sdp = vc_alloc(1, sizeof(*sdp));
	err = vc_sdp_parse(sdp, text, len);
	for (unsigned int pt = 0; !err && pt < VC_COUNT(r->formats); pt++) {
		const struct vc_sdp_media *media;
		const struct vc_sdp_fmt *fmt;

		r->formats[pt].kind = VC_OTHER;
		if (!vc_sdp_find_pt(sdp, (uint8_t)pt, &media, &fmt))
			continue;
		r->formats[pt].kind = media->kind;
		r->formats[pt].codec = vc_codec_by_name(fmt->codec);
	}
	free(sdp);
	free(text);
	return err;
}

void kind_of(const struct relay *r, struct way *way,
	     const struct vc_packet *pkt, struct vc_impair_what *what)
{
	enum vc_demux demux = vc_demux(pkt->data, pkt->len);
	struct vc_rtp rtp;

	*what = (struct vc_impair_what){ .is = VC_IMPAIR_OTHER };
	if (demux == VC_DEMUX_RTCP)
		vc_impair_kind_rtcp(&way->kinds, what);
	else if (demux == VC_DEMUX_RTP &&
		 !vc_rtp_parse(&rtp, pkt->data, pkt->len))
		vc_impair_kind_rtp(&way->kinds, r->formats[rtp.pt].kind,
				   r->formats[rtp.pt].codec, &rtp, what);
}
