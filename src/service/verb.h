/* SPDX-License-Identifier: MIT */
/**
 * The verbs: the methods that a resource can have an operation for. Everything that is to be known
 * of a verb stands in its row of http/method.h; a new one takes a row there, and its member of
 * struct cor_resource.
 */
#ifndef CORACLE_SERVICE_VERB_H
#define CORACLE_SERVICE_VERB_H

#include <stdbool.h>
#include <stddef.h>

#include <coracle/arena.h>
#include <coracle/service.h>

#include "http/method.h"

struct cor_verb {
	enum cor_method method;
	const char *name; /* "GET" */
	const char *key;  /* "get": its member of OpenAPI's Path Item Object */
	size_t member;    /* its operation: where in struct cor_resource */
	bool takes_body;  /* RFC 9110 section 9.3: content of the request means something */
};

extern const struct cor_verb cor_verbs[];
extern const size_t cor_verbs_len;

/** The resource's operation for a verb; NULL if it has none. */
static inline const struct cor_operation *cor_verb_operation(
	const struct cor_verb *verb, const struct cor_resource *resource)
{
	return *(const struct cor_operation *const *)((const char *)resource + verb->member);
}

/** The verb that answers a method; HEAD has GET's. NULL if it is not a verb. */
const struct cor_verb *cor_verb_of(enum cor_method method);

/**
 * The value of Allow: "GET, HEAD, OPTIONS". A resource of NULL has every verb. NULL without memory.
 */
const char *cor_verbs_allowed(const struct cor_resource *resource, struct cor_arena *arena);

#endif
