/* SPDX-License-Identifier: MIT */
/*
 * What is known of codecs: impairment (Ie) and robustness against loss (Bpl).
 * Published are the figures of ITU-T G.113: Appendix I (narrow-band), Tables
 * IV.1 (wideband Ie, one ear) and V.1, V.3 (fullband, EVS). The others are
 * assumed:
 *
 * Bpl of AMR-WB: 10, as that of EVS, which grew out of it. Of G.722: 4.3, that
 * of G.711 without concealment, as its concealment (Appendices III and IV) is
 * for receivers to choose.
 *
 * Opus: nothing has been published for it on any scale. From 12 kbit/s on it is
 * taken for EVS, one rate behind (Ie 22.7 at 9.6, 17.1 at 13.2, 10.8 at 16.4,
 * 7.2 at 24.4 kbit/s); below it is wideband (Ie,FB is about Ie,WB + 19), then
 * narrow-band speech (148 - 93.2, and what is lost there). Bpl 10.
 */
#include <errno.h>
#include <stddef.h>
#include <strings.h>

#include "base/mem.h"
#include "media/emodel.h"

enum plc {
	PLC_ANY,
	PLC_NONE,
	PLC_SOME,
};

static const struct row {
	const char *encoding;
	uint32_t bps; /* 0: of any */
	enum plc plc;
	struct vc_emodel_codec codec;
} rows[] = {
	{ "PCMU", 0, PLC_NONE, { 0, 4.3, true, VC_EMODEL_NB } },
	{ "PCMU", 0, PLC_SOME, { 0, 25.1, true, VC_EMODEL_NB } },
	{ "PCMA", 0, PLC_NONE, { 0, 4.3, true, VC_EMODEL_NB } },
	{ "PCMA", 0, PLC_SOME, { 0, 25.1, true, VC_EMODEL_NB } },
	/* G.729A with VAD; G.723.1 at 6.3 kbit/s with VAD */
	{ "G729", 0, PLC_ANY, { 11, 19, true, VC_EMODEL_NB } },
	{ "G723", 0, PLC_ANY, { 15, 16.1, true, VC_EMODEL_NB } },
	{ "GSM-EFR", 0, PLC_ANY, { 5, 10, true, VC_EMODEL_NB } },
	/* The first of an encoding is its usual one. */
	{ "G722", 64000, PLC_ANY, { 13, 4.3, false, VC_EMODEL_WB } },
	{ "G722", 56000, PLC_ANY, { 20, 4.3, false, VC_EMODEL_WB } },
	{ "G722", 48000, PLC_ANY, { 31, 4.3, false, VC_EMODEL_WB } },
	{ "AMR-WB", 12650, PLC_ANY, { 13, 10, false, VC_EMODEL_WB } },
	{ "AMR-WB", 6600, PLC_ANY, { 41, 10, false, VC_EMODEL_WB } },
	{ "AMR-WB", 8850, PLC_ANY, { 26, 10, false, VC_EMODEL_WB } },
	{ "AMR-WB", 14250, PLC_ANY, { 10, 10, false, VC_EMODEL_WB } },
	{ "AMR-WB", 15850, PLC_ANY, { 7, 10, false, VC_EMODEL_WB } },
	{ "AMR-WB", 18250, PLC_ANY, { 5, 10, false, VC_EMODEL_WB } },
	{ "AMR-WB", 19850, PLC_ANY, { 3, 10, false, VC_EMODEL_WB } },
	{ "AMR-WB", 23050, PLC_ANY, { 1, 10, false, VC_EMODEL_WB } },
	{ "AMR-WB", 23850, PLC_ANY, { 8, 10, false, VC_EMODEL_WB } },
	{ "EVS", 13200, PLC_ANY, { 17.1, 11.7, true, VC_EMODEL_FB } },
	{ "EVS", 9600, PLC_ANY, { 22.7, 13, true, VC_EMODEL_FB } },
	{ "EVS", 16400, PLC_ANY, { 10.8, 10.3, true, VC_EMODEL_FB } },
	{ "EVS", 24400, PLC_ANY, { 7.2, 11.4, true, VC_EMODEL_FB } },
	{ "EVS", 32000, PLC_ANY, { 8.7, 9.3, true, VC_EMODEL_FB } },
	{ "EVS", 48000, PLC_ANY, { 10.2, 9.6, true, VC_EMODEL_FB } },
	{ "opus", 32000, PLC_ANY, { 7.2, 10, false, VC_EMODEL_FB } },
	{ "opus", 24000, PLC_ANY, { 10.8, 10, false, VC_EMODEL_FB } },
	{ "opus", 16000, PLC_ANY, { 17.1, 10, false, VC_EMODEL_FB } },
	{ "opus", 12000, PLC_ANY, { 22.7, 10, false, VC_EMODEL_FB } },
	{ "opus", 8000, PLC_ANY, { 45, 10, false, VC_EMODEL_FB } },
	{ "opus", 6000, PLC_ANY, { 70, 10, false, VC_EMODEL_FB } },
};

static uint32_t apart(uint32_t a, uint32_t b)
{
	return a > b ? a - b : b - a;
}

int vc_emodel_codec(const char *encoding, uint32_t bitrate_bps,
		    bool has_concealment, struct vc_emodel_codec *out)
{
	enum plc not_this = has_concealment ? PLC_NONE : PLC_SOME;
	const struct row *best = NULL;

	for (size_t i = 0; i < VC_COUNT(rows); i++) {
		const struct row *r = &rows[i];

		if (strcasecmp(encoding, r->encoding) || r->plc == not_this)
			continue;
		if (!best ||
		    (bitrate_bps && apart(bitrate_bps, r->bps) <
					    apart(bitrate_bps, best->bps)))
			best = r;
	}
	if (!best)
		return -ENOENT;
	*out = best->codec;
	return 0;
}
