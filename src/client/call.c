/* SPDX-License-Identifier: MIT */
/* A call: tries, redirects, and what is made of the answer. */
#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <coracle/clock.h>
#include <coracle/error.h>
#include <coracle/log.h>
#include <coracle/random.h>

#include "base/compiler.h"
#include "client/aim.h"
#include "client/answer.h"
#include "client/attempt.h"
#include "client/call_figures.h"
#include "client/credentials.h"
#include "client/decode.h"
#include "client/failure.h"
#include "client/hedge.h"
#include "client/keep.h"
#include "client/permit.h"
#include "client/recall.h"
#include "client/redirect.h"
#include "client/retry.h"
#include "client/shedding.h"
#include "context/context.h"
#include "http/status.h"
#include "runtime/clock.h"

#define STALE_MAX   4           /* connections in a row that the server had closed */
#define DRAIN_BYTES (64 * 1024) /* to keep a connection; what is longer costs more than one */
#define SHED_MS     1000        /* for Retry-After: nobody knows when the server is less slow */
#define DRAIN_MS    100         /* and so does what takes longer */

/* --- failures --- */

/* What is kept of an answer whose status is a failure. */
struct rest {
	struct cor_str body;
	const struct cor_violations *violations;
};

static const char *describe(struct cor_answer *answer)
{
	struct cor_ctx *ctx = answer->ctx;
	const char *url = cor_url_text(&ctx->arena, &answer->message.url);
	const char *not_again = answer->not_again ? answer->not_again : "";
	const char *but = answer->not_again ? "; not tried again: " : "";
	const char *text = answer->attempts > 1
				   ? cor_printf(ctx, "%s%s%s (%.*s %s, try %" PRIu32 ")",
					     answer->fault.text, but, not_again,
					     (int)answer->message.method.len,
					     answer->message.method.data, url, answer->attempts)
				   : cor_printf(ctx, "%s%s%s (%.*s %s)", answer->fault.text, but,
					     not_again, (int)answer->message.method.len,
					     answer->message.method.data, url);

	return text ? text : answer->fault.text;
}

static int64_t retry_after_ms(const struct cor_answer *answer)
{
	struct cor_str value = { NULL, 0 };
	struct timespec now = cor_now();

	if (answer->fault.kind == COR_FAILED_OPEN)
		return answer->retry_ms;
	if (answer->is_shed)
		return SHED_MS;
	if (answer->head.status)
		value = cor_answer_field(answer, "Retry-After");
	return value.len ? cor_retry_after_ms(value, now.tv_sec) : -1;
}

static int fail(struct cor_answer *answer, int rc, const struct rest *rest)
{
	struct cor_ctx *ctx = answer->ctx;

	if (answer->is_told) {
		cor_answer_close(answer);
		return rc;
	}
	const struct cor_http_failure failure = {
		.kind = answer->fault.kind,
		.code = cor_failure_is_callers(answer->fault.kind)
				? rc
				: cor_failure_code(answer->fault.kind),
		.upstream = answer->here->upstream->name,
		.text = describe(answer),
		.status = answer->head.status,
		.retry_after_ms = retry_after_ms(answer),
		.body = rest ? rest->body : (struct cor_str){ "", 0 },
		.violations = rest ? rest->violations : NULL,
		.attempts = answer->attempts,
	};

	cor_answer_close(answer);
	return cor_failure_record(ctx, &failure);
}

/* Before there is an upstream, or a request. */
static int fail_early(struct cor_ctx *ctx, const struct cor_upstream *upstream,
	enum cor_failure kind, const char *text)
{
	const struct cor_http_failure failure = {
		.kind = kind,
		.code = cor_failure_code(kind),
		.upstream = upstream && upstream->name ? upstream->name : "",
		.text = text ? text : "no memory",
		.retry_after_ms = -1,
		.body = { "", 0 },
	};

	return cor_failure_record(ctx, &failure);
}

/* --- once more --- */

static int pause_ms(struct cor_answer *answer, int64_t ms)
{
	struct cor_answer_wait wait;

	cor_answer_begin_wait(answer, &wait, UINT32_MAX, COR_FAILED_TOTAL_TIMEOUT);
	return cor_answer_end_wait(answer, &wait, cor_sleep_ms(ms));
}

