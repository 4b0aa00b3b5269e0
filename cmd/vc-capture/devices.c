/* SPDX-License-Identifier: MIT */
/* What there is to capture from, in the words that the options take. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/str.h"
#include "capture.h"
#include "gst/device.h"

#define DEVICES_MAX 256

static void print_lines(const struct vc_device_entry *e, size_t n)
{
	char word[VC_ESCAPE_CAP(sizeof(e->word))];
	char name[VC_ESCAPE_CAP(sizeof(e->name))];

	for (size_t i = 0; i < n; i++) {
		vc_escape(word, sizeof(word), e[i].word, strlen(e[i].word));
		vc_escape(name, sizeof(name), e[i].name, strlen(e[i].name));
		printf("%s\t%s\t%s\n", word, e[i].is_video ? "video" : "audio",
		       name);
	}
}

static void print_json(const struct vc_device_entry *e, size_t n)
{
	struct vc_json *all = vc_json_object(), *list = vc_json_array();
	char *text;

	for (size_t i = 0; i < n; i++) {
		struct vc_json *j = vc_json_object();

		vc_json_set_str(j, "source", e[i].word);
		vc_json_set_str(j, "kind", e[i].is_video ? "video" : "audio");
		vc_json_set_str(j, "name", e[i].name);
		vc_json_add(list, j);
	}
	vc_json_set(all, "devices", list);
	text = vc_json_text(all);
	puts(text ? text : "{}");
	free(text);
	vc_json_free(all);
}

void devices_print(struct vc_tool *t, bool as_json)
{
	struct vc_device_entry *e = vc_alloc(DEVICES_MAX, sizeof(*e));
	int n = vc_device_list(e, DEVICES_MAX);

	if (n < 0)
		vc_tool_fail(t, VC_EXIT_FAIL, "devices: list: %s",
			     n == -ENOSYS ? "GStreamer does not start" :
					    strerror(-n));
	else if (as_json)
		print_json(e, (size_t)n);
	else
		print_lines(e, (size_t)n);
	if (fflush(stdout))
		vc_tool_fail(t, VC_EXIT_FAIL, "stdout: write: %s",
			     strerror(errno));
	if (!n)
		vc_tool_warn(t, "there are no devices");
	free(e);
}
