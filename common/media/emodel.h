/* SPDX-License-Identifier: MIT */
/*
 * The E-model of ITU-T G.107 (06/2015): from what is known about a
 * connection to the rating R (0..100, 93.2 with everything at its default)
 * and an estimated mean opinion score. A transmission planning tool: figures
 * are comparable among themselves on one scale, they are not measured opinions.
 *
 * Scales: G.107 is of narrow-band speech. Of G.107.1 (wideband, up to 129) and
 * G.107.2 (fullband, up to 148) there are here delay, codec and loss; all else
 * is at its default, echo too, so that t_ms and tr_ms do not matter.
 *
 * Listening quality (lq) leaves delay out: keep ta_ms, t_ms, tr_ms at 0.
 * Conversational quality (cq) needs measured delays.
 */
#ifndef VC_MEDIA_EMODEL_H
#define VC_MEDIA_EMODEL_H

#include <stdbool.h>
#include <stdint.h>

enum vc_emodel_scale {
	VC_EMODEL_NB,
	VC_EMODEL_WB,
	VC_EMODEL_FB,
};

/* All inputs of G.107, Table 2, in its order and units. */
struct vc_emodel {
	double slr, rlr;   /* send and receive loudness rating, dB */
	double stmr, lstr; /* side tone masking, listener side tone, dB */
	double ds, dr;	   /* D-values of telephones */
	double telr, wepl; /* talker echo, weighted echo path loss, dB */
	double t_ms;	   /* mean one-way delay of the echo path */
	double tr_ms;	   /* round-trip delay in a 4-wire loop */
	double ta_ms;	   /* absolute delay, mouth to ear */
	double qdu;	   /* quantization distortion units */
	double ie;	   /* equipment impairment factor of the codec */
	double bpl;	   /* packet-loss robustness factor */
	double ppl;	   /* random packet loss, percent */
	double burst_r;	   /* burst ratio: 1 for random loss */
	double nc, nfor;   /* circuit noise dBm0p, noise floor dBmp */
	double ps, pr;	   /* room noise, send and receive, dB(A) */
	double a;	   /* advantage factor */
	double mt_ms, st;  /* minimum perceivable delay, sensitivity */
	enum vc_emodel_scale scale; /* that of 'ie' and 'bpl' */
};

/* Every input at its default. */
void vc_emodel_init(struct vc_emodel *in);

/* Equal delays for ta, t and 2 t = tr: a digital connection, end to end. */
void vc_emodel_set_delay(struct vc_emodel *in, double one_way_ms);

/* The effective equipment impairment factor, Ie,eff (7.5), on its scale. */
double vc_emodel_ie_eff(const struct vc_emodel *in);

/* The rating R, not clamped: a bad connection gives less than 0. */
double vc_emodel_r(const struct vc_emodel *in);

/*
 * Annex B: 1 to 4.5. (The polynomial dips to 0.99 below R = 6.5: given as 1.)
 */
double vc_mos_from_r(double r);

/* MOS of a rating on its scale: Annex B of G.107 after R / 1.29 (G.107.1 Annex
 * A), after R / 1.48 (G.107.2 Annex A). */
double vc_emodel_mos(enum vc_emodel_scale scale, double r);

/* "narrowband", "wideband", "fullband". */
const char *vc_emodel_scale_name(enum vc_emodel_scale scale);

/* Codec parameters for 'ie' and 'bpl', and where they come from. */
struct vc_emodel_codec {
	double ie, bpl;
	bool is_published; /* ITU-T G.113, both; else assumed by us */
	enum vc_emodel_scale scale;
};

/*
 * By RTP encoding name, letter case ignored, and where the codec has several
 * rates by the nearest one to 'bitrate_bps' (0: not known, then its usual one),
 * on the scale of its band: see the tables in emodel_codec.c. -ENOENT for one
 * that nothing is known about.
 */
int vc_emodel_codec(const char *encoding, uint32_t bitrate_bps,
		    bool has_concealment, struct vc_emodel_codec *out);

#endif
