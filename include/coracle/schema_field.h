/* SPDX-License-Identifier: MIT */
/**
 * The rows of a table, and what they may say. Include schema.h, which says what tables are for.
 *
 *     COR_FIELD(struct t, member, options...)                  scalars, text, time, UUID, raw JSON
 *     COR_ENUM(struct t, member, names, options...)            an enum; names: cor_enum_name[]
 *     COR_FLAGS(struct t, member, names, options...)           bits of a uint32_t, each with a name
 *     COR_OBJECT(struct t, member, schema, options...)         a struct, or a pointer to one
 *     COR_ARRAY(struct t, member, options...)                  cor_array of what COR_FIELD takes
 *     COR_ENUM_ARRAY(struct t, member, names, options...)      cor_array of an enum
 *     COR_OBJECT_ARRAY(struct t, member, schema, options...)   cor_array of structs
 *     COR_DICT, COR_ENUM_DICT, COR_OBJECT_DICT                 a cor_dict: the same of a map
 *     COR_OPT_FIELD, COR_OPT_ENUM, COR_OPT_OBJECT              a cor_opt: may be absent, null only
 *                                                              if COR_NULLABLE
 *     COR_EMBED(struct t, member, schema)                      a struct in the struct (no pointer):
 *                                                              its rows are on this level
 *     COR_PARTIAL(struct t, member, given, schema)             the same, but any row may be left
 *                                                              out: a PATCH (RFC 7396)
 *
 * An embedded row keeps the options that its own table gives it; COR_EMBED takes none. Its key is
 * its own too, so no other row of the outer table may have it. The .name, .doc and .unknown
 * that count are those of the outer schema.
 *
 * Under COR_PARTIAL no row is required and no fallback fills in what is absent; `given`, a struct
 * cor_given of the outer struct, says which rows were there. null takes away what need not be
 * there: the member is then what it is when absent, its fallback or nothing. What a row nests is
 * replaced as a whole, by its own rules.
 *
 * The bounds of a .range, exact for 64-bit integers and doubles alike: COR_MIN(x) and COR_MAX(x),
 * which may be reached; COR_ABOVE(x) and COR_BELOW(x), which may not; COR_BETWEEN(a, b), both of
 * which may.
 *
 * schema_rows.h says how the macros work.
 */
#ifndef CORACLE_SCHEMA_FIELD_H
#define CORACLE_SCHEMA_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/schema_rows.h>

COR_BEGIN_DECLS

struct cor_cookie;
struct cor_ctx;
struct cor_schema;
struct cor_union;
struct cor_text_kind;
struct cor_mapping;

enum cor_presence {
	COR_REQUIRED = 0,
	/* Absent: the fallback, or zero. Output leaves out a NULL pointer, a zeroed cor_str,
	 * cor_json or cor_array, an empty char[N], an enum of 0 where 0 has no name, and a zeroed
	 * struct that has no JSON (a text that it requires is NULL). It never leaves out a row with
	 * a fallback: that is written as it is, or as the fallback where it has no JSON. It always
	 * leaves out an absent cor_opt. What cannot say that it is absent (a number, a time, a
	 * UUID, a bool, a struct that has JSON when zeroed) is refused at start where it is
	 * answered, unless it has a fallback. */
	COR_OPTIONAL = 1,
	/* null is allowed: for pointers, const char * and cor_opt only, which is checked at start.
	 * May be or-ed with COR_OPTIONAL: then a NULL is left out on output, else it is null. */
	COR_NULLABLE = 2,
};

enum cor_access {
	COR_READ_WRITE = 0,
	COR_READ_ONLY,  /* in answers only; in a request it is refused like an unknown member */
	COR_WRITE_ONLY, /* in requests only */
};

/** What answers leave out, where else it is written. */
enum cor_omit {
	COR_OMIT_NULL = 1,  /* null */
	COR_OMIT_EMPTY = 2, /* "", [] and {} */
};

