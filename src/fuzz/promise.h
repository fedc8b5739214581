/* SPDX-License-Identifier: MIT */
/** What the document promises of an operation: its request, and its answers. */
#ifndef CORACLE_FUZZ_PROMISE_H
#define CORACLE_FUZZ_PROMISE_H

#include <stdbool.h>

#include <coracle/arena.h>
#include <coracle/json_node.h>
#include <coracle/service.h>

struct cor_fuzz_promise {
	struct cor_arena arena;
	const struct cor_node *document;
	const char *method;          /* "POST" */
	const char *path;            /* "/books/{id}" */
	const struct cor_node *node; /* the operation */
	const struct cor_node *item; /* its path */
};

/**
 * Find the operation of a name ("add_book"), or of a method and a path ("POST /books"). Returns 0,
 * -ENOENT, -ENOMEM, or -COR_ETABLE: what contradicts itself stands on standard error. The caller
 * finishes it in any case.
 */
int cor_fuzz_promise_init(struct cor_fuzz_promise *promise, const struct cor_service *service,
	const char *name) COR_CHECKED;
void cor_fuzz_promise_finish(struct cor_fuzz_promise *promise);

/** Its operationId, or "" if it has none. Text of the arena. */
const char *cor_fuzz_name(struct cor_fuzz_promise *promise);

/** Whether a member of an object is this text. */
bool cor_fuzz_is(const struct cor_node *object, const char *key, const char *text);

#endif
