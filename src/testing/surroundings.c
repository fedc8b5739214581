/* SPDX-License-Identifier: MIT */
/* What a test has around it: a folder, the environment, what it has printed. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/error.h>
#include <coracle/test.h>

#include "testing/run.h"
#include "testing/task.h"

/* --- the folder --- */

const char *cor_test_folder(struct cor_test *t)
{
	struct cor_outcome *outcome = t->run->outcome;
	const char *parent = getenv("TMPDIR");
	char path[COR_OUTCOME_FOLDER_BYTES];

	if (outcome->folder[0])
		return outcome->folder;
	int len = snprintf(
		path, sizeof path, "%s/coracle-test-XXXXXX", parent && *parent ? parent : "/tmp");
	if (len < 0 || (size_t)len >= sizeof path || !mkdtemp(path)) {
		cor_run_fail(t, "no folder can be made in %s: %s", parent ? parent : "/tmp",
			cor_strerror(errno));
		cor_test_end(t);
	}
	memcpy(outcome->folder, path, (size_t)len + 1);
	return outcome->folder;
}

/* --- texts --- */

const char *cor_test_printf(struct cor_test *t, const char *format, ...)
{
	struct cor_run_text *text = malloc(sizeof *text);
	int len = -1;
	va_list args;

	va_start(args, format);
	if (text)
		len = vasprintf(&text->text, format, args);
	va_end(args);
	if (len < 0) {
		free(text);
		cor_run_fail(t, "no memory for cor_test_printf()");
		cor_test_end(t);
	}
	pthread_mutex_lock(&t->run->lock);
	text->next = t->run->texts;
	t->run->texts = text;
	pthread_mutex_unlock(&t->run->lock);
	return text->text;
} /* NOLINT(analyzer-malloc-leak): the run has it */

/* --- the environment --- */

struct variable {
	char *name;
	char *value; /* NULL: it was not set */
	char *text;  /* "NAME=VALUE", in the environment now: setenv() would keep it for ever */
};

static void put_back(void *arg)
{
	struct variable *old = arg;

	if (old->value)
		setenv(old->name, old->value, 1);
	else
		unsetenv(old->name);
	free(old->name);
	free(old->value);
	free(old->text);
	free(old);
}

static char *text_of(const char *name, const char *value)
{
	size_t len = strlen(name) + strlen(value) + sizeof "=";
	char *text = malloc(len);

	if (text)
		snprintf(text, len, "%s=%s", name, value);
	return text;
}

/* What it is now, and what it will be. Returns false without memory: nothing is freed then. */
static bool fill(struct variable *old, const char *name, const char *now, const char *value)
{
	old->name = strdup(name);
	old->value = now ? strdup(now) : NULL;
	old->text = value ? text_of(name, value) : NULL;
	return old->name && (old->value || !now) && (old->text || !value);
}

void cor_test_setenv(struct cor_test *t, const char *name, const char *value)
{
	struct variable *old = calloc(1, sizeof *old);

	if (!old || !fill(old, name, getenv(name), value)) {
		cor_run_fail(t, "no memory for the variable %s", name);
		cor_test_end(t);
	}
	if (*name == '\0' || strchr(name, '=')) {
		cor_run_fail(t, "\"%s\" cannot be the name of a variable", name);
		cor_test_end(t);
	}
	cor_test_defer(t, put_back, old);
	if ((value ? putenv(old->text) : unsetenv(name)) < 0) {
		cor_run_fail(t, "%s cannot be set: %s", name, cor_strerror(errno));
		cor_test_end(t);
	}
}

/* --- the output --- */

const char *cor_test_output(struct cor_test *t)
{
	struct cor_test_run *run = t->run;

	fflush(NULL);
	off_t end = run->output_fd < 0 ? 0 : lseek(run->output_fd, 0, SEEK_CUR);
	char *text = end > 0 ? realloc(run->output, (size_t)end + 1) : NULL;
	if (!text)
		return "";
	run->output = text;
	ssize_t len = pread(run->output_fd, text, (size_t)end, 0);
	text[len > 0 ? len : 0] = '\0';
	return text;
}
