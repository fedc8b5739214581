/* SPDX-License-Identifier: MIT */
#include "cli/project_keys.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <coracle/base64.h>
#include <coracle/random.h>

#define VARIABLE     "CORACLE_COOKIE_KEYS"
#define SECRET_BYTES 48
#define LINE_BYTES   65 /* of base64, and the line's end */

/* Whole or not at all: two commands may do so at once, and the first counts. */
static void make(const struct cor_cli *cli, const char *path)
{
	char *new = cor_cli_text(cli, "%s.XXXXXX", path);
	char secret[SECRET_BYTES], line[LINE_BYTES];

	cor_random_fill(secret, sizeof secret);
	cor_base64_print((struct cor_str){ secret, sizeof secret }, line);
	line[LINE_BYTES - 1] = '\n';
	int fd = mkostemp(new, O_CLOEXEC); /* 0600 */
	if (fd < 0)
		return;
	if (write(fd, line, sizeof line) == sizeof line)
		(void)!link(new, path);
	close(fd);
	unlink(new);
	explicit_bzero(secret, sizeof secret);
	explicit_bzero(line, sizeof line);
}

void cor_cli_give_cookie_keys(const struct cor_cli *cli)
{
	const char *path = cor_cli_path(cli, "build/cookie-keys");
	char whole[PATH_MAX];

	if (getenv(VARIABLE)) /* NOLINT(concurrency-mt-unsafe): there are no threads */
		return;
	if (access(path, F_OK) != 0)
		make(cli, path);
	/* Another user's, of `sudo coracle run`, would end the service. */
	if (realpath(path, whole) && access(whole, R_OK) == 0)
		setenv(VARIABLE, whole, 0);
}
