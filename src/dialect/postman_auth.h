/* SPDX-License-Identifier: MIT */
/** How requests of a collection prove who they are. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_POSTMAN_AUTH_H
#define CORACLE_DIALECT_POSTMAN_AUTH_H

#include "dialect/rewrite.h"

/** The member "auth" of a request: by the first scheme of the operation that Postman has. */
void cor_postman_auth(const struct cor_rewrite *to, const struct cor_node *operation,
	struct cor_members *request);

/** The variables that these need, as further items of the list "variable". */
void cor_postman_secrets(const struct cor_rewrite *to, struct cor_members *list);

#endif
