/* SPDX-License-Identifier: MIT */
/**
 * The shape of error answers. Without a word it is application/problem+json (RFC 9457), and for a
 * new service that is right. Clients that were written for another framework can keep what they
 * know:
 *
 *     static const struct cor_service shop = { ..., .errors = &cor_restx_errors };
 *
 * or what the service says itself, as a struct with a table:
 *
 *     struct failure {
 *             const char *error;
 *             int64_t count;
 *     };
 *     static int tell(struct cor_ctx *ctx, const struct cor_error_answer *error,
 *             struct failure *ret)
 *     {
 *             ret->error = error->detail;
 *             ret->count = error->violations ? (int64_t)error->violations->count : 0;
 *             return 0;
 *     }
 *     COR_ERROR_SHAPE(shop_errors, tell, failure_schema);
 *
 * The OpenAPI document describes the shape in use. It is that of all errors of the service: of
 * requests that break rules, and of every cor_problem(). What the server refuses before it knows
 * which service is meant, as a malformed head, and messages of WebSockets are problems always.
 */
#ifndef CORACLE_ERROR_SHAPE_H
#define CORACLE_ERROR_SHAPE_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/schema.h>
#include <coracle/violation.h>

COR_BEGIN_DECLS

struct cor_ctx;
struct cor_error_writer;

/** What there is to say, in the client's language (language.h). Borrowed for the call. */
struct cor_error_answer {
	uint16_t status;
	const char *title;                       /* the status in words */
	const char *detail;                      /* "": nothing that the client may see */
	const char *request_id;                  /* "": none */
	const struct cor_violations *violations; /* NULL: none */
};

/** Write one with COR_ERROR_SHAPE(). */
struct cor_error_shape {
	/* options */
	uint16_t invalid_status;  /* of a request that breaks rules, instead of 422: 400 */
	const char *content_type; /* NULL: application/json */

	/* set by the library */
	int (*fill)(struct cor_ctx *ctx, const struct cor_error_answer *error, void *ret);
	const struct cor_schema *schema;
	const struct cor_error_writer *writer;
};

/**
 * As marshmallow has them, with webargs' status 422: {"title": ["is required"], "lines": {"2":
 * {"price": ["must be at least 0"]}}}. Texts of a whole are under "_schema", parameters beside the
 * members of the body. Any other error is {"message": "no book 7"}.
 */
extern COR_API const struct cor_error_shape cor_marshmallow_errors;

/**
 * As Flask-RESTX has them, with status 400: {"errors": {"title": "is required", "lines.2.price":
 * "must be at least 0"}, "message": "Input payload validation failed"}; of several texts for one
 * member the first. Any other error is {"message": "no book 7"}.
 */
extern COR_API const struct cor_error_shape cor_restx_errors;

/* clang-format off */

/**
 * Define a static shape around
 *
 *     int function(struct cor_ctx *ctx, const struct cor_error_answer *error, struct failure *ret);
 *
 * which fills *ret, that is zeroed, with memory of ctx, and returns 0. It may not yield. If it
 * returns a negative code, or *ret has no JSON, the client gets a problem, and the log says why.
 * Options are the first members of struct cor_error_shape.
 */
#define COR_ERROR_SHAPE(symbol_, function_, ...) \
	COR_ERROR_SHAPE_(symbol_, function_, __VA_ARGS__, )
#define COR_ERROR_SHAPE_(symbol_, function_, schema_, ...) \
	typedef int (*symbol_##_type_)(struct cor_ctx *, const struct cor_error_answer *, \
		__typeof__(*schema_.type) *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&function_), symbol_##_type_), \
		"must be int " #function_ "(struct cor_ctx *, const struct cor_error_answer *, " \
		"(the type of " #schema_ ") *)"); \
	static int symbol_##_fill_( \
		struct cor_ctx *ctx, const struct cor_error_answer *error, void *ret) \
	{ \
		symbol_##_type_ typed_ = function_; \
		return typed_(ctx, error, ret); \
	} \
	static const struct cor_error_shape symbol_ = { \
		.fill = symbol_##_fill_, .schema = &schema_.schema, __VA_ARGS__ \
	}

/* clang-format on */

COR_END_DECLS
#endif
