/* SPDX-License-Identifier: MIT */
/* The conferences that need no file; see session/policy.h. */
#include <string.h>

#include "base/mem.h"
#include "session/policy.h"

static const struct {
	const char *name;
	const char *text;
} presets[] = {
	{ "symmetric", "# Everybody hears all others and sees all.\n"
		       "# who  hears  sees\n"
		       "*      *      *,self\n" },
	{ "panel",
	  "# Speakers are heard and seen, listeners hear and see; a host moves\n"
	  "# people between the two: role WHO speaker, role WHO listener.\n"
	  "default-role listener\n"
	  "# who                   hears                   sees\n"
	  "role:host,role:speaker  role:host,role:speaker  "
	  "role:host,role:speaker,self\n"
	  "*                       role:host,role:speaker  "
	  "role:host,role:speaker       layout=speaker\n" },
	{ "lesson",
	  "# Students hear and see the lecturer only, who hears and sees all.\n"
	  "default-role student\n"
	  "# who          hears          sees\n"
	  "role:lecturer  *              *\n"
	  "*              role:lecturer  role:lecturer  layout=single\n" },
	{ "broadcast", "# One is heard and seen: role WHO speaker.\n"
		       "default-role listener\n"
		       "# who         hears         sees\n"
		       "role:speaker  -             -\n"
		       "*             role:speaker  role:speaker  "
		       "layout=single\n" },
	{ "webinar",
	  "# A panel on a stage, which all see: role WHO host, role WHO speaker,\n"
	  "# floor WHO.\n"
	  "default-role listener\n"
	  "# who                   hears                   sees\n"
	  "role:host,role:speaker  role:host,role:speaker  "
	  "role:host,role:speaker,self  layout=stage\n"
	  "*                       role:host,role:speaker  "
	  "role:host,role:speaker       layout=stage\n" },
	{ "call", "# Two; each gets the other whole, as he sends.\n"
		  "limit 2\n"
		  "audio select\n"
		  "video select\n"
		  "# who  hears  sees  with\n"
		  "*      *      *     select=all\n" },
};

const char *vc_policy_preset(const char *name)
{
	for (size_t i = 0; i < VC_COUNT(presets); i++) {
		if (!strcmp(presets[i].name, name))
			return presets[i].text;
	}
	return NULL;
}

const char *vc_policy_preset_name(size_t i)
{
	return i < VC_COUNT(presets) ? presets[i].name : NULL;
}
