/* SPDX-License-Identifier: MIT */
#include "client/attempt.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <coracle/clock.h>
#include <coracle/error.h>

#include "base/compiler.h"
#include "base/join.h"
#include "base/number.h"
#include "client/aim.h"
#include "client/cookies.h"
#include "client/call_figures.h"
#include "client/credentials.h"
#include "client/failure.h"
#include "client/flight.h"
#include "client/permit.h"
#include "client/shedding.h"
#include "runtime/clock.h"

#define PIECE_BYTES (16 * 1024)
#define SLICE_BYTES (64 * 1024) /* of bytes that are here: has the time that is for a piece */

int cor_answer_fail(struct cor_answer *answer, enum cor_failure kind, const char *format, ...)
{
	va_list args;

	answer->fault.kind = kind;
	va_start(args, format);
	vsnprintf(answer->fault.text, sizeof answer->fault.text, format, args);
	va_end(args);
	return cor_failure_code(kind);
}

/* --- waits --- */

static uint32_t or_default(uint32_t value, uint32_t usual)
{
	return value ? value : usual;
}

static int64_t left_ms(const struct cor_answer *answer)
{
	int64_t left_ns = answer->deadline_ns - cor_monotonic_ns();

	return left_ns > 0 ? (left_ns + COR_NS_PER_MS - 1) / COR_NS_PER_MS : 0;
}

void cor_answer_begin_wait(struct cor_answer *answer, struct cor_answer_wait *wait,
	uint32_t limit_ms, enum cor_failure kind)
{
	int64_t left = left_ms(answer);

	wait->kind = left <= limit_ms ? COR_FAILED_TOTAL_TIMEOUT : kind;
	wait->limit_ms = limit_ms;
	cor_scope_enter(&wait->scope, left <= limit_ms ? left : limit_ms);
}

static COR_COLD int tell_timeout(struct cor_answer *answer, const struct cor_answer_wait *wait)
{
	static const char *const what[] = { "no connection", "it takes no more of the body",
		"no answer", "no more of its answer" };
	int64_t took_ms = (cor_monotonic_ns() - answer->began_ns) / COR_NS_PER_MS;

	if (cor_scope_error() < 0)
		return cor_answer_fail(answer, COR_FAILED_TOTAL_TIMEOUT,
			"no answer after %" PRId64 " ms, when the deadline of the request came",
			took_ms);
	if (wait->kind == COR_FAILED_FULL)
		return cor_answer_fail(
			answer, wait->kind, "no turn within %" PRIu32 " ms", wait->limit_ms);
	if (wait->kind == COR_FAILED_TOTAL_TIMEOUT)
		return cor_answer_fail(
			answer, wait->kind, "no whole answer within %" PRId64 " ms", took_ms);
	return cor_answer_fail(answer, wait->kind, "%s within %" PRIu32 " ms",
		what[wait->kind - COR_FAILED_CONNECT_TIMEOUT], wait->limit_ms);
}

/* A failure that the carrier has told counts for more than a code. */
static COR_COLD int tell(struct cor_answer *answer, const struct cor_answer_wait *wait, int rc)
{
	struct cor_carrier_fault *fault = answer->wire ? &answer->wire->fault : NULL;

	if (fault && fault->kind) {
		answer->fault = *fault;
		return cor_failure_code(fault->kind);
	}
	if (rc == -ECANCELED)
		return cor_answer_fail(answer, cor_failure_canceled(answer->ctx), "%s",
			answer->ctx->is_unneeded ? "the call was not needed any more"
						 : "the call was canceled");
	if (rc == -ETIMEDOUT)
		return tell_timeout(answer, wait);
	if (rc == -ENOMEM)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	return cor_answer_fail(answer, COR_FAILED_LOST, "%s", cor_strerror(rc));
}

int cor_answer_end_wait(struct cor_answer *answer, struct cor_answer_wait *wait, int rc)
{
	cor_scope_leave(&wait->scope);
	return COR_LIKELY(rc >= 0) || answer->fault.kind ? rc : tell(answer, wait, rc);
}

/* --- the request --- */

bool cor_answer_rewind(struct cor_answer *answer)
{
	bool may_be_sent = cor_message_rewind(&answer->message) == 0;

	answer->not_again = may_be_sent ? NULL : "its body cannot be sent twice";
	return may_be_sent;
}

static int send_piece(struct cor_answer *answer, const void *data, size_t len)
{
	const struct cor_upstream *upstream = answer->here->upstream;
	struct cor_answer_wait wait;

	cor_answer_begin_wait(answer, &wait,
		or_default(upstream->between_bytes_timeout_ms, COR_BETWEEN_BYTES_TIMEOUT_MS),
		COR_FAILED_SEND_TIMEOUT);
	int rc = answer->wire->carrier->send(answer->wire, data, len);
	if (rc == -EPIPE && !answer->wire->fault.kind) {
		cor_scope_leave(&wait.scope);
		return rc; /* it has answered already */
	}
	return cor_answer_end_wait(answer, &wait, rc);
}

