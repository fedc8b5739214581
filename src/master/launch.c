/* SPDX-License-Identifier: MIT */
#include "master/launch.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A descriptor that is copied onto itself is kept over exec (POSIX, posix_spawn). */
static int keep(posix_spawn_file_actions_t *actions, int fd)
{
	return fd < 0 ? 0 : -posix_spawn_file_actions_adddup2(actions, fd, fd);
}

static int keep_all(posix_spawn_file_actions_t *actions, const struct cor_child *child)
{
	int rc = keep(actions, child->channel);

	if (rc == 0)
		rc = keep(actions, child->config);
	if (rc == 0)
		rc = keep(actions, child->segment);
	for (size_t i = 0; i < child->listening_len && rc == 0; i++)
		rc = keep(actions, child->listening[i]);
	return rc;
}

static void use_fresh_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &all);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static bool is_withheld(const char *variable, const char *withheld)
{
	return withheld && strncmp(variable, withheld, strlen(withheld)) == 0;
}

/* The caller's environment with the child's variable in front, and without what is withheld. */
static char **environment_with(char *variable, const char *withheld)
{
	size_t len = 0, kept = 0;

	while (environ[len])
		len++;
	char **all = malloc((len + 2) * sizeof *all);
	if (!all)
		return NULL;
	all[kept++] = variable;
	for (size_t i = 0; i < len; i++)
		if (!is_withheld(environ[i], withheld))
			all[kept++] = environ[i];
	all[kept] = NULL;
	return all;
}

static int spawn(const struct cor_launch *launch, const posix_spawn_file_actions_t *actions,
	char **environment, pid_t *ret)
{
	posix_spawnattr_t attributes;
	char path[32];

	if (posix_spawnattr_init(&attributes) != 0)
		return -ENOMEM;
	use_fresh_signals(&attributes);
	snprintf(path, sizeof path, "/proc/self/fd/%d", launch->program);
	int rc = -posix_spawn(ret, path, actions, &attributes, launch->argv, environment);
	posix_spawnattr_destroy(&attributes);
	return rc;
}

int cor_launch(const struct cor_launch *launch, pid_t *ret)
{
	char variable[sizeof COR_CHILD_VARIABLE + COR_CHILD_BYTES] = COR_CHILD_VARIABLE "=";
	posix_spawn_file_actions_t actions;

	cor_child_print(launch->child, variable + sizeof COR_CHILD_VARIABLE);
	char **environment = environment_with(variable, launch->withheld);
	if (!environment)
		return -ENOMEM;
	int rc = -posix_spawn_file_actions_init(&actions);
	if (rc == 0) {
		rc = keep_all(&actions, launch->child);
		if (rc == 0)
			rc = spawn(launch, &actions, environment, ret);
		posix_spawn_file_actions_destroy(&actions);
	}
	free(environment);
	return rc;
}
