/* SPDX-License-Identifier: MIT */
/*
 * The E-model of ITU-T G.107 (06/2015): from what is known about a
 * connection to the rating R (0..100, 93.2 with everything at its default)
 * and an estimated mean opinion score. A transmission planning tool for
 * narrow-band speech: figures are comparable among themselves, they are not
 * measured opinions.
 *
 * Listening quality (lq) leaves delay out: keep ta_ms, t_ms, tr_ms at 0.
 * Conversational quality (cq) needs measured delays.
 */
#ifndef VC_MEDIA_EMODEL_H
#define VC_MEDIA_EMODEL_H

#include <stdbool.h>
#include <stdint.h>

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
};

/* Every input at its default. */
void vc_emodel_init(struct vc_emodel *in);

/* Equal delays for ta, t and 2 t = tr: a digital connection, end to end. */
void vc_emodel_set_delay(struct vc_emodel *in, double one_way_ms);

/* The effective equipment impairment factor, Ie,eff (7.5). */
double vc_emodel_ie_eff(const struct vc_emodel *in);

/* The rating R, not clamped: a bad connection gives less than 0. */
double vc_emodel_r(const struct vc_emodel *in);

/*
 * Annex B: 1 to 4.5. (The polynomial dips to 0.99 below R = 6.5: given as 1.)
 */
double vc_mos_from_r(double r);

/* Codec parameters for 'ie' and 'bpl', and where they come from. */
struct vc_emodel_codec {
	double ie, bpl;
	bool is_published; /* ITU-T G.113 Appendix I; else assumed by us */
};

/*
 * By RTP encoding name, letter case ignored: PCMU, PCMA (published; with
 * packet-loss concealment or without), G729, GSM-EFR, G723 (published).
 * opus (assumed, by 'bitrate_bps'; 0 when unknown), see the table in
 * emodel.c. -ENOENT for one that nothing is known about.
 *
 * Why the figures for Opus: no Ie or Bpl has been published for it on the
 * narrow-band scale. From 24 kbit/s on listeners cannot tell its speech from
 * the narrow-band original (Ie 0); below, Ie rises to that of G.729 at
 * 8 kbit/s and of G.723.1 at 6. Its concealment extrapolates like that of
 * the predictive codecs: Bpl is G.729A's.
 */
int vc_emodel_codec(const char *encoding, uint32_t bitrate_bps,
		    bool has_concealment, struct vc_emodel_codec *out);

#endif
