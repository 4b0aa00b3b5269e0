/* SPDX-License-Identifier: MIT */
/*
 * What every tool is: a name, options, a loop, talk on stderr, a control
 * socket, statistics and one exit code. A tool's main reads:
 *
 *	struct vc_tool *t = vc_tool_new(&info);
 *	vc_tool_parse(t, argc, argv, &opts);	 exits 2 on wrong usage
 *	open inputs and outputs ...		 vc_tool_fail() on errors
 *	vc_tool_start(t);			 control, stats, ready, signals
 *	vc_tool_run(t);
 *	close ...
 *	return vc_tool_end(t);			 last record, exit code
 */
#ifndef VC_TOOL_TOOL_H
#define VC_TOOL_TOOL_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/pool.h"
#include "base/rand.h"
#include "net/loop.h"
#include "session/svc.h"

struct vc_json;
struct vc_tool;
struct vc_udp_io;

/* The list of vc(7), EXIT STATUS; when several hold: 2, 5, 1, 4, 3. */
enum vc_exit {
	VC_EXIT_OK = 0,
	VC_EXIT_FAIL = 1,
	VC_EXIT_USAGE = 2,
	VC_EXIT_EXPECT = 3,
	VC_EXIT_NO_MEDIA = 4,
	VC_EXIT_AUTH = 5,
};

/* Groups of shared options (tool/options.c); a tool names those it takes. */
#define VC_OPT_IN (1u << 0)	 /* -i (sinks) */
#define VC_OPT_OUT (1u << 1)	 /* -o --plain (sources and filters) */
#define VC_OPT_READ (1u << 2)	 /* --sdp --pt --live --rebase --max-lag */
#define VC_OPT_TIME (1u << 3)	 /* -t --wait --idle-timeout --stop-on */
#define VC_OPT_VIRTUAL (1u << 4) /* --virtual --start (sources) */
#define VC_OPT_SEED (1u << 5)	 /* --seed */
#define VC_OPT_CONTROL (1u << 6) /* --control --at --script */
#define VC_OPT_STATS (1u << 7)	 /* --stats --stats-interval */
#define VC_OPT_READY (1u << 8)	 /* --ready */
#define VC_OPT_SELECT (1u << 9)	 /* --select --as */
#define VC_OPT_FAST (1u << 10)	 /* --fast (sinks that face the world) */
#define VC_OPT_BATCH (1u << 11)	 /* --batch */
#define VC_OPT_FAMILY (1u << 12) /* -4 -6 */
#define VC_OPT_CNAME (1u << 13)	 /* --cname --name */
#define VC_OPT_VIDEO (1u << 14)	 /* --size --fps --vbitrate --keyint --vcodec */
#define VC_OPT_AUDIO (1u << 15)	 /* --abitrate --ptime --acodec */
#define VC_OPT_SOURCES (1u << 16) /* --max-sources */
#define VC_OPT_LATENCY (1u << 17) /* --latency */
/* Operands are told from options in the order they come, so that a tool may
 * take the rest of the line at its first operands (vc-ctl). */
#define VC_OPT_IN_ORDER (1u << 18)
#define VC_OPT_FORMATS (1u << 19) /* --sdp --pt alone */
#define VC_OPT_KEYS (1u << 20)	  /* --key-file --roc --dtls-... */
#define VC_OPT_TLS (1u << 21)	  /* --tls-ca --tls-cert --tls-key --insecure */
#define VC_OPT_RECORD (1u << 22)  /* --live --rebase alone */
#define VC_OPT_CHOOSE (1u << 23)  /* --select alone */
#define VC_OPT_DECRYPT (1u << 24) /* --decrypt-key-file alone */
#define VC_OPT_PACKETS \
	(1u << 25) /* --layers --packetization-mode (not files) */
/* --help --usage --version --dump-options -q -v --tag: always */

