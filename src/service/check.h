/* SPDX-License-Identifier: MIT */
/**
 * What a service, its resources and its operations must fulfil together: checked at start, and
 * reported all at once.
 */
#ifndef CORACLE_SERVICE_CHECK_H
#define CORACLE_SERVICE_CHECK_H

#include <coracle/service.h>
#include <coracle/violation.h>

#include "files/server.h"
#include "service/verb.h"

/** What is checked, and where contradictions are reported. */
struct cor_check {
	const struct cor_service *service;
	/** The outermost, with what all of the program list: see struct cor_composition. */
	const struct cor_service *whole;
	struct cor_violations *why;
	struct cor_arena *arena;
};

/** The service's own members and its middleware. */
void cor_check_service(const struct cor_check *check, const struct cor_service *service);

/** A resource with its operations. The router finds whether its path collides with another. */
void cor_check_resource(const struct cor_check *check, const struct cor_resource *resource);

/**
 * check_operation.c: the operation that a resource has for a verb, as far as its tables do not say
 * it themselves.
 */
void cor_check_operation(const struct cor_check *check, const struct cor_resource *resource,
	const struct cor_verb *verb);

/** check_websocket.c: the .websocket of an operation, which stands at `where`. */
void cor_check_websocket(const struct cor_check *check, const struct cor_verb *verb,
	const struct cor_operation *operation, const char *where);

/** check_metrics.c: what the service counts itself. */
void cor_check_metrics(const struct cor_check *check, const struct cor_service *service);

/** check_readiness.c: the service's readiness checks. */
void cor_check_readiness(const struct cor_check *check, const struct cor_service *service);

/** check_executors.c: the service's executors. */
void cor_check_executors(const struct cor_check *check, const struct cor_service *service);

/** check_security.c: a list of COR_SECURITY(), which stands at `where`; NULL is allowed. */
void cor_check_security(
	const struct cor_check *check, const struct cor_security *ways, const char *where);

/** check_problems.c: .problems of a resource or of the service; NULL is allowed. */
void cor_check_problems(
	const struct cor_check *check, const struct cor_response *problems, const char *where);

/** check_problems.c: .type, .title and .members of a response, which stands at `where`. */
void cor_check_problem(
	const struct cor_check *check, const struct cor_response *response, const char *where);

/** check_caching.c: .caching of an operation, which stands at `where`. */
void cor_check_caching(const struct cor_check *check, const struct cor_verb *verb,
	const struct cor_operation *operation, const char *where);

/** check_caching.c: whether a row of the output, which may be NULL, goes to a cookie. */
bool cor_check_sets_cookie(const struct cor_schema *out);

/** check_answer_cache.c: .cache of an operation, which stands at `where`. */
void cor_check_answer_cache(const struct cor_check *check, const struct cor_resource *resource,
	const struct cor_verb *verb, const char *where);

/** check_idempotency.c: .idempotency of an operation, which stands at `where`. */
void cor_check_idempotency(const struct cor_check *check, const struct cor_verb *verb,
	const struct cor_operation *operation, const char *where);

/** check_cors.c: which pages may call, at `where`; NULL is allowed. */
void cor_check_cors(const struct cor_check *check, const struct cor_cors *cors, const char *where);

/** check_limits.c: limits at `where`; NULL is allowed. */
void cor_check_limits(
	const struct cor_check *check, const struct cor_limit *const *limits, const char *where);

/** check_limits.c: that all limits of an operation are not too many, and have their own names. */
void cor_check_limits_together(const struct cor_check *check, const struct cor_resource *resource,
	const struct cor_operation *operation, const char *where);

/** check_limits.c: the limit of credentials that fail. */
void cor_check_failed_logins(
	const struct cor_check *check, const struct cor_limit *limit, const char *where);

/** check_cookies.c: rows of an input or output that are cookies; NULL is allowed. */
void cor_check_cookie_rows(const struct cor_check *check, const struct cor_schema *schema);

/** check_cookies.c: the service's sessions, and what seals them. */
void cor_check_sessions(const struct cor_check *check, const struct cor_service *service);

/** check_topics.c: the service's topics. */
void cor_check_topics(const struct cor_check *check, const struct cor_service *service);

/** check_upstreams.c: whom it calls. */
void cor_check_upstreams(const struct cor_check *check, const struct cor_service *service);

/** check_caches.c: what it keeps. */
void cor_check_caches(const struct cor_check *check, const struct cor_service *service);

/** check_cached.c: functions whose results are kept in caches of the program. */
void cor_check_cached(const struct cor_check *check);

/** check_compression.c: the .compression of a service, a resource or an operation. */
void cor_check_compression(const struct cor_check *check, const char *where,
	const struct cor_compression *compression);

/** check_compression.c: what codings the operation, which stands at `where`, has and accepts. */
void cor_check_operation_codings(const struct cor_check *check,
	const struct cor_operation *operation, bool takes_body, const char *where);
/** check_files.c: static files of the service; the router finds whether their path collides. */
void cor_check_files(const struct cor_check *check, const struct cor_files *files);

/**
 * check_files.c: open them, where `settings` of the service, or their table, says. Returns 0 or
 * -ENOMEM.
 */
int cor_check_open_files(const struct cor_check *check, struct cor_file_server *server,
	const void *settings) COR_CHECKED;

/** check.c: a list of middleware, which stands at `where`. */
void cor_check_middleware(
	const struct cor_check *check, const char *where, const struct cor_middleware *const *list);

/** check.c: a path, for its bytes and segments. */
void cor_check_path(const struct cor_check *check, const char *path);

/** check_languages.c: the service's languages. */
void cor_check_languages(const struct cor_check *check, const struct cor_service *service);

/** check_texts.c: the service's .about, where the service is reported. */
void cor_check_about(const struct cor_check *check, const char *where);

/** check_texts.c: .responses, .examples, .callbacks and .external_docs of an operation. */
void cor_check_texts(const struct cor_check *check, const struct cor_operation *operation,
	enum cor_method method, const char *where);

/**
 * check_examples.c: whether the values of its examples are what its schemas take, once there is no
 * other fault. Returns 0 or -ENOMEM.
 */
int cor_check_examples(const struct cor_check *check, struct cor_codec *codec,
	const struct cor_operation *operation, enum cor_method method,
	const char *where) COR_CHECKED;

/** Report a contradiction, unless the same was reported of the same place. */
void cor_contradict(const struct cor_check *check, const char *where, const char *format, ...)
	COR_PRINTF(3, 4);

/** The same for what does not depend on the place: reported once, where it is first found. */
void cor_contradict_once(const struct cor_check *check, const char *where, const char *format, ...)
	COR_PRINTF(3, 4);

#endif
