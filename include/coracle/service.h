/* SPDX-License-Identifier: MIT */
/**
 * A service: resources, their operations, and what stands around them. All constant data, reached from main.
 *
 * An operation is a typed C function with its input and output schema. A resource is a path with an operation for
 * each verb. HEAD follows from GET, OPTIONS and 405 with Allow from the verbs that are there; a static path segment
 * beats a parameter. What a service, its resources and its operations must fulfil together (a {name} in the path has
 * its row, paths do not collide ...) is checked at start, with a message that names them.
 */
#ifndef CORACLE_SERVICE_H
#define CORACLE_SERVICE_H

#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/clock.h>
#include <coracle/context.h>
#include <coracle/random.h>
#include <coracle/schema.h>
#include <coracle/stream.h>

COR_BEGIN_DECLS

#define COR_PROBLEMS_MAX     12
#define COR_BODY_LIMIT_BYTES (1024 * 1024)

/** What a client can ask for. Defined with COR_OPERATION or COR_STREAM_OPERATION. */
struct cor_operation {
	/* set by the macros */
	const char *handler; /* the function's name: OpenAPI's operationId */
	int (*call)(struct cor_ctx *ctx, const void *in, void *out);
	int (*stream)(struct cor_ctx *ctx, const void *in, struct cor_body *body,
		struct cor_reply *reply);
	const struct cor_schema *in;
	const struct cor_schema *out; /* NULL for a stream */

	/* options */
	const char *summary;
	const char *doc;
	const char *tag;
	const char *
		content_type; /* of a text, bytes or stream answer; default text/plain; charset=utf-8 or application/octet-stream */
	uint16_t status;      /* of success; 0: 200, or 204 without output */
	uint16_t problems
		[COR_PROBLEMS_MAX]; /* statuses that the handler answers with, beside those every operation can */
	uint32_t
		body_limit_bytes; /* above it 413; 0: the server's, COR_BODY_LIMIT_BYTES unless told */
	uint32_t timeout_ms;      /* from the head's last byte; 0: the server's */
	uint32_t stack_bytes;     /* 0: COR_STACK_BYTES */
	enum { COR_CURRENT = 0, COR_DEPRECATED } lifecycle;
};

/**
 * Define a static operation around  int handler(struct cor_ctx *, const struct in *, struct out *).
 *
 * The input is bound and validated before the call, all errors are answered at once; *out is zeroed before and encoded
 * after. The handler returns 0 or a negative code: a cor_problem(), or a bare code that becomes one; a positive
 * number is a defect and a 500. COR_NONE stands
 * for no input or no output, COR_TEXT and COR_BYTES for a whole body in a struct cor_str.
 */
#define COR_OPERATION(symbol_, handler_, in_, out_, ...)                                           \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&handler_),                         \
			       int (*)(struct cor_ctx *, const __typeof__(*in_.type) *,            \
				       __typeof__(*out_.type) *)),                                 \
		"the handler must be int " #handler_ "(struct cor_ctx *, "                         \
		"const (the type of " #in_ ") *, (the type of " #out_ ") *)");                     \
	static int symbol_##_adapter(struct cor_ctx *ctx, const void *in, void *out)               \
	{                                                                                          \
		return handler_(ctx, in, out);                                                     \
	}                                                                                          \
	static const struct cor_operation symbol_ = { .handler = #handler_,                        \
		.call = symbol_##_adapter,                                                         \
		.in = &in_.schema,                                                                 \
		.out = &out_.schema,                                                               \
		__VA_ARGS__ }

/**
 * Define a static operation around
 * int handler(struct cor_ctx *, const struct in *, struct cor_body *, struct cor_reply *):
 * it pulls the request's body and writes the reply's, both in pieces (see stream.h). Rows of its input come from the
 * path, the query and headers.
 */
#define COR_STREAM_OPERATION(symbol_, handler_, in_, ...)                                          \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&handler_),                         \
			       int (*)(struct cor_ctx *, const __typeof__(*in_.type) *,            \
				       struct cor_body *, struct cor_reply *)),                    \
		"the handler must be int " #handler_ "(struct cor_ctx *, "                         \
		"const (the type of " #in_ ") *, struct cor_body *, struct cor_reply *)");         \
	static int symbol_##_adapter(struct cor_ctx *ctx, const void *in, struct cor_body *body,   \
		struct cor_reply *reply)                                                           \
	{                                                                                          \
		return handler_(ctx, in, body, reply);                                             \
	}                                                                                          \
	static const struct cor_operation symbol_ = {                                              \
		.handler = #handler_, .stream = symbol_##_adapter, .in = &in_.schema, __VA_ARGS__  \
	}

/** The rest of the way to the answer, for a middleware to call. */
struct cor_next;

