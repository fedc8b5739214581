/* SPDX-License-Identifier: MIT */
#include "fuzz/promise.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/str.h>

#include "app/inside.h"

bool cor_fuzz_is(const struct cor_node *object, const char *key, const char *text)
{
	struct cor_str value;

	return cor_node_to_text(cor_node_get(object, key), &value) == 0 &&
	       cor_str_equal(value, cor_str(text));
}

/* "POST" of "post". */
static const char *upper(struct cor_arena *arena, const char *method)
{
	char *text = cor_arena_strdup(arena, method);

	for (char *at = text; at && *at; at++)
		*at = (char)(*at - 'a' + 'A');
	return text;
}

static int find(struct cor_fuzz_promise *promise, const char *name)
{
	static const char *const methods[] = { "get", "head", "post", "put", "patch", "delete",
		"options" };
	const struct cor_node *paths = cor_node_get(promise->document, "paths");

	for (size_t i = 0; i < cor_node_len(paths); i++) {
		struct cor_str path = cor_node_key(paths, i);
		promise->item = cor_node_item(paths, i);
		promise->path = cor_arena_copy(&promise->arena, path.data, path.len);
		for (size_t at = 0; at < sizeof methods / sizeof methods[0]; at++) {
			promise->node = cor_node_get(promise->item, methods[at]);
			promise->method = upper(&promise->arena, methods[at]);
			const char *both = cor_arena_printf(
				&promise->arena, "%s %s", promise->method, promise->path);
			if (!both)
				return -ENOMEM;
			if (promise->node && (cor_fuzz_is(promise->node, "operationId", name) ||
						     strcmp(both, name) == 0))
				return 0;
		}
	}
	return -ENOENT;
}

int cor_fuzz_promise_init(
	struct cor_fuzz_promise *promise, const struct cor_service *service, const char *name)
{
	struct cor_node *document = NULL;
	char *text = NULL;

	memset(promise, 0, sizeof *promise);
	cor_arena_init(&promise->arena, NULL, 0, 0);
	int rc = cor_inside_calls.document(service, &text);
	if (rc == 0)
		rc = cor_node_parse(&promise->arena, cor_str(text), NULL, &document, NULL);
	free(text);
	if (rc < 0)
		return rc;
	promise->document = document;
	return find(promise, name);
}

void cor_fuzz_promise_finish(struct cor_fuzz_promise *promise)
{
	cor_arena_finish(&promise->arena);
}

const char *cor_fuzz_name(struct cor_fuzz_promise *promise)
{
	struct cor_str name = { "", 0 };

	cor_ignore(cor_node_to_text(cor_node_get(promise->node, "operationId"), &name));
	const char *text = cor_arena_copy(&promise->arena, name.data, name.len);
	return text ? text : "";
}
