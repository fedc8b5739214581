/* SPDX-License-Identifier: MIT */
#include "lint/baseline.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <coracle/error.h>
#include <coracle/json_node.h>

#include "json/writer.h"

static void write_member(struct cor_buffer *buffer, const char *key, const char *value)
{
	cor_buffer_printf(buffer, ",\"%s\":", key);
	cor_json_write_string(buffer, cor_str(value));
}

void cor_baseline_write(const struct cor_findings *findings, struct cor_buffer *buffer)
{
	cor_buffer_append_str(buffer, COR_STR("{\"findings\":["));
	for (size_t i = 0; i < findings->len; i++) {
		const struct cor_finding *finding = &findings->items[i];
		cor_buffer_printf(
			buffer, "%s\n{\"print\":\"%016" PRIx64 "\"", i ? "," : "", finding->print);
		write_member(buffer, "path", finding->path);
		write_member(buffer, "tool", finding->tool);
		write_member(buffer, "rule", finding->rule);
		write_member(buffer, "message", finding->message);
		cor_buffer_byte(buffer, '}');
	}
	cor_buffer_append_str(buffer, COR_STR("\n]}\n"));
}

static bool mark(struct cor_findings *findings, uint64_t print)
{
	for (size_t i = 0; i < findings->len; i++) {
		if (findings->items[i].print != print || findings->items[i].is_known)
			continue;
		findings->items[i].is_known = true;
		return true;
	}
	return false;
}

static int print_of(const struct cor_node *said, uint64_t *ret)
{
	struct cor_str text;
	char digits[17], *end;

	if (cor_node_to_text(cor_node_get(said, "print"), &text) < 0 || text.len != 16)
		return -COR_ESYNTAX;
	memcpy(digits, text.data, 16);
	digits[16] = '\0';
	*ret = strtoull(digits, &end, 16);
	return *end ? -COR_ESYNTAX : 0;
}

static bool is_of(const struct cor_node *said, const char *const *tools)
{
	struct cor_str tool;

	if (cor_node_to_text(cor_node_get(said, "tool"), &tool) < 0)
		return true;
	while (*tools && !cor_str_equal(tool, cor_str(*tools)))
		tools++;
	return *tools != NULL;
}

int cor_baseline_read(struct cor_findings *findings, const char *const *tools, struct cor_str text,
	size_t *ret_gone)
{
	struct cor_node *root;
	uint64_t print;
	int rc = cor_node_parse(findings->arena, text, NULL, &root, NULL);

	if (rc < 0)
		return rc == -ENOMEM ? rc : -COR_ESYNTAX;
	const struct cor_node *known = cor_node_get(root, "findings");
	if (cor_node_type(known) != COR_JSON_ARRAY)
		return -COR_ESYNTAX;
	*ret_gone = 0;
	for (size_t i = 0; i < cor_node_len(known); i++) {
		rc = print_of(cor_node_item(known, i), &print);
		if (rc < 0)
			return rc;
		*ret_gone += !mark(findings, print) && is_of(cor_node_item(known, i), tools);
	}
	return 0;
}