/**
 * Code around every request of a service or of a resource, in straight-line style:
 *
 *     static int stamp(struct cor_ctx *ctx, struct cor_next *next)
 *     {
 *             int rc = cor_reply_header(ctx, "X-Stamp", "1");
 *
 *             return rc < 0 ? rc : cor_next(next);
 *     }
 *     static const struct cor_middleware stamping = { .name = "stamping", .around = stamp };
 *
 * It runs for problems of the router (404, 405) too. It may return a problem instead of calling cor_next(). Headers are
 * set before cor_next(): behind it the head of a stream has gone, and cor_reply_header() returns -COR_ECLOSED.
 */
struct cor_middleware {
	const char *name;
	int (*around)(struct cor_ctx *ctx, struct cor_next *next);
};

/**
 * Run the inner middleware and the operation. Call it once at most. Yields as they do.
 * Returns 0, or the negative code that will become the answer unless the caller returns another.
 */
COR_API int cor_next(struct cor_next *next) COR_CHECKED;

/**
 * The status that the answer has, or will have if the outermost middleware returns rc: for a middleware that has called
 * cor_next(). An output that turns out to have no JSON becomes a 500 later than that. In a ctx without a request
 * (a start hook, a test) there is no operation, and success is 200. Never yields.
 */
COR_API int cor_reply_status(struct cor_ctx *ctx, int rc);

/** A path and its operations. */
struct cor_resource {
	const char *path; /* "/books/{id}": a segment is text or one {name} */
	const struct cor_operation *get;
	const struct cor_operation *put;
	const struct cor_operation *post;
	const struct cor_operation *patch;
#ifdef __cplusplus
	const struct cor_operation *delete_;
#else
	const struct cor_operation *delete;
#endif
	const struct cor_middleware *const *middleware; /* COR_MIDDLEWARE(...), outermost first */
	const char *tag;                                /* groups operations in the documentation */
};

#define COR_RESOURCES(...)                                                                         \
	(const struct cor_resource *const[])                                                       \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}
#define COR_MIDDLEWARE(...)                                                                        \
	(const struct cor_middleware *const[])                                                     \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

struct cor_service {
	const char *name;                               /* in the document, the logs and --help */
	const char *version;                            /* of the service */
	const char *title;                              /* for people; default: the name */
	const char *doc;                                /* what it is, CommonMark */
	const struct cor_resource *const *resources;    /* COR_RESOURCES(...) */
	const struct cor_middleware *const *middleware; /* COR_MIDDLEWARE(...), outermost first */

	/**
	 * COR_SCHEMAS(a_schema, b_schema): what is nobody's input or output, but decoded or encoded by the service's own code
	 * with cor_ctx_codec(ctx), in the start hook or in a handler: files, messages. Their tables are checked at start, and
	 * they are not in the OpenAPI document. Schemas of operations, and those that these nest, are there anyhow.
	 */
	const struct cor_schema *const *schemas;

	/** The schema of the service's own settings, COR_SETTINGS(schema): flags, environment and file for free. */
	const struct cor_schema *settings;

	/**
	 * The service's own word on options, as JSON text in the form of the configuration file: {"threads": 2}. It
	 * stands in for the library's defaults; file, environment and flags still come before it. NULL: none.
	 */
	const char *defaults;

	/**
	 * Make the state: once in each process, before it listens. ctx lives until stop: memory from it does too.
	 * Returns 0, or a negative code (cor_problem() says why) that ends the start. May be NULL.
	 */
	int (*start)(struct cor_ctx *ctx, void **ret_state);

	/**
	 * Work beside the requests, for as long as the service serves: a fiber of its own on the first thread, from when it
	 * listens until the last request is answered. Then it is cancelled: its waits return -ECANCELED, and it has to return.
	 * It may start further fibers, and joins them. ctx is its own; memory from it lives until it returns, so what goes on
	 * for ever takes its memory elsewhere. Yields as a handler does. Returns 0 when it is done, or a negative code, which is
	 * logged unless it is -ECANCELED (cor_problem() says why); the service goes on without it. May be NULL.
	 */
	int (*background)(struct cor_ctx *ctx, void *state);

	/** Undo it, after the last request. May be NULL. */
	void (*stop)(struct cor_ctx *ctx, void *state);
};

#define COR_SETTINGS(schema_) (&(schema_).schema)

/** By name, sixteen at most; of more write the array: { &a_schema.schema, ..., NULL }. */
#define COR_SCHEMAS(...)                                                                           \
	(const struct cor_schema *const[])                                                         \
	{                                                                                          \
		COR_REFS_OF_(__VA_ARGS__, COR_REFS_16_, COR_REFS_15_, COR_REFS_14_, COR_REFS_13_,  \
			COR_REFS_12_, COR_REFS_11_, COR_REFS_10_, COR_REFS_9_, COR_REFS_8_,        \
			COR_REFS_7_, COR_REFS_6_, COR_REFS_5_, COR_REFS_4_, COR_REFS_3_,           \
			COR_REFS_2_, COR_REFS_1_, )                                                \
		(__VA_ARGS__), NULL                                                                \
	}
