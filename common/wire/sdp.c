/* SPDX-License-Identifier: MIT */
/* Looking things up in a description. Reading and writing: sdpparse.c and
 * sdpwrite.c. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "wire/sdp.h"

/* RFC 3551, tables 4 and 5. */
static const struct {
	uint8_t pt;
	const char *codec;
	uint32_t rate;
	uint8_t channels;
} static_fmts[] = {
	{ 0, "PCMU", 8000, 1 },	  { 3, "GSM", 8000, 1 },
	{ 4, "G723", 8000, 1 },	  { 5, "DVI4", 8000, 1 },
	{ 6, "DVI4", 16000, 1 },  { 7, "LPC", 8000, 1 },
	{ 8, "PCMA", 8000, 1 },	  { 9, "G722", 8000, 1 },
	{ 10, "L16", 44100, 2 },  { 11, "L16", 44100, 1 },
	{ 12, "QCELP", 8000, 1 }, { 13, "CN", 8000, 1 },
	{ 14, "MPA", 90000, 1 },  { 15, "G728", 8000, 1 },
	{ 16, "DVI4", 11025, 1 }, { 17, "DVI4", 22050, 1 },
	{ 18, "G729", 8000, 1 },  { 25, "CelB", 90000, 1 },
	{ 26, "JPEG", 90000, 1 }, { 28, "nv", 90000, 1 },
	{ 31, "H261", 90000, 1 }, { 32, "MPV", 90000, 1 },
	{ 33, "MP2T", 90000, 1 }, { 34, "H263", 90000, 1 },
};

bool vc_sdp_static_fmt(struct vc_sdp_fmt *fmt)
{
	for (size_t i = 0; i < VC_COUNT(static_fmts); i++) {
		if (static_fmts[i].pt != fmt->pt)
			continue;
		fmt->codec = vc_str_c(static_fmts[i].codec);
		fmt->rate = static_fmts[i].rate;
		fmt->channels = static_fmts[i].channels;
		return true;
	}
	return false;
}

bool vc_sdp_find_pt(const struct vc_sdp *sdp, uint8_t pt,
		    const struct vc_sdp_media **media,
		    const struct vc_sdp_fmt **fmt)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];

		for (unsigned int j = 0; j < m->n_fmt; j++) {
			if (m->fmt[j].pt != pt)
				continue;
			if (media)
				*media = m;
			if (fmt)
				*fmt = &m->fmt[j];
			return true;
		}
	}
	return false;
}

int vc_sdp_check_pts(const struct vc_sdp *sdp, uint8_t *pt)
{
	bool seen[128] = { false };

	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];

		for (unsigned int j = 0; j < m->n_fmt; j++) {
			uint8_t v = m->fmt[j].pt & 0x7f;

			if (seen[v]) {
				*pt = v;
				return -EEXIST;
			}
			seen[v] = true;
		}
	}
	return 0;
}

const struct vc_sdp_fmt *vc_sdp_find_codec(const struct vc_sdp_media *media,
					   enum vc_codec codec)
{
	for (unsigned int i = 0; i < media->n_fmt; i++) {
		if (vc_codec_by_name(media->fmt[i].codec) == codec)
			return &media->fmt[i];
	}
	return NULL;
}

uint8_t vc_sdp_find_ext(const struct vc_sdp_media *media, const char *uri)
{
	for (unsigned int i = 0; i < media->n_ext; i++) {
		if (vc_str_is(media->ext[i].uri, uri))
			return media->ext[i].id;
	}
	return 0;
}

uint8_t vc_sdp_ext_id(const struct vc_sdp *sdp, const char *uri)
{
	uint8_t id = 0;

	for (unsigned int i = 0; i < sdp->n_media && !id; i++)
		id = vc_sdp_find_ext(&sdp->media[i], uri);
	return id;
}

struct vc_str vc_sdp_ext_uri(const struct vc_sdp *sdp, uint8_t id)
{
	for (unsigned int i = 0; i < sdp->n_media; i++) {
		const struct vc_sdp_media *m = &sdp->media[i];

		for (unsigned int k = 0; k < m->n_ext; k++) {
			if (m->ext[k].id == id)
				return m->ext[k].uri;
		}
	}
	return (struct vc_str){ 0 };
}

const struct vc_sdp_addr *vc_sdp_conn(const struct vc_sdp *sdp,
				      const struct vc_sdp_media *media)
{
	if (media->conn.set)
		return &media->conn;
	return sdp->conn.set ? &sdp->conn : NULL;
}

bool vc_sdp_fmtp_get(struct vc_str fmtp, const char *key, struct vc_str *value)
{
	while (fmtp.len) {
		struct vc_str v = vc_str_cut(&fmtp, ';');
		struct vc_str k = vc_str_cut(&v, '=');

		if (!vc_str_is_nocase(vc_str_trim(k), key))
			continue;
		*value = vc_str_trim(v);
		return true;
	}
	return false;
}
