/* SPDX-License-Identifier: MIT */
/**
 * What an operation answers, status by status: in the document, and in its handler.
 *
 *     static int lend(struct cor_ctx *ctx, const struct loan *in, struct loan *out)
 *     {
 *             if (is_lent(in->book))
 *                     return cor_respond(ctx, 409, clash_schema, &(struct clash){ .until = ... });
 *             ...
 *     }
 *     COR_OPERATION(lend_operation, lend, loan_schema, loan_schema, .status = 201,
 *             .responses = COR_RESPONSES(
 *                     { .status = 201, .doc = "It is yours" },
 *                     { .status = 404, .doc = "There is no such book" },
 *                     { .status = 409, .doc = "Somebody has it",
 *                             .schema = COR_ANSWERS(clash_schema) }));
 *
 * What all operations of a resource or of a service may answer stands there once, as .problems, and
 * is among theirs by itself:
 *
 *     static const struct cor_service shop = { ..., .problems = COR_RESPONSES(
 *             { .status = 402, .doc = "Nothing is left", .members = COR_ANSWERS(due_schema) }) };
 *     ...
 *     struct due due = { .cents = cents };
 *
 *     return cor_problem_with(ctx, 402, 0, due_schema, &due, "%s owes", customer);
 *
 * All of it is constant data, which the start of the service checks: examples are read by their
 * schema, links lead to an operation of the service and give it what it needs.
 */
#ifndef CORACLE_RESPONSE_H
#define CORACLE_RESPONSE_H

#include <stdint.h>

#include <coracle/api.h>
#include <coracle/schema.h>

COR_BEGIN_DECLS

struct cor_ctx;
struct cor_operation;

/** A value with a name, as JSON text: it must be one that the schema takes. */
struct cor_example {
	const char *name; /* unique in its list: letters, digits, '.', '_' and '-' */
	const char *summary;
	const char *doc;
	const char *value;
};

/** A parameter of the operation that a link leads to, and where its value is. */
struct cor_link_value {
	const char *key;  /* of a row of its input */
	const char *from; /* "$response.body#/id", "$request.path.id": OpenAPI's expressions */
};

/** What can be asked next, with what was answered. */
struct cor_link {
	const char *name; /* as that of an example */
	/** Where it leads: an operation of the service, which the document shows. */
	const struct cor_operation *operation;
	const char *doc;
	/** COR_LINK_VALUES(...): those of its path at least. */
	const struct cor_link_value *values;
};

/** What an operation answers with one status. */
struct cor_response {
	uint16_t status; /* 200 to 599 */
	/** For people. NULL: the status in words. */
	const char *doc;
	/**
	 * COR_ANSWERS(schema): what cor_respond() sends, as JSON; rows may go to headers. NULL: for
	 * the operation's own status its output, from 400 a problem, else nothing.
	 */
	const struct cor_schema *schema;
	/**
	 * Of a problem: the URI of its type, a page that explains it perhaps, and its title in
	 * words, which is the same each time (RFC 9457 section 3.1). NULL: about:blank, and the
	 * status in words. Shown by each problem of that status, however it was recorded.
	 */
	const char *type;
	const char *title;
	/**
	 * COR_ANSWERS(schema): of a problem, what cor_problem_with() adds to the members of its own
	 * (RFC 9457 section 3.2); rows may go to headers. Instead of .schema, and not where the
	 * service has .errors in a shape of its own.
	 */
	const struct cor_schema *members;
	/** COR_EXAMPLES(...): of its body. */
	const struct cor_example *examples;
	/** COR_LINKS(...). */
	const struct cor_link *links;
};

/* clang-format off */

/* Lists; an empty row ends each. */
#define COR_RESPONSES(...)   (const struct cor_response[]) { __VA_ARGS__, { .status = 0 } }
#define COR_EXAMPLES(...)    (const struct cor_example[]) { __VA_ARGS__, { .name = NULL } }
#define COR_LINKS(...)       (const struct cor_link[]) { __VA_ARGS__, { .name = NULL } }
#define COR_LINK_VALUES(...) (const struct cor_link_value[]) { __VA_ARGS__, { .key = NULL } }

/**
 * Answer with another status and another struct than the output: one of the operation's .responses,
 * with its schema. To be returned by the handler, whose output is then not looked at:
 *
 *     return cor_respond(ctx, 409, clash_schema, &(struct clash){ .until = until });
 *
 * The struct is written at once, and may be gone when it returns; its header rows are set as by
 * cor_reply_header(). A cor_problem() behind it counts instead. In a ctx without a request the
 * status is that of cor_problem_of(). Not in an operation whose executor has processes, which is
 * told at start. Never yields. Returns -COR_EPROBLEM, or -ENOMEM.
 */
#define cor_respond(ctx, status, schema_, ...) \
	cor_respond_with((ctx), (status), &(schema_).schema, COR_TYPED_((__VA_ARGS__), schema_))

/**
 * As cor_problem(), with members of its own: those of the struct, by the .members of the status in
 * .responses of the operation or in .problems of its resource or service. `value` is a pointer to
 * the struct, which is written at once; its header rows (Retry-After) are set. If the status has no
 * such .members, that is a defect of the service: a 500, and the log says so. Never yields. Returns
 * -COR_EPROBLEM, or -ENOMEM.
 */
#define cor_problem_with(ctx, status, cause, schema_, value, ...) \
	cor_problem_with_members((ctx), (status), (cause), &(schema_).schema, \
		COR_TYPED_(value, schema_), __VA_ARGS__)

/* clang-format on */

/** The function behind the macro. */
COR_API int cor_respond_with(struct cor_ctx *ctx, int status, const struct cor_schema *schema,
	const void *value) COR_CHECKED;
COR_API int cor_problem_with_members(struct cor_ctx *ctx, int status, int cause,
	const struct cor_schema *schema, const void *value, const char *format, ...)
	COR_PRINTF(6, 7) COR_CHECKED;

COR_END_DECLS
#endif