static ssize_t read_piece(const struct cor_message_body *body, char *piece)
{
	return body->relayed ? cor_body_read(body->relayed, piece, PIECE_BYTES)
			     : body->source->read(body->source->arg, piece, PIECE_BYTES);
}

/* What the client of our own has to hear is recorded already, where the body is its. */
static int tell_source(struct cor_answer *answer, int rc)
{
	const struct cor_sent_form *form = answer->message.body.form;

	if (form && form->fault[0])
		cor_ignore(cor_answer_fail(answer, COR_FAILED_SOURCE, "%s", form->fault));
	else
		cor_ignore(cor_answer_fail(answer, COR_FAILED_SOURCE,
			"the body to be sent ends with: %s",
			rc < 0 ? cor_strerror(rc) : "other bytes than its length says"));
	return rc < 0 ? rc : -EIO;
}

/* Whoever gives the body has no more time for it than the call has. */
static ssize_t read_in_time(struct cor_answer *answer, char *piece)
{
	struct cor_answer_wait wait;

	cor_answer_begin_wait(answer, &wait, UINT32_MAX, COR_FAILED_TOTAL_TIMEOUT);
	ssize_t n = read_piece(&answer->message.body, piece);
	if (n < 0 && n == cor_scope_error())
		return cor_answer_end_wait(answer, &wait, (int)n);
	cor_scope_leave(&wait.scope);
	return n < 0 ? tell_source(answer, (int)n) : n;
}

static int send_pieces(struct cor_answer *answer)
{
	struct cor_message_body *body = &answer->message.body;
	char *piece = cor_arena_alloc(&answer->ctx->arena, PIECE_BYTES);
	int64_t sent = 0;
	ssize_t n;
	int rc = 0;

	if (!piece)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	body->was_read = true;
	while (rc == 0 && (n = read_in_time(answer, piece)) != 0) {
		if (n < 0)
			return (int)n;
		sent += n;
		if (body->length >= 0 && sent > body->length)
			return tell_source(answer, 0);
		rc = send_piece(answer, piece, (size_t)n);
	}
	if (rc == 0 && body->length >= 0 && sent != body->length)
		return tell_source(answer, 0);
	return rc;
}

static int send_slices(struct cor_answer *answer, struct cor_str bytes)
{
	int rc = 0;

	while (rc == 0 && bytes.len) {
		size_t len = bytes.len < SLICE_BYTES ? bytes.len : SLICE_BYTES;
		rc = send_piece(answer, bytes.data, len);
		bytes = (struct cor_str){ bytes.data + len, bytes.len - len };
	}
	return rc;
}

static int finish(struct cor_answer *answer)
{
	const struct cor_upstream *upstream = answer->here->upstream;
	struct cor_answer_wait wait;

	cor_answer_begin_wait(answer, &wait,
		or_default(upstream->between_bytes_timeout_ms, COR_BETWEEN_BYTES_TIMEOUT_MS),
		COR_FAILED_SEND_TIMEOUT);
	int rc = answer->wire->carrier->finish(answer->wire);
	if (rc == -EPIPE && !answer->wire->fault.kind) {
		cor_scope_leave(&wait.scope);
		return rc;
	}
	return cor_answer_end_wait(answer, &wait, rc);
}

static int send_request(struct cor_answer *answer)
{
	const struct cor_message_body *body = &answer->message.body;
	int rc = 0;

	if (body->source || (body->relayed && body->length != 0))
		rc = send_pieces(answer);
	else
		rc = send_slices(answer, body->bytes);
	if (rc == 0)
		rc = finish(answer);
	return rc == -EPIPE && !answer->fault.kind ? 0 : rc;
}

static int connect_in_time(struct cor_answer *answer)
{
	const struct cor_upstream *upstream = answer->here->upstream;
	struct cor_answer_wait wait;

	cor_answer_begin_wait(answer, &wait,
		or_default(upstream->connect_timeout_ms, COR_CONNECT_TIMEOUT_MS),
		COR_FAILED_CONNECT_TIMEOUT);
	int rc = cor_answer_end_wait(answer, &wait, answer->wire->carrier->connect(answer->wire));
	if (rc == 0 && !answer->wire->is_reused)
		cor_call_connected(answer);
	return rc;
}

static int receive_head_in_time(struct cor_answer *answer)
{
	const struct cor_upstream *upstream = answer->here->upstream;
	struct cor_answer_wait wait;

	cor_answer_begin_wait(answer, &wait,
		or_default(upstream->first_byte_timeout_ms, COR_FIRST_BYTE_TIMEOUT_MS),
		COR_FAILED_FIRST_BYTE_TIMEOUT);
	return cor_answer_end_wait(
		answer, &wait, answer->wire->carrier->receive_head(answer->wire, &answer->head));
}

/* --- the whole --- */

static void tell_left(struct cor_answer *answer)
{
	int64_t left = left_ms(answer), of_request = cor_scope_remaining_ms();

	char *text = answer->message.left;

	text[cor_number_print_int64(left < of_request ? left : of_request, text)] = '\0';
}

