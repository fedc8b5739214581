/* SPDX-License-Identifier: MIT */
#include "schema/put.h"

#include <string.h>

#include "base/compiler.h"
#include "base/number.h"
#include "base/timestamp.h"
#include "json/writer.h"
#include "schema/value.h"

_Static_assert(COR_PUT_BYTES >= COR_NUMBER_BYTES, "room for a number");
_Static_assert(COR_PUT_BYTES >= COR_TIMESTAMP_BYTES + 2, "room for a time in quotes");
_Static_assert(COR_PUT_BYTES >= COR_UUID_TEXT_BYTES + 2, "room for a UUID in quotes");

char *cor_put_bool(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	bool value;

	(void)rule;
	(void)end;
	cor_member_get(at, &value);
	memcpy(out, value ? "true" : "false", 5);
	return out + (value ? 4 : 5);
}

char *cor_put_int32(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	int32_t value;

	(void)rule;
	(void)end;
	cor_member_get(at, &value);
	return out + cor_number_print_int64(value, out);
}

char *cor_put_int64(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	int64_t value;

	(void)rule;
	(void)end;
	cor_member_get(at, &value);
	return out + cor_number_print_int64(value, out);
}

char *cor_put_uint32(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	uint32_t value;

	(void)rule;
	(void)end;
	cor_member_get(at, &value);
	return out + cor_number_print_uint64(value, out);
}

char *cor_put_uint64(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	uint64_t value;

	(void)rule;
	(void)end;
	cor_member_get(at, &value);
	return out + cor_number_print_uint64(value, out);
}

char *cor_put_double(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	double value;

	(void)rule;
	(void)end;
	cor_member_get(at, &value);
	size_t len = cor_number_print_double(value, out);
	return len != 0 ? out + len : NULL;
}

char *cor_put_text(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	const char *text;

	(void)rule;
	cor_member_get(at, &text);
	return text ? cor_json_put_plain(out, end, cor_str(text)) : NULL;
}

char *cor_put_str(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	struct cor_str text;

	(void)rule;
	cor_member_get(at, &text);
	return text.data ? cor_json_put_plain(out, end, text) : NULL;
}

char *cor_put_chars(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	size_t len = strnlen(at, rule->size);

	if (len == rule->size)
		return NULL;
	return cor_json_put_plain(out, end, (struct cor_str){ at, len });
}

char *cor_put_time(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	struct timespec time;

	(void)rule;
	(void)end;
	cor_member_get(at, &time);
	size_t len = cor_timestamp_print(&time, out + 1);
	if (len == 0)
		return NULL;
	out[0] = out[len + 1] = '"';
	return out + len + 2;
}

char *cor_put_uuid(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	struct cor_uuid uuid;

	(void)rule;
	(void)end;
	cor_member_get(at, &uuid);
	out[0] = '"';
	cor_uuid_print(&uuid, out + 1);
	out[COR_UUID_TEXT_BYTES] = '"';
	return out + COR_UUID_TEXT_BYTES + 1;
}

char *cor_put_enum(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	uint32_t value;

	cor_member_get(at, &value);
	const struct cor_enum_name *name = cor_enum_index_name(rule->names, value);
	return name ? cor_json_put_plain(out, end, cor_str(name->name)) : NULL;
}

/* What nests nothing, so that nothing is written more than twice. */
char *cor_put_object(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	const struct cor_plan *plan = rule->plan;
	char first = '{';

	if (!plan->writes_flat)
		return NULL;
	for (const struct cor_row *row = plan->rows; row < plan->rows + plan->len; row++) {
		out = cor_put_row(row, at, first, out, end);
		if (!out)
			return NULL;
		first = ',';
	}
	if (out == end)
		return NULL;
	*out = '}';
	return out + 1;
}

/* The items of a row, of which the rule is a part, if all fit. */
char *cor_put_array(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	cor_put_value *put = rule->facts->put;
	struct cor_array_value array;

	cor_member_get(at, &array);
	/* Most values take a quarter of their room: an array that may not fit is not begun. */
	if ((!array.items && array.len != 0) ||
		array.len > (size_t)(end - out) * 4 / cor_put_bytes(rule))
		return NULL;
	*out++ = '[';
	for (size_t i = 0; i < array.len; i++) {
		if (end - out <= COR_PUT_BYTES)
			return NULL;
		*out = ',';
		out = put(rule, (const char *)array.items + i * rule->size, out + (i != 0), end);
		if (!out)
			return NULL;
	}
	if (out == end)
		return NULL;
	*out = ']';
	return out + 1;
}

char *cor_put_bare(const struct cor_value_rule *rule, const void *at, char *out, const char *end)
{
	const struct cor_row *row = rule->plan->bare;

	bool is_as_it_is = row->is_array && !rule->plan->has_dump_hooks;

	return row->put && is_as_it_is ? row->put(&row->rule, at, out, end) : NULL;
}

cor_put_value *cor_put_for(const struct cor_row *row)
{
	const struct cor_plan *plan = row->rule.plan;
	cor_put_value *put = row->rule.facts->put;

	if (!row->is_plain || row->is_dict || row->prefix.len > COR_OPENING_BYTES)
		return NULL;
	if (!row->is_array)
		return put;
	/* Of what nests nothing, or of flat objects. */
	return put && (!plan || plan->writes_flat) ? cor_put_array : NULL;
}

uint32_t cor_put_bytes(const struct cor_value_rule *rule)
{
	uint32_t members = rule->plan && rule->plan->writes_flat ? rule->plan->len : 0;

	return COR_PUT_BYTES + members * (COR_OPENING_BYTES + COR_PUT_BYTES);
}

bool cor_put_is_flat(const struct cor_plan *plan)
{
	bool is_flat = plan->len != 0 && !plan->rest && !plan->bare && !plan->has_dump_hooks;

	for (uint32_t i = 0; i < plan->len && is_flat; i++) {
		const struct cor_row *row = &plan->rows[i];
		is_flat = row->put && !row->rule.plan &&
			  cor_row_set_has(&plan->taken[COR_USE_REQUEST], i) &&
			  cor_row_set_has(&plan->taken[COR_USE_ANSWER], i);
	}
	return is_flat;
}
