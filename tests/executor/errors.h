/* SPDX-License-Identifier: MIT */
/** What goes to standard error while something runs, which is where pools without a service log. */
#ifndef CORACLE_TESTS_ERRORS_H
#define CORACLE_TESTS_ERRORS_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct errors {
	int before; /* what standard error was */
	int fd;
	char text[32768];
};

static inline void errors_begin(struct errors *errors)
{
	char name[] = "/tmp/coracle-errors-XXXXXX";

	errors->before = dup(STDERR_FILENO);
	errors->fd = mkostemp(name, O_APPEND | O_CLOEXEC);
	assert_true(errors->before >= 0 && errors->fd >= 0);
	assert_int_equal(unlink(name), 0);
	assert_true(dup2(errors->fd, STDERR_FILENO) >= 0);
}

static inline const char *errors_end(struct errors *errors)
{
	ssize_t len = pread(errors->fd, errors->text, sizeof errors->text - 1, 0);

	assert_true(len >= 0);
	errors->text[len] = '\0';
	assert_true(dup2(errors->before, STDERR_FILENO) >= 0);
	close(errors->before);
	close(errors->fd);
	return errors->text;
}

static inline void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in '%s'", part, text);
}

#endif
