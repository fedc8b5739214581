/* SPDX-License-Identifier: MIT */
/**
 * Values of a schema that try what it says: at each bound and one beyond, each name and another
 * one, each branch, other types, null, what is left out. Which of them are valid the judge says.
 */
#ifndef CORACLE_CONTRACT_VARY_H
#define CORACLE_CONTRACT_VARY_H

#include "contract/schema.h"

/**
 * Called for each value: where in it the change is (a JSON Pointer), what it is, in words; the
 * whole value, which is the test's.
 */
typedef void cor_contract_emit(
	void *self, const char *where, const char *what, struct cor_node *value);

void cor_contract_vary(struct cor_contract_run *run, const struct cor_node *schema,
	cor_contract_emit *emit, void *self, int depth);

#endif
