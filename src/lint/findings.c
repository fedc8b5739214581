/* SPDX-License-Identifier: MIT */
#include "lint/findings.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static bool is_same(const struct cor_finding *a, const struct cor_finding *b)
{
	return a->line == b->line && a->column == b->column && strcmp(a->tool, b->tool) == 0 &&
	       strcmp(a->rule, b->rule) == 0 && strcmp(a->path, b->path) == 0 &&
	       strcmp(a->message, b->message) == 0;
}

static bool make_room(struct cor_findings *findings)
{
	size_t room = findings->room ? 2 * findings->room : 64;
	struct cor_finding *items;

	if (findings->len < findings->room)
		return true;
	items = cor_arena_alloc(findings->arena, room * sizeof *items);
	if (!items)
		return false;
	if (findings->len)
		memcpy(items, findings->items, findings->len * sizeof *items);
	findings->items = items;
	findings->room = room;
	return true;
}

/* A header is seen with each file that includes it. */
void cor_findings_add(struct cor_findings *findings, const struct cor_finding *finding)
{
	for (size_t i = 0; i < findings->len; i++)
		if (is_same(&findings->items[i], finding))
			return;
	struct cor_finding copy = *finding;
	copy.rule = cor_arena_strdup(findings->arena, finding->rule);
	copy.path = cor_arena_strdup(findings->arena, finding->path);
	copy.message = cor_arena_strdup(findings->arena, finding->message);
	if (!copy.rule || !copy.path || !copy.message || !make_room(findings)) {
		findings->error = -ENOMEM;
		return;
	}
	findings->items[findings->len++] = copy;
}

/* --- output of tools --- */

static const struct {
	const char *word;
	enum cor_finding_level level;
} levels[] = {
	{ "fatal error", COR_FINDING_ERROR },
	{ "error", COR_FINDING_ERROR },
	{ "warning", COR_FINDING_WARNING },
	{ "style", COR_FINDING_NOTE },
	{ "performance", COR_FINDING_NOTE },
	{ "portability", COR_FINDING_NOTE },
	{ "information", COR_FINDING_NOTE },
};

/* Behind "LINE:" or "LINE:COLUMN:"; NULL: there is no number. */
static const char *read_place(const char *at, uint32_t *ret_line, uint32_t *ret_column)
{
	char *end;

	*ret_line = (uint32_t)strtoul(at, &end, 10);
	*ret_column = 0;
	if (end == at || *end != ':')
		return NULL;
	at = end + 1;
	if (isdigit((unsigned char)*at)) {
		*ret_column = (uint32_t)strtoul(at, &end, 10);
		at = *end == ':' ? end + 1 : NULL;
	}
	return at;
}

static const char *read_level(const char *at, enum cor_finding_level *ret)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		size_t len = strlen(levels[i].word);
		if (strncmp(at, levels[i].word, len) != 0 || at[len] != ':')
			continue;
		*ret = levels[i].level;
		return at + len + 1 + strspn(at + len + 1, " ");
	}
	return NULL;
}

/* Cut "[-Wshadow]" or "[bugprone-x,-warnings-as-errors]" off the end; "" if there is none. */
static const char *cut_rule(char *message)
{
	size_t len = strlen(message);
	char *open = strrchr(message, '[');

	if (len == 0 || message[len - 1] != ']' || !open)
		return "";
	message[len - 1] = '\0';
	open[strcspn(open, ",")] = '\0';
	open[0] = '\0';
	for (char *end = open; end > message && end[-1] == ' '; end--)
		end[-1] = '\0';
	if (strncmp(open + 1, "-Werror=", 8) == 0) /* the same rule, whatever it leads to */
		return open + 9;
	return strncmp(open + 1, "-W", 2) == 0 ? open + 3 : open + 1;
}

static void read_line(struct cor_findings *findings, const char *tool, char *line,
	const char *(*wants)(void *arg, const char *path), void *arg)
{
	struct cor_finding finding = { .tool = tool };
	char *colon = strchr(line, ':');
	const char *at = colon ? read_place(colon + 1, &finding.line, &finding.column) : NULL;

	at = at ? read_level(at + strspn(at, " "), &finding.level) : NULL;
	if (!at)
		return;
	*colon = '\0';
	finding.path = wants(arg, line);
	if (!finding.path)
		return;
	char *message = cor_arena_strdup(findings->arena, at);
	if (!message) {
		findings->error = -ENOMEM;
		return;
	}
	finding.rule = cut_rule(message);
	if (!finding.rule[0])
		finding.rule = finding.level == COR_FINDING_ERROR ? "error" : "warning";
	finding.message = message;
	cor_findings_add(findings, &finding);
}

