/* SPDX-License-Identifier: MIT */
/**
 * Types of your own in tables: functions of yours read and write them.
 *
 * A type that is a string in JSON:
 *
 *     struct money {
 *             int64_t cents;
 *             char currency[4];
 *     };
 *     static int money_read(struct cor_conversion *conversion, struct cor_str text,
 *             struct money *ret);
 *     static int money_write(struct cor_conversion *conversion, const struct money *money,
 *             struct cor_str *ret);
 *     COR_LOCAL_TEXT_KIND(money_kind, struct money, money_read, money_write,
 *             .pattern = "^[0-9]+\\.[0-9]{2} [A-Z]{3}$", .example = "\"19.90 EUR\"");
 *     ...
 *     COR_OBJECT(struct order, price, money_kind),
 *
 * A struct that JSON has in the form of another one, which has a table:
 *
 *     static int box_load(struct cor_conversion *conversion, const struct box_json *json,
 *             struct box *ret);
 *     static int box_dump(struct cor_conversion *conversion, const struct box *box,
 *             struct box_json *ret);
 *     COR_LOCAL_MAPPED_SCHEMA(box_schema, struct box, box_json_schema, box_load, box_dump);
 *
 * Both are schemas like any other: COR_OBJECT, COR_OBJECT_ARRAY, COR_OBJECT_DICT and COR_OPT_OBJECT
 * take them, branches of unions hold them, and they are bodies of operations. A text kind is a
 * scalar: paths, queries, headers and settings take it, too. In the OpenAPI document each has a
 * name.
 *
 * The functions return 0, -ENOMEM, or any other negative code: the value cannot be converted. To a
 * client that is one more violation of the request; an answer becomes a 500, and the log says which
 * row. They see one value: they may be called for the .fallback and .example of a row at start, for
 * a copy or a test. They may not yield, and their code may run in any thread.
 */
#ifndef CORACLE_SCHEMA_CUSTOM_H
#define CORACLE_SCHEMA_CUSTOM_H

#include <coracle/schema.h>

COR_BEGIN_DECLS

#define COR_REFUSAL_BYTES 256 /* room for why a value is refused, with a NUL */

/** What a function that converts is given. A test makes its own: { .arena = &arena }. */
struct cor_conversion {
	/* Memory: for what is read, as long as the value lives; for what is written, until it is.
	 */
	struct cor_arena *arena;

	/* the library's own: */
	char refusal[COR_REFUSAL_BYTES];
	const struct cor_schema *refused; /* whose member is wrong; NULL: the whole */
	size_t refused_offset;
};

/**
 * Say why: return cor_refuse(conversion, "must be an amount such as 19.90 EUR"); the text reads on
 * from the name of the member, and is cut after COR_REFUSAL_BYTES. Returns -COR_EINVALID.
 * Never yields.
 */
COR_API int cor_refuse(struct cor_conversion *conversion, const char *format, ...)
	COR_PRINTF(2, 3) COR_CHECKED;

/**
 * The same of a member of the struct that JSON has, whose pointer the violation then has:
 *
 *     return cor_refuse_at(conversion, box_json_schema, sides, "must be three");
 */
#define cor_refuse_at(conversion, schema_, member, ...)                                            \
	cor_refuse_row((conversion), &(schema_).schema,                                            \
		offsetof(__typeof__(*(schema_).type), member), __VA_ARGS__)
COR_API int cor_refuse_row(struct cor_conversion *conversion, const struct cor_schema *schema,
	size_t offset, const char *format, ...) COR_PRINTF(4, 5) COR_CHECKED;

/** A type that is a string in JSON. Write it with COR_TEXT_KIND(). */
struct cor_text_kind {
	/* set by the macro */
	int (*read)(struct cor_conversion *conversion, struct cor_str text, void *ret);
	int (*write)(
		struct cor_conversion *conversion, const void *value, struct cor_str *ret_text);

	/* options */
	const char *noun;    /* what a text must be that was refused without a word: "an amount" */
	const char *pattern; /* this and the next three as in a row, and looked at before `read` */
	const char *format;
	uint32_t min_length;
	uint32_t max_length;
	const char *example; /* JSON text, tried at start */
	const char *doc;
	const char *name; /* in OpenAPI; default: the symbol without "_kind" */
	/*
	 * The value holds no pointer: copies are made of its bytes. Otherwise it is copied by its
	 * text (a zeroed one by its bytes), and cannot leave a process of a pool.
	 */
	bool is_flat;
};

/** A struct in the form of another one. Written by COR_MAPPED_SCHEMA(). */
struct cor_mapping {
	int (*load)(struct cor_conversion *conversion, const void *json, void *ret);
	int (*dump)(struct cor_conversion *conversion, const void *value, void *ret_json);
};

/* clang-format off */

/**
 * Define a text kind that COR_DECLARE_SCHEMA(money_kind, struct money) has declared; options are
 * those of struct cor_text_kind.
 *
 * `read` gets text that keeps to the options, is UTF-8 without U+0000 and has a NUL behind it; *ret
 * is zeroed. `write` gives text, in memory of the conversion or constant.
 */
#define COR_TEXT_KIND(symbol_, c_type_, read_, ...) \
	COR_TEXT_KIND_(symbol_, c_type_, read_, __VA_ARGS__, )
