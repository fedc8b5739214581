/* SPDX-License-Identifier: MIT */
/** Forms of parts, whose fields older formats list one by one. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_FORM_H
#define CORACLE_DIALECT_FORM_H

#include "dialect/rewrite.h"

/** Whether a body's first media type is multipart/form-data. */
bool cor_form_is_first(const struct cor_node *content);

/** Swagger 2.0: the fields of such a body as parameters, behind those that are in the list. */
void cor_form_swagger(
	const struct cor_rewrite *to, const struct cor_node *content, struct cor_members *list);

/** Postman: the body of a request, its members "mode" and "formdata". */
void cor_form_postman(
	const struct cor_rewrite *to, const struct cor_node *content, struct cor_members *body);

#endif
