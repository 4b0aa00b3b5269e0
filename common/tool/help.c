/* SPDX-License-Identifier: MIT */
/*
 * --help, --usage and --dump-options, from the same tables that argp parses
 * with. --help begins with what is typed often: the tool's own options that
 * stand before its first header, as far as there is room, and the shared ones
 * of that section; then the tool's headers, then the shared sections.
 */
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "base/str.h"
#include "tool/internal.h"

#define WIDTH 79
#define COLUMN 29
#define MAX_OFTEN 8

static const char *const titles[VC_OPT_SECTIONS] = {
	"Often", "Media", "Reading", "Time", "Running", "Help",
};

static bool is_end(const struct argp_option *o)
{
	return !o->name && !o->key && !o->doc;
}

static bool is_header(const struct argp_option *o)
{
	return !o->name && !o->key && o->doc;
}

static bool is_hidden(const struct argp_option *o)
{
	return o->flags & (OPTION_HIDDEN | OPTION_ALIAS | OPTION_DOC);
}

static bool has_letter(const struct argp_option *o)
{
	return o->key > ' ' && o->key < 0x7f;
}

/* Words of 'text' from 'column' on, wrapped to 'indent'; ends the line. */
static void wrap(const char *text, size_t column, size_t indent)
{
	bool is_first = true;

	while (*(text += strspn(text, " \n"))) {
		size_t len = strcspn(text, " \n");

		if (!is_first && column + 1 + len > WIDTH) {
			printf("\n%*s", (int)indent, "");
			column = indent;
			is_first = true;
		}
		printf("%s%.*s", is_first ? "" : " ", (int)len, text);
		column += len + !is_first;
		is_first = false;
		text += len;
	}
	putchar('\n');
}

static void print_option(const struct argp_option *o)
{
	bool is_optional = o->flags & OPTION_ARG_OPTIONAL;
	char left[80];
	int n = snprintf(left, sizeof(left), "  %c%c%s",
			 has_letter(o) ? '-' : ' ',
			 has_letter(o) ? o->key : ' ',
			 !o->name      ? "  " :
			 has_letter(o) ? ", " :
					 "  ");

	if (o->name)
		n += snprintf(left + n, sizeof(left) - (size_t)n, "--%s",
			      o->name);
	if (o->arg)
		n += snprintf(left + n, sizeof(left) - (size_t)n, "%s%s%s",
			      is_optional ? "[=" :
			      o->name	  ? "=" :
					    " ",
			      o->arg, is_optional ? "]" : "");
	if (n > COLUMN - 2)
		printf("%s\n%*s", left, COLUMN, "");
	else
		printf("%-*s", COLUMN, left);
	wrap(o->doc ? o->doc : "", COLUMN, COLUMN);
}

static void print_title(const char *title)
{
	size_t len = strlen(title);

	printf("\n%s%s\n", title, len && title[len - 1] == ':' ? "" : ":");
}

static void print_section(const struct vc_opt_table *table,
			  enum vc_opt_section section, bool has_title)
{
	for (size_t i = 0; i < table->n; i++) {
		if (table->section[i] != section)
			continue;
		if (has_title)
			print_title(titles[section]);
		has_title = false;
		print_option(&table->o[i]);
	}
}

/* The tool's own: 'often' ones first, then the rest and its sections. */
static void print_own(const struct vc_tool_info *info,
		      const struct vc_opt_table *table)
{
	const struct argp_option *o = info->options;
	size_t room = MAX_OFTEN;

	for (size_t i = 0; i < table->n; i++)
		room -= table->section[i] == VC_SECTION_OFTEN;
	if (room < MAX_OFTEN || (o && !is_end(o) && !is_header(o)))
		print_title(titles[VC_SECTION_OFTEN]);
	for (; o && room && !is_end(o) && !is_header(o); o++) {
		if (is_hidden(o))
			continue;
		print_option(o);
		room--;
	}
	print_section(table, VC_SECTION_OFTEN, false);
	if (o && !is_end(o) && !is_header(o))
		print_title("More");
	for (; o && !is_end(o); o++) {
		if (is_header(o))
			print_title(o->doc);
		else if (!is_hidden(o))
			print_option(o);
	}
}

/* "vc-record verify" -> "verify" */
static const char *verb_name(const struct vc_tool_verb *verb)
{
	return strrchr(verb->info->name, ' ') + 1;
}

const struct vc_tool_verb *vc_tool_verb(const struct vc_tool_info *info,
					int argc, char **argv)
{
	const struct vc_tool_verb *verb = info->verbs;

	for (; argc > 1 && verb && verb->info; verb++)
		if (!strcmp(argv[1], verb_name(verb)))
			return verb;
	return NULL;
}

const char *vc_tool_near_verb(const struct vc_tool_info *info, const char *word)
{
	const struct vc_tool_verb *verb = info->verbs;
	struct vc_near near = { .word = word };

	for (; verb && verb->info; verb++)
		vc_near_try(&near, verb_name(verb));
	return near.best;
}

