/* SPDX-License-Identifier: MIT */
/*
 * A payload without what it carries: the first octet is its type. No octet but
 * its own is read or written.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wire/blank.h"
#include "wire/sdp.h"

#define SDP                                             \
	"v=0\r\n"                                       \
	"o=- 0 0 IN IP4 127.0.0.1\r\n"                  \
	"s=-\r\n"                                       \
	"t=0 0\r\n"                                     \
	"m=audio 0 RTP/AVP 111 0 8 9 63 101 13\r\n"     \
	"a=rtpmap:111 opus/48000/2\r\n"                 \
	"a=rtpmap:63 red/48000/2\r\n"                   \
	"a=fmtp:63 111/111\r\n"                         \
	"a=rtpmap:101 telephone-event/48000\r\n"        \
	"m=video 0 RTP/AVP 96 97 98 102 45 118 119\r\n" \
	"a=rtpmap:96 VP8/90000\r\n"                     \
	"a=rtpmap:97 rtx/90000\r\n"                     \
	"a=fmtp:97 apt=96\r\n"                          \
	"a=rtpmap:98 VP9/90000\r\n"                     \
	"a=rtpmap:102 H264/90000\r\n"                   \
	"a=rtpmap:45 AV1/90000\r\n"                     \
	"a=rtpmap:118 flexfec-03/90000\r\n"             \
	"a=rtpmap:119 ulpfec/90000\r\n"                 \
	"m=text 0 RTP/AVP 117\r\n"                      \
	"a=rtpmap:117 t140/1000\r\n"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct vc_sdp *described(void)
{
	static struct vc_sdp *sdp;

	if (!sdp) {
		sdp = vc_alloc(1, sizeof(*sdp));
		if (vc_sdp_parse(sdp, SDP, strlen(SDP)))
			abort();
	}
	return sdp;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *p = size > 1 ? malloc(size - 1) : NULL;

	if (p) {
		memcpy(p, data + 1, size - 1);
		vc_blank_payload(described(), data[0] & 0x7f, p, size - 1);
	}
	free(p);
	return 0;
}
