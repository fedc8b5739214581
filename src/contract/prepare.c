/* SPDX-License-Identifier: MIT */
#include "contract/prepare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <coracle/error.h>

#include "contract/told.h"

/* --- the file --- */

int cor_contract_before_load(struct cor_contract_plan *plan)
{
	struct cor_before *before = cor_arena_zalloc(&plan->document.arena, sizeof *before);

	plan->before = before;
	if (!before)
		return -ENOMEM;
	int rc = cor_before_load_near(before, plan->file);
	if (rc == 0)
		rc = cor_before_check(before, plan->document.root);
	if (rc == 0 || rc == -ENOMEM)
		return rc;
	if (before->fault)
		fprintf(stderr, "%s\n", before->fault);
	else
		fprintf(stderr, "%s: %s\n", before->path, cor_strerror(rc));
	return -COR_ETABLE;
}

/* --- sending --- */

/* Of the fields the type of the body is apart; the kit says the host and the length itself. */
static const struct cor_http_field *fields_of(
	struct cor_contract_run *run, const struct cor_before_field *fields, const char **ret_type)
{
	size_t len = 0, out = 0;

	while (fields[len].name)
		len++;
	struct cor_http_field *copy = cor_contract_alloc(run, (len + 1) * sizeof *copy);
	for (size_t i = 0; i < len; i++) {
		if (strcasecmp(fields[i].name, "Content-Type") == 0)
			*ret_type = fields[i].value;
		else if (strcasecmp(fields[i].name, "Host") != 0)
			copy[out++] = (struct cor_http_field){ fields[i].name, fields[i].value };
	}
	return copy;
}

static const struct cor_before_field *came_fields(
	struct cor_contract_run *run, const struct cor_http_field *fields)
{
	size_t len = 0;

	while (fields && fields[len].name)
		len++;
	struct cor_before_field *copy = cor_contract_alloc(run, (len + 1) * sizeof *copy);
	for (size_t i = 0; i < len; i++)
		copy[i] = (struct cor_before_field){ fields[i].name, fields[i].value };
	return copy;
}

/* Cookies are in the jar of the test. */
static int send(struct cor_contract_run *run, size_t i)
{
	struct cor_before_sent sent;
	int rc = cor_before_make(&run->before, i, &sent);

	if (rc < 0)
		return rc;
	struct cor_test_request request = {
		.method = sent.method,
		.path = cor_test_path(sent.target),
		.body = sent.body,
		.status = COR_TEST_ANY_STATUS,
	};
	request.headers = fields_of(run, sent.fields, &request.content_type);
	const struct cor_test_answer answer = cor_test_exchange(
		run->t, run->plan->file, run->plan->line, &request);
	return cor_before_took(&run->before, i,
		&(const struct cor_before_came){ .status = answer.status,
			.fields = came_fields(run, answer.headers),
			.body = answer.body });
}

/* One mistake, one failure, at its own place: nothing of the operations has been driven. */
static _Noreturn void end_by(struct cor_contract_run *run, int rc)
{
	const struct cor_contract_plan *plan = run->plan;
	const struct cor_before *before = plan->before;
	const char *fault = rc == -COR_EINVALID ? before->fault : cor_strerror(rc);
	const struct cor_contract_item *by = cor_contract_told_by(run, fault);

	plan->fates[run->item - plan->items] = COR_CONTRACT_NOT_RUN;
	if (by && by != run->item)
		cor_test_skip(run->t, "%s does not pass: as %s[%s] tells", before->path,
			by->operation->name, by->name);
	if (rc == -COR_EINVALID)
		cor_test_fail_at(
			run->t, before->path, (int)before->fault_line, "%s", before->fault_text);
	else
		cor_contract_fail(run, "%s: %s", before->path, fault);
	cor_test_end(run->t);
}

void cor_contract_prepare(struct cor_contract_run *run)
{
	struct cor_before *before = run->plan->before;
	int rc = 0;

	cor_before_begin(&run->before, before);
	for (size_t i = 0; rc == 0 && i < before->len; i++)
		rc = send(run, i);
	if (rc == 0)
		rc = cor_before_end(&run->before);
	if (rc < 0)
		end_by(run, rc);
}

bool cor_contract_log_in_again(struct cor_contract_run *run)
{
	const struct cor_before *before = run->plan->before;
	bool has_any = false;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < before->len; i++) {
		if (!cor_before_logs_in(&run->before, i))
			continue;
		has_any = true;
		rc = send(run, i);
	}
	if (rc == 0)
		rc = cor_before_end(&run->before);
	if (rc < 0)
		end_by(run, rc);
	return has_any;
}