static bool may_try_again(struct cor_answer *answer)
{
	const struct cor_upstream *upstream = answer->here->upstream;

	if (answer->retries >= upstream->retries || !cor_answer_may_enter(answer) ||
		!cor_answer_rewind(answer))
		return false;
	if (!cor_load_has_room(answer)) {
		answer->not_again = "its limit is reached";
		return false;
	}
	if (cor_retry_take(&answer->here->retry_tenths))
		return true;
	answer->not_again = "a tenth of the calls are, and those are used up";
	return false;
}

/* The answer says when, or chance does. */
static int64_t pause_before_retry_ms(const struct cor_answer *answer)
{
	int64_t ms = retry_after_ms(answer);
	uint64_t chance;

	if (ms >= 0)
		return ms;
	cor_random_fill(&chance, sizeof chance);
	return cor_backoff_ms(answer->retries + 1, chance);
}

static int wait_for_retry(struct cor_answer *answer, int64_t ms)
{
	answer->retries++;
	cor_answer_end_exchange(answer);
	answer->head.status = 0;
	answer->fault.kind = COR_FAILED_NOT; /* a wait that ends early is a failure of its own */
	return pause_ms(answer, ms);
}

/* Nothing has failed but the connection: the call gets another. */
static bool was_stale(struct cor_answer *answer)
{
	return cor_answer_met_stale(answer) && answer->message.is_repeatable &&
	       ++answer->stale <= STALE_MAX && cor_answer_rewind(answer);
}

/* Nobody waits for longer than there is time: what has failed is told instead. */
static bool is_worth_waiting(const struct cor_answer *answer, int64_t ms)
{
	int64_t left_ms = (answer->deadline_ns - cor_monotonic_ns()) / COR_NS_PER_MS;

	return ms <= COR_RETRY_AFTER_MAX_MS && ms < left_ms && ms < cor_scope_remaining_ms();
}

static int drain(struct cor_answer *answer)
{
	struct cor_scope scope;
	char piece[1024];
	size_t drained = 0;
	ssize_t n = 1;

	cor_scope_enter(&scope, DRAIN_MS);
	while (n > 0 && drained < DRAIN_BYTES) {
		n = cor_answer_take(answer, piece, sizeof piece);
		drained += n > 0 ? (size_t)n : 0;
	}
	cor_scope_leave(&scope);
	return n < 0 ? (int)n : 0;
}

/* The answer is not wanted, but its connection is. */
static int leave(struct cor_answer *answer)
{
	if (drain(answer) < 0) /* the connection is of no use any more */
		answer->fault.kind = COR_FAILED_NOT;
	cor_keep_end(answer);
	cor_answer_end_exchange(answer);
	return 1;
}

/* 1: once more; 0: the answer is what it is; or the failure's code. */
static int after_try(struct cor_answer *answer, int rc)
{
	bool is_repeatable = answer->message.is_repeatable, helps;

	if (rc < 0 && was_stale(answer)) {
		answer->fault.kind = COR_FAILED_NOT; /* nobody is to blame */
		cor_answer_end_exchange(answer);
		return 1;
	}
	if (rc == 0 && answer->head.status == 401 && cor_credentials_renew(answer)) {
		answer->stays = true; /* a challenge is of one server */
		return leave(answer);
	}
	if (rc < 0 || answer->head.status / 100 == 5)
		cor_answer_settle(answer); /* it may be what opens the breaker */
	helps = rc < 0 ? cor_retry_helps(answer->fault.kind, is_repeatable)
		       : is_repeatable && cor_retry_helps_status(
						  answer->head.status, retry_after_ms(answer) >= 0);
	int64_t ms = helps ? pause_before_retry_ms(answer) : 0;
	if (!helps || !is_worth_waiting(answer, ms) || !may_try_again(answer))
		return rc;
	rc = wait_for_retry(answer, ms);
	return rc < 0 ? rc : 1;
}

/* --- redirects: RFC 9110 section 15.4 --- */

