/* SPDX-License-Identifier: MIT */
/**
 * A service: its resources, their operations, and its middleware, settings and hooks. All of it is
 * constant data that main reaches.
 *
 * An operation is a typed C function with an input and an output schema. A resource is a path with
 * an operation for each verb. HEAD follows from GET; OPTIONS, and 405 with Allow, follow from the
 * verbs that are there. A static path segment beats a parameter. The start checks the rules
 * that these must obey together (a {name} in the path has its row, no two paths collide ...) and
 * reports all that are broken, with the names involved.
 */
#ifndef CORACLE_SERVICE_H
#define CORACLE_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <coracle/api.h>
#include <coracle/clock.h>
#include <coracle/context.h>
#include <coracle/executor.h>
#include <coracle/metrics.h>
#include <coracle/random.h>
#include <coracle/readiness.h>
#include <coracle/schema.h>
#include <coracle/stream.h>
#include <coracle/websocket_options.h>
#include <coracle/topic.h>
#include <coracle/view.h>

COR_BEGIN_DECLS

#define COR_PROBLEMS_MAX     12
#define COR_ALSO_MAX         3
#define COR_BODY_LIMIT_BYTES (1024 * 1024)

struct cor_about;         /* document.h */
struct cor_answer_rules;  /* answer_cache.h */
struct cor_cache;         /* store.h */
struct cor_coding;        /* compression.h */
struct cor_compression;   /* compression.h */
struct cor_caching;       /* caching.h */
struct cor_cors;          /* cors.h */
struct cor_example;       /* response.h */
struct cor_external_docs; /* document.h */
struct cor_idempotency;   /* idempotency.h */
struct cor_limit;         /* limit.h */
struct cor_mount;         /* mount.h */
struct cor_outgoing;      /* document.h */
struct cor_response;      /* response.h */
struct cor_security;      /* security.h */
struct cor_websocket;

/** How clients say which members of an answer they want. */
enum cor_selected_by {
	COR_BY_QUERY = 1,  /* ?fields=id,author{name} */
	COR_BY_HEADER = 2, /* X-Fields: id,author{name}, as Flask-RESTX has it */
};

/**
 * What a client can ask for. Defined with COR_OPERATION, COR_STREAM_OPERATION, or
 * COR_WEBSOCKET_OPERATION of websocket.h.
 */
struct cor_operation {
	/* --- set by the macros --- */

	/**
	 * The function's name: OpenAPI's operationId. If several operations have it, the second is
	 * NAME_2 and so on, in the order of COR_RESOURCES.
	 */
	const char *handler;
	int (*call)(struct cor_ctx *ctx, const void *in, void *out);
	int (*stream)(struct cor_ctx *ctx, const void *in, struct cor_body *body,
		struct cor_reply *reply);
	/** Of a WebSocket; .stream is the library's then. */
	int (*converse)(struct cor_ctx *ctx, const void *in, struct cor_websocket *ws);
	const struct cor_schema *in;
	/** NULL for a stream and a WebSocket. */
	const struct cor_schema *out;
	/** Set by the library in its own copy: the operation as it was written, with its views. */
	const struct cor_operation *written;

	/* --- options --- */

