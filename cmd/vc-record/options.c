/* SPDX-License-Identifier: MIT */
/* The options of recording, and of what records from a file. */
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "conf.h"
#include "format.h"
#include "strip.h"
#include "verbs.h"

enum {
	KEY_OVERWRITE = VC_KEY_OWN,
	KEY_TRACKS,
	KEY_NO_SIDECAR,
	KEY_SEGMENT,
	KEY_START_ON,
	KEY_PRE_ROLL,
	KEY_STOP_ON,
	KEY_KEEP,
	KEY_MIN_FREE,
	KEY_MODE,
	KEY_GROUP,
	KEY_FSYNC,
	KEY_CUES,
	KEY_SYNC_POLICY,
	KEY_GAP,
	KEY_FRAGMENTED,
	KEY_COMPOSE,
	KEY_ENCRYPT,
	KEY_STRIP,
};

static const char *const tracks_words[] = { "mixed", "participant", "source",
					    NULL };

static const char *const start_words[] = { "first-media", "now",     "keyframe",
					   "voice",	  "command", NULL };

static const char *const sync_words[] = { "guess", "require", NULL };

static const struct argp_option options[] = {
	{ "format", 'f',
	  "webm|matroska|mp4|m4v|ogg|opus|wav|ivf|h264|webvtt|vcrtp|"
	  "vcrtp.gz|"
	  "pcapng|rtpdump",
	  0, "write this, whatever the suffix", 0 },
	{ "overwrite", KEY_OVERWRITE, NULL, 0, "replace files that are there",
	  0 },
	{ "fragmented", KEY_FRAGMENTED, NULL, 0,
	  "MP4 stays in fragments, as a pipe's does", 0 },
	{ "tracks", KEY_TRACKS, "mixed|participant|source", 0,
	  "a file of everything (default), or one each", 0 },
	{ "no-sidecar", KEY_NO_SIDECAR, NULL, 0,
	  "no FILE.json and FILE.events.jsonl", 0 },
	{ "compose", KEY_COMPOSE, "LAYOUT", 0,
	  "mix all into one picture and one sound: grid, speaker, presenter, "
	  "side-by-side, pip, stage, single, or a file",
	  0 },
	{ "cues", KEY_CUES, NULL, 0,
	  "chapters where another one talks, and at marks", 0 },
	{ "segment", KEY_SEGMENT, "T|SIZE", 0,
	  "go on in another file after that", 0 },
	{ "start-on", KEY_START_ON, "first-media|now|keyframe|voice|command", 0,
	  "what the recording begins with", 0 },
	{ "sync-policy", KEY_SYNC_POLICY, "require|guess", 0,
	  "who sends no report is left out, or goes by arrival", 0 },
	{ "gap", KEY_GAP, "mark|silence|hold|cut", 0,
	  "what a file has where nothing came", 0 },
	{ "pre-roll", KEY_PRE_ROLL, "T", 0, "a start reaches so far back", 0 },
	{ "stop-on", KEY_STOP_ON, "silence:T|bye|empty:T|eof|first-frame", 0,
	  "end on that (repeatable)", 0 },
	{ "keep", KEY_KEEP, "T|SIZE", 0,
	  "remove finished files of this run that are older, or more", 0 },
	{ "min-free", KEY_MIN_FREE, "SIZE", 0,
	  "end while that is free on the disk", 0 },
	{ "mode", KEY_MODE, "OCTAL", 0, "of files (default 0600)", 0 },
	{ "group", KEY_GROUP, "GROUP", 0, "of files", 0 },
	{ "fsync", KEY_FSYNC, NULL, 0, "onto the disk each second", 0 },
	{ "encrypt-key-file", KEY_ENCRYPT, "PLACE", 0,
	  "encrypt all that is written: FILE.vcenc", 0 },
	{ "strip", KEY_STRIP, "payload,addresses,names", 0,
	  "take that out of packets, so that a call can be shared", 0 },
	{ 0 },
};

static error_t parse_mode(struct argp_state *state, const char *arg,
			  struct record_conf *conf)
{
	char *end;
	unsigned long v = strtoul(arg, &end, 8);

	if (*arg < '0' || *arg > '7' || *end || v > 0777)
		argp_error(state, "--mode %s: octal digits are due, as 0640",
			   arg);
	conf->mode = (int)v;
	return 0;
}

static error_t parse_group(struct argp_state *state, const char *arg,
			   struct record_conf *conf)
{
	const struct group *g = getgrnam(arg);
	uint64_t n;

	if (g)
		conf->group = g->gr_gid;
	else if (!vc_num_u64(arg, 0, UINT32_MAX - 1, &n))
		conf->group = (unsigned int)n;
	else
		argp_error(state, "--group %s: no such group", arg);
	return 0;
}

/* A time or a size; of a bare number nobody knows which. */
static void parse_extent(struct argp_state *state, const char *option,
			 const char *arg, const char *as, int64_t *ns,
			 uint64_t *octets)
{
	int err = vc_num_time(arg, ns);

	if (err && err != -EDOM)
		err = vc_num_size(arg, octets);
	if (err)
		argp_error(state, "%s %s: a time or a size is due, as %s",
			   option, arg, as);
}

