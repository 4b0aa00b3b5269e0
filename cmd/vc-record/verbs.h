/* SPDX-License-Identifier: MIT */
/* What vc-record does: it records, and what it does with recordings. */
#ifndef VC_RECORD_VERBS_H
#define VC_RECORD_VERBS_H

#include "tool/tool.h"

/* --- options.c, main.c --- */

extern const struct vc_tool_info record_info;
extern const struct vc_tool_info convert_info, replay_info;
int convert_run(int argc, char **argv);
int replay_run(int argc, char **argv);

/* --overwrite alone, into a bool. */
extern const struct argp_option overwrite_options[];
error_t overwrite_parse(int key, char *arg, struct argp_state *state);

/* --- verify.c --- */

extern const struct vc_tool_info info_info, verify_info;
int info_run(int argc, char **argv);
int verify_run(int argc, char **argv);

/* --- decrypt.c --- */

extern const struct vc_tool_info decrypt_info, new_key_info;
int decrypt_run(int argc, char **argv);
int new_key_run(int argc, char **argv);

/* --- repair.c --- */

extern const struct vc_tool_info repair_info;
int repair_run(int argc, char **argv);

#endif
