/* SPDX-License-Identifier: MIT */
#include "media/charwidth.h"

#include <locale.h>
#include <stdlib.h>
#include <wchar.h>

#include "base/mem.h"

struct vc_charwidth {
	locale_t locale;
};

struct vc_charwidth *vc_charwidth_new(void)
{
	struct vc_charwidth *w = vc_try_alloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (w->locale)
		return w;
	free(w);
	return NULL;
}

void vc_charwidth_free(struct vc_charwidth *w)
{
	if (!w)
		return;
	freelocale(w->locale);
	free(w);
}

int vc_charwidth_of(const struct vc_charwidth *w, int32_t c)
{
	locale_t before;
	int width;

	if (!w)
		return 1;
	before = uselocale(w->locale);
	width = wcwidth((wchar_t)c);
	uselocale(before);
	return width < 0 ? 1 : width;
}
