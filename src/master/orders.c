/* SPDX-License-Identifier: MIT */
#include "master/orders.h"

#include <inttypes.h>

#include "master/crew.h"
#include "observe/log_file.h"
#include "observe/logger.h"

static void say(const struct cor_crew *crew, const char *name, const char *what)
{
	cor_logger_log(crew->logger, COR_LOG_INFO, NULL, "%s: %s", name, what);
}

void cor_orders_resize(struct cor_crew *crew, const char *name, int by)
{
	const struct cor_plan *plan = &crew->generation->plan;
	bool has_range = plan->processes_max != 0;
	int64_t least = has_range ? plan->processes : 1;
	int64_t most = has_range ? plan->processes_max : COR_POSTS_MAX;
	int64_t wanted = (int64_t)crew->posts_len + by;

	if (wanted < least && least == 1) {
		say(crew, name, "one worker is left: SIGTERM ends the service");
		return;
	}
	if (wanted < least || wanted > most) {
		cor_logger_log(crew->logger, COR_LOG_INFO, NULL,
			"%s: there are %" PRIu32 " workers, as %s as there can be", name,
			crew->posts_len, by < 0 ? "few" : "many");
		return;
	}
	cor_logger_log(crew->logger, COR_LOG_INFO, NULL, "%s: %" PRId64 " workers from now on",
		name, wanted);
	crew->moved += by;
	cor_crew_resize(crew, (uint32_t)wanted);
}

void cor_orders_reopen_log(struct cor_crew *crew)
{
	const char *path = crew->generation->plan.log_file;
	int fd = path ? cor_log_file_open(path) : -1;

	if (!path) {
		say(crew, "SIGUSR1",
			"cannot reopen standard error: rotate the log where it is collected, or use --log-file");
		return;
	}
	if (fd >= 0) {
		cor_crew_give_log(crew, fd);
		fd = cor_log_file_use(fd);
	}
	if (fd < 0)
		cor_logger_log(crew->logger, COR_LOG_ERROR, NULL,
			"SIGUSR1: cannot open log file %s: %s: going on with the old one", path,
			cor_log_file_why(fd));
	else
		say(crew, "SIGUSR1", "opened the log file again");
}
