/* SPDX-License-Identifier: MIT */
#include "cli/dev_problems.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/dev_mistake.h"
#include "cli/dev_signature.h"

static bool is_of_path(char c)
{
	return c != '\0' && !strchr(" \t\"'`()<>[]{}:;,=\033", c);
}

static bool is_file(const char *path)
{
	struct stat facts;

	return stat(path, &facts) == 0 && S_ISREG(facts.st_mode);
}

/* A compiler's cache, or a container, has the folder under another name: what counts is the end. */
static const char *tail_of(const char *path)
{
	static const char *const folders[] = { "/main/", "/test/" };

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		const char *at = strstr(path, folders[i]);
		for (; at; at = strstr(at + 1, folders[i])) {
			if (is_file(at + 1))
				return at + 1;
		}
	}
	return NULL;
}

const char *cor_dev_own_file(const struct cor_cli *cli, const char *path)
{
	char here[PATH_MAX];

	if (path[0] == '/') {
		size_t len = getcwd(here, sizeof here) ? strlen(here) : 0;
		bool is_here = len && strncmp(path, here, len) == 0 && path[len] == '/';
		path = is_here ? path + len + 1 : tail_of(path);
	}
	while (path && strncmp(path, "./", 2) == 0)
		path += 2;
	if (!path || strncmp(path, "../", 3) == 0 || !is_file(path))
		return NULL;
	return cor_cli_text(cli, "%s", path);
}

/* --- a line --- */

bool cor_dev_find_place(const struct cor_cli *cli, const char *line, struct cor_dev_problem *ret,
	const char **ret_rest)
{
	for (const char *colon = strchr(line, ':'); colon; colon = strchr(colon + 1, ':')) {
		const char *from = colon;
		char *end;
		if (colon[1] < '1' || colon[1] > '9')
			continue;
		while (from > line && is_of_path(from[-1]))
			from--;
		if (from == colon)
			continue;
		ret->file = cor_dev_own_file(
			cli, cor_cli_text(cli, "%.*s", (int)(colon - from), from));
		if (!ret->file)
			continue;
		ret->line = (unsigned)strtoul(colon + 1, &end, 10);
		ret->column = 0;
		if (*end == ':' && end[1] >= '1' && end[1] <= '9')
			ret->column = (unsigned)strtoul(end + 1, &end, 10);
		*ret_rest = end;
		return true;
	}
	return false;
}

/* The text behind a place: without ": ", and without the linker's "(.text+0x1d): ". */
static const char *message_of(const struct cor_cli *cli, const char *rest)
{
	const char *section = strncmp(rest, ":(", 2) == 0 ? strstr(rest, "): ") : NULL;

	rest = section ? section + 2 : rest;
	rest += strspn(rest, ": ");
	return cor_cli_text(cli, "%s", rest);
}

static bool is_error(const char *message)
{
	static const char *const marks[] = { "error:", "undefined reference", "*** ",
		"multiple definition", "cannot find -l", "undefined symbol" };

	for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
		if (strstr(message, marks[i]))
			return true;
	}
	return false;
}

/* --- all lines --- */

static void insert(struct cor_dev_problems *problems, const struct cor_dev_problem *one)
{
	struct cor_dev_problem *items = problems->items;
	size_t at = one->is_cause ? 0 : problems->len;

	while (at < problems->len && items[at].is_cause)
		at++;
	if (at == COR_DEV_PROBLEMS_MAX)
		return;
	if (problems->len < COR_DEV_PROBLEMS_MAX)
		problems->len++;
	memmove(&items[at + 1], &items[at], (problems->len - at - 1) * sizeof *items);
	items[at] = *one;
}

void cor_dev_add_problem(struct cor_dev_problems *problems, const struct cor_dev_problem *one)
{
	for (size_t i = 0; i < problems->len; i++) {
		struct cor_dev_problem *known = &problems->items[i];
		bool is_same_file = known->file && one->file && strcmp(known->file, one->file) == 0;
		if (!is_same_file || known->line != one->line)
			continue;
		if (strstr(known->message, known->file)) /* nothing but the place stood there */
			*known = *one;
		return;
	}
	insert(problems, one);
}

/* Without the colours that -fdiagnostics-color=always asks for: ESC [ 01;31m, ESC [ K. */
static void take_colours_out(char *line)
{
	char *to = line;

	for (const char *from = line; *from;) {
		if (from[0] != '\033' || from[1] != '[') {
			*to++ = *from++;
			continue;
		}
		from += 2 + strspn(from + 2, "0123456789;");
		from += *from != '\0';
	}
	*to = '\0';
}

static const char *next_line(const struct cor_cli *cli, const char **at)
{
	size_t len = strcspn(*at, "\n");
	char *line = **at ? cor_cli_text(cli, "%.*s", (int)len, *at) : NULL;

	if (line)
		take_colours_out(line);
	*at += len + ((*at)[len] == '\n');
	return line;
}

/* That something failed is told by make, once the reason has been told. */
static bool is_echo(const char *line)
{
	return strstr(line, "] Error ") || strstr(line, "ld returned 1 exit status") ||
	       strstr(line, "linker command failed") || strstr(line, "Waiting for unfinished jobs");
}

/* An error, until the notes behind it have been read. */
struct error {
	struct cor_dev_problem problem;
	struct cor_dev_mistake mistake; /* no message: there is none */
};

static void begin_error(const struct cor_cli *cli, const char *line, struct error *error)
{
	const char *rest = strstr(line, "error: ");

	*error = (struct error){ 0 };
	if (cor_dev_find_place(cli, line, &error->problem, &rest))
		error->mistake.message = message_of(cli, rest);
	else if (rest)
		error->mistake.message = rest;
}