void cor_findings_read(struct cor_findings *findings, const char *tool, struct cor_str output,
	const char *(*wants)(void *arg, const char *path), void *arg)
{
	char *text = cor_arena_printf(findings->arena, "%.*s", (int)output.len, output.data), *next;

	if (!text) {
		findings->error = -ENOMEM;
		return;
	}
	cor_utf8_mend(text, strlen(text));
	for (char *line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		read_line(findings, tool, line, wants, arg);
	}
}

/* --- order and prints --- */

static int in_order(const void *a, const void *b)
{
	const struct cor_finding *one = a, *other = b;
	int paths = strcmp(one->path, other->path);

	if (paths != 0)
		return paths;
	if (one->line != other->line)
		return one->line < other->line ? -1 : 1;
	if (one->column != other->column)
		return one->column < other->column ? -1 : 1;
	return strcmp(one->rule, other->rule);
}

void cor_findings_sort(struct cor_findings *findings)
{
	if (findings->len)
		qsort(findings->items, findings->len, sizeof *findings->items, in_order);
}

/* FNV-1a, without white space: a line may be indented anew. */
static uint64_t mix(uint64_t hash, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isspace((unsigned char)text[i]))
			hash = (hash ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
	return (hash ^ 0xff) * UINT64_C(0x100000001b3);
}

static struct cor_str take_line(struct cor_str *rest)
{
	const char *stop = rest->len ? memchr(rest->data, '\n', rest->len) : NULL;
	struct cor_str line = { rest->data, stop ? (size_t)(stop - rest->data) : rest->len };
	size_t taken = line.len + (stop != NULL);

	*rest = (struct cor_str){ rest->data + taken, rest->len - taken };
	return line;
}

static struct cor_str line_of(struct cor_str text, uint32_t number)
{
	struct cor_str line = { "", 0 };

	for (uint32_t i = 0; i < number; i++)
		line = take_line(&text);
	return line;
}

/* Whether a line says the word, without names behind it in brackets, or with one of the rule. */
static bool says(struct cor_str line, const char *word, const char *rule)
{
	const char *at = memmem(line.data, line.len, word, strlen(word)),
		   *end = line.data + line.len;

	if (!at)
		return false;
	at += strlen(word);
	if (at == end || *at != '(')
		return at == end || !isalpha((unsigned char)*at);
	while (at < end && *at != ')') {
		char name[128];
		size_t len = 0;
		for (at++; at < end && *at != ',' && *at != ')'; at++)
			if (*at != ' ' && len < sizeof name - 1)
				name[len++] = *at;
		name[len] = '\0';
		if (fnmatch(name, rule, 0) == 0)
			return true;
	}
	return false;
}

/* Whether a comment in its line, in the one before, or around it says that it is wrong. */
static bool is_wrong(const struct cor_finding *finding, struct cor_str text)
{
	struct cor_str line = { "", 0 }, before = line;
	bool is_within = false;

	for (uint32_t at = 0; at < finding->line; at++) {
		before = line;
		line = take_line(&text);
		is_within |= says(line, "NOLINTBEGIN", finding->rule);
		is_within &= !says(line, "NOLINTEND", finding->rule);
	}
	return is_within || says(line, "NOLINT", finding->rule) ||
	       says(before, "NOLINTNEXTLINE", finding->rule);
}

void cor_findings_leave_out(struct cor_findings *findings, const char *tool,
	struct cor_str (*text_of)(void *arg, const char *path), void *arg)
{
	size_t len = 0;

	for (size_t i = 0; i < findings->len; i++) {
		const struct cor_finding *finding = &findings->items[i];
		if (strcmp(finding->tool, tool) != 0 ||
			!is_wrong(finding, text_of(arg, finding->path)))
			findings->items[len++] = *finding;
	}
	findings->len = len;
}

void cor_findings_mark(struct cor_findings *findings,
	struct cor_str (*text_of)(void *arg, const char *path), void *arg)
{
	cor_findings_sort(findings);
	for (size_t i = 0; i < findings->len; i++) {
		struct cor_finding *finding = &findings->items[i];
		const struct cor_str line = line_of(text_of(arg, finding->path), finding->line);
		uint64_t hash = UINT64_C(0xcbf29ce484222325);
		hash = mix(hash, finding->tool, strlen(finding->tool));
		hash = mix(hash, finding->rule, strlen(finding->rule));
		hash = mix(hash, finding->path, strlen(finding->path));
		hash = mix(hash, line.data, line.len);
		/* the same line twice in a file: the first, the second ... */
		for (size_t before = 0; before < i; before++)
			if (findings->items[before].print == hash)
				hash = mix(hash, "again", 5);
		finding->print = hash;
	}
}
