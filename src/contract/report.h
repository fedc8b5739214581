/* SPDX-License-Identifier: MIT */
/** What was seen of the statuses that are declared, and what to do about the others. */
#ifndef CORACLE_CONTRACT_REPORT_H
#define CORACLE_CONTRACT_REPORT_H

#include "base/buffer.h"
#include "contract/plan.h"

/** How many are not seen, of operations whose tests have all run. */
size_t cor_contract_unseen(const struct cor_contract_plan *plan);

/** How many tests were skipped, since the contract has no credential that lets them in. */
size_t cor_contract_shut_out(const struct cor_contract_plan *plan);

/** Whether tests were not selected, but for those of operations that the contract leaves out. */
bool cor_contract_has_part(const struct cor_contract_plan *plan);

/** A table of operations, and a line for each status that was not seen: what would show it. */
void cor_contract_report(const struct cor_contract_plan *plan, struct cor_buffer *out);

#endif
