/* SPDX-License-Identifier: MIT */
#include "client/failure.h"

#include <errno.h>

#include <coracle/error.h>
#include <coracle/log.h>

#include "context/context.h"

/*
 * The status is RFC 9110's (sections 15.6.1 to 15.6.5): 502 for an answer that is of no use, 503
 * for what was not tried, 504 for none in time. docs/client.md has this table, too; a test compares
 * them.
 */
static const struct {
	enum cor_failure kind;
	const char *name;
	int code;
	int status;
} failures[] = {
	{ COR_FAILED_CONNECT_TIMEOUT, "connect timeout", ETIMEDOUT, 504 },
	{ COR_FAILED_SEND_TIMEOUT, "send timeout", ETIMEDOUT, 504 },
	{ COR_FAILED_FIRST_BYTE_TIMEOUT, "first byte timeout", ETIMEDOUT, 504 },
	{ COR_FAILED_BETWEEN_TIMEOUT, "between bytes timeout", ETIMEDOUT, 504 },
	{ COR_FAILED_TOTAL_TIMEOUT, "total timeout", ETIMEDOUT, 504 },
	{ COR_FAILED_RESOLVE, "no address", EHOSTUNREACH, 502 },
	{ COR_FAILED_REFUSED, "refused", ECONNREFUSED, 502 },
	{ COR_FAILED_UNREACHABLE, "unreachable", EHOSTUNREACH, 502 },
	{ COR_FAILED_LOST, "connection lost", ECONNRESET, 502 },
	{ COR_FAILED_PROXY, "proxy", EPROTO, 502 },
	{ COR_FAILED_TLS, "TLS", EPROTO, 502 },
	{ COR_FAILED_CERTIFICATE, "certificate", EPROTO, 502 },
	{ COR_FAILED_NAME, "certificate name", EPROTO, 502 },
	{ COR_FAILED_PIN, "certificate pin", EPROTO, 502 },
	{ COR_FAILED_HANDSHAKE, "handshake", EPROTO, 502 },
	{ COR_FAILED_PROTOCOL, "protocol", EBADMSG, 502 },
	{ COR_FAILED_TOO_LARGE, "too large", EMSGSIZE, 502 },
	{ COR_FAILED_CODING, "coding", EBADMSG, 502 },
	{ COR_FAILED_REDIRECT, "redirect", EBADMSG, 502 },
	{ COR_FAILED_STATUS, "error status", COR_ESTATUS, 502 },
	{ COR_FAILED_MEDIA_TYPE, "media type", EBADMSG, 502 },
	{ COR_FAILED_SYNTAX, "broken JSON", EBADMSG, 502 },
	{ COR_FAILED_SCHEMA, "schema", EBADMSG, 502 },
	{ COR_FAILED_FULL, "too many calls", COR_EUNTRIED, 503 },
	{ COR_FAILED_OPEN, "breaker open", COR_EUNTRIED, 503 },
	{ COR_FAILED_UNCACHED, "not cached", COR_EUNTRIED, 504 }, /* RFC 9111 section 5.2.1.7 */
	{ COR_FAILED_CANCELED, "canceled", ECANCELED, 503 },
	{ COR_FAILED_UNNEEDED, "unneeded", ECANCELED, 503 },
	{ COR_FAILED_MEMORY, "no memory", ENOMEM, 503 },
	{ COR_FAILED_SOURCE, "source", EIO, 500 },
	{ COR_FAILED_CREDENTIALS, "credentials", EINVAL, 500 },
	{ COR_FAILED_HOOK, "hook", EINVAL, 500 },
	/* the last two: no call was made, so they are not counted */
	{ COR_FAILED_CALL, "impossible call", EINVAL, 500 },
	{ COR_FAILED_UNLISTED, "not listed", COR_ETABLE, 500 },
};

#define FAILURES (sizeof failures / sizeof failures[0])
#define COUNTED  (FAILURES - 2)

/* Where it stands in ctx: by this address, as structs stand by that of their schema. */
static const struct cor_schema place;

const char *cor_failure_name(enum cor_failure kind)
{
	for (size_t i = 0; i < FAILURES; i++)
		if (failures[i].kind == kind)
			return failures[i].name;
	return "unknown";
}

const char *cor_failure_name_at(size_t at)
{
	return at < COUNTED ? failures[at].name : NULL;
}

size_t cor_failure_index(enum cor_failure kind)
{
	size_t i = 0;

	while (i < COUNTED && failures[i].kind != kind)
		i++;
	return i;
}

int cor_failure_code(enum cor_failure kind)
{
	for (size_t i = 0; i < FAILURES; i++)
		if (failures[i].kind == kind)
			return -failures[i].code;
	return -EIO;
}

enum cor_failure cor_failure_canceled(const struct cor_ctx *ctx)
{
	return ctx->is_unneeded ? COR_FAILED_UNNEEDED : COR_FAILED_CANCELED;
}

bool cor_failure_is_callers(enum cor_failure kind)
{
	return kind == COR_FAILED_SOURCE || kind == COR_FAILED_CREDENTIALS ||
	       kind == COR_FAILED_HOOK;
}

int cor_failure_status(enum cor_failure kind)
{
	for (size_t i = 0; i < FAILURES; i++)
		if (failures[i].kind == kind)
			return failures[i].status;
	return 500;
}

/* What has failed in the caller's code may have said what it is to our own client. */
static bool is_recorded(const struct cor_ctx *ctx, const struct cor_http_failure *failure)
{
	if (!cor_problem_of(ctx))
		return false;
	return failure->code == -COR_EPROBLEM || failure->kind == COR_FAILED_SOURCE ||
	       (failure->kind == COR_FAILED_HOOK && ctx->problem_code == failure->code);
}

/* Breaker and adaptive limit, which say when to come again: thousands of calls, perhaps. */
static bool is_told_in_sum(const struct cor_http_failure *failure)
{
	return cor_failure_is(failure->kind, COR_FAILED_UNTRIED) && failure->retry_after_ms >= 0;
}

/* Our own client learns whom it waited for in vain, but not where that is. */
int cor_failure_record(struct cor_ctx *ctx, const struct cor_http_failure *failure)
{
	int rc = cor_ctx_set_value(ctx, &place, sizeof *failure, failure);
	const char *detail = cor_printf(
		ctx, "upstream %s: %s", failure->upstream, cor_failure_name(failure->kind));

	/* A call that nobody waits for any more says nothing against the upstream. */
	if (is_told_in_sum(failure) || failure->kind == COR_FAILED_UNNEEDED)
		cor_log_debug(ctx, "upstream %s: %s", failure->upstream, failure->text);
	else if (failure->kind == COR_FAILED_CANCELED)
		cor_log_info(ctx, "upstream %s: %s", failure->upstream, failure->text);
	else
		cor_log_warning(ctx, "upstream %s: %s", failure->upstream, failure->text);
	if (rc < 0 || !detail)
		return -ENOMEM;
	if (is_recorded(ctx, failure))
		return failure->code;
	cor_ctx_fail(ctx, cor_failure_status(failure->kind), failure->code, detail);
	ctx->problem.retry_after_s = is_told_in_sum(failure)
					     ? (uint32_t)((failure->retry_after_ms + 999) / 1000)
					     : 0;
	return failure->code;
}

const struct cor_http_failure *cor_http_failure(const struct cor_ctx *ctx)
{
	return cor_ctx_find_value(ctx, &place);
}