	const char *summary;
	const char *doc;
	const char *tag;
	/**
	 * The type of an answer of text or bytes, or of a stream. NULL: text/plain; charset=utf-8
	 * for text, application/octet-stream for bytes, application/json for a stream with
	 * .answers; any other stream must have one, unless its .status has no body. With a range
	 * (an asterisk) the handler chooses, and cor_reply_start() names the type.
	 */
	const char *content_type;
	/**
	 * COR_ANSWERS(schema): what a stream sends, for the OpenAPI document alone; the handler
	 * writes it. With .content_type = "application/jsonl" the schema describes one line.
	 */
	const struct cor_schema *answers;
	/**
	 * COR_PARTS(schema): the parts of a form that a stream reads with <coracle/parts.h>: for
	 * the OpenAPI document alone; the handler holds them to it. A body of another type than
	 * multipart/form-data is refused.
	 */
	const struct cor_schema *parts;
	/**
	 * A stream that answers with a file, by cor_reply_file() of reply_file.h, which needs it:
	 * the OpenAPI document has what that can answer. Nothing of it is compressed.
	 */
	bool sends_file;
	/** What of the input's rows a request may have, and must: view.h. NULL: all as it is. */
	const struct cor_view *in_view;
	/** What of the output's rows, or of those of .answers, an answer has. NULL: all. */
	const struct cor_view *out_view;
	/**
	 * Whether clients may ask for a part of the answer, and how: enum cor_selected_by, or-ed.
	 * id,author{name} has these members, id,* all others too. A name that no answer has is
	 * refused. Not for streams. 0: an answer is sent whole.
	 */
	uint32_t selected_by;
	/** The status of success. 0: 200, or 204 without output. */
	uint16_t status;
	/** Other statuses of success, with the same output: cor_reply_status_set() chooses one. */
	uint16_t also[COR_ALSO_MAX];
	/** Statuses of the handler's problems, besides those that every operation can have. */
	uint16_t problems[COR_PROBLEMS_MAX];
	/** COR_RESPONSES(...): what there is to say of statuses, and other answers: response.h. */
	const struct cor_response *responses;
	/**
	 * COR_SECURITY(...), or COR_PUBLIC: who may call it (security.h). NULL: as its resource has
	 * it, else the service.
	 */
	const struct cor_security *security;
	/** ETag, 304, 412, Cache-Control (caching.h). NULL: nothing of that. */
	const struct cor_caching *caching;
	/** One of .caches of the service: keeps its answers (answer_cache.h). NULL: none does. */
	const struct cor_cache *cache;
	/** How; NULL: as long as the cache says. */
	const struct cor_answer_rules *cache_rules;
	/** A POST or PATCH may be sent again, with its Idempotency-Key: idempotency.h. NULL: no. */
	const struct cor_idempotency *idempotency;
	/** COR_LIMITS(...): how often it may be called, besides other limits (limit.h). */
	const struct cor_limit *const *limits;
	/** COR_EXAMPLES(...): of a body of JSON that the operation takes. */
	const struct cor_example *examples;
	/** COR_OUTGOING(...): what is sent in return, later: document.h. */
	const struct cor_outgoing *callbacks;
	const struct cor_external_docs *external_docs;
	/** The document leaves it out. It is served all the same. */
	bool hidden;
	/** A longer body is a 413. 0: the server's limit, COR_BODY_LIMIT_BYTES by default. */
	uint32_t body_limit_bytes;
	/**
	 * COR_CODINGS(&cor_gzip): what a body may come encoded with, one at a time (compression.h);
	 * the handler gets it decoded. .body_limit_bytes holds before and after. NULL: an encoded
	 * body is a 415.
	 */
	const struct cor_coding *const *accepts_encoded;
	/**
	 * A body that decodes to more than so many times its bytes is a 413. 0:
	 * COR_BODY_RATIO_LIMIT.
	 */
	uint32_t body_ratio_limit;
	/** Of its answers: compression.h. NULL: as its resource has it. */
	const struct cor_compression *compression;
	/** Counts from the last byte of the request's head. 0: the server's. */
	uint32_t timeout_ms;
	/** 0: COR_STACK_BYTES. */
	uint32_t stack_bytes;
	/**
	 * One of the service's .executors, on which the handler runs: of threads for code that
	 * blocks everywhere, of processes for code that may crash (502, or 504 if it hangs: the
	 * document has both). Input and output are bound, checked and sent as always; what yields
	 * in a handler blocks the executor's thread. At the deadline the client gets its 504, and
	 * the handler goes on unheard; a process is killed a second later. Not for streams. NULL:
	 * the handler runs where the request is served.
	 */
	const struct cor_executor *executor;
	/**
	 * What becomes of the handler when the client has closed its connection, and only waits for
	 * an answer that nobody reads. COR_GO_ON: it goes on, because a client that has closed its
	 * own direction may still be reading; only a reset cancels it. COR_CANCEL: its waits, and
	 * those of its children (group.h), return -ECANCELED, and the log says 499. That is right
	 * for what is dear and has no effect: searches, reports. A client that shuts its direction
	 * down and reads on, as `nc -N` does, gets no answer then.
	 */
	enum { COR_GO_ON = 0, COR_CANCEL } on_disconnect;
	enum { COR_CURRENT = 0, COR_DEPRECATED } lifecycle;
	/** Of a WebSocket alone. */
	struct cor_websocket_options websocket;
};