/* Of what is encoded, bits a second: "6k to 50M". */
#define VC_BITRATE_MIN 6000
#define VC_BITRATE_MAX 50000000

/*
 * What a tool can do without once it has started, see tool/sandbox.h. 0: only
 * new privileges (GStreamer loads, opens and starts what it likes).
 */
#define VC_SANDBOX_ON (1u << 0)
#define VC_SANDBOX_READ (1u << 1)     /* but opens files to read (fonts) */
#define VC_SANDBOX_THREADS (1u << 2)  /* but starts threads */
#define VC_SANDBOX_INTERNET (1u << 3) /* but makes sockets, looks names up */
#define VC_SANDBOX_UDP (1u << 4)      /* but makes sockets, to addresses only */

/* A growing list of words from argv (borrowed). */
struct vc_words {
	const char **v;
	size_t n;
};

void vc_words_add(struct vc_words *w, const char *word);

/* Values of the shared options; defaults are set by vc_tool_parse(). */
struct vc_options {
	struct vc_words in;  /* places */
	struct vc_words out; /* places */
	bool plain;
	const char *sdp;    /* PLACE or NULL */
	struct vc_words pt; /* "N=CODEC[/RATE[/CH]]" */
	bool live;
	bool rebase;
	int64_t max_lag;      /* 500 ms */
	int64_t duration;     /* 0: none */
	int64_t wait;	      /* 0: for ever; 30 s where -t is given */
	int64_t idle_timeout; /* 0: none */
	struct vc_words stop_on;
	bool is_virtual;
	int64_t start; /* ns after the clock's beginning */
	uint64_t seed; /* always set after parse; see has_seed */
	bool has_seed;
	const char *control; /* PATH or NULL */
	struct vc_words at;  /* "TIME COMMAND" */
	const char *script;
	const char *stats;	/* PLACE or NULL */
	int64_t stats_interval; /* 1 s */
	const char *ready;	/* PLACE or NULL */
	struct vc_words select;
	const char *as;
	bool fast;
	int64_t batch;	      /* -1: auto */
	int family;	      /* 0, AF_INET, AF_INET6 */
	const char *cname;    /* NULL: drawn */
	const char *name;     /* NULL: none */
	int width, height;    /* 0: the tool's default */
	int fps_num, fps_den; /* 0: the tool's default */
	uint64_t vbitrate;    /* 0: the tool's default */
	uint64_t abitrate;
	int64_t keyint;		  /* ns; 0: the tool's default */
	int64_t ptime;		  /* ns; 0: 20 ms */
	const char *vcodec;	  /* NULL: default */
	struct vc_svc_top layers; /* --layers; 0 and 0: none */
	int packetization_mode;	  /* of H.264: 0 or 1; -1: not said */
	const char *acodec;
	unsigned int max_sources;	  /* 4096 */
	struct vc_words key_file;	  /* places */
	struct vc_words decrypt_key_file; /* places */
	uint32_t roc;
	const char *dtls_cert; /* PEM files or NULL */
	const char *dtls_key;
	struct vc_words dtls_fingerprint; /* "[NAME=]HASH AA:BB..." */
	int dtls_setup;			  /* enum vc_dtls_setup; -1: not said */
	int64_t latency;    /* ns, VC_LATENCY_AUTO; -1: the tool's default */
	const char *tls_ca; /* PEM files or NULL */
	const char *tls_cert;
	const char *tls_key;
	bool no_sandbox;
	bool insecure; /* certificates are not verified */
	const char *tag;
	int verbose;	      /* -q: -1, -v: 1, -vv: 2 */
	struct vc_words args; /* operands */
};

/* --latency auto */
#define VC_LATENCY_AUTO INT64_C(-2)

struct vc_tool_verb;

