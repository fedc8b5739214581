/* SPDX-License-Identifier: MIT */
/**
 * A schema made ready for use. Private to the schema folder.
 *
 * A codec holds one plan for each schema it was given or that these nest. A plan is written once,
 * by compile.c, and only read afterwards.
 */
#ifndef CORACLE_SCHEMA_PLAN_H
#define CORACLE_SCHEMA_PLAN_H

#include <coracle/schema.h>

#include "json/reader.h"
#include "schema/bounds.h"
#include "schema/decode.h"
#include "schema/format.h"
#include "schema/kind.h"
#include "schema/names.h"
#include "schema/pattern.h"

/** When a hook works on JSON. */
enum cor_json_hook_point {
	COR_BEFORE_LOAD,
	COR_AFTER_DUMP,
};

#define COR_ROW_WORDS (COR_FIELDS_MAX / 64)

/** A set of rows of one plan, by their index. */
struct cor_row_set {
	uint64_t words[COR_ROW_WORDS];
};

static inline void cor_row_set_add(struct cor_row_set *set, size_t row)
{
	set->words[row / 64] |= (uint64_t)1 << row % 64;
}

static inline void cor_row_set_remove(struct cor_row_set *set, size_t row)
{
	set->words[row / 64] &= ~((uint64_t)1 << row % 64);
}

static inline bool cor_row_set_has(const struct cor_row_set *set, size_t row)
{
	return set->words[row / 64] >> row % 64 & 1;
}

/** A union made ready. */
struct cor_union_plan {
	const struct cor_union *table;
	struct cor_str discriminator;
	struct cor_str prefix; /* "type": as JSON, with a comma in front */
	struct cor_json_guess guess;
	struct cor_enum_index names; /* of the branches, in their order */
	struct cor_plan **plans;     /* by branch: with the discriminator as first row */
	bool zero_has_no_json;
};

/** What one value must be: a member that is no array, or an item of one. */
struct cor_value_rule {
	enum cor_kind kind;
	const struct cor_kind_facts *facts; /* of the kind */
	uint32_t size;                      /* of the value; of the struct behind a pointer */
	bool is_limited;                    /* a string with a length or a pattern to check */
	uint32_t min_length;
	uint32_t max_length;                   /* UINT32_MAX: no limit */
	struct cor_bounds bounds;              /* numbers */
	const struct cor_range *range;         /* as the table has it */
	struct cor_pattern *pattern;           /* strings; NULL: none */
	const struct cor_fixed_pattern *fixed; /* the same, if it is one of those */
	const char *pattern_text;
	const struct cor_format *format; /* strings; NULL: none that is checked */
	bool is_checked;                 /* it has one of the rules of rules.h */
	double multiple_of;              /* numbers; 0: any */
	bool has_scale;                  /* decimals: all are read with one */
	uint8_t scale;
	const void *least, *most;      /* the bounds of a word, if any */
	const void *only;              /* the value of .constant, of a word with an order */
	struct cor_str constant;       /* the only value, as it is written; data NULL: any */
	struct cor_enum_index *names;  /* enums */
	const struct cor_plan *plan;   /* of the type's schema */
	struct cor_union_plan *one_of; /* unions */
	const struct cor_text_kind *text_kind; /* types with functions */
	const struct cor_mapping *mapping;
	const char *media_types; /* files; NULL: any */
	uint32_t max_bytes;      /* files; 0: no limit */
	const char *tag;         /* a discriminator: the one name that it has */
};

/** One row made ready. */
struct cor_row {
	struct cor_json_guess guess;
	cor_quick_value *quick; /* the member, if it is as most are; NULL: it is not tried */
	uint64_t bit;           /* in its word of a row set */
	uint32_t index;
	uint32_t offset;

