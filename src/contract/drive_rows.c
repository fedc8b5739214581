/* SPDX-License-Identifier: MIT */
/* Rows of path, query, headers and cookies. */
#include <string.h>

#include "contract/answer.h"
#include "contract/judge.h"
#include "contract/drives.h"
#include "contract/vary.h"

struct row {
	struct cor_contract_run *run;
	const struct cor_contract_parameter *parameter;
	size_t index;
};

static void try_value(const struct row *row, struct cor_node *value, const char *label)
{
	struct cor_contract_run *run = row->run;
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_MINIMAL);
	struct cor_contract_fault fault;
	bool is_valid = cor_contract_judge(
		run, row->parameter->schema, value, COR_CONTRACT_LENIENT, &fault);
	const struct cor_contract_wanted wanted = {
		.kind = is_valid ? COR_CONTRACT_VALID : COR_CONTRACT_INVALID,
		.why = is_valid
			       ? NULL
			       : cor_contract_printf(run, "%s %s", row->parameter->row, fault.text),
		.in = row->parameter->in,
		.name = row->parameter->name,
	};

	request.values[row->index] = value;
	cor_contract_subtest(run, &request, &wanted, label);
}

/* All is text there: other types that a body could have are none. */
static bool is_text_anyway(const struct row *row, const struct cor_node *value)
{
	const struct cor_node *schema = cor_contract_schema(row->run, row->parameter->schema);
	enum cor_json_type type = cor_node_type(value);

	if (cor_contract_is_type(schema, "array"))
		return type != COR_JSON_ARRAY ||
		       (cor_node_len(value) > 0 &&
			       cor_node_type(cor_node_item(value, 0)) != COR_JSON_STRING &&
			       cor_contract_is_type(
				       cor_contract_schema(row->run, cor_node_get(schema, "items")),
				       "string"));
	return cor_contract_is_type(schema, "string") && type != COR_JSON_STRING;
}

static void emit(void *self, const char *where, const char *what, struct cor_node *value)
{
	const struct row *row = self;

	(void)where;
	if (is_text_anyway(row, value) || !cor_contract_can_send(row->run, row->parameter, value))
		return;
	try_value(row, value, what);
}

static void try_left_out(const struct row *row)
{
	struct cor_contract_run *run = row->run;
	struct cor_contract_request request = cor_contract_request_of(run, COR_CONTRACT_FULL);
	const struct cor_contract_wanted wanted = {
		.kind = row->parameter->is_required ? COR_CONTRACT_INVALID : COR_CONTRACT_VALID,
		.why = row->parameter->is_required
			       ? cor_contract_printf(run, "%s is required", row->parameter->row)
			       : NULL,
		.in = row->parameter->in,
		.name = row->parameter->name,
	};

	request.values[row->index] = NULL;
	cor_contract_subtest(run, &request, &wanted, "left out");
}

static void try_inputs(const struct row *row)
{
	const char *given;

	for (size_t i = 0; (given = cor_contract_input_of(row->run->plan, row->run->operation,
				    row->parameter->row, i)) != NULL;
		i++)
		try_value(row, cor_contract_value_of(row->run, row->parameter, given),
			cor_contract_printf(row->run, "%s, of .inputs", given));
}

void cor_contract_drive_parameter(
	struct cor_contract_run *run, const struct cor_contract_item *item)
{
	struct row row = { run, item->parameter,
		(size_t)(item->parameter - run->operation->parameters) };

	if (strcmp(item->parameter->in, "path") != 0)
		try_left_out(&row);
	try_inputs(&row);
	cor_contract_vary(run, item->parameter->schema, emit, &row, 0);
}
