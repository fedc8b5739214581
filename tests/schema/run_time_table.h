/* SPDX-License-Identifier: MIT */
/**
 * Field tables made while a program runs, of a description in JSON: rows are data. For tests that
 * try tables which nobody wrote.
 *
 *     {"tables": [
 *             {"name": "leaf", "rows": [{"member": "n", "kind": "int32", "min": 5}]},
 *             {"name": "any", "discriminator": "is", "branches": [{"name": "l", "table": 0}]},
 *             {"name": "root", "ignores": true, "rows": [
 *                     {"member": "a", "kind": "object", "table": 0, "shape": "array"}]}]}
 *
 * The last table is the root. A row's "table" is one before its own; for "pointer" it may be any.
 * "custom" and "mapped" are the one row of their table, which is then a type that functions read
 * and write: a text without a "z", by the options of struct cor_text_kind; a copy of the struct of
 * "table", which has at most 256 bytes.
 *
 * Options are written as in struct cor_field; fallback, constant and example are JSON in a string,
 * "contains" is an object of options; bounds are {"integer": n}, {"natural": n}, {"real": x} or
 * {"text": s}, and may be "exclusive".
 */
#ifndef CORACLE_TESTS_SCHEMA_RUN_TIME_TABLE_H
#define CORACLE_TESTS_SCHEMA_RUN_TIME_TABLE_H

#include <coracle/json_node.h>
#include <coracle/schema.h>

struct run_time_tables {
	struct cor_schema *schemas;
	size_t len;
};

/** Make them in the arena; ends the program where the description is not as above. */
void run_time_tables_make(
	struct run_time_tables *ret, struct cor_arena *arena, const struct cor_node *description);

/** The last of them. */
const struct cor_schema *run_time_tables_root(const struct run_time_tables *tables);

#endif
