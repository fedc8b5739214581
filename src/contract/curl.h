/* SPDX-License-Identifier: MIT */
/** A request as a command of curl, which sends it to what `coracle run` serves. */
#ifndef CORACLE_CONTRACT_CURL_H
#define CORACLE_CONTRACT_CURL_H

#include "contract/run.h"

/**
 * A body that is long is only told of; one that no terminal shows takes bash or zsh. `cookies` are
 * of the jar; NULL: none.
 */
const char *cor_contract_curl(struct cor_contract_run *run, const struct cor_test_request *request,
	const char *target, const char *cookies);

#endif
