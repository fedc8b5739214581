/* SPDX-License-Identifier: MIT */
#include "contract/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <coracle/error.h>

#include "contract/credential.h"
#include "contract/drives.h"
#include "contract/prepare.h"
#include "contract/run.h"

/* --- what the contract says --- */

static bool is_of(const char *name, const struct cor_contract_operation *operation)
{
	return !name || strcmp(name, operation->name) == 0;
}

const char *cor_contract_left_out(const struct cor_contract_plan *plan,
	const struct cor_contract_operation *operation, const char *name)
{
	const struct cor_contract_exception *at = plan->contract->exceptions;

	for (; at && at->reason; at++) {
		if (at->status != 0 || !is_of(at->operation, operation))
			continue;
		if (name ? at->row && strcmp(at->row, name) == 0 : !at->row)
			return at->reason;
	}
	return NULL;
}

const char *cor_contract_not_driven(const struct cor_contract_plan *plan,
	const struct cor_contract_operation *operation, int status)
{
	const struct cor_contract_exception *at = plan->contract->exceptions;

	for (; at && at->reason; at++)
		if (!at->row && at->status == status && is_of(at->operation, operation))
			return at->reason;
	return NULL;
}

bool cor_contract_may_refuse(const struct cor_contract_plan *plan,
	const struct cor_contract_operation *operation, const char *name, int status)
{
	const struct cor_contract_exception *at = plan->contract->exceptions;

	for (; at && at->reason; at++)
		if (at->row && at->status == status && is_of(at->operation, operation) &&
			strcmp(at->row, name) == 0)
			return true;
	return false;
}

const char *cor_contract_input_of(const struct cor_contract_plan *plan,
	const struct cor_contract_operation *operation, const char *row, size_t number)
{
	const struct cor_contract_input *at = plan->contract->inputs;

	for (; at && at->row; at++)
		if (strcmp(at->row, row) == 0 && is_of(at->operation, operation) && number-- == 0)
			return at->value;
	return NULL;
}

/* --- tests --- */

static const char *const media_with_rows[] = { "application/json",
	"application/x-www-form-urlencoded", "multipart/form-data" };

const struct cor_node *cor_contract_body_schema(
	const struct cor_contract_operation *operation, const char **ret_media)
{
	for (size_t i = 0; i < sizeof media_with_rows / sizeof media_with_rows[0]; i++) {
		const struct cor_node *media = cor_node_get(operation->content, media_with_rows[i]);
		*ret_media = media_with_rows[i];
		if (media)
			return cor_node_get(media, "schema");
	}
	*ret_media = NULL;
	return NULL;
}

/* What a plan is made with: a run that has no test, for what reads schemas. */
struct maker {
	struct cor_contract_plan *plan;
	const struct cor_contract_operation *operation;
	struct cor_contract_run run;
	size_t capacity;
	int rc;
};

static struct cor_contract_item *add(
	struct maker *maker, const char *name, cor_contract_drive *drive)
{
	struct cor_contract_plan *plan = maker->plan;
	struct cor_contract_item *item = &plan->items[plan->len];

	if (!name || plan->len >= maker->capacity) {
		maker->rc = -ENOMEM;
		return NULL;
	}
	*item = (struct cor_contract_item){
		.name = name, .plan = plan, .operation = maker->operation, .drive = drive
	};
	plan->len++;
	return item;
}

static void add_parameters(struct maker *maker)
{
	const struct cor_contract_operation *operation = maker->operation;

	for (size_t i = 0; i < operation->parameters_len; i++) {
		const struct cor_contract_parameter *parameter = &operation->parameters[i];
		if (parameter->is_the_librarys)
			continue;
		struct cor_contract_item *item = add(
			maker, parameter->row, cor_contract_drive_parameter);
		if (item)
			item->parameter = parameter;
	}
}

