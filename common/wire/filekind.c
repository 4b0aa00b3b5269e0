/* SPDX-License-Identifier: MIT */
/*
 * A table of marks at fixed offsets, tried in order, then the few kinds that
 * need more than a mark: MP3 (a frame header is only eleven fixed bits), vc's
 * own streams (a length comes first) and text (nothing but characters).
 */
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"
#include "wire/filekind.h"
#include "wire/sealed.h"

struct mark {
	enum vc_filekind kind;
	size_t at;
	const char *text;
	size_t len;
};

#define MARK(k, at, s)                                \
	{                                             \
		VC_FILEKIND_##k, at, s, sizeof(s) - 1 \
	}

static const struct mark marks[] = {
	MARK(MATROSKA, 0, "\x1a\x45\xdf\xa3"),
	MARK(IMAGE, 4, "ftypavi"), /* AVIF, HEIF: boxes as in MP4 */
	MARK(IMAGE, 4, "ftyphei"),
	MARK(IMAGE, 4, "ftypmif1"),
	MARK(MP4, 4, "ftyp"),
	MARK(MP4, 4, "moov"),
	MARK(MP4, 4, "mdat"),
	MARK(MP4, 4, "wide"),
	MARK(MP4, 4, "styp"),
	MARK(OGG, 0, "OggS"),
	MARK(WAV, 8, "WAVE"),
	MARK(AVI, 8, "AVI "),
	MARK(IMAGE, 8, "WEBP"),
	MARK(FLAC, 0, "fLaC"),
	MARK(MP3, 0, "ID3"),
	MARK(IVF, 0, "DKIF"),
	MARK(Y4M, 0, "YUV4MPEG2"),
	MARK(IMAGE, 0, "\x89PNG\r\n"),
	MARK(IMAGE, 0, "\xff\xd8\xff"),
	MARK(IMAGE, 0, "GIF8"),
	MARK(IMAGE, 0, "II*\0"),
	MARK(IMAGE, 0, "MM\0*"),
	MARK(PLAYLIST, 0, "#EXTM3U"),
	MARK(PLAYLIST, 0, "[playlist]"),
	MARK(PLAYLIST, 0, "RTSPtext"),
	MARK(SDP, 0, "v=0\r"),
	MARK(SDP, 0, "v=0\n"),
	MARK(XML, 0, "<?xml"),
	MARK(XML, 0, "\xef\xbb\xbf<"),
	MARK(XML, 0, "<"),
	MARK(JSON, 0, "{\""),
	MARK(JSON, 0, "{\n"),
	MARK(JSON, 0, "[{"),
	MARK(GZIP, 0, "\x1f\x8b"),
	MARK(PCAP, 0, "\xa1\xb2\xc3\xd4"),
	MARK(PCAP, 0, "\xd4\xc3\xb2\xa1"),
	MARK(PCAP, 0, "\xa1\xb2\x3c\x4d"),
	MARK(PCAP, 0, "\x4d\x3c\xb2\xa1"),
	MARK(PCAP, 0, "\x0a\x0d\x0d\x0a"),
	MARK(RTPDUMP, 0, "#!rtpplay"),
	MARK(MJR, 0, "MJR0000"),
	MARK(MJR, 0, "MEETECHO"),
	MARK(SEALED, 0, VC_SEALED_MAGIC),
};

