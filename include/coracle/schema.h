/* SPDX-License-Identifier: MIT */
/**
 * Field tables: what a C struct looks like from outside.
 *
 * A struct and one table of rows; from the table come JSON decoding with validation, encoding, the
 * binding of path, query, headers and forms, settings, and OpenAPI:
 *
 *     struct book {
 *             int64_t id;
 *             const char *title;
 *     };
 *     static const struct cor_field book_fields[] = {
 *             COR_FIELD(struct book, id, .access = COR_READ_ONLY),
 *             COR_FIELD(struct book, title, .min_length = 1, .max_length = 200),
 *     };
 *     COR_LOCAL_SCHEMA(book_schema, struct book, book_fields, .doc = "A book in stock");
 *
 * That is for one file; where several use it, a header has COR_DECLARE_SCHEMA and one of the files
 * COR_SCHEMA.
 *
 * schema_field.h lists the rows and what they may say.
 *
 * Each row names the schema's struct, spelled as the schema spells it; the start of the service
 * checks that.
 *
 * The C type of a member decides its JSON type. A float, an 8- or 16-bit integer, a char * or a
 * const number, bool or text is a compile error that names what to do instead
 * (cor_no_kind_use_double, cor_no_kind_leave_out_const ...). Options are designated initialisers,
 * all zero by default, and the default is strict: the member is required, and members that the
 * table does not know are refused. The compiler cannot tell an enum member from a uint32_t, so
 * enums need COR_ENUM.
 *
 * Schemas are constant data: any thread may read them.
 */
#ifndef CORACLE_SCHEMA_H
#define CORACLE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <coracle/api.h>
#include <coracle/arena.h>
#include <coracle/base64.h>
#include <coracle/calendar.h>
#include <coracle/decimal_number.h>
#include <coracle/ip.h>
#include <coracle/json.h>
#include <coracle/schema_field.h>
#include <coracle/schema_rows.h>
#include <coracle/str.h>
#include <coracle/upload.h>
#include <coracle/uuid.h>
#include <coracle/violation.h>

COR_BEGIN_DECLS

struct cor_ctx;
struct cor_json_hook;
struct cor_schema;

/** A rule of a whole struct, for .check of its schema: see COR_CHECK(). */
struct cor_schema_check {
	int (*run)(struct cor_ctx *ctx, const void *value);
	const char *c_type;
};

/** What is done to a struct once it is read, for .after_load of its schema: see COR_HOOK(). */
struct cor_schema_hook {
	int (*run)(struct cor_ctx *ctx, void *value);
	const char *c_type;
};

/** What to do with members that the table does not know. */
enum cor_unknown {
	COR_REFUSE = 0,
	COR_IGNORE,
};

struct cor_schema {
	const struct cor_field *fields;
	size_t len;         /* at most COR_FIELDS_MAX, those of embedded structs counted */
	size_t size;        /* of the struct */
	const char *symbol; /* the C name of the schema */
	const char *c_type; /* the struct's name, spelled as in its rows: "struct book" */
	const char *name;   /* in OpenAPI; default: the symbol without "_schema" */
	const char *doc;
	enum cor_unknown unknown;
	bool base; /* the document shows answers that embed it as an allOf with it */
	const struct cor_schema_check *check;
	const struct cor_json_hook *before_load; /* on JSON: json_hook.h */
	const struct cor_schema_hook *after_load;
	const struct cor_schema_hook *before_dump; /* on a copy, of each answer that has it */
	const struct cor_json_hook *after_dump;
	const char *discriminator; /* of a union: the JSON member that says which struct it is */
	bool is_flat;              /* of a mapped schema: the struct holds no pointer */
	enum cor_media {
		COR_MEDIA_JSON = 0,
		COR_MEDIA_NONE,
		COR_MEDIA_TEXT,
		COR_MEDIA_BYTES
	} media; /* set by the library */
};

#define COR_FIELDS_MAX      256
#define COR_EMBED_DEPTH_MAX 8 /* structs embedded inside one another */

/** Which rows of a struct under COR_PARTIAL a request gave, null ones included. */
struct cor_given {
	uint64_t rows[COR_FIELDS_MAX / 64];
};

/**
 * Declare a schema and tie it to its C type: in a header where several files use it. Declares the
 * union `name`.
 */
#define COR_DECLARE_SCHEMA(name, c_type_)                                                          \
	COR_TYPE_NAME_(name, c_type_);                                                             \
	extern const union name {                                                                  \
		struct cor_schema schema;                                                          \
		c_type_ *type;                                                                     \
	} name

/* clang-format off */

/** Define it from its table; options are members of struct cor_schema: .name, .doc, .unknown. */
#define COR_SCHEMA(symbol_, ...) COR_SCHEMA_(symbol_, __VA_ARGS__, )
#define COR_SCHEMA_(symbol_, table, ...) \
	const union symbol_ symbol_ = { .schema = { \
		.fields = COR_TABLE_(table), \
		.len = sizeof(table) / sizeof((table)[0]), \
		.size = sizeof(*symbol_.type), \
		.symbol = #symbol_, \
		.c_type = symbol_##_c_type_, \
		__VA_ARGS__ \
	} }

