/* SPDX-License-Identifier: MIT */
/*
 * What the .c files behind tool/tool.h and tool/control.h share: the tool's
 * state, and the calls between them. Nobody else includes this.
 */
#ifndef VC_TOOL_INTERNAL_H
#define VC_TOOL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "tool/tool.h"

struct vc_control;
struct vc_reading;
struct vc_sandbox;
struct vc_sealkeys;
struct vc_secure;
struct vc_stats;

struct vc_tool {
	const struct vc_tool_info *info;
	struct vc_options opt;
	struct vc_loop *loop;
	struct vc_pool *pool;
	struct vc_udp_io *udp_io; /* NULL: not yet */
	struct vc_rand rand;
	char cname[256];
	char prefix[160];   /* "vc-send[alice]" */
	unsigned int exits; /* a bit for each exit code that was set */
	char failed[512];   /* what vc_tool_fail() said first, or "" */
	char ended[16];	    /* why, "" so far */
	int first_signal;   /* 0: none yet */
	void (*on_signal)(void *ctx);
	void *signal_ctx;
	void (*on_hangup)(void *ctx);
	void *hangup_ctx;
	void (*on_keyframe)(void *ctx);
	void *keyframe_ctx;
	struct vc_words ready; /* owned strings */
	int ready_fd;
	int was_dumpable; /* before there was any secret */
	struct vc_stats *stats;
	struct vc_status *status;
	struct vc_control *control;
	struct vc_secure *secure; /* NULL: no tls:// place so far */
	struct vc_sandbox *sandbox;
	struct vc_reading *reading; /* regular files that are read */
	size_t n_reading;
	bool has_started;
	struct vc_sealkeys *sealkeys; /* to decrypt with; NULL: not read */
};

/* --- options.c, optparse.c, optval.c, help.c --- */

/* Keys of shared options that have no letter. Below VC_KEY_OWN. */
enum {
	KEY_USAGE = 0x100,
	KEY_VERSION,
	KEY_DUMP,
	KEY_PLAIN,
	KEY_SDP,
	KEY_PT,
	KEY_LIVE,
	KEY_REBASE,
	KEY_MAX_LAG,
	KEY_WAIT,
	KEY_IDLE,
	KEY_STOP_ON,
	KEY_VIRTUAL,
	KEY_START,
	KEY_SEED,
	KEY_CONTROL,
	KEY_AT,
	KEY_SCRIPT,
	KEY_STATS,
	KEY_INTERVAL,
	KEY_READY,
	KEY_SELECT,
	KEY_AS,
	KEY_FAST,
	KEY_BATCH,
	KEY_CNAME,
	KEY_NAME,
	KEY_SIZE,
	KEY_FPS,
	KEY_VBITRATE,
	KEY_KEYINT,
	KEY_VCODEC,
	KEY_LAYERS,
	KEY_MODE,
	KEY_ABITRATE,
	KEY_PTIME,
	KEY_ACODEC,
	KEY_SOURCES,
	KEY_LATENCY,
	KEY_KEY_FILE,
	KEY_DECRYPT,
	KEY_ROC,
	KEY_DTLS_CERT,
	KEY_DTLS_KEY,
	KEY_DTLS_FINGERPRINT,
	KEY_DTLS_SETUP,
	KEY_TAG,
	KEY_TLS_CA,
	KEY_TLS_CERT,
	KEY_TLS_KEY,
	KEY_INSECURE,
	KEY_NO_SANDBOX,
};

/* Where a shared option stands in --help. */
enum vc_opt_section {
	VC_SECTION_OFTEN,
	VC_SECTION_MEDIA,
	VC_SECTION_READ,
	VC_SECTION_TIME,
	VC_SECTION_RUN,
	VC_SECTION_HELP,
	VC_OPT_SECTIONS,
};

/* The shared options that a tool takes, in order, and an empty one. */
struct vc_opt_table {
	struct argp_option o[64];
	enum vc_opt_section section[64];
	size_t n;
};

/* Takes those of info->groups which info->options does not have itself. */
void vc_opt_fill(struct vc_opt_table *table, const struct vc_tool_info *info);

/* Parses into t->opt and the tool's 'own'. Exits 2 on wrong usage. */
void vc_opt_parse(struct vc_tool *t, int argc, char **argv, void *own);

/* A long option that is none, but near to one of the tool's or 'shared': says
 * so and ends with a usage error. */
void vc_opt_check_names(struct vc_tool *t, const struct argp_option *shared,
			int argc, char **argv);

/* A usage error: "--opt ARG: why". Exits 2. */
void vc_opt_bad(const struct argp_state *state, const char *arg,
		const char *why);