struct vc_tool_info {
	const char *name;     /* "vc-mix" */
	const char *sentence; /* what it does, in one */
	const char *args_doc; /* "[[NAME=]INPUT...]" */
	const char *io_doc;   /* what it reads and writes */
	const char *examples; /* three lines */
	unsigned int groups;  /* VC_OPT_... */
	unsigned int sandbox; /* VC_SANDBOX_... */
	/* The tool's own options (argp table) and their parser, or NULL. Keys
	 * of its own start at VC_KEY_OWN or are letters. In 'parse' the tool's
	 * own struct is state->input. What stands before the table's first
	 * header entry goes under Often in --help while there is room. An
	 * option named as a shared one replaces it. Operands that 'parse' does
	 * not take (ARGP_KEY_ARG) go to vc_options.args. */
	const struct argp_option *options;
	error_t (*parse)(int key, char *arg, struct argp_state *state);
	/* What else it does, ended by one without info; NULL: nothing. */
	const struct vc_tool_verb *verbs;
};

/*
 * A command of its own in the first operand's place, with options of its own:
 * `vc-record verify FILE`. 'info' is named "vc-record verify". A file of such a
 * name is given as ./verify.
 */
struct vc_tool_verb {
	const struct vc_tool_info *info;
	int (*run)(int argc, char **argv); /* argv[0] is the verb */
};

/* The one that argv[1] names, or NULL. */
const struct vc_tool_verb *vc_tool_verb(const struct vc_tool_info *info,
					int argc, char **argv);
/* The name of the verb that 'word' may be meant for, or NULL. */
const char *vc_tool_near_verb(const struct vc_tool_info *info,
			      const char *word);

#define VC_KEY_OWN 0x1000

/*
 * Helpers for parsers: store the value, or end with a usage error (exit 2)
 * that quotes the bad text. Return 0. 'words' for choices end with NULL;
 * '*v' becomes the index.
 */
int vc_opt_int(struct argp_state *state, const char *arg, int64_t min,
	       int64_t max, int64_t *v);
int vc_opt_time(struct argp_state *state, const char *arg, int64_t *ns);
int vc_opt_rate(struct argp_state *state, const char *arg, uint64_t *bps);
int vc_opt_word(struct argp_state *state, const char *arg,
		const char *const *words, int *v);
/* "1%" to "100%": a bare number could be a rate or a count. */
int vc_opt_percent(struct argp_state *state, const char *arg, uint64_t *v);

/* As --stop-on, for a tool that has more to end on. */
int vc_opt_stop_on(struct argp_state *state, const char *arg,
		   struct vc_words *w);

/* --- life --- */

/* One a process. */
struct vc_tool *vc_tool_new(const struct vc_tool_info *info);

/* --help and --version print and exit 0; wrong usage exits 2. */
void vc_tool_parse(struct vc_tool *t, int argc, char **argv, void *own);

/*
 * After opening: signals, control socket, --at, statistics, the sandbox,
 * 'ready' lines.
 */
int vc_tool_start(struct vc_tool *t);

/* vc_loop_run(). */
void vc_tool_run(struct vc_tool *t);

/* Writes the last statistics record, frees 't', returns the exit code. */
int vc_tool_end(struct vc_tool *t);

/* --- what it has --- */

const char *vc_tool_name(const struct vc_tool *t);
const struct vc_options *vc_tool_options(const struct vc_tool *t);
struct vc_options *vc_tool_options_mut(struct vc_tool *t);
struct vc_loop *vc_tool_loop(const struct vc_tool *t);
struct vc_pool *vc_tool_pool(const struct vc_tool *t);
/* What all its UDP sockets share, made on first use. */
struct vc_udp_io *vc_tool_udp_io(struct vc_tool *t);

/*
 * PRF bound to seed, tool and --name/--cname (or --tag). Bound anew by
 * vc_control_begin() on a virtual stream without --seed: draw nothing before.
 */
const struct vc_rand *vc_tool_rand(const struct vc_tool *t);

/*
 * The CNAME of this run: --cname, or 96 random bits in base64 drawn from the
 * seed (RFC 7022).
 */