/**
 * Both in one line, for a schema that only this file uses:
 *
 *     COR_LOCAL_SCHEMA(book_schema, struct book, book_fields);
 *
 * Its name is the file's own, so another file may use it again. A type that holds itself (a tree)
 * needs the two above, because its table refers to the schema.
 */
#define COR_LOCAL_SCHEMA(symbol_, c_type_, ...) COR_LOCAL_SCHEMA_(symbol_, c_type_, __VA_ARGS__, )
#define COR_LOCAL_SCHEMA_(symbol_, c_type_, table, ...) \
	static const union symbol_ { \
		struct cor_schema schema; \
		c_type_ *type; \
	} symbol_ = { .schema = { \
		.fields = COR_TABLE_(table), \
		.len = sizeof(table) / sizeof((table)[0]), \
		.size = sizeof(c_type_), \
		.symbol = #symbol_, \
		.c_type = COR_SPELLED_(c_type_), \
		__VA_ARGS__ \
	} }

/* clang-format on */

/* clang-format off */

/**
 * Rules that no table knows, and work on what was read:
 *
 *     static int check_stay(struct cor_ctx *ctx, const struct stay *stay)
 *     {
 *             if (stay->until <= stay->from)
 *                     return cor_invalid_at(ctx, stay_schema, until, "must be after from");
 *             return 0;
 *     }
 *     COR_CHECK(stay_check, check_stay, struct stay);
 *     COR_SCHEMA(stay_schema, stay_fields, .check = &stay_check);
 *
 * They run for each value of the schema in the input of an operation, a received message or the
 * answer of another server, at any depth: in arrays, in other structs, and in those that embed it.
 * Inner ones come first; a struct's check comes when all rows of it are right, its after_load
 * (COR_HOOK, of a function that may change the struct) when the check, too, has found nothing.
 * Under COR_PARTIAL neither runs: call cor_check() (check.h) on the whole. They return 0, what
 * cor_invalid_at() and its kin return, or another negative code, which ends the request, or is what
 * the call of the other server returns; they may yield. Decoding by itself runs none.
 */
