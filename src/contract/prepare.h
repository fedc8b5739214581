/* SPDX-License-Identifier: MIT */
/** The requests that go before (before/file.h), sent to the service of a test. */
#ifndef CORACLE_CONTRACT_PREPARE_H
#define CORACLE_CONTRACT_PREPARE_H

#include "contract/plan.h"
#include "contract/run.h"

/** Send them. One that is no success ends the test: it is told by the first that meets it. */
void cor_contract_prepare(struct cor_contract_run *run);

/** Send again those that have let somebody in. False: there are none. */
bool cor_contract_log_in_again(struct cor_contract_run *run);

/**
 * Find the file, beside the program's source or in the folder above, and read it. Returns 0,
 * -ENOMEM, or -COR_ETABLE: what is wrong with it stands on standard error.
 */
int cor_contract_before_load(struct cor_contract_plan *plan) COR_CHECKED;

#endif
