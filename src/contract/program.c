/* SPDX-License-Identifier: MIT */
/* The main of a contract: a suite made of the document, run as any other. */
#include <errno.h>
#include <stdio.h>

#include "contract/plan.h"
#include "contract/report.h"
#include "testing/program.h"

enum {
	STATUS_INTERNAL = 3,
	STATUS_USAGE = 4,
};

/* Fixtures have no argument: the plan of the one contract that a process runs. */
static const struct cor_contract_plan *the_plan;

static void want_all_seen(struct cor_test *t)
{
	size_t unseen = cor_contract_unseen(the_plan);
	struct cor_buffer text = { 0 };

	if (unseen == 0)
		return;
	cor_contract_report(the_plan, &text);
	cor_test_fail_at(t, the_plan->file, the_plan->line, "declared, and not seen: %zu\n%.*s",
		unseen, (int)text.len, text.data ? text.data : "");
	cor_buffer_finish(&text);
}

static void write_epilogue(void *self, struct cor_buffer *summary, struct cor_buffer *text)
{
	const struct cor_contract_plan *plan = self;
	size_t unseen = cor_contract_unseen(plan), shut_out = cor_contract_shut_out(plan);

	cor_contract_report(plan, text);
	if (shut_out > 0)
		cor_buffer_printf(summary, "%zu test%s skipped for want of a credential%s",
			shut_out, shut_out == 1 ? " was" : "s were", unseen > 0 ? ", " : "");
	if (unseen > 0)
		cor_buffer_printf(summary, "%zu declared status%s not seen", unseen,
			unseen == 1 ? " was" : "es were");
	else if (shut_out > 0)
		return;
	else if (cor_contract_has_part(plan))
		cor_buffer_literal(summary, "a part of the tests has run");
	else
		cor_buffer_literal(summary, "all declared statuses were seen");
}

int cor_contract_run(void (*keep_counts)(void), int argc, char **argv, const char *file, int line,
	const struct cor_contract *contract)
{
	struct cor_contract_plan plan;
	int rc = cor_contract_plan_init(&plan, contract, file, line);
	int status = rc == -ENOMEM ? STATUS_INTERNAL : STATUS_USAGE;

	if (rc == 0) {
		const struct cor_suite suite = {
			.name = contract->name,
			.service = contract->service,
			.before_each = contract->before_each,
			.after = contract->unseen == COR_CONTRACT_STRICT ? want_all_seen : NULL,
			.cases = plan.cases,
			.cases_len = plan.document.len,
			.timeout_ms = contract->timeout_ms,
			.leaks = contract->leaks,
		};
		the_plan = &plan;
		status = cor_test_main_with(argc, argv, &suite,
			&(const struct cor_epilogue){ write_epilogue, &plan }, keep_counts);
	} else if (rc == -ENOMEM) {
		fprintf(stderr, "no memory for the tests of the contract\n");
	}
	cor_contract_plan_finish(&plan);
	return status;
}
