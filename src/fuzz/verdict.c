/* SPDX-License-Identifier: MIT */
#include "fuzz/verdict.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz/figures.h"

#define RUNTIME_ERROR ": runtime error: " /* of UndefinedBehaviorSanitizer */
#define FOUND         77 /* the status of a child that has found something itself */

// NOLINTNEXTLINE(bugprone-reserved-identifier)
void __sanitizer_print_stack_trace(void) __attribute__((weak));

/* --- the child --- */

/* It shows where it is, if a sanitizer can, and ends by the signal. */
static void hangs(int number)
{
	/* what hangs here is gone in a moment, whatever it prints */
	if (__sanitizer_print_stack_trace) /* NOLINTNEXTLINE(bugprone-signal-handler) */
		__sanitizer_print_stack_trace();
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static _Noreturn void be_child(struct cor_fuzz_session *session,
	const struct cor_fuzz_request *request, unsigned limit_s, int out)
{
	(void)dup2(out, STDOUT_FILENO);
	(void)dup2(out, STDERR_FILENO);
	(void)signal(SIGALRM, hangs);
	alarm(limit_s);
	session->log = STDERR_FILENO;
	cor_fuzz_session_start(session);
	const char *wrong = cor_fuzz_session_ask(session, request);
	if (wrong)
		fprintf(stderr, COR_FUZZ_MARK "%s\n", wrong);
	fflush(NULL);
	_exit(wrong ? FOUND : 0);
}

/* --- what its output says --- */

/* A line of it that begins so; NULL: there is none. */
static const char *line_with(const char *text, const char *begins)
{
	size_t len = strlen(begins);

	for (const char *line = text; line; line = strchr(line, '\n'), line += line != NULL)
		if (strncmp(line, begins, len) == 0)
			return line + len;
	return NULL;
}

/*
 * Where a line names a file that is below this folder, but not built there: "main/books.c:33". By
 * its end, since compilers that are cached may say another folder.
 */
static const char *own_place(const char *line, size_t len)
{
	char path[PATH_MAX];

	for (const char *at = memchr(line, '/', len); at;
		at = memchr(at, '/', len - (size_t)(at - line))) {
		size_t name = strcspn(++at, ":\n");
		if (name == 0 || name >= sizeof path || strncmp(at, "build/", 6) == 0)
			continue;
		snprintf(path, sizeof path, "%.*s", (int)name, at);
		if (access(path, R_OK) == 0)
			return at;
	}
	return NULL;
}

/* The file and line of the first frame that is the service's own: "main/controller/books.c:33". */
static const char *own_frame(const char *text, char *ret, size_t size)
{
	for (const char *line = strstr(text, "    #"); line; line = strstr(line + 1, "    #")) {
		size_t len = strcspn(line, "\n");
		const char *place = own_place(line, len);
		if (!place)
			continue;
		size_t name = strcspn(place, ":\n");
		size_t digits = place[name] == ':' ? strspn(place + name + 1, "0123456789") + 1 : 0;
		snprintf(ret, size, "%.*s", (int)(name + digits), place);
		return ret;
	}
	return NULL;
}

/* Numbers that differ from run to run, and from value to value, are no part of a defect. */
static void generalise(char *title, size_t from)
{
	char *out = title + from;

	for (char *at = title + from; *at; at++) {
		if (!isdigit((unsigned char)*at))
			*out++ = *at;
		else if (out == title + from || out[-1] != '#')
			*out++ = '#';
	}
	*out = '\0';
}

/* What the log says of a 500: "2026-01-01T00:00:00.000Z error [1e8113059bf7] share: 500: ..." */
static const char *logged(const char *output)
{
	const char *error = strstr(output, "Z error [");
	const char *end = error ? strchr(error, ']') : NULL;

	return end && end[1] == ' ' ? end + 2 : NULL;
}

void cor_fuzz_title(const char *text, const char *output, char title[COR_FUZZ_TITLE_BYTES])
{
	if (strncmp(text, "status 500", 10) == 0 && logged(output)) {
		text = logged(output);
		snprintf(title, COR_FUZZ_TITLE_BYTES, "status 500, %.*s", (int)strcspn(text, "\n"),
			text);
		generalise(title, strlen("status 500"));
		return;
	}

	size_t len = strcspn(text, "\n{");

	snprintf(title, COR_FUZZ_TITLE_BYTES, "%.*s", (int)len, text);
	while (len && len < COR_FUZZ_TITLE_BYTES &&
		(title[len - 1] == ' ' || title[len - 1] == ':'))
		title[--len] = '\0';
	generalise(title, strncmp(title, "status ", 7) == 0 && strlen(title) > 10 ? 10 : 0);
}

/* "/tmp/shop/main/controller/books.c:33:20: runtime error: division by zero" */
static void title_of_undefined(const char *text, char *title)
{
	const char *error = strstr(text, RUNTIME_ERROR), *place = error;

	while (place > text && place[-1] != '\n')
		place--;
	const char *within = own_place(place, (size_t)(error - place));
	within = within ? within : place; /* as it was compiled: from the project's folder */
	const char *colon = strchr(within, ':');
	error += strlen(RUNTIME_ERROR);
	snprintf(title, COR_FUZZ_TITLE_BYTES, "%.*s", (int)strcspn(error, "\n"), error);
	generalise(title, 0);
	size_t len = strlen(title);
	snprintf(title + len, COR_FUZZ_TITLE_BYTES - len, " in %.*s",
		(int)((size_t)(colon - within) + 1 + strspn(colon + 1, "0123456789")), within);
}

static void title_of(const char *text, int status, char *title)
{
	const char *own = line_with(text, COR_FUZZ_MARK), *kind;
	const char *summary = line_with(text, "SUMMARY: ");
	char frame[COR_FUZZ_TITLE_BYTES / 2];

	if (own && strncmp(own, "memory", 6) != 0) {
		cor_fuzz_title(own, text, title);
		return;
	}
	if (strstr(text, RUNTIME_ERROR)) {
		title_of_undefined(text, title);
		return;
	}
	kind = own ? "leak" : "crash";
	if (!own && summary) {
		summary += strcspn(summary, ":\n");
		summary += strspn(summary, ": ");
		kind = summary;
	} else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) {
		kind = "hang";
	}
	const char *where = own_frame(text, frame, sizeof frame);
	snprintf(title, COR_FUZZ_TITLE_BYTES, "%.*s%s%s", (int)strcspn(kind, " \n"), kind,
		where ? " in " : "", where ? where : "");
}

static void read_all(int fd, struct cor_buffer *out)
{
	ssize_t n = 1;

	while (n > 0 || (n < 0 && errno == EINTR)) {
		char *at = cor_buffer_reserve(out, 1 << 14);
		n = at ? read(fd, at, 1 << 14) : 0;
		out->len += n > 0 ? (size_t)n : 0;
	}
	cor_buffer_byte(out, '\0');
}

void cor_fuzz_try(struct cor_fuzz_session *session, const struct cor_fuzz_request *request,
	unsigned limit_s, struct cor_fuzz_verdict *ret)
{
	int ends[2], status = 0;

	*ret = (struct cor_fuzz_verdict){ .is_found = false };
	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		be_child(session, request, limit_s, ends[1]);
	close(ends[1]);
	read_all(ends[0], &ret->output);
	close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	ret->is_found = child > 0 && status != 0;
	if (ret->is_found && ret->output.data)
		title_of(ret->output.data, status, ret->title);
}