/* clang-format off */

/**
 * Define a static operation around
 *
 *     int handler(struct cor_ctx *ctx, const struct in *in, struct out *out);
 *
 * The input is bound and validated before the call; one answer reports everything that is wrong
 * with it. *out is zeroed before the call and encoded after it. The handler returns 0 or a negative
 * code: that of cor_problem(), or a bare code that becomes a problem. A positive number is a defect
 * of the service: a 500.
 *
 * COR_NONE stands for no input or no output, COR_TEXT and COR_BYTES for a whole body in a struct
 * cor_str.
 */
#define COR_OPERATION(symbol_, handler_, in_, ...) \
	COR_OPERATION_(symbol_, handler_, in_, __VA_ARGS__, )
#define COR_OPERATION_(symbol_, handler_, in_, out_, ...) \
	typedef int (*symbol_##_type_)( \
		struct cor_ctx *, const __typeof__(*in_.type) *, __typeof__(*out_.type) *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&handler_), symbol_##_type_), \
		"the handler must be int " #handler_ "(struct cor_ctx *, " \
		"const (the type of " #in_ ") *, (the type of " #out_ ") *)"); \
	static int symbol_##_adapter(struct cor_ctx *ctx, const void *in, void *out) \
	{ \
		symbol_##_type_ typed_ = handler_; \
		return typed_(ctx, in, out); \
	} \
	static const struct cor_operation symbol_ = { \
		.handler = #handler_, \
		.call = symbol_##_adapter, \
		.in = &in_.schema, \
		.out = &out_.schema, \
		__VA_ARGS__ \
	}

/**
 * Define a static operation around
 *
 *     int handler(struct cor_ctx *ctx, const struct in *in, struct cor_body *body,
 *             struct cor_reply *reply);
 *
 * It reads the body of the request and writes that of the reply, both a buffer at a time: see
 * stream.h. Rows of its input come from the path, the query and headers.
 */
#define COR_STREAM_OPERATION(symbol_, handler_, ...) \
	COR_STREAM_OPERATION_(symbol_, handler_, __VA_ARGS__, )
