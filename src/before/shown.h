/* SPDX-License-Identifier: MIT */
/** Where a secret is shown, as a Security Scheme Object of OpenAPI says. */
#ifndef CORACLE_BEFORE_SHOWN_H
#define CORACLE_BEFORE_SHOWN_H

#include <stdbool.h>

#include <coracle/arena.h>
#include <coracle/json_node.h>

/** One of them is not NULL, or none. */
struct cor_shown {
	const char *header, *value;
	const char *cookie; /* "name=value" */
	const char *query;  /* "name=value", encoded */
};

/**
 * A secret: a token, a key, "name:password" for Basic. Texts of the arena. Returns 0 or -ENOMEM; a
 * scheme that shows none, as mutualTLS, has no places.
 */
int cor_shown_of(struct cor_arena *arena, const struct cor_node *scheme, const char *secret,
	struct cor_shown *ret) COR_CHECKED;

/** A scheme of the document by its name; NULL: it has none such. */
const struct cor_node *cor_scheme_named(const struct cor_node *document, const char *name);

/**
 * What somebody may do whom the ways of an operation do not let in, by the first of them that shows
 * a secret: "give \"# @credential token TOKEN\" in test/before.http, or --header '...'", the latter
 * alone where that file is not sent. Text of the arena; NULL: no way does, or there is no memory.
 */
const char *cor_shown_hint(struct cor_arena *arena, const struct cor_node *document,
	const struct cor_node *security, bool is_file_sent);

/** Whether a scheme is a key in the cookie of that name, as that of a session. */
bool cor_scheme_is_cookie(const struct cor_node *scheme, const char *name);

#endif