/** Where a row of an operation's input comes from. */
enum cor_from {
	COR_FROM_DEFAULT = 0, /* the body for POST, PUT and PATCH, else the query */
	COR_FROM_BODY,        /* the JSON or form body */
	COR_FROM_PATH,        /* {key} in the resource's path */
	COR_FROM_QUERY,
	COR_FROM_HEADER,
	COR_FROM_COOKIE, /* the cookie of that key: cookie.h */
};

/** Where a row of an operation's output goes. */
enum cor_to {
	COR_TO_BODY = 0,
	COR_TO_HEADER, /* the response header of that key; an empty one is left out */
	COR_TO_COOKIE, /* a cookie of that name is set: cookie.h; an empty one is left out */
};

/**
 * A bound of a range, exact for every number kind. That of a decimal, a date-time, a date, a time
 * of day or a duration is its text: COR_MIN("2026-01-01"). Written by COR_MIN() and the like.
 */
struct cor_bound {
	enum {
		COR_BOUND_NONE = 0,
		COR_BOUND_INTEGER,
		COR_BOUND_NATURAL,
		COR_BOUND_REAL,
		COR_BOUND_TEXT
	} type;
	bool exclusive;
	int64_t integer;  /* COR_BOUND_INTEGER, and the bits of COR_BOUND_NATURAL */
	double real;      /* COR_BOUND_REAL */
	const char *text; /* COR_BOUND_TEXT */
};

struct cor_range {
	struct cor_bound min, max;
};

/** One name of an enum. */
struct cor_enum_name {
	const char *name;
	uint32_t value;
};

/** How JSON has a number that both ways can be right for. */
enum cor_form {
	COR_AS_USUAL = 0, /* integers as numbers, decimals as strings */
	COR_AS_TEXT,      /* 64-bit integers: "5", for readers whose numbers are doubles */
	COR_AS_NUMBER,    /* decimals: 19.90 */
};

/** What one value is: a member, or each item of it. */
struct cor_type {
	enum cor_kind kind;
	uint32_t size;                     /* of the value, or of the struct behind a pointer */
	const struct cor_schema *schema;   /* of an object, of an embedded struct */
	const struct cor_enum_name *names; /* of an enum */
	uint32_t names_len;
	const struct cor_union *one_of;        /* of a union: schema_union.h */
	const struct cor_text_kind *text_kind; /* of a type with functions: schema_custom.h */
	const struct cor_mapping *mapping;     /* of a struct in the form of another one's JSON */
};

/** How many values a member holds. */
enum cor_shape {
	COR_SHAPE_ONE = 0,
	COR_SHAPE_ARRAY, /* a cor_array */
	COR_SHAPE_DICT,  /* a cor_dict: an object whose members are not known before */
};

/**
 * What values must be, said once for many rows:
 *
 *     static const struct cor_rule currency = { .pattern = "^[A-Z]{3}$", .doc = "ISO 4217" };
 *     ...
 *     COR_FIELD(struct price, currency, .rule = &currency),
 *
 * The members are the options of a row. What the row says itself comes first.
 */
struct cor_rule {
	struct cor_range range;
	uint32_t min_length, max_length;
	uint32_t min_items, max_items;
	const char *pattern;
	const char *key_pattern;
	uint32_t key_max_length;
	const char *format;
	const char *constant;
	double multiple_of;
	bool unique_items;
	const struct cor_rule *contains;
	uint32_t min_contains, max_contains;
	const char *doc;
	const char *example;
};

/** One row. Its order in the table is the order of output. Write rows with the macros below. */
struct cor_field {
	/* set by the row macros */
	const char *member;
	struct cor_type type; /* of the member, or of its items */
	enum cor_shape shape;
	uint32_t item_bytes;   /* of an item of a cor_dict */
	uint32_t value_offset; /* of its value in it */
	bool is_opt;           /* a cor_opt */
	bool is_partial;       /* COR_PARTIAL, and its rows */
	bool is_envelope;      /* of a view: around the whole struct */
	uint32_t offset;       /* of the member (of .value in a cor_opt) */
	uint32_t state_offset; /* of .state in a cor_opt */
	uint32_t owner_offset; /* of the row's struct: of an embedded one, where it is embedded */
	uint32_t given_offset; /* of the struct cor_given */
	uint32_t given_row;    /* the row's bit in it */
	uint32_t owner_size;   /* of the row's struct: shows rows of another struct */
	const char *owner;     /* that struct's name, as spelled in the row: "struct book" */

