/* SPDX-License-Identifier: MIT */
/*
 * R = Ro - Is - Id - Ie,eff + A, with the terms and equation numbers of
 * ITU-T G.107 (06/2015), clause 7. Names are those of the Recommendation in
 * lower case, so that a line can be held against its equation.
 */
#include "media/emodel.h"

#include <math.h>

void vc_emodel_init(struct vc_emodel *in)
{
	*in = (struct vc_emodel){
		.slr = 8,
		.rlr = 2,
		.stmr = 15,
		.lstr = 18,
		.ds = 3,
		.dr = 3,
		.telr = 65,
		.wepl = 110,
		.qdu = 1,
		.bpl = 4.3,
		.burst_r = 1,
		.nc = -70,
		.nfor = -64,
		.ps = 35,
		.pr = 35,
		.mt_ms = 100,
		.st = 1,
	};
}

void vc_emodel_set_delay(struct vc_emodel *in, double one_way_ms)
{
	in->ta_ms = one_way_ms;
	in->t_ms = one_way_ms;
	in->tr_ms = 2 * one_way_ms;
}

static double from_db(double db)
{
	return pow(10, db / 10);
}

static double to_db(double power)
{
	return 10 * log10(power);
}

/* The sum of all noise at the 0 dBr point (7-3 to 7-7). */
static double noise(const struct vc_emodel *e)
{
	double olr = e->slr + e->rlr;
	double send = e->ps - olr - e->ds - 14;
	double nos = e->ps - e->slr - e->ds - 100 + 0.004 * send * send;
	double pre = e->pr + to_db(1 + from_db(10 - e->lstr));
	double nor = e->rlr - 121 + pre + 0.008 * (pre - 35) * (pre - 35);
	double nfo = e->nfor + e->rlr;

	return to_db(from_db(e->nc) + from_db(nos) + from_db(nor) +
		     from_db(nfo));
}

/* Too loud a connection (7-9, 7-10). */
static double is_olr(const struct vc_emodel *e, double no)
{
	double x = (e->slr + e->rlr + 0.2 * (64 + no - e->rlr)) / 8;

	return 20 * (pow(1 + pow(x, 8), 1.0 / 8) - x);
}

/* Side tone that is not as it should be (7-11, 7-12). */
static double is_st(const struct vc_emodel *e)
{
	double stmro = -to_db(from_db(-e->stmr) +
			      exp(-e->t_ms / 4) * from_db(-e->telr));

	return 12 * pow(1 + pow((stmro - 13) / 6, 8), 1.0 / 8) -
	       28 * pow(1 + pow((stmro + 1) / 19.4, 35), 1.0 / 35) -
	       13 * pow(1 + pow((stmro - 3) / 33, 13), 1.0 / 13) + 29;
}

/* Quantization (7-13 to 7-17). */
static double is_q(const struct vc_emodel *e, double ro)
{
	double q = 37 - 15 * log10(e->qdu);
	double g = 1.07 + 0.258 * q + 0.0602 * q * q;
	double y = (ro - 100) / 15 + 46 / 8.4 - g / 9;
	double z = 46.0 / 30 - g / 40;

	return 15 * log10(1 + pow(10, y) + pow(10, z));
}

/* Talker echo (7-19 to 7-26). */
static double id_te(const struct vc_emodel *e, double no, double ist)
{
	double t = e->t_ms;
	double terv = e->telr - 40 * log10((1 + t / 10) / (1 + t / 150)) +
		      6 * exp(-0.3 * t * t);

	if (e->stmr < 9)
		terv += ist / 2;
	double roe = -1.5 * (no - e->rlr);
	double half = (roe - (80 + 2.5 * (terv - 14))) / 2;
	double idte = (half + sqrt(half * half + 100) - 1) * (1 - exp(-t));

	return e->stmr > 20 ? hypot(idte, ist) : idte;
}

/* Listener echo (7-27, 7-28). */
static double id_le(const struct vc_emodel *e, double ro)
{
	double rle = 10.5 * (e->wepl + 7) * pow(e->tr_ms + 1, -0.25);
	double half = (ro - rle) / 2;

	return half + sqrt(half * half + 169);
}

/* Too long a delay, without any echo (7-29, 7-30). */
static double id_d(const struct vc_emodel *e)
{
	if (e->ta_ms <= e->mt_ms)
		return 0;
	double x = log2(e->ta_ms / e->mt_ms), n = 6 * e->st;

	return 25 * (pow(1 + pow(x, n), 1 / n) -
		     3 * pow(1 + pow(x / 3, n), 1 / n) + 2);
}

/* What each scale has instead of the narrow-band one's: R with everything at
 * its default (computed there), by how much delay weighs more and MOS less, and
 * the most that loss takes. */
static const struct {
	double r, stretch, most;
} scales[] = {
	[VC_EMODEL_NB] = { 0, 1, 95 },
	[VC_EMODEL_WB] = { 129, 1.29, 95 },
	[VC_EMODEL_FB] = { 148, 1.48, 132 },
};

double vc_emodel_ie_eff(const struct vc_emodel *in)
{
	if (in->ppl <= 0)
		return in->ie;
	return in->ie + (scales[in->scale].most - in->ie) * in->ppl /
				(in->ppl / in->burst_r + in->bpl);
}

static double r_narrow(const struct vc_emodel *in)
{
	double no = noise(in);
	double ro = 15 - 1.5 * (in->slr + no);
	double ist = is_st(in);
	double is = is_olr(in, no) + ist + is_q(in, ro);
	double id = id_te(in, no, ist) + id_le(in, ro) + id_d(in);

	return ro - is - id - vc_emodel_ie_eff(in) + in->a;
}

double vc_mos_from_r(double r)
{
	if (r <= 0)
		return 1;
	if (r >= 100)
		return 4.5;
	double mos = 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6;

	return mos < 1 ? 1 : mos;
}

double vc_emodel_r(const struct vc_emodel *in)
{
	if (in->scale == VC_EMODEL_NB)
		return r_narrow(in);
	return scales[in->scale].r - scales[in->scale].stretch * id_d(in) -
	       vc_emodel_ie_eff(in) + in->a;
}

double vc_emodel_mos(enum vc_emodel_scale scale, double r)
{
	return vc_mos_from_r(r / scales[scale].stretch);
}

const char *vc_emodel_scale_name(enum vc_emodel_scale scale)
{
	static const char *const names[] = { "narrowband", "wideband",
					     "fullband" };

	return names[scale];
}
