/* SPDX-License-Identifier: MIT */
/* The arrangements that need no file; see media/arrange.h. */
#include <string.h>

#include "base/mem.h"
#include "media/arrange.h"

static const struct {
	const char *name;
	const char *text;
} presets[] = {
	{ "grid", "# All of one size.\n"
		  "# what  x  y    w    h\n"
		  "rest    0  0  360  360\n" },
	{ "speaker", "# Who talks is large, five others are in a strip below.\n"
		     "# what   x    y    w    h\n"
		     "when tiles:2\n"
		     "speaker  0    0  360  288\n"
		     "rest:5   0  288  360   72\n"
		     "when -\n"
		     "rest     0    0  360  360\n" },
	{ "presenter",
	  "# Slides are large, and people in a strip beside them. Without slides\n"
	  "# who talks is large.\n"
	  "# what          x    y    w    h\n"
	  "when slides tiles:2\n"
	  "slides          0    0  288  360  shape=any\n"
	  "speaker       288    0   72   72\n"
	  "rest:1        288   72   72   72\n"
	  "rest:1        288  144   72   72\n"
	  "rest:1        288  216   72   72\n"
	  "rest:1        288  288   72   72\n"
	  "when tiles:2\n"
	  "speaker         0    0  288  360\n"
	  "rest:5        288    0   72  360\n"
	  "when -\n"
	  "rest            0    0  360  360  shape=any\n" },
	{ "side-by-side", "# Who talks, and slides or one other.\n"
			  "# what           x  y    w    h\n"
			  "when tiles:2\n"
			  "speaker          0  0  180  360  shape=any\n"
			  "slides,rest:1  180  0  180  360  shape=any\n"
			  "when -\n"
			  "rest             0  0  360  360\n" },
	{ "pip",
	  "# Slides, or who talks, fill it; in a corner is who talks, or talked\n"
	  "# before.\n"
	  "# what                        x    y    w    h\n"
	  "slides,speaker                0    0  360  360  shape=any\n"
	  "speaker,active:1,active:2   261  261   90   90  z=1\n" },
	{ "stage", "# Who is on stage in a row; slides are above it.\n"
		   "# what   x    y    w    h\n"
		   "when slides tiles:2\n"
		   "slides   0    0  360  270  shape=any\n"
		   "rest:8   0  270  360   90\n"
		   "when tiles:2\n"
		   "rest:12  0   90  360  180\n"
		   "when -\n"
		   "rest     0    0  360  360\n" },
	{ "single", "# Who talks.\n"
		    "# what   x  y    w    h\n"
		    "speaker  0  0  360  360\n" },
};

const char *vc_arrange_preset(const char *name)
{
	for (size_t i = 0; i < VC_COUNT(presets); i++)
		if (!strcmp(presets[i].name, name))
			return presets[i].text;
	return NULL;
}

const char *vc_arrange_preset_name(size_t i)
{
	return i < VC_COUNT(presets) ? presets[i].name : NULL;
}