/*
 * A redirect may lead to another server: the name, the key and the leniency that are meant for the
 * first one say nothing of it, and our certificate is not for it to see.
 */
static void aim(struct cor_answer *answer)
{
	const struct cor_upstream_here *here = answer->here;
	const struct cor_upstream_tls *tls = here->destination.tls;
	const struct cor_url *url = &answer->message.url;

	answer->destination = here->destination;
	answer->destination.is_tls = url->is_tls;
	answer->destination.host = url->host;
	answer->destination.port = url->port;
	answer->destination.unix_path = url->unix_path;
	answer->destination.proxy = cor_upstream_proxy(here, url);
	if (!tls || cor_upstream_is_own(here, url))
		return;
	answer->tls = (struct cor_upstream_tls){ .ca_file = tls->ca_file };
	answer->destination.tls = &answer->tls;
}

static int prepare(struct cor_answer *answer)
{
	const struct cor_message *message = &answer->message;
	const struct cor_url *url = &message->url;
	struct cor_arena *arena = &answer->ctx->arena;
	const struct cor_str parts[] = { url->path, COR_STR("?"), url->query };
	struct cor_str path = url->has_query ? cor_join(arena, parts, 3) : url->path;

	if (!path.data)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	aim(answer);
	answer->request = (struct cor_carrier_request){
		.destination = &answer->destination,
		.arena = arena,
		.method = message->method,
		.authority = url->authority,
		.path = path,
		.fields = message->fields,
		.fields_len = message->fields_len,
		.body_bytes = message->body.length,
		.kept = answer->here->upstream->kept,
		.kept_ms = answer->here->upstream->kept_ms,
	};
	if (message->left)
		tell_left(answer);
	int rc = answer->jar ? cor_cookies_show(answer) : 0;
	if (rc < 0 || !answer->credentials)
		return rc;
	rc = cor_credentials_show(answer);
	if (message->left && !answer->credentials->sign) /* a token may have taken its time */
		tell_left(answer);
	return rc;
}

static int begin(struct cor_answer *answer)
{
	void *state;
	const struct cor_carrier *carrier = cor_upstream_carrier(
		answer->here, &answer->destination, &state);
	int rc = carrier ? carrier->begin(state, &answer->request, &answer->wire) : -EINVAL;

	if (rc == 0)
		return 0;
	answer->wire = NULL;
	if (rc == -ENOMEM)
		return cor_answer_fail(answer, COR_FAILED_MEMORY, "no memory");
	return carrier ? cor_answer_fail(answer, COR_FAILED_CALL,
				 "the call cannot be made: nothing carries such a %.*s",
				 (int)answer->message.method.len, answer->message.method.data)
		       : cor_answer_fail(answer, COR_FAILED_REDIRECT,
				 "it leads to where nothing carries: .carrier = &cor_curl would");
}

/* Who has waited has less time left than it says, or than was signed. */
static int ask(struct cor_answer *answer, struct cor_load *load)
{
	int rc = load->has_waited && answer->message.left ? prepare(answer) : 0;

	if (rc == 0)
		rc = begin(answer);
	if (rc == 0)
		rc = connect_in_time(answer);
	if (rc == 0)
		rc = cor_answer_enter_again(answer);
	if (rc == 0)
		rc = send_request(answer);
	if (rc < 0)
		return rc;
	cor_load_asked(load);
	return receive_head_in_time(answer);
}

static int exchange(struct cor_answer *answer)
{
	struct cor_load load;
	int rc = cor_load_begin(&load, answer);

	if (rc < 0) {
		answer->attempts--; /* nothing was sent */
	} else {
		rc = ask(answer, &load);
		cor_load_end(&load, answer, rc);
	}
	if (answer->flight)
		rc = cor_flight_land(answer, rc);
	if (rc == 0)
		cor_answer_heard(answer);
	return rc;
}

/* Returns as cor_flight_board(). */
static int make_request(struct cor_answer *answer)
{
	answer->fault.kind = COR_FAILED_NOT;
	answer->head = (struct cor_carrier_answer){ 0 };
	answer->has_joined = false;
	int rc = cor_answer_enter(answer);
	if (rc < 0)
		return rc;
	answer->attempts++;
	cor_answer_aim(answer);
	rc = prepare(answer);
	if (rc == 0)
		rc = cor_flight_board(answer);
	return rc == COR_FLIGHT_SEND ? exchange(answer) : rc;
}

int cor_answer_try(struct cor_answer *answer)
{
	int rc = make_request(answer);

	while (rc == COR_FLIGHT_AGAIN) {
		answer->attempts--; /* nothing was sent for it */
		rc = make_request(answer);
	}
	if (rc > 0)
		rc = 0;
	if (rc == 0 && answer->credentials)
		rc = cor_credentials_heard(answer);
	if (rc == 0 && answer->jar) /* not of one that does not prove itself */
		cor_cookies_keep(answer);
	if (rc == 0)
		rc = cor_answer_prepare_body(answer);
	return rc;
}