static void print_verbs(const struct vc_tool_info *info)
{
	const struct vc_tool_verb *verb = info->verbs;

	if (verb)
		print_title("Commands (each has --help)");
	for (; verb && verb->info; verb++) {
		int n = printf("  %s %s", verb_name(verb),
			       verb->info->args_doc);

		if (n > COLUMN - 2)
			printf("\n%*s", COLUMN, "");
		else
			printf("%*s", COLUMN - n, "");
		wrap(verb->info->sentence, COLUMN, COLUMN);
	}
}

void vc_help_print(const struct vc_tool_info *info)
{
	struct vc_str rest = vc_str_c(info->examples);
	struct vc_opt_table table;

	vc_opt_fill(&table, info);
	printf("Usage: %s [OPTION...]%s%s\n", info->name,
	       info->args_doc && *info->args_doc ? " " : "",
	       info->args_doc ? info->args_doc : "");
	wrap(info->sentence, 0, 0);
	if (info->io_doc)
		wrap(info->io_doc, 0, 0);
	if (rest.len)
		print_title("Examples");
	while (rest.len) {
		struct vc_str line = vc_str_cut(&rest, '\n');

		while (line.len && *line.p == ' ')
			line = vc_str_of(line.p + 1, line.len - 1);
		if (line.len)
			printf("  %.*s\n", VC_STR_ARGS(line));
	}
	print_verbs(info);
	print_own(info, &table);
	for (int s = VC_SECTION_MEDIA; s < VC_OPT_SECTIONS; s++)
		print_section(&table, (enum vc_opt_section)s, true);
	printf("\nExit: 0 done, 1 failed, 2 wrong usage, 3 expectation "
	       "failed, 4 no media, 5 keys.\n");
}

static size_t print_short(const struct argp_option *o, size_t column,
			  size_t indent)
{
	bool is_optional = o->flags & OPTION_ARG_OPTIONAL;
	char word[120];
	size_t len;

	if (is_end(o) || is_header(o) || is_hidden(o))
		return column;
	if (o->name && has_letter(o))
		snprintf(word, sizeof(word), "[-%c|--%s%s%s%s]", o->key,
			 o->name,
			 !o->arg     ? "" :
			 is_optional ? "[=" :
				       "=",
			 o->arg ? o->arg : "", is_optional ? "]" : "");
	else if (o->name)
		snprintf(word, sizeof(word), "[--%s%s%s%s]", o->name,
			 !o->arg     ? "" :
			 is_optional ? "[=" :
				       "=",
			 o->arg ? o->arg : "", is_optional ? "]" : "");
	else
		snprintf(word, sizeof(word), "[-%c%s%s]", o->key,
			 o->arg ? " " : "", o->arg ? o->arg : "");
	len = strlen(word);
	if (column + 1 + len > WIDTH) {
		printf("\n%*s", (int)indent, "");
		column = indent;
	}
	printf(" %s", word);
	return column + 1 + len;
}

void vc_help_usage(const struct vc_tool_info *info)
{
	const struct argp_option *o = info->options;
	struct vc_opt_table table;
	size_t indent = 7 + strlen(info->name), column = indent;

	vc_opt_fill(&table, info);
	printf("Usage: %s", info->name);
	for (; o && !is_end(o); o++)
		column = print_short(o, column, indent);
	for (size_t i = 0; i < table.n; i++)
		column = print_short(&table.o[i], column, indent);
	if (info->args_doc && *info->args_doc) {
		if (column + 1 + strlen(info->args_doc) > WIDTH)
			printf("\n%*s", (int)indent, "");
		printf(" %s", info->args_doc);
	}
	putchar('\n');
}

/* What was dumped so far: a tool's commands share options with it. */
struct dumped {
	size_t n;
	struct argp_option o[256];
};

static bool is_same(const struct argp_option *a, const struct argp_option *b)
{
	return a->name && b->name ? !strcmp(a->name, b->name) :
				    a->name == b->name && a->key == b->key;
}

static void dump(const struct argp_option *o, struct dumped *before)
{
	if (is_end(o) || is_header(o) || o->flags & OPTION_DOC)
		return;
	for (size_t i = 0; i < before->n; i++)
		if (is_same(o, &before->o[i]))
			return;
	before->o[before->n] = *o;
	before->n++;
	printf("%s\t", o->name ? o->name : "-");
	if (has_letter(o))
		putchar(o->key);
	else
		putchar('-');
	printf("\t%s\n", o->arg ? o->arg : "-");
}

static void dump_all(const struct vc_tool_info *info,
		     struct vc_opt_table *table, struct dumped *before)
{
	const struct argp_option *o = info->options;

	vc_opt_fill(table, info);
	for (; o && !is_end(o); o++)
		dump(o, before);
	for (size_t i = 0; i < table->n; i++)
		dump(&table->o[i], before);
}

void vc_help_dump(const struct vc_tool_info *info)
{
	const struct vc_tool_verb *verb = info->verbs;
	struct vc_opt_table table, other;
	struct dumped before = { 0 };

	dump_all(info, &table, &before);
	for (; verb && verb->info; verb++)
		dump_all(verb->info, &other, &before);
}
