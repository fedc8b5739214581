/* SPDX-License-Identifier: MIT */
/** Tables into plans. Private to the schema folder. */
#ifndef CORACLE_SCHEMA_COMPILE_H
#define CORACLE_SCHEMA_COMPILE_H

#include "schema/codec.h"
#include "schema/plan.h"

/** Where contradictions of tables go: to the caller's list, or to one that is thrown away. */
struct cor_table_report {
	struct cor_violations *violations;
	struct cor_arena *arena;
	struct cor_pattern_room *patterns; /* keeps those that were tried; NULL: nobody does */
};

/**
 * Say what is wrong with a row (NULL: with the whole table) and what to do. The text follows
 * "order_schema, row items: ", of which the violation has the part before the colon as its `where`.
 */
void cor_table_wrong(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_field *field, const char *format, ...) COR_PRINTF(4, 5);

/**
 * Find what contradicts itself in the table alone, before it is compiled: in each row, and in pairs
 * of them.
 */
void cor_table_check(const struct cor_table_report *report, const struct cor_schema *schema);

/** The same for a schema that stands inside another one. */
void cor_table_check_nested(const struct cor_table_report *report, const struct cor_schema *schema);

/** Whether a table has more rows than a codec takes: there is no plan of it. */
bool cor_table_is_too_long(const struct cor_schema *schema);

/** Whether a row of the table's own is right by itself, as cor_table_check() sees it. */
bool cor_table_row_is_good(struct cor_arena *arena, const struct cor_schema *schema, size_t row);

/**
 * contradict_pairs.c: find rows that have one key or one member; those of embedded structs take
 * part.
 */
void cor_table_check_pairs(const struct cor_table_report *report, const struct cor_schema *schema);

/**
 * Find or make the plan of a schema and of all that it nests. Faults go to the report.
 * Returns 0 or -ENOMEM.
 */
int cor_plan_compile(struct cor_codec *codec, const struct cor_schema *schema,
	const struct cor_table_report *report, struct cor_plan **ret) COR_CHECKED;

/** ',"key":' once, so that writing a row begins with one copy. Returns 0 or -ENOMEM. */
int cor_plan_make_prefix(
	struct cor_arena *arena, struct cor_str key, struct cor_str *ret) COR_CHECKED;

/** A plan for `len` rows that no other plan is of yet; NULL: no memory. */
struct cor_plan *cor_plan_begin(
	struct cor_codec *codec, const struct cor_schema *schema, size_t len);

/** Put a row, which is complete, behind the last of the plan. */
void cor_plan_add_row(struct cor_plan *plan, const struct cor_row *row);

/** With its rows the plan is complete. Returns 0 or -ENOMEM. */
int cor_plan_finish(struct cor_codec *codec, struct cor_plan *plan) COR_CHECKED;

/** contradict_union.c: find what contradicts itself in the branches of a union. */
void cor_table_check_union(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_field *field);

/** endless.c: find structs that can never be given, because they need another one of their kind. */
void cor_codec_check_ends(struct cor_codec *codec, const struct cor_table_report *report);

/**
 * constant.c: the row's .constant as it is written. Where the row's own rules refuse it, that is
 * reported and the plan has faults. Returns 0 or -ENOMEM.
 */
int cor_constant_compile(struct cor_codec *codec, struct cor_plan *plan, struct cor_row *row,
	const struct cor_table_report *report) COR_CHECKED;

/** Whether a row's own table has faults, as far as they have spread. */
bool cor_plan_nests_faults(const struct cor_plan *plan);

/**
 * Decode the fallbacks and examples of a plan once, to see that they fit; but not those that reach
 * a table with faults. Returns 0 or -ENOMEM.
 */
int cor_plan_try(struct cor_codec *codec, struct cor_plan *plan,
	const struct cor_table_report *report) COR_CHECKED;

struct cor_codec_tables; /* schema/encode.h */

/**
 * absent.c: find rows of answered tables that a client may leave out and an answer cannot. Which
 * are answered is known.
 */
void cor_codec_check_absence(const struct cor_codec *codec, const struct cor_table_report *report);

/**
 * The fallbacks of objects, as answers have them, but not those that reach a table with faults.
 * Such a text is a request's: it may have members that no answer has, and lack those that every
 * answer has. What stands for it in an answer is the value that it comes to; that it comes to none
 * is a fault of the tables that are answered. Returns 0 or -ENOMEM.
 */
int cor_codec_answer_fallbacks(struct cor_codec *codec, const struct cor_codec_tables *tables,
	const struct cor_table_report *report) COR_CHECKED;

#endif
