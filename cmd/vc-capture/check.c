/* SPDX-License-Identifier: MIT */
/* What options cannot go together, and what is no source: wrong usage. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/str.h"
#include "capture.h"
#include "options.h"
#include "tool/patient.h"
#include "tool/place.h"

static void check_size(struct vc_tool *t, const char *option, int width,
		       int height)
{
	enum vc_codec codec = own_vcodec(t);
	int min = vc_videnc_side_min(codec);
	bool is_even = vc_videnc_is_even(codec);

	if (width >= min && height >= min && !(is_even && (width | height) & 1))
		return;
	vc_tool_usage(t, "%s %dx%d: %s takes %ssides of %d and more", option,
		      width, height, vc_codec_name(codec),
		      is_even ? "even " : "", min);
}

void own_check_size(struct vc_tool *t, const struct own *own)
{
	const struct vc_options *o = vc_tool_options(t);
	const struct simulcast *s = &own->simulcast;

	if (s->n && (o->width || o->vbitrate))
		vc_tool_usage(t, "--simulcast: with --size or --vbitrate: "
				 "each layer has its own");
	if (s->n && own_number(&own->ssrc, "video") >= 0)
		vc_tool_usage(t, "--simulcast: not with --ssrc video=N: each "
				 "layer has its own");
	for (size_t i = 0; i < s->n; i++)
		check_size(t, "--simulcast", s->layers[i].width,
			   s->layers[i].height);
	if (o->width)
		check_size(t, "--size", o->width, o->height);
}

/* Words before a colon that are no source, where there is no such file. */
static void check_scheme(struct vc_tool *t, const char *text)
{
	static const char *const nets[] = { "rtp", "srtp", "dtls+rtp", "udp" };
	struct vc_str rest = vc_str_c(text), word = vc_str_cut(&rest, ':');
	struct vc_place p;
	char why[256];

	if (source_scheme(text))
		return;
	if (!vc_place_parse(&p, text, false, why, sizeof(why)) &&
	    p.kind == VC_PLACE_CAPTURE)
		vc_tool_usage(t, "%s: captures are vc-recv's: `vc-recv %s`",
			      p.text, p.text);
	for (size_t i = 0; i < VC_COUNT(nets); i++) {
		if (vc_str_is(word, nets[i]))
			vc_tool_usage(t,
				      "%s: what comes from a network is "
				      "vc-recv's, as `vc-recv rtp://:5004`",
				      p.text);
	}
	vc_tool_usage(t, "%s: %.*s: is no source: see SOURCES in vc-capture(1)",
		      p.text, VC_STR_ARGS(word));
}

/* 'gives' what is wanted of it, with these words in the error. */
static void check_source(struct vc_tool *t, const char *text, const char *what)
{
	const struct source_scheme *s;
	char bare[32];
	size_t n;

	if (!strcmp(text, "none"))
		return;
	check_scheme(t, text);
	s = source_scheme(text);
	n = strlen(text);
	snprintf(bare, sizeof(bare), "%s:", text);
	if (!strchr(text, ':') && access(text, F_OK) && n < sizeof(bare) - 1 &&
	    source_scheme(bare) && strcmp(source_scheme(bare)->name, "file"))
		vc_tool_usage(t, "%s: did you mean %s?", text, bare);
	if (s->is_device && vc_tool_options(t)->is_virtual)
		vc_tool_usage(t,
			      "%.*s: a device has no virtual clock; without "
			      "--virtual",
			      source_said(text), text);
	if ((!strcmp(what, "audio") && !s->audio) ||
	    (!strcmp(what, "video") && !s->video))
		vc_tool_usage(t, "%.*s: gives no %s", source_said(text), text,
			      what);
}

void own_check(struct vc_tool *t, const struct own *own)
{
	const struct vc_options *o = vc_tool_options(t);
	const char *prefix = o->name ? o->name : "p";
	char why[256];

	if (own->json && !own->list_devices)
		vc_tool_usage(t, "--json: with --list-devices only");
	if (own->list_devices && (o->args.n || own->video || own->audio))
		vc_tool_usage(t, "--list-devices: takes no SOURCE");
	if (own->list_devices)
		return;
	if (own->text)
		vc_patient_check(t, "--text", own->text);
	if (o->args.n > 1 || (!o->args.n && !own->video && !own->audio &&
			      !own->slides && !own->text))
		vc_tool_usage(t, "one SOURCE is due, such as test: or a file");
	if (o->args.n)
		check_source(t, o->args.v[0], "");
	if (own->video)
		check_source(t, own->video, "video");
	if (own->audio)
		check_source(t, own->audio, "audio");
	if (own->slides)
		check_source(t, own->slides, "video");
	if (own->video && own->audio && !own->slides && !own->text &&
	    !strcmp(own->video, "none") && !strcmp(own->audio, "none"))
		vc_tool_usage(t, "--video none --audio none: nothing is left");
	if (voice_is_wanted(&own->voice) && (own->stereo || own->people > 1))
		vc_tool_usage(t, "--aec, --denoise, --agc, --highpass: of one "
				 "microphone, and not with --stereo");
	voice_check(t, &own->voice);
	copy_check(t, own);
	if (own->people > 1 && own->ssrc.n)
		vc_tool_usage(t, "--ssrc: for one participant only");
	if (own->talk &&
	    talk_check(own->talk, prefix, own->people ? (size_t)own->people : 1,
		       why, sizeof(why)))
		vc_tool_usage(t, "--talk: %s", why);
}