/* 1: it leads elsewhere; 0: it does not; or the failure's code. */
static int follow(struct cor_answer *answer, const struct cor_http_call *call)
{
	const struct cor_upstream *upstream = answer->here->upstream;
	uint32_t most = upstream->redirects_max ? upstream->redirects_max : COR_REDIRECTS;

	if (!cor_redirect_is(answer->head.status) || upstream->redirects == COR_DO_NOT_FOLLOW ||
		call->redirects == COR_REDIRECT_IS_ANSWER)
		return 0;
	struct cor_str location = cor_answer_field(answer, "Location");
	if (!location.data)
		return 0;
	if (answer->redirects++ == most)
		return cor_answer_fail(answer, COR_FAILED_REDIRECT,
			"its answers lead on and on: %" PRIu32 " redirects were followed", most);
	int rc = cor_redirect_lead(answer, location);
	if (rc < 0)
		return rc;
	rc = leave(answer);
	cor_recall_moves(answer);
	return rc;
}

/* --- one try --- */

static int take_place(struct cor_answer *answer)
{
	const struct cor_upstream *upstream = answer->here->upstream;
	struct cor_answer_wait wait;

	if (answer->has_place)
		return 0;
	if (answer->attempts == 0)
		cor_retry_earn(&answer->here->retry_tenths);
	cor_answer_begin_wait(answer, &wait,
		upstream->connect_timeout_ms ? upstream->connect_timeout_ms
					     : COR_CONNECT_TIMEOUT_MS,
		COR_FAILED_FULL);
	cor_call_waits(answer, true);
	int rc = cor_semaphore_take(&answer->here->places);
	cor_call_waits(answer, false);
	answer->has_place = rc == 0;
	rc = cor_answer_end_wait(answer, &wait, rc);
	if (answer->fault.kind != COR_FAILED_FULL)
		return rc;
	return cor_answer_fail(answer, COR_FAILED_FULL,
		"%" PRIu32 " calls are on their way, which is its .in_flight, and none has ended "
		"in time",
		answer->here->in_flight);
}

static int try(struct cor_answer **answer)
{
	int rc = take_place(*answer);

	if (rc < 0)
		return rc;
	if ((*answer)->recall)
		(*answer)->recall->asked_ms = cor_recall_now_ms();
	rc = (*answer)->here->upstream->hedge ? cor_answer_try_hedged(answer)
					      : cor_answer_try(*answer);
	if (rc == 0 || (*answer)->wire)
		rc = cor_recall_heard(*answer, rc);
	return rc;
}

static void tell_source(const struct cor_answer *answer, const struct cor_http_call *call)
{
	if (call->ret_source && answer->recall)
		*call->ret_source = answer->recall->source;
}

/* *answer may be another than before. */
static int run(struct cor_answer **answer, const struct cor_http_call *call)
{
	int rc;

	do {
		rc = cor_recall_find(*answer);
		if (rc == 0) {
			rc = try(answer);
			if (rc <= 0 && (*answer)->has_place)
				rc = after_try(*answer, rc);
			if (rc <= 0)
				rc = cor_recall_rescue(*answer, rc);
		} else if (rc > 0) {
			rc = 0;
		}
		if (rc == 0)
			rc = follow(*answer, call);
	} while (rc > 0);
	tell_source(*answer, call);
	return rc;
}

/* --- from begin to end --- */

static void await(struct cor_hold *hold)
{
	struct cor_answer *answer = cor_container_of(hold, struct cor_answer, hold);

	answer->is_held = false;
	cor_answer_close(answer);
}

void cor_answer_close(struct cor_answer *answer)
{
	if (!answer || !answer->here)
		return;
	cor_answer_let_go(answer);
	cor_recall_end(answer);
	if (answer->is_held)
		cor_ctx_release(answer->ctx, &answer->hold);
	answer->is_held = false;
	cor_call_ended(answer);
	answer->here = NULL;
}

/* Returns 0 or, recorded, why it cannot be had on this thread. */
static int find_here(
	struct cor_ctx *ctx, const struct cor_upstream *upstream, struct cor_upstream_here **ret)
{
	const struct cor_upstreams_options *options = ctx->environment ? ctx->environment->upstreams
								       : NULL;
	struct cor_upstreams *upstreams = NULL;
	int rc = options ? cor_upstreams_here(options, &upstreams) : 0;

	if (rc == -EPROTONOSUPPORT)
		return fail_early(ctx, upstream, COR_FAILED_UNLISTED,
			"libcoracle-curl and libcoracle are of different versions: install the "
			"same");
	if (rc < 0 && rc != -COR_ETABLE) /* ours is missing, whatever it is */
		return fail_early(ctx, upstream, COR_FAILED_MEMORY, NULL);
	*ret = cor_upstreams_find(upstreams, upstream);
	return *ret ? 0
		    : fail_early(ctx, upstream, COR_FAILED_UNLISTED,
			      "the service does not list it in .upstreams, or has no URL for it");
}