#define COR_REFS_OF_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, refs_, ...) refs_
#define COR_REFS_1_(s)                                                           &(s).schema
#define COR_REFS_2_(s, ...)                                                      COR_REFS_1_(s), COR_REFS_1_(__VA_ARGS__)
#define COR_REFS_3_(s, ...)                                                      COR_REFS_1_(s), COR_REFS_2_(__VA_ARGS__)
#define COR_REFS_4_(s, ...)                                                      COR_REFS_1_(s), COR_REFS_3_(__VA_ARGS__)
#define COR_REFS_5_(s, ...)                                                      COR_REFS_1_(s), COR_REFS_4_(__VA_ARGS__)
#define COR_REFS_6_(s, ...)                                                      COR_REFS_1_(s), COR_REFS_5_(__VA_ARGS__)
#define COR_REFS_7_(s, ...)                                                      COR_REFS_1_(s), COR_REFS_6_(__VA_ARGS__)
#define COR_REFS_8_(s, ...)                                                      COR_REFS_1_(s), COR_REFS_7_(__VA_ARGS__)
#define COR_REFS_9_(s, ...)                                                      COR_REFS_1_(s), COR_REFS_8_(__VA_ARGS__)
#define COR_REFS_10_(s, ...)                                                     COR_REFS_1_(s), COR_REFS_9_(__VA_ARGS__)
#define COR_REFS_11_(s, ...)                                                     COR_REFS_1_(s), COR_REFS_10_(__VA_ARGS__)
#define COR_REFS_12_(s, ...)                                                     COR_REFS_1_(s), COR_REFS_11_(__VA_ARGS__)
#define COR_REFS_13_(s, ...)                                                     COR_REFS_1_(s), COR_REFS_12_(__VA_ARGS__)
#define COR_REFS_14_(s, ...)                                                     COR_REFS_1_(s), COR_REFS_13_(__VA_ARGS__)
#define COR_REFS_15_(s, ...)                                                     COR_REFS_1_(s), COR_REFS_14_(__VA_ARGS__)
#define COR_REFS_16_(s, ...)                                                     COR_REFS_1_(s), COR_REFS_15_(__VA_ARGS__)

/**
 * The service's settings, typed:  const struct shop_settings *s = cor_settings(ctx, shop_settings_schema);
 * NULL when the service has not that schema. Never yields.
 */
#define cor_settings(ctx, schema_)                                                                 \
	((const __typeof__(*(schema_).type) *)cor_settings_of((ctx), &(schema_).schema))

/** The function behind the macro. */
COR_API const void *cor_settings_of(struct cor_ctx *ctx, const struct cor_schema *schema);

/** The service that ctx belongs to. Never yields. */
COR_API const struct cor_service *cor_ctx_service(struct cor_ctx *ctx);

/** What a ctx of one's own is made of; all of it is borrowed and outlives the ctx. */
struct cor_ctx_options {
	const struct cor_service *service; /* NULL: none, so no codec and no settings either */
	void *state;                       /* for cor_state(); the start hook is not called */

	/** A struct of service->settings; NULL: filled from the rows' .fallback and the service's .defaults. */
	const void *settings;

	/**
	 * What the thread that makes the ctx has until it destroys it, where no scheduler runs: for cor_now(),
	 * cor_monotonic_ns(), cor_sleep_ms() and everything with a time limit, for cor_random_fill(), cor_uuid_random() and
	 * cor_request_id(). NULL: the system's.
	 */
	const struct cor_clock *clock;
	const struct cor_random *random;
};

/**
 * Make a ctx without a request, as the start hook has one: to call a handler from a test or a tool.
 *
 *     struct cor_ctx *ctx;
 *     struct note note = { 0 };
 *     int rc = cor_ctx_create(&(struct cor_ctx_options){ .service = &notes, .state = &shelf }, &ctx);
 *
 *     rc = get_note(ctx, &(struct note_ref){ 7 }, &note); // cor_problem_of(ctx) is what it recorded
 *
 * The request's texts are empty in it, headers of the reply go nowhere, cor_log() writes to standard error. It can be
 * used outside a scheduler and belongs to one thread at a time. The input is not validated, and the output is the
 * caller's to zero. Never yields. The caller owns *ret.
 * Returns 0, -ENOMEM, -COR_ETABLE (the service's tables contradict themselves: `--check` says where), or -COR_EINVALID and
 * -COR_ESYNTAX (the service's .defaults and the rows' .fallback do not fill its settings: give .settings).
 */
COR_API int cor_ctx_create(const struct cor_ctx_options *options, struct cor_ctx **ret) COR_CHECKED;

/**
 * Free it with all of its memory: only what cor_ctx_create() made, on the same thread if it was given a clock or
 * randomness. NULL is allowed. Never yields.
 */
COR_API void cor_ctx_destroy(struct cor_ctx *ctx);

COR_END_DECLS
#endif
