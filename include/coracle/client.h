/* SPDX-License-Identifier: MIT */
/**
 * Calls to other servers (upstream.h), in straight-line code, with a deadline.
 *
 *     int rc = cor_http_get(ctx, &prices, price_schema, &price, COR_PATH("/prices/{}", id));
 *     if (rc < 0)
 *             return cor_problem(ctx, 0, rc, "no price for book %" PRId64, id);
 *
 * The answer is decoded and validated by its schema: members that the table does not know are
 * passed over, since servers grow; rows with .to or .from a header are taken from the fields of the
 * answer. Then .check and .after_load of the schema are run, and .before_load before it, as on a
 * request; what they refuse breaks the schema, too. COR_TEXT and COR_BYTES take the body as it is,
 * COR_NONE drops it.
 *
 * What is sent is a struct, too, in the way a service of Coracle takes it: rows go to path, query,
 * fields, cookies and body as their .from says, so that a service and those who call it share one
 * header of structs and tables:
 *
 *     rc = cor_http_post(ctx, &shop, order_schema, &made, COR_PATH("/orders"),
 *             .in = COR_VALUE(draft_schema, &draft));
 *
 * A call yields the fiber, or blocks the thread outside of one, and lasts no longer than the
 * upstream's timeouts, the request's deadline and the scopes (fiber.h) allow. A schema that no
 * operation of the service has must be listed in its .schemas.
 *
 * A status that is not 2xx is a failure, unless the call says otherwise: .expects, .ret_status.
 * Each failure is recorded in ctx as the problem that it is to our own client (502, 503 or 504), so
 * that a bare `return rc;` is right, and leaves one line in the log, with the name of the upstream
 * and without its secrets. cor_http_failure() tells more.
 */
#ifndef CORACLE_CLIENT_H
#define CORACLE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <coracle/api.h>
#include <coracle/context.h>
#include <coracle/http_cache.h>
#include <coracle/schema.h>
#include <coracle/stream.h>
#include <coracle/template.h>
#include <coracle/upstream.h>

COR_BEGIN_DECLS

struct cor_answer;
struct cor_cookie_jar; /* cookie_jar.h */
struct cor_http_part;  /* http_part.h */

/** The path of a call: see template.h. It follows that of the upstream's URL. */
#define COR_PATH COR_TEMPLATE

/** A path, and perhaps a query, that is encoded already: see COR_TEMPLATE_AS_IS(). */
#define COR_PATH_AS_IS COR_TEMPLATE_AS_IS

/** A struct and its schema. */
struct cor_value {
	const struct cor_schema *schema; /* NULL: there is none */
	const void *value;
};

/** A struct that is filled, and its schema. */
struct cor_ret {
	const struct cor_schema *schema; /* NULL: there is none */
	size_t bytes;
	void *value;
};

/* clang-format off */

#define COR_VALUE(schema_, ...) \
	((struct cor_value){ &(schema_).schema, COR_TYPED_((__VA_ARGS__), schema_) })
#define COR_RET(schema_, ...) \
	((struct cor_ret){ &(schema_).schema, sizeof *(schema_).type, \
		COR_TYPED_RET_((__VA_ARGS__), schema_) })

/* clang-format on */

/** A body that is not in memory, read while it is sent. */
struct cor_http_source {
	/**
	 * The next bytes, `size` at most: the count, 0 at the end, or a negative code, which ends
	 * the call. May yield: its waits end with the time of the call.
	 */
	ssize_t (*read)(void *arg, void *buffer, size_t size);
	/** Begin anew, for a retry or a redirect: 0 or a negative code. NULL: it cannot. */
	int (*rewind)(void *arg);
	void *arg;
	/** What read() will give in all; -1: not known. */
	int64_t bytes;
};

#define COR_EXPECTS_MAX 8

/** A call. Made by the macros below, which take the members after .path as options. */
struct cor_http_call {
	/** A token: "GET". NULL: "GET". */
	const char *method;
	struct cor_template path;

	/* --- what is sent: at most one body --- */