/* Files on the disk. */
static error_t parse_disk(int key, char *arg, struct argp_state *state)
{
	struct record_conf *conf = state->input;

	switch (key) {
	case KEY_MODE:
		return parse_mode(state, arg, conf);
	case KEY_GROUP:
		return parse_group(state, arg, conf);
	case KEY_FSYNC:
		conf->fsync = true;
		return 0;
	case KEY_ENCRYPT:
		vc_words_add(&conf->encrypt_key_file, arg);
		return 0;
	case KEY_STRIP:
		conf->strip_what = strip_parse(arg);
		if (!conf->strip_what)
			argp_error(state,
				   "--strip %s: payload, addresses and names "
				   "are known",
				   arg);
		return 0;
	case KEY_KEEP:
		parse_extent(state, "--keep", arg, "7d or 50G",
			     &conf->keep_time, &conf->keep_octets);
		return 0;
	case KEY_MIN_FREE:
		if (vc_num_size(arg, &conf->min_free))
			argp_error(state,
				   "--min-free %s: a size is due, as "
				   "2G",
				   arg);
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const char *names[FORMATS_MAX] = { 0 };
	struct record_conf *conf = state->input;
	int i;

	switch (key) {
	case 'f':
		for (i = 0; formats[i].name; i++)
			names[i] = formats[i].name;
		vc_opt_word(state, arg, names, &i);
		conf->format = &formats[i];
		return 0;
	case KEY_OVERWRITE:
		conf->overwrite = true;
		return 0;
	case KEY_TRACKS:
		vc_opt_word(state, arg, tracks_words, &i);
		conf->by = (enum tracks_by)i;
		return 0;
	case KEY_FRAGMENTED:
		conf->fragmented = true;
		return 0;
	case KEY_COMPOSE:
		conf->compose = arg;
		return 0;
	case KEY_NO_SIDECAR:
		conf->no_sidecar = true;
		return 0;
	case KEY_CUES:
		conf->cues = true;
		return 0;
	case KEY_SEGMENT:
		parse_extent(state, "--segment", arg, "30m or 1G",
			     &conf->segment_time, &conf->segment_octets);
		return 0;
	case KEY_START_ON:
		vc_opt_word(state, arg, start_words, &i);
		conf->start_on = (enum start_on)i;
		return 0;
	case KEY_GAP:
		vc_opt_word(state, arg, gap_names, &i);
		conf->gap = (enum gap_policy)i;
		return 0;
	case KEY_SYNC_POLICY:
		vc_opt_word(state, arg, sync_words, &i);
		conf->sync = (enum sync_policy)i;
		return 0;
	case KEY_PRE_ROLL:
		return vc_opt_time(state, arg, &conf->pre_roll);
	case KEY_STOP_ON:
		if (!strncmp(arg, "silence:", 8) &&
		    !vc_num_time(arg + 8, &conf->stop_silence))
			return 0;
		return vc_opt_stop_on(state, arg, &conf->stop_on);
	}
	return parse_disk(key, arg, state);
}

#define GROUPS                                                              \
	(VC_OPT_IN | VC_OPT_TLS | VC_OPT_READ | VC_OPT_TIME | VC_OPT_SEED | \
	 VC_OPT_CONTROL | VC_OPT_STATS | VC_OPT_READY | VC_OPT_SELECT |     \
	 VC_OPT_SOURCES | VC_OPT_VIDEO | VC_OPT_AUDIO | VC_OPT_LATENCY)

/* The two record, from a file that is named first. */
const struct vc_tool_info convert_info = {
	.name = "vc-record convert",
	.sentence = "makes a recording of another kind, nothing transcoded",
	.args_doc = "IN FILE...",
	.io_doc = "IN is a recording of packets, a WebM or Matroska file, or "
		  "MP4 of vc-record.",
	.examples = "vc-record convert meeting.vcrtp.gz meeting.webm\n"
		    "vc-record convert --select kind=audio a.webm sound.mkv\n",
	.groups = GROUPS,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
};

const struct vc_tool_info replay_info = {
	.name = "vc-record replay",
	.sentence = "gives a recording as a vc stream again",
	.args_doc = "FILE",
	.io_doc =
		"FILE is a recording of packets, a WebM or Matroska file, "
		"or MP4 of vc-record; the stream goes to stdout, with the times it had.",
	.examples = "vc-record replay meeting.webm | vc-play\n"
		    "vc-record replay meeting.vcrtp | vc-mix | vc-play\n",
	.groups = GROUPS,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
};

const struct argp_option overwrite_options[] = {
	{ "overwrite", KEY_OVERWRITE, NULL, 0, "replace a file that is there",
	  0 },
	{ 0 },
};

error_t overwrite_parse(int key, char *arg, struct argp_state *state)
{
	bool *overwrite = state->input;

	(void)arg;
	if (key != KEY_OVERWRITE)
		return ARGP_ERR_UNKNOWN;
	*overwrite = true;
	return 0;
}

static const struct vc_tool_verb verbs[] = {
	{ &convert_info, convert_run }, { &replay_info, replay_run },
	{ &info_info, info_run },	{ &verify_info, verify_run },
	{ &repair_info, repair_run },	{ &decrypt_info, decrypt_run },
	{ &new_key_info, new_key_run }, { 0 },
};

const struct vc_tool_info record_info = {
	.name = "vc-record",
	.sentence = "records a vc stream into files, as it comes or composed",
	.args_doc = "FILE...",
	.io_doc = "Reads vc streams from -i, default stdin; FILE is .webm, "
		  ".mkv, .mp4, .m4v, .ogg, .opus, .wav, .ivf, .h264, "
		  ".vtt, .vcrtp, "
		  ".vcrtp.gz, .pcapng or .rtpdump, or - with -f FORMAT. Each "
		  "finished file is one line on stdout.",
	.examples =
		"vc-capture -t 10s --name Alice test: | vc-record alice.webm\n"
		"vc-recv rtp://:5004 | vc-record --tracks=participant "
		"'{name}-{time}.webm'\n"
		"vc-record -i meeting.vcrtp -f webm - | ffplay -\n",
	.groups = GROUPS,
	.sandbox = VC_SANDBOX_ON,
	.options = options,
	.parse = parse,
	.verbs = verbs,
};