static const char *const names[VC_FILEKIND_N] = {
	[VC_FILEKIND_UNKNOWN] = "an unknown kind of file",
	[VC_FILEKIND_EMPTY] = "an empty file",
	[VC_FILEKIND_TEXT] = "text",
	[VC_FILEKIND_MATROSKA] = "a WebM or Matroska file",
	[VC_FILEKIND_MP4] = "an MP4 or MOV file",
	[VC_FILEKIND_OGG] = "an Ogg file",
	[VC_FILEKIND_WAV] = "a WAV file",
	[VC_FILEKIND_AVI] = "an AVI file",
	[VC_FILEKIND_FLAC] = "a FLAC file",
	[VC_FILEKIND_MP3] = "an MP3 file",
	[VC_FILEKIND_IVF] = "an IVF file",
	[VC_FILEKIND_Y4M] = "a Y4M file",
	[VC_FILEKIND_IMAGE] = "an image",
	[VC_FILEKIND_PLAYLIST] = "a playlist",
	[VC_FILEKIND_SDP] = "a session description (SDP)",
	[VC_FILEKIND_JSON] = "JSON",
	[VC_FILEKIND_XML] = "XML",
	[VC_FILEKIND_GZIP] = "a gzip file",
	[VC_FILEKIND_PCAP] = "a packet capture (pcap)",
	[VC_FILEKIND_RTPDUMP] = "an rtpdump file",
	[VC_FILEKIND_MJR] = "a Janus recording (mjr)",
	[VC_FILEKIND_VCRTP] = "a vc stream",
	[VC_FILEKIND_SEALED] = "an encrypted recording",
};

/* ISO 11172-3: layer III, a bit rate and a sample rate that exist. */
static bool is_mp3_frame(const uint8_t *p, size_t len)
{
	if (len < 4 || p[0] != 0xff || (p[1] & 0xe0) != 0xe0)
		return false;
	unsigned int version = p[1] >> 3 & 3;
	unsigned int layer = p[1] >> 1 & 3;
	unsigned int bitrate = p[2] >> 4;
	unsigned int rate = p[2] >> 2 & 3;

	return version != 1 && layer == 1 && bitrate != 0 && bitrate != 15 &&
	       rate != 3;
}

/* Keep-alives, then a frame that is a description. */
static bool is_vcrtp(const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	unsigned int frame_len = 0;

	while (!frame_len && !r.bad)
		frame_len = vc_rd_u16(&r);
	const uint8_t *text = vc_rd_bytes(&r, 4);

	return text && frame_len >= 4 && !memcmp(text, "v=0", 3) &&
	       (text[3] == '\r' || text[3] == '\n');
}

static bool is_text(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool is_space = p[i] >= '\t' && p[i] <= '\r';

		/* The last two are in no UTF-8, and rare in Latin-1. */
		if ((p[i] < ' ' && !is_space) || p[i] == 0x7f || p[i] >= 0xfe)
			return false;
	}
	return true;
}

enum vc_filekind vc_filekind_of(const uint8_t *p, size_t len)
{
	if (!len)
		return VC_FILEKIND_EMPTY;
	for (size_t i = 0; i < VC_COUNT(marks); i++) {
		const struct mark *m = &marks[i];

		if (len >= m->at + m->len &&
		    !memcmp(p + m->at, m->text, m->len))
			return m->kind;
	}
	if (is_vcrtp(p, len))
		return VC_FILEKIND_VCRTP;
	if (is_mp3_frame(p, len))
		return VC_FILEKIND_MP3;
	return is_text(p, len) ? VC_FILEKIND_TEXT : VC_FILEKIND_UNKNOWN;
}

const char *vc_filekind_name(enum vc_filekind kind)
{
	return names[(unsigned int)kind < VC_FILEKIND_N ? kind : 0];
}

const char *vc_filekind_reader(enum vc_filekind kind)
{
	if (vc_filekind_is_media(kind))
		return "vc-capture ";
	switch (kind) {
	case VC_FILEKIND_PCAP:
		return "vc-recv pcap:";
	case VC_FILEKIND_RTPDUMP:
		return "vc-recv rtpdump:";
	case VC_FILEKIND_MJR:
		return "vc-recv mjr:";
	case VC_FILEKIND_SDP:
		return "vc-recv --sdp ";
	case VC_FILEKIND_JSON:
		return "jq . ";
	case VC_FILEKIND_SEALED:
		return "vc-record decrypt --decrypt-key-file KEYS ";
	default:
		return NULL;
	}
}

bool vc_filekind_is_media(enum vc_filekind kind)
{
	return kind >= VC_FILEKIND_MATROSKA && kind <= VC_FILEKIND_Y4M;
}

