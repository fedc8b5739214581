/* SPDX-License-Identifier: MIT */
/* What all operations have, whatever their rows are. */
#include <string.h>

#include "app/inside.h"
#include "contract/answer.h"
#include "contract/drives.h"

#define LIMIT_MAX 300                /* requests, until a limit must have been met */
#define LIMIT_NS  INT64_C(500000000) /* no longer than that */

/* --- valid input --- */

static void try_plain(struct cor_contract_run *run)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = {
		.kind = COR_CONTRACT_STATUS, .status = 426, .why = "it is a WebSocket"
	};

	request.is_plain = true;
	cor_contract_subtest(run, &request, &wanted, "without asking for a WebSocket");
}

void cor_contract_drive_valid(struct cor_contract_run *run, const struct cor_contract_item *item)
{
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_VALID };
	struct cor_contract_request minimal = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	struct cor_contract_request full = cor_contract_request_of(run, COR_CONTRACT_FULL);

	(void)item;
	cor_contract_subtest(run, &minimal, &wanted, "what is required");
	cor_contract_subtest(run, &full, &wanted, "all of it");
	if (run->operation->is_websocket)
		try_plain(run);
}

/* --- what is no text --- */

void cor_contract_drive_encoding(struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	/* Who shows a key in such a query is nobody. */
	bool has_key = cor_contract_show(run, COR_CONTRACT_SOMEBODY).query != NULL;
	const struct cor_contract_wanted wanted = {
		.kind = has_key ? COR_CONTRACT_ANY : COR_CONTRACT_INVALID, .why = "%FF is no UTF-8"
	};

	(void)item;
	request.query = "%FF=1";
	cor_contract_subtest(run, &request, &wanted, "?%FF=1");
}

/* --- methods --- */

static const char *const methods[] = { "GET", "PUT", "POST", "PATCH", "DELETE" };
static const char *const members[] = { "get", "put", "post", "patch", "delete" };
enum { METHODS = sizeof methods / sizeof methods[0] };

static bool lists(const char *allow, const char *method)
{
	size_t len = strlen(method);

	for (const char *at = allow; at && *at; at += strcspn(at, ","), at += strspn(at, ", "))
		if (strncmp(at, method, len) == 0 && strcspn(at, ", ") == len)
			return true;
	return false;
}

static void judge_allow(struct cor_contract_run *run, const struct cor_contract_request *request,
	const struct cor_test_answer *answer)
{
	const char *allow = cor_test_header(answer, "Allow");

	for (size_t i = 0; i < METHODS; i++) {
		bool is_there = cor_node_get(run->operation->path_item, members[i]) != NULL;
		if (lists(allow, methods[i]) != is_there)
			cor_contract_fail(run, "Allow %s %s: %s\n    %s",
				is_there ? "lacks" : "has", methods[i],
				allow ? allow : "(no header)", request->curl);
	}
}

/* Who shows nothing may not learn what is there. */
static bool is_guarded(const struct cor_contract_run *run)
{
	return cor_node_get(cor_node_get(run->document->root, "components"), "securitySchemes");
}

static void try_method(struct cor_contract_run *run, const char *method, uint16_t status)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_STATUS,
		.status = status,
		.why = cor_contract_printf(run, "%s has no operation there", method) };

	request.method = method;
	request.media = NULL;
	request.body = NULL;
	request.bytes = (struct cor_str){ NULL, 0 };
	struct cor_test_answer answer = cor_contract_send(run, &request);
	if (answer.status == 401 && is_guarded(run))
		return;
	if (answer.status != status)
		cor_contract_fail(run, "%s is a %d, not a %u\n    the table says: %s\n    %s",
			method, answer.status, status, wanted.why, request.curl);
	else
		judge_allow(run, &request, &answer);
}

static void try_options(struct cor_contract_run *run)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);

	request.method = "OPTIONS";
	request.media = NULL;
	request.body = NULL;
	request.bytes = (struct cor_str){ NULL, 0 };
	struct cor_test_answer answer = cor_contract_send(run, &request);
	if (answer.status / 100 != 2)
		cor_contract_fail(
			run, "OPTIONS is a %d, not a 204\n    %s", answer.status, request.curl);
	else
		judge_allow(run, &request, &answer);
}

static void try_head(struct cor_contract_run *run)
{
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_VALID };
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);

	request.method = "HEAD";
	cor_contract_subtest(run, &request, &wanted, "HEAD");
}

void cor_contract_drive_method(struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct cor_contract_way way = cor_contract_way_of(run);

	(void)item;
	for (size_t i = 0; i < METHODS; i++) {
		if (cor_node_get(run->operation->path_item, members[i]))
			continue;
		try_method(run, methods[i], 405);
		break;
	}
	try_options(run);
	if (strcmp(run->operation->method, "GET") == 0 && !run->operation->is_websocket &&
		(way.is_public || way.credential))
		try_head(run);
}

/* --- media types of answers --- */

void cor_contract_drive_accept(struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_STATUS,
		.status = 406,
		.why = "no answer has the type that is asked for" };

	(void)item;
	cor_contract_add_header(&request, "Accept", "application/x-none");
	cor_contract_subtest(run, &request, &wanted, "Accept: application/x-none");
}

/* --- limits --- */

/* In real time, which handlers take. */
static int64_t now_ns(void)
{
	return cor_inside_calls.system_clock->monotonic_ns(cor_inside_calls.system_clock);
}

void cor_contract_drive_limits(struct cor_contract_run *run, const struct cor_contract_item *item)
{
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_ANY };
	size_t index = (size_t)(run->operation - run->document->operations);

	(void)item;
	int64_t began_ns = now_ns();
	for (int i = 0; i < 2 * LIMIT_MAX && !run->plan->seen[index].statuses[429] &&
			!cor_test_has_failed(run->t) && now_ns() - began_ns < LIMIT_NS;
		i++) {
		struct cor_contract_request request = cor_contract_request_of(
			run, COR_CONTRACT_MINIMAL);
		if (i >= LIMIT_MAX) /* those who guess have a limit of their own */
			request.who = COR_CONTRACT_IMPOSTOR;
		(void)cor_contract_try(run, &request, &wanted);
	}
}