static void add_members(struct maker *maker)
{
	const char *media;
	const struct cor_node *schema = cor_contract_schema(
		&maker->run, cor_contract_body_schema(maker->operation, &media));
	struct cor_contract_property *all;
	size_t len = cor_contract_properties(&maker->run, schema, &all);

	for (size_t i = 0; i < len; i++) {
		const char *pointer = cor_contract_pointer(&maker->run, "", all[i].name);
		struct cor_contract_item *item = add(maker,
			cor_contract_printf(&maker->run, "body %s", pointer),
			cor_contract_drive_member);
		if (item)
			item->member = all[i];
	}
}

static bool has_condition(const struct cor_contract_operation *operation)
{
	for (size_t i = 0; i < operation->parameters_len; i++)
		if (operation->parameters[i].is_the_librarys)
			return true;
	return false;
}

static void add_operation(struct maker *maker)
{
	const struct cor_contract_operation *operation = maker->operation;

	add(maker, "valid", cor_contract_drive_valid);
	add_parameters(maker);
	if (operation->content) {
		add(maker, "body", cor_contract_drive_body);
		add_members(maker);
	}
	if (!operation->content && cor_node_get(operation->responses, "400"))
		add(maker, "encoding", cor_contract_drive_encoding);
	if (operation->is_first)
		add(maker, "method", cor_contract_drive_method);
	if (cor_node_get(operation->responses, "406"))
		add(maker, "accept", cor_contract_drive_accept);
	if (cor_node_len(operation->security) > 0 || cor_node_get(operation->responses, "403"))
		add(maker, "credentials", cor_contract_drive_credentials);
	if (has_condition(operation))
		add(maker, "conditions", cor_contract_drive_conditions);
	if (cor_node_get(operation->responses, "429"))
		add(maker, "limits", cor_contract_drive_limits);
}

static size_t count_items(struct maker *maker)
{
	const struct cor_contract_document *document = &maker->plan->document;
	size_t len = 0;

	for (size_t i = 0; i < document->len; i++) {
		struct cor_contract_property *all;
		const char *media;
		len += 16 + document->operations[i].parameters_len +
		       cor_contract_properties(&maker->run,
			       cor_contract_schema(&maker->run,
				       cor_contract_body_schema(&document->operations[i], &media)),
			       &all);
	}
	return len;
}

/* --- cases --- */

static void run_item(struct cor_test *t)
{
	const struct cor_contract_item *item = t->row;

	cor_contract_test(t, item);
}

static void make_case(
	struct cor_contract_plan *plan, size_t operation, size_t from, struct cor_case *ret)
{
	*ret = (struct cor_case){
		.name = plan->document.operations[operation].name,
		.run = run_item,
		.file = plan->file,
		.line = plan->line,
		.skip = cor_contract_left_out(plan, &plan->document.operations[operation], NULL),
		.rows = &plan->items[from],
		.row_bytes = sizeof *plan->items,
		.rows_len = plan->len - from,
		.row_name_at = 1 + offsetof(struct cor_contract_item, name),
	};
}

static int make_items(struct cor_contract_plan *plan)
{
	struct cor_arena *arena = &plan->document.arena;
	struct maker maker = { .plan = plan, .run = { .document = &plan->document } };

	cor_arena_init_part(&maker.run.arena, arena);
	maker.capacity = count_items(&maker);
	plan->items = cor_arena_zalloc(arena, (maker.capacity + 1) * sizeof *plan->items);
	plan->cases = cor_arena_zalloc(arena, (plan->document.len + 1) * sizeof *plan->cases);
	if (!plan->items || !plan->cases)
		maker.rc = -ENOMEM;
	for (size_t i = 0; maker.rc == 0 && i < plan->document.len; i++) {
		size_t from = plan->len;
		maker.operation = &plan->document.operations[i];
		add_operation(&maker);
		make_case(plan, i, from, &plan->cases[i]);
	}
	cor_arena_adopt(arena, &maker.run.arena);
	return maker.rc;
}

/* --- what names nothing --- */

static bool is_there(const struct cor_contract_plan *plan, const char *operation, const char *row)
{
	bool is_body = row && strncmp(row, "body /", 6) == 0;

	for (size_t i = 0; i < plan->len; i++) {
		const struct cor_contract_item *item = &plan->items[i];
		if (!is_of(operation, item->operation))
			continue;
		if (!row || strcmp(row, item->name) == 0)
			return true;
		size_t len = strlen(item->name); /* a pointer may lead further in */
		if (is_body && strncmp(row, item->name, len) == 0 && row[len] == '/')
			return true;
	}
	return false;
}