	/* options */
	const char *key;   /* outside name; default: the member's name */
	enum cor_form as;  /* 64-bit integers and decimals, or an array's; nothing else is read */
	uint32_t presence; /* enum cor_presence, or-ed */
	enum cor_access access;
	enum cor_from from;
	enum cor_to to;
	/* of a cookie: how browsers keep it, and whether it is sealed; NULL: as by default */
	const struct cor_cookie *cookie;
	/* numbers and times, or an array's: COR_MIN(x), COR_BETWEEN(a, b), COR_ABOVE(x) ... */
	struct cor_range range;
	uint32_t min_length; /* strings, or an array's: in code points; of base64 in bytes */
	uint32_t max_length; /* 0: no limit but the body's */
	uint32_t min_items;  /* arrays, and the members of a cor_dict */
	uint32_t max_items;  /* 0: no limit but the body's */
	/* strings, or an array's: a regular expression of ECMA-262, searched for (anchor it) */
	const char *pattern;
	const char *key_pattern; /* keys of a cor_dict: as .pattern */
	uint32_t key_max_length; /* in characters; 0: no limit but the body's */
	/*
	 * strings, or an array's: what the document calls "format". Checked are "date", "email" (a
	 * local part of atoms, RFC 5322 section 3.2.3, and a host name), "hostname" (RFC 1123),
	 * "ipv4", "ipv6" and "uri" (http or https with a host, RFC 3986). Any other is for readers.
	 */
	const char *format;
	/*
	 * scalars: the only value, as JSON text. It is written whatever the member holds, and what
	 * is read must be it. With a .fallback of the same it may be absent.
	 */
	const char *constant;
	/* numbers, or an array's: exact, as decimals (0.3 is a multiple of 0.1); 0: any */
	double multiple_of;
	/* arrays: no two items are equal, as JSON; raw JSON inside objects counts as text */
	bool unique_items;
	/*
	 * arrays of scalars: so many items obey this rule, too, whose .doc names them: "an even
	 * number". 0: at least one, and no limit.
	 */
	const struct cor_rule *contains;
	uint32_t min_contains, max_contains;
	/*
	 * files: the media types that a client may say that they have, in lower case, with commas
	 * between: "image/jpeg, image/png", or a range with an asterisk behind the slash. NULL:
	 * any. Its bytes are not looked at.
	 */
	const char *media_types;
	uint32_t max_bytes; /* of a file; 0: no limit but the body's */
	/* the value when the member is absent, as JSON text; makes it optional */
	const char *fallback;
	const char *doc;             /* for people: OpenAPI's description, --help */
	bool deprecated;             /* the document tells clients not to use it any more */
	const char *example;         /* JSON text */
	const struct cor_rule *rule; /* the options above from .range on that the row leaves out */
	/*
	 * Answers have the member only if this returns true, for the struct that holds it (of an
	 * embedded row the embedded one) and the request; never where no request is answered, as
	 * in a topic. In that case `ctx` is not there to ask. It may not yield.
	 */
	bool (*when)(struct cor_ctx *ctx, const void *owner);
	uint32_t omit; /* enum cor_omit, or-ed: what answers leave out */
	/*
	 * The row is the value itself, with no object around it: [1, 2], not {"list": [1, 2]}. It
	 * is the only row of its table, but for those of paths, queries and headers. Arrays of
	 * arrays, arrays and scalars as bodies, types that have a name in the document: each is a
	 * struct of one member, whose schema any row takes.
	 */
	bool bare;
	const struct cor_computed *computed; /* set by COR_COMPUTED_FIELD: computed.h */
	/*
	 * A cor_dict: takes the members that no other row has, whatever .unknown of the schema
	 * says, and is written between them. At most one in a table, those of embedded structs
	 * counted. It is always optional; its key is not in the JSON.
	 */
	bool rest;
};

COR_END_DECLS
#endif
