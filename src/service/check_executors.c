/* SPDX-License-Identifier: MIT */
/* The service's executors: each has a name that tells it from the others. */
#include <string.h>

#include "executor/pool.h"
#include "service/check.h"
#include "service/executor_metrics.h"

static bool is_plain(const char *name)
{
	for (const char *p = name; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_-", *p))
			return false;
	return name[0] != '\0';
}

static bool is_named_before(const struct cor_executor *const *all, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (all[i]->name && strcmp(all[i]->name, all[at]->name) == 0)
			return true;
	return false;
}

/* What a full queue does to a job must not depend on how full it is. */
static void check_start(const struct cor_check *check, const struct cor_executor *executor)
{
	if (executor->start && executor->when_full == COR_FULL_RUN_HERE)
		cor_contradict(check, executor->name,
			"only its own threads have what .start makes: with it .when_full is "
			"COR_FULL_WAIT or COR_FULL_REFUSE");
}

void cor_check_executors(const struct cor_check *check, const struct cor_service *service)
{
	const struct cor_executor *const *all = service->executors;
	size_t len = 0;

	while (all && all[len])
		len++;
	if (len > COR_EXECUTORS_MAX)
		cor_contradict(check, service->name ? service->name : "service",
			"the service has %zu executors, more than %d", len, COR_EXECUTORS_MAX);
	for (size_t i = 0; i < len; i++) {
		const char *name = all[i]->name;
		if (!name)
			cor_contradict(check, "an executor", "it has no .name");
		else if (!is_plain(name) || strlen(name) >= COR_EXECUTOR_NAME_BYTES)
			cor_contradict(check, name,
				"the name of an executor has 1 to %d small letters, digits, '_' and '-'",
				COR_EXECUTOR_NAME_BYTES - 1);
		else if (is_named_before(all, i))
			cor_contradict(check, name, "two executors have that name");
		else
			check_start(check, all[i]);
		const char *why = cor_executor_fault(all[i]);
		if (why)
			cor_contradict(check, name ? name : "an executor", "%s", why);
	}
}
