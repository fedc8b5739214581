/* SPDX-License-Identifier: MIT */
/* The service's readiness checks: each has a function, and a name that tells it from the others. */
#include <string.h>

#include <coracle/upstream.h>

#include "base/utf8.h"
#include "service/check.h"

static bool is_line(const char *name)
{
	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			return false;
	return cor_utf8_valid(cor_str(name));
}

static void check_name(
	const struct cor_check *check, const struct cor_readiness *const *all, size_t at)
{
	const char *name = all[at]->name;

	if (strlen(name) >= COR_READINESS_NAME_BYTES || !is_line(name))
		cor_contradict(check, name,
			"the name of a readiness check has at most %d bytes, in a line of UTF-8",
			COR_READINESS_NAME_BYTES - 1);
	for (size_t i = 0; i < at; i++)
		if (all[i]->name && strcmp(all[i]->name, name) == 0)
			cor_contradict(check, name, "two readiness checks have that name");
}

static void check_one(
	const struct cor_check *check, const struct cor_readiness *const *all, size_t at)
{
	const struct cor_readiness *readiness = all[at];

	if (!readiness->name || readiness->name[0] == '\0')
		cor_contradict(check, "a readiness check", "it has no .name");
	else
		check_name(check, all, at);
	if (!readiness->check)
		cor_contradict(check, readiness->name ? readiness->name : "a readiness check",
			"a readiness check has no .check function");
}

void cor_check_readiness(const struct cor_check *check, const struct cor_service *service)
{
	const struct cor_readiness *const *all = service->readiness;
	size_t len = 0;

	for (; all && all[len]; len++)
		check_one(check, all, len);
	for (const struct cor_upstream *const *at = service->upstreams; at && *at; at++)
		len += (*at)->readiness != COR_UPSTREAM_UNCHECKED;
	if (len > COR_READINESS_MAX)
		cor_contradict(check, service->name ? service->name : "service",
			"the service has %zu readiness checks, with those of upstreams, more than %d",
			len, COR_READINESS_MAX);
}
