/* SPDX-License-Identifier: MIT */
#include "generate/service.h"

#include <string.h>

#include <coracle/error.h>

#include "generate/answer.h"
#include "generate/input.h"
#include "generate/names.h"
#include "generate/types.h"
#include "service/router.h"

static const char *const methods[COR_GEN_METHODS] = { "get", "put", "post", "patch", "delete" };

const struct cor_node *cor_gen_referred(struct cor_gen *gen, const struct cor_node *node)
{
	for (unsigned steps = 0; steps < 16 && cor_node_get(node, "$ref"); steps++)
		node = cor_gen_follow(gen, node);
	return node;
}

/* A segment is text or one {name}. */
static bool path_is_good(const char *path)
{
	struct cor_str rest = cor_str(path);
	struct cor_segment segment;
	int rc = path[0] == '/' ? 1 : -COR_ETABLE;

	while (rc > 0)
		rc = cor_segment_next(&rest, &segment);
	return rc == 0;
}

/* Functions that the headers declare, or that compilers know. */
static bool is_of_c_library(const char *name)
{
	static const char *const known[] = { "abort", "abs", "accept", "access", "alarm", "atoi",
		"basename", "bind", "calloc", "ceil", "clock", "close", "connect", "cos", "creat",
		"ctime", "dirname", "div", "dup", "erf", "execl", "exit", "exp", "fclose", "fdopen",
		"ffs", "floor", "fopen", "fork", "free", "fstat", "gamma", "getenv", "getline",
		"gets", "getw", "index", "isalpha", "isdigit", "kill", "labs", "link", "listen",
		"llabs", "log", "lseek", "main", "malloc", "mkdir", "mktime", "modf", "open",
		"pause", "pipe", "poll", "pow", "printf", "puts", "putw", "qsort", "raise", "rand",
		"random", "read", "realloc", "remove", "rename", "rindex", "rmdir", "round",
		"scanf", "select", "send", "setenv", "shutdown", "signal", "sin", "sleep", "socket",
		"sqrt", "srand", "stat", "swab", "symlink", "sync", "system", "tan", "time",
		"truncate", "trunc", "umask", "unlink", "usleep", "vfork", "wait", "write" };

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i], name) == 0)
			return true;
	return false;
}

static const char *handler_name(
	struct cor_gen *gen, const struct cor_node *described, const char *method, const char *path)
{
	const char *name = cor_gen_member_text(gen, described, "operationId");

	name = cor_gen_snake(gen, name ? name : cor_gen_printf(gen, "%s %s", method, path));
	if (is_of_c_library(name))
		name = cor_gen_printf(gen, "handle_%s", name);
	return cor_gen_handler(gen, name);
}

static void tell_left_out(struct cor_gen *gen, const struct cor_node *described)
{
	static const char *const words[] = { "callbacks", "security", "servers", "externalDocs" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (cor_node_len(cor_node_get(described, words[i])) > 0)
			cor_gen_note(gen, described, "\"%s\" is left out: no table says it%s",
				words[i],
				i == 1 ? "; read the credentials from a header's row" : "");
	if (described != gen->root && cor_node_len(cor_node_get(described, "tags")) > 1)
		cor_gen_note(gen, described, "of \"tags\" the first is kept");
}

static struct cor_gen_operation *operation(struct cor_gen *gen, const struct cor_node *path_item,
	const struct cor_node *described, enum cor_gen_method method, const char *path)
{
	struct cor_gen_operation *made = cor_gen_alloc(gen, sizeof *made);
	struct cor_str tag;

	if (!made)
		return NULL;
	made->handler = handler_name(gen, described, methods[method], path);
	made->summary = cor_gen_member_text(gen, described, "summary");
	made->doc = cor_gen_member_text(gen, described, "description");
	made->is_deprecated = cor_gen_is_set(described, "deprecated");
	if (cor_node_to_text(cor_node_item(cor_node_get(described, "tags"), 0), &tag) == 0)
		made->tag = cor_gen_text(gen, tag);
	tell_left_out(gen, described);
	cor_gen_input(gen, made, path_item, described, method, path);
	cor_gen_answers(gen, made, cor_node_get(described, "responses"));
	return made;
}

static void tell_methods(struct cor_gen *gen, const struct cor_node *path_item)
{
	static const char *const others[] = { "head", "options", "trace" };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (cor_node_get(path_item, others[i]))
			cor_gen_note(gen, path_item, "\"%s\" is left out: %s", others[i],
				i == 2 ? "it is not served" : "it is answered without a handler");
}

static void resource(struct cor_gen *gen, struct cor_gen_service *service, const char *path,
	const struct cor_node *path_item)
{
	struct cor_gen_resource *made = cor_gen_alloc(gen, sizeof *made);
	bool any = false;

	if (!made)
		return;
	if (!path_is_good(path)) {
		cor_gen_note(
			gen, path_item, "is left out: a segment of a path is text or one {name}");
		return;
	}
	made->path = path;
	tell_methods(gen, path_item);
	for (int i = 0; i < COR_GEN_METHODS && gen->error == 0; i++) {
		const struct cor_node *described = cor_node_get(path_item, methods[i]);
		if (described)
			made->operations[i] = operation(
				gen, path_item, described, (enum cor_gen_method)i, path);
		any = any || made->operations[i];
	}
	if (!any)
		return;
	made->name = cor_gen_handler(gen,
		cor_gen_snake(gen, cor_gen_printf(gen, "%s resource", path[1] ? path : "root")));
	*service->end = made;
	service->end = &made->next;
}

struct cor_gen_service *cor_gen_service(struct cor_gen *gen)
{
	const struct cor_node *paths = cor_node_get(gen->root, "paths"),
			      *info = cor_node_get(gen->root, "info");
	struct cor_gen_service *service = cor_gen_alloc(gen, sizeof *service);

	if (!service || cor_node_len(paths) == 0)
		return NULL;
	service->end = &service->resources;
	service->title = cor_gen_member_text(gen, info, "title");
	service->version = cor_gen_member_text(gen, info, "version");
	service->doc = cor_gen_member_text(gen, info, "description");
	for (size_t i = 0; i < cor_node_len(paths) && gen->error == 0; i++)
		resource(gen, service, cor_gen_text(gen, cor_node_key(paths, i)),
			cor_gen_referred(gen, cor_node_item(paths, i)));
	if (cor_node_len(cor_node_get(gen->root, "webhooks")) > 0)
		cor_gen_note(
			gen, gen->root, "\"webhooks\" is left out: a service sends them itself");
	tell_left_out(gen, gen->root);
	return service->resources ? service : NULL;
}
