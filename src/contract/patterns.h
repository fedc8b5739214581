/* SPDX-License-Identifier: MIT */
/** The patterns of a contract, as the library matches them; each is compiled once for a test. */
#ifndef CORACLE_CONTRACT_PATTERNS_H
#define CORACLE_CONTRACT_PATTERNS_H

#include "contract/run.h"

/** Whether a text matches. A pattern that the library cannot compile matches everything. */
bool cor_contract_matches(
	struct cor_contract_run *run, struct cor_str pattern, struct cor_str text);

/** Free them, when the test ends. */
void cor_contract_patterns_finish(struct cor_contract_run *run);

#endif
