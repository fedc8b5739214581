/* SPDX-License-Identifier: MIT */
/** What is wanted of an answer, and whether it is so. */
#ifndef CORACLE_CONTRACT_ANSWER_H
#define CORACLE_CONTRACT_ANSWER_H

#include "contract/request.h"

struct cor_contract_wanted {
	enum {
		COR_CONTRACT_ANY = 0, /* a status that is declared */
		COR_CONTRACT_VALID,   /* and none that refuses the input */
		COR_CONTRACT_INVALID, /* 400 or 422, which names the row */
		COR_CONTRACT_STATUS,  /* .status, declared or not */
	} kind;
	uint16_t status;
	const char *why;  /* "maxLength is 200": what the table says */
	const char *in;   /* of what is invalid: "body", "query" ...; NULL: all of it */
	const char *name; /* the parameter's; of a body a JSON Pointer */
};

/** Send a request, hold its answer to the contract and to what is wanted, and fail the test. */
struct cor_test_answer cor_contract_try(struct cor_contract_run *run,
	struct cor_contract_request *request, const struct cor_contract_wanted *wanted);

/** The same as a part of the test, under a label. */
void cor_contract_subtest(struct cor_contract_run *run, struct cor_contract_request *request,
	const struct cor_contract_wanted *wanted, const char *label);

#endif