/* Those of the upstream were looked at when the service started. */
static const char *own_credentials_fault(const struct cor_http_call *call)
{
	return call->credentials && !cor_credentials_are_none(call->credentials)
		       ? cor_credentials_fault(call->credentials)
		       : NULL;
}

static int make(struct cor_ctx *ctx, const struct cor_upstream *upstream,
	const struct cor_http_call *call, const struct cor_schema *wanted, struct cor_answer **ret)
{
	struct cor_upstream_here *here = NULL;
	struct cor_answer *answer = cor_arena_zalloc(&ctx->arena, sizeof *answer);
	struct cor_encode_fault why;
	const char *fault = own_credentials_fault(call);

	int rc = find_here(ctx, upstream, &here);
	if (rc < 0)
		return rc;
	if (!answer)
		return fail_early(ctx, upstream, COR_FAILED_MEMORY, NULL);
	if (fault)
		return fail_early(ctx, upstream, COR_FAILED_CALL,
			cor_printf(ctx, "the call cannot be made: its .credentials %s", fault));
	rc = cor_message_make(ctx, here, call, wanted, &answer->message, &why);
	if (rc < 0)
		return fail_early(ctx, upstream,
			rc == -ENOMEM       ? COR_FAILED_MEMORY
			: rc == -COR_ETABLE ? COR_FAILED_UNLISTED
					    : COR_FAILED_CALL,
			rc == -ENOMEM ? NULL
			: rc == -COR_ETABLE
				? "the service does not list the schema of .in in .schemas"
				: cor_printf(ctx, "the call cannot be made: %s", why.text));
	uint32_t timeout_ms = call->timeout_ms       ? call->timeout_ms
			      : upstream->timeout_ms ? upstream->timeout_ms
						     : COR_UPSTREAM_TIMEOUT_MS;
	answer->ctx = ctx;
	answer->here = here;
	answer->credentials = cor_credentials_of(upstream, call);
	answer->jar = call->jar;
	memcpy(answer->expects, call->expects, sizeof answer->expects);
	answer->may_join = upstream->equal_gets == COR_ASK_ONCE && wanted && !call->jar &&
			   cor_str_equal(answer->message.method, COR_STR("GET")) &&
			   answer->message.body.length == COR_BODY_ABSENT;
	answer->hold.await = await;
	answer->began_ns = cor_monotonic_ns();
	answer->deadline_ns = answer->began_ns + timeout_ms * (int64_t)COR_NS_PER_MS;
	if (cor_recall_begin(answer, call) < 0)
		return fail_early(ctx, upstream, COR_FAILED_MEMORY, NULL);
	if (answer->recall)
		answer->recall->keeps_at_end = !wanted;
	*ret = answer;
	return 0;
}

/* The head is there. */
static int open_answer(struct cor_ctx *ctx, const struct cor_upstream *upstream,
	const struct cor_http_call *call, const struct cor_schema *wanted, struct cor_answer **ret)
{
	struct cor_answer *answer = NULL;
	int rc = make(ctx, upstream, call, wanted, &answer);

	if (rc < 0)
		return rc;
	assert(answer);
	cor_call_began(answer);
	cor_ctx_hold(ctx, &answer->hold);
	answer->is_held = true;
	rc = run(&answer, call);
	if (rc == 0 && !wanted) /* a stream: whoever passes it on has sent the head when it reads */
		rc = cor_answer_check_coding(answer);
	if (rc < 0)
		return fail(answer, rc, NULL);
	*ret = answer;
	return 0;
}

int cor_http_open_call(struct cor_ctx *ctx, const struct cor_upstream *upstream,
	const struct cor_http_call *call, struct cor_answer **ret)
{
	int rc = open_answer(ctx, upstream, call, NULL, ret);

	if (rc < 0)
		return rc;
	/* how fast the rest is read is not the server's */
	(*ret)->took_ns = cor_monotonic_ns() - (*ret)->began_ns;
	if ((*ret)->head.body_bytes == 0)
		cor_keep_end(*ret);
	if (call->ret_status)
		*call->ret_status = (*ret)->head.status;
	return 0;
}