	/* On output, programs (program.h); NULL: there is none. */
	const struct cor_put_program *run;   /* of this row and those behind it */
	const struct cor_put_program *array; /* of its value alone */
	const struct cor_put_program *items; /* of one item; part of the others */
	bool has_tried_items;
	struct cor_str prefix; /* "key": as JSON, with a comma in front */
	cor_decode_value *decode;
	const struct cor_field *field; /* as it counts: see walk.h */
	cor_decode_value *read;        /* one value: the member's, or an item's */
	cor_quick_value *quick_value;  /* the same, if it is as most are; NULL: it is not tried */
	struct cor_str key;            /* the outside name */
	struct cor_str fallback;       /* JSON text; empty: none */
	struct cor_str answered; /* an object's fallback as an answer has it; empty: it has none */
	const struct cor_row *value; /* of a computed member: the row of its value alone */
	bool is_array;               /* several values: a cor_array, or a cor_dict */
	bool is_dict;
	uint32_t item_bytes; /* of an item of it */
	uint32_t value_offset;
	struct cor_pattern *key_pattern; /* NULL: any key */
	bool is_opt;
	bool is_partial;
	bool is_conditional; /* answers may leave it out */
	bool nullable;       /* on input: null is taken */
	bool optional;       /* on output: left out when it is empty */
	bool is_plain;       /* on output: always its value */
	bool is_own;         /* of the table, not of an embedded one */
	bool has_bad_fallback;
	struct cor_row *contained; /* an item that obeys .contains; NULL: no such rule */
	struct cor_value_rule rule;
};

struct cor_plan {
	const struct cor_schema *schema;
	struct cor_row *rows;
	const struct cor_plan *base; /* a branch: the plan of its own table; NULL: none */
	const struct cor_row *bare;  /* the row that is the value itself; NULL: an object */
	const struct cor_row *rest;  /* takes what no row has, and is none of the rows; or NULL */
	uint32_t len;
	bool is_nested;        /* it stands inside another one */
	bool reads_flat;       /* each row has a quick way: cor_quick_object() reads it */
	bool zero_has_no_json; /* a zeroed struct cannot be written: a required text is NULL */
	bool is_answered;      /* an answer has it; known of a service's */
	bool has_dump_hooks;   /* of its schema, or of one that it embeds: before answers */
	bool has_own_hooks;    /* of its schema, or of one that it embeds */
	bool has_hooks;        /* those, or of a schema that it holds */
	bool has_own_json_hooks[COR_AFTER_DUMP + 1]; /* by point: of its schema, or embedded */
	bool has_json_hooks[COR_AFTER_DUMP + 1];     /* those, or of a schema that it holds */
	bool has_faults; /* its table contradicts itself, or one that it reaches does */
	bool has_end[COR_USE_ANSWER + 1]; /* by use: it can be given, once that is known */
	uint32_t words;                   /* of a row set that are in use */
	struct cor_key_index keys;        /* row by outside name */
	struct cor_row_set all;
	struct cor_row_set taken[COR_USE_ANSWER + 1];   /* by use, the root's .from and .to apart */
	struct cor_row_set written[COR_USE_ANSWER + 1]; /* by use: of a root, as JSON */
	struct cor_row_set required;                    /* absent, they are a violation */
	struct cor_row_set fallbacks;                   /* absent, they get their fallback */
	struct cor_row_set awaited;                     /* either of the two */
	struct cor_row_set from[COR_FROM_COOKIE + 1];   /* by .from as written */
	struct cor_row_set to_header;                   /* or to a cookie */
};

/** What a member is expected to begin with, of the prefix of its row. */
static inline struct cor_json_guess cor_plan_guess(struct cor_str prefix)
{
	return cor_json_guess_of((struct cor_str){ prefix.data + 1, prefix.len - 1 });
}

/** The plans that a value reaches at once, by number: several of a union. NULL: no more. */
const struct cor_plan *cor_rule_plan(const struct cor_value_rule *rule, uint32_t i);

/** The plan of a schema; NULL if it is not the codec's. */
const struct cor_plan *cor_codec_plan(
	const struct cor_codec *codec, const struct cor_schema *schema);

/** Whether it is read and written without an object around it. At rest no row may be lost. */
static inline bool cor_plan_is_bare(const struct cor_plan *plan, enum cor_use use)
{
	return plan->bare && (plan->len == 1 || use != COR_USE_WHOLE);
}

/** The rows of a root that take part. */
void cor_plan_select(const struct cor_plan *plan, enum cor_use use, enum cor_from source,
	enum cor_from default_from, struct cor_row_set *ret);

/** The rows that the answer of another server has in its fields. */
void cor_plan_select_fields(const struct cor_plan *plan, struct cor_row_set *ret);

#endif
