/* SPDX-License-Identifier: MIT */
#include "testing/run.h"
#include "testing/service_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *cor_test_log_read(struct cor_test_service *service)
{
	off_t len = lseek(service->log, 0, SEEK_END);
	char *text = len < 0 ? NULL : realloc(service->log_text, (size_t)len + 1);

	if (!text)
		return NULL;
	service->log_text = text;
	ssize_t n = pread(service->log, text, (size_t)len, 0);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

/* "2026-01-01T00:00:00.000Z error the start hook failed"; a log in JSON is told as it is. */
const char *cor_test_log_last(struct cor_test_service *service)
{
	const char *text = cor_test_log_read(service);
	size_t len = text ? strlen(text) : 0;

	while (len && text[len - 1] == '\n')
		len--;
	if (len == 0)
		return "";
	service->log_text[len] = '\0';
	const char *feed = strrchr(text, '\n'), *line = feed ? feed + 1 : text;
	const char *level = line[0] == '{' ? NULL : strstr(line, " error ");
	return level ? level + strlen(" error ") : line;
}

void cor_test_service_show_log(const struct cor_test_service *service)
{
	struct cor_test_service *own = service->t->service;
	const char *text = own ? cor_test_log_read(own) : NULL;

	if (text && text[0])
		fprintf(stderr, "--- the log of %s:\n%s---\n", service->t->suite->service->name,
			text);
}

const char *cor_test_log(struct cor_test *t)
{
	const char *text = cor_test_log_read(cor_test_service_of(t));

	return text ? text : "";
}

bool cor_test_expect_logged(
	struct cor_test *t, const char *file, int line, const char *text, bool wanted)
{
	cor_run_at(t->run, file, line);
	bool is_there = strstr(cor_test_log(t), text) != NULL;

	if (is_there != wanted)
		cor_test_fail_at(t, file, line, "the log has %s line with \"%s\"",
			wanted ? "no" : "a", text);
	return is_there == wanted;
}

/* --- figures --- */

/* "name value": the name begins a line, and a blank ends it. */
static const char *find(const char *figures, const char *name)
{
	size_t len = strlen(name);
	const char *at = figures;

	while (at && (strncmp(at, name, len) != 0 || at[len] != ' ')) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at ? at + len : NULL;
}

/* Those of the same family: all of them would be a thousand lines. */
static void tell_others(
	struct cor_test *t, const char *file, int line, const char *figures, const char *name)
{
	size_t len = strcspn(name, "{");
	char *text = NULL;
	size_t bytes = 0;
	FILE *out = open_memstream(&text, &bytes);

	for (const char *at = figures; out && at && *at; at = strchr(at, '\n'), at += at != NULL)
		if (strncmp(at, name, len) == 0)
			fprintf(out, "\n    %.*s", (int)strcspn(at, "\n"), at);
	if (out)
		fclose(out);
	cor_test_fail_at(t, file, line, "there is no figure %s%s%s", name,
		bytes ? "; there are:" : "", bytes ? text : "");
	free(text);
}

double cor_test_figure(struct cor_test *t, const char *file, int line, const char *name)
{
	struct cor_test_service *service = cor_test_service_at(t, file, line);
	char *figures = NULL;
	int rc = cor_inside_calls.figures(service->inside, &figures);
	const char *at = rc == 0 ? find(figures, name) : NULL;
	double value = at ? strtod(at, NULL) : 0;

	if (rc < 0)
		cor_test_fail_at(t, file, line, "no figures: the service has not told them");
	else if (!at)
		tell_others(t, file, line, figures, name);
	free(figures);
	return value;
}
