/* SPDX-License-Identifier: MIT */
#include "contract/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "contract/credential.h"
#include "contract/patterns.h"
#include "contract/drives.h"
#include "contract/prepare.h"

void *cor_contract_alloc(struct cor_contract_run *run, size_t bytes)
{
	void *memory = cor_arena_zalloc(&run->arena, bytes);

	if (memory)
		return memory;
	if (!run->t) /* the plan is made: nothing has begun */
		abort();
	cor_contract_fail(run, "no memory");
	cor_test_end(run->t);
}

const char *cor_contract_printf(struct cor_contract_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(&run->arena, format, args);
	va_end(args);
	return text ? text : "(no memory)";
}

void cor_contract_fail(struct cor_contract_run *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	const char *text = cor_arena_vprintf(&run->arena, format, args);
	va_end(args);
	cor_test_fail_at(run->t, run->plan->file, run->plan->line, "%s", text ? text : format);
}

static void finish(void *arg)
{
	struct cor_contract_run *run = arg;

	cor_contract_patterns_finish(run);
	cor_before_pass_finish(&run->before);
	cor_arena_finish(&run->arena);
}

static uint8_t *fate_of(const struct cor_contract_item *item)
{
	return &item->plan->fates[item - item->plan->items];
}

/* Nothing but the refusal can be driven without one. */
static void need_credential(struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct cor_contract_way way = cor_contract_way_of(run);

	if (way.is_public || way.credential || item->drive == cor_contract_drive_credentials ||
		item->drive == cor_contract_drive_method)
		return;
	*fate_of(item) = COR_CONTRACT_SHUT_OUT;
	cor_test_skip(run->t,
		"nothing lets it in by the scheme %s: " COR_BEFORE_FILE " or .credentials",
		way.scheme);
}

void cor_contract_test(struct cor_test *t, const struct cor_contract_item *item)
{
	const struct cor_contract_plan *plan = item->plan;
	const char *reason = cor_contract_left_out(plan, item->operation, item->name);
	/* Of the process that the test is. */
	static struct cor_contract_run run;

	*fate_of(item) = COR_CONTRACT_RAN;
	if (reason)
		cor_test_skip(t, "%s", reason);
	run = (struct cor_contract_run){
		.t = t,
		.plan = plan,
		.document = &plan->document,
		.operation = item->operation,
		.item = item,
	};
	cor_arena_init(&run.arena, NULL, 0, 0);
	cor_test_defer(t, finish, &run);
	cor_contract_prepare(&run);
	need_credential(&run, item);
	item->drive(&run, item);
}