ssize_t cor_answer_read(struct cor_answer *answer, void *buffer, size_t size)
{
	if (!answer->here)
		return -COR_ECLOSED;
	ssize_t n = cor_answer_take(answer, buffer, size);
	return COR_LIKELY(n >= 0) ? n : fail(answer, (int)n, NULL);
}

/* What it says of itself is of use to whoever reads the log. */
static int refuse_status(struct cor_answer *answer)
{
	struct rest rest = { { "", 0 }, NULL };
	const char *detail = cor_answer_error_text(answer, &rest.body);

	cor_keep_end(answer);
	if (!detail)
		detail = answer->unmet;
	cor_ignore(cor_answer_fail(answer, COR_FAILED_STATUS, "it answered %d %s%s%s",
		answer->head.status, cor_status_reason(answer->head.status), detail ? ": " : "",
		detail ? detail : ""));
	return fail(answer, -COR_ESTATUS, &rest);
}

static bool is_expected(const struct cor_answer *answer)
{
	for (size_t i = 0; i < COR_EXPECTS_MAX && answer->expects[i]; i++)
		if (answer->expects[i] == answer->head.status)
			return true;
	return answer->head.status / 100 == 2;
}

int cor_answer_check_status(struct cor_answer *answer)
{
	if (!answer->here)
		return -COR_ECLOSED;
	return is_expected(answer) ? 0 : refuse_status(answer);
}

static int decode(
	struct cor_answer *answer, const struct cor_ret *ret, struct cor_violations *violations)
{
	*violations = (struct cor_violations){ 0 };
	if (ret->value)
		memset(ret->value, 0, ret->bytes);
	return cor_answer_decode(answer, ret->schema, ret->value, violations);
}

/* What the answer is decoded into; NULL: its status is all that was asked for. */
static const struct cor_ret *place_of(const struct cor_answer *answer,
	const struct cor_http_call *call, const struct cor_ret *output)
{
	if (answer->head.status / 100 == 2)
		return output;
	return answer->head.status >= 400 && call->ret_error.schema ? &call->ret_error : NULL;
}

/* A body that broke off may be whole the next time. 1: another answer is there; or the code. */
static int run_again(struct cor_answer **answer, const struct cor_http_call *call, int rc)
{
	rc = cor_recall_refuse(*answer) ? 1 : after_try(*answer, rc);
	rc = rc > 0 ? run(answer, call) : cor_recall_rescue(*answer, rc);
	tell_source(*answer, call);
	return rc < 0 ? rc : 1;
}

static int drop_body(struct cor_answer *answer)
{
	if (drain(answer) == 0)
		cor_keep_end(answer);
	cor_answer_end_exchange(answer);
	answer->fault.kind = COR_FAILED_NOT; /* what was dropped may have been broken */
	cor_answer_close(answer);
	return 0;
}

int cor_http_call(struct cor_ctx *ctx, const struct cor_upstream *upstream,
	const struct cor_http_call *call, const struct cor_schema *schema, size_t bytes, void *ret)
{
	const struct cor_ret output = { schema, bytes, ret }, *place;
	struct cor_violations violations = { 0 };
	struct cor_answer *answer = NULL;

	if (!ret && schema->media != COR_MEDIA_NONE)
		return fail_early(ctx, upstream, COR_FAILED_CALL,
			"the call cannot be made: its answer has nowhere to go");
	int rc = open_answer(ctx, upstream, call, schema, &answer);

	if (rc < 0)
		return rc;
	assert(answer);
	do {
		bool is_any_good = call->ret_status && !call->expects[0];
		if (!is_any_good && !is_expected(answer))
			return refuse_status(answer);
		if (call->ret_status)
			*call->ret_status = answer->head.status;
		place = place_of(answer, call, &output);
		if (!place)
			return drop_body(answer);
		rc = decode(answer, place, &violations);
		if (rc < 0)
			rc = run_again(&answer, call, rc);
	} while (rc > 0);
	if (rc < 0)
		return fail(answer, rc,
			&(struct rest){ { "", 0 },
				violations.first ? (const void *)cor_arena_copy(&ctx->arena,
							   &violations, sizeof violations)
						 : NULL });
	cor_keep_end(answer);
	cor_answer_close(answer);
	return 0;
}
