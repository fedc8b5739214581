/* SPDX-License-Identifier: MIT */
#include "service/verb.h"

/* In the order of Allow and of the document. */
const struct cor_verb cor_verbs[] = {
#define ROW(NAME, key_, takes_body_)                                                               \
	{ COR_METHOD_##NAME, #NAME, #key_, offsetof(struct cor_resource, key_), takes_body_ },
	COR_METHOD_VERBS(ROW)
#undef ROW
};

const size_t cor_verbs_len = sizeof cor_verbs / sizeof cor_verbs[0];

const struct cor_verb *cor_verb_of(enum cor_method method)
{
	if (method == COR_METHOD_HEAD)
		method = COR_METHOD_GET;
	for (size_t i = 0; i < cor_verbs_len; i++)
		if (cor_verbs[i].method == method)
			return &cor_verbs[i];
	return NULL;
}

const char *cor_verbs_allowed(const struct cor_resource *resource, struct cor_arena *arena)
{
	const char *text = "";

	for (size_t i = 0; i < cor_verbs_len && text; i++) {
		const struct cor_verb *verb = &cor_verbs[i];
		if (!resource || cor_verb_operation(verb, resource))
			text = cor_arena_printf(arena, "%s%s, %s", text, verb->name,
				verb->method == COR_METHOD_GET ? "HEAD, " : "");
	}
	return text ? cor_arena_printf(arena, "%sOPTIONS", text) : NULL;
}
