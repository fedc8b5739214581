/* SPDX-License-Identifier: MIT */
/** The part of its answer that a client asks for: ?fields=id,author{name}, or X-Fields. */
#ifndef CORACLE_SERVICE_SELECTION_H
#define CORACLE_SERVICE_SELECTION_H

#include "service/plan.h"

#define COR_SELECTION_PARAMETER "fields"
#define COR_SELECTION_HEADER    "X-Fields"

/** Whether a query's parameter is not a row's. */
static inline bool cor_selection_takes(const struct cor_operation *operation, struct cor_str name)
{
	return (operation->selected_by & COR_BY_QUERY) &&
	       cor_str_equal(name, COR_STR(COR_SELECTION_PARAMETER));
}

/**
 * Read what the request asks for into x->selection; what is wrong with it is added to *violations.
 * For an operation with .selected_by. Returns 0, -ENOMEM, or
 * -COR_EPROBLEM (400: the query is not well-formed).
 */
int cor_selection_read(struct cor_exchange *x, const struct cor_action *action,
	struct cor_violations *violations) COR_CHECKED;

/**
 * What the request asks for, as sent; data is NULL if nothing: of a request whose input is bound.
 * Returns 0 or -ENOMEM.
 */
int cor_selection_text(struct cor_exchange *x, const struct cor_operation *operation,
	struct cor_str *ret) COR_CHECKED;

#endif
