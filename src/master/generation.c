/* SPDX-License-Identifier: MIT */
#include "master/generation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <coracle/error.h>

#include "observe/logger.h"

static int open_files(struct cor_generation *generation, const char *program)
{
	generation->program = open(program, O_PATH | O_CLOEXEC);
	if (generation->program < 0)
		return -errno;
	generation->config = memfd_create("configuration", MFD_CLOEXEC);
	if (generation->config < 0)
		return -errno;
	generation->public_config = memfd_create("configuration of control", MFD_CLOEXEC);
	return generation->public_config < 0 ? -errno : 0;
}

int cor_generation_create(unsigned number, const char *program, struct cor_generation **ret)
{
	struct cor_generation *generation = calloc(1, sizeof *generation);

	if (!generation)
		return -ENOMEM;
	*generation = (struct cor_generation){
		.number = number,
		.users = 1,
		.program = -1,
		.config = -1,
		.public_config = -1,
	};
	cor_arena_init(&generation->arena, NULL, 0, 0);
	int rc = open_files(generation, program);
	if (rc < 0) {
		cor_generation_drop(generation);
		return rc;
	}
	*ret = generation;
	return 0;
}

int cor_generation_listen(struct cor_generation *generation, const struct cor_listening_set *before,
	const char **ret_failed)
{
	const struct cor_plan *plan = &generation->plan;
	gid_t group = (gid_t)plan->unix_group;
	const struct cor_listening_options options = {
		.addresses = plan->http.items,
		.len = plan->http.len,
		.each = {
			.backlog = (int)plan->backlog,
			.unix_mode = (mode_t)plan->unix_mode,
			.unix_group = plan->unix_group < 0 ? NULL : &group,
		},
		.before = before,
		.activation = generation->activation,
	};

	return cor_listening_open(&generation->listening, &options, ret_failed);
}

void cor_generation_admit(const struct cor_generation *generation, struct cor_logger *logger)
{
	const char *failed;
	int rc = cor_listening_admit(&generation->listening, &failed);

	if (rc < 0)
		cor_logger_log(logger, COR_LOG_ERROR, NULL,
			"%s keeps the mode and the group that it had: %s%s", failed,
			cor_strerror(rc),
			rc == -EPERM ? ": it is another user's, or the group is none of ours" : "");
}

void cor_generation_hold(struct cor_generation *generation)
{
	generation->users++;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void cor_generation_drop(struct cor_generation *generation)
{
	if (!generation || --generation->users != 0)
		return;
	if (generation->listening.items)
		cor_listening_close(&generation->listening);
	close_if_open(generation->program);
	close_if_open(generation->config);
	close_if_open(generation->public_config);
	cor_arena_finish(&generation->arena);
	free(generation);
}
