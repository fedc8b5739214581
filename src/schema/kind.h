/* SPDX-License-Identifier: MIT */
/**
 * What each kind of member is: one row of one table (kind.c), which everything that differs by kind
 * asks.
 *
 * A new kind is a value of enum cor_kind with its C type (schema_rows.h), a row in kind.c, and the
 * file that holds the functions the row names. Any thread; nothing here yields.
 */
#ifndef CORACLE_SCHEMA_KIND_H
#define CORACLE_SCHEMA_KIND_H

#include <coracle/schema.h>

#define COR_WORD_BYTES 64 /* room for any word and its NUL */

struct cor_buffer;
struct cor_copier;
struct cor_decoder;
struct cor_encoder;
struct cor_put_target;
struct cor_put_step;
struct cor_report;
struct cor_row;
struct cor_value_rule;
struct cor_step;

/** Read the JSON value that stands next into the member or item *at; see decoder.h. */
typedef int cor_decode_value(struct cor_decoder *decoder, const struct cor_row *row, void *at,
	const struct cor_step *step);

/** The same for one that stands at `text` and is as most are, or NULL; see quick.h. */
typedef const char *cor_quick_value(
	struct cor_decoder *decoder, const struct cor_row *row, void *at, const char *text);

/** Store a string, seen to be UTF-8 and to have no NUL that the member cannot hold; see value.h. */
typedef int cor_store_string(const struct cor_report *report, const struct cor_value_rule *rule,
	void *at, struct cor_str text, const struct cor_step *step);

/** Append the member or item *at as JSON; see encoder.h. A fault is the buffer's error. */
typedef void cor_encode_value(struct cor_encoder *encoder, const struct cor_value_rule *rule,
	const void *at, const struct cor_step *step);

/** The same into room that is there, but for the quotes; where it ends, or NULL; see put.h. */
typedef char *cor_put_value(
	struct cor_put_target *put, const struct cor_put_step *step, const void *at, char *out);

/** Append it as plain text: 1, 0 where there is none, or -COR_EINVALID; see bind.h. */
typedef int cor_print_value(
	const struct cor_field *field, const void *at, struct cor_buffer *buffer);

/**
 * Copy what the member or item *at, itself copied byte by byte, has elsewhere: 0 or a negative
 * code; see copier.h.
 */
typedef int cor_copy_value(struct cor_copier *copier, const struct cor_field *field, void *at);

/** Write a value of few bytes as text, with a NUL: how many before it; 0: it has none. */
typedef size_t cor_write_word(const void *at, char out[COR_WORD_BYTES]);

/** The order of two values: below 0, 0 or above 0. */
typedef int cor_compare_values(const void *a, const void *b);

/** Whether the member is what a zeroed struct holds there. */
typedef bool cor_value_is_empty(const struct cor_value_rule *rule, const void *at);

/** What a kind has in common with others: which options it takes, and the form of its value. */
enum cor_family {
	COR_FAMILY_BOOL = 1,
	COR_FAMILY_NUMBER, /* takes .range */
	COR_FAMILY_TEXT,   /* free text: takes lengths and a pattern */
	COR_FAMILY_WORD,   /* a string that stands for something: a time, a UUID, a name */
	COR_FAMILY_SET,    /* an array of names */
	COR_FAMILY_RAW,    /* any JSON */
	COR_FAMILY_FILE,   /* bytes of a form, which have no JSON */
	COR_FAMILY_NESTED, /* an object with a schema of its own */
	COR_FAMILY_EMBED,
};

/** How a number is held and compared. */
enum cor_number {
	COR_NUMBER_NONE = 0,
	COR_NUMBER_INTEGER, /* signed */
	COR_NUMBER_NATURAL, /* unsigned */
	COR_NUMBER_REAL,
};

struct cor_kind_facts {
	const char *noun;     /* with its article, for messages: "an integer" */
	const char *type;     /* JSON Schema's; NULL: any */
	const char *format;   /* JSON Schema's; NULL: none */
	const char *pattern;  /* what no format says; NULL: nothing */
	const char *encoding; /* contentEncoding; NULL: none */
	const char *word;     /* what --help writes for the value: "N" */
	enum cor_family family;
	enum cor_number number;
	bool has_null;       /* the C member itself can be null: a pointer */
	bool empty_has_json; /* what is_empty() finds can be written all the same: "" */
	int64_t min;         /* of whole numbers: what the C type holds */
	uint64_t max;
	cor_decode_value *decode;     /* NULL: embedded structs, which hold values */
	cor_quick_value *quick;       /* NULL: there is no quick way */
	cor_encode_value *encode;     /* NULL: embedded structs, too */
	cor_put_value *put;           /* NULL: there is no quick way */
	cor_store_string *store;      /* NULL: not a string in JSON */
	cor_write_word *write;        /* for cor_encode_word and cor_print_word; NULL: none */
	cor_compare_values *compare;  /* takes .range, in texts; NULL: not for words */
	cor_print_value *print;       /* NULL: as in JSON for booleans and numbers, else none */
	cor_copy_value *copy;         /* NULL: all of it is in the member */
	cor_value_is_empty *is_empty; /* NULL: it has no value that means "nothing" */
};

/** Whether it is one at all: a table that no macro wrote may hold anything. */
bool cor_kind_is_known(enum cor_kind kind);

/** The facts of a kind, which must be known. */
const struct cor_kind_facts *cor_kind_facts(enum cor_kind kind);

/**
 * The facts of a type: those of its kind, but where its schema is a bare one, which is read and
 * written in another way than an object.
 */
const struct cor_kind_facts *cor_type_facts(const struct cor_type *type);

/** The kind of a row whose .as is `form`; the kind itself where it has no such form. */
enum cor_kind cor_kind_as(enum cor_kind kind, enum cor_form form);

static inline bool cor_kind_is_decimal(enum cor_kind kind)
{
	return kind == COR_KIND_DECIMAL || kind == COR_KIND_DECIMAL_AS_NUMBER;
}

/** Whether JSON has it as a string. */
static inline bool cor_kind_is_quoted(enum cor_kind kind)
{
	const char *type = cor_kind_facts(kind)->type;

	return type && type[0] == 's';
}

/** Whether the kind is free text, which takes lengths and a pattern. */
static inline bool cor_kind_is_text(enum cor_kind kind)
{
	return cor_kind_facts(kind)->family == COR_FAMILY_TEXT;
}

/** Whether .min_length, .max_length, .pattern and .format are rules of its text. */
static inline bool cor_kind_has_text_rules(enum cor_kind kind)
{
	return cor_kind_is_text(kind) || kind == COR_KIND_CUSTOM;
}

static inline bool cor_kind_is_number(enum cor_kind kind)
{
	return cor_kind_facts(kind)->family == COR_FAMILY_NUMBER;
}

/**
 * Whether the kind has a schema of its own behind it that stands as an object, or schemas: not an
 * embedded one.
 */
static inline bool cor_kind_is_nested(enum cor_kind kind)
{
	return cor_kind_facts(kind)->family == COR_FAMILY_NESTED;
}

/** Whether a single text can say it: a parameter, a header, a flag. */
bool cor_kind_is_scalar(enum cor_kind kind);

#endif
