/* SPDX-License-Identifier: MIT */
/* Text in XML and HTML. */
#ifndef VC_TOOL_XML_H
#define VC_TOOL_XML_H

#include <stdio.h>

/*
 * Writes 's' so that it is text, or the value of an attribute in either kind of
 * quotes, and nothing else. Control characters may not be in XML at all, and
 * are left out: what strangers wrote has been through vc_escape() before.
 */
void vc_xml_put(FILE *f, const char *s);

#endif
