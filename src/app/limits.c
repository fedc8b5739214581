/* SPDX-License-Identifier: MIT */
#include "app/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

#include <coracle/error.h>

#include "base/number.h"
#include "observe/logger.h"
#include "runtime/crash.h"
#include "runtime/crash_note.h"

static void raise_open_files(struct cor_logger *logger)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_cur == files.rlim_max)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"cannot raise the limit on open files: %s", cor_strerror(errno));
}

/* The number in a file of /proc; 0 where it cannot be read. */
static uint64_t kernel_number(const char *path)
{
	char text[32];
	uint64_t value = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t len = read(fd, text, sizeof text);
	close(fd);
	while (len > 0 && text[len - 1] == '\n')
		len--;
	if (len <= 0 || cor_number_parse_uint64((struct cor_str){ text, (size_t)len }, &value) < 0)
		return 0;
	return value;
}

static void check_backlog(struct cor_logger *logger, uint32_t backlog)
{
	uint64_t somaxconn = kernel_number("/proc/sys/net/core/somaxconn");

	if (somaxconn != 0 && backlog > somaxconn)
		cor_logger_log(logger, COR_LOG_WARNING, NULL,
			"the kernel cuts backlog %" PRIu32 " to %" PRIu64
			": raise net.core.somaxconn or lower --backlog",
			backlog, somaxconn);
}

void cor_limits_prepare(const struct cor_setup *setup, struct cor_logger *logger)
{
	if (cor_setup_is_first(setup)) {
		raise_open_files(logger);
		check_backlog(logger, setup->server.backlog);
	}
	const char *folder = cor_setup_development().folder;
	int rc = folder ? cor_crash_note_prepare(folder) : 0;
	if (rc == 0)
		rc = cor_crash_report_install();
	if (rc < 0)
		cor_logger_log(logger, COR_LOG_WARNING, NULL, "crashes will not be reported: %s",
			cor_strerror(rc));
}