	/** COR_VALUE(schema, &in): rows as above. */
	struct cor_value in;
	/**
	 * How the body of .in is written: as JSON, or if a row is a file, as multipart/form-data
	 * (http_part.h); as application/x-www-form-urlencoded; as multipart/form-data, also without
	 * files.
	 */
	enum { COR_SENT_AS_USUAL = 0, COR_SENT_AS_FORM, COR_SENT_AS_MULTIPART } sent_as;
	/** COR_HTTP_PARTS(...): parts of multipart/form-data, behind those of .in. */
	const struct cor_http_part *parts;
	/** Bytes, of .content_type. */
	struct cor_str body;
	/** A body read while it is sent, of .content_type. */
	const struct cor_http_source *source;
	/** The body of the request that is being served, passed on, with its Content-Type. */
	struct cor_body *relayed;
	/** Of .body and .source. NULL: application/octet-stream. */
	const char *content_type;
	/** COR_HTTP_FIELDS(...): in place of the upstream's of the same name. A value of NULL:
	 * the upstream's is not sent. */
	const struct cor_http_field *headers;
	/**
	 * COR_CREDENTIALS(...), instead of the upstream's, or COR_NO_CREDENTIALS: credentials.h.
	 * NULL: the upstream's.
	 */
	const struct cor_credentials *credentials;
	/** What servers have set by cookies is shown to them, and kept: cookie_jar.h. NULL: no
	 * Set-Cookie is kept. */
	struct cor_cookie_jar *jar;

	/* --- how --- */

	/** Instead of the upstream's .timeout_ms. 0: that. */
	uint32_t timeout_ms;
	/** The method is not idempotent, but this call is: it may be tried again. */
	enum { COR_BY_METHOD = 0, COR_REPEATABLE } repeats;
	/** Instead of the upstream's .redirects. */
	enum { COR_AS_UPSTREAM = 0, COR_REDIRECT_IS_ANSWER } redirects;
	/**
	 * Statuses that are values, besides 2xx: { 404, 409 }. All others are failures still. A
	 * call with an output needs .ret_status, too, to tell whether there is one.
	 */
	uint16_t expects[COR_EXPECTS_MAX];
	/**
	 * Gets the status of an answer that is no failure: without .expects that is any. What is
	 * not 2xx leaves the output as it was. NULL: what is neither 2xx nor among .expects is a
	 * failure.
	 */
	int *ret_status;
	/**
	 * COR_RET(problem_schema, &problem): what an answer from 400 on that is no failure is
	 * decoded into, as the output is otherwise. An answer that breaks its schema fails the
	 * call. Needs .ret_status, which tells which of the two is filled; not for cor_http_open().
	 */
	struct cor_ret ret_error;
	/**
	 * Gets where the answer has come from, if there is one, whatever its status is: the server,
	 * or the upstream's .cache. NULL: nobody asks.
	 */
	enum cor_answer_source *ret_source;
};

/* clang-format off */

/**
 * Call, and decode the answer into *ret, which is zeroed first:
 *
 *     int cor_http_get(ctx, &upstream, schema, &ret, COR_PATH(...), options...);
 *
 * ret is NULL with COR_NONE. HEAD follows redirects as GET does. Yields. What *ret points to
 * belongs to ctx.
 *
 * Returns 0, or a code whose problem is recorded:
 *  -ETIMEDOUT (504): a timeout, which one cor_http_failure() tells; -ECANCELED;
 *  -ECONNREFUSED, -EHOSTUNREACH, -ECONNRESET, -EPROTO (502): no connection, or it was lost;
 *  -COR_ESTATUS (502): a status that is neither 2xx nor one of .expects;
 *  -EBADMSG (502): the answer breaks HTTP, its coding or its schema; -EMSGSIZE (502): it is too
 *  large;
 *  -COR_EUNTRIED (503): it was not tried;
 *  -EINVAL (500): the call contradicts itself, the log says how; -COR_ETABLE: the upstream or a
 *  schema is not listed; -ENOMEM.
 */
#define cor_http_get(ctx, upstream, schema_, ret, ...) \
	COR_HTTP_CALL_("GET", ctx, upstream, schema_, ret, __VA_ARGS__)
#define cor_http_post(ctx, upstream, schema_, ret, ...) \
	COR_HTTP_CALL_("POST", ctx, upstream, schema_, ret, __VA_ARGS__)
#define cor_http_put(ctx, upstream, schema_, ret, ...) \
	COR_HTTP_CALL_("PUT", ctx, upstream, schema_, ret, __VA_ARGS__)
#define cor_http_patch(ctx, upstream, schema_, ret, ...) \
	COR_HTTP_CALL_("PATCH", ctx, upstream, schema_, ret, __VA_ARGS__)
#define cor_http_delete(ctx, upstream, schema_, ret, ...) \
	COR_HTTP_CALL_("DELETE", ctx, upstream, schema_, ret, __VA_ARGS__)
/** Any method: cor_http_request("PURGE", ctx, ...). */
#define cor_http_request(method_, ctx, upstream, schema_, ret, ...) \
	COR_HTTP_CALL_(method_, ctx, upstream, schema_, ret, __VA_ARGS__)