const char *vc_tool_cname(struct vc_tool *t);

#define VC_CNAME_DRAWN 17

/* For a tool that speaks for many: the like, drawn for 'purpose'. */
void vc_tool_draw_cname(const struct vc_tool *t, const char *purpose,
			char out[static VC_CNAME_DRAWN]);

/* --- talk (stderr; `tool: object: action: reason`) --- */

/* Prints unless -q; foreign text must have been through vc_escape(). */
void vc_tool_warn(struct vc_tool *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Only with -v. */
void vc_tool_note(struct vc_tool *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* At most one line a second for each 'limit', which the caller keeps (init
 * 0); what was left out is counted in the next one. */
struct vc_limit {
	int64_t last;
	uint64_t left_out;
};
bool vc_tool_warn_limited(struct vc_tool *t, struct vc_limit *limit,
			  const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Prints (also with -q) and sets the exit code; does not end the run. */
void vc_tool_fail(struct vc_tool *t, enum vc_exit code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What that said first, or "". */
const char *vc_tool_failed(const struct vc_tool *t);
/* Sets the exit code in silence. */
void vc_tool_set_exit(struct vc_tool *t, enum vc_exit code);
/* Was one set but 0, so far? */
bool vc_tool_has_failed(const struct vc_tool *t);
/* Usage error found after parsing: prints, points to --help, exits 2. */
void vc_tool_usage(struct vc_tool *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), noreturn));

/* Wipes the live status line: before an answer goes to stdout. */
void vc_tool_wipe(struct vc_tool *t);

/* --- the end --- */

/*
 * An orderly end: 'why' is the last record's "ended" (duration, eof, signal,
 * idle, bye, empty, silence, error); the first word stays. Stops the loop.
 */
void vc_tool_stop(struct vc_tool *t, const char *why);
/* The same, but the loop goes on; the tool stops it when it has finished. */
void vc_tool_ended(struct vc_tool *t, const char *why);

/*
 * Called on SIGINT and SIGTERM: a source stops; a filter reads on (at most
 * 500 ms). Without one the tool stops at once. A second signal ends the
 * process. Only one of each; the reader of inputs takes on_signal itself.
 */
void vc_tool_on_signal(struct vc_tool *t, void (*fn)(void *ctx), void *ctx);
/* Live input is held as --batch says. */
void vc_tool_batch(struct vc_tool *t);
/* SIGUSR1: a key frame, please. */
void vc_tool_on_keyframe(struct vc_tool *t, void (*fn)(void *ctx), void *ctx);
/* SIGHUP: read again what can change. Before vc_tool_start(); without one the
 * signal ends the process, as a terminal's end should. */
void vc_tool_on_hangup(struct vc_tool *t, void (*fn)(void *ctx), void *ctx);

/* --- ready and statistics --- */

/* Adds a line `ready WHAT` for --ready; vc_tool_start() writes them all. */
void vc_tool_ready(struct vc_tool *t, const char *what);

/* Fills a statistics record, in registration order. */
void vc_tool_on_stats(struct vc_tool *t,
		      void (*fn)(void *ctx, struct vc_json *record), void *ctx);
/*
 * The same, with a list under 'key' of which 'next' gives one member after the
 * other, NULL behind the last; '*pos' is NULL at first, and then what it left
 * there. However long it is, only one of them is in memory at a time.
 */
void vc_tool_on_stats_list(struct vc_tool *t,
			   void (*fn)(void *ctx, struct vc_json *record),
			   const char *key,
			   struct vc_json *(*next)(void *ctx, const void **pos),
			   void *ctx);
/*
 * Whoever is freed before vc_tool_end() says so first: it is asked once more,
 * for the last record, and then no longer.
 */
void vc_tool_off_stats(struct vc_tool *t,
		       void (*fn)(void *ctx, struct vc_json *record),
		       void *ctx);

#endif
