/* SPDX-License-Identifier: MIT */
#include "contract/vary_object.h"

#include "contract/sample.h"

struct member {
	struct cor_contract_run *run;
	struct cor_str name;
	struct cor_node *whole;
	cor_contract_emit *emit;
	void *self;
};

static void emit_member(void *self, const char *where, const char *what, struct cor_node *value)
{
	const struct member *member = self;
	struct cor_contract_run *run = member->run;
	struct cor_node *copy = cor_node_copy(&run->arena, member->whole);

	if (cor_node_set_text(&run->arena, copy, member->name, value) == 0)
		member->emit(member->self,
			cor_contract_printf(
				run, "%s%s", cor_contract_pointer(run, "", member->name), where),
			what, copy);
}

void cor_contract_vary_member(struct cor_contract_run *run, const struct cor_node *schema,
	const struct cor_contract_property *property, cor_contract_emit *emit, void *self,
	int depth)
{
	struct cor_node *whole = cor_contract_sample(run, schema, COR_CONTRACT_FULL, depth);
	struct member member = { run, property->name, whole, emit, self };
	struct cor_node *without = cor_node_copy(&run->arena, whole);

	cor_node_remove(cor_node_get_text(without, property->name));
	emit(self, cor_contract_pointer(run, "", property->name), "left out", without);
	cor_contract_vary(run, property->schema, emit_member, &member, depth + 1);
}

static void put_with(struct cor_contract_run *run, const struct cor_node *schema, const char *key,
	struct cor_node *value, const char *what, cor_contract_emit *emit, void *self, int depth)
{
	struct cor_node *copy = cor_contract_sample(run, schema, COR_CONTRACT_FULL, depth);

	if (cor_node_set(&run->arena, copy, key, value) == 0)
		emit(self, cor_contract_pointer(run, "", cor_str(key)), what, copy);
}

/* A map: a value of another kind, and a key that is none. */
static void vary_map(struct cor_contract_run *run, const struct cor_node *schema,
	cor_contract_emit *emit, void *self, int depth)
{
	const struct cor_node *values = cor_node_get(schema, "additionalProperties");
	struct cor_node *whole = cor_contract_sample(run, schema, COR_CONTRACT_FULL, depth);
	size_t len = cor_node_len(whole);

	if (len == 0)
		return;
	struct member member = { run, cor_node_key(whole, len - 1), whole, emit, self };
	cor_contract_vary(run, values, emit_member, &member, depth + 1);
	if (cor_node_get(schema, "propertyNames"))
		put_with(run, schema, "No such key!",
			cor_contract_sample(run, values, 0, depth + 1), "a key that is none", emit,
			self, depth);
	if (cor_node_get(schema, "minProperties"))
		emit(self, "", "an empty map", cor_node_object(&run->arena));
}

void cor_contract_vary_object(struct cor_contract_run *run, const struct cor_node *schema,
	cor_contract_emit *emit, void *self, int depth)
{
	const struct cor_node *others = cor_node_get(schema, "additionalProperties");
	struct cor_contract_property *all;
	size_t len = cor_contract_properties(run, schema, &all);

	if (cor_node_type(others) == COR_JSON_OBJECT)
		vary_map(run, schema, emit, self, depth);
	else if (len > 0)
		put_with(run, schema, "unknown_member", cor_node_int64(&run->arena, 1),
			"a member that the table does not know", emit, self, depth);
	if (depth == 0) /* each of its members is a test of its own */
		return;
	for (size_t i = 0; i < len; i++)
		cor_contract_vary_member(run, schema, &all[i], emit, self, depth);
}

void cor_contract_vary_union(struct cor_contract_run *run, const struct cor_node *schema,
	cor_contract_emit *emit, void *self, int depth)
{
	const struct cor_node *list = cor_node_get(schema, "oneOf");
	const struct cor_node *discriminator = cor_node_get(schema, "discriminator");
	struct cor_str tag = { "", 0 };

	cor_ignore(cor_node_to_text(cor_node_get(discriminator, "propertyName"), &tag));
	for (size_t i = 0; i < cor_node_len(list); i++) {
		emit(self, "", cor_contract_printf(run, "branch %zu of the union", i + 1),
			cor_contract_sample_branch(run, schema, i, COR_CONTRACT_MINIMAL, depth));
		const struct cor_node *branch = cor_contract_schema(run, cor_node_item(list, i));
		if (cor_contract_open(&run->varied, branch))
			continue;
		cor_contract_vary_object(run, branch, emit, self, depth + 1);
		cor_contract_close(&run->varied, branch);
	}
	struct cor_node *value = cor_contract_sample_branch(
		run, schema, 0, COR_CONTRACT_FULL, depth);
	if (cor_node_set_text(&run->arena, value, tag, cor_node_string(&run->arena, "no branch")) ==
		0)
		emit(self, cor_contract_pointer(run, "", tag), "a branch that is none", value);
}