#define COR_STREAM_OPERATION_(symbol_, handler_, in_, ...) \
	typedef int (*symbol_##_type_)(struct cor_ctx *, const __typeof__(*in_.type) *, \
		struct cor_body *, struct cor_reply *); \
	_Static_assert(__builtin_types_compatible_p(__typeof__(&handler_), symbol_##_type_), \
		"the handler must be int " #handler_ "(struct cor_ctx *, " \
		"const (the type of " #in_ ") *, struct cor_body *, struct cor_reply *)"); \
	static int symbol_##_adapter(struct cor_ctx *ctx, const void *in, struct cor_body *body, \
		struct cor_reply *reply) \
	{ \
		symbol_##_type_ typed_ = handler_; \
		return typed_(ctx, in, body, reply); \
	} \
	static const struct cor_operation symbol_ = { \
		.handler = #handler_, \
		.stream = symbol_##_adapter, \
		.in = &in_.schema, \
		__VA_ARGS__ \
	}

/* clang-format on */

#define COR_ANSWERS(schema_) (&(schema_).schema)
#define COR_PARTS(schema_)   (&(schema_).schema)

/**
 * Which rows a request gave to an operation with a partial .in_view; `in` is its input:
 *
 *     const struct cor_given *given = cor_ctx_given(ctx, in);
 *
 *     if (cor_is_given(given, book_schema, title)) ...
 *     cor_apply(given, book_schema, in, &book);
 *
 * It lives as long as the request. Never yields; on the thread of ctx. Of an operation without such
 * a view nothing is known: the log says so, and no row is given.
 */
COR_API const struct cor_given *cor_ctx_given(struct cor_ctx *ctx, const void *in);

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
 * It also runs for problems of the router (404, 405). It may return a problem instead of calling
 * cor_next(). Set headers before cor_next(): after it the response head of a stream has already
 * been sent, and cor_reply_header() returns -COR_ECLOSED.
 *
 * The OpenAPI document does not know what it reads and answers: embed a struct with its header's
 * row into the input of each operation (COR_EMBED), and put its status into their .problems
 * (docs/handlers.md shows it).
 */
struct cor_middleware {
	const char *name;
	int (*around)(struct cor_ctx *ctx, struct cor_next *next);
};

/**
 * Run the inner middleware and the operation. Call it once at most: a second call runs nothing and
 * returns -EALREADY. Yields as they do.
 *
 * Returns 0, or the negative code that will become the answer unless the caller returns another.
 */
COR_API int cor_next(struct cor_next *next) COR_CHECKED;

/**
 * The status that the answer has, or will have if the outermost middleware returns rc: for a
 * middleware that has called cor_next(). If the output then turns out to have no JSON, the answer
 * is still a 500. A ctx without a request (a start hook, a test) has no operation: success is 200
 * there. Never yields.
 */
COR_API int cor_reply_status(struct cor_ctx *ctx, int rc);

/**
 * Answer with another status of success, one of the operation's .also, if the handler succeeds:
 *
 *     rc = shelf_put(shelf, book, &is_new);
 *     return rc == 0 && is_new ? cor_reply_status_set(ctx, 201) : rc;
 *
 * The output is the same; for another one see cor_respond(). The last call counts. Never yields.
 * Returns 0, or records a defect of the service, whose code it returns: the operation does not list
 * the status, or is a stream, which says its status itself. In a ctx without a request it does
 * nothing.
 */
COR_API int cor_reply_status_set(struct cor_ctx *ctx, int status) COR_CHECKED;

/** A path and its operations. */
struct cor_resource {
	/** "/books/{id}": each segment is text or one {name}. */
	const char *path;
	const struct cor_operation *get;
	const struct cor_operation *put;
	const struct cor_operation *post;
	const struct cor_operation *patch;
#ifdef __cplusplus
	const struct cor_operation *delete_;
#else
	const struct cor_operation *delete;
#endif
	/** COR_MIDDLEWARE(...), outermost first. */
	const struct cor_middleware *const *middleware;
	/** COR_SECURITY(...), or COR_PUBLIC: who may call its operations. NULL: as the service. */
	const struct cor_security *security;
	/** COR_LIMITS(...): how often its operations may be called, all together (limit.h). */
	const struct cor_limit *const *limits;
	/** COR_RESPONSES(...): problems of all its operations, besides their own (response.h). */
	const struct cor_response *problems;
	/** Of the answers of its operations: compression.h. NULL: as the service has it. */
	const struct cor_compression *compression;
	/** Which pages of other origins may call it from browsers: cors.h. NULL: as the service. */
	const struct cor_cors *cors;
	/** Groups its operations in the documentation. */
	const char *tag;
	/** The document leaves all of its operations out. */
	bool hidden;
};

/* clang-format off */

#define COR_RESOURCES(...) \
	(const struct cor_resource *const[]) { __VA_ARGS__, NULL }

#define COR_MIDDLEWARE(...) \
	(const struct cor_middleware *const[]) { __VA_ARGS__, NULL }

/* clang-format on */

/** Of <coracle/error_shape.h>, files.h, language.h, sealing.h, session.h, tls.h, upstream.h. */
struct cor_error_shape;
struct cor_files;
struct cor_language;
struct cor_sealing;
struct cor_session;
struct cor_tls;
struct cor_upstream;

struct cor_service {
	/** In the document, the log and --help. */
	const char *name;
	/** Of the service. */
	const char *version;
	/** For people. NULL: the name. */
	const char *title;
	/** What the service is, in CommonMark. */
	const char *doc;
	/** Who is behind it, its tags, webhooks: document.h. NULL: nothing is said. */
	const struct cor_about *about;
	/** COR_RESOURCES(...). */
	const struct cor_resource *const *resources;
	/** COR_FILES(&assets, ...): folders of static files (files.h). */
	const struct cor_files *const *files;
	/** Services beneath a path of this one: mount.h. NULL: none. */
	const struct cor_mount *mounts;
	/**
	 * What becomes of a path that differs from that of a resource in a slash at its end.
	 * COR_SLASHES_MATTER: it is another path, a 404. COR_SLASHES_REDIRECT: the answer is 308
	 * with the resource's path, relative, so that scheme, host, method, body and query stay
	 * (RFC 9110 section 15.4.9). Of mounted services, too.
	 */
	enum { COR_SLASHES_MATTER = 0, COR_SLASHES_REDIRECT } slashes;
	/** COR_MIDDLEWARE(...), outermost first. */
	const struct cor_middleware *const *middleware;
	/**
	 * COR_SECURITY(...): who may call its operations, and learn what is not there (security.h).
	 * NULL: everybody.
	 */
	const struct cor_security *security;
	/**
	 * How many credentials of a client may be refused before the next gets a 429 unseen
	 * (limit.h). NULL: 30 in a minute; &cor_unlimited: any number.
	 */
	const struct cor_limit *failed_logins;
	/** COR_LIMITS(...): how often it may be called, all in all (limit.h). */
	const struct cor_limit *const *limits;
	/** COR_RESPONSES(...): problems of all operations, besides their own (response.h). */
	const struct cor_response *problems;
	/** Which pages of other origins may call it from a browser (cors.h). NULL: none. */
	const struct cor_cors *cors;
	/** COR_SECURITY(...): who may read /docs and what is below it. NULL: everybody. */
	const struct cor_security *docs_security;

	/**
	 * COR_SCHEMAS(a_schema, b_schema): schemas that no operation has as input or output, but
	 * that the service's own code (a hook or a handler) decodes or encodes with
	 * cor_ctx_codec(ctx): files, messages. Their tables are checked at start; the OpenAPI
	 * document does not list them. Schemas of operations and of COR_CACHED(), and those nested
	 * in them, need not be named here.
	 */
	const struct cor_schema *const *schemas;

	/**
	 * The service's own settings, COR_SETTINGS(schema): each row gives a flag, a variable and a
	 * member of the file.
	 */
	const struct cor_schema *settings;

	/** COR_METRICS(&orders.metric, ...): what the service counts itself. */
	const struct cor_metric *const *metrics;

	/**
	 * COR_EXECUTORS(&blocking, ...): pools for cor_offload() and .executor, in each process.
	 * Their threads are made when they are first needed, from the start hook on, and end
	 * before the stop hook.
	 */
	const struct cor_executor *const *executors;

	/** COR_TOPICS(&prices, ...): what its code publishes and subscribes to. */
	const struct cor_topic *const *topics;

	/** COR_UPSTREAMS(&prices, ...): other servers that its code calls (client.h). */
	const struct cor_upstream *const *upstreams;

	/** COR_CACHES(&prices, ...): what its code keeps for a while (cache.h). */
	const struct cor_cache *const *caches;

	/** COR_SESSIONS(&visits, ...): what clients are remembered by (session.h). */
	const struct cor_session *const *sessions;

	/** &cor_sealing of <coracle/sealing.h>: seals sessions and cookies. NULL: nothing is. */
	const struct cor_sealing *sealing;

	/** COR_LANGUAGES(&german, ...): what clients are told, besides English (language.h). */
	const struct cor_language *const *languages;

	/** The shape of errors (error_shape.h). NULL: application/problem+json. */
	const struct cor_error_shape *errors;

	/** COR_READINESS(&database, ...): what /ready of the control process depends on. */
	const struct cor_readiness *const *readiness;

	/** Of its answers: compression.h. NULL: they are sent as they are. */
	const struct cor_compression *compression;

	/** &cor_tls of <coracle/tls.h>: it can be served by https. NULL: --https is refused. */
	const struct cor_tls *tls;

	/**
	 * Replaces defaults of the library's options: JSON text in the form of the configuration
	 * file, {"threads": 2}. File, environment and flags still win. NULL: nothing.
	 */
	const char *defaults;

	/**
	 * What it knows is in the memory of one process, so that a second one would answer
	 * otherwise: --processes N above 1 and --worker-max are refused at start, and auto is 1;
	 * `coracle deploy` writes files for one process and one replica. A reload (HUP) or an
	 * upgrade begins anew, as each start does. Of a mounted service it counts for the whole
	 * program. Not needed where a database has the state, or a cache that processes share.
	 */
	bool single_process;

	/**
	 * Does what is to be done once, however many processes will serve: brings the tables of a
	 * database up to date, say. With a master it runs in a child of its own, at the start and
	 * in each reload; without one in the process itself, before start. No thread is there yet.
	 * ctx and its memory end with the hook. Returns and reports as start; a failure ends the
	 * start, or the reload. NULL: there is nothing to do.
	 */
	int (*prepare)(struct cor_ctx *ctx);

	/**
	 * Makes the state, once in each process, before it listens. ctx lives until stop, and so
	 * does memory from it. Returns 0, or a negative code that ends the start. A text for the
	 * log comes with cor_problem(ctx, 500, cause, ...), whose status is sent to nobody. NULL:
	 * there is nothing to make.
	 */
	int (*start)(struct cor_ctx *ctx, void **ret_state);

	/**
	 * Makes what each thread that serves has for itself: a connection that threads must not
	 * share, say. On each of them, after start and before it accepts; it blocks its thread.
	 * Handlers read *ret_thread_state with cor_thread_state(ctx). ctx lives until stop_thread,
	 * and so does memory from it. Returns and reports as start. NULL: there is nothing to make.
	 */
	int (*start_thread)(struct cor_ctx *ctx, void *state, void **ret_thread_state);

	/** Undoes start_thread, on its thread, after its last request. NULL: nothing to undo. */
	void (*stop_thread)(struct cor_ctx *ctx, void *thread_state);

	/**
	 * Work in the background, on a fiber of its own on the first thread. It starts when the
	 * service listens. When the last request is answered it is cancelled: its waits return
	 * -ECANCELED, and it must return. It joins the fibers that it starts. ctx is its own;
	 * memory from it lives until the hook returns, so a loop takes its memory elsewhere. Yields
	 * as a handler does.
	 *
	 * Returns 0 when it is done, or a negative code, which is logged unless it is -ECANCELED,
	 * with the text of cor_problem() as for start; the service goes on without it. NULL: there
	 * is no work.
	 */
	int (*background)(struct cor_ctx *ctx, void *state);

	/** Undoes start, after the last request. NULL: there is nothing to undo. */
	void (*stop)(struct cor_ctx *ctx, void *state);
};

/* clang-format off */

#define COR_SETTINGS(schema_) (&(schema_).schema)

/** Sixteen schemas at most; for more, write the array: { &a_schema.schema, ..., NULL }. */
#define COR_SCHEMAS(...) \
	(const struct cor_schema *const[]) { \
		COR_REFS_OF_(__VA_ARGS__, \
			COR_REFS_16_, COR_REFS_15_, COR_REFS_14_, COR_REFS_13_, \
			COR_REFS_12_, COR_REFS_11_, COR_REFS_10_, COR_REFS_9_, \
			COR_REFS_8_, COR_REFS_7_, COR_REFS_6_, COR_REFS_5_, \
			COR_REFS_4_, COR_REFS_3_, COR_REFS_2_, COR_REFS_1_, )(__VA_ARGS__), \
		NULL \
	}
#define COR_REFS_OF_(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, refs_, ...) refs_
#define COR_REFS_1_(s)       &(s).schema
#define COR_REFS_2_(s, ...)  COR_REFS_1_(s), COR_REFS_1_(__VA_ARGS__)
#define COR_REFS_3_(s, ...)  COR_REFS_1_(s), COR_REFS_2_(__VA_ARGS__)
#define COR_REFS_4_(s, ...)  COR_REFS_1_(s), COR_REFS_3_(__VA_ARGS__)
#define COR_REFS_5_(s, ...)  COR_REFS_1_(s), COR_REFS_4_(__VA_ARGS__)
#define COR_REFS_6_(s, ...)  COR_REFS_1_(s), COR_REFS_5_(__VA_ARGS__)
#define COR_REFS_7_(s, ...)  COR_REFS_1_(s), COR_REFS_6_(__VA_ARGS__)
#define COR_REFS_8_(s, ...)  COR_REFS_1_(s), COR_REFS_7_(__VA_ARGS__)
#define COR_REFS_9_(s, ...)  COR_REFS_1_(s), COR_REFS_8_(__VA_ARGS__)
#define COR_REFS_10_(s, ...) COR_REFS_1_(s), COR_REFS_9_(__VA_ARGS__)
#define COR_REFS_11_(s, ...) COR_REFS_1_(s), COR_REFS_10_(__VA_ARGS__)
#define COR_REFS_12_(s, ...) COR_REFS_1_(s), COR_REFS_11_(__VA_ARGS__)
#define COR_REFS_13_(s, ...) COR_REFS_1_(s), COR_REFS_12_(__VA_ARGS__)
#define COR_REFS_14_(s, ...) COR_REFS_1_(s), COR_REFS_13_(__VA_ARGS__)
#define COR_REFS_15_(s, ...) COR_REFS_1_(s), COR_REFS_14_(__VA_ARGS__)
#define COR_REFS_16_(s, ...) COR_REFS_1_(s), COR_REFS_15_(__VA_ARGS__)

/**
 * The service's settings, typed:
 *
 *     const struct shop_settings *settings = cor_settings(ctx, shop_settings_schema);
 *
 * NULL if the service's settings have another schema. A mounted service without .settings has those
 * of the nearest service around it that has some. Never yields.
 */
#define cor_settings(ctx, schema_) \
	((const __typeof__(*(schema_).type) *)cor_settings_of((ctx), &(schema_).schema))

/* clang-format on */

/** The function behind the macro. */
COR_API const void *cor_settings_of(struct cor_ctx *ctx, const struct cor_schema *schema);

/** The service that ctx belongs to. Never yields. */
COR_API const struct cor_service *cor_ctx_service(struct cor_ctx *ctx);

struct cor_script; /* script.h */

/** What a ctx of your own is made of. All of it is borrowed and must outlive the ctx. */
struct cor_ctx_options {
	/** NULL: no service, so neither codec nor settings. */
	const struct cor_service *service;

	/** For cor_state() and cor_thread_state(); the start hooks are not called. */
	void *state;
	void *thread_state;

	/** A struct of service->settings. NULL: the rows' .fallback and the service's .defaults. */
	const void *settings;

	/**
	 * Clock and randomness of the calling thread until cor_ctx_destroy(), where no scheduler
	 * runs: for cor_now(), cor_monotonic_ns(), cor_sleep_ms() and everything with a time limit,
	 * for cor_random_fill(), cor_uuid_random() and cor_request_id(). NULL: the system's.
	 */
	const struct cor_clock *clock;
	const struct cor_random *random;

	/** What answers its calls of upstreams (script.h). NULL: they go out as in the service. */
	struct cor_script *script;

	/**
	 * COR_LOG_HIDDEN: nothing is written of what cor_log() is told of it, by the program or the
	 * library. What has failed is in cor_http_failure() and cor_problem_of() still.
	 */
	enum { COR_LOG_SHOWN = 0, COR_LOG_HIDDEN } log;
};

/**
 * Make a ctx without a request, like that of a start hook: to call a handler from a test or a tool.
 *
 *     struct cor_ctx *ctx;
 *     struct note note = { 0 };
 *     int rc = cor_ctx_create(&(struct cor_ctx_options){ .service = &notes, .state = &shelf },
 *             &ctx);
 *
 *     rc = get_note(ctx, &(struct note_ref){ 7 }, &note); // cor_problem_of(ctx): what it recorded
 *
 * Make one for each call of a handler, because it keeps the problem of the call before. Streams and
 * middleware cannot be called: only the server makes a cor_body, cor_reply or cor_next.
 *
 * The request's texts are empty, headers of the reply go nowhere, cor_log() writes to standard
 * error (see .log), and messages are held to their tables as --check-answers refuse has it. The ctx
 * works outside a scheduler and belongs to one thread at a time. The caller zeroes the output; the
 * input is not validated. Never yields. The caller owns *ret.
 *
 * Returns 0, -ENOMEM, -COR_ETABLE (the service's tables contradict themselves), of a service with
 * executors of processes as cor_pool_create() (make it before the first thread), or -COR_EINVALID
 * and -COR_ESYNTAX (without .settings: the service's .defaults and the rows' .fallback do not fill
 * its settings, because a row is required or a value breaks its rule; give .settings). To see which
 * row it is, start the service itself, whose main calls cor_main(), with `--check` and no settings.
 */
COR_API int cor_ctx_create(const struct cor_ctx_options *options, struct cor_ctx **ret) COR_CHECKED;

/**
 * Free it with all of its memory: only a ctx that cor_ctx_create() made, and on the same thread if
 * it was given a clock or randomness. NULL is allowed. Never yields.
 */
COR_API void cor_ctx_destroy(struct cor_ctx *ctx);

COR_END_DECLS
#endif
