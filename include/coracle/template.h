/* SPDX-License-Identifier: MIT */
/**
 * Text with arguments, where no argument can be more than data:
 *
 *     COR_PATH("/shelves/{}/books/{}", shelf->name, id)
 *
 * Each {} takes the next argument, at most COR_ARGUMENTS_MAX: a text (const char * or struct
 * cor_str), an integer, a bool or a struct cor_uuid; any other type does not compile. How text is
 * kept apart from its surroundings is said where the template is used: in a path it is
 * percent-encoded (RFC 3986 section 2.1).
 *
 * The arguments live as long as the block around the macro.
 */
#ifndef CORACLE_TEMPLATE_H
#define CORACLE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/str.h>
#include <coracle/uuid.h>

#define COR_ARGUMENTS_MAX 8

/** One argument: made by the macros. */
struct cor_argument {
	enum {
		COR_ARGUMENT_NONE = 0, /* the end of a list */
		COR_ARGUMENT_TEXT,     /* data NULL: a NULL pointer was given */
		COR_ARGUMENT_SIGNED,
		COR_ARGUMENT_UNSIGNED,
		COR_ARGUMENT_UUID,
	} kind;
	union {
		struct cor_str text;
		int64_t number;
		uint64_t unsigned_number;
		struct cor_uuid uuid;
	} value;
};

/** A template and what its {} stand for. */
struct cor_template {
	const char *text;
	const struct cor_argument *arguments; /* ends with one of kind 0; NULL: none */
};

/* clang-format off */

#ifndef __cplusplus

static inline struct cor_argument cor_argument_text(const char *text)
{
	struct cor_argument it = { COR_ARGUMENT_TEXT, { { text, text ? strlen(text) : 0 } } };
	return it;
}

static inline struct cor_argument cor_argument_str(struct cor_str text)
{
	const char *data = text.data ? text.data : "";
	struct cor_argument it = { COR_ARGUMENT_TEXT, { { data, text.len } } };
	return it;
}

static inline struct cor_argument cor_argument_signed(int64_t number)
{
	struct cor_argument it = { COR_ARGUMENT_SIGNED, { { NULL, 0 } } };
	it.value.number = number;
	return it;
}

static inline struct cor_argument cor_argument_unsigned(uint64_t number)
{
	struct cor_argument it = { COR_ARGUMENT_UNSIGNED, { { NULL, 0 } } };
	it.value.unsigned_number = number;
	return it;
}

static inline struct cor_argument cor_argument_uuid(struct cor_uuid uuid)
{
	struct cor_argument it = { COR_ARGUMENT_UUID, { { NULL, 0 } } };
	it.value.uuid = uuid;
	return it;
}

#define COR_ARGUMENT_(x) \
	_Generic((x), \
		char *: cor_argument_text, const char *: cor_argument_text, \
		struct cor_str: cor_argument_str, struct cor_uuid: cor_argument_uuid, \
		bool: cor_argument_unsigned, \
		signed char: cor_argument_signed, short: cor_argument_signed, \
		int: cor_argument_signed, long: cor_argument_signed, \
		long long: cor_argument_signed, \
		unsigned char: cor_argument_unsigned, unsigned short: cor_argument_unsigned, \
		unsigned: cor_argument_unsigned, unsigned long: cor_argument_unsigned, \
		unsigned long long: cor_argument_unsigned)(x)

/**
 * A text as it is, which no argument goes into: for one that is encoded already. Whoever makes it
 * of what a client has sent opens what templates keep shut.
 */
#define COR_TEMPLATE_AS_IS(text) ((struct cor_template){ (text), NULL })

/** A struct cor_template. */
#define COR_TEMPLATE(...) \
	(COR_ARGUMENTS_OF_(__VA_ARGS__, COR_TEMPLATE_8_, COR_TEMPLATE_7_, COR_TEMPLATE_6_, \
		COR_TEMPLATE_5_, COR_TEMPLATE_4_, COR_TEMPLATE_3_, COR_TEMPLATE_2_, \
		COR_TEMPLATE_1_, COR_TEMPLATE_0_, )(__VA_ARGS__))

#define COR_ARGUMENTS_OF_(t, a, b, c, d, e, f, g, h, template_, ...) template_
#define COR_TEMPLATE_0_(t) \
	((struct cor_template){ (t), NULL })
#define COR_TEMPLATE_N_(t, ...) \
	((struct cor_template){ (t), (const struct cor_argument[]){ __VA_ARGS__, { 0 } } })
#define COR_TEMPLATE_1_(t, a) \
	COR_TEMPLATE_N_(t, COR_ARGUMENT_(a))
#define COR_TEMPLATE_2_(t, a, b) \
	COR_TEMPLATE_N_(t, COR_ARGUMENT_(a), COR_ARGUMENT_(b))
#define COR_TEMPLATE_3_(t, a, b, c) \
	COR_TEMPLATE_N_(t, COR_ARGUMENT_(a), COR_ARGUMENT_(b), COR_ARGUMENT_(c))
#define COR_TEMPLATE_4_(t, a, b, c, d) \
	COR_TEMPLATE_N_(t, COR_ARGUMENT_(a), COR_ARGUMENT_(b), COR_ARGUMENT_(c), COR_ARGUMENT_(d))
#define COR_TEMPLATE_5_(t, a, b, c, d, e) \
	COR_TEMPLATE_N_(t, COR_ARGUMENT_(a), COR_ARGUMENT_(b), COR_ARGUMENT_(c), COR_ARGUMENT_(d), \
		COR_ARGUMENT_(e))
#define COR_TEMPLATE_6_(t, a, b, c, d, e, f) \
	COR_TEMPLATE_N_(t, COR_ARGUMENT_(a), COR_ARGUMENT_(b), COR_ARGUMENT_(c), COR_ARGUMENT_(d), \
		COR_ARGUMENT_(e), COR_ARGUMENT_(f))
#define COR_TEMPLATE_7_(t, a, b, c, d, e, f, g) \
	COR_TEMPLATE_N_(t, COR_ARGUMENT_(a), COR_ARGUMENT_(b), COR_ARGUMENT_(c), COR_ARGUMENT_(d), \
		COR_ARGUMENT_(e), COR_ARGUMENT_(f), COR_ARGUMENT_(g))
#define COR_TEMPLATE_8_(t, a, b, c, d, e, f, g, h) \
	COR_TEMPLATE_N_(t, COR_ARGUMENT_(a), COR_ARGUMENT_(b), COR_ARGUMENT_(c), COR_ARGUMENT_(d), \
		COR_ARGUMENT_(e), COR_ARGUMENT_(f), COR_ARGUMENT_(g), COR_ARGUMENT_(h))

#endif

/* clang-format on */

#endif