/* Of ours, and for users. */
static bool is_macro_of_ours(const char *name)
{
	size_t len = strlen(name);

	return len && name[len - 1] != '_' &&
	       (strncmp(name, "COR_", 4) == 0 || strncmp(name, "cor_", 4) == 0);
}

static const char *macro_of(const struct cor_cli *cli, const char *line, const char *mark)
{
	const char *at = strstr(line, mark);
	size_t len;

	if (!at)
		return NULL;
	for (at += strlen(mark); *at && !isalpha((unsigned char)*at); at++)
		;
	for (len = 0; isalnum((unsigned char)at[len]) || at[len] == '_'; len++)
		;
	return cor_cli_text(cli, "%.*s", (int)len, at);
}

/*
 * gcc places an error within a macro where the macro was written, and tells from the inside to the
 * outside where it was used: the last of these places that is in the project is the user's line.
 * clang places it there itself.
 */
static void read_note(const struct cor_cli *cli, const char *line, struct error *error)
{
	const char *of_gcc = macro_of(cli, line, "in expansion of macro ");
	const char *of_clang = macro_of(cli, line, "expanded from macro ");
	struct cor_dev_problem place = { .is_in_macro = true };
	const char *rest;

	if (strstr(line, "note: expected "))
		error->mistake.note = line;
	if (of_gcc && !cor_dev_find_place(cli, line, &place, &rest))
		return;
	if (of_gcc && (!error->problem.file || error->problem.is_in_macro))
		error->problem = place;
	const char *macro = of_gcc ? of_gcc : of_clang;
	if (macro && !error->mistake.macro && is_macro_of_ours(macro))
		error->mistake.macro = macro;
}

/*
 * A macro that demands a function's type says so first. Then it sets a pointer to the function, of
 * which the compiler tells the types, as an error or a warning.
 */
static bool is_of_demand(const char *line, const struct error *error)
{
	return error->mistake.message && strstr(error->mistake.message, "must be ") &&
	       cor_dev_tells_types(line);
}

static bool is_header(const char *file)
{
	size_t len = strlen(file);

	return len > 2 && strcmp(file + len - 2, ".h") == 0;
}

static void end_error(
	const struct cor_cli *cli, struct error *error, struct cor_dev_problems *problems)
{
	if (error->mistake.message && error->problem.file) {
		error->problem.message = cor_dev_sentence(cli, &error->mistake);
		error->problem.is_in_macro |= error->mistake.macro != NULL;
		error->problem.is_cause = is_header(error->problem.file) ||
					  strncmp(error->problem.message, "no row ", 7) == 0 ||
					  (error->mistake.note &&
						  cor_dev_tells_types(error->mistake.note));
		cor_dev_add_problem(problems, &error->problem);
	}
	error->mistake.message = NULL;
}

void cor_dev_find_errors(
	const struct cor_cli *cli, const char *output, struct cor_dev_problems *ret)
{
	struct error error = { 0 };
	const char *line, *at = output;

	ret->len = 0;
	ret->counts_bytes = strstr(output, " generated.\n") != NULL; /* "1 error" */
	while ((line = next_line(cli, &at))) {
		bool is_next = !is_echo(line) && is_error(line);
		if (is_of_demand(line, &error)) {
			error.mistake.note = line;
			continue;
		}
		if (is_next || strstr(line, "warning: "))
			end_error(cli, &error, ret);
		if (is_next)
			begin_error(cli, line, &error);
		else if (error.mistake.message)
			read_note(cli, line, &error);
	}
	end_error(cli, &error, ret);
	for (at = output; ret->len == 0 && (line = next_line(cli, &at));) {
		if (!is_echo(line) && is_error(line))
			cor_dev_add_problem(ret, &(struct cor_dev_problem){ .message = line });
	}
}

void cor_dev_find_places(
	const struct cor_cli *cli, const char *output, struct cor_dev_problems *ret)
{
	struct cor_dev_problem one = { 0 };
	const char *line, *rest, *at = output;

	ret->len = 0;
	while ((line = next_line(cli, &at))) {
		if (!cor_dev_find_place(cli, line, &one, &rest))
			continue;
		one.message = message_of(cli, rest);
		if (one.message[0] == '\0')
			one.message = line;
		cor_dev_add_problem(ret, &one);
	}
}

/* --- what to do --- */

const char *cor_dev_advice(const struct cor_cli *cli, const struct cor_dev_problem *problem)
{
	const char *again = "The change is seen when it is saved.";

	if (strstr(problem->message, "No such file or directory"))
		return cor_cli_text(cli,
			"A file that this line names is not there: bring it back (git restore FILE), or take "
			"out the line. %s",
			again);
	if (strstr(problem->message, "undefined reference") ||
		strstr(problem->message, "undefined symbol"))
		return cor_cli_text(cli,
			"Nothing below main/ defines it. If its file was deleted or renamed, bring it back (git "
			"restore FILE), or take out the call; if it is of a library, name its package in "
			"PACKAGES of the Makefile. %s",
			again);
	if (strstr(problem->message, "No rule to make target"))
		return cor_cli_text(cli,
			"A file that others need is not there: bring it back (git restore FILE), or take out what "
			"names it. %s",
			again);
	if (problem->file && strcmp(problem->file, "Makefile") == 0)
		return cor_cli_text(cli, "Mend the marked line of the Makefile. %s", again);
	return problem->file ? cor_cli_text(cli, "Mend %s, line %u. %s", problem->file,
				       problem->line, again)
			     : cor_cli_text(cli, "The output below says why. %s", again);
}
