/* SPDX-License-Identifier: MIT */
/* What vc-probe does: it measures a stream, and what else it is asked to. */
#ifndef VC_PROBE_VERBS_H
#define VC_PROBE_VERBS_H

#include "tool/tool.h"

/* --- options.c: into a struct probe_options --- */

extern const struct vc_tool_info probe_info;

/* --- path.c, reflect.c, load.c, doctor.c --- */

extern const struct vc_tool_info path_info, reflect_info, load_info,
	doctor_info;
int path_run(int argc, char **argv);
int reflect_run(int argc, char **argv);
int load_run(int argc, char **argv);
int doctor_run(int argc, char **argv);

/* --- diff.c --- */

extern const struct vc_tool_info diff_info;
int diff_run(int argc, char **argv);

#endif