/* RFC 8794 section 4: the leading zeros of the first octet count the rest. */
static uint64_t ebml_vint(struct vc_rd *r, size_t max, bool keeps_mark,
			  bool *is_all_ones)
{
	uint64_t v = vc_rd_u8(r);
	size_t n = 1;

	while (n <= max && !(v & 0x80u >> (n - 1)))
		n++;
	if (n > max) {
		r->bad = true;
		return 0;
	}
	if (!keeps_mark)
		v &= 0x7fu >> (n - 1);
	for (size_t i = 1; i < n; i++)
		v = v << 8 | vc_rd_u8(r);
	*is_all_ones = v == (UINT64_C(1) << 7 * n) - 1;
	return v;
}

static uint64_t ebml_unit(struct vc_rd *r)
{
	const uint8_t *start = r->p;
	bool is_unknown;

	(void)ebml_vint(r, 4, true, &is_unknown);
	uint64_t body = ebml_vint(r, 8, false, &is_unknown);

	return r->bad || is_unknown ? 0 : (uint64_t)(r->p - start) + body;
}

bool vc_filekind_is_fragmented(const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);
	uint32_t size = vc_rd_u32(&r);
	const uint8_t *type = vc_rd_bytes(&r, 4), *brand;

	if (!type || memcmp(type, "ftyp", 4) || size < 16)
		return false;
	if (size < len)
		r = vc_rd_over(p + 8, size - 8);
	vc_rd_skip(&r, 8); /* what is best, and its version */
	while ((brand = vc_rd_bytes(&r, 4)))
		if (!memcmp(brand, "iso6", 4))
			return true;
	return false;
}

/* ISO 14496-12 section 4.2. */
static uint64_t mp4_unit(struct vc_rd *r)
{
	uint64_t size = vc_rd_u32(r);
	const uint8_t *type = vc_rd_bytes(r, 4);
	uint64_t least = 8;

	if (!type || type[0] < ' ' || type[0] > '~')
		return 0;
	if (size == 1) {
		size = vc_rd_u64(r);
		least = 16;
	}
	return r->bad || size < least ? 0 : size;
}

static uint32_t rd_le32(struct vc_rd *r)
{
	return __builtin_bswap32(vc_rd_u32(r));
}

/* Writers that could not go back leave 0 or all ones. */
static uint64_t riff_unit(struct vc_rd *r)
{
	const uint8_t *id = vc_rd_bytes(r, 4);
	uint64_t size = rd_le32(r);

	if (r->bad || memcmp(id, "RIFF", 4) || !size || size == UINT32_MAX)
		return 0;
	return 8 + size;
}

/* RFC 3533 section 6. */
static uint64_t ogg_unit(struct vc_rd *r)
{
	const uint8_t *head = vc_rd_bytes(r, 26);
	size_t n = vc_rd_u8(r);
	const uint8_t *lacing = vc_rd_bytes(r, n);
	uint64_t size = 27 + n;

	if (r->bad || memcmp(head, "OggS", 4))
		return 0;
	for (size_t i = 0; i < n; i++)
		size += lacing[i];
	return size;
}

/* The file's header, or one frame with its own of 12 octets. */
static uint64_t ivf_unit(struct vc_rd *r)
{
	uint32_t first = vc_rd_u32(r);

	if (r->bad || first != 0x444b4946)
		return r->bad ? 0 : 12 + (uint64_t)__builtin_bswap32(first);
	vc_rd_skip(r, 2);
	uint64_t len = __builtin_bswap16(vc_rd_u16(r));

	return r->bad ? 0 : len;
}

uint64_t vc_filekind_unit(enum vc_filekind kind, const uint8_t *p, size_t len)
{
	struct vc_rd r = vc_rd_over(p, len);

	switch (kind) {
	case VC_FILEKIND_MATROSKA:
		return ebml_unit(&r);
	case VC_FILEKIND_MP4:
		return mp4_unit(&r);
	case VC_FILEKIND_WAV:
	case VC_FILEKIND_AVI:
		return riff_unit(&r);
	case VC_FILEKIND_OGG:
		return ogg_unit(&r);
	case VC_FILEKIND_IVF:
		return ivf_unit(&r);
	default:
		return 0;
	}
}
