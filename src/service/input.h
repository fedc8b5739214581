/* SPDX-License-Identifier: MIT */
/**
 * From a request to the input of its operation: path, query, headers and body, bound and validated.
 */
#ifndef CORACLE_SERVICE_INPUT_H
#define CORACLE_SERVICE_INPUT_H

#include "exchange/exchange.h"
#include "schema/bind.h"
#include "service/plan.h"

/** What is being bound. */
struct cor_input_binding {
	struct cor_exchange *x;
	const struct cor_action *action;
	void *in;
	struct cor_violations *violations;
	uint16_t status; /* what the violations come to: 0, 400 or 422 */
	bool is_unread;  /* hooks have refused the body's JSON */
};

/**
 * Make the input, in the memory of x. Yields while the body comes in.
 * Returns 0, or a negative code with the problem recorded: 406, 415, 413, 414, 400 or 422 with
 * every violation of every source.
 */
int cor_input_bind(
	struct cor_exchange *x, const struct cor_action *action, const void **ret) COR_CHECKED;

/** Whether there is nothing to bind and nothing to refuse: no input, no body, no Accept. */
static inline bool cor_input_is_none(const struct cor_exchange *x, const struct cor_action *action)
{
	return action->takes_nothing && !x->head.known[COR_KNOWN_ACCEPT] &&
	       !cor_exchange_has_body(x);
}

/**
 * body.c: check that the operation takes such a body. Returns 0, or a negative code with 400, 413
 * or 415 recorded. Yields for chunks that the operation does not read: only reading tells whether
 * they are empty.
 */
int cor_input_check_body(struct cor_exchange *x, const struct cor_action *action) COR_CHECKED;

/**
 * body.c: read the body and bind it. Returns 0 (violations are counted), or a negative code that
 * ends it. Yields.
 */
int cor_input_bind_body(struct cor_input_binding *binding) COR_CHECKED;

/** body.c: whether the body is a form of either kind, which the operation takes. */
bool cor_input_came_as_form(const struct cor_exchange *x, const struct cor_action *action);

/**
 * body.c: the whole body into a struct cor_str. Returns 0 or a negative code, its problem recorded.
 * Yields.
 */
int cor_input_take_body(
	struct cor_exchange *x, const struct cor_action *action, struct cor_str *ret) COR_CHECKED;

/**
 * Split and bind a query, or a form (COR_FROM_BODY). Returns as cor_input_bind_body(). Never
 * yields.
 */
int cor_input_bind_text(
	struct cor_input_binding *binding, enum cor_from source, struct cor_str text) COR_CHECKED;

/** Bind parameters that are in memory. Returns as cor_input_bind_body(). Never yields. */
int cor_input_bind_pairs(struct cor_input_binding *binding, enum cor_from source,
	const struct cor_bind_pair *pairs, size_t len) COR_CHECKED;

/**
 * form.c: read a body of multipart/form-data, part by part, and bind it. Returns as
 * cor_input_bind_body(). Yields.
 */
int cor_input_bind_form(struct cor_input_binding *binding) COR_CHECKED;

/**
 * What a function of the codec returned: violations are noted, everything else ends the binding.
 */
int cor_input_note(struct cor_input_binding *binding, int rc) COR_CHECKED;

#endif
