/* SPDX-License-Identifier: MIT */
/** Schemas of the document: JSON Schema, as far as tables are written in it. */
#ifndef CORACLE_CONTRACT_SCHEMA_H
#define CORACLE_CONTRACT_SCHEMA_H

#include "contract/run.h"

#define COR_CONTRACT_DEPTH 6 /* of values that are made: types may hold themselves */

/** What a schema stands for: behind its $ref, and without the null beside a struct. */
const struct cor_node *cor_contract_schema(
	const struct cor_contract_run *run, const struct cor_node *schema);

/** Whether null is one of its values. */
bool cor_contract_takes_null(const struct cor_contract_run *run, const struct cor_node *schema);

/** Whether its type is that one: "string". */
bool cor_contract_is_type(const struct cor_node *schema, const char *type);

/** Whether its values are objects. */
bool cor_contract_is_object(const struct cor_node *schema);

/** A member that an object's schema knows, with those of its allOf. */
struct cor_contract_property {
	struct cor_str name;
	const struct cor_node *schema;
	bool is_required;
};

/** All of them, in memory of the test. Returns how many. */
size_t cor_contract_properties(struct cor_contract_run *run, const struct cor_node *schema,
	struct cor_contract_property **ret);

/** The name of a member as a part of a JSON Pointer. */
const char *cor_contract_pointer(
	struct cor_contract_run *run, const char *before, struct cor_str name);

/** Whether a type is open already; if not, and there is room, it is then: close it. */
bool cor_contract_open(struct cor_contract_open *open, const struct cor_node *type);
void cor_contract_close(struct cor_contract_open *open, const struct cor_node *type);

/** Whether one of two pointers leads to the other, or to the same. */
bool cor_contract_is_along(const char *a, const char *b);

#endif
