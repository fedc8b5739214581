/* SPDX-License-Identifier: MIT */
#include "testing/service_exchange.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <coracle/error.h>

#include "testing/service_answer.h"
#include "testing/service_call.h"
#include "testing/service_time.h"

#define SCOPE_BYTES 16

/* --- what is wanted of an answer --- */

_Noreturn void cor_test_flight_fail(const struct cor_test_flight *flight, const char *format, ...)
{
	struct cor_test *t = flight->service->t;
	char text[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	cor_test_fail_at(
		t, flight->file, flight->line, "%s: %s", cor_test_flight_name(flight), text);
	cor_test_end(t);
}

static bool is_wanted(const struct cor_test_flight *flight, int status)
{
	uint16_t wanted = flight->request.status;

	return wanted == COR_TEST_ANY_STATUS || (wanted ? status == wanted : status / 100 == 2);
}

static void judge_status(const struct cor_test_flight *flight, const struct cor_test_answer *answer)
{
	char wanted[SCOPE_BYTES] = "2xx";

	if (is_wanted(flight, answer->status))
		return;
	if (flight->request.status)
		snprintf(wanted, sizeof wanted, "%u", flight->request.status);
	cor_test_flight_fail(flight, "the status is not %s: %s", wanted,
		cor_test_answer_print(flight->service, answer));
}

/* The client above has failed for a reason of its own: the schema, most often. */
static struct cor_test_answer judge(struct cor_test_flight *flight, int rc, const char *text)
{
	if (flight->state == COR_TEST_BODY)
		cor_ignore(cor_test_flight_await(flight, COR_TEST_HAS_ALL));
	flight->is_over = true;
	if (flight->state == COR_TEST_BROKEN)
		cor_test_flight_fail(flight, "%s", flight->fault ? flight->fault : "it is broken");
	if (flight->state == COR_TEST_HEAD)
		cor_test_flight_fail(flight, "%s", text ? text : "no answer");
	const struct cor_test_answer answer = cor_test_answer_of(flight);
	cor_test_flight_close(flight);
	judge_status(flight, &answer);
	if (rc < 0)
		cor_test_flight_fail(flight, "%s\n    %s", text,
			cor_test_answer_print(flight->service, &answer));
	return answer;
}

struct cor_test_answer cor_test_exchange(
	struct cor_test *t, const char *file, int line, const struct cor_test_request *request)
{
	struct cor_test_service *service = cor_test_service_at(t, file, line);
	struct cor_test_flight *flight = cor_test_flight_make(service, file, line, request);
	const char *text;
	int rc = cor_test_caller_call(flight, COR_TEST_WHOLE_CALL, &text);

	return judge(flight, rc, text);
}

/* --- problems --- */

static struct cor_test_answer refused(struct cor_test *t, const char *file, int line,
	uint16_t status, const struct cor_test_request *request)
{
	struct cor_test_request asked = *request;

	asked.status = status;
	asked.ret = (struct cor_ret){ 0 };
	return cor_test_exchange(t, file, line, &asked);
}

struct cor_test_answer cor_test_expect_problem(struct cor_test *t, const char *file, int line,
	uint16_t status, const char *detail, const struct cor_test_request *request)
{
	const struct cor_test_answer answer = refused(t, file, line, status, request);
	struct cor_test_service *service = t->service;
	const struct cor_node *problem = cor_test_answer_json(service, &answer);
	const char *said = problem ? cor_test_member_text(service, problem, "detail") : NULL;

	if (!problem)
		cor_test_fail_at(t, file, line, "the answer is no problem: %s",
			cor_test_answer_print(service, &answer));
	else if (detail && (!said || strcmp(said, detail) != 0))
		cor_test_fail_at(t, file, line,
			"the detail of the problem is another\n    is     %s\n    wanted %s",
			said ? said : "(none)", detail);
	return answer;
}

static bool is_at(
	struct cor_test_service *service, const struct cor_node *violation, const char *where)
{
	const char *pointer = cor_test_member_text(service, violation, "pointer");
	const char *parameter = cor_test_member_text(service, violation, "parameter");

	return (pointer && strcmp(pointer, where) == 0) ||
	       (parameter && strcmp(parameter, where) == 0);
}

static bool has_violation(struct cor_test_service *service, const struct cor_node *problem,
	const char *where, const char *part)
{
	const struct cor_node *errors = problem ? cor_node_get(problem, "errors") : NULL;

	for (size_t i = 0; errors && i < cor_node_len(errors); i++) {
		const struct cor_node *at = cor_node_item(errors, i);
		const char *detail = cor_test_member_text(service, at, "detail");
		if (is_at(service, at, where) && (!part || (detail && strstr(detail, part))))
			return true;
	}
	return false;
}

struct cor_test_answer cor_test_expect_violation(struct cor_test *t, const char *file, int line,
	const char *where, const char *part, const struct cor_test_request *request)
{
	const struct cor_test_answer answer = refused(t, file, line, 422, request);
	struct cor_test_service *service = t->service;

	if (!has_violation(service, cor_test_answer_json(service, &answer), where, part))
		cor_test_fail_at(t, file, line, "there is no violation at %s%s%s%s: %s", where,
			part ? " with \"" : "", part ? part : "", part ? "\"" : "",
			cor_test_answer_print(service, &answer));
	return answer;
}

/* --- in two halves --- */

struct cor_test_flight *cor_test_begin(struct cor_test_service *service, const char *file, int line,
	const struct cor_test_request *request, struct cor_test_talk *talk)
{
	struct cor_test_flight *flight = cor_test_flight_make(service, file, line, request);
	const char *text;

	flight->talk = talk;
	cor_ignore(cor_test_caller_call(flight, COR_TEST_FIRST_HALF, &text));
	if (flight->socket < 0 || flight->fault) {
		flight->is_over = true;
		cor_test_flight_fail(flight, "%s", flight->fault ? flight->fault : text);
	}
	cor_ignore(cor_test_let_happen(service, NULL));
	return flight;
}

struct cor_test_flight *cor_test_take_off(
	struct cor_test *t, const char *file, int line, const struct cor_test_request *request)
{
	return cor_test_begin(cor_test_service_at(t, file, line), file, line, request, NULL);
}

static void must_be_on_its_way(const struct cor_test_flight *flight)
{
	if (flight->is_over)
		cor_test_flight_fail(flight, "it is over: it was finished, or its client has left");
}

struct cor_test_answer cor_test_finish(struct cor_test *t, struct cor_test_flight *flight)
{
	const char *text;

	(void)t;
	must_be_on_its_way(flight);
	flight->taken = 0;
	int rc = cor_test_caller_call(flight, COR_TEST_SECOND_HALF, &text);
	return judge(flight, rc, text);
}

bool cor_test_has_landed(struct cor_test *t, const struct cor_test_flight *flight)
{
	for (struct cor_test_flight *at = t->service->flights; at; at = at->next)
		if (at == flight)
			return cor_test_flight_has(at, COR_TEST_HAS_ALL);
	return false;
}

void cor_test_leave(struct cor_test *t, struct cor_test_flight *flight)
{
	(void)t;
	flight->is_over = true;
	cor_test_flight_close(flight);
}

/* --- piece by piece --- */

struct cor_test_answer cor_test_await_head(struct cor_test *t, struct cor_test_flight *flight)
{
	(void)t;
	must_be_on_its_way(flight);
	if (cor_test_flight_await(flight, COR_TEST_HAS_HEAD) < 0)
		cor_test_flight_fail(flight, "%s", flight->fault ? flight->fault : "it is broken");
	const struct cor_test_answer answer = cor_test_answer_of(flight);
	judge_status(flight, &answer);
	return answer;
}

struct cor_str cor_test_read(struct cor_test *t, struct cor_test_flight *flight)
{
	(void)t;
	if (flight->state != COR_TEST_WHOLE)
		must_be_on_its_way(flight);
	if (cor_test_flight_await(flight, COR_TEST_HAS_MORE) < 0)
		cor_test_flight_fail(flight, "%s", flight->fault ? flight->fault : "it is broken");
	const struct cor_str piece = { flight->body.data + flight->taken,
		flight->body.len - flight->taken };
	flight->taken = flight->body.len;
	if (piece.len)
		return piece;
	flight->is_over = true;
	return (struct cor_str){ NULL, 0 };
}

/* --- bytes --- */

struct cor_test_answer cor_test_raw(struct cor_test *t, const char *bytes)
{
	struct cor_test_service *service = cor_test_service_of(t);
	struct cor_test_flight *flight = cor_test_flight_make(
		service, "(raw)", 0, &(struct cor_test_request){ .status = COR_TEST_ANY_STATUS });
	bool is_head = strncmp(bytes, "HEAD ", 5) == 0;

	flight->name = "raw bytes";
	if (cor_test_flight_connect(flight, is_head ? COR_STR("HEAD") : COR_STR("GET")) == 0)
		cor_ignore(cor_test_flight_send(flight, bytes, strlen(bytes)));
	cor_ignore(cor_test_flight_await(flight, COR_TEST_HAS_ALL));
	return judge(flight, 0, NULL);
}
