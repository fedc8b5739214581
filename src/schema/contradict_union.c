/* SPDX-License-Identifier: MIT */
/* What the branches of a union may not say, and may not be. */
#include <string.h>

#include <coracle/schema_union.h>

#include "base/utf8.h"
#include "schema/compile.h"
#include "schema/union.h"
#include "schema/walk.h"

struct union_check {
	const struct cor_table_report *report;
	const struct cor_schema *schema;
	const struct cor_field *field;
	const struct cor_union *table;
	const char *discriminator;
};

#define wrong(check, ...)                                                                          \
	cor_table_wrong((check)->report, (check)->schema, (check)->field, __VA_ARGS__)

static const char *member_of(const struct cor_branch *branch)
{
	return branch->member ? branch->member : "?";
}

static bool name_is_good(const struct union_check *check, const struct cor_branch *branch)
{
	bool is_good = branch->name && branch->name[0] != '\0' &&
		       cor_utf8_valid(cor_str(branch->name));

	if (!is_good)
		wrong(check, "the name of branch %s is empty or not UTF-8", member_of(branch));
	return is_good;
}

static void check_pair(const struct union_check *check, const struct cor_branch *first,
	const struct cor_branch *second)
{
	if (strcmp(first->name, second->name) == 0)
		wrong(check, "the name \"%s\" occurs twice among the branches", second->name);
	else if (first->value == second->value)
		wrong(check, "the branches \"%s\" and \"%s\" are of one value: keep one",
			first->name, second->name);
}

static void check_names(const struct union_check *check)
{
	const struct cor_union *table = check->table;

	for (uint32_t i = 0; i < table->len; i++) {
		if (!name_is_good(check, &table->branches[i]))
			return;
		for (uint32_t j = 0; j < i; j++)
			check_pair(check, &table->branches[j], &table->branches[i]);
	}
}

/* Of a pointer only the pointer lies in the struct. */
static void check_place(const struct union_check *check, const struct cor_branch *branch)
{
	uint32_t size = branch->type.kind == COR_KIND_POINTER ? (uint32_t)sizeof(void *)
							      : branch->type.size;

	if (branch->owner && check->field->owner && strcmp(branch->owner, check->field->owner) != 0)
		wrong(check,
			"branch %s is of %s, the schema of %s: name the schema's, and spell it the same",
			member_of(branch), branch->owner, check->field->owner);
	else if (branch->offset < check->table->tag_offset + sizeof(uint32_t) &&
		 check->table->tag_offset < branch->offset + size)
		wrong(check, "branch %s lies where the tag is: put the tag outside of the union",
			member_of(branch));
}

static void check_rows(const struct union_check *check, const struct cor_branch *branch)
{
	const struct cor_schema *schema = branch->type.schema;
	struct cor_rows rows;

	if (cor_rows_count(schema) == COR_FIELDS_MAX)
		wrong(check, "branch %s has %d rows, which leaves no room for the discriminator",
			member_of(branch), COR_FIELDS_MAX);
	for (const struct cor_field *row = cor_rows_first(&rows, schema); row;
		row = cor_rows_next(&rows))
		if (row->member && strcmp(cor_row_key(row), check->discriminator) == 0)
			wrong(check,
				"the key \"%s\" of the discriminator is that of a row of branch %s, too: leave the row out, or use another .discriminator",
				check->discriminator, member_of(branch));
}

static void check_branch(const struct union_check *check, const struct cor_branch *branch)
{
	const struct cor_schema *schema = branch->type.schema;
	bool is_nested = branch->type.kind == COR_KIND_OBJECT ||
			 branch->type.kind == COR_KIND_POINTER;

	if (!schema || !is_nested)
		wrong(check, "branch %s was not written by a macro: use COR_BRANCH",
			member_of(branch));
	else if (schema->media != COR_MEDIA_JSON || cor_schema_bare_row(schema))
		wrong(check,
			"branch %s is not an object, which the discriminator could stand in: put %s in a struct with a row for it",
			member_of(branch), schema->symbol);
	else if (schema->size != branch->type.size)
		wrong(check, "the schema of branch %s is of a struct of another size",
			member_of(branch));
	else {
		check_place(check, branch);
		if (!cor_table_is_too_long(schema))
			check_rows(check, branch);
	}
}

void cor_table_check_union(const struct cor_table_report *report, const struct cor_schema *schema,
	const struct cor_field *field)
{
	const struct union_check check = {
		.report = report,
		.schema = schema,
		.field = field,
		.table = field->type.one_of,
		.discriminator = cor_union_discriminator(schema),
	};

	if (!check.table || !check.table->branches || check.table->len == 0) {
		wrong(&check, "has no branches: use COR_UNION_SCHEMA");
		return;
	}
	if (check.table->len > COR_BRANCHES_MAX) {
		wrong(&check, "has %u branches, at most %d are possible", check.table->len,
			COR_BRANCHES_MAX);
		return;
	}
	if (check.discriminator[0] == '\0' || !cor_utf8_valid(cor_str(check.discriminator)))
		wrong(&check, ".discriminator is empty or not UTF-8");
	check_names(&check);
	for (uint32_t i = 0; i < check.table->len; i++)
		check_branch(&check, &check.table->branches[i]);
}
