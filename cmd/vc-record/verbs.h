/* SPDX-License-Identifier: MIT */
/* What vc-record does with recordings that are there. */
#ifndef VC_RECORD_VERBS_H
#define VC_RECORD_VERBS_H

#include "tool/tool.h"

/* --- verify.c --- */

extern const struct vc_tool_info info_info, verify_info;
int info_run(int argc, char **argv);
int verify_run(int argc, char **argv);

/* --- repair.c --- */

extern const struct vc_tool_info repair_info;
int repair_run(int argc, char **argv);

#endif
