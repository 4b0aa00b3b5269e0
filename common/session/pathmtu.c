/* SPDX-License-Identifier: MIT */
#include "base/mem.h"
#include "session/pathmtu.h"

/* Ethernet; with PPPoE; what tunnels leave; IPv6's least. */
static const uint32_t usual[] = { 1500, 1492, 1420, 1280 };

static void choose(struct vc_pathmtu *m)
{
	m->tries = 0;
	if (m->fits == m->max || m->fails <= m->fits + 1) {
		m->size = 0;
		return;
	}
	if (m->fits >= 1500 && m->fails > m->max) {
		m->size = m->max;
		return;
	}
	for (; m->usual < VC_COUNT(usual); m->usual++) {
		uint32_t size = usual[m->usual];

		if (size > m->fits && size < m->fails && size <= m->max) {
			m->size = size;
			return;
		}
	}
	m->size = m->fits + (m->fails - m->fits) / 2;
}

void vc_pathmtu_init(struct vc_pathmtu *m, uint32_t min, uint32_t max)
{
	*m = (struct vc_pathmtu){ .fits = min, .fails = max + 1, .max = max };
	choose(m);
}

uint32_t vc_pathmtu_size(const struct vc_pathmtu *m)
{
	return m->size;
}

void vc_pathmtu_came(struct vc_pathmtu *m, uint32_t size)
{
	if (size > m->fits)
		m->fits = size;
	/* It was only slow. */
	if (m->fails <= m->fits)
		m->fails = m->max + 1;
	choose(m);
}

void vc_pathmtu_refused(struct vc_pathmtu *m, uint32_t size)
{
	if (size < m->fails && size > m->fits)
		m->fails = size;
	choose(m);
}

void vc_pathmtu_silent(struct vc_pathmtu *m, uint32_t size)
{
	if (size != m->size)
		return;
	m->tries++;
	if (m->tries == VC_PATHMTU_TRIES)
		vc_pathmtu_refused(m, size);
}