/* What a mistake below makes, so that the compiler's complaint names it. */
struct cor_path_without_COR_PATH {
	char none;
};
struct cor_output_is_NULL_without_COR_NONE {
	char none;
};
#define COR_HTTP_CALL_(method_, ctx_, upstream_, schema_, ret_, ...) \
	cor_http_call((ctx_), (upstream_), \
		&(const struct cor_http_call){ .method = (method_), COR_PATHED_(__VA_ARGS__, ) }, \
		&(schema_).schema, sizeof *(schema_).type, COR_ANSWER_RET_(ret_, schema_))
/* A text that is no template does not compile: it could lead anywhere. */
#define COR_PATHED_(path_, ...) \
	.path = _Generic((path_), \
		struct cor_template: (path_), \
		default: (struct cor_path_without_COR_PATH){ 0 }), __VA_ARGS__
/* NULL is for COR_NONE. */
#define COR_ANSWER_RET_(ret_, schema_) \
	_Generic((ret_), \
		__typeof__(*(schema_).type) *: (ret_), \
		const __typeof__(*(schema_).type) *: (struct cor_output_is_const){ 0 }, \
		void *: _Generic((schema_).type, \
			struct cor_none *: (ret_), \
			default: (struct cor_output_is_NULL_without_COR_NONE){ 0 }), \
		default: COR_MISTYPED_(ret_, *_Generic((ret_), \
			void *: (schema_).type, default: (ret_)), schema_))

/**
 * The same for an answer that is read a piece at a time:
 *
 *     struct cor_answer *answer;
 *     int rc = cor_http_open(ctx, &origin, &answer, COR_PATH("/{}", in->name));
 *
 *     return rc < 0 ? rc : cor_reply_relay(reply, answer);
 *
 * Returns when the head of the answer is there. Options are those of struct cor_http_call, .method
 * too. Whatever its status is, it is no failure: cor_answer_check_status() makes it one. Close the
 * answer, or leave that to the end of ctx.
 */
#define cor_http_open(ctx, upstream, ret_answer, ...) \
	cor_http_open_call((ctx), (upstream), \
		&(const struct cor_http_call){ COR_PATHED_(__VA_ARGS__, ) }, (ret_answer))

/* clang-format on */

/** The status of an answer: 200 to 599. Never yields. */
COR_API int cor_answer_status(const struct cor_answer *answer);

/**
 * Fail if the status is neither 2xx nor one of the call's .expects, as a call with an output does:
 * the answer is closed then, and what it has said is in cor_http_failure(). Yields. Returns 0,
 * -COR_ESTATUS with its problem (502), or -COR_ECLOSED.
 */
COR_API int cor_answer_check_status(struct cor_answer *answer) COR_CHECKED;

/**
 * The value of its first field of that name, in any case; NULL: it has none. Lives as long as ctx.
 * Never yields.
 */
COR_API const char *cor_answer_header(const struct cor_answer *answer, const char *name);

/** Its fields in the order sent, names as sent; the last has a name of NULL. Never yields. */
COR_API const struct cor_http_field *cor_answer_headers(const struct cor_answer *answer);

/** The length that was announced, in bytes; -1: it is not known, or it is encoded. */
COR_API int64_t cor_answer_length(const struct cor_answer *answer);

/**
 * Read at most `size` bytes of the body, decoded. Yields. No limit of bytes in all holds here, only
 * that of the ratio. Returns the count, 0 at the end, or a code as above, with its problem.
 */
COR_API ssize_t cor_answer_read(struct cor_answer *answer, void *buffer, size_t size) COR_CHECKED;

/**
 * It is not needed any more: the connection is kept if all of it was read, else closed. NULL is
 * allowed. Never yields.
 */
COR_API void cor_answer_close(struct cor_answer *answer);

/**
 * Answer a request with an answer: its status, its Content-Type and what else is said end to end
 * (RFC 9110 section 7.6.1: not of the connection), and its body, in pieces, as fast as the client
 * takes it. Cookies are not passed on. Closes the answer. Yields. Returns 0, or as
 * cor_answer_read() and cor_reply_write(): after the head the client sees that it was cut short.
 */
COR_API int cor_reply_relay(struct cor_reply *reply, struct cor_answer *answer) COR_CHECKED;

/** What went wrong, as a tree: a group and its members. */
enum cor_failure {
	COR_FAILED_NOT = 0,

	/** Something did not come in time. */
	COR_FAILED_TIMEOUT = 0x100,
	COR_FAILED_CONNECT_TIMEOUT,    /* no connection */
	COR_FAILED_SEND_TIMEOUT,       /* the server takes no more of the body */
	COR_FAILED_FIRST_BYTE_TIMEOUT, /* no head of an answer */
	COR_FAILED_BETWEEN_TIMEOUT,    /* nothing more of it */
	COR_FAILED_TOTAL_TIMEOUT,      /* the call's, or the deadline of the request */

