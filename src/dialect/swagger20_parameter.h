/* SPDX-License-Identifier: MIT */
/** Parameters and headers of Swagger 2.0. Private to the dialect folder. */
#ifndef CORACLE_DIALECT_SWAGGER20_PARAMETER_H
#define CORACLE_DIALECT_SWAGGER20_PARAMETER_H

#include "dialect/rewrite.h"

/** The members "consumes" and "parameters" of an operation: its body is one of them. */
void cor_swagger_input(
	const struct cor_rewrite *to, const struct cor_node *operation, struct cor_members *object);

/** An object of headers. */
void cor_swagger_headers(const struct cor_rewrite *to, const struct cor_node *headers);

#endif
