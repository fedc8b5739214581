/* SPDX-License-Identifier: MIT */
#include "observe/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <coracle/error.h>

#include "runtime/annotate.h"

/* Not blocking: a FIFO is refused rather than waited for. Files do not care. */
int cor_log_file_open(const char *path)
{
	struct stat file;
	int fd = open(
		path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);

	if (fd < 0)
		return errno == ENXIO ? -EINVAL : -errno;
	int rc = fstat(fd, &file) < 0 ? -errno : 0;
	if (rc == 0 && !S_ISREG(file.st_mode))
		rc = -EINVAL;
	if (rc == 0)
		return fd;
	close(fd);
	return rc;
}

/*
 * ThreadSanitizer frees what it knows of the old file while other threads write to it, and crashes:
 * it need not know that this is another one.
 */
static int replace_standard_error(int fd)
{
#ifdef COR_TSAN
	return (int)syscall(SYS_dup3, fd, STDERR_FILENO, 0);
#else
	return dup2(fd, STDERR_FILENO);
#endif
}

int cor_log_file_use(int fd)
{
	if (fd == STDERR_FILENO)
		return 0;
	int rc = replace_standard_error(fd) < 0 ? -errno : 0;
	close(fd);
	return rc;
}

const char *cor_log_file_why(int code)
{
	return code == -EINVAL ? "it is not a file" : cor_strerror(code);
}

int cor_log_file_begin(const char *path)
{
	int fd = cor_log_file_open(path);

	return fd < 0 ? fd : cor_log_file_use(fd);
}
