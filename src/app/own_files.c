/* SPDX-License-Identifier: MIT */
#include "app/own_files.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "observe/log_file.h"

static enum cor_exit open_log(const struct cor_setup *setup)
{
	const char *path = setup->app.log_file;
	int rc = path ? cor_log_file_begin(path) : 0;

	if (rc == 0)
		return COR_EXIT_OK;
	cor_setup_say(setup, "cannot log to %s: %s: fix that, or change --log-file", path,
		cor_log_file_why(rc));
	return COR_EXIT_SYSTEM;
}

/* One that has gone is made again. */
static bool adopt_pid_file(const struct cor_setup *setup, struct cor_pid_file *ret)
{
	const struct cor_legacy *legacy = &setup->legacy;
	int fd = -1;

	if (!legacy->pid_file || strcmp(legacy->pid_file, setup->master.pid_file) != 0)
		return false;
	fd = fcntl(legacy->pid_file_fd, F_DUPFD_CLOEXEC, 0);
	if (fd >= 0 && cor_pid_file_adopt(setup->master.pid_file, fd, ret) == 0)
		return true;
	if (fd >= 0)
		close(fd);
	return false;
}

static enum cor_exit make_pid_file(const struct cor_setup *setup, struct cor_pid_file *ret)
{
	const char *path = setup->master.pid_file;
	struct cor_start_failure failure;

	if (path && setup->activation.keeper) {
		cor_setup_say(setup,
			"no pid file %s is made under coracle dev, where two processes run during a change",
			path);
		return COR_EXIT_OK;
	}
	if (path && adopt_pid_file(setup, ret))
		return COR_EXIT_OK;
	if (!path || cor_pid_file_create(path, ret, &failure) == 0)
		return COR_EXIT_OK;
	cor_setup_say(setup, "%s", failure.text);
	return COR_EXIT_SYSTEM;
}

enum cor_exit cor_own_files_open(const struct cor_setup *setup, struct cor_own_files *ret)
{
	*ret = (struct cor_own_files){ 0 };
	enum cor_exit status = make_pid_file(setup, &ret->pid_file);
	if (status == COR_EXIT_OK)
		status = open_log(setup);
	if (status != COR_EXIT_OK)
		cor_own_files_close(ret);
	return status;
}

void cor_own_files_close(struct cor_own_files *files)
{
	cor_pid_file_remove(&files->pid_file);
}