/* As vc_opt_int() and the others of tool/tool.h. */
int vc_opt_dims(struct argp_state *state, const char *arg, int *width,
		int *height);
int vc_opt_fps(struct argp_state *state, const char *arg, int *num, int *den);
int vc_opt_bitrate(struct argp_state *state, const char *arg, uint64_t *bps);
int vc_opt_layers(struct argp_state *state, const char *arg,
		  struct vc_svc_top *top);
int vc_opt_text(struct argp_state *state, const char *arg, const char **v);
int vc_opt_tag(struct argp_state *state, const char *arg, const char **v);
int vc_opt_select(struct argp_state *state, const char *arg,
		  struct vc_words *w);
int vc_opt_at(struct argp_state *state, const char *arg, struct vc_words *w);

void vc_help_print(const struct vc_tool_info *info);
void vc_help_usage(const struct vc_tool_info *info);
void vc_help_dump(const struct vc_tool_info *info);

/* --- tool.c --- */

/* Binds t->rand to the seed; again when a virtual stream sets it. */
void vc_tool_bind_rand(struct vc_tool *t);

/* --- stats.c --- */

struct vc_stats *vc_stats_new(struct vc_tool *t);
int vc_stats_open(struct vc_stats *s);
/* A virtual stream has begun at 'now': records count from there. */
void vc_stats_begin(struct vc_stats *s, int64_t now);
/* The last record, and what still waits to be written. */
void vc_stats_end(struct vc_stats *s);

/* What a record would hold now, by those who fill it. */
struct vc_json *vc_stats_fill(struct vc_stats *s);

/* --- status.c --- */

struct vc_status *vc_status_new(struct vc_tool *t);
/* The stream has begun: the line counts from 'start'. */
void vc_status_begin(struct vc_status *s, int64_t start);
/* Takes the line away, before something is said. NULL is fine. */
void vc_status_wipe(struct vc_status *s);
void vc_status_free(struct vc_status *s);

/* --- secure.c --- */

void vc_secure_free(struct vc_secure *s);

/* --- ready.c --- */

/* Before signals are blocked: opening a FIFO waits for its reader. */
int vc_ready_open(struct vc_tool *t);
/* Writes the ready lines and tells the service manager. */
int vc_ready_write(struct vc_tool *t);

/* --- control.c, schedule.c --- */

struct vc_control *vc_control_new(struct vc_tool *t);
/* Opens the --control socket, reads --at and --script. */
int vc_control_start(struct vc_control *c);
/* Removes the sockets' names, for an end without clean-up too. */
void vc_control_unlink(struct vc_control *c);
void vc_control_free(struct vc_control *c);

/* The tool's command of that name, and what to give it; or NULL. */
const struct vc_command *vc_control_find(const struct vc_control *c,
					 const char *name, void **ctx);
/* The known name that is nearest to 'name', or NULL. */
const char *vc_control_nearest(const struct vc_control *c, const char *name);
/* What the tool's check says, see tool/control.h. */
int vc_control_try(const struct vc_control *c, const struct vc_command *cmd,
		   int argc, char **argv, struct vc_json *reply);

/* Runs one line. The reply, with "ok" in it; the caller frees it. */
struct vc_json *vc_control_run(struct vc_control *c, const char *line);

/*
 * Cuts a command line into words in place: blanks separate, "..." keeps them
 * together, a backslash takes a blank, a quote or another one as it is; before
 * anything else it stays, for globs. Their number, or -EINVAL (a quote is not
 * closed) or -E2BIG.
 */
int vc_control_words(char *line, char **argv, int cap);

/* --at and --script (schedule.c). */
struct vc_schedule;
/* NULL when there are none. Wrong ones are usage errors. */
struct vc_schedule *vc_schedule_new(struct vc_tool *t, struct vc_control *c);
void vc_schedule_begin(struct vc_schedule *s, int64_t start);
/* Says which commands were never due; not where a signal ended it. */
void vc_schedule_end(struct vc_schedule *s);
void vc_schedule_free(struct vc_schedule *s);

/* --- private.c --- */

/* "FOLDER/TOOL-PID.sock"; makes the folder. 0 or -EACCES. */
int vc_private_path(const char *tool, char *buf, size_t cap);

/* --- addr.c --- */

/*
 * Calls 'fn' for each address of host and port ("" host: any) until one
 * returns 0. What it returned last, or -errno of the look-up.
 */
int vc_addr_each(const char *host, uint16_t port, int family, int socktype,
		 int (*fn)(void *ctx, const struct sockaddr_storage *sa,
			   socklen_t len),
		 void *ctx);

#endif
