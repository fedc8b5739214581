/* SPDX-License-Identifier: MIT */
/* Conditional requests (RFC 9110 section 13), and parts of files. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "contract/answer.h"
#include "contract/drives.h"

static bool takes(const struct cor_contract_run *run, const char *header)
{
	for (size_t i = 0; i < run->operation->parameters_len; i++)
		if (strcasecmp(run->operation->parameters[i].name, header) == 0)
			return true;
	return false;
}

static void clear(
	struct cor_contract_run *run, struct cor_contract_request *request, const char *header)
{
	for (size_t i = 0; i < run->operation->parameters_len; i++)
		if (strcasecmp(run->operation->parameters[i].name, header) == 0)
			request->values[i] = NULL;
}

/* The header is sent, and that status wanted if the request itself succeeds. */
static void try_condition(
	struct cor_contract_run *run, const char *header, const char *value, uint16_t status)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_STATUS,
		.status = status,
		.why = cor_contract_printf(run, "%s: %s", header, value) };
	char text[8];

	snprintf(text, sizeof text, "%u", status);
	if (!takes(run, header) || !cor_node_get(run->operation->responses, text))
		return;
	clear(run, &request, header);
	cor_contract_add_header(&request, header, value);
	cor_contract_subtest(
		run, &request, &wanted, cor_contract_printf(run, "%s: %s", header, value));
}

static void try_unconditional(struct cor_contract_run *run)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = {
		.kind = COR_CONTRACT_STATUS, .status = 428, .why = "a condition is needed"
	};

	clear(run, &request, "If-Match");
	clear(run, &request, "If-Unmodified-Since");
	cor_contract_subtest(run, &request, &wanted, "without a condition");
}

static void try_match(struct cor_contract_run *run)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_ANY };

	clear(run, &request, "If-Match");
	cor_contract_add_header(&request, "If-Match", "\"no such version\"");
	cor_contract_subtest(run, &request, &wanted, "If-Match: \"no such version\"");
}

void cor_contract_drive_conditions(
	struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	const struct cor_contract_wanted wanted = { .kind = COR_CONTRACT_VALID };
	bool is_read = strcmp(run->operation->method, "GET") == 0;

	(void)item;
	if (cor_node_get(run->operation->responses, "428"))
		try_unconditional(run);
	if (!is_read && takes(run, "If-Match")) /* first: what is changed is as it was */
		try_match(run);
	struct cor_test_answer answer = cor_contract_try(run, &request, &wanted);
	if (answer.status / 100 != 2 || !is_read)
		return;
	if (cor_node_get(run->operation->responses, "412"))
		try_match(run);
	const char *etag = cor_test_header(&answer, "ETag");
	const char *modified = cor_test_header(&answer, "Last-Modified");
	if (etag)
		try_condition(run, "If-None-Match", etag, 304);
	if (modified)
		try_condition(run, "If-Modified-Since", modified, 304);
	try_condition(run, "Range", "bytes=0-0", 206);
	try_condition(run, "Range", "bytes=999999999999-", 416);
}