#define COR_TEXT_KIND_(symbol_, c_type_, read_, write_, ...) \
	COR_TEXT_KIND_ROW_(symbol_, c_type_, read_, write_, __VA_ARGS__); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(*symbol_.type), c_type_), \
		#symbol_ " is declared for another type than " #c_type_); \
	COR_SCHEMA_(symbol_, symbol_##_row_, )

/** Both in one line, for a kind that only this file uses. */
#define COR_LOCAL_TEXT_KIND(symbol_, c_type_, read_, ...) \
	COR_LOCAL_TEXT_KIND_(symbol_, c_type_, read_, __VA_ARGS__, )
#define COR_LOCAL_TEXT_KIND_(symbol_, c_type_, read_, write_, ...) \
	COR_TEXT_KIND_ROW_(symbol_, c_type_, read_, write_, __VA_ARGS__); \
	COR_LOCAL_SCHEMA_(symbol_, c_type_, symbol_##_row_, )

/**
 * Define the schema of a struct, declared by COR_DECLARE_SCHEMA, that JSON has in the form of
 * another schema's. Options are members of struct cor_schema: .name, .doc, .check, .after_load,
 * .is_flat.
 *
 * `load` gets what was read and is right by the other table; what it points to may be kept in *ret,
 * which is zeroed. `dump` fills *ret, which is zeroed; what that points to is the value's, the
 * conversion's or constant. Checks and hooks of the other schema are not run: have them here.
 *
 * Copies are made by dumping and loading (of a zeroed struct by its bytes), and it cannot leave a
 * process of a pool; with .is_flat, which says that it holds no pointer, by its bytes.
 */
#define COR_MAPPED_SCHEMA(symbol_, c_type_, json_schema_, load_, ...) \
	COR_MAPPED_SCHEMA_(symbol_, c_type_, json_schema_, load_, __VA_ARGS__, )
#define COR_MAPPED_SCHEMA_(symbol_, c_type_, json_schema_, load_, dump_, ...) \
	COR_MAPPED_ROW_(symbol_, c_type_, json_schema_, load_, dump_); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(*symbol_.type), c_type_), \
		#symbol_ " is declared for another type than " #c_type_); \
	COR_SCHEMA_(symbol_, symbol_##_row_, __VA_ARGS__)

/** Both in one line, for a schema that only this file uses. */
#define COR_LOCAL_MAPPED_SCHEMA(symbol_, c_type_, json_schema_, load_, ...) \
	COR_LOCAL_MAPPED_SCHEMA_(symbol_, c_type_, json_schema_, load_, __VA_ARGS__, )
#define COR_LOCAL_MAPPED_SCHEMA_(symbol_, c_type_, json_schema_, load_, dump_, ...) \
	COR_MAPPED_ROW_(symbol_, c_type_, json_schema_, load_, dump_); \
	COR_LOCAL_SCHEMA_(symbol_, c_type_, symbol_##_row_, __VA_ARGS__)

#define COR_TEXT_KIND_ROW_(symbol_, c_type_, read_, write_, ...) \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&read_), \
			int (*)(struct cor_conversion *, struct cor_str, c_type_ *)), \
		"must be int " #read_ "(struct cor_conversion *, struct cor_str, " #c_type_ \
		" *)"); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&write_), \
			int (*)(struct cor_conversion *, const c_type_ *, struct cor_str *)), \
		"must be int " #write_ \
		"(struct cor_conversion *, const " #c_type_ " *, struct cor_str *)"); \
	static int symbol_##_read_( \
		struct cor_conversion *conversion, struct cor_str text, void *ret) \
	{ \
		return read_(conversion, text, ret); \
	} \
	static int symbol_##_write_( \
		struct cor_conversion *conversion, const void *value, struct cor_str *ret_text) \
	{ \
		return write_(conversion, value, ret_text); \
	} \
	static const struct cor_text_kind symbol_##_text_ = { \
		.read = symbol_##_read_, .write = symbol_##_write_, __VA_ARGS__ \
	}; \
	COR_CUSTOM_ROW_(symbol_, c_type_, .kind = COR_KIND_CUSTOM, .text_kind = &symbol_##_text_)

#define COR_MAPPED_ROW_(symbol_, c_type_, json_schema_, load_, dump_) \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&load_), \
			int (*)(struct cor_conversion *, \
				const __typeof__(*json_schema_.type) *, c_type_ *)), \
		"must be int " #load_ "(struct cor_conversion *, const the struct of " \
		#json_schema_ " *, " #c_type_ " *)"); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&dump_), \
			int (*)(struct cor_conversion *, const c_type_ *, \
				__typeof__(*json_schema_.type) *)), \
		"must be int " #dump_ "(struct cor_conversion *, const " #c_type_ \
		" *, the struct of " #json_schema_ " *)"); \
	static int symbol_##_load_(struct cor_conversion *conversion, const void *json, void *ret) \
	{ \
		return load_(conversion, json, ret); \
	} \
	static int symbol_##_dump_( \
		struct cor_conversion *conversion, const void *value, void *ret) \
	{ \
		return dump_(conversion, value, ret); \
	} \
	static const struct cor_mapping symbol_##_mapping_ = { symbol_##_load_, symbol_##_dump_ }; \
	COR_CUSTOM_ROW_(symbol_, c_type_, .kind = COR_KIND_MAPPED, \
		.schema = &json_schema_.schema, .mapping = &symbol_##_mapping_)

#define COR_CUSTOM_ROW_(symbol_, c_type_, ...) \
	static const struct cor_field symbol_##_row_[] = { { \
		.member = "value", \
		.type = { .size = sizeof(c_type_), __VA_ARGS__ }, \
		.owner_size = sizeof(c_type_), \
		.owner = COR_SPELLED_(c_type_), \
		.bare = true, \
	} }

/* clang-format on */

COR_END_DECLS
#endif
