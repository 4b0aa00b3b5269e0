/* SPDX-License-Identifier: MIT */
#include "tool/xml.h"

static const char *reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void vc_xml_put(FILE *f, const char *s)
{
	for (; *s; s++) {
		const char *ref = reference(*s);

		if (ref)
			fputs(ref, f);
		else if ((unsigned char)*s >= ' ' || *s == '\t' || *s == '\n' ||
			 *s == '\r')
			fputc(*s, f);
	}
}