#define COR_CHECK(symbol_, function_, c_type_) \
	typedef int (*symbol_##_type_)(struct cor_ctx *, const c_type_ *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&function_), symbol_##_type_), \
		"a check must be int " #function_ "(struct cor_ctx *, const " #c_type_ " *)"); \
	static int symbol_##_run_(struct cor_ctx *ctx, const void *value) \
	{ \
		symbol_##_type_ typed_ = function_; \
		return typed_(ctx, value); \
	} \
	static const struct cor_schema_check symbol_ = { symbol_##_run_, COR_SPELLED_(c_type_) }
#define COR_HOOK(symbol_, function_, c_type_) \
	typedef int (*symbol_##_type_)(struct cor_ctx *, c_type_ *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&function_), symbol_##_type_), \
		"a hook must be int " #function_ "(struct cor_ctx *, " #c_type_ " *)"); \
	static int symbol_##_run_(struct cor_ctx *ctx, void *value) \
	{ \
		symbol_##_type_ typed_ = function_; \
		return typed_(ctx, value); \
	} \
	static const struct cor_schema_hook symbol_ = { symbol_##_run_, COR_SPELLED_(c_type_) }

/* clang-format on */

/** No input, or no output (204). */
struct cor_none {
	char nothing;
};
extern COR_API const union cor_none_schema {
	struct cor_schema schema;
	struct cor_none *type;
} cor_none_schema;
#define COR_NONE cor_none_schema

/**
 * A body of plain text, in a struct cor_str. Input: no Content-Type, or any text/ type whose
 * charset, if it names one, is utf-8 or us-ascii, else a 415; text that is not UTF-8 is a 400.
 * Output is text/plain; charset=utf-8, unless .content_type says otherwise; its bytes are sent as
 * they are, and that they are UTF-8 is not checked.
 */
extern COR_API const union cor_text_schema {
	struct cor_schema schema;
	struct cor_str *type;
} cor_text_schema;
#define COR_TEXT cor_text_schema

/**
 * A body of bytes, in a struct cor_str. Input: any Content-Type, or none. Output is
 * application/octet-stream, unless .content_type says otherwise.
 */
extern COR_API const union cor_bytes_schema {
	struct cor_schema schema;
	struct cor_str *type;
} cor_bytes_schema;
#define COR_BYTES cor_bytes_schema

/**
 * A set of schemas ready for use: names hashed, patterns compiled, fallbacks parsed, contradictions
 * found. It belongs to one thread. A service makes its own and hands it out with
 * every ctx; outside a service make one.
 */
struct cor_codec;

/**
 * Make ready `len` schemas and all that they nest. The faults of every row come together; the
 * values of a .fallback and an .example are tried only once the row itself is right. Never yields.
 * The caller owns *ret. Returns 0, -ENOMEM, or -COR_ETABLE: a table contradicts itself; `where` of
 * each violation in *why says which row of which schema ("book_schema, row title"), `detail` what
 * is wrong and what to do (`why` may be NULL; its memory is `arena`'s).
 */
COR_API int cor_codec_create(const struct cor_schema *const *schemas, size_t len,
	struct cor_codec **ret, struct cor_arena *arena, struct cor_violations *why) COR_CHECKED;

/** Free it. NULL is allowed. */
COR_API void cor_codec_destroy(struct cor_codec *codec);

/**
 * Decode JSON text into a struct and validate all of it:
 *
 *     rc = cor_decode(codec, arena, book_schema, &book, text, &violations);
 *
 * Every row takes part: .access, .from and .to apply to requests and answers only. 1.0 and 1e3 are
 * integers, as in JSON Schema. Strings and arrays belong to the arena (text without escapes too: it
 * is copied). All violations are added to *violations. Never yields. Returns 0, -COR_ESYNTAX (not
 * JSON: one violation says where), -COR_EINVALID, -COR_ETOOLARGE (deeper than COR_JSON_DEPTH_MAX),
 * -ENOMEM, or -COR_ETABLE (the schema is not among the codec's: list it in the service's .schemas).
 * On failure the struct holds nothing of use.
 */
#define cor_decode(codec, arena, schema_, ret, text, violations)                                   \
	cor_decode_json((codec), (arena), &(schema_).schema, COR_TYPED_RET_(ret, schema_), (text), \
		(violations))

/**
 * Encode a struct as JSON into the arena: rc = cor_encode(codec, arena, book_schema, &book, &text);
 *
 * Never yields. Returns 0, -COR_EINVALID (a value that has no JSON: NaN, text that is not UTF-8, an
 * enum without a name, a required pointer that is NULL), -COR_ETOOLARGE (deeper than
 * COR_JSON_OUTPUT_DEPTH_MAX), -ENOMEM or -COR_ETABLE (as above).
 */
#define cor_encode(codec, arena, schema_, value, ret_text)                                         \
	cor_encode_json((codec), (arena), &(schema_).schema, COR_TYPED_(value, schema_), (ret_text))

/**
 * Copy a struct with all that it holds, so that it can outlive its request:
 *
 *     rc = cor_copy(arena, book_schema, &book, &copy);
 *
 * Texts, arrays and structs behind pointers are copied into the arena. A member that no row
 * names is copied as it is: what it points to is not. Needs no codec, and checks no rules; any
 * thread. Never yields. Returns 0, -ENOMEM, -COR_EINVALID (a length, but no text or items; a map
 * with a NULL key), -EOPNOTSUPP (an upload that is not in memory: save it) or -COR_ETOOLARGE
 * (nested deeper than COR_JSON_OUTPUT_DEPTH_MAX, or in a circle). On failure *ret holds nothing of
 * use.
 */
#define cor_copy(arena, schema_, value, ret)                                                       \
	cor_copy_struct((arena), &(schema_).schema, COR_TYPED_(value, schema_),                    \
		COR_TYPED_RET_(ret, schema_))

/**
 * Whether a row was given: if (cor_is_given(&patch->given, book_schema, title)) ...
 *
 * The schema is the one of COR_PARTIAL, the member one of its struct that a row names; false for
 * any other. Any thread. Never yields.
 */
#define cor_is_given(given, schema_, member)                                                       \
	cor_given_has((given), &(schema_).schema, offsetof(__typeof__(*(schema_).type), member))

/**
 * Apply a PATCH: copy the rows that were given into another struct of the schema:
 *
 *     cor_apply(&patch->given, book_schema, &patch->book, &book);
 *
 * Texts, arrays and what pointers point to are shared with `from`: cor_copy() makes them last.
 * Any thread. Never yields.
 */
#define cor_apply(given, schema_, from, to)                                                        \
	cor_apply_rows((given), &(schema_).schema, COR_TYPED_(from, schema_),                      \
		COR_TYPED_RET_(to, schema_))

/** The functions behind these macros, for code that has only the schema. */
COR_API int cor_decode_json(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, void *ret, struct cor_str text,
	struct cor_violations *violations) COR_CHECKED;
COR_API int cor_encode_json(struct cor_codec *codec, struct cor_arena *arena,
	const struct cor_schema *schema, const void *value, struct cor_str *ret_text) COR_CHECKED;

COR_API int cor_copy_struct(struct cor_arena *arena, const struct cor_schema *schema,
	const void *value, void *ret) COR_CHECKED;

COR_API bool cor_given_has(
	const struct cor_given *given, const struct cor_schema *schema, size_t offset);
COR_API void cor_apply_rows(
	const struct cor_given *given, const struct cor_schema *schema, const void *from, void *to);

/** The codec of the service that ctx belongs to. Never yields. */
COR_API struct cor_codec *cor_ctx_codec(struct cor_ctx *ctx);

COR_END_DECLS
#endif