	/** There is no connection, or it was lost. */
	COR_FAILED_CONNECTION = 0x200,
	COR_FAILED_RESOLVE,     /* the name has no address */
	COR_FAILED_REFUSED,     /* nobody listens there */
	COR_FAILED_UNREACHABLE, /* no way leads there */
	COR_FAILED_LOST,        /* closed or reset before the answer was whole */
	COR_FAILED_PROXY,       /* the proxy refuses, or is none */

	/** TLS: a part of the group above, too. */
	COR_FAILED_TLS = 0x280,
	COR_FAILED_CERTIFICATE, /* unknown authority, expired, revoked */
	COR_FAILED_NAME,        /* it is another server's */
	COR_FAILED_PIN,         /* another key */
	COR_FAILED_HANDSHAKE,   /* no version or cipher in common, or broken */

	/** What came is of no use. */
	COR_FAILED_ANSWER = 0x400,
	COR_FAILED_PROTOCOL,   /* it breaks HTTP */
	COR_FAILED_TOO_LARGE,  /* the body, its ratio, or the head */
	COR_FAILED_CODING,     /* a Content-Encoding that was not asked for, or is broken */
	COR_FAILED_REDIRECT,   /* too many, to nowhere, or to what is no http or https */
	COR_FAILED_STATUS,     /* not 2xx */
	COR_FAILED_MEDIA_TYPE, /* not JSON */
	COR_FAILED_SYNTAX,     /* broken JSON */
	COR_FAILED_SCHEMA,     /* it breaks rules of its table: .violations */

	/** It was not tried. */
	COR_FAILED_UNTRIED = 0x800,
	COR_FAILED_FULL,     /* too many calls at the same time: .in_flight or .adaptive_limit */
	COR_FAILED_OPEN,     /* its breaker is open: breaker.h */
	COR_FAILED_UNCACHED, /* only-if-cached (RFC 9111 section 5.2.1.7), and it is not */

	/** It is our own. */
	COR_FAILED_HERE = 0x1000,
	COR_FAILED_CANCELED,
	COR_FAILED_CALL,     /* it contradicts itself, or cannot be written */
	COR_FAILED_UNLISTED, /* the service's .upstreams or .schemas lack it */
	COR_FAILED_MEMORY,
	COR_FAILED_SOURCE,      /* reading what is to be sent has failed */
	COR_FAILED_CREDENTIALS, /* there is no secret, or the signer has failed */
	COR_FAILED_HOOK,        /* one of the schema's, on the answer */
	COR_FAILED_UNNEEDED,    /* canceled, since its group (group.h) was decided without it */
};

/**
 * Whether a failure is of a group, or that member: cor_failure_is(kind, COR_FAILED_TIMEOUT). Never
 * yields; any thread.
 */
static inline bool cor_failure_is(enum cor_failure kind, enum cor_failure of)
{
	if ((of & 0x7f) != 0)
		return kind == of;
	return (kind & of) == of && of != COR_FAILED_NOT;
}

/** The failed call that ctx has made last. Lives as long as ctx. */
struct cor_http_failure {
	enum cor_failure kind;
	int code; /* what the call has returned */
	const char *upstream;
	/** For the log: "no answer from http://prices:8080 within 300 ms". */
	const char *text;
	/** Of the answer; 0: none came. */
	int status;
	/** Its Retry-After in milliseconds; -1: it has none. COR_FAILED_OPEN: how long the breaker
	 * stays open. COR_FAILED_FULL by an adaptive limit: 1000. */
	int64_t retry_after_ms;
	/** Of an answer with an error's status: the body, 64 KiB of it at most. */
	struct cor_str body;
	/** COR_FAILED_SCHEMA: where, as a JSON Pointer, and why. NULL: nothing is known. */
	const struct cor_violations *violations;
	/** How often it was tried: 1, and the retries. */
	uint32_t attempts;
};

/** NULL: no call of ctx has failed. Never yields. */
COR_API const struct cor_http_failure *cor_http_failure(const struct cor_ctx *ctx);

/** A failure's name, as the log has it: "connect timeout". Never yields; any thread. */
COR_API const char *cor_failure_name(enum cor_failure kind);

/** The functions behind the macros. */
COR_API int cor_http_call(struct cor_ctx *ctx, const struct cor_upstream *upstream,
	const struct cor_http_call *call, const struct cor_schema *schema, size_t bytes,
	void *ret) COR_CHECKED;
COR_API int cor_http_open_call(struct cor_ctx *ctx, const struct cor_upstream *upstream,
	const struct cor_http_call *call, struct cor_answer **ret) COR_CHECKED;

COR_END_DECLS
#endif
