/* SPDX-License-Identifier: MIT */
/**
 * Members that answers have and the struct has not: a function makes them.
 *
 *     static const char *initials_of(struct cor_ctx *ctx, const struct user *user)
 *     {
 *             return cor_printf(ctx, "%c%c", user->first[0], user->last[0]);
 *     }
 *     COR_COMPUTED(user_initials, initials_of, struct user, const char *);
 *
 *     static const struct cor_field user_fields[] = {
 *             COR_FIELD(struct user, first),
 *             COR_FIELD(struct user, last),
 *             COR_COMPUTED_FIELD(struct user, initials, user_initials, .doc = "For badges"),
 *     };
 *
 * The function runs for each answer that has the member, on the thread of ctx; it may not yield.
 * What it returns lives as long as the request: memory comes from ctx. It may be anything that
 * COR_FIELD takes, or a pointer to a struct with a schema (COR_COMPUTED_OBJECT). NULL is as it is
 * for a row: COR_NULLABLE, COR_OPTIONAL, else a 500. Without a request (a topic, cor_encode()) the
 * member is not there. Of an embedded struct it takes the embedded one.
 */
#ifndef CORACLE_COMPUTED_H
#define CORACLE_COMPUTED_H

#include <coracle/api.h>
#include <coracle/schema.h>

#define COR_COMPUTED_BYTES 64 /* of a value at most */

/** Written by COR_COMPUTED(). */
struct cor_computed {
	void (*run)(struct cor_ctx *ctx, const void *owner, void *ret);
	const char *c_type; /* of the struct that it takes */
};

/* clang-format off */

/** Tie a function to its struct and to what it returns; for the rows of this file. */
#define COR_COMPUTED(symbol_, function_, c_type_, value_type_) \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&function_), \
			__typeof__(value_type_) (*)(struct cor_ctx *, const c_type_ *)), \
		#function_ " must be " #value_type_ " " #function_ \
		"(struct cor_ctx *, const " #c_type_ " *)"); \
	_Static_assert(sizeof(value_type_) <= COR_COMPUTED_BYTES, \
		"return a pointer: a computed value has at most 64 bytes"); \
	static void symbol_##_run_(struct cor_ctx *ctx, const void *owner, void *ret) \
	{ \
		__typeof__(value_type_) value = function_(ctx, owner); \
		__builtin_memcpy(ret, &value, sizeof value); \
	} \
	static const union symbol_ { \
		struct cor_computed computed; \
		__typeof__(value_type_) *type; \
	} symbol_ = { .computed = { symbol_##_run_, COR_SPELLED_(c_type_) } }

/** Its row: the struct, the member's name in JSON, what COR_COMPUTED() has defined, options. */
#define COR_COMPUTED_FIELD(c_type, ...) COR_COMPUTED_FIELD_(c_type, __VA_ARGS__, )
#define COR_COMPUTED_FIELD_(c_type_, name_, symbol_, ...) \
	{ \
		COR_COMPUTED_ROW_(c_type_, name_, symbol_), \
		.type = COR_SCALAR_(*(__typeof__(*(symbol_).type) *)0), \
		__VA_ARGS__ \
	}

/** The same of a pointer to a struct, or of a struct, with its schema. */
#define COR_COMPUTED_OBJECT(c_type, ...) COR_COMPUTED_OBJECT_(c_type, __VA_ARGS__, )
#define COR_COMPUTED_OBJECT_(c_type_, name_, symbol_, schema_, ...) \
	{ \
		COR_COMPUTED_ROW_(c_type_, name_, symbol_), \
		.type = COR_NESTED_(*(__typeof__(*(symbol_).type) *)0, schema_), \
		__VA_ARGS__ \
	}

#define COR_COMPUTED_ROW_(c_type_, name_, symbol_) \
	.member = #name_, \
	.owner_size = sizeof(c_type_), \
	.owner = COR_SPELLED_(c_type_), \
	.access = COR_READ_ONLY, \
	.computed = &(symbol_).computed

/* clang-format on */

#endif
