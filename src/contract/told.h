/* SPDX-License-Identifier: MIT */
/**
 * What was told already: one mistake in a table fails many tests, and is told by the first of them.
 * The others name that one.
 */
#ifndef CORACLE_CONTRACT_TOLD_H
#define CORACLE_CONTRACT_TOLD_H

#include "contract/plan.h"
#include "contract/run.h"

/**
 * Which test has told a fault, by all that makes it the same; NULL: none has, and this one is it
 * from now on.
 */
const struct cor_contract_item *cor_contract_told_by(
	struct cor_contract_run *run, const char *fault);

#endif
