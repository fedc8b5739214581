/* SPDX-License-Identifier: MIT */
#include "service/ways.h"

#include <coracle/files.h>
#include <coracle/security.h>

#include "service/verb.h"

/** Who is shown them. */
struct visitor {
	void (*visit)(void *arg, const struct cor_security *way);
	void *arg;
};

static void visit_list(const struct visitor *visitor, const struct cor_security *ways)
{
	for (; ways && ways->scheme; ways++)
		visitor->visit(visitor->arg, ways);
}

static void visit_resource(const struct visitor *visitor, const struct cor_resource *resource)
{
	visit_list(visitor, resource->security);
	for (size_t i = 0; i < cor_verbs_len; i++) {
		const struct cor_operation *operation = cor_verb_operation(&cor_verbs[i], resource);
		if (operation)
			visit_list(visitor, operation->security);
	}
}

void cor_ways_visit(const struct cor_service *service,
	void (*visit)(void *arg, const struct cor_security *way), void *arg)
{
	const struct visitor visitor = { visit, arg };

	visit_list(&visitor, service->security);
	visit_list(&visitor, service->docs_security);
	for (const struct cor_resource *const *r = service->resources; r && *r; r++)
		visit_resource(&visitor, *r);
	for (const struct cor_files *const *files = service->files; files && *files; files++)
		visit_list(&visitor, (*files)->security);
}
