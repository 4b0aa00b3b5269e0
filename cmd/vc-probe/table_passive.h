/* SPDX-License-Identifier: MIT */
/* Blocks of the table that are not always there. */
#ifndef VC_PROBE_TABLE_PASSIVE_H
#define VC_PROBE_TABLE_PASSIVE_H

struct page;
struct vc_json;

void table_arrivals(const struct page *page, const struct vc_json *sources);

#endif
