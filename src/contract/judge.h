/* SPDX-License-Identifier: MIT */
/**
 * Whether a value is one of a schema: JSON Schema 2020-12, as far as tables are written in it. It
 * decides which of the values that are made are valid, and which answers are. It knows nothing of
 * the code that binds and writes.
 */
#ifndef CORACLE_CONTRACT_JUDGE_H
#define CORACLE_CONTRACT_JUDGE_H

#include "contract/run.h"

/** What is wrong, and where. */
struct cor_contract_fault {
	const char *where; /* a JSON Pointer */
	const char *text;  /* "is longer than maxLength 200" */
};

enum cor_contract_strictness {
	COR_CONTRACT_LENIENT = 0,
	COR_CONTRACT_NO_MORE, /* an object has no member that its schema does not name */
};

/** With what it is judged, by whoever has no test. */
struct cor_contract_judge {
	const struct cor_node *document; /* that references are of */
	struct cor_arena *arena;         /* of what it says */
	enum cor_contract_strictness strictness;
	/** Of patterns, formats and encodings, with `run`. NULL: they are not judged. */
	bool (*matches)(struct cor_contract_run *run, struct cor_str pattern, struct cor_str text);
	struct cor_contract_run *run;
};

/** Whether it is. Of several faults the first is told, and only then its pointer is written. */
bool cor_contract_is_valid(const struct cor_contract_judge *by, const struct cor_node *schema,
	const struct cor_node *value, struct cor_contract_fault *ret);

/** The same in a test; *ret may be NULL. */
bool cor_contract_judge(struct cor_contract_run *run, const struct cor_node *schema,
	const struct cor_node *value, enum cor_contract_strictness strictness,
	struct cor_contract_fault *ret);

#endif
