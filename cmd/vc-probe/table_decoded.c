/* SPDX-License-Identifier: MIT */
/* Tables of what was measured on decoded media, and who hears and sees whom. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "cells.h"
#include "probe.h"

#define NAME_WIDTH 16
#define ROWS 64
#define NAMES (MAX_HEARD > MAX_SEEN ? MAX_HEARD : MAX_SEEN)

_Static_assert(NAMES + 2 <= CELL_COLUMNS, "columns");

static const struct column sound[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "mean dBFS", "sound.level_dbfs.mean", CELL_NUMBER, 1, 0, 0 },
	{ "peak", "sound.level_dbfs.peak", CELL_NUMBER, 1, 0, 2 },
	{ "LUFS", "sound.lufs.integrated", CELL_NUMBER, 1, 0, 0 },
	{ "silent %", "sound.silence.share", CELL_PERCENT, 1, 0, 0 },
	{ "longest ms", "sound.silence.longest_ms", CELL_NUMBER, 0, 0, 4 },
	{ "clipped", "sound.clipping.samples", CELL_NUMBER, 0, 0, 0 },
	{ "made up %", "sound.concealed.share", CELL_PERCENT, 2, 0, 0 },
	{ "times", "sound.concealed.count", CELL_NUMBER, 0, 0, 3 },
	{ "DTX %", "sound.dtx_share", CELL_PERCENT, 1, 0, 1 },
	{ "ViSQOL", "visqol.mos", CELL_NUMBER, 2, 0, 0 },
	{ 0 },
};

static const struct column picture[] = {
	{ "who", "who", CELL_TEXT, 0, 0, 0 },
	{ "kind", "kind", CELL_KIND, 0, 0, 0 },
	{ "decoded", "picture.decoded", CELL_NUMBER, 0, 0, 3 },
	{ "black %", "picture.black.share", CELL_PERCENT, 1, 0, 0 },
	{ "frozen %", "picture.frozen.share", CELL_PERCENT, 1, 0, 0 },
	{ "longest ms", "picture.frozen.longest_ms", CELL_NUMBER, 0, 0, 2 },
	{ "blocky", "picture.blockiness.mean", CELL_NUMBER, 2, 0, 1 },
	{ "PSNR dB", "picture.psnr_db.mean", CELL_NUMBER, 1, 0, 0 },
	{ "p5", "picture.psnr_db.p5", CELL_NUMBER, 1, 0, 0 },
	{ "min", "picture.psnr_db.min", CELL_NUMBER, 1, 0, 4 },
	{ "SSIM", "picture.ssim.mean", CELL_NUMBER, 3, 0, 0 },
	{ "p5", "picture.ssim.p5", CELL_NUMBER, 3, 0, 0 },
	{ "VMAF", "vmaf.mean", CELL_NUMBER, 1, 0, 0 },
	{ 0 },
};

/* --- who hears and sees whom --- */

struct matrix {
	const struct page *page;
	struct vc_json *rows[ROWS];
	size_t n, names;
	char heads[NAMES][CELL];
	char paths[NAMES][8];
	struct column columns[CELL_COLUMNS + 1];
};

/* Its place among the columns; -1: there is no room. */
static int place_of(struct matrix *m, const char *name)
{
	char head[CELL];

	cell_text(head, m->page->widths, name, NAME_WIDTH);
	for (size_t i = 0; i < m->names; i++) {
		if (!strcmp(m->heads[i], head))
			return (int)i;
	}
	if (m->names == NAMES)
		return -1;
	vc_strlcpy(m->heads[m->names], head, CELL);
	snprintf(m->paths[m->names], sizeof(m->paths[0]), "n%u",
		 (unsigned int)m->names);
	m->columns[m->names + 2] = (struct column){
		m->heads[m->names], m->paths[m->names], CELL_PERCENT, 1, 0, 0
	};
	m->names++;
	return (int)m->names - 1;
}

/* Who gets it, or else what it is. */
static void set_who(struct vc_json *row, const struct vc_json *source)
{
	const struct vc_json *to = vc_json_get(source, "to");
	char text[2 * VC_ROSTER_TEXT];
	size_t len = 0;

	for (size_t i = 0; i < vc_json_len(to) && len < sizeof(text); i++) {
		const char *name = vc_json_str_at(to, i);

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
					i ? ", " : "", name ? name : "");
	}
	if (!len)
		snprintf(text, sizeof(text), "in %s",
			 vc_json_get_str(source, "who"));
	vc_json_set_str(row, "who", text);
}

/* A row for the member 'key' of a source: shares by name. */
static void add_row(struct matrix *m, const struct vc_json *source,
		    const char *key, const char *verb)
{
	const struct vc_json *shares = vc_json_get(source, key), *share;
	const char *name;
	struct vc_json *row;
	double v;

	if (!vc_json_len(shares) || m->n == ROWS)
		return;
	row = vc_json_object();
	set_who(row, source);
	vc_json_set_str(row, "verb", verb);
	for (size_t i = 0; (share = vc_json_member(shares, i, &name)); i++) {
		int at = place_of(m, name);

		if (at >= 0 && vc_json_number(share, &v))
			vc_json_set_real(row, m->paths[at], v, 6);
	}
	m->rows[m->n] = row;
	m->n++;
}

static void draw_matrix(const struct page *page, const struct vc_json *sources)
{
	struct matrix *m = vc_try_alloc(1, sizeof(*m));
	const struct vc_json *source;

	if (!m)
		return;
	m->page = page;
	m->columns[0] = (struct column){ "who", "who", CELL_TEXT, 0, 0, 0 };
	m->columns[1] = (struct column){ "", "verb", CELL_TEXT, 0, 0, 0 };
	for (size_t i = 0; (source = vc_json_at(sources, i)); i++) {
		add_row(m, source, "heard", "hears");
		add_row(m, source, "seen", "sees");
	}
	cells_draw(page, "who hears and sees whom, % of the time", m->columns,
		   (const struct vc_json *const *)m->rows, m->n);
	while (m->n > 0)
		vc_json_free(m->rows[--m->n]);
	free(m);
}

/* What a program judged is a column only where one was there: the last. */
static void draw(const struct page *page, const char *title,
		 const struct column *all, const struct vc_json *sources,
		 const char *needs, const char *judged)
{
	struct column columns[CELL_COLUMNS + 1];
	const struct vc_json *source;
	bool has = false;
	size_t n = 0;

	for (size_t i = 0; (source = vc_json_at(sources, i)); i++)
		has |= vc_json_is_object(vc_json_get(source, judged));
	for (; all[n].path; n++)
		columns[n] = all[n];
	columns[n - !has] = (struct column){ 0 };
	cells_draw_with(page, title, columns, sources, needs);
}

void table_decoded(const struct page *page, const struct vc_json *sources)
{
	draw_matrix(page, sources);
	draw(page, "sound, decoded", sound, sources, "sound.decoded_s",
	     "visqol");
	draw(page, "pictures, decoded", picture, sources, "picture.decoded",
	     "vmaf");
}
