/* SPDX-License-Identifier: MIT */
#include "contract/body.h"

#include <string.h>

#include "base/buffer.h"
#include "contract/file_example.h"
#include "contract/number.h"
#include "contract/plan.h"
#include "contract/request.h"

#define BOUNDARY "contract-of-the-service"

struct cor_str cor_contract_scalar(struct cor_contract_run *run, const struct cor_node *value)
{
	struct cor_str text = { "", 0 };

	if (cor_node_to_text(value, &text) == 0)
		return text;
	return cor_node_print(&run->arena, value, &text) == 0 ? text : COR_STR("");
}

bool cor_contract_is_form(const struct cor_node *value)
{
	if (cor_node_type(value) != COR_JSON_OBJECT)
		return false;
	for (size_t i = 0; i < cor_node_len(value); i++) {
		const struct cor_node *member = cor_node_item(value, i);
		enum cor_json_type type = cor_node_type(member);
		if (type == COR_JSON_ARRAY && cor_node_len(member) > 0)
			type = cor_node_type(cor_node_item(member, 0));
		if (type == COR_JSON_OBJECT || type == COR_JSON_ARRAY || type == COR_JSON_NULL)
			return false;
	}
	return true;
}

static void write_pair(struct cor_contract_run *run, struct cor_buffer *out, struct cor_str name,
	const struct cor_node *value)
{
	cor_buffer_printf(out, "%s%s=%s", out->len ? "&" : "", cor_contract_encode(run, name),
		cor_contract_encode(run, cor_contract_scalar(run, value)));
}

static const struct cor_node *row_of(struct cor_contract_run *run, struct cor_str name)
{
	const char *media;
	const struct cor_node *schema = cor_contract_schema(
		run, cor_contract_body_schema(run->operation, &media));
	const struct cor_node *row = cor_contract_schema(
		run, cor_node_get_text(cor_node_get(schema, "properties"), name));
	const struct cor_node *items = cor_node_get(row, "items");

	return items ? cor_contract_schema(run, items) : row;
}

static bool is_file(struct cor_contract_run *run, const struct cor_node *row)
{
	const char *format = cor_contract_text(&run->arena, row, "format");

	return format && strcmp(format, "binary") == 0;
}

static struct cor_file_example example_of(struct cor_contract_run *run, struct cor_str name)
{
	const struct cor_node *media = cor_node_get(run->operation->content, "multipart/form-data");
	const struct cor_node *encoding = cor_node_get_text(cor_node_get(media, "encoding"), name);
	const char *types = cor_contract_text(&run->arena, encoding, "contentType");

	return cor_file_example(cor_str(types ? types : ""));
}

static bool is_sample(struct cor_str text)
{
	size_t len = 0;

	while (len < text.len && text.data[len] == 'a')
		len++;
	return len > 0 && len == text.len;
}

/*
 * Letters that a sample is made of become a file of its type, as long as they are, or whole where
 * the row has room: services look at how a file begins. What somebody has given stays.
 */
static void write_file(struct cor_buffer *out, const struct cor_node *row, struct cor_str text,
	struct cor_str whole)
{
	long double most;
	size_t len = whole.len;

	if (!is_sample(text))
		len = 0;
	else if (text.len < len && cor_contract_number(row, "maxLength", &most) &&
		 most < (long double)len)
		len = text.len;
	cor_buffer_append(out, whole.data, len);
	if (text.len > len)
		cor_buffer_append(out, text.data + len, text.len - len);
}

static void write_part(struct cor_contract_run *run, struct cor_buffer *out, struct cor_str name,
	const struct cor_node *value)
{
	const struct cor_node *row = row_of(run, name);
	struct cor_str text = cor_contract_scalar(run, value);

	cor_buffer_printf(out, "--" BOUNDARY "\r\nContent-Disposition: form-data; name=\"%.*s\"",
		(int)name.len, name.data);
	if (is_file(run, row)) {
		const struct cor_file_example example = example_of(run, name);
		cor_buffer_printf(out, "; filename=\"%s\"\r\nContent-Type: %.*s\r\n\r\n",
			example.name, (int)example.type.len, example.type.data);
		write_file(out, row, text, example.bytes);
	} else {
		cor_buffer_literal(out, "\r\n\r\n");
		cor_buffer_append_str(out, text);
	}
	cor_buffer_literal(out, "\r\n");
}

static void write_members(struct cor_contract_run *run, const struct cor_node *value,
	struct cor_buffer *out,
	void (*write)(struct cor_contract_run *run, struct cor_buffer *out, struct cor_str name,
		const struct cor_node *value))
{
	for (size_t i = 0; i < cor_node_len(value); i++) {
		const struct cor_node *member = cor_node_item(value, i);
		if (cor_node_type(member) != COR_JSON_ARRAY)
			write(run, out, cor_node_key(value, i), member);
		for (size_t j = 0;
			cor_node_type(member) == COR_JSON_ARRAY && j < cor_node_len(member); j++)
			write(run, out, cor_node_key(value, i), cor_node_item(member, j));
	}
}

static struct cor_str keep(struct cor_contract_run *run, struct cor_buffer *out)
{
	char *copy = cor_contract_alloc(run, out->len + 1);
	struct cor_str text = { copy, out->len };

	if (out->len)
		memcpy(copy, out->data, out->len);
	copy[out->len] = '\0';
	cor_buffer_finish(out);
	return text;
}

struct cor_str cor_contract_body_write(struct cor_contract_run *run, const char *media,
	const struct cor_node *value, const char **ret_type)
{
	struct cor_buffer out = { 0 };
	struct cor_str text;

	*ret_type = media;
	if (strcmp(media, "application/x-www-form-urlencoded") == 0) {
		write_members(run, value, &out, write_pair);
		return keep(run, &out);
	}
	if (strcmp(media, "multipart/form-data") == 0) {
		*ret_type = "multipart/form-data; boundary=" BOUNDARY;
		write_members(run, value, &out, write_part);
		cor_buffer_literal(&out, "--" BOUNDARY "--\r\n");
		return keep(run, &out);
	}
	if (strstr(media, "json"))
		return cor_node_print(&run->arena, value, &text) == 0 ? text : COR_STR("");
	return cor_contract_scalar(run, value);
}