static int fault(const char *what, const char *operation, const char *row)
{
	fprintf(stderr,
		"%s: \"%s%s%s\" is none of the service's: --list has the tests, by operation and "
		"row\n",
		what, operation ? operation : "", operation && row ? ": " : "", row ? row : "");
	return 1;
}

/* Whether one of the operations declares it. */
static bool is_status_of(const struct cor_contract_plan *plan, const char *operation, int status)
{
	for (size_t i = 0; i < plan->document.len; i++)
		if (is_of(operation, &plan->document.operations[i]) &&
			cor_contract_response(
				&plan->document, &plan->document.operations[i], status))
			return true;
	return false;
}

static int exception_faults(
	const struct cor_contract_plan *plan, const struct cor_contract_exception *at)
{
	if (!is_there(plan, at->operation, at->row))
		return fault(".exceptions", at->operation, at->row);
	if (at->status == 0 || is_status_of(plan, at->operation, at->status))
		return 0;
	fprintf(stderr, ".exceptions: %s does not declare %u: leave the row out\n",
		at->operation ? at->operation : "any operation", at->status);
	return 1;
}

static int input_faults(struct cor_contract_plan *plan, const struct cor_contract_input *at)
{
	struct cor_node *value;

	if (!is_there(plan, at->operation, at->row) || !at->value || !strchr(at->row, ' '))
		return fault(".inputs", at->operation, at->row);
	if (strncmp(at->row, "body /", 6) != 0 ||
		cor_node_parse(&plan->document.arena, cor_str(at->value), NULL, &value, NULL) == 0)
		return 0;
	fprintf(stderr,
		".inputs: the value of \"%s\" is no JSON: %s (a text has quotes: "
		"\"\\\"Emma\\\"\")\n",
		at->row, at->value);
	return 1;
}

static int check_contract(struct cor_contract_plan *plan)
{
	const struct cor_contract_input *input = plan->contract->inputs;
	const struct cor_contract_exception *exception = plan->contract->exceptions;
	int faults = 0;

	for (; input && input->row; input++)
		faults += input_faults(plan, input);
	for (; exception && exception->reason; exception++)
		faults += exception_faults(plan, exception);
	faults += cor_contract_credential_faults(plan);
	if (plan->document.len == 0) {
		fprintf(stderr, "the document of the service has no operation\n");
		faults++;
	}
	return faults > 0 ? -COR_ETABLE : 0;
}

static size_t shared_bytes(const struct cor_contract_plan *plan)
{
	return COR_CONTRACT_TOLD_MAX * sizeof *plan->told +
	       plan->document.len * sizeof *plan->seen + plan->len * sizeof *plan->fates;
}

int cor_contract_plan_init(struct cor_contract_plan *plan, const struct cor_contract *contract,
	const char *file, int line)
{
	*plan = (struct cor_contract_plan){ .contract = contract, .file = file, .line = line };
	int rc = cor_contract_document_init(&plan->document, contract->service);
	if (rc == 0)
		rc = cor_contract_before_load(plan);
	if (rc == 0)
		rc = make_items(plan);
	if (rc == 0)
		rc = check_contract(plan);
	if (rc < 0)
		return rc;
	char *shared = mmap(NULL, shared_bytes(plan), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return -ENOMEM;
	plan->told = (_Atomic uint64_t *)(void *)shared;
	plan->seen = (void *)(shared + COR_CONTRACT_TOLD_MAX * sizeof *plan->told);
	plan->fates = (uint8_t *)(plan->seen + plan->document.len);
	return 0;
}

void cor_contract_plan_finish(struct cor_contract_plan *plan)
{
	if (plan->told)
		munmap(plan->told, shared_bytes(plan));
	if (plan->before)
		cor_before_finish(plan->before);
	cor_contract_document_finish(&plan->document);
}
